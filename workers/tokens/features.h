/*  features.h - what of a gap tells whether a sentence ends there, in three depths: a glance, linear features, and what the
    network is shown. Shared by the annotator and the trainer, so that both see the same. */
#ifndef QW_TOKENS_FEATURES_H
#define QW_TOKENS_FEATURES_H

#include "workers/tokens/gaps.h"
#include "workers/tokens/model.h"

enum { QW_GAP_GLANCE_FEATURES = 5, QW_GAP_LINEAR_FEATURES = 56, QW_GAP_TABLES = 4 };

/* What the features know of a token. */
typedef struct {
    uint32_t word;    /* hash of the token in small letters; 0 outside of the paragraph */
    uint32_t suffix;  /* its last three bytes */
    uint32_t shape;
    uint32_t size;    /* at most 7 */
    uint32_t class;   /* most frequent part of speech, or what the ending of an unknown word looks like */
    uint32_t classes; /* with the second */
    uint32_t cluster, casing;
} qw_gap_view_t;

/* A gap being looked at. */
typedef struct {
    qw_gaps_t gaps;
    const qw_gap_word_t *lexicon;
    uint32_t possible, marks, small_marks; /* of the paragraph: counted at the first deep look */

    /* The tokens around it, filled by the glance: */
    qw_gap_view_t before, after;
    uint32_t before_token, after_token, opener;
} qw_gap_look_t;

/* What the network is shown. */
typedef struct {
    uint16_t vectors[QW_GAP_WINDOW][QW_GAP_TABLES]; /* rows of the model's vectors */
    uint8_t contexts[QW_GAP_CONTEXTS];              /* below QW_GAP_CONTEXT_VALUES */
} qw_gap_sight_t;

uint32_t qw_gap_word_hash (const char *word, uint32_t size);

void qw_gap_look_start (qw_gap_look_t *self, const qw_gap_word_t *lexicon, const char *text, uint32_t first,
                        const qw_ends_t *ends, const qw_layers_t *layers);

/* Looks at the tokens right before and after the gap: enough to see that most of the gaps without a mark are no ends, and
 * that most full stops are some. */
void qw_gap_glance (qw_gap_look_t *self, uint32_t rows[QW_GAP_GLANCE_FEATURES]);

/* After a glance: the contexts, and the rows of the linear features. */
void qw_gap_linear (qw_gap_look_t *self, uint8_t contexts[QW_GAP_CONTEXTS], uint32_t rows[QW_GAP_LINEAR_FEATURES]);

/* The rows of the tokens around the gap. */
void qw_gap_vectors (const qw_gap_look_t *self, uint16_t vectors[QW_GAP_WINDOW][QW_GAP_TABLES]);

#endif
