/*  The corpus after failing writes, sudden death and damage: what was committed is there, and the run goes on. */
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "proto/log.h"
#include "tests/unit/corpus_place.h"

/* ---- recovery -------------------------------------------------------------------------------------------------------- */

static void a_tail_torn_at_any_byte_is_cut_and_the_run_goes_on (void **state)
{
    place_t *place = *state;
    make_corpus (place->other, 4, 1);
    size_t size, index_size;
    char *segment = slurp (place->other, "segment-000000.msgpack", &size);
    char *index = slurp (place->other, "segment-000000.index", &index_size);
    unsigned whole = 0;
    size_t ends[5] = {0};
    for (; whole < 4; whole++)
        ends[whole + 1] = ends[whole] + qw_document_size (segment + ends[whole], size - ends[whole]);
    for (size_t cut = ends[2]; cut <= size; cut++) {
        whole = cut == size ? 4 : cut >= ends[3] ? 3 : 2;
        mkdir (place->corpus, 0777);
        spill (place->corpus, "segment-000000.msgpack", segment, cut);
        size_t entries = cut % 5; /* an index that is behind, ahead, or in step */
        spill (place->corpus, "segment-000000.index", index, 16 + 48 * entries);
        qw_corpus_t *corpus = open_corpus (place->corpus);
        assert_int_equal (qw_corpus_count (corpus), whole);
        commit_numbered (corpus, whole, 4, 1);
        qw_corpus_close (&corpus);
        assert_same_files (place->corpus, place->other);
        remove_folder (place->corpus);
    }
    free (index);
    free (segment);
}

static void an_index_is_rebuilt_byte_for_byte (void **state)
{
    place_t *place = *state;
    make_corpus (place->corpus, 80, 4);
    make_corpus (place->other, 80, 4);
    char path[200];
    for (unsigned i = 0; access ((path_of (place->corpus, qw_index_name (i).text, path), path), F_OK) == 0; i++) {
        size_t size;
        char *bytes = slurp (place->corpus, qw_index_name (i).text, &size);
        char next[200];
        path_of (place->corpus, qw_index_name (i + 1).text, next);
        unsigned kind = access (next, F_OK) == 0 ? i % 4 : 1; /* a last index that is cut is only behind */
        switch (kind) {
        case 0: assert_int_equal (unlink (path), 0); break;
        case 1: bytes[0] = 'X'; break;
        case 2: bytes[16 + 48 + 8] ^= 1; break; /* a size */
        case 3: size -= 50; break;
        }
        if (kind)
            spill (place->corpus, qw_index_name (i).text, bytes, size);
        free (bytes);
    }
    assert_holds (place->corpus, 80); /* a reader makes up for it, and writes nothing */
    qw_corpus_t *corpus = open_corpus (place->corpus);
    assert_int_equal (qw_corpus_count (corpus), 80);
    qw_corpus_close (&corpus);
    assert_same_files (place->corpus, place->other);
}

static void zeros_at_the_end_of_an_index_are_a_lag (void **state)
{
    place_t *place = *state;
    make_corpus (place->corpus, 6, 1);
    make_corpus (place->other, 6, 1);
    size_t size;
    char *bytes = slurp (place->corpus, "segment-000000.index", &size);
    assert_int_equal (size, 16 + 6 * 48);
    if (bytes)
        memset (bytes + 16 + 2 * 48, 0, 4 * 48);
    spill (place->corpus, "segment-000000.index", bytes, size);
    free (bytes);
    qw_corpus_t *corpus = open_corpus (place->corpus);
    assert_int_equal (qw_corpus_count (corpus), 6);
    qw_corpus_close (&corpus);
    assert_same_files (place->corpus, place->other);
}

