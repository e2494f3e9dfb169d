#include "workers/entities/learner.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/memory.h"
#include "workers/entities/context.h"
#include "workers/entities/crf.h"
#include "workers/entities/registry.h"
#include "workers/entities/viterbi.h"

enum { NONE = UINT32_MAX, FOLD_EPOCHS = 3 };

/* Weights of one feature with what FTRL remembers of their gradients. */
typedef struct {
    float w[QW_LABELS], z[QW_LABELS], n[QW_LABELS];
} weights_t;

/* A list of features: `count` of them from `first` on in the pool; the first `lexical` of them name the word. */
typedef struct {
    uint32_t first;
    uint16_t count, lexical;
} list_t;

typedef struct {
    uint64_t key;
    list_t lists[QW_OFFSETS];
} type_t;

typedef struct {
    const qw_document_t *document;
    qw_word_t *words;
    uint32_t *types; /* index into types, a token each */
    list_t *contexts;
    float (*scores)[QW_LABELS]; /* first-pass scores by a model that has not seen the document */
    uint8_t *labels;
} text_t;

struct qw_learner_t {
    const qw_labelled_t *corpus;
    const qw_model_t *lexicon;
    qw_learner_options_t options;
    uint64_t random;
    qw_registry_t registries[QW_PASSES];
    weights_t *weights_of[QW_PASSES]; /* by number */
    float (*means)[QW_LABELS];        /* sums of the weights after each of the later rounds */
    int pass;                         /* whose weights are being learnt or used */
    /* words */
    type_t *types;
    uint32_t *type_slots;
    size_t type_count, type_capacity, type_slot_count;
    uint32_t *pool;
    size_t pool_size, pool_capacity;
    list_t edges[QW_OFFSETS];
    text_t *texts;
    weights_t transitions[QW_PASSES][QW_LABELS][16]; /* [][][0]: shared; [][][1 + source]: a source's own, first pass only */
    float mean_transitions[QW_LABELS][16][QW_LABELS];
    qw_crf_t crf;
    float (*scores)[QW_LABELS];
    bool *hidden;
    uint8_t *phrases;
    qw_elsewhere_table_t elsewhere;
    size_t scratch;
};

static uint64_t next_random (qw_learner_t *self)
{
    self->random ^= self->random << 13;
    self->random ^= self->random >> 7;
    self->random ^= self->random << 17;
    return self->random;
}

static void count_features (qw_learner_t *self, const uint64_t *features, size_t count, uint32_t times)
{
    for (size_t i = 0; i < count; i++)
        qw_registry_count (&self->registries[self->pass], features[i], times);
}

/* Numbers the features of the pass that were seen often enough, and makes room for their weights. */
static void number_features (qw_learner_t *self)
{
    qw_registry_t *registry = &self->registries[self->pass];
    qw_registry_number (registry, (uint32_t) self->options.min_count);
    self->weights_of[self->pass] = qw_must (calloc (registry->numbered + 1, sizeof (weights_t)));
}

static list_t pooled (qw_learner_t *self, const uint64_t *features, size_t count, size_t lexical)
{
    if (self->pool_size + count > self->pool_capacity) {
        self->pool_capacity = self->pool_capacity ? self->pool_capacity * 2 : 1 << 22;
        self->pool = qw_must (realloc (self->pool, self->pool_capacity * sizeof *self->pool));
    }
    list_t list = {(uint32_t) self->pool_size, 0, 0};
    for (size_t i = 0; i < count; i++) {
        uint32_t number = qw_registry_find (&self->registries[self->pass], features[i]);
        if (number == QW_NO_NUMBER)
            continue;
        self->pool[self->pool_size++] = number;
        list.count++;
        list.lexical += i < lexical;
    }
    return list;
}

/* A source that is not the target has a copy of every feature, which learns its habits. */
static bool has_copies (const qw_learner_t *self, int source) { return !self->corpus->sources[source].target; }

static uint64_t copy_of (uint64_t feature, int source) { return qw_feature (600 + (uint64_t) source, feature, 0); }

