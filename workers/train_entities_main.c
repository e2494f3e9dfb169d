/*  quotewire-train-entities - learns the model of the entity annotator from labelled texts. Needed by nobody who only
    annotates. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/entities/customs.h"
#include "workers/entities/learner.h"
#include "workers/entities/measure.h"
#include "workers/entities/pack.h"

static const char help[] =
    "usage: quotewire-train-entities [OPTION]... RECIPE\n"
    "\n"
    "Learns a model of names, dates and amounts from labelled texts, writes it, and measures it on others.\n"
    "\n"
    "A RECIPE is a text file; # begins a remark. Files are named relative to the data folder:\n"
    "  source NAME FILE          a .tsv file (token TAB label ..., labels as B-TYPE, I-TYPE, O; an empty line after a\n"
    "                            sentence, -DOCSTART- before a document), or a .jsonl file (a document a line:\n"
    "                            {\"text\": ..., \"ents\": [[start, end, \"TYPE\"], ...]}, offsets in code points)\n"
    "  source NAME FILE.jsonl FILE.tsv   the text of the one with the labels of the other, a line for each of its \"tokens\"\n"
    "  column NAME N             the column of the .tsv file that holds the labels, from 1 (default 2)\n"
    "  map NAME TYPE TO          what TYPE is here: PERSON ORG LOC FAC NORP PRODUCT MISC NUMBER (dates and amounts) or O;\n"
    "                            A|B when the source does not tell A from B. TYPE O: what may hide among its other words\n"
    "  weight NAME X             how much a token of the source counts (default 1)\n"
    "  target NAME               a source whose conventions the model shall follow (the others teach words and contexts)\n"
    "column, map, weight and target stand before the source that they are about. For another language, give texts in it;\n"
    "nothing but the lexicon is about English. Same files, options and seed: the same bytes.\n"
    "\n"
    "  -o, --output FILE    the model (default: entities.model)\n"
    "  -d, --data DIR       the data folder (default: .)\n"
    "  -t, --test RECIPE    what to measure on; can be given several times\n"
    "  -T, --tokens FILE    the model of the tokens annotator (default: none)\n"
    "  -m, --model FILE     measure this model; learn nothing\n"
    "  -l, --lexicon FILE   words with clusters and flags: WORD TAB CLUSTER TAB FLAGS (workers/entities/model.h)\n"
    "  -b, --bytes N        the largest model (default 8000000)\n"
    "  -e, --epochs N       rounds over the texts, first pass (default 3)\n"
    "  -n, --turns N        learn N times in different orders and keep the mean (default 1)\n"
    "  -E, --second N       rounds over the target's texts, second pass (default 0: none)\n"
    "  -f, --folds N        parts of the target for the second pass's view of unseen texts (default 5)\n"
    "  -c, --min-count N    leave out features seen less often (default 2)\n"
    "  -r, --rate X         step size (default 0.1)\n"
    "  -1, --l1 X           how hard weights are pressed to nothing (default 0.2)\n"
    "  -2, --l2 X           how hard weights are kept small (default 1)\n"
    "  -w, --forget X       share of words hidden in each step, so that context is learnt (default 0.2)\n"
    "  -s, --seed N         (default 1)\n"
    "  -h, --help           this text\n"
    "  -V, --version        the version\n"
    "\n"
    "Exit codes: 0 done; 1 a file could not be read or written; 2 wrong usage.\n";

typedef struct {
    const char *recipe, *output, *data, *tokens, *model, *lexicon;
    const char *tests[16];
    int test_count;
    size_t bytes;
    qw_learner_options_t learner;
} options_t;

static const struct option long_options[] = {{"output", required_argument, NULL, 'o'},
                                             {"data", required_argument, NULL, 'd'},
                                             {"test", required_argument, NULL, 't'},
                                             {"tokens", required_argument, NULL, 'T'},
                                             {"model", required_argument, NULL, 'm'},
                                             {"lexicon", required_argument, NULL, 'l'},
                                             {"bytes", required_argument, NULL, 'b'},
                                             {"epochs", required_argument, NULL, 'e'},
                                             {"turns", required_argument, NULL, 'n'},
                                             {"second", required_argument, NULL, 'E'},
                                             {"folds", required_argument, NULL, 'f'},
                                             {"min-count", required_argument, NULL, 'c'},
                                             {"rate", required_argument, NULL, 'r'},
                                             {"l1", required_argument, NULL, '1'},
                                             {"l2", required_argument, NULL, '2'},
                                             {"forget", required_argument, NULL, 'w'},
                                             {"seed", required_argument, NULL, 's'},
                                             {"help", no_argument, NULL, 'h'},
                                             {"version", no_argument, NULL, 'V'},
                                             {NULL, 0, NULL, 0}};

/* -1: go on; otherwise the exit code. */
static int parse (options_t *o, int argc, char *argv[])
{
    for (int c; (c = getopt_long (argc, argv, "o:d:t:T:m:l:b:e:n:E:f:c:r:1:2:w:s:hV", long_options, NULL)) != -1;)
        switch (c) {
        case 'o': o->output = optarg; break;
        case 'd': o->data = optarg; break;
        case 't':
            if (o->test_count == 16)
                return 2;
            o->tests[o->test_count++] = optarg;
            break;
        case 'T': o->tokens = optarg; break;
        case 'm': o->model = optarg; break;
        case 'l': o->lexicon = optarg; break;
        case 'b': o->bytes = strtoul (optarg, NULL, 10); break;
        case 'e': o->learner.epochs = atoi (optarg); break;
        case 'n': o->learner.turns = atoi (optarg); break;
        case 'E': o->learner.second_epochs = atoi (optarg); break;
        case 'f': o->learner.folds = atoi (optarg); break;
        case 'c': o->learner.min_count = atoi (optarg); break;
        case 'r': o->learner.rate = atof (optarg); break;
        case '1': o->learner.l1 = atof (optarg); break;
        case '2': o->learner.l2 = atof (optarg); break;
        case 'w': o->learner.forget = atof (optarg); break;
        case 's': o->learner.seed = strtoul (optarg, NULL, 10); break;
        case 'h': fputs (help, stdout); return 0;
        case 'V': puts ("quotewire-train-entities " QW_VERSION); return 0;
        default: fputs (help, stderr); return 2;
        }
    if (optind < argc)
        o->recipe = argv[optind++];
    if (optind < argc || !o->recipe != !!o->model || o->learner.epochs < 1 || o->learner.turns < 1 || o->learner.second_epochs < 0
        || o->learner.folds < 2 || o->learner.min_count < 1 || !(o->learner.rate > 0)) {
        fputs (help, stderr);
        return 2;
    }
    return -1;
}

