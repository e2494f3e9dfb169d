/*  quotewire-train-words - makes the lexicon of the entity annotator out of plain news and lists of names. Needed by nobody who
    only annotates. */
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/memory.h"
#include "workers/annotator.h"
#include "workers/entities/distribution.h"
#include "workers/entities/vocabulary.h"

static const char help[] =
    "usage: quotewire-train-words [OPTION]... < ARTICLES.jsonl > LEXICON\n"
    "\n"
    "Reads one JSON object {\"text\"} a line from standard input and writes the words that come often enough, each with its\n"
    "cluster (words that stand between the same words) and flags (written small or large, in lists of names, the type that a\n"
    "first model gives it), for quotewire-train-entities. Same input, same bytes.\n"
    "\n"
    "  -n, --names FILE    a list: lines of WORD TAB FLAGS, flags as in workers/entities/model.h; their words stay whether they\n"
    "                      come often or not. Can be given several times; flags add up\n"
    "  -m, --model FILE    an entity model made without types: the types that it gives words go into the lexicon\n"
    "  -T, --tokens FILE   the model of the tokens annotator (default: none)\n"
    "  -v, --vectors FILE  ready-made word vectors: lines of WORD BLANK NUMBER BLANK NUMBER ..., the most frequent word first;\n"
    "                      words are clustered by them, too\n"
    "  -M, --most N        take up frequent words of FILE that ARTICLES lack, from its first N (default 0)\n"
    "  -c, --min-count N   how often a word must come (default 25)\n"
    "  -k, --classes N     clusters, at most 1023 (default 1000)\n"
    "  -x, --without FILE  leave out articles that share long passages with the texts of FILE (.jsonl); several times\n"
    "  -s, --seed N        (default 1)\n"
    "  -h, --help          this text\n"
    "  -V, --version       the version\n"
    "\n"
    "Exit codes: 0 done; 1 a file could not be read; 2 wrong usage.\n";

typedef struct {
    const char *names[16], *without[16], *model, *tokens, *vectors;
    int name_count, without_count;
    int min_count, classes, most;
    uint64_t seed;
} options_t;

static int parse (options_t *o, int argc, char *argv[])
{
    static const struct option options[] = {{"names", required_argument, NULL, 'n'},
                                            {"model", required_argument, NULL, 'm'},
                                            {"tokens", required_argument, NULL, 'T'},
                                            {"vectors", required_argument, NULL, 'v'},
                                            {"most", required_argument, NULL, 'M'},
                                            {"min-count", required_argument, NULL, 'c'},
                                            {"classes", required_argument, NULL, 'k'},
                                            {"without", required_argument, NULL, 'x'},
                                            {"seed", required_argument, NULL, 's'},
                                            {"help", no_argument, NULL, 'h'},
                                            {"version", no_argument, NULL, 'V'},
                                            {NULL, 0, NULL, 0}};
    for (int c; (c = getopt_long (argc, argv, "n:m:T:v:M:c:k:x:s:hV", options, NULL)) != -1;)
        switch (c) {
        case 'n':
            if (o->name_count == 16)
                return 2;
            o->names[o->name_count++] = optarg;
            break;
        case 'x':
            if (o->without_count == 16)
                return 2;
            o->without[o->without_count++] = optarg;
            break;
        case 'm': o->model = optarg; break;
        case 'v': o->vectors = optarg; break;
        case 'M': o->most = atoi (optarg); break;
        case 'T': o->tokens = optarg; break;
        case 'c': o->min_count = atoi (optarg); break;
        case 'k': o->classes = atoi (optarg); break;
        case 's': o->seed = strtoul (optarg, NULL, 10); break;
        case 'h': fputs (help, stdout); return 0;
        case 'V': puts ("quotewire-train-words " QW_VERSION); return 0;
        default: fputs (help, stderr); return 2;
        }
    if (optind < argc || o->min_count < 1 || o->classes < 2 || o->classes > 1023) {
        fputs (help, stderr);
        return 2;
    }
    return -1;
}

