/*  test_speakers.c - who is speaking. A text carries its layers in it: [P:name] [O:name] [L:name] are mentions of a
   person, a body and a place; {mention>words} is a quotation whose speaker mention is the next or last place where
   "mention" stands outside of quotations; {>words} is one without any. The marks are taken out before the resolution.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sink/resolve/resolve.h"

typedef struct {
    qw_resolver_t *resolver;
    qw_layers_t *layers;
    char text[4096];
    qw_paragraph_t paragraphs[64];
    size_t paragraph_count;
} fixture_t;

static int set_up (void **state)
{
    fixture_t *self = calloc (1, sizeof *self);
    assert_non_null (self);
    self->resolver = qw_resolver_new ();
    self->layers = qw_layers_new ();
    *state = self;
    return 0;
}

static int tear_down (void **state)
{
    fixture_t *self = *state;
    qw_resolver_destroy (&self->resolver);
    qw_layers_destroy (&self->layers);
    free (self);
    return 0;
}

static qw_entity_type_t type_of (char letter) { return letter == 'P' ? QW_PERSON : letter == 'O' ? QW_ORG : QW_LOC; }

/* Takes the marks out of `marked` and makes layers of them. */
static void read_layers (fixture_t *self, const char *marked)
{
    char wanted[16][64];
    size_t size = 0, quote_count = 0;
    qw_layers_clear (self->layers);
    for (const char *at = marked; *at; at++) {
        if (*at == '[') {
            const char *end = strchr (at, ']');
            qw_mention_t *mention = qw_layers_add_mention (self->layers);
            mention->type = type_of (at[1]);
            mention->span.start = (uint32_t) size;
            memcpy (self->text + size, at + 3, (size_t) (end - at - 3));
            size += (size_t) (end - at - 3);
            mention->span.end = (uint32_t) size;
            at = end;
        } else if (*at == '{') {
            const char *split = strchr (at, '>');
            snprintf (wanted[quote_count], sizeof wanted[0], "%.*s", (int) (split - at - 1), at + 1);
            qw_layers_add_quote (self->layers)->span.start = (uint32_t) size;
            at = split;
        } else if (*at == '}')
            self->layers->quotes[quote_count++].span.end = (uint32_t) size;
        else
            self->text[size++] = *at;
    }
    self->text[size] = 0;
    for (size_t i = 0; i < quote_count; i++) {
        qw_quote_t *quote = &self->layers->quotes[i];
        quote->type = self->text[quote->span.start] == '"' ? QW_DIRECT : QW_INDIRECT;
        if (!wanted[i][0])
            continue;
        /* the nearest place before the quotation in its paragraph, or else the first behind it */
        size_t length = strlen (wanted[i]);
        uint32_t start = quote->span.start;
        while (start > 0 && self->text[start] != '\n' && strncmp (self->text + start, wanted[i], length) != 0)
            start--;
        const char *place = self->text + start;
        if (strncmp (place, wanted[i], length) != 0)
            place = strstr (self->text + quote->span.end, wanted[i]);
        assert_non_null (place);
        quote->speaker_mention =
            (qw_span_t){(uint32_t) (place - self->text), (uint32_t) ((size_t) (place - self->text) + length)};
    }
    self->paragraph_count = 0;
    for (size_t at = 0; at < size;) {
        size_t end = at + strcspn (self->text + at, "\n");
        if (end > at)
            self->paragraphs[self->paragraph_count++] = (qw_paragraph_t){{(uint32_t) at, (uint32_t) end}, QW_ROLE_BODY};
        at = end + 1;
    }
}

static void resolve (fixture_t *self)
{
    qw_resolve (self->resolver, self->text, strlen (self->text), self->paragraphs, self->paragraph_count, self->layers);
}

