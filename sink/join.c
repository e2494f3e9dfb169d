#include "sink/join.h"

#include <stdlib.h>
#include <string.h>

#include "proto/memory.h"

typedef struct {
    uint64_t sequence;
    void *document;
    size_t bytes;
    uint32_t chunk_count;
    uint32_t missing; /* chunks that still lack a layer */
    qw_joined_chunk_t chunks[];
} open_t;

/* A flat list of numbers for the next PROGRESS. */
typedef struct {
    uint64_t *items;
    size_t count, capacity;
} numbers_t;

struct qw_join_t {
    qw_join_options_t options;
    uint64_t session, last_number, last_sequence, last_progress;
    bool any; /* a document was announced in this session */
    uint32_t layer_mask;

    open_t **ring; /* documents in order of announcement; [first, first + count), each at index % ring_size, a power of 2 */
    size_t ring_size, first, count;
    size_t bytes;

    numbers_t accepted, received, refused, committed;
    numbers_t staged, writing;                       /* committed to be, once they are durable; on their way there */
    numbers_t told_a, told_r, told_f, told_c;        /* what the last PROGRESS took */
    size_t staged_documents;
};

static void add (numbers_t *list, uint64_t number)
{
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? 2 * list->capacity : 64;
        list->items = qw_must (realloc (list->items, list->capacity * sizeof *list->items));
    }
    list->items[list->count++] = number;
}

static void add_triple (numbers_t *list, uint64_t a, uint64_t b, uint64_t c)
{
    add (list, a);
    add (list, b);
    add (list, c);
}

/* The layers of a chunk come together and are told together. */
static void add_received (numbers_t *list, uint64_t sequence, uint64_t chunk, uint64_t mask)
{
    size_t last = list->count;
    if (last > 0 && list->items[last - 3] == sequence && list->items[last - 2] == chunk)
        list->items[last - 1] |= mask;
    else
        add_triple (list, sequence, chunk, mask);
}

/* ---- open documents ------------------------------------------------------------------------------------------------ */

static open_t *at (const qw_join_t *self, size_t i) { return self->ring[(self->first + i) & (self->ring_size - 1)]; }

/* Sequences rise along the ring, so the place of one is found by bisection; mostly none is left out, and it is where it would
 * be then. */
static open_t *find (const qw_join_t *self, uint64_t sequence)
{
    if (self->count == 0 || sequence < at (self, 0)->sequence)
        return NULL;
    uint64_t guess = sequence - at (self, 0)->sequence;
    if (guess < self->count && at (self, (size_t) guess)->sequence == sequence)
        return at (self, (size_t) guess);
    size_t low = 0, high = self->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (at (self, middle)->sequence < sequence)
            low = middle + 1;
        else
            high = middle;
    }
    return low < self->count && at (self, low)->sequence == sequence ? at (self, low) : NULL;
}

static void free_open (qw_join_t *self, open_t *open)
{
    for (uint32_t i = 0; i < open->chunk_count; i++)
        for (unsigned layer = 0; layer < QW_MAX_LAYERS; layer++) {
            if (open->chunks[i].results[layer])
                self->options.free_result (open->chunks[i].results[layer]);
            free (open->chunks[i].reasons[layer]);
        }
    if (open->document)
        self->options.free_document (open->document);
    self->bytes -= open->bytes;
    free (open);
}

static void push (qw_join_t *self, open_t *open)
{
    if (self->count == self->ring_size) {
        open_t **ring = qw_must (malloc (2 * self->ring_size * sizeof *ring));
        for (size_t i = 0; i < self->count; i++)
            ring[i] = at (self, i);
        free (self->ring);
        self->ring = ring;
        self->first = 0;
        self->ring_size *= 2;
    }
    self->ring[(self->first + self->count++) & (self->ring_size - 1)] = open;
}

static void pop (qw_join_t *self)
{
    free_open (self, at (self, 0));
    self->first = (self->first + 1) & (self->ring_size - 1);
    self->count--;
}

/* ---- life ---------------------------------------------------------------------------------------------------------- */

qw_join_t *qw_join_new (const qw_join_options_t *options)
{
    qw_join_t *self = qw_must (calloc (1, sizeof *self));
    self->options = *options;
    self->ring_size = 64;
    self->ring = qw_must (malloc (self->ring_size * sizeof *self->ring));
    return self;
}

