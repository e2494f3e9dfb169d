/*  scheduler.h - who gets which chunk, and what happens when somebody does not answer. Pure: events and the time in,
    actions out; no socket, no clock, no allocation that a peer could make grow.

    A *piece* is one chunk of one document for one group of layers: what one worker does at a time. Several small pieces
    travel as one *task*. A piece goes QUEUED -> OUT (leased to a worker) -> DONE (says the worker) -> RECEIVED (says the
    sink), and back to QUEUED whenever that does not happen in time; a document is released when the sink says that it is
    committed (I2). Everything is bounded by the window (documents and bytes open) and by the workers' credit (I4).

    A *session* is one life of this ventilator with one life of the sink. It begins with HELLO and WELCOME, and everything
   not yet released is announced again in it, in order. Whatever goes wrong between the two (a crash, a lost or repeated
    message, silence) ends the session and begins the next: there is one way to recover, and it is used at every start (I5).

    Blame: when a worker dies, only the task at the head of its queue can be the cause. If that task has several pieces
    they are queued again, each to travel alone; a piece that was alone gets a strike, and with too many strikes it is
    given up (I6). Tasks behind the head are queued again without blame.
 */
#ifndef QW_SCHEDULER_H
#define QW_SCHEDULER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct qw_scheduler_t qw_scheduler_t;

enum { QW_MAX_GROUPS = 8, QW_MAX_TASK_PIECES = 64, QW_MAX_ANNOUNCED = 64, QW_MAX_CREDIT = 64 };

typedef struct {
    size_t window_documents; /* documents open at most */
    size_t window_bytes;     /* bytes of text open at most; one document may exceed it */
    size_t task_bytes;       /* small pieces share a task up to this many bytes */
    size_t announce_bytes;   /* documents share an ANNOUNCE up to this many bytes */
    uint64_t lease_ms;       /* a worker silent for so long has lost its tasks; a task not renewed for so long likewise */
    uint64_t deliver_ms;     /* DONE must become RECEIVED within this time */
    uint64_t straggler_ms;   /* with nothing queued, a task out for longer than this goes to a second worker too */
    uint64_t hello_ms;       /* WELCOME must come within this time */
    unsigned strikes;        /* deaths of a worker over the same piece alone before it is given up */
    uint32_t groups[QW_MAX_GROUPS]; /* layer masks; disjoint; together the layers wanted */
    size_t group_count;
} qw_scheduler_options_t;

qw_scheduler_t *qw_scheduler_new (const qw_scheduler_options_t *options);

/* Payloads of documents that are still open are handed to `release` (may be NULL). */
void qw_scheduler_destroy (qw_scheduler_t **self_p, void (*release) (void *payload));

/* ---- events: the source ------------------------------------------------------------------------------------------ */

/* True when the window has room for another document. */
bool qw_scheduler_has_room (const qw_scheduler_t *self);

/* The next document of the source; its sequence is the one after the last one's (the first is 0). `chunk_sizes` in bytes;
 * chunk_count 0: nothing to annotate (it could not be read). The payload is the caller's until QW_DO_RELEASE. */
void qw_scheduler_offer (qw_scheduler_t *self, const size_t *chunk_sizes, size_t chunk_count, void *payload, uint64_t now);

/* The source has no more. */
void qw_scheduler_source_ended (qw_scheduler_t *self);

/* ---- events: the sink -------------------------------------------------------------------------------------------- */

/* WELCOME. Ignored unless QW_DO_HELLO was the last thing said to the sink. The windows are the sink's; 0: none. */
void qw_scheduler_sink_welcome (qw_scheduler_t *self, uint64_t session, size_t window_documents, size_t window_bytes,
                                uint64_t now);

/* The sink's connection broke, it is silent, or it sent an ERROR: begin again with it. */
void qw_scheduler_sink_lost (qw_scheduler_t *self, uint64_t now);

/* PROGRESS. Lists are flat: received, refused: (sequence, chunk, layer mask)*; committed: (sequence, outcome, position)*.
 * A number below the expected one is a repetition and is ignored; one above means that something was lost: new session. */
typedef struct {
    uint64_t session, number;
    const uint64_t *accepted, *received, *refused, *committed;
    size_t accepted_count, received_count, refused_count, committed_count; /* of numbers, not of triples */
} qw_sink_progress_t;

void qw_scheduler_progress (qw_scheduler_t *self, const qw_sink_progress_t *progress, uint64_t now);

