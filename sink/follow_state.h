/*  follow_state.h - a reader's position in a file: decimal digits and a line end. */
#ifndef QW_FOLLOW_STATE_H
#define QW_FOLLOW_STATE_H

#include <stdint.h>

#include "proto/status.h"

/* QW_NOT_FOUND: there is no such file yet, and *position stays as it is. QW_INVALID: it does not hold a position. */
qw_status_t qw_follow_state_load (const char *path, uint64_t *position, qw_reason_t *reason);

/* On disk when it returns: either the old position or the new one is there after any crash. */
qw_status_t qw_follow_state_store (const char *path, uint64_t position, qw_reason_t *reason);

#endif
