#include "tests/simulation/post.h"

#include <stdlib.h>

static void *grown (void *items, size_t size)
{
    void *result = realloc (items, size);
    if (!result)
        abort ();
    return result;
}

letter_t *letter_new (unsigned kind)
{
    letter_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->references = 1;
    self->kind = kind;
    return self;
}

void letter_add_all (letter_t *self, size_t list, const uint64_t *numbers, size_t count)
{
    if (count == 0)
        return;
    size_t old = self->counts[list];
    self->lists[list] = grown (self->lists[list], (old + count) * sizeof *numbers);
    memcpy (self->lists[list] + old, numbers, count * sizeof *numbers);
    self->counts[list] = old + count;
}

void letter_add (letter_t *self, size_t list, uint64_t number) { letter_add_all (self, list, &number, 1); }

void letter_release (letter_t *self)
{
    if (!self || --self->references > 0)
        return;
    for (size_t i = 0; i < 4; i++)
        free (self->lists[i]);
    free (self);
}

static void put (link_t *self, letter_t *letter, uint64_t due)
{
    if (self->first > 0 && self->first + self->count == self->capacity) {
        memmove (self->items, self->items + self->first, self->count * sizeof *self->items);
        self->first = 0;
    }
    if (self->count == self->capacity) {
        self->capacity = self->capacity ? 2 * self->capacity : 16;
        self->items = grown (self->items, self->capacity * sizeof *self->items);
    }
    if (due < self->last_due)
        due = self->last_due;
    self->last_due = due;
    self->items[self->first + self->count].letter = letter;
    self->items[self->first + self->count].due = due;
    self->count++;
}

void link_send (link_t *self, letter_t *letter, uint64_t now, const weather_t *weather, chance_t *chance)
{
    if (chance_permille (chance, weather->loss)) {
        letter_release (letter);
        return;
    }
    put (self, letter, now + chance_below (chance, weather->delay_ms + 1));
    if (chance_permille (chance, weather->twice)) {
        letter->references++;
        put (self, letter, now + chance_below (chance, 4 * weather->delay_ms + 1));
    }
}

letter_t *link_receive (link_t *self, uint64_t now)
{
    if (self->count == 0 || self->items[self->first].due > now)
        return NULL;
    letter_t *letter = self->items[self->first].letter;
    self->first++;
    if (--self->count == 0)
        self->first = 0;
    return letter;
}

void link_cut (link_t *self, bool everything, chance_t *chance)
{
    size_t lost = everything ? self->count : (size_t) chance_below (chance, self->count + 1);
    for (; lost > 0; lost--)
        letter_release (self->items[self->first + --self->count].letter);
    if (self->count == 0)
        self->first = 0;
}

void link_relabel (link_t *self, uint64_t peer)
{
    for (size_t i = 0; i < self->count; i++)
        self->items[self->first + i].letter->peer = peer;
}

void link_free (link_t *self)
{
    link_cut (self, true, NULL);
    free (self->items);
    *self = (link_t){.items = NULL};
}
