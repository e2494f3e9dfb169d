/*  UTF-8: against a plain decoder, over every code point and random bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/utf8.h"

static uint64_t state = 1234567;

static uint32_t random_below (uint32_t limit)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t) (state >> 33) % limit;
}

static size_t encode (uint32_t point, char *at)
{
    if (point < 0x80)
        return at[0] = (char) point, 1;
    if (point < 0x800)
        return at[0] = (char) (0xc0 | point >> 6), at[1] = (char) (0x80 | (point & 63)), 2;
    if (point < 0x10000)
        return at[0] = (char) (0xe0 | point >> 12), at[1] = (char) (0x80 | (point >> 6 & 63)),
               at[2] = (char) (0x80 | (point & 63)), 3;
    at[0] = (char) (0xf0 | point >> 18);
    at[1] = (char) (0x80 | (point >> 12 & 63));
    at[2] = (char) (0x80 | (point >> 6 & 63));
    at[3] = (char) (0x80 | (point & 63));
    return 4;
}

static void every_code_point_is_valid_but_surrogates (void **unused)
{
    (void) unused;
    for (uint32_t point = 0; point < 0x110000; point++) {
        char text[4];
        size_t size = encode (point, text), taken;
        bool valid = point < 0xd800 || point > 0xdfff;
        assert_int_equal (qw_utf8_is_valid (text, size), valid);
        assert_int_equal (qw_utf8_valid_prefix (text, size - 1), 0);
        if (!valid)
            continue;
        assert_int_equal (qw_utf8_decode (text, size, &taken), point);
        assert_int_equal (taken, size);
        assert_int_equal (qw_utf8_length (text, size), 1);
    }
}

static void broken_forms_are_found_at_their_byte (void **unused)
{
    (void) unused;
    static const struct {
        const char *text;
        size_t size, valid;
    } cases[] = {
        {"", 0, 0},
        {"plain ascii", 11, 11},
        {"abc\x80", 4, 3},
        {"abcdefghij\xff", 11, 10},
        {"\xc0\xaf", 2, 0},                   /* overlong */
        {"\xe0\x9f\xbf", 3, 0},               /* overlong */
        {"\xf0\x8f\xbf\xbf", 4, 0},           /* overlong */
        {"\xf4\x90\x80\x80", 4, 0},           /* beyond U+10FFFF */
        {"\xed\xa0\x80", 3, 0},               /* a surrogate */
        {"ok \xe2\x82", 5, 3},                /* cut off */
        {"ok \xe2\x82\xac\xc3", 7, 6},        /* cut off behind a good one */
        {"\xe2\x82\xac\xe2\x28\xa1", 6, 3},   /* a letter inside */
        {"nul\0nul", 7, 7},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal (qw_utf8_valid_prefix (cases[i].text, cases[i].size), cases[i].valid);
}

/* One byte after the other, as RFC 3629 has it. */
static size_t plain_valid_prefix (const unsigned char *s, size_t size)
{
    size_t i = 0;
    while (i < size) {
        unsigned length = s[i] < 0x80                 ? 1
                        : s[i] >= 0xc2 && s[i] < 0xe0 ? 2
                        : s[i] >= 0xe0 && s[i] < 0xf0 ? 3
                        : s[i] >= 0xf0 && s[i] < 0xf5 ? 4
                                                      : 0;
        if (length == 0 || i + length > size)
            return i;
        for (unsigned j = 1; j < length; j++)
            if (s[i + j] < 0x80 || s[i + j] > 0xbf)
                return i;
        if ((s[i] == 0xe0 && s[i + 1] < 0xa0) || (s[i] == 0xed && s[i + 1] > 0x9f) || (s[i] == 0xf0 && s[i + 1] < 0x90)
            || (s[i] == 0xf4 && s[i + 1] > 0x8f))
            return i;
        i += length;
    }
    return i;
}

static void random_bytes_are_judged_as_by_the_plain_decoder (void **unused)
{
    (void) unused;
    for (int round = 0; round < 100000; round++) {
        size_t size = random_below (40);
        unsigned char *text = malloc (size + 1);
        for (size_t i = 0; i < size; i++)
            text[i] = (unsigned char) (random_below (4) ? 'a' + random_below (26) : random_below (256));
        for (size_t i = 0; i + 3 < size && random_below (2); i += 1 + random_below (8))
            i += encode (0x80 + random_below (0x10ff00), (char *) text + i) - 1;
        assert_int_equal (qw_utf8_valid_prefix ((char *) text, size), plain_valid_prefix (text, size));
        free (text);
    }
}

static void positions_convert_both_ways (void **unused)
{
    (void) unused;
    qw_utf8_index_t index = {0};
    for (int round = 0; round < 300; round++) {
        size_t size = 0, points = random_below (400);
        char *text = malloc (4 * points + 4);
        uint32_t *starts = malloc ((points + 1) * sizeof *starts);
        uint32_t kinds[] = {0x7f, 0x7ff, 0xd7ff, 0x10ffff};
        for (size_t i = 0; i < points; i++) {
            starts[i] = (uint32_t) size;
            uint32_t point = random_below (kinds[round % 4]) + 1;
            size += encode (point >= 0xd800 && point <= 0xdfff ? 'x' : point, text + size);
        }
        starts[points] = (uint32_t) size;
        qw_utf8_index_reset (&index, text, size);
        assert_int_equal (index.length, points);
        for (uint32_t i = 0; i <= points; i++) {
            assert_int_equal (qw_utf8_index_byte (&index, i), starts[i]);
            assert_int_equal (qw_utf8_index_point (&index, starts[i]), i);
        }
        free (starts);
        free (text);
    }
    qw_utf8_index_free (&index);
}

static void boundaries_are_where_characters_begin (void **unused)
{
    (void) unused;
    const char *text = "a\xc3\xa9\xe2\x82\xac";
    bool expected[] = {true, true, false, true, false, false, true};
    for (size_t i = 0; i <= 6; i++)
        assert_int_equal (qw_utf8_is_boundary (text, 6, i), expected[i]);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (every_code_point_is_valid_but_surrogates),
        cmocka_unit_test (broken_forms_are_found_at_their_byte),
        cmocka_unit_test (random_bytes_are_judged_as_by_the_plain_decoder),
        cmocka_unit_test (positions_convert_both_ways),
        cmocka_unit_test (boundaries_are_where_characters_begin),
    };
    return cmocka_run_group_tests_name ("utf8", tests, NULL, NULL);
}
