#include "ventilator/scheduler.h"

#include <stdlib.h>
#include <string.h>

#include "proto/memory.h"
#include "ventilator/scheduler_parts.h"

enum { LOST_MS = 1000 }; /* a result of a worker that is lost comes within this time, or never */

/* ---- documents ----------------------------------------------------------------------------------------------------- */

document_t *qw_scheduler_document (const qw_scheduler_t *self, uint64_t sequence)
{
    if (sequence < self->base || sequence >= self->next_sequence)
        return NULL;
    return self->ring[sequence % self->ring_size];
}

/* The piece of a document for (chunk, group), or NULL when the document is released. */
static piece_t *find_piece (const qw_scheduler_t *self, uint64_t sequence, uint32_t chunk, uint32_t group)
{
    document_t *document = qw_scheduler_document (self, sequence);
    if (!document || chunk >= document->chunk_count || group >= self->options.group_count)
        return NULL;
    return &document->pieces[(size_t) chunk * self->options.group_count + group];
}

/* Doubles the ring; documents keep their place modulo its size. */
static void grow_ring (qw_scheduler_t *self)
{
    size_t size = self->ring_size * 2;
    document_t **ring = qw_must (calloc (size, sizeof *ring));
    for (uint64_t sequence = self->base; sequence < self->next_sequence; sequence++)
        ring[sequence % size] = self->ring[sequence % self->ring_size];
    free (self->ring);
    self->ring = ring;
    self->ring_size = size;
}

bool qw_scheduler_has_room (const qw_scheduler_t *self)
{
    return self->stats.open_documents < self->options.window_documents && self->stats.open_bytes < self->options.window_bytes;
}

void qw_scheduler_offer (qw_scheduler_t *self, const size_t *chunk_sizes, size_t chunk_count, void *payload, uint64_t now)
{
    (void) now;
    size_t groups = self->options.group_count, pieces = chunk_count * groups;
    document_t *document = qw_must (calloc (1, sizeof *document + pieces * sizeof (piece_t)));
    document->sequence = self->next_sequence;
    document->payload = payload;
    document->chunk_count = (uint32_t) chunk_count;
    for (size_t i = 0; i < pieces; i++) {
        document->pieces[i].document = document;
        document->pieces[i].chunk = (uint32_t) (i / groups);
        document->pieces[i].group = (uint32_t) (i % groups);
        document->pieces[i].bytes = chunk_sizes[i / groups];
    }
    for (size_t i = 0; i < chunk_count; i++)
        document->bytes += chunk_sizes[i];
    if (self->next_sequence - self->base == self->ring_size)
        grow_ring (self);
    self->ring[self->next_sequence++ % self->ring_size] = document;
    self->stats.offered++;
    self->stats.open_documents++;
    self->stats.open_bytes += document->bytes;
    self->coming_bytes += document->bytes;
}

void qw_scheduler_source_ended (qw_scheduler_t *self) { self->source_ended = true; }

/* ---- the queues of pieces ------------------------------------------------------------------------------------------ */

static void unlink_piece (qw_scheduler_t *self, piece_t *piece)
{
    queue_t *queue = &self->queues[piece->group];
    *(piece->previous ? &piece->previous->next : &queue->first) = piece->next;
    *(piece->next ? &piece->next->previous : &queue->last) = piece->previous;
    piece->previous = piece->next = NULL;
    queue->count--;
    queue->bytes -= piece->bytes;
    self->stats.queued_pieces--;
}

static bool comes_before (const piece_t *a, const piece_t *b)
{
    return a->document->sequence != b->document->sequence ? a->document->sequence < b->document->sequence
                                                          : a->chunk < b->chunk;
}

/* A queue is in the order of the source: what is behind is wanted first. New pieces come at the end, so only those that
 * come back look for their place, from the front, where it nearly always is. */
static void queue_piece (qw_scheduler_t *self, piece_t *piece)
{
    queue_t *queue = &self->queues[piece->group];
    piece_t *after = queue->last; /* the piece that will be before this one */
    if (after && !comes_before (after, piece)) {
        after = NULL;
        for (piece_t *at = queue->first; at && comes_before (at, piece); at = at->next)
            after = at;
    }
    piece->state = PIECE_QUEUED;
    piece->previous = after;
    piece->next = after ? after->next : queue->first;
    *(after ? &after->next : &queue->first) = piece;
    *(piece->next ? &piece->next->previous : &queue->last) = piece;
    queue->count++;
    queue->bytes += piece->bytes;
    self->stats.queued_pieces++;
}

