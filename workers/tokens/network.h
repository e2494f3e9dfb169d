/*  network.h - asks the networks whether a sentence ends at a gap. One hidden layer each, over the vectors of the tokens around
    the gap and its contexts; rectified linear units (Nair and Hinton, 2010). Whole numbers only. */
#ifndef QW_TOKENS_NETWORK_H
#define QW_TOKENS_NETWORK_H

#include "workers/tokens/features.h"

/* The sum of the linear features, bias included, in the model's unit. */
int32_t qw_gap_linear_sum (const qw_gap_model_t *model, const uint32_t rows[QW_GAP_LINEAR_FEATURES]);

/* What the networks add to it. */
int32_t qw_gap_network_sum (const qw_gap_model_t *model, const qw_gap_sight_t *sight);

#endif
