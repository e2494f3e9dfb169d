#include "ventilator/source_format.h"

#include <stdlib.h>
#include <strings.h>

#include "ventilator/source_html.h"
#include "ventilator/source_news_xml.h"

static const qw_format_t *const formats[] = {&qw_format_html, &qw_format_news_xml};

enum { FORMATS = sizeof formats / sizeof *formats };

const qw_format_t *qw_format_of_name (qw_bytes_t name)
{
    for (size_t i = 0; i < FORMATS; i++)
        for (size_t j = 0; formats[i]->suffixes[j]; j++) {
            size_t size = strlen (formats[i]->suffixes[j]);
            if (name.size > size && strncasecmp (name.data + name.size - size, formats[i]->suffixes[j], size) == 0)
                return formats[i];
        }
    return NULL;
}

const qw_format_t *qw_format_of_content (qw_bytes_t front)
{
    for (size_t i = 0; i < FORMATS; i++)
        if (formats[i]->sniff (front))
            return formats[i];
    return NULL;
}

const qw_format_t *qw_format_of_type (const char *type)
{
    for (size_t i = 0; i < FORMATS; i++)
        if (strcmp (formats[i]->type, type) == 0)
            return formats[i];
    return NULL;
}

size_t qw_format_limit (size_t max_document_bytes)
{
    enum { FACTOR = 4, EXTRA = 1 << 20, MOST = 1 << 30 };
    size_t limit = max_document_bytes * FACTOR + EXTRA;
    return limit < MOST ? limit : MOST;
}

/* ---- findings ------------------------------------------------------------------------------------------------------ */

enum { ID, TEXT, METADATA, FAILED, PARTS };

struct qw_finding_t {
    size_t starts[PARTS], sizes[PARTS];
    bool there[PARTS];
    char encoding[QW_ENCODING_NAME];
};

static void keep (void *argument, const qw_found_t *found)
{
    qw_findings_t *self = argument;
    if (self->count == self->capacity) {
        self->capacity = self->capacity ? self->capacity * 2 : 4;
        self->items = realloc (self->items, self->capacity * sizeof *self->items);
        if (!self->items)
            abort ();
    }
    struct qw_finding_t *item = &self->items[self->count++];
    *item = (struct qw_finding_t){0};
    const qw_bytes_t parts[PARTS] = {found->id, found->text, found->metadata, qw_bytes_of (found->failed)};
    for (size_t i = 0; i < PARTS; i++) {
        item->starts[i] = self->bytes.size;
        item->sizes[i] = parts[i].size;
        item->there[i] = parts[i].data != NULL;
        qw_buffer_append (&self->bytes, parts[i].size ? parts[i].data : "", parts[i].size + (i == FAILED));
    }
    if (found->encoding)
        strncpy (item->encoding, found->encoding, sizeof item->encoding - 1);
}

static void use (qw_findings_t *self, const qw_format_t *format)
{
    if (self->format != format) {
        if (self->format)
            self->format->close (self->state);
        self->format = format;
        self->state = format->open ();
    }
    self->count = self->next = self->bytes.size = 0;
}

void qw_findings_begin (qw_findings_t *self, const qw_format_t *format, const qw_format_context_t *context)
{
    use (self, format);
    format->begin (self->state, context);
}

qw_status_t qw_findings_stream (qw_findings_t *self, qw_reader_t *reader, qw_found_t *found)
{
    qw_status_t status = self->format->next (self->state, reader, found);
    self->skipped = self->format->skipped (self->state);
    return status;
}

qw_status_t qw_findings_read (qw_findings_t *self, const qw_format_t *format, const qw_format_context_t *context,
                              qw_bytes_t bytes, qw_reason_t *reason)
{
    use (self, format);
    return format->read (self->state, context, bytes, keep, self, reason);
}

bool qw_findings_next (qw_findings_t *self, qw_found_t *found)
{
    if (self->next == self->count)
        return false;
    const struct qw_finding_t *item = &self->items[self->next++];
    qw_bytes_t parts[PARTS];
    for (size_t i = 0; i < PARTS; i++)
        parts[i] = (qw_bytes_t){item->there[i] ? self->bytes.data + item->starts[i] : NULL, item->sizes[i]};
    *found = (qw_found_t){parts[ID], parts[TEXT], parts[METADATA], item->encoding, parts[FAILED].data};
    return true;
}

void qw_findings_free (qw_findings_t *self)
{
    if (self->format)
        self->format->close (self->state);
    free (self->items);
    qw_buffer_free (&self->bytes);
    memset (self, 0, sizeof *self);
}
