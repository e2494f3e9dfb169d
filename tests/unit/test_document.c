/*  Records of the corpus, their checksums, and documents as JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <jansson.h>

#include "proto/interchange.h"
#include "tests/unit/make_record.h"

typedef struct {
    qw_out_t record;
    qw_document_t document;
} bench_t;

static void begin (bench_t *bench, const sample_t *sample)
{
    qw_out_init (&bench->record);
    make_record (sample, &bench->record);
    qw_reason_t reason;
    if (qw_document_read (&bench->document, bench->record.buffer.data, bench->record.buffer.size, &reason))
        fail_msg ("%s", reason.text);
}

static void end (bench_t *bench) { qw_out_free (&bench->record); }

static const sample_t usual = {.id = "a-1", .text = "Lind says caf\xc3\xa9s close", .sequence = 7};

/* ---- records ---------------------------------------------------------------------------------------------------- */

static void a_record_comes_back_as_it_was_written (void **unused)
{
    (void) unused;
    bench_t bench;
    begin (&bench, &usual);
    const qw_document_t *document = &bench.document;
    assert_true (qw_bytes_are (document->id, "a-1"));
    assert_true (qw_bytes_are (document->text, usual.text));
    assert_int_equal (document->sequence, 7);
    assert_false (document->failed);
    assert_false (document->dropped);
    assert_int_equal (document->supersedes, 0);
    assert_null (document->metadata.data);
    assert_int_equal (qw_document_size (bench.record.buffer.data, bench.record.buffer.size), bench.record.buffer.size);
    assert_int_equal (qw_mp_scan (bench.record.buffer.data, bench.record.buffer.size, NULL), QW_OK);
    assert_null (qw_document_layer (document, "sentiment").data);

    qw_utf8_index_t index = {0};
    qw_layers_t *layers = qw_layers_new (), *expected = qw_layers_new ();
    qw_paragraph_t *paragraphs = NULL;
    size_t count, capacity = 0;
    assert_int_equal (qw_document_layers (document, &index, layers, &paragraphs, &count, &capacity, NULL), QW_OK);
    annotate_sample (usual.text, expected);
    assert_int_equal (layers->token_count, expected->token_count);
    assert_memory_equal (layers->tokens, expected->tokens, expected->token_count * sizeof *expected->tokens);
    assert_int_equal (layers->mention_count, 1);
    assert_int_equal (layers->quote_count, 1);
    assert_int_equal (count, 1);
    assert_int_equal (paragraphs[0].span.end, strlen (usual.text));
    free (paragraphs);
    qw_layers_destroy (&layers);
    qw_layers_destroy (&expected);
    qw_utf8_index_free (&index);
    end (&bench);
}

static void failed_dropped_and_superseding_records_say_so (void **unused)
{
    (void) unused;
    bench_t bench;
    begin (&bench, &(sample_t){.id = "x", .text = "t", .failed = "not UTF-8", .supersedes = 5,
                               .metadata = QW_BYTES ("\x81\xa1k\x01"), .holes = QW_BYTES ("\x90")});
    assert_true (bench.document.failed);
    assert_true (qw_bytes_are (bench.document.reason, "not UTF-8"));
    assert_int_equal (bench.document.holes.size, 1);
    assert_int_equal (bench.document.supersedes, 5);
    assert_int_equal (bench.document.metadata.size, 4);
    qw_entry_t entry;
    qw_bytes_t id;
    assert_int_equal (qw_entry_of_record (&entry, qw_out_bytes (&bench.record), &id, NULL), QW_OK);
    assert_int_equal (entry.flags, QW_ENTRY_FAILED | QW_ENTRY_SUPERSEDES);
    assert_true (qw_bytes_are (id, "x"));
    end (&bench);
    begin (&bench, &(sample_t){.id = "x", .text = "", .dropped = true, .supersedes = 1});
    assert_true (bench.document.dropped);
    assert_false (bench.document.failed);
    end (&bench);
}

static void an_entry_counts_what_the_record_has (void **unused)
{
    (void) unused;
    bench_t bench;
    begin (&bench, &usual);
    qw_entry_t entry;
    assert_int_equal (qw_entry_of_record (&entry, qw_out_bytes (&bench.record), NULL, NULL), QW_OK);
    assert_int_equal (entry.tokens, 4);
    assert_int_equal (entry.mentions, 1);
    assert_int_equal (entry.quotes, 1);
    assert_int_equal (entry.size, bench.record.buffer.size);
    assert_int_equal (entry.flags, 0);
    end (&bench);
}

/* A flipped bit anywhere makes the record damaged or no record at all. */
static void every_flipped_bit_is_noticed (void **unused)
{
    (void) unused;
    bench_t bench;
    begin (&bench, &usual);
    size_t size = bench.record.buffer.size;
    for (size_t i = 0; i < 8 * size; i++) {
        char *bytes = malloc (size);
        memcpy (bytes, bench.record.buffer.data, size);
        bytes[i / 8] ^= (char) (1 << i % 8);
        qw_document_t document;
        qw_reason_t reason;
        qw_status_t status = qw_document_read (&document, bytes, size, &reason);
        assert_true (status == QW_DAMAGED || status == QW_INVALID);
        free (bytes);
    }
    end (&bench);
}

