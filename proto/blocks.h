/*  blocks.h - sixty-four bytes of text at once: which of them lie in a range, as the bits of a number, bit i for byte i. */
#ifndef QW_BLOCKS_H
#define QW_BLOCKS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined __SSE2__ && !defined QW_BLOCKS_PLAIN
#include <emmintrin.h>
#endif

enum { QW_BLOCK = 64 };

#if defined __SSE2__ && !defined QW_BLOCKS_PLAIN

typedef struct {
    __m128i part[4];
} qw_block_t;

static inline qw_block_t qw_block_at (const char *text)
{
    qw_block_t block;
    for (int i = 0; i < 4; i++)
        block.part[i] = _mm_loadu_si128 ((const __m128i *) (const void *) (text + 16 * i));
    return block;
}

static inline uint64_t qw_block_bits (const __m128i part[4])
{
    uint64_t bits = 0;
    for (int i = 0; i < 4; i++)
        bits |= (uint64_t) (uint32_t) _mm_movemask_epi8 (part[i]) << 16 * i;
    return bits;
}

/* Bytes of 0x80 and more. */
static inline uint64_t qw_block_high (const qw_block_t *self) { return qw_block_bits (self->part); }

static inline uint64_t qw_block_is (const qw_block_t *self, unsigned char byte)
{
    __m128i found[4];
    for (int i = 0; i < 4; i++)
        found[i] = _mm_cmpeq_epi8 (self->part[i], _mm_set1_epi8 ((char) byte));
    return qw_block_bits (found);
}

/* Bytes from `low` to `high`, both included; low <= high. */
static inline uint64_t qw_block_range (const qw_block_t *self, unsigned char low, unsigned char high)
{
    __m128i found[4];
    for (int i = 0; i < 4; i++) {
        __m128i from_low = _mm_sub_epi8 (self->part[i], _mm_set1_epi8 ((char) low));
        found[i] = _mm_cmpeq_epi8 (_mm_min_epu8 (from_low, _mm_set1_epi8 ((char) (high - low))), from_low);
    }
    return qw_block_bits (found);
}

/* How many bytes are continuation bytes of UTF-8 (10xxxxxx). */
static inline unsigned qw_block_continuations (const qw_block_t *self)
{
    __m128i found = _mm_setzero_si128 (), least = _mm_set1_epi8 (-64);
    for (int i = 0; i < 4; i++)
        found = _mm_sub_epi8 (found, _mm_cmplt_epi8 (self->part[i], least));
    found = _mm_sad_epu8 (found, _mm_setzero_si128 ());
    return (unsigned) (_mm_cvtsi128_si32 (found) + _mm_extract_epi16 (found, 4));
}

/* With capitals of ASCII as small letters; other bytes may become others, but none of them an ASCII letter. */
static inline qw_block_t qw_block_small (const qw_block_t *self)
{
    qw_block_t small;
    for (int i = 0; i < 4; i++)
        small.part[i] = _mm_or_si128 (self->part[i], _mm_set1_epi8 (0x20));
    return small;
}

#else /* the same, slowly */

typedef struct {
    unsigned char bytes[QW_BLOCK];
} qw_block_t;

static inline qw_block_t qw_block_at (const char *text)
{
    qw_block_t block;
    memcpy (block.bytes, text, QW_BLOCK);
    return block;
}

static inline uint64_t qw_block_range (const qw_block_t *self, unsigned char low, unsigned char high)
{
    uint64_t bits = 0;
    for (int i = 0; i < QW_BLOCK; i++)
        bits |= (uint64_t) (self->bytes[i] >= low && self->bytes[i] <= high) << i;
    return bits;
}

static inline uint64_t qw_block_high (const qw_block_t *self) { return qw_block_range (self, 0x80, 0xff); }
static inline uint64_t qw_block_is (const qw_block_t *self, unsigned char byte) { return qw_block_range (self, byte, byte); }

static inline unsigned qw_block_continuations (const qw_block_t *self)
{
    unsigned found = 0;
    for (int i = 0; i < QW_BLOCK; i++)
        found += (self->bytes[i] & 0xc0) == 0x80;
    return found;
}

static inline qw_block_t qw_block_small (const qw_block_t *self)
{
    qw_block_t small;
    for (int i = 0; i < QW_BLOCK; i++)
        small.bytes[i] = self->bytes[i] | 0x20;
    return small;
}

#endif

/* The last bytes of a text, fewer than a block; what is missing is NUL. */
static inline qw_block_t qw_block_rest (const char *text, size_t size)
{
    char bytes[QW_BLOCK] = {0};
    memcpy (bytes, text, size);
    return qw_block_at (bytes);
}

/* The block at `text`, of which `size` bytes may be read. */
static inline qw_block_t qw_block_within (const char *text, size_t size)
{
    return size >= QW_BLOCK ? qw_block_at (text) : qw_block_rest (text, size);
}

/* The lowest `count` bits, count <= 64. */
static inline uint64_t qw_block_first (size_t count) { return count >= QW_BLOCK ? UINT64_MAX : (1ull << count) - 1; }

#endif
