/*  follow.h - serves readers: the corpus as a stream, from any position, history and live documents alike.

    An actor (a thread of its own with its own ROUTER socket) that reads the corpus's files by their index, so that
    readers, however many and however slow or dead, never hold up the sink's commits. A reader gets bytes only against
    its credit, and one that takes none costs its state and nothing else (I4).

    A reader says HELLO and gets WELCOME with the number of durable documents. FOLLOW {position, credit} then says three
    things at once: everything before `position` has arrived; send from there on; and at most `credit` bytes of records,
    counted from there. The last FOLLOW counts, so credit is never added up. A position from the last FOLLOW's up to what
    was sent since goes on with the stream; any other one sets it anew. A record larger than the credit is sent when
    nothing else is under way; credit 0 holds the stream. DOCUMENTS come in order and without gaps: whole records of at
    most 1 MiB together, or one larger record.
 */
#ifndef QW_FOLLOW_H
#define QW_FOLLOW_H

#include <czmq.h>

#include "proto/gate.h"
#include "proto/metrics.h"

typedef struct {
    const char *directory; /* the corpus */
    const char *endpoint;  /* to bind: ipc://... or tcp://..., or several with commas between them */
    unsigned heartbeat_ms; /* a reader silent for 10 of these is forgotten */
    size_t max_readers;    /* further ones are refused: 1024 */
    qw_metrics_t *metrics; /* counts into these; may be NULL */
    qw_gate_t *gate;       /* who may read by tcp; NULL: no keys */
    bool insecure;         /* then tcp endpoints are open to everybody */
} qw_follow_options_t;

/* Starts the actor; NULL with a reason when the endpoint cannot be bound. The sink sends it the string "MORE" after
 * each commit (drop it when the pipe is full: the actor looks again by itself within a heartbeat). Stopped by
 * zactor_destroy. Asked with the string "READERS" it answers with their number as a string, asked with "ENDPOINT" with
 * the one it is bound to. */
zactor_t *qw_follow_new (const qw_follow_options_t *options, qw_reason_t *reason);

#endif