/* The speakers of all quotations, separated by "; ", "?" for nobody. */
static const char *speakers (fixture_t *self)
{
    static char found[1024];
    found[0] = 0;
    for (size_t i = 0; i < self->layers->quote_count; i++) {
        qw_string_t speaker = self->layers->quotes[i].speaker;
        size_t used = strlen (found);
        snprintf (found + used, sizeof found - used, "%s%.*s", i ? "; " : "", speaker.size ? (int) speaker.size : 1,
                  speaker.size ? qw_layers_string (self->layers, speaker) : "?");
    }
    return found;
}

static void expect (void **state, const char *marked, const char *wanted)
{
    read_layers (*state, marked);
    resolve (*state);
    assert_string_equal (speakers (*state), wanted);
}

static void expect_how (void **state, size_t quote, qw_how_t how)
{
    assert_string_equal (qw_how_name (((fixture_t *) *state)->layers->quotes[quote].how), qw_how_name (how));
}

static void a_surname_gets_the_full_name (void **state)
{
    expect (state, "[P:Ines Marchetti] opened the hall.\n{Marchetti>\"It was time,\"} [P:Marchetti] said.",
            "Ines Marchetti");
    expect_how (state, 0, QW_HOW_NAME);
}

static void a_pronoun_is_the_one_who_spoke_last (void **state)
{
    expect (state,
            "{Ines Marchetti>\"It was time,\"} [P:Ines Marchetti] said, thanking [P:Paul Brandt].\n{She>The port would "
            "reopen}. She said "
            "so twice.",
            "Ines Marchetti; Ines Marchetti");
    expect_how (state, 1, QW_HOW_PRONOUN);
}

static void a_pronoun_prefers_the_subject_to_a_name_in_a_quotation (void **state)
{
    expect (
        state,
        "[P:Paul Brandt] left early. {Brandt>\"I owe [P:George Miller] a lot,\"} [P:Brandt] told the crowd. He added "
        "{He>that nobody else had helped}.",
        "Paul Brandt; Paul Brandt");
}

static void a_pronoun_agrees_with_the_gender (void **state)
{
    expect (state,
            "Mr. [P:Paul Brandt] met Mrs. [P:Ines Marchetti]. Mr. [P:Brandt] was late.\nShe said {She>the port would "
            "reopen}.",
            "Ines Marchetti");
}

static void it_is_a_body_and_not_a_person (void **state)
{
    expect (state, "The [O:Harbour Board] met [P:Paul Brandt] on Monday. It said {It>the crane was safe}.",
            "Harbour Board");
}

static void the_ministry_is_the_one_that_was_named (void **state)
{
    expect (state,
            "The [O:Transport Ministry] closed the line, and [O:Nordbahn] sent buses. The ministry said {The "
            "ministry>repairs would "
            "take a week}.",
            "Transport Ministry");
    expect_how (state, 0, QW_HOW_NOMINAL);
}

static void a_statement_speaks_for_its_issuer (void **state)
{
    expect (state,
            "{The Transport Ministry>The line was closed}, The [O:Transport Ministry] said in a statement.\n"
            "{the statement>Repairs would take a week}, the statement said.",
            "Transport Ministry; Transport Ministry");
}

static void a_role_is_the_person_who_has_it (void **state)
{
    expect (state,
            "[P:Ines Marchetti], the port's director, met [P:Paul Brandt].\n[P:Brandt] left. The director said {The "
            "director>it was "
            "time}.",
            "Ines Marchetti");
}

static void a_description_beside_a_name_is_the_name (void **state)
{
    expect (state, "The envoy, [P:Paul Brandt], said {The envoy>talks would go on}.", "Paul Brandt");
    expect_how (state, 0, QW_HOW_APPOSITION);
}

static void a_description_of_nobody_known_stays_as_it_is (void **state)
{
    expect (state, "{a source in the port>\"The crane is broken,\"} said a source in the port.",
            "a source in the port");
    expect_how (state, 0, QW_HOW_TEXT);
    expect (state, "{analysts>The price will fall}, analysts said.", "analysts");
}

