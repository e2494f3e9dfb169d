/*  rows.h - the inner loops behind the quotes' models. */
#ifndef QW_QUOTES_ROWS_H
#define QW_QUOTES_ROWS_H

#include "workers/quotes/model.h"

/* features[i] = qw_mix (kind + i, pairs[i][0], pairs[i][1]). Inlined with the pairs it shares what they have in common. */
static inline __attribute__ ((always_inline)) void qw_mix_pairs (uint32_t *restrict features, uint32_t kind,
                                                                 const uint32_t (*restrict pairs)[2], size_t count)
{
#pragma GCC unroll 40
    for (size_t i = 0; i < count; i++)
        features[i] = qw_mix_in (kind * QW_MIX_KIND + (uint32_t) i * QW_MIX_KIND, pairs[i][0], pairs[i][1]);
}

/* The tag with the largest sum over the rows of these features; of equal ones the first. */
uint8_t qw_best_tag (const qw_quotes_model_t *model, const uint32_t *features, size_t count);

#endif
