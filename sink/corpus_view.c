#include "sink/corpus_view.h"

#include <stdlib.h>

enum { AT_ONCE = 128, SPECIAL = QW_ENTRY_FAILED | QW_ENTRY_DROPPED | QW_ENTRY_SUPERSEDES };

/* A document that failed at least once. */
typedef struct {
    uint8_t hash[16];
    uint64_t root, newest; /* positions; root is 1 + position, 0: the slot is free */
    uint32_t flags;        /* of the newest, as are these: */
    uint32_t tokens, mentions, quotes;
} history_t;

struct qw_corpus_view_t {
    qw_corpus_reader_t *reader;
    uint64_t count;
    history_t *slots;
    size_t used, capacity; /* capacity: a power of two */
    qw_entry_t entries[AT_ONCE];
    uint64_t first; /* entries[] are of positions [first, first + loaded) */
    size_t loaded;
    bool stepped; /* the next step goes behind the position it is given */
    qw_corpus_summary_t summary;
};

/* ---- histories by id ------------------------------------------------------------------------------------------------- */

static history_t *slot_of (history_t *slots, size_t capacity, const uint8_t hash[16])
{
    uint64_t start;
    memcpy (&start, hash, sizeof start);
    size_t at = (size_t) start & (capacity - 1);
    while (slots[at].root && memcmp (slots[at].hash, hash, 16) != 0)
        at = (at + 1) & (capacity - 1);
    return &slots[at];
}

static history_t *find (qw_corpus_view_t *self, const uint8_t hash[16])
{
    history_t *history = self->used ? slot_of (self->slots, self->capacity, hash) : NULL;
    return history && history->root ? history : NULL;
}

static void grow (qw_corpus_view_t *self)
{
    size_t capacity = self->capacity ? 2 * self->capacity : 64;
    history_t *slots = calloc (capacity, sizeof *slots);
    if (!slots)
        abort ();
    for (size_t i = 0; i < self->capacity; i++)
        if (self->slots[i].root)
            *slot_of (slots, capacity, self->slots[i].hash) = self->slots[i];
    free (self->slots);
    self->slots = slots;
    self->capacity = capacity;
}

static void count (qw_corpus_summary_t *summary, const qw_entry_t *entry)
{
    if (entry->flags & QW_ENTRY_DROPPED)
        summary->dropped++;
    else if (entry->flags & QW_ENTRY_FAILED)
        summary->failed++;
    else
        summary->annotated++;
    summary->tokens += entry->tokens;
    summary->mentions += entry->mentions;
    summary->quotes += entry->quotes;
}

/* Takes back what was counted for a record that is no longer the newest. */
static void discount (qw_corpus_summary_t *summary, const history_t *history)
{
    if (history->flags & QW_ENTRY_DROPPED)
        summary->dropped--;
    else if (history->flags & QW_ENTRY_FAILED)
        summary->failed--;
    else
        summary->annotated--;
    summary->tokens -= history->tokens;
    summary->mentions -= history->mentions;
    summary->quotes -= history->quotes;
    summary->superseded++;
}

static void learn (qw_corpus_view_t *self, uint64_t position, const qw_entry_t *entry)
{
    self->summary.records++;
    self->summary.bytes += entry->size;
    history_t *history = find (self, entry->id_hash);
    count (&self->summary, entry);
    if (!history && !(entry->flags & SPECIAL))
        return;
    if (!history) {
        if (2 * (self->used + 1) > self->capacity)
            grow (self);
        history = slot_of (self->slots, self->capacity, entry->id_hash);
        memcpy (history->hash, entry->id_hash, 16);
        history->root = position + 1;
        self->used++;
    } else if (history->flags & QW_ENTRY_DROPPED && !(entry->flags & QW_ENTRY_SUPERSEDES))
        history->root = position + 1; /* a document of its own: the dropped one is gone */
    else
        discount (&self->summary, history);
    history->newest = position;
    history->flags = entry->flags;
    history->tokens = entry->tokens;
    history->mentions = entry->mentions;
    history->quotes = entry->quotes;
}

/* ---- the view -------------------------------------------------------------------------------------------------------- */

static const qw_entry_t *entry_at (qw_corpus_view_t *self, uint64_t position, qw_reason_t *reason)
{
    if (position < self->first || position >= self->first + self->loaded) {
        self->first = position;
        if (qw_corpus_reader_entries (self->reader, position, AT_ONCE, self->entries, &self->loaded, reason)) {
            self->loaded = 0;
            return NULL;
        }
    }
    return &self->entries[position - self->first];
}

qw_corpus_view_t *qw_corpus_view_new (qw_corpus_reader_t *reader)
{
    qw_corpus_view_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->reader = reader;
    self->count = qw_corpus_reader_count (reader);
    for (uint64_t position = 0; position < self->count; position++) {
        const qw_entry_t *entry = entry_at (self, position, NULL);
        if (entry)
            learn (self, position, entry);
        else
            self->summary.unreadable++;
    }
    self->summary.documents = self->summary.annotated + self->summary.failed;
    return self;
}

void qw_corpus_view_destroy (qw_corpus_view_t **self_p)
{
    if (!*self_p)
        return;
    free ((*self_p)->slots);
    free (*self_p);
    *self_p = NULL;
}

const qw_corpus_summary_t *qw_corpus_view_summary (const qw_corpus_view_t *self) { return &self->summary; }

qw_status_t qw_corpus_view_next (qw_corpus_view_t *self, uint64_t *position, uint64_t until, uint64_t *newest,
                                 qw_entry_t *entry, qw_reason_t *reason)
{
    if (until > self->count)
        until = self->count;
    for (uint64_t at = *position + self->stepped; at < until; at++) {
        const qw_entry_t *found = entry_at (self, at, reason);
        self->stepped = true;
        *position = *newest = at;
        if (!found)
            return QW_DAMAGED;
        const history_t *history = find (self, found->id_hash);
        if (history && (history->root != at + 1 || history->flags & QW_ENTRY_DROPPED))
            continue;
        *entry = *found;
        if (history)
            *newest = history->newest;
        return history && *newest != at ? qw_corpus_reader_entry (self->reader, *newest, entry, reason) : QW_OK;
    }
    self->stepped = false;
    return QW_END;
}
