/*  nesting.h - spans that overlap anyhow, as elements that nest: what XML cannot have is cut into pieces.

    A span that runs over the border of a block (a paragraph), or over the end of another span within which it begins, is cut
    there. Whoever reads puts the pieces together again by the order of their numbers.
 */
#ifndef QW_EXPORT_NESTING_H
#define QW_EXPORT_NESTING_H

#include "proto/layers.h"

enum { QW_NESTING_DEPTH = 32 /* elements within each other, at most: spans that would be deeper are left out */ };

typedef struct {
    uint32_t at;    /* byte of the text */
    uint32_t span;
    uint32_t piece; /* which piece of the span, from 0 */
    bool opens;
} qw_nesting_event_t;

/* Zero it to begin with; it keeps its memory. */
typedef struct {
    qw_nesting_event_t *events; /* in the order of the text, as tags are to stand */
    size_t event_count, event_capacity;
    uint32_t *pieces; /* of each span; 0: left out, because it is in no block, or too deep */
    size_t piece_capacity;
    uint32_t *order;
    size_t order_capacity;
} qw_nesting_t;

/* Cuts `spans` (not empty, any order; those given first enclose later ones of the same size) at the borders of `blocks` (in
 * order, not overlapping). The first `outer_count` of them never stand within the others, which are cut instead. */
void qw_nesting_cut (qw_nesting_t *self, const qw_span_t *spans, size_t outer_count, size_t span_count,
                     const qw_span_t *blocks, size_t block_count);
void qw_nesting_free (qw_nesting_t *self);

#endif
