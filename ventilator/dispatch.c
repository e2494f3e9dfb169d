/*  dispatch.c - what the scheduler does next. Actions are worked out when asked for, from the state alone, so that nothing
    piles up while a socket is slow. */
#include <stdlib.h>
#include <string.h>

#include "ventilator/scheduler_parts.h"

static bool release (qw_scheduler_t *self, qw_action_t *action)
{
    document_t *document = self->released;
    if (!document)
        return false;
    self->released = document->next_released;
    if (!self->released)
        self->last_released = NULL;
    action->what = QW_DO_RELEASE;
    action->sequence = document->sequence;
    action->outcome = document->outcome;
    action->position = document->position;
    action->payloads[0] = document->payload;
    action->payload_count = 1;
    free (document);
    return true;
}

static bool expel (qw_scheduler_t *self, qw_action_t *action)
{
    if (self->expelled_count == 0)
        return false;
    action->what = QW_DO_EXPEL;
    action->worker = self->expelled[--self->expelled_count];
    return true;
}

static bool greet (qw_scheduler_t *self, qw_action_t *action, uint64_t now)
{
    if (self->sink != SINK_TO_GREET)
        return false;
    self->sink = SINK_GREETED;
    self->sink_since = now;
    action->what = QW_DO_HELLO;
    return true;
}

/* Documents in order, as far as the sink's window reaches. In a second session some are released already; what is
 * announced together has no such hole in it. */
static bool announce (qw_scheduler_t *self, qw_action_t *action)
{
    size_t bytes = 0;
    while (self->announce_next < self->next_sequence && action->payload_count < QW_MAX_ANNOUNCED) {
        document_t *document = qw_scheduler_document (self, self->announce_next);
        if (!document && action->payload_count > 0)
            break;
        if (!document) {
            self->announce_next++;
            continue;
        }
        bool fits = self->announced_documents < self->sink_documents
                    && (self->announced_documents == 0 || self->announced_bytes + document->bytes <= self->sink_bytes)
                    && (action->payload_count == 0 || bytes + document->bytes <= self->options.announce_bytes);
        if (!fits)
            break;
        if (action->payload_count == 0)
            action->sequence = document->sequence;
        action->payloads[action->payload_count++] = document->payload;
        document->announced = true;
        bytes += document->bytes;
        self->announced_documents++;
        self->announced_bytes += document->bytes;
        self->announce_next++;
    }
    if (action->payload_count == 0)
        return false;
    action->what = QW_DO_ANNOUNCE;
    action->number = ++self->sent;
    return true;
}

static bool give_up (qw_scheduler_t *self, qw_action_t *action)
{
    if (self->untold == 0)
        return false;
    for (uint64_t sequence = self->base; sequence < self->next_sequence; sequence++) {
        document_t *document = qw_scheduler_document (self, sequence);
        if (!document || !document->accepted)
            continue;
        for (size_t i = 0; i < document->chunk_count * self->options.group_count; i++) {
            piece_t *piece = &document->pieces[i];
            if (piece->state != PIECE_GIVEN_UP || piece->told)
                continue;
            piece->told = true;
            self->untold--;
            action->what = QW_DO_GIVE_UP;
            action->number = ++self->sent;
            action->sequence = sequence;
            action->chunk = piece->chunk;
            action->layer_mask = self->options.groups[piece->group];
            action->strikes = piece->strikes;
            return true;
        }
    }
    return false;
}

/* ---- tasks --------------------------------------------------------------------------------------------------------- */

static void add_piece (task_t *task, qw_action_t *action, piece_t *piece)
{
    task->pieces[task->piece_count].sequence = piece->document->sequence;
    task->pieces[task->piece_count].chunk = piece->chunk;
    task->pieces[task->piece_count++].bytes = piece->bytes;
    action->pieces[action->piece_count++] = (qw_piece_t){piece->document->payload, piece->document->sequence, piece->chunk};
}

static task_t *new_task (qw_scheduler_t *self, worker_t *worker, uint32_t group, qw_action_t *action, uint64_t now)
{
    task_t *task = &worker->tasks[worker->task_count++];
    task->id = self->next_task++;
    task->sent = now;
    task->lease = now + self->options.lease_ms;
    task->session = self->session;
    task->group = group;
    task->piece_count = 0;
    self->stats.tasks_out++;
    action->what = QW_DO_TASK;
    action->worker = worker->id;
    action->task = task->id;
    action->layer_mask = self->options.groups[group];
    return task;
}

