/*  fuzz_chunker.c - any text in any chunk size: the chunks together are the text, none is too large or begins inside of a
 *  character, and the paragraphs of the chunks together are those of the text. The first byte chooses the size. */
#include <stdio.h>
#include <stdlib.h>

#include "proto/utf8.h"
#include "ventilator/chunker.h"
#include "ventilator/structure.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void must (bool holds, const char *what)
{
    if (!holds) {
        fprintf (stderr, "broken promise: %s\n", what);
        abort ();
    }
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    size_t limit = 64 + data[0] * 4u;
    const char *text = (const char *) data + 1;
    size = qw_utf8_valid_prefix (text, size - 1);

    qw_paragraphs_t paragraphs = {0};
    qw_chunks_t chunks = {0};
    qw_structure_find (text, size, &paragraphs);
    qw_chunker_cut (text, size, paragraphs.items, paragraphs.count, limit, &chunks);
    must (chunks.count > 0 && chunks.ends[chunks.count - 1] == size, "the last chunk ends the text");

    qw_paragraph_t *inside = malloc ((paragraphs.count + 1) * sizeof *inside);
    size_t inside_bytes = 0, paragraph_bytes = 0;
    for (size_t i = 0; i < paragraphs.count; i++)
        paragraph_bytes += qw_span_size (paragraphs.items[i].span);
    for (size_t i = 0, start = 0; i < chunks.count; i++) {
        size_t end = chunks.ends[i];
        must (end > start || size == 0, "no chunk is empty");
        must (end - start <= limit, "no chunk is too large");
        must (qw_utf8_is_boundary (text, size, end), "characters stay whole");
        size_t count = qw_chunker_paragraphs (paragraphs.items, paragraphs.count, (uint32_t) start, (uint32_t) end, inside);
        must (count <= paragraphs.count, "no more paragraphs than there are");
        for (size_t p = 0; p < count; p++) {
            must (inside[p].span.start < inside[p].span.end && inside[p].span.end <= end - start,
                  "a paragraph lies in its chunk");
            must (p == 0 || inside[p - 1].span.end <= inside[p].span.start, "paragraphs are in order");
            inside_bytes += qw_span_size (inside[p].span);
        }
        start = end;
    }
    must (inside_bytes == paragraph_bytes, "the chunks have all paragraphs");
    free (inside);
    qw_chunks_free (&chunks);
    qw_paragraphs_free (&paragraphs);
    return 0;
}
