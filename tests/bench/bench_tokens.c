/*  bench_tokens.c - how fast text becomes tokens and sentences, beside copying it and beside ICU's word iterator.

    usage: bench_tokens [FILE]: the file's text, or the articles of tests/articles over and over. All figures of one run
    belong together: compare the ratios, not the megabytes a second of different machines. Seconds are processor time. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifdef QW_HAVE_ICU
#include <unicode/ubrk.h>
#include <unicode/utext.h>
#endif

#include "ventilator/structure.h"
#include "workers/annotator.h"

enum { LEAST_BYTES = 2 << 20, LARGEST_PIECE = 32 << 10, ROUNDS = 30 };

typedef struct {
    char *bytes;
    size_t size;
} text_t;

static double now (void)
{
    struct timespec time;
    clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &time); /* time of other processes does not count */
    return (double) time.tv_sec + (double) time.tv_nsec / 1e9;
}

static void append_file (text_t *text, const char *path)
{
    FILE *file = fopen (path, "rb");
    if (!file)
        return;
    fseek (file, 0, SEEK_END);
    size_t size = (size_t) ftell (file);
    rewind (file);
    text->bytes = realloc (text->bytes, text->size + size + 1);
    if (!text->bytes)
        abort ();
    text->size += fread (text->bytes + text->size, 1, size, file);
    text->bytes[text->size++] = '\n';
    fclose (file);
}

static int is_article (const struct dirent *entry)
{
    size_t size = strlen (entry->d_name);
    return size > 4 && strcmp (entry->d_name + size - 4, ".txt") == 0;
}

static text_t load (int argc, char *argv[])
{
    text_t text = {NULL, 0};
    if (argc > 1)
        append_file (&text, argv[1]);
    else {
        struct dirent **names;
        int count = scandir ("tests/articles", &names, is_article, alphasort);
        for (int i = 0; i < count; i++) {
            char path[4096];
            snprintf (path, sizeof path, "tests/articles/%s", names[i]->d_name);
            append_file (&text, path);
            free (names[i]);
        }
        if (count >= 0)
            free (names);
    }
    size_t once = text.size;
    while (once && text.size < LEAST_BYTES) {
        text.bytes = realloc (text.bytes, text.size + once);
        if (!text.bytes)
            abort ();
        memcpy (text.bytes + text.size, text.bytes, once);
        text.size += once;
    }
    return text;
}

/* The end of a piece of at most LARGEST_PIECE bytes, at a line end if there is one. */
static size_t piece_end (const text_t *text, size_t start)
{
    size_t end = start + LARGEST_PIECE < text->size ? start + LARGEST_PIECE : text->size;
    for (size_t i = end; end < text->size && i > start; i--)
        if (text->bytes[i - 1] == '\n')
            return i;
    while (end < text->size && ((unsigned char) text->bytes[end] & 0xc0) == 0x80)
        end++;
    return end;
}

static void report (const char *what, double seconds, size_t bytes, size_t items, double base)
{
    printf ("%-32s %9.1f MB/s %8.2f M items/s   %6.2f x\n", what, (double) bytes / seconds / 1e6,
            (double) items / seconds / 1e6, base / seconds);
}

typedef struct {
    const text_t *text;
    void *instance;
    qw_layers_t *layers;
    qw_paragraphs_t paragraphs;
    char *copy;
    size_t items;
} bench_t;

static void copy_text (bench_t *self)
{
    for (size_t at = 0, end; at < self->text->size; at = end) {
        end = piece_end (self->text, at);
        memcpy (self->copy, self->text->bytes + at, end - at);
        self->items += (unsigned char) self->copy[0] != 0;
    }
}

/* Piece after piece in one reused set of layers, each piece with its paragraphs, as a worker does. */
static void annotate_text (bench_t *self)
{
    size_t paragraph = 0;
    for (size_t at = 0, end; at < self->text->size; at = end) {
        end = piece_end (self->text, at);
        qw_paragraph_t here[4096];
        size_t count = 0;
        for (; paragraph < self->paragraphs.count && self->paragraphs.items[paragraph].span.start < end && count < 4096;
             paragraph++) {
            here[count] = self->paragraphs.items[paragraph];
            here[count].span.start -= (uint32_t) at;
            here[count++].span.end -= (uint32_t) at;
        }
        qw_chunk_t chunk = {self->text->bytes + at, end - at, here, count, false};
        qw_layers_clear (self->layers);
        qw_tokens_annotator.annotate (self->instance, &chunk, self->layers, NULL);
        self->items += self->layers->token_count;
    }
}

