/*  registry.h - gives the features that training meets often enough a number; for training only. */
#ifndef QW_ENTITIES_REGISTRY_H
#define QW_ENTITIES_REGISTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QW_NO_NUMBER UINT32_MAX

/* Zero it to begin with. First everything is counted, then numbered, then looked up. */
typedef struct {
    uint64_t *hashes;  /* 0: free */
    uint32_t *counts;
    uint32_t *numbers; /* once numbered */
    bool *private;     /* a feature by its number: it stays out of the model */
    size_t slots;      /* a power of two */
    size_t count, numbered;
} qw_registry_t;

void qw_registry_free (qw_registry_t *self);

void qw_registry_count (qw_registry_t *self, uint64_t feature, uint32_t times);
void qw_registry_make_private (qw_registry_t *self, uint64_t feature);

/* Numbers what was counted at least `min_count` times. */
void qw_registry_number (qw_registry_t *self, uint32_t min_count);

/* The number of a feature, or QW_NO_NUMBER. */
uint32_t qw_registry_find (const qw_registry_t *self, uint64_t feature);

#endif
