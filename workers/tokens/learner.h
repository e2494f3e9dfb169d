/*  learner.h - learns the weights of models/tokens.model from gaps whose answer is known. Used by the trainer only.

    The linear features and the network are learnt together, by steps against the gradient of the logarithmic loss: AdaGrad
    (Duchi, Hazan and Singer, 2011) for what a gap touches little of, Adam (Kingma and Ba, 2015) for the dense weights; then
    averaged over the second half of the steps and rounded. Additions, multiplications, divisions and square roots only, in
    one order: IEEE arithmetic gives the same bytes everywhere. The glances are an averaged perceptron in whole numbers. */
#ifndef QW_TOKENS_LEARNER_H
#define QW_TOKENS_LEARNER_H

#include "workers/tokens/features.h"

typedef struct {
    uint32_t rows[QW_GAP_LINEAR_FEATURES], glance[QW_GAP_GLANCE_FEATURES];
    qw_gap_sight_t sight;
    bool ends;
    bool running; /* from plain news: counts for the glances only */
    uint8_t kind; /* qw_end_kind_t */
} qw_gap_example_t;

/* Fills all of the model's weights and what is told by them; `marked` and `unmarked` are set before. Changes the order of
 * the examples. */
void qw_gap_learn (qw_gap_model_t *model, qw_gap_example_t *examples, size_t count, int epochs);

#endif
