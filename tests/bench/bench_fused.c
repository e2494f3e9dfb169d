/*  bench_fused.c - the annotators alone: no process but this one, no messages, no encoding, no corpus.

    usage: bench_fused MODELS SOURCE [ROUNDS [MEGABYTES [LAYERS]]]

    Reads the source and finds the structure first; then annotates all its chunks as a fused worker would, in batches of the
    size of tasks, and settles what concerns whole documents, ROUNDS times. LAYERS: 1 for the first layer only (tokens), 2 for
    the first two (entities too), 3 for all (quotes too). Prints the median rate, by the clock and by processor time, as a JSON
    object. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "proto/memory.h"
#include "ventilator/article.h"
#include "workers/batch.h"

enum { MAX_ROUNDS = 50, TASK_BYTES = 128 << 10 };

static qw_batch_t *batch;
static size_t tokens; /* of the round */

static double seconds_of (clockid_t clock)
{
    struct timespec time;
    clock_gettime (clock, &time);
    return (double) time.tv_sec + (double) time.tv_nsec / 1e9;
}

static void fail (const char *text)
{
    fprintf (stderr, "bench_fused: %s\n", text);
    exit (2);
}

static bool go_on (void *context) { return (void) context, true; }

/* What the annotators take of all chunks, in seconds by both clocks. */
static void annotate (const qw_task_chunk_t *chunks, size_t count, double *clock, double *processor)
{
    double clock_begin = seconds_of (CLOCK_MONOTONIC), processor_begin = seconds_of (CLOCK_THREAD_CPUTIME_ID);
    for (size_t first = 0, end; first < count; first = end) {
        size_t bytes = chunks[first].text.size;
        for (end = first + 1; end < count && end - first < QW_BATCH_MOST && bytes + chunks[end].text.size <= TASK_BYTES; end++)
            bytes += chunks[end].text.size;
        qw_batch_annotate (batch, chunks + first, end - first, go_on, NULL);
        for (size_t i = 0; i < end - first; i++) {
            if (qw_batch_at (batch, i)->status)
                fail (qw_batch_at (batch, i)->reason.text);
            tokens += qw_batch_at (batch, i)->layers->token_count;
        }
    }
    *processor = seconds_of (CLOCK_THREAD_CPUTIME_ID) - processor_begin;
    *clock = seconds_of (CLOCK_MONOTONIC) - clock_begin;
}

static int by_size (const void *a, const void *b)
{
    double first = *(const double *) a, second = *(const double *) b;
    return (first > second) - (first < second);
}

int main (int argc, char *argv[])
{
    if (argc < 3)
        fail ("usage: bench_fused MODELS SOURCE [ROUNDS [MEGABYTES [LAYERS]]]");
    qw_reason_t reason;
    qw_record_t record;
    size_t rounds = argc > 3 ? strtoull (argv[3], NULL, 10) : 5, most = (argc > 4 ? strtoull (argv[4], NULL, 10) : 100) << 20;
    unsigned wanted = 7;
    if (argc > 5 && argv[5][0] >= '1' && argv[5][0] <= '3')
        wanted = (1u << (argv[5][0] - '0')) - 1;
    qw_fused_t *fused = qw_fused_new (wanted, argv[1], &reason);
    if (!fused)
        fail (reason.text);
    batch = qw_batch_new (fused);
    qw_source_t *source = qw_source_new ((const char *const *) argv + 2, 1, &(qw_source_options_t){.max_document_bytes = 16 << 20}, &reason);
    if (!source)
        fail (reason.text);
    qw_article_maker_t *maker = qw_article_maker_new (64 << 10);
    qw_article_t **articles = NULL;
    qw_task_chunk_t *chunks = NULL;
    size_t count = 0, room = 0, bytes = 0, chunk_count = 0, chunk_room = 0;
    while (bytes < most && qw_source_next (source, &record) == QW_OK) {
        if (record.failed.data)
            continue;
        articles = qw_grown (articles, &room, count + 1, sizeof *articles);
        bytes += record.text.size;
        qw_article_t *article = articles[count++] = qw_article_make (maker, &record);
        chunks = qw_grown (chunks, &chunk_room, chunk_count + article->chunk_count, sizeof *chunks);
        for (uint32_t i = 0; i < article->chunk_count; i++) {
            chunks[chunk_count] = qw_article_chunk (article, i);
            chunks[chunk_count++].whole = article->chunk_count == 1 && wanted > 1;
        }
    }
    double clock_rates[MAX_ROUNDS], processor_rates[MAX_ROUNDS];
    rounds = rounds < 1 ? 1 : rounds > MAX_ROUNDS ? MAX_ROUNDS : rounds;
    for (size_t round = 0; round < rounds; round++) {
        double clock, processor;
        tokens = 0;
        annotate (chunks, chunk_count, &clock, &processor);
        clock_rates[round] = (double) bytes / 1e6 / clock;
        processor_rates[round] = (double) bytes / 1e6 / processor;
    }
    qsort (clock_rates, rounds, sizeof *clock_rates, by_size);
    qsort (processor_rates, rounds, sizeof *processor_rates, by_size);
    printf ("{\"documents\": %zu, \"tokens\": %zu, \"megabytes\": %.3f, \"mb_s\": %.3f, \"mb_per_cpu_second\": %.3f}\n", count,
            tokens, (double) bytes / 1e6, clock_rates[rounds / 2], processor_rates[rounds / 2]);
    qw_batch_destroy (&batch);
    qw_fused_destroy (&fused);
    qw_article_maker_destroy (&maker);
    qw_source_destroy (&source);
    for (size_t i = 0; i < count; i++)
        qw_article_free (articles[i]);
    free (articles);
    free (chunks);
    return 0;
}
