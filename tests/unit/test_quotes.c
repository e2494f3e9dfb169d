/*  test_quotes.c - quotations, their cues and speakers. An expectation is one line a quotation: the first letter of its
   type, then span, cue, speaker and, where there is one, who relayed it, separated by " | "; "-" is an empty span. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ventilator/structure.h"
#include "workers/fused.h"
#include "workers/quotes/units.h"

typedef struct {
    qw_fused_t *fused;
    qw_layers_t *layers;
    qw_marks_t marks;
    char found[8192];
} fixture_t;

static int set_up (void **state)
{
    fixture_t *self = calloc (1, sizeof *self);
    assert_non_null (self);
    qw_reason_t reason;
    self->fused = qw_fused_new (7, "workers/models", &reason);
    if (!self->fused)
        fail_msg ("%s", reason.text);
    self->layers = qw_layers_new ();
    *state = self;
    return 0;
}

static int tear_down (void **state)
{
    fixture_t *self = *state;
    qw_fused_destroy (&self->fused);
    qw_layers_destroy (&self->layers);
    qw_marks_free (&self->marks);
    free (self);
    return 0;
}

static void write_span (char *to, size_t room, const char *text, qw_span_t span, const char *before)
{
    size_t used = strlen (to);
    if (qw_span_is_empty (span))
        snprintf (to + used, room - used, "%s-", before);
    else
        snprintf (to + used, room - used, "%s%.*s", before, (int) qw_span_size (span), text + span.start);
}

/* Annotates the text as one body paragraph a line and writes down the quotes. */
static const char *quotes_in (fixture_t *self, const char *text, qw_role_t role)
{
    qw_paragraph_t paragraphs[32];
    size_t count = 0;
    for (const char *at = text; *at;) {
        size_t size = strcspn (at, "\n");
        if (size)
            paragraphs[count++] =
                (qw_paragraph_t){{(uint32_t) (at - text), (uint32_t) (at - text + (ptrdiff_t) size)}, role};
        at += size + (at[size] == '\n');
    }
    qw_chunk_t chunk = {text, strlen (text), paragraphs, count, false};
    qw_reason_t reason;
    assert_int_equal (qw_fused_annotate (self->fused, &chunk, self->layers, &reason), QW_OK);
    self->found[0] = 0;
    for (size_t i = 0; i < self->layers->quote_count; i++) {
        const qw_quote_t *quote = &self->layers->quotes[i];
        size_t used = strlen (self->found), room = sizeof self->found;
        snprintf (self->found + used, room - used, "%s%c", i ? "\n" : "", *qw_quote_type_name (quote->type));
        write_span (self->found, room, text, quote->span, " | ");
        write_span (self->found, room, text, quote->cue, " | ");
        write_span (self->found, room, text, quote->speaker_mention, " | ");
        if (!qw_span_is_empty (quote->via))
            write_span (self->found, room, text, quote->via, " | ");
    }
    return self->found;
}

static void expect (void **state, const char *text, const char *quotes)
{
    assert_string_equal (quotes_in (*state, text, QW_ROLE_BODY), quotes);
}

static void a_quotation_in_marks_keeps_them (void **state)
{
    expect (state, "“The bridge is closed until spring,” Maria Keller said.",
            "d | “The bridge is closed until spring,” | said | Maria Keller");
    expect (state, "\"The bridge is closed until spring,\" Maria Keller said.",
            "d | \"The bridge is closed until spring,\" | said | Maria Keller");
    expect (state, "''The bridge is closed until spring,'' Maria Keller said.",
            "d | ''The bridge is closed until spring,'' | said | Maria Keller");
    expect (state, "‘The bridge is closed until spring,’ Maria Keller said.",
            "d | ‘The bridge is closed until spring,’ | said | Maria Keller");
}

static void mismatched_marks_belong_together (void **state)
{
    expect (state, "“The bridge is closed until spring,\" Maria Keller said.",
            "d | “The bridge is closed until spring,\" | said | Maria Keller");
}

