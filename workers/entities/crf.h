/*  crf.h - forward-backward over one sentence, in floats; for training only. */
#ifndef QW_ENTITIES_CRF_H
#define QW_ENTITIES_CRF_H

#include "workers/entities/model.h"

typedef struct {
    float (*alpha)[QW_LABELS], (*beta)[QW_LABELS], (*potentials)[QW_LABELS];
    float (*gradient)[QW_LABELS];            /* what to take away from the scores of each token */
    float edges[QW_LABELS][QW_LABELS];       /* the same for the transitions */
    float *scale;
    size_t capacity;
} qw_crf_t;

void qw_crf_free (qw_crf_t *self);

/* Fills gradient and edges for a sentence; `masks` say which labels are allowed. */
void qw_crf_gradient (qw_crf_t *self, const float transitions[QW_LABELS][QW_LABELS], const float (*scores)[QW_LABELS],
                      const uint16_t *masks, size_t count);

#endif
