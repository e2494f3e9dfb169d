/*  test_tokens.c - tokens and sentences. A text is written as the tokens joined by '|' and the sentences by "||" to say what
    must come out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/utf8.h"
#include "workers/annotator.h"
#include "workers/tokens/chars.h"
#include "workers/tokens/model.h"
#include "workers/tokens/words.h"

typedef struct {
    void *instance; /* without a model */
    void *trained;  /* with the one in workers/models */
    void *model;
    qw_layers_t *layers;
} fixture_t;

static void *read_whole (const char *path, size_t *size)
{
    FILE *file = fopen (path, "rb");
    if (!file)
        return NULL;
    fseek (file, 0, SEEK_END);
    *size = (size_t) ftell (file);
    rewind (file);
    void *bytes = malloc (*size);
    assert_non_null (bytes);
    assert_int_equal (fread (bytes, 1, *size, file), *size);
    fclose (file);
    return bytes;
}

static int set_up (void **state)
{
    static fixture_t fixture;
    size_t size = 0;
    qw_reason_t reason;
    assert_int_equal (qw_tokens_annotator.open (&fixture.instance, NULL, 0, &reason), QW_OK);
    fixture.model = read_whole ("workers/models/tokens.model", &size);
    assert_non_null (fixture.model);
    assert_int_equal (qw_tokens_annotator.open (&fixture.trained, fixture.model, size, &reason), QW_OK);
    fixture.layers = qw_layers_new ();
    *state = &fixture;
    return 0;
}

static int tear_down (void **state)
{
    fixture_t *fixture = *state;
    qw_tokens_annotator.close (&fixture->instance);
    qw_tokens_annotator.close (&fixture->trained);
    free (fixture->model);
    qw_layers_destroy (&fixture->layers);
    return 0;
}

static void annotate (void *instance, const char *text, size_t size, const qw_paragraph_t *paragraphs, size_t count,
                      qw_layers_t *layers)
{
    qw_chunk_t chunk = {text, size, paragraphs, count, false};
    qw_reason_t reason;
    qw_layers_clear (layers);
    assert_int_equal (qw_tokens_annotator.annotate (instance, &chunk, layers, &reason), QW_OK);
}

/* Writes the layers as tokens with '|' between them and "||" between sentences. The caller frees it. */
static char *written (const char *text, const qw_layers_t *layers)
{
    size_t size = 1;
    for (size_t i = 0; i < layers->token_count; i++)
        size += qw_span_size (layers->tokens[i]) + 2;
    char *out = malloc (size), *at = out;
    assert_non_null (out);
    for (size_t i = 0; i < layers->sentence_count; i++)
        for (uint32_t j = layers->sentences[i].first; j < layers->sentences[i].end; j++) {
            if (j > 0)
                *at++ = '|';
            if (i > 0 && j == layers->sentences[i].first)
                *at++ = '|';
            memcpy (at, text + layers->tokens[j].start, qw_span_size (layers->tokens[j]));
            at += qw_span_size (layers->tokens[j]);
        }
    *at = 0;
    return out;
}

static void assert_read_as (void *instance, qw_layers_t *layers, const char *text, const char *wanted)
{
    annotate (instance, text, strlen (text), NULL, 0, layers);
    char *out = written (text, layers);
    assert_string_equal (out, wanted);
    free (out);
}

typedef struct {
    const char *text, *wanted;
} case_t;

static void assert_all (void **state, const case_t *cases, size_t count)
{
    fixture_t *fixture = *state;
    for (size_t i = 0; i < count; i++)
        assert_read_as (fixture->instance, fixture->layers, cases[i].text, cases[i].wanted);
}

#define ASSERT_ALL(cases) assert_all (state, cases, sizeof (cases) / sizeof *(cases))

static void words_and_marks_are_tokens (void **state)
{
    static const case_t cases[] = {
        {"The mayor, she said, left.", "The|mayor|,|she|said|,|left|."},
        {"\"Why?\" he asked (twice); nobody knew!", "\"|Why|?|\"|he|asked|(|twice|)|;|nobody|knew|!"},
        {"“We won’t go,” said ‘Red’ Ana.", "“|We|wo|n’t|go|,|”|said|‘|Red|’|Ana|."},
        {"``So it is,'' he said.", "``|So|it|is|,|''|he|said|."},
        {"«Non», dit-elle – enfin — oui...", "«|Non|»|,|dit|-|elle|–|enfin|—|oui|..."},
        {"Wait… what?!", "Wait|…|what|?!"},
        {"yes--or no -- maybe", "yes|--|or|no|--|maybe"},
        {"", ""},
        {" \n\t ", ""},
    };
    ASSERT_ALL (cases);
}

