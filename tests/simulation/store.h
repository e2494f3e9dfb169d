/*  store.h - the simulated disk under the corpus. What was committed stays; of what was written and not committed, a crash
    leaves any beginning, and recovery cuts the record in the middle of which it ends. */
#ifndef QW_SIMULATION_STORE_H
#define QW_SIMULATION_STORE_H

#include <stddef.h>

#include "tests/simulation/chance.h"

typedef struct {
    uint64_t id, sequence;
    bool failed;
    uint64_t digest; /* of all results and holes */
} record_t;

typedef struct {
    record_t *records;
    size_t durable, writing, appended, capacity; /* writing: on their way to the disk, up to here */
} store_t;

/* Position of the new record. */
uint64_t store_append (store_t *self, const record_t *record);
void store_write (store_t *self);  /* everything appended is on its way */
void store_commit (store_t *self); /* and is there */
/* Returns how many records were written but lost. */
size_t store_crash (store_t *self, chance_t *chance);
/* The record with this id, durable or not; NULL: none. */
const record_t *store_find (const store_t *self, uint64_t id, uint64_t *position);
void store_free (store_t *self);

/* One more number of a record's digest. */
static inline uint64_t digest_add (uint64_t digest, uint64_t number) { return chance_mix (digest * 31 + number + 1); }

#endif
