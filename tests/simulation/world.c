#include "tests/simulation/world.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- telling ------------------------------------------------------------------------------------------------------- */

bool world_failed (const world_t *self) { return self->failure[0] != '\0'; }

void world_fail (world_t *self, const char *invariant, const char *format, ...)
{
    if (world_failed (self))
        return;
    va_list arguments;
    va_start (arguments, format);
    int used = snprintf (self->failure, sizeof self->failure, "seed %" PRIu64 ", %" PRIu64 " ms: %s does not hold: ",
                         self->seed, self->now, invariant);
    vsnprintf (self->failure + used, sizeof self->failure - (size_t) used, format, arguments);
    va_end (arguments);
    world_trace (self, "%s", self->failure);
}

void world_trace (world_t *self, const char *format, ...)
{
    if (!self->tracing)
        return;
    char *line = self->trace[self->trace_lines++ % TRACE_LINES];
    int used = snprintf (line, sizeof *self->trace, "%6" PRIu64 "  ", self->now);
    va_list arguments;
    va_start (arguments, format);
    vsnprintf (line + used, sizeof *self->trace - (size_t) used, format, arguments);
    va_end (arguments);
    if (self->loud)
        fprintf (stderr, "%s\n", line);
}

/* ---- connections --------------------------------------------------------------------------------------------------- */

void wire_connect (world_t *world, wire_t *self)
{
    self->peer = ++world->next_peer;
    self->turn ^= 1;
    link_cut (&self->down, true, &world->chance);
}

void wire_send_up (world_t *world, wire_t *self, letter_t *letter)
{
    letter->peer = self->peer;
    link_send (&self->up[self->turn], letter, world->now, &world->weather, &world->chance);
}

void wire_send_down (world_t *world, wire_t *self, uint64_t peer, letter_t *letter)
{
    if (peer == self->peer)
        link_send (&self->down, letter, world->now, &world->weather, &world->chance);
    else
        letter_release (letter);
}

letter_t *wire_receive_up (world_t *world, wire_t *self)
{
    letter_t *letter = link_receive (&self->up[self->turn ^ 1], world->now);
    return letter ? letter : link_receive (&self->up[self->turn], world->now);
}

void wire_free (wire_t *self)
{
    link_free (&self->up[0]);
    link_free (&self->up[1]);
    link_free (&self->down);
}

/* ---- trouble ------------------------------------------------------------------------------------------------------- */

bool world_fuse (world_t *self, process_t *process)
{
    if (process->fuse == 0 || world_failed (self))
        return false;
    return --process->fuse == 0;
}

static bool is_lossy (const world_t *self) { return self->plan.weather.loss || self->plan.weather.twice; }

bool world_may_blame (const world_t *self, unsigned strikes)
{
    unsigned most = self->ventilator.process.up ? ledger_most_unlucky (&self->ventilator.ledger) : 0;
    return most + self->disturbed_count + strikes + (is_lossy (self) ? 2 : 0) < self->plan.scheduler.strikes;
}

/* A worker that is never missed by the ventilator, since its HELLO was lost, is forgotten here after a while. */
static void settle (world_t *self)
{
    for (size_t i = self->disturbed_count; i-- > 0;)
        if (self->now >= self->disturbed[i].until_ms)
            self->disturbed[i] = self->disturbed[--self->disturbed_count];
}

void world_disturbed (world_t *self, uint64_t peer)
{
    if (self->disturbed_count == sizeof self->disturbed / sizeof *self->disturbed)
        return;
    self->disturbed[self->disturbed_count].peer = peer;
    self->disturbed[self->disturbed_count++].until_ms = self->now + 4 * self->plan.scheduler.lease_ms;
}

bool world_was_disturbed (world_t *self, uint64_t peer)
{
    bool was = false;
    for (size_t i = self->disturbed_count; i-- > 0;)
        if (self->disturbed[i].peer == peer) {
            self->disturbed[i] = self->disturbed[--self->disturbed_count];
            was = true;
        }
    return was;
}

void world_broke (world_t *self, uint64_t peer)
{
    self->broken[self->broken_count++ % (sizeof self->broken / sizeof *self->broken)] = peer;
}

bool world_is_broken (const world_t *self, uint64_t peer)
{
    for (size_t i = 0; i < sizeof self->broken / sizeof *self->broken; i++)
        if (self->broken[i] == peer)
            return true;
    return false;
}

