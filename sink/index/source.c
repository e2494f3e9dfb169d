#include "sink/index/source.h"

#include <czmq.h>
#include <stdlib.h>

#include "proto/memory.h"
#include "sink/corpus.h"

struct qw_index_source_t {
    qw_corpus_reader_t *reader; /* or else: */
    qw_follow_client_t *client;
    qw_out_t batch;
    size_t batch_bytes;
    uint64_t position;
    qw_index_state_t state;
    bool verified; /* the record before the first new one is the one that the state tells of */
};

void qw_index_source_close (qw_index_source_t **self_p)
{
    qw_index_source_t *self = *self_p;
    if (!self)
        return;
    qw_follow_client_destroy (&self->client);
    qw_corpus_reader_close (&self->reader);
    qw_out_free (&self->batch);
    free (self);
    *self_p = NULL;
}

static qw_status_t next_of_files (qw_index_source_t *self, int timeout_ms, qw_batch_t *batch, qw_reason_t *reason)
{
    if (self->position >= qw_corpus_reader_count (self->reader)) {
        zclock_sleep (timeout_ms);
        return QW_AGAIN;
    }
    qw_out_reset (&self->batch);
    batch->position = self->position;
    qw_status_t status = qw_corpus_reader_read (self->reader, self->position, self->batch_bytes, &self->batch, &batch->count,
                                                reason);
    batch->records = qw_out_bytes (&self->batch);
    return status == QW_END ? QW_AGAIN : status;
}

static qw_status_t verify (qw_index_source_t *self, qw_batch_t *batch, qw_reason_t *reason)
{
    qw_document_t document;
    size_t size = qw_document_size (batch->records.data, batch->records.size);
    qw_status_t status = qw_document_read (&document, batch->records.data, size, reason);
    if (status)
        return status;
    if (document.crc32c != self->state.crc32c)
        return qw_fail (QW_INVALID, reason, "the index was made from another corpus: give it another --db, or --rebuild it");
    self->verified = true;
    batch->records = (qw_bytes_t){batch->records.data + size, batch->records.size - size};
    batch->count--;
    batch->position++;
    return batch->count > 0 ? QW_OK : QW_AGAIN;
}

static qw_status_t verify_files (qw_index_source_t *self, qw_reason_t *reason)
{
    qw_batch_t batch;
    if (self->verified)
        return QW_OK;
    if (self->position >= qw_corpus_reader_count (self->reader))
        return qw_fail (QW_INVALID, reason, "the corpus has fewer records than the index: give another --db, or --rebuild");
    qw_status_t status = next_of_files (self, 0, &batch, reason);
    if (!status)
        status = verify (self, &batch, reason);
    self->position++;
    return status == QW_AGAIN ? QW_OK : status;
}

qw_status_t qw_index_source_open (qw_index_source_t **self_p, const char *where, size_t batch_bytes, qw_index_state_t state,
                                  qw_reason_t *reason)
{
    qw_index_source_t *self = qw_must (calloc (1, sizeof *self));
    self->state = state;
    self->batch_bytes = batch_bytes;
    self->verified = state.position == 0;
    self->position = self->verified ? 0 : state.position - 1;
    qw_out_init (&self->batch);
    const qw_follow_client_options_t options = {
        .endpoint = where, .name = "quotewire-index", .position = self->position, .credit = batch_bytes};
    if (strstr (where, "://"))
        self->client = qw_follow_client_new (&options, reason);
    else
        self->reader = qw_corpus_reader_open (where, reason);
    *self_p = self;
    qw_status_t status = self->client ? QW_OK : self->reader ? verify_files (self, reason) : QW_SYSTEM;
    if (status)
        qw_index_source_close (self_p);
    return status;
}

qw_status_t qw_index_source_next (qw_index_source_t *self, int timeout_ms, qw_batch_t *batch, qw_reason_t *reason)
{
    qw_status_t status = self->client ? qw_follow_client_next (self->client, timeout_ms, batch, reason)
                                      : next_of_files (self, timeout_ms, batch, reason);
    if (status)
        return status;
    self->position = batch->position + batch->count;
    return self->verified ? QW_OK : verify (self, batch, reason);
}

bool qw_index_source_records (qw_index_source_t *self, uint64_t *records)
{
    if (self->client)
        return self->verified && qw_follow_client_documents (self->client, records);
    *records = qw_corpus_reader_count (self->reader);
    return true;
}
