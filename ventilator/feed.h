/*  feed.h - reads the source in a thread of its own, so that a slow pipe or disk never stops the ventilator's heartbeats, and
    hands articles over through a queue that is bounded in number and bytes. */
#ifndef QW_FEED_H
#define QW_FEED_H

#include "ventilator/article.h"
#include "ventilator/replay.h"
#include "ventilator/retry.h"
#include "ventilator/source.h"

typedef struct qw_feed_t qw_feed_t;

/* Takes over what it reads from: a source, the failed documents of a corpus, or all of one; the others are NULL. */
qw_feed_t *qw_feed_new (qw_source_t *source, qw_retry_t *retry, qw_replay_t *replay, size_t chunk_bytes);

/* Readable when there is something to take: an article, or the end. */
int qw_feed_fd (const qw_feed_t *self);

/* QW_OK: the next article, now the caller's; QW_AGAIN: none yet; QW_END: there are no more. */
qw_status_t qw_feed_take (qw_feed_t *self, qw_article_t **article);

void qw_feed_progress (qw_feed_t *self, qw_source_progress_t *progress);

/* Ends the thread; when it is blocked in a read of standard input it is left to end with the process. */
void qw_feed_destroy (qw_feed_t **self_p);

#endif
