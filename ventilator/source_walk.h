/*  source_walk.h - the files beneath some paths, one after another, always in the same order.

    The entries of a directory come sorted by bytes, what is beneath a directory in its place. Memory: the names of one
    directory a level. Inside of directories only names that promise articles count (qw_walk_kind), and hidden ones never.
 */
#ifndef QW_SOURCE_WALK_H
#define QW_SOURCE_WALK_H

#include "proto/mp.h"

/* What a name promises; compressors' suffixes (.gz, .zst, .xz, .bz2) are looked behind. */
typedef enum {
    QW_KIND_UNKNOWN,
    QW_KIND_TEXT,     /* .txt */
    QW_KIND_LINES,    /* .jsonl, .ndjson */
    QW_KIND_JSON,     /* .json */
    QW_KIND_DOCUMENT, /* one of the formats of source_format.h: .html, .xml, ... */
    QW_KIND_WARC,     /* .warc */
    QW_KIND_ARCHIVE   /* .tar, .tgz, .tbz2, .txz, .tzst, .zip */
} qw_kind_t;

qw_kind_t qw_walk_kind (qw_bytes_t path);

/* The path without directories and compressors' suffixes: what tells its kind. */
qw_bytes_t qw_walk_base (qw_bytes_t path);

typedef struct qw_walk_t qw_walk_t;

/* Called for each directory before it is read. */
typedef void qw_walk_directory_fn (void *context, const char *path);

/* The paths are not copied. `on_directory` may be NULL. */
qw_walk_t *qw_walk_new (const char *const *paths, size_t count, qw_walk_directory_fn *on_directory, void *context);
void qw_walk_destroy (qw_walk_t **self_p);

/* QW_OK: `path` is the next file and holds until the next call; `given` is true when it is one of the walk's own paths,
 * which may be no regular file. QW_END: there are no more. QW_SYSTEM: `path` cannot be read, for this reason; the walk goes
 * on. */
qw_status_t qw_walk_next (qw_walk_t *self, const char **path, bool *given, qw_reason_t *reason);

#endif
