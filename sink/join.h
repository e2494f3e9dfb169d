/*  join.h - brings the results of a document's chunks together and lets documents out in the order of the source. Pure:
   events in, what to do out; it sees no bytes of text, only handles.

    It holds what was announced in this session and is not committed: at most a window of documents (I4). A document is
   complete when every chunk has every wanted layer, or a reason why not. Complete documents leave in the order of their
   sequence (I8): staged for the next commit, then on their way to the disk, then committed. Only then does a PROGRESS say so
   (I1).
 */
#ifndef QW_JOIN_H
#define QW_JOIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/mp.h"

typedef struct qw_join_t qw_join_t;

enum { QW_MAX_LAYERS = 16 };

typedef struct {
    size_t window_documents, window_bytes;  /* beyond them an ANNOUNCE is refused */
    void (*free_document) (void *document); /* a handle is no longer needed */
    void (*free_result) (void *result);
} qw_join_options_t;

qw_join_t *qw_join_new (const qw_join_options_t *options);
void qw_join_destroy (qw_join_t **self_p);

/* ---- events ------------------------------------------------------------------------------------------------------ */

/* A ventilator said HELLO: what was open is forgotten, numbers begin again at 1, every chunk needs the layers of
 * `layer_mask`. */
void qw_join_begin (qw_join_t *self, uint64_t session, uint32_t layer_mask);

uint64_t qw_join_session (const qw_join_t *self); /* 0: none yet */

/* A message of the ventilator with this number arrived. QW_OK: handle it; QW_EXISTS: a repetition, drop it; QW_INVALID: one
 * before it was lost, QW_NOT_FOUND: its session is over; the next session is to begin. */
qw_status_t qw_join_number (qw_join_t *self, uint64_t session, uint64_t number, qw_reason_t *reason);

/* The ventilator's HEARTBEAT said that `last` was its last number: QW_INVALID when we lack it, QW_NOT_FOUND as above. */
qw_status_t qw_join_last (qw_join_t *self, uint64_t session, uint64_t last, qw_reason_t *reason);

/* One announced document. `known`: it is in the corpus already (`outcome`, `position`) and will be told as committed at
 * once; otherwise it is open from now on and `document` is the join's. QW_INVALID: the sequence is not above the last one
 * (between them may be gaps: what a session before this one released); QW_TOO_LARGE: beyond the window. Then the document
 * stays the caller's. chunk_count 0: complete at once. */
qw_status_t qw_join_announce (qw_join_t *self, uint64_t sequence, size_t bytes, uint32_t chunk_count, void *document,
                              qw_reason_t *reason);
qw_status_t qw_join_announce_known (qw_join_t *self, uint64_t sequence, uint64_t outcome, uint64_t position,
                                    qw_reason_t *reason);

/* The document handle that a result belongs to, for checking the result before it is given; NULL: not open (any more). */
void *qw_join_document (const qw_join_t *self, uint64_t session, uint64_t sequence, uint32_t chunk);

/* A checked result of one chunk, for one layer (a number below QW_MAX_LAYERS). True: it is the first and is kept (I3);
 * false: not wanted (any more), it stays the caller's. The piece counts as received for the next PROGRESS either way. */
bool qw_join_result (qw_join_t *self, uint64_t session, uint64_t sequence, uint32_t chunk, unsigned layer, void *result);

/* A result that was not right: told in the next PROGRESS, so that the ventilator sends the chunk to somebody else. */
void qw_join_refuse (qw_join_t *self, uint64_t session, uint64_t sequence, uint32_t chunk, uint32_t layer_mask);

/* There will be no result for these layers of the chunk. `reason` is copied. The first word on a layer counts. As with a
 * result, the piece counts as received. */
void qw_join_give_up (qw_join_t *self, uint64_t session, uint64_t sequence, uint32_t chunk, uint32_t layer_mask,
                      qw_bytes_t reason);

/* ---- what comes out ---------------------------------------------------------------------------------------------- */

/* One chunk of a complete document: results[layer] or NULL, and reasons[layer] for those that were given up. */
typedef struct {
    void *results[QW_MAX_LAYERS];
    char *reasons[QW_MAX_LAYERS]; /* NUL-terminated, or NULL */
} qw_joined_chunk_t;

typedef struct {
    uint64_t sequence;
    void *document;
    uint32_t chunk_count;
    const qw_joined_chunk_t *chunks;
} qw_joined_t;

/* The next complete document in order, if it is its turn. The caller appends it to the corpus and calls qw_join_staged
 * before asking again; `joined` lives until then. */
bool qw_join_ready (qw_join_t *self, qw_joined_t *joined);

/* It was appended at `position` with this outcome, or was found to be known after all. Its memory is freed. */
void qw_join_staged (qw_join_t *self, uint64_t outcome, uint64_t position);

/* Staged documents that are not on their way to the disk. */
size_t qw_join_staged_count (const qw_join_t *self);

/* A commit begins: everything staged is on its way to the disk. What is staged from now on belongs to the next one. */
void qw_join_committing (qw_join_t *self);

/* Everything that was on its way is on the disk. */
void qw_join_committed (qw_join_t *self);

/* What to tell the ventilator; the lists live until the next event. False: there is nothing to tell. Calling it takes them,
 * with the next number. */
typedef struct {
    uint64_t session, number;
    qw_uints_t accepted, received, refused, committed;
} qw_join_progress_t;

bool qw_join_progress (qw_join_t *self, qw_join_progress_t *progress);

/* Whether there is anything to tell; and anything that is waited for: for receipts of results alone nobody does, so they
 * may go together with what comes soon. */
bool qw_join_has_progress (const qw_join_t *self);
bool qw_join_has_urgent_progress (const qw_join_t *self);

/* The number of the last PROGRESS, for heartbeats. */
uint64_t qw_join_last_progress (const qw_join_t *self);

/* Documents and bytes open. */
size_t qw_join_open_documents (const qw_join_t *self);
size_t qw_join_open_bytes (const qw_join_t *self);

#endif
