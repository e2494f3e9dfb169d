#include "tests/simulation/store.h"

#include <stdlib.h>

uint64_t store_append (store_t *self, const record_t *record)
{
    if (self->appended == self->capacity) {
        self->capacity = self->capacity ? 2 * self->capacity : 64;
        self->records = realloc (self->records, self->capacity * sizeof *self->records);
        if (!self->records)
            abort ();
    }
    self->records[self->appended] = *record;
    return self->appended++;
}

void store_write (store_t *self) { self->writing = self->appended; }

void store_commit (store_t *self) { self->durable = self->writing; }

size_t store_crash (store_t *self, chance_t *chance)
{
    size_t pending = self->appended - self->durable;
    size_t survive = (size_t) chance_below (chance, pending + 1);
    self->durable += survive;
    self->appended = self->writing = self->durable;
    return pending - survive;
}

const record_t *store_find (const store_t *self, uint64_t id, uint64_t *position)
{
    for (size_t i = 0; i < self->appended; i++)
        if (self->records[i].id == id) {
            *position = i;
            return &self->records[i];
        }
    return NULL;
}

void store_free (store_t *self)
{
    free (self->records);
    *self = (store_t){.records = NULL};
}
