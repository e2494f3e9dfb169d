/*  learner.h - learns the weights of the entity tagger: a linear-chain conditional random field over hashed features.

    Per-coordinate FTRL-proximal steps (McMahan and others, 2013) keep most weights at nothing. A token's mask may allow
    several labels, where a source does not tell them apart: the likelihood is then that of all allowed sequences. Sources
    other than the target get a second copy of each word's own features, which learns their habits and is left out of the
    model (Daumé, 2007). The second pass learns on top of first-pass scores from models that have not seen the document.
    One thread, one seed: the same input gives the same weights. */
#ifndef QW_ENTITIES_LEARNER_H
#define QW_ENTITIES_LEARNER_H

#include "workers/entities/labelled.h"
#include "workers/entities/model.h"

typedef struct {
    int epochs, second_epochs, folds;
    int min_count; /* features seen less often are left out */
    int turns;     /* times that everything is learnt, in different orders; the mean is kept */
    double rate, l1, l2;
    double forget;  /* share of the tokens whose own letters are hidden in a step, so that context is learnt too */
    uint64_t seed;
    bool verbose;
} qw_learner_options_t;

typedef struct qw_learner_t qw_learner_t;

/* `lexicon`: a view of which only the lexicon is used. */
qw_learner_t *qw_learner_new (const qw_labelled_t *corpus, const qw_model_t *lexicon, const qw_learner_options_t *options);
void qw_learner_destroy (qw_learner_t **self_p);

void qw_learner_run (qw_learner_t *self);

/* Visits every feature with weights: the hash and QW_LABELS weights. */
typedef void qw_learner_visit_fn (void *context, uint64_t feature, const float *weights);
void qw_learner_visit (const qw_learner_t *self, qw_learner_visit_fn *visit, void *context);

/* 2 when the second pass has learnt something. */
uint32_t qw_learner_passes (const qw_learner_t *self);

void qw_learner_transitions (const qw_learner_t *self, int pass, float weights[QW_LABELS][QW_LABELS]);

#endif
