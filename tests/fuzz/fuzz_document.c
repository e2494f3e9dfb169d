/*  Any bytes as a record, its checksum mended so that what lies behind it is reached: its layers decode or are refused,
    spans lie inside the text, and it becomes JSON or is refused. */
#include <stdlib.h>

#include "proto/interchange.h"
#include "sink/corpus.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void check_span (qw_span_t span, size_t size)
{
    if (span.start > span.end || span.end > size)
        abort ();
}

static void check_layers (const qw_layers_t *layers, size_t size)
{
    for (size_t i = 0; i < layers->token_count; i++)
        check_span (layers->tokens[i], size);
    for (size_t i = 0; i < layers->sentence_count; i++)
        if (layers->sentences[i].first >= layers->sentences[i].end || layers->sentences[i].end > layers->token_count)
            abort ();
    for (size_t i = 0; i < layers->mention_count; i++) {
        check_span (layers->mentions[i].span, size);
        if (i > 0 && layers->mentions[i].span.start < layers->mentions[i - 1].span.end)
            abort ();
        if (layers->mentions[i].cluster != QW_NO_CLUSTER && layers->mentions[i].cluster >= layers->cluster_count)
            abort ();
    }
    for (size_t i = 0; i < layers->quote_count; i++) {
        check_span (layers->quotes[i].span, size);
        check_span (layers->quotes[i].cue, size);
        check_span (layers->quotes[i].speaker_mention, size);
        check_span (layers->quotes[i].via, size);
    }
}

static void read_layers (const qw_document_t *document)
{
    qw_utf8_index_t index = {0};
    qw_layers_t *layers = qw_layers_new ();
    qw_paragraph_t *paragraphs = NULL;
    size_t count, capacity = 0;
    if (qw_document_layers (document, &index, layers, &paragraphs, &count, &capacity, NULL) == QW_OK) {
        check_layers (layers, document->text.size);
        for (size_t i = 0; i < count; i++)
            check_span (paragraphs[i].span, document->text.size);
    }
    free (paragraphs);
    qw_layers_destroy (&layers);
    qw_utf8_index_free (&index);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    if (size < QW_DOCUMENT_TAIL)
        return 0;
    qw_out_t record;
    qw_document_t document;
    qw_reason_t reason;
    qw_out_init (&record);
    qw_put_raw (&record, (qw_bytes_t){(const char *) data, size - QW_DOCUMENT_TAIL});
    qw_document_end (&record, 0);
    if (qw_document_size (record.buffer.data, record.buffer.size) <= record.buffer.size
        && qw_document_read (&document, record.buffer.data, record.buffer.size, &reason) == QW_OK) {
        qw_interchange_t *interchange = qw_interchange_new ();
        qw_json_out_t json = {0};
        uint64_t place = 1;
        qw_entry_t entry;
        read_layers (&document);
        qw_interchange_put_document (interchange, &json, &document, &place, &reason);
        qw_entry_of_record (&entry, qw_out_bytes (&record), NULL, &reason);
        qw_json_out_free (&json);
        qw_interchange_destroy (&interchange);
    }
    qw_out_free (&record);
    return 0;
}
