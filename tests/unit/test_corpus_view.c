/*  The documents of a corpus as its tools see them: each once, in its newest form; and what a check finds. */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

#include "proto/log.h"
#include "sink/corpus_check.h"
#include "sink/corpus_view.h"
#include "sink/speakers_ranking.h"
#include "sink/terminal.h"
#include "tests/unit/make_record.h"

typedef struct {
    char path[64];
    qw_corpus_t *corpus;
    unsigned lines;
    char last[400];
} scene_t;

static int set_up (void **state)
{
    scene_t *scene = calloc (1, sizeof *scene);
    const char *base = getenv ("TMPDIR");
    snprintf (scene->path, sizeof scene->path, "%.40s/qw-view-XXXXXX", base ? base : "/tmp");
    if (!mkdtemp (scene->path) || qw_corpus_open (&scene->corpus, scene->path, 4000, NULL))
        return -1;
    *state = scene;
    return 0;
}

static int tear_down (void **state)
{
    scene_t *scene = *state;
    qw_corpus_close (&scene->corpus);
    DIR *list = opendir (scene->path);
    for (struct dirent *item; list && (item = readdir (list));) {
        char name[400];
        snprintf (name, sizeof name, "%s/%s", scene->path, item->d_name);
        unlink (name);
    }
    closedir (list);
    rmdir (scene->path);
    free (scene);
    return 0;
}

/* 0 good, 1 failed, 2 good, 3 failed, 4 drops 3, 5 retries 1 in vain, 6 good, 7 retries 1 and succeeds, 8 failed, 9 is
 * 3 anew. */
static void tell_a_story (scene_t *scene)
{
    const sample_t samples[] = {
        {.id = "a", .text = "Lind says a"},
        {.id = "b", .text = "b", .failed = "slow"},
        {.id = "c", .text = "Ulm says c d"},
        {.id = "d", .text = "d", .failed = "no"},
        {.id = "d", .text = "", .dropped = true, .supersedes = 4},
        {.id = "b", .text = "b", .failed = "slow again", .supersedes = 2},
        {.id = "e", .text = "Ems says e"},
        {.id = "b", .text = "Berg says b", .supersedes = 6},
        {.id = "f", .text = "f", .failed = "odd"},
        {.id = "d", .text = "Dorn says d"},
    };
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
        assert_int_equal (append_sample (scene->corpus, &samples[i]), i);
    assert_int_equal (qw_corpus_commit (scene->corpus, NULL), QW_OK);
}

static void a_view_shows_each_document_once_in_its_place_and_newest_form (void **state)
{
    scene_t *scene = *state;
    tell_a_story (scene);
    qw_corpus_reader_t *reader = qw_corpus_reader_open (scene->path, NULL);
    qw_corpus_view_t *view = qw_corpus_view_new (reader);
    static const uint64_t expected[][2] = {{0, 0}, {1, 7}, {2, 2}, {6, 6}, {8, 8}, {9, 9}};
    for (int round = 0; round < 2; round++) { /* a view can be stepped through again */
        uint64_t position = 0, newest;
        qw_entry_t entry;
        size_t count = 0;
        while (qw_corpus_view_next (view, &position, UINT64_MAX, &newest, &entry, NULL) == QW_OK) {
            assert_true (count < 6);
            assert_int_equal (position, expected[count][0]);
            assert_int_equal (newest, expected[count][1]);
            assert_int_equal (entry.flags & QW_ENTRY_FAILED, newest == 8 ? QW_ENTRY_FAILED : 0);
            count++;
        }
        assert_int_equal (count, 6);
        position = 1;
        assert_int_equal (qw_corpus_view_next (view, &position, 2, &newest, &entry, NULL), QW_OK);
        assert_int_equal (newest, 7);
        assert_int_equal (qw_corpus_view_next (view, &position, 2, &newest, &entry, NULL), QW_END);
    }
    qw_corpus_view_destroy (&view);
    qw_corpus_reader_close (&reader);
}

