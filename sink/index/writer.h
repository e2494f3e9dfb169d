/*  writer.h - records of a corpus as rows of the index.

    What stands in the index is a function of the records before its position, in their order: a document that was retried
    or dropped takes the place of its failure. So it does not matter how often the making was interrupted, and making it
    anew gives the same. docs/index.md describes the tables.
 */
#ifndef QW_INDEX_WRITER_H
#define QW_INDEX_WRITER_H

#include "sink/index/database.h"

/* What is in the index: the records [0, position); crc32c, that of the last of them, tells one corpus from another. */
typedef struct {
    uint64_t position;
    uint32_t crc32c;
} qw_index_state_t;

typedef struct qw_index_writer_t qw_index_writer_t;

/* Makes the tables where they are missing. QW_UNSUPPORTED: they are of another version. With `anew` whatever is there is
 * removed first. The database must outlive the writer. */
qw_status_t qw_index_writer_new (qw_index_writer_t **self_p, qw_database_t *database, bool anew, qw_reason_t *reason);
void qw_index_writer_destroy (qw_index_writer_t **self_p);

qw_index_state_t qw_index_writer_state (const qw_index_writer_t *self);

/* Adds `count` whole records, which follow on the state's position, in one transaction: all of them or, after an error,
 * none. QW_BUSY: another process has added records meanwhile. */
qw_status_t qw_index_writer_add (qw_index_writer_t *self, qw_bytes_t records, size_t count, qw_reason_t *reason);

/* Documents, quotations and text bytes added since it was made. */
typedef struct {
    uint64_t records, quotes, bytes;
} qw_index_count_t;

qw_index_count_t qw_index_writer_count (const qw_index_writer_t *self);

#endif