static void clitics_split_and_names_with_apostrophes_do_not (void **state)
{
    static const case_t cases[] = {
        {"Kim's aides don't say they'll go", "Kim|'s|aides|do|n't|say|they|'ll|go"},
        {"I'm sure you've seen we're here, he'd say", "I|'m|sure|you|'ve|seen|we|'re|here|,|he|'d|say"},
        {"can't cannot CAN'T gonna", "ca|n't|can|not|CA|N'T|gon|na"},
        {"O'Brien and d'Arc ate with ma'am", "O'Brien|and|d'Arc|ate|with|ma'am"},
        {"the workers' party of '98 and the '90s", "the|workers|'|party|of|'98|and|the|'90s"},
        {"tell 'em it is rock 'n' roll", "tell|'em|it|is|rock|'n'|roll"},
    };
    ASSERT_ALL (cases);
}

static void hyphens_split_words_but_not_affixes (void **state)
{
    static const case_t cases[] = {
        {"state-run 10-year North-South Jong-un", "state|-|run|10|-|year|North|-|South|Jong|-|un"},
        {"co-founder e-mail non-profit mid-August anti-war", "co-founder|e-mail|non-profit|mid-August|anti-war"},
        {"and/or km/h", "and|/|or|km|/|h"},
    };
    ASSERT_ALL (cases);
}

static void numbers_times_and_amounts (void **state)
{
    static const case_t cases[] = {
        {"1,000.50 and 12,50,000 or 3,4", "1,000.50|and|12,50,000|or|3|,|4"},
        {"at 10:30 on 11/12/2004, call 202-555-0143.", "at|10:30|on|11/12/2004|,|call|202-555-0143|."},
        {"$1.5bn, US$20m, £3.2 million, €5", "$|1.5|bn|,|US$|20|m|,|£|3.2|million|,|€|5"},
        {"5pm 70kph 9% 5G 21st 1990s .5 +44", "5|pm|70|kph|9|%|5G|21st|1990s|.5|+44"},
        {"1969-1970 and 2-3, 1/2", "1969|-|1970|and|2|-|3|,|1/2"},
        {"12,000, 14.", "12,000|,|14|."},
    };
    ASSERT_ALL (cases);
}

static void abbreviations_keep_their_dots (void **state)
{
    static const case_t cases[] = {
        {"Mr. J.P. Lee of Acme Inc. met Sen. Roe at 5 a.m. on Nov. 3.",
         "Mr.|J.P.|Lee|of|Acme|Inc.|met|Sen.|Roe|at|5|a.m.|on|Nov.|3|."},
        {"He is No. 2. No. He was.", "He|is|No.|2|.||No|.||He|was|."},
        {"A man from Flint, Mich., fell.", "A|man|from|Flint|,|Mich.|,|fell|."},
        {"They shot a man with an arm. It was ill. Go.", "They|shot|a|man|with|an|arm|.||It|was|ill|.||Go|."},
        {"Ann Roe, Ph.D., asked Sen. Lee, D-Ore., for Rs. 500. Rs. it is.",
         "Ann|Roe|,|Ph.D.|,|asked|Sen.|Lee|,|D|-|Ore.|,|for|Rs.|500|.||Rs|.|it|is|."},
        {"AT&T and the U.S. and the U.N. agree", "AT&T|and|the|U.S.|and|the|U.N.|agree"},
    };
    ASSERT_ALL (cases);
}

static void addresses_handles_and_tags_stay_whole (void **state)
{
    static const case_t cases[] = {
        {"See https://example.com/a?b=1,2. Or (www.example.org).",
         "See|https://example.com/a?b=1,2|.||Or|(|www.example.org|)|."},
        {"Write to ann.lee+x@example.co.uk, or @AnnLee #SaveTheLake #1",
         "Write|to|ann.lee+x@example.co.uk|,|or|@AnnLee|#SaveTheLake|#|1"},
        {"open report.pdf at example.com/page or comp.lang.c", "open|report.pdf|at|example.com/page|or|comp.lang.c"},
        {"no space.After a stop", "no|space|.||After|a|stop"},
        {"a@ b @ c", "a|@|b|@|c"},
    };
    ASSERT_ALL (cases);
}