void qw_join_begin (qw_join_t *self, uint64_t session, uint32_t layer_mask)
{
    while (self->count > 0)
        pop (self);
    self->session = session;
    self->layer_mask = layer_mask;
    self->last_number = self->last_sequence = self->last_progress = 0;
    self->any = false;
    self->accepted.count = self->received.count = self->refused.count = self->committed.count = 0;
    self->staged.count = self->writing.count = self->staged_documents = 0;
}

void qw_join_destroy (qw_join_t **self_p)
{
    qw_join_t *self = *self_p;
    if (!self)
        return;
    qw_join_begin (self, 0, 0);
    numbers_t *lists[] = {&self->accepted, &self->received, &self->refused, &self->committed, &self->staged,
                          &self->writing,  &self->told_a,   &self->told_r,  &self->told_f,    &self->told_c};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        free (lists[i]->items);
    free (self->ring);
    free (self);
    *self_p = NULL;
}

uint64_t qw_join_session (const qw_join_t *self) { return self->session; }

/* ---- events -------------------------------------------------------------------------------------------------------- */

qw_status_t qw_join_number (qw_join_t *self, uint64_t session, uint64_t number, qw_reason_t *reason)
{
    if (session != self->session || session == 0)
        return qw_fail (QW_NOT_FOUND, reason, "session %llu is over", (unsigned long long) session);
    if (number <= self->last_number)
        return QW_EXISTS;
    if (number != self->last_number + 1)
        return qw_fail (QW_INVALID, reason, "message %llu came after message %llu", (unsigned long long) number,
                        (unsigned long long) self->last_number);
    self->last_number = number;
    return QW_OK;
}

qw_status_t qw_join_last (qw_join_t *self, uint64_t session, uint64_t last, qw_reason_t *reason)
{
    if (session != self->session || session == 0)
        return qw_fail (QW_NOT_FOUND, reason, "session %llu is over", (unsigned long long) session);
    return last <= self->last_number
               ? QW_OK
               : qw_fail (QW_INVALID, reason, "message %llu did not arrive", (unsigned long long) last);
}

static qw_status_t check_sequence (qw_join_t *self, uint64_t sequence, qw_reason_t *reason)
{
    if (self->any && sequence <= self->last_sequence)
        return qw_fail (QW_INVALID, reason, "document %llu was announced after document %llu", (unsigned long long) sequence,
                        (unsigned long long) self->last_sequence);
    return QW_OK;
}

qw_status_t qw_join_announce (qw_join_t *self, uint64_t sequence, size_t bytes, uint32_t chunk_count, void *document,
                              qw_reason_t *reason)
{
    qw_status_t status = check_sequence (self, sequence, reason);
    if (status)
        return status;
    if (self->count >= self->options.window_documents || (self->count > 0 && self->bytes + bytes > self->options.window_bytes))
        return qw_fail (QW_TOO_LARGE, reason, "document %llu is beyond the window", (unsigned long long) sequence);
    open_t *open = qw_must (calloc (1, sizeof *open + chunk_count * sizeof (qw_joined_chunk_t)));
    open->sequence = sequence;
    open->document = document;
    open->bytes = bytes;
    open->chunk_count = chunk_count;
    open->missing = self->layer_mask ? chunk_count : 0;
    push (self, open);
    self->bytes += bytes;
    self->last_sequence = sequence;
    self->any = true;
    add (&self->accepted, sequence);
    return QW_OK;
}

qw_status_t qw_join_announce_known (qw_join_t *self, uint64_t sequence, uint64_t outcome, uint64_t position,
                                    qw_reason_t *reason)
{
    qw_status_t status = check_sequence (self, sequence, reason);
    if (status)
        return status;
    self->last_sequence = sequence;
    self->any = true;
    add_triple (&self->committed, sequence, outcome, position);
    return QW_OK;
}

void *qw_join_document (const qw_join_t *self, uint64_t session, uint64_t sequence, uint32_t chunk)
{
    open_t *open = session == self->session ? find (self, sequence) : NULL;
    return open && chunk < open->chunk_count ? open->document : NULL;
}

/* Layers of a chunk on which the last word is not spoken. */
static uint32_t open_layers (const qw_join_t *self, const qw_joined_chunk_t *chunk)
{
    uint32_t mask = 0;
    for (unsigned layer = 0; layer < QW_MAX_LAYERS; layer++)
        if (self->layer_mask & 1u << layer && !chunk->results[layer] && !chunk->reasons[layer])
            mask |= 1u << layer;
    return mask;
}