static void *map_file (const char *path, size_t *size, qw_reason_t *reason)
{
    FILE *file = fopen (path, "rb");
    if (!file) {
        qw_fail_errno (reason, "'%s'", path);
        return NULL;
    }
    fseek (file, 0, SEEK_END);
    *size = (size_t) ftell (file);
    rewind (file);
    void *bytes = malloc (*size + 1);
    if (!bytes)
        abort ();
    *size = fread (bytes, 1, *size, file);
    fclose (file);
    return bytes;
}

/* Hands the text of every line of a .jsonl file to the vocabulary. */
typedef qw_status_t text_fn (qw_vocabulary_t *vocabulary, const char *text, size_t size, qw_reason_t *reason);

static qw_status_t for_texts (FILE *file, const char *name, qw_vocabulary_t *vocabulary, text_fn *take, qw_reason_t *reason)
{
    char *line = NULL;
    size_t capacity = 0, number = 0;
    qw_status_t status = QW_OK;
    for (ssize_t size; !status && (size = getline (&line, &capacity, file)) > 0;) {
        number++;
        json_t *object = json_loadb (line, (size_t) size, 0, NULL);
        const json_t *text = json_object_get (object, "text");
        if (!json_is_string (text))
            status = qw_fail (QW_INVALID, reason, "'%s' line %zu: no text", name, number);
        else
            status = take (vocabulary, json_string_value (text), json_string_length (text), reason);
        json_decref (object);
    }
    free (line);
    return status;
}

static qw_status_t run (const options_t *o, qw_reason_t *reason)
{
    size_t model_size = 0, tokens_size = 0;
    void *model = NULL, *tokens = NULL;
    if ((o->model && !(model = map_file (o->model, &model_size, reason)))
        || (o->tokens && !(tokens = map_file (o->tokens, &tokens_size, reason)))) {
        free (model);
        return QW_SYSTEM;
    }
    qw_vocabulary_t *vocabulary = NULL;
    qw_status_t status = qw_vocabulary_new (&vocabulary, tokens, tokens_size, model, model_size, reason);
    for (int i = 0; i < o->without_count && !status; i++) {
        FILE *file = fopen (o->without[i], "r");
        status = file ? for_texts (file, o->without[i], vocabulary, qw_vocabulary_without, reason)
                      : qw_fail_errno (reason, "'%s'", o->without[i]);
        if (file)
            fclose (file);
    }
    if (!status)
        status = for_texts (stdin, "standard input", vocabulary, qw_vocabulary_add, reason);
    for (int i = 0; i < o->name_count && !status; i++)
        status = qw_vocabulary_read_names (vocabulary, o->names[i], reason);
    qw_vectors_t *vectors = NULL;
    if (!status && o->vectors)
        status = qw_vectors_read (&vectors, o->vectors, reason);
    if (!status) {
        uint16_t *near = NULL;
        if (vectors) {
            size_t rows = qw_vectors_count (vectors) + 1u;
            uint8_t *wanted = qw_must (calloc (rows, 1));
            near = qw_must (calloc (rows, sizeof *near));
            qw_vocabulary_take_vectors (vocabulary, vectors, (uint32_t) o->most, wanted);
            qw_vectors_clusters (vectors, wanted, (size_t) o->classes, o->seed, near);
            free (wanted);
        }
        qw_vocabulary_settle (vocabulary, (uint32_t) o->min_count);
        uint16_t *clusters = qw_distribution_clusters (vocabulary, o->classes, o->seed);
        qw_vocabulary_write (vocabulary, clusters, near, stdout);
        free (clusters);
        free (near);
    }
    qw_vectors_destroy (&vectors);
    qw_vocabulary_destroy (&vocabulary);
    free (model);
    free (tokens);
    return status;
}

int main (int argc, char *argv[])
{
    options_t o = {.min_count = 25, .classes = 1000, .seed = 1};
    int code = parse (&o, argc, argv);
    if (code >= 0)
        return code;
    qw_reason_t reason = {""};
    if (run (&o, &reason)) {
        fprintf (stderr, "quotewire-train-words: %s\n", reason.text);
        return 1;
    }
    return 0;
}
