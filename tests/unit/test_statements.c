/*  test_statements.c - which quotations are the same statement. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sink/resolve/statements.h"

static qw_statements_t *statements;
static qw_layers_t *layers;

static int set_up (void **unused)
{
    (void) unused;
    statements = qw_statements_new ();
    layers = qw_layers_new ();
    return 0;
}

static int tear_down (void **unused)
{
    (void) unused;
    qw_statements_destroy (&statements);
    qw_layers_destroy (&layers);
    return 0;
}

/* Takes `text` for a quotation of the cluster with this key; NULL: of nobody known. */
static uint64_t statement_of (const char *key, const char *text)
{
    qw_layers_clear (layers);
    qw_quote_t *quote = qw_layers_add_quote (layers);
    quote->span = (qw_span_t){0, (uint32_t) strlen (text)};
    if (key) {
        qw_cluster_t *cluster = qw_layers_add_cluster (layers);
        cluster->type = strncmp (key, "person:", 7) == 0 ? QW_PERSON : QW_ORG;
        cluster->key = qw_layers_add_string (layers, key, strlen (key));
        quote->cluster = 0;
    }
    qw_statements_find (statements, text, layers);
    return layers->quotes[0].statement;
}

static void assert_same (const char *a, const char *b)
{
    assert_int_equal (statement_of ("person:anna-kowalska", a), statement_of ("person:anna-kowalska", b));
}

static void assert_different (const char *a, const char *b)
{
    assert_int_not_equal (statement_of ("person:anna-kowalska", a), statement_of ("person:anna-kowalska", b));
}

static void marks_case_and_little_words_do_not_matter (void **unused)
{
    (void) unused;
    assert_same ("\"The dam is safe, and we will open it on Friday.\"",
                 "\xe2\x80\x9cThe dam is safe and we will open it on Friday,\xe2\x80\x9d");
    assert_same ("\"The dam is safe, and we'll open it on Friday.\"",
                 "that the dam was safe and they would open it on Friday");
    assert_same ("\"Don\xe2\x80\x99t drink the water!\"", "DON'T DRINK THE WATER");
}

static void other_words_are_another_statement (void **unused)
{
    (void) unused;
    assert_different ("\"The dam is safe.\"", "\"The dam is full.\"");
    assert_different ("\"The dam is safe.\"", "\"The dam.\"");
    assert_different ("\"Water is life.\"", "\"Life.\"");
}

static void what_follows_the_first_sentence_does_not_matter (void **unused)
{
    (void) unused;
    assert_same ("\"We opened the lower gates before the river could rise. Nobody was told.\"",
                 "\"We opened the lower gates before the river could rise.\"");
    assert_different ("\"It rained. We opened the lower gates.\"", "\"It rained. We closed the upper gates.\"");
}

static void of_most_changes_of_one_word_nothing_is_seen (void **unused)
{
    (void) unused;
    static const char *const words[] = {"engineers", "opened",  "lower", "gates", "evening", "river", "climbed",
                                        "metres",    "flooded", "cellars", "market", "square"};
    enum { COUNT = sizeof words / sizeof *words };
    unsigned same = 0;
    char whole[512], changed[512];
    for (int at = -1; at < COUNT; at++) {
        char *text = at < 0 ? whole : changed;
        text[0] = 0;
        for (int i = 0; i < COUNT; i++) {
            strcat (text, i == at ? "dragons" : words[i]);
            strcat (text, " the ");
        }
        same += at >= 0 && statement_of ("person:moyo", whole) == statement_of ("person:moyo", changed);
    }
    assert_in_range (same, COUNT - 5, COUNT - 1);
}

static void speakers_are_told_apart_but_not_the_forms_of_a_name (void **unused)
{
    (void) unused;
    static const char words[] = "\"We did not know.\"";
    assert_int_equal (statement_of ("person:anna-kowalska", words), statement_of ("person:kowalska", words));
    assert_int_not_equal (statement_of ("person:anna-kowalska", words), statement_of ("person:daniel-moyo", words));
    assert_int_not_equal (statement_of ("org:water-board", words), statement_of ("org:school-board", words));
    assert_int_not_equal (statement_of ("org:water-board", words), statement_of (NULL, words));
}

static void little_words_alone_are_a_statement_too (void **unused)
{
    (void) unused;
    assert_different ("\"It is what it is.\"", "\"You are what you are.\"");
    assert_int_not_equal (statement_of (NULL, "\"Yes, we can.\""), 0);
    assert_int_equal (statement_of (NULL, "\"...!\""), 0);
}

static void both_parts_around_a_cue_are_one_statement (void **unused)
{
    (void) unused;
    static const char text[] = "\"The dam held,\" she said, \"but the mill is gone.\" "
                               "\"The mill is gone,\" she said. \"Nobody came.\"";
    uint64_t whole = statement_of (NULL, "\"The dam held, but the mill is gone.\"");
    qw_layers_clear (layers);
    static const qw_span_t spans[] = {{0, 15}, {26, 48}, {49, 68}, {79, 93}};
    static const qw_span_t cues[] = {{20, 24}, {20, 24}, {73, 77}, {73, 77}};
    for (int i = 0; i < 4; i++) {
        qw_quote_t *quote = qw_layers_add_quote (layers);
        quote->span = spans[i];
        quote->cue = cues[i];
    }
    qw_statements_find (statements, text, layers);
    assert_int_equal (layers->quotes[0].statement, whole);
    assert_int_equal (layers->quotes[1].statement, whole);
    assert_int_not_equal (layers->quotes[2].statement, layers->quotes[3].statement); /* a new sentence is a new statement */
}

/* Numbers stand in corpora: they may not change unless the layer's version does. */
static void numbers_stay_what_they_are (void **unused)
{
    (void) unused;
    assert_int_equal (statement_of ("person:anna-kowalska", "\"The wells are clean, and we drink the water ourselves.\""),
                      0xa0e0d44fc3);
    assert_int_equal (statement_of (NULL, "na\xc3\xafve \xe6\xb0\xb4 2019"), 0xbfa152edf8);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (marks_case_and_little_words_do_not_matter),
        cmocka_unit_test (other_words_are_another_statement),
        cmocka_unit_test (what_follows_the_first_sentence_does_not_matter),
        cmocka_unit_test (of_most_changes_of_one_word_nothing_is_seen),
        cmocka_unit_test (speakers_are_told_apart_but_not_the_forms_of_a_name),
        cmocka_unit_test (little_words_alone_are_a_statement_too),
        cmocka_unit_test (both_parts_around_a_cue_are_one_statement),
        cmocka_unit_test (numbers_stay_what_they_are),
    };
    return cmocka_run_group_tests (tests, set_up, tear_down);
}
