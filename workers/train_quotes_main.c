/*  quotewire-train-quotes - makes models/quotes.model from tagged sentences and from articles with marked quotations.

    Everything runs in one thread and in a fixed order, so that the same inputs give the same file, byte for byte. The steps: a
    lexicon of tags, cues and speakers; the tagger (averaged perceptron); then the cue, content, source and marked stages, each a
    log-linear model trained by stochastic gradient descent with per-weight rates (Duchi, Hazan and Singer, 2011), rounded to
    integers at the end. */
#include <getopt.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/utf8.h"
#include "workers/fused.h"
#include "workers/quotes/decide.h"

static const char help[] =
    "usage: quotewire-train-quotes -o MODEL [-p TAGGED.tsv]... [-q QUOTES.jsonl]... [-m MODELS]\n"
    "\n"
    "  -p, --pos FILE     sentences, one token a line; Penn Treebank tags in the fourth column when there are four and the\n"
    "                     second is a BIO label, otherwise in the third\n"
    "  -q, --quotes FILE  articles with quotes, in the interchange format\n"
    "  -m, --models DIR   where entities.model is (default: workers/models)\n"
    "  -o, --output FILE  the model to write\n";

static void *need (void *memory)
{
    if (!memory)
        abort ();
    return memory;
}

/* ---- growable arrays --------------------------------------------------------------------------------------------- */

typedef struct {
    uint32_t *items;
    size_t count, capacity;
} numbers_t;

static void push (numbers_t *self, uint32_t value)
{
    if (self->count == self->capacity) {
        self->capacity = self->capacity ? self->capacity * 2 : 1024;
        self->items = need (realloc (self->items, self->capacity * sizeof *self->items));
    }
    self->items[self->count++] = value;
}

static void push_features (numbers_t *self, const uint32_t *features, size_t count)
{
    push (self, (uint32_t) count);
    for (size_t i = 0; i < count; i++)
        push (self, features[i]);
}

/* ---- word counts --------------------------------------------------------------------------------------------------- */

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

/* ---- tagged sentences ------------------------------------------------------------------------------------------------ */

typedef struct {
    char *text;
    size_t size, capacity;
    qw_layers_t *layers;
    uint8_t *tags;
    size_t tag_capacity;
} tagged_t;

static uint8_t tag_of_name (const char *name)
{
    static const struct {
        const char *name;
        uint8_t tag;
    } tags[] = {{"NN", TAG_NN},    {"NNS", TAG_NNS},   {"NNP", TAG_NNP},  {"NNPS", TAG_NNP},  {"PRP", TAG_PRP},   {"PRP$", TAG_PRPS},
                {"DT", TAG_DT},    {"PDT", TAG_DT},    {"EX", TAG_PRP},   {"JJ", TAG_JJ},     {"JJR", TAG_JJ},    {"JJS", TAG_JJ},
                {"RB", TAG_RB},    {"RBR", TAG_RB},    {"RBS", TAG_RB},   {"RP", TAG_RP},     {"IN", TAG_IN},     {"TO", TAG_TO},
                {"CC", TAG_CC},    {"CD", TAG_CD},     {"MD", TAG_MD},    {"VBD", TAG_VBD},   {"VBZ", TAG_VBZ},   {"VBP", TAG_VBP},
                {"VB", TAG_VB},    {"VBG", TAG_VBG},   {"VBN", TAG_VBN},  {"WDT", TAG_WH},    {"WP", TAG_WH},     {"WP$", TAG_WH},
                {"WRB", TAG_WH},   {"POS", TAG_POS},   {"FW", TAG_X},     {"UH", TAG_X},      {"SYM", TAG_X},     {"LS", TAG_X}};
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
        if (strcmp (tags[i].name, name) == 0)
            return tags[i].tag;
    return TAG_PUNCT;
}

