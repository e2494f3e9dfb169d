/*  runs.h - the runs of tokens that may have a label. All other tokens are outside of names and numbers by definition.

    Open is a token that stands out (a word with a capital, a number), its neighbours, the rest of a word that is written in one
    with one of these ("Jong-un"), and what stands within two tokens of an amount ("half a million dollars"). In the news of
    all sorts that is a third of the tokens. Names of small words alone are not found at all, which costs nothing that can
    be measured. */
#ifndef QW_ENTITIES_RUNS_H
#define QW_ENTITIES_RUNS_H

#include "workers/entities/words.h"

/* What is to be known of a token, in bits. */
enum {
    QW_SIGN_STANDS_OUT = 1,
    QW_SIGN_AMOUNT = 2,
    QW_SIGN_JOINED = 4, /* no space before it */
    QW_SIGN_UNKNOWN = 8 /* not looked at yet */
};

/* Tokens of the document. */
typedef struct {
    uint32_t first, end;
} qw_run_t;

typedef struct {
    uint64_t hashes[64], bits[16]; /* of the words, ending with a 0; a first look at what they may be */
} qw_amounts_t;

void qw_amounts_init (qw_amounts_t *self);
bool qw_amounts_have_indeed (const qw_amounts_t *self, uint64_t exact);

/* True for a word that is the larger part of an amount without a digit: "billion", "dollars". By its hash. */
static inline bool qw_amounts_have (const qw_amounts_t *self, uint64_t exact)
{
    return (self->bits[exact >> 6 & 15] >> (exact & 63) & 1) && qw_amounts_have_indeed (self, exact);
}

static inline bool qw_word_stands_out (const qw_word_t *word) { return word->capital || word->kind == QW_KIND_DIGITS; }

/* Writes the runs of a sentence, at most one for two of its tokens and one more; returns how many. `signs`: a byte for each
 * token of the document. */
size_t qw_runs_find (const uint8_t *signs, size_t first, size_t end, qw_run_t *runs);

#endif
