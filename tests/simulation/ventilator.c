/*  ventilator.c - the program around the scheduler, as far as the scheduler can tell: it reads the source, passes
    letters in, obeys actions, and dies anywhere in between. */
#include <inttypes.h>
#include <stdlib.h>

#include "tests/simulation/world.h"

static size_t handed_back; /* payloads, by qw_scheduler_destroy */

static void take_back (void *payload) { handed_back += payload != NULL; }

static void end_life (world_t *world)
{
    ventilator_t *self = &world->ventilator;
    qw_scheduler_stats_t stats;
    qw_scheduler_stats (self->scheduler, &stats);
    world->tally->redelivered += stats.redelivered;
    world->tally->struck += stats.struck;
    world->tally->given_up += stats.given_up;
    world->tally->known += stats.known + stats.known_failed;
    world->tally->lost_sessions += stats.sessions > 0 ? stats.sessions - 1 : 0;
    handed_back = 0;
    size_t open = self->ledger.offered - self->ledger.released;
    qw_scheduler_destroy (&self->scheduler, take_back);
    if (handed_back != open && !world_failed (world))
        world_fail (world, "I4", "%zu payloads were handed back of %zu that were open", handed_back, open);
    ledger_end (&self->ledger);
    self->process = (process_t){.up = false};
}

/* What workers had sent waits at their end for the next life, which knows them by new numbers. */
static void cut_off_workers (world_t *world)
{
    for (size_t i = 0; i < world->plan.worker_count; i++) {
        wire_t *wire = &world->workers[i].wire;
        wire->peer = ++world->next_peer;
        link_cut (&wire->down, false, &world->chance);
        for (size_t j = 0; j < 2; j++) {
            link_cut (&wire->up[j], false, &world->chance);
            link_relabel (&wire->up[j], wire->peer);
        }
    }
    world->disturbed_count = 0;
}

void ventilator_die (world_t *world, const char *why)
{
    ventilator_t *self = &world->ventilator;
    world_trace (world, "ventilator dies: %s", why);
    world->tally->ventilator_crashes++;
    end_life (world);
    self->process.starts_ms = world->now + chance_between (&world->chance, 1, 400);
    for (size_t i = 0; i < 2; i++)
        link_cut (&self->control.up[i], false, &world->chance);
    link_cut (&self->control.down, true, &world->chance);
    cut_off_workers (world);
}

static void start (world_t *world)
{
    ventilator_t *self = &world->ventilator;
    wire_t control = self->control;
    *self = (ventilator_t){.control = control, .process = {.up = true}};
    self->scheduler = qw_scheduler_new (&world->plan.scheduler);
    ledger_begin (&self->ledger);
    world_trace (world, "ventilator starts");
}

/* ---- actions ------------------------------------------------------------------------------------------------------- */

static worker_life_t *worker_at (world_t *world, uint64_t peer)
{
    for (size_t i = 0; i < world->plan.worker_count; i++)
        if (world->workers[i].wire.peer == peer)
            return &world->workers[i];
    return NULL;
}

static void lose_worker (world_t *world, uint64_t peer, bool blame)
{
    world_trace (world, "ventilator: worker %" PRIu64 " is gone%s", peer, blame ? ", blame its task" : "");
    ledger_worker_lost (world, peer, blame);
    qw_scheduler_worker_lost (world->ventilator.scheduler, peer, blame, world->now);
}

static void send_task (world_t *world, const qw_action_t *action)
{
    letter_t *task = letter_new (QW_TASK);
    task->task = action->task;
    task->session = action->session;
    task->layer_mask = action->layer_mask;
    for (size_t i = 0; i < action->piece_count; i++) {
        letter_add (task, 0, action->pieces[i].sequence);
        letter_add (task, 0, action->pieces[i].chunk);
    }
    world->tally->tasks++;
    world_trace (world, "ventilator: task %" PRIu64 " (%zu pieces from %" PRIu64 ".%u, layers %x) to worker %" PRIu64,
                 action->task, action->piece_count, action->pieces[0].sequence, action->pieces[0].chunk, action->layer_mask,
                 action->worker);
    worker_life_t *worker = worker_at (world, action->worker);
    if (worker)
        wire_send_down (world, &worker->wire, action->worker, task);
    else {
        letter_release (task);
        if (world_is_broken (world, action->worker)) {
            ledger_task_unsent (world, action->worker, action->task);
            qw_scheduler_task_unsent (world->ventilator.scheduler, action->worker, action->task);
            lose_worker (world, action->worker, true);
        }
    }
}

