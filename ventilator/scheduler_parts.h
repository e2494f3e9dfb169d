/*  scheduler_parts.h - the scheduler's state, shared by scheduler.c (events) and dispatch.c (actions). Nobody else includes it. */
#ifndef QW_SCHEDULER_PARTS_H
#define QW_SCHEDULER_PARTS_H

#include "ventilator/scheduler.h"

typedef enum {
    PIECE_IDLE = 0, /* its document is not accepted in this session yet */
    PIECE_QUEUED,
    PIECE_OUT,
    PIECE_DONE,
    PIECE_RECEIVED,
    PIECE_GIVEN_UP
} piece_state_t;

typedef struct document_t document_t;

typedef struct piece_t {
    document_t *document;
    struct piece_t *previous, *next; /* in its group's queue, while QUEUED */
    uint64_t since;                  /* OUT: first sent; DONE: done, or when its worker was lost */
    uint64_t worker;                 /* DONE: who said so; 0 once that worker is lost */
    size_t bytes;
    uint32_t chunk, group;
    uint32_t have; /* layers of the group that the sink has */
    piece_state_t state;
    uint8_t strikes;
    uint8_t copies; /* tasks that it is in */
    bool alone;     /* a suspect: travels in a task of its own */
    bool told;      /* GIVEN_UP, and the sink was told in this session */
} piece_t;

struct document_t {
    uint64_t sequence, outcome, position;
    void *payload;
    document_t *next_released;
    size_t bytes;
    uint32_t chunk_count;
    bool announced, accepted; /* in this session */
    piece_t pieces[];         /* chunk by chunk, the groups of each */
};

typedef struct {
    uint64_t id, sent, lease, session;
    uint32_t group;
    size_t piece_count;
    struct {
        uint64_t sequence;
        size_t bytes;
        uint32_t chunk;
    } pieces[QW_MAX_TASK_PIECES]; /* by name, since a document may be released while a second copy is out */
} task_t;

typedef struct {
    uint64_t id, chunks, bytes, lapsed;
    uint64_t seen, beat; /* last message; last one that told what it holds */
    uint32_t layer_mask;
    size_t credit, task_count;
    task_t tasks[QW_MAX_CREDIT]; /* in the order sent: the first is the one that the worker is at */
} worker_t;

typedef struct {
    piece_t *first, *last;
    size_t count, bytes;
} queue_t;

struct qw_scheduler_t {
    qw_scheduler_options_t options;
    qw_scheduler_stats_t stats;
    bool source_ended;

    document_t **ring; /* documents [base, next_sequence), at sequence % ring_size; NULL: released */
    size_t ring_size;
    uint64_t base, next_sequence;
    document_t *released, *last_released; /* released, and the caller not told yet */
    queue_t queues[QW_MAX_GROUPS];

    enum { SINK_TO_GREET = 0, SINK_GREETED, SINK_UP } sink;
    uint64_t session, sink_since;
    uint64_t sent, seen; /* numbers of the last message to and from the sink */
    uint64_t announce_next;
    size_t announced_documents, announced_bytes, sink_documents, sink_bytes;
    size_t coming_bytes; /* of documents that the sink has not accepted */
    size_t untold; /* pieces given up, of accepted documents, that the sink does not know of */

    worker_t **workers;
    size_t worker_count, worker_room, turn; /* turn: who is looked at first for the next task */
    uint64_t expelled[64];
    size_t expelled_count;
    uint64_t next_task, task_ms; /* task_ms: what a task takes, a moving mean */
    uint64_t swept, ticked;
    bool forgave; /* the last tick came late, and no lease ended for it */
};

/* The document, or NULL when it is released or not offered yet. */
document_t *qw_scheduler_document (const qw_scheduler_t *self, uint64_t sequence);

#endif
