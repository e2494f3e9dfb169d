/*  quotewire-train-quotes - makes models/quotes.model from tagged sentences and from articles with marked quotations.

    Everything runs in one thread and in a fixed order, so that the same inputs give the same file, byte for byte. The
   steps: a lexicon of tags, cues and speakers; the tagger (averaged perceptron); then the cue, content, source and
   marked stages, each a log-linear model trained by stochastic gradient descent with per-weight rates (Duchi, Hazan and
   Singer, 2011), rounded to integers at the end. */
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/fused.h"
#include "workers/quotes/train_linear.h"

static const char help[] =
    "usage: quotewire-train-quotes -o MODEL [-p TAGGED.tsv]... [-q QUOTES.jsonl]... [-m MODELS]\n"
    "\n"
    "  -p, --pos FILE     sentences, one token a line; Penn Treebank tags in the fourth column when there are four and "
    "the\n"
    "                     second is a BIO label, otherwise in the third\n"
    "  -q, --quotes FILE  articles with quotes, in the interchange format\n"
    "  -m, --models DIR   where entities.model is (default: workers/models)\n"
    "  -o, --output FILE  the model to write\n";

/* Leads that a cue and a marked stretch need, in the weights' units (QW_QUOTES_SCALE is 1); chosen on held-out articles
 * of the training set. */
enum { CUE_THRESHOLD = -10, BELIEF_THRESHOLD = 200, MARKED_THRESHOLD = 0 };

static void *need (void *memory)
{
    if (!memory)
        abort ();
    return memory;
}

typedef struct {
    uint32_t hash, total, tags[TAG_COUNT], seen, cue_alone, cue, belief, source;
} count_t;

enum { COUNT_BITS = 20 };
static count_t *counts; /* open addressing */

static count_t *count_of (uint32_t hash)
{
    for (uint32_t at = hash;; at++) {
        count_t *entry = &counts[at & ((1u << COUNT_BITS) - 1)];
        if (entry->hash == hash || entry->hash == 0) {
            entry->hash = hash;
            return entry;
        }
    }
}

static uint32_t token_hash (const qw_article_t *article, size_t token)
{
    qw_span_t span = article->layers->tokens[token];
    return qw_quote_word_hash (article->text + span.start, qw_span_size (span));
}

/* Tokens that overlap a span: [*first, *end). */
static void tokens_in (const qw_article_t *article, qw_span_t span, size_t *first, size_t *end)
{
    size_t low = 0, high = article->layers->token_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (article->layers->tokens[middle].end <= span.start)
            low = middle + 1;
        else
            high = middle;
    }
    *first = low;
    while (low < article->layers->token_count && article->layers->tokens[low].start < span.end)
        low++;
    *end = low;
}

/* How much speaks for a word being the head of a cue of several words: mere particles come last. */
static double cue_rate (const count_t *count)
{
    uint32_t best = 0;
    for (uint32_t tag = 0; tag < TAG_COUNT; tag++)
        if (count->tags[tag] > count->tags[best])
            best = tag;
    bool open = count->total == 0 || best == TAG_NN || best == TAG_NNS || best == TAG_JJ || best >= TAG_VBD;
    double rate = count->seen < 2 ? 0 : (double) count->cue_alone / count->seen;
    return open && best < TAG_WH ? 1 + rate : rate;
}

static void count_cues (const qw_articles_t *articles)
{
    for (size_t i = 0; i < articles->count; i++)
        for (size_t token = 0; token < articles->items[i].layers->token_count; token++)
            count_of (token_hash (&articles->items[i], token))->seen++;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < articles->count; i++) {
            const qw_article_t *article = &articles->items[i];
            for (size_t j = 0; j < article->gold_count; j++) {
                if (j > 0 && article->gold[j].cue.start == article->gold[j - 1].cue.start)
                    continue;
                size_t first, end;
                tokens_in (article, article->gold[j].cue, &first, &end);
                if (pass == 0 && end == first + 1)
                    count_of (token_hash (article, first))->cue_alone++;
                if (pass == 1 && end > first) {
                    size_t head = first;
                    for (size_t token = first; token < end; token++)
                        if (cue_rate (count_of (token_hash (article, token)))
                            >= cue_rate (count_of (token_hash (article, head))))
                            head = token;
                    count_of (token_hash (article, head))->cue++;
                    count_of (token_hash (article, head))->belief += !article->gold[j].speech;
                    tokens_in (article, article->gold[j].source, &first, &end);
                    if (end > first && !qw_span_is_empty (article->gold[j].source))
                        for (size_t token = first; token < end; token++)
                            count_of (token_hash (article, token))->source++;
                }
            }
        }
}

