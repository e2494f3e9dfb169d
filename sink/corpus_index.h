/*  corpus_index.h - the bytes of an index, and segments read record by record where there is none. Private to the corpus. */
#ifndef QW_CORPUS_INDEX_H
#define QW_CORPUS_INDEX_H

#include "sink/corpus.h"

enum { QW_INDEX_HEAD = 16, QW_ENTRY_BYTES = 48 };

void qw_entry_encode (const qw_entry_t *entry, uint8_t bytes[QW_ENTRY_BYTES]);
qw_entry_t qw_entry_decode (const uint8_t bytes[QW_ENTRY_BYTES]);

void qw_index_head_encode (uint64_t first, uint8_t bytes[QW_INDEX_HEAD]);
bool qw_index_head_decode (const uint8_t bytes[QW_INDEX_HEAD], uint64_t *first);

/* XXH128 of an id in canonical form. */
void qw_id_hash (qw_bytes_t id, uint8_t hash[16]);

/* ---- a list of entries, encoded -------------------------------------------------------------------------------------- */

typedef struct {
    uint8_t *bytes; /* QW_ENTRY_BYTES each */
    size_t count, capacity;
} qw_entries_t;

void qw_entries_add (qw_entries_t *self, const qw_entry_t *entry);
static inline qw_entry_t qw_entries_at (const qw_entries_t *self, size_t i)
{
    return qw_entry_decode (self->bytes + i * QW_ENTRY_BYTES);
}
/* Byte of the segment behind the last entry's record. */
uint64_t qw_entries_end (const qw_entries_t *self);
void qw_entries_free (qw_entries_t *self);

typedef enum {
    QW_INDEX_WHOLE,   /* every byte is of a plausible entry */
    QW_INDEX_BEHIND,  /* ends in the middle of an entry or in zeros: what a power failure leaves */
    QW_INDEX_DAMAGED, /* an entry that does not follow the one before it, or another head */
    QW_INDEX_MISSING
} qw_index_state_t;

/* Reads a segment's index into `entries` (emptied first), as far as each entry begins where the one before it ends. */
qw_status_t qw_index_load (int directory, unsigned number, uint64_t first, qw_entries_t *entries, qw_index_state_t *state,
                           qw_reason_t *reason);

/* True when there is an index that is larger than that of an empty segment. */
bool qw_index_has_records (int directory, unsigned number);

/* ---- a segment, record by record -------------------------------------------------------------------------------- */

typedef struct {
    int file;
    uint64_t size;   /* bytes of the file when the scan began */
    uint64_t offset; /* of the next record */
    char *buffer;
    size_t capacity, begin, end; /* buffer[begin, end) holds the bytes from offset on */
} qw_segment_scan_t;

void qw_segment_scan_open (qw_segment_scan_t *self, int file, uint64_t offset);
void qw_segment_scan_close (qw_segment_scan_t *self);

/* The next record, checked, and its entry; `record` holds until the next call. QW_END: the file ends here. QW_DAMAGED or
 * QW_INVALID: the bytes at `offset` are not a whole record with the right checksum; the scan stays there. */
qw_status_t qw_segment_scan_next (qw_segment_scan_t *self, qw_bytes_t *record, qw_entry_t *entry, qw_reason_t *reason);

/* Whether a record that is whole and right stands behind the one at `offset`, whose lengths can be read though it is
 * not right. */
bool qw_segment_scan_goes_on (qw_segment_scan_t *self);

#endif
