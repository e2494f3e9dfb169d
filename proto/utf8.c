#include "proto/utf8.h"

#include <stdlib.h>
#include <string.h>

#include "proto/blocks.h"

enum { BLOCK = QW_BLOCK };

#define HIGH_BITS 0x8080808080808080u

static inline uint64_t load_word (const char *text)
{
    uint64_t word;
    memcpy (&word, text, sizeof word);
    return word;
}

static inline uint32_t load_half (const char *text)
{
    uint32_t half;
    memcpy (&half, text, sizeof half);
    return half;
}

/* No more than a block of bytes, all of them ASCII? Loads overlap, so that none is for single bytes. */
static inline bool is_short_ascii (const char *text, size_t size)
{
    if (size < 4) {
        unsigned char all = 0;
        for (size_t i = 0; i < size; i++)
            all |= (unsigned char) text[i];
        return all < 0x80;
    }
    if (size < 8)
        return !((load_half (text) | load_half (text + size - 4)) & (uint32_t) HIGH_BITS);
    uint64_t all = load_word (text + size - 8);
    for (size_t i = 0; i + 8 < size; i += 8)
        all |= load_word (text + i);
    return !(all & HIGH_BITS);
}

/* The first byte from `at` on that is not ASCII; `size`: there is none. */
static size_t ascii_end (const char *text, size_t at, size_t size)
{
    for (; at + BLOCK <= size; at += BLOCK) {
        qw_block_t block = qw_block_at (text + at);
        uint64_t high = qw_block_high (&block);
        if (high)
            return at + (size_t) __builtin_ctzll (high);
    }
    if (is_short_ascii (text + at, size - at))
        return size;
    while ((unsigned char) text[at] < 0x80)
        at++;
    return at;
}

/* Bytes of the valid character at s, whose first is not ASCII; 0: it is not valid. */
static inline size_t wide_size (const unsigned char *s, size_t left)
{
    unsigned char c = s[0];
    if (c >= 0xc2 && c <= 0xdf && left >= 2 && (s[1] & 0xc0) == 0x80)
        return 2;
    if ((c & 0xf0) == 0xe0 && left >= 3 && (s[1] & 0xc0) == 0x80 && (s[2] & 0xc0) == 0x80 && !(c == 0xe0 && s[1] < 0xa0)
        && !(c == 0xed && s[1] >= 0xa0))
        return 3;
    if (c >= 0xf0 && c <= 0xf4 && left >= 4 && (s[1] & 0xc0) == 0x80 && (s[2] & 0xc0) == 0x80 && (s[3] & 0xc0) == 0x80
        && !(c == 0xf0 && s[1] < 0x90) && !(c == 0xf4 && s[1] >= 0x90))
        return 4;
    return 0;
}

size_t qw_utf8_valid_prefix (const char *text, size_t size)
{
    for (size_t i = 0; (i = ascii_end (text, i, size)) < size;)
        while (i < size && (unsigned char) text[i] >= 0x80) {
            size_t taken = wide_size ((const unsigned char *) text + i, size - i);
            if (taken == 0)
                return i;
            i += taken;
        }
    return size;
}

/* A one in each byte of the word that is a continuation byte (10xxxxxx). */
static inline uint64_t continuation_ones (uint64_t word) { return (word & ~(word << 1) & HIGH_BITS) >> 7; }

static inline unsigned continuations (uint64_t word)
{
    return (unsigned) ((continuation_ones (word) * 0x0101010101010101u) >> 56); /* the sum of its bytes */
}

static inline unsigned continuations_of_block (const char *text)
{
    qw_block_t block = qw_block_at (text);
    return qw_block_continuations (&block);
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
    self->size = self->length = size;
    if (ascii_end (text, 0, size) == size)
        return;
    self->blocks = room_for (self->blocks, &self->block_capacity, size / BLOCK + 1);
    self->marks = room_for (self->marks, &self->mark_capacity, size / BLOCK + 1);
    uint32_t points = 0, marks = 0;
    for (size_t block = 0; block <= size / BLOCK; block++) {
        const char *at = text + block * BLOCK;
        self->blocks[block] = points;
        size_t left = size - block * BLOCK;
        points += left >= BLOCK ? BLOCK - continuations_of_block (at) : (uint32_t) qw_utf8_length (at, left);
        if (marks * BLOCK < points) /* at most one: a block has no more characters than bytes */
            self->marks[marks++] = (uint32_t) block;
    }
    self->length = points;
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
