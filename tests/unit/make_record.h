/*  make_record.h - documents for tests: small ones with every layer, made by the same functions as the sink's. */
#ifndef MAKE_RECORD_H
#define MAKE_RECORD_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/layer_codec.h"
#include "sink/corpus.h"

typedef struct {
    const char *id, *text;
    const char *failed;  /* its reason, or NULL */
    uint64_t sequence, supersedes;
    bool dropped;
    qw_bytes_t metadata, holes;
} sample_t;

/* Every run of letters is a token, the whole text one sentence and one paragraph, the first token a person who says the rest. */
static inline void annotate_sample (const char *text, qw_layers_t *layers)
{
    size_t size = strlen (text);
    qw_layers_clear (layers);
    for (size_t i = 0; i < size;) {
        size_t end = i;
        while (end < size && text[end] != ' ')
            end++;
        if (end > i)
            *qw_layers_add_token (layers) = (qw_span_t){(uint32_t) i, (uint32_t) end};
        i = end + 1;
    }
    if (layers->token_count < 2)
        return;
    *qw_layers_add_sentence (layers) = (qw_sentence_t){0, (uint32_t) layers->token_count};
    *qw_layers_add_mention (layers) = (qw_mention_t){layers->tokens[0], QW_PERSON, 0};
    char key[200];
    size_t first = layers->tokens[0].end;
    qw_cluster_t *cluster = qw_layers_add_cluster (layers);
    cluster->type = QW_PERSON;
    cluster->name = qw_layers_add_string (layers, text, first);
    cluster->key = qw_layers_add_string (layers, key, qw_key_of_name (QW_PERSON, text, first, key, sizeof key));
    qw_quote_t *quote = qw_layers_add_quote (layers);
    quote->span = (qw_span_t){layers->tokens[1].start, (uint32_t) size};
    quote->speaker_mention = layers->tokens[0];
    quote->speech = true;
    quote->how = QW_HOW_NAME;
    quote->confidence = 90;
    quote->cluster = 0;
    quote->speaker = cluster->name;
}

/* Appends the record of a sample to `out`. */
static inline void make_record (const sample_t *sample, qw_out_t *out)
{
    size_t begin = out->buffer.size, size = strlen (sample->text);
    bool bare = sample->failed || sample->dropped;
    qw_document_t head = {.id = qw_bytes_of (sample->id),
                          .source = QW_BYTES ("\x81\xa4path\xa6s.txt "),
                          .metadata = sample->metadata,
                          .text = qw_bytes_of (sample->text),
                          .sequence = sample->sequence,
                          .failed = sample->failed != NULL,
                          .reason = qw_bytes_of (sample->failed),
                          .holes = sample->holes,
                          .supersedes = sample->supersedes,
                          .dropped = sample->dropped};
    qw_document_begin (out, &head, bare ? 0 : 4);
    if (!bare) {
        qw_utf8_index_t index = {0};
        qw_layers_t *layers = qw_layers_new ();
        qw_token_column_t column;
        qw_paragraph_t paragraph = {{0, (uint32_t) size}, QW_ROLE_BODY};
        qw_utf8_index_reset (&index, sample->text, size);
        qw_token_column_init (&column);
        annotate_sample (sample->text, layers);
        qw_put_key (out, "entities");
        qw_put_entities (layers, &index, QW_BYTES ("test 1"), out);
        qw_put_key (out, "quotes");
        qw_put_quotes (layers, &index, QW_BYTES ("test 1"), out);
        qw_put_key (out, "structure");
        uint64_t numbers[3];
        qw_structure_numbers (&paragraph, 1, &index, numbers);
        qw_put_structure ((qw_uints_t){numbers, size ? 3 : 0}, QW_BYTES ("test 1"), out);
        qw_put_key (out, "tokens");
        qw_put_tokens (layers, &index, QW_BYTES ("test 1"), &column, out);
        qw_token_column_free (&column);
        qw_layers_destroy (&layers);
        qw_utf8_index_free (&index);
    }
    qw_document_end (out, begin);
}

/* Makes the sample's record and appends it; returns its position, UINT64_MAX if the record can't be read. */
static inline uint64_t append_sample (qw_corpus_t *corpus, const sample_t *sample)
{
    qw_out_t out;
    qw_entry_t entry;
    qw_out_init (&out);
    make_record (sample, &out);
    qw_status_t status = qw_entry_of_record (&entry, qw_out_bytes (&out), NULL, NULL);
    uint64_t position = status ? UINT64_MAX : qw_corpus_append (corpus, qw_out_bytes (&out), qw_bytes_of (sample->id), &entry);
    qw_out_free (&out);
    return position;
}

/* Appends the usual document number `i`: "doc-i" with some words. */
static inline uint64_t append_numbered (qw_corpus_t *corpus, unsigned i)
{
    char id[32], text[512];
    snprintf (id, sizeof id, "doc-%u", i);
    int used = snprintf (text, sizeof text, "Speaker%u says", i);
    for (unsigned j = 0; j < i % 17; j++)
        used += snprintf (text + used, sizeof text - (size_t) used, " caf\xc3\xa9 word%u", j);
    return append_sample (corpus, &(sample_t){.id = id, .text = text, .sequence = i});
}

#endif
