/*  corpus_files.h - the corpus's files: their names, whole writes, and the directory that holds them. Private to the corpus.

    Names are relative to an open directory, so that no path is ever too long and a directory that is moved stays the same.
 */
#ifndef QW_CORPUS_FILES_H
#define QW_CORPUS_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "proto/status.h"

/* The two calls on which durability rests; a test gives its own to see them fail. */
typedef struct {
    ssize_t (*pwrite) (int file, const void *bytes, size_t size, off_t offset);
    int (*fdatasync) (int file);
} qw_corpus_io_t;

extern const qw_corpus_io_t qw_corpus_system_io;

typedef struct {
    char text[48];
} qw_file_name_t;

qw_file_name_t qw_segment_name (unsigned number); /* "segment-000000.msgpack" */
qw_file_name_t qw_index_name (unsigned number);   /* "segment-000000.index" */

/* Segments and indexes in the directory: one more than the highest number of each, 0 when there is none. */
qw_status_t qw_segments_in (int directory, unsigned *segments, unsigned *indexes, qw_reason_t *reason);

/* Bytes of a file; 0 when it can't be asked. */
uint64_t qw_file_size (int file);

/* Writes all of it or fails with errno's text and the file's name. */
qw_status_t qw_file_write (const qw_corpus_io_t *io, int file, const void *bytes, size_t size, uint64_t offset,
                           const char *name, qw_reason_t *reason);

/* Reads at most `size` bytes; fewer only at the end of the file. -1 with errno set on an error. */
ssize_t qw_file_read (int file, void *bytes, size_t size, uint64_t offset);

/* Makes or replaces the file in one step, on disk when it returns: a name ending in ".new", synced, then renamed. */
qw_status_t qw_file_replace (const qw_corpus_io_t *io, int directory, const char *name, const void *bytes, size_t size,
                             qw_reason_t *reason);

#endif
