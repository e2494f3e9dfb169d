#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "ventilator/json_to_mp.h"

/* Reads one value from a block of exactly its size; `expected` NULL: it must be refused. */
static void check (const char *text, const char *expected, size_t size)
{
    qw_json_t json = {0};
    qw_out_t out;
    qw_reason_t reason = {""};
    size_t length = strlen (text);
    char *exact = malloc (length + !length);
    assert_non_null (exact);
    memcpy (exact, text, length);
    qw_out_init (&out);
    qw_json_open (&json, (qw_bytes_t){exact, length}, &reason);
    qw_status_t status = qw_json_value (&json, QW_JSON_MAX_DEPTH, &out);
    bool whole = !status && qw_json_peek (&json) == 0;
    if (!expected) {
        if (whole)
            fail_msg ("%s was not refused", text);
    } else {
        if (!whole)
            fail_msg ("%s: %s", text, reason.text);
        assert_int_equal (qw_mp_scan (out.buffer.data, out.buffer.size, &reason), QW_OK);
        assert_int_equal (out.buffer.size, size);
        assert_memory_equal (out.buffer.data, expected, size);
    }
    free (exact);
    qw_out_free (&out);
    qw_json_free (&json);
}

#define IS(text, bytes) check ((text), (bytes), sizeof (bytes) - 1)
#define REFUSED(text) check ((text), NULL, 0)

static void plain_values_become_their_shortest_form (void **state)
{
    (void) state;
    IS ("null", "\xc0");
    IS (" true ", "\xc3");
    IS ("false", "\xc2");
    IS ("0", "\x00");
    IS ("-1", "\xff");
    IS ("300", "\xcd\x01\x2c");
    IS ("-9223372036854775808", "\xd3\x80\0\0\0\0\0\0\0");
    IS ("18446744073709551615", "\xcf\xff\xff\xff\xff\xff\xff\xff\xff");
    IS ("18446744073709551616", "\xcb\x43\xf0\0\0\0\0\0\0");
    IS ("2.5", "\xcb\x40\x04\0\0\0\0\0\0");
    IS ("-25e-1", "\xcb\xc0\x04\0\0\0\0\0\0");
    IS ("\"\"", "\xa0");
}

static void containers_keep_their_order (void **state)
{
    (void) state;
    IS ("[ ]", "\x90");
    IS ("{ }", "\x80");
    IS ("{\"b\": [1, {\"c\": []}], \"a\" :null}", "\x82\xa1" "b\x92\x01\x81\xa1" "c\x90\xa1" "a\xc0");
}

static void long_containers_have_wider_heads (void **state)
{
    (void) state;
    IS ("[[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15],7]",
        "\x92\xdc\x00\x10\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x07");
    IS ("{\"a\":0,\"b\":0,\"c\":0,\"d\":0,\"e\":0,\"f\":0,\"g\":0,\"h\":0,"
        "\"i\":0,\"j\":0,\"k\":0,\"l\":0,\"m\":0,\"n\":0,\"o\":0,\"p\":{}}",
        "\xde\x00\x10\xa1" "a\0\xa1" "b\0\xa1" "c\0\xa1" "d\0\xa1" "e\0\xa1" "f\0\xa1" "g\0\xa1" "h\0\xa1" "i\0\xa1" "j\0\xa1"
        "k\0\xa1" "l\0\xa1" "m\0\xa1" "n\0\xa1" "o\0\xa1" "p\x80");
    enum { ITEMS = 70000 };
    char *text = malloc (2 * ITEMS + 2), *expected = malloc (ITEMS + 5);
    assert_true (text && expected);
    for (int i = 0; i < ITEMS; i++)
        memcpy (text + 1 + 2 * i, "1,", 2);
    text[0] = '[';
    text[2 * ITEMS] = ']';
    text[2 * ITEMS + 1] = 0;
    memcpy (expected, "\xdd\x00\x01\x11\x70", 5);
    memset (expected + 5, 1, ITEMS);
    check (text, expected, ITEMS + 5);
    free (text);
    free (expected);
}

