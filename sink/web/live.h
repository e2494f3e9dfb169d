/*  live.h - what goes on, as server-sent events: how far the corpus and its index are, and what the pipeline that fills it
    is doing, if one runs on this machine.

    A thread of its own looks twice a second while anybody listens. A listener that takes nothing costs one event's bytes:
    it gets the newest one when it is ready again. */
#ifndef QW_WEB_LIVE_H
#define QW_WEB_LIVE_H

#include <microhttpd.h>

#include "sink/web/keeper.h"

typedef struct qw_live_t qw_live_t;

/* The keeper must outlive it. */
qw_live_t *qw_live_new (const char *directory, qw_keeper_t *keeper);

/* Ends every stream; to be called before the daemon is stopped. New ones are refused from here on. */
void qw_live_stop (qw_live_t *self);
void qw_live_destroy (qw_live_t **self_p);

/* A response that streams events on this connection; NULL: as many listen as may. The daemon needs
 * MHD_ALLOW_SUSPEND_RESUME. */
struct MHD_Response *qw_live_listen (qw_live_t *self, struct MHD_Connection *connection);

#endif
