/*  The corpus on disk: what was committed is there again, in files that depend on the records alone. */
#include <poll.h>

#include "proto/log.h"
#include "tests/unit/corpus_place.h"

static void what_was_committed_is_there_after_reopening (void **state)
{
    place_t *place = *state;
    make_corpus (place->corpus, 60, 7);
    assert_holds (place->corpus, 60);
    qw_corpus_t *corpus = open_corpus (place->corpus);
    assert_int_equal (qw_corpus_count (corpus), 60);
    commit_numbered (corpus, 60, 90, 1);
    qw_corpus_close (&corpus);
    assert_holds (place->corpus, 90);
}

/* I8: the files depend on the records alone. */
static void files_do_not_depend_on_how_records_were_committed (void **state)
{
    place_t *place = *state;
    make_corpus (place->corpus, 80, 1);
    qw_corpus_t *corpus = open_corpus (place->other);
    for (unsigned i = 0; i < 80;) {
        unsigned until = i + 11 < 80 ? i + 11 : 80;
        commit_numbered (corpus, i, until, 5);
        qw_corpus_close (&corpus);
        corpus = open_corpus (place->other);
        i = until;
    }
    qw_corpus_close (&corpus);
    assert_same_files (place->corpus, place->other);
    size_t size;
    free (slurp (place->corpus, "segment-000001.msgpack", &size));
    assert_true (size > 0);
}

static void a_segment_ends_before_the_record_that_would_overfill_it (void **state)
{
    place_t *place = *state;
    make_corpus (place->corpus, 80, 13);
    unsigned segments = 0;
    for (size_t size;; segments++) {
        char *bytes = slurp (place->corpus, qw_segment_name (segments).text, &size);
        if (!bytes)
            break;
        assert_true (size <= SMALL_SEGMENT);
        free (bytes);
    }
    assert_true (segments > 2);
}

static void a_record_larger_than_a_segment_has_one_of_its_own (void **state)
{
    place_t *place = *state;
    qw_corpus_t *corpus = open_corpus (place->corpus);
    append_numbered (corpus, 0);
    char *text = malloc (3 * SMALL_SEGMENT);
    memset (text, 'a', 3 * SMALL_SEGMENT);
    text[3 * SMALL_SEGMENT - 1] = 0;
    append_sample (corpus, &(sample_t){.id = "giant", .text = text, .sequence = 1});
    free (text);
    append_numbered (corpus, 2);
    assert_int_equal (qw_corpus_commit (corpus, NULL), QW_OK);
    qw_corpus_close (&corpus);
    assert_holds (place->corpus, 3);
    size_t size;
    free (slurp (place->corpus, "segment-000001.msgpack", &size));
    assert_true (size > 3 * SMALL_SEGMENT);
    free (slurp (place->corpus, "segment-000002.msgpack", &size));
    assert_in_range (size, 100, SMALL_SEGMENT);
}

static void an_id_is_found_with_its_last_position_and_flags (void **state)
{
    place_t *place = *state;
    qw_corpus_t *corpus = open_corpus (place->corpus);
    commit_numbered (corpus, 0, 40, 9);
    assert_int_equal (append_sample (corpus, &(sample_t){.id = "bad", .text = "x", .failed = "no"}), 40);
    uint64_t position;
    uint32_t flags;
    for (int round = 0; round < 3; round++) {
        assert_true (qw_corpus_find (corpus, QW_BYTES ("doc-17"), &position, &flags));
        assert_int_equal (position, 17);
        assert_int_equal (flags, 0);
        assert_false (qw_corpus_find (corpus, QW_BYTES ("doc-170"), &position, &flags));
        assert_true (qw_corpus_find (corpus, QW_BYTES ("bad"), &position, &flags));
        assert_int_equal (position, round < 2 ? 40 : 41);
        assert_int_equal (flags, round < 2 ? QW_ENTRY_FAILED : QW_ENTRY_SUPERSEDES);
        assert_int_equal (qw_corpus_commit (corpus, NULL), QW_OK);
        if (round == 1)
            append_sample (corpus, &(sample_t){.id = "bad", .text = "y z", .supersedes = 41});
        if (round == 0) {
            qw_corpus_close (&corpus);
            corpus = open_corpus (place->corpus);
        }
    }
    qw_corpus_close (&corpus);
}

