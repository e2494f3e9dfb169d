/*  Layers as MessagePack: round trips, the bytes that they take, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "proto/layer_codec.h"

static uint64_t state = 424242;

static uint32_t random_below (uint32_t limit)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t) (state >> 33) % limit;
}

typedef struct {
    char *text;
    size_t size;
    qw_utf8_index_t index;
    qw_layers_t *layers, *back;
    qw_token_column_t column;
    qw_out_t out;
} bench_t;

static void begin (bench_t *bench, const char *text)
{
    memset (bench, 0, sizeof *bench);
    bench->text = strdup (text);
    bench->size = strlen (text);
    qw_utf8_index_reset (&bench->index, bench->text, bench->size);
    bench->layers = qw_layers_new ();
    bench->back = qw_layers_new ();
    qw_token_column_init (&bench->column);
    qw_out_init (&bench->out);
}

static void end (bench_t *bench)
{
    qw_layers_destroy (&bench->layers);
    qw_layers_destroy (&bench->back);
    qw_token_column_free (&bench->column);
    qw_utf8_index_free (&bench->index);
    qw_out_free (&bench->out);
    free (bench->text);
}

static void add_tokens (qw_layers_t *layers, const uint32_t *bounds, size_t count)
{
    for (size_t i = 0; i < count; i++)
        *qw_layers_add_token (layers) = (qw_span_t){bounds[2 * i], bounds[2 * i + 1]};
    *qw_layers_add_sentence (layers) = (qw_sentence_t){0, (uint32_t) count};
}

/* ---- tokens ----------------------------------------------------------------------------------------------------- */

/* "He left." is He(0-2) left(3-7) .(7-8): gap 0 length 2 = 14, gap 1 length 4 = 4, gap 0 length 1 = 13. */
static void a_token_takes_half_a_byte (void **unused)
{
    (void) unused;
    bench_t bench;
    begin (&bench, "He left.");
    add_tokens (bench.layers, (uint32_t[]){0, 2, 3, 7, 7, 8}, 3);
    qw_put_tokens (bench.layers, &bench.index, QW_BYTES ("t 1"), &bench.column, &bench.out);
    static const char expected[] = "\x84\xa2" "by\xa3t 1\xa5" "count\x03\xa5spans\xc4\x02\x4e\x0d\xa9sentences\xc4\x01\x03";
    assert_int_equal (bench.out.buffer.size, sizeof expected - 1);
    assert_memory_equal (bench.out.buffer.data, expected, sizeof expected - 1);
    end (&bench);
}

static void a_long_gap_or_token_takes_an_escape (void **unused)
{
    (void) unused;
    bench_t bench;
    begin (&bench, "     abcdefghijklmnop");
    add_tokens (bench.layers, (uint32_t[]){5, 21}, 1);
    qw_put_tokens (bench.layers, &bench.index, QW_BYTES (""), &bench.column, &bench.out);
    /* 0 the escape, 5 the gap, then 16 in threes of bits: 0 and more (8), 2 */
    assert_int_equal (bench.column.size, 2);
    assert_memory_equal (bench.column.bytes, "\x50\x28", 2);
    end (&bench);
}

static void assert_same_tokens (const qw_layers_t *a, const qw_layers_t *b)
{
    assert_int_equal (a->token_count, b->token_count);
    if (a->token_count)
        assert_memory_equal (a->tokens, b->tokens, a->token_count * sizeof *a->tokens);
    assert_int_equal (a->sentence_count, b->sentence_count);
    if (a->sentence_count)
        assert_memory_equal (a->sentences, b->sentences, a->sentence_count * sizeof *a->sentences);
}

