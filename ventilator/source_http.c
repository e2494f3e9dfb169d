#include "ventilator/source_http.h"

#include <strings.h>
#include <zlib.h>

static bool is_space (char c) { return c == ' ' || c == '\t' || c == '\r'; }

static bool is_word (qw_bytes_t bytes, const char *word)
{
    return bytes.size == strlen (word) && strncasecmp (bytes.data, word, bytes.size) == 0;
}

static qw_bytes_t trimmed (const char *start, const char *end)
{
    while (start < end && is_space (*start))
        start++;
    while (end > start && is_space (end[-1]))
        end--;
    return (qw_bytes_t){start, (size_t) (end - start)};
}

bool qw_http_field (qw_bytes_t *head, qw_bytes_t *name, qw_bytes_t *value)
{
    if (!head->size)
        return false;
    const char *start = head->data, *end = memchr (start, '\n', head->size);
    size_t used = end ? (size_t) (end - start) + 1 : head->size;
    if (!end)
        end = start + head->size;
    *head = (qw_bytes_t){start + used, head->size - used};
    if (trimmed (start, end).size == 0)
        return false;
    const char *colon = memchr (start, ':', (size_t) (end - start));
    bool continues = is_space (*start);
    *name = colon && !continues ? trimmed (start, colon) : (qw_bytes_t){"", 0};
    *value = colon ? trimmed (colon + 1, end) : (qw_bytes_t){"", 0};
    return true;
}

void qw_http_media_type (qw_bytes_t value, qw_bytes_t *type, qw_bytes_t *charset)
{
    const char *end = value.data + value.size, *stop = value.size ? memchr (value.data, ';', value.size) : NULL;
    *type = trimmed (value.data, stop ? stop : end);
    *charset = (qw_bytes_t){NULL, 0};
    while (stop) {
        const char *start = stop + 1;
        stop = memchr (start, ';', (size_t) (end - start));
        qw_bytes_t parameter = trimmed (start, stop ? stop : end);
        if (parameter.size <= 8 || strncasecmp (parameter.data, "charset=", 8) != 0)
            continue;
        *charset = trimmed (parameter.data + 8, parameter.data + parameter.size);
        if (charset->size >= 2 && (*charset->data == '"' || *charset->data == '\''))
            *charset = (qw_bytes_t){charset->data + 1, charset->size - 2};
    }
}

bool qw_http_is_html (qw_bytes_t type) { return is_word (type, "text/html") || is_word (type, "application/xhtml+xml"); }
bool qw_http_is_text (qw_bytes_t type) { return is_word (type, "text/plain"); }

bool qw_http_head (qw_bytes_t response, qw_http_head_t *head)
{
    qw_bytes_t left = response, name, value;
    *head = (qw_http_head_t){0};
    if (response.size < 12 || strncasecmp (response.data, "HTTP/", 5) != 0 || !qw_http_field (&left, &name, &value))
        return false;
    const char *space = memchr (response.data, ' ', 12);
    for (const char *at = space; at && at < response.data + response.size && *at == ' ';)
        space = at++;
    const char *digit = space ? space + 1 : left.data;
    for (const char *at = digit; at < left.data && at < digit + 3 && *at >= '0' && *at <= '9'; at++)
        head->code = head->code * 10 + (unsigned) (*at - '0');
    while (qw_http_field (&left, &name, &value))
        if (is_word (name, "content-type"))
            qw_http_media_type (value, &head->type, &head->charset);
        else if (is_word (name, "content-encoding") && value.size && !is_word (value, "identity"))
            head->compression = value;
        else if (is_word (name, "transfer-encoding") && value.size >= 7)
            head->is_chunked = strncasecmp (value.data + value.size - 7, "chunked", 7) == 0;
    head->size = response.size - left.size;
    return true;
}

