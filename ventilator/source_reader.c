#include "ventilator/source_reader.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

enum { BLOCK = 64 * 1024 };

static qw_status_t file_read (void *context, char *into, size_t room, size_t *got, qw_reason_t *reason)
{
    qw_file_t *self = context;
    for (;;) {
        struct pollfd poll_fd = {.fd = self->fd, .events = POLLIN};
        if (self->is_pipe && !self->may_wait && poll (&poll_fd, 1, 0) == 0)
            return QW_AGAIN;
        ssize_t size = read (self->fd, into, room);
        if (size > 0) {
            self->position += (uint64_t) size;
            *got = (size_t) size;
            return QW_OK;
        }
        if (size == 0)
            return QW_END;
        if (errno == EAGAIN && !self->may_wait)
            return QW_AGAIN;
        if (errno == EAGAIN)
            poll (&poll_fd, 1, -1); /* somebody made standard input non-blocking */
        else if (errno != EINTR)
            return qw_fail_errno (reason, "it cannot be read");
    }
}

static int64_t file_seek (void *context, int64_t offset, int whence)
{
    qw_file_t *self = context;
    int64_t position = lseek (self->fd, offset, whence);
    if (position >= 0)
        self->position = (uint64_t) position;
    return position;
}

qw_stream_t qw_file_stream (qw_file_t *self)
{
    return (qw_stream_t){.context = self, .read = file_read, .seek = self->is_pipe ? NULL : file_seek};
}

void qw_reader_open (qw_reader_t *self, qw_stream_t stream)
{
    qw_reader_close (self);
    self->stream = stream;
}

void qw_reader_close (qw_reader_t *self)
{
    if (self->decoding)
        iconv_close (self->converter);
    *self = (qw_reader_t){.buffer = self->buffer, .raw = self->raw};
    self->buffer.size = self->raw.size = 0;
}

void qw_reader_free (qw_reader_t *self)
{
    qw_reader_close (self);
    qw_buffer_free (&self->buffer);
    qw_buffer_free (&self->raw);
}

/* Makes room for one more block behind the bytes that are left; these move to the front when that is cheap. */
static void make_room (qw_reader_t *self, size_t room)
{
    size_t left = self->buffer.size - self->at;
    if (self->at > 0 && (left <= self->at || self->buffer.size + room > self->buffer.capacity)) {
        memmove (self->buffer.data, self->buffer.data + self->at, left);
        self->buffer.size = left;
        self->at = 0;
    }
    qw_buffer_reserve (&self->buffer, self->buffer.size + room);
}

/* Converts what is raw; a character that is cut off waits for its rest, unless there is none. */
static qw_status_t decode_raw (qw_reader_t *self, qw_reason_t *reason)
{
    char *from = self->raw.data;
    size_t left = self->raw.size;
    while (left > 0) {
        make_room (self, left * 2 + 16);
        char *to = self->buffer.data + self->buffer.size;
        size_t room = self->buffer.capacity - self->buffer.size;
        size_t result = iconv (self->converter, &from, &left, &to, &room);
        self->buffer.size = (size_t) (to - self->buffer.data);
        if (result != (size_t) -1 || errno == E2BIG)
            continue;
        if (errno == EINVAL && !self->ended)
            break;
        return qw_fail (QW_INVALID, reason, "the bytes are wrong in the encoding that the file's byte order mark announces");
    }
    if (left > 0)
        memmove (self->raw.data, from, left);
    self->raw.size = left;
    return QW_OK;
}

static qw_status_t fill (qw_reader_t *self, qw_reason_t *reason)
{
    qw_buffer_t *into = self->decoding ? &self->raw : &self->buffer;
    if (self->decoding)
        qw_buffer_reserve (into, into->size + BLOCK);
    else
        make_room (self, BLOCK);
    size_t got = 0;
    qw_status_t status = self->stream.read (self->stream.context, into->data + into->size, BLOCK, &got, reason);
    if (status == QW_END) {
        self->ended = true;
        status = QW_OK;
    }
    if (status)
        return status;
    into->size += got;
    return self->decoding ? decode_raw (self, reason) : QW_OK;
}

qw_status_t qw_reader_need (qw_reader_t *self, size_t size, qw_reason_t *reason)
{
    while (self->buffer.size - self->at < size && !self->ended) {
        qw_status_t status = fill (self, reason);
        if (status)
            return status;
    }
    return QW_OK;
}

void qw_reader_take (qw_reader_t *self, size_t size)
{
    self->at += size;
    self->looked = size < self->looked ? self->looked - size : 0;
}

qw_status_t qw_reader_decode (qw_reader_t *self, const char *encoding, qw_reason_t *reason)
{
    iconv_t converter = iconv_open ("UTF-8", encoding);
    if (converter == (iconv_t) -1)
        return qw_fail (QW_UNSUPPORTED, reason, "the encoding %s is not known here", encoding);
    self->converter = converter;
    self->decoding = true;
    self->raw.size = 0;
    qw_bytes_t bytes = qw_reader_bytes (self);
    qw_buffer_append (&self->raw, bytes.data, bytes.size);
    self->at = self->looked = self->buffer.size = 0;
    return decode_raw (self, reason);
}

qw_status_t qw_reader_line (qw_reader_t *self, size_t limit, qw_bytes_t *line, qw_reason_t *reason)
{
    for (;;) {
        qw_bytes_t bytes = qw_reader_bytes (self);
        const char *end = NULL;
        if (bytes.size > self->looked)
            end = memchr (bytes.data + self->looked, '\n', bytes.size - self->looked);
        if (end || (self->ended && (bytes.size || self->skipping))) {
            size_t size = end ? (size_t) (end - bytes.data) : bytes.size;
            bool too_large = self->skipping || size > limit;
            self->skipping = false;
            qw_reader_take (self, end ? size + 1 : size);
            self->looked = 0;
            *line = (qw_bytes_t){bytes.data, size};
            return too_large ? qw_fail (QW_TOO_LARGE, reason, "the line is longer than the %zu bytes allowed", limit)
                             : QW_OK;
        }
        if (self->ended)
            return QW_END;
        self->looked = bytes.size;
        if (bytes.size > limit) {
            self->skipping = true;
            qw_reader_take (self, bytes.size);
        }
        qw_status_t status = fill (self, reason);
        if (status)
            return status;
    }
}

int64_t qw_reader_seek (qw_reader_t *self, int64_t offset, int whence)
{
    if (!self->stream.seek)
        return -1;
    if (whence == SEEK_CUR)
        offset -= (int64_t) (self->buffer.size - self->at);
    int64_t position = self->stream.seek (self->stream.context, offset, whence);
    if (position < 0)
        return -1;
    self->buffer.size = self->at = self->looked = 0;
    self->ended = false;
    return position;
}