static void a_record_that_is_cut_off_has_no_size (void **unused)
{
    (void) unused;
    bench_t bench;
    begin (&bench, &usual);
    for (size_t size = 0; size < bench.record.buffer.size; size++) {
        char *bytes = malloc (size + 1);
        memcpy (bytes, bench.record.buffer.data, size);
        qw_document_t document;
        assert_int_equal (qw_document_size (bytes, size), 0);
        assert_int_equal (qw_document_read (&document, bytes, size, NULL), QW_INVALID);
        free (bytes);
    }
    end (&bench);
}

/* Given a checksum that is right, a record must still have its members. */
static void a_record_without_its_members_is_refused (void **unused)
{
    (void) unused;
    static const struct {
        qw_bytes_t members;
        const char *why;
    } cases[] = {
        {QW_BYTES ("\x81"), "lacks its id"},
        {QW_BYTES ("\x82\xa2id\x05"), "field 'id' is not text"},
        {QW_BYTES ("\x84\xa2id\xa1x\xa6source\x80\xa4text\xa1y"), "lacks its id, source, text or layers"},
        {QW_BYTES ("\x85\xa2id\xa1x\xa6source\x90\xa4text\xa1y\xa6layers\x80"), "field 'source' is not a map"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        qw_out_t out;
        qw_out_init (&out);
        qw_put_raw (&out, cases[i].members);
        qw_document_end (&out, 0);
        qw_document_t document;
        qw_reason_t reason = {""};
        assert_int_equal (qw_document_read (&document, out.buffer.data, out.buffer.size, &reason), QW_INVALID);
        if (!strstr (reason.text, cases[i].why))
            fail_msg ("expected '%s', got '%s'", cases[i].why, reason.text);
        qw_out_free (&out);
    }
}

/* ---- JSON ------------------------------------------------------------------------------------------------------- */

/* The document as an object; jansson is the judge of whether it is JSON. */
static json_t *object_of (const sample_t *sample, const uint64_t *place)
{
    bench_t bench;
    begin (&bench, sample);
    qw_interchange_t *interchange = qw_interchange_new ();
    qw_json_out_t out = {0};
    qw_reason_t reason;
    if (qw_interchange_put_document (interchange, &out, &bench.document, place, &reason))
        fail_msg ("%s", reason.text);
    json_error_t error;
    json_t *object = json_loadb (out.data, out.size, JSON_REJECT_DUPLICATES, &error);
    if (!object)
        fail_msg ("%s: %.*s", error.text, (int) out.size, out.data);
    qw_json_out_free (&out);
    qw_interchange_destroy (&interchange);
    end (&bench);
    return object;
}

static void assert_member (const json_t *object, const char *key, const char *expected)
{
    char *text = json_dumps (json_object_get (object, key), JSON_COMPACT | JSON_ENCODE_ANY | JSON_SORT_KEYS);
    assert_non_null (text);
    assert_string_equal (text, expected);
    free (text);
}

static void a_document_as_json_counts_code_points (void **unused)
{
    (void) unused;
    json_t *object = object_of (&usual, NULL);
    assert_member (object, "id", "\"a-1\"");
    assert_member (object, "text", "\"Lind says caf\xc3\xa9s close\"");
    assert_member (object, "structure", "[{\"end\":21,\"role\":\"body\",\"start\":0}]");
    assert_member (object, "tokens", "[[0,4],[5,9],[10,15],[16,21]]");
    assert_member (object, "sentences", "[[0,21]]");
    assert_member (object, "entities", "[{\"end\":4,\"entity\":\"person:lind\",\"start\":0,\"type\":\"PERSON\"}]");
    assert_member (object, "clusters", "{\"person:lind\":{\"name\":\"Lind\",\"type\":\"PERSON\"}}");
    assert_member (
        object, "quotes",
        "[{\"confidence\":90,\"cue\":null,\"end\":21,\"entity\":\"person:lind\",\"how\":\"name\",\"speaker\":\"Lind\","
        "\"speaker_mention\":[0,4],\"speech\":true,\"start\":5,\"statement\":null,\"type\":\"direct\"}]");
    assert_null (json_object_get (object, "failed"));
    assert_null (json_object_get (object, "position"));
    json_decref (object);
}

static void metadata_stands_beside_but_never_in_the_place_of_ours (void **unused)
{
    (void) unused;
    sample_t sample = usual;
    sample.metadata = QW_BYTES ("\x85\xa5title\xa1T\xa6tokens\x05\xa4"
                                "date\xcb\x3f\xf8\x00\x00\x00\x00\x00\x00\xa2id\xc0\xa4tags\x92\xc3\xff");
    json_t *object = object_of (&sample, NULL);
    assert_member (object, "title", "\"T\"");
    assert_member (object, "date", "1.5");
    assert_member (object, "tags", "[true,-1]");
    assert_member (object, "id", "\"a-1\"");
    assert_member (object, "tokens", "[[0,4],[5,9],[10,15],[16,21]]");
    assert_member (object, "metadata", "{\"id\":null,\"tokens\":5}");
    json_decref (object);
}

static void a_failed_document_says_what_is_missing_where (void **unused)
{
    (void) unused;
    uint64_t position = 12;
    json_t *object = object_of (&(sample_t){.id = "x",
                                            .text = "a\"b\\c\n\x01",
                                            .failed = "no worker",
                                            .sequence = 3,
                                            .supersedes = 9,
                                            .holes = QW_BYTES ("\x91\x94\x02\x05\x91\xa6tokens\xa4slow")},
                                &position);
    assert_member (object, "text", "\"a\\\"b\\\\c\\n\\u0001\"");
    assert_member (
        object, "failed",
        "{\"holes\":[{\"end\":7,\"layers\":[\"tokens\"],\"reason\":\"slow\",\"start\":2}],\"reason\":\"no worker\"}");
    assert_member (object, "position", "12");
    assert_member (object, "sequence", "3");
    assert_member (object, "supersedes", "8");
    assert_member (object, "source", "{\"path\":\"s.txt \"}");
    assert_null (json_object_get (object, "tokens"));
    json_decref (object);
}

static void layers_of_others_are_passed_on (void **unused)
{
    (void) unused;
    qw_document_t head = {.id = QW_BYTES ("x"), .source = QW_BYTES ("\x80"), .text = QW_BYTES ("abc")}, document;
    qw_out_t record;
    qw_out_init (&record);
    qw_document_begin (&record, &head, 2);
    qw_put_raw (&record, QW_BYTES ("\xa4" "mood\x81\xa5parts\x91\x93\x00\x03\xa3sad\xa3raw\xc4\x04\x00\x01\x02\xff"));
    qw_document_end (&record, 0);
    assert_int_equal (qw_document_read (&document, record.buffer.data, record.buffer.size, NULL), QW_OK);
    qw_interchange_t *interchange = qw_interchange_new ();
    qw_json_out_t out = {0};
    assert_int_equal (qw_interchange_put_document (interchange, &out, &document, NULL, NULL), QW_OK);
    static const char expected[] =
        "{\"id\":\"x\",\"text\":\"abc\",\"layers\":{\"mood\":{\"parts\":[[0,3,\"sad\"]]},\"raw\":\"AAEC/w==\"}}";
    assert_int_equal (out.size, sizeof expected - 1);
    assert_memory_equal (out.data, expected, out.size);
    qw_json_out_free (&out);
    qw_interchange_destroy (&interchange);
    qw_out_free (&record);
}

static void numbers_and_text_are_written_as_json_has_them (void **unused)
{
    (void) unused;
    qw_json_out_t out = {0};
    qw_json_put_uint (&out, 0);
    qw_json_put_text (&out, " ");
    qw_json_put_uint (&out, UINT64_MAX);
    qw_json_put_text (&out, " ");
    qw_json_put_int (&out, INT64_MIN);
    qw_json_put_text (&out, " ");
    qw_json_put_double (&out, 0.1);
    qw_json_put_text (&out, " ");
    qw_json_put_double (&out, 3);
    qw_json_put_text (&out, " ");
    qw_json_put_double (&out, 1.0 / 3);
    qw_json_put_text (&out, " ");
    qw_json_put_double (&out, 1e300 * 1e300);
    qw_json_put_text (&out, " ");
    qw_json_put_string (&out, QW_BYTES ("\x00\x1f\x7f\t\"\\/\xc3\xa9\xff."));
    static const char expected[] = "0 18446744073709551615 -9223372036854775808 0.1 3.0 0.3333333333333333 null "
                                   "\"\\u0000\\u001f\x7f\\t\\\"\\\\/\xc3\xa9\xef\xbf\xbd.\"";
    assert_int_equal (out.size, sizeof expected - 1);
    assert_memory_equal (out.data, expected, out.size);
    qw_json_out_free (&out);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_record_comes_back_as_it_was_written),
        cmocka_unit_test (failed_dropped_and_superseding_records_say_so),
        cmocka_unit_test (an_entry_counts_what_the_record_has),
        cmocka_unit_test (every_flipped_bit_is_noticed),
        cmocka_unit_test (a_record_that_is_cut_off_has_no_size),
        cmocka_unit_test (a_record_without_its_members_is_refused),
        cmocka_unit_test (a_document_as_json_counts_code_points),
        cmocka_unit_test (metadata_stands_beside_but_never_in_the_place_of_ours),
        cmocka_unit_test (a_failed_document_says_what_is_missing_where),
        cmocka_unit_test (layers_of_others_are_passed_on),
        cmocka_unit_test (numbers_and_text_are_written_as_json_has_them),
    };
    return cmocka_run_group_tests_name ("document", tests, NULL, NULL);
}