/* Reads one sentence into `self`; false at the end of the file. */
static bool read_tagged (tagged_t *self, FILE *file)
{
    qw_layers_clear (self->layers);
    self->size = 0;
    char *line = NULL;
    size_t capacity = 0;
    bool more = false;
    for (ssize_t size; (size = getline (&line, &capacity, file)) >= 0;) {
        more = true;
        while (size > 0 && (line[size - 1] == '\n' || line[size - 1] == '\r'))
            line[--size] = 0;
        if (size == 0 || strncmp (line, "-DOCSTART-", 10) == 0) {
            if (self->layers->token_count)
                break;
            continue;
        }
        char *columns[4] = {line};
        int count = 1;
        for (char *tab = line; count < 4 && (tab = strchr (tab, '\t'));) {
            *tab++ = 0;
            columns[count++] = tab;
        }
        bool bio = count == 4 && (columns[1][1] == '-' || strcmp (columns[1], "O") == 0);
        size_t length = strlen (columns[0]);
        if (count < 3 || length == 0)
            continue;
        if (self->size + length + 2 > self->capacity) {
            self->capacity = (self->size + length + 2) * 2;
            self->text = need (realloc (self->text, self->capacity));
        }
        memcpy (self->text + self->size, columns[0], length);
        size_t token = self->layers->token_count;
        *qw_layers_add_token (self->layers) = (qw_span_t){(uint32_t) self->size, (uint32_t) (self->size + length)};
        self->size += length;
        self->text[self->size++] = ' ';
        if (token >= self->tag_capacity) {
            self->tag_capacity = (token + 1) * 2;
            self->tags = need (realloc (self->tags, self->tag_capacity));
        }
        self->tags[token] = tag_of_name (columns[bio ? 3 : 2]);
    }
    free (line);
    if (self->layers->token_count)
        *qw_layers_add_sentence (self->layers) = (qw_sentence_t){0, (uint32_t) self->layers->token_count};
    return more;
}

static bool tagged_segment (tagged_t *self, qw_segment_t *segment, const qw_quotes_model_t *model)
{
    qw_marks_t none = {0};
    qw_walk_t walk = {.sentence_end = self->layers->sentence_count, .paragraph = {0, (uint32_t) self->size}};
    return self->layers->token_count && qw_segment_next (segment, &walk, model, self->text, self->layers, &none)
           && segment->count == self->layers->token_count;
}

/* ---- articles ---------------------------------------------------------------------------------------------------------- */

typedef struct {
    qw_span_t span, cue, source;
    bool speech;
} gold_t;

typedef struct {
    char *text;
    size_t size;
    qw_layers_t *layers;
    qw_paragraph_t *paragraphs;
    size_t paragraph_count;
    gold_t *gold;
    size_t gold_count;
} article_t;

static article_t *articles;
static size_t article_count;

/* Every line is a paragraph. */
static void split_paragraphs (article_t *article)
{
    for (size_t at = 0; at < article->size;) {
        size_t end = at;
        while (end < article->size && article->text[end] != '\n')
            end++;
        if (end > at) {
            article->paragraphs = need (
                realloc (article->paragraphs, (article->paragraph_count + 1) * sizeof *article->paragraphs));
            article->paragraphs[article->paragraph_count++] = (qw_paragraph_t){{(uint32_t) at, (uint32_t) end}, QW_ROLE_BODY};
        }
        at = end + 1;
    }
}

static qw_span_t span_of (const json_t *pair, const qw_utf8_index_t *index)
{
    if (!json_is_array (pair))
        return (qw_span_t){0, 0};
    return (qw_span_t){qw_utf8_index_byte (index, (uint32_t) json_integer_value (json_array_get (pair, 0))),
                       qw_utf8_index_byte (index, (uint32_t) json_integer_value (json_array_get (pair, 1)))};
}