/* A word's features at an offset, each followed by its copy if the source has copies. */
static size_t word_features (const qw_learner_t *self, const qw_word_t *word, const char *text, size_t size, int offset,
                             int source, uint64_t *features, size_t *lexical)
{
    uint64_t own[QW_MAX_WORD_FEATURES];
    size_t n, count = qw_word_features (word, text, size, offset, own, &n), total = 0;
    for (size_t i = 0; i < count; i++) {
        features[total++] = own[i];
        if (has_copies (self, source))
            features[total++] = copy_of (own[i], source);
        if (i + 1 == n)
            *lexical = total;
    }
    return total;
}

static uint32_t type_of (qw_learner_t *self, uint64_t key)
{
    if (self->type_count * 2 >= self->type_slot_count) {
        self->type_slot_count = self->type_slot_count ? self->type_slot_count * 2 : 1 << 16;
        free (self->type_slots);
        self->type_slots = qw_must (malloc (self->type_slot_count * sizeof *self->type_slots));
        memset (self->type_slots, 0xff, self->type_slot_count * sizeof *self->type_slots);
        for (size_t i = 0; i < self->type_count; i++) {
            size_t at = self->types[i].key & (self->type_slot_count - 1);
            while (self->type_slots[at] != NONE)
                at = (at + 1) & (self->type_slot_count - 1);
            self->type_slots[at] = (uint32_t) i;
        }
    }
    size_t at = key & (self->type_slot_count - 1);
    while (self->type_slots[at] != NONE && self->types[self->type_slots[at]].key != key)
        at = (at + 1) & (self->type_slot_count - 1);
    if (self->type_slots[at] == NONE) {
        if (self->type_count == self->type_capacity) {
            self->type_capacity = self->type_capacity ? self->type_capacity * 2 : 1 << 16;
            self->types = qw_must (realloc (self->types, self->type_capacity * sizeof *self->types));
        }
        self->types[self->type_count] = (type_t) {.key = key};
        self->type_slots[at] = (uint32_t) self->type_count++;
    }
    return self->type_slots[at];
}

/* Hands the context features of every busy token to `take`. */
typedef void take_fn (qw_learner_t *self, text_t *text, size_t token, const uint64_t *features, size_t count);

static void walk_contexts (qw_learner_t *self, text_t *text, const qw_small_words_t *small, take_fn *take)
{
    const qw_layers_t *layers = text->document->layers;
    qw_elsewhere_clear (&self->elsewhere, layers->token_count);
    for (size_t s = 0; s < layers->sentence_count; s++) {
        size_t first = layers->sentences[s].first;
        qw_elsewhere_add (&self->elsewhere, text->words + first, first, layers->sentences[s].end - first);
    }
    for (size_t s = 0; s < layers->sentence_count; s++) {
        size_t first = layers->sentences[s].first, count = layers->sentences[s].end - first, run_first = 0, run_end = 0;
        const qw_word_t *words = text->words + first;
        qw_context_t context;
        qw_context_phrases (self->lexicon, words, count, self->phrases);
        qw_context_begin (&context, words, first, count, small, &self->elsewhere, self->phrases);
        for (size_t i = 0; i < count; i++) {
            if (words[i].capital && i >= run_end) {
                run_first = i;
                for (run_end = i + 1; run_end < count && words[run_end].capital; run_end++)
                    ;
            }
            uint64_t features[2 * QW_MAX_CONTEXT_FEATURES];
            bool inside = i < run_end && words[i].capital;
            if (qw_context_is_busy (&context, i)) {
                size_t n = qw_context_features (&context, i, inside ? run_first : 0, inside ? run_end : 0, features);
                if (has_copies (self, text->document->source)) {
                    for (size_t j = 0; j < n; j++)
                        features[n + j] = copy_of (features[j], text->document->source);
                    n *= 2;
                }
                take (self, text, first + i, features, n);
            }
        }
    }
}

static void small_words (const text_t *text, qw_small_words_t *small)
{
    memset (small, 0, sizeof *small);
    for (size_t i = 0; i < text->document->layers->token_count; i++)
        if (!text->words[i].capital)
            qw_small_words_add (small, text->words[i].lower);
}

static void take_count (qw_learner_t *self, text_t *text, size_t token, const uint64_t *features, size_t count)
{
    (void) token;
    count_features (self, features, count, 1);
    if (has_copies (self, text->document->source))
        for (size_t j = count / 2; j < count; j++)
            qw_registry_make_private (&self->registries[0], features[j]);
}

