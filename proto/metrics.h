/*  metrics.h - what a role counts, and the page on which Prometheus reads it.

    One table (metrics.c) declares every metric of every role: name, type, labels, help. A role adds to its own with the
    functions below; each is one relaxed atomic operation, and nothing at all when `self` is NULL (no page is wanted). The
    page is made by a thread of its own from the same numbers, so that a scrape, however slow or malformed, never holds up
    the role's loop.

    Names follow Prometheus' conventions: quotewire_ROLE_..., base units (bytes, seconds), counters end in _total. Recipe
    for a change: add a line to the enum and one at the same place in the table; docs/web.md lists it. A name that was
    released is never given another meaning.
 */
#ifndef QW_METRICS_H
#define QW_METRICS_H

#include <stddef.h>
#include <stdint.h>

#include "proto/json_out.h"
#include "proto/wire.h"

typedef enum {
    /* the sink's */
    QW_SINK_ANNOUNCED,
    QW_SINK_ANNOTATED,
    QW_SINK_FAILED,
    QW_SINK_TEXT_BYTES,
    QW_SINK_RECORD_BYTES,
    QW_SINK_TOKENS,
    QW_SINK_MENTIONS,
    QW_SINK_QUOTES,
    QW_SINK_CHUNKS_KEPT,
    QW_SINK_CHUNKS_SURPLUS,
    QW_SINK_CHUNKS_REFUSED,
    QW_SINK_CHUNKS_GIVEN_UP,
    QW_SINK_MESSAGES_REFUSED,
    QW_SINK_SESSIONS,
    QW_SINK_COMMIT_SECONDS,
    QW_SINK_COMMIT_DOCUMENTS,
    QW_SINK_CORPUS_RECORDS,
    QW_SINK_OPEN_DOCUMENTS,
    QW_SINK_OPEN_BYTES,
    QW_SINK_FOLLOWERS,
    QW_SINK_FOLLOW_LAG_RECORDS,
    QW_SINK_FOLLOW_LAG_BYTES,
    QW_SINK_FOLLOW_RECORDS,
    QW_SINK_FOLLOW_BYTES,
    /* the ventilator's */
    QW_VENTILATOR_ANNOTATED,
    QW_VENTILATOR_FAILED,
    QW_VENTILATOR_KNOWN,
    QW_VENTILATOR_KNOWN_FAILED,
    QW_VENTILATOR_TEXT_BYTES,
    QW_VENTILATOR_SOURCE_BYTES,
    QW_VENTILATOR_CHUNKS,
    QW_VENTILATOR_TASKS,
    QW_VENTILATOR_REDELIVERIES,
    QW_VENTILATOR_STRIKES,
    QW_VENTILATOR_GIVEN_UP,
    QW_VENTILATOR_SESSIONS,
    QW_VENTILATOR_WORKERS_LEFT,
    QW_VENTILATOR_WORKERS_LOST,
    QW_VENTILATOR_WORKERS,
    QW_VENTILATOR_LEASES,
    QW_VENTILATOR_QUEUED_CHUNKS,
    QW_VENTILATOR_OPEN_DOCUMENTS,
    QW_VENTILATOR_OPEN_BYTES,
    QW_VENTILATOR_SINK_UP,
    /* a worker's */
    QW_WORKER_CHUNKS_ANNOTATED,
    QW_WORKER_CHUNKS_FAILED,
    QW_WORKER_TEXT_BYTES,
    QW_WORKER_TASK_SECONDS,
    QW_WORKER_TASKS_HELD,
    QW_WORKER_GREETINGS,
    QW_METRIC_COUNT
} qw_metric_t;

typedef struct qw_metrics_t qw_metrics_t;

/* The metrics of a role (QW_ROLE_SINK, QW_ROLE_VENTILATOR or QW_ROLE_WORKER), all 0, served at http://ADDRESS/metrics until
 * the end; a line of the log says where. `address` is as in proto/http_address.h; NULL: nobody is to be served, and *self_p
 * is NULL, into which nothing is counted. QW_INVALID or QW_SYSTEM with a reason: it cannot be listened to. */
qw_status_t qw_metrics_new (qw_metrics_t **self_p, qw_peer_role_t role, const char *address, qw_reason_t *reason);
void qw_metrics_destroy (qw_metrics_t **self_p);

/* A counter goes up. */
void qw_metrics_add (qw_metrics_t *self, qw_metric_t metric, uint64_t count);

/* What a gauge is now; or a counter that is kept elsewhere, and never falls. */
void qw_metrics_set (qw_metrics_t *self, qw_metric_t metric, uint64_t value);

/* One observation of a histogram: microseconds of a ..._seconds, the number itself of any other. */
void qw_metrics_observe (qw_metrics_t *self, qw_metric_t metric, uint64_t value);

/* Appends the page: Prometheus' text format 0.0.4. For the role's own metrics, and those of its process. */
void qw_metrics_print (const qw_metrics_t *self, qw_json_out_t *out);

#endif
