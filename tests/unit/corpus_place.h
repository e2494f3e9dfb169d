/*  corpus_place.h - a folder for each case of the tests of the corpus, and what they do with the files in it. */
#ifndef CORPUS_PLACE_H
#define CORPUS_PLACE_H

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

#include "sink/corpus_private.h"
#include "tests/unit/make_record.h"

enum { SMALL_SEGMENT = 4000 };

typedef struct {
    char root[64], corpus[96], other[96];
} place_t;

static inline int set_up (void **state)
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

static inline void remove_folder (const char *path)
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

static inline int tear_down (void **state)
{
    place_t *place = *state;
    remove_folder (place->corpus);
    remove_folder (place->other);
    remove_folder (place->root);
    free (place);
    return 0;
}

static inline void path_of (const char *folder, const char *name, char path[200])
{
    snprintf (path, 200, "%s/%s", folder, name);
}

static inline char *slurp (const char *folder, const char *name, size_t *size)
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

static inline void spill (const char *folder, const char *name, const void *bytes, size_t size)
{
    char path[200];
    path_of (folder, name, path);
    FILE *file = fopen (path, "wb");
    assert_non_null (file);
    assert_int_equal (fwrite (bytes, 1, size, file), size);
    assert_int_equal (fclose (file), 0);
}

/* Every segment and index of one folder is in the other, with the same bytes. */
static inline void assert_same_files (const char *one, const char *two)
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

static inline qw_corpus_t *open_corpus (const char *folder)
{
    qw_corpus_t *corpus;
    qw_reason_t reason;
    if (qw_corpus_open (&corpus, folder, SMALL_SEGMENT, &reason))
        fail_msg ("%s", reason.text);
    return corpus;
}

/* Commits documents [from, until), `batch` at a time. */
static inline void commit_numbered (qw_corpus_t *corpus, unsigned from, unsigned until, unsigned batch)
{
    for (unsigned i = from; i < until; i++) {
        assert_int_equal (append_numbered (corpus, i), i);
        if ((i + 1 - from) % batch == 0 || i + 1 == until)
            assert_int_equal (qw_corpus_commit (corpus, NULL), QW_OK);
    }
}

static inline void make_corpus (const char *folder, unsigned documents, unsigned batch)
{
    qw_corpus_t *corpus = open_corpus (folder);
    commit_numbered (corpus, 0, documents, batch);
    qw_corpus_close (&corpus);
}

/* Documents [0, count) are there, in order, with their own texts, and no more. */
static inline void assert_holds (const char *folder, unsigned count)
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

#define CASE(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)

#endif
