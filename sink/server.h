/*  server.h - the sink's event loop: feeds messages to the join, records to the corpus, and the news back to the ventilator.
 */
#ifndef QW_SERVER_H
#define QW_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/metrics.h"

typedef struct {
    const char *directory;                 /* the corpus */
    const char *control, *results;         /* endpoints to bind; several with commas between them */
    const char *follow;                    /* likewise; NULL: no readers */
    const char *advertised;                /* where workers find `results`, likewise */
    const char *keys;                      /* folder of keys (proto/keys.h); NULL: none */
    bool insecure;                         /* without keys, tcp endpoints are open to everybody */
    size_t segment_bytes;                  /* of the corpus */
    size_t window_documents, window_bytes; /* what a ventilator may have open here */
    size_t max_document_bytes;
    unsigned heartbeat_ms;
    unsigned commit_ms; /* documents wait at most so long for company in a commit */
    qw_metrics_t *metrics; /* counts into these; may be NULL */
} qw_server_options_t;

typedef struct qw_server_t qw_server_t;

/* Opens the corpus and binds. QW_BUSY: another sink has the corpus. */
qw_status_t qw_server_new (qw_server_t **self_p, const qw_server_options_t *options, qw_reason_t *reason);
void qw_server_destroy (qw_server_t **self_p);

/* Runs until `signal_fd` (a signalfd) is readable: commits what is staged and returns QW_OK. QW_SYSTEM or QW_DAMAGED with a
 * reason when the corpus can't be written any more; everything told so far is safe. */
qw_status_t qw_server_run (qw_server_t *self, int signal_fd, qw_reason_t *reason);

#endif