static void take_list (qw_learner_t *self, text_t *text, size_t token, const uint64_t *features, size_t count)
{
    text->contexts[token] = pooled (self, features, count, 0);
}

/* Looks at all words, counts all features of the first pass, and makes the lists of those that stay. */
static void prepare (qw_learner_t *self)
{
    const qw_labelled_t *corpus = self->corpus;
    uint64_t features[QW_MAX_WORD_FEATURES * 2];
    size_t lexical = 0, longest = 1;
    qw_small_words_t *small = qw_must (malloc (sizeof *small));
    self->texts = qw_must (calloc (corpus->document_count + 1, sizeof *self->texts));
    for (size_t d = 0; d < corpus->document_count; d++) {
        const qw_layers_t *layers = corpus->documents[d].layers;
        for (size_t s = 0; s < layers->sentence_count; s++) {
            size_t size = layers->sentences[s].end - layers->sentences[s].first;
            longest = size > longest ? size : longest;
        }
    }
    self->phrases = qw_must (malloc (longest));
    uint32_t *seen = NULL;
    for (int counting = 1; counting >= 0; counting--) {
        for (size_t d = 0; d < corpus->document_count; d++) {
            const qw_document_t *document = &corpus->documents[d];
            text_t *text = &self->texts[d];
            size_t count = document->layers->token_count;
            if (counting) {
                text->document = document;
                text->words = qw_must (calloc (count + 1, sizeof *text->words));
                text->types = qw_must (calloc (count + 1, sizeof *text->types));
                text->contexts = qw_must (calloc (count + 1, sizeof *text->contexts));
            }
            for (size_t i = 0; i < count; i++) {
                qw_span_t span = document->layers->tokens[i];
                const char *bytes = document->text + span.start;
                if (counting) {
                    qw_word_look (&text->words[i], self->lexicon, bytes, qw_span_size (span));
                    text->types[i] = type_of (self, qw_feature (700 + (uint64_t) document->source, text->words[i].exact, 0));
                }
                type_t *type = &self->types[text->types[i]];
                if (!counting && seen[text->types[i]]++)
                    continue;
                for (int offset = 0; offset < QW_OFFSETS; offset++) {
                    size_t n = word_features (self, &text->words[i], bytes, qw_span_size (span), offset, document->source,
                                              features, &lexical);
                    if (counting) {
                        count_features (self, features, n, 1);
                        for (size_t j = 1; j < n && has_copies (self, document->source); j += 2)
                            qw_registry_make_private (&self->registries[0], features[j]);
                    } else
                        type->lists[offset] = pooled (self, features, n, lexical);
                }
            }
            small_words (text, small);
            walk_contexts (self, text, small, counting ? take_count : take_list);
        }
        if (counting) {
            for (int offset = 0; offset < QW_OFFSETS; offset++)
                count_features (self, features, qw_word_features_of_edge (offset, features),
                                (uint32_t) self->options.min_count);
            number_features (self);
            seen = qw_must (calloc (self->type_count + 1, sizeof *seen));
            for (int offset = 0; offset < QW_OFFSETS; offset++)
                self->edges[offset] = pooled (self, features, qw_word_features_of_edge (offset, features), 0);
        }
    }
    self->scratch = longest;
    self->scores = qw_must (malloc (longest * sizeof *self->scores));
    self->hidden = qw_must (malloc (longest));
    free (seen);
    free (small);
}

qw_learner_t *qw_learner_new (const qw_labelled_t *corpus, const qw_model_t *lexicon, const qw_learner_options_t *options)
{
    qw_learner_t *self = qw_must (calloc (1, sizeof *self));
    self->corpus = corpus;
    self->lexicon = lexicon;
    self->options = *options;
    self->random = options->seed * 0x9e3779b97f4a7c15u | 1;
    prepare (self);
    return self;
}

void qw_learner_destroy (qw_learner_t **self_p)
{
    qw_learner_t *self = *self_p;
    if (!self)
        return;
    for (size_t d = 0; d < self->corpus->document_count; d++) {
        free (self->texts[d].words);
        free (self->texts[d].types);
        free (self->texts[d].contexts);
        free (self->texts[d].scores);
        free (self->texts[d].labels);
    }
    free (self->texts);
    for (int pass = 0; pass < QW_PASSES; pass++) {
        qw_registry_free (&self->registries[pass]);
        free (self->weights_of[pass]);
    }
    free (self->means);
    free (self->types);
    free (self->type_slots);
    free (self->pool);
    free (self->scores);
    free (self->hidden);
    free (self->phrases);
    qw_elsewhere_free (&self->elsewhere);
    qw_crf_free (&self->crf);
    free (self);
    *self_p = NULL;
}

