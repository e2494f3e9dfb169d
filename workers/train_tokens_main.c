/*  quotewire-train-tokens - learns where sentences end, for models/tokens.model. The same files give the same model, byte
    for byte, on every machine. */
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/memory.h"
#include "proto/utf8.h"
#include "ventilator/structure.h"
#include "workers/tokens/learner.h"
#include "workers/tokens/lexicon.h"

static const char help[] =
    "usage: quotewire-train-tokens [OPTION]... -o MODEL GOLD.jsonl...\n"
    "\n"
    "Each line of GOLD is an object {\"text\", \"sentences\": [[start, end], ...]}, offsets in code points; each text is\n"
    "read as one paragraph.\n"
    "\n"
    "  -o, --output FILE     where the model goes\n"
    "  -p, --pos FILE        word, tab, another column, tab, part of speech a line, for the lexicon; may be given several\n"
    "                        times\n"
    "  -w, --words FILE      what quotewire-train-words wrote, for the lexicon\n"
    "  -r, --running FILE    articles, {\"text\"} a line: whole sentences of news, for the glances\n"
    "  -n, --every N         of these articles, read every Nth (default: 1)\n"
    "  -e, --epochs N        passes over the examples (default: 3)\n"
    "  -m, --marked N        threshold behind a mark, in 1/1024 of a natural logarithm of odds (default: 0)\n"
    "  -u, --unmarked N      threshold where no mark stands (default: 0)\n"
    "  -h, --help            this text\n"
    "  -V, --version         the version\n"
    "\n"
    "Exit codes: 0 model written; 1 a file cannot be read or written; 2 wrong usage.\n";

enum { SHORTEST_RUNNING = 80, MOST_POS_FILES = 16 };

typedef struct {
    qw_gap_example_t *items;
    size_t count, capacity;
    qw_layers_t *layers;
    qw_ends_t ends;
    qw_utf8_index_t index;
    qw_paragraphs_t paragraphs;
    qw_gap_model_t model;
} trainer_t;

static void add_example (trainer_t *self, qw_gap_look_t *look, bool ends, bool running)
{
    self->items = qw_grown (self->items, &self->capacity, self->count + 1, sizeof *self->items);
    qw_gap_example_t *example = &self->items[self->count++];
    qw_gap_glance (look, example->glance);
    qw_gap_linear (look, example->sight.contexts, example->rows);
    qw_gap_vectors (look, example->sight.vectors);
    example->ends = ends;
    example->running = running;
    example->kind = (uint8_t) look->gaps.kind;
}

/* True when a sentence of the gold ends at byte `at`; `next` is the first that may. */
static bool gold_ends (trainer_t *self, json_t *sentences, size_t *next, uint32_t at)
{
    for (; *next < json_array_size (sentences); (*next)++) {
        json_int_t point = json_integer_value (json_array_get (json_array_get (sentences, *next), 1));
        if (point < 0 || (size_t) point > self->index.length)
            continue;
        uint32_t end = qw_utf8_index_byte (&self->index, (uint32_t) point);
        if (end >= at)
            return end == at;
    }
    return false;
}

/* Cuts text[span] and starts a walk over its gaps. */
static void start_walk (trainer_t *self, const char *text, qw_span_t span, qw_gap_look_t *look)
{
    qw_layers_clear (self->layers);
    self->ends.count = 0;
    qw_tokens_scan (text, span.start, span.end, self->layers, &self->ends);
    qw_gap_look_start (look, self->model.lexicon, text, 0, &self->ends, self->layers);
}

static void read_gold (trainer_t *self, json_t *object)
{
    json_t *member = json_object_get (object, "text"), *sentences = json_object_get (object, "sentences");
    const char *text = json_string_value (member);
    uint32_t size = (uint32_t) json_string_length (member);
    qw_utf8_index_reset (&self->index, text, size);
    qw_gap_look_t look;
    qw_gaps_t *gap = &look.gaps;
    start_walk (self, text, (qw_span_t){0, size}, &look);
    for (size_t next = 0; qw_gaps_next (gap);) {
        bool ends = gold_ends (self, sentences, &next, gap->tokens[gap->next - 1].end);
        add_example (self, &look, ends, false);
        if (ends)
            qw_gaps_end_sentence (gap);
    }
}

/* True when the text before `end` closes a sentence: a stop or a quotation mark. */
static bool is_closed (const char *text, uint32_t end)
{
    return strchr (".!?\"", text[end - 1]) || (end >= 3 && memcmp (text + end - 3, "\xe2\x80\x9d", 3) == 0);
}

/* Joins the paragraphs of an article that are surely whole sentences: no gap without a mark is an end. */
static void read_running (trainer_t *self, json_t *object)
{
    json_t *member = json_object_get (object, "text");
    const char *text = json_string_value (member);
    size_t size = json_string_length (member), joined = 0;
    char *copy = qw_must (malloc (size + 1));
    qw_structure_find (text, size, &self->paragraphs);
    for (size_t i = 0; i < self->paragraphs.count; i++) {
        qw_paragraph_t paragraph = self->paragraphs.items[i];
        if (paragraph.role != QW_ROLE_BODY || qw_span_size (paragraph.span) < SHORTEST_RUNNING
            || !is_closed (text, paragraph.span.end))
            continue;
        memcpy (copy + joined, text + paragraph.span.start, qw_span_size (paragraph.span));
        joined += qw_span_size (paragraph.span);
        copy[joined++] = ' ';
    }
    qw_gap_look_t look;
    start_walk (self, copy, (qw_span_t){0, (uint32_t) joined}, &look);
    while (qw_gaps_next (&look.gaps))
        if (!qw_end_is_mark (look.gaps.kind))
            add_example (self, &look, false, true);
        else if (look.gaps.kind < QW_END_ABBREVIATION)
            qw_gaps_end_sentence (&look.gaps);
    free (copy);
}

