/*  progress.h - how a run stands, for the supervisor that shows it, and for metrics. */
#ifndef QW_PROGRESS_H
#define QW_PROGRESS_H

#include "proto/metrics.h"
#include "ventilator/conductor.h"
#include "ventilator/source.h"

typedef struct {
    qw_scheduler_stats_t all;
    qw_source_progress_t source;
    const qw_conductor_result_t *result;
    size_t workers; /* connected */
    bool sink;      /* there is a session with it */
} qw_progress_t;

/* One line of JSON. What cannot be written now is lost: the next line says the same and more. */
void qw_progress_write (const qw_progress_t *self, int fd, bool done);

/* `metrics` may be NULL. */
void qw_progress_show (const qw_progress_t *self, qw_metrics_t *metrics);

#endif
