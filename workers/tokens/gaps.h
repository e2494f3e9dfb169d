/*  gaps.h - the gaps between tokens where a sentence may end, and what tells whether it does. Shared by the annotator and
    the trainer, so that both see the same. */
#ifndef QW_TOKENS_GAPS_H
#define QW_TOKENS_GAPS_H

#include "workers/tokens/scan.h"

enum {
    QW_GAP_FEATURES = 34,
    QW_GAP_GLANCE_FEATURES = 5,
    QW_GAP_GLANCE_ROWS = 1 << 15,
    QW_GAP_MODEL_BITS = 17,
    QW_GAP_MODEL_ROWS = 1 << QW_GAP_MODEL_BITS,
    QW_GAP_LEXICON_SLOTS = 1 << 15
};

/* What the features need to know of a token. */
typedef struct {
    uint32_t word;    /* hash of the token in small letters; 0 outside of the paragraph */
    uint32_t suffix;  /* its last three bytes */
    uint32_t shape;
    uint32_t size;    /* at most 7 */
    uint32_t class;   /* most frequent part of speech, or what the ending of an unknown word looks like */
    uint32_t classes; /* with the second */
} qw_gap_view_t;

/* Walks over the gaps of one paragraph that are worth a decision. */
typedef struct {
    const uint32_t *lexicon;
    const char *text;
    const qw_span_t *tokens;
    uint32_t first, end; /* the paragraph's tokens */
    uint32_t limit;      /* where the last of them ends */
    const qw_ends_t *ends;
    size_t index, mark_index; /* the next of the possible ends; the next of those with a mark */
    uint32_t sentence;        /* first token of the sentence at hand */
    uint8_t quotes_before;    /* double quotation marks before it, modulo 256 */
    int16_t depth_before;     /* brackets open before it */

    /* The gap found: */
    qw_end_kind_t kind;
    uint32_t mark;  /* the token that may end a sentence; QW_END_NONE: the last token before the gap */
    uint32_t next;  /* the token after the gap; the closing marks stand before it */
    uint8_t quotes; /* as above, before the gap */
    int16_t depth;

    /* The tokens around it, filled by the glance: */
    qw_gap_view_t before, after;
    uint32_t before_token, after_token, opener;
} qw_gaps_t;

/* `lexicon` has QW_GAP_LEXICON_SLOTS entries; NULL where no features are asked for. */
void qw_gaps_start (qw_gaps_t *self, const uint32_t *lexicon, const char *text, uint32_t first, const qw_ends_t *ends,
                    const qw_layers_t *layers);

/* Goes to the next gap; false at the end of the paragraph. */
bool qw_gaps_next (qw_gaps_t *self);

/* Tells that a sentence ends at the gap found. */
void qw_gaps_end_sentence (qw_gaps_t *self);

/* The lexicon says what part of speech a word is mostly, and what else it often is. A word's slot is the low bits of its
 * hash; an entry is the hash's upper 16 bits, then 8 bits for each of the two, 0 for none. */
uint32_t qw_gap_word_hash (const char *word, uint32_t size);
static inline uint32_t qw_gap_slot (uint32_t hash) { return hash & (QW_GAP_LEXICON_SLOTS - 1); }

/* Looks at the tokens right before and after the gap: enough to see that most of the gaps without a mark are no ends, and
 * that most full stops are some. */
void qw_gaps_glance (qw_gaps_t *self, uint32_t rows[QW_GAP_GLANCE_FEATURES]);

/* After a glance: the rows of the model that speak for or against an end at the gap. */
void qw_gaps_features (qw_gaps_t *self, uint32_t rows[QW_GAP_FEATURES]);

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
    int32_t hopeless; /* where no mark stands: a glance's sum up to this is no end */
    int32_t certain;  /* behind a full stop: a glance's sum above this is an end */
    uint32_t glances; /* QW_GAP_GLANCE_ROWS */
} qw_gap_model_t; /* then `slots` entries of the lexicon, then weights of one signed byte: `glances`, then `rows` of them */

static inline const uint32_t *qw_gap_model_lexicon (const qw_gap_model_t *model) { return (const uint32_t *) (model + 1); }
static inline const int8_t *qw_gap_model_glances (const qw_gap_model_t *model)
{
    return (const int8_t *) (qw_gap_model_lexicon (model) + QW_GAP_LEXICON_SLOTS);
}
static inline const int8_t *qw_gap_model_weights (const qw_gap_model_t *model)
{
    return qw_gap_model_glances (model) + QW_GAP_GLANCE_ROWS;
}

#endif