static void requeue (qw_scheduler_t *self, piece_t *piece)
{
    self->stats.redelivered++;
    queue_piece (self, piece);
}

/* Takes a piece out of whatever it is in; RECEIVED and GIVEN_UP are not left this way. */
static void set_state (qw_scheduler_t *self, piece_t *piece, piece_state_t state)
{
    if (piece->state == PIECE_QUEUED)
        unlink_piece (self, piece);
    piece->state = state;
}

/* ---- blame --------------------------------------------------------------------------------------------------------- */

static void strike (qw_scheduler_t *self, piece_t *piece)
{
    self->stats.struck++;
    if (++piece->strikes < self->options.strikes) {
        piece->alone = true;
        requeue (self, piece);
        return;
    }
    piece->state = PIECE_GIVEN_UP;
    piece->told = false;
    self->untold++;
    self->stats.given_up++;
}

/* A task ends without a result. `blame`: it was at the head of a dead worker's queue. Pieces that are in another worker's
 * hands as well stay there. */
static void lose_task (qw_scheduler_t *self, task_t *task, bool blame)
{
    for (size_t i = 0; i < task->piece_count; i++) {
        piece_t *piece = find_piece (self, task->pieces[i].sequence, task->pieces[i].chunk, task->group);
        if (!piece || task->session != self->session)
            continue;
        piece->copies -= piece->copies > 0;
        if (piece->state != PIECE_OUT)
            continue;
        if (blame && task->piece_count == 1)
            strike (self, piece);
        else if (blame) {
            piece->alone = true;
            if (piece->copies == 0)
                requeue (self, piece);
        } else if (piece->copies == 0)
            requeue (self, piece);
    }
}

/* ---- workers ------------------------------------------------------------------------------------------------------- */

static worker_t *find_worker (const qw_scheduler_t *self, uint64_t id)
{
    for (size_t i = 0; i < self->worker_count; i++)
        if (self->workers[i]->id == id)
            return self->workers[i];
    return NULL;
}

bool qw_scheduler_knows_worker (const qw_scheduler_t *self, uint64_t worker) { return find_worker (self, worker) != NULL; }

static void set_credit (worker_t *worker, size_t credit) { worker->credit = credit < QW_MAX_CREDIT ? credit : QW_MAX_CREDIT; }

static void remove_task (worker_t *worker, size_t at)
{
    worker->task_count--;
    memmove (&worker->tasks[at], &worker->tasks[at + 1], (worker->task_count - at) * sizeof (task_t));
}

void qw_scheduler_worker_hello (qw_scheduler_t *self, uint64_t id, uint32_t layer_mask, size_t credit, uint64_t now)
{
    worker_t *worker = find_worker (self, id);
    if (!worker) {
        if (self->worker_count == self->worker_room) {
            self->worker_room = self->worker_room ? 2 * self->worker_room : 16;
            self->workers = qw_must (realloc (self->workers, self->worker_room * sizeof *self->workers));
        }
        worker = self->workers[self->worker_count++] = qw_must (calloc (1, sizeof *worker));
        worker->id = id;
    }
    worker->layer_mask = layer_mask;
    worker->seen = now;
    set_credit (worker, credit);
}

/* What a lost worker said was done may have died in its sockets: it is waited for, but not for as long as of one that lives. */
static void doubt_deliveries (qw_scheduler_t *self, uint64_t worker, uint64_t now)
{
    for (uint64_t sequence = self->base; sequence < self->next_sequence; sequence++) {
        document_t *document = qw_scheduler_document (self, sequence);
        for (size_t i = 0; document && i < document->chunk_count * self->options.group_count; i++) {
            piece_t *piece = &document->pieces[i];
            if (piece->state == PIECE_DONE && piece->worker == worker) {
                piece->worker = 0;
                piece->since = now;
            }
        }
    }
}

void qw_scheduler_worker_lost (qw_scheduler_t *self, uint64_t id, bool blame, uint64_t now)
{
    for (size_t i = 0; i < self->worker_count; i++) {
        worker_t *worker = self->workers[i];
        if (worker->id != id)
            continue;
        for (size_t j = 0; j < worker->task_count; j++)
            lose_task (self, &worker->tasks[j], blame && j == 0);
        self->stats.tasks_out -= worker->task_count;
        self->workers[i] = self->workers[--self->worker_count];
        free (worker);
        doubt_deliveries (self, id, now);
        return;
    }
}