static void disturb_worker (world_t *self, size_t which)
{
    const plan_t *plan = &self->plan;
    worker_life_t *worker = &self->workers[which];
    if (!worker->process.up)
        return;
    if (chance_permille (&self->chance, plan->worker_slow))
        worker->slow_until_ms = self->now + chance_between (&self->chance, 100, 3000);
    if (chance_permille (&self->chance, plan->credit_change))
        worker->credit = (size_t) chance_between (&self->chance, 0, 4);
    if (!world_may_blame (self, 1))
        return;
    worker->leaving |= chance_permille (&self->chance, plan->worker_leave); /* the connection may end before BYE is read */
    if (chance_permille (&self->chance, plan->worker_crash)) {
        self->tally->worker_crashes++;
        if (chance_permille (&self->chance, 500))
            worker_die (self, which, "killed", true);
        else
            worker->process.fuse = (unsigned) chance_between (&self->chance, 1, 4);
    } else if (chance_permille (&self->chance, plan->worker_hang)) {
        world_trace (self, "worker %" PRIu64 " hangs", worker->wire.peer);
        self->tally->hangs++;
        world_disturbed (self, worker->wire.peer);
        worker->process.hung_until_ms = self->now + chance_between (&self->chance, 100, 4000);
    } else if (chance_permille (&self->chance, plan->worker_reset))
        worker_reset (self, which);
}

/* The ventilator's connection to the sink breaks and is made again below it: it may lose what was under way and not be
 * told. */
static void reset_control (world_t *self)
{
    wire_t *wire = &self->ventilator.control;
    world_trace (self, "the connection between ventilator and sink breaks");
    self->tally->resets++;
    link_cut (&wire->up[wire->turn], false, &self->chance);
    link_cut (&wire->down, false, &self->chance);
    if (chance_permille (&self->chance, 700))
        wire->peer = ++self->next_peer;
}

/* While the ventilator sleeps its workers come to think that it is gone, and connect again. */
static void hang_servers (world_t *self)
{
    if (self->ventilator.process.up && chance_permille (&self->chance, self->plan.ventilator_hang)
        && world_may_blame (self, (unsigned) self->plan.worker_count)) {
        world_trace (self, "the ventilator hangs");
        self->tally->hangs++;
        self->ventilator.process.hung_until_ms = self->now + chance_between (&self->chance, 100, 3000);
        for (size_t i = 0; i < self->plan.worker_count; i++)
            world_disturbed (self, self->workers[i].wire.peer);
    }
    if (self->sink.process.up && chance_permille (&self->chance, self->plan.sink_hang)) {
        world_trace (self, "the sink hangs");
        self->tally->hangs++;
        self->sink.process.hung_until_ms = self->now + chance_between (&self->chance, 100, 3000);
    }
}

/* The whole machine stops at once. */
static void black_out (world_t *self)
{
    self->tally->blackouts++;
    for (size_t i = 0; i < self->plan.worker_count; i++)
        if (self->workers[i].process.up)
            worker_die (self, i, "everything does", true);
    if (self->ventilator.process.up)
        ventilator_die (self, "everything does");
    if (self->sink.process.up)
        sink_die (self, "everything does");
}

static void disturb (world_t *self)
{
    const plan_t *plan = &self->plan;
    settle (self);
    if (!self->ventilator.finished && chance_permille (&self->chance, plan->blackout))
        black_out (self);
    hang_servers (self);
    if (self->ventilator.process.up && chance_permille (&self->chance, plan->ventilator_crash))
        self->ventilator.process.fuse = (unsigned) chance_between (&self->chance, 1, 12);
    if (self->sink.process.up && chance_permille (&self->chance, plan->sink_crash))
        self->sink.process.fuse = (unsigned) chance_between (&self->chance, 1, 12);
    if (chance_permille (&self->chance, plan->control_reset))
        reset_control (self);
    for (size_t i = 0; i < plan->worker_count; i++)
        disturb_worker (self, i);
}

static void calm_down (world_t *self)
{
    world_trace (self, "nothing goes wrong any more");
    self->rough = false;
    self->weather = (weather_t){0, 0, self->plan.weather.delay_ms / 4};
    self->ventilator.process.fuse = self->sink.process.fuse = 0;
    for (size_t i = 0; i < self->plan.worker_count; i++) {
        self->workers[i].process.fuse = 0;
        self->workers[i].credit = self->plan.workers[i].credit;
        self->workers[i].leaving = false;
    }
}

/* ---- the whole ----------------------------------------------------------------------------------------------------- */

/* How long the rest may take once nothing goes wrong any more: everything by the slowest worker, one after another, the
 * lives that deadly chunks cost, and the time limits that may be running. */
static uint64_t patience_ms (const world_t *self)
{
    const plan_t *plan = &self->plan;
    uint64_t patience = 20000, pace_us = 0;
    for (size_t i = 0; i < plan->worker_count; i++)
        if (plan->workers[i].pace_us > pace_us)
            pace_us = plan->workers[i].pace_us;
    for (size_t i = 0; i < plan->article_count; i++) {
        patience += 300 + plan->scheduler.group_count * (plan->articles[i].bytes * pace_us / 1000 + 100);
        for (size_t j = 0; j < plan->articles[i].chunk_count; j++)
            if (plan->articles[i].killer[j] | plan->articles[i].impossible[j])
                patience += plan->scheduler.group_count * plan->scheduler.strikes * (plan->scheduler.lease_ms + 4000);
    }
    return patience;
}