static qw_status_t read_file (const char *path, void **bytes, size_t *size, qw_reason_t *reason)
{
    enum { LIMIT = 64 << 20 };
    *bytes = NULL;
    *size = 0;
    if (!path)
        return QW_OK;
    FILE *file = fopen (path, "rb");
    if (!file)
        return qw_fail_errno (reason, "'%s'", path);
    *bytes = malloc (LIMIT);
    if (!*bytes)
        abort ();
    *size = fread (*bytes, 1, LIMIT, file);
    fclose (file);
    return QW_OK;
}

static qw_status_t read_corpus (const options_t *o, const char *recipe, qw_labelled_t *corpus, qw_reason_t *reason)
{
    size_t size;
    void *bytes;
    qw_status_t status = read_file (o->tokens, &bytes, &size, reason);
    if (!status)
        status = qw_labelled_read (corpus, recipe, o->data, bytes, size, reason);
    free (bytes);
    return status;
}

static qw_status_t measure (const options_t *o, const void *bytes, size_t size, qw_reason_t *reason)
{
    qw_model_t model;
    qw_status_t status = qw_model_view (&model, bytes, size, reason);
    for (int i = 0; i < o->test_count && !status; i++) {
        qw_labelled_t *gold = qw_labelled_new ();
        status = read_corpus (o, o->tests[i], gold, reason);
        if (!status)
            qw_measure (&model, gold);
        qw_labelled_destroy (&gold);
    }
    return status;
}

static qw_status_t write_model (const char *path, const void *bytes, size_t size, qw_reason_t *reason)
{
    FILE *file = fopen (path, "wb");
    bool written = file && fwrite (bytes, 1, size, file) == size;
    if (file && fclose (file) != 0)
        written = false;
    return written ? QW_OK : qw_fail_errno (reason, "'%s'", path);
}

static qw_status_t learn (const options_t *o, qw_reason_t *reason)
{
    qw_labelled_t *corpus = qw_labelled_new ();
    qw_pack_t *pack = qw_pack_new ();
    qw_status_t status = read_corpus (o, o->recipe, corpus, reason);
    if (!status && o->lexicon)
        status = qw_pack_read_lexicon (pack, o->lexicon, reason);
    if (!status) {
        qw_customs_leave_open (corpus);
        qw_model_t lexicon;
        qw_pack_lexicon (pack, &lexicon);
        qw_learner_t *learner = qw_learner_new (corpus, &lexicon, &o->learner);
        qw_learner_run (learner);
        qw_pack_weights (pack, learner, o->bytes);
        qw_learner_destroy (&learner);
        size_t size;
        const void *bytes = qw_pack_bytes (pack, &size);
        status = write_model (o->output, bytes, size, reason);
        if (!status)
            status = measure (o, bytes, size, reason);
    }
    qw_labelled_destroy (&corpus);
    qw_pack_destroy (&pack);
    return status;
}

static qw_status_t measure_file (const options_t *o, qw_reason_t *reason)
{
    size_t size;
    void *bytes;
    qw_status_t status = read_file (o->model, &bytes, &size, reason);
    if (!status)
        status = measure (o, bytes, size, reason);
    free (bytes);
    return status;
}

int main (int argc, char *argv[])
{
    options_t o = {.output = "entities.model", .data = ".", .bytes = 8000000,
                   .learner = {.epochs = 3, .turns = 1, .second_epochs = 0, .folds = 5, .min_count = 2, .rate = 0.1, .l1 = 0.2, .l2 = 1,
                               .forget = 0.2, .seed = 1, .verbose = true}};
    int code = parse (&o, argc, argv);
    if (code >= 0)
        return code;
    qw_reason_t reason = {""};
    if (o.model ? measure_file (&o, &reason) : learn (&o, &reason)) {
        fprintf (stderr, "quotewire-train-entities: %s\n", reason.text);
        return 1;
    }
    return 0;
}
