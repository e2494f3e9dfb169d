/*  fuzz_news_xml.c - any bytes as news in XML: the items keep their promises, however the bytes come in pieces, and there is
 *  an end. */
#include <stdio.h>
#include <stdlib.h>

#include "proto/utf8.h"
#include "ventilator/news_xml.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

enum { MAX_DOCUMENT = 4000 };

typedef struct {
    const char *bytes;
    size_t left, piece;
} memory_t;

static qw_status_t read_memory (void *context, char *into, size_t room, size_t *got, qw_reason_t *reason)
{
    (void) reason;
    memory_t *self = context;
    if (self->left == 0)
        return QW_END;
    *got = self->left < self->piece ? self->left : self->piece;
    *got = *got < room ? *got : room;
    memcpy (into, self->bytes, *got);
    self->bytes += *got;
    self->left -= *got;
    return QW_OK;
}

static void must (bool holds, const char *what)
{
    if (!holds) {
        fprintf (stderr, "broken promise: %s\n", what);
        abort ();
    }
}

static void check (const qw_news_item_t *item)
{
    qw_reason_t reason;
    must (!item->id.data
              || (item->id.size >= 1 && item->id.size <= QW_NEWS_MAX_ID && qw_utf8_is_valid (item->id.data, item->id.size)),
          "id");
    must (!item->metadata.data || qw_mp_scan (item->metadata.data, item->metadata.size, &reason) == QW_OK,
          "metadata is a MessagePack map");
    must (item->text.size <= MAX_DOCUMENT && qw_utf8_is_valid (item->text.data, item->text.size), "text");
    must (!memchr (item->text.data, 0, item->text.size), "no NUL characters");
    must ((item->failed != NULL) == (item->text.size == 0), "a text or a reason");
    must (!item->failed || item->failed[0], "reason");
}

/* Reads all of it; a sum over the texts. */
static uint64_t read_all (const uint8_t *data, size_t size, size_t piece)
{
    memory_t memory = {(const char *) data, size, piece};
    qw_reader_t reader = {0};
    qw_reader_open (&reader, (qw_stream_t){.context = &memory, .read = read_memory});
    qw_news_xml_t *news = qw_news_xml_new (MAX_DOCUMENT, false);
    const qw_news_item_t *item;
    uint64_t sum = 0;
    qw_status_t status;
    for (size_t items = 0; (status = qw_news_xml_next (news, &reader, &item)) == QW_OK; items++) {
        check (item);
        for (size_t i = 0; i < item->text.size; i++)
            sum = sum * 31 + (uint8_t) item->text.data[i];
        must (items <= size, "an end");
    }
    must (status == QW_END, "the end");
    qw_news_xml_destroy (&news);
    qw_reader_free (&reader);
    return sum;
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    qw_news_xml_sniff ((qw_bytes_t){(const char *) data, size});
    must (read_all (data, size, 1 << 20) == read_all (data, size, 7), "the same texts, whatever the pieces");
    return 0;
}
