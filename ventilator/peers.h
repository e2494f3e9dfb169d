/*  peers.h - the workers that are connected, by their routing ids: what people call them, and how fast they are. */
#ifndef QW_PEERS_H
#define QW_PEERS_H

#include "proto/socket.h"

typedef struct {
    qw_peer_t peer;
    char name[64];
    uint32_t layer_mask;
    size_t credit;
    char key[QW_KEY_TEXT];           /* its public key; "" on this machine */
    bool by_tcp;
    bool waiting;                    /* said HELLO and has no WELCOME yet: the sink is not known */
    uint64_t rate;                   /* bytes of text a second, a moving mean */
    uint64_t measured_bytes, measured_ms;
    uint64_t beat_ms;                /* when its last HEARTBEAT came */
} qw_peer_item_t;

/* Zero it to begin with. */
typedef struct {
    qw_peer_item_t *items;
    size_t count, capacity;
} qw_peers_t;

void qw_peers_free (qw_peers_t *self);
qw_peer_item_t *qw_peers_find (const qw_peers_t *self, qw_peer_t peer);

/* Adds it, or returns the one that is there. The pointer holds until the next call. */
qw_peer_item_t *qw_peers_add (qw_peers_t *self, qw_peer_t peer, qw_bytes_t name);
/* Where it is to send results: of endpoints separated by commas, the first of the transport by which it came, or the first. */
qw_bytes_t qw_peer_endpoint (const qw_peer_item_t *self, const char *endpoints);

void qw_peers_remove (qw_peers_t *self, qw_peer_t peer);

/* Its HEARTBEAT has come now. Returns how long after the one before. */
uint64_t qw_peers_beat (qw_peers_t *self, qw_peer_t peer, uint64_t now_ms);

/* It has annotated so many bytes in all by now. */
void qw_peers_measure (qw_peers_t *self, qw_peer_t peer, uint64_t bytes, uint64_t now_ms);

#endif
