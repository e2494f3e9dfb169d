#include "sink/corpus_ids.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    uint32_t tag, position;
} slot_t;

#define FREE UINT32_MAX /* a position that no record has */

struct qw_ids_t {
    slot_t *slots;
    unsigned bits;
    size_t used;
};

/* Written, not only reserved, so that memory does not creep up as records come in. */
static slot_t *slots_of (unsigned bits)
{
    slot_t *slots = malloc (((size_t) 1 << bits) * sizeof *slots);
    if (!slots)
        abort ();
    memset (slots, 0xff, ((size_t) 1 << bits) * sizeof *slots);
    return slots;
}

qw_ids_t *qw_ids_new (unsigned bits)
{
    qw_ids_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->bits = bits;
    self->slots = slots_of (bits);
    return self;
}

void qw_ids_destroy (qw_ids_t **self_p)
{
    if (!*self_p)
        return;
    free ((*self_p)->slots);
    free (*self_p);
    *self_p = NULL;
}

static uint32_t tag_of (const uint8_t hash[16])
{
    return (uint32_t) hash[0] << 24 | (uint32_t) hash[1] << 16 | (uint32_t) hash[2] << 8 | hash[3];
}

static void place (slot_t *slots, unsigned bits, slot_t slot)
{
    size_t mask = ((size_t) 1 << bits) - 1, at = slot.tag >> (32 - bits);
    while (slots[at].position != FREE)
        at = (at + 1) & mask;
    slots[at] = slot;
}

static void grow (qw_ids_t *self)
{
    unsigned bits = self->bits + 1;
    slot_t *slots = slots_of (bits);
    for (size_t i = 0; i < (size_t) 1 << self->bits; i++)
        if (self->slots[i].position != FREE)
            place (slots, bits, self->slots[i]);
    free (self->slots);
    self->slots = slots;
    self->bits = bits;
}

void qw_ids_add (qw_ids_t *self, const uint8_t hash[16], uint32_t position)
{
    if ((self->used + 1) * 4 > ((size_t) 3 << self->bits) && self->bits < 32)
        grow (self);
    place (self->slots, self->bits, (slot_t){tag_of (hash), position});
    self->used++;
}

bool qw_ids_next (const qw_ids_t *self, const uint8_t hash[16], uint64_t *cursor, uint32_t *position)
{
    uint32_t tag = tag_of (hash);
    size_t mask = ((size_t) 1 << self->bits) - 1;
    size_t at = *cursor == UINT64_MAX ? tag >> (32 - self->bits) : ((size_t) *cursor + 1) & mask;
    for (; self->slots[at].position != FREE; at = (at + 1) & mask)
        if (self->slots[at].tag == tag) {
            *cursor = at;
            *position = self->slots[at].position;
            return true;
        }
    return false;
}
