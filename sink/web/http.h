/*  http.h - `quotewire serve`: the page, its files and the JSON API over HTTP, for reading only.

    A few threads answer; each request has a reader of its own. Whoever asks too much is refused: too many connections, long
    addresses, answers of more than so many bytes under way together. */
#ifndef QW_WEB_HTTP_H
#define QW_WEB_HTTP_H

#include "proto/http_address.h"

typedef struct {
    const char *directory; /* the corpus */
    const char *db;        /* its index; a file of SQLite, made if it is not there */
    const char *listen;    /* HOST:PORT */
    const char *host;      /* a name by which browsers may call the server besides its addresses, localhost and the machine's
                              own name; NULL: no other */
} qw_web_options_t;

typedef struct qw_web_t qw_web_t;

/* Serves from threads of its own until it is destroyed. QW_INVALID: `listen` is no address, or the index is not this
 * corpus's; QW_SYSTEM: it cannot be listened to, or the corpus or the index cannot be opened. */
qw_status_t qw_web_new (qw_web_t **self_p, const qw_web_options_t *options, qw_reason_t *reason);
void qw_web_destroy (qw_web_t **self_p);

/* Where it listens. */
const qw_http_address_t *qw_web_address (const qw_web_t *self);

#endif
