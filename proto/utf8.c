#include "proto/utf8.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK = 64 };

#define HIGH_BITS 0x8080808080808080u

static inline uint64_t load_word (const char *text)
{
    uint64_t word;
    memcpy (&word, text, sizeof word);
    return word;
}

size_t qw_utf8_valid_prefix (const char *text, size_t size)
{
    const unsigned char *s = (const unsigned char *) text;
    size_t i = 0;
    while (i < size) {
        while (i + 32 <= size
               && !((load_word (text + i) | load_word (text + i + 8) | load_word (text + i + 16) | load_word (text + i + 24))
                    & HIGH_BITS))
            i += 32;
        while (i + 8 <= size && !(load_word (text + i) & HIGH_BITS))
            i += 8;
        if (i >= size)
            break;
        unsigned char c = s[i];
        size_t left = size - i;
        if (c < 0x80)
            i++;
        else if (c >= 0xc2 && c <= 0xdf && left >= 2 && (s[i + 1] & 0xc0) == 0x80)
            i += 2;
        else if ((c & 0xf0) == 0xe0 && left >= 3 && (s[i + 1] & 0xc0) == 0x80 && (s[i + 2] & 0xc0) == 0x80
                 && !(c == 0xe0 && s[i + 1] < 0xa0) && !(c == 0xed && s[i + 1] >= 0xa0))
            i += 3;
        else if (c >= 0xf0 && c <= 0xf4 && left >= 4 && (s[i + 1] & 0xc0) == 0x80 && (s[i + 2] & 0xc0) == 0x80
                 && (s[i + 3] & 0xc0) == 0x80 && !(c == 0xf0 && s[i + 1] < 0x90) && !(c == 0xf4 && s[i + 1] >= 0x90))
            i += 4;
        else
            return i;
    }
    return size;
}

/* A one in each byte of the word that is a continuation byte (10xxxxxx). */
static inline uint64_t continuation_ones (uint64_t word) { return (word & ~(word << 1) & HIGH_BITS) >> 7; }

/* The sum of a word's bytes, if it is below 256. */
static inline unsigned sum_of_bytes (uint64_t word) { return (unsigned) ((word * 0x0101010101010101u) >> 56); }

static inline unsigned continuations (uint64_t word) { return sum_of_bytes (continuation_ones (word)); }

/* Continuation bytes among the 64 at `text`. */
static inline unsigned continuations_of_block (const char *text)
{
    uint64_t ones = 0;
    for (int i = 0; i < BLOCK; i += 8)
        ones += continuation_ones (load_word (text + i));
    return sum_of_bytes (ones);
}

size_t qw_utf8_length (const char *text, size_t size)
{
    size_t inside = 0, i = 0;
    for (; i + BLOCK <= size; i += BLOCK)
        inside += continuations_of_block (text + i);
    for (; i + 8 <= size; i += 8)
        inside += continuations (load_word (text + i));
    for (; i < size; i++)
        inside += ((unsigned char) text[i] & 0xc0) == 0x80;
    return size - inside;
}

uint32_t qw_utf8_decode (const char *text, size_t size, size_t *taken)
{
    const unsigned char *s = (const unsigned char *) text;
    if (s[0] < 0x80 || size < 2) {
        *taken = 1;
        return s[0];
    }
    if (s[0] < 0xe0 || size < 3) {
        *taken = 2;
        return (uint32_t) (s[0] & 0x1f) << 6 | (s[1] & 0x3f);
    }
    if (s[0] < 0xf0 || size < 4) {
        *taken = 3;
        return (uint32_t) (s[0] & 0x0f) << 12 | (uint32_t) (s[1] & 0x3f) << 6 | (s[2] & 0x3f);
    }
    *taken = 4;
    return (uint32_t) (s[0] & 0x07) << 18 | (uint32_t) (s[1] & 0x3f) << 12 | (uint32_t) (s[2] & 0x3f) << 6 | (s[3] & 0x3f);
}

static uint32_t *room_for (uint32_t *table, size_t *capacity, size_t needed)
{
    if (needed <= *capacity)
        return table;
    table = realloc (table, needed * 2 * sizeof *table);
    if (!table)
        abort ();
    *capacity = needed * 2;
    return table;
}

void qw_utf8_index_reset (qw_utf8_index_t *self, const char *text, size_t size)
{
    self->text = text;
    self->size = size;
    self->length = qw_utf8_length (text, size);
    if (self->length == size)
        return;
    self->blocks = room_for (self->blocks, &self->block_capacity, size / BLOCK + 1);
    self->marks = room_for (self->marks, &self->mark_capacity, self->length / BLOCK + 1);
    uint32_t points = 0, marks = 0;
    for (size_t block = 0; block <= size / BLOCK; block++) {
        const char *at = text + block * BLOCK;
        self->blocks[block] = points;
        size_t left = size - block * BLOCK;
        points += left >= BLOCK ? BLOCK - continuations_of_block (at) : (uint32_t) qw_utf8_length (at, left);
        if (marks * BLOCK < points) /* at most one: a block has no more characters than bytes */
            self->marks[marks++] = (uint32_t) block;
    }
}

void qw_utf8_index_free (qw_utf8_index_t *self)
{
    free (self->blocks);
    free (self->marks);
    memset (self, 0, sizeof *self);
}

uint32_t qw_utf8_index_point (const qw_utf8_index_t *self, uint32_t at)
{
    if (self->length == self->size)
        return at;
    uint32_t block = at / BLOCK * BLOCK;
    return self->blocks[at / BLOCK] + (uint32_t) qw_utf8_length (self->text + block, at - block);
}

uint32_t qw_utf8_index_byte (const qw_utf8_index_t *self, uint32_t point)
{
    if (self->length == self->size)
        return point;
    if (point >= self->length)
        return (uint32_t) self->size;
    uint32_t block = self->marks[point / BLOCK];
    while (block < self->size / BLOCK && self->blocks[block + 1] <= point)
        block++;
    uint32_t left = point - self->blocks[block]; /* characters that begin from `at` on before the one that is looked for */
    size_t at = (size_t) block * BLOCK;
    for (; at + 8 <= self->size; at += 8) {
        unsigned begin = 8 - continuations (load_word (self->text + at));
        if (begin > left)
            break;
        left -= begin;
    }
    for (; at < self->size; at++)
        if (((unsigned char) self->text[at] & 0xc0) != 0x80 && left-- == 0)
            break;
    return (uint32_t) at;
}