static void find_structure (bench_t *self)
{
    qw_paragraphs_t paragraphs = {0};
    qw_structure_find (self->text->bytes, self->text->size, &paragraphs);
    self->items += paragraphs.count;
    qw_paragraphs_free (&paragraphs);
}

#ifdef QW_HAVE_ICU
static UBreakIterator *iterator;

static void icu_words (bench_t *self)
{
    for (size_t at = 0, end; at < self->text->size; at = end) {
        end = piece_end (self->text, at);
        UErrorCode status = U_ZERO_ERROR;
        UText *piece = utext_openUTF8 (NULL, self->text->bytes + at, (int64_t) (end - at), &status);
        ubrk_setUText (iterator, piece, &status);
        while (ubrk_next (iterator) != UBRK_DONE)
            self->items++;
        utext_close (piece);
    }
}
#endif

typedef struct {
    const char *name;
    void (*run) (bench_t *self);
    void *instance;
    double best; /* seconds */
    size_t items;
} contender_t;

/* Runs all in turn, round after round, and keeps the best of each: what the machine can do when nothing disturbs it. */
static void compete (bench_t *self, contender_t *contenders, size_t count)
{
    for (int round = 0; round < ROUNDS; round++)
        for (size_t i = 0; i < count; i++) {
            contender_t *contender = &contenders[i];
            self->instance = contender->instance;
            self->items = 0;
            double start = now ();
            contender->run (self);
            double seconds = now () - start;
            if (round == 0 || seconds < contender->best)
                contender->best = seconds;
            contender->items = self->items;
        }
}

static void *load_model (size_t *size)
{
    text_t model = {NULL, 0};
    append_file (&model, "workers/models/tokens.model");
    *size = model.size ? model.size - 1 : 0;
    return model.bytes;
}

int main (int argc, char *argv[])
{
    text_t text = load (argc, argv);
    if (!text.size) {
        fprintf (stderr, "bench_tokens: no text; run it in the source folder or name a file\n");
        return 1;
    }
    bench_t bench = {.text = &text, .layers = qw_layers_new (), .copy = malloc (LARGEST_PIECE + 8)};
    qw_structure_find (text.bytes, text.size, &bench.paragraphs);
    size_t model_size, count = 0, base = 0; /* base: the contender that the others are compared with */
    void *model = load_model (&model_size), *ruled = NULL, *trained = NULL;
    contender_t contenders[5];
    contenders[count++] = (contender_t){.name = "memcpy", .run = copy_text};
#ifdef QW_HAVE_ICU
    UErrorCode status = U_ZERO_ERROR;
    iterator = ubrk_open (UBRK_WORD, "en", NULL, 0, &status);
    base = count;
    contenders[count++] = (contender_t){.name = "ICU word iterator", .run = icu_words};
#endif
    qw_reason_t reason;
    if (qw_tokens_annotator.open (&ruled, NULL, 0, &reason) == QW_OK)
        contenders[count++] = (contender_t){.name = "tokens, sentences by rules", .run = annotate_text, .instance = ruled};
    if (model && qw_tokens_annotator.open (&trained, model, model_size, &reason) == QW_OK)
        contenders[count++] = (contender_t){.name = "tokens, sentences by model", .run = annotate_text, .instance = trained};
    contenders[count++] = (contender_t){.name = "structure", .run = find_structure};
    compete (&bench, contenders, count);
    printf ("%.1f MB of text, %zu paragraphs, pieces of at most %d KB, best of %d rounds; x: times the speed of %s\n",
            (double) text.size / 1e6, bench.paragraphs.count, LARGEST_PIECE >> 10, ROUNDS, contenders[base].name);
    for (size_t i = 0; i < count; i++)
        report (contenders[i].name, contenders[i].best, text.size, contenders[i].items, contenders[base].best);
#ifdef QW_HAVE_ICU
    ubrk_close (iterator);
#endif
    qw_tokens_annotator.close (&ruled);
    qw_tokens_annotator.close (&trained);
    free (model);
    free (bench.copy);
    free (text.bytes);
    qw_paragraphs_free (&bench.paragraphs);
    qw_layers_destroy (&bench.layers);
    return 0;
}
