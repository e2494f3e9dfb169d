/*  ticket.h - numbers of tasks that nobody can guess, so that a worker can give results for what it was given only.

    The ventilator counts its tasks. Above the count, in the upper bits of a TASK's number, stands a code (SipHash-2-4, of
    libsodium) over the session, the count, the layers wanted and the chunks; its key is the secret that the sink made up
    and told the ventilator in WELCOME. A worker repeats the number in RESULT, where the sink computes it again. So the sink
    need not know who got what, nor workers anything of this. Done where the sink has keys.
 */
#ifndef QW_TICKET_H
#define QW_TICKET_H

#include <stdint.h>

enum { QW_TICKET_COUNT_BITS = 36 };

typedef struct {
    uint64_t secret[2], session, count;
    uint32_t layer_mask, code;
} qw_ticket_t;

/* `count`: any number; its lower QW_TICKET_COUNT_BITS are taken. */
void qw_ticket_begin (qw_ticket_t *self, const uint64_t secret[2], uint64_t session, uint64_t count, uint32_t layer_mask);

/* Each chunk of the task, in any order. */
void qw_ticket_add (qw_ticket_t *self, uint64_t sequence, uint32_t chunk);

/* The task's number. */
uint64_t qw_ticket_number (const qw_ticket_t *self);

/* The count in the number of a task, which was one of the last 2^36 up to `latest`. */
uint64_t qw_ticket_count (uint64_t number, uint64_t latest);

#endif
