/*  test_structure.c - paragraphs and their roles. The articles of tests/articles stand in structure.tsv with the role of
    each paragraph; smaller texts say what single rules must do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/utf8.h"
#include "ventilator/structure.h"
#include "ventilator/structure_line.h"

enum { LARGEST_ARTICLE = 1 << 16 };

/* Writes the roles as names with spaces between them. The caller frees it. */
static char *roles_of (const char *text, size_t size)
{
    qw_paragraphs_t paragraphs = {0};
    qw_structure_find (text, size, &paragraphs);
    char *out = calloc (paragraphs.count + 1, 16);
    assert_non_null (out);
    for (size_t i = 0; i < paragraphs.count; i++) {
        strcat (out, i ? " " : "");
        strcat (out, qw_role_name (paragraphs.items[i].role));
    }
    qw_paragraphs_free (&paragraphs);
    return out;
}

static void assert_roles (const char *text, const char *wanted)
{
    char *roles = roles_of (text, strlen (text));
    assert_string_equal (roles, wanted);
    free (roles);
}

/* The text of paragraph `i`. */
static void assert_paragraph (const char *text, size_t i, const char *wanted)
{
    qw_paragraphs_t paragraphs = {0};
    qw_structure_find (text, strlen (text), &paragraphs);
    assert_true (i < paragraphs.count);
    qw_span_t span = paragraphs.items[i].span;
    assert_int_equal (qw_span_size (span), strlen (wanted));
    assert_memory_equal (text + span.start, wanted, strlen (wanted));
    qw_paragraphs_free (&paragraphs);
}

#define BODY "The council said on Monday that it would build the bridge after all."

static void every_paragraph_of_the_articles_has_its_role (void **state)
{
    (void) state;
    FILE *table = fopen ("tests/articles/structure.tsv", "r");
    assert_non_null (table);
    char *line = NULL, *text = malloc (LARGEST_ARTICLE);
    size_t capacity = 0;
    int articles = 0;
    assert_non_null (text);
    for (ssize_t size; (size = getline (&line, &capacity, table)) > 0;) {
        if (line[0] == '#')
            continue;
        line[strcspn (line, "\n")] = 0;
        char *wanted = strchr (line, '\t');
        assert_non_null (wanted);
        *wanted++ = 0;
        char path[300];
        snprintf (path, sizeof path, "tests/articles/%s", line);
        FILE *file = fopen (path, "rb");
        assert_non_null (file);
        char *roles = roles_of (text, fread (text, 1, LARGEST_ARTICLE, file));
        fclose (file);
        if (strcmp (roles, wanted) != 0)
            fail_msg ("%s: %s instead of %s", line, roles, wanted);
        free (roles);
        articles++;
    }
    free (line);
    free (text);
    fclose (table);
    assert_true (articles >= 20);
}

static void paragraphs_end_at_line_ends_of_any_kind (void **state)
{
    (void) state;
    static const char *const ends[] = {"\n", "\n\n", "\r\n", "\r\n\r\n", "\r", "\n \n\t\n", "\xe2\x80\xa9", " \xc2\xa0\n"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char text[600];
        snprintf (text, sizeof text, "%sTown gets its bridge%s" BODY "%s“It is late,” said Mayor Ann Roe.%s", ends[i],
                  ends[i], ends[i], ends[i]);
        assert_roles (text, "headline body body");
        assert_paragraph (text, 1, BODY);
        assert_paragraph (text, 2, "“It is late,” said Mayor Ann Roe.");
    }
}

static void lines_cut_at_a_fixed_width_are_one_paragraph (void **state)
{
    (void) state;
    static const char text[] =
        "Bridge opens\n\nThe bridge, which was promised for the spring of last\nyear, opened at noon on "
        "Friday with a band and several\nspeeches, none of which could be heard over the wind and\nthe rain "
        "of a long winter.\n\nNobody fell in, the mayor said later. It was a good day\nfor the town and, she "
        "added, for the makers of\numbrellas.\n";
    assert_roles (text, "headline body body");
    assert_paragraph (
        text, 2,
        "Nobody fell in, the mayor said later. It was a good day\nfor the town and, she added, for the makers of\n"
        "umbrellas.");
}

