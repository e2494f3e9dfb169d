/*  words.h - what a single word shows of itself: its letters, its shape, its entry in the lexicon; and the features which
    follow from one word alone. All of it is the same wherever the word stands, so the tagger remembers it (memo.h). */
#ifndef QW_ENTITIES_WORDS_H
#define QW_ENTITIES_WORDS_H

#include "workers/entities/model.h"

typedef enum {
    QW_KIND_LOWER = 0,
    QW_KIND_MARK,    /* no letter and no digit */
    QW_KIND_DIGITS,  /* digits, with or without marks: "1,200", "4:26" */
    QW_KIND_TITLE,   /* "Korea" */
    QW_KIND_UPPER,   /* "KCNA", "U.S." */
    QW_KIND_MIXED,   /* "McCain", "iPhone", "Jong-un" is one too */
    QW_KIND_LETTER,  /* one capital letter, with or without its stop: "V." */
    QW_KIND_ALNUM,   /* "G20", "17th" */
    QW_KIND_UNCASED, /* letters of a script without case */
    QW_KIND_COUNT
} qw_word_kind_t;

typedef struct {
    uint64_t exact, lower; /* hashes of the bytes, and of the bytes in lower case; never 0 */
    uint64_t shape;        /* hash of the shape: "Xx-x" */
    uint16_t cluster, flags, near; /* from the lexicon */
    uint8_t kind;          /* qw_word_kind_t */
    bool capital;          /* may be part of a name by itself: TITLE, UPPER, MIXED, LETTER, ALNUM, UNCASED */
} qw_word_t;

enum { QW_OFFSETS = 5, QW_MAX_WORD_FEATURES = 52, QW_MAX_GRAMS = 20, QW_MAX_WORD_BYTES = 120 };

uint64_t qw_word_hash (const char *bytes, size_t size);

/* Mixes two hashes and a number that tells which kind of feature it is. */
static inline uint64_t qw_feature (uint64_t kind, uint64_t a, uint64_t b)
{
    uint64_t h = (a + kind * 0x9e3779b97f4a7c15u) * 0xd6e8feb86659fd93u;
    h ^= h >> 32;
    h = (h ^ b) * 0xff51afd7ed558ccdu;
    h ^= h >> 29;
    h *= 0xc4ceb9fe1a85ec53u;
    return h ^ h >> 32;
}

/* Looks at a token (valid UTF-8, not empty). */
void qw_word_look (qw_word_t *self, const qw_model_t *model, const char *text, size_t size);

/* True for a token without capitals, digits and letters beyond ASCII, of which a look at its letters has told the hashes, the
 * kind and that it is no `capital`; only the model could tell more. `exact`: its hash. `end`: of what may be read. */
bool qw_word_glance (qw_word_t *self, const char *text, size_t size, const char *end, uint64_t exact);

/* The features of a word that stands `offset` - 2 tokens from the one that is tagged (offset 2: the token itself). Returns
 * how many of the QW_MAX_WORD_FEATURES were written. The first *lexical of them name the word itself. */
size_t qw_word_features (const qw_word_t *self, const char *text, size_t size, int offset, uint64_t *features,
                         size_t *lexical);

/* The features of "no token here", before and behind a sentence. */
size_t qw_word_features_of_edge (int offset, uint64_t *features);

#endif