static void damage_before_the_tail_is_told_and_changes_nothing (void **state)
{
    place_t *place = *state;
    make_corpus (place->corpus, 40, 4);
    char path[200];
    path_of (place->corpus, "segment-000000.index", path);
    unlink (path); /* so that the segment itself must be read */
    size_t size, after;
    char *bytes = slurp (place->corpus, "segment-000000.msgpack", &size);
    size_t first = qw_document_size (bytes, size);
    bytes[first + 30] ^= 4;
    spill (place->corpus, "segment-000000.msgpack", bytes, size);
    qw_corpus_t *corpus;
    qw_reason_t reason;
    assert_int_equal (qw_corpus_open (&corpus, place->corpus, SMALL_SEGMENT, &reason), QW_DAMAGED);
    assert_null (corpus);
    char expected[100];
    snprintf (expected, sizeof expected, "segment-000000.msgpack is damaged at byte %zu, position 1", first);
    assert_non_null (strstr (reason.text, expected));
    char *same = slurp (place->corpus, "segment-000000.msgpack", &after);
    assert_int_equal (after, size);
    assert_memory_equal (same, bytes, size);
    assert_int_not_equal (access (path, F_OK), 0);
    free (same);
    free (bytes);
}

/* I7: a damaged record keeps its position, and the others theirs. */
static void a_reader_reads_around_a_damaged_record (void **state)
{
    place_t *place = *state;
    make_corpus (place->corpus, 40, 4);
    size_t size;
    char *bytes = slurp (place->corpus, "segment-000000.msgpack", &size);
    bytes[qw_document_size (bytes, size) + 30] ^= 4;
    spill (place->corpus, "segment-000000.msgpack", bytes, size);
    free (bytes);
    qw_corpus_reader_t *reader = qw_corpus_reader_open (place->corpus, NULL);
    qw_out_t out;
    qw_out_init (&out);
    qw_reason_t reason;
    size_t count;
    assert_int_equal (qw_corpus_reader_read (reader, 0, 1 << 20, &out, &count, &reason), QW_OK);
    assert_int_equal (count, 1);
    assert_int_equal (qw_corpus_reader_read (reader, 1, 1 << 20, &out, &count, &reason), QW_DAMAGED);
    assert_non_null (strstr (reason.text, "position 1"));
    assert_int_equal (qw_corpus_reader_count (reader), 40);
    for (unsigned i = 2; i < 40; i++) {
        qw_document_t document;
        qw_out_reset (&out);
        assert_int_equal (qw_corpus_reader_read (reader, i, 1, &out, &count, &reason), QW_OK);
        assert_int_equal (qw_document_read (&document, out.buffer.data, out.buffer.size, NULL), QW_OK);
        assert_int_equal (document.sequence, i);
    }
    qw_out_free (&out);
    qw_corpus_reader_close (&reader);
}

static void a_missing_segment_is_damage (void **state)
{
    place_t *place = *state;
    make_corpus (place->corpus, 80, 4);
    char path[200];
    path_of (place->corpus, "segment-000001.msgpack", path);
    assert_int_equal (unlink (path), 0);
    qw_corpus_t *corpus;
    qw_reason_t reason;
    assert_int_equal (qw_corpus_open (&corpus, place->corpus, SMALL_SEGMENT, &reason), QW_DAMAGED);
    assert_non_null (strstr (reason.text, "segment-000001.msgpack is missing"));
}

static void what_is_no_corpus_is_refused_by_a_reader (void **state)
{
    place_t *place = *state;
    qw_reason_t reason;
    assert_null (qw_corpus_reader_open (place->corpus, &reason));
    assert_non_null (strstr (reason.text, "cannot be opened"));
    assert_null (qw_corpus_reader_open (place->root, &reason));
    assert_non_null (strstr (reason.text, "is not a corpus"));
}

/* ---- failing writes and sudden death --------------------------------------------------------------------------------- */

/* The calls go well until `budget` runs out; then each fails, or the process dies in the middle of a write. */
static long budget;
static bool dies;
static int failure;

static bool spend (void) { return budget-- > 0; }

