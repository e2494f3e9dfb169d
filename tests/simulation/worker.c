/*  worker.c - a worker's life: takes tasks, works on the first of them, sends RESULT and DONE, and meets every
    misfortune. */
#include <inttypes.h>

#include "tests/simulation/world.h"

static void forget (worker_life_t *self)
{
    self->held_count = 0;
    self->busy = self->greeted = false;
}

/* The system at the other end may tell of the end of a connection, behind all that still came over it. */
static void tell_gone (world_t *world, worker_life_t *self)
{
    static const weather_t fine = {0, 0, 0};
    if (chance_permille (&world->chance, world->plan.noticed)) {
        letter_t *letter = letter_new (LETTER_GONE);
        letter->peer = self->wire.peer;
        link_send (&self->wire.up[self->wire.turn], letter, world->now, &fine, &world->chance);
        world_broke (world, self->wire.peer);
    }
}

/* A fresh socket; what was held is nothing any more. */
static void connect_again (world_t *world, worker_life_t *self)
{
    world_disturbed (world, self->wire.peer);
    tell_gone (world, self);
    wire_connect (world, &self->wire);
    forget (self);
}

static void start (world_t *world, size_t which)
{
    worker_life_t *self = &world->workers[which];
    self->process = (process_t){.up = true};
    self->leaving = self->doomed = false;
    self->slow_until_ms = 0;
    self->credit = world->plan.workers[which].credit;
    wire_connect (world, &self->wire);
    forget (self);
}

void worker_die (world_t *world, size_t which, const char *why, bool abrupt)
{
    worker_life_t *self = &world->workers[which];
    world_trace (world, "worker %" PRIu64 " dies: %s", self->wire.peer, why);
    if (abrupt) {
        world_disturbed (world, self->wire.peer);
        link_cut (&self->wire.up[self->wire.turn], false, &world->chance);
        link_cut (&self->results, false, &world->chance);
    }
    tell_gone (world, self);
    self->process = (process_t){.starts_ms = world->now + chance_between (&world->chance, 10, 300)};
    self->wire.peer = ++world->next_peer;
    link_cut (&self->wire.down, true, &world->chance);
    forget (self);
}

void worker_reset (world_t *world, size_t which)
{
    worker_life_t *self = &world->workers[which];
    world_trace (world, "worker %" PRIu64 " loses its connection", self->wire.peer);
    world->tally->resets++;
    world_disturbed (world, self->wire.peer);
    link_cut (&self->wire.up[self->wire.turn], false, &world->chance);
    tell_gone (world, self);
    link_cut (&self->wire.down, true, &world->chance);
    self->wire.peer = ++world->next_peer;
}

/* ---- tasks --------------------------------------------------------------------------------------------------------- */

static void take_task (world_t *world, worker_life_t *self, const letter_t *letter)
{
    for (size_t i = 0; i < self->held_count; i++)
        if (self->held[i].task == letter->task && self->held[i].session == letter->session)
            return;
    if (self->held_count >= self->highest_credit && !world->plan.weather.twice)
        world_fail (world, "I4", "worker %" PRIu64 " holds %zu tasks and never asked for more", self->wire.peer,
                    self->held_count);
    if (self->held_count == sizeof self->held / sizeof *self->held)
        return;
    held_t *held = &self->held[self->held_count++];
    *held = (held_t){letter->task, letter->session, letter->layer_mask, letter->counts[0] / 2, {{0, 0}}};
    for (size_t i = 0; i < held->piece_count; i++) {
        held->pieces[i].sequence = letter->lists[0][2 * i];
        held->pieces[i].chunk = (uint32_t) letter->lists[0][2 * i + 1];
    }
}

/* The first chunk of a task that will be its worker's end, or NULL. */
static const bool *find_deadly (const world_t *world, const held_t *held)
{
    for (size_t i = 0; i < held->piece_count; i++) {
        const article_t *article = &world->plan.articles[held->pieces[i].sequence];
        if (article->killer[held->pieces[i].chunk] & held->layer_mask)
            return &article->hangs[held->pieces[i].chunk];
    }
    return NULL;
}

static void begin_task (world_t *world, worker_life_t *self, uint64_t pace_us)
{
    size_t bytes = 0;
    for (size_t i = 0; i < self->held[0].piece_count; i++)
        bytes += world->plan.articles[self->held[0].pieces[i].sequence].chunk_bytes[self->held[0].pieces[i].chunk];
    uint64_t takes = 1 + bytes * pace_us / 1000;
    /* What it sent before is out of the house by the time that a deadly chunk kills it. */
    if (find_deadly (world, &self->held[0]))
        takes += 5;
    self->busy = true;
    self->done_ms = world->now + takes;
}

static uint64_t quality (world_t *world, const held_t *held, size_t piece)
{
    const article_t *article = &world->plan.articles[held->pieces[piece].sequence];
    if (article->impossible[held->pieces[piece].chunk] & held->layer_mask)
        return RESULT_IMPOSSIBLE;
    unsigned strikes = world->plan.weather.twice ? 2 : 1; /* a letter that arrives twice is refused twice */
    if (!world->rough || !world->ventilator.process.up || !chance_permille (&world->chance, world->plan.wrong)
        || !world_may_blame (world, strikes))
        return RESULT_RIGHT;
    ledger_unlucky (world, held->pieces[piece].sequence, held->pieces[piece].chunk, held->layer_mask, strikes);
    return RESULT_WRONG;
}

