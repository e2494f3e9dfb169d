/*  fuzz_quotes.c - any text: the quotes lie inside it on character boundaries, in order and never twice, none is empty,
   cue and speaker stand in the text, and a second pass over the same text gives the same quotes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/utf8.h"
#include "ventilator/structure.h"
#include "workers/fused.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void must (bool holds, const char *what)
{
    if (!holds) {
        fprintf (stderr, "broken promise: %s\n", what);
        abort ();
    }
}

static bool is_in_text (const char *text, size_t size, qw_span_t span)
{
    return span.start <= span.end && span.end <= size && qw_utf8_is_boundary (text, size, span.start)
           && qw_utf8_is_boundary (text, size, span.end);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    static qw_fused_t *fused;
    static qw_layers_t *layers, *again;
    static qw_paragraphs_t paragraphs;
    qw_reason_t reason;
    if (!fused) {
        fused = qw_fused_new (7, "workers/models", &reason);
        if (!fused) {
            fprintf (stderr, "%s\n", reason.text);
            abort ();
        }
        layers = qw_layers_new ();
        again = qw_layers_new ();
    }
    const char *text = (const char *) data;
    size = qw_utf8_valid_prefix (text, size);
    qw_structure_find (text, size, &paragraphs);
    qw_chunk_t chunk = {text, size, paragraphs.items, paragraphs.count, false};
    must (qw_fused_annotate (fused, &chunk, layers, &reason) == QW_OK, "any valid text can be annotated");
    for (size_t i = 0; i < layers->quote_count; i++) {
        const qw_quote_t *quote = &layers->quotes[i];
        must (!qw_span_is_empty (quote->span), "no quotation is empty");
        must (is_in_text (text, size, quote->span) && is_in_text (text, size, quote->cue)
                  && is_in_text (text, size, quote->speaker_mention) && is_in_text (text, size, quote->via),
              "spans lie in the text, on characters");
        must (!qw_span_overlap (quote->span, quote->cue), "a cue is no part of what it introduces");
        if (i == 0)
            continue;
        const qw_quote_t *before = &layers->quotes[i - 1];
        must (before->span.start < quote->span.start
                  || (before->span.start == quote->span.start && before->span.end > quote->span.end),
              "in order, the longer first, none twice");
    }
    must (qw_fused_annotate (fused, &chunk, again, &reason) == QW_OK && again->quote_count == layers->quote_count,
          "a second pass finds the same");
    for (size_t i = 0; i < layers->quote_count; i++)
        must (again->quotes[i].span.start == layers->quotes[i].span.start
                  && again->quotes[i].span.end == layers->quotes[i].span.end
                  && again->quotes[i].speaker_mention.start == layers->quotes[i].speaker_mention.start,
              "a second pass gives the same quotes");
    return 0;
}
