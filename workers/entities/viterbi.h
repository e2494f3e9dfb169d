/*  viterbi.h - the best sequence of labels under scores of tokens and transitions, in 16-bit integers.

    Scores are kept within +-QW_SCORE_LIMIT. After each token the best label so far stands at 0, and no other further behind than
    QW_SCORE_FLOOR: a sentence may have any length, and nothing overflows. The plain loop and the fast one do the same sums. */
#ifndef QW_ENTITIES_VITERBI_H
#define QW_ENTITIES_VITERBI_H

#include "workers/entities/model.h"

enum { QW_SCORE_LIMIT = 8000, QW_SCORE_FLOOR = -8000, QW_TRANSITION_LIMIT = 4000 };

typedef int16_t qw_scores_t[QW_LABELS]; /* of a token; that of label 0 counts as 0 whatever it is */

/* Ready for decoding. */
typedef struct {
    qw_scores_t from[QW_LABELS], to[QW_LABELS]; /* [previous][label], and [label][previous] */
} qw_transitions_t;

/* Scratch memory; zero it to begin with. */
typedef struct {
    qw_scores_t *best;
    size_t capacity;
} qw_viterbi_t;

void qw_viterbi_free (qw_viterbi_t *self);

/* Prepares transitions for decoding: within limits, and far below them where a label may not follow. */
void qw_viterbi_transitions (const int16_t model[QW_LABELS][QW_LABELS], qw_transitions_t *ready);

/* Writes `count` labels of tokens before which stands label 0, at the start of a sentence or inside, and behind which stands
 * label 0 or, when they are `last` in their sentence, nothing. Ties go to the smaller label. `plain`: the loop that anybody can
 * check, label by label. */
void qw_viterbi_decode (qw_viterbi_t *self, const qw_transitions_t *transitions, const qw_scores_t *scores, size_t count, bool last,
                        uint8_t *labels, bool plain);

#endif