static void a_summary_counts_what_the_view_shows (void **state)
{
    scene_t *scene = *state;
    tell_a_story (scene);
    qw_corpus_reader_t *reader = qw_corpus_reader_open (scene->path, NULL);
    qw_corpus_view_t *view = qw_corpus_view_new (reader);
    const qw_corpus_summary_t *summary = qw_corpus_view_summary (view);
    assert_int_equal (summary->records, 10);
    assert_int_equal (summary->documents, 6);
    assert_int_equal (summary->annotated, 5);
    assert_int_equal (summary->failed, 1);
    assert_int_equal (summary->dropped, 1);
    assert_int_equal (summary->superseded, 3);
    assert_int_equal (summary->tokens, 3 + 4 + 3 + 3 + 3);
    assert_int_equal (summary->mentions, 5);
    assert_int_equal (summary->quotes, 5);
    assert_int_equal (summary->bytes, qw_corpus_reader_bytes (reader, 10));
    qw_corpus_view_destroy (&view);
    qw_corpus_reader_close (&reader);
}

static void many_failures_are_all_remembered (void **state)
{
    scene_t *scene = *state;
    for (unsigned i = 0; i < 500; i++) {
        char id[16];
        snprintf (id, sizeof id, "%u", i % 250);
        append_sample (scene->corpus, &(sample_t){.id = id, .text = "", .failed = "x", .supersedes = i < 250 ? 0 : i - 249});
    }
    assert_int_equal (qw_corpus_commit (scene->corpus, NULL), QW_OK);
    qw_corpus_reader_t *reader = qw_corpus_reader_open (scene->path, NULL);
    qw_corpus_view_t *view = qw_corpus_view_new (reader);
    assert_int_equal (qw_corpus_view_summary (view)->failed, 250);
    uint64_t position = 0, newest, count = 0;
    qw_entry_t entry;
    for (; qw_corpus_view_next (view, &position, UINT64_MAX, &newest, &entry, NULL) == QW_OK; count++)
        assert_int_equal (newest, position + 250);
    assert_int_equal (count, 250);
    qw_corpus_view_destroy (&view);
    qw_corpus_reader_close (&reader);
}

/* ---- the check -------------------------------------------------------------------------------------------------- */

static void note (void *context, const char *line)
{
    scene_t *scene = context;
    scene->lines++;
    snprintf (scene->last, sizeof scene->last, "%s", line);
}

static qw_check_result_t check (scene_t *scene, bool clear_indexes)
{
    qw_check_result_t result;
    qw_reason_t reason;
    scene->lines = 0;
    if (qw_corpus_check (scene->path, clear_indexes, note, scene, &result, &reason))
        fail_msg ("%s", reason.text);
    assert_int_equal (scene->lines, result.damages);
    return result;
}

/* Changes one byte of a file; negative: counted from its end. */
static void damage (const scene_t *scene, const char *name, long at)
{
    char path[200];
    snprintf (path, sizeof path, "%s/%s", scene->path, name);
    FILE *file = fopen (path, "r+b");
    assert_non_null (file);
    fseek (file, at, at < 0 ? SEEK_END : SEEK_SET);
    int byte = fgetc (file);
    fseek (file, -1, SEEK_CUR);
    fputc (byte ^ 0x10, file);
    fclose (file);
}

static void a_whole_corpus_is_all_right_also_while_it_is_written (void **state)
{
    scene_t *scene = *state;
    tell_a_story (scene);
    for (unsigned i = 10; i < 80; i++)
        append_sample (scene->corpus,
                       &(sample_t){.id = (char[]){'x', (char) ('0' + i - 10), 0},
                                   .text = "Some words that take some room here and there, again and again"});
    assert_int_equal (qw_corpus_commit (scene->corpus, NULL), QW_OK);
    for (int round = 0; round < 2; round++) {
        qw_check_result_t result = check (scene, false);
        assert_int_equal (result.damages, 0);
        assert_int_equal (result.records, 80);
        assert_true (result.segments > 2);
        qw_corpus_close (&scene->corpus);
    }
}

