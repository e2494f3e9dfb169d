#include "proto/mp.h"

#include <stdlib.h>

#include "proto/utf8.h"

/* ---- one value's head ---------------------------------------------------------------------------------------------- */

/* What stands at the front of a value: its kind, the bytes of the head, and a count (of bytes, items or pairs) or a number. */
typedef struct {
    uint32_t kind; /* qw_mp_kind_t */
    uint32_t head; /* bytes of the head, with the number in it */
    uint64_t value; /* UINT and INT: the number (two's complement); BOOL; STR and BIN: bytes; ARRAY: items; MAP: pairs;
                       FLOAT: its bits */
} head_t;

static inline uint64_t big_endian (const uint8_t *at, unsigned bytes)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < bytes; i++)
        value = value << 8 | at[i];
    return value;
}

static double float_of (head_t head)
{
    if (head.head == 1 + sizeof (float)) {
        uint32_t bits = (uint32_t) head.value;
        float value;
        memcpy (&value, &bits, sizeof value);
        return (double) value;
    }
    double value;
    memcpy (&value, &head.value, sizeof value);
    return value;
}

static const struct {
    uint8_t kind, bytes; /* bytes of the number behind the first */
} wide[32] = {
    /* c0 */ {QW_MP_NIL, 0},   {QW_MP_BAD, 0},   {QW_MP_BOOL, 0},  {QW_MP_BOOL, 0},
    /* c4 */ {QW_MP_BIN, 1},   {QW_MP_BIN, 2},   {QW_MP_BIN, 4},   {QW_MP_BAD, 0},
    /* c8 */ {QW_MP_BAD, 0},   {QW_MP_BAD, 0},   {QW_MP_FLOAT, 4}, {QW_MP_FLOAT, 8},
    /* cc */ {QW_MP_UINT, 1},  {QW_MP_UINT, 2},  {QW_MP_UINT, 4},  {QW_MP_UINT, 8},
    /* d0 */ {QW_MP_INT, 1},   {QW_MP_INT, 2},   {QW_MP_INT, 4},   {QW_MP_INT, 8},
    /* d4 */ {QW_MP_BAD, 0},   {QW_MP_BAD, 0},   {QW_MP_BAD, 0},   {QW_MP_BAD, 0},
    /* d8 */ {QW_MP_BAD, 0},   {QW_MP_STR, 1},   {QW_MP_STR, 2},   {QW_MP_STR, 4},
    /* dc */ {QW_MP_ARRAY, 2}, {QW_MP_ARRAY, 4}, {QW_MP_MAP, 2},   {QW_MP_MAP, 4},
};

/* Small numbers in a row, as long arrays have them: how many of the next eight bytes; 0 at the end too. */
static inline size_t small_numbers (const uint8_t *at, const uint8_t *end)
{
    uint64_t word;
    if (end - at < 8)
        return 0;
    memcpy (&word, at, sizeof word);
    word &= 0x8080808080808080u;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return word ? (size_t) __builtin_ctzll (word) / 8 : 8;
#else
    return word ? (size_t) __builtin_clzll (word) / 8 : 8;
#endif
}

/* The head of a value that is neither a small number nor a small container or string. */
static head_t wide_head (const uint8_t *at, const uint8_t *end)
{
    head_t bad = {.kind = QW_MP_BAD};
    unsigned bytes = wide[*at - 0xc0].bytes;
    head_t head = {.kind = wide[*at - 0xc0].kind, .head = 1 + bytes};
    if (head.kind == QW_MP_BAD || (size_t) (end - at) < head.head)
        return bad;
    if (head.kind == QW_MP_BOOL)
        head.value = *at == 0xc3;
    else
        head.value = big_endian (at + 1, bytes);
    if (head.kind == QW_MP_INT) {
        unsigned unused = 64 - 8 * bytes;
        head.value = (uint64_t) ((int64_t) (head.value << unused) >> unused);
        if (!(head.value >> 63))
            head.kind = QW_MP_UINT; /* a signed form of a number that is not negative */
    }
    return head;
}

/* Reads the head at `at`; kind QW_MP_BAD when it is cut off, unknown or an extension type. */
static inline head_t head_at (const uint8_t *at, const uint8_t *end)
{
    if (at >= end)
        return (head_t){.kind = QW_MP_BAD};
    uint8_t first = *at;
    if (first < 0x80)
        return (head_t){.kind = QW_MP_UINT, .head = 1, .value = first};
    if (first < 0x90)
        return (head_t){.kind = QW_MP_MAP, .head = 1, .value = first & 0x0f};
    if (first < 0xa0)
        return (head_t){.kind = QW_MP_ARRAY, .head = 1, .value = first & 0x0f};
    if (first < 0xc0)
        return (head_t){.kind = QW_MP_STR, .head = 1, .value = first & 0x1f};
    if (first >= 0xe0)
        return (head_t){.kind = QW_MP_INT, .head = 1, .value = (uint64_t) (int64_t) (int8_t) first};
    return wide_head (at, end);
}

