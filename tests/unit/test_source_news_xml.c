#include "source_fixture.h"

#define HEAD "<?xml version=\"1.0\" encoding=\"%s\"?><rss xmlns:c=\"http://purl.org/rss/1.0/modules/content/\"><channel>"
#define ITEM "<item><guid>https://a.example/%d</guid><c:encoded>Item %d, caf\xc3\xa9.</c:encoded></item>\n"
#define TAIL "</channel></rss>"

/* A feed with so many items. */
static char *feed (const char *encoding, int items, const char *tail, size_t *size)
{
    char *xml = malloc ((size_t) items * 160 + 1000);
    assert_non_null (xml);
    *size = (size_t) sprintf (xml, HEAD, encoding);
    for (int i = 1; i <= items; i++)
        *size += (size_t) sprintf (xml + *size, ITEM, i, i);
    *size += (size_t) sprintf (xml + *size, "%s", tail);
    return xml;
}

static void write_feed (const char *path, int items, const char *tail)
{
    size_t size;
    char *xml = feed ("UTF-8", items, tail, &size);
    write_bytes (path, xml, size);
    free (xml);
}

static void each_item_is_a_record_with_its_own_id (void **state)
{
    (void) state;
    static const char *const names[] = {"a.xml", "a.rss", "told-by-content"};
    for (size_t i = 0; i < 3; i++) {
        char expected[100];
        qw_record_t record;
        write_feed (names[i], 2, TAIL);
        qw_source_t *source = open_source (false, MAX_BYTES, names[i]);
        assert_int_equal (qw_source_next (source, &record), QW_OK);
        assert_true (qw_bytes_are (record.id, "https://a.example/1"));
        snprintf (expected, sizeof expected, "%s#2 Item 2, caf\xc3\xa9.", names[i]);
        expect_next (source, expected);
        expect_status (source, QW_END);
        qw_source_destroy (&source);
    }
}

static void a_broken_feed_keeps_its_first_items_and_costs_no_other_file (void **state)
{
    (void) state;
    mkdir ("d", 0755);
    write_feed ("d/a.xml", 2, "<item>");
    write_text ("d/b.xml", "<svg/>");
    write_feed ("d/c.atom", 1, TAIL);
    qw_source_t *source = open_source (false, MAX_BYTES, "d");
    expect_next (source, "d/a.xml#1 Item 1, caf\xc3\xa9.");
    expect_next (source, "d/a.xml#2 Item 2, caf\xc3\xa9.");
    expect_next (source, "d/a.xml#3 failed=d/a.xml, record 3: line 3: broken XML");
    expect_next (source, "d/b.xml#1 failed=<svg>");
    expect_next (source, "d/c.atom#1 Item 1, caf\xc3\xa9.");
    expect_status (source, QW_END);
    qw_source_destroy (&source);
}

/* The file may be of any size: here it has more than is ever kept of one. */
static void a_feed_is_streamed (void **state)
{
    (void) state;
    enum { ITEMS = 30000 };
    write_feed ("big.xml", ITEMS, TAIL);
    struct stat status;
    assert_int_equal (stat ("big.xml", &status), 0);
    assert_true (status.st_size > 4 * 1000 + (1 << 20));
    qw_source_t *source = open_source (false, 1000, "big.xml");
    qw_record_t record;
    int count = 0;
    for (; qw_source_next (source, &record) == QW_OK; count++)
        assert_null (record.failed.data);
    assert_int_equal (count, ITEMS);
    qw_source_destroy (&source);
}

static void a_byte_order_mark_outdoes_what_the_file_declares (void **state)
{
    (void) state;
    size_t size;
    char *xml = feed ("UTF-16", 1, TAIL, &size), *wide = malloc (2 * size + 2);
    assert_non_null (wide);
    size_t at = 0;
    memcpy (wide, "\xff\xfe", 2);
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char) xml[i];
        if (c == 0xc3)
            c = (unsigned char) ((unsigned char) xml[++i] + 0x40);
        at += 2;
        wide[at] = (char) c;
        wide[at + 1] = 0;
    }
    write_bytes ("wide.xml", wide, at + 2);
    free (wide);
    free (xml);
    qw_source_t *source = open_source (false, MAX_BYTES, "wide.xml");
    expect_next (source, "wide.xml#1(UTF-16LE) Item 1, caf\xc3\xa9.");
    expect_status (source, QW_END);
    qw_source_destroy (&source);
}

static void a_declared_encoding_is_named (void **state)
{
    (void) state;
    write_text ("l.xml", "<?xml version='1.0' encoding='ISO-8859-1'?>"
                         "<nitf><body><body.content><p>Caf\xe9.</p></body.content></body></nitf>");
    qw_source_t *source = open_source (false, MAX_BYTES, "l.xml");
    expect_next (source, "l.xml#1(ISO-8859-1) Caf\xc3\xa9.");
    expect_status (source, QW_END);
    qw_source_destroy (&source);
}

static void what_holds_no_article_is_counted (void **state)
{
    (void) state;
    write_text ("m.xml", "<newsMessage><itemSet><packageItem/><newsItem guid='n:1'>"
                         "<itemMeta><itemClass qcode='ninat:video'/></itemMeta></newsItem></itemSet></newsMessage>");
    qw_source_t *source = open_source (false, MAX_BYTES, "m.xml");
    expect_status (source, QW_END);
    qw_source_progress_t progress;
    qw_source_progress (source, &progress);
    assert_int_equal (progress.skipped, 2);
    qw_source_destroy (&source);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        CASE (each_item_is_a_record_with_its_own_id),
        CASE (a_broken_feed_keeps_its_first_items_and_costs_no_other_file),
        CASE (a_feed_is_streamed),
        CASE (a_byte_order_mark_outdoes_what_the_file_declares),
        CASE (a_declared_encoding_is_named),
        CASE (what_holds_no_article_is_counted),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