static void all_of_unicode_is_read (void **state)
{
    static const case_t cases[] = {
        {"Paek (백종남) met فيصل بن تركي؟ Yes.", "Paek|(|백종남|)|met|فيصل|بن|تركي|؟||Yes|."},
        {"caf\xc3\xa9 cafe\xcc\x81 na\xc3\xafve-ish", "caf\xc3\xa9|cafe\xcc\x81|na\xc3\xafve-ish"},
        {"a\xc2\xa0" "b\xe2\x80\x8b" "c\xef\xbb\xbf" "d", "a|b|c|d"},
        {"東京は雨。京都は晴れ。", "東京は雨|。||京都は晴れ|。"},
        {"up \xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd now", "up|\xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd|now"},
        {"n\xc2\xba 5 \xc2\xbd cup ¿Qué?", "n\xc2\xba|5|\xc2\xbd|cup|¿|Qué|?"},
    };
    ASSERT_ALL (cases);
}

static void rules_end_sentences_without_a_model (void **state)
{
    static const case_t cases[] = {
        {"He left. She stayed.", "He|left|.||She|stayed|."},
        {"\"Go.\" He went. 'No!' she said.", "\"|Go|.|\"||He|went|.||'|No|!|'|she|said|."},
        {"Is it? (It is.) Good...but no", "Is|it|?||(|It|is|.|)||Good|...|but|no"},
        {"He met Gen. Roe in the U.S. He won.", "He|met|Gen.|Roe|in|the|U.S.||He|won|."},
    };
    ASSERT_ALL (cases);
}

static void the_model_ends_sentences_in_news (void **state)
{
    static const case_t cases[] = {
        {"\"We told them,\" she said. \"One man laughed. Then the lights went out.\" He nodded.",
         "\"|We|told|them|,|\"|she|said|.||\"|One|man|laughed|.||Then|the|lights|went|out|.|\"||He|nodded|."},
        {"Transport Minister Samuel Wekesa met Dr. Huda Mansour of Acme Corp. in Washington, D.C., on Monday. It rained.",
         "Transport|Minister|Samuel|Wekesa|met|Dr.|Huda|Mansour|of|Acme|Corp.|in|Washington|,|D.C.|,|on|Monday|.||"
         "It|rained|."},
        {"“Who?” Lee asked. “Me,” said J. R. Roe.", "“|Who|?|”|Lee|asked|.||“|Me|,|”|said|J.|R.|Roe|."},
    };
    fixture_t *fixture = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_read_as (fixture->trained, fixture->layers, cases[i].text, cases[i].wanted);
}

/* ---- properties ----------------------------------------------------------------------------------------------------- */

static uint64_t random_state = 88172645463325252u;

static uint32_t next_random (uint32_t below)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t) (random_state >> 33) % below;
}

/* Text out of pieces that make trouble; at most `size` bytes. */
static size_t random_text (char *text, size_t size)
{
    static const char *const pieces[] = {
        " ", " ", " ", "\n", "\xc2\xa0", "\xe2\x80\x8b", "a", "The", "said", "U", "S", ".", ".", "...", "\xe2\x80\xa6",
        ",", "!", "?", "\"", "'", "''", "``", "\xe2\x80\x9c", "\xe2\x80\x9d", "\xe2\x80\x98", "\xe2\x80\x99", "\xc2\xab",
        "\xc2\xbb", "-", "--", "\xe2\x80\x94", "1", "23", "1,000", "$", "\xc2\xa3", "%", "@", "#", "http://", "www.",
        "n't", "'s", "e", "co", "Mr", "etc", "No", "(", ")", "/", ":", ";", "&", "_", "=", "\xeb\xb0\xb1", "\xd9\x81",
        "\xcc\x81", "\xf0\x9f\x91\x8d", "\xe3\x80\x82", "com", "x@y.z"};
    size_t at = 0;
    for (uint32_t n = next_random (60); n > 0; n--) {
        const char *piece = pieces[next_random (sizeof pieces / sizeof *pieces)];
        size_t length = strlen (piece);
        if (at + length > size)
            break;
        memcpy (text + at, piece, length);
        at += length;
    }
    return at;
}