/* A text of random characters of 1 to 4 bytes; *boundaries gets where each begins, and the end. */
static char *random_text (size_t points, uint32_t *boundaries)
{
    static const char *const letters[] = {"a", " ", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80"};
    char *text = malloc (4 * points + 1);
    size_t size = 0;
    for (size_t i = 0; i < points; i++) {
        const char *letter = letters[random_below (random_below (3) ? 2 : 5)];
        boundaries[i] = (uint32_t) size;
        memcpy (text + size, letter, strlen (letter));
        size += strlen (letter);
    }
    boundaries[points] = (uint32_t) size;
    text[size] = 0;
    return text;
}

static void random_tokens (qw_layers_t *layers, const uint32_t *boundaries, uint32_t from, uint32_t until)
{
    uint32_t first = (uint32_t) layers->token_count, at = from;
    for (;;) {
        at += random_below (5) ? random_below (2) : random_below (100);
        uint32_t size = 1 + (random_below (5) ? random_below (14) : random_below (300));
        if (at >= until || size > until - at)
            break;
        *qw_layers_add_token (layers) = (qw_span_t){boundaries[at], boundaries[at + size]};
        at += size;
        if (random_below (12) == 0) {
            *qw_layers_add_sentence (layers) = (qw_sentence_t){first, (uint32_t) layers->token_count};
            first = (uint32_t) layers->token_count;
        }
    }
    if (layers->token_count > first)
        *qw_layers_add_sentence (layers) = (qw_sentence_t){first, (uint32_t) layers->token_count};
}

static void tokens_come_back_as_they_were (void **unused)
{
    (void) unused;
    for (int round = 0; round < 400; round++) {
        size_t points = random_below (1500);
        uint32_t *boundaries = malloc ((points + 1) * sizeof *boundaries);
        char *text = random_text (points, boundaries);
        bench_t bench;
        begin (&bench, text);
        random_tokens (bench.layers, boundaries, 0, (uint32_t) points);
        qw_put_tokens (bench.layers, &bench.index, QW_BYTES ("x 1"), &bench.column, &bench.out);
        qw_reason_t reason;
        if (qw_get_tokens (qw_out_bytes (&bench.out), &bench.index, 0, (uint32_t) points, bench.back, &reason))
            fail_msg ("%s", reason.text);
        assert_same_tokens (bench.layers, bench.back);
        uint32_t count, last = bench.column.end;
        assert_int_equal (qw_check_tokens (qw_out_bytes (&bench.out), last, &count, &reason), QW_OK);
        assert_int_equal (count, bench.layers->token_count);
        if (last > 0)
            assert_int_equal (qw_check_tokens (qw_out_bytes (&bench.out), last - 1, &count, &reason), QW_INVALID);
        assert_true (qw_bytes_are (qw_layer_by (qw_out_bytes (&bench.out)), "x 1"));
        end (&bench);
        free (text);
        free (boundaries);
    }
}

/* I8: columns of chunks, put together, are the column of the whole. */
static void chunks_put_together_are_the_whole (void **unused)
{
    (void) unused;
    for (int round = 0; round < 300; round++) {
        size_t points = 1 + random_below (2000);
        uint32_t *boundaries = malloc ((points + 1) * sizeof *boundaries);
        char *text = random_text (points, boundaries);
        bench_t bench;
        begin (&bench, text);
        qw_token_column_t joined;
        qw_token_column_init (&joined);
        for (uint32_t from = 0; from < points;) {
            uint32_t until = from + 1 + random_below (400);
            if (until > points)
                until = (uint32_t) points;
            bench_t part;
            char *piece = strndup (text + boundaries[from], boundaries[until] - boundaries[from]);
            uint32_t *inside = malloc ((until - from + 1) * sizeof *inside);
            for (uint32_t i = 0; i <= until - from; i++)
                inside[i] = boundaries[from + i] - boundaries[from];
            begin (&part, piece);
            random_tokens (part.layers, inside, 0, until - from);
            qw_put_tokens (part.layers, &part.index, QW_BYTES ("x"), &part.column, &part.out);
            qw_reason_t reason;
            if (qw_token_column_append (&joined, qw_out_bytes (&part.out), from, until - from, &reason)
                || qw_get_tokens (qw_out_bytes (&part.out), &bench.index, from, until - from, bench.layers, &reason))
                fail_msg ("%s", reason.text);
            end (&part);
            free (inside);
            free (piece);
            from = until;
        }
        qw_out_t together;
        qw_out_init (&together);
        qw_token_column_put (&joined, QW_BYTES ("x"), &together);
        qw_put_tokens (bench.layers, &bench.index, QW_BYTES ("x"), &bench.column, &bench.out);
        assert_int_equal (together.buffer.size, bench.out.buffer.size);
        assert_memory_equal (together.buffer.data, bench.out.buffer.data, together.buffer.size);
        qw_out_free (&together);
        qw_token_column_free (&joined);
        end (&bench);
        free (text);
        free (boundaries);
    }
}

static void assert_tokens_refused (const char *spans, size_t spans_size, const char *sentences, size_t sentences_size,
                                   uint64_t count, const char *why)
{
    qw_out_t out;
    qw_out_init (&out);
    qw_put_map (&out, 3);
    qw_put_key (&out, "count");
    qw_put_uint (&out, count);
    qw_put_key (&out, "spans");
    qw_put_bin (&out, (qw_bytes_t){spans, spans_size});
    qw_put_key (&out, "sentences");
    qw_put_bin (&out, (qw_bytes_t){sentences, sentences_size});
    bench_t bench;
    begin (&bench, "0123456789");
    qw_reason_t reason = {""};
    qw_token_column_add (&bench.column, 1, 1);
    for (int i = 0; i < 2; i++) {
        qw_status_t status = i ? qw_get_tokens (qw_out_bytes (&out), &bench.index, 0, 10, bench.back, &reason)
                               : qw_token_column_append (&bench.column, qw_out_bytes (&out), 2, 8, &reason);
        assert_int_equal (status, QW_INVALID);
        if (!strstr (reason.text, why))
            fail_msg ("expected '%s', got '%s'", why, reason.text);
        assert_int_equal (bench.back->token_count, 0);
        assert_int_equal (bench.column.count, 1);
    }
    qw_out_free (&out);
    end (&bench);
}
#define TOKENS_REFUSED(spans, sentences, count, why) \
    assert_tokens_refused (spans, sizeof (spans) - 1, sentences, sizeof (sentences) - 1, count, why)

static void tokens_that_make_no_sense_are_refused (void **unused)
{
    (void) unused;
    TOKENS_REFUSED ("\x04", "\x02", 2, "token 1 is cut off");
    TOKENS_REFUSED ("\x04", "\x01", 3, "more than the column can hold");
    TOKENS_REFUSED ("\x44\x44", "\x04", 4, "outside of its text");
    TOKENS_REFUSED ("\x10\x00", "\x01", 1, "is empty");
    TOKENS_REFUSED ("\x14", "\x01", 1, "an empty half byte");
    TOKENS_REFUSED ("\x04\x00", "\x01", 1, "bytes left over");
    TOKENS_REFUSED ("\x04", "", 1, "does not hold every token");
    TOKENS_REFUSED ("\x04", "\x02", 1, "impossible length");
    TOKENS_REFUSED ("\x04", "\x00\x01", 1, "impossible length");
    TOKENS_REFUSED ("\x04", "\x81", 1, "impossible length");
    TOKENS_REFUSED ("\xf0\xff\xff\xff\xff\xff\xff\xff", "\x01", 1, "cut off");
}

/* ---- entities --------------------------------------------------------------------------------------------------- */

static void add_mention (bench_t *bench, uint32_t start, uint32_t end_of, qw_entity_type_t type, uint32_t cluster)
{
    *qw_layers_add_mention (bench->layers) = (qw_mention_t){{start, end_of}, type, cluster};
}

static void add_cluster (bench_t *bench, qw_entity_type_t type, const char *name, const char *key)
{
    qw_cluster_t *cluster = qw_layers_add_cluster (bench->layers);
    cluster->type = type;
    cluster->name = qw_layers_add_string (bench->layers, name, strlen (name));
    cluster->key = qw_layers_add_string (bench->layers, key, strlen (key));
}

static qw_bytes_t string_of (const qw_layers_t *layers, qw_string_t string)
{
    return (qw_bytes_t){qw_layers_string (layers, string), string.size};
}

static void assert_same_entities (const bench_t *bench)
{
    const qw_layers_t *a = bench->layers, *b = bench->back;
    assert_int_equal (a->mention_count, b->mention_count);
    for (size_t i = 0; i < a->mention_count; i++) {
        assert_memory_equal (&a->mentions[i].span, &b->mentions[i].span, sizeof (qw_span_t));
        assert_int_equal (a->mentions[i].type, b->mentions[i].type);
        assert_int_equal (a->mentions[i].cluster, b->mentions[i].cluster);
    }
    assert_int_equal (a->cluster_count, b->cluster_count);
    for (size_t i = 0; i < a->cluster_count; i++) {
        assert_int_equal (a->clusters[i].type, b->clusters[i].type);
        assert_true (qw_bytes_equal (string_of (a, a->clusters[i].name), string_of (b, b->clusters[i].name)));
        assert_true (qw_bytes_equal (string_of (a, a->clusters[i].key), string_of (b, b->clusters[i].key)));
    }
}

static void entities_come_back_and_usual_names_and_keys_take_a_byte (void **unused)
{
    (void) unused;
    bench_t bench;
    begin (&bench, "Zo\xc3\xab Lind met Lind in Ulm");
    add_mention (&bench, 0, 9, QW_PERSON, 0);
    add_mention (&bench, 14, 18, QW_PERSON, 0);
    add_mention (&bench, 22, 25, QW_LOC, 1);
    add_cluster (&bench, QW_PERSON, "Zo\xc3\xab Lind", "person:zo\xc3\xab-lind");
    add_cluster (&bench, QW_LOC, "Ulm", "place:ulm");
    qw_put_entities (bench.layers, &bench.index, QW_BYTES ("e"), &bench.out);
    static const char expected[] = "\x83\xa2"
                                   "by\xa1"
                                   "e\xa8mentions\x9c\x00\x08\x00\x01\x05\x04\x00\x01\x04\x03\x02\x02\xa8"
                                   "clusters\x94\x00\xc0\x02\xc0";
    assert_int_equal (bench.out.buffer.size, sizeof expected - 1);
    assert_memory_equal (bench.out.buffer.data, expected, sizeof expected - 1);
    assert_int_equal (qw_get_entities (qw_out_bytes (&bench.out), &bench.index, 0, 24, bench.back, NULL), QW_OK);
    assert_same_entities (&bench);
    end (&bench);
}

static void names_and_keys_of_their_own_come_back (void **unused)
{
    (void) unused;
    bench_t bench;
    begin (&bench, "the ministry");
    add_mention (&bench, 4, 12, QW_ORG, 0);
    add_cluster (&bench, QW_ORG, "Ministry of Trade", "org:x");
    qw_put_entities (bench.layers, &bench.index, QW_BYTES ("e"), &bench.out);
    assert_int_equal (qw_get_entities (qw_out_bytes (&bench.out), &bench.index, 0, 12, bench.back, NULL), QW_OK);
    assert_same_entities (&bench);
    end (&bench);
}

static void keys_are_the_same_for_every_spelling (void **unused)
{
    (void) unused;
    static const struct {
        qw_entity_type_t type;
        const char *name, *key;
    } cases[] = {
        {QW_PERSON, "Choe Ryong Hae", "person:choe-ryong-hae"}, {QW_PERSON, "Koh Yu-hwan", "person:koh-yu-hwan"},
        {QW_PERSON, "  KOH  Yu-Hwan. ", "person:koh-yu-hwan"},  {QW_ORG, "AT&T", "org:at-t"},
        {QW_LOC, "S\xc3\xa3o Paulo", "place:s\xc3\xa3o-paulo"}, {QW_FAC, "Gate 4", "place:gate-4"},
        {QW_MISC, "...", "misc:"},                              {QW_MISC, "", "misc:"},
    };
    char key[64];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t size = qw_key_of_name (cases[i].type, cases[i].name, strlen (cases[i].name), key, sizeof key);
        assert_true (qw_bytes_are ((qw_bytes_t){key, size}, cases[i].key));
    }
    for (size_t room = 0; room < 20; room++) /* cut, but never inside a character */
        assert_true (qw_utf8_is_valid (key, qw_key_of_name (QW_LOC, "S\xc3\xa3\xc3\xa3\xc3\xa3o", 9, key, room)));
}