/* Weights lie far apart: asks for those of a list before they are needed. */
static void fetch_list (const qw_learner_t *self, list_t list)
{
    for (uint32_t i = 0; i < list.count; i++) {
        const char *weights = (const char *) &self->weights_of[self->pass][self->pool[list.first + i]];
        for (size_t line = 0; line < sizeof (weights_t); line += 64)
            __builtin_prefetch (weights + line);
    }
}

static void add_list (const qw_learner_t *self, float *score, list_t list, bool hidden)
{
    for (uint32_t i = hidden ? list.lexical : 0; i < list.count; i++) {
        const float *w = self->weights_of[self->pass][self->pool[list.first + i]].w;
        for (int l = 0; l < QW_LABELS; l++)
            score[l] += w[l];
    }
}

static void step (weights_t *weights, const float *gradient, float rate, float l1, float l2)
{
    for (int l = 0; l < QW_LABELS; l++) {
        float g = gradient[l], n = weights->n[l], grown = n + g * g;
        weights->z[l] += g - (sqrtf (grown) - sqrtf (n)) / rate * weights->w[l];
        weights->n[l] = grown;
        float z = weights->z[l], shrunk = z > l1 ? z - l1 : z < -l1 ? z + l1 : 0;
        weights->w[l] = -shrunk / ((0.1f + sqrtf (grown)) / rate + l2);
    }
}

static void step_list (qw_learner_t *self, const float *gradient, list_t list, bool hidden)
{
    const qw_learner_options_t *o = &self->options;
    for (uint32_t i = hidden ? list.lexical : 0; i < list.count; i++)
        step (&self->weights_of[self->pass][self->pool[list.first + i]], gradient, (float) o->rate, (float) o->l1,
              (float) o->l2);
}

/* Calls `each` for every list of features that token i of a sentence has. */
typedef void each_fn (qw_learner_t *self, float *values, list_t list, bool hidden);

static void for_lists (qw_learner_t *self, const text_t *text, size_t first, size_t count, size_t i, const bool *hidden,
                       float *values, each_fn *each)
{
    for (int offset = 0; offset < QW_OFFSETS; offset++) {
        ptrdiff_t at = (ptrdiff_t) i + offset - 2;
        if (at < 0 || at >= (ptrdiff_t) count)
            each (self, values, self->edges[offset], false);
        else
            each (self, values, self->types[text->types[first + (size_t) at]].lists[offset], hidden && hidden[at]);
    }
    each (self, values, text->contexts[first + i], false);
}

static void each_fetch (qw_learner_t *self, float *values, list_t list, bool hidden)
{
    (void) values;
    (void) hidden;
    fetch_list (self, list);
}
static void each_add (qw_learner_t *self, float *values, list_t list, bool hidden) { add_list (self, values, list, hidden); }
static void each_step (qw_learner_t *self, float *values, list_t list, bool hidden)
{
    step_list (self, values, list, hidden);
}

static void score_sentence (qw_learner_t *self, const text_t *text, qw_sentence_t sentence, const bool *hidden,
                            float (*scores)[QW_LABELS])
{
    size_t count = sentence.end - sentence.first;
    memset (scores, 0, count * sizeof *scores);
    for (size_t i = 0; i < count; i++) {
        if (i + 1 < count)
            for_lists (self, text, sentence.first, count, i + 1, hidden, NULL, each_fetch);
        for_lists (self, text, sentence.first, count, i, hidden, scores[i], each_add);
    }
}

static bool teaches (const float *gradient)
{
    for (int l = 0; l < QW_LABELS; l++)
        if (fabsf (gradient[l]) > 0.001f)
            return true;
    return false;
}

/* Transitions of a pass for a source. The second pass has those of the first: learning
 * them anew on the scores of smaller models made it worse. */