static void read_articles (const char *path, qw_fused_t *fused)
{
    FILE *file = fopen (path, "r");
    if (!file) {
        perror (path);
        exit (1);
    }
    char *line = NULL;
    size_t capacity = 0;
    while (getline (&line, &capacity, file) > 0) {
        json_t *object = json_loads (line, 0, NULL);
        const char *text = json_string_value (json_object_get (object, "text"));
        if (!text)
            continue;
        articles = need (realloc (articles, (article_count + 1) * sizeof *articles));
        article_t *article = &articles[article_count++];
        *article = (article_t){.text = need (strdup (text)), .size = strlen (text), .layers = qw_layers_new ()};
        split_paragraphs (article);
        qw_chunk_t chunk = {article->text, article->size, article->paragraphs, article->paragraph_count};
        qw_reason_t reason;
        if (qw_fused_annotate (fused, &chunk, article->layers, &reason)) {
            fprintf (stderr, "%s: %s\n", path, reason.text);
            exit (1);
        }
        qw_utf8_index_t index = {0};
        qw_utf8_index_reset (&index, article->text, article->size);
        json_t *quotes = json_object_get (object, "quotes");
        article->gold = need (calloc (json_array_size (quotes) + 1, sizeof *article->gold));
        size_t i;
        json_t *quote;
        json_array_foreach (quotes, i, quote)
        {
            gold_t *gold = &article->gold[article->gold_count++];
            gold->span.start = qw_utf8_index_byte (&index, (uint32_t) json_integer_value (json_object_get (quote, "start")));
            gold->span.end = qw_utf8_index_byte (&index, (uint32_t) json_integer_value (json_object_get (quote, "end")));
            gold->cue = span_of (json_object_get (quote, "cue"), &index);
            gold->speech = !json_is_false (json_object_get (quote, "speech"));
            gold->source = span_of (json_object_get (quote, "speaker_mention"), &index);
        }
        qw_utf8_index_free (&index);
        json_decref (object);
    }
    free (line);
    fclose (file);
}

/* ---- the lexicon ----------------------------------------------------------------------------------------------------------- */

static uint32_t token_hash (const article_t *article, size_t token)
{
    qw_span_t span = article->layers->tokens[token];
    return qw_quote_word_hash (article->text + span.start, qw_span_size (span));
}

/* Tokens that overlap a span: [*first, *end). */
static void tokens_in (const article_t *article, qw_span_t span, size_t *first, size_t *end)
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

static void count_cues (void)
{
    for (size_t i = 0; i < article_count; i++)
        for (size_t token = 0; token < articles[i].layers->token_count; token++)
            count_of (token_hash (&articles[i], token))->seen++;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < article_count; i++) {
            const article_t *article = &articles[i];
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
                        if (cue_rate (count_of (token_hash (article, token))) >= cue_rate (count_of (token_hash (article, head))))
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
        model->lexicon[at & ((1u << LEXICON_BITS) - 1)] = (qw_lexeme_t){count->hash, (uint8_t) best, flags, cue, source};
        words++;
    }
    printf ("lexicon: %zu words\n", words);
}

/* ---- the tagger ---------------------------------------------------------------------------------------------------------------- */

