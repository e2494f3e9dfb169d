/*  request.h - what a URI asks of `quotewire serve`, and which hosts may be named. Pure: bytes in, a request or a reason
    out.

    Every path and every parameter is in one table (request.c); what is not in it is refused. Nothing of a URI ever becomes
    the name of a file.
 */
#ifndef QW_WEB_REQUEST_H
#define QW_WEB_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/status.h"

enum { QW_WEB_URI_MAX = 2048 /* bytes, as sent */ };

typedef enum {
    QW_WEB_PAGE,      /* the one page, at every address that it has views for */
    QW_WEB_ASSET,     /* /assets/SUBJECT */
    QW_WEB_OPENAPI,   /* the API's description */
    QW_WEB_SUMMARY,   /* the corpus in numbers */
    QW_WEB_DOCUMENTS, /* a list */
    QW_WEB_DOCUMENT,  /* the one at position NUMBER */
    QW_WEB_ENTITIES,
    QW_WEB_ENTITY, /* the one with the key SUBJECT */
    QW_WEB_QUOTES,
    QW_WEB_LIVE /* server-sent events */
} qw_web_route_t;

typedef enum {
    QW_WEB_WORDS,       /* q: words to look for */
    QW_WEB_SPEAKER,     /* an entity's key: what it said */
    QW_WEB_MENTIONED,   /* entity: another one's, that is mentioned */
    QW_WEB_ENTITY_TYPE, /* type, of entities: PERSON, ORG, ... */
    QW_WEB_QUOTE_TYPE,  /* type, of quotations: direct, indirect, mixed */
    QW_WEB_OUTLET,
    QW_WEB_SINCE, /* dates, to a year, a month or a day; inclusive */
    QW_WEB_UNTIL,
    QW_WEB_ORDER,      /* "date" or "added" */
    QW_WEB_POSITION,   /* document: quotations of the one at this position */
    QW_WEB_CONFIDENCE, /* per cent, at least */
    QW_WEB_LIMIT,      /* items on a page */
    QW_WEB_CURSOR,     /* where the next page begins, as an answer had it */
    QW_WEB_TOKENS,     /* 1: with tokens and sentences */
    QW_WEB_PARAMETERS
} qw_web_parameter_t;

typedef struct {
    qw_web_route_t route;
    const char *subject;                   /* of the path, decoded; NULL where it has none */
    uint64_t number;                       /* likewise */
    const char *values[QW_WEB_PARAMETERS]; /* decoded, valid UTF-8 without control characters; NULL: not given */
    uint64_t numbers[QW_WEB_PARAMETERS];   /* of those that are numbers */
    char storage[QW_WEB_URI_MAX + 1];      /* what these point into: not to be copied */
} qw_web_request_t;

/* Reads the URI of a request line, as it was sent. QW_NOT_FOUND: nothing is there; QW_TOO_LARGE; QW_INVALID: a parameter is
 * unknown here, given twice, or has no such value. */
qw_status_t qw_web_request_read (qw_web_request_t *self, const char *uri, qw_reason_t *reason);

/* May a browser name the server so? Those names that nobody can make point here by DNS (addresses, "localhost") and those in
 * `names`, with any port. Against DNS rebinding: another site's page, whose name was made to lead here, is refused. */
bool qw_web_host_is_known (const char *host, const char *const *names, size_t count);

#endif