static void assert_entities_refused (qw_bytes_t layer, const char *why)
{
    bench_t bench;
    begin (&bench, "0123456789");
    add_mention (&bench, 0, 1, QW_ORG, QW_NO_CLUSTER);
    qw_reason_t reason = {""};
    assert_int_equal (qw_get_entities (layer, &bench.index, 0, 10, bench.layers, &reason), QW_INVALID);
    if (!strstr (reason.text, why))
        fail_msg ("expected '%s', got '%s'", why, reason.text);
    assert_int_equal (bench.layers->mention_count, 1);
    assert_int_equal (bench.layers->cluster_count, 0);
    end (&bench);
}

static void entities_that_make_no_sense_are_refused (void **unused)
{
    (void) unused;
    assert_entities_refused (QW_BYTES ("\x80"), "'mentions' is missing");
    assert_entities_refused (QW_BYTES ("\x81\xa8mentions\x93\x00\x01\x00"), "not a list of fours");
    assert_entities_refused (QW_BYTES ("\x81\xa8mentions\x94\x00\x00\x00\x00"), "outside of its text");
    assert_entities_refused (QW_BYTES ("\x81\xa8mentions\x94\x0a\x01\x00\x00"), "outside of its text");
    assert_entities_refused (QW_BYTES ("\x81\xa8mentions\x94\x00\x01\x0c\x00"), "unknown type");
    assert_entities_refused (QW_BYTES ("\x81\xa8mentions\x94\x00\x01\x00\x02"), "cluster that does not exist");
    assert_entities_refused (QW_BYTES ("\x81\xa8mentions\x94\x00\x01\x00\x01"), "cluster that does not exist");
    assert_entities_refused (QW_BYTES ("\x81\xa8mentions\x94\x00\xa1x\x00\x00"), "'mentions' is not an unsigned integer");
    assert_entities_refused (QW_BYTES ("\x82\xa8mentions\x94\x00\x01\x00\x01\xa8"
                                       "clusters\x92\x05\xc0"),
                             "named by a mention that does not exist");
    /* a gap that would wrap around 2^64 and lead back before the mention in front */
    assert_entities_refused (
        QW_BYTES ("\x81\xa8mentions\x98\x05\x01\x00\x00\xcf\xff\xff\xff\xff\xff\xff\xff\xfc\x01\x00\x00"),
        "mention 1 lies outside");
}