/* The tasks that are held get a new lease; one that the worker does not know of, because the TASK or its DONE was lost, runs
 * out. */
void qw_scheduler_worker_heartbeat (qw_scheduler_t *self, uint64_t id, const uint64_t *held, size_t held_count, size_t credit,
                                    uint64_t now)
{
    worker_t *worker = find_worker (self, id);
    if (!worker)
        return;
    worker->seen = worker->beat = now;
    set_credit (worker, credit);
    for (size_t i = 0; i < worker->task_count; i++)
        for (size_t j = 0; j < held_count && j < 2 * QW_MAX_CREDIT; j++)
            if (worker->tasks[i].id == held[j])
                worker->tasks[i].lease = now + self->options.lease_ms;
}

void qw_scheduler_task_unsent (qw_scheduler_t *self, uint64_t id, uint64_t task_id)
{
    worker_t *worker = find_worker (self, id);
    for (size_t i = worker ? worker->task_count : 0; i-- > 0;)
        if (worker->tasks[i].id == task_id) {
            lose_task (self, &worker->tasks[i], false);
            remove_task (worker, i);
            self->stats.tasks_out--;
        }
}

bool qw_scheduler_worker_done (qw_scheduler_t *self, uint64_t id, uint64_t task_id, uint64_t now)
{
    worker_t *worker = find_worker (self, id);
    if (!worker)
        return false;
    worker->seen = now;
    for (size_t i = 0; i < worker->task_count; i++) {
        task_t *task = &worker->tasks[i];
        if (task->id != task_id)
            continue;
        for (size_t j = 0; j < task->piece_count; j++) {
            worker->bytes += task->pieces[j].bytes;
            worker->chunks++;
            piece_t *piece = find_piece (self, task->pieces[j].sequence, task->pieces[j].chunk, task->group);
            if (!piece || task->session != self->session)
                continue;
            piece->copies -= piece->copies > 0;
            if (piece->state == PIECE_OUT) {
                piece->state = PIECE_DONE;
                piece->since = now;
                piece->worker = id;
            }
        }
        uint64_t took = now - task->sent;
        self->task_ms = self->task_ms ? (7 * self->task_ms + took) / 8 : took;
        remove_task (worker, i);
        self->stats.tasks_out--;
        return true;
    }
    return false;
}

/* ---- sessions with the sink ---------------------------------------------------------------------------------------- */

/* Nothing that the old session said holds any more. Strikes and what was given up are this ventilator's own knowledge and
 * stay. */
static void begin_session (qw_scheduler_t *self)
{
    self->sink = SINK_TO_GREET;
    self->session = 0;
    self->sent = self->seen = 0;
    self->announce_next = self->base;
    self->announced_documents = self->announced_bytes = 0;
    self->untold = 0;
    for (uint64_t sequence = self->base; sequence < self->next_sequence; sequence++) {
        document_t *document = qw_scheduler_document (self, sequence);
        if (!document)
            continue;
        if (document->accepted)
            self->coming_bytes += document->bytes;
        document->announced = document->accepted = false;
        for (size_t i = 0; i < document->chunk_count * self->options.group_count; i++) {
            piece_t *piece = &document->pieces[i];
            piece->copies = 0;
            piece->have = 0;
            piece->told = false;
            if (piece->state != PIECE_GIVEN_UP)
                set_state (self, piece, PIECE_IDLE);
        }
    }
}

void qw_scheduler_sink_lost (qw_scheduler_t *self, uint64_t now)
{
    (void) now;
    if (self->sink != SINK_TO_GREET)
        begin_session (self);
}

void qw_scheduler_sink_welcome (qw_scheduler_t *self, uint64_t session, size_t window_documents, size_t window_bytes,
                                uint64_t now)
{
    if (self->sink != SINK_GREETED || session == 0)
        return;
    self->sink = SINK_UP;
    self->session = session;
    self->sink_documents = window_documents ? window_documents : SIZE_MAX;
    self->sink_bytes = window_bytes ? window_bytes : SIZE_MAX;
    self->sink_since = now;
    self->stats.sessions++;
}

static void accept_document (qw_scheduler_t *self, uint64_t sequence)
{
    document_t *document = qw_scheduler_document (self, sequence);
    if (!document || !document->announced || document->accepted)
        return;
    document->accepted = true;
    self->coming_bytes -= document->bytes;
    for (size_t i = 0; i < document->chunk_count * self->options.group_count; i++) {
        piece_t *piece = &document->pieces[i];
        if (piece->state == PIECE_GIVEN_UP)
            self->untold++;
        else
            queue_piece (self, piece);
    }
}