/* Bytes of a value by its first one, where that tells: numbers, nil and booleans. */
static const uint8_t scalar_bytes[256] = {[0x00 ... 0x7f] = 1, [0xc0] = 1, [0xc2 ... 0xc3] = 1, [0xca] = 5, [0xcb] = 9,
                                          [0xcc] = 2,          [0xcd] = 3, [0xce] = 5,          [0xcf] = 9, [0xd0] = 2,
                                          [0xd1] = 3,          [0xd2] = 5, [0xd3] = 9,          [0xe0 ... 0xff] = 1};

/* Bytes of the number, nil or boolean at `at`; 0: it is something else, or cut off. */
static inline size_t scalar_size (const uint8_t *at, const uint8_t *end)
{
    size_t size = at < end ? scalar_bytes[*at] : 0;
    return size <= (size_t) (end - at) ? size : 0;
}

/* ---- the scan ------------------------------------------------------------------------------------------------------ */

typedef struct {
    const uint8_t *begin, *at, *end;
    uint32_t objects;
    qw_reason_t *reason;
} scan_t;

static qw_status_t scan_fail (const scan_t *scan, const char *what)
{
    return qw_fail (QW_INVALID, scan->reason, "MessagePack: %s at byte %zu", what, (size_t) (scan->at - scan->begin));
}

static qw_status_t scan_value (scan_t *scan, int depth);

static bool key_seen (const qw_bytes_t *keys, uint64_t count, qw_bytes_t key)
{
    for (uint64_t i = 0; i < count; i++)
        if (qw_bytes_equal (keys[i], key))
            return true;
    return false;
}

/* Keys with different numbers, below 64, are different. */
static inline unsigned key_number (qw_bytes_t key)
{
    if (key.size == 0)
        return 0;
    return ((unsigned char) key.data[0] + 7u * (unsigned char) key.data[key.size - 1] + 31u * (unsigned) key.size) % 64;
}

static qw_status_t scan_text (scan_t *scan, head_t head)
{
    if (head.value > (uint64_t) (scan->end - scan->at) - head.head)
        return scan_fail (scan, "a string longer than the frame");
    if (head.kind == QW_MP_STR && !qw_utf8_is_valid ((const char *) scan->at + head.head, (size_t) head.value))
        return scan_fail (scan, "text that is not UTF-8");
    scan->at += head.head + head.value;
    return QW_OK;
}

static qw_status_t scan_map (scan_t *scan, uint64_t pairs, int depth)
{
    qw_bytes_t few[16], *keys = few;
    uint64_t numbers = 0;
    if (pairs > QW_MP_MAX_KEYS)
        return scan_fail (scan, "a map with too many keys");
    if (pairs > 16 && !(keys = malloc ((size_t) pairs * sizeof *keys)))
        return qw_fail (QW_NO_MEMORY, scan->reason, "no memory for the keys of a map");
    qw_status_t status = QW_OK;
    for (uint64_t i = 0; i < pairs && !status; i++) {
        head_t head = head_at (scan->at, scan->end);
        if (head.kind != QW_MP_STR)
            status = scan_fail (scan, "a key that is not text");
        else if (++scan->objects > QW_MP_MAX_OBJECTS)
            status = scan_fail (scan, "too many values");
        else
            status = scan_text (scan, head);
        if (status)
            break;
        keys[i] = (qw_bytes_t){(const char *) scan->at - head.value, (size_t) head.value};
        uint64_t number = 1ull << key_number (keys[i]);
        if (numbers & number && key_seen (keys, i, keys[i]))
            status = scan_fail (scan, "a key that stands twice in its map");
        else
            status = scan_value (scan, depth);
        numbers |= number;
    }
    if (keys != few)
        free (keys);
    return status;
}

