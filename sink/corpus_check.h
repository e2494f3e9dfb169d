/*  corpus_check.h - every record of a corpus looked at: checksums, structure, layers, the index against the segments,
 * ids. */
#ifndef QW_CORPUS_CHECK_H
#define QW_CORPUS_CHECK_H

#include "proto/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint64_t segments, records, bytes;
    uint64_t damages;    /* told one by one */
    uint64_t repairable; /* of them: indexes, torn tails */
} qw_check_result_t;

/* Told for each damage: a line that names segment, position and byte. */
typedef void qw_check_tell_t (void *context, const char *line);

/* QW_OK when everything could be looked at, whatever was found. A sink may be writing: its unfinished tail is no
 * damage. With `clear_indexes`, indexes that do not match their segments are removed, so that the next opening writes
 * them anew; nobody else may be writing then. */
qw_status_t qw_corpus_check (const char *directory, bool clear_indexes, qw_check_tell_t *tell, void *context,
                             qw_check_result_t *result, qw_reason_t *reason);

#endif