/* The group whose queue has the oldest piece, among those that the worker can do; NULL: none. */
static queue_t *queue_for (qw_scheduler_t *self, const worker_t *worker, uint32_t *group)
{
    queue_t *best = NULL;
    for (uint32_t i = 0; i < self->options.group_count; i++) {
        queue_t *queue = &self->queues[i];
        bool able = (worker->layer_mask & self->options.groups[i]) == self->options.groups[i];
        if (able && queue->first && (!best || queue->first->document->sequence < best->first->document->sequence)) {
            best = queue;
            *group = i;
        }
    }
    return best;
}

/* What is left, and what will be queued soon, is shared out in smaller tasks near the end, so that no worker sits idle while
 * another has a heap. */
static size_t fair_bytes (const qw_scheduler_t *self, const queue_t *queue)
{
    size_t share = (queue->bytes + self->coming_bytes) / (2 * self->worker_count);
    return share < self->options.task_bytes ? share : self->options.task_bytes;
}

static void fill_task (qw_scheduler_t *self, task_t *task, queue_t *queue, qw_action_t *action, uint64_t now)
{
    size_t bytes = 0, limit = fair_bytes (self, queue);
    while (queue->first && task->piece_count < QW_MAX_TASK_PIECES) {
        piece_t *piece = queue->first;
        if (task->piece_count > 0 && (piece->alone || bytes + piece->bytes > limit))
            break;
        queue->first = piece->next;
        *(piece->next ? &piece->next->previous : &queue->last) = NULL;
        piece->previous = piece->next = NULL;
        queue->count--;
        queue->bytes -= piece->bytes;
        self->stats.queued_pieces--;
        bytes += piece->bytes;
        piece->state = PIECE_OUT;
        piece->since = now;
        piece->copies++;
        add_piece (task, action, piece);
        if (piece->alone)
            break;
    }
}

/* A worker with nothing to do takes over from one that is slow: the oldest task that nobody else has, once it is out for
 * long. */
static bool take_straggler (qw_scheduler_t *self, worker_t *idle, qw_action_t *action, uint64_t now)
{
    uint64_t patience = 4 * self->task_ms > self->options.straggler_ms ? 4 * self->task_ms : self->options.straggler_ms;
    const task_t *oldest = NULL;
    piece_t *pieces[QW_MAX_TASK_PIECES];
    size_t count = 0;
    for (size_t i = 0; i < self->worker_count; i++) {
        worker_t *worker = self->workers[i];
        for (size_t j = 0; j < worker->task_count && worker != idle; j++) {
            task_t *task = &worker->tasks[j];
            bool able = (idle->layer_mask & self->options.groups[task->group]) == self->options.groups[task->group];
            if (!able || task->session != self->session || now - task->sent < patience || (oldest && task->sent >= oldest->sent))
                continue;
            size_t open = 0;
            for (size_t k = 0; k < task->piece_count; k++) {
                document_t *document = qw_scheduler_document (self, task->pieces[k].sequence);
                piece_t *piece =
                    document ? &document->pieces[task->pieces[k].chunk * self->options.group_count + task->group] : NULL;
                if (!piece || piece->state != PIECE_OUT || piece->copies != 1 || (piece->alone && open > 0))
                    continue;
                pieces[open++] = piece;
                if (piece->alone) /* a suspect since it was sent: together with others it could be struck never */
                    break;
            }
            if (open > 0) {
                oldest = task;
                count = open;
            }
        }
    }
    if (!oldest)
        return false;
    task_t *task = new_task (self, idle, oldest->group, action, now);
    for (size_t i = 0; i < count; i++) {
        pieces[i]->copies++;
        add_piece (task, action, pieces[i]);
    }
    self->stats.redelivered += count;
    return true;
}

static bool hand_out (qw_scheduler_t *self, qw_action_t *action, uint64_t now)
{
    for (size_t i = 0; i < self->worker_count; i++) {
        size_t turn = (self->turn + i) % self->worker_count;
        worker_t *worker = self->workers[turn];
        if (worker->task_count >= worker->credit)
            continue;
        uint32_t group = 0;
        queue_t *queue = queue_for (self, worker, &group);
        if (queue)
            fill_task (self, new_task (self, worker, group, action, now), queue, action, now);
        else if (worker->task_count > 0 || !take_straggler (self, worker, action, now))
            continue;
        self->turn = turn + 1;
        return true;
    }
    return false;
}

bool qw_scheduler_next (qw_scheduler_t *self, qw_action_t *action, uint64_t now)
{
    action->payload_count = action->piece_count = 0;
    action->number = 0;
    if (release (self, action) || expel (self, action) || greet (self, action, now))
        return true;
    if (self->sink != SINK_UP)
        return false;
    action->session = self->session;
    return give_up (self, action) || hand_out (self, action, now) || announce (self, action); /* workers wait; the sink does not */
}
