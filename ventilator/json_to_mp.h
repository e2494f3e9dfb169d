/*  json_to_mp.h - JSON (RFC 8259) straight into MessagePack, without a tree in between.

    Articles are mostly one long string, which this reads at the speed of memory; a tree of objects would cost more than
    all else that the ventilator does. What could hurt a reader of the corpus is refused: values deeper or more than allowed,
    more keys in an object than qw_mp_scan takes, a key twice in an object, NUL characters, halves of surrogate pairs.
    Integers beyond 64 bits become floats, as in most readers of JSON.
 */
#ifndef QW_JSON_TO_MP_H
#define QW_JSON_TO_MP_H

#include <locale.h>

#include "ventilator/encoding.h"

enum { QW_JSON_MAX_DEPTH = 12, QW_JSON_MAX_VALUES = 100000 };

/* A key of an object that is being read. */
typedef struct {
    uint64_t hash;
    size_t offset, size; /* in the output */
} qw_json_key_t;

/* A cursor over one JSON text. Zero it to begin with; the memory is kept from one text to the next. */
typedef struct {
    const char *begin, *at, *end;
    uint32_t values; /* read so far */
    qw_reason_t *reason;
    qw_json_key_t *keys; /* of all objects that are open */
    size_t key_count, key_capacity;
    qw_buffer_t scratch;
    locale_t locale; /* "C": a number has a point wherever the program runs */
} qw_json_t;

/* Begins with a text, which is valid UTF-8. */
void qw_json_open (qw_json_t *self, qw_bytes_t json, qw_reason_t *reason);
void qw_json_free (qw_json_t *self);

/* QW_INVALID, with what is wrong and where. */
qw_status_t qw_json_fail (const qw_json_t *self, const char *what);

/* Passes over white space and returns the next byte; 0 at the end. */
char qw_json_peek (qw_json_t *self);

/* Passes over white space and this byte; false when another is there. */
bool qw_json_take (qw_json_t *self, char byte);

/* Reads a string. It stands in the JSON text itself, or in `into` when it has escapes. */
qw_status_t qw_json_string (qw_json_t *self, qw_buffer_t *into, qw_bytes_t *string);

/* Reads a number as it is written; *is_integer tells that it has neither fraction nor exponent. */
qw_status_t qw_json_number (qw_json_t *self, qw_bytes_t *number, bool *is_integer);

/* Reads any value and appends it to `out`; `depth` is how many levels of arrays and objects it may have. After an
 * error `out` holds a torn value. */
qw_status_t qw_json_value (qw_json_t *self, int depth, qw_out_t *out);

/* The pieces of an object, for readers that treat some members by themselves. A container is opened in `out`, and closed
 * with the number of its items or pairs. The key is appended to `out`; a key that was there since `first_key` is refused. */
size_t qw_json_open_container (qw_out_t *out);
void qw_json_close_container (qw_out_t *out, size_t opened, size_t count, bool is_map);
qw_status_t qw_json_put_key (qw_json_t *self, qw_bytes_t key, size_t first_key, qw_out_t *out);

#endif
