/*  bench_fused.c - the annotators alone: no process but this one, no messages, no encoding, no corpus.

    usage: bench_fused MODELS SOURCE [ROUNDS [MEGABYTES [LAYERS]]]

    Reads the source and finds the structure first; then annotates all its chunks as a fused worker would, and settles
    what concerns whole documents, ROUNDS times. LAYERS: 1 for the first layer only (tokens), 2 for the first two (entities
    too), 3 for all (quotes too). Prints the median rate, by the clock and by processor time, as a JSON object. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "proto/layer_codec.h"
#include "sink/resolve/resolve.h"
#include "ventilator/article.h"
#include "workers/fused.h"

enum { MAX_ROUNDS = 50, MAX_PARAGRAPHS = 1 << 16 };

static qw_fused_t *fused;
static qw_resolver_t *resolver;
static qw_layers_t *layers;
static qw_utf8_index_t text_index;
static unsigned wanted = 7; /* layers */
static size_t tokens;       /* of the round */
static qw_paragraph_t paragraphs[MAX_PARAGRAPHS];

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

/* What the annotators take of one chunk, in seconds by both clocks. */
static void annotate (const qw_article_t *article, uint32_t number, double *clock, double *processor)
{
    qw_task_chunk_t task = qw_article_chunk (article, number);
    qw_reason_t reason;
    size_t count = 0;
    if (task.structure.count / 3 > MAX_PARAGRAPHS)
        return;
    qw_utf8_index_reset (&text_index, task.text.data, task.text.size);
    if (qw_get_structure (task.structure, &text_index, paragraphs, &count, &reason))
        fail (reason.text);
    qw_chunk_t chunk = {task.text.data, task.text.size, paragraphs, count, false};
    double clock_begin = seconds_of (CLOCK_MONOTONIC), processor_begin = seconds_of (CLOCK_THREAD_CPUTIME_ID);
    if (qw_fused_annotate (fused, &chunk, layers, &reason))
        fail (reason.text);
    tokens += layers->token_count;
    if (article->chunk_count == 1 && wanted > 1)
        qw_resolve (resolver, chunk.text, chunk.size, chunk.paragraphs, chunk.paragraph_count, layers);
    *processor += seconds_of (CLOCK_THREAD_CPUTIME_ID) - processor_begin;
    *clock += seconds_of (CLOCK_MONOTONIC) - clock_begin;
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
    if (argc > 5 && argv[5][0] >= '1' && argv[5][0] <= '3')
        wanted = (1u << (argv[5][0] - '0')) - 1;
    fused = qw_fused_new (wanted, argv[1], &reason);
    if (!fused)
        fail (reason.text);
    resolver = qw_resolver_new ();
    layers = qw_layers_new ();
    qw_source_t *source = qw_source_new ((const char *const *) argv + 2, 1, &(qw_source_options_t){.max_document_bytes = 16 << 20}, &reason);
    if (!source)
        fail (reason.text);
    qw_article_maker_t *maker = qw_article_maker_new (64 << 10);
    qw_article_t **articles = NULL;
    size_t count = 0, room = 0, bytes = 0;
    while (bytes < most && qw_source_next (source, &record) == QW_OK) {
        if (record.failed.data)
            continue;
        if (count == room) {
            room = 2 * room + 1024;
            articles = realloc (articles, room * sizeof *articles);
            if (!articles)
                abort ();
        }
        bytes += record.text.size;
        articles[count++] = qw_article_make (maker, &record);
    }
    double clock_rates[MAX_ROUNDS], processor_rates[MAX_ROUNDS];
    rounds = rounds < 1 ? 1 : rounds > MAX_ROUNDS ? MAX_ROUNDS : rounds;
    for (size_t round = 0; round < rounds; round++) {
        double clock = 0, processor = 0;
        tokens = 0;
        for (size_t i = 0; i < count; i++)
            for (uint32_t j = 0; j < articles[i]->chunk_count; j++)
                annotate (articles[i], j, &clock, &processor);
        clock_rates[round] = (double) bytes / 1e6 / clock;
        processor_rates[round] = (double) bytes / 1e6 / processor;
    }
    qsort (clock_rates, rounds, sizeof *clock_rates, by_size);
    qsort (processor_rates, rounds, sizeof *processor_rates, by_size);
    printf ("{\"documents\": %zu, \"tokens\": %zu, \"megabytes\": %.3f, \"mb_s\": %.3f, \"mb_per_cpu_second\": %.3f}\n", count,
            tokens, (double) bytes / 1e6, clock_rates[rounds / 2], processor_rates[rounds / 2]);
    qw_utf8_index_free (&text_index);
    qw_layers_destroy (&layers);
    qw_resolver_destroy (&resolver);
    qw_fused_destroy (&fused);
    qw_article_maker_destroy (&maker);
    qw_source_destroy (&source);
    for (size_t i = 0; i < count; i++)
        qw_article_free (articles[i]);
    free (articles);
    return 0;
}
