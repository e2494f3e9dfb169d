/*  metrics_page.h - metrics over HTTP: GET /metrics, answered by a thread of its own. */
#ifndef QW_METRICS_PAGE_H
#define QW_METRICS_PAGE_H

#include "proto/metrics.h"

typedef struct qw_metrics_page_t qw_metrics_page_t;

/* The metrics must outlive the page. QW_INVALID or QW_SYSTEM with a reason: `address` cannot be listened to. */
qw_status_t qw_metrics_page_new (qw_metrics_page_t **self_p, const qw_metrics_t *metrics, const char *address,
                                 qw_reason_t *reason);
void qw_metrics_page_destroy (qw_metrics_page_t **self_p);

#endif