static void the_source_is_the_one_that_was_quoted_before (void **state)
{
    expect (state,
            "{a port source>The crane is broken}, a port source said.\n[P:Paul Brandt] was away. {the source>It will "
            "be mended}, the "
            "source said.",
            "a port source; a port source");
}

static void who_is_the_one_before_the_comma (void **state)
{
    expect (state, "[O:Nordbahn] hired [P:Paul Brandt], who said {who>he was glad}.", "Paul Brandt");
}

static void a_quotation_without_a_cue_goes_on (void **state)
{
    expect (state, "{Marchetti>\"It was time,\"} said [P:Marchetti].\n{>\"And it was cold.\"}", "Marchetti; Marchetti");
    expect_how (state, 1, QW_HOW_TURN);
}

static void a_first_quotation_without_a_cue_has_no_speaker (void **state)
{
    expect (state, "{>\"And it was cold.\"}\nThe day began.", "?");
    expect_how (state, 0, QW_HOW_NONE);
    assert_int_equal (((fixture_t *) *state)->layers->quotes[0].confidence, 0);
}

static void an_age_tells_who_is_meant (void **state)
{
    expect (state, "[P:Anna Kowalska], 26, beat [P:Ruth Moyo], 36. {The 26-year-old>she was glad}, The 26-year-old said.",
            "Anna Kowalska");
    expect (state, "The 126-year-old mill of [P:Anna Kowalska], 26. {The 6-year-old>it was fun}, The 6-year-old said.",
            "The 6-year-old");
}

static void a_title_tells_two_of_one_name_apart (void **state)
{
    expect (state, "[P:Daniel Moyo] and Ms. [P:Ruth Moyo] sat down. Mr. [P:Moyo] said {Moyo>the key was lost}.",
            "Daniel Moyo");
    expect (state, "Mr. [P:Daniel Moyo] saw Ms. [P:Ruth Moyo]. Ms. [P:Moyo] said {Moyo>the key was lost}.", "Ruth Moyo");
}

static void somebodys_kin_is_not_spoken_of (void **state)
{
    expect (state, "[P:Daniel Moyo], son of [P:Peter Moyo], came. [P:Moyo] said {Moyo>the key was lost}.", "Daniel Moyo");
    expect (state, "[P:Daniel Moyo], with [P:Peter Moyo], came. [P:Moyo] said {Moyo>the key was lost}.", "Peter Moyo");
}

static void they_are_the_people_of_the_sentence_before (void **state)
{
    expect (state, "The [O:Water Board] was closed. Some farmers met in [L:Lusaka]. They said {They>the dam should stay}.",
            "Some farmers");
    expect (state, "The [O:Water Board] met some farmers. They said {They>the dam should stay}.", "Water Board");
}

static void a_short_form_in_brackets_stands_between_a_description_and_its_name (void **state)
{
    expect (state, "{the director of police>He was held}, said the director of police ([O:DGP]) [P:L R Bishnoi].",
            "L R Bishnoi");
}

static void where_several_fit_a_pronoun_is_less_sure (void **state)
{
    const qw_layers_t *layers = ((fixture_t *) *state)->layers;
    expect (state, "[P:Anna Keller] met the press. {She>\"It was time,\"} she said. She left.", "Anna Keller");
    uint8_t alone = layers->quotes[0].confidence;
    expect (state, "[P:Anna Keller] met [P:Maria Venn]. {She>\"It was time,\"} she said. She left.", "Anna Keller");
    assert_true (layers->quotes[0].confidence < alone);
    expect (state, "[P:Anna Keller] met the press. {Keller>\"It was time,\"} [P:Keller] said.", "Anna Keller");
    assert_true (layers->quotes[0].confidence >= alone);
}

static void two_names_with_and_between_them_speak_together (void **state)
{
    expect (state, "[L:Lagos] and [L:Accra] said {Lagos and Accra>the road would be built}.", "Lagos and Accra");
}

