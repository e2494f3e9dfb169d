/*  viterbi.h - the best sequence of labels under scores of tokens and transitions. */
#ifndef QW_ENTITIES_VITERBI_H
#define QW_ENTITIES_VITERBI_H

#include "workers/entities/model.h"

/* Scratch memory; zero it to begin with. */
typedef struct {
    uint8_t (*back)[QW_LABELS];
    size_t capacity;
} qw_viterbi_t;

void qw_viterbi_free (qw_viterbi_t *self);

/* Writes `count` labels. Ties go to the smaller label. The score of label 0 counts as 0. `plain`: without shortcuts. */
void qw_viterbi_decode (qw_viterbi_t *self, const int16_t transitions[QW_LABELS][QW_LABELS],
                        const int16_t (*scores)[QW_LABELS], size_t count, uint8_t *labels, bool plain);

#endif
