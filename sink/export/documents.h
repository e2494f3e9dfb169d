/*  documents.h - the documents of a corpus one after another, decoded: each once, in its newest form. */
#ifndef QW_EXPORT_DOCUMENTS_H
#define QW_EXPORT_DOCUMENTS_H

#include "sink/corpus.h"
#include "sink/export/format.h"

typedef enum { QW_DOCUMENTS_ALL, QW_DOCUMENTS_ANNOTATED, QW_DOCUMENTS_FAILED } qw_documents_which_t;

typedef struct {
    uint64_t from, until; /* positions; until may be beyond the end */
    qw_documents_which_t which;
    const qw_filter_t *filter;
    bool layers; /* decode them; without, the filter alone decides whether that is needed */
} qw_documents_options_t;

typedef struct qw_documents_t qw_documents_t;

/* Looks at what is durable now. The reader must outlive it. */
qw_documents_t *qw_documents_new (qw_corpus_reader_t *reader, const qw_documents_options_t *options);
void qw_documents_destroy (qw_documents_t **self_p);

/* The next document that fits; it holds until the next call. QW_END: no more. Anything else: the document of
 * document->position cannot be read; calling again goes on behind it. */
qw_status_t qw_documents_next (qw_documents_t *self, qw_export_document_t *document, qw_reason_t *reason);

#endif