static void a_dateline_before_the_story_is_a_paragraph_of_its_own (void **state)
{
    (void) state;
    static const char *const datelines[] = {
        "SEOUL, South Korea (AP) —", "MOSCOW, Nov. 18 (UPI) --", "NEW DELHI:", "LONDON (Reuters) -", "WASHINGTON —",
        "Nairobi, Kenya (AFP) –", "(Reuters) -", "OSLO, June 17 -", "ST. JOHN'S, N.L. —", "SÃO PAULO (EFE) —"};
    for (size_t i = 0; i < sizeof datelines / sizeof *datelines; i++) {
        char text[400];
        snprintf (text, sizeof text, "%s " BODY "\n\nNo one else said a word about it on that day.", datelines[i]);
        assert_roles (text, "dateline body body");
        assert_paragraph (text, 0, datelines[i]);
        assert_paragraph (text, 1, BODY);
    }
}

static void what_only_looks_like_a_dateline_stays_in_the_body (void **state)
{
    (void) state;
    static const char *const texts[] = {
        "The United Nations - which was founded in 1945 - said that it would look into the matter.",
        "He said it plainly: there was nothing to be done about the roof.",
        "NATO said on Friday that it would not — for now, at least — send anyone.",
        "\"NO — never,\" said the man who owns the field behind the church."};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_roles (texts[i], "body");
    assert_roles (BODY
                  "\nHOST: Who paid for it, in the end, and who did not?\nROE: The town paid for it, as it always does.",
                  "body body body");
}

static void labels_of_the_page_are_boilerplate (void **state)
{
    (void) state;
    static const char *const labels[] = {
        "Advertisement", "ADVERTISEMENT", "Read More: How bridges fall", "Share this article", "![]() |",
        "Your email address will not be published. Required fields are marked *", "Latest Headlines",
        "© 2025 The Gazette. All rights reserved.", "Related:", "https://example.com/story", "Home > News > Local",
        "Sign up for our newsletter", "* * *", "(Ends)"};
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
        char text[600];
        snprintf (text, sizeof text, BODY "\n%s\n" BODY, labels[i]);
        assert_roles (text, "body boilerplate body");
    }
}

static void bylines_dates_and_captions_are_found (void **state)
{
    (void) state;
    assert_roles ("Town gets its bridge\nBy Ann Roe and JOHN DOE\nPosted: Nov 14, 2014 4:26 AM\n" BODY
                  "\nAssociated Press writer Lee Poe in Oslo contributed to this report.",
                  "headline byline dateline body byline");
    assert_roles ("FILE - The bridge in Roeville, seen in 2012, before it fell.\nTown gets its bridge\nMaria Roe\n" BODY,
                  "caption headline byline body");
    assert_roles ("The mayor opens the bridge, Monday. / Yonhap\n" BODY "\n(Reporting by Lee Poe; Editing by Ann Roe)",
                  "caption body byline");
    assert_roles (
        "Mayor Roe, pictured in May, did not jump. (UPI/Poe)\nMayor Roe, pictured in May, did not jump. (UPI/Poe)\n" BODY,
        "caption caption body");
    assert_roles ("Town gets its bridge\nFriday, 3 May 2024\n" BODY, "headline dateline body");
}

static void a_bracket_at_the_end_is_not_always_a_credit (void **state)
{
    (void) state;
    assert_roles ("The mayor opens the bridge on Monday. (Supplied: Ann Roe)\n" BODY, "caption body");
    assert_roles (BODY " It was built to last (read: to be admired).\n(Also on Page 4: More bridges)\n" BODY,
                  "body boilerplate body");
}

static void a_transcript_has_no_dateline (void **state)
{
    (void) state;
    assert_roles (
        "ANN ROE: Who paid for the bridge, and who did not pay?\nLEE POE: The town did, as it always does and will.\n" BODY,
        "body body body");
}

static void short_paragraphs_of_the_story_stay_in_the_body (void **state)
{
    (void) state;
    assert_roles (BODY
                  "\nHe smiled.\n“No.”\nIt has three parts:\n- the road\n- the rail\nAnd then he left the room at once.",
                  "body body body body body body body");
}

static void a_headline_may_stand_twice_and_headings_between (void **state)
{
    (void) state;
    assert_roles ("Town gets its bridge\nTown gets its bridge\n" BODY "\nA long wait\n" BODY "\nTown gets its bridge",
                  "headline headline body headline body boilerplate");
    assert_roles (BODY "\n15 Days Till The Other Bridge Falls\n" BODY, "body boilerplate body");
}

static void text_without_paragraphs_gives_none (void **state)
{
    (void) state;
    assert_roles ("", "");
    assert_roles (" \n\r\n\t\xc2\xa0\n\xe2\x80\x8b\n", "");
}

