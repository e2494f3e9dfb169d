#include "ventilator/html_encoding.h"

#include <ctype.h>
#include <errno.h>
#include <iconv.h>
#include <stdio.h>
#include <strings.h>

#include "proto/utf8.h"
#include "ventilator/html_tokens.h"

static const char utf8[] = "UTF-8";

/* The encoding that a name in a page means (WHATWG, Encoding, "Names and labels"). False: that is no name. */
static bool meaning (qw_bytes_t name, char encoding[QW_ENCODING_NAME])
{
    static const struct {
        const char *label, *name;
    } meanings[] = {/* UTF-16 by name only: the page could be read thus far, so it is not */
                    {"iso-8859-1", "WINDOWS-1252"},   {"iso8859-1", "WINDOWS-1252"},  {"latin1", "WINDOWS-1252"},
                    {"latin-1", "WINDOWS-1252"},      {"us-ascii", "WINDOWS-1252"},   {"ascii", "WINDOWS-1252"},
                    {"cp1252", "WINDOWS-1252"},       {"iso-8859-9", "WINDOWS-1254"}, {"iso-8859-11", "CP874"},
                    {"gb2312", "GB18030"},            {"gbk", "GB18030"},             {"x-gbk", "GB18030"},
                    {"shift_jis", "CP932"},           {"shift-jis", "CP932"},         {"x-sjis", "CP932"},
                    {"sjis", "CP932"},                {"windows-31j", "CP932"},       {"euc-kr", "CP949"},
                    {"ks_c_5601-1987", "CP949"},      {"big5", "BIG5-HKSCS"},         {"x-euc-jp", "EUC-JP"},
                    {"utf8", utf8},                   {"unicode-1-1-utf-8", utf8},    {"utf-16", utf8},
                    {"utf-16le", utf8},               {"utf-16be", utf8}};
    if (!name.data || name.size < 3 || name.size >= QW_ENCODING_NAME)
        return false;
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
        if (qw_html_is (name, meanings[i].label)) {
            snprintf (encoding, QW_ENCODING_NAME, "%s", meanings[i].name);
            return true;
        }
    for (size_t i = 0; i < name.size; i++) {
        if (!isalnum ((unsigned char) name.data[i]) && !strchr ("-_.:", name.data[i]))
            return false;
        encoding[i] = (char) toupper ((unsigned char) name.data[i]);
    }
    encoding[name.size] = 0;
    return true;
}

/* What stands behind `key` and '=', with or without quotation marks. */
static qw_bytes_t value_behind (qw_bytes_t text, const char *key)
{
    size_t size = strlen (key);
    for (size_t i = 0; i + size < text.size; i++) {
        if (strncasecmp (text.data + i, key, size) != 0)
            continue;
        const char *at = text.data + i + size, *end = text.data + text.size;
        while (at < end && qw_html_is_space (*at))
            at++;
        if (at == end || *at++ != '=')
            continue;
        while (at < end && (qw_html_is_space (*at) || *at == '"' || *at == '\''))
            at++;
        const char *start = at;
        while (at < end && (isalnum ((unsigned char) *at) || strchr ("-_.:", *at)))
            at++;
        return (qw_bytes_t){start, (size_t) (at - start)};
    }
    return (qw_bytes_t){NULL, 0};
}

/* What the page says of its own encoding near its start. */
static qw_bytes_t declared (qw_bytes_t page)
{
    enum { NEAR = 8192 };
    qw_bytes_t front = {page.data, page.size < NEAR ? page.size : NEAR};
    if (front.size > 5 && memcmp (front.data, "<?xml", 5) == 0) {
        const char *end = memchr (front.data, '>', front.size);
        qw_bytes_t value = value_behind ((qw_bytes_t){front.data, end ? (size_t) (end - front.data) : 0}, "encoding");
        if (value.size)
            return value;
    }
    qw_html_tokens_t tokens;
    qw_html_token_t token;
    qw_html_tokens_open (&tokens, front);
    for (qw_html_next (&tokens, &token); token.kind != QW_HTML_END; qw_html_next (&tokens, &token)) {
        qw_bytes_t value = {NULL, 0};
        if (token.kind == QW_HTML_START_TAG && qw_html_is (token.name, "meta"))
            value = value_behind (token.attributes, "charset");
        if (value.size)
            return value;
    }
    return (qw_bytes_t){NULL, 0};
}

