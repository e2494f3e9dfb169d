/*  replay.h - the documents of a corpus as a source, with the layers that they have: what `run --from` reads, so that workers
    can add another layer. */
#ifndef QW_REPLAY_H
#define QW_REPLAY_H

#include "ventilator/source.h"

typedef struct qw_replay_t qw_replay_t;

/* The documents that the corpus has now, each once, in its newest form, without those that were dropped. NULL with a reason
 * when there is no such corpus. */
qw_replay_t *qw_replay_new (const char *directory, size_t max_document_bytes, qw_reason_t *reason);
void qw_replay_destroy (qw_replay_t **self_p);

/* As qw_source_next: QW_OK or QW_END. A document that failed comes as failed, with the text, the layers and the holes that it
 * has; one that cannot be read, or is longer than it may be, comes as failed too, with the position for an id. */
qw_status_t qw_replay_next (qw_replay_t *self, qw_record_t *record);

/* Bytes of records given out so far, and in all. */
void qw_replay_progress (const qw_replay_t *self, qw_source_progress_t *progress);

#endif
