#include "ventilator/replay.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/memory.h"
#include "sink/corpus_view.h"

struct qw_replay_t {
    qw_corpus_reader_t *corpus;
    qw_corpus_view_t *view;
    uint64_t position, bytes, total;
    size_t max_document_bytes;
    qw_out_t record, source;
    qw_utf8_index_t index;
    qw_layers_t *layers;
    qw_paragraph_t *paragraphs;
    size_t paragraph_count, paragraph_capacity;
    char id[80], failed[320];
};

qw_replay_t *qw_replay_new (const char *directory, size_t max_document_bytes, qw_reason_t *reason)
{
    qw_replay_t *self = qw_must (calloc (1, sizeof *self));
    self->max_document_bytes = max_document_bytes;
    qw_out_init (&self->record);
    qw_out_init (&self->source);
    self->layers = qw_layers_new ();
    self->corpus = qw_corpus_reader_open (directory, reason);
    if (!self->corpus) {
        qw_replay_destroy (&self);
        return NULL;
    }
    self->view = qw_corpus_view_new (self->corpus);
    self->total = qw_corpus_view_summary (self->view)->bytes;
    return self;
}

void qw_replay_destroy (qw_replay_t **self_p)
{
    qw_replay_t *self = *self_p;
    if (!self)
        return;
    qw_corpus_view_destroy (&self->view);
    qw_corpus_reader_close (&self->corpus);
    qw_out_free (&self->record);
    qw_out_free (&self->source);
    qw_utf8_index_free (&self->index);
    qw_layers_destroy (&self->layers);
    free (self->paragraphs);
    free (self);
    *self_p = NULL;
}

/* What cannot be read is a failed document all the same, so that nothing is lost without a word. */
static void fail_record (qw_replay_t *self, uint64_t position, const char *why, qw_record_t *record)
{
    snprintf (self->id, sizeof self->id, "position-%" PRIu64, position);
    snprintf (self->failed, sizeof self->failed, "its corpus cannot give it: %s", why);
    qw_out_reset (&self->source);
    qw_put_map (&self->source, 1);
    qw_put_key (&self->source, "record");
    qw_put_uint (&self->source, position + 1);
    *record = (qw_record_t){.id = qw_bytes_of (self->id),
                            .source = qw_out_bytes (&self->source),
                            .text = {"", 0},
                            .failed = qw_bytes_of (self->failed)};
}

static qw_status_t read_document (qw_replay_t *self, uint64_t position, qw_document_t *document, qw_reason_t *reason)
{
    size_t count;
    qw_out_reset (&self->record);
    qw_status_t status = qw_corpus_reader_read (self->corpus, position, 1, &self->record, &count, reason);
    if (!status)
        status = qw_document_read (document, self->record.buffer.data, self->record.buffer.size, reason);
    if (!status)
        status = qw_document_layers (document, &self->index, self->layers, &self->paragraphs, &self->paragraph_count,
                                     &self->paragraph_capacity, reason);
    if (!status && document->text.size > self->max_document_bytes)
        status = qw_fail (QW_TOO_LARGE, reason, "its text is longer than %zu bytes", self->max_document_bytes);
    return status;
}

qw_status_t qw_replay_next (qw_replay_t *self, qw_record_t *record)
{
    uint64_t newest;
    qw_entry_t entry;
    qw_reason_t reason;
    qw_document_t document;
    qw_status_t status = qw_corpus_view_next (self->view, &self->position, UINT64_MAX, &newest, &entry, &reason);
    if (status == QW_END)
        return QW_END;
    if (!status) {
        self->bytes += entry.size;
        status = read_document (self, newest, &document, &reason);
    }
    if (status) {
        fail_record (self, newest, reason.text, record);
        return QW_OK;
    }
    *record = (qw_record_t){.id = document.id,
                            .source = document.source,
                            .metadata = document.metadata,
                            .text = document.text,
                            .layers = document.layers,
                            .holes = document.holes,
                            .paragraphs = self->paragraphs,
                            .paragraph_count = self->paragraph_count};
    if (document.failed)
        record->failed = document.reason;
    return QW_OK;
}

void qw_replay_progress (const qw_replay_t *self, qw_source_progress_t *progress)
{
    *progress = (qw_source_progress_t){.bytes_read = self->bytes, .bytes_total = self->total, .total_is_final = true};
}
