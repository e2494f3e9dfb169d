/*  fuzz_html.c - any bytes as a web page: its article is valid UTF-8 within the limit, its metadata a MessagePack map, or a
 *  reason is given. */
#include <stdio.h>
#include <stdlib.h>

#include "proto/utf8.h"
#include "ventilator/source_html.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

enum { MAX_BYTES = 3000 };

static void must (bool holds, const char *what)
{
    if (!holds) {
        fprintf (stderr, "broken promise: %s\n", what);
        abort ();
    }
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    qw_findings_t findings = {0};
    qw_found_t found;
    qw_reason_t reason = {""};
    qw_format_context_t contexts[2] = {{.max_document_bytes = MAX_BYTES}, {.max_document_bytes = MAX_BYTES}};
    contexts[1].charset = QW_BYTES ("shift_jis");
    contexts[1].url = QW_BYTES ("https://a.example/");
    contexts[1].retrieved = QW_BYTES ("2025-03-04T00:00:00Z");
    for (size_t i = 0; i < 2; i++) {
        qw_bytes_t bytes = {(const char *) data, size};
        if (qw_findings_read (&findings, &qw_format_html, &contexts[i], bytes, &reason)) {
            must (reason.text[0] && qw_utf8_is_valid (reason.text, strlen (reason.text)), "a reason");
            continue;
        }
        must (qw_findings_next (&findings, &found), "one article");
        must (found.text.size > 0 && found.text.size <= MAX_BYTES, "a text within the limit");
        must (qw_utf8_is_valid (found.text.data, found.text.size), "text");
        must (!found.metadata.data || qw_mp_scan (found.metadata.data, found.metadata.size, &reason) == QW_OK, "metadata");
        must (!qw_findings_next (&findings, &found), "no more");
    }
    qw_findings_free (&findings);
    return 0;
}