static void a_damaged_record_is_named_and_the_others_are_still_looked_at (void **state)
{
    scene_t *scene = *state;
    tell_a_story (scene);
    qw_corpus_close (&scene->corpus);
    qw_corpus_reader_t *reader = qw_corpus_reader_open (scene->path, NULL);
    uint64_t byte = qw_corpus_reader_bytes (reader, 6);
    qw_corpus_reader_close (&reader);
    damage (scene, "segment-000000.msgpack", (long) byte + 20);
    qw_check_result_t result = check (scene, false);
    assert_int_equal (result.damages, 1);
    assert_int_equal (result.repairable, 0);
    assert_int_equal (result.records, 9);
    char expected[100];
    snprintf (expected, sizeof expected, "segment-000000.msgpack, position 6, byte %llu: ", (unsigned long long) byte);
    assert_memory_equal (scene->last, expected, strlen (expected));
}

static void a_wrong_index_is_found_and_mended (void **state)
{
    scene_t *scene = *state;
    tell_a_story (scene);
    qw_corpus_close (&scene->corpus);
    damage (scene, "segment-000000.index", 16 + 3 * 48 + 36); /* a count of tokens */
    qw_check_result_t result = check (scene, false);
    assert_int_equal (result.damages, 1);
    assert_int_equal (result.repairable, 1);
    assert_string_equal (scene->last, "segment-000000.index, position 3: the entry is not what the record says");
    check (scene, true);
    assert_int_equal (qw_corpus_open (&scene->corpus, scene->path, 4000, NULL), QW_OK);
    assert_int_equal (check (scene, false).damages, 0);
}

static void a_torn_tail_is_found_and_cut (void **state)
{
    scene_t *scene = *state;
    tell_a_story (scene);
    qw_corpus_close (&scene->corpus);
    char path[200];
    snprintf (path, sizeof path, "%s/segment-000000.msgpack", scene->path);
    FILE *file = fopen (path, "ab");
    assert_non_null (file);
    fputs ("\x86\xa2id\xa1z", file);
    fclose (file);
    qw_check_result_t result = check (scene, false);
    assert_int_equal (result.damages, 1);
    assert_int_equal (result.repairable, 1);
    assert_non_null (strstr (scene->last, "a torn tail of 6 bytes"));
    assert_int_equal (qw_corpus_open (&scene->corpus, scene->path, 4000, NULL), QW_OK);
    assert_int_equal (check (scene, false).damages, 0);
}

/* I3 */
static void an_id_that_stands_twice_is_found (void **state)
{
    scene_t *scene = *state;
    tell_a_story (scene);
    append_sample (scene->corpus, &(sample_t){.id = "a", .text = "Lind says"});
    append_sample (scene->corpus, &(sample_t){.id = "e", .text = "Ems says", .supersedes = 7});
    assert_int_equal (qw_corpus_commit (scene->corpus, NULL), QW_OK);
    qw_check_result_t result = check (scene, false);
    assert_int_equal (result.damages, 2);
    assert_int_equal (result.repairable, 0);
    assert_non_null (strstr (scene->last, "supersedes one that is not the last failed one"));
}

/* A record that its maker signed, with a token outside of its text. */
static void layers_that_cannot_be_decoded_are_found (void **state)
{
    scene_t *scene = *state;
    qw_document_t head = {.id = QW_BYTES ("x"), .source = QW_BYTES ("\x80"), .text = QW_BYTES ("abc")};
    qw_out_t record;
    qw_entry_t entry;
    qw_out_init (&record);
    qw_document_begin (&record, &head, 1);
    qw_put_raw (&record, QW_BYTES ("\xa6tokens\x83\xa5" "count\x01\xa5spans\xc4\x01\x0a\xa9sentences\xc4\x01\x01"));
    qw_document_end (&record, 0);
    assert_int_equal (qw_entry_of_record (&entry, qw_out_bytes (&record), NULL, NULL), QW_OK);
    qw_corpus_append (scene->corpus, qw_out_bytes (&record), QW_BYTES ("x"), &entry);
    assert_int_equal (qw_corpus_commit (scene->corpus, NULL), QW_OK);
    qw_out_free (&record);
    assert_int_equal (check (scene, false).damages, 1);
    assert_string_equal (scene->last, "segment-000000.msgpack, position 0, byte 0: token 0 is outside of its text");
}

