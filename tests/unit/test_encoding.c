#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "proto/utf8.h"
#include "ventilator/encoding.h"

/* Converts and compares; `expected` NULL: it must be refused with `status`. */
static void check (const char *bytes, size_t size, const char *expected, const char *encoding, qw_status_t status)
{
    qw_buffer_t into = {0};
    qw_bytes_t text;
    char name[QW_ENCODING_NAME];
    qw_reason_t reason = {""};
    char *exact = malloc (size ? size : 1);
    assert_non_null (exact);
    memcpy (exact, bytes, size);
    assert_int_equal (qw_encoding_to_utf8 ((qw_bytes_t){exact, size}, 1000, &into, &text, name, &reason), status);
    if (expected) {
        assert_int_equal (text.size, strlen (expected));
        assert_memory_equal (text.data, expected, text.size);
        assert_string_equal (name, encoding);
    } else
        assert_true (strlen (reason.text) > 0);
    free (exact);
    qw_buffer_free (&into);
}

#define CHECK(bytes, expected, encoding) check ((bytes), sizeof (bytes) - 1, (expected), (encoding), QW_OK)
#define REFUSED(bytes, status) check ((bytes), sizeof (bytes) - 1, NULL, NULL, (status))

static void utf8_is_left_as_it_is (void **state)
{
    (void) state;
    CHECK ("plain\r\n", "plain\r\n", "");
    CHECK ("na\xc3\xafve \xe2\x80\x9cwords\xe2\x80\x9d \xf0\x9f\x93\xb0",
           "na\xc3\xafve \xe2\x80\x9cwords\xe2\x80\x9d \xf0\x9f\x93\xb0", "");
    CHECK ("", "", "");
}

static void a_byte_order_mark_is_removed_and_decides (void **state)
{
    (void) state;
    CHECK ("\xef\xbb\xbfHello", "Hello", "");
    CHECK ("\xff\xfeH\0\xe9\0", "H\xc3\xa9", "UTF-16LE");
    CHECK ("\xfe\xff\0H\0\xe9", "H\xc3\xa9", "UTF-16BE");
    CHECK ("\xff\xfe\0\0H\0\0\0", "H", "UTF-32LE");
    CHECK ("\0\0\xfe\xff\0\0\0H", "H", "UTF-32BE");
    CHECK ("\xff\xfe\x3d\xd8\xf0\xdc", "\xf0\x9f\x93\xb0", "UTF-16LE");
}

static void half_a_character_of_utf16_is_refused (void **state)
{
    (void) state;
    REFUSED ("\xff\xfeH\0i", QW_INVALID);
    REFUSED ("\xff\xfe\x3d\xd8", QW_INVALID);
    REFUSED ("\xff\xfe\x3d\xd8H\0", QW_INVALID);
}

static void windows_quotation_marks_in_english_are_recognised (void **state)
{
    (void) state;
    CHECK ("\x93We agree,\x94 she said \x96 and left. It\x92s done\x85",
           "\xe2\x80\x9cWe agree,\xe2\x80\x9d she said \xe2\x80\x93 and left. It\xe2\x80\x99s done\xe2\x80\xa6",
           "WINDOWS-1252");
    CHECK ("The minister met Andr\xe9 Dupont at a caf\xe9 in the old town on Monday.",
           "The minister met Andr\xc3\xa9 Dupont at a caf\xc3\xa9 in the old town on Monday.", "WINDOWS-1252");
}

static void texts_in_other_scripts_are_recognised (void **state)
{
    (void) state;
    /* "Президент встретился с министром иностранных дел в понедельник" in windows-1251 */
    CHECK (
        "\xcf\xf0\xe5\xe7\xe8\xe4\xe5\xed\xf2 \xe2\xf1\xf2\xf0\xe5\xf2\xe8\xeb\xf1\xff \xf1 \xec\xe8\xed\xe8\xf1\xf2\xf0\xee\xec "
        "\xe8\xed\xee\xf1\xf2\xf0\xe0\xed\xed\xfb\xf5 \xe4\xe5\xeb \xe2 \xef\xee\xed\xe5\xe4\xe5\xeb\xfc\xed\xe8\xea",
        "Президент встретился с министром иностранных дел в понедельник", "WINDOWS-1251");
}