static ssize_t failing_pwrite (int file, const void *bytes, size_t size, off_t offset)
{
    if (spend ())
        return pwrite (file, bytes, size, offset);
    if (dies) {
        ssize_t ignored = pwrite (file, bytes, size * 2 / 3, offset);
        (void) ignored;
        _exit (9);
    }
    errno = failure;
    return -1;
}

static int failing_fdatasync (int file)
{
    if (spend ())
        return fdatasync (file);
    if (dies)
        _exit (9);
    errno = failure;
    return -1;
}

static const qw_corpus_io_t failing = {failing_pwrite, failing_fdatasync};

static qw_status_t commit_somehow (qw_corpus_t *corpus, bool halves, qw_reason_t *reason)
{
    if (!halves)
        return qw_corpus_commit (corpus, reason);
    qw_corpus_commit_begin (corpus);
    return qw_corpus_commit_end (corpus, reason);
}

/* Documents committed before a call failed, with the reason of the failure. */
static unsigned commit_until_failure (const char *folder, unsigned documents, unsigned batch, bool halves, qw_reason_t *reason)
{
    qw_corpus_t *corpus;
    unsigned told = 0;
    if (qw_corpus_open_with (&corpus, &failing, folder, SMALL_SEGMENT, reason))
        return 0;
    for (unsigned i = (unsigned) qw_corpus_count (corpus); i < documents;) {
        for (unsigned until = i + batch; i < until && i < documents; i++)
            append_numbered (corpus, i);
        if (commit_somehow (corpus, halves, reason)) {
            qw_reason_t again;
            budget = 1000;
            assert_int_equal (commit_somehow (corpus, halves, &again), QW_SYSTEM);
            assert_string_equal (again.text, reason->text);
            break;
        }
        told = i;
    }
    qw_corpus_close (&corpus);
    return told;
}

static void a_failing_write_or_sync_loses_nothing_that_was_committed (void **state)
{
    place_t *place = *state;
    make_corpus (place->other, 40, 3);
    dies = false;
    for (long step = 0; step < 60; step++) {
        qw_reason_t reason = {""};
        budget = step;
        failure = step % 2 ? ENOSPC : EIO;
        unsigned told = commit_until_failure (place->corpus, 40, 3, step / 2 % 2, &reason);
        if (told < 40)
            assert_non_null (strstr (reason.text, step % 2 ? "No space left" : "Input/output error"));
        qw_corpus_t *corpus = open_corpus (place->corpus);
        assert_true (qw_corpus_count (corpus) >= told);
        commit_numbered (corpus, (unsigned) qw_corpus_count (corpus), 40, 3);
        qw_corpus_close (&corpus);
        assert_same_files (place->corpus, place->other);
        remove_folder (place->corpus);
    }
}

/* Appends and commits documents up to 40, and tells through `out` how many are committed; with `halves` the next ones are
 * appended while the disk is at work. */
static void live (const char *folder, bool halves, int out)
{
    qw_corpus_t *corpus;
    if (qw_corpus_open_with (&corpus, &failing, folder, SMALL_SEGMENT, NULL))
        _exit (1);
    unsigned begun = 0;
    for (unsigned i = (unsigned) qw_corpus_count (corpus); i <= 40; i++) {
        if (i > 0 && (i % 3 == 0 || i == 40)) {
            if (!halves && (qw_corpus_commit (corpus, NULL) || write (out, &i, sizeof i) != sizeof i))
                _exit (1);
            if (begun && (qw_corpus_commit_end (corpus, NULL) || write (out, &begun, sizeof begun) != sizeof begun))
                _exit (1);
            begun = halves ? i : 0;
            if (begun)
                qw_corpus_commit_begin (corpus);
        }
        if (i < 40)
            append_numbered (corpus, i);
    }
    if (begun && (qw_corpus_commit_end (corpus, NULL) || write (out, &begun, sizeof begun) != sizeof begun))
        _exit (1);
    _exit (0);
}