/* Joins the chunks. False: it is not chunked. What is cut off at the end is taken as far as it goes. */
static bool join_chunks (qw_bytes_t body, qw_buffer_t *joined)
{
    joined->size = 0;
    for (bool first = true;; first = false) {
        size_t size = 0, digits = 0;
        for (; digits < body.size && digits < 8; digits++) {
            char c = body.data[digits], letter = (char) (c | 32);
            if (c >= '0' && c <= '9')
                size = size * 16 + (size_t) (c - '0');
            else if (letter >= 'a' && letter <= 'f')
                size = size * 16 + (size_t) (letter - 'a') + 10;
            else
                break;
        }
        const char *end = digits ? memchr (body.data, '\n', body.size) : NULL;
        if (!end || (digits < body.size && !strchr ("\r\n; ", body.data[digits])))
            return !first;
        body.size -= (size_t) (end + 1 - body.data);
        body.data = end + 1;
        size_t there = size < body.size ? size : body.size;
        qw_buffer_append (joined, body.data, there);
        body = (qw_bytes_t){body.data + there, body.size - there};
        if (size == 0 || !body.size)
            return true;
        for (int i = 0; i < 2 && body.size && (*body.data == '\r' || *body.data == '\n'); i++)
            body = (qw_bytes_t){body.data + 1, body.size - 1};
    }
}

/* Inflates; `window` is zlib's: 47 for gzip and zlib, -15 for neither's head. A body that is cut off is taken as far as it
 * goes. */
static qw_status_t inflate_all (qw_bytes_t body, int window, size_t limit, qw_buffer_t *into, qw_reason_t *reason)
{
    z_stream stream = {0};
    if (inflateInit2 (&stream, window) != Z_OK)
        return qw_fail (QW_NO_MEMORY, reason, "no memory to decompress it");
    stream.next_in = (unsigned char *) body.data;
    stream.avail_in = (unsigned) body.size;
    into->size = 0;
    int result = Z_OK;
    while (result == Z_OK && into->size <= limit) {
        qw_buffer_reserve (into, into->size + (64 << 10));
        size_t room = into->capacity - into->size - 1;
        stream.next_out = (unsigned char *) into->data + into->size;
        stream.avail_out = (unsigned) (room < (1u << 30) ? room : 1u << 30);
        unsigned before = stream.avail_out;
        result = inflate (&stream, Z_NO_FLUSH);
        into->size += before - stream.avail_out;
    }
    inflateEnd (&stream);
    if (into->size > limit)
        return qw_fail (QW_TOO_LARGE, reason, "the page is larger than the %zu bytes allowed", limit);
    if (result == Z_STREAM_END || (result == Z_BUF_ERROR && into->size))
        return QW_OK;
    return qw_fail (QW_DAMAGED, reason, "its compressed content is damaged");
}

qw_status_t qw_http_body (qw_bytes_t response, const qw_http_head_t *head, size_t limit, qw_buffer_t *joined,
                          qw_buffer_t *inflated, qw_bytes_t *body, qw_reason_t *reason)
{
    *body = (qw_bytes_t){response.data + head->size, response.size - head->size};
    if (head->is_chunked && join_chunks (*body, joined))
        *body = (qw_bytes_t){joined->data ? joined->data : "", joined->size};
    bool is_gzip = body->size > 2 && memcmp (body->data, "\x1f\x8b", 2) == 0;
    bool is_deflate = head->compression.data && is_word (head->compression, "deflate");
    bool is_markup = body->size && (*body->data == '<' || *body->data == ' ' || *body->data == '\n' || *body->data == '\r');
    if (!head->compression.data || !body->size || (is_markup && !is_gzip))
        return body->size <= limit ? QW_OK
                                   : qw_fail (QW_TOO_LARGE, reason, "the page is larger than the %zu bytes allowed", limit);
    if (!is_gzip && !is_deflate && (is_word (head->compression, "gzip") || is_word (head->compression, "x-gzip")))
        return QW_OK;
    if (!is_gzip && !is_deflate)
        return qw_fail (QW_UNSUPPORTED, reason, "its content is compressed with '%.*s', which cannot be read here",
                        head->compression.size > 20 ? 20 : (int) head->compression.size, head->compression.data);
    qw_status_t status = inflate_all (*body, 47, limit, inflated, reason);
    if (status == QW_DAMAGED && is_deflate)
        status = inflate_all (*body, -15, limit, inflated, reason);
    if (!status)
        *body = (qw_bytes_t){inflated->data, inflated->size};
    return status;
}
