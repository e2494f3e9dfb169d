/*  monitor.h - what becomes of a socket's connections, as ZeroMQ's own monitor tells it. No thread: the owner of the socket polls
    the watch together with it. */
#ifndef QW_MONITOR_H
#define QW_MONITOR_H

#include <czmq.h>

typedef struct qw_monitor_t qw_monitor_t;

/* `events`: ZMQ_EVENT_... Before the socket is bound or connected. To be destroyed before the socket. */
qw_monitor_t *qw_monitor_new (zsock_t *socket, int events);
void qw_monitor_destroy (qw_monitor_t **self_p);

/* To poll for ZMQ_POLLIN. */
void *qw_monitor_handle (const qw_monitor_t *self);

/* The next event and its value; false: nothing more for now. */
bool qw_monitor_next (qw_monitor_t *self, int *event, int *value);

/* Those that tell of a handshake that failed. */
enum {
    QW_MONITOR_HANDSHAKES =
        ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH
};

/* What such an event means to the side that connects, for a person; NULL for any other. */
const char *qw_monitor_trouble (int event, int value);

/* Logs such an event, unless it is none, or the same one was told a moment ago. `where`: the endpoint connected to, or the name
 * of the socket that is bound. (The gate tells of keys that it refuses.) */
void qw_monitor_tell (qw_monitor_t *self, const char *where, int event, int value);

#endif
