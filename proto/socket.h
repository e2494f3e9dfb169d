/*  socket.h - ZeroMQ sockets set up the way that this protocol needs them, and messages over them.

    Every socket: linger 0 (delivery is proven end to end, never by lingering), a limit for the size of a frame, and on tcp a
    kernel that breaks a half-open connection within seconds. A ROUTER says when a peer is unknown
    instead of dropping the message. Options are set before bind and connect, because later ones are ignored.
 */
#ifndef QW_SOCKET_H
#define QW_SOCKET_H

#include <czmq.h>

#include "proto/keys.h"
#include "proto/wire.h"

/* A peer of a ROUTER: its routing id, at most 7 bytes, and their number. ZeroMQ gives ids of 5 bytes to those that do not
 * choose their own, as nobody here does; a message of a peer with a longer id is dropped. 0 is nobody. */
typedef uint64_t qw_peer_t;

typedef struct {
    int type;           /* ZMQ_ROUTER, ZMQ_DEALER */
    size_t max_message; /* bytes of a frame; a peer that sends a larger one is disconnected */
    int high_water;     /* messages per peer and direction; 0: no limit (where credit bounds them). None for receiving by tcp */
    unsigned heartbeat_ms; /* of the protocol: a tcp connection on which nothing is acknowledged for five of these is broken */
    bool immediate; /* DEALER: a message is refused (QW_AGAIN) while there is no connection, instead of waiting for one */
} qw_socket_options_t;

zsock_t *qw_socket_new (const qw_socket_options_t *options);

/* QW_SYSTEM with a reason that names the endpoint. Binding to ipc:// replaces a socket file that is left from a process
 * killed; the file is for its owner only. */
qw_status_t qw_socket_bind (zsock_t *self, const char *endpoint, qw_reason_t *reason);
qw_status_t qw_socket_connect (zsock_t *self, const char *endpoint, qw_reason_t *reason);

/* The same; on tcp as the owner of `key` (NULL: without one), to whoever proves to have the public key `server`. QW_INVALID: no
 * server key is given. */
qw_status_t qw_socket_connect_as (zsock_t *self, const char *endpoint, const qw_key_t *key, const char *server,
                                  qw_reason_t *reason);

/* Encodes the message and sends it; `peer` is 0 on a DEALER, `out` is overwritten. Never blocks. QW_AGAIN: no room; QW_NOT_FOUND:
 * there is no such peer (any more). */
qw_status_t qw_socket_send (zsock_t *self, qw_peer_t peer, const qw_message_t *message, qw_out_t *out);

/* Sends bytes that are encoded already, with a second frame if `data` is there. */
qw_status_t qw_socket_send_frame (zsock_t *self, qw_peer_t peer, qw_bytes_t frame, qw_bytes_t data);

/* Receives one message without blocking: its first frame into *frame (initialised by zmq_msg_init, closed by the caller);
 * frames behind it are dropped. QW_AGAIN: nothing there. */
qw_status_t qw_socket_receive (zsock_t *self, qw_peer_t *peer, zmq_msg_t *frame);

/* ERROR with a code and a text. */
void qw_socket_refuse (zsock_t *self, qw_peer_t peer, qw_refusal_t code, const char *text, qw_out_t *out);

/* Milliseconds since some start; never goes back. */
uint64_t qw_now_ms (void);

/* A number that no other process and no earlier life has (from the kernel's random numbers); never 0, below 2^63. */
uint64_t qw_new_life (void);

#endif
