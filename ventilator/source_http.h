/*  source_http.h - an HTTP response as it was stored: its head, and its body as the server meant it (RFC 9112). */
#ifndef QW_SOURCE_HTTP_H
#define QW_SOURCE_HTTP_H

#include "ventilator/encoding.h"

/* Everything points into the response; data NULL: not there. */
typedef struct {
    unsigned code;          /* 200: fine */
    qw_bytes_t type;        /* "text/html", without parameters */
    qw_bytes_t charset;
    qw_bytes_t compression; /* Content-Encoding */
    bool is_chunked;
    size_t size; /* of the head: where the body begins */
} qw_http_head_t;

/* Passes over one line of a head and takes its field apart: "Name: value". False: the blank line at its end, or
 * nothing. A line that is no field has an empty name. */
bool qw_http_field (qw_bytes_t *head, qw_bytes_t *name, qw_bytes_t *value);

/* "text/html; charset=utf-8" taken apart. */
void qw_http_media_type (qw_bytes_t value, qw_bytes_t *type, qw_bytes_t *charset);

/* Whether a media type is a page's, or plain text. */
bool qw_http_is_html (qw_bytes_t type);
bool qw_http_is_text (qw_bytes_t type);

/* False: the bytes do not begin with the head of a response. */
bool qw_http_head (qw_bytes_t response, qw_http_head_t *head);

/* The body without chunks and compression (gzip, deflate), in `response` itself or in a buffer. Archives often store it so
 * already, whatever the head says: then it is taken as it is. QW_TOO_LARGE, QW_UNSUPPORTED and QW_DAMAGED with a reason. */
qw_status_t qw_http_body (qw_bytes_t response, const qw_http_head_t *head, size_t limit, qw_buffer_t *joined,
                          qw_buffer_t *inflated, qw_bytes_t *body, qw_reason_t *reason);

#endif
