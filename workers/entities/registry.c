#include "workers/entities/registry.h"

#include <stdlib.h>

#include "proto/memory.h"

static const uint32_t private_bit = 1u << 31; /* in a count */

void qw_registry_free (qw_registry_t *self)
{
    free (self->hashes);
    free (self->counts);
    free (self->numbers);
    free (self->private);
    *self = (qw_registry_t) {0};
}

static size_t slot_of (const qw_registry_t *self, uint64_t hash)
{
    size_t at = hash & (self->slots - 1);
    while (self->hashes[at] && self->hashes[at] != hash)
        at = (at + 1) & (self->slots - 1);
    return at;
}

static void widen (qw_registry_t *self)
{
    size_t old = self->slots;
    uint64_t *hashes = self->hashes;
    uint32_t *counts = self->counts;
    self->slots = old ? old * 2 : 1 << 20;
    self->hashes = qw_must (calloc (self->slots, sizeof *hashes));
    self->counts = qw_must (calloc (self->slots, sizeof *counts));
    for (size_t i = 0; i < old; i++)
        if (hashes[i]) {
            size_t at = slot_of (self, hashes[i]);
            self->hashes[at] = hashes[i];
            self->counts[at] = counts[i];
        }
    free (hashes);
    free (counts);
}

/* The slot of a feature; a new one is put in. */
static size_t enter (qw_registry_t *self, uint64_t feature)
{
    feature |= feature == 0;
    if (self->count * 2 >= self->slots)
        widen (self);
    size_t at = slot_of (self, feature);
    if (!self->hashes[at]) {
        self->hashes[at] = feature;
        self->count++;
    }
    return at;
}

void qw_registry_count (qw_registry_t *self, uint64_t feature, uint32_t times)
{
    size_t at = enter (self, feature);
    self->counts[at] += times;
}

void qw_registry_make_private (qw_registry_t *self, uint64_t feature)
{
    size_t at = enter (self, feature);
    self->counts[at] |= private_bit;
}

void qw_registry_number (qw_registry_t *self, uint32_t min_count)
{
    self->numbers = qw_must (malloc ((self->slots ? self->slots : 1) * sizeof *self->numbers));
    self->private = qw_must (calloc (self->count + 1, sizeof *self->private));
    self->numbered = 0;
    for (size_t i = 0; i < self->slots; i++) {
        self->numbers[i] = QW_NO_NUMBER;
        if (!self->hashes[i] || (self->counts[i] & ~private_bit) < min_count)
            continue;
        self->private[self->numbered] = (self->counts[i] & private_bit) != 0;
        self->numbers[i] = (uint32_t) self->numbered++;
    }
}

uint32_t qw_registry_find (const qw_registry_t *self, uint64_t feature)
{
    if (!self->slots)
        return QW_NO_NUMBER;
    size_t at = slot_of (self, feature | (feature == 0));
    return self->hashes[at] ? self->numbers[at] : QW_NO_NUMBER;
}