static uint8_t bucket_of (uint32_t count, uint32_t seen, const double *limits)
{
    if (count < 2 || seen == 0)
        return 0;
    double rate = (double) count / (seen + 1.0);
    uint8_t bucket = 0;
    while (bucket < 7 && rate >= limits[bucket])
        bucket++;
    return bucket;
}

static void make_lexicon (qw_quotes_model_t *model)
{
    static const double cue_limits[7] = {0.05, 0.08, 0.1, 0.2, 0.35, 0.55, 0.8};
    static const double source_limits[7] = {0.02, 0.04, 0.08, 0.13, 0.2, 0.3, 0.5};
    size_t words = 0;
    for (size_t i = 0; i < (size_t) 1 << COUNT_BITS; i++) {
        const count_t *count = &counts[i];
        uint8_t cue = bucket_of (count->cue, count->seen, cue_limits);
        uint8_t source = bucket_of (count->source, count->seen, source_limits);
        if (!count->hash || (count->total < 4 && !cue) || words >= (1u << LEXICON_BITS) * 3 / 4)
            continue;
        uint32_t best = 0;
        for (uint32_t tag = 0; tag < TAG_COUNT; tag++)
            if (count->tags[tag] > count->tags[best])
                best = tag;
        if (count->total == 0)
            best = TAG_NN;
        uint32_t at = count->hash;
        while (model->lexicon[at & ((1u << LEXICON_BITS) - 1)].hash)
            at++;
        uint8_t flags = count->belief * 2 > count->cue ? LEXEME_BELIEF : 0;
        if (count->total >= 8 && count->tags[best] * 100.0 >= count->total * 98.5)
            flags |= LEXEME_SURE;
        model->lexicon[at & ((1u << LEXICON_BITS) - 1)] =
            (qw_lexeme_t){count->hash, (uint8_t) best, flags, cue, source};
        words++;
    }
    printf ("lexicon: %zu words\n", words);
}

static void train_tagger (qw_quotes_model_t *model, char **paths, int path_count)
{
    size_t rows = (size_t) 1 << TAGGER_BITS;
    int32_t (*weights)[TAG_COUNT] = need (calloc (rows, sizeof *weights));
    int64_t (*totals)[TAG_COUNT] = need (calloc (rows, sizeof *totals));
    qw_tagged_t tagged = {.layers = qw_layers_new ()};
    qw_segment_t segment = {0};
    int64_t step = 1;
    for (int epoch = 0; epoch < 5; epoch++) {
        size_t right = 0, asked = 0;
        for (int i = 0; i < path_count; i++) {
            FILE *file = fopen (paths[i], "r");
            if (!file) {
                perror (paths[i]);
                exit (1);
            }
            while (qw_tagged_read (&tagged, file)) {
                if (!qw_tagged_segment (&tagged, &segment, model))
                    continue;
                for (uint32_t at = 0; at < segment.count; at++) {
                    qw_unit_t *unit = &segment.units[at];
                    if (unit->sure)
                        continue;
                    uint32_t features[TAG_FEATURES];
                    qw_tag_features (segment.units, at, tagged.text, features);
                    int64_t sums[TAG_COUNT] = {0};
                    for (int f = 0; f < TAG_FEATURES; f++)
                        for (int tag = 0; tag < TAG_COUNT; tag++)
                            sums[tag] += weights[features[f] >> (32 - TAGGER_BITS)][tag];
                    int best = 0;
                    for (int tag = 1; tag < TAG_COUNT; tag++)
                        if (sums[tag] > sums[best])
                            best = tag;
                    int gold = tagged.tags[at];
                    asked++;
                    right += best == gold;
                    if (best != gold)
                        for (int f = 0; f < TAG_FEATURES; f++) {
                            size_t row = features[f] >> (32 - TAGGER_BITS);
                            weights[row][gold]++;
                            totals[row][gold] += step;
                            weights[row][best]--;
                            totals[row][best] -= step;
                        }
                    step++;
                    unit->tag = (uint8_t) best;
                }
            }
            fclose (file);
        }
        printf ("tagger: epoch %d, %.2f %% of %zu open words right\n", epoch + 1,
                100.0 * (double) right / (double) asked, asked);
    }
    double most = 0;
    for (size_t row = 0; row < rows; row++)
        for (int tag = 0; tag < TAG_COUNT; tag++)
            most = fmax (most, fabs (weights[row][tag] - (double) totals[row][tag] / (double) step));
    double scale = fmin (127.0 / most * 2, 8);
    for (size_t row = 0; row < rows; row++)
        for (int tag = 0; tag < TAG_COUNT; tag++) {
            double mean = (weights[row][tag] - (double) totals[row][tag] / (double) step) * scale;
            model->tagger[row][tag] = (int8_t) lrint (fmax (-127, fmin (127, mean)));
        }
    free (weights);
    free (totals);
    qw_tagged_free (&tagged);
    qw_segment_free (&segment);
}

