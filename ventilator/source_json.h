/*  source_json.h - one article as a JSON object, and where JSON values end in a stream. */
#ifndef QW_SOURCE_JSON_H
#define QW_SOURCE_JSON_H

#include "ventilator/json_to_mp.h"

enum { QW_JSON_MAX_ID = 512 };

/* Finds the end of a JSON value without understanding it, in any number of pieces; zero it to begin with. */
typedef struct {
    uint32_t depth;
    bool in_string, escaped;
    bool has_line_end; /* between its parts */
} qw_json_scan_t;

typedef enum {
    QW_JSON_MORE,  /* the value goes on */
    QW_JSON_WHOLE, /* it has ended */
    QW_JSON_TORN   /* a line ends inside of a string: the rest of the value is missing */
} qw_json_piece_t;

/* Goes on over the bytes, from where an object or an array begins; *used tells how many of them belong to it. */
qw_json_piece_t qw_json_scan (qw_json_scan_t *self, qw_bytes_t bytes, size_t *used);

/* One article; zero it to begin with. What it holds lives until the next qw_json_article_read, as long as the JSON text. */
typedef struct {
    qw_bytes_t id;       /* data NULL: none that can be used; there when another member is wrong, not when the JSON is */
    qw_bytes_t text;
    qw_bytes_t metadata; /* a MessagePack map of the other members; data NULL: none */
    const char *flaw;    /* why the article cannot be used although its JSON is right; NULL: it can */
    qw_json_t json;
    qw_buffer_t id_buffer, text_buffer;
    qw_out_t out;
    bool has_out;
} qw_json_article_t;

/* Reads {"id", "text", ...} from valid UTF-8. A reason says what is wrong with it. */
qw_status_t qw_json_article_read (qw_json_article_t *self, qw_bytes_t json, size_t max_document_bytes, qw_reason_t *reason);
void qw_json_article_free (qw_json_article_t *self);

#endif