static void train_tagger (qw_quotes_model_t *model, char **paths, int path_count)
{
    size_t rows = (size_t) 1 << TAGGER_BITS;
    int32_t (*weights)[TAG_COUNT] = need (calloc (rows, sizeof *weights));
    int64_t (*totals)[TAG_COUNT] = need (calloc (rows, sizeof *totals));
    tagged_t tagged = {.layers = qw_layers_new ()};
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
            while (read_tagged (&tagged, file)) {
                if (!tagged_segment (&tagged, &segment, model))
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
        printf ("tagger: epoch %d, %.2f %% of %zu open words right\n", epoch + 1, 100.0 * (double) right / (double) asked, asked);
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
    free (tagged.text);
    free (tagged.tags);
    qw_layers_destroy (&tagged.layers);
    qw_segment_free (&segment);
}

/* ---- samples ------------------------------------------------------------------------------------------------------------------- */

/* Each stage's samples are numbers in a row:
 *   cue:     side, features
 *   content: starts, ends, pairs; the right start and end; then features of each start, each end, each valid pair in order
 *   source:  options, the right one; features of each (the first: none)
 *   marked:  label, features */
static numbers_t cue_samples, content_samples, source_samples, marked_samples;
static size_t lost_cues, lost_contents, kept_contents;

static uint32_t unit_holding (const qw_segment_t *segment, uint32_t byte, bool as_end)
{
    for (uint32_t at = 0; at < segment->count; at++)
        if (as_end ? segment->units[at].span.end >= byte : segment->units[at].span.end > byte)
            return at;
    return QW_NO_UNIT;
}

/* The unit of a gold cue in the segment, or QW_NO_UNIT. */
static uint32_t cue_unit (const qw_segment_t *segment, const gold_t *gold)
{
    uint32_t best = QW_NO_UNIT;
    for (uint32_t at = 0; at < segment->count; at++) {
        const qw_unit_t *unit = &segment->units[at];
        if (!qw_span_overlap (unit->span, gold->cue) || unit->kind != KIND_WORD || !unit->cue)
            continue;
        if (best == QW_NO_UNIT || unit->cue >= segment->units[best].cue)
            best = at;
    }
    return best;
}

static void add_content_sample (const qw_segment_t *segment, uint32_t cue, int side, uint32_t start, uint32_t end)
{
    qw_borders_t borders;
    qw_borders_find (&borders, segment, cue, side);
    uint32_t right_start = UINT32_MAX, right_end = UINT32_MAX, pairs = 0, features[64];
    for (uint32_t i = 0; i < borders.start_count; i++) {
        if (borders.starts[i] == start)
            right_start = i;
        for (uint32_t j = 0; j < borders.end_count; j++)
            pairs += borders.ends[j] >= borders.starts[i];
    }
    for (uint32_t j = 0; j < borders.end_count; j++)
        if (borders.ends[j] == end)
            right_end = j;
    if (right_start == UINT32_MAX || right_end == UINT32_MAX) {
        lost_contents++;
        return;
    }
    kept_contents++;
    numbers_t *samples = &content_samples;
    push (samples, borders.start_count);
    push (samples, borders.end_count);
    push (samples, pairs);
    push (samples, right_start);
    push (samples, right_end);
    for (uint32_t i = 0; i < borders.start_count; i++)
        push_features (samples, features, qw_start_features (segment, cue, side, borders.starts[i], features));
    for (uint32_t j = 0; j < borders.end_count; j++)
        push_features (samples, features, qw_end_features (segment, cue, side, borders.ends[j], features));
    for (uint32_t i = 0; i < borders.start_count; i++)
        for (uint32_t j = 0; j < borders.end_count; j++)
            if (borders.ends[j] >= borders.starts[i]) {
                push (samples, i);
                push (samples, j);
                push_features (samples, features,
                               qw_pair_features (segment, cue, side, borders.starts[i], borders.ends[j], features));
            }
}

static void add_source_sample (const qw_segment_t *segment, uint32_t cue, int side, uint32_t start, uint32_t end,
                               qw_span_t source)
{
    uint32_t sources[MAX_SOURCES], features[64], right = 0;
    size_t count = qw_sources_find (segment, cue, start, end, sources);
    if (!qw_span_is_empty (source)) {
        /* a person's name in it, or else its first noun */
        for (size_t i = 0; i < count; i++) {
            const qw_unit_t *head = &segment->units[segment->nouns[sources[i]].head];
            if (!qw_span_overlap (head->span, source))
                continue;
            if (right == 0 || head->entity == QW_PERSON + 1)
                right = (uint32_t) i + 1;
            if (head->entity == QW_PERSON + 1)
                break;
        }
        if (right == 0)
            return;
    }
    push (&source_samples, (uint32_t) count + 1);
    push (&source_samples, right);
    push_features (&source_samples, features, qw_source_features (segment, cue, side, start, end, UINT32_MAX, features));
    for (size_t i = 0; i < count; i++)
        push_features (&source_samples, features, qw_source_features (segment, cue, side, start, end, sources[i], features));
}

/* All samples of one segment. `last`: where the last gold quotation in the paragraph ended. */
static void add_samples (const article_t *article, qw_segment_t *segment, const qw_marks_t *marks, uint32_t *last)
{
    uint32_t features[64];
    qw_span_t whole = {segment->units[0].span.start, segment->units[segment->count - 1].span.end};
    for (uint32_t at = 0; at < segment->count; at++) {
        if (!qw_may_be_cue (&segment->units[at]))
            continue;
        const gold_t *left = NULL, *right = NULL;
        bool unclear = false;
        for (size_t j = 0; j < article->gold_count; j++) {
            const gold_t *gold = &article->gold[j];
            if (!qw_span_overlap (gold->cue, whole) || cue_unit (segment, gold) != at)
                continue;
            if (gold->span.start < whole.start || gold->span.end > whole.end)
                continue;
            if (gold->span.end <= segment->units[at].span.start)
                left = !left || gold->span.end > left->span.end ? gold : left;
            else if (gold->span.start >= segment->units[at].span.end)
                right = !right || gold->span.start < right->span.start ? gold : right;
            else
                unclear = true;
        }
        if (unclear && !left && !right)
            continue;
        int side = left && right ? SIDE_BOTH : left ? SIDE_LEFT : right ? SIDE_RIGHT : SIDE_NONE;
        push (&cue_samples, (uint32_t) side);
        push_features (&cue_samples, features, qw_cue_features (segment, at, features));
        for (int i = 0; i < 2; i++) {
            const gold_t *gold = i == 0 ? left : right;
            if (!gold)
                continue;
            uint32_t start = unit_holding (segment, gold->span.start, false), end = unit_holding (segment, gold->span.end, true);
            if (start == QW_NO_UNIT || end == QW_NO_UNIT || end < start)
                continue;
            add_content_sample (segment, at, i == 0 ? SIDE_LEFT : SIDE_RIGHT, start, end);
            for (uint32_t unit = start; unit <= end; unit++)
                segment->units[unit].taken = true;
            if (i == 0 || !left)
                add_source_sample (segment, at, i == 0 ? SIDE_LEFT : SIDE_RIGHT, start, end, gold->source);
        }
    }
    for (size_t j = 0; j < article->gold_count; j++)
        lost_cues += article->gold[j].cue.start >= whole.start && article->gold[j].cue.start < whole.end
                     && cue_unit (segment, &article->gold[j]) == QW_NO_UNIT;
    for (uint32_t at = 0; at < segment->count; at++) {
        const qw_unit_t *unit = &segment->units[at];
        const gold_t *best = NULL;
        for (size_t j = 0; j < article->gold_count; j++)
            if (qw_span_overlap (article->gold[j].span, unit->span))
                best = &article->gold[j];
        if (unit->kind == KIND_MARKED && !unit->taken) {
            uint32_t label = best && best->span.start + 8 >= unit->span.start && best->span.start <= unit->span.start + 8
                             && best->span.end + 8 >= unit->span.end && best->span.end <= unit->span.end + 8;
            if (!best || label) {
                uint32_t since = *last == 0 || *last > unit->span.start ? UINT32_MAX : (unit->span.start - *last) / 6;
                push (&marked_samples, label);
                push_features (&marked_samples, features,
                               qw_marked_features (segment, at, &marks->items[unit->marked], since, features));
            }
        }
        if (best && unit->span.end >= best->span.end)
            *last = best->span.end;
    }
}

static void make_samples (const qw_quotes_model_t *model)
{
    qw_segment_t segment = {0};
    qw_marks_t marks = {0};
    for (size_t i = 0; i < article_count; i++) {
        const article_t *article = &articles[i];
        bool inside = false;
        size_t sentence = 0;
        qw_walk_t walk = {0};
        for (size_t j = 0; j < article->paragraph_count; j++) {
            qw_span_t paragraph = article->paragraphs[j].span;
            walk.sentence = sentence;
            while (sentence < article->layers->sentence_count
                   && article->layers->tokens[article->layers->sentences[sentence].first].start < paragraph.end)
                sentence++;
            walk.sentence_end = sentence;
            marks.count = 0;
            inside = qw_marks_find (&marks, article->text, paragraph, inside);
            walk.mark = 0;
            walk.mark_end = marks.count;
            walk.paragraph = paragraph;
            uint32_t last = 0;
            while (qw_segment_next (&segment, &walk, model, article->text, article->layers, &marks)) {
                qw_segment_tag (&segment, model, article->text);
                qw_segment_prepare (&segment);
                add_samples (article, &segment, &marks, &last);
            }
        }
    }
    qw_segment_free (&segment);
    qw_marks_free (&marks);
    printf ("cues out of the lexicon: %zu; contents out of reach: %zu of %zu\n", lost_cues, lost_contents,
            lost_contents + kept_contents);
}

/* ---- log-linear models --------------------------------------------------------------------------------------------------------- */

enum { SCALE = 64 };

typedef struct {
    double *weights, *squares, *mean;
    size_t size;
} linear_t;

static linear_t linear_new (size_t size)
{
    return (linear_t){need (calloc (size, sizeof (double))), need (calloc (size, sizeof (double))),
                      need (calloc (size, sizeof (double))), size};
}

static void linear_free (linear_t *self)
{
    free (self->weights);
    free (self->squares);
    free (self->mean);
}

static double rate = 0.02, decay = 2e-6;

static void update (linear_t *self, size_t at, double gradient)
{
    gradient += decay * self->weights[at];
    self->squares[at] += gradient * gradient;
    self->weights[at] -= rate * gradient / sqrt (self->squares[at] + 1e-6);
}

static void round_weights (const linear_t *self, int8_t *to)
{
    for (size_t i = 0; i < self->size; i++)
        to[i] = (int8_t) lrint (fmax (-127, fmin (127, self->weights[i] * SCALE)));
}

/* Turns scores into probabilities; returns the log likelihood of `right`. */
static double soften (double *scores, size_t count, size_t right)
{
    double most = scores[0], total = 0;
    for (size_t i = 1; i < count; i++)
        most = fmax (most, scores[i]);
    double likelihood = scores[right] - most;
    for (size_t i = 0; i < count; i++)
        total += scores[i] = exp (scores[i] - most);
    for (size_t i = 0; i < count; i++)
        scores[i] /= total;
    return likelihood - log (total);
}

/* A fixed shuffle of the samples' offsets. */
static void shuffle (numbers_t *offsets, uint64_t state)
{
    for (size_t i = offsets->count; i > 1; i--) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        size_t j = (size_t) ((state >> 33) % i);
        uint32_t other = offsets->items[j];
        offsets->items[j] = offsets->items[i - 1];
        offsets->items[i - 1] = other;
    }
}

