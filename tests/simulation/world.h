/*  world.h - one simulated world: a ventilator, a sink, workers, a disk, the links between them and a clock. The scheduler
    and the join in it are the real ones; the programs around them are played by ventilator.c, sink.c and worker.c here.
    Everything happens in small steps of time, and after each of them the invariants are looked at.

    The first breach ends the world; world_failure names the invariant and what happened.
 */
#ifndef QW_SIMULATION_WORLD_H
#define QW_SIMULATION_WORLD_H

#include "sink/join.h"
#include "tests/simulation/ledger.h"
#include "tests/simulation/plan.h"
#include "tests/simulation/post.h"
#include "tests/simulation/store.h"
#include "ventilator/scheduler.h"

typedef struct world_t world_t;

/* A client's connection to a server. The server knows it by a number, which changes when it is made anew. What was sent
 * before may still arrive after, so a new connection sends on the other of two links. */
typedef struct {
    uint64_t peer;
    unsigned turn;
    link_t up[2], down;
} wire_t;

/* A process dies at the n-th point from now at which it could, as `fuse` says; 0: it does not. */
typedef struct {
    bool up;
    unsigned fuse;
    uint64_t starts_ms;     /* when it is not up */
    uint64_t hung_until_ms; /* stopped, as by SIGSTOP */
} process_t;

typedef struct {
    process_t process;
    qw_scheduler_t *scheduler;
    ledger_t ledger;
    wire_t control;
    size_t read; /* articles of the source */
    bool source_ended;
    uint64_t reads_ms, ticks_ms, beats_ms, heard_ms;
    uint64_t session, last_number;
    bool greeted, finished;
} ventilator_t;

typedef struct {
    process_t process;
    qw_join_t *join;
    uint64_t peer; /* the connection that said HELLO last */
    uint64_t commits_ms, beats_ms;
    bool writing; /* a commit is under way, and over at commits_ms; otherwise the next one begins then */
    size_t handles; /* documents and results that the join holds */
    bool any_ready;
    uint64_t last_ready; /* sequence */
    size_t appended_before; /* in the store when the session began */
} sink_t;

typedef struct {
    uint64_t task, session;
    uint32_t layer_mask;
    size_t piece_count;
    struct { uint64_t sequence; uint32_t chunk; } pieces[QW_MAX_TASK_PIECES];
} held_t;

typedef struct {
    process_t process;
    wire_t wire;
    link_t results;
    uint64_t slow_until_ms, done_ms, beats_ms, heard_ms;
    bool greeted, busy, leaving, doomed;
    size_t credit, highest_credit; /* highest told on this connection */
    held_t held[QW_MAX_CREDIT + 8];
    size_t held_count;
} worker_life_t;

/* What happened, so that a test can tell that the worlds were rough enough to show anything. */
typedef struct {
    uint64_t ventilator_crashes, sink_crashes, worker_crashes, hangs, resets, byes, blackouts, killed, torn, repeated, lost_sessions;
    uint64_t tasks, redelivered, struck, given_up, refused, known, duplicates, expelled, steps, articles, virtual_ms;
} tally_t;

struct world_t {
    uint64_t seed, now;
    plan_t plan;
    chance_t chance;
    weather_t weather;
    store_t store;
    ventilator_t ventilator;
    sink_t sink;
    worker_life_t workers[MAX_WORKERS];
    uint64_t next_peer, next_session;
    struct { uint64_t peer, until_ms; } disturbed[4 * MAX_WORKERS]; /* workers whose loss is no article's fault */
    size_t disturbed_count;
    uint64_t broken[8 * MAX_WORKERS]; /* connections of which the ventilator's system knows that they are gone; a ring */
    size_t broken_count;
    bool rough;
    tally_t *tally;
    char failure[400];
    bool tracing, loud;
    char (*trace)[160]; /* the last lines, in a ring */
    size_t trace_lines;
};

enum { TRACE_LINES = 60 };

/* Plays one world to its end. True: all held. False: `failure` says what did not. */
bool world_play (uint64_t seed, bool calm, tally_t *tally, char *failure, size_t room);

/* The same, with its story: everything when `loud`, otherwise the last lines before the breach. */
bool world_show (uint64_t seed, bool calm, bool loud);

/* ---- for the lives --------------------------------------------------------------------------------------------------- */

void world_fail (world_t *self, const char *invariant, const char *format, ...) __attribute__ ((format (printf, 3, 4)));
bool world_failed (const world_t *self);
void world_trace (world_t *self, const char *format, ...) __attribute__ ((format (printf, 2, 3)));

/* One of the points at which a process may die. True: it just did, and the caller is to return at once. */
bool world_fuse (world_t *self, process_t *process);

/* True when a chunk may get so many more strikes through no fault of its own, because a worker is lost or a result is wrong,
 * without any having had enough to be given up. Only then does the world disturb. */
bool world_may_blame (const world_t *self, unsigned strikes);
void world_disturbed (world_t *self, uint64_t peer);
bool world_was_disturbed (world_t *self, uint64_t peer); /* and is settled now */

/* A connection's end is known where it is sent to: nothing can be sent on it. Otherwise what is sent is lost in silence. */
void world_broke (world_t *self, uint64_t peer);
bool world_is_broken (const world_t *self, uint64_t peer);

void wire_connect (world_t *world, wire_t *self);   /* a fresh socket: what was not read yet is gone */
void wire_send_up (world_t *world, wire_t *self, letter_t *letter);
void wire_send_down (world_t *world, wire_t *self, uint64_t peer, letter_t *letter);
letter_t *wire_receive_up (world_t *world, wire_t *self);
void wire_free (wire_t *self);

void ventilator_step (world_t *world);
void ventilator_die (world_t *world, const char *why);
void ventilator_free (world_t *world);

void sink_step (world_t *world);
void sink_die (world_t *world, const char *why);
void sink_free (world_t *world);

void worker_step (world_t *world, size_t which);
void worker_die (world_t *world, size_t which, const char *why, bool abrupt);
void worker_reset (world_t *world, size_t which);
void worker_free (world_t *world, size_t which);

#endif
