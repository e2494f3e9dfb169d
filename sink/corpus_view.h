/*  corpus_view.h - the documents of a corpus, as distinct from its records.

    A document that failed may have later records: of retries, which supersede it, or of its being dropped. A view shows
    each document once, where its first record stands, in its newest form; dropped ones not at all. It is made from the
    index alone, in memory that grows with the number of failures and not with the corpus.
 */
#ifndef QW_CORPUS_VIEW_H
#define QW_CORPUS_VIEW_H

#include "sink/corpus.h"

typedef struct {
    uint64_t records;
    uint64_t documents;  /* annotated + failed */
    uint64_t annotated;
    uint64_t failed;     /* open failures: no later record */
    uint64_t dropped;    /* documents */
    uint64_t superseded; /* records in whose place a later one stands */
    uint64_t tokens, mentions, quotes; /* of the documents shown */
    uint64_t bytes;                    /* of all records */
    uint64_t unreadable;               /* records whose index entry can't be had */
} qw_corpus_summary_t;

typedef struct qw_corpus_view_t qw_corpus_view_t;

/* Looks at what is durable now. The reader must outlive the view. */
qw_corpus_view_t *qw_corpus_view_new (qw_corpus_reader_t *reader);
void qw_corpus_view_destroy (qw_corpus_view_t **self_p);

const qw_corpus_summary_t *qw_corpus_view_summary (const qw_corpus_view_t *self);

/* Steps through the documents whose first record is in [*position, until), in the order of the source. Sets *position
 * to the first record, *newest to the record to be shown and *entry to its index entry; the next call begins behind it.
 * QW_END: no more. QW_DAMAGED: the entry of *position can't be had; calling again goes on behind it. */
qw_status_t qw_corpus_view_next (qw_corpus_view_t *self, uint64_t *position, uint64_t until, uint64_t *newest,
                                 qw_entry_t *entry, qw_reason_t *reason);

#endif