static void train_cues (qw_quotes_model_t *model, int epochs)
{
    linear_t linear = linear_new (((size_t) 1 << CUE_BITS) * SIDE_COUNT);
    numbers_t offsets = {0};
    for (size_t at = 0; at < cue_samples.count; at += 2 + cue_samples.items[at + 1])
        push (&offsets, (uint32_t) at);
    for (int epoch = 0; epoch < epochs; epoch++) {
        double likelihood = 0;
        shuffle (&offsets, 1 + (uint64_t) epoch);
        for (size_t i = 0; i < offsets.count; i++) {
            const uint32_t *sample = cue_samples.items + offsets.items[i];
            double scores[SIDE_COUNT] = {0};
            for (uint32_t f = 0; f < sample[1]; f++)
                for (size_t side = 0; side < SIDE_COUNT; side++)
                    scores[side] += linear.weights[(size_t) (sample[2 + f] >> (32 - CUE_BITS)) * SIDE_COUNT + side];
            likelihood += soften (scores, SIDE_COUNT, sample[0]);
            scores[sample[0]] -= 1;
            for (uint32_t f = 0; f < sample[1]; f++)
                for (size_t side = 0; side < SIDE_COUNT; side++)
                    update (&linear, (size_t) (sample[2 + f] >> (32 - CUE_BITS)) * SIDE_COUNT + side, scores[side]);
        }
        printf ("cues: epoch %d, %.4f a sample of %zu\n", epoch + 1, likelihood / (double) offsets.count, offsets.count);
    }
    round_weights (&linear, &model->cue[0][0]);
    linear_free (&linear);
    free (offsets.items);
}

