/*  post.h - letters between the lives of a simulated world, and the links that carry them: late, and in bad weather
    lost or twice. The order within a link is kept, as ZeroMQ keeps it within a connection. */
#ifndef QW_SIMULATION_POST_H
#define QW_SIMULATION_POST_H

#include <stddef.h>

#include "proto/wire.h"
#include "tests/simulation/chance.h"

/* Not on the real wire: the other end's system tells that the connection is gone. */
enum { LETTER_GONE = 0 };

enum { RESULT_RIGHT = 0, RESULT_WRONG, RESULT_IMPOSSIBLE };

/* A letter does not change once it is sent, so a copy is another reference. What the lists hold:
 * HEARTBEAT of a worker: held tasks; TASK: (sequence, chunk)*; RESULT: (sequence, chunk, right or not)*; ANNOUNCE:
 * sequences; PROGRESS: accepted, received, refused, committed. */
typedef struct {
    unsigned references;
    unsigned kind;
    uint64_t peer; /* the connection that it was sent on, as the server end knows it */
    uint64_t session, number, task, credit;
    uint64_t sequence, window_documents, window_bytes;
    uint32_t chunk, layer_mask;
    uint64_t *lists[4];
    size_t counts[4]; /* of numbers */
} letter_t;

letter_t *letter_new (unsigned kind);
void letter_add (letter_t *self, size_t list, uint64_t number);
void letter_add_all (letter_t *self, size_t list, const uint64_t *numbers, size_t count);
void letter_release (letter_t *self);

typedef struct {
    unsigned loss, twice;    /* permille of letters */
    uint64_t delay_ms;       /* at most */
} weather_t;

typedef struct {
    struct { letter_t *letter; uint64_t due; } *items;
    size_t first, count, capacity;
    uint64_t last_due;
} link_t;

/* Takes the letter over. */
void link_send (link_t *self, letter_t *letter, uint64_t now, const weather_t *weather, chance_t *chance);

/* The next letter that has arrived, to be released by the caller; NULL: none yet. */
letter_t *link_receive (link_t *self, uint64_t now);

/* Loses the last letters, how many chance decides; all of them with `everything`. */
void link_cut (link_t *self, bool everything, chance_t *chance);

/* What is under way arrives under another connection's number: a client has connected again and sends what it had. */
void link_relabel (link_t *self, uint64_t peer);

void link_free (link_t *self);

#endif
