/*  fuzz_source.c - any bytes as a text, as JSON lines, as JSON and as whatever their content tells, archives included: the
 *  records keep the source's promises, and there is an end. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "proto/utf8.h"
#include "ventilator/source.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

enum { NAMES = 4, MAX_BYTES = 4000 };

static const char *const names[NAMES] = {"in.txt", "in.jsonl", "in.json", "in"};
static char folder[256], paths[NAMES][300];
static int memory = -1;

static void clean_up (void)
{
    for (int i = 0; i < NAMES; i++)
        unlink (paths[i]);
    rmdir (folder);
}

/* One file in memory under several names, so that each input costs no disk. */
static void set_up (void)
{
    const char *temporary = getenv ("TMPDIR");
    char target[64];
    snprintf (folder, sizeof folder, "%s/quotewire-fuzz-XXXXXX", temporary ? temporary : P_tmpdir);
    memory = memfd_create ("fuzz", MFD_CLOEXEC);
    if (memory < 0 || !mkdtemp (folder))
        abort ();
    snprintf (target, sizeof target, "/proc/self/fd/%d", memory);
    for (int i = 0; i < NAMES; i++) {
        snprintf (paths[i], sizeof paths[i], "%s/%s", folder, names[i]);
        if (symlink (target, paths[i]))
            abort ();
    }
    atexit (clean_up);
}

static void must (bool holds, const char *what)
{
    if (!holds) {
        fprintf (stderr, "broken promise: %s\n", what);
        abort ();
    }
}

static void check (const qw_record_t *record)
{
    qw_reason_t reason;
    must (record->id.size >= 1 && record->id.size <= 512 && qw_utf8_is_valid (record->id.data, record->id.size), "id");
    must (qw_mp_scan (record->source.data, record->source.size, &reason) == QW_OK, "source is a MessagePack map");
    must (!record->metadata.data || qw_mp_scan (record->metadata.data, record->metadata.size, &reason) == QW_OK,
          "metadata is a MessagePack map");
    must (record->text.size <= MAX_BYTES && qw_utf8_is_valid (record->text.data, record->text.size), "text");
    must ((record->failed.data != NULL) == (record->text.size == 0), "a text or a reason");
    must (!record->failed.data || (record->failed.size > 0 && qw_utf8_is_valid (record->failed.data, record->failed.size)),
          "reason");
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    if (memory < 0)
        set_up ();
    if (ftruncate (memory, 0) || pwrite (memory, data, size, 0) != (ssize_t) size)
        abort ();
    const char *all[NAMES] = {paths[0], paths[1], paths[2], paths[3]};
    qw_source_options_t options = {.max_document_bytes = MAX_BYTES};
    qw_reason_t reason;
    qw_source_t *source = qw_source_new (all, NAMES, &options, &reason);
    must (source != NULL, "files that exist are opened");
    qw_record_t record;
    qw_status_t status;
    for (size_t records = 0; (status = qw_source_next (source, &record)) == QW_OK; records++) {
        check (&record);
        must (records < 4 * 1000000, "an end");
    }
    must (status == QW_END, "files end, they do not ask for patience");
    qw_source_destroy (&source);
    return 0;
}
