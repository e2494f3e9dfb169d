#include "proto/socket.h"

#include <sys/random.h>
#include <sys/stat.h>

#include "proto/utf8.h"

enum { HANDSHAKE_MS = 10000, CONNECT_MS = 3000, LEAST_SILENCE_MS = 2000, SILENT_HEARTBEATS = 5, LARGE = 16 << 10 /* bytes of a message */ };

/* A peer that is gone is noticed by the protocol's HEARTBEAT, and on tcp by the kernel too, which breaks a connection on which
 * nothing is acknowledged. ZMTP's own heartbeats are never used: libzmq 4.3.4 aborts ("!_io_error") when one falls due, or is
 * read, on a connection that broke while its input was stopped. What stops input is a full receive queue; so on tcp, where a
 * peer might send them for all that, it has no limit (credit bounds what comes, and the gate strikes off who floods). */
static void notice_dead_peers (zsock_t *self, unsigned heartbeat_ms)
{
    int heartbeat_s = (int) heartbeat_ms / 1000, connect = CONNECT_MS, silence = SILENT_HEARTBEATS * (int) heartbeat_ms;
    if (silence < LEAST_SILENCE_MS)
        silence = LEAST_SILENCE_MS;
    zsock_set_tcp_keepalive (self, 1);
    zsock_set_tcp_keepalive_idle (self, heartbeat_s > 0 ? heartbeat_s : 1);
    zsock_set_tcp_keepalive_intvl (self, 1);
    zsock_set_tcp_keepalive_cnt (self, silence / 1000);
    zmq_setsockopt (zsock_resolve (self), ZMQ_TCP_MAXRT, &silence, sizeof silence);
    zmq_setsockopt (zsock_resolve (self), ZMQ_CONNECT_TIMEOUT, &connect, sizeof connect);
    zsock_set_handshake_ivl (self, HANDSHAKE_MS);
}

zsock_t *qw_socket_new (const qw_socket_options_t *options)
{
    zsock_t *self = zsock_new (options->type);
    if (!self)
        return NULL;
    zsock_set_linger (self, 0);
    zsock_set_sndtimeo (self, 0);
    zsock_set_sndhwm (self, options->high_water);
    zsock_set_rcvhwm (self, options->high_water);
    notice_dead_peers (self, options->heartbeat_ms);
    zsock_set_immediate (self, options->immediate);
    zsock_set_reconnect_ivl (self, 50);
    zsock_set_reconnect_ivl_max (self, 1000);
    int64_t limit = (int64_t) options->max_message;
    zmq_setsockopt (zsock_resolve (self), ZMQ_MAXMSGSIZE, &limit, sizeof limit);
    if (options->type == ZMQ_ROUTER)
        zsock_set_router_mandatory (self, 1);
    return self;
}

static void choose_transport (zsock_t *self, const char *endpoint)
{
    if (strncmp (endpoint, "tcp://", 6) != 0)
        return;
    zsock_set_rcvhwm (self, 0);
    if (strchr (endpoint, '['))
        zsock_set_ipv6 (self, 1);
}

qw_status_t qw_socket_bind (zsock_t *self, const char *endpoint, qw_reason_t *reason)
{
    choose_transport (self, endpoint);
    mode_t before = umask (0177);
    int result = zmq_bind (zsock_resolve (self), endpoint);
    umask (before);
    return result == 0 ? QW_OK
                       : qw_fail (QW_SYSTEM, reason, "cannot bind to '%s': %s", endpoint, zmq_strerror (zmq_errno ()));
}

qw_status_t qw_socket_connect (zsock_t *self, const char *endpoint, qw_reason_t *reason)
{
    choose_transport (self, endpoint);
    return zmq_connect (zsock_resolve (self), endpoint) == 0
               ? QW_OK
               : qw_fail (QW_SYSTEM, reason, "cannot connect to '%s': %s", endpoint, zmq_strerror (zmq_errno ()));
}

qw_status_t qw_socket_connect_as (zsock_t *self, const char *endpoint, const qw_key_t *key, const char *server,
                                  qw_reason_t *reason)
{
    if (key && strncmp (endpoint, "tcp://", 6) == 0) {
        if (!server || !server[0])
            return qw_fail (QW_INVALID, reason, "the key '%s' does not say which key answers at '%s'", key->name, endpoint);
        zsock_set_curve_publickey (self, key->public_key);
        zsock_set_curve_secretkey (self, key->secret_key);
        zsock_set_curve_serverkey (self, server);
    }
    return qw_socket_connect (self, endpoint, reason);
}

/* ---- peers as numbers: the length in the top byte, the id below it ------------------------------------------------- */