static void a_quotation_cut_inside_a_paragraph_is_joined (void **state)
{
    fixture_t *self = *state;
    read_layers (self, "[P:Marchetti] said: {Marchetti>\"It was time. }{>And it was cold,\"} and left.");
    self->layers->quotes[0].runs_on = true;
    self->layers->quotes[1].opens_before = true;
    resolve (self);
    assert_int_equal (self->layers->quote_count, 1);
    assert_string_equal (speakers (self), "Marchetti");
    const qw_quote_t *quote = &self->layers->quotes[0];
    assert_int_equal (qw_span_size (quote->span), strlen ("\"It was time. And it was cold,\""));
    assert_false (quote->runs_on);
}

static void a_quotation_over_paragraphs_stays_two_of_one_speaker (void **state)
{
    fixture_t *self = *state;
    read_layers (self, "[P:Marchetti] said: {Marchetti>\"It was time.}\n{>\"And it was cold.\"}");
    self->layers->quotes[0].runs_on = true;
    resolve (self);
    assert_string_equal (speakers (self), "Marchetti; Marchetti");
    assert_true (self->layers->quotes[1].confidence >= 80);
}

static void a_stray_closing_mark_makes_no_quotation (void **state)
{
    fixture_t *self = *state;
    read_layers (self, "[P:Marchetti] opened the hall.\n{>It was time\"} for it.");
    self->layers->quotes[0].opens_before = true;
    resolve (self);
    assert_int_equal (self->layers->quote_count, 0);
}

static void one_document_leaves_no_trace_in_the_next (void **state)
{
    expect (state, "{Marchetti>\"It was time,\"} said [P:Marchetti].", "Marchetti");
    expect (state, "{>\"And it was cold.\"}\nThe day began.", "?");
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_surname_gets_the_full_name),
        cmocka_unit_test (a_pronoun_is_the_one_who_spoke_last),
        cmocka_unit_test (a_pronoun_prefers_the_subject_to_a_name_in_a_quotation),
        cmocka_unit_test (a_pronoun_agrees_with_the_gender),
        cmocka_unit_test (it_is_a_body_and_not_a_person),
        cmocka_unit_test (the_ministry_is_the_one_that_was_named),
        cmocka_unit_test (a_statement_speaks_for_its_issuer),
        cmocka_unit_test (a_role_is_the_person_who_has_it),
        cmocka_unit_test (a_description_beside_a_name_is_the_name),
        cmocka_unit_test (a_description_of_nobody_known_stays_as_it_is),
        cmocka_unit_test (the_source_is_the_one_that_was_quoted_before),
        cmocka_unit_test (who_is_the_one_before_the_comma),
        cmocka_unit_test (a_quotation_without_a_cue_goes_on),
        cmocka_unit_test (a_first_quotation_without_a_cue_has_no_speaker),
        cmocka_unit_test (an_age_tells_who_is_meant),
        cmocka_unit_test (a_title_tells_two_of_one_name_apart),
        cmocka_unit_test (somebodys_kin_is_not_spoken_of),
        cmocka_unit_test (they_are_the_people_of_the_sentence_before),
        cmocka_unit_test (a_short_form_in_brackets_stands_between_a_description_and_its_name),
        cmocka_unit_test (where_several_fit_a_pronoun_is_less_sure),
        cmocka_unit_test (two_names_with_and_between_them_speak_together),
        cmocka_unit_test (a_quotation_cut_inside_a_paragraph_is_joined),
        cmocka_unit_test (a_quotation_over_paragraphs_stays_two_of_one_speaker),
        cmocka_unit_test (a_stray_closing_mark_makes_no_quotation),
        cmocka_unit_test (one_document_leaves_no_trace_in_the_next),
    };
    return cmocka_run_group_tests (tests, set_up, tear_down);
}
