/*  utf8.h - UTF-8: is it valid, how many code points, and where in bytes is the nth one. */
#ifndef QW_UTF8_H
#define QW_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of valid UTF-8 at the start of text: `size` when all of it is valid. Overlong forms, surrogates and values beyond
 * U+10FFFF are invalid (RFC 3629). */
size_t qw_utf8_valid_prefix (const char *text, size_t size);
static inline bool qw_utf8_is_valid (const char *text, size_t size) { return qw_utf8_valid_prefix (text, size) == size; }

/* Code points in valid UTF-8. */
size_t qw_utf8_length (const char *text, size_t size);

/* True where a character may begin: not inside of one. */
static inline bool qw_utf8_is_boundary (const char *text, size_t size, size_t at)
{
    return at >= size || ((unsigned char) text[at] & 0xc0) != 0x80;
}

/* Decodes the character at `text` (valid UTF-8, size > 0) and tells how many bytes it takes. */
uint32_t qw_utf8_decode (const char *text, size_t size, size_t *taken);

/* Converts positions between bytes and code points for one text. Both directions take constant time; an ASCII text needs no
 * table. Zero it to begin with; reset it for each text. */
typedef struct {
    const char *text;
    size_t size;   /* bytes */
    size_t length; /* code points */
    uint32_t *blocks; /* code points before byte i * 64; unused when the text is ASCII (size == length) */
    uint32_t *marks;  /* the block of 64 bytes in which code point i * 64 begins */
    size_t block_capacity, mark_capacity;
} qw_utf8_index_t;

void qw_utf8_index_reset (qw_utf8_index_t *self, const char *text, size_t size);
void qw_utf8_index_free (qw_utf8_index_t *self);

/* Code points before byte `at`; at <= size. */
uint32_t qw_utf8_index_point (const qw_utf8_index_t *self, uint32_t at);

/* Byte at which code point `point` begins; point <= length. */
uint32_t qw_utf8_index_byte (const qw_utf8_index_t *self, uint32_t point);

#endif
