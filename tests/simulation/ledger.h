/*  ledger.h - an independent account of what one life of the ventilator was told and what it did. It is kept from the events
    that the scheduler was given and the actions that it returned, never from what the scheduler says of itself. */
#ifndef QW_SIMULATION_LEDGER_H
#define QW_SIMULATION_LEDGER_H

#include "tests/simulation/plan.h"
#include "tests/simulation/post.h"
#include "ventilator/scheduler.h"

struct world_t;

enum { LEDGER_WORKERS = 64, LEDGER_TASKS = 1024 };

typedef struct {
    bool offered, announced, accepted, told, released; /* announced and accepted: in this session */
    uint64_t outcome, position;
    unsigned blamed[MAX_CHUNKS][LAYERS]; /* times that a piece could have been blamed, by group */
    unsigned unlucky[MAX_CHUNKS][LAYERS]; /* those of them that were the world's doing */
} article_account_t;

typedef struct {
    uint64_t peer, seen, beat; /* its last message, its last word on what it holds */
    uint32_t layers;
    size_t credit;
} worker_account_t;

typedef struct {
    uint64_t task, peer, renewed;
    uint32_t layer_mask;
    size_t piece_count;
    struct { uint64_t sequence; uint32_t chunk; } pieces[QW_MAX_TASK_PIECES];
} task_account_t;

typedef struct {
    article_account_t articles[MAX_ARTICLES];
    size_t offered, released;
    size_t offered_bytes, released_bytes, last_bytes;
    bool greeted; /* HELLO was said and no WELCOME came */
    uint64_t session, number;
    bool any_announced;
    uint64_t next_announced;
    size_t sink_documents, sink_bytes;
    worker_account_t workers[LEDGER_WORKERS];
    size_t worker_count;
    task_account_t *tasks; /* out */
    size_t task_count;
} ledger_t;

void ledger_begin (ledger_t *self);
void ledger_end (ledger_t *self);

/* Events, told before the scheduler is. */
void ledger_offer (struct world_t *world, uint64_t sequence);
void ledger_welcome (struct world_t *world, const letter_t *welcome);
void ledger_progress (struct world_t *world, const letter_t *progress);
void ledger_worker_hello (struct world_t *world, uint64_t peer, uint32_t layers, size_t credit);
void ledger_worker_heartbeat (struct world_t *world, uint64_t peer, const uint64_t *held, size_t held_count, size_t credit);
void ledger_worker_done (struct world_t *world, uint64_t peer, uint64_t task);
void ledger_task_unsent (struct world_t *world, uint64_t peer, uint64_t task);
void ledger_worker_lost (struct world_t *world, uint64_t peer, bool blame);

/* An action of the scheduler's, looked at before it is obeyed: I1, I2, I4, I6. */
void ledger_action (struct world_t *world, const qw_action_t *action);

/* After every step: I4, and that the scheduler's own figures agree. */
void ledger_check (struct world_t *world);

/* A result that is wrong through no fault of its article's is about to be sent. */
void ledger_unlucky (struct world_t *world, uint64_t sequence, uint32_t chunk, uint32_t layer_mask, unsigned times);

/* The highest number of strikes that bad luck can have given to a piece that is not released. */
unsigned ledger_most_unlucky (const ledger_t *self);

#endif
