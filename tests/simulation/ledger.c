#include "tests/simulation/ledger.h"

#include <inttypes.h>
#include <stdlib.h>

#include "tests/simulation/world.h"

static size_t group_of (const world_t *world, uint32_t layer_mask)
{
    size_t group = 0;
    while (group < world->plan.scheduler.group_count && world->plan.scheduler.groups[group] != layer_mask)
        group++;
    return group;
}

static worker_account_t *find_worker (ledger_t *self, uint64_t peer)
{
    for (size_t i = 0; i < self->worker_count; i++)
        if (self->workers[i].peer == peer)
            return &self->workers[i];
    return NULL;
}

static void drop_task (ledger_t *self, size_t at)
{
    self->task_count--;
    memmove (&self->tasks[at], &self->tasks[at + 1], (self->task_count - at) * sizeof *self->tasks);
}

void ledger_begin (ledger_t *self)
{
    *self = (ledger_t){.tasks = calloc (LEDGER_TASKS, sizeof (task_account_t))};
    if (!self->tasks)
        abort ();
}

void ledger_end (ledger_t *self)
{
    free (self->tasks);
    self->tasks = NULL;
}

/* ---- events -------------------------------------------------------------------------------------------------------- */

void ledger_offer (world_t *world, uint64_t sequence)
{
    ledger_t *self = &world->ventilator.ledger;
    self->articles[sequence].offered = true;
    self->offered++;
    self->last_bytes = world->plan.articles[sequence].bytes;
    self->offered_bytes += self->last_bytes;
}

void ledger_welcome (world_t *world, const letter_t *welcome)
{
    ledger_t *self = &world->ventilator.ledger;
    if (!self->greeted)
        return;
    self->greeted = false;
    self->session = welcome->session;
    self->number = 0;
    self->any_announced = false;
    self->sink_documents = welcome->window_documents;
    self->sink_bytes = welcome->window_bytes;
    for (size_t i = 0; i < MAX_ARTICLES; i++)
        self->articles[i].announced = self->articles[i].accepted = self->articles[i].told = false;
}

static void count_blame (ledger_t *self, const world_t *world, uint64_t sequence, uint64_t chunk, uint32_t layer_mask,
                         bool unlucky)
{
    for (size_t group = 0; group < world->plan.scheduler.group_count; group++)
        if (layer_mask & world->plan.scheduler.groups[group]) {
            self->articles[sequence].blamed[chunk][group]++;
            self->articles[sequence].unlucky[chunk][group] += unlucky;
        }
}

void ledger_progress (world_t *world, const letter_t *progress)
{
    ledger_t *self = &world->ventilator.ledger;
    if (progress->session != self->session)
        return;
    for (size_t i = 0; i < progress->counts[0]; i++)
        self->articles[progress->lists[0][i]].accepted = true;
    for (size_t i = 0; i < progress->counts[2]; i += 3)
        count_blame (self, world, progress->lists[2][i], progress->lists[2][i + 1], (uint32_t) progress->lists[2][i + 2],
                     false);
    for (size_t i = 0; i < progress->counts[3]; i += 3) {
        article_account_t *article = &self->articles[progress->lists[3][i]];
        article->told = true;
        article->outcome = progress->lists[3][i + 1];
        article->position = progress->lists[3][i + 2];
    }
}

void ledger_worker_hello (world_t *world, uint64_t peer, uint32_t layers, size_t credit)
{
    ledger_t *self = &world->ventilator.ledger;
    worker_account_t *worker = find_worker (self, peer);
    if (!worker && self->worker_count == LEDGER_WORKERS) {
        world_fail (world, "I4", "the scheduler keeps %zu workers that are long gone", self->worker_count);
        return;
    }
    if (!worker)
        worker = &self->workers[self->worker_count++];
    *worker = (worker_account_t){peer, world->now, 0, layers, credit};
}

void ledger_worker_heartbeat (world_t *world, uint64_t peer, const uint64_t *held, size_t held_count, size_t credit)
{
    ledger_t *self = &world->ventilator.ledger;
    worker_account_t *worker = find_worker (self, peer);
    if (!worker)
        return;
    worker->credit = credit;
    worker->seen = worker->beat = world->now;
    for (size_t i = 0; i < self->task_count; i++)
        for (size_t j = 0; j < held_count; j++)
            if (self->tasks[i].peer == peer && self->tasks[i].task == held[j])
                self->tasks[i].renewed = world->now;
}