static uint64_t random_state = 0x853c49e6748fea9bu;

static uint32_t next_random (uint32_t below)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t) (random_state >> 33) % below;
}

static void paragraphs_cover_any_text (void **state)
{
    (void) state;
    static const char *const pieces[] = {
        " ", "\n", "\n\n", "\r\n", "\r", "\xe2\x80\xa8", "\xc2\xa0", "\xe2\x80\x8b", "A", "said", "By ", "SEOUL",
        " (AP)", " —", " - ", ":", ".", "\"", "”", "Nov. 3", "2014", "/ Yonhap", "@", "(", ")", "Photo: ", "백",
        "\xf0\x9f\x91\x8d", "©", "- ", "Advertisement", "* * *", " > ", "\xcc\x81", "é", "contributed to this report"};
    qw_paragraphs_t paragraphs = {0};
    for (int round = 0; round < 30000; round++) {
        char text[1024];
        size_t size = 0;
        for (uint32_t n = next_random (50); n > 0; n--) {
            const char *piece = pieces[next_random (sizeof pieces / sizeof *pieces)];
            if (size + strlen (piece) > sizeof text)
                break;
            memcpy (text + size, piece, strlen (piece));
            size += strlen (piece);
        }
        qw_structure_find (text, size, &paragraphs);
        uint32_t at = 0;
        for (size_t i = 0; i <= paragraphs.count; i++) {
            qw_span_t span = i < paragraphs.count ? paragraphs.items[i].span : (qw_span_t){(uint32_t) size, (uint32_t) size};
            assert_true (span.start >= at && span.end <= size && (i == paragraphs.count || span.start < span.end));
            for (uint32_t space; at < span.start; at += space)
                assert_true ((space = qw_structure_space (text, at, (uint32_t) size)) > 0);
            assert_true (qw_utf8_is_boundary (text, size, span.start) && qw_utf8_is_boundary (text, size, span.end));
            at = span.end;
        }
        for (size_t i = 0; i < paragraphs.count; i++)
            assert_true (paragraphs.items[i].role < QW_ROLE_COUNT);
    }
    qw_paragraphs_free (&paragraphs);
}

/* Two megabytes of short lines, and of one line: quadratic code would take hours. */
static void large_texts_of_any_shape_are_read (void **state)
{
    (void) state;
    static const char *const patterns[] = {
        "a\n", "Title\n", "\n", "x", "photo ", "By A\n", "\r", "said he.\n", "(", "\xc2\xa0"};
    qw_paragraphs_t paragraphs = {0};
    size_t size = 2 << 20;
    char *text = malloc (size);
    assert_non_null (text);
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        size_t length = strlen (patterns[i]), used = size / length * length, lines = 0;
        for (size_t at = 0; at < used; at += length)
            memcpy (text + at, patterns[i], length);
        qw_structure_find (text, used, &paragraphs);
        for (size_t at = 0; at < used; at++)
            lines += text[at] == '\n';
        bool blank = patterns[i][0] == '\n' || patterns[i][0] == '\r' || patterns[i][0] == '\xc2';
        assert_int_equal (paragraphs.count, blank ? 0 : lines ? lines : 1);
    }
    free (text);
    qw_paragraphs_free (&paragraphs);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (every_paragraph_of_the_articles_has_its_role),
        cmocka_unit_test (paragraphs_end_at_line_ends_of_any_kind),
        cmocka_unit_test (lines_cut_at_a_fixed_width_are_one_paragraph),
        cmocka_unit_test (a_dateline_before_the_story_is_a_paragraph_of_its_own),
        cmocka_unit_test (what_only_looks_like_a_dateline_stays_in_the_body),
        cmocka_unit_test (labels_of_the_page_are_boilerplate),
        cmocka_unit_test (bylines_dates_and_captions_are_found),
        cmocka_unit_test (a_bracket_at_the_end_is_not_always_a_credit),
        cmocka_unit_test (a_transcript_has_no_dateline),
        cmocka_unit_test (short_paragraphs_of_the_story_stay_in_the_body),
        cmocka_unit_test (a_headline_may_stand_twice_and_headings_between),
        cmocka_unit_test (text_without_paragraphs_gives_none),
        cmocka_unit_test (paragraphs_cover_any_text),
        cmocka_unit_test (large_texts_of_any_shape_are_read),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