/* Every byte of the paragraphs belongs to a token or is white space; tokens are in order and on character boundaries;
 * sentences hold every token once. */
static void assert_covers (const char *text, qw_span_t span, const qw_layers_t *layers)
{
    uint32_t at = span.start;
    for (size_t i = 0; i < layers->token_count; i++) {
        qw_span_t token = layers->tokens[i];
        if (token.start < span.start || token.start >= span.end)
            continue;
        assert_true (token.start < token.end && token.end <= span.end && token.start >= at);
        assert_true (qw_utf8_is_boundary (text, span.end, token.start) && qw_utf8_is_boundary (text, span.end, token.end));
        for (uint32_t taken; at < token.start; at += taken)
            assert_int_equal (qw_char_at (text, at, span.end, &taken), QW_CHAR_SPACE);
        at = token.end;
    }
    for (uint32_t taken; at < span.end; at += taken)
        assert_int_equal (qw_char_at (text, at, span.end, &taken), QW_CHAR_SPACE);
    uint32_t next = 0;
    for (size_t i = 0; i < layers->sentence_count; i++) {
        assert_int_equal (layers->sentences[i].first, next);
        assert_true (layers->sentences[i].end > next);
        next = layers->sentences[i].end;
    }
    assert_int_equal (next, layers->token_count);
}

static void tokens_cover_any_text (void **state)
{
    fixture_t *fixture = *state;
    char text[512];
    for (int round = 0; round < 20000; round++) {
        size_t size = random_text (text, sizeof text);
        annotate (round & 1 ? fixture->trained : fixture->instance, text, size, NULL, 0, fixture->layers);
        assert_covers (text, (qw_span_t){0, (uint32_t) size}, fixture->layers);
    }
}

static void a_paragraph_does_not_see_its_neighbours (void **state)
{
    fixture_t *fixture = *state;
    qw_layers_t *alone = qw_layers_new ();
    char text[1600];
    for (int round = 0; round < 4000; round++) {
        qw_paragraph_t paragraphs[3];
        size_t at = 0;
        for (int i = 0; i < 3; i++) {
            size_t size = random_text (text + at, 500);
            paragraphs[i] = (qw_paragraph_t){{(uint32_t) at, (uint32_t) (at + size)}, QW_ROLE_BODY};
            at += size;
            if (next_random (2))
                text[at++] = '\n';
        }
        annotate (fixture->trained, text, at, paragraphs, 3, fixture->layers);
        size_t token = 0, sentence = 0;
        for (int i = 0; i < 3; i++) {
            qw_span_t span = paragraphs[i].span;
            uint32_t size = qw_span_size (span); /* whether there are other paragraphs is all that may count */
            const qw_paragraph_t and_nothing[] = {{{0, size}, QW_ROLE_BODY}, {{size, size}, QW_ROLE_BODY}};
            annotate (fixture->trained, text + span.start, size, and_nothing, 2, alone);
            assert_true (token + alone->token_count <= fixture->layers->token_count);
            assert_true (sentence + alone->sentence_count <= fixture->layers->sentence_count);
            for (size_t j = 0; j < alone->token_count; j++) {
                assert_int_equal (fixture->layers->tokens[token + j].start, span.start + alone->tokens[j].start);
                assert_int_equal (fixture->layers->tokens[token + j].end, span.start + alone->tokens[j].end);
            }
            for (size_t j = 0; j < alone->sentence_count; j++)
                assert_int_equal (fixture->layers->sentences[sentence + j].first, token + alone->sentences[j].first);
            token += alone->token_count;
            sentence += alone->sentence_count;
        }
        assert_int_equal (token, fixture->layers->token_count);
        assert_int_equal (sentence, fixture->layers->sentence_count);
    }
    qw_layers_destroy (&alone);
}

