#include "proto/ticket.h"

#include <sodium.h>

static const uint64_t count_bits = (UINT64_C (1) << QW_TICKET_COUNT_BITS) - 1;

void qw_ticket_begin (qw_ticket_t *self, const uint64_t secret[2], uint64_t session, uint64_t count, uint32_t layer_mask)
{
    *self = (qw_ticket_t){{secret[0], secret[1]}, session, count & count_bits, layer_mask, 0};
}

/* Codes are added up, so that their order does not matter; a chunk named twice is not the same as none. */
void qw_ticket_add (qw_ticket_t *self, uint64_t sequence, uint32_t chunk)
{
    _Static_assert (sizeof self->secret == crypto_shorthash_KEYBYTES, "the secret is a key of SipHash");
    const uint64_t facts[] = {self->session, self->count, self->layer_mask, sequence, chunk};
    uint64_t code;
    crypto_shorthash ((unsigned char *) &code, (const unsigned char *) facts, sizeof facts, (const unsigned char *) self->secret);
    self->code += (uint32_t) code;
}

uint64_t qw_ticket_number (const qw_ticket_t *self)
{
    return (uint64_t) self->code << QW_TICKET_COUNT_BITS | self->count;
}

uint64_t qw_ticket_count (uint64_t number, uint64_t latest)
{
    uint64_t count = (latest & ~count_bits) | (number & count_bits);
    return count > latest && count > count_bits ? count - count_bits - 1 : count;
}