static void send_to_sink (world_t *world, const qw_action_t *action)
{
    ventilator_t *self = &world->ventilator;
    letter_t *letter = letter_new (action->what == QW_DO_ANNOUNCE ? QW_ANNOUNCE : QW_GIVE_UP);
    letter->session = action->session;
    letter->number = self->last_number = action->number;
    letter->sequence = action->sequence;
    letter->chunk = action->chunk;
    letter->layer_mask = action->layer_mask;
    for (size_t i = 0; i < action->payload_count && action->what == QW_DO_ANNOUNCE; i++)
        letter_add (letter, 0, action->sequence + i);
    if (action->what == QW_DO_ANNOUNCE)
        world_trace (world, "ventilator: ANNOUNCE %" PRIu64 ", %zu documents from %" PRIu64, action->number,
                     action->payload_count, action->sequence);
    else
        world_trace (world, "ventilator: GIVE_UP %" PRIu64 ", chunk %u of document %" PRIu64, action->number, action->chunk,
                     action->sequence);
    wire_send_up (world, &self->control, letter);
}

static void say_hello (world_t *world)
{
    ventilator_t *self = &world->ventilator;
    wire_connect (world, &self->control);
    wire_send_up (world, &self->control, letter_new (QW_HELLO));
    self->session = self->last_number = 0;
    self->heard_ms = world->now;
    world_trace (world, "ventilator: HELLO as %" PRIu64, self->control.peer);
}

static void expel (world_t *world, uint64_t peer)
{
    worker_life_t *worker = worker_at (world, peer);
    world_trace (world, "ventilator: worker %" PRIu64 " is expelled", peer);
    if (worker)
        wire_send_down (world, &worker->wire, peer, letter_new (QW_ERROR));
}

static void obey (world_t *world)
{
    ventilator_t *self = &world->ventilator;
    qw_action_t action;
    for (size_t count = 0; self->process.up && !world_failed (world); count++) {
        if (!qw_scheduler_next (self->scheduler, &action, world->now))
            return;
        if (count == 2000)
            world_fail (world, "I4", "the scheduler never comes to rest");
        ledger_action (world, &action);
        if (world_failed (world))
            return;
        switch (action.what) {
        case QW_DO_HELLO: say_hello (world); break;
        case QW_DO_ANNOUNCE:
        case QW_DO_GIVE_UP: send_to_sink (world, &action); break;
        case QW_DO_TASK: send_task (world, &action); break;
        case QW_DO_EXPEL: expel (world, action.worker); break;
        case QW_DO_RELEASE:
            world_trace (world, "ventilator: document %" PRIu64 " is released", action.sequence);
            break;
        }
        if (world_fuse (world, &self->process)) {
            ventilator_die (world, "between two actions");
            return;
        }
    }
}

/* ---- events -------------------------------------------------------------------------------------------------------- */

static void from_sink (world_t *world, const letter_t *letter)
{
    ventilator_t *self = &world->ventilator;
    self->heard_ms = world->now;
    switch (letter->kind) {
    case QW_WELCOME:
        ledger_welcome (world, letter);
        if (self->session == 0)
            self->session = letter->session;
        qw_scheduler_sink_welcome (self->scheduler, letter->session, letter->window_documents, letter->window_bytes,
                                   world->now);
        break;
    case QW_PROGRESS: {
        ledger_progress (world, letter);
        qw_sink_progress_t progress = {.session = letter->session,
                                       .number = letter->number,
                                       .accepted = letter->lists[0],
                                       .received = letter->lists[1],
                                       .refused = letter->lists[2],
                                       .committed = letter->lists[3],
                                       .accepted_count = letter->counts[0],
                                       .received_count = letter->counts[1],
                                       .refused_count = letter->counts[2],
                                       .committed_count = letter->counts[3]};
        qw_scheduler_progress (self->scheduler, &progress, world->now);
        break;
    }
    case QW_HEARTBEAT: qw_scheduler_sink_heartbeat (self->scheduler, letter->session, letter->number, world->now); break;
    case QW_ERROR:
        world_trace (world, "ventilator: the sink says ERROR");
        qw_scheduler_sink_lost (self->scheduler, world->now);
        break;
    default: break;
    }
}

