/*  Any bytes as a record for libquotewire, the checksum mended so that what lies behind it is reached: it is refused, or every
    accessor stays inside of the text. */
#include <stdlib.h>
#include <string.h>

#include "clients/c/quotewire.h"
#include "proto/document.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void check_span (const quotewire_document_t *document, quotewire_span_t span)
{
    size_t size;
    const char *text = quotewire_document_text (document, &size);
    if (span.start > span.end || span.end > size || span.point_start > span.point_end
        || span.point_end - span.point_start > span.end - span.start || strlen (text) > size)
        abort ();
}

static void check_text (const char *text)
{
    if (text && strlen (text) > 1 << 20)
        abort ();
}

static void check (const quotewire_document_t *document)
{
    for (size_t i = 0; i <= quotewire_document_tokens (document); i++)
        check_span (document, quotewire_document_token (document, i));
    for (size_t i = 0; i <= quotewire_document_sentences (document); i++) {
        size_t first, end;
        check_span (document, quotewire_document_sentence (document, i, &first, &end));
        if (first > end || end > quotewire_document_tokens (document))
            abort ();
    }
    for (size_t i = 0; i <= quotewire_document_paragraphs (document); i++)
        check_span (document, quotewire_document_paragraph (document, i, NULL));
    for (size_t i = 0; i <= quotewire_document_entities (document); i++) {
        size_t cluster = quotewire_document_entity_cluster (document, i);
        check_span (document, quotewire_document_entity (document, i));
        if (cluster != QUOTEWIRE_NO_CLUSTER && cluster >= quotewire_document_clusters (document))
            abort ();
        check_text (quotewire_document_cluster_key (document, cluster));
    }
    for (size_t i = 0; i <= quotewire_document_quotes (document); i++) {
        check_span (document, quotewire_document_quote (document, i));
        check_span (document, quotewire_document_quote_cue (document, i));
        check_span (document, quotewire_document_quote_mention (document, i));
        check_span (document, quotewire_document_quote_via (document, i));
        check_text (quotewire_document_quote_speaker (document, i));
    }
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    static quotewire_document_t *document; /* one for all, so that what is kept from one to the next is tried too */
    qw_out_t record;
    quotewire_error_t error;
    if (size < QW_DOCUMENT_TAIL)
        return 0;
    if (!document)
        document = quotewire_document_new ();
    qw_out_init (&record);
    qw_put_raw (&record, (qw_bytes_t){(const char *) data, size - QW_DOCUMENT_TAIL});
    qw_document_end (&record, 0);
    if (quotewire_document_read (document, record.buffer.data, record.buffer.size, 7, &error) == QUOTEWIRE_OK) {
        quotewire_document_json (document, true, NULL, &error);
        quotewire_document_layer (document, "tokens", NULL);
    } else if (strlen (error.text) == 0 || quotewire_document_tokens (document) != 0)
        abort ();
    check (document);
    qw_out_free (&record);
    return 0;
}