/* ---- for people ------------------------------------------------------------------------------------------------- */

static void speakers_are_ranked_by_quotations_over_all_documents (void **unused)
{
    (void) unused;
    qw_ranking_t *ranking = qw_ranking_new ();
    for (unsigned i = 0; i < 1000; i++) {
        char key[16];
        int size = snprintf (key, sizeof key, "k%u", i);
        qw_ranking_count (ranking, (qw_bytes_t){key, (size_t) size}, (qw_bytes_t){key, (size_t) size}, 7, i);
    }
    for (unsigned document = 0; document < 3; document++)
        for (unsigned i = 0; i <= document; i++)
            qw_ranking_count (ranking, QW_BYTES ("person:lind"),
                              document == 1 ? QW_BYTES ("Zo\xc3\xab Lind") : QW_BYTES ("Lind"), i, 2000 + document);
    qw_ranked_t ranked[3];
    assert_int_equal (qw_ranking_first (ranking, ranked, 3), 3);
    assert_string_equal (ranked[0].name, "Zo\xc3\xab Lind");
    assert_int_equal (ranked[0].quotes, 6);
    assert_int_equal (ranked[0].statements, 5); /* of the three without a number each is one */
    assert_int_equal (ranked[1].statements, 1);
    assert_int_equal (ranked[0].documents, 3);
    assert_string_equal (ranked[1].name, "k0");
    assert_string_equal (ranked[2].name, "k1");
    qw_ranking_destroy (&ranking);
}

static void lines_are_wrapped_by_columns_and_hostile_bytes_vanish (void **unused)
{
    (void) unused;
    qw_terminal_t terminal = {.colours = false, .width = 40};
    qw_json_out_t line = {0}, out = {0};
    qw_terminal_flatten (
        QW_BYTES (
            "  \xe6\xbc\xa2\xe5\xad\x97 \x1b[31mone\r\n two\t \xe2\x80\xae three four five six seven eight nine  "),
        &line);
    qw_terminal_wrap (&terminal, &out, "  | ", QW_DIM, QW_PLAIN, (qw_bytes_t){line.data, line.size}, 0);
    static const char expected[] = "  | \xe6\xbc\xa2\xe5\xad\x97 [31mone two three four five six\n  | seven eight nine\n";
    assert_int_equal (out.size, sizeof expected - 1);
    assert_memory_equal (out.data, expected, out.size);
    out.size = 0;
    qw_terminal_wrap (&terminal, &out, "", QW_DIM, QW_PLAIN,
                      QW_BYTES ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa b"), 1);
    assert_int_equal (qw_terminal_columns ((qw_bytes_t){out.data, out.size - 1}), 40);
    assert_memory_equal (out.data + out.size - 5, " \xe2\x80\xa6\n", 5);
    qw_json_out_free (&line);
    qw_json_out_free (&out);
}

#define CASE(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)

int main (void)
{
    qw_log_open ("test", QW_LOG_ERROR);
    const struct CMUnitTest tests[] = {
        CASE (a_view_shows_each_document_once_in_its_place_and_newest_form),
        CASE (a_summary_counts_what_the_view_shows),
        CASE (many_failures_are_all_remembered),
        CASE (a_whole_corpus_is_all_right_also_while_it_is_written),
        CASE (a_damaged_record_is_named_and_the_others_are_still_looked_at),
        CASE (a_wrong_index_is_found_and_mended),
        CASE (a_torn_tail_is_found_and_cut),
        CASE (an_id_that_stands_twice_is_found),
        CASE (layers_that_cannot_be_decoded_are_found),
        cmocka_unit_test (speakers_are_ranked_by_quotations_over_all_documents),
        cmocka_unit_test (lines_are_wrapped_by_columns_and_hostile_bytes_vanish),
    };
    return cmocka_run_group_tests_name ("corpus_view", tests, NULL, NULL);
}
