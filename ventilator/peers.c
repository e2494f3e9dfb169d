#include "ventilator/peers.h"

#include <stdlib.h>

#include "proto/utf8.h"

void qw_peers_free (qw_peers_t *self)
{
    free (self->items);
    memset (self, 0, sizeof *self);
}

qw_peer_item_t *qw_peers_find (const qw_peers_t *self, qw_peer_t peer)
{
    for (size_t i = 0; i < self->count; i++)
        if (self->items[i].peer == peer)
            return &self->items[i];
    return NULL;
}

qw_peer_item_t *qw_peers_add (qw_peers_t *self, qw_peer_t peer, qw_bytes_t name)
{
    qw_peer_item_t *item = qw_peers_find (self, peer);
    if (!item) {
        if (self->count == self->capacity) {
            self->capacity = self->capacity ? 2 * self->capacity : 16;
            self->items = realloc (self->items, self->capacity * sizeof *self->items);
            if (!self->items)
                abort ();
        }
        item = &self->items[self->count++];
    }
    memset (item, 0, sizeof *item);
    item->peer = peer;
    size_t size = name.size < sizeof item->name ? name.size : sizeof item->name - 1;
    memcpy (item->name, name.data ? name.data : "", name.data ? size : 0);
    item->name[qw_utf8_valid_prefix (item->name, strlen (item->name))] = 0;
    return item;
}

qw_bytes_t qw_peer_endpoint (const qw_peer_item_t *self, const char *endpoints)
{
    for (const char *at = endpoints; *at; at += *at == ',') {
        qw_bytes_t endpoint = {at, strcspn (at, ",")};
        if ((strncmp (at, "tcp://", 6) == 0) == self->by_tcp)
            return endpoint;
        at += endpoint.size;
    }
    return (qw_bytes_t){endpoints, strcspn (endpoints, ",")};
}

void qw_peers_remove (qw_peers_t *self, qw_peer_t peer)
{
    qw_peer_item_t *item = qw_peers_find (self, peer);
    if (item)
        *item = self->items[--self->count];
}

uint64_t qw_peers_beat (qw_peers_t *self, qw_peer_t peer, uint64_t now_ms)
{
    qw_peer_item_t *item = qw_peers_find (self, peer);
    uint64_t before = item ? item->beat_ms : 0;
    if (item)
        item->beat_ms = now_ms;
    return now_ms - before;
}

void qw_peers_measure (qw_peers_t *self, qw_peer_t peer, uint64_t bytes, uint64_t now_ms)
{
    qw_peer_item_t *item = qw_peers_find (self, peer);
    if (!item)
        return;
    if (item->measured_ms && now_ms > item->measured_ms) {
        uint64_t rate = 1000 * (bytes - item->measured_bytes) / (now_ms - item->measured_ms);
        item->rate = item->rate ? (3 * item->rate + rate) / 4 : rate;
    }
    item->measured_bytes = bytes;
    item->measured_ms = now_ms;
}
