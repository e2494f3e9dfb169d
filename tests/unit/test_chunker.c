#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/utf8.h"
#include "ventilator/chunker.h"
#include "ventilator/structure.h"

static uint32_t state_of_random = 2463534242u;

static uint32_t random_below (uint32_t limit)
{
    state_of_random ^= state_of_random << 13;
    state_of_random ^= state_of_random >> 17;
    state_of_random ^= state_of_random << 5;
    return state_of_random % limit;
}

/* Paragraphs are what blank lines part: enough for the chunker. `paragraphs` has room for 256. */
static size_t paragraphs_of (const char *text, size_t size, qw_paragraph_t *paragraphs)
{
    size_t count = 0;
    for (size_t at = 0; at < size && count < 256;) {
        const char *line_end = memchr (text + at, '\n', size - at);
        size_t end = line_end ? (size_t) (line_end - text) : size;
        if (end > at)
            paragraphs[count++] = (qw_paragraph_t){.span = {(uint32_t) at, (uint32_t) end}};
        at = end + 1;
    }
    return count;
}

static void assert_chunks (const char *text, size_t limit, const char *const *expected, size_t count)
{
    qw_paragraph_t paragraphs[256];
    qw_chunks_t chunks = {0};
    size_t size = strlen (text), start = 0;
    qw_chunker_cut (text, size, paragraphs, paragraphs_of (text, size, paragraphs), limit, &chunks);
    assert_int_equal (chunks.count, count);
    for (size_t i = 0; i < count; i++) {
        char chunk[1024];
        snprintf (chunk, sizeof chunk, "%.*s", (int) (chunks.ends[i] - start), text + start);
        assert_string_equal (chunk, expected[i]);
        start = chunks.ends[i];
    }
    qw_chunks_free (&chunks);
}

#define CHUNKS(text, limit, ...)                                                                                            \
    do {                                                                                                                    \
        const char *const expected[] = {__VA_ARGS__};                                                                       \
        assert_chunks ((text), (limit), expected, sizeof expected / sizeof *expected);                                      \
    } while (0)

#define TEN "123456789 "
#define SIXTY TEN TEN TEN TEN TEN TEN

static void what_fits_is_one_chunk (void **state)
{
    (void) state;
    CHUNKS ("", 64, "");
    CHUNKS ("short", 64, "short");
    CHUNKS (SIXTY "1234", 64, SIXTY "1234");
}

static void a_chunk_takes_the_whole_paragraphs_that_fit (void **state)
{
    (void) state;
    CHUNKS ("First one here.\n\nSecond one here.\n\nThird one is here.\n\nThe fourth one.\n", 64,
            "First one here.\n\nSecond one here.\n\nThird one is here.\n\n", "The fourth one.\n");
}

static void white_space_between_paragraphs_stays_with_the_chunk_before (void **state)
{
    (void) state;
    CHUNKS (TEN TEN TEN TEN TEN "\n\n  \n\n\nNext paragraph goes on for a while.", 64, TEN TEN TEN TEN TEN "\n\n  \n\n\n",
            "Next paragraph goes on for a while.");
}

static void a_large_paragraph_is_cut_behind_a_sentence (void **state)
{
    (void) state;
    CHUNKS ("One sentence stands here. \xe2\x80\x9cIs this the end?\xe2\x80\x9d Somebody asked it and went away again.", 64,
            "One sentence stands here. \xe2\x80\x9cIs this the end?\xe2\x80\x9d ", "Somebody asked it and went away again.");
    CHUNKS ("There is one sentence in here which ends (like this!) and then no more of it", 64,
            "There is one sentence in here which ends (like this!) and then ", "no more of it");
    CHUNKS ("There is one sentence in here which ends (like this.) And then no more of it", 64,
            "There is one sentence in here which ends (like this.) ", "And then no more of it");
    CHUNKS ("They heard it from somebody in the town, and from Gen. Peter Marlow", 64,
            "They heard it from somebody in the town, and from Gen. Peter ", "Marlow");
}

static void without_a_sentence_end_white_space_is_the_border (void **state)
{
    (void) state;
    CHUNKS (SIXTY "12345 end", 64, SIXTY, "12345 end");
}

static void without_white_space_characters_stay_whole (void **state)
{
    (void) state;
    /* 30 of two bytes and 2 of three: the 64th byte is inside of the last */
    CHUNKS ("éééééééééééééééééééééééééééééé€€€", 64, "éééééééééééééééééééééééééééééé€", "€€");
}