int main (int argc, char *argv[])
{
    static const struct option options[] = {{"pos", required_argument, NULL, 'p'},
                                            {"quotes", required_argument, NULL, 'q'},
                                            {"models", required_argument, NULL, 'm'},
                                            {"output", required_argument, NULL, 'o'},
                                            {NULL, 0, NULL, 0}};
    char *pos[16], *quotes[16], *output = NULL;
    const char *models = "workers/models";
    int pos_count = 0, quote_count = 0;
    for (int c; (c = getopt_long (argc, argv, "p:q:m:o:", options, NULL)) != -1;)
        switch (c) {
        case 'p': pos[pos_count++ & 15] = optarg; break;
        case 'q': quotes[quote_count++ & 15] = optarg; break;
        case 'm': models = optarg; break;
        case 'o': output = optarg; break;
        default: fputs (help, stderr); return 2;
        }
    if (!output || !pos_count || !quote_count || pos_count > 16 || quote_count > 16) {
        fputs (help, stderr);
        return 2;
    }
    qw_reason_t reason;
    qw_fused_t *fused = qw_fused_new (3, models, &reason);
    if (!fused) {
        fprintf (stderr, "%s\n", reason.text);
        return 1;
    }
    counts = need (calloc ((size_t) 1 << COUNT_BITS, sizeof *counts));
    qw_tagged_t tagged = {.layers = qw_layers_new ()};
    for (int i = 0; i < pos_count; i++) {
        FILE *file = fopen (pos[i], "r");
        if (!file) {
            perror (pos[i]);
            return 1;
        }
        while (qw_tagged_read (&tagged, file))
            for (size_t token = 0; token < tagged.layers->token_count; token++) {
                qw_span_t span = tagged.layers->tokens[token];
                count_t *count = count_of (qw_quote_word_hash (tagged.text + span.start, qw_span_size (span)));
                count->total++;
                count->tags[tagged.tags[token]]++;
            }
        fclose (file);
    }
    qw_articles_t articles = {0};
    for (int i = 0; i < quote_count; i++)
        if (!qw_articles_read (&articles, quotes[i], fused))
            return 1;
    count_cues (&articles);
    qw_quotes_model_t *model = need (calloc (1, sizeof *model));
    model->magic = QW_QUOTES_MODEL_MAGIC;
    model->version = QW_QUOTES_MODEL_VERSION;
    model->cue_threshold = CUE_THRESHOLD;
    model->belief_threshold = BELIEF_THRESHOLD;
    model->marked_threshold = MARKED_THRESHOLD;
    make_lexicon (model);
    train_tagger (model, pos, pos_count);
    qw_samples_t samples = {0};
    qw_samples_make (&samples, &articles, model);
    printf ("cues out of the lexicon: %zu; contents out of reach: %zu of %zu\n", samples.lost_cues,
            samples.lost_contents, samples.lost_contents + samples.kept_contents);
    qw_linear_train (model, &samples);
    FILE *file = fopen (output, "wb");
    if (!file || fwrite (model, sizeof *model, 1, file) != 1 || fclose (file) != 0) {
        perror (output);
        return 1;
    }
    printf ("%s: %zu bytes\n", output, sizeof *model);
    qw_samples_free (&samples);
    qw_articles_free (&articles);
    qw_tagged_free (&tagged);
    qw_fused_destroy (&fused);
    free (counts);
    free (model);
    return 0;
}