static void jumps_of (const qw_learner_t *self, int pass, int source, float jumps[QW_LABELS][QW_LABELS])
{
    for (int j = 0; j < QW_LABELS; j++)
        for (int i = 0; i < QW_LABELS; i++) {
            jumps[j][i] = source >= 0 ? self->transitions[pass][j][1 + source % 15].w[i] : 0;
            for (int p = 0; p <= pass; p++)
                jumps[j][i] += self->transitions[p][j][0].w[i];
        }
}

static void step_transitions (qw_learner_t *self, int pass, int source, float weight)
{
    for (int j = 0; j < QW_LABELS; j++) {
        float gradient[QW_LABELS];
        for (int i = 0; i < QW_LABELS; i++)
            gradient[i] = self->crf.edges[j][i] * weight;
        step (&self->transitions[pass][j][0], gradient, (float) self->options.rate, 0, (float) self->options.l2);
        if (source >= 0)
            step (&self->transitions[pass][j][1 + source % 15], gradient, (float) self->options.rate, 0,
                  (float) self->options.l2);
    }
}

static int own_source (const qw_learner_t *self, const text_t *text)
{
    return self->corpus->sources[text->document->source].target ? -1 : text->document->source;
}

static void learn_sentence (qw_learner_t *self, text_t *text, qw_sentence_t sentence)
{
    size_t count = sentence.end - sentence.first;
    float weight = (float) self->corpus->sources[text->document->source].weight;
    for (size_t i = 0; i < count; i++)
        self->hidden[i] = (double) (next_random (self) >> 40) / (1 << 24) < self->options.forget;
    score_sentence (self, text, sentence, self->hidden, self->scores);
    float jumps[QW_LABELS][QW_LABELS];
    jumps_of (self, 0, own_source (self, text), jumps);
    qw_crf_gradient (&self->crf, jumps, self->scores, text->document->masks + sentence.first, count);
    for (size_t i = 0; i < count; i++) {
        float *gradient = self->crf.gradient[i];
        gradient[0] = 0; /* label 0 has no weights */
        if (!teaches (gradient))
            continue;
        for (int l = 1; l < QW_LABELS; l++)
            gradient[l] *= weight;
        for_lists (self, text, sentence.first, count, i, self->hidden, gradient, each_step);
    }
    step_transitions (self, 0, own_source (self, text), weight);
}

/* After each of the later rounds: adds the weights up; after the last, puts their mean in their place. The mean of the states
 * along the way is steadier than the last one. */
static void remember (qw_learner_t *self, int epoch, int epochs)
{
    int pass = self->pass;
    weights_t *weights = self->weights_of[pass];
    size_t weight_count = self->registries[pass].numbered;
    int first = epochs / 2, rounds = epochs - first;
    if (epoch < first)
        return;
    if (epoch == first) {
        free (self->means);
        self->means = qw_must (calloc (weight_count + 1, sizeof *self->means));
        memset (self->mean_transitions, 0, sizeof self->mean_transitions);
    }
    for (size_t i = 0; i < weight_count; i++)
        for (int l = 0; l < QW_LABELS; l++) {
            self->means[i][l] += weights[i].w[l];
            if (epoch + 1 == epochs)
                weights[i].w[l] = self->means[i][l] / (float) rounds;
        }
    for (int j = 0; j < QW_LABELS; j++)
        for (int source = 0; source < 16; source++)
            for (int l = 0; l < QW_LABELS; l++) {
                float *mean = &self->mean_transitions[j][source][l], *now = &self->transitions[pass][j][source].w[l];
                *mean += *now;
                if (epoch + 1 == epochs)
                    *now = *mean / (float) rounds;
            }
}

static int fold_of (const qw_learner_t *self, size_t document) { return (int) (document % (size_t) self->options.folds); }

/* All documents in a new order; or those of the target outside of a fold, which is less work and near enough. `turn`: which
 * of several times, each with an order of its own. */
