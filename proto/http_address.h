/*  http_address.h - HOST:PORT as people write it: where a small HTTP server of ours listens. */
#ifndef QW_HTTP_ADDRESS_H
#define QW_HTTP_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

#include "proto/status.h"

typedef struct {
    struct sockaddr_storage address;
    char text[80];    /* "127.0.0.1:9464", "[::1]:9464" */
    unsigned port;    /* 0: the system chooses one */
    bool is_loopback; /* nobody else can reach it */
} qw_http_address_t;

/* "HOST:PORT", "[IPV6]:PORT", or "PORT" and ":PORT" for 127.0.0.1. QW_INVALID: it is none, or the host has no address. */
qw_status_t qw_http_address_read (qw_http_address_t *self, const char *text, qw_reason_t *reason);

/* Makes self->text anew after `port` was chosen. */
void qw_http_address_set_port (qw_http_address_t *self, unsigned port);

/* A socket that is bound to it and listens, for microhttpd; -1 with a reason. self->port and text are then the ones that
 * were bound. */
int qw_http_address_listen (qw_http_address_t *self, qw_reason_t *reason);

#endif