void ledger_worker_done (world_t *world, uint64_t peer, uint64_t task)
{
    ledger_t *self = &world->ventilator.ledger;
    worker_account_t *worker = find_worker (self, peer);
    if (worker)
        worker->seen = world->now;
    for (size_t i = self->task_count; i-- > 0;)
        if (self->tasks[i].peer == peer && self->tasks[i].task == task)
            drop_task (self, i);
}

void ledger_task_unsent (world_t *world, uint64_t peer, uint64_t task)
{
    ledger_t *self = &world->ventilator.ledger;
    for (size_t i = self->task_count; i-- > 0;)
        if (self->tasks[i].peer == peer && self->tasks[i].task == task)
            drop_task (self, i);
}

void ledger_worker_lost (world_t *world, uint64_t peer, bool blame)
{
    ledger_t *self = &world->ventilator.ledger;
    worker_account_t *worker = find_worker (self, peer);
    if (!worker)
        return;
    bool disturbed = world_was_disturbed (world, peer), head = true;
    for (size_t i = 0; i < self->task_count;) {
        const task_account_t *task = &self->tasks[i];
        if (task->peer != peer) {
            i++;
            continue;
        }
        for (size_t j = 0; j < task->piece_count && blame; j++) {
            const article_t *article = &world->plan.articles[task->pieces[j].sequence];
            bool killer = article->killer[task->pieces[j].chunk] & task->layer_mask;
            if (task->piece_count == 1)
                count_blame (self, world, task->pieces[j].sequence, task->pieces[j].chunk, task->layer_mask,
                             (disturbed || head) && !killer);
        }
        head = false;
        drop_task (self, i);
    }
    *worker = self->workers[--self->worker_count];
}

void ledger_unlucky (world_t *world, uint64_t sequence, uint32_t chunk, uint32_t layer_mask, unsigned times)
{
    ledger_t *self = &world->ventilator.ledger;
    for (size_t group = 0; group < world->plan.scheduler.group_count; group++)
        if (layer_mask & world->plan.scheduler.groups[group])
            self->articles[sequence].unlucky[chunk][group] += times;
}

unsigned ledger_most_unlucky (const ledger_t *self)
{
    unsigned most = 0;
    for (size_t i = 0; i < MAX_ARTICLES; i++)
        for (size_t j = 0; j < MAX_CHUNKS && self->articles[i].offered && !self->articles[i].released; j++)
            for (size_t k = 0; k < LAYERS; k++)
                if (self->articles[i].unlucky[j][k] > most)
                    most = self->articles[i].unlucky[j][k];
    return most;
}

/* ---- actions ------------------------------------------------------------------------------------------------------- */

/* The next number of what is said to the sink; an ANNOUNCE or GIVE_UP belongs to the session. */
static void check_number (world_t *world, const qw_action_t *action)
{
    ledger_t *self = &world->ventilator.ledger;
    if (self->greeted || self->session == 0 || action->session != self->session)
        world_fail (world, "I5", "something is said in session %" PRIu64 ", which is not the sink's", action->session);
    if (action->number != ++self->number)
        world_fail (world, "I5", "message %" PRIu64 " to the sink where %" PRIu64 " was next", action->number, self->number);
}

static void check_announce (world_t *world, const qw_action_t *action)
{
    ledger_t *self = &world->ventilator.ledger;
    check_number (world, action);
    size_t bytes = 0;
    if (action->payload_count == 0 || action->payload_count > QW_MAX_ANNOUNCED)
        world_fail (world, "I4", "%zu documents announced at once", action->payload_count);
    uint64_t next = self->any_announced ? self->next_announced : 0;
    for (size_t i = 0; i < action->payload_count && !world_failed (world); i++, next++) {
        while (next < self->offered && self->articles[next].released)
            next++;
        uint64_t sequence = action->sequence + i;
        if (sequence != next || sequence >= self->offered)
            world_fail (world, "I8", "document %" PRIu64 " is announced where %" PRIu64 " was next", sequence, next);
        else if (action->payloads[i] != &world->plan.articles[sequence])
            world_fail (world, "I3", "document %" PRIu64 " is announced with another one's payload", sequence);
        else {
            self->articles[sequence].announced = true;
            bytes += world->plan.articles[sequence].bytes;
        }
    }
    if (action->payload_count > 1 && bytes > world->plan.scheduler.announce_bytes)
        world_fail (world, "I4", "%zu bytes announced at once", bytes);
    self->any_announced = true;
    self->next_announced = next;
}