static void more_records_than_the_first_table_holds_are_all_found (void **state)
{
    place_t *place = *state;
    qw_corpus_t *corpus;
    assert_int_equal (qw_corpus_open (&corpus, place->corpus, 0, NULL), QW_OK);
    enum { MANY = 500000 };
    qw_out_t out;
    qw_out_init (&out);
    make_record (&(sample_t){.id = "0", .text = ""}, &out);
    qw_entry_t entry;
    for (unsigned i = 0; i < MANY; i++) {
        char id[16];
        snprintf (id, sizeof id, "%u", i);
        assert_int_equal (qw_entry_of_record (&entry, qw_out_bytes (&out), NULL, NULL), QW_OK);
        qw_corpus_append (corpus, qw_out_bytes (&out), qw_bytes_of (id), &entry);
    }
    for (unsigned i = 0; i < MANY; i += 997) {
        char id[16];
        uint64_t position = 0;
        uint32_t flags;
        snprintf (id, sizeof id, "%u", i);
        assert_true (qw_corpus_find (corpus, qw_bytes_of (id), &position, &flags));
        assert_int_equal (position, i);
    }
    qw_out_free (&out);
    qw_corpus_close (&corpus); /* nothing was committed */
    corpus = open_corpus (place->corpus);
    assert_int_equal (qw_corpus_count (corpus), 0);
    qw_corpus_close (&corpus);
}

/* I1: what was appended is in nobody's sight before the commit. */
static void a_reader_sees_records_only_when_they_are_committed (void **state)
{
    place_t *place = *state;
    qw_corpus_t *corpus = open_corpus (place->corpus);
    qw_corpus_reader_t *reader = qw_corpus_reader_open (place->corpus, NULL);
    assert_non_null (reader);
    for (unsigned i = 0; i < 50; i++) {
        append_numbered (corpus, i);
        assert_int_equal (qw_corpus_reader_count (reader), i);
        assert_int_equal (qw_corpus_commit (corpus, NULL), QW_OK);
        assert_int_equal (qw_corpus_reader_count (reader), i + 1);
    }
    qw_corpus_reader_close (&reader);
    qw_corpus_close (&corpus);
}

static void a_pending_record_can_be_read_by_the_writer (void **state)
{
    place_t *place = *state;
    qw_corpus_t *corpus = open_corpus (place->corpus);
    qw_out_t out;
    qw_out_init (&out);
    append_numbered (corpus, 0);
    append_numbered (corpus, 1);
    for (int round = 0; round < 2; round++)
        for (uint64_t i = 0; i < 2; i++) {
            qw_document_t document;
            qw_out_reset (&out);
            assert_int_equal (qw_corpus_read (corpus, i, &out, NULL), QW_OK);
            assert_int_equal (qw_document_read (&document, out.buffer.data, out.buffer.size, NULL), QW_OK);
            assert_int_equal (document.sequence, i);
            if (i == 1)
                assert_int_equal (qw_corpus_commit (corpus, NULL), QW_OK);
        }
    assert_int_equal (qw_corpus_read (corpus, 2, &out, NULL), QW_NOT_FOUND);
    qw_out_free (&out);
    qw_corpus_close (&corpus);
}

/* I1: what is on its way to the disk does not count as durable before it is known to be there, yet its writer knows it. */
static void a_commit_in_two_halves_leaves_room_for_the_next (void **state)
{
    place_t *place = *state;
    qw_corpus_t *corpus = open_corpus (place->corpus);
    qw_out_t out;
    qw_out_init (&out);
    for (unsigned i = 0; i < 80; i++) {
        char id[20];
        uint64_t position;
        uint32_t flags;
        append_numbered (corpus, i);
        if (i % 7 != 6)
            continue;
        uint64_t durable = qw_corpus_count (corpus);
        qw_corpus_commit_begin (corpus);
        assert_true (qw_corpus_commit_under_way (corpus));
        assert_int_equal (qw_corpus_pending (corpus), 0);
        append_numbered (corpus, ++i);
        for (uint64_t j = durable; j <= i; j++) {
            snprintf (id, sizeof id, "doc-%u", (unsigned) j);
            assert_true (qw_corpus_find (corpus, qw_bytes_of (id), &position, &flags));
            assert_int_equal (position, j);
            qw_document_t document;
            qw_out_reset (&out);
            assert_int_equal (qw_corpus_read (corpus, j, &out, NULL), QW_OK);
            assert_int_equal (qw_document_read (&document, out.buffer.data, out.buffer.size, NULL), QW_OK);
            assert_int_equal (document.sequence, j);
        }
        assert_int_equal (qw_corpus_read (corpus, i + 1, &out, NULL), QW_NOT_FOUND);
        assert_int_equal (qw_corpus_count (corpus), durable);
        struct pollfd over = {qw_corpus_commit_fd (corpus), POLLIN, 0};
        assert_int_equal (poll (&over, 1, 60000), 1);
        assert_int_equal (qw_corpus_commit_end (corpus, NULL), QW_OK);
        assert_false (qw_corpus_commit_under_way (corpus));
        assert_int_equal (qw_corpus_count (corpus), i);
    }
    qw_corpus_commit_begin (corpus);
    qw_corpus_close (&corpus); /* which ends it */
    qw_out_free (&out);
    make_corpus (place->other, 80, 9);
    assert_same_files (place->corpus, place->other);
}