static void from_worker (world_t *world, worker_life_t *worker, const letter_t *letter)
{
    qw_scheduler_t *scheduler = world->ventilator.scheduler;
    if (letter->kind == QW_HELLO) {
        world_trace (world, "ventilator: worker %" PRIu64 " says HELLO, layers %x", letter->peer, letter->layer_mask);
        ledger_worker_hello (world, letter->peer, letter->layer_mask, (size_t) letter->credit);
        qw_scheduler_worker_hello (scheduler, letter->peer, letter->layer_mask, (size_t) letter->credit, world->now);
        wire_send_down (world, &worker->wire, letter->peer, letter_new (QW_WELCOME));
    } else if (letter->kind == LETTER_GONE)
        lose_worker (world, letter->peer, true);
    else if (letter->kind == QW_BYE)
        lose_worker (world, letter->peer, false);
    else if (!qw_scheduler_knows_worker (scheduler, letter->peer))
        wire_send_down (world, &worker->wire, letter->peer, letter_new (QW_ERROR));
    else if (letter->kind == QW_HEARTBEAT) {
        ledger_worker_heartbeat (world, letter->peer, letter->lists[0], letter->counts[0], (size_t) letter->credit);
        qw_scheduler_worker_heartbeat (scheduler, letter->peer, letter->lists[0], letter->counts[0], (size_t) letter->credit,
                                       world->now);
    } else if (letter->kind == QW_DONE) {
        world_trace (world, "ventilator: worker %" PRIu64 " is DONE with %" PRIu64, letter->peer, letter->task);
        ledger_worker_done (world, letter->peer, letter->task);
        qw_scheduler_worker_done (scheduler, letter->peer, letter->task, world->now);
    }
}

static void read_letters (world_t *world)
{
    ventilator_t *self = &world->ventilator;
    letter_t *letter;
    while (self->process.up && (letter = link_receive (&self->control.down, world->now))) {
        from_sink (world, letter);
        letter_release (letter);
        obey (world);
    }
    for (size_t i = 0; i < world->plan.worker_count; i++)
        while (self->process.up && (letter = wire_receive_up (world, &world->workers[i].wire))) {
            from_worker (world, &world->workers[i], letter);
            letter_release (letter);
            obey (world);
        }
}

static void read_source (world_t *world)
{
    ventilator_t *self = &world->ventilator;
    while (self->process.up && !self->source_ended && world->now >= self->reads_ms) {
        if (self->read == world->plan.article_count) {
            self->source_ended = true;
            qw_scheduler_source_ended (self->scheduler);
        } else if (qw_scheduler_has_room (self->scheduler)) {
            article_t *article = &world->plan.articles[self->read];
            ledger_offer (world, self->read++);
            qw_scheduler_offer (self->scheduler, article->chunk_bytes, article->chunk_count, article, world->now);
            self->reads_ms = world->now + chance_below (&world->chance, world->plan.source_pause_ms + 1);
        } else
            return;
        obey (world);
    }
}

static void beat (world_t *world)
{
    ventilator_t *self = &world->ventilator;
    self->beats_ms = world->now + BEAT_MS;
    if (self->session) {
        letter_t *letter = letter_new (QW_HEARTBEAT);
        letter->session = self->session;
        letter->number = self->last_number;
        wire_send_up (world, &self->control, letter);
    }
    for (size_t i = 0; i < world->plan.worker_count; i++)
        if (qw_scheduler_knows_worker (self->scheduler, world->workers[i].wire.peer))
            wire_send_down (world, &world->workers[i].wire, world->workers[i].wire.peer, letter_new (QW_HEARTBEAT));
}

static void finish (world_t *world)
{
    ventilator_t *self = &world->ventilator;
    world_trace (world, "ventilator: finished");
    if (self->ledger.released != world->plan.article_count)
        world_fail (world, "I6", "the ventilator is finished with %zu of %zu documents", self->ledger.released,
                    world->plan.article_count);
    end_life (world);
    cut_off_workers (world);
    self->finished = true;
}

void ventilator_step (world_t *world)
{
    ventilator_t *self = &world->ventilator;
    if (self->finished)
        return;
    if (!self->process.up) {
        if (world->now < self->process.starts_ms)
            return;
        start (world);
    }
    if (world->now < self->process.hung_until_ms)
        return;
    read_letters (world);
    read_source (world);
    if (!self->process.up || world_failed (world))
        return;
    if (world->now >= self->ticks_ms) {
        self->ticks_ms = world->now + chance_between (&world->chance, 50, 250);
        qw_scheduler_tick (self->scheduler, world->now);
    }
    if (world->now - self->heard_ms > SILENCE_MS && self->session) {
        world_trace (world, "ventilator: the sink is silent");
        self->heard_ms = world->now;
        qw_scheduler_sink_lost (self->scheduler, world->now);
    }
    obey (world);
    if (!self->process.up || world_failed (world))
        return;
    if (world->now >= self->beats_ms)
        beat (world);
    ledger_check (world);
    if (qw_scheduler_finished (self->scheduler) && !world_failed (world))
        finish (world);
}

void ventilator_free (world_t *world)
{
    if (world->ventilator.scheduler)
        end_life (world);
    wire_free (&world->ventilator.control);
}
