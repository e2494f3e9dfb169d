/*  web_fixture.h - reading one web page in a test: its text and its metadata as strings. */
#ifndef QW_TESTS_WEB_FIXTURE_H
#define QW_TESTS_WEB_FIXTURE_H

#include "source_fixture.h"

#include "ventilator/source_html.h"

/* "key=value" for each pair, in order, a line end between them. */
static inline void describe_metadata (qw_bytes_t metadata, char *into, size_t size)
{
    size_t used = 0;
    into[0] = 0;
    if (!metadata.data)
        return;
    qw_mp_t map;
    qw_reason_t reason = {""};
    assert_int_equal (qw_mp_scan (metadata.data, metadata.size, &reason), QW_OK);
    qw_mp_open (&map, metadata.data, metadata.size, &reason);
    for (uint32_t i = qw_mp_map (&map, "metadata"); i > 0; i--) {
        qw_bytes_t key = qw_mp_str (&map, "key"), value = qw_mp_str (&map, "value");
        used += (size_t) snprintf (into + used, size - used, "%s%.*s=%.*s", used ? "\n" : "", (int) key.size, key.data,
                                   (int) value.size, value.data);
        assert_true (used < size);
    }
    assert_int_equal (qw_mp_status (&map), QW_OK);
}

typedef struct {
    qw_status_t status;
    char text[20000], metadata[4000], reason[300], encoding[40];
} page_t;

static inline const page_t *read_page (const char *html, size_t size, const char *charset)
{
    static page_t page;
    qw_findings_t findings = {0};
    qw_found_t found;
    qw_reason_t reason = {""};
    qw_format_context_t context = {.charset = qw_bytes_of (charset), .max_document_bytes = MAX_BYTES};
    page = (page_t){.status = qw_findings_read (&findings, &qw_format_html, &context, (qw_bytes_t){html, size}, &reason)};
    snprintf (page.reason, sizeof page.reason, "%s", reason.text);
    if (!page.status) {
        assert_true (qw_findings_next (&findings, &found));
        assert_null (found.failed);
        assert_true (found.text.size < sizeof page.text);
        memcpy (page.text, found.text.data, found.text.size);
        snprintf (page.encoding, sizeof page.encoding, "%s", found.encoding ? found.encoding : "");
        describe_metadata (found.metadata, page.metadata, sizeof page.metadata);
        assert_false (qw_findings_next (&findings, &found));
    }
    qw_findings_free (&findings);
    return &page;
}

static inline void expect_text (const char *html, const char *text)
{
    const page_t *page = read_page (html, strlen (html), NULL);
    if (page->status)
        fail_msg ("%s", page->reason);
    assert_string_equal (page->text, text);
}

static inline void expect_metadata (const char *html, const char *metadata)
{
    const page_t *page = read_page (html, strlen (html), NULL);
    if (page->status)
        fail_msg ("%s", page->reason);
    assert_string_equal (page->metadata, metadata);
}

static inline void expect_failure (const char *html, qw_status_t status, const char *reason)
{
    const page_t *page = read_page (html, strlen (html), NULL);
    assert_int_equal (page->status, status);
    if (!strstr (page->reason, reason))
        fail_msg ("'%s' does not tell '%s'", page->reason, reason);
}

/* Sentences that stand for an article's body. */
#define LEAD "A ferry sank off the harbour on Tuesday, the coast guard said, and all of its passengers were taken to safety."
#define SAID "\xe2\x80\x9cIt was over in ten minutes,\xe2\x80\x9d said Mara Venn, the harbour master."
#define LAST "The company said that it would look into the matter, and declined to say more."
#define BODY "<p>" LEAD "</p><p>" SAID "</p><p>" LAST "</p>"
#define TEXT LEAD "\n\n" SAID "\n\n" LAST "\n"

#endif
