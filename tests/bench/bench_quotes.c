/*  bench_quotes.c - what the quotes cost on top of tokens and entities, and what resolving a document costs.

    usage: bench_quotes [-m MODELS] [FILE]: the file's blank-line separated pieces of about 4 KB, or the articles of
    tests/articles over and over. All figures of one run belong together: compare the ratios. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sink/resolve/resolve.h"
#include "ventilator/structure.h"
#include "workers/fused.h"

enum { REPEATS = 5, MAX_ARTICLES = 20000, PIECE = 4 << 10 };

typedef struct {
    char *text;
    size_t size;
    qw_paragraphs_t paragraphs;
} article_t;

static article_t articles[MAX_ARTICLES];
static size_t article_count;

/* Time on the processor, so that neighbours on the machine count less. */
static double now (void)
{
    struct timespec time;
    clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double) time.tv_sec + (double) time.tv_nsec / 1e9;
}

static void add_article (const char *text, size_t size)
{
    if (article_count == MAX_ARTICLES || size == 0)
        return;
    article_t *article = &articles[article_count++];
    article->text = malloc (size);
    if (!article->text)
        abort ();
    memcpy (article->text, text, size);
    article->size = size;
    qw_structure_find (article->text, size, &article->paragraphs);
}

static void add_file (const char *path, bool pieces)
{
    FILE *file = fopen (path, "rb");
    if (!file)
        return;
    static char buffer[64 << 20];
    size_t size = fread (buffer, 1, sizeof buffer, file);
    fclose (file);
    for (size_t at = 0; at < size;) {
        size_t end = pieces && size - at > PIECE ? at + PIECE : size;
        while (end < size && buffer[end - 1] != '\n')
            end++;
        add_article (buffer + at, end - at);
        at = end;
    }
}

static int is_article (const struct dirent *entry)
{
    size_t size = strlen (entry->d_name);
    return size > 4 && strcmp (entry->d_name + size - 4, ".txt") == 0;
}

static void add_folder (const char *folder)
{
    struct dirent **names;
    int count = scandir (folder, &names, is_article, alphasort);
    for (int i = 0; i < count; i++) {
        char path[512];
        snprintf (path, sizeof path, "%s/%s", folder, names[i]->d_name);
        add_file (path, false);
        free (names[i]);
    }
    if (count >= 0)
        free (names);
}

/* Seconds for one pass of the layers wanted over all articles: the best of some. */
static double best_pass (unsigned wanted, const char *models, size_t *tokens, size_t *quotes)
{
    qw_reason_t reason;
    qw_fused_t *fused = qw_fused_new (wanted, models, &reason);
    if (!fused) {
        fprintf (stderr, "%s\n", reason.text);
        exit (1);
    }
    qw_layers_t *layers = qw_layers_new ();
    double best = 1e9;
    for (int repeat = 0; repeat < REPEATS; repeat++) {
        *tokens = *quotes = 0;
        double start = now ();
        for (int again = 0; again < (article_count < 200 ? 40 : 1); again++)
            for (size_t i = 0; i < article_count; i++) {
                qw_chunk_t chunk = {articles[i].text, articles[i].size, articles[i].paragraphs.items,
                                    articles[i].paragraphs.count, false};
                if (qw_fused_annotate (fused, &chunk, layers, &reason))
                    abort ();
                *tokens += layers->token_count;
                *quotes += layers->quote_count;
            }
        double spent = now () - start;
        best = spent < best ? spent : best;
    }
    qw_layers_destroy (&layers);
    qw_fused_destroy (&fused);
    return best;
}

/* Copies what the resolution reads, so that each pass starts from the annotators' layers. */
static void copy_layers (qw_layers_t *to, const qw_layers_t *from)
{
    qw_layers_clear (to);
    for (size_t i = 0; i < from->mention_count; i++)
        *qw_layers_add_mention (to) = from->mentions[i];
    for (size_t i = 0; i < from->quote_count; i++)
        *qw_layers_add_quote (to) = from->quotes[i];
}

static void measure_resolution (const char *models)
{
    qw_reason_t reason;
    qw_fused_t *fused = qw_fused_new (7, models, &reason);
    qw_layers_t *layers = qw_layers_new (), *copy = qw_layers_new ();
    qw_resolver_t *resolver = qw_resolver_new ();
    double copying = 0, resolving = 0;
    size_t quotes = 0, mentions = 0, documents = 0;
    for (size_t i = 0; i < article_count; i++) {
        qw_chunk_t chunk = {articles[i].text, articles[i].size, articles[i].paragraphs.items,
                            articles[i].paragraphs.count, false};
        if (qw_fused_annotate (fused, &chunk, layers, &reason))
            abort ();
        double start = now ();
        for (int repeat = 0; repeat < 20; repeat++)
            copy_layers (copy, layers);
        double middle = now ();
        for (int repeat = 0; repeat < 20; repeat++) {
            copy_layers (copy, layers);
            qw_resolve (resolver, chunk.text, chunk.size, chunk.paragraphs, chunk.paragraph_count, copy);
        }
        copying += middle - start;
        resolving += now () - middle;
        quotes += layers->quote_count;
        mentions += layers->mention_count;
        documents += 20;
    }
    double each = (double) article_count;
    printf ("resolution: %.2f us a document (%.1f quotes, %.1f mentions each; copying taken off)\n",
            (resolving - copying) * 1e6 / (double) documents, (double) quotes / each, (double) mentions / each);
    qw_resolver_destroy (&resolver);
    qw_layers_destroy (&layers);
    qw_layers_destroy (&copy);
    qw_fused_destroy (&fused);
}

int main (int argc, char *argv[])
{
    const char *models = "workers/models", *path = NULL;
    for (int i = 1; i < argc; i++)
        if (strcmp (argv[i], "-m") == 0 && i + 1 < argc)
            models = argv[++i];
        else
            path = argv[i];
    if (path)
        add_file (path, true);
    else
        add_folder ("tests/articles");
    if (article_count == 0) {
        fputs ("bench_quotes: no articles\n", stderr);
        return 1;
    }
    size_t tokens, quotes;
    double least = best_pass (1, models, &tokens, &quotes);
    double less = best_pass (3, models, &tokens, &quotes);
    double all = best_pass (7, models, &tokens, &quotes);
    double count = (double) tokens;
    printf ("%zu articles, %zu tokens, %zu quotes\n", article_count, tokens, quotes);
    printf ("tokens alone:             %6.2f M tokens/s, %5.0f ns a token\n", count / least / 1e6, least * 1e9 / count);
    printf ("tokens, entities:         %6.2f M tokens/s, %5.0f ns a token\n", count / less / 1e6, less * 1e9 / count);
    printf ("tokens, entities, quotes: %6.2f M tokens/s, %5.0f ns a token\n", count / all / 1e6, all * 1e9 / count);
    printf ("quotes on top:            %5.0f ns a token, %.2f of tokens and entities\n", (all - less) * 1e9 / count,
            (all - less) / less);
    measure_resolution (models);
    for (size_t i = 0; i < article_count; i++) {
        free (articles[i].text);
        qw_paragraphs_free (&articles[i].paragraphs);
    }
    return 0;
}