/* ---- quotes ----------------------------------------------------------------------------------------------------- */

static void quotes_come_back_as_they_were (void **unused)
{
    (void) unused;
    static const char text[] = "\xe2\x80\x9cYes,\xe2\x80\x9d he said, Yonhap reported. Lind thinks it will rain.";
    bench_t bench;
    begin (&bench, text);
    add_mention (&bench, 37, 41, QW_PERSON, 0);
    add_cluster (&bench, QW_PERSON, "Lind", "person:lind");
    qw_quote_t *quote = qw_layers_add_quote (bench.layers);
    *quote = (qw_quote_t){.span = {0, 10}, .cue = {14, 18}, .speaker_mention = {11, 13}, .via = {20, 26}, .type = QW_DIRECT,
                          .speech = true, .runs_on = true, .cluster = QW_NO_CLUSTER, .how = QW_HOW_TEXT, .confidence = 40,
                          .statement = 0xfedcba9876};
    quote->speaker = qw_layers_add_string (bench.layers, "he", 2);
    quote = qw_layers_add_quote (bench.layers);
    *quote = (qw_quote_t){.span = {49, 61},
                          .cue = {42, 48},
                          .speaker_mention = {37, 41},
                          .type = QW_INDIRECT,
                          .opens_before = true,
                          .cluster = 0,
                          .how = QW_HOW_NAME,
                          .confidence = 100,
                          .speaker = bench.layers->clusters[0].name};
    quote = qw_layers_add_quote (bench.layers);
    *quote = (qw_quote_t){.span = {55, 61}, .type = QW_MIXED, .speech = true, .cluster = QW_NO_CLUSTER};
    qw_put_entities (bench.layers, &bench.index, QW_BYTES ("e"), &bench.out);
    qw_reason_t reason = {""};
    uint32_t length = (uint32_t) bench.index.length;
    if (qw_get_entities (qw_out_bytes (&bench.out), &bench.index, 0, length, bench.back, &reason))
        fail_msg ("%s", reason.text);
    qw_out_reset (&bench.out);
    qw_put_quotes (bench.layers, &bench.index, QW_BYTES ("q"), &bench.out);
    if (qw_get_quotes (qw_out_bytes (&bench.out), &bench.index, 0, length, bench.back, &reason))
        fail_msg ("%s", reason.text);
    assert_int_equal (bench.back->quote_count, 3);
    for (size_t i = 0; i < 3; i++) {
        const qw_quote_t *a = &bench.layers->quotes[i], *b = &bench.back->quotes[i];
        assert_memory_equal (&a->span, &b->span, sizeof a->span);
        assert_memory_equal (&a->cue, &b->cue, sizeof a->span);
        assert_memory_equal (&a->speaker_mention, &b->speaker_mention, sizeof a->span);
        assert_memory_equal (&a->via, &b->via, sizeof a->span);
        assert_int_equal (a->type, b->type);
        assert_int_equal (a->speech, b->speech);
        assert_int_equal (a->opens_before, b->opens_before);
        assert_int_equal (a->runs_on, b->runs_on);
        assert_int_equal (a->cluster, b->cluster);
        assert_int_equal (a->how, b->how);
        assert_int_equal (a->confidence, b->confidence);
        assert_int_equal (a->statement, b->statement);
        assert_true (qw_bytes_equal (string_of (bench.layers, a->speaker), string_of (bench.back, b->speaker)));
    }
    /* truncated anywhere, it is refused and leaves no trace */
    for (size_t size = 0; size < bench.out.buffer.size; size++) {
        char *cut = malloc (size + 1);
        memcpy (cut, bench.out.buffer.data, size);
        assert_int_equal (qw_get_quotes ((qw_bytes_t){cut, size}, &bench.index, 0, length, bench.back, NULL), QW_INVALID);
        assert_int_equal (bench.back->quote_count, 3);
        free (cut);
    }
    end (&bench);
}