/* The groups of layers that `mask` covers wholly. A result may also come for single layers of a group from elsewhere; the
 * piece is then done only when all of them are there. */
static void for_pieces (qw_scheduler_t *self, const uint64_t *triple, bool refused)
{
    for (uint32_t group = 0; group < self->options.group_count; group++) {
        uint32_t wanted = self->options.groups[group], mask = (uint32_t) triple[2] & wanted;
        piece_t *piece = mask ? find_piece (self, triple[0], (uint32_t) triple[1], group) : NULL;
        if (!piece || triple[1] > UINT32_MAX || piece->state == PIECE_GIVEN_UP || piece->state == PIECE_RECEIVED
            || piece->state == PIECE_IDLE)
            continue;
        if (refused) {
            if (piece->state == PIECE_QUEUED)
                unlink_piece (self, piece);
            strike (self, piece);
            continue;
        }
        piece->have |= mask;
        if (piece->have == wanted)
            set_state (self, piece, PIECE_RECEIVED);
    }
}

static void release_document (qw_scheduler_t *self, const uint64_t *triple)
{
    document_t *document = qw_scheduler_document (self, triple[0]);
    if (!document || !document->announced)
        return;
    for (size_t i = 0; i < document->chunk_count * self->options.group_count; i++) {
        piece_t *piece = &document->pieces[i];
        if (piece->state == PIECE_GIVEN_UP && !piece->told && document->accepted)
            self->untold--;
        set_state (self, piece, PIECE_RECEIVED);
    }
    self->announced_documents--;
    self->announced_bytes -= document->bytes;
    document->outcome = triple[1];
    document->position = triple[2];
    self->ring[document->sequence % self->ring_size] = NULL;
    while (self->base < self->next_sequence && !self->ring[self->base % self->ring_size])
        self->base++;
    if (self->announce_next < self->base)
        self->announce_next = self->base;
    if (!document->accepted)
        self->coming_bytes -= document->bytes;
    self->stats.open_documents--;
    self->stats.open_bytes -= document->bytes;
    self->stats.released++;
    uint64_t *const counts[] = {&self->stats.annotated, &self->stats.failed, &self->stats.known, &self->stats.known_failed};
    if (document->outcome < sizeof counts / sizeof *counts)
        ++*counts[document->outcome];
    document->next_released = NULL;
    *(self->last_released ? &self->last_released->next_released : &self->released) = document;
    self->last_released = document;
}

void qw_scheduler_progress (qw_scheduler_t *self, const qw_sink_progress_t *progress, uint64_t now)
{
    if (self->sink != SINK_UP || progress->session != self->session || progress->number <= self->seen)
        return;
    if (progress->number != self->seen + 1) {
        qw_scheduler_sink_lost (self, now);
        return;
    }
    self->seen = progress->number;
    for (size_t i = 0; i < progress->accepted_count; i++)
        accept_document (self, progress->accepted[i]);
    for (size_t i = 0; i + 2 < progress->received_count; i += 3)
        for_pieces (self, &progress->received[i], false);
    for (size_t i = 0; i + 2 < progress->refused_count; i += 3)
        for_pieces (self, &progress->refused[i], true);
    for (size_t i = 0; i + 2 < progress->committed_count; i += 3)
        release_document (self, &progress->committed[i]);
}

void qw_scheduler_sink_heartbeat (qw_scheduler_t *self, uint64_t session, uint64_t last, uint64_t now)
{
    if (self->sink == SINK_UP && session == self->session && last > self->seen)
        qw_scheduler_sink_lost (self, now);
}

/* ---- time ---------------------------------------------------------------------------------------------------------- */

/* A task lapses by what its worker says, not by its silence: else the head of a hung worker's queue would be taken back
 * blameless, and a task behind it would be to blame when the worker's own lease ends. */
static void end_leases (qw_scheduler_t *self, uint64_t now)
{
    for (size_t i = self->worker_count; i-- > 0;) {
        worker_t *worker = self->workers[i];
        if (now - worker->seen >= self->options.lease_ms && now > worker->seen) {
            if (self->expelled_count < sizeof self->expelled / sizeof *self->expelled) {
                self->expelled[self->expelled_count++] = worker->id;
                qw_scheduler_worker_lost (self, worker->id, true, now);
            }
            continue;
        }
        for (size_t j = worker->task_count; j-- > 0;)
            if (worker->beat >= worker->tasks[j].lease) {
                worker->lapsed++;
                lose_task (self, &worker->tasks[j], false);
                remove_task (worker, j);
                self->stats.tasks_out--;
            }
    }
}

