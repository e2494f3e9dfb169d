/*  fuzz_tokens.c - any valid UTF-8 becomes tokens that cover it and sentences that hold every token once. The first byte
    cuts the text into two paragraphs; 255 leaves it whole. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/utf8.h"
#include "workers/annotator.h"
#include "workers/tokens/chars.h"
#include "workers/tokens/model.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void check (bool holds, const char *what)
{
    if (holds)
        return;
    fprintf (stderr, "fuzz_tokens: %s\n", what);
    abort ();
}

static void *open_annotator (bool trained)
{
    static qw_gap_model_t model;
    FILE *file = trained ? fopen ("workers/models/tokens.model", "rb") : NULL;
    size_t size = file ? fread (&model, 1, sizeof model, file) : 0;
    if (file)
        fclose (file);
    void *instance = NULL;
    qw_reason_t reason;
    check (qw_tokens_annotator.open (&instance, size ? &model : NULL, size, &reason) == QW_OK, "the model does not open");
    return instance;
}

static void check_space (const char *text, uint32_t at, uint32_t end)
{
    for (uint32_t taken; at < end; at += taken)
        check (qw_char_at (text, at, end, &taken) == QW_CHAR_SPACE, "a character belongs to no token");
}

static void check_layers (const char *text, const qw_paragraph_t *paragraphs, size_t count, const qw_layers_t *layers)
{
    size_t token = 0, sentence = 0;
    for (size_t i = 0; i < count; i++) {
        qw_span_t span = paragraphs[i].span;
        uint32_t at = span.start, first = (uint32_t) token;
        for (; token < layers->token_count && layers->tokens[token].start < span.end; token++) {
            qw_span_t found = layers->tokens[token];
            check (found.start >= at && found.start < found.end && found.end <= span.end, "a token is out of order");
            check (qw_utf8_is_boundary (text, span.end, found.start) && qw_utf8_is_boundary (text, span.end, found.end),
                   "a token cuts a character");
            check_space (text, at, found.start);
            at = found.end;
        }
        check_space (text, at, span.end);
        for (uint32_t next = first; next < token; next = layers->sentences[sentence++].end) {
            check (sentence < layers->sentence_count && layers->sentences[sentence].first == next, "a sentence is missing");
            check (layers->sentences[sentence].end > next && layers->sentences[sentence].end <= token,
                   "a sentence leaves its paragraph");
        }
    }
    check (token == layers->token_count && sentence == layers->sentence_count, "tokens or sentences are left over");
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    static void *instances[2];
    static qw_layers_t *layers;
    if (!layers) {
        instances[0] = open_annotator (false);
        instances[1] = open_annotator (true);
        layers = qw_layers_new ();
    }
    if (size == 0)
        return 0;
    const char *text = (const char *) data + 1;
    size_t used = qw_utf8_valid_prefix (text, size - 1), cut = used * data[0] / 255;
    while (!qw_utf8_is_boundary (text, used, cut))
        cut--;
    qw_paragraph_t paragraphs[2] = {{{0, (uint32_t) cut}, QW_ROLE_BODY}, {{(uint32_t) cut, (uint32_t) used}, QW_ROLE_BODY}};
    size_t count = cut < used ? 2 : 1; /* one alone is looked at more closely */
    qw_chunk_t chunk = {text, used, paragraphs, count, false};
    for (int i = 0; i < 2; i++) {
        qw_layers_clear (layers);
        check (qw_tokens_annotator.annotate (instances[i], &chunk, layers, NULL) == QW_OK, "an annotation failed");
        check_layers (text, paragraphs, count, layers);
    }
    return 0;
}
