/*  glances.h - learns the glances, and how far they can be trusted alone. Used by the trainer only. */
#ifndef QW_TOKENS_GLANCES_H
#define QW_TOKENS_GLANCES_H

#include "workers/tokens/learner.h"

/* Fills the model's glances and the sums up to or above which nothing deeper is asked. All other weights stand. */
void qw_gap_learn_glances (qw_gap_model_t *model, const qw_gap_example_t *examples, size_t count, int epochs);

#endif