/* Text that would take hours if any look-ahead were repeated from every character. */
static void a_megabyte_without_a_space_is_read (void **state)
{
    static const char *const patterns[] = {
        "a", "A.", "1", "1,", "1.", ".", "-", "a-", "'", "\"", "a.b", "x@", "@", "#a", "(", "?!", "=", "/", "http://",
        "é", "한", "Mr.Mr", "e-", "n't", "\xf0\x9f\x91\x8d", "1/2-"};
    fixture_t *fixture = *state;
    size_t size = 1 << 20;
    char *text = malloc (size);
    assert_non_null (text);
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        size_t length = strlen (patterns[i]), used = size / length * length;
        for (size_t at = 0; at < used; at += length)
            memcpy (text + at, patterns[i], length);
        annotate (fixture->trained, text, used, NULL, 0, fixture->layers);
        assert_covers (text, (qw_span_t){0, (uint32_t) used}, fixture->layers);
    }
    free (text);
}

static void the_same_text_gives_the_same_layer_again (void **state)
{
    fixture_t *fixture = *state;
    qw_layers_t *again = qw_layers_new ();
    char text[512];
    for (int round = 0; round < 500; round++) {
        size_t size = random_text (text, sizeof text);
        annotate (fixture->trained, text, size, NULL, 0, fixture->layers);
        annotate (fixture->trained, text, size, NULL, 0, again);
        assert_int_equal (again->token_count, fixture->layers->token_count);
        assert_int_equal (again->sentence_count, fixture->layers->sentence_count);
        if (again->token_count)
            assert_memory_equal (again->tokens, fixture->layers->tokens, again->token_count * sizeof *again->tokens);
    }
    qw_layers_destroy (&again);
}

/* ---- the model and the lists ---------------------------------------------------------------------------------------- */

static void a_model_of_another_kind_is_refused (void **state)
{
    fixture_t *fixture = *state;
    void *instance = NULL;
    qw_reason_t reason;
    static qw_gap_model_t other;
    other = *(const qw_gap_model_t *) fixture->model;
    assert_int_equal (qw_tokens_annotator.open (&instance, &other, sizeof other - 1, &reason), QW_DAMAGED);
    other.networks[0].shift = 31;
    assert_int_equal (qw_tokens_annotator.open (&instance, &other, sizeof other, &reason), QW_DAMAGED);
    other.version++;
    assert_int_equal (qw_tokens_annotator.open (&instance, &other, sizeof other, &reason), QW_UNSUPPORTED);
    other.magic[0] = 'X';
    assert_int_equal (qw_tokens_annotator.open (&instance, &other, sizeof other, &reason), QW_INVALID);
    assert_int_equal (qw_tokens_annotator.open (&instance, "Q", 1, &reason), QW_INVALID);
    assert_null (instance);
    assert_true (reason.text[0] != 0);
}

static void every_listed_word_is_found (void **state)
{
    (void) state;
    size_t words = 0;
    for (int list = 0; list < QW_WORD_LIST_COUNT; list++) {
        const char *before = "";
        const char *word;
        for (size_t i = 0; (word = qw_word_listed ((qw_word_list_t) list, i)); i++, words++) {
            assert_true (strcmp (before, word) < 0);
            assert_true (qw_word_in_list ((qw_word_list_t) list, word, (uint32_t) strlen (word)));
            before = word;
        }
        assert_true (*before);
        assert_false (qw_word_in_list ((qw_word_list_t) list, "zzz", 3));
    }
    assert_true (words > 200);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (words_and_marks_are_tokens),
        cmocka_unit_test (clitics_split_and_names_with_apostrophes_do_not),
        cmocka_unit_test (hyphens_split_words_but_not_affixes),
        cmocka_unit_test (numbers_times_and_amounts),
        cmocka_unit_test (abbreviations_keep_their_dots),
        cmocka_unit_test (addresses_handles_and_tags_stay_whole),
        cmocka_unit_test (all_of_unicode_is_read),
        cmocka_unit_test (rules_end_sentences_without_a_model),
        cmocka_unit_test (the_model_ends_sentences_in_news),
        cmocka_unit_test (tokens_cover_any_text),
        cmocka_unit_test (a_paragraph_does_not_see_its_neighbours),
        cmocka_unit_test (a_megabyte_without_a_space_is_read),
        cmocka_unit_test (the_same_text_gives_the_same_layer_again),
        cmocka_unit_test (a_model_of_another_kind_is_refused),
        cmocka_unit_test (every_listed_word_is_found),
    };
    return cmocka_run_group_tests (tests, set_up, tear_down);
}
