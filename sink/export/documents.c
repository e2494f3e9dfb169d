#include "sink/export/documents.h"

#include <stdlib.h>

#include "proto/memory.h"
#include "sink/corpus_view.h"

enum { AHEAD_BYTES = 1 << 20 };

struct qw_documents_t {
    qw_corpus_reader_t *reader;
    qw_corpus_view_t *view;
    qw_documents_options_t options;
    uint64_t position;
    qw_out_t batch; /* records [batch_first, batch_end) */
    uint64_t batch_first, batch_end;
    size_t batch_at; /* the byte of record batch_first that was not yet taken */
    qw_out_t single; /* a record from elsewhere */
    /* of the document at hand: */
    qw_document_t record;
    qw_document_facts_t facts;
    qw_utf8_index_t index;
    qw_layers_t *layers;
    qw_paragraph_t *paragraphs;
    size_t paragraph_count, paragraph_capacity;
};

qw_documents_t *qw_documents_new (qw_corpus_reader_t *reader, const qw_documents_options_t *options)
{
    qw_documents_t *self = qw_must (calloc (1, sizeof *self));
    self->reader = reader;
    self->view = qw_corpus_view_new (reader);
    self->options = *options;
    self->position = options->from;
    self->layers = qw_layers_new ();
    qw_out_init (&self->batch);
    qw_out_init (&self->single);
    return self;
}

void qw_documents_destroy (qw_documents_t **self_p)
{
    qw_documents_t *self = *self_p;
    if (!self)
        return;
    qw_out_free (&self->batch);
    qw_out_free (&self->single);
    qw_utf8_index_free (&self->index);
    qw_layers_destroy (&self->layers);
    qw_corpus_view_destroy (&self->view);
    free (self->paragraphs);
    free (self);
    *self_p = NULL;
}

/* The bytes of one record. Records are mostly asked for one after the other, so they are read many at a time. */
static qw_status_t read_record (qw_documents_t *self, uint64_t position, bool ahead, qw_bytes_t *record, qw_reason_t *reason)
{
    size_t count;
    if (!ahead) {
        qw_out_reset (&self->single);
        qw_status_t status = qw_corpus_reader_read (self->reader, position, 1, &self->single, &count, reason);
        *record = qw_out_bytes (&self->single);
        return status;
    }
    if (position < self->batch_first || position >= self->batch_end) {
        qw_out_reset (&self->batch);
        self->batch_first = self->batch_end = position;
        self->batch_at = 0;
        qw_status_t status = qw_corpus_reader_read (self->reader, position, AHEAD_BYTES, &self->batch, &count, reason);
        if (status)
            return status;
        self->batch_end += count;
    }
    do {
        const char *at = self->batch.buffer.data + self->batch_at;
        *record = (qw_bytes_t){at, qw_document_size (at, self->batch.buffer.size - self->batch_at)};
        self->batch_at += record->size;
    } while (self->batch_first++ < position);
    return record->size
             ? QW_OK
             : qw_fail (QW_DAMAGED, reason, "the record at position %llu is damaged", (unsigned long long) position);
}

static qw_status_t decode (qw_documents_t *self, bool *fits, qw_reason_t *reason)
{
    const qw_filter_t *filter = self->options.filter;
    qw_layers_clear (self->layers);
    self->paragraph_count = 0;
    if (self->options.layers || qw_filter_looks_at_layers (filter)) {
        qw_status_t status = qw_document_layers (&self->record, &self->index, self->layers, &self->paragraphs,
                                                 &self->paragraph_count, &self->paragraph_capacity, reason);
        if (status)
            return status;
    }
    qw_document_facts (&self->record, self->paragraphs, self->paragraph_count, &self->facts);
    *fits = qw_filter_fits_document (filter, self->layers, &self->facts);
    return QW_OK;
}

qw_status_t qw_documents_next (qw_documents_t *self, qw_export_document_t *document, qw_reason_t *reason)
{
    uint64_t newest;
    qw_entry_t entry;
    for (qw_status_t status; (status = qw_corpus_view_next (self->view, &self->position, self->options.until, &newest, &entry,
                                                            reason)) != QW_END;) {
        bool failed = entry.flags & QW_ENTRY_FAILED, fits = true;
        if (!status && self->options.which != QW_DOCUMENTS_ALL && failed != (self->options.which == QW_DOCUMENTS_FAILED))
            continue;
        qw_bytes_t record;
        if (!status)
            status = read_record (self, newest, newest == self->position, &record, reason);
        if (!status)
            status = qw_document_read (&self->record, record.data, record.size, reason);
        if (!status)
            status = decode (self, &fits, reason);
        *document = (qw_export_document_t){.record = &self->record,
                                           .position = newest,
                                           .index = &self->index,
                                           .layers = self->layers,
                                           .paragraphs = self->paragraphs,
                                           .paragraph_count = self->paragraph_count,
                                           .facts = &self->facts};
        if (status || fits)
            return status;
    }
    return QW_END;
}