/* I1, I5, I8: death in the middle of any call, again and again in one corpus. */
static void sudden_death_at_any_call_loses_nothing_that_was_told (void **state)
{
    place_t *place = *state;
    make_corpus (place->other, 40, 3);
    for (long step = 0; step < 60; step++) {
        int pipe_ends[2];
        assert_int_equal (pipe (pipe_ends), 0);
        pid_t child = fork ();
        if (child == 0) {
            dies = true;
            budget = step;
            live (place->corpus, step / 4 % 2, pipe_ends[1]);
        }
        int how;
        close (pipe_ends[1]);
        unsigned told = 0, next;
        while (read (pipe_ends[0], &next, sizeof next) == sizeof next)
            told = next;
        close (pipe_ends[0]);
        assert_int_equal (waitpid (child, &how, 0), child);
        assert_true (WIFEXITED (how) && WEXITSTATUS (how) != 1);
        if (access (place->corpus, F_OK) == 0 && told > 0) {
            qw_corpus_reader_t *reader = qw_corpus_reader_open (place->corpus, NULL);
            assert_non_null (reader);
            assert_true (qw_corpus_reader_count (reader) >= told);
            qw_corpus_reader_close (&reader);
        }
        qw_corpus_t *corpus = open_corpus (place->corpus);
        assert_true (qw_corpus_count (corpus) >= told);
        if (step % 4 == 3) { /* every fourth time to the end, otherwise the next life goes on from here */
            commit_numbered (corpus, (unsigned) qw_corpus_count (corpus), 40, 3);
            qw_corpus_close (&corpus);
            assert_same_files (place->corpus, place->other);
            remove_folder (place->corpus);
        } else
            qw_corpus_close (&corpus);
    }
}

/* A disk that is full, as the operating system tells it. */
static void a_full_disk_is_told_and_the_run_goes_on_when_there_is_room (void **state)
{
    place_t *place = *state;
    make_corpus (place->other, 40, 3);
    pid_t child = fork ();
    if (child == 0) {
        signal (SIGXFSZ, SIG_IGN);
        struct rlimit limit = {SMALL_SEGMENT / 2, SMALL_SEGMENT / 2};
        qw_corpus_t *corpus;
        qw_reason_t reason;
        if (setrlimit (RLIMIT_FSIZE, &limit) || qw_corpus_open (&corpus, place->corpus, SMALL_SEGMENT, NULL))
            _exit (1);
        for (unsigned i = 0; i < 40; i++) {
            append_numbered (corpus, i);
            if (qw_corpus_commit (corpus, &reason))
                _exit (strstr (reason.text, "File too large") && strstr (reason.text, "segment-000000.msgpack") ? 7 : 2);
        }
        _exit (3);
    }
    int how;
    assert_int_equal (waitpid (child, &how, 0), child);
    assert_true (WIFEXITED (how));
    assert_int_equal (WEXITSTATUS (how), 7);
    qw_corpus_t *corpus = open_corpus (place->corpus);
    unsigned count = (unsigned) qw_corpus_count (corpus);
    assert_in_range (count, 3, 39);
    commit_numbered (corpus, count, 40, 3);
    qw_corpus_close (&corpus);
    assert_same_files (place->corpus, place->other);
}

int main (void)
{
    qw_log_open ("test", QW_LOG_ERROR);
    const struct CMUnitTest tests[] = {
        CASE (a_tail_torn_at_any_byte_is_cut_and_the_run_goes_on),
        CASE (an_index_is_rebuilt_byte_for_byte),
        CASE (zeros_at_the_end_of_an_index_are_a_lag),
        CASE (damage_before_the_tail_is_told_and_changes_nothing),
        CASE (a_reader_reads_around_a_damaged_record),
        CASE (a_missing_segment_is_damage),
        CASE (what_is_no_corpus_is_refused_by_a_reader),
        CASE (a_failing_write_or_sync_loses_nothing_that_was_committed),
        CASE (sudden_death_at_any_call_loses_nothing_that_was_told),
        CASE (a_full_disk_is_told_and_the_run_goes_on_when_there_is_room),
    };
    return cmocka_run_group_tests_name ("corpus_crash", tests, NULL, NULL);
}
