#include "web_fixture.h"

#include <zlib.h>

/* A WARC that is being written. */
typedef struct {
    qw_buffer_t bytes;
    bool compressed; /* each record as a gzip member of its own */
} warc_t;

static void append_gzip (qw_buffer_t *into, const char *bytes, size_t size, int window)
{
    z_stream stream = {0};
    assert_int_equal (deflateInit2 (&stream, 6, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY), Z_OK);
    qw_buffer_reserve (into, into->size + deflateBound (&stream, size) + 64);
    stream.next_in = (unsigned char *) bytes;
    stream.avail_in = (unsigned) size;
    stream.next_out = (unsigned char *) into->data + into->size;
    stream.avail_out = (unsigned) (into->capacity - into->size);
    assert_int_equal (deflate (&stream, Z_FINISH), Z_STREAM_END);
    into->size += stream.total_out;
    deflateEnd (&stream);
}

/* A record with a length of its own choice. */
static void add_with_length (warc_t *self, const char *head, const char *block, size_t size, size_t length)
{
    char front[1000];
    int used = snprintf (front, sizeof front, "WARC/1.0\r\n%sContent-Length: %zu\r\n\r\n", head, length);
    qw_buffer_t record = {0};
    qw_buffer_append (&record, front, (size_t) used);
    qw_buffer_append (&record, block, size);
    qw_buffer_append (&record, "\r\n\r\n", 4);
    if (self->compressed)
        append_gzip (&self->bytes, record.data, record.size, 31);
    else
        qw_buffer_append (&self->bytes, record.data, record.size);
    qw_buffer_free (&record);
}

static void add (warc_t *self, const char *head, const char *block)
{
    add_with_length (self, head, block, strlen (block), strlen (block));
}

static void add_raw (warc_t *self, const char *bytes) { qw_buffer_append (&self->bytes, bytes, strlen (bytes)); }

#define RESPONSE                                                                                                            \
    "WARC-Type: response\r\nWARC-Target-URI: https://a.example/1\r\nWARC-Date: 2025-03-04T05:06:07Z\r\n"                    \
    "Content-Type: application/http; msgtype=response\r\n"
#define OK_HTML "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
#define PAGE(name) "<html><body><article><h1>" name "</h1>" BODY "</article></body></html>"

static qw_source_t *open_warc (warc_t *warc, const char *path)
{
    write_bytes (path, warc->bytes.data, warc->bytes.size);
    qw_buffer_free (&warc->bytes);
    return open_source (false, MAX_BYTES, path);
}

static void expect_start (qw_source_t *source, const char *start)
{
    qw_record_t record;
    char line[1024];
    assert_int_equal (qw_source_next (source, &record), QW_OK);
    describe (&record, line, sizeof line);
    if (strncmp (line, start, strlen (start)) != 0)
        fail_msg ("'%s' does not begin with '%s'", line, start);
}

static void expect_skipped (qw_source_t *source, uint64_t skipped)
{
    qw_source_progress_t progress;
    expect_status (source, QW_END);
    qw_source_progress (source, &progress);
    assert_int_equal (progress.skipped, skipped);
    qw_source_destroy (&source);
}

static void pages_are_read_and_other_records_counted (void **state)
{
    (void) state;
    for (int compressed = 0; compressed < 2; compressed++) {
        warc_t warc = {.compressed = compressed};
        add (&warc, "WARC-Type: warcinfo\r\nContent-Type: application/warc-fields\r\n", "software: x\r\n");
        add (&warc, "WARC-Type: request\r\nContent-Type: application/http; msgtype=request\r\n", "GET / HTTP/1.1\r\n\r\n");
        add (&warc, RESPONSE, OK_HTML PAGE ("First"));
        add (&warc, RESPONSE, "HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\n" PAGE ("No"));
        add (&warc, RESPONSE, "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\npng");
        add (&warc, "WARC-Type: metadata\r\nContent-Type: application/warc-fields\r\n", "");
        add (&warc, RESPONSE, "HTTP/1.0  200 Fine\ncontent-type:TEXT/PLAIN\n\nA plain text.");
        add (&warc, "WARC-Type: resource\r\nContent-Type: text/html\r\n", PAGE ("Second"));
        add (&warc, "WARC-Type: conversion\r\nContent-Type: text/plain\r\n", "Another plain text.");
        add (&warc, "WARC-Type: resource\r\nContent-Type: image/png\r\n", "png");
        add (&warc, "WARC-Type: revisit\r\nContent-Type: application/http; msgtype=response\r\n", "HTTP/1.1 200 OK\r\n\r\n");
        const char *path = compressed ? "a.warc.gz" : "a.warc";
        static const char *const lines[] = {"#3 First\n\nA ferry", "#7 A plain text.", "#8 Second\n\nA ferry",
                                            "#9 Another plain text."};
        qw_source_t *source = open_warc (&warc, path);
        for (int i = 0; i < 4; i++) {
            char expected[100];
            snprintf (expected, sizeof expected, "%s%s", path, lines[i]);
            expect_start (source, expected);
        }
        expect_skipped (source, 7);
    }
}

