/*  ends.h - decides at which of the possible places sentences end. */
#ifndef QW_TOKENS_ENDS_H
#define QW_TOKENS_ENDS_H

#include "workers/tokens/scan.h"

/* Adds the sentences of one paragraph, whose tokens are [first, layers->token_count), to the layers. */
void qw_tokens_end_sentences (const char *text, uint32_t first, const qw_ends_t *ends, qw_layers_t *layers);

#endif
