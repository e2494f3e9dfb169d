/*  gaps.h - the gaps between tokens where a sentence may end, and what tells whether it does. Shared by the annotator and the
    trainer, so that both see the same. */
#ifndef QW_TOKENS_GAPS_H
#define QW_TOKENS_GAPS_H

#include "workers/tokens/scan.h"

enum {
    QW_GAP_FEATURES = 34,
    QW_GAP_MODEL_BITS = 17,
    QW_GAP_MODEL_ROWS = 1 << QW_GAP_MODEL_BITS,
    QW_GAP_LEXICON_SLOTS = 1 << 15
};

/* Walks over the gaps of one paragraph that are worth a decision. */
typedef struct {
    const uint32_t *lexicon;
    const char *text;
    const qw_span_t *tokens;
    uint32_t first, end; /* the paragraph's tokens */
    const qw_ends_t *ends;
    size_t end_index;  /* the next of the possible ends */
    uint32_t sentence; /* first token of the sentence at hand */
    uint32_t at;       /* the token to look at next */
    uint32_t quotes, brackets; /* open in the sentence at hand */

    /* The gap found: */
    bool marked;   /* a token that may end a sentence stands before it */
    uint8_t kind;  /* qw_end_kind_t of that token */
    uint32_t mark; /* that token; without one, the last token before the gap */
    uint32_t next; /* the token after the gap; the closing marks stand before it */
    uint32_t until; /* tokens from `next` to the next possible end, or to the paragraph's end */
} qw_gaps_t;

/* `lexicon` has QW_GAP_LEXICON_SLOTS entries; NULL where no features are asked for. */
void qw_gaps_start (qw_gaps_t *self, const uint32_t *lexicon, const char *text, uint32_t first, const qw_ends_t *ends,
                    const qw_layers_t *layers);

/* Goes to the next gap; false at the end of the paragraph. */
bool qw_gaps_next (qw_gaps_t *self);

/* Tells that a sentence ends at the gap found. */
void qw_gaps_end_sentence (qw_gaps_t *self);

/* The lexicon says what part of speech a word is mostly, and what else it often is. A word's slot is the low bits of its hash; an
 * entry is the hash's upper 16 bits, then 8 bits for each of the two, 0 for none. */
uint32_t qw_gap_word_hash (const char *word, uint32_t size);
static inline uint32_t qw_gap_slot (uint32_t hash) { return hash & (QW_GAP_LEXICON_SLOTS - 1); }

/* The rows of the model that speak for or against an end at the gap found. */
void qw_gaps_features (const qw_gaps_t *self, uint32_t rows[QW_GAP_FEATURES]);

/* ---- the model file: models/tokens.model, little endian -------------------------------------------------------------
 *
 * A change of the features, of the scan or of this header raises QW_GAP_MODEL_VERSION; old files are then refused. */
enum { QW_GAP_MODEL_VERSION = 1 };

typedef struct {
    char magic[4]; /* "QWTS" */
    uint32_t version;
    uint32_t rows;    /* QW_GAP_MODEL_ROWS */
    int32_t marked;   /* a sum of weights above this is an end, behind a mark */
    int32_t unmarked; /* the same where no mark stands */
    uint32_t slots;   /* QW_GAP_LEXICON_SLOTS */
    uint32_t reserved[2];
} qw_gap_model_t; /* then `slots` entries of the lexicon, then `rows` weights of one signed byte */

static inline const uint32_t *qw_gap_model_lexicon (const qw_gap_model_t *model) { return (const uint32_t *) (model + 1); }

#endif
