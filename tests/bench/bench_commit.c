/*  bench_commit.c - what it costs to have documents on disk for good, by how many share a commit.

    usage: bench_commit FOLDER [BYTES]

    Appends records of BYTES (5000) to a corpus below FOLDER, and commits them 1, 10, 100 and 1000 at a time. Prints the
    microseconds a document, as a JSON object. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sink/corpus.h"

enum { COMMITS = 100 };

static double now (void)
{
    struct timespec time;
    clock_gettime (CLOCK_MONOTONIC, &time);
    return (double) time.tv_sec + (double) time.tv_nsec / 1e9;
}

static int by_size (const void *a, const void *b)
{
    double first = *(const double *) a, second = *(const double *) b;
    return (first > second) - (first < second);
}

int main (int argc, char *argv[])
{
    size_t size = argc > 2 ? strtoull (argv[2], NULL, 10) : 5000;
    char *record = malloc (size), path[600], id[32];
    double times[COMMITS];
    uint64_t number = 0;
    qw_corpus_t *corpus;
    qw_reason_t reason;
    if (argc < 2 || !record) {
        fprintf (stderr, "usage: bench_commit FOLDER [BYTES]\n");
        return 2;
    }
    memset (record, 'x', size);
    snprintf (path, sizeof path, "%s/commits", argv[1]);
    if (qw_corpus_open (&corpus, path, 256 << 20, &reason)) {
        fprintf (stderr, "bench_commit: %s\n", reason.text);
        return 1;
    }
    for (size_t group = 1; group <= 1000; group *= 10) {
        for (size_t i = 0; i < COMMITS; i++) {
            double begin = now ();
            for (size_t j = 0; j < group; j++) {
                qw_entry_t entry = {0};
                int used = snprintf (id, sizeof id, "document-%llu", (unsigned long long) number++);
                qw_corpus_append (corpus, (qw_bytes_t){record, size}, (qw_bytes_t){id, (size_t) used}, &entry);
            }
            if (qw_corpus_commit (corpus, &reason)) {
                fprintf (stderr, "bench_commit: %s\n", reason.text);
                return 1;
            }
            times[i] = 1e6 * (now () - begin) / (double) group;
        }
        qsort (times, COMMITS, sizeof *times, by_size);
        printf ("%s\"%zu\": %.1f", group == 1 ? "{" : ", ", group, times[COMMITS / 2]);
    }
    printf ("}\n");
    qw_corpus_close (&corpus);
    free (record);
    return 0;
}