static bool read_file (trainer_t *self, const char *path, bool running, size_t every)
{
    FILE *file = fopen (path, "r");
    if (!file) {
        perror (path);
        return false;
    }
    char *line = NULL;
    size_t capacity = 0, number = 0, before = self->count;
    bool good = true;
    for (ssize_t size; good && (size = getline (&line, &capacity, file)) > 0;) {
        if (number++ % every)
            continue;
        json_error_t error;
        json_t *object = json_loadb (line, (size_t) size, JSON_ALLOW_NUL, &error);
        good = json_is_string (json_object_get (object, "text"));
        if (good && running)
            read_running (self, object);
        else if (good)
            read_gold (self, object);
        else
            fprintf (stderr, "%s: line %zu has no text\n", path, number);
        json_decref (object);
    }
    free (line);
    fclose (file);
    printf ("%s: %zu gaps\n", path, self->count - before);
    return good;
}

static bool write_model (const qw_gap_model_t *model, const char *path)
{
    FILE *file = fopen (path, "wb");
    bool good = file && fwrite (model, sizeof *model, 1, file) == 1;
    if (file && fclose (file) != 0)
        good = false;
    if (!good)
        perror (path);
    return good;
}

typedef struct {
    const char *output, *words, *running, *pos[MOST_POS_FILES];
    int pos_count, epochs;
    size_t every;
} options_t;

/* The exit code for what was asked wrongly, -1 to go on. */
static int parse (options_t *o, qw_gap_model_t *model, int argc, char *argv[])
{
    static const struct option options[] = {
        {"output", required_argument, NULL, 'o'},   {"pos", required_argument, NULL, 'p'},
        {"words", required_argument, NULL, 'w'},    {"epochs", required_argument, NULL, 'e'},
        {"running", required_argument, NULL, 'r'},  {"every", required_argument, NULL, 'n'},
        {"marked", required_argument, NULL, 'm'},   {"unmarked", required_argument, NULL, 'u'},
        {"help", no_argument, NULL, 'h'},           {"version", no_argument, NULL, 'V'},
        {NULL, 0, NULL, 0}};
    *o = (options_t){.epochs = 3, .every = 1};
    for (int c; (c = getopt_long (argc, argv, "o:p:w:r:n:e:m:u:hV", options, NULL)) != -1;)
        switch (c) {
        case 'o': o->output = optarg; break;
        case 'p':
            if (o->pos_count == MOST_POS_FILES)
                return 2;
            o->pos[o->pos_count++] = optarg;
            break;
        case 'w': o->words = optarg; break;
        case 'r': o->running = optarg; break;
        case 'n': o->every = strtoul (optarg, NULL, 10); break;
        case 'e': o->epochs = atoi (optarg); break;
        case 'm': model->marked = atoi (optarg); break;
        case 'u': model->unmarked = atoi (optarg); break;
        case 'h': fputs (help, stdout); exit (0);
        case 'V': puts ("quotewire-train-tokens " QW_VERSION); exit (0);
        default: return 2;
        }
    return !o->output || optind == argc || o->epochs < 1 || o->every < 1 ? 2 : -1;
}

/* The lexicon first: the features need it. */
static bool read_all (trainer_t *self, const options_t *o, char *const gold[])
{
    qw_gap_lexicon_t *lexicon = qw_gap_lexicon_new ();
    bool good = !o->words || qw_gap_lexicon_read_words (lexicon, o->words);
    for (int i = 0; i < o->pos_count && good; i++)
        good = qw_gap_lexicon_read_tags (lexicon, o->pos[i]);
    qw_gap_lexicon_fill (lexicon, self->model.lexicon);
    qw_gap_lexicon_destroy (&lexicon);
    if (good && o->running)
        good = read_file (self, o->running, true, o->every);
    for (; *gold && good; gold++)
        good = read_file (self, *gold, false, 1);
    return good;
}

int main (int argc, char *argv[])
{
    static trainer_t trainer = {
        .model = {.magic = {'Q', 'W', 'T', 'S'}, .version = QW_GAP_MODEL_VERSION, .size = sizeof (qw_gap_model_t)}};
    options_t options;
    int code = parse (&options, &trainer.model, argc, argv);
    if (code >= 0) {
        fputs (help, stderr);
        return code;
    }
    trainer.layers = qw_layers_new ();
    bool good = read_all (&trainer, &options, argv + optind);
    if (good) {
        qw_gap_learn (&trainer.model, trainer.items, trainer.count, options.epochs);
        good = write_model (&trainer.model, options.output);
    }
    free (trainer.items);
    free (trainer.ends.items);
    qw_utf8_index_free (&trainer.index);
    qw_paragraphs_free (&trainer.paragraphs);
    qw_layers_destroy (&trainer.layers);
    return good ? 0 : 1;
}
