#include "ventilator/json_to_mp.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <xxhash.h>

#include "proto/blocks.h"

enum { MAX_NUMBER = 320 };

void qw_json_open (qw_json_t *self, qw_bytes_t json, qw_reason_t *reason)
{
    self->begin = self->at = json.data;
    self->end = json.data + json.size;
    self->values = 0;
    self->key_count = 0;
    self->reason = reason;
}

void qw_json_free (qw_json_t *self)
{
    free (self->keys);
    qw_buffer_free (&self->scratch);
    if (self->locale)
        freelocale (self->locale);
    memset (self, 0, sizeof *self);
}

qw_status_t qw_json_fail (const qw_json_t *self, const char *what)
{
    return qw_fail (QW_INVALID, self->reason, "not JSON: %s at byte %zu", what, (size_t) (self->at - self->begin) + 1);
}

char qw_json_peek (qw_json_t *self)
{
    while (self->at < self->end && (*self->at == ' ' || *self->at == '\n' || *self->at == '\r' || *self->at == '\t'))
        self->at++;
    return self->at < self->end ? *self->at : 0;
}

bool qw_json_take (qw_json_t *self, char byte)
{
    if (qw_json_peek (self) != byte)
        return false;
    self->at++;
    return true;
}

/* ---- strings ------------------------------------------------------------------------------------------------------- */

/* Where the first byte is that ends a string or is no plain character of it. */
static const char *plain_end (const char *at, const char *end)
{
    for (; end - at >= QW_BLOCK; at += QW_BLOCK) {
        qw_block_t block = qw_block_at (at);
        uint64_t found = qw_block_is (&block, '"') | qw_block_is (&block, '\\') | qw_block_range (&block, 0, 0x1f);
        if (found)
            return at + __builtin_ctzll (found);
    }
    while (at < end && *at != '"' && *at != '\\' && (unsigned char) *at >= 0x20)
        at++;
    return at;
}

