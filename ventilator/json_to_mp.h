/*  json_to_mp.h - values of jansson as MessagePack. */
#ifndef QW_JSON_TO_MP_H
#define QW_JSON_TO_MP_H

#include <jansson.h>

#include "proto/mp.h"

/* Appends the value, its keys in the order in which they were read. `depth` is how many levels of arrays and objects it
 * may have. QW_INVALID when it has more, or a map has more keys than qw_mp_scan allows; `out` holds a torn value then. */
qw_status_t qw_put_json (qw_out_t *out, const json_t *value, int depth, qw_reason_t *reason);

#endif