static qw_status_t scan_value (scan_t *scan, int depth)
{
    head_t head = head_at (scan->at, scan->end);
    uint64_t left = (uint64_t) (scan->end - scan->at) - head.head;
    if (head.kind == QW_MP_BAD)
        return scan_fail (scan, scan->at >= scan->end ? "the value is cut off" : "an unknown type or a cut-off head");
    if (++scan->objects > QW_MP_MAX_OBJECTS)
        return scan_fail (scan, "too many values");
    if (head.kind == QW_MP_STR || head.kind == QW_MP_BIN)
        return scan_text (scan, head);
    if (head.kind != QW_MP_ARRAY && head.kind != QW_MP_MAP) {
        scan->at += head.head;
        return QW_OK;
    }
    if (depth >= QW_MP_MAX_DEPTH)
        return scan_fail (scan, "nested too deep");
    if (head.value > (head.kind == QW_MP_MAP ? left / 2 : left))
        return scan_fail (scan, "a list that claims more items than the frame can hold");
    scan->at += head.head;
    if (head.kind == QW_MP_MAP)
        return scan_map (scan, head.value, depth + 1);
    for (uint64_t i = 0; i < head.value; i++) {
        size_t small;
        while (i + 8 < head.value && (small = small_numbers (scan->at, scan->end)) > 0
               && scan->objects + 8 <= QW_MP_MAX_OBJECTS) {
            scan->objects += (uint32_t) small;
            scan->at += small;
            i += small;
        }
        size_t scalar = scalar_size (scan->at, scan->end);
        if (scalar > 0) {
            if (++scan->objects > QW_MP_MAX_OBJECTS)
                return scan_fail (scan, "too many values");
            scan->at += scalar;
            continue;
        }
        qw_status_t status = scan_value (scan, depth + 1);
        if (status)
            return status;
    }
    return QW_OK;
}

qw_status_t qw_mp_scan (const void *bytes, size_t size, qw_reason_t *reason)
{
    scan_t scan = {bytes, bytes, (const uint8_t *) bytes + size, 0, reason};
    qw_status_t status = scan_value (&scan, 0);
    if (!status && scan.at != scan.end)
        status = scan_fail (&scan, "bytes left over");
    return status;
}

/* ---- the cursor ---------------------------------------------------------------------------------------------------- */

void qw_mp_open (qw_mp_t *self, const void *bytes, size_t size, qw_reason_t *reason)
{
    *self = (qw_mp_t){.at = bytes, .end = (const uint8_t *) bytes + size, .reason = reason};
}

qw_mp_kind_t qw_mp_peek (const qw_mp_t *self)
{
    return self->failed ? QW_MP_BAD : (qw_mp_kind_t) head_at (self->at, self->end).kind;
}

void qw_mp_refuse (qw_mp_t *self, const char *format, ...)
{
    if (!self->failed && self->reason) {
        va_list arguments;
        va_start (arguments, format);
        vsnprintf (self->reason->text, sizeof self->reason->text, format, arguments);
        va_end (arguments);
    }
    self->failed = true;
    self->at = self->end;
}

qw_status_t qw_mp_status (const qw_mp_t *self) { return self->failed ? QW_INVALID : QW_OK; }

/* Takes the head of a value that must be of `kind`; value 0 when it is not. */
static inline head_t take (qw_mp_t *self, qw_mp_kind_t kind, const char *what, const char *field)
{
    head_t head = self->failed ? (head_t){.kind = QW_MP_BAD} : head_at (self->at, self->end);
    if (head.kind == kind) {
        self->at += head.head;
        return head;
    }
    qw_mp_refuse (self, "field '%s' is not %s", field, what);
    return (head_t){.kind = QW_MP_BAD};
}

static qw_bytes_t take_bytes (qw_mp_t *self, qw_mp_kind_t kind, const char *what, const char *field)
{
    head_t head = take (self, kind, what, field);
    if (self->failed)
        return (qw_bytes_t){NULL, 0};
    if (head.value > (uint64_t) (self->end - self->at)) {
        qw_mp_refuse (self, "field '%s' is longer than its frame", field);
        return (qw_bytes_t){NULL, 0};
    }
    qw_bytes_t bytes = {(const char *) self->at, (size_t) head.value};
    self->at += head.value;
    return bytes;
}

uint64_t qw_mp_large_uint (qw_mp_t *self, const char *field)
{
    return take (self, QW_MP_UINT, "an unsigned integer", field).value;
}

bool qw_mp_bool (qw_mp_t *self, const char *field) { return take (self, QW_MP_BOOL, "a boolean", field).value != 0; }
qw_bytes_t qw_mp_str (qw_mp_t *self, const char *field) { return take_bytes (self, QW_MP_STR, "text", field); }
qw_bytes_t qw_mp_bin (qw_mp_t *self, const char *field) { return take_bytes (self, QW_MP_BIN, "bytes", field); }

/* Items can't be more than bytes are left, so that a decoder may trust the count. */
static uint32_t take_count (qw_mp_t *self, qw_mp_kind_t kind, unsigned bytes_each, const char *what, const char *field)
{
    head_t head = take (self, kind, what, field);
    if (!self->failed && head.value > (uint64_t) (self->end - self->at) / bytes_each)
        qw_mp_refuse (self, "field '%s' claims more items than its frame can hold", field);
    return self->failed ? 0 : (uint32_t) head.value;
}