/* The sink's HEARTBEAT: `last` is the number of its last PROGRESS. */
void qw_scheduler_sink_heartbeat (qw_scheduler_t *self, uint64_t session, uint64_t last, uint64_t now);

/* ---- events: workers --------------------------------------------------------------------------------------------- */

/* A worker is known by a number that the caller gives to each connection. Events of unknown workers are ignored. */
void qw_scheduler_worker_hello (qw_scheduler_t *self, uint64_t worker, uint32_t layer_mask, size_t credit, uint64_t now);

/* HEARTBEAT, with the tasks that it holds, the first being the one it works on. */
void qw_scheduler_worker_heartbeat (qw_scheduler_t *self, uint64_t worker, const uint64_t *held, size_t held_count,
                                    size_t credit, uint64_t now);

/* The TASK could not even be handed to the worker's connection: its pieces are queued again, and none of them is to blame
 * for whatever became of the worker. To be followed by qw_scheduler_worker_lost. */
void qw_scheduler_task_unsent (qw_scheduler_t *self, uint64_t worker, uint64_t task);

/* False: it holds no such task (any more). */
bool qw_scheduler_worker_done (qw_scheduler_t *self, uint64_t worker, uint64_t task, uint64_t now);

/* It is gone. `blame`: it died or hung, so the head of its queue is suspect; otherwise it left in good order. */
void qw_scheduler_worker_lost (qw_scheduler_t *self, uint64_t worker, bool blame, uint64_t now);

bool qw_scheduler_knows_worker (const qw_scheduler_t *self, uint64_t worker);

/* Leases and time limits; call it a few times a second, and qw_scheduler_next behind it, which sees to stragglers. When it
 * was not called for half a lease, this process itself was asleep (stopped, or the machine suspended): leases are then
 * longer by that time, since nobody could be heard. */
void qw_scheduler_tick (qw_scheduler_t *self, uint64_t now);

/* ---- actions ----------------------------------------------------------------------------------------------------- */

typedef enum {
    QW_DO_HELLO,    /* a fresh socket to the sink, and HELLO on it */
    QW_DO_ANNOUNCE, /* ANNOUNCE the documents `payloads`, sequences from `sequence` on, with `session` and `number` */
    QW_DO_GIVE_UP,  /* GIVE_UP piece (sequence, chunk, layer_mask) with `session` and `number` */
    QW_DO_TASK,     /* TASK `task` with `pieces` for `layer_mask` to `worker` */
    QW_DO_EXPEL,    /* `worker` is no longer known: tell it, if it listens, and forget it */
    QW_DO_RELEASE   /* the document is finished: `sequence`, `outcome`, `position`, payloads[0] to free */
} qw_do_t;

typedef struct {
    void *payload;
    uint64_t sequence;
    uint32_t chunk;
} qw_piece_t;

typedef struct {
    qw_do_t what;
    uint64_t session, number;
    uint64_t worker, task;
    uint64_t sequence, outcome, position;
    uint32_t chunk, layer_mask;
    unsigned strikes;
    void *payloads[QW_MAX_ANNOUNCED];
    size_t payload_count;
    qw_piece_t pieces[QW_MAX_TASK_PIECES];
    size_t piece_count;
} qw_action_t;

/* The next thing to do; false: nothing more for now. Call until false after every event. */
bool qw_scheduler_next (qw_scheduler_t *self, qw_action_t *action, uint64_t now);

/* ---- looking at it ----------------------------------------------------------------------------------------------- */

/* The source has ended and every document is released. */
bool qw_scheduler_finished (const qw_scheduler_t *self);

/* A piece waits whose layers no present worker makes; its layer mask, or 0. */
uint32_t qw_scheduler_unserved (const qw_scheduler_t *self);

typedef struct {
    uint64_t offered, released, annotated, failed, known, known_failed; /* documents */
    uint64_t open_documents, open_bytes, queued_pieces, tasks_out;
    uint64_t redelivered, struck, given_up, sessions; /* pieces; pieces; pieces; sessions begun */
} qw_scheduler_stats_t;

void qw_scheduler_stats (const qw_scheduler_t *self, qw_scheduler_stats_t *stats);

typedef struct {
    uint64_t worker, chunks, bytes, seen_ms, strikes; /* chunks and bytes done; ms since its last message */
    size_t tasks_out;
} qw_worker_stats_t;

/* Fills at most `room` items, returns how many workers there are. */
size_t qw_scheduler_workers (const qw_scheduler_t *self, qw_worker_stats_t *workers, size_t room, uint64_t now);

#endif