static qw_peer_t pack_peer (const uint8_t *id, size_t size)
{
    if (size == 0 || size > 7)
        return 0;
    qw_peer_t peer = (qw_peer_t) size << 56;
    for (size_t i = 0; i < size; i++)
        peer |= (qw_peer_t) id[i] << (8 * i);
    return peer;
}

static size_t unpack_peer (qw_peer_t peer, uint8_t id[7])
{
    for (int i = 0; i < 7; i++)
        id[i] = (uint8_t) (peer >> (8 * i));
    return (size_t) (peer >> 56);
}

static qw_status_t status_of_send (int result)
{
    if (result >= 0)
        return QW_OK;
    return zmq_errno () == EAGAIN ? QW_AGAIN : QW_NOT_FOUND;
}

static qw_status_t send_peer (void *socket, qw_peer_t peer)
{
    uint8_t id[7];
    size_t size = unpack_peer (peer, id);
    return peer ? status_of_send (zmq_send (socket, id, size, ZMQ_SNDMORE | ZMQ_DONTWAIT)) : QW_OK;
}

qw_status_t qw_socket_send_frame (zsock_t *self, qw_peer_t peer, qw_bytes_t frame, qw_bytes_t data)
{
    void *socket = zsock_resolve (self);
    qw_status_t status = send_peer (socket, peer);
    if (!status)
        status = status_of_send (zmq_send (socket, frame.data, frame.size, ZMQ_DONTWAIT | (data.data ? ZMQ_SNDMORE : 0)));
    if (!status && data.data)
        status = status_of_send (zmq_send (socket, data.data, data.size, ZMQ_DONTWAIT));
    return status;
}

static void release (void *bytes, void *hint)
{
    (void) hint;
    free (bytes);
}

/* Encodes the message into memory that becomes ZeroMQ's, so that its text is not copied once more. */
static qw_status_t send_large (zsock_t *self, qw_peer_t peer, const qw_message_t *message, size_t room)
{
    void *socket = zsock_resolve (self);
    qw_status_t status = send_peer (socket, peer);
    if (status)
        return status;
    qw_out_t out;
    zmq_msg_t frame;
    qw_out_init (&out);
    qw_out_reserve (&out, room);
    qw_wire_encode (message, &out);
    if (zmq_msg_init_data (&frame, out.buffer.data, out.buffer.size, release, NULL) != 0)
        abort ();
    status = status_of_send (zmq_msg_send (&frame, socket, ZMQ_DONTWAIT));
    if (status)
        zmq_msg_close (&frame);
    return status;
}

qw_status_t qw_socket_send (zsock_t *self, qw_peer_t peer, const qw_message_t *message, qw_out_t *out)
{
    size_t room = qw_wire_room (message);
    if (room >= LARGE)
        return send_large (self, peer, message, room);
    qw_wire_encode (message, out);
    return qw_socket_send_frame (self, peer, qw_out_bytes (out), (qw_bytes_t){NULL, 0});
}

static void drop_rest (void *socket)
{
    while (zsock_rcvmore (socket)) {
        zmq_msg_t rest;
        zmq_msg_init (&rest);
        zmq_msg_recv (&rest, socket, 0);
        zmq_msg_close (&rest);
    }
}

qw_status_t qw_socket_receive (zsock_t *self, qw_peer_t *peer, zmq_msg_t *frame)
{
    void *socket = zsock_resolve (self);
    for (;;) {
        if (zmq_msg_recv (frame, socket, ZMQ_DONTWAIT) < 0)
            return QW_AGAIN;
        bool wanted = true;
        if (zsock_type (self) == ZMQ_ROUTER) {
            *peer = pack_peer (zmq_msg_data (frame), zmq_msg_size (frame));
            wanted = *peer != 0 && zsock_rcvmore (socket);
            if (zsock_rcvmore (socket))
                zmq_msg_recv (frame, socket, 0);
        }
        drop_rest (socket);
        if (wanted)
            return QW_OK;
    }
}

void qw_socket_refuse (zsock_t *self, qw_peer_t peer, qw_refusal_t code, const char *text, qw_out_t *out)
{
    qw_message_t message = {.type = QW_ERROR, .code = code, .text = qw_bytes_of (text)};
    message.text.size = qw_utf8_valid_prefix (text, message.text.size); /* reasons may be cut inside a character */
    qw_socket_send (self, peer, &message, out);
}

uint64_t qw_now_ms (void) { return (uint64_t) zclock_mono (); }

uint64_t qw_new_life (void)
{
    uint64_t life = 0;
    while (life == 0) {
        if (getrandom (&life, sizeof life, 0) != sizeof life)
            abort ();
        life >>= 1;
    }
    return life;
}