uint32_t qw_mp_array (qw_mp_t *self, const char *field) { return take_count (self, QW_MP_ARRAY, 1, "an array", field); }
uint32_t qw_mp_map (qw_mp_t *self, const char *field) { return take_count (self, QW_MP_MAP, 2, "a map", field); }

int64_t qw_mp_int (qw_mp_t *self, const char *field)
{
    if (self->at < self->end && *self->at < 0x80)
        return *self->at++;
    if (qw_mp_peek (self) == QW_MP_INT)
        return (int64_t) take (self, QW_MP_INT, "an integer", field).value;
    uint64_t value = qw_mp_uint (self, field);
    if (value > INT64_MAX)
        qw_mp_refuse (self, "field '%s' is too large a number", field);
    return self->failed ? 0 : (int64_t) value;
}

double qw_mp_number (qw_mp_t *self, const char *field)
{
    return qw_mp_peek (self) == QW_MP_FLOAT ? float_of (take (self, QW_MP_FLOAT, "a number", field))
                                            : (double) qw_mp_int (self, field);
}

bool qw_mp_nil (qw_mp_t *self)
{
    if (qw_mp_peek (self) != QW_MP_NIL)
        return false;
    self->at++;
    return true;
}

qw_bytes_t qw_mp_skip (qw_mp_t *self)
{
    const uint8_t *begin = self->at;
    uint64_t open = 1; /* values still to pass; nesting needs no stack, since only their number matters */
    while (open > 0 && !self->failed) {
        size_t scalar = scalar_size (self->at, self->end);
        if (scalar > 0) {
            self->at += scalar;
            open--;
            for (size_t small; open > 8 && (small = small_numbers (self->at, self->end)) > 0; open -= small)
                self->at += small;
            continue;
        }
        head_t head = head_at (self->at, self->end);
        uint64_t left = (uint64_t) (self->end - self->at) - (head.kind == QW_MP_BAD ? 0 : head.head);
        uint64_t bytes = head.kind == QW_MP_STR || head.kind == QW_MP_BIN ? head.value : 0;
        if (head.kind == QW_MP_BAD || bytes > left) {
            qw_mp_refuse (self, "a value is cut off");
            break;
        }
        self->at += head.head + bytes;
        open--;
        if (head.kind == QW_MP_ARRAY)
            open += head.value;
        else if (head.kind == QW_MP_MAP)
            open += 2 * head.value;
    }
    return self->failed ? (qw_bytes_t){NULL, 0} : (qw_bytes_t){(const char *) begin, (size_t) (self->at - begin)};
}

/* ---- writing ------------------------------------------------------------------------------------------------------- */

static int append (void *data, const char *bytes, size_t size)
{
    if (msgpack_sbuffer_write (data, bytes, size) != 0)
        abort ();
    return 0;
}

void qw_out_init (qw_out_t *self)
{
    msgpack_sbuffer_init (&self->buffer);
    msgpack_packer_init (&self->packer, &self->buffer, append);
}

void qw_out_free (qw_out_t *self) { msgpack_sbuffer_destroy (&self->buffer); }

enum { FIRST_BYTES = 8192 };

char *qw_out_reserve (qw_out_t *self, size_t size)
{
    msgpack_sbuffer *buffer = &self->buffer;
    if (buffer->alloc - buffer->size < size) {
        size_t doubled = buffer->alloc ? 2 * buffer->alloc : FIRST_BYTES;
        size_t wanted = doubled > buffer->size + size ? doubled : buffer->size + size;
        char *grown = realloc (buffer->data, wanted);
        if (!grown)
            abort ();
        buffer->data = grown;
        buffer->alloc = wanted;
    }
    return buffer->data + buffer->size;
}

void qw_put_raw (qw_out_t *self, qw_bytes_t bytes)
{
    if (!bytes.size)
        return;
    memcpy (qw_out_reserve (self, bytes.size), bytes.data, bytes.size);
    self->buffer.size += bytes.size;
}

void qw_put_str (qw_out_t *self, qw_bytes_t text)
{
    if (text.size >= 32) {
        msgpack_pack_str (&self->packer, text.size);
        qw_put_raw (self, text);
        return;
    }
    char *at = qw_out_reserve (self, 32);
    at[0] = (char) (0xa0 | text.size);
    if (text.size)
        memcpy (at + 1, text.data, text.size);
    self->buffer.size += 1 + text.size;
}

void qw_put_key (qw_out_t *self, const char *key) { qw_put_str (self, qw_bytes_of (key)); }

void qw_put_bin (qw_out_t *self, qw_bytes_t bytes)
{
    msgpack_pack_bin (&self->packer, bytes.size);
    qw_put_raw (self, bytes);
}
