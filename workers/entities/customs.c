#include "workers/entities/customs.h"

#include <stdlib.h>

#include "workers/entities/words.h"

/* How often the target has a word, and how often as (part of) the name of a people or place. */
typedef struct {
    uint64_t hash;
    uint32_t all, people, place;
} habit_t;

typedef struct {
    habit_t *slots;
    size_t capacity, count;
} habits_t;

static const uint16_t people = (uint16_t) (1u << (1 + 2 * QW_NAME_NORP)), place = (uint16_t) (1u << (1 + 2 * QW_NAME_LOC));
static const uint16_t place_inside = (uint16_t) (1u << (2 + 2 * QW_NAME_LOC));

static habit_t *habit_of (habits_t *self, uint64_t hash, bool add)
{
    if (add && self->count * 2 >= self->capacity) {
        habits_t wider = {NULL, self->capacity ? self->capacity * 2 : 1 << 14, self->count};
        wider.slots = calloc (wider.capacity, sizeof *wider.slots);
        if (!wider.slots)
            abort ();
        for (size_t i = 0; i < self->capacity; i++)
            if (self->slots[i].hash) {
                size_t at = self->slots[i].hash & (wider.capacity - 1);
                while (wider.slots[at].hash)
                    at = (at + 1) & (wider.capacity - 1);
                wider.slots[at] = self->slots[i];
            }
        free (self->slots);
        *self = wider;
    }
    if (!self->capacity)
        return NULL;
    size_t at = hash & (self->capacity - 1);
    while (self->slots[at].hash && self->slots[at].hash != hash)
        at = (at + 1) & (self->capacity - 1);
    if (!self->slots[at].hash) {
        if (!add)
            return NULL;
        self->slots[at].hash = hash;
        self->count++;
    }
    return &self->slots[at];
}

static uint64_t word_at (const qw_document_t *document, size_t token)
{
    qw_span_t span = document->layers->tokens[token];
    return qw_word_hash (document->text + span.start, qw_span_size (span));
}

static void learn (habits_t *habits, const qw_document_t *document)
{
    for (size_t i = 0; i < document->layers->token_count; i++) {
        habit_t *habit = habit_of (habits, word_at (document, i), true);
        habit->all++;
        habit->people += document->masks[i] == people;
        habit->place += document->masks[i] == place || document->masks[i] == place_inside;
    }
}

/* The labels that begin a body, a building or another thing, which the target cuts. */
static uint16_t begins (uint16_t mask)
{
    uint16_t bits = 0;
    for (int i = 0; i < QW_NAME_TYPES; i++)
        if (i == QW_NAME_ORG || i == QW_NAME_FAC || i == QW_NAME_MISC)
            bits |= (uint16_t) (1u << qw_label_begin (i));
    return mask & bits;
}

static uint16_t insides (uint16_t begin_bits) { return (uint16_t) (begin_bits << 1); }

static void open_name (const habits_t *habits, qw_document_t *document, size_t first, size_t end)
{
    uint16_t type = begins (document->masks[first]);
    bool cut = false;
    for (size_t i = first; i < end; i++) {
        const habit_t *habit = habit_of ((habits_t *) habits, word_at (document, i), false);
        bool is_people = habit && habit->people >= 2 && habit->people * 2 > habit->all;
        bool is_place = habit && habit->place >= 2 && habit->place * 2 > habit->all;
        if (cut)
            document->masks[i] |= type; /* may begin anew behind the cut */
        if (is_people || is_place) {
            document->masks[i] |= (uint16_t) ((is_people ? people : 0) | (is_place ? place | place_inside : 0));
            cut = true;
        }
    }
}

static void open_document (const habits_t *habits, qw_document_t *document)
{
    for (size_t s = 0; s < document->layers->sentence_count; s++) {
        size_t end = document->layers->sentences[s].end;
        for (size_t i = document->layers->sentences[s].first; i < end;) {
            uint16_t type = begins (document->masks[i]);
            size_t first = i++;
            if (!type || document->masks[first] & (1 | place))
                continue;
            while (i < end && document->masks[i] & insides (type) && !(document->masks[i] & 1))
                i++;
            if (i - first > 1)
                open_name (habits, document, first, i);
        }
    }
}

void qw_customs_leave_open (qw_labelled_t *corpus)
{
    habits_t habits = {0};
    for (size_t i = 0; i < corpus->document_count; i++)
        if (corpus->sources[corpus->documents[i].source].target)
            learn (&habits, &corpus->documents[i]);
    for (size_t i = 0; i < corpus->document_count; i++)
        if (!corpus->sources[corpus->documents[i].source].target)
            open_document (&habits, &corpus->documents[i]);
    free (habits.slots);
}
