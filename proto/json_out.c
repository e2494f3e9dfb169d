#include "proto/json_out.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/utf8.h"

void qw_json_out_free (qw_json_out_t *self)
{
    free (self->data);
    *self = (qw_json_out_t){0};
}

char *qw_json_out_reserve (qw_json_out_t *self, size_t size)
{
    if (self->capacity - self->size < size) {
        size_t wanted = 2 * (self->size + size);
        char *grown = realloc (self->data, wanted);
        if (!grown)
            abort ();
        self->data = grown;
        self->capacity = wanted;
    }
    return self->data + self->size;
}

void qw_json_put_raw (qw_json_out_t *self, const char *bytes, size_t size)
{
    if (size == 0)
        return;
    memcpy (qw_json_out_reserve (self, size), bytes, size);
    self->size += size;
}

static void put_escape (qw_json_out_t *self, unsigned char c)
{
    static const char letters[] = "\"\"\\\\\bb\ff\nn\rr\tt"; /* each with the letter behind its backslash */
    static const char hex[] = "0123456789abcdef";
    char *at = qw_json_out_reserve (self, 6);
    for (size_t i = 0; i + 1 < sizeof letters; i += 2)
        if ((unsigned char) letters[i] == c) {
            at[0] = '\\';
            at[1] = letters[i + 1];
            self->size += 2;
            return;
        }
    memcpy (at, "\\u00", 4);
    at[4] = hex[c >> 4];
    at[5] = hex[c & 15];
    self->size += 6;
}

static inline bool is_plain (unsigned char c) { return c >= 0x20 && c != '"' && c != '\\'; }

static void put_valid (qw_json_out_t *self, const char *text, size_t size)
{
    for (size_t i = 0; i < size;) {
        size_t begin = i;
        while (i < size && is_plain ((unsigned char) text[i]))
            i++;
        qw_json_put_raw (self, text + begin, i - begin);
        if (i < size)
            put_escape (self, (unsigned char) text[i++]);
    }
}

void qw_json_put_string (qw_json_out_t *self, qw_bytes_t text)
{
    qw_json_put_raw (self, "\"", 1);
    for (size_t at = 0; at < text.size;) {
        size_t valid = qw_utf8_valid_prefix (text.data + at, text.size - at);
        put_valid (self, text.data + at, valid);
        at += valid;
        if (at < text.size) {
            qw_json_put_raw (self, "\xef\xbf\xbd", 3);
            at++;
        }
    }
    qw_json_put_raw (self, "\"", 1);
}

void qw_json_put_uint (qw_json_out_t *self, uint64_t number)
{
    char digits[20];
    unsigned count = 0;
    do
        digits[sizeof digits - ++count] = (char) ('0' + number % 10);
    while (number /= 10);
    char *at = qw_json_out_reserve (self, sizeof digits);
    memcpy (at, digits + sizeof digits - count, count);
    self->size += count;
}

void qw_json_put_int (qw_json_out_t *self, int64_t number)
{
    if (number < 0)
        qw_json_put_raw (self, "-", 1);
    qw_json_put_uint (self, number < 0 ? 0 - (uint64_t) number : (uint64_t) number);
}

void qw_json_put_double (qw_json_out_t *self, double number)
{
    char text[40];
    if (!isfinite (number)) {
        qw_json_put_text (self, "null");
        return;
    }
    for (int digits = 15; digits <= 17; digits++) {
        snprintf (text, sizeof text, "%.*g", digits, number);
        if (strtod (text, NULL) == number)
            break;
    }
    if (!strpbrk (text, ".e"))
        strcat (text, ".0"); /* so that it stays a number with a fraction */
    qw_json_put_text (self, text);
}

static void put_base64 (qw_json_out_t *self, qw_bytes_t bytes)
{
    static const char signs[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *at = qw_json_out_reserve (self, bytes.size / 3 * 4 + 6), *begin = at;
    *at++ = '"';
    for (size_t i = 0; i < bytes.size; i += 3) {
        size_t left = bytes.size - i;
        const unsigned char *from = (const unsigned char *) bytes.data + i;
        uint32_t three = (uint32_t) from[0] << 16 | (left > 1 ? (uint32_t) from[1] << 8 : 0) | (left > 2 ? from[2] : 0);
        *at++ = signs[three >> 18];
        *at++ = signs[three >> 12 & 63];
        *at++ = left > 1 ? signs[three >> 6 & 63] : '=';
        *at++ = left > 2 ? signs[three & 63] : '=';
    }
    *at++ = '"';
    self->size += (size_t) (at - begin);
}

static void put_value (qw_json_out_t *self, qw_mp_t *reader, int depth);

static void put_list (qw_json_out_t *self, qw_mp_t *reader, bool map, int depth)
{
    if (depth >= QW_MP_MAX_DEPTH) {
        qw_mp_refuse (reader, "a value is nested too deep");
        return;
    }
    uint32_t items = map ? qw_mp_map (reader, "a map") : qw_mp_array (reader, "an array");
    qw_json_put_raw (self, map ? "{" : "[", 1);
    for (uint32_t i = 0; i < items && !reader->failed; i++) {
        if (i > 0)
            qw_json_put_raw (self, ",", 1);
        if (map) {
            qw_json_put_string (self, qw_mp_str (reader, "a key"));
            qw_json_put_raw (self, ":", 1);
        }
        put_value (self, reader, depth + 1);
    }
    qw_json_put_raw (self, map ? "}" : "]", 1);
}

static void put_value (qw_json_out_t *self, qw_mp_t *reader, int depth)
{
    switch (qw_mp_peek (reader)) {
    case QW_MP_NIL:
        qw_mp_nil (reader);
        qw_json_put_text (self, "null");
        break;
    case QW_MP_BOOL: qw_json_put_text (self, qw_mp_bool (reader, "a boolean") ? "true" : "false"); break;
    case QW_MP_UINT: qw_json_put_uint (self, qw_mp_uint (reader, "a number")); break;
    case QW_MP_INT: qw_json_put_int (self, qw_mp_int (reader, "a number")); break;
    case QW_MP_FLOAT: qw_json_put_double (self, qw_mp_number (reader, "a number")); break;
    case QW_MP_STR: qw_json_put_string (self, qw_mp_str (reader, "text")); break;
    case QW_MP_BIN: put_base64 (self, qw_mp_bin (reader, "bytes")); break;
    case QW_MP_ARRAY: put_list (self, reader, false, depth); break;
    case QW_MP_MAP: put_list (self, reader, true, depth); break;
    case QW_MP_BAD: qw_mp_refuse (reader, "a value is cut off or of an unknown type"); break;
    }
}

void qw_json_put_value (qw_json_out_t *self, qw_mp_t *reader) { put_value (self, reader, 0); }
