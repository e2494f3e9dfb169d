/*  mentions.h - from labels of tokens to mentions with their final types. */
#ifndef QW_ENTITIES_MENTIONS_H
#define QW_ENTITIES_MENTIONS_H

#include "workers/entities/words.h"

/* Adds the mentions that the labels make up to `layers`. Dates and amounts get their type from their words; so do events
 * among the names of other things. */
void qw_mentions_of_labels (const char *text, qw_layers_t *layers, const qw_word_t *words, const uint8_t *labels);

#endif
