/*  wanted.h - which layers a run wants, and which of them one worker makes in one go. */
#ifndef QW_WANTED_H
#define QW_WANTED_H

#include "proto/mp.h"
#include "proto/status.h"
#include "ventilator/scheduler.h"

enum { QW_MAX_WANTED = 16 /* layers */ };

/* Layer i is bit i of the masks. */
typedef struct {
    qw_bytes_t layers[QW_MAX_WANTED]; /* names, within the text that was read */
    size_t layer_count;
    uint32_t groups[QW_MAX_GROUPS]; /* layer masks; disjoint; together all layers */
    size_t group_count;
} qw_wanted_t;

/* Reads "tokens+entities,quotes": '+' between layers of one group, ',' between groups. `text` must stay. QW_INVALID with a reason:
 * it names no layer, one twice, or too many. */
qw_status_t qw_wanted_read (qw_wanted_t *self, const char *text, qw_reason_t *reason);

#endif
