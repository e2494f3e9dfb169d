/*  fuzz_resolve.c - any layers over any text: whatever mentions, quotes and paragraphs a worker of another make may
   have sent, the resolution ends, stays inside the text and keeps what layers.h says. The first bytes are read as
   layers, six a mark, up to a byte 0xff; the rest is the text. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/utf8.h"
#include "sink/resolve/resolve.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void must (bool holds, const char *what)
{
    if (!holds) {
        fprintf (stderr, "broken promise: %s\n", what);
        abort ();
    }
}

/* A span that begins at or behind `from`, on characters. */
static qw_span_t span_from (const char *text, size_t size, uint32_t from, uint8_t skip, uint8_t length)
{
    uint32_t start = from + skip, end;
    if (start > size)
        start = (uint32_t) size;
    while (!qw_utf8_is_boundary (text, size, start))
        start++;
    end = start + length;
    if (end > size)
        end = (uint32_t) size;
    while (!qw_utf8_is_boundary (text, size, end))
        end++;
    return (qw_span_t){start, end};
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    static qw_resolver_t *resolver;
    static qw_layers_t *layers;
    if (!resolver) {
        resolver = qw_resolver_new ();
        layers = qw_layers_new ();
    }
    qw_layers_clear (layers);
    const uint8_t *split = memchr (data, 0xff, size);
    size_t marks = split ? (size_t) (split - data) / 6 : 0;
    const char *text = split ? (const char *) split + 1 : (const char *) data;
    size_t text_size = qw_utf8_valid_prefix (text, split ? size - (size_t) (split + 1 - data) : size);

    static qw_paragraph_t paragraphs[4096];
    size_t paragraph_count = 0;
    for (size_t at = 0; at < text_size && paragraph_count < 4096;) {
        size_t end = at;
        while (end < text_size && text[end] != '\n')
            end++;
        if (end > at)
            paragraphs[paragraph_count++] = (qw_paragraph_t){{(uint32_t) at, (uint32_t) end}, QW_ROLE_BODY};
        at = end + 1;
    }

    uint32_t mention_end = 0, quote_start = 0;
    for (size_t i = 0; i < marks; i++) {
        const uint8_t *mark = data + i * 6;
        if (mark[0] & 1) {
            qw_span_t span = span_from (text, text_size, mention_end, mark[1], mark[2]);
            if (qw_span_is_empty (span))
                continue;
            qw_mention_t *mention = qw_layers_add_mention (layers);
            mention->span = span;
            mention->type = (qw_entity_type_t) (mark[3] % QW_ENTITY_TYPE_COUNT);
            mention_end = span.end;
        } else {
            qw_span_t span = span_from (text, text_size, quote_start, mark[1], mark[2]);
            if (qw_span_is_empty (span))
                continue;
            qw_quote_t *quote = qw_layers_add_quote (layers);
            quote->span = span;
            quote->type = (qw_quote_type_t) (mark[0] / 2 % QW_QUOTE_TYPE_COUNT);
            quote->opens_before = mark[0] & 32;
            quote->runs_on = mark[0] & 64;
            quote->speech = !(mark[0] & 128);
            if (mark[3])
                quote->speaker_mention = span_from (text, text_size, mark[5] & 1 ? 0 : span.start, mark[4], mark[3]);
            quote_start = span.start;
        }
    }
    size_t quotes_before = layers->quote_count;
    qw_resolve (resolver, text, text_size, paragraphs, paragraph_count, layers);
    must (layers->quote_count <= quotes_before, "no quotation is made");
    for (size_t i = 0; i < layers->quote_count; i++) {
        const qw_quote_t *quote = &layers->quotes[i];
        must (quote->span.end <= text_size && !qw_span_is_empty (quote->span), "quotes stay in the text");
        must (quote->cluster < layers->cluster_count || quote->cluster == QW_NO_CLUSTER, "a quote's cluster exists");
        must ((size_t) quote->speaker.offset + quote->speaker.size <= layers->string_size, "a speaker's words exist");
        must ((quote->speaker.size == 0) == (quote->how == QW_HOW_NONE), "a speaker was found somehow");
        must (quote->statement >> 40 == 0, "a statement has forty bits");
        must (quote->how < QW_HOW_COUNT && quote->confidence <= 100, "how and confidence are in range");
    }
    for (size_t i = 0; i < layers->mention_count; i++)
        must (layers->mentions[i].cluster < layers->cluster_count || layers->mentions[i].cluster == QW_NO_CLUSTER,
              "a mention's cluster exists");
    return 0;
}
