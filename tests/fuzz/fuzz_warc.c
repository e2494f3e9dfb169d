/*  fuzz_warc.c - any bytes as a WARC, in pieces of any size: pages and reasons come, and there is an end. */
#include <stdio.h>
#include <stdlib.h>

#include "proto/utf8.h"
#include "ventilator/source_warc.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

enum { LIMIT = 4000 };

typedef struct {
    const uint8_t *data;
    size_t size, at;
    uint32_t turn;
} input_t;

static void must (bool holds, const char *what)
{
    if (!holds) {
        fprintf (stderr, "broken promise: %s\n", what);
        abort ();
    }
}

/* A few bytes, and nothing for now every third time. */
static qw_status_t read_some (void *context, char *into, size_t room, size_t *got, qw_reason_t *reason)
{
    (void) reason;
    input_t *self = context;
    if (++self->turn % 3 == 0)
        return QW_AGAIN;
    size_t size = 1 + self->turn * 7 % 90;
    size = size < room ? size : room;
    size = size < self->size - self->at ? size : self->size - self->at;
    if (!size)
        return QW_END;
    memcpy (into, self->data + self->at, size);
    self->at += size;
    *got = size;
    return QW_OK;
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    input_t input = {.data = data, .size = size};
    qw_reader_t reader = {0};
    qw_warc_t warc = {0};
    qw_warc_page_t page;
    qw_reason_t reason = {""};
    qw_reader_open (&reader, (qw_stream_t){.context = &input, .read = read_some});
    qw_status_t status = QW_OK;
    for (size_t turns = 0; status != QW_END; turns++) {
        must (turns < 10 * size + 100, "an end");
        status = qw_warc_next (&warc, &reader, LIMIT, &page, &reason);
        if (status == QW_AGAIN || status == QW_END)
            continue;
        must (warc.number > 0, "a number");
        if (status) {
            must (reason.text[0] != 0, "a reason");
            continue;
        }
        must (page.content.size <= LIMIT + (64 << 10), "a page within the limit");
        must (!page.url.data || qw_utf8_is_valid (page.url.data, page.url.size), "an address");
    }
    must (qw_warc_next (&warc, &reader, LIMIT, &page, &reason) == QW_END, "the end stays");
    qw_warc_free (&warc);
    qw_reader_free (&reader);
    return 0;
}
