/*  source_reader.h - bytes from a file, a pipe or an archive's member, buffered, as lines or as a whole. */
#ifndef QW_SOURCE_READER_H
#define QW_SOURCE_READER_H

#include <iconv.h>

#include "ventilator/encoding.h"

/* Where a reader's bytes come from. */
typedef struct {
    void *context;
    /* QW_OK with *got > 0; QW_END; QW_AGAIN: nothing there yet (a pipe). Anything else: why it cannot be read on. */
    qw_status_t (*read) (void *context, char *into, size_t room, size_t *got, qw_reason_t *reason);
    /* As lseek; NULL: it cannot. */
    int64_t (*seek) (void *context, int64_t offset, int whence);
} qw_stream_t;

/* A file or a pipe as a stream. */
typedef struct {
    int fd;            /* -1: none */
    bool is_pipe;      /* reading may have to wait */
    bool may_wait;     /* wait inside of the read; otherwise QW_AGAIN */
    uint64_t position; /* bytes of it that were read */
} qw_file_t;

qw_stream_t qw_file_stream (qw_file_t *self);

typedef struct {
    qw_stream_t stream;
    qw_buffer_t buffer;
    size_t at;     /* bytes [at, buffer.size) were not taken yet */
    size_t looked; /* bytes behind `at` in which there is no line end */
    bool ended;    /* the stream has no more */
    bool skipping; /* inside of a line that is too long */
    bool decoding; /* raw bytes go through `converter` on their way into the buffer */
    iconv_t converter;
    qw_buffer_t raw;
} qw_reader_t;

/* Begins with a new stream; the memory is kept. */
void qw_reader_open (qw_reader_t *self, qw_stream_t stream);

/* Forgets the stream. */
void qw_reader_close (qw_reader_t *self);
void qw_reader_free (qw_reader_t *self);

/* Tries to have `size` bytes in the buffer. QW_OK: they are there, or all that there are (`ended`). */
qw_status_t qw_reader_need (qw_reader_t *self, size_t size, qw_reason_t *reason);

/* What is in the buffer and was not taken. Holds until the next call that reads. */
static inline qw_bytes_t qw_reader_bytes (const qw_reader_t *self)
{
    return (qw_bytes_t){self->buffer.data ? self->buffer.data + self->at : "", self->buffer.size - self->at};
}
void qw_reader_take (qw_reader_t *self, size_t size);

/* From here on the stream is in this encoding (a byte order mark's), and the buffer has UTF-8. */
qw_status_t qw_reader_decode (qw_reader_t *self, const char *encoding, qw_reason_t *reason);

/* The next line without its line end, taken; it holds until the next call that reads. QW_TOO_LARGE: it has more than `limit`
 * bytes and was passed over. QW_END after the last. */
qw_status_t qw_reader_line (qw_reader_t *self, size_t limit, qw_bytes_t *line, qw_reason_t *reason);

/* As lseek, with the buffer forgotten; -1 when the stream cannot. */
int64_t qw_reader_seek (qw_reader_t *self, int64_t offset, int whence);

#endif
