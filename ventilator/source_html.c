#include "ventilator/source_html.h"

#include <stdlib.h>
#include <strings.h>

#include "ventilator/html_article.h"
#include "ventilator/html_encoding.h"

enum { FROM_OUTSIDE = 9 }; /* the rank of what is known from elsewhere: what the page says goes before */

typedef struct {
    qw_html_page_t page;
    qw_html_metadata_t metadata;
    qw_html_chooser_t chooser;
    qw_buffer_t converted, text;
    qw_out_t out;
} reader_t;

static bool sniff (qw_bytes_t front)
{
    static const char *const starts[] = {"<!doctype html", "<html", "<head", "<body"};
    size_t at = front.size >= 3 && memcmp (front.data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    while (at < front.size && strchr (" \t\r\n\f", front.data[at]))
        at++;
    if (at == front.size || front.data[at] != '<')
        return false;
    for (; at < front.size; at++)
        for (size_t i = 0; front.data[at] == '<' && i < sizeof starts / sizeof *starts; i++) {
            size_t size = strlen (starts[i]);
            if (front.size - at > size && strncasecmp (front.data + at, starts[i], size) == 0
                && strchr (" \t\r\n\f>", front.data[at + size]))
                return true;
        }
    return false;
}

static void *open_reader (void)
{
    reader_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    qw_out_init (&self->out);
    return self;
}

static void close_reader (void *state)
{
    reader_t *self = state;
    qw_html_page_free (&self->page);
    qw_html_metadata_free (&self->metadata);
    qw_html_chooser_free (&self->chooser);
    qw_buffer_free (&self->converted);
    qw_buffer_free (&self->text);
    qw_out_free (&self->out);
    free (self);
}

/* A page that is drawn by a script may have its text in JSON-LD alone. */
static bool take_hidden_text (reader_t *self)
{
    enum { FEWEST_BYTES = 200 };
    qw_bytes_t text = qw_html_metadata_fact (&self->metadata, QW_HTML_FACT_TEXT);
    qw_bytes_t title = qw_html_metadata_fact (&self->metadata, QW_HTML_FACT_TITLE);
    if (text.size < FEWEST_BYTES)
        return false;
    self->text.size = 0;
    qw_buffer_append (&self->text, title.data, title.size);
    for (size_t at = 0; at < text.size;) {
        const char *line = text.data + at, *end = memchr (line, '\n', text.size - at);
        size_t size = end ? (size_t) (end - line) : text.size - at;
        at += size + 1;
        while (size && (unsigned char) line[size - 1] <= ' ')
            size--;
        if (!size)
            continue;
        qw_buffer_append (&self->text, "\n\n", self->text.size ? 2 : 0);
        qw_buffer_append (&self->text, line, size);
    }
    qw_buffer_append (&self->text, "\n", 1);
    return true;
}

static qw_status_t emit_text (reader_t *self, const qw_format_context_t *context, qw_bytes_t text, const char *encoding,
                              qw_format_emit_fn *emit, void *argument, qw_reason_t *reason)
{
    if (text.size > context->max_document_bytes)
        return qw_fail (QW_TOO_LARGE, reason, "the text has %zu bytes; %zu are allowed", text.size,
                        context->max_document_bytes);
    if (qw_encoding_is_blank (text))
        return qw_fail (QW_NOT_FOUND, reason, "the text is empty");
    if (memchr (text.data, 0, text.size))
        return qw_fail (QW_INVALID, reason, "it holds NUL bytes: not a text");
    if (context->url.data)
        qw_html_metadata_offer (&self->metadata, QW_HTML_FACT_URL, FROM_OUTSIDE, context->url);
    if (context->retrieved.data)
        qw_html_metadata_offer (&self->metadata, QW_HTML_FACT_RETRIEVED, FROM_OUTSIDE, context->retrieved);
    qw_html_metadata_finish (&self->metadata);
    qw_out_reset (&self->out);
    bool any = qw_html_metadata_put (&self->metadata, &self->out);
    qw_found_t found = {.text = text, .encoding = encoding};
    if (any)
        found.metadata = qw_out_bytes (&self->out);
    emit (argument, &found);
    return QW_OK;
}

static qw_status_t read_page (void *state, const qw_format_context_t *context, qw_bytes_t bytes, qw_format_emit_fn *emit,
                              void *argument, qw_reason_t *reason)
{
    reader_t *self = state;
    qw_bytes_t html;
    char encoding[QW_ENCODING_NAME];
    qw_status_t status = qw_html_to_utf8 (bytes, context->charset, &self->converted, &html, encoding, reason);
    if (status)
        return status;
    qw_html_metadata_reset (&self->metadata);
    status = qw_html_page_read (&self->page, html, &self->metadata, reason);
    if (status)
        return status;
    self->text.size = 0;
    status = qw_html_article (&self->chooser, &self->page, &self->metadata, &self->text, reason);
    if (status && !take_hidden_text (self))
        return status;
    return emit_text (self, context, (qw_bytes_t){self->text.data, self->text.size}, encoding, emit, argument, reason);
}

static qw_status_t read_text (void *state, const qw_format_context_t *context, qw_bytes_t bytes, qw_format_emit_fn *emit,
                              void *argument, qw_reason_t *reason)
{
    reader_t *self = state;
    qw_bytes_t text;
    char encoding[QW_ENCODING_NAME];
    qw_status_t status = qw_html_to_utf8 (bytes, context->charset, &self->converted, &text, encoding, reason);
    if (status)
        return status;
    qw_html_metadata_reset (&self->metadata);
    return emit_text (self, context, text, encoding, emit, argument, reason);
}

const qw_format_t qw_format_html = {
    .type = "html",
    .suffixes = {".html", ".htm", ".xhtml"},
    .sniff = sniff,
    .open = open_reader,
    .close = close_reader,
    .read = read_page,
};

const qw_format_t qw_format_web_text = {.type = "text", .open = open_reader, .close = close_reader, .read = read_text};
