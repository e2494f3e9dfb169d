#include "ventilator/language.h"

#include "proto/blocks.h"

enum { LOOKED_AT = 3000, FEW = 20, SHARE = 10, LONGEST = 5, PLACE_BITS = 6 };

/* A word of up to eight letters as a number, and its place in the table: no two of its words have the same. */
static inline size_t place_of (uint64_t word) { return word * 0x311d1ee27fc2c6a7u >> (64 - PLACE_BITS); }

/* Words that English has and its neighbours have not, each at its place. */
static const char little_words[1 << PLACE_BITS][8] = {
    [2] = "would", [3] = "who",  [4] = "their", [6] = "but",   [11] = "and",  [13] = "its",  [15] = "said", [17] = "the",
    [20] = "they", [21] = "it",  [22] = "will", [23] = "from", [26] = "that", [27] = "were", [28] = "he",   [29] = "after",
    [32] = "this", [36] = "by",  [37] = "have", [42] = "in",   [44] = "as",   [46] = "not",  [48] = "are",  [49] = "his",
    [50] = "with", [51] = "on",  [52] = "which", [55] = "has", [56] = "to",   [57] = "of",   [60] = "for",
};

/* A word of `size` bytes, of which there are `left` from its first on. */
static inline bool is_little (const char *word, size_t size, size_t left)
{
    uint64_t letters = 0, place;
    if (size > LONGEST)
        return false;
    if (left >= sizeof letters)
        memcpy (&letters, word, sizeof letters);
    else
        memcpy (&letters, word, size);
    letters = (letters | 0x2020202020202020u) & ((1ull << 8 * size) - 1);
    memcpy (&place, little_words[place_of (letters)], sizeof place);
    return letters == place;
}

bool qw_language_is_english (const char *text, size_t size)
{
    size_t words = 0, little = 0, letters = 0, other = 0;
    size_t end = size < LOOKED_AT ? size : LOOKED_AT, start = 0; /* of the word at hand */
    bool inside = false;
    for (size_t at = 0; at < end; at += QW_BLOCK) {
        size_t left = end - at;
        qw_block_t block = qw_block_within (text + at, left), small = qw_block_small (&block);
        uint64_t ascii = qw_block_range (&small, 'a', 'z'), high = qw_block_high (&block);
        if (left < QW_BLOCK) {
            ascii &= qw_block_first (left);
            high &= qw_block_first (left);
        }
        uint64_t word = ascii | high, before = word << 1 | inside, starts = word & ~before, ends = ~word & before;
        letters += (size_t) __builtin_popcountll (ascii);
        other += (size_t) __builtin_popcountll (high);
        words += (size_t) __builtin_popcountll (starts);
        for (; ends; ends &= ends - 1, inside = false) {
            if (!inside) {
                start = at + (size_t) __builtin_ctzll (starts);
                starts &= starts - 1;
            }
            little += is_little (text + start, at + (size_t) __builtin_ctzll (ends) - start, size - start);
        }
        if (starts)
            start = at + (size_t) __builtin_ctzll (starts);
        inside = word >> (QW_BLOCK - 1);
        /* what is left cannot change it: half of its bytes may be words, or all of them other letters */
        left -= left < QW_BLOCK ? left : QW_BLOCK;
        if (little * SHARE >= words + (left + 1) / 2 && letters >= other + left)
            return true;
    }
    if (inside && end % QW_BLOCK == 0)
        little += is_little (text + start, end - start, size - start);
    if (other > letters)
        return other < 3 * FEW;
    return words < FEW || little * SHARE >= words;
}