static const uint32_t *add_scores (const uint32_t *at, const linear_t *linear, int bits, double *score)
{
    uint32_t count = *at++;
    *score = 0;
    for (uint32_t f = 0; f < count; f++)
        *score += linear->weights[at[f] >> (32 - bits)];
    return at + count;
}

static const uint32_t *spread (const uint32_t *at, linear_t *linear, int bits, double gradient)
{
    uint32_t count = *at++;
    if (fabs (gradient) > 1e-4)
        for (uint32_t f = 0; f < count; f++)
            update (linear, at[f] >> (32 - bits), gradient);
    return at + count;
}

static double learn_content (const uint32_t *sample, linear_t *start, linear_t *end)
{
    static double scores[MAX_STARTS * MAX_ENDS], of_start[MAX_STARTS], of_end[MAX_ENDS];
    uint32_t starts = sample[0], ends = sample[1], pairs = sample[2];
    const uint32_t *at = sample + 5;
    for (uint32_t i = 0; i < starts; i++)
        at = add_scores (at, start, START_BITS, &of_start[i]);
    for (uint32_t i = 0; i < ends; i++)
        at = add_scores (at, end, END_BITS, &of_end[i]);
    const uint32_t *first_pair = at;
    size_t right = 0;
    for (uint32_t i = 0; i < pairs; i++) {
        uint32_t s = at[0], e = at[1];
        at = add_scores (at + 2, end, END_BITS, &scores[i]);
        scores[i] += of_start[s] + of_end[e];
        if (s == sample[3] && e == sample[4])
            right = i;
    }
    double likelihood = soften (scores, pairs, right);
    scores[right] -= 1;
    memset (of_start, 0, sizeof of_start);
    memset (of_end, 0, sizeof of_end);
    at = first_pair;
    for (uint32_t i = 0; i < pairs; i++) {
        of_start[at[0]] += scores[i];
        of_end[at[1]] += scores[i];
        at = spread (at + 2, end, END_BITS, scores[i]);
    }
    at = sample + 5;
    for (uint32_t i = 0; i < starts; i++)
        at = spread (at, start, START_BITS, of_start[i]);
    for (uint32_t i = 0; i < ends; i++)
        at = spread (at, end, END_BITS, of_end[i]);
    return likelihood;
}

