/*  source_fixture.h - what the tests of sources have in common: a folder of their own, files, and records as lines. */
#ifndef QW_TESTS_SOURCE_FIXTURE_H
#define QW_TESTS_SOURCE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>

#include "ventilator/source.h"

enum { MAX_BYTES = 100000 };

static int home = -1; /* the folder in which the test was started */

static inline int remove_one (const char *path, const struct stat *status, int type, struct FTW *ftw)
{
    (void) status, (void) type, (void) ftw;
    return remove (path);
}

static char folder[256];

/* Each case runs inside of an empty folder of its own, so that its paths are relative. */
static inline int set_up (void **state)
{
    (void) state;
    const char *temporary = getenv ("TMPDIR");
    snprintf (folder, sizeof folder, "%s/quotewire-test-XXXXXX", temporary ? temporary : P_tmpdir);
    home = open (".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return home < 0 || !mkdtemp (folder) || chdir (folder);
}

static inline int tear_down (void **state)
{
    (void) state;
    int failed = fchdir (home) || nftw (folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    close (home);
    return failed;
}

static inline void write_bytes (const char *path, const char *bytes, size_t size)
{
    FILE *file = fopen (path, "wb");
    assert_non_null (file);
    assert_int_equal (fwrite (bytes, 1, size, file), size);
    assert_int_equal (fclose (file), 0);
}

static inline void write_text (const char *path, const char *text) { write_bytes (path, text, strlen (text)); }

static inline qw_source_t *open_source (bool follow, size_t max_bytes, const char *path)
{
    qw_source_options_t options = {.max_document_bytes = max_bytes, .follow = follow};
    qw_reason_t reason = {""};
    qw_source_t *source = qw_source_new (&path, 1, &options, &reason);
    if (!source)
        fail_msg ("%s", reason.text);
    return source;
}

/* A record on one line: path[:number][(encoding)] id=... text=... | failed=... Each value of `source` is checked on the way.
 */
static inline void describe (const qw_record_t *record, char *line, size_t size)
{
    qw_reason_t reason = {""};
    assert_int_equal (qw_mp_scan (record->source.data, record->source.size, &reason), QW_OK);
    qw_mp_t map;
    qw_mp_open (&map, record->source.data, record->source.size, &reason);
    qw_bytes_t path = {"", 0}, encoding = {"", 0};
    uint64_t number = 0;
    for (uint32_t i = qw_mp_map (&map, "source"); i > 0; i--) {
        qw_bytes_t key = qw_mp_str (&map, "key");
        if (qw_bytes_are (key, "path"))
            path = qw_mp_str (&map, "path");
        else if (qw_bytes_are (key, "record"))
            number = qw_mp_uint (&map, "record");
        else if (qw_bytes_are (key, "encoding"))
            encoding = qw_mp_str (&map, "encoding");
        else
            fail_msg ("an unknown key");
    }
    assert_int_equal (qw_mp_status (&map), QW_OK);
    if (record->metadata.data)
        assert_int_equal (qw_mp_scan (record->metadata.data, record->metadata.size, &reason), QW_OK);
    assert_true (record->id.size >= 1 && record->id.size <= 512);
    int used = snprintf (line, size, "%.*s", (int) path.size, path.data);
    if (number)
        used += snprintf (line + used, size - (size_t) used, "#%d", (int) number);
    if (encoding.size)
        used += snprintf (line + used, size - (size_t) used, "(%.*s)", (int) encoding.size, encoding.data);
    if (record->failed.data) {
        assert_int_equal (record->text.size, 0);
        snprintf (line + used, size - (size_t) used, " failed=%.*s", (int) record->failed.size, record->failed.data);
    } else
        snprintf (line + used, size - (size_t) used, " %.*s", record->text.size > 60 ? 60 : (int) record->text.size,
                  record->text.data);
}

/* Takes the next record and compares. An expected "failed=" at the end stands for any reason; "failed=X" for one with X in
 * it. */
static inline void expect_next (qw_source_t *source, const char *expected)
{
    qw_record_t record;
    char line[1024];
    assert_int_equal (qw_source_next (source, &record), QW_OK);
    describe (&record, line, sizeof line);
    const char *failed = strstr (expected, " failed=");
    if (!failed) {
        assert_string_equal (line, expected);
        return;
    }
    size_t head = (size_t) (failed - expected) + strlen (" failed=");
    if (strncmp (line, expected, head) != 0 || !strstr (line + head, expected + head))
        fail_msg ("'%s' is not '%s'", line, expected);
}

static inline void expect_status (qw_source_t *source, qw_status_t status)
{
    qw_record_t record;
    assert_int_equal (qw_source_next (source, &record), status);
}

#define CASE(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)

#endif
