/*  chance.h - one stream of random numbers a world, so that a seed is a schedule and can be played again. */
#ifndef QW_SIMULATION_CHANCE_H
#define QW_SIMULATION_CHANCE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    uint64_t state;
} chance_t;

/* SplitMix64 (Steele, Lea, Flood 2014): any seed will do, also 0 and 1. */
static inline uint64_t chance_mix (uint64_t value)
{
    value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9u;
    value = (value ^ value >> 27) * 0x94d049bb133111ebu;
    return value ^ value >> 31;
}

static inline uint64_t chance_next (chance_t *self) { return chance_mix (self->state += 0x9e3779b97f4a7c15u); }

/* A number from 0 to limit - 1; 0 for limit 0. */
static inline uint64_t chance_below (chance_t *self, uint64_t limit) { return limit ? chance_next (self) % limit : 0; }

static inline uint64_t chance_between (chance_t *self, uint64_t low, uint64_t high)
{
    return low + chance_below (self, high - low + 1);
}

static inline bool chance_permille (chance_t *self, unsigned permille)
{
    return permille > 0 && chance_below (self, 1000) < permille;
}

#endif
