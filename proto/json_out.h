/*  json_out.h - JSON written straight into a buffer: no tree, no allocation but the buffer's growth. */
#ifndef QW_JSON_OUT_H
#define QW_JSON_OUT_H

#include "proto/mp.h"

typedef struct {
    char *data;
    size_t size, capacity;
} qw_json_out_t;

void qw_json_out_free (qw_json_out_t *self);
static inline void qw_json_out_reset (qw_json_out_t *self) { self->size = 0; }

/* Room for `size` more bytes; the caller writes them and adds to self->size. */
char *qw_json_out_reserve (qw_json_out_t *self, size_t size);

/* Bytes that are JSON already. */
void qw_json_put_raw (qw_json_out_t *self, const char *bytes, size_t size);
static inline void qw_json_put_text (qw_json_out_t *self, const char *text) { qw_json_put_raw (self, text, strlen (text)); }

/* A string in quotes. Control characters are escaped, bytes that are not UTF-8 become U+FFFD. */
void qw_json_put_string (qw_json_out_t *self, qw_bytes_t text);

void qw_json_put_uint (qw_json_out_t *self, uint64_t number);
void qw_json_put_int (qw_json_out_t *self, int64_t number);

/* The shortest form that reads back as the same number; null for what is no number in JSON. */
void qw_json_put_double (qw_json_out_t *self, double number);

/* One MessagePack value as JSON; bytes (bin) become a string in base64. When the value is cut off, nested deeper than
 * QW_MP_MAX_DEPTH or has a key that is not text, the cursor fails; what was written by then is to be thrown away. */
void qw_json_put_value (qw_json_out_t *self, qw_mp_t *reader);

#endif
