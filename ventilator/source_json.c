#include "ventilator/source_json.h"

/* Passes over what stands inside of a string; returns where the scan goes on. */
static size_t scan_string (qw_json_scan_t *self, qw_bytes_t bytes, size_t i, bool *torn)
{
    while (i < bytes.size) {
        char c = bytes.data[i++];
        if (self->escaped)
            self->escaped = false;
        else if (c == '\\')
            self->escaped = true;
        else if (c == '"') {
            self->in_string = false;
            return i;
        } else if (c == '\n') {
            *torn = true;
            return i - 1;
        }
    }
    return i;
}

qw_json_piece_t qw_json_scan (qw_json_scan_t *self, qw_bytes_t bytes, size_t *used)
{
    size_t i = 0;
    bool torn = false;
    while (i < bytes.size) {
        if (self->in_string) {
            i = scan_string (self, bytes, i, &torn);
            *used = i;
            if (torn)
                return QW_JSON_TORN;
            continue;
        }
        switch (bytes.data[i++]) {
        case '"': self->in_string = true; break;
        case '\n': self->has_line_end = true; break;
        case '{':
        case '[': self->depth++; break;
        case '}':
        case ']':
            if (self->depth <= 1) {
                self->depth = 0;
                *used = i;
                return QW_JSON_WHOLE;
            }
            self->depth--;
        }
    }
    *used = i;
    return QW_JSON_MORE;
}

/* Passes over a value that is not wanted. */
static qw_status_t skip_value (qw_json_article_t *self)
{
    size_t before = self->out.buffer.size;
    qw_status_t status = qw_json_value (&self->json, QW_JSON_MAX_DEPTH - 1, &self->out);
    self->out.buffer.size = before;
    return status;
}

/* The article cannot be used, yet its JSON is read on: only an id from a whole object is believed. */
static void find_flaw (qw_json_article_t *self, const char *flaw)
{
    if (!self->flaw)
        self->flaw = flaw;
}

static qw_status_t read_id (qw_json_article_t *self)
{
    char first = qw_json_peek (&self->json);
    qw_bytes_t id = {NULL, 0};
    bool is_integer = true;
    qw_status_t status;
    if (first == '"')
        status = qw_json_string (&self->json, &self->id_buffer, &id);
    else if (first == '-' || (first >= '0' && first <= '9'))
        status = qw_json_number (&self->json, &id, &is_integer);
    else {
        if (first != 'n') /* null: none given */
            find_flaw (self, "\"id\" is neither a string nor an integer");
        return skip_value (self);
    }
    if (!is_integer)
        find_flaw (self, "\"id\" is neither a string nor an integer");
    else if (id.size == 0 || id.size > QW_JSON_MAX_ID)
        find_flaw (self, "\"id\" must have 1 to 512 bytes");
    else
        self->id = id;
    return status;
}

static qw_status_t read_text (qw_json_article_t *self)
{
    if (qw_json_peek (&self->json) == '"')
        return qw_json_string (&self->json, &self->text_buffer, &self->text);
    find_flaw (self, "\"text\" is not a string");
    return skip_value (self);
}

/* What was seen of an object so far. */
typedef struct {
    bool has_id, has_text;
    size_t metadata_count;
} seen_t;

static qw_status_t read_member (qw_json_article_t *self, seen_t *seen)
{
    qw_bytes_t key;
    qw_status_t status = qw_json_string (&self->json, &self->json.scratch, &key);
    if (status)
        return status;
    bool is_id = qw_bytes_are (key, "id"), is_text = qw_bytes_are (key, "text");
    if ((is_id && seen->has_id) || (is_text && seen->has_text))
        return qw_json_fail (&self->json, "a key for the second time");
    seen->has_id |= is_id;
    seen->has_text |= is_text;
    if (!is_id && !is_text) {
        seen->metadata_count++;
        status = qw_json_put_key (&self->json, key, 0, &self->out);
    }
    if (status)
        return status;
    if (!qw_json_take (&self->json, ':'))
        return qw_json_fail (&self->json, "no ':'");
    if (is_id)
        return read_id (self);
    return is_text ? read_text (self) : qw_json_value (&self->json, QW_JSON_MAX_DEPTH - 1, &self->out);
}

static qw_status_t read_object (qw_json_article_t *self, qw_reason_t *reason)
{
    qw_json_t *json = &self->json;
    if (!qw_json_take (json, '{'))
        return qw_fail (QW_INVALID, reason, "not a JSON object");
    size_t opened = qw_json_open_container (&self->out);
    seen_t seen = {0};
    for (bool first = true; !(first && qw_json_peek (json) == '}'); first = false) {
        if (!first && !qw_json_take (json, ','))
            break;
        qw_status_t status = read_member (self, &seen);
        if (status)
            return status;
    }
    if (!qw_json_take (json, '}'))
        return qw_json_fail (json, "neither ',' nor '}'");
    if (qw_json_peek (json) != 0 || json->at < json->end)
        return qw_json_fail (json, "something behind the object");
    qw_json_close_container (&self->out, opened, seen.metadata_count, true);
    if (seen.metadata_count > 0)
        self->metadata = qw_out_bytes (&self->out);
    if (!seen.has_text)
        find_flaw (self, "it has no \"text\"");
    return QW_OK;
}

qw_status_t qw_json_article_read (qw_json_article_t *self, qw_bytes_t json, size_t max_document_bytes, qw_reason_t *reason)
{
    if (!self->has_out)
        qw_out_init (&self->out);
    self->has_out = true;
    qw_out_reset (&self->out);
    self->id = self->text = self->metadata = (qw_bytes_t){NULL, 0};
    self->flaw = NULL;
    qw_json_open (&self->json, json, reason);
    qw_status_t status = read_object (self, reason);
    if (status) {
        self->id = (qw_bytes_t){NULL, 0};
        return status;
    }
    if (self->flaw)
        return qw_fail (QW_INVALID, reason, "%s", self->flaw);
    if (self->text.size > max_document_bytes)
        return qw_fail (QW_TOO_LARGE, reason, "the text has %zu bytes; %zu are allowed", self->text.size,
                        max_document_bytes);
    if (qw_encoding_is_blank (self->text))
        return qw_fail (QW_INVALID, reason, "the text is empty");
    if (self->metadata.size > max_document_bytes)
        return qw_fail (QW_TOO_LARGE, reason, "the members beside \"text\" have more than the %zu bytes allowed",
                        max_document_bytes);
    return QW_OK;
}

void qw_json_article_free (qw_json_article_t *self)
{
    qw_json_free (&self->json);
    qw_buffer_free (&self->id_buffer);
    qw_buffer_free (&self->text_buffer);
    if (self->has_out)
        qw_out_free (&self->out);
    memset (self, 0, sizeof *self);
}