static void check_give_up (world_t *world, const qw_action_t *action)
{
    ledger_t *self = &world->ventilator.ledger;
    check_number (world, action);
    size_t group = group_of (world, action->layer_mask);
    if (group == world->plan.scheduler.group_count || action->sequence >= self->offered
        || action->chunk >= world->plan.articles[action->sequence].chunk_count) {
        world_fail (world, "I6", "a piece is given up that does not exist");
        return;
    }
    const article_t *article = &world->plan.articles[action->sequence];
    unsigned blamed = self->articles[action->sequence].blamed[action->chunk][group];
    if (!((article->killer[action->chunk] | article->impossible[action->chunk]) & action->layer_mask))
        world_fail (world, "I6", "chunk %u of document %" PRIu64 " is given up, and it is innocent", action->chunk,
                    action->sequence);
    if (blamed < world->plan.scheduler.strikes || action->strikes != world->plan.scheduler.strikes)
        world_fail (world, "I6", "chunk %u of document %" PRIu64 " is given up after %u strikes, it says %u", action->chunk,
                    action->sequence, blamed, action->strikes);
    if (!self->articles[action->sequence].accepted)
        world_fail (world, "I5", "document %" PRIu64 " is given up before the sink has it", action->sequence);
}

/* I2, I1: released once, only what the sink called committed in this session, and only what is on the disk. */
static void check_release (world_t *world, const qw_action_t *action)
{
    ledger_t *self = &world->ventilator.ledger;
    uint64_t sequence = action->sequence;
    article_account_t *account = sequence < self->offered ? &self->articles[sequence] : NULL;
    if (!account || account->released || action->payloads[0] != &world->plan.articles[sequence]) {
        world_fail (world, "I2", "document %" PRIu64 " is released but was not open", sequence);
        return;
    }
    if (!account->told)
        world_fail (world, "I2", "document %" PRIu64 " is released, but the sink never said that it is committed", sequence);
    if (action->outcome != account->outcome || action->position != account->position)
        world_fail (world, "I2", "document %" PRIu64 " is released with an outcome that the sink did not give", sequence);
    const record_t *record = action->position < world->store.durable ? &world->store.records[action->position] : NULL;
    if (!record || record->id != world->plan.articles[sequence].id)
        world_fail (world, "I1", "document %" PRIu64 " is released, but position %" PRIu64 " of the disk does not hold it",
                    sequence, action->position);
    account->released = true;
    self->released++;
    self->released_bytes += world->plan.articles[sequence].bytes;
}

/* A task that its worker never heard of, or whose DONE was lost, counts until the worker has gone a lease without naming
 * it. */
static bool is_out (const world_t *world, const worker_account_t *worker, const task_account_t *task)
{
    return task->peer == worker->peer && worker->beat < task->renewed + world->plan.scheduler.lease_ms;
}

static size_t tasks_of (const world_t *world, const worker_account_t *worker)
{
    const ledger_t *self = &world->ventilator.ledger;
    size_t count = 0;
    for (size_t i = 0; i < self->task_count; i++)
        count += is_out (world, worker, &self->tasks[i]);
    return count;
}

static void check_piece (world_t *world, const qw_action_t *action, const worker_account_t *worker, const qw_piece_t *piece)
{
    const ledger_t *self = &world->ventilator.ledger;
    if (piece->sequence >= self->offered || self->articles[piece->sequence].released
        || piece->payload != &world->plan.articles[piece->sequence]
        || piece->chunk >= world->plan.articles[piece->sequence].chunk_count) {
        world_fail (world, "I2", "a task with chunk %u of document %" PRIu64 ", which is not open", piece->chunk,
                    piece->sequence);
        return;
    }
    if (!self->articles[piece->sequence].accepted)
        world_fail (world, "I5", "a task with document %" PRIu64 ", which the sink does not have", piece->sequence);
    for (size_t i = 0; i < self->task_count; i++)
        for (size_t j = 0; j < self->tasks[i].piece_count && is_out (world, worker, &self->tasks[i]); j++)
            if (self->tasks[i].layer_mask == action->layer_mask && self->tasks[i].pieces[j].sequence == piece->sequence
                && self->tasks[i].pieces[j].chunk == piece->chunk)
                world->tally->repeated++;
}

