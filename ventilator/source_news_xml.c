#include "ventilator/source_news_xml.h"

#include <stdlib.h>

#include "ventilator/news_xml.h"

typedef struct {
    qw_news_xml_t *news; /* of the file at hand */
} reader_t;

static void *open_reader (void)
{
    reader_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    return self;
}

static void close_reader (void *state)
{
    reader_t *self = state;
    qw_news_xml_destroy (&self->news);
    free (self);
}

static void begin (void *state, const qw_format_context_t *context)
{
    reader_t *self = state;
    qw_news_xml_destroy (&self->news);
    self->news = qw_news_xml_new (context->max_document_bytes, qw_bytes_are (context->charset, "UTF-8"));
}

static qw_status_t next (void *state, qw_reader_t *reader, qw_found_t *found)
{
    reader_t *self = state;
    const qw_news_item_t *item;
    qw_status_t status = qw_news_xml_next (self->news, reader, &item);
    if (!status)
        *found = (qw_found_t){item->id, item->text, item->metadata, qw_news_xml_encoding (self->news), item->failed};
    return status;
}

static uint64_t skipped (const void *state) { return qw_news_xml_skipped (((const reader_t *) state)->news); }

const qw_format_t qw_format_news_xml = {
    .type = "news-xml",
    .suffixes = {".xml", ".rss", ".atom", ".rdf", ".nitf"},
    .has_many = true,
    .sniff = qw_news_xml_sniff,
    .open = open_reader,
    .close = close_reader,
    .begin = begin,
    .next = next,
    .skipped = skipped,
};