static void learn_first (qw_learner_t *self, int left_out, int turn)
{
    int epochs = left_out >= 0 && self->options.epochs > FOLD_EPOCHS ? FOLD_EPOCHS : self->options.epochs;
    size_t count = self->corpus->document_count;
    size_t *order = qw_must (malloc ((count + 1) * sizeof *order));
    /* the folds before change nothing */
    self->random = (self->options.seed + 1000 * (uint64_t) turn) * 0x9e3779b97f4a7c15u | 1;
    for (size_t i = 0; i < self->registries[0].numbered; i++)
        self->weights_of[0][i] = (weights_t) {{0}, {0}, {0}};
    memset (self->transitions[0], 0, sizeof self->transitions[0]);
    for (int epoch = 0; epoch < epochs; epoch++) {
        for (size_t i = 0; i < count; i++)
            order[i] = i;
        for (size_t i = count; i > 1; i--) {
            size_t j = next_random (self) % i, kept = order[i - 1];
            order[i - 1] = order[j];
            order[j] = kept;
        }
        for (size_t i = 0; i < count; i++) {
            text_t *text = &self->texts[order[i]];
            if (left_out >= 0 && (own_source (self, text) >= 0 || fold_of (self, order[i]) == left_out))
                continue;
            for (size_t s = 0; s < text->document->layers->sentence_count; s++)
                learn_sentence (self, text, text->document->layers->sentences[s]);
        }
        remember (self, epoch, epochs);
        if (self->options.verbose)
            fprintf (stderr, "first pass, fold %d, turn %d, epoch %d of %d\n", left_out, turn + 1, epoch + 1, epochs);
    }
    free (order);
}

/* Learns several times and takes the mean: the scores are sums of weights, so the mean of the weights scores as all of the
 * models together do. */
static void learn_together (qw_learner_t *self)
{
    size_t count = self->registries[0].numbered;
    int turns = self->options.turns;
    float (*sums)[QW_LABELS] = qw_must (calloc (count + 1, sizeof *sums));
    float jumps[QW_LABELS][16][QW_LABELS] = {{{0}}};
    for (int turn = 0; turn < turns; turn++) {
        learn_first (self, -1, turn);
        for (size_t i = 0; i < count; i++)
            for (int l = 0; l < QW_LABELS; l++)
                sums[i][l] += self->weights_of[0][i].w[l] / (float) turns;
        for (int j = 0; j < QW_LABELS; j++)
            for (int source = 0; source < 16; source++)
                for (int l = 0; l < QW_LABELS; l++)
                    jumps[j][source][l] += self->transitions[0][j][source].w[l] / (float) turns;
    }
    for (size_t i = 0; i < count; i++)
        memcpy (self->weights_of[0][i].w, sums[i], sizeof sums[i]);
    for (int j = 0; j < QW_LABELS; j++)
        for (int source = 0; source < 16; source++)
            memcpy (self->transitions[0][j][source].w, jumps[j][source], sizeof jumps[j][source]);
    free (sums);
}

/* First-pass scores and labels for the documents of a fold. */
static void tag_fold (qw_learner_t *self, int fold)
{
    qw_viterbi_t viterbi = {0};
    float jumps[QW_LABELS][QW_LABELS];
    int16_t rounded[QW_LABELS][QW_LABELS];
    qw_transitions_t transitions;
    qw_scores_t *scores = qw_must (malloc (self->scratch * sizeof *scores));
    jumps_of (self, 0, -1, jumps);
    for (int j = 0; j < QW_LABELS; j++)
        for (int i = 0; i < QW_LABELS; i++)
            rounded[j][i] = (int16_t) lrintf (jumps[j][i] * 64);
    qw_viterbi_transitions (rounded, &transitions);
    for (size_t d = (size_t) fold; d < self->corpus->document_count; d += (size_t) self->options.folds) {
        text_t *text = &self->texts[d];
        if (own_source (self, text) >= 0)
            continue; /* has no second pass */
        const qw_layers_t *layers = text->document->layers;
        text->scores = qw_must (calloc (layers->token_count + 1, sizeof *text->scores));
        text->labels = qw_must (calloc (layers->token_count + 1, 1));
        for (size_t s = 0; s < layers->sentence_count; s++) {
            qw_sentence_t sentence = layers->sentences[s];
            size_t count = sentence.end - sentence.first;
            score_sentence (self, text, sentence, NULL, text->scores + sentence.first);
            for (size_t i = 0; i < count; i++)
                for (int l = 0; l < QW_LABELS; l++) {
                    float score = text->scores[sentence.first + i][l] * 64;
                    score = score > QW_SCORE_LIMIT ? QW_SCORE_LIMIT : score < -QW_SCORE_LIMIT ? -QW_SCORE_LIMIT : score;
                    scores[i][l] = (int16_t) lrintf (score);
                }
            qw_viterbi_decode (&viterbi, &transitions, scores, count, true, text->labels + sentence.first, true);
        }
    }
    qw_viterbi_free (&viterbi);
    free (scores);
}