static void check_task (world_t *world, const qw_action_t *action)
{
    ledger_t *self = &world->ventilator.ledger;
    const worker_account_t *worker = find_worker (self, action->worker);
    if (!worker) {
        world_fail (world, "I4", "a task for worker %" PRIu64 ", which is gone", action->worker);
        return;
    }
    if (action->session != self->session)
        world_fail (world, "I5", "a task of session %" PRIu64 ", which is over", action->session);
    if (group_of (world, action->layer_mask) == world->plan.scheduler.group_count || action->layer_mask & ~worker->layers)
        world_fail (world, "I6", "a task for layers %x, which worker %" PRIu64 " does not make", action->layer_mask,
                    worker->peer);
    if (tasks_of (world, worker) >= worker->credit)
        world_fail (world, "I4", "worker %" PRIu64 " has a credit of %zu and gets a task more", worker->peer,
                    worker->credit);
    if (action->piece_count == 0 || action->piece_count > QW_MAX_TASK_PIECES || self->task_count == LEDGER_TASKS) {
        world_fail (world, "I4", "a task of %zu pieces, %zu tasks are out", action->piece_count, self->task_count);
        return;
    }
    size_t bytes = 0;
    for (size_t i = 0; i < action->piece_count && !world_failed (world); i++) {
        check_piece (world, action, worker, &action->pieces[i]);
        if (!world_failed (world))
            bytes += world->plan.articles[action->pieces[i].sequence].chunk_bytes[action->pieces[i].chunk];
    }
    if (action->piece_count > 1 && bytes > world->plan.scheduler.task_bytes)
        world_fail (world, "I4", "a task of %zu bytes", bytes);
    if (world_failed (world))
        return;
    task_account_t *task = &self->tasks[self->task_count++];
    *task = (task_account_t){action->task, action->worker, world->now, action->layer_mask, action->piece_count, {{0, 0}}};
    for (size_t i = 0; i < action->piece_count; i++) {
        task->pieces[i].sequence = action->pieces[i].sequence;
        task->pieces[i].chunk = action->pieces[i].chunk;
    }
}

static void check_expel (world_t *world, const qw_action_t *action)
{
    const worker_account_t *worker = find_worker (&world->ventilator.ledger, action->worker);
    if (!worker || world->now - worker->seen < world->plan.scheduler.lease_ms)
        world_fail (world, "I6", "worker %" PRIu64 " is expelled though its lease is not over", action->worker);
    world->tally->expelled++;
    ledger_worker_lost (world, action->worker, true);
}

void ledger_action (world_t *world, const qw_action_t *action)
{
    switch (action->what) {
    case QW_DO_HELLO: world->ventilator.ledger.greeted = true; break;
    case QW_DO_ANNOUNCE: check_announce (world, action); break;
    case QW_DO_GIVE_UP: check_give_up (world, action); break;
    case QW_DO_TASK: check_task (world, action); break;
    case QW_DO_EXPEL: check_expel (world, action); break;
    case QW_DO_RELEASE: check_release (world, action); break;
    }
}

void ledger_check (world_t *world)
{
    ledger_t *self = &world->ventilator.ledger;
    qw_scheduler_stats_t stats;
    qw_scheduler_stats (world->ventilator.scheduler, &stats);
    size_t open = self->offered - self->released, bytes = self->offered_bytes - self->released_bytes;
    if (open > world->plan.scheduler.window_documents)
        world_fail (world, "I4", "%zu documents are open", open);
    if (open > 1 && bytes >= world->plan.scheduler.window_bytes + self->last_bytes)
        world_fail (world, "I4", "%zu bytes are open", bytes);
    if (stats.offered != self->offered || stats.open_documents != open || stats.open_bytes != bytes
        || stats.released != self->released)
        world_fail (world, "I4",
                    "the scheduler counts %" PRIu64 " documents and %" PRIu64 " bytes open, there are %zu and %zu",
                    stats.open_documents, stats.open_bytes, open, bytes);
    if (stats.annotated + stats.failed + stats.known + stats.known_failed != stats.released)
        world_fail (world, "I6", "a document was released without an outcome");
}