/* ---- structure -------------------------------------------------------------------------------------------------- */

static void paragraphs_come_back_as_they_were (void **unused)
{
    (void) unused;
    bench_t bench;
    begin (&bench, "Caf\xc3\xa9 closes\n\nBy Zo\xc3\xab\n\nIt closed.");
    qw_paragraph_t paragraphs[] = {{{0, 12}, QW_ROLE_HEADLINE}, {{14, 21}, QW_ROLE_BYLINE}, {{23, 33}, QW_ROLE_BODY}};
    uint64_t numbers[9];
    qw_structure_numbers (paragraphs, 3, &bench.index, numbers);
    assert_memory_equal (numbers, ((uint64_t[]){0, 11, QW_ROLE_HEADLINE, 2, 6, QW_ROLE_BYLINE, 2, 10, QW_ROLE_BODY}),
                         sizeof numbers);
    qw_paragraph_t back[3];
    size_t count;
    assert_int_equal (qw_get_structure ((qw_uints_t){numbers, 9}, &bench.index, back, &count, NULL), QW_OK);
    assert_int_equal (count, 3);
    assert_memory_equal (back, paragraphs, sizeof back);
    qw_put_structure ((qw_uints_t){numbers, 9}, QW_BYTES ("s"), &bench.out);
    assert_memory_equal (bench.out.buffer.data + bench.out.buffer.size - 10, "\x99\x00\x0b\x01\x02\x06\x02\x02\x0a\x00", 10);
    static const uint64_t bad[][4] = {{0, 0, 0, 3}, {0, 32, 0, 3},        {32, 1, 0, 3}, {0, 1, QW_ROLE_COUNT, 3},
                                      {0, 1, 0, 2}, {UINT64_MAX, 1, 0, 3}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal (
            qw_get_structure ((qw_uints_t){(uint64_t *) bad[i], bad[i][3]}, &bench.index, back, &count, NULL),
            QW_INVALID);
    end (&bench);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_token_takes_half_a_byte),
        cmocka_unit_test (a_long_gap_or_token_takes_an_escape),
        cmocka_unit_test (tokens_come_back_as_they_were),
        cmocka_unit_test (chunks_put_together_are_the_whole),
        cmocka_unit_test (tokens_that_make_no_sense_are_refused),
        cmocka_unit_test (entities_come_back_and_usual_names_and_keys_take_a_byte),
        cmocka_unit_test (names_and_keys_of_their_own_come_back),
        cmocka_unit_test (keys_are_the_same_for_every_spelling),
        cmocka_unit_test (entities_that_make_no_sense_are_refused),
        cmocka_unit_test (quotes_come_back_as_they_were),
        cmocka_unit_test (paragraphs_come_back_as_they_were),
    };
    return cmocka_run_group_tests_name ("layer_codec", tests, NULL, NULL);
}
