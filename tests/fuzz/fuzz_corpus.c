/*  Any bytes as a corpus's files: a reader reads or refuses them, opening mends or refuses them, and what was mended is
    right.

    The input: a byte of flags (1: no first segment, 2: no index of it, 4: a second segment, 8: an index of that one),
    then first segment, index and second segment, each behind its length in four bytes, big-endian. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/log.h"
#include "sink/corpus.h"
#include "sink/corpus_check.h"
#include "sink/corpus_view.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

typedef struct {
    const uint8_t *at;
    size_t left;
} input_t;

/* The next piece, as long as its four bytes say, or as there is. */
static qw_bytes_t piece (input_t *input)
{
    size_t size = 0;
    for (int i = 0; i < 4 && input->left > 0; i++, input->at++, input->left--)
        size = size << 8 | *input->at;
    if (size > input->left)
        size = input->left;
    qw_bytes_t bytes = {(const char *) input->at, size};
    input->at += size;
    input->left -= size;
    return bytes;
}

static void spill (int directory, const char *name, bool wanted, qw_bytes_t bytes)
{
    unlinkat (directory, name, 0);
    int file = wanted ? openat (directory, name, O_WRONLY | O_CREAT | O_TRUNC, 0600) : -1;
    if (file >= 0 && write (file, bytes.data, bytes.size) != (ssize_t) bytes.size)
        abort ();
    if (file >= 0)
        close (file);
}

static uint64_t read_all (const char *path)
{
    qw_corpus_reader_t *reader = qw_corpus_reader_open (path, NULL);
    if (!reader)
        return 0;
    uint64_t count = qw_corpus_reader_count (reader);
    qw_corpus_view_t *view = qw_corpus_view_new (reader);
    qw_corpus_view_destroy (&view);
    qw_out_t out;
    qw_out_init (&out);
    for (uint64_t position = 0; position < count && position < 1000;) {
        size_t got;
        qw_out_reset (&out);
        qw_corpus_reader_bytes (reader, position);
        position += qw_corpus_reader_read (reader, position, 4096, &out, &got, NULL) == QW_OK ? got : 1;
    }
    qw_out_free (&out);
    qw_corpus_reader_close (&reader);
    return count;
}

static void ignore (void *context, const char *line)
{
    (void) context;
    (void) line;
}

static int count_indexes (int directory)
{
    return (faccessat (directory, "segment-000000.index", F_OK, 0) == 0)
         + (faccessat (directory, "segment-000001.index", F_OK, 0) == 0);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    static char path[64];
    static int directory = -1;
    if (directory < 0) {
        qw_log_open ("fuzz", QW_LOG_ERROR);
        snprintf (path, sizeof path, "%s/qw-fuzz-XXXXXX", access ("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
        if (!mkdtemp (path) || (directory = open (path, O_RDONLY | O_DIRECTORY)) < 0)
            abort ();
    }
    uint8_t which = size ? data[0] : 0;
    input_t input = {data + (size > 0), size - (size > 0)};
    qw_bytes_t first = piece (&input), index = piece (&input), second = piece (&input);
    spill (directory, "segment-000000.msgpack", !(which & 1), first);
    spill (directory, "segment-000000.index", !(which & 2), index);
    spill (directory, "segment-000001.msgpack", which & 4, second);
    spill (directory, "segment-000001.index", which & 8, index);
    read_all (path);
    qw_check_result_t result;
    qw_corpus_check (path, false, ignore, NULL, &result, NULL);
    qw_corpus_t *corpus;
    if (qw_corpus_open (&corpus, path, 4096, NULL) == QW_OK) {
        uint64_t count = qw_corpus_count (corpus);
        qw_corpus_close (&corpus);
        if (count_indexes (directory) == 0 || read_all (path) != count) /* what was mended, a reader sees whole */
            abort ();
    }
    static const char *const names[] = {"segment-000000.msgpack", "segment-000000.index", "segment-000001.msgpack",
                                        "segment-000001.index", "lock"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unlinkat (directory, names[i], 0);
    return 0;
}
