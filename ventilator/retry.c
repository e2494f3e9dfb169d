#include "ventilator/retry.h"

#include <stdlib.h>

#include "proto/document.h"
#include "sink/corpus.h"

struct qw_retry_t {
    qw_corpus_reader_t *corpus;
    uint64_t *positions; /* of failed documents, open and closed */
    bool *closed;        /* a later record stands in its place */
    size_t count, capacity, next, without_text;
    qw_out_t record;
};

static void add_position (qw_retry_t *self, uint64_t position)
{
    if (self->count == self->capacity) {
        self->capacity = self->capacity ? 2 * self->capacity : 64;
        self->positions = realloc (self->positions, self->capacity * sizeof *self->positions);
        self->closed = realloc (self->closed, self->capacity * sizeof *self->closed);
        if (!self->positions || !self->closed)
            abort ();
    }
    self->positions[self->count] = position;
    self->closed[self->count++] = false;
}

/* Positions rise, so the place of one is found by bisection. */
static void close_position (qw_retry_t *self, uint64_t position)
{
    size_t low = 0, high = self->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (self->positions[middle] < position)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < self->count && self->positions[low] == position)
        self->closed[low] = true;
}

static qw_status_t read_record (qw_retry_t *self, uint64_t position, qw_document_t *document, qw_reason_t *reason)
{
    size_t count;
    qw_out_reset (&self->record);
    qw_status_t status = qw_corpus_reader_read (self->corpus, position, 1, &self->record, &count, reason);
    return status ? status : qw_document_read (document, self->record.buffer.data, self->record.buffer.size, reason);
}

static qw_status_t find_failures (qw_retry_t *self, qw_reason_t *reason)
{
    uint64_t count = qw_corpus_reader_count (self->corpus);
    for (uint64_t position = 0; position < count; position++) {
        qw_entry_t entry;
        qw_status_t status = qw_corpus_reader_entry (self->corpus, position, &entry, reason);
        if (status)
            return status;
        if (entry.flags & QW_ENTRY_SUPERSEDES) {
            qw_document_t document;
            status = read_record (self, position, &document, reason);
            if (status)
                return status;
            close_position (self, document.supersedes - 1);
        }
        if (entry.flags & QW_ENTRY_FAILED && !(entry.flags & QW_ENTRY_DROPPED))
            add_position (self, position);
    }
    for (size_t i = 0; i < self->count; i++) {
        qw_document_t document;
        if (!self->closed[i] && !read_record (self, self->positions[i], &document, NULL))
            self->without_text += document.text.size == 0;
    }
    return QW_OK;
}

qw_retry_t *qw_retry_new (const char *directory, qw_reason_t *reason)
{
    qw_retry_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    qw_out_init (&self->record);
    self->corpus = qw_corpus_reader_open (directory, reason);
    if (!self->corpus || find_failures (self, reason))
        qw_retry_destroy (&self);
    return self;
}

void qw_retry_destroy (qw_retry_t **self_p)
{
    qw_retry_t *self = *self_p;
    if (!self)
        return;
    qw_corpus_reader_close (&self->corpus);
    qw_out_free (&self->record);
    free (self->positions);
    free (self->closed);
    free (self);
    *self_p = NULL;
}

qw_status_t qw_retry_next (qw_retry_t *self, qw_record_t *record)
{
    for (; self->next < self->count; self->next++) {
        qw_document_t document;
        if (self->closed[self->next] || read_record (self, self->positions[self->next], &document, NULL)
            || document.text.size == 0)
            continue;
        *record = (qw_record_t){.id = document.id,
                                .source = document.source,
                                .metadata = document.metadata,
                                .text = document.text,
                                .supersedes = 1 + self->positions[self->next++]};
        return QW_OK;
    }
    return QW_END;
}

size_t qw_retry_without_text (const qw_retry_t *self) { return self->without_text; }

void qw_retry_progress (const qw_retry_t *self, qw_source_progress_t *progress)
{
    *progress = (qw_source_progress_t){.bytes_read = self->next, .bytes_total = self->count, .total_is_final = true};
}
