/*  consistency.h - a word that is a name in most places of a text is one in its other places: "the Commission" found twice and
    left out once. Nothing is allocated in the steady state. */
#ifndef QW_ENTITIES_CONSISTENCY_H
#define QW_ENTITIES_CONSISTENCY_H

#include "workers/entities/words.h"

typedef struct qw_consistency_t qw_consistency_t;

qw_consistency_t *qw_consistency_new (void);
void qw_consistency_destroy (qw_consistency_t **self_p);

/* The labels with the names added that were left out; valid until the next call. Words and labels are those of the tokens. */
const uint8_t *qw_consistency_label (qw_consistency_t *self, const qw_layers_t *layers, const qw_word_t *words,
                                     const uint8_t *labels);

#endif
