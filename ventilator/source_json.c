#include "ventilator/source_json.h"

#include <stdio.h>

#include "ventilator/json_to_mp.h"

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
        case ',':
        case ':': self->values++; break;
        case '{':
        case '[':
            self->values++;
            if (++self->depth > self->deepest)
                self->deepest = self->depth;
            break;
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

/* jansson builds a tree, so that a line of a megabyte could take a hundred: what no article has is refused before. */
static qw_status_t check_shape (qw_bytes_t json, qw_reason_t *reason)
{
    qw_json_scan_t scan = {0};
    size_t used;
    qw_json_scan (&scan, json, &used);
    if (scan.deepest > QW_JSON_MAX_DEPTH)
        return qw_fail (QW_INVALID, reason, "objects and arrays stand more than %d deep inside of each other", QW_JSON_MAX_DEPTH);
    if (scan.values > QW_JSON_MAX_VALUES)
        return qw_fail (QW_TOO_LARGE, reason, "it has more than %d values", QW_JSON_MAX_VALUES);
    return QW_OK;
}

static qw_status_t read_id (qw_json_article_t *self, qw_reason_t *reason)
{
    json_t *id = json_object_get (self->root, "id");
    if (!id || json_is_null (id))
        return QW_OK;
    if (json_is_integer (id)) {
        snprintf (self->number, sizeof self->number, "%" JSON_INTEGER_FORMAT, json_integer_value (id));
        self->id = qw_bytes_of (self->number);
        return QW_OK;
    }
    if (!json_is_string (id))
        return qw_fail (QW_INVALID, reason, "\"id\" is neither a string nor an integer");
    if (json_string_length (id) == 0 || json_string_length (id) > QW_JSON_MAX_ID)
        return qw_fail (QW_INVALID, reason, "\"id\" has %zu bytes; 1 to %d are allowed", json_string_length (id), QW_JSON_MAX_ID);
    self->id = (qw_bytes_t){json_string_value (id), json_string_length (id)};
    return QW_OK;
}

static qw_status_t read_text (qw_json_article_t *self, size_t limit, qw_reason_t *reason)
{
    json_t *text = json_object_get (self->root, "text");
    if (!text)
        return qw_fail (QW_INVALID, reason, "it has no \"text\"");
    if (!json_is_string (text))
        return qw_fail (QW_INVALID, reason, "\"text\" is not a string");
    self->text = (qw_bytes_t){json_string_value (text), json_string_length (text)};
    if (self->text.size > limit)
        return qw_fail (QW_TOO_LARGE, reason, "the text has %zu bytes; %zu are allowed", self->text.size, limit);
    if (qw_encoding_is_blank (self->text))
        return qw_fail (QW_INVALID, reason, "the text is empty");
    return QW_OK;
}

static qw_status_t read_metadata (qw_json_article_t *self, size_t limit, qw_reason_t *reason)
{
    size_t members = json_object_size (self->root) - 1 - (json_object_get (self->root, "id") != NULL);
    if (members == 0)
        return QW_OK;
    if (members > QW_MP_MAX_KEYS)
        return qw_fail (QW_INVALID, reason, "it has more than %d members", QW_MP_MAX_KEYS);
    qw_put_map (&self->out, members);
    const char *key;
    json_t *value;
    json_object_foreach (self->root, key, value) {
        if (strcmp (key, "id") == 0 || strcmp (key, "text") == 0)
            continue;
        qw_put_key (&self->out, key);
        qw_status_t status = qw_put_json (&self->out, value, QW_JSON_MAX_DEPTH - 1, reason);
        if (status)
            return status;
    }
    self->metadata = qw_out_bytes (&self->out);
    if (self->metadata.size > limit)
        return qw_fail (QW_TOO_LARGE, reason, "the members beside \"text\" have more than the %zu bytes allowed", limit);
    return QW_OK;
}

static void forget (qw_json_article_t *self)
{
    json_decref (self->root);
    self->root = NULL;
    self->id = self->text = self->metadata = (qw_bytes_t){NULL, 0};
}

qw_status_t qw_json_article_read (qw_json_article_t *self, qw_bytes_t json, size_t max_document_bytes, qw_reason_t *reason)
{
    forget (self);
    if (!self->has_out)
        qw_out_init (&self->out);
    self->has_out = true;
    qw_out_reset (&self->out);
    qw_status_t status = check_shape (json, reason);
    if (status)
        return status;
    json_error_t error;
    self->root = json_loadb (json.data, json.size, JSON_REJECT_DUPLICATES, &error);
    if (!self->root)
        return qw_fail (QW_INVALID, reason, "not JSON: %s (byte %d)", error.text, error.position);
    if (!json_is_object (self->root))
        return qw_fail (QW_INVALID, reason, "not a JSON object");
    status = read_id (self, reason);
    if (!status)
        status = read_text (self, max_document_bytes, reason);
    return status ? status : read_metadata (self, max_document_bytes, reason);
}

void qw_json_article_free (qw_json_article_t *self)
{
    forget (self);
    if (self->has_out)
        qw_out_free (&self->out);
    self->has_out = false;
}