static void a_cue_splits_a_quotation_in_two (void **state)
{
    expect (state, "“We waited all night,” the captain said. “Nobody came for us.”",
            "d | “We waited all night,” | said | the captain\nd | “Nobody came for us.” | said | the captain");
}

static void an_inverted_cue_finds_the_name_behind_it (void **state)
{
    expect (state, "“The water is safe to drink,” said Anna Kowalska, a chemist who tested the wells.",
            "d | “The water is safe to drink,” | said | Anna Kowalska");
}

static void an_indirect_quotation_is_the_clause (void **state)
{
    expect (state, "The minister said that the dam would be emptied by Friday.",
            "i | that the dam would be emptied by Friday | said | The minister");
    expect (state, "The dam will be emptied by Friday, officials said.",
            "i | The dam will be emptied by Friday | said | officials");
    expect (state, "The dam will be emptied by Friday, according to the water board.",
            "i | The dam will be emptied by Friday | according | the water board");
}

static void words_in_marks_inside_a_clause_make_it_mixed (void **state)
{
    expect (state, "The mayor said the plan was “a disaster for the harbour”.",
            "m | the plan was “a disaster for the harbour” | said | The mayor");
}

static void a_far_subject_is_the_speaker_of_a_participle (void **state)
{
    expect (state, "President Daniel Moyo left the hall on Monday, saying the country needs more time.",
            "i | the country needs more time | saying | Daniel Moyo");
}

static void a_paper_that_quotes_somebody_relays (void **state)
{
    expect (state, "Radio Lagoon quoted a witness as saying the ferry had left without its crew.",
            "i | the ferry had left without its crew | saying | a witness | Radio Lagoon");
}

/* Read past the beginning of the sentence's words once. */
static void quotes_may_be_taken_for_a_noun_at_the_very_start (void **state)
{
    expect (state, "Harbour state television quotes central bank chief Ebrahim Venn as saying Holm lodged the complaint.",
            "i | Holm lodged the complaint | saying | Ebrahim Venn");
}

static void a_title_or_a_nickname_is_no_quotation (void **state)
{
    expect (state, "Her novel “The Salt Path Home” sold out in two weeks.", "");
    expect (state, "Tomas “The Hammer” Novak won the second round.", "");
}

static void boilerplate_and_headlines_are_left_alone (void **state)
{
    const char *text = "“The bridge is closed until spring,” Maria Keller said.";
    assert_string_equal (quotes_in (*state, text, QW_ROLE_BOILERPLATE), "");
    assert_string_equal (quotes_in (*state, text, QW_ROLE_HEADLINE), "");
}

static void a_quotation_may_run_over_paragraphs (void **state)
{
    fixture_t *self = *state;
    quotes_in (self,
               "“We built it ourselves, stone by stone,” Keller said. “And we will keep it.\n“Nobody will take it away "
               "from us.”",
               QW_ROLE_BODY);
    assert_int_equal (self->layers->quote_count, 3);
    assert_false (self->layers->quotes[0].runs_on);
    assert_true (self->layers->quotes[1].runs_on);
    assert_false (self->layers->quotes[2].runs_on);
    assert_false (self->layers->quotes[2].opens_before);
}

static qw_marks_t *marks_in (fixture_t *self, const char *text, bool inside)
{
    self->marks.count = 0;
    qw_marks_find (&self->marks, text, (qw_span_t){0, (uint32_t) strlen (text)}, inside);
    return &self->marks;
}

static void marks_that_close_what_began_before_are_known_as_such (void **state)
{
    qw_marks_t *marks = marks_in (*state, "and so we left,” he said. “Then it rained.”", true);
    assert_int_equal (marks->count, 2);
    assert_true (marks->items[0].opens_before);
    assert_int_equal (marks->items[0].span.start, 0);
    assert_false (marks->items[1].opens_before);
}

static void apostrophes_are_no_marks (void **state)
{
    assert_int_equal (marks_in (*state, "The workers’ hall wasn’t the dogs' or the '90s' best.", false)->count, 0);
}

