/*  gate.h - who gets in from the network: ZeroMQ's authentication (ZAP, RFC 27), with a role for each known key.

    Every tcp endpoint that is bound through a gate takes CURVE only, from keys in the folder's known/ (proto/keys.h) that have
    a role for its door. The folder is looked at again when it changes: a new key gets in within a second, a revoked one
    gets out, with its connections. Peers on ipc endpoints are not asked: the rights of the socket file decide about them.

    A key whose owner offends (messages that cannot be read, results for what it was not given, floods) is struck off: from
    then on it is refused until the program is started anew.

    One gate a process; its methods may be called from any thread.
 */
#ifndef QW_GATE_H
#define QW_GATE_H

#include <czmq.h>

#include "proto/keys.h"

/* Which socket: who may come in there. */
typedef enum {
    QW_DOOR_TASKS,   /* workers, admins */
    QW_DOOR_CONTROL, /* the ventilator, admins */
    QW_DOOR_RESULTS, /* workers */
    QW_DOOR_FOLLOW   /* readers, admins */
} qw_door_t;

typedef struct qw_gate_t qw_gate_t;

/* Opens the folder with the key of `role` (a sink's or a ventilator's) and begins to answer. Before any bind. */
qw_gate_t *qw_gate_new (const char *directory, qw_peer_role_t role, qw_reason_t *reason);

/* After all sockets that were bound through it. */
void qw_gate_destroy (qw_gate_t **self_p);

/* This program's own key. */
const qw_key_t *qw_gate_key (const qw_gate_t *self);

/* Binds the ROUTER to each of `endpoints`, separated by commas. tcp:// takes known keys only, which is tried out with a random
 * key before this returns; without a gate (NULL), it is refused with QW_INVALID unless it is this machine's loopback or
 * `insecure` says so. */
qw_status_t qw_gate_bind (qw_gate_t *self, zsock_t *router, const char *endpoints, qw_door_t door, bool insecure,
                          qw_reason_t *reason);

/* QW_INVALID: without keys, one of the endpoints would be open to more than this machine, and `insecure` does not want that. */
qw_status_t qw_gate_permits (const char *endpoints, bool insecure, qw_reason_t *reason);

/* Who sent a message. */
typedef struct {
    bool known; /* by key, so that the rest holds; otherwise a peer of this machine, or a gate that is not there */
    qw_peer_role_t role;
    char name[QW_KEY_NAME], public_key[QW_KEY_TEXT];
    int handle; /* of its connection */
} qw_guest_t;

/* Who sent this frame? `self` may be NULL. False: its key was revoked or struck off since; the message is to be dropped. */
bool qw_gate_admit (qw_gate_t *self, zmq_msg_t *frame, qw_guest_t *guest);

/* Did it come by tcp? Otherwise it is on this machine. */
bool qw_guest_by_tcp (const qw_guest_t *guest);

/* May it act in this role? Who is not known by key may. */
bool qw_guest_is (const qw_guest_t *guest, qw_peer_role_t role);

/* True when the key is still let in; of a guest that is not known by key, always. */
bool qw_gate_knows (qw_gate_t *self, const char *public_key);

/* How bad an offence is; at QW_OFFENCES_MOST in all a key is struck off. */
enum { QW_OFFENCE = 1, QW_BAD_OFFENCE = 4, QW_OFFENCES_MOST = 8 };

/* It did what no honest peer does. Nothing happens to who is not known by key. True: that was too much, and it is struck off. */
bool qw_gate_offend (qw_gate_t *self, const qw_guest_t *guest, int weight, const char *what);

/* It did something good: in the long run that makes up for offences, which a fault in one's program may be the cause of. */
void qw_gate_useful (qw_gate_t *self, const qw_guest_t *guest);

/* Somebody else is here in the same role, with another key. */
bool qw_gate_has_another (qw_gate_t *self, const qw_guest_t *guest);

/* It sent something that is of no use: a few do no harm, a flood of them is an offence. */
void qw_gate_useless (qw_gate_t *self, const qw_guest_t *guest);

/* Another program has struck off the key of this name. */
void qw_gate_strike (qw_gate_t *self, const char *name);

/* Names of the keys that were struck off here, in that order; returns how many there are, fills at most `room`. They live as
 * long as the gate. */
size_t qw_gate_struck (qw_gate_t *self, const char **names, size_t room);

#endif
