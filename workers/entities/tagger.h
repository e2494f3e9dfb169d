/*  tagger.h - labels for the tokens of a text, with the model and nothing else. Integer arithmetic only: the same labels on
    every machine. Only tokens in a run (runs.h) have a label but 0. A model may want a second pass, which knows what the first
    said of the same words elsewhere in the text. */
#ifndef QW_ENTITIES_TAGGER_H
#define QW_ENTITIES_TAGGER_H

#include "workers/entities/context.h"

typedef struct qw_tagger_t qw_tagger_t;

qw_tagger_t *qw_tagger_new (const qw_model_t *model);
void qw_tagger_destroy (qw_tagger_t **self_p);

/* Labels every token; sentences as in qw_layers_t. The labels stay until the next call. With `plain` the shortcuts are left
 * out which make it fast and may never change a label: tests compare the two. */
const uint8_t *qw_tagger_label (qw_tagger_t *self, const char *text, const qw_layers_t *layers, bool plain);

/* The words as qw_tagger_label saw them, a word a token. */
const qw_word_t *qw_tagger_words (const qw_tagger_t *self);

#endif