static void marks_inside_of_marks_belong_to_the_outer_ones (void **state)
{
    qw_marks_t *marks = marks_in (*state, "“He told me ‘go home’ and I “went” home,” she said.", false);
    assert_int_equal (marks->count, 1);
    assert_int_equal (marks->items[0].span.start, 0);
    assert_false (marks->items[0].runs_on);
}

static void every_kind_of_mark_is_known (void **state)
{
    static const char *const texts[] = {"«Enfin la pluie» she", "„Endlich Regen“ she", "``Rain at last'' she",
                                        "‹Rain at last› she"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        qw_marks_t *marks = marks_in (*state, texts[i], false);
        assert_int_equal (marks->count, 1);
        assert_int_equal (marks->items[0].span.end, strlen (texts[i]) - 4);
    }
}

static void known_words_have_the_hashes_that_stand_in_the_header (void **state)
{
    (void) state;
    static const struct {
        const char *word;
        uint32_t hash;
    } words[] = {{"according", QW_WORD_ACCORDING},
                 {"accusation", QW_WORD_ACCUSATION},
                 {"accusations", QW_WORD_ACCUSATIONS},
                 {"advised", QW_WORD_ADVISED},
                 {"advising", QW_WORD_ADVISING},
                 {"after", QW_WORD_AFTER},
                 {"allegation", QW_WORD_ALLEGATION},
                 {"allegations", QW_WORD_ALLEGATIONS},
                 {"although", QW_WORD_ALTHOUGH},
                 {"and", QW_WORD_AND},
                 {"are", QW_WORD_ARE},
                 {"as", QW_WORD_AS},
                 {"asked", QW_WORD_ASKED},
                 {"asking", QW_WORD_ASKING},
                 {"asks", QW_WORD_ASKS},
                 {"assertion", QW_WORD_ASSERTION},
                 {"assertions", QW_WORD_ASSERTIONS},
                 {"been", QW_WORD_BEEN},
                 {"by", QW_WORD_BY},
                 {"cited", QW_WORD_CITED},
                 {"cites", QW_WORD_CITES},
                 {"citing", QW_WORD_CITING},
                 {"claim", QW_WORD_CLAIM},
                 {"claims", QW_WORD_CLAIMS},
                 {"encouraged", QW_WORD_ENCOURAGED},
                 {"fears", QW_WORD_FEARS},
                 {"for", QW_WORD_FOR},
                 {"from", QW_WORD_FROM},
                 {"had", QW_WORD_HAD},
                 {"has", QW_WORD_HAS},
                 {"have", QW_WORD_HAVE},
                 {"instructed", QW_WORD_INSTRUCTED},
                 {"invited", QW_WORD_INVITED},
                 {"is", QW_WORD_IS},
                 {"made", QW_WORD_MADE},
                 {"makes", QW_WORD_MAKES},
                 {"making", QW_WORD_MAKING},
                 {"of", QW_WORD_OF},
                 {"ordered", QW_WORD_ORDERED},
                 {"possibility", QW_WORD_POSSIBILITY},
                 {"prospect", QW_WORD_PROSPECT},
                 {"quoted", QW_WORD_QUOTED},
                 {"quotes", QW_WORD_QUOTES},
                 {"quoting", QW_WORD_QUOTING},
                 {"raised", QW_WORD_RAISED},
                 {"raises", QW_WORD_RAISES},
                 {"raising", QW_WORD_RAISING},
                 {"said", QW_WORD_SAID},
                 {"saying", QW_WORD_SAYING},
                 {"says", QW_WORD_SAYS},
                 {"since", QW_WORD_SINCE},
                 {"suggestion", QW_WORD_SUGGESTION},
                 {"suggestions", QW_WORD_SUGGESTIONS},
                 {"telling", QW_WORD_TELLING},
                 {"that", QW_WORD_THAT},
                 {"though", QW_WORD_THOUGH},
                 {"told", QW_WORD_TOLD},
                 {"urged", QW_WORD_URGED},
                 {"urges", QW_WORD_URGES},
                 {"urging", QW_WORD_URGING},
                 {"warned", QW_WORD_WARNED},
                 {"warning", QW_WORD_WARNING},
                 {"was", QW_WORD_WAS},
                 {"were", QW_WORD_WERE},
                 {"what", QW_WORD_WHAT},
                 {"when", QW_WORD_WHEN},
                 {"while", QW_WORD_WHILE}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        assert_int_equal (qw_quote_word_hash (words[i].word, strlen (words[i].word)), words[i].hash);
    assert_int_equal (qw_quote_word_hash ("That", 4), QW_WORD_THAT);
}

static void a_word_is_known_by_all_its_bytes_and_no_more (void **state)
{
    (void) state;
    static qw_quotes_model_t model; /* an empty lexicon */
    static const char text[] = "abcdefghijklmnopqrstuvwxyz";
    qw_words_t *words = qw_words_new (&model);
    for (int round = 0; round < 2; round++) /* new in the first one, remembered in the second */
        for (size_t size = 1; size < sizeof text; size++)
            for (size_t room = size; room < sizeof text; room++) {
                qw_word_place_t place;
                qw_words_fetch (words, text, size, room, &place);
                assert_int_equal (qw_words_find (words, &place, text, size)->hash, qw_quote_word_hash (text, size));
            }
    qw_words_destroy (&words);
    assert_null (words);
}

static void a_model_of_another_version_is_refused (void **state)
{
    (void) state;
    void *instance = NULL;
    qw_reason_t reason;
    uint32_t words[64] = {QW_QUOTES_MODEL_MAGIC, QW_QUOTES_MODEL_VERSION + 1};
    assert_int_equal (qw_quotes_annotator.open (&instance, words, sizeof words, &reason), QW_UNSUPPORTED);
    assert_null (instance);
    assert_int_equal (qw_quotes_annotator.open (&instance, NULL, 0, &reason), QW_UNSUPPORTED);
}

static void the_same_text_gives_the_same_quotes (void **state)
{
    const char *text =
        "Keller said the harbour “must open”. She added that ships wait. “It is late,” said Moyo. “Very late.”";
    char first[8192];
    strcpy (first, quotes_in (*state, text, QW_ROLE_BODY));
    assert_true (strlen (first) > 0);
    quotes_in (*state, "“Something else,” the pilot said.", QW_ROLE_BODY);
    assert_string_equal (quotes_in (*state, text, QW_ROLE_BODY), first);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_quotation_in_marks_keeps_them),
        cmocka_unit_test (mismatched_marks_belong_together),
        cmocka_unit_test (a_cue_splits_a_quotation_in_two),
        cmocka_unit_test (an_inverted_cue_finds_the_name_behind_it),
        cmocka_unit_test (an_indirect_quotation_is_the_clause),
        cmocka_unit_test (words_in_marks_inside_a_clause_make_it_mixed),
        cmocka_unit_test (a_far_subject_is_the_speaker_of_a_participle),
        cmocka_unit_test (a_paper_that_quotes_somebody_relays),
        cmocka_unit_test (quotes_may_be_taken_for_a_noun_at_the_very_start),
        cmocka_unit_test (a_title_or_a_nickname_is_no_quotation),
        cmocka_unit_test (boilerplate_and_headlines_are_left_alone),
        cmocka_unit_test (a_quotation_may_run_over_paragraphs),
        cmocka_unit_test (marks_that_close_what_began_before_are_known_as_such),
        cmocka_unit_test (apostrophes_are_no_marks),
        cmocka_unit_test (marks_inside_of_marks_belong_to_the_outer_ones),
        cmocka_unit_test (every_kind_of_mark_is_known),
        cmocka_unit_test (known_words_have_the_hashes_that_stand_in_the_header),
        cmocka_unit_test (a_word_is_known_by_all_its_bytes_and_no_more),
        cmocka_unit_test (a_model_of_another_version_is_refused),
        cmocka_unit_test (the_same_text_gives_the_same_quotes),
    };
    return cmocka_run_group_tests (tests, set_up, tear_down);
}
