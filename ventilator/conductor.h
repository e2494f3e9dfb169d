/*  conductor.h - the ventilator's event loop: feeds the scheduler with articles and messages, and does what it says. */
#ifndef QW_CONDUCTOR_H
#define QW_CONDUCTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/metrics.h"
#include "ventilator/feed.h"
#include "ventilator/scheduler.h"

typedef struct {
    const char *tasks;   /* endpoints to bind, separated by commas, for workers */
    const char *control; /* endpoint of the sink */
    const char *layers;  /* groups of layers: "tokens+entities+quotes", or "tokens,entities+quotes" for split workers; must stay */
    qw_scheduler_options_t scheduler; /* its groups are filled in from `layers` */
    const char *keys;    /* folder of keys (proto/keys.h); NULL: none, and only `insecure` binds beyond this machine then */
    bool insecure;
    size_t max_document_bytes;
    unsigned heartbeat_ms;
    int progress_fd; /* a line of JSON every half second; -1: none */
    qw_metrics_t *metrics; /* counts into these; may be NULL */
} qw_conductor_options_t;

/* How it ended, or how it stands. */
typedef struct {
    uint64_t documents; /* annotated + failed + known + known_failed, in this process's life */
    uint64_t annotated, failed, known, known_failed;
    uint64_t tokens, mentions, quotes, text_bytes;
    bool complete; /* every document of the source is in the corpus */
} qw_conductor_result_t;

typedef struct qw_conductor_t qw_conductor_t;

/* QW_INVALID: `layers` makes no sense. */
qw_status_t qw_conductor_new (qw_conductor_t **self_p, const qw_conductor_options_t *options, qw_reason_t *reason);
void qw_conductor_destroy (qw_conductor_t **self_p);

/* Runs until the feed has ended and everything is committed, or `signal_fd` is readable. QW_SYSTEM with a reason: the sink
 * cannot write any more, or refuses this ventilator for good. */
qw_status_t qw_conductor_run (qw_conductor_t *self, qw_feed_t *feed, int signal_fd, qw_conductor_result_t *result,
                              qw_reason_t *reason);

#endif
