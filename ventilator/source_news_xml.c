#include "ventilator/source_news_xml.h"

#include <stdlib.h>

#include "ventilator/news_xml.h"

/* A file in memory as a stream. */
typedef struct {
    qw_bytes_t rest;
} memory_t;

static qw_status_t read_memory (void *context, char *into, size_t room, size_t *got, qw_reason_t *reason)
{
    (void) reason;
    qw_bytes_t *rest = &((memory_t *) context)->rest;
    if (rest->size == 0)
        return QW_END;
    *got = rest->size < room ? rest->size : room;
    memcpy (into, rest->data, *got);
    *rest = (qw_bytes_t){rest->data + *got, rest->size - *got};
    return QW_OK;
}

static void *open_reader (void)
{
    qw_reader_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    return self;
}

static void close_reader (void *state)
{
    qw_reader_free (state);
    free (state);
}

static qw_status_t read_news (void *state, const qw_format_context_t *context, qw_bytes_t bytes, qw_format_emit_fn *emit,
                              void *argument, qw_reason_t *reason)
{
    (void) reason; /* what goes wrong is an item */
    memory_t memory = {bytes};
    const qw_news_item_t *item;
    qw_reader_open (state, (qw_stream_t){.context = &memory, .read = read_memory});
    qw_news_xml_t *news = qw_news_xml_new (context->max_document_bytes, qw_bytes_are (context->charset, "UTF-8"));
    while (qw_news_xml_next (news, state, &item) == QW_OK) {
        qw_found_t found = {item->id, item->text, item->metadata, qw_news_xml_encoding (news), item->failed};
        emit (argument, &found);
    }
    qw_news_xml_destroy (&news);
    qw_reader_close (state);
    return QW_OK;
}

const qw_format_t qw_format_news_xml = {
    .type = "news-xml",
    .suffixes = {".xml", ".rss", ".atom", ".rdf", ".nitf"},
    .has_many = true,
    .sniff = qw_news_xml_sniff,
    .open = open_reader,
    .close = close_reader,
    .read = read_news,
};
