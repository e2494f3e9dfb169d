/*  context.h - features of a token that follow from several words at once, and from the rest of the document.

    Most tokens of running text are small words between small words. They get no such features: a token is `busy` when it or a
    neighbour may be part of a name or is a number. */
#ifndef QW_ENTITIES_CONTEXT_H
#define QW_ENTITIES_CONTEXT_H

#include "workers/entities/words.h"

enum { QW_MAX_CONTEXT_FEATURES = 64, QW_MAX_SECOND_FEATURES = 4, QW_SMALL_BITS = 1 << 15 };

/* Which words the document writes small somewhere: a bit for each hash. */
typedef struct {
    uint64_t bits[QW_SMALL_BITS / 64];
} qw_small_words_t;

static inline void qw_small_words_add (qw_small_words_t *self, uint64_t lower)
{
    size_t bit = lower % QW_SMALL_BITS;
    self->bits[bit / 64] |= (uint64_t) 1 << (bit % 64);
}

static inline bool qw_small_words_have (const qw_small_words_t *self, uint64_t lower)
{
    size_t bit = lower % QW_SMALL_BITS;
    return self->bits[bit / 64] >> (bit % 64) & 1;
}

/* Where else the document has a word with a capital. Tokens are those of the document. */
typedef struct {
    uint32_t token, run_first, run_end; /* the run of words with capitals that it stands in */
    bool opens, closes;                 /* the run begins or ends a sentence */
} qw_occurrence_t;

enum { QW_OCCURRENCES = 4 };

typedef struct {
    uint64_t lower;
    uint32_t count;
    qw_occurrence_t seen[QW_OCCURRENCES]; /* the first has the longest run */
} qw_elsewhere_t;

typedef struct {
    uint32_t *slots; /* 1 + index into words; 0: free */
    qw_elsewhere_t *words;
    size_t mask, count, allocated; /* slots there are less one; words in use; words there is room for */
} qw_elsewhere_table_t;

/* Makes room for the words with capitals of a document. */
void qw_elsewhere_clear (qw_elsewhere_table_t *self, size_t words);
void qw_elsewhere_free (qw_elsewhere_table_t *self);
/* Notes the words with capitals of a sentence whose first token is the `first` of the document. */
void qw_elsewhere_add (qw_elsewhere_table_t *self, const qw_word_t *words, size_t first, size_t count);

/* A sentence being looked at. */
typedef struct {
    size_t first; /* its first token in the document */
    const qw_elsewhere_table_t *elsewhere;
    const qw_word_t *words;
    size_t count;
    unsigned capitals; /* of the sentence: 0 few, 1 as in a headline ("Envoy Visits Moscow"), 2 "ENVOY VISITS" */
    const qw_small_words_t *small;
    const uint8_t *phrases; /* what qw_context_phrases wrote */
} qw_context_t;

/* Looks for names of several words that the lexicon knows, the longest first, and writes a code for each token: 0, or one of
 * type, place in the name and certainty. */
void qw_context_phrases (const qw_model_t *model, const qw_word_t *words, size_t count, uint8_t *codes);

/* The hash under which the lexicon has a name of several words, from the hashes of the words up to its last. */
static inline uint64_t qw_phrase_hash (uint64_t before, uint64_t exact) { return qw_feature (900, before, exact); }

void qw_context_begin (qw_context_t *self, const qw_word_t *words, size_t first, size_t count, const qw_small_words_t *small,
                       const qw_elsewhere_table_t *elsewhere, const uint8_t *phrases);
bool qw_context_is_busy (const qw_context_t *self, size_t at);

/* The features of token `at`. `run_first`, `run_end`: the run of words with capitals that it stands in; empty when it is a
 * small word. Returns how many of the QW_MAX_CONTEXT_FEATURES were written. */
size_t qw_context_features (const qw_context_t *self, size_t at, size_t run_first, size_t run_end, uint64_t *features);

/* What the first pass said of a word in all of the document. */
typedef struct {
    uint64_t lower;          /* 0: free */
    uint16_t counts[QW_LABELS];
    uint8_t long_name;       /* 1 + type of the longest name with it; 0: none */
    uint8_t long_size;       /* its tokens */
    uint8_t long_place;      /* 0 first, 1 inside, 2 last */
} qw_evidence_t;

typedef struct {
    qw_evidence_t *slots;
    size_t capacity, allocated; /* slots in use, a power of two and at least twice the words; slots there are */
} qw_evidence_table_t;

void qw_evidence_clear (qw_evidence_table_t *self, size_t words);
void qw_evidence_free (qw_evidence_table_t *self);
/* Notes the labels that the first pass gave to a sentence. */
void qw_evidence_add (qw_evidence_table_t *self, const qw_word_t *words, const uint8_t *labels, size_t count);
/* The features of token `at` for the second pass; none for a small word. */
size_t qw_evidence_features (const qw_evidence_table_t *self, const qw_word_t *words, const uint8_t *labels, size_t at,
                             uint64_t *features);

#endif