/* Texts of everything that can stand at a border. */
static size_t random_text (char *text, size_t capacity)
{
    static const char *const pieces[] = {"a",   "word",           " ",  " ",       "  ", "\n",   "\n\n", ". ",
                                         "? ",  "!\xe2\x80\x9d ", "é",  "漢",      "📰",  "\r\n", "\t",   "\"",
                                         "...", "Longerwordhere", ") ", "\xc2\xa0"};
    size_t size = 0, wanted = random_below ((uint32_t) capacity - 32);
    uint32_t kinds = 1 + random_below (sizeof pieces / sizeof *pieces);
    while (size < wanted) {
        const char *piece = pieces[random_below (kinds)];
        memcpy (text + size, piece, strlen (piece));
        size += strlen (piece);
    }
    return size;
}

static void chunks_of_any_text_keep_the_promises (void **state)
{
    (void) state;
    enum { CAPACITY = 4000 };
    char *text = malloc (CAPACITY);
    qw_paragraphs_t paragraphs = {0};
    qw_chunks_t chunks = {0};
    size_t at_paragraphs = 0;
    for (int round = 0; round < 3000; round++) {
        size_t size = random_text (text, CAPACITY), limit = 64 + random_below (400), start = 0;
        qw_structure_find (text, size, &paragraphs);
        qw_chunker_cut (text, size, paragraphs.items, paragraphs.count, limit, &chunks);
        assert_true (chunks.count > 0);
        assert_int_equal (chunks.ends[chunks.count - 1], size);
        for (size_t i = 0; i < chunks.count; i++) {
            size_t end = chunks.ends[i];
            assert_true (end > start || size == 0);
            assert_true (end - start <= limit);
            assert_true (qw_utf8_is_boundary (text, size, end));
            /* A border that could have been at a paragraph's start is there. */
            bool possible = false, is_start = end == size;
            for (size_t p = 0; p < paragraphs.count; p++) {
                size_t begin = paragraphs.items[p].span.start;
                possible |= begin > start && begin <= start + limit;
                is_start |= begin == end;
            }
            assert_true (is_start || !possible);
            at_paragraphs += possible && end < size;
            start = end;
        }
    }
    assert_true (at_paragraphs > 1000);
    qw_chunks_free (&chunks);
    qw_paragraphs_free (&paragraphs);
    free (text);
}

static void a_dateline_stays_with_what_it_begins (void **state)
{
    (void) state;
    const char *text = "A first paragraph that is here, some words.\nSEOUL (XY) - The rest of it, which runs on and on.";
    qw_paragraph_t paragraphs[] = {
        {{0, 43}, QW_ROLE_BODY}, {{44, 56}, QW_ROLE_DATELINE}, {{57, (uint32_t) strlen (text)}, QW_ROLE_BODY}};
    qw_chunks_t chunks = {0};
    qw_chunker_cut (text, strlen (text), paragraphs, 3, 64, &chunks);
    assert_int_equal (chunks.count, 2);
    assert_int_equal (chunks.ends[0], 44);
    qw_chunks_free (&chunks);
}

static void paragraphs_of_a_chunk_are_relative_to_it_and_cut_at_it (void **state)
{
    (void) state;
    const qw_paragraph_t all[] = {{{0, 10}, QW_ROLE_HEADLINE}, {{12, 50}, QW_ROLE_BODY}, {{52, 60}, QW_ROLE_CAPTION}};
    qw_paragraph_t inside[4];
    assert_int_equal (qw_chunker_paragraphs (all, 3, 0, 30, inside), 2);
    assert_int_equal (inside[0].role, QW_ROLE_HEADLINE);
    assert_int_equal (inside[1].span.start, 12);
    assert_int_equal (inside[1].span.end, 30);
    assert_int_equal (qw_chunker_paragraphs (all, 3, 30, 60, inside), 2);
    assert_int_equal (inside[0].span.start, 0);
    assert_int_equal (inside[0].span.end, 20);
    assert_int_equal (inside[1].role, QW_ROLE_CAPTION);
    assert_int_equal (inside[1].span.start, 22);
    assert_int_equal (inside[1].span.end, 30);
    assert_int_equal (qw_chunker_paragraphs (all, 3, 50, 52, inside), 0);
    assert_int_equal (qw_chunker_paragraphs (all, 0, 0, 60, inside), 0);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (what_fits_is_one_chunk),
        cmocka_unit_test (a_chunk_takes_the_whole_paragraphs_that_fit),
        cmocka_unit_test (white_space_between_paragraphs_stays_with_the_chunk_before),
        cmocka_unit_test (a_large_paragraph_is_cut_behind_a_sentence),
        cmocka_unit_test (without_a_sentence_end_white_space_is_the_border),
        cmocka_unit_test (without_white_space_characters_stay_whole),
        cmocka_unit_test (chunks_of_any_text_keep_the_promises),
        cmocka_unit_test (a_dateline_stays_with_what_it_begins),
        cmocka_unit_test (paragraphs_of_a_chunk_are_relative_to_it_and_cut_at_it),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