/* The features of the second pass, on top of the first-pass scores of the folds. */
static void learn_second (qw_learner_t *self)
{
    size_t count = self->corpus->document_count;
    qw_evidence_table_t table = {0};
    self->pass = 1;
    for (int round = 0; round < 2; round++) { /* counts, then lists */
        for (size_t d = 0; d < count; d++) {
            text_t *text = &self->texts[d];
            if (own_source (self, text) >= 0)
                continue;
            const qw_layers_t *layers = text->document->layers;
            qw_evidence_clear (&table, layers->token_count);
            for (size_t s = 0; s < layers->sentence_count; s++) {
                qw_sentence_t at = layers->sentences[s];
                qw_evidence_add (&table, text->words + at.first, text->labels + at.first, at.end - at.first);
            }
            for (size_t s = 0; s < layers->sentence_count; s++) {
                qw_sentence_t at = layers->sentences[s];
                for (size_t i = at.first; i < at.end; i++) {
                    uint64_t features[QW_MAX_SECOND_FEATURES];
                    size_t n = qw_evidence_features (&table, text->words + at.first, text->labels + at.first, i - at.first,
                                                     features);
                    if (round == 0)
                        count_features (self, features, n, 1);
                    else
                        text->contexts[i] = pooled (self, features, n, 0);
                }
            }
        }
        if (round == 0)
            number_features (self);
    }
    for (int epoch = 0; epoch < self->options.second_epochs; epoch++) {
        for (size_t d = 0; d < count; d++) {
            text_t *text = &self->texts[d];
            const qw_layers_t *layers = text->document->layers;
            float jumps[QW_LABELS][QW_LABELS];
            if (own_source (self, text) >= 0)
                continue; /* the conventions of others are not what the second pass should learn */
            jumps_of (self, 1, -1, jumps);
            for (size_t s = 0; s < layers->sentence_count; s++) {
                qw_sentence_t at = layers->sentences[s];
                size_t size = at.end - at.first;
                memcpy (self->scores, text->scores + at.first, size * sizeof *self->scores);
                for (size_t i = 0; i < size; i++)
                    add_list (self, self->scores[i], text->contexts[at.first + i], false);
                qw_crf_gradient (&self->crf, jumps, self->scores, text->document->masks + at.first, size);
                for (size_t i = 0; i < size; i++) {
                    self->crf.gradient[i][0] = 0;
                    if (teaches (self->crf.gradient[i]))
                        step_list (self, self->crf.gradient[i], text->contexts[at.first + i], false);
                }
            }
        }
        remember (self, epoch, self->options.second_epochs);
    }
    qw_evidence_free (&table);
}

void qw_learner_run (qw_learner_t *self)
{
    if (self->options.verbose)
        fprintf (stderr, "%zu documents, %zu tokens, %zu words, %zu features, %zu of them kept\n",
                 self->corpus->document_count, self->corpus->token_count, self->type_count, self->registries[0].count, self->registries[0].numbered);
    for (int fold = 0; fold < self->options.folds && self->options.second_epochs > 0; fold++) {
        learn_first (self, fold, 0);
        tag_fold (self, fold);
    }
    learn_together (self);
    if (self->options.second_epochs > 0)
        learn_second (self);
}

void qw_learner_visit (const qw_learner_t *self, qw_learner_visit_fn *visit, void *context)
{
    for (int pass = 0; pass < QW_PASSES; pass++) {
        const qw_registry_t *registry = &self->registries[pass];
        for (size_t i = 0; i < registry->slots; i++) {
            uint32_t number = registry->hashes[i] && registry->numbers ? registry->numbers[i] : QW_NO_NUMBER;
            if (number != QW_NO_NUMBER && !registry->private[number])
                visit (context, registry->hashes[i], self->weights_of[pass][number].w);
        }
    }
}

uint32_t qw_learner_passes (const qw_learner_t *self) { return self->registries[1].numbered > 0 ? 2 : 1; }

void qw_learner_transitions (const qw_learner_t *self, int pass, float weights[QW_LABELS][QW_LABELS])
{
    jumps_of (self, pass, -1, weights);
}