static void bytes_before_a_position_add_up_over_segments (void **state)
{
    place_t *place = *state;
    make_corpus (place->corpus, 70, 6);
    qw_corpus_reader_t *reader = qw_corpus_reader_open (place->corpus, NULL);
    uint64_t sum = 0;
    for (uint64_t i = 0; i < 70; i++) {
        qw_entry_t entry;
        assert_int_equal (qw_corpus_reader_bytes (reader, i), sum);
        assert_int_equal (qw_corpus_reader_entry (reader, i, &entry, NULL), QW_OK);
        sum += entry.size;
    }
    assert_int_equal (qw_corpus_reader_bytes (reader, 70), sum);
    qw_corpus_reader_close (&reader);
}

static void a_second_writer_is_refused (void **state)
{
    place_t *place = *state;
    qw_corpus_t *corpus = open_corpus (place->corpus), *second;
    qw_reason_t reason;
    assert_int_equal (qw_corpus_open (&second, place->corpus, 0, &reason), QW_BUSY);
    assert_null (second);
    assert_non_null (strstr (reason.text, "another process"));
    qw_corpus_close (&corpus);
    corpus = open_corpus (place->corpus);
    qw_corpus_close (&corpus);
}

/* Many lives of one writer beside one reader that never closes: it sees each record once, in order. */
static void a_reader_that_stays_open_follows_through_rotation_and_restarts (void **state)
{
    place_t *place = *state;
    qw_corpus_t *corpus = open_corpus (place->corpus);
    qw_corpus_reader_t *reader = qw_corpus_reader_open (place->corpus, NULL);
    qw_out_t out;
    qw_out_init (&out);
    unsigned seen = 0;
    for (unsigned i = 0; i < 100; i++) {
        append_numbered (corpus, i);
        if (i % 5 == 0)
            assert_int_equal (qw_corpus_commit (corpus, NULL), QW_OK);
        if (i % 10 == 0) {
            qw_corpus_close (&corpus);
            char path[200];
            path_of (place->corpus, qw_index_name (0).text, path);
            corpus = open_corpus (place->corpus);
        }
        size_t got;
        qw_out_reset (&out);
        while (qw_corpus_reader_read (reader, seen, 2000, &out, &got, NULL) == QW_OK)
            seen += (unsigned) got;
        assert_int_equal (seen, i / 5 * 5 + 1);
    }
    qw_out_free (&out);
    qw_corpus_reader_close (&reader);
    qw_corpus_close (&corpus);
}

int main (void)
{
    qw_log_open ("test", QW_LOG_ERROR);
    const struct CMUnitTest tests[] = {
        CASE (what_was_committed_is_there_after_reopening),
        CASE (files_do_not_depend_on_how_records_were_committed),
        CASE (a_segment_ends_before_the_record_that_would_overfill_it),
        CASE (a_record_larger_than_a_segment_has_one_of_its_own),
        CASE (an_id_is_found_with_its_last_position_and_flags),
        CASE (more_records_than_the_first_table_holds_are_all_found),
        CASE (a_reader_sees_records_only_when_they_are_committed),
        CASE (a_pending_record_can_be_read_by_the_writer),
        CASE (a_commit_in_two_halves_leaves_room_for_the_next),
        CASE (bytes_before_a_position_add_up_over_segments),
        CASE (a_second_writer_is_refused),
        CASE (a_reader_that_stays_open_follows_through_rotation_and_restarts),
    };
    return cmocka_run_group_tests_name ("corpus", tests, NULL, NULL);
}
