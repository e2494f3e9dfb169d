/*  mp.h - reading MessagePack that comes from outside, and writing ours.

    Reading is a cursor over the bytes: no tree of objects, no allocation, so that no input can make it take memory.
    qw_mp_scan looks once over a whole frame and refuses what could hurt (claims larger than the frame, deep nesting,
    duplicate keys, broken UTF-8, extension types, bytes left over); after it, reading cannot run out of the frame, but the
    cursor checks all the same. An error sticks: later reads return nothing, so that a decoder looks at the end only.

    Writing goes through msgpack-c's packer into an sbuffer; the qw_put functions are the few forms that we write.
 */
#ifndef QW_MP_H
#define QW_MP_H

#include <msgpack.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "proto/status.h"

/* Bytes that belong to somebody else. data is NULL only for "not there"; an empty string has data and size 0. */
typedef struct {
    const char *data;
    size_t size;
} qw_bytes_t;

/* Numbers that belong to somebody else. */
typedef struct {
    uint64_t *items;
    size_t count;
} qw_uints_t;

#define QW_BYTES(literal) ((qw_bytes_t){(literal), sizeof (literal) - 1})
static inline qw_bytes_t qw_bytes_of (const char *text) { return (qw_bytes_t){text, text ? strlen (text) : 0}; }
static inline bool qw_bytes_equal (qw_bytes_t a, qw_bytes_t b)
{
    return a.size == b.size && (a.size == 0 || memcmp (a.data, b.data, a.size) == 0);
}
static inline bool qw_bytes_are (qw_bytes_t a, const char *text) { return qw_bytes_equal (a, qw_bytes_of (text)); }

enum {
    QW_MP_MAX_DEPTH = 16,
    QW_MP_MAX_OBJECTS = 4 << 20, /* values in one frame */
    QW_MP_MAX_KEYS = 1024        /* keys in one map */
};

/* QW_OK when `bytes` is exactly one value that keeps to the limits above, with text keys, no key twice in a map, valid
 * UTF-8 in every str and no ext. Otherwise QW_INVALID, the reason tells what and at which byte. */
qw_status_t qw_mp_scan (const void *bytes, size_t size, qw_reason_t *reason);

typedef enum { QW_MP_NIL, QW_MP_BOOL, QW_MP_UINT, QW_MP_INT, QW_MP_FLOAT, QW_MP_STR, QW_MP_BIN, QW_MP_ARRAY, QW_MP_MAP, QW_MP_BAD } qw_mp_kind_t;

typedef struct {
    const uint8_t *at, *end;
    const char *field; /* what is being read, for the reason of an error */
    qw_reason_t *reason;
    bool failed;
} qw_mp_t;

/* `reason` may be NULL. */
void qw_mp_open (qw_mp_t *self, const void *bytes, size_t size, qw_reason_t *reason);

/* The kind of the next value; QW_MP_BAD at the end or after an error. */
qw_mp_kind_t qw_mp_peek (const qw_mp_t *self);

uint64_t qw_mp_large_uint (qw_mp_t *self, const char *field); /* qw_mp_uint's other half */

/* Each reads one value of its kind. `field` names it in the reason when it is of another kind. */
static inline uint64_t qw_mp_uint (qw_mp_t *self, const char *field)
{
    if (self->at < self->end && *self->at < 0x80) /* an error leaves nothing to read, so it need not be asked for */
        return *self->at++;
    return qw_mp_large_uint (self, field);
}
bool qw_mp_bool (qw_mp_t *self, const char *field);
qw_bytes_t qw_mp_str (qw_mp_t *self, const char *field);
qw_bytes_t qw_mp_bin (qw_mp_t *self, const char *field);
uint32_t qw_mp_array (qw_mp_t *self, const char *field); /* number of items that follow */
uint32_t qw_mp_map (qw_mp_t *self, const char *field);   /* number of pairs that follow */
double qw_mp_number (qw_mp_t *self, const char *field);  /* float or integer */
int64_t qw_mp_int (qw_mp_t *self, const char *field);    /* an integer of either sign */

/* Reads a nil if there is one. */
bool qw_mp_nil (qw_mp_t *self);

/* Passes over one value of any kind, and returns its bytes. */
qw_bytes_t qw_mp_skip (qw_mp_t *self);

/* Marks the cursor failed with a reason of one's own; for values of the right kind that make no sense. */
void qw_mp_refuse (qw_mp_t *self, const char *format, ...) __attribute__ ((format (printf, 2, 3)));

/* QW_OK, or QW_INVALID when a read has failed. */
qw_status_t qw_mp_status (const qw_mp_t *self);

/* ---- writing ----------------------------------------------------------------------------------------------------- */

/* A buffer with a packer on it. qw_out_reset keeps the memory. */
typedef struct {
    msgpack_sbuffer buffer;
    msgpack_packer packer;
} qw_out_t;

void qw_out_init (qw_out_t *self);
void qw_out_free (qw_out_t *self);
static inline void qw_out_reset (qw_out_t *self) { self->buffer.size = 0; }
static inline qw_bytes_t qw_out_bytes (const qw_out_t *self) { return (qw_bytes_t){self->buffer.data, self->buffer.size}; }

/* Room for `size` more bytes at the end, which the caller fills and then counts by adding to buffer.size. */
char *qw_out_reserve (qw_out_t *self, size_t size);

/* Appends bytes as they are: a value that is encoded already. */
void qw_put_raw (qw_out_t *self, qw_bytes_t bytes);
void qw_put_str (qw_out_t *self, qw_bytes_t text);
void qw_put_key (qw_out_t *self, const char *key);
void qw_put_bin (qw_out_t *self, qw_bytes_t bytes);
static inline void qw_put_map (qw_out_t *self, size_t pairs) { msgpack_pack_map (&self->packer, pairs); }
static inline void qw_put_array (qw_out_t *self, size_t items) { msgpack_pack_array (&self->packer, items); }
static inline void qw_put_uint (qw_out_t *self, uint64_t value)
{
    if (value < 128 && self->buffer.size < self->buffer.alloc) /* most numbers by far: one byte, without the packer's detour */
        self->buffer.data[self->buffer.size++] = (char) value;
    else
        msgpack_pack_uint64 (&self->packer, value);
}
static inline void qw_put_nil (qw_out_t *self) { msgpack_pack_nil (&self->packer); }
static inline void qw_put_bool (qw_out_t *self, bool value)
{
    if (value)
        msgpack_pack_true (&self->packer);
    else
        msgpack_pack_false (&self->packer);
}

#endif
