/*  encoding.h - which encoding bytes are in, and their conversion to UTF-8. */
#ifndef QW_ENCODING_H
#define QW_ENCODING_H

#include "proto/mp.h"

enum { QW_ENCODING_NAME = 32 };

/* A growable block of bytes; zero it to begin with. */
typedef struct {
    char *data;
    size_t size, capacity;
} qw_buffer_t;

/* Makes room for `capacity` bytes in all; aborts when there is no memory. */
void qw_buffer_reserve (qw_buffer_t *self, size_t capacity);
void qw_buffer_append (qw_buffer_t *self, const char *bytes, size_t size);
void qw_buffer_free (qw_buffer_t *self);

/* Appends text from outside such that the buffer stays valid UTF-8: each byte that is not UTF-8 becomes \xHH. */
void qw_buffer_append_clean (qw_buffer_t *self, const char *bytes, size_t size);

/* The encoding that a byte order mark announces ("UTF-8", "UTF-16LE", ...) and the size of the mark; NULL: no mark. Four
 * bytes are enough to tell. */
const char *qw_encoding_of_mark (const char *bytes, size_t size, size_t *mark);

/* Makes UTF-8 of bytes whose encoding nobody told. Valid UTF-8 is left where it is (`text` is `bytes` without a mark,
 * `encoding` is empty); anything else is recognised, converted into `into` and named in `encoding`. QW_INVALID when the
 * bytes are no text, are damaged UTF-8, or are in no encoding that can be told; QW_TOO_LARGE when the text would be larger
 * than `limit`. Control characters other than NUL are text. Takes linear time. */
qw_status_t qw_encoding_to_utf8 (qw_bytes_t bytes, size_t limit, qw_buffer_t *into, qw_bytes_t *text,
                                 char encoding[QW_ENCODING_NAME], qw_reason_t *reason);

/* True when the text (valid UTF-8) is nothing but white space. */
bool qw_encoding_is_blank (qw_bytes_t text);

#endif