static const char replacement[] = "\xef\xbf\xbd";

static void mend_utf8 (qw_bytes_t bytes, qw_buffer_t *into)
{
    into->size = 0;
    qw_buffer_reserve (into, bytes.size + 1);
    while (bytes.size) {
        size_t valid = qw_utf8_valid_prefix (bytes.data, bytes.size);
        qw_buffer_append (into, bytes.data, valid);
        bytes = (qw_bytes_t){bytes.data + valid, bytes.size - valid};
        if (!bytes.size)
            return;
        qw_buffer_append (into, replacement, 3);
        do
            bytes = (qw_bytes_t){bytes.data + 1, bytes.size - 1};
        while (bytes.size && ((unsigned char) *bytes.data & 0xc0) == 0x80);
    }
}

/* False: the encoding is unknown here. */
static bool convert (const char *encoding, qw_bytes_t bytes, qw_buffer_t *into)
{
    iconv_t converter = iconv_open (utf8, encoding);
    if (converter == (iconv_t) -1)
        return false;
    char *from = (char *) bytes.data;
    size_t left = bytes.size;
    into->size = 0;
    while (left > 0) {
        qw_buffer_reserve (into, into->size + left + left / 4 + 64);
        char *to = into->data + into->size;
        size_t room = into->capacity - into->size - 8;
        size_t result = iconv (converter, &from, &left, &to, &room);
        into->size = (size_t) (to - into->data);
        if (result == (size_t) -1 && errno != E2BIG) {
            qw_buffer_append (into, replacement, 3);
            from++;
            left--;
        }
    }
    iconv_close (converter);
    return true;
}

/* UTF-16 without a mark shows itself at the first '<'. */
static const char *wide (qw_bytes_t bytes)
{
    if (bytes.size < 4)
        return NULL;
    if (memcmp (bytes.data, "<\0", 2) == 0 && bytes.data[3] == 0)
        return "UTF-16LE";
    return memcmp (bytes.data, "\0<\0", 3) == 0 ? "UTF-16BE" : NULL;
}

qw_status_t qw_html_to_utf8 (qw_bytes_t bytes, qw_bytes_t charset, qw_buffer_t *into, qw_bytes_t *text,
                             char encoding[QW_ENCODING_NAME], qw_reason_t *reason)
{
    size_t mark;
    const char *marked = qw_encoding_of_mark (bytes.data, bytes.size, &mark);
    bytes = (qw_bytes_t){bytes.data + mark, bytes.size - mark};
    encoding[0] = 0;
    *text = bytes;
    if (!marked)
        marked = wide (bytes);
    bool known = marked != NULL;
    if (known)
        snprintf (encoding, QW_ENCODING_NAME, "%s", marked);
    else
        known = meaning (charset, encoding) || meaning (declared (bytes), encoding);
    bool seven_bits = strncmp (encoding, "ISO-2022", 8) == 0 || strncmp (encoding, "HZ", 2) == 0;
    if ((!known || !marked || strcmp (encoding, utf8) == 0) && !seven_bits && qw_utf8_is_valid (bytes.data, bytes.size)) {
        encoding[0] = 0;
        return QW_OK;
    }
    if (known && strcmp (encoding, utf8) != 0 && convert (encoding, bytes, into)) {
        *text = (qw_bytes_t){into->data ? into->data : "", into->size};
        return QW_OK;
    }
    bool is_utf8 = strcmp (encoding, utf8) == 0;
    if (!is_utf8 && qw_encoding_to_utf8 (bytes, bytes.size * 4, into, text, encoding, reason) == QW_OK)
        return QW_OK;
    if (!is_utf8 && memchr (bytes.data, 0, bytes.size))
        return QW_INVALID;
    encoding[0] = 0;
    mend_utf8 (bytes, into);
    *text = (qw_bytes_t){into->data ? into->data : "", into->size};
    return QW_OK;
}
