/*  plan.h - everything about a simulated world that is decided before it begins: the articles, the limits, the workers and
    how rough it is to be. Drawn from the seed. */
#ifndef QW_SIMULATION_PLAN_H
#define QW_SIMULATION_PLAN_H

#include "proto/wire.h"
#include "tests/simulation/chance.h"
#include "tests/simulation/post.h"
#include "tests/simulation/store.h"
#include "ventilator/scheduler.h"

enum { MAX_ARTICLES = 100, MAX_CHUNKS = 6, MAX_WORKERS = 5, LAYERS = 3, ALL_LAYERS = (1 << LAYERS) - 1 };

enum { BEAT_MS = 150, SILENCE_MS = 900 }; /* of the programs around the modules */

typedef struct {
    uint64_t id; /* two articles with one id are the same article */
    size_t chunk_count; /* 0: it cannot be read */
    size_t chunk_bytes[MAX_CHUNKS], bytes;
    uint32_t killer[MAX_CHUNKS];     /* layers whose annotator kills its process over this chunk */
    bool hangs[MAX_CHUNKS];          /* it hangs over it instead, until somebody kills it */
    uint32_t impossible[MAX_CHUNKS]; /* layers for which every worker says that it can't */
    bool failing; /* any of these */
} article_t;

typedef struct {
    uint32_t layers;
    size_t credit;
    uint64_t pace_us; /* for a byte of text */
    uint64_t joins_ms;
} worker_plan_t;

typedef struct {
    article_t articles[MAX_ARTICLES];
    size_t article_count;
    uint64_t source_pause_ms; /* at most, between two articles read */
    qw_scheduler_options_t scheduler;
    size_t sink_documents, sink_bytes; /* its window */
    uint64_t commit_pause_ms; /* at most, between two commits */
    worker_plan_t workers[MAX_WORKERS];
    size_t worker_count;

    uint64_t rough_ms; /* how long things go wrong */
    weather_t weather; /* in that time */
    unsigned ventilator_crash, ventilator_hang, sink_crash, sink_hang, control_reset, blackout; /* permille of steps */
    unsigned worker_crash, worker_hang, worker_slow, worker_leave, worker_reset, credit_change; /* likewise, for each */
    unsigned wrong;    /* permille of results */
    unsigned noticed;  /* permille of broken connections that the ventilator is told of; the others are left to the lease */
    bool layer_by_layer;      /* workers send a RESULT a layer */
    bool impossible_refused;  /* the sink treats a worker's "I can't" as a wrong result, otherwise as the last word */
    bool run_again;    /* the same source into the same corpus once more, afterwards */
} plan_t;

/* `calm`: the same articles, one worker that makes all layers, and nothing goes wrong but what the articles do. */
void plan_draw (plan_t *self, uint64_t seed, bool calm);

/* What every annotator makes of a chunk: a function of the text alone. */
uint64_t plan_result (const article_t *article, uint32_t chunk, unsigned layer);

/* The layers of a chunk that nobody can make, given how they are grouped. */
uint32_t plan_holes (const plan_t *self, const article_t *article, uint32_t chunk);

/* The corpus that any run must end with (I8); `records` has room for all articles. Returns how many. */
size_t plan_expected (const plan_t *self, record_t *records);

#endif
