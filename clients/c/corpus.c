#include <stdlib.h>

#include "clients/c/private.h"
#include "sink/corpus_index.h"
#include "sink/corpus_view.h"

enum { ENTRIES_AT_ONCE = 128 };

struct quotewire_corpus_t {
    qw_corpus_reader_t *reader;
    qw_corpus_view_t *view; /* of the documents that are being stepped through; NULL: begin anew */
    uint64_t at;            /* the position of the last one */
    qw_out_t record;
};

quotewire_corpus_t *quotewire_corpus_open (const char *directory, quotewire_error_t *error)
{
    qw_reason_t reason;
    qw_corpus_reader_t *reader = qw_corpus_reader_open (directory, &reason);
    if (!reader) {
        qw_client_fail (error, QW_NOT_FOUND, &reason);
        return NULL;
    }
    quotewire_corpus_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->reader = reader;
    qw_out_init (&self->record);
    return self;
}

void quotewire_corpus_close (quotewire_corpus_t **self_p)
{
    quotewire_corpus_t *self = self_p ? *self_p : NULL;
    if (!self)
        return;
    qw_corpus_view_destroy (&self->view);
    qw_corpus_reader_close (&self->reader);
    qw_out_free (&self->record);
    free (self);
    *self_p = NULL;
}

uint64_t quotewire_corpus_count (quotewire_corpus_t *self) { return qw_corpus_reader_count (self->reader); }

quotewire_status_t quotewire_corpus_read (quotewire_corpus_t *self, uint64_t position, quotewire_document_t *document,
                                          quotewire_error_t *error)
{
    qw_reason_t reason;
    size_t count;
    qw_out_reset (&self->record);
    qw_status_t status = qw_corpus_reader_read (self->reader, position, 1, &self->record, &count, &reason);
    if (status == QW_END)
        return qw_client_say (error, QUOTEWIRE_NOT_FOUND, "there is no position %llu", (unsigned long long) position);
    if (status)
        return qw_client_fail (error, status, &reason);
    return quotewire_document_read (document, self->record.buffer.data, self->record.buffer.size, position, error);
}

quotewire_status_t quotewire_corpus_find (quotewire_corpus_t *self, const char *id, quotewire_document_t *document,
                                          quotewire_error_t *error)
{
    uint8_t hash[16];
    qw_id_hash (qw_bytes_of (id), hash);
    for (uint64_t end = qw_corpus_reader_count (self->reader); end > 0;) {
        qw_entry_t entries[ENTRIES_AT_ONCE];
        size_t wanted = end < ENTRIES_AT_ONCE ? (size_t) end : ENTRIES_AT_ONCE, got = 0;
        uint64_t first = end - wanted;
        for (uint64_t at = first; at < end; at += got) { /* a batch is of one segment */
            qw_reason_t reason;
            qw_status_t status =
                qw_corpus_reader_entries (self->reader, at, (size_t) (end - at), entries + (at - first), &got, &reason);
            if (status)
                return qw_client_fail (error, status, &reason);
        }
        for (size_t i = wanted; i-- > 0;) {
            if (memcmp (entries[i].id_hash, hash, sizeof hash) != 0)
                continue;
            quotewire_status_t status = quotewire_corpus_read (self, first + i, document, error);
            if (status || strcmp (quotewire_document_id (document), id) == 0)
                return status;
        }
        end = first;
    }
    return qw_client_say (error, QUOTEWIRE_NOT_FOUND, "there is no document '%.200s'", id);
}

quotewire_status_t quotewire_corpus_next (quotewire_corpus_t *self, quotewire_document_t *document, quotewire_error_t *error)
{
    if (!self->view) {
        self->view = qw_corpus_view_new (self->reader);
        self->at = 0;
    }
    qw_reason_t reason;
    qw_entry_t entry;
    uint64_t newest;
    qw_status_t status = qw_corpus_view_next (self->view, &self->at, UINT64_MAX, &newest, &entry, &reason);
    if (status == QW_END) {
        qw_corpus_view_destroy (&self->view);
        return qw_client_say (error, QUOTEWIRE_END, "there are no more documents");
    }
    return status ? qw_client_fail (error, status, &reason) : quotewire_corpus_read (self, newest, document, error);
}
