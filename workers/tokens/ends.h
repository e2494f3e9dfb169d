/*  ends.h - decides at which of the possible places sentences end: by the model, or by rules where there is none. */
#ifndef QW_TOKENS_ENDS_H
#define QW_TOKENS_ENDS_H

#include "workers/tokens/model.h"
#include "workers/tokens/scan.h"

/* Adds the sentences of one paragraph, whose tokens are [first, layers->token_count), to the layers. `model` may be NULL;
 * `alone`: the text has no other paragraph. */
void qw_tokens_end_sentences (const qw_gap_model_t *model, bool alone, const char *text, uint32_t first,
                              const qw_ends_t *ends, qw_layers_t *layers);

#endif
