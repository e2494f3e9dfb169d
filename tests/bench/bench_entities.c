/*  bench_entities.c - how fast text is tagged with entities, beside tokens alone, and how long clusters take.

    usage: bench_entities [FILE]: the file's text, cut at empty lines into pieces of about 4 KB, or the articles of
    tests/articles over and over. Run in the source folder. All figures of one run belong together: compare the ratios. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sink/resolve/clusters.h"
#include "ventilator/structure.h"
#include "workers/annotator.h"
#include "workers/entities/mentions.h"
#include "workers/entities/tagger.h"

enum { PIECE = 4000, LEAST_BYTES = 8 << 20, REPEATS = 5 };

typedef struct {
    char *bytes;
    size_t size;
} text_t;

static double now (void)
{
    struct timespec time;
    clock_gettime (CLOCK_MONOTONIC, &time);
    return (double) time.tv_sec + (double) time.tv_nsec / 1e9;
}

static text_t read_file (const char *path)
{
    text_t text = {NULL, 0};
    FILE *file = fopen (path, "rb");
    if (!file)
        return text;
    fseek (file, 0, SEEK_END);
    text.size = (size_t) ftell (file);
    rewind (file);
    text.bytes = malloc (text.size + 1);
    if (!text.bytes || fread (text.bytes, 1, text.size, file) != text.size)
        text.size = 0;
    fclose (file);
    return text;
}

static void append (text_t *text, text_t more)
{
    text->bytes = realloc (text->bytes, text->size + more.size + 2);
    if (!text->bytes)
        abort ();
    if (more.size)
        memcpy (text->bytes + text->size, more.bytes, more.size);
    text->size += more.size;
    text->bytes[text->size++] = '\n';
    text->bytes[text->size++] = '\n';
}

static text_t read_articles (void)
{
    text_t all = {NULL, 0};
    struct dirent **names;
    int count = scandir ("tests/articles", &names, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        char path[4096];
        snprintf (path, sizeof path, "tests/articles/%s", names[i]->d_name);
        size_t size = strlen (path);
        if (size > 4 && strcmp (path + size - 4, ".txt") == 0) {
            text_t one = read_file (path);
            append (&all, one);
            free (one.bytes);
        }
        free (names[i]);
    }
    if (count >= 0)
        free (names);
    return all;
}

static const qw_annotator_t *const annotators[2] = {&qw_tokens_annotator, &qw_entities_annotator};

typedef struct {
    void *instances[2];
    qw_layers_t *layers;
    qw_clusters_t *clusters;
    qw_paragraphs_t paragraphs;
    double seconds[3]; /* tokens, entities, clusters */
    size_t tokens, mentions, pieces;
} bench_t;

static void run_piece (bench_t *self, const char *text, size_t size)
{
    qw_reason_t reason;
    qw_structure_find (text, size, &self->paragraphs);
    qw_chunk_t chunk = {text, size, self->paragraphs.items, self->paragraphs.count, false};
    qw_layers_clear (self->layers);
    double start = now ();
    for (int i = 0; i < 2; i++) {
        if (annotators[i]->annotate (self->instances[i], &chunk, self->layers, &reason)) {
            fprintf (stderr, "%s\n", reason.text);
            exit (1);
        }
        double end = now ();
        self->seconds[i] += end - start;
        start = end;
    }
    qw_clusters_resolve (self->clusters, text, size, chunk.paragraphs, chunk.paragraph_count, self->layers);
    self->seconds[2] += now () - start;
    self->tokens += self->layers->token_count;
    self->mentions += self->layers->mention_count;
    self->pieces++;
}

static void run (bench_t *self, text_t text)
{
    for (size_t at = 0; at < text.size;) {
        size_t end = at + PIECE < text.size ? at + PIECE : text.size;
        const char *stop = end < text.size ? memmem (text.bytes + end, text.size - end, "\n\n", 2) : NULL;
        end = stop ? (size_t) (stop - text.bytes) + 2 : text.size;
        run_piece (self, text.bytes + at, end - at);
        at = end;
    }
}

int main (int argc, char *argv[])
{
    text_t text = argc > 1 ? read_file (argv[1]) : read_articles ();
    if (text.size < 100) {
        fprintf (stderr, "bench_entities: no text; run it in the source folder or name a file\n");
        return 1;
    }
    bench_t best = {.tokens = 0};
    for (int round = 0; round < REPEATS; round++) {
        bench_t self = {.layers = qw_layers_new (), .clusters = qw_clusters_new ()};
        text_t models[2] = {read_file ("workers/models/tokens.model"), read_file ("workers/models/entities.model")};
        qw_reason_t reason;
        for (int i = 0; i < 2; i++) {
            double start = now ();
            if (annotators[i]->open (&self.instances[i], models[i].bytes, models[i].size, &reason)) {
                fprintf (stderr, "%s\n", reason.text);
                return 1;
            }
            if (round == 0)
                printf ("open %s: %.1f ms, model of %.2f MB\n", annotators[i]->name, 1e3 * (now () - start),
                        (double) models[i].size / 1e6);
        }
        for (size_t done = 0; done < LEAST_BYTES; done += text.size)
            run (&self, text);
        if (round == 0 || self.seconds[0] + self.seconds[1] < best.seconds[0] + best.seconds[1])
            best = self;
        for (int i = 0; i < 2; i++) {
            annotators[i]->close (&self.instances[i]);
            free (models[i].bytes);
        }
        qw_layers_destroy (&self.layers);
        qw_clusters_destroy (&self.clusters);
        qw_paragraphs_free (&self.paragraphs);
    }
    double n = (double) best.tokens;
    printf ("tokens alone:        %6.2f M tokens/s, %5.1f ns a token\n", n / best.seconds[0] / 1e6, best.seconds[0] / n * 1e9);
    printf ("tokens and entities: %6.2f M tokens/s, %5.1f ns a token, %.1f times the time of tokens alone\n",
            n / (best.seconds[0] + best.seconds[1]) / 1e6, (best.seconds[0] + best.seconds[1]) / n * 1e9,
            (best.seconds[0] + best.seconds[1]) / best.seconds[0]);
    printf ("clusters:            %6.2f us an article of %.0f tokens with %.1f mentions\n",
            best.seconds[2] / (double) best.pieces * 1e6, n / (double) best.pieces, (double) best.mentions / (double) best.pieces);
    free (text.bytes);
    return 0;
}
