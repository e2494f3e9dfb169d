/*  rows.h - adds up the model's rows of features. A row is a cache line that is hardly ever near: the rows of many features are
    asked for first, and added later. */
#ifndef QW_ENTITIES_ROWS_H
#define QW_ENTITIES_ROWS_H

#include "workers/entities/model.h"

typedef int16_t qw_sums_t[QW_LABELS]; /* lane 0 gathers what means nothing */

enum { QW_MAX_ASKED = 64 };

/* Rows on their way from memory. */
typedef struct {
    const int8_t *buckets[QW_MAX_ASKED];
    uint8_t prints[QW_MAX_ASKED];
    size_t count;
} qw_asked_t;

/* Asks for the rows of at most QW_MAX_ASKED features. */
void qw_rows_ask (const qw_model_t *model, qw_asked_t *asked, const uint64_t *features, size_t count);
void qw_rows_add (const qw_asked_t *asked, qw_sums_t sums);

/* The same, in one step, in the plainest of ways. */
void qw_rows_add_plainly (const qw_model_t *model, const uint64_t *features, size_t count, qw_sums_t sums);

static inline void qw_sums_add (int16_t *sums, const int16_t *others)
{
    typedef int16_t half_t __attribute__ ((vector_size (16)));
    half_t mine[2], theirs[2];
    memcpy (mine, sums, sizeof mine);
    memcpy (theirs, others, sizeof theirs);
    mine[0] += theirs[0];
    mine[1] += theirs[1];
    memcpy (sums, mine, sizeof mine);
}

#endif
