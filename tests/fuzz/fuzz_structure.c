/*  fuzz_structure.c - the paragraphs of any valid UTF-8 are in order, hold something, and leave out but white space. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/utf8.h"
#include "ventilator/structure.h"
#include "ventilator/structure_line.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void check (bool holds, const char *what)
{
    if (holds)
        return;
    fprintf (stderr, "fuzz_structure: %s\n", what);
    abort ();
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    static qw_paragraphs_t paragraphs;
    const char *text = (const char *) data;
    uint32_t used = (uint32_t) qw_utf8_valid_prefix (text, size), at = 0;
    qw_structure_find (text, used, &paragraphs);
    for (size_t i = 0; i <= paragraphs.count; i++) {
        qw_span_t span = i < paragraphs.count ? paragraphs.items[i].span : (qw_span_t){used, used};
        check (span.start >= at && span.end <= used, "a paragraph is out of order");
        check (i == paragraphs.count || !qw_span_is_empty (span), "a paragraph is empty");
        check (qw_utf8_is_boundary (text, used, span.start) && qw_utf8_is_boundary (text, used, span.end),
               "a character is cut");
        for (uint32_t space; at < span.start; at += space) {
            space = qw_structure_space (text, at, used);
            check (space > 0, "text is left out");
        }
        at = span.end;
    }
    return 0;
}
