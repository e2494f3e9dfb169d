#include "workers/entities/consistency.h"

#include <stdlib.h>
#include <string.h>

#include "proto/memory.h"
#include "workers/entities/context.h"

enum { LONGEST = 3 /* tokens */, LEAST = 2 /* times that a name must be found */ };

typedef struct {
    uint64_t hash; /* of the words; 0: free */
    uint32_t found, left_out;
    uint32_t types[QW_NAME_TYPES];
} name_t;

/* A place where a name that was found elsewhere may be left out. */
typedef struct {
    name_t *name;
    uint32_t first, size; /* tokens */
} place_t;

enum { FILTER_BITS = 1024 };

struct qw_consistency_t {
    name_t *slots;
    size_t mask, slots_allocated;
    uint64_t filter[FILTER_BITS / 64]; /* a bit for each name: most words are none, and need no look at the slots */
    place_t *places;
    size_t place_count, place_capacity;
    uint8_t *labels;
    size_t label_capacity;
};

qw_consistency_t *qw_consistency_new (void) { return qw_must (calloc (1, sizeof (qw_consistency_t))); }

void qw_consistency_destroy (qw_consistency_t **self_p)
{
    if (!*self_p)
        return;
    free ((*self_p)->slots);
    free ((*self_p)->places);
    free ((*self_p)->labels);
    free (*self_p);
    *self_p = NULL;
}

static void table_clear (qw_consistency_t *self, size_t names)
{
    size_t wanted = 64;
    while (wanted < names * 2)
        wanted *= 2;
    if (wanted > self->slots_allocated) {
        free (self->slots);
        self->slots = qw_must (malloc (wanted * sizeof *self->slots));
        self->slots_allocated = wanted;
    }
    memset (self->filter, 0, sizeof self->filter);
    self->mask = wanted - 1; /* no more than this text needs, whatever came before */
    for (size_t i = 0; i < wanted; i++)
        self->slots[i].hash = 0;
}

static name_t *slot_of (const qw_consistency_t *self, uint64_t hash)
{
    size_t at = (size_t) (hash >> 20) & self->mask;
    while (self->slots[at].hash && self->slots[at].hash != hash)
        at = (at + 1) & self->mask;
    return &self->slots[at];
}

static uint64_t *filter_word (qw_consistency_t *self, uint64_t hash) { return &self->filter[hash >> 10 & (FILTER_BITS / 64 - 1)]; }

static uint64_t hash_of (const qw_word_t *words, size_t count)
{
    uint64_t hash = words[0].exact;
    for (size_t i = 1; i < count; i++)
        hash = qw_phrase_hash (hash, words[i].exact);
    return hash ? hash : 1;
}

static size_t end_of_name (const uint8_t *labels, size_t first, size_t end)
{
    size_t i = first + 1;
    while (i < end && labels[i] == qw_label_inside (qw_label_name (labels[first])))
        i++;
    return i;
}

static bool is_name (const uint8_t *labels, const qw_word_t *words, size_t first, size_t end)
{
    return qw_label_begins (labels[first]) && words[first].capital && words[first].kind != QW_KIND_LETTER && end - first <= LONGEST;
}

/* Returns how often the name was found that was found most often. */
static uint32_t count_found (qw_consistency_t *self, const qw_layers_t *layers, const qw_word_t *words, const uint8_t *labels)
{
    size_t names = 0;
    uint32_t most = 0;
    for (size_t s = 0; s < layers->sentence_count; s++)
        for (size_t i = layers->sentences[s].first, end = layers->sentences[s].end; i < end; i++)
            names += qw_label_begins (labels[i]);
    table_clear (self, names);
    for (size_t s = 0; s < layers->sentence_count; s++) {
        size_t end = layers->sentences[s].end, next;
        for (size_t i = layers->sentences[s].first; i < end; i = next) {
            next = i + 1;
            if (!qw_label_begins (labels[i]))
                continue;
            next = end_of_name (labels, i, end);
            if (!is_name (labels, words, i, next))
                continue;
            uint64_t hash = hash_of (words + i, next - i);
            name_t *name = slot_of (self, hash);
            if (!name->hash)
                *name = (name_t) {.hash = hash};
            *filter_word (self, hash) |= (uint64_t) 1 << (hash & 63);
            if (++name->found > most)
                most = name->found;
            name->types[qw_label_name (labels[i])]++;
        }
    }
    return most;
}

static int main_type (const name_t *name)
{
    int best = 0;
    for (int i = 1; i < QW_NAME_TYPES; i++)
        if (name->types[i] > name->types[best])
            best = i;
    return best;
}

static bool is_sure (const name_t *name)
{
    return name->found >= LEAST && name->found >= name->left_out && name->types[main_type (name)] * 10 >= name->found * 7;
}

/* The name that was found elsewhere and left out at a token; *size: its tokens. Names that stand beside words with capitals may
 * be part of others. */
static name_t *left_out (qw_consistency_t *self, const qw_word_t *words, const uint8_t *labels, size_t first, size_t i, size_t end,
                         size_t *size)
{
    if (labels[i] != QW_LABEL_OUTSIDE || (i > first && words[i - 1].capital))
        return NULL;
    size_t most = 0; /* tokens without a label */
    while (most < LONGEST && i + most < end && labels[i + most] == QW_LABEL_OUTSIDE)
        most++;
    for (*size = most; *size > 0; --*size) {
        if (i + *size < end && words[i + *size].capital)
            continue;
        uint64_t hash = hash_of (words + i, *size);
        if (!(*filter_word (self, hash) >> (hash & 63) & 1))
            continue;
        name_t *name = slot_of (self, hash);
        if (name->hash)
            return name;
    }
    return NULL;
}

static void count_left_out (qw_consistency_t *self, const qw_layers_t *layers, const qw_word_t *words, const uint8_t *labels)
{
    self->place_count = 0;
    for (size_t s = 0; s < layers->sentence_count; s++) {
        size_t first = layers->sentences[s].first, end = layers->sentences[s].end, size;
        for (size_t i = first; i < end; i++) {
            name_t *name = words[i].capital ? left_out (self, words, labels, first, i, end, &size) : NULL;
            if (!name)
                continue;
            name->left_out++;
            self->places = qw_grown (self->places, &self->place_capacity, self->place_count + 1, sizeof *self->places);
            self->places[self->place_count++] = (place_t) {name, (uint32_t) i, (uint32_t) size};
            i += size - 1;
        }
    }
}

const uint8_t *qw_consistency_label (qw_consistency_t *self, const qw_layers_t *layers, const qw_word_t *words,
                                     const uint8_t *labels)
{
    if (count_found (self, layers, words, labels) < LEAST)
        return labels;
    count_left_out (self, layers, words, labels);
    if (self->place_count == 0)
        return labels;
    self->labels = qw_grown (self->labels, &self->label_capacity, layers->token_count + 1, 1);
    memcpy (self->labels, labels, layers->token_count);
    for (const place_t *place = self->places; place < self->places + self->place_count; place++)
        if (is_sure (place->name)) {
            int type = main_type (place->name);
            memset (self->labels + place->first, qw_label_inside (type), place->size);
            self->labels[place->first] = (uint8_t) qw_label_begin (type);
        }
    return self->labels;
}