bool qw_join_result (qw_join_t *self, uint64_t session, uint64_t sequence, uint32_t chunk, unsigned layer, void *result)
{
    if (session != self->session || layer >= QW_MAX_LAYERS || !(self->layer_mask & 1u << layer))
        return false;
    open_t *open = find (self, sequence);
    if (!open || chunk >= open->chunk_count)
        return false;
    add_received (&self->received, sequence, chunk, 1u << layer);
    qw_joined_chunk_t *slot = &open->chunks[chunk];
    if (slot->results[layer] || slot->reasons[layer])
        return false;
    slot->results[layer] = result;
    open->missing -= open_layers (self, slot) == 0;
    return true;
}

void qw_join_refuse (qw_join_t *self, uint64_t session, uint64_t sequence, uint32_t chunk, uint32_t layer_mask)
{
    if (session == self->session && session != 0)
        add_triple (&self->refused, sequence, chunk, layer_mask);
}

void qw_join_give_up (qw_join_t *self, uint64_t session, uint64_t sequence, uint32_t chunk, uint32_t layer_mask,
                      qw_bytes_t reason)
{
    open_t *open = session == self->session ? find (self, sequence) : NULL;
    if (!open || chunk >= open->chunk_count)
        return;
    add_received (&self->received, sequence, chunk, layer_mask); /* a worker's word too is an answer: else it would be asked again */
    qw_joined_chunk_t *slot = &open->chunks[chunk];
    uint32_t wanted = open_layers (self, slot) & layer_mask;
    for (unsigned layer = 0; layer < QW_MAX_LAYERS; layer++)
        if (wanted & 1u << layer) {
            slot->reasons[layer] = qw_must (calloc (1, reason.size + 1));
            memcpy (slot->reasons[layer], reason.data ? reason.data : "", reason.size);
        }
    if (wanted && open_layers (self, slot) == 0)
        open->missing--;
}

/* ---- what comes out ------------------------------------------------------------------------------------------------ */

bool qw_join_ready (qw_join_t *self, qw_joined_t *joined)
{
    if (self->count == 0 || at (self, 0)->missing > 0)
        return false;
    const open_t *open = at (self, 0);
    *joined = (qw_joined_t){open->sequence, open->document, open->chunk_count, open->chunks};
    return true;
}

void qw_join_staged (qw_join_t *self, uint64_t outcome, uint64_t position)
{
    add_triple (&self->staged, at (self, 0)->sequence, outcome, position);
    self->staged_documents++;
    pop (self);
}

size_t qw_join_staged_count (const qw_join_t *self) { return self->staged_documents; }

void qw_join_committing (qw_join_t *self)
{
    for (size_t i = 0; i < self->staged.count; i++)
        add (&self->writing, self->staged.items[i]);
    self->staged.count = self->staged_documents = 0;
}

void qw_join_committed (qw_join_t *self)
{
    for (size_t i = 0; i < self->writing.count; i++)
        add (&self->committed, self->writing.items[i]);
    self->writing.count = 0;
}

/* Hands a list over and leaves an empty one, without copying. */
static qw_uints_t take (numbers_t *list, numbers_t *told)
{
    numbers_t full = *list;
    *list = *told;
    list->count = 0;
    *told = full;
    return (qw_uints_t){told->items, told->count};
}

bool qw_join_has_urgent_progress (const qw_join_t *self)
{
    return self->accepted.count + self->refused.count + self->committed.count > 0;
}

bool qw_join_has_progress (const qw_join_t *self)
{
    return self->received.count > 0 || qw_join_has_urgent_progress (self);
}

bool qw_join_progress (qw_join_t *self, qw_join_progress_t *progress)
{
    if (!qw_join_has_progress (self))
        return false;
    progress->session = self->session;
    progress->number = ++self->last_progress;
    progress->accepted = take (&self->accepted, &self->told_a);
    progress->received = take (&self->received, &self->told_r);
    progress->refused = take (&self->refused, &self->told_f);
    progress->committed = take (&self->committed, &self->told_c);
    return true;
}

uint64_t qw_join_last_progress (const qw_join_t *self) { return self->last_progress; }
size_t qw_join_open_documents (const qw_join_t *self) { return self->count; }
size_t qw_join_open_bytes (const qw_join_t *self) { return self->bytes; }
