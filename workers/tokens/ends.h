/*  ends.h - decides at which of the possible places sentences end: by the model, or by rules where there is none. */
#ifndef QW_TOKENS_ENDS_H
#define QW_TOKENS_ENDS_H

#include "workers/tokens/gaps.h"

/* Adds the sentences of one paragraph, whose tokens are [first, layers->token_count), to the layers. `model` may be NULL. */
void qw_tokens_end_sentences (const qw_gap_model_t *model, const char *text, uint32_t first, const qw_ends_t *ends,
                              qw_layers_t *layers);

#endif