static void address_and_time_become_metadata (void **state)
{
    (void) state;
    warc_t warc = {0};
    add (&warc, RESPONSE, OK_HTML PAGE ("One"));
    add (&warc, RESPONSE,
         OK_HTML "<link rel=canonical href=https://b.example/2><meta name=date content=2025-03-01>" PAGE ("Two"));
    add (&warc, "WARC-Type: conversion\r\nWARC-Target-URI: <https://c.example/>\r\nContent-Type: text/plain\r\n", "Text.");
    qw_source_t *source = open_warc (&warc, "a.warc");
    static const char *const expected[] = {"title=One\nurl=https://a.example/1\nretrieved=2025-03-04T05:06:07Z",
                                           "title=Two\npublished=2025-03-01\nurl=https://b.example/2\n"
                                           "retrieved=2025-03-04T05:06:07Z",
                                           "url=https://c.example/"};
    for (size_t i = 0; i < 3; i++) {
        qw_record_t record;
        char line[1000];
        assert_int_equal (qw_source_next (source, &record), QW_OK);
        describe_metadata (record.metadata, line, sizeof line);
        assert_string_equal (line, expected[i]);
    }
    expect_skipped (source, 0);
}

static void transfer_and_content_encodings_are_undone (void **state)
{
    (void) state;
    static const char page[] = PAGE ("Packed");
    static const struct {
        const char *encoding;
        int window;
    } kinds[] = {{"gzip", 31}, {"x-gzip", 31}, {"deflate", 15}, {"deflate", -15}};
    warc_t warc = {0};
    for (size_t i = 0; i < 4; i++) {
        qw_buffer_t body = {0}, block = {0};
        char head[200];
        append_gzip (&body, page, sizeof page - 1, kinds[i].window);
        int used = snprintf (head, sizeof head,
                             "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n"
                             "Content-Encoding: %s\r\n\r\n5\r\n",
                             kinds[i].encoding);
        qw_buffer_append (&block, head, (size_t) used);
        qw_buffer_append (&block, body.data, 5);
        used = snprintf (head, sizeof head, "\r\n%zX;x=y\r\n", body.size - 5);
        qw_buffer_append (&block, head, (size_t) used);
        qw_buffer_append (&block, body.data + 5, body.size - 5);
        qw_buffer_append (&block, "\r\n0\r\n\r\n", 7);
        add_with_length (&warc, RESPONSE, block.data, block.size, block.size);
        qw_buffer_free (&body);
        qw_buffer_free (&block);
    }
    add (&warc, RESPONSE, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n"
                          "Content-Encoding: gzip\r\n\r\n" PAGE ("Plain"));
    add (&warc, RESPONSE, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: br\r\n\r\n\x1b\x05x");
    qw_source_t *source = open_warc (&warc, "a.warc");
    for (int i = 1; i <= 4; i++) {
        char expected[60];
        snprintf (expected, sizeof expected, "a.warc#%d Packed\n\nA ferry", i);
        expect_start (source, expected);
    }
    expect_start (source, "a.warc#5 Plain\n\nA ferry");
    expect_next (source, "a.warc#6 failed=a.warc, record 6: its content is compressed with 'br'");
    expect_skipped (source, 0);
}

static void a_bomb_fails_and_the_next_is_read (void **state)
{
    (void) state;
    size_t size = 64 << 20;
    char *spaces = malloc (size);
    memset (spaces, ' ', size);
    warc_t warc = {0};
    qw_buffer_t block = {0};
    static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n\r\n";
    qw_buffer_append (&block, head, sizeof head - 1);
    append_gzip (&block, spaces, size, 31);
    free (spaces);
    add_with_length (&warc, RESPONSE, block.data, block.size, block.size);
    qw_buffer_free (&block);
    add (&warc, RESPONSE, OK_HTML PAGE ("After"));
    qw_source_t *source = open_warc (&warc, "a.warc");
    expect_next (source, "a.warc#1 failed=larger than the 1448576 bytes");
    expect_start (source, "a.warc#2 After");
    expect_skipped (source, 0);
}

static void a_page_beyond_the_limit_is_not_kept (void **state)
{
    (void) state;
    size_t size = 3 << 20;
    char *block = malloc (size);
    memset (block, 'x', size);
    memcpy (block, OK_HTML, sizeof OK_HTML - 1);
    warc_t warc = {0};
    add_with_length (&warc, RESPONSE, block, size, size);
    add (&warc, RESPONSE, OK_HTML PAGE ("After"));
    free (block);
    qw_source_t *source = open_warc (&warc, "a.warc");
    expect_next (source, "a.warc#1 failed=a page may have 1448576");
    expect_start (source, "a.warc#2 After");
    expect_skipped (source, 0);
}

static void a_broken_record_costs_no_other (void **state)
{
    (void) state;
    warc_t warc = {0};
    static const char block[] = OK_HTML PAGE ("Wrong");
    add (&warc, RESPONSE, OK_HTML PAGE ("One"));
    add_with_length (&warc, RESPONSE, block, sizeof block - 1, sizeof block + 20);
    add (&warc, RESPONSE, OK_HTML PAGE ("Two"));
    add_with_length (&warc, RESPONSE, block, sizeof block - 1, sizeof block - 50);
    add (&warc, RESPONSE, OK_HTML PAGE ("Three"));
    add_raw (&warc, "WARC/1.0\r\nWARC-Type: response\r\n\r\nno length\r\n\r\n");
    add (&warc, RESPONSE, OK_HTML PAGE ("Four"));
    add_raw (&warc, "garbage between\r\n\r\n");
    add (&warc, RESPONSE, OK_HTML "<p>too little");
    add_with_length (&warc, RESPONSE, block, sizeof block - 1, 1000000);
    qw_source_t *source = open_warc (&warc, "a.warc");
    expect_start (source, "a.warc#1 One");
    expect_next (source, "a.warc#2 failed=does not end after");
    expect_start (source, "a.warc#3 Two");
    expect_next (source, "a.warc#4 failed=does not end after");
    expect_start (source, "a.warc#5 Three");
    expect_next (source, "a.warc#6 failed=does not tell its length");
    expect_start (source, "a.warc#7 Four");
    expect_next (source, "a.warc#8 failed=no WARC record begins");
    expect_next (source, "a.warc#9 failed=no article");
    expect_next (source, "a.warc#10 failed=the file ends after");
    expect_skipped (source, 0);
}

static void a_torn_gzip_member_ends_the_file_with_a_reason (void **state)
{
    (void) state;
    enum { RECORDS = 400, LEAST = 200 }; /* libarchive loses the 64 KiB before the damage */
    warc_t warc = {.compressed = true};
    for (int i = 0; i < RECORDS; i++)
        add (&warc, RESPONSE, OK_HTML PAGE ("One"));
    warc.bytes.size -= 40;
    qw_source_t *source = open_warc (&warc, "a.warc.gz");
    qw_record_t record;
    int read = 0, failed = 0;
    while (qw_source_next (source, &record) == QW_OK) {
        read += !record.failed.data && !failed;
        failed += record.failed.data != NULL;
    }
    assert_true (read >= LEAST && read < RECORDS);
    assert_int_equal (failed, 1);
    expect_skipped (source, 0);
}

static void a_head_without_end_fails (void **state)
{
    (void) state;
    warc_t warc = {0};
    add_raw (&warc, "WARC/1.0\r\n");
    for (int i = 0; i < 20000; i++)
        add_raw (&warc, "X-Header: y\r\n");
    add (&warc, RESPONSE, OK_HTML PAGE ("After"));
    qw_source_t *source = open_warc (&warc, "a.warc");
    expect_next (source, "a.warc#1 failed=has no end");
    expect_start (source, "a.warc#2 After");
    expect_skipped (source, 0);
}

static void a_warc_is_told_by_its_content_and_may_be_forced (void **state)
{
    (void) state;
    warc_t warc = {.compressed = true};
    add (&warc, RESPONSE, OK_HTML PAGE ("One"));
    qw_source_t *source = open_warc (&warc, "crawl");
    expect_start (source, "crawl#1 One");
    expect_skipped (source, 0);
    write_text ("text", "no WARC");
    const char *path = "text";
    qw_reason_t reason = {""};
    qw_source_options_t options = {.max_document_bytes = MAX_BYTES, .type = "warc"};
    source = qw_source_new (&path, 1, &options, &reason);
    expect_next (source, "text#1 failed=no WARC record begins");
    expect_skipped (source, 0);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        CASE (pages_are_read_and_other_records_counted),
        CASE (address_and_time_become_metadata),
        CASE (transfer_and_content_encodings_are_undone),
        CASE (a_bomb_fails_and_the_next_is_read),
        CASE (a_page_beyond_the_limit_is_not_kept),
        CASE (a_broken_record_costs_no_other),
        CASE (a_torn_gzip_member_ends_the_file_with_a_reason),
        CASE (a_head_without_end_fails),
        CASE (a_warc_is_told_by_its_content_and_may_be_forced),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