/* I7, I8: at every moment the disk holds a beginning of what it must hold in the end, and it only grows. */
static void check_disk (world_t *self, const record_t *expected, size_t expected_count, size_t *checked)
{
    if (self->store.durable < *checked)
        world_fail (self, "I7", "the disk held %zu records and holds %zu", *checked, self->store.durable);
    if (self->store.durable > expected_count)
        world_fail (self, "I3", "the disk holds %zu records of %zu documents", self->store.durable, expected_count);
    for (; *checked < self->store.durable && !world_failed (self); ++*checked) {
        const record_t *is = &self->store.records[*checked], *must = &expected[*checked];
        if (is->id != must->id || is->sequence != must->sequence)
            world_fail (self, "I8", "position %zu holds document %" PRIu64 " where document %" PRIu64 " belongs", *checked,
                        is->sequence, must->sequence);
        else if (is->failed != must->failed)
            world_fail (self, "I6", "document %" PRIu64 " is recorded as %s", is->sequence,
                        is->failed ? "failed" : "annotated");
        else if (is->digest != must->digest)
            world_fail (self, "I8", "document %" PRIu64 " is recorded with other content", is->sequence);
    }
}

static void step (world_t *self)
{
    self->now += chance_between (&self->chance, 1, 24);
    self->tally->steps++;
    if (self->rough && self->now >= self->plan.rough_ms)
        calm_down (self);
    if (self->rough)
        disturb (self);
    size_t lives = self->plan.worker_count + 2, first = (size_t) chance_below (&self->chance, lives);
    for (size_t i = 0; i < lives && !world_failed (self); i++) {
        size_t life = (first + i) % lives;
        if (life == 0)
            ventilator_step (self);
        else if (life == 1)
            sink_step (self);
        else
            worker_step (self, life - 2);
    }
}

static void run (world_t *self)
{
    record_t expected[MAX_ARTICLES];
    size_t expected_count = plan_expected (&self->plan, expected), checked = 0;
    uint64_t deadline = self->plan.rough_ms + patience_ms (self);
    bool again = self->plan.run_again;
    while (!world_failed (self)) {
        step (self);
        check_disk (self, expected, expected_count, &checked);
        if (self->ventilator.finished && checked < expected_count)
            world_fail (self, "I6", "the run ends with %zu records of %zu", checked, expected_count);
        if (self->ventilator.finished && !again)
            return;
        if (self->ventilator.finished) {
            again = false;
            self->ventilator.finished = false;
            self->ventilator.process = (process_t){.starts_ms = self->now + 50};
            deadline += patience_ms (self);
        }
        if (self->now > deadline)
            world_fail (self, "I5", "the run does not end; %zu records of %zu are there", self->store.durable,
                        expected_count);
    }
}

static bool play (world_t *self, uint64_t seed, bool calm)
{
    self->seed = seed;
    plan_draw (&self->plan, seed, calm);
    self->chance.state = seed ^ 0x5eed;
    self->weather = self->plan.weather;
    self->rough = self->plan.rough_ms > 0;
    if (!self->rough)
        self->weather = (weather_t){0, 0, 0};
    for (size_t i = 0; i < self->plan.worker_count; i++)
        self->workers[i].process.starts_ms = self->plan.workers[i].joins_ms;
    run (self);
    ventilator_free (self);
    sink_free (self);
    for (size_t i = 0; i < self->plan.worker_count; i++)
        worker_free (self, i);
    store_free (&self->store);
    self->tally->articles += self->plan.article_count;
    self->tally->virtual_ms += self->now;
    return !world_failed (self);
}

bool world_play (uint64_t seed, bool calm, tally_t *tally, char *failure, size_t room)
{
    world_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->tally = tally;
    bool held = play (self, seed, calm);
    snprintf (failure, room, "%s", self->failure);
    free (self);
    return held;
}

bool world_show (uint64_t seed, bool calm, bool loud)
{
    world_t *self = calloc (1, sizeof *self);
    tally_t tally = {0};
    if (!self || !(self->trace = calloc (TRACE_LINES, sizeof *self->trace)))
        abort ();
    self->tally = &tally;
    self->tracing = true;
    self->loud = loud;
    bool held = play (self, seed, calm);
    size_t first = self->trace_lines > TRACE_LINES ? self->trace_lines - TRACE_LINES : 0;
    for (size_t i = first; i < self->trace_lines && !loud; i++)
        fprintf (stderr, "%s\n", self->trace[i % TRACE_LINES]);
    free (self->trace);
    free (self);
    return held;
}