/* A worker said DONE, but the sink never got the result. */
static void end_deliveries (qw_scheduler_t *self, uint64_t now)
{
    for (uint64_t sequence = self->base; sequence < self->next_sequence; sequence++) {
        document_t *document = qw_scheduler_document (self, sequence);
        if (!document || !document->accepted)
            continue;
        for (size_t i = 0; i < document->chunk_count * self->options.group_count; i++) {
            piece_t *piece = &document->pieces[i];
            uint64_t patience = piece->worker || self->options.deliver_ms < LOST_MS ? self->options.deliver_ms : LOST_MS;
            if (piece->state == PIECE_DONE && now - piece->since >= patience)
                requeue (self, piece);
        }
    }
}

/* What was said to this process while it slept waits in its sockets, so it may not hold the silence against anybody; but only
 * once: after that it has read them, and a caller that is always so slow must not keep silent workers for ever. */
static void forgive_own_sleep (qw_scheduler_t *self, uint64_t now)
{
    uint64_t slept = self->ticked ? now - self->ticked : 0;
    bool long_sleep = slept >= self->options.lease_ms / 2, forgive = long_sleep && !self->forgave;
    self->ticked = now;
    self->forgave = long_sleep;
    for (size_t i = 0; i < self->worker_count && forgive; i++) {
        uint64_t seen = self->workers[i]->seen + slept;
        self->workers[i]->seen = seen < now ? seen : now;
    }
}

void qw_scheduler_tick (qw_scheduler_t *self, uint64_t now)
{
    forgive_own_sleep (self, now);
    end_leases (self, now);
    if (self->sink == SINK_GREETED && now - self->sink_since >= self->options.hello_ms)
        qw_scheduler_sink_lost (self, now);
    if (now - self->swept >= 250) {
        self->swept = now;
        end_deliveries (self, now);
    }
}

/* ---- life ---------------------------------------------------------------------------------------------------------- */

qw_scheduler_t *qw_scheduler_new (const qw_scheduler_options_t *options)
{
    qw_scheduler_t *self = qw_must (calloc (1, sizeof *self));
    self->options = *options;
    self->ring_size = 64;
    self->ring = qw_must (calloc (self->ring_size, sizeof *self->ring));
    self->next_task = 1;
    return self;
}

void qw_scheduler_destroy (qw_scheduler_t **self_p, void (*release) (void *payload))
{
    qw_scheduler_t *self = *self_p;
    if (!self)
        return;
    for (uint64_t sequence = self->base; sequence < self->next_sequence; sequence++) {
        document_t *document = qw_scheduler_document (self, sequence);
        if (document && release)
            release (document->payload);
        free (document);
    }
    while (self->released) {
        document_t *next = self->released->next_released;
        if (release)
            release (self->released->payload);
        free (self->released);
        self->released = next;
    }
    for (size_t i = 0; i < self->worker_count; i++)
        free (self->workers[i]);
    free (self->workers);
    free (self->ring);
    free (self);
    *self_p = NULL;
}

bool qw_scheduler_finished (const qw_scheduler_t *self)
{
    return self->source_ended && self->stats.open_documents == 0 && !self->released;
}

uint32_t qw_scheduler_unserved (const qw_scheduler_t *self)
{
    for (size_t group = 0; group < self->options.group_count; group++) {
        bool served = self->queues[group].count == 0;
        for (size_t i = 0; i < self->worker_count && !served; i++)
            served = (self->workers[i]->layer_mask & self->options.groups[group]) == self->options.groups[group];
        if (!served)
            return self->options.groups[group];
    }
    return 0;
}

void qw_scheduler_stats (const qw_scheduler_t *self, qw_scheduler_stats_t *stats) { *stats = self->stats; }

size_t qw_scheduler_workers (const qw_scheduler_t *self, qw_worker_stats_t *workers, size_t room, uint64_t now)
{
    for (size_t i = 0; i < self->worker_count && i < room; i++) {
        const worker_t *worker = self->workers[i];
        workers[i] = (qw_worker_stats_t){worker->id, worker->chunks, worker->bytes, now - worker->seen, worker->lapsed,
                                         worker->task_count};
    }
    return self->worker_count;
}
