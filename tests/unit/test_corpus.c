/*  The corpus on disk: what was committed is there again, whatever happened to the process or the files in between. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "proto/log.h"
#include "sink/corpus_private.h"
#include "tests/unit/make_record.h"

enum { SMALL_SEGMENT = 4000 };

/* ---- a folder for each case ------------------------------------------------------------------------------------------ */

typedef struct {
    char root[64], corpus[96], other[96];
} place_t;

static int set_up (void **state)
{
    place_t *place = calloc (1, sizeof *place);
    const char *base = getenv ("TMPDIR");
    snprintf (place->root, sizeof place->root, "%.40s/qw-corpus-XXXXXX", base ? base : "/tmp");
    if (!mkdtemp (place->root))
        return -1;
    snprintf (place->corpus, sizeof place->corpus, "%s/corpus", place->root);
    snprintf (place->other, sizeof place->other, "%s/other", place->root);
    *state = place;
    return 0;
}

static void remove_folder (const char *path)
{
    DIR *list = opendir (path);
    for (struct dirent *item; list && (item = readdir (list));) {
        char name[400];
        snprintf (name, sizeof name, "%s/%s", path, item->d_name);
        unlink (name);
    }
    if (list)
        closedir (list);
    rmdir (path);
}

static int tear_down (void **state)
{
    place_t *place = *state;
    remove_folder (place->corpus);
    remove_folder (place->other);
    remove_folder (place->root);
    free (place);
    return 0;
}

static void path_of (const char *folder, const char *name, char path[200]) { snprintf (path, 200, "%s/%s", folder, name); }

static char *slurp (const char *folder, const char *name, size_t *size)
{
    char path[200];
    path_of (folder, name, path);
    FILE *file = fopen (path, "rb");
    *size = 0;
    if (!file)
        return NULL;
    char *bytes = malloc (8 << 20);
    *size = fread (bytes, 1, 8 << 20, file);
    fclose (file);
    return bytes;
}

static void spill (const char *folder, const char *name, const void *bytes, size_t size)
{
    char path[200];
    path_of (folder, name, path);
    FILE *file = fopen (path, "wb");
    assert_non_null (file);
    assert_int_equal (fwrite (bytes, 1, size, file), size);
    assert_int_equal (fclose (file), 0);
}

/* Every segment and index of one folder is in the other, with the same bytes. */
static void assert_same_files (const char *one, const char *two)
{
    unsigned files = 0;
    for (unsigned i = 0;; i++) {
        qw_file_name_t names[2] = {qw_segment_name (i), qw_index_name (i)};
        size_t sizes[2];
        char *last = NULL;
        for (int j = 0; j < 2; j++) {
            char *a = slurp (one, names[j].text, &sizes[0]), *b = slurp (two, names[j].text, &sizes[1]);
            assert_int_equal (a == NULL, b == NULL);
            assert_int_equal (sizes[0], sizes[1]);
            if (a)
                assert_memory_equal (a, b, sizes[0]);
            files += a != NULL;
            free (b);
            free (a);
            last = a;
        }
        if (!last)
            break;
    }
    assert_true (files >= 2);
}

static qw_corpus_t *open_corpus (const char *folder)
{
    qw_corpus_t *corpus;
    qw_reason_t reason;
    if (qw_corpus_open (&corpus, folder, SMALL_SEGMENT, &reason))
        fail_msg ("%s", reason.text);
    return corpus;
}

/* Commits documents [from, until), `batch` at a time. */
static void commit_numbered (qw_corpus_t *corpus, unsigned from, unsigned until, unsigned batch)
{
    for (unsigned i = from; i < until; i++) {
        assert_int_equal (append_numbered (corpus, i), i);
        if ((i + 1 - from) % batch == 0 || i + 1 == until)
            assert_int_equal (qw_corpus_commit (corpus, NULL), QW_OK);
    }
}

static void make_corpus (const char *folder, unsigned documents, unsigned batch)
{
    qw_corpus_t *corpus = open_corpus (folder);
    commit_numbered (corpus, 0, documents, batch);
    qw_corpus_close (&corpus);
}

/* Documents [0, count) are there, in order, with their own texts, and no more. */
static void assert_holds (const char *folder, unsigned count)
{
    qw_reason_t reason;
    qw_corpus_reader_t *reader = qw_corpus_reader_open (folder, &reason);
    assert_non_null (reader);
    assert_int_equal (qw_corpus_reader_count (reader), count);
    qw_out_t out;
    qw_out_init (&out);
    size_t got;
    for (unsigned at = 0; at < count; at += (unsigned) got) {
        qw_out_reset (&out);
        if (qw_corpus_reader_read (reader, at, 3000, &out, &got, &reason))
            fail_msg ("%s", reason.text);
        const char *bytes = out.buffer.data;
        for (size_t i = 0; i < got; i++) {
            qw_document_t document;
            size_t size = qw_document_size (bytes, out.buffer.size - (size_t) (bytes - out.buffer.data));
            assert_int_equal (qw_document_read (&document, bytes, size, NULL), QW_OK);
            assert_int_equal (document.sequence, at + i);
            bytes += size;
        }
        assert_ptr_equal (bytes, out.buffer.data + out.buffer.size);
    }
    qw_out_reset (&out);
    assert_int_equal (qw_corpus_reader_read (reader, count, 3000, &out, &got, &reason), QW_END);
    assert_int_equal (got, 0);
    qw_out_free (&out);
    qw_corpus_reader_close (&reader);
}

/* ---- cases ----------------------------------------------------------------------------------------------------------- */

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

/* Documents committed before a call failed, with the reason of the failure. */
static unsigned commit_until_failure (const char *folder, unsigned documents, unsigned batch, qw_reason_t *reason)
{
    qw_corpus_t *corpus;
    unsigned told = 0;
    if (qw_corpus_open_with (&corpus, &failing, folder, SMALL_SEGMENT, reason))
        return 0;
    for (unsigned i = (unsigned) qw_corpus_count (corpus); i < documents;) {
        for (unsigned until = i + batch; i < until && i < documents; i++)
            append_numbered (corpus, i);
        if (qw_corpus_commit (corpus, reason)) {
            qw_reason_t again;
            budget = 1000;
            assert_int_equal (qw_corpus_commit (corpus, &again), QW_SYSTEM);
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
        unsigned told = commit_until_failure (place->corpus, 40, 3, &reason);
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
            qw_corpus_t *corpus;
            if (qw_corpus_open_with (&corpus, &failing, place->corpus, SMALL_SEGMENT, NULL))
                _exit (1);
            for (unsigned i = (unsigned) qw_corpus_count (corpus); i < 40; i++) {
                append_numbered (corpus, i);
                if (i % 3 == 2 || i == 39) {
                    unsigned told = i + 1;
                    if (qw_corpus_commit (corpus, NULL) || write (pipe_ends[1], &told, sizeof told) != sizeof told)
                        _exit (1);
                }
            }
            _exit (0);
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

#define CASE(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)

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
        CASE (bytes_before_a_position_add_up_over_segments),
        CASE (a_second_writer_is_refused),
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
        CASE (a_reader_that_stays_open_follows_through_rotation_and_restarts),
    };
    return cmocka_run_group_tests_name ("corpus", tests, NULL, NULL);
}
