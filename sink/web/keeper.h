/*  keeper.h - keeps the index of a corpus up to date while it is served: a thread that adds what is new.

    Another process may keep the same index (`quotewire index --follow`): whoever is first adds a record, the other goes on
    from there.
 */
#ifndef QW_WEB_KEEPER_H
#define QW_WEB_KEEPER_H

#include "sink/index/writer.h"

typedef struct qw_keeper_t qw_keeper_t;

/* Opens the index `db` of the corpus `directory`, makes it if it is not there, and starts. QW_INVALID: it is another
 * corpus's. */
qw_status_t qw_keeper_new (qw_keeper_t **self_p, const char *directory, const char *db, qw_reason_t *reason);

/* Waits for the thread, which ends behind the batch at hand. */
void qw_keeper_destroy (qw_keeper_t **self_p);

typedef struct {
    qw_index_state_t index;
    uint64_t records;    /* durable ones of the corpus */
    bool stopped;        /* it cannot go on */
    qw_reason_t problem; /* why */
} qw_keeper_state_t;

/* As of now; from any thread. */
qw_keeper_state_t qw_keeper_state (qw_keeper_t *self);

#endif
