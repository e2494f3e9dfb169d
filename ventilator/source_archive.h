/*  source_archive.h - the members of a compressed file or an archive, through libarchive, over a reader. */
#ifndef QW_SOURCE_ARCHIVE_H
#define QW_SOURCE_ARCHIVE_H

#include "ventilator/source_reader.h"

typedef struct qw_archive_t qw_archive_t;

/* What the bytes at the start of a file announce. */
typedef enum {
    QW_MAGIC_NONE,
    QW_MAGIC_ARCHIVE, /* gzip, zstd, xz, bzip2, zip or tar */
    QW_MAGIC_MORE     /* QW_MAGIC_BYTES are needed to tell; fewer only when there are no more */
} qw_magic_t;

enum { QW_MAGIC_FEW = 10, QW_MAGIC_BYTES = 512 };

/* Tells from QW_MAGIC_FEW bytes, or from QW_MAGIC_BYTES when it might be a tar. */
qw_magic_t qw_archive_magic (qw_bytes_t bytes);

/* Reads on from where the reader is; the reader must outlive the archive. NULL with a reason when it is none. */
qw_archive_t *qw_archive_new (qw_reader_t *reader, qw_reason_t *reason);
void qw_archive_destroy (qw_archive_t **self_p);

/* Goes to the next member that is a regular file. `name` has data NULL when it has none, as in a compressed single
 * file; it is as stored, in any encoding. QW_END after the last; QW_DAMAGED with a reason, after which QW_END follows. */
qw_status_t qw_archive_next (qw_archive_t *self, qw_bytes_t *name, qw_reason_t *reason);

/* The bytes of the member at hand. */
qw_stream_t qw_archive_stream (qw_archive_t *self);

#endif