static void escapes_become_characters (void **state)
{
    (void) state;
    IS ("\"a\\\"\\\\\\/\\b\\f\\n\\r\\tz\"", "\xaa" "a\"\\/\b\f\n\r\tz");
    IS ("\"\\u0041\\u00e9\\u20AC\\ud83d\\udcf0!\"", "\xab" "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x93\xb0!");
    IS ("\"\\u007f\\u0080\\u07ff\\u0800\\uffff\"", "\xab\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf");
    IS ("\"seven..\\n\"", "\xa8seven..\n");
    IS ("\"12345678\\n12345678\"", "\xb1" "12345678\n12345678");
}

static void what_is_no_json_is_refused (void **state)
{
    (void) state;
    static const char *const texts[] = {
        "", " ", "nul", "nulll", "True", "01", "-", "1.", ".5", "+1", "1e", "1e+", "0x1", "1e999", "NaN", "\"", "\"a",
        "\"\\", "\"\\x\"",
        "\"\\u12\"", "\"\\u12g4\"", "\"\\u0000\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\udc00\"", "\"\\ud800\\ud800\"",
        "\"a\nb\"", "\"a\x1f\"",
        "[", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "]", "[1}", "{", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}",
        "{a:1}",
        "{1:1}", "{\"a\" 1}", "{\"a\":1 \"b\":2}", "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}",
        "{\"a\":{\"b\":1,\"b\":2}}", "1 2", "[] []", "'a'"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        REFUSED (texts[i]);
}

static void a_key_may_come_again_in_another_object (void **state)
{
    (void) state;
    IS ("[{\"a\":{\"a\":1}},{\"a\":2}]", "\x92\x81\xa1" "a\x81\xa1" "a\x01\x81\xa1" "a\x02");
}

static void depth_and_number_of_values_have_limits (void **state)
{
    (void) state;
    IS ("[[[[[[[[[[[[1]]]]]]]]]]]]", "\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x01");
    REFUSED ("[[[[[[[[[[[[[1]]]]]]]]]]]]]");
    REFUSED ("[[[[[[[[[[[[{}]]]]]]]]]]]]");
    char *text = malloc (2 * QW_JSON_MAX_VALUES + 2);
    assert_non_null (text);
    for (int i = 0; i < QW_JSON_MAX_VALUES; i++)
        memcpy (text + 1 + 2 * i, "1,", 2);
    text[0] = '[';
    text[2 * QW_JSON_MAX_VALUES] = ']';
    text[2 * QW_JSON_MAX_VALUES + 1] = 0;
    REFUSED (text);
    free (text);
}

/* Every length and every place, so that what is looked at eight bytes at a time is found wherever it stands. */
static void an_end_is_found_at_every_place (void **state)
{
    (void) state;
    static const char special[] = {'"', '\\', '\n', 0x01, 0x1f};
    for (size_t size = 0; size < 40; size++)
        for (size_t kind = 0; kind < sizeof special; kind++) {
            char text[64], expected[64];
            memset (text, (int) ("a\x7f ]"[size % 4]), sizeof text);
            text[0] = '"';
            text[1 + size] = special[kind];
            text[2 + size] = kind == 1 ? '\\' : '"';
            text[3 + size] = '"';
            text[kind == 0 ? 2 + size : 4 + size] = 0;
            if (kind > 1) {
                REFUSED (text);
                continue;
            }
            size_t length = kind == 0 ? size : size + 1, head = length < 32 ? 1 : 2;
            expected[0] = (char) (length < 32 ? 0xa0 + length : 0xd9);
            if (head == 2)
                expected[1] = (char) length;
            memcpy (expected + head, text + 1, length);
            check (text, expected, head + length);
        }
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (plain_values_become_their_shortest_form),
        cmocka_unit_test (containers_keep_their_order),
        cmocka_unit_test (long_containers_have_wider_heads),
        cmocka_unit_test (escapes_become_characters),
        cmocka_unit_test (what_is_no_json_is_refused),
        cmocka_unit_test (a_key_may_come_again_in_another_object),
        cmocka_unit_test (depth_and_number_of_values_have_limits),
        cmocka_unit_test (an_end_is_found_at_every_place),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
