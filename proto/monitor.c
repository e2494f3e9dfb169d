#include "proto/monitor.h"

#include <stdatomic.h>

#include "proto/log.h"
#include "proto/memory.h"

enum { QUIET_MS = 10000 }; /* the same trouble is told again after so long */

struct qw_monitor_t {
    zsock_t *socket; /* that is watched */
    zsock_t *pair;
    const char *told; /* last */
    int64_t told_at;
};

qw_monitor_t *qw_monitor_new (zsock_t *socket, int events)
{
    qw_monitor_t *self = qw_must (calloc (1, sizeof *self));
    static atomic_uint count; /* an endpoint is free for another only some time after its socket is closed */
    char endpoint[64];
    snprintf (endpoint, sizeof endpoint, "inproc://monitor-%u", atomic_fetch_add (&count, 1));
    self->socket = socket;
    self->pair = qw_must (zsock_new (ZMQ_PAIR));
    zsock_set_linger (self->pair, 0);
    zsock_set_rcvhwm (self->pair, 0); /* ZeroMQ's I/O thread would wait for room */
    if (zmq_socket_monitor (zsock_resolve (socket), endpoint, events) != 0 || zsock_connect (self->pair, "%s", endpoint) != 0)
        abort ();
    return self;
}

void qw_monitor_destroy (qw_monitor_t **self_p)
{
    qw_monitor_t *self = *self_p;
    if (!self)
        return;
    zmq_socket_monitor (zsock_resolve (self->socket), NULL, 0);
    zsock_destroy (&self->pair);
    free (self);
    *self_p = NULL;
}

void *qw_monitor_handle (const qw_monitor_t *self)
{
    return zsock_resolve (self->pair);
}

bool qw_monitor_next (qw_monitor_t *self, int *event, int *value)
{
    uint8_t frame[6], address[8];
    if (zmq_recv (zsock_resolve (self->pair), frame, sizeof frame, ZMQ_DONTWAIT) != sizeof frame)
        return false;
    while (zsock_rcvmore (self->pair))
        zmq_recv (zsock_resolve (self->pair), address, sizeof address, 0);
    uint16_t number;
    int32_t signed_value;
    memcpy (&number, frame, sizeof number);
    memcpy (&signed_value, frame + sizeof number, sizeof signed_value);
    *event = number;
    *value = signed_value;
    return true;
}

const char *qw_monitor_trouble (int event, int value)
{
    switch (event) {
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
        return "this key is refused: it is not known there, was revoked or struck off, or is for something else";
    case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
        return value == ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH ? "one side has keys, and the other has none"
               : value == ZMQ_PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC    ? "who answers there has not the key that is expected"
                                                                   : "what answers there does not speak ZeroMQ's protocol";
    case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
        return "the handshake was broken off: who answers there wants a key, or has another one than is expected";
    default: return NULL;
    }
}

/* The same to the side that binds. */
static const char *trouble_of_peer (int event, int value)
{
    switch (event) {
    case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
        return value == ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH ? "a peer came without a key, or brought one and none is wanted"
               : value == ZMQ_PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC    ? "a peer expects another key here than this program's"
                                                                   : "a peer does not speak ZeroMQ's protocol";
    case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL: return "a peer broke off its handshake: it may have no key, or expect another one here";
    default: return NULL;
    }
}

void qw_monitor_tell (qw_monitor_t *self, const char *where, int event, int value)
{
    const char *text = zsock_type (self->socket) == ZMQ_ROUTER ? trouble_of_peer (event, value) : qw_monitor_trouble (event, value);
    int64_t now = zclock_mono ();
    if (!text || (text == self->told && now - self->told_at < QUIET_MS))
        return;
    self->told = text;
    self->told_at = now;
    qw_log (QW_LOG_WARNING, "%s: %s", where, text);
}