/* The number behind one content sample. */
static size_t content_end (size_t at)
{
    const uint32_t *items = content_samples.items;
    uint32_t lists = items[at] + items[at + 1], pairs = items[at + 2];
    at += 5;
    for (uint32_t i = 0; i < lists; i++)
        at += 1 + items[at];
    for (uint32_t i = 0; i < pairs; i++)
        at += 3 + items[at + 2];
    return at;
}

static void train_contents (qw_quotes_model_t *model, int epochs)
{
    linear_t start = linear_new ((size_t) 1 << START_BITS), end = linear_new ((size_t) 1 << END_BITS);
    numbers_t offsets = {0};
    for (size_t at = 0; at < content_samples.count; at = content_end (at))
        push (&offsets, (uint32_t) at);
    for (int epoch = 0; epoch < epochs; epoch++) {
        double likelihood = 0;
        shuffle (&offsets, 100 + (uint64_t) epoch);
        for (size_t i = 0; i < offsets.count; i++)
            likelihood += learn_content (content_samples.items + offsets.items[i], &start, &end);
        printf ("contents: epoch %d, %.4f a sample of %zu\n", epoch + 1, likelihood / (double) offsets.count, offsets.count);
    }
    round_weights (&start, model->start);
    round_weights (&end, model->end);
    linear_free (&start);
    linear_free (&end);
    free (offsets.items);
}

static void train_sources (qw_quotes_model_t *model, int epochs)
{
    linear_t linear = linear_new ((size_t) 1 << SOURCE_BITS);
    numbers_t offsets = {0};
    for (size_t at = 0; at < source_samples.count;) {
        push (&offsets, (uint32_t) at);
        uint32_t options = source_samples.items[at];
        at += 2;
        for (uint32_t i = 0; i < options; i++)
            at += 1 + source_samples.items[at];
    }
    for (int epoch = 0; epoch < epochs; epoch++) {
        double likelihood = 0;
        size_t correct = 0;
        shuffle (&offsets, 200 + (uint64_t) epoch);
        for (size_t i = 0; i < offsets.count; i++) {
            const uint32_t *sample = source_samples.items + offsets.items[i], *at = sample + 2;
            double scores[MAX_SOURCES + 1];
            size_t best = 0;
            for (uint32_t j = 0; j < sample[0]; j++) {
                at = add_scores (at, &linear, SOURCE_BITS, &scores[j]);
                if (scores[j] > scores[best])
                    best = j;
            }
            correct += best == sample[1];
            likelihood += soften (scores, sample[0], sample[1]);
            scores[sample[1]] -= 1;
            at = sample + 2;
            for (uint32_t j = 0; j < sample[0]; j++)
                at = spread (at, &linear, SOURCE_BITS, scores[j]);
        }
        printf ("sources: epoch %d, %.4f a sample of %zu, %.2f %% right\n", epoch + 1, likelihood / (double) offsets.count,
                offsets.count, 100.0 * (double) correct / (double) offsets.count);
    }
    round_weights (&linear, model->source);
    linear_free (&linear);
    free (offsets.items);
}