static int hex4 (const char *at, const char *end)
{
    int value = 0;
    if (end - at < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        char c = at[i];
        int digit = c >= '0' && c <= '9' ? c - '0'
                  : c >= 'a' && c <= 'f' ? c - 'a' + 10
                  : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                         : -1;
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

static void append_point (qw_buffer_t *into, uint32_t point)
{
    char bytes[4];
    size_t size = 0;
    if (point < 0x80)
        bytes[size++] = (char) point;
    else if (point < 0x800)
        bytes[size++] = (char) (0xc0 | point >> 6);
    else if (point < 0x10000) {
        bytes[size++] = (char) (0xe0 | point >> 12);
        bytes[size++] = (char) (0x80 | (point >> 6 & 0x3f));
    } else {
        bytes[size++] = (char) (0xf0 | point >> 18);
        bytes[size++] = (char) (0x80 | (point >> 12 & 0x3f));
        bytes[size++] = (char) (0x80 | (point >> 6 & 0x3f));
    }
    if (point >= 0x80)
        bytes[size++] = (char) (0x80 | (point & 0x3f));
    qw_buffer_append (into, bytes, size);
}

/* \uXXXX, or two of them for a character beyond the first 65,536; `at` is behind the 'u'. */
static qw_status_t read_point (qw_json_t *self, qw_buffer_t *into)
{
    int high = hex4 (self->at, self->end), low = -1;
    if (high < 0)
        return qw_json_fail (self, "\\u without four hexadecimal digits");
    if (high == 0)
        return qw_json_fail (self, "a NUL character, which no text has,");
    self->at += 4;
    uint32_t point = (uint32_t) high;
    if (high >= 0xd800 && high <= 0xdfff) {
        if (high <= 0xdbff && self->end - self->at >= 6 && self->at[0] == '\\' && self->at[1] == 'u')
            low = hex4 (self->at + 2, self->end);
        if (low < 0xdc00 || low > 0xdfff)
            return qw_json_fail (self, "half of a surrogate pair");
        self->at += 6;
        point = 0x10000 + ((uint32_t) (high - 0xd800) << 10) + (uint32_t) (low - 0xdc00);
    }
    append_point (into, point);
    return QW_OK;
}

static qw_status_t read_escape (qw_json_t *self, qw_buffer_t *into)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    char c = self->at < self->end ? *self->at++ : 0;
    if (c == 'u')
        return read_point (self, into);
    const char *found = c ? strchr (from, c) : NULL;
    if (!found)
        return qw_json_fail (self, "an unknown escape");
    qw_buffer_append (into, to + (found - from), 1);
    return QW_OK;
}

qw_status_t qw_json_string (qw_json_t *self, qw_buffer_t *into, qw_bytes_t *string)
{
    if (!qw_json_take (self, '"'))
        return qw_json_fail (self, "no string");
    const char *start = self->at;
    into->size = 0;
    for (bool escaped = false;; escaped = true) {
        const char *from = self->at;
        self->at = plain_end (from, self->end);
        if (self->at == self->end)
            return qw_json_fail (self, "a string without end");
        char c = *self->at++;
        if (c == '"' && !escaped) {
            *string = (qw_bytes_t){start, (size_t) (self->at - 1 - start)};
            return QW_OK;
        }
        qw_buffer_append (into, from, (size_t) (self->at - 1 - from));
        if (c == '"') {
            *string = (qw_bytes_t){into->data, into->size};
            return QW_OK;
        }
        if (c != '\\')
            return qw_json_fail (self, "a control character in a string");
        qw_status_t status = read_escape (self, into);
        if (status)
            return status;
    }
}

/* ---- numbers ------------------------------------------------------------------------------------------------------- */

static bool take_digits (qw_json_t *self)
{
    const char *start = self->at;
    while (self->at < self->end && *self->at >= '0' && *self->at <= '9')
        self->at++;
    return self->at > start;
}

qw_status_t qw_json_number (qw_json_t *self, qw_bytes_t *number, bool *is_integer)
{
    qw_json_peek (self);
    const char *start = self->at;
    bool good = true;
    *is_integer = true;
    if (self->at < self->end && *self->at == '-')
        self->at++;
    if (self->at < self->end && *self->at == '0')
        self->at++;
    else
        good = take_digits (self);
    if (good && self->at < self->end && *self->at == '.') {
        self->at++;
        *is_integer = false;
        good = take_digits (self);
    }
    if (good && self->at < self->end && (*self->at == 'e' || *self->at == 'E')) {
        self->at++;
        *is_integer = false;
        if (self->at < self->end && (*self->at == '-' || *self->at == '+'))
            self->at++;
        good = take_digits (self);
    }
    *number = (qw_bytes_t){start, (size_t) (self->at - start)};
    return good ? QW_OK : qw_json_fail (self, "an unknown value");
}

static qw_status_t put_number (qw_json_t *self, qw_out_t *out)
{
    qw_bytes_t number;
    bool is_integer;
    char text[MAX_NUMBER + 1];
    qw_status_t status = qw_json_number (self, &number, &is_integer);
    if (status)
        return status;
    if (number.size > MAX_NUMBER)
        return qw_json_fail (self, "a number with too many digits");
    memcpy (text, number.data, number.size);
    text[number.size] = 0;
    errno = 0;
    long long whole = is_integer ? strtoll (text, NULL, 10) : 0;
    if (is_integer && !errno) {
        msgpack_pack_int64 (&out->packer, whole);
        return QW_OK;
    }
    errno = 0;
    unsigned long long large = is_integer && text[0] != '-' ? strtoull (text, NULL, 10) : 0;
    if (large && !errno) {
        msgpack_pack_uint64 (&out->packer, large);
        return QW_OK;
    }
    if (!self->locale)
        self->locale = newlocale (LC_ALL_MASK, "C", (locale_t) 0);
    double value = strtod_l (text, NULL, self->locale);
    if (!isfinite (value))
        return qw_json_fail (self, "a number out of range");
    msgpack_pack_double (&out->packer, value);
    return QW_OK;
}

/* ---- arrays and objects -------------------------------------------------------------------------------------------- */

size_t qw_json_open_container (qw_out_t *out)
{
    qw_put_raw (out, QW_BYTES ("?")); /* enough for 15 items; the head grows when there are more */
    return out->buffer.size - 1;
}

void qw_json_close_container (qw_out_t *out, size_t opened, size_t count, bool is_map)
{
    unsigned char head[5] = {(unsigned char) ((is_map ? 0x80 : 0x90) | count)};
    size_t more = count < 16 ? 0 : count < 65536 ? 2 : 4;
    if (more) {
        head[0] = (unsigned char) ((is_map ? 0xde : 0xdc) + (more == 4));
        for (size_t i = 0; i < more; i++)
            head[1 + i] = (unsigned char) (count >> 8 * (more - 1 - i));
        qw_put_raw (out, (qw_bytes_t){"????", more});
        char *body = out->buffer.data + opened + 1;
        memmove (body + more, body, out->buffer.size - opened - 1 - more);
    }
    memcpy (out->buffer.data + opened, head, 1 + more);
}

qw_status_t qw_json_put_key (qw_json_t *self, qw_bytes_t key, size_t first_key, qw_out_t *out)
{
    if (self->key_count - first_key >= QW_MP_MAX_KEYS)
        return qw_fail (QW_INVALID, self->reason, "an object has more than %d members", QW_MP_MAX_KEYS);
    qw_json_key_t new_key = {.hash = XXH3_64bits (key.data, key.size), .size = key.size};
    qw_put_str (out, key);
    new_key.offset = out->buffer.size - key.size;
    for (size_t i = first_key; i < self->key_count; i++)
        if (self->keys[i].hash == new_key.hash && self->keys[i].size == key.size
            && memcmp (out->buffer.data + self->keys[i].offset, out->buffer.data + new_key.offset, key.size) == 0)
            return qw_json_fail (self, "a key for the second time");
    if (self->key_count == self->key_capacity) {
        self->key_capacity = self->key_capacity ? self->key_capacity * 2 : 64;
        self->keys = realloc (self->keys, self->key_capacity * sizeof *self->keys);
        if (!self->keys)
            abort ();
    }
    self->keys[self->key_count++] = new_key;
    return QW_OK;
}

static qw_status_t put_members (qw_json_t *self, int depth, qw_out_t *out, size_t *count)
{
    size_t first_key = self->key_count;
    qw_status_t status = QW_OK;
    for (*count = 0; !status && !(*count == 0 && qw_json_peek (self) == '}'); ++*count) {
        if (*count > 0 && !qw_json_take (self, ','))
            break;
        qw_bytes_t key;
        status = qw_json_string (self, &self->scratch, &key);
        if (!status)
            status = qw_json_put_key (self, key, first_key, out);
        if (!status && !qw_json_take (self, ':'))
            status = qw_json_fail (self, "no ':'");
        if (!status)
            status = qw_json_value (self, depth, out);
    }
    self->key_count = first_key;
    return status;
}

static qw_status_t put_items (qw_json_t *self, int depth, qw_out_t *out, size_t *count)
{
    qw_status_t status = QW_OK;
    for (*count = 0; !status && !(*count == 0 && qw_json_peek (self) == ']'); ++*count) {
        if (*count > 0 && !qw_json_take (self, ','))
            break;
        status = qw_json_value (self, depth, out);
    }
    return status;
}

static qw_status_t put_container (qw_json_t *self, int depth, qw_out_t *out, bool is_map)
{
    if (depth <= 0)
        return qw_fail (QW_INVALID, self->reason, "arrays and objects stand more than %d deep in each other",
                        QW_JSON_MAX_DEPTH);
    self->at++;
    size_t opened = qw_json_open_container (out), count;
    qw_status_t status = is_map ? put_members (self, depth - 1, out, &count) : put_items (self, depth - 1, out, &count);
    if (status)
        return status;
    if (!qw_json_take (self, is_map ? '}' : ']'))
        return qw_json_fail (self, is_map ? "neither ',' nor '}'" : "neither ',' nor ']'");
    qw_json_close_container (out, opened, count, is_map);
    return QW_OK;
}

static bool take_word (qw_json_t *self, const char *word)
{
    size_t size = strlen (word);
    if ((size_t) (self->end - self->at) < size || memcmp (self->at, word, size) != 0)
        return false;
    self->at += size;
    return true;
}

qw_status_t qw_json_value (qw_json_t *self, int depth, qw_out_t *out)
{
    if (++self->values > QW_JSON_MAX_VALUES)
        return qw_fail (QW_TOO_LARGE, self->reason, "it has more than %d values", QW_JSON_MAX_VALUES);
    char first = qw_json_peek (self);
    if (first == '{' || first == '[')
        return put_container (self, depth, out, first == '{');
    if (first == '"') {
        qw_bytes_t string;
        qw_status_t status = qw_json_string (self, &self->scratch, &string);
        if (!status)
            qw_put_str (out, string);
        return status;
    }
    if (first == 't' && take_word (self, "true"))
        qw_put_bool (out, true);
    else if (first == 'f' && take_word (self, "false"))
        qw_put_bool (out, false);
    else if (first == 'n' && take_word (self, "null"))
        qw_put_nil (out);
    else
        return put_number (self, out);
    return QW_OK;
}