static void english_with_marks_of_two_bytes_is_recognised (void **state)
{
    (void) state;
    CHECK ("\xa1\xb0We\xa1\xaf"
           "ve time,\xa1\xb1 he said \xa1\xaa on Monday.",
           "\xe2\x80\x9cWe\xe2\x80\x99ve time,\xe2\x80\x9d he said \xe2\x80\x94 on Monday.", "GB18030");
    CHECK ("\xa1\xb0We have time\xa1\xa6\xa1\xb1", "\xe2\x80\x9cWe have time\xe2\x80\xa6\xe2\x80\x9d", "EUC-KR");
}

static void bytes_that_are_no_text_are_refused (void **state)
{
    (void) state;
    REFUSED ("ab\0cd", QW_INVALID);
    REFUSED ("\xff\xfe\0\0\0\0\0\0", QW_INVALID);
    REFUSED ("\x89PNG\x01\x02\x03\x04\xff\xd8\x05\x06", QW_INVALID);
}

static void damaged_utf8_is_not_taken_for_another_encoding (void **state)
{
    (void) state;
    REFUSED ("\xe2\x80\x9cQuoted\xe2\x80\x9d and cut off \xe2\x80", QW_INVALID);
    REFUSED ("\xef\xbb\xbf with a mark, yet \xe9 alone", QW_INVALID);
}

static void the_limit_holds_before_and_after_conversion (void **state)
{
    (void) state;
    char bytes[1001];
    memset (bytes, 'a', sizeof bytes);
    check (bytes, 1001, NULL, NULL, QW_TOO_LARGE);
    bytes[500] = (char) 0xe9; /* two bytes in UTF-8 */
    check (bytes, 1000, NULL, NULL, QW_TOO_LARGE);
}

static void conversion_of_any_bytes_gives_utf8_or_a_reason (void **state)
{
    (void) state;
    uint32_t random = 12345;
    qw_buffer_t into = {0};
    int converted = 0, refused = 0;
    for (int round = 0; round < 3000; round++) {
        char bytes[64], name[QW_ENCODING_NAME];
        size_t size = (size_t) (round % 64);
        for (size_t i = 0; i < size; i++) {
            random = random * 1664525 + 1013904223;
            bytes[i] = (char) (random >> 24);
            if (random >> 8 & 7)
                bytes[i] = (char) ('a' + (bytes[i] & 15));
        }
        qw_bytes_t text;
        qw_reason_t reason = {""};
        if (qw_encoding_to_utf8 ((qw_bytes_t){bytes, size}, 1000, &into, &text, name, &reason) == QW_OK) {
            assert_true (qw_utf8_is_valid (text.data, text.size));
            converted++;
        } else {
            assert_true (reason.text[0] != 0);
            refused++;
        }
    }
    assert_true (converted > 100 && refused > 100);
    qw_buffer_free (&into);
}

static void wrong_bytes_are_spelt_out_for_a_person (void **state)
{
    (void) state;
    qw_buffer_t buffer = {0};
    qw_buffer_append_clean (&buffer, "caf\xe9 \xc3\xa9", 7);
    assert_string_equal (buffer.data, "caf\\xE9 \xc3\xa9");
    qw_buffer_free (&buffer);
}

static void white_space_alone_is_blank (void **state)
{
    (void) state;
    assert_true (qw_encoding_is_blank (QW_BYTES ("")));
    assert_true (qw_encoding_is_blank (QW_BYTES (" \t\r\n\xc2\xa0\xe2\x80\xa8\xe3\x80\x80")));
    assert_false (qw_encoding_is_blank (QW_BYTES (" \n.")));
    assert_false (qw_encoding_is_blank (QW_BYTES ("\xc3\xa9")));
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (utf8_is_left_as_it_is),
        cmocka_unit_test (a_byte_order_mark_is_removed_and_decides),
        cmocka_unit_test (half_a_character_of_utf16_is_refused),
        cmocka_unit_test (windows_quotation_marks_in_english_are_recognised),
        cmocka_unit_test (texts_in_other_scripts_are_recognised),
        cmocka_unit_test (english_with_marks_of_two_bytes_is_recognised),
        cmocka_unit_test (bytes_that_are_no_text_are_refused),
        cmocka_unit_test (damaged_utf8_is_not_taken_for_another_encoding),
        cmocka_unit_test (the_limit_holds_before_and_after_conversion),
        cmocka_unit_test (conversion_of_any_bytes_gives_utf8_or_a_reason),
        cmocka_unit_test (wrong_bytes_are_spelt_out_for_a_person),
        cmocka_unit_test (white_space_alone_is_blank),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
