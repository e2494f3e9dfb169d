/*  serve.h - the worker's event loop: asks for tasks, annotates, sends results. It holds nothing that is not also held by
   the ventilator, so it may die at any time. */
#ifndef QW_SERVE_H
#define QW_SERVE_H

#include "proto/keys.h"
#include "proto/metrics.h"
#include "workers/fused.h"

typedef struct {
    const char *ventilator;                         /* endpoint of its `tasks` socket */
    const qw_key_t *key;                            /* with which it comes in by tcp; NULL: none */
    const char *models;                             /* folder */
    const char *name;                               /* for people: "host/3" */
    unsigned layers;                                /* offered; bits as in qw_fused_layers */
    size_t credit;                                  /* tasks that it holds at most */
    size_t max_message;                             /* bytes of a TASK at most */
    unsigned chunk_seconds;                         /* an annotator that takes longer over a chunk ends the process (0: no limit) */
    unsigned grace_seconds;                         /* asked to stop, it finishes its task if that takes no longer */
    bool once;                                      /* leave when the ventilator says that the run is over */
    bool echo;                                      /* no annotating: empty layers, for measuring messages alone */
    qw_metrics_t *metrics;                          /* counts into these; may be NULL */
} qw_serve_options_t;

/* Runs until `signal_fd` is readable (finishes the task at hand, gives the rest back, says BYE) or, with `once`, until the
 * run is over. QW_INVALID: a model cannot be used; QW_UNSUPPORTED: there is no
 * common version; QW_NOT_FOUND: its key is refused. */
qw_status_t qw_serve (const qw_serve_options_t *options, int signal_fd, qw_reason_t *reason);

#endif