/* One RESULT, or one a layer; then only the first of them may be wrong. */
static void send_results (world_t *world, worker_life_t *self, const held_t *held)
{
    uint64_t qualities[QW_MAX_TASK_PIECES];
    for (size_t i = 0; i < held->piece_count; i++)
        qualities[i] = quality (world, held, i);
    for (uint32_t left = held->layer_mask, mask; left; left &= ~mask) {
        mask = world->plan.layer_by_layer ? left & -left : left;
        letter_t *letter = letter_new (QW_RESULT);
        letter->session = held->session;
        letter->task = held->task;
        letter->layer_mask = mask;
        for (size_t i = 0; i < held->piece_count; i++) {
            letter_add (letter, 0, held->pieces[i].sequence);
            letter_add (letter, 0, held->pieces[i].chunk);
            letter_add (letter, 0, qualities[i]);
            if (qualities[i] == RESULT_WRONG)
                qualities[i] = RESULT_RIGHT;
        }
        link_send (&self->results, letter, world->now, &world->weather, &world->chance);
    }
}

static void finish_task (world_t *world, size_t which)
{
    worker_life_t *self = &world->workers[which];
    const bool *hangs = find_deadly (world, &self->held[0]);
    if (hangs)
        world->tally->killed++;
    if (hangs && *hangs) {
        world_trace (world, "worker %" PRIu64 " hangs over a chunk", self->wire.peer);
        self->doomed = true;
        self->process.hung_until_ms = world->now + chance_between (&world->chance, 500, 3000);
    } else if (hangs)
        worker_die (world, which, "of a chunk", false);
    if (hangs)
        return;
    send_results (world, self, &self->held[0]);
    if (world_fuse (world, &self->process) && world_may_blame (world, 1)) {
        worker_die (world, which, "between RESULT and DONE", true);
        return;
    }
    letter_t *letter = letter_new (QW_DONE);
    letter->task = self->held[0].task;
    wire_send_up (world, &self->wire, letter);
    self->busy = false;
    self->held_count--;
    memmove (&self->held[0], &self->held[1], self->held_count * sizeof *self->held);
}

/* ---- a step -------------------------------------------------------------------------------------------------------- */

static void leave (world_t *world, size_t which)
{
    worker_life_t *self = &world->workers[which];
    world_trace (world, "worker %" PRIu64 " leaves", self->wire.peer);
    world->tally->byes++;
    wire_send_up (world, &self->wire, letter_new (QW_BYE));
    world_disturbed (world, self->wire.peer); /* BYE may be lost */
    world_broke (world, self->wire.peer);
    self->process = (process_t){.starts_ms = world->now + chance_between (&world->chance, 100, 1500)};
    self->wire.peer = ++world->next_peer;
    link_cut (&self->wire.down, true, &world->chance);
    forget (self);
}

static void read_letters (world_t *world, worker_life_t *self)
{
    letter_t *letter;
    while ((letter = link_receive (&self->wire.down, world->now))) {
        unsigned kind = letter->kind;
        self->heard_ms = world->now;
        if (kind == QW_TASK)
            take_task (world, self, letter);
        letter_release (letter);
        if (kind == QW_ERROR)
            connect_again (world, self);
    }
}

static void say_hello (world_t *world, size_t which)
{
    worker_life_t *self = &world->workers[which];
    letter_t *letter = letter_new (QW_HELLO);
    letter->layer_mask = world->plan.workers[which].layers;
    letter->credit = self->highest_credit = self->credit;
    wire_send_up (world, &self->wire, letter);
    self->greeted = true;
    self->heard_ms = world->now;
    self->beats_ms = world->now + BEAT_MS;
}

static void beat (world_t *world, worker_life_t *self)
{
    letter_t *letter = letter_new (QW_HEARTBEAT);
    letter->credit = self->credit;
    if (self->credit > self->highest_credit)
        self->highest_credit = self->credit;
    for (size_t i = 0; i < self->held_count; i++)
        letter_add (letter, 0, self->held[i].task);
    wire_send_up (world, &self->wire, letter);
    self->beats_ms = world->now + BEAT_MS;
}

void worker_step (world_t *world, size_t which)
{
    worker_life_t *self = &world->workers[which];
    if (!self->process.up) {
        if (world->now < self->process.starts_ms)
            return;
        start (world, which);
    }
    if (self->process.hung_until_ms > world->now)
        return;
    if (self->process.hung_until_ms > 0) { /* it wakes up; often it goes on as if nothing had been */
        self->process.hung_until_ms = 0;
        if (self->doomed) {
            worker_die (world, which, "since it hung over a chunk", false);
            return;
        }
        if (chance_permille (&world->chance, 700))
            self->heard_ms = world->now;
    }
    if (!self->greeted)
        say_hello (world, which);
    if (self->busy && world->now >= self->done_ms) {
        finish_task (world, which);
        if (!self->process.up || self->doomed)
            return;
    }
    read_letters (world, self);
    if (!self->greeted)
        return;
    if (world->now - self->heard_ms > SILENCE_MS) {
        connect_again (world, self);
        return;
    }
    if (!self->busy && self->held_count > 0)
        begin_task (world, self, world->plan.workers[which].pace_us * (self->slow_until_ms > world->now ? 20 : 1));
    if (world->now >= self->beats_ms)
        beat (world, self);
    if (self->leaving && world_may_blame (world, 1))
        leave (world, which);
    else if (world_fuse (world, &self->process) && world_may_blame (world, 1))
        worker_die (world, which, "after a step", true);
}

void worker_free (world_t *world, size_t which)
{
    wire_free (&world->workers[which].wire);
    link_free (&world->workers[which].results);
}
