/*  follow_client.h - the reading side of follow.h: records from a position on, over any restart of the sink.

    One thread, no callbacks: call qw_follow_client_next again and again. It connects, grants credit, sends heartbeats,
    and begins on a fresh socket at its own position when the sink is silent, says BYE, or sends what is not next. Call
    it at least once in a few heartbeats, or the sink forgets the client (which then begins anew, and loses nothing).
 */
#ifndef QW_FOLLOW_CLIENT_H
#define QW_FOLLOW_CLIENT_H

#include "proto/keys.h"
#include "proto/mp.h"

typedef struct {
    const char *endpoint;
    const qw_key_t *key; /* with which it comes in by tcp; copied; NULL: none */
    const char *name;  /* for the sink's log */
    uint64_t position; /* the first record wanted */
    size_t credit;     /* bytes under way at most; 0: 4 MiB */
} qw_follow_client_options_t;

/* Whole records, one behind the other, checked; they hold until the next call. */
typedef struct {
    uint64_t position; /* of the first */
    size_t count;
    qw_bytes_t records;
} qw_batch_t;

typedef struct qw_follow_client_t qw_follow_client_t;

/* NULL with a reason when the endpoint is none. That nobody answers there is no error: it waits. */
qw_follow_client_t *qw_follow_client_new (const qw_follow_client_options_t *options, qw_reason_t *reason);
void qw_follow_client_destroy (qw_follow_client_t **self_p);

/* Waits for records for at most `timeout_ms`. QW_AGAIN: none came, or a signal did. Anything else is final:
 * QW_UNSUPPORTED: no common version; QW_INVALID: the sink refuses the position (it is beyond the corpus); QW_DAMAGED:
 * the sink cannot read the record, or sends what cannot be read five times in a row; QW_NOT_FOUND: the key is refused. */
qw_status_t qw_follow_client_next (qw_follow_client_t *self, int timeout_ms, qw_batch_t *batch, qw_reason_t *reason);

/* The next position wanted: everything before it was handed out. */
uint64_t qw_follow_client_position (const qw_follow_client_t *self);

/* Durable documents, as the sink last said; false as long as it has said nothing. */
bool qw_follow_client_documents (const qw_follow_client_t *self, uint64_t *documents);

#endif