static void train_marked (qw_quotes_model_t *model, int epochs)
{
    linear_t linear = linear_new ((size_t) 1 << MARKED_BITS);
    numbers_t offsets = {0};
    for (size_t at = 0; at < marked_samples.count; at += 2 + marked_samples.items[at + 1])
        push (&offsets, (uint32_t) at);
    for (int epoch = 0; epoch < epochs; epoch++) {
        double likelihood = 0;
        shuffle (&offsets, 300 + (uint64_t) epoch);
        for (size_t i = 0; i < offsets.count; i++) {
            const uint32_t *sample = marked_samples.items + offsets.items[i];
            double scores[2] = {0, 0};
            add_scores (sample + 1, &linear, MARKED_BITS, &scores[1]);
            likelihood += soften (scores, 2, sample[0]);
            spread (sample + 1, &linear, MARKED_BITS, scores[1] - (sample[0] ? 1 : 0));
        }
        printf ("marked: epoch %d, %.4f a sample of %zu\n", epoch + 1, likelihood / (double) offsets.count, offsets.count);
    }
    round_weights (&linear, model->marked);
    linear_free (&linear);
    free (offsets.items);
}

/* ---- all of it --------------------------------------------------------------------------------------------------------------------- */

int main (int argc, char *argv[])
{
    static const struct option options[] = {{"pos", required_argument, NULL, 'p'},    {"quotes", required_argument, NULL, 'q'},
                                            {"models", required_argument, NULL, 'm'}, {"output", required_argument, NULL, 'o'},
                                            {NULL, 0, NULL, 0}};
    char *pos[16], *quotes[16], *output = NULL;
    const char *models = "workers/models";
    int pos_count = 0, quote_count = 0;
    int cue_threshold = -10, belief_threshold = 200, marked_threshold = 0;
    if (getenv ("CT")) cue_threshold = atoi (getenv ("CT"));
    if (getenv ("BT")) belief_threshold = atoi (getenv ("BT"));
    if (getenv ("MT")) marked_threshold = atoi (getenv ("MT"));
    if (getenv ("RATE")) rate = atof (getenv ("RATE"));
    if (getenv ("DECAY")) decay = atof (getenv ("DECAY"));
    int ep = getenv ("EP") ? atoi (getenv ("EP")) : 8;
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
    tagged_t tagged = {.layers = qw_layers_new ()};
    for (int i = 0; i < pos_count; i++) {
        FILE *file = fopen (pos[i], "r");
        if (!file) {
            perror (pos[i]);
            return 1;
        }
        while (read_tagged (&tagged, file))
            for (size_t token = 0; token < tagged.layers->token_count; token++) {
                qw_span_t span = tagged.layers->tokens[token];
                count_t *count = count_of (qw_quote_word_hash (tagged.text + span.start, qw_span_size (span)));
                count->total++;
                count->tags[tagged.tags[token]]++;
            }
        fclose (file);
    }
    for (int i = 0; i < quote_count; i++)
        read_articles (quotes[i], fused);
    count_cues ();
    qw_quotes_model_t *model = need (calloc (1, sizeof *model));
    model->magic = QW_QUOTES_MODEL_MAGIC;
    model->version = QW_QUOTES_MODEL_VERSION;
    model->cue_threshold = cue_threshold;
    model->belief_threshold = belief_threshold;
    model->marked_threshold = marked_threshold;
    make_lexicon (model);
    train_tagger (model, pos, pos_count);
    make_samples (model);
    train_cues (model, ep);
    train_contents (model, ep);
    train_sources (model, ep);
    train_marked (model, 10);
    FILE *file = fopen (output, "wb");
    if (!file || fwrite (model, sizeof *model, 1, file) != 1 || fclose (file) != 0) {
        perror (output);
        return 1;
    }
    printf ("%s: %zu bytes\n", output, sizeof *model);
    return 0;
}
