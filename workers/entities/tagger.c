#include "workers/entities/tagger.h"

#include <stdlib.h>
#include <string.h>

#include "workers/entities/viterbi.h"

enum { MEMO_SLOTS = 1 << 13, MEMO_WORD_BYTES = 40 };

/* What a word adds to the scores of the tokens around it. */
typedef struct {
    int16_t sums[QW_OFFSETS][QW_LABELS];
    qw_word_t word;
    uint8_t size; /* 0: free */
    char bytes[MEMO_WORD_BYTES];
} memo_t;

struct qw_tagger_t {
    const qw_model_t *model;
    memo_t *memo;
    memo_t spare; /* for words too long to remember */
    int16_t edges[QW_OFFSETS][QW_LABELS];
    qw_small_words_t small;
    qw_evidence_table_t evidence;
    qw_viterbi_t viterbi;
    qw_word_t *words;
    int16_t (*scores)[QW_LABELS];
    uint8_t *labels, *second;
    uint32_t *run_ends;
    size_t capacity;
};

static void add_row (const qw_model_t *model, int16_t *sum, uint64_t feature)
{
    const int8_t *row = qw_model_row (model, feature);
    if (row)
        for (int i = 0; i < QW_LABELS; i++)
            sum[i] = (int16_t) (sum[i] + row[i]);
}

static void add_sums (int16_t *restrict sum, const int16_t *restrict other)
{
    for (int i = 0; i < QW_LABELS; i++)
        sum[i] = (int16_t) (sum[i] + other[i]);
}

static void *renewed (void *old, size_t count, size_t size)
{
    free (old);
    void *fresh = calloc (count, size);
    if (!fresh)
        abort ();
    return fresh;
}

qw_tagger_t *qw_tagger_new (const qw_model_t *model)
{
    qw_tagger_t *self = renewed (NULL, 1, sizeof *self);
    self->model = model;
    self->memo = renewed (NULL, MEMO_SLOTS, sizeof *self->memo);
    for (int offset = 0; offset < QW_OFFSETS; offset++) {
        uint64_t features[QW_MAX_WORD_FEATURES];
        size_t count = qw_word_features_of_edge (offset, features);
        for (size_t i = 0; i < count; i++)
            add_row (model, self->edges[offset], features[i]);
    }
    return self;
}

void qw_tagger_destroy (qw_tagger_t **self_p)
{
    qw_tagger_t *self = *self_p;
    if (!self)
        return;
    free (self->memo);
    free (self->words);
    free (self->scores);
    free (self->labels);
    free (self->second);
    free (self->run_ends);
    qw_evidence_free (&self->evidence);
    qw_viterbi_free (&self->viterbi);
    free (self);
    *self_p = NULL;
}

const qw_word_t *qw_tagger_words (const qw_tagger_t *self) { return self->words; }

static void make_room (qw_tagger_t *self, size_t count)
{
    if (count <= self->capacity)
        return;
    size_t capacity = 1024;
    while (capacity < count)
        capacity *= 2;
    self->words = renewed (self->words, capacity, sizeof *self->words);
    self->scores = renewed (self->scores, capacity, sizeof *self->scores);
    self->labels = renewed (self->labels, capacity, 1);
    self->second = renewed (self->second, capacity, 1);
    self->run_ends = renewed (self->run_ends, capacity, sizeof *self->run_ends);
    self->capacity = capacity;
}

static void fill (const qw_tagger_t *self, memo_t *memo, const char *text, size_t size)
{
    qw_word_look (&memo->word, self->model, text, size);
    memset (memo->sums, 0, sizeof memo->sums);
    for (int offset = 0; offset < QW_OFFSETS; offset++) {
        uint64_t features[QW_MAX_WORD_FEATURES];
        size_t lexical, count = qw_word_features (&memo->word, text, size, offset, features, &lexical);
        for (size_t i = 0; i < count; i++)
            add_row (self->model, memo->sums[offset], features[i]);
    }
}

static const memo_t *recall (qw_tagger_t *self, const char *text, size_t size, bool plain)
{
    if (plain || size > MEMO_WORD_BYTES) {
        fill (self, &self->spare, text, size);
        return &self->spare;
    }
    memo_t *memo = &self->memo[qw_word_hash (text, size) >> 24 & (MEMO_SLOTS - 1)];
    if (memo->size != size || memcmp (memo->bytes, text, size) != 0) {
        fill (self, memo, text, size);
        memcpy (memo->bytes, text, size);
        memo->size = (uint8_t) size;
    }
    return memo;
}

/* Words and the part of the scores that comes from single words. */
static void look_at_words (qw_tagger_t *self, const char *text, const qw_layers_t *layers, qw_sentence_t sentence, bool plain)
{
    size_t first = sentence.first, end = sentence.end;
    for (size_t i = first; i < end; i++) {
        qw_span_t token = layers->tokens[i];
        const memo_t *memo = recall (self, text + token.start, token.end - token.start, plain);
        self->words[i] = memo->word;
        if (!memo->word.capital)
            qw_small_words_add (&self->small, memo->word.lower);
        for (size_t offset = 0; offset < QW_OFFSETS; offset++) {
            size_t at = i + 2 - offset; /* the token that sees this word at that offset */
            if (i + 2 >= first + offset && at < end)
                add_sums (self->scores[at], memo->sums[offset]);
        }
    }
    for (size_t i = first; i < end; i++) {
        if (i < first + 1)
            add_sums (self->scores[i], self->edges[1]);
        if (i < first + 2)
            add_sums (self->scores[i], self->edges[0]);
        if (i + 1 >= end)
            add_sums (self->scores[i], self->edges[3]);
        if (i + 2 >= end)
            add_sums (self->scores[i], self->edges[4]);
    }
}

static void look_at_context (qw_tagger_t *self, qw_sentence_t sentence)
{
    qw_context_t context;
    size_t count = sentence.end - sentence.first;
    const qw_word_t *words = self->words + sentence.first;
    qw_context_begin (&context, words, count, &self->small);
    size_t run_first = 0, run_end = 0;
    for (size_t i = 0; i < count; i++) {
        if (words[i].capital && i >= run_end) {
            run_first = i;
            for (run_end = i + 1; run_end < count && words[run_end].capital; run_end++)
                ;
        }
        if (!qw_context_is_busy (&context, i))
            continue;
        bool inside = i < run_end && words[i].capital;
        uint64_t features[QW_MAX_CONTEXT_FEATURES];
        size_t n = qw_context_features (&context, i, inside ? run_first : 0, inside ? run_end : 0, features);
        for (size_t j = 0; j < n; j++)
            __builtin_prefetch (self->model->rows
                                + qw_model_bucket (self->model->bucket_count, features[j]) * (QW_BUCKET_ROWS * QW_LABELS));
        for (size_t j = 0; j < n; j++)
            add_row (self->model, self->scores[sentence.first + i], features[j]);
    }
}

static void look_again (qw_tagger_t *self, qw_sentence_t sentence)
{
    size_t count = sentence.end - sentence.first;
    for (size_t i = 0; i < count; i++) {
        uint64_t features[QW_MAX_SECOND_FEATURES];
        size_t n = qw_evidence_features (&self->evidence, self->words + sentence.first, self->labels + sentence.first, count, i,
                                         features);
        for (size_t j = 0; j < n; j++)
            add_row (self->model, self->scores[sentence.first + i], features[j]);
    }
}

const uint8_t *qw_tagger_label (qw_tagger_t *self, const char *text, const qw_layers_t *layers, bool plain)
{
    size_t count = layers->token_count;
    make_room (self, count + 1);
    memset (self->scores, 0, count * sizeof *self->scores);
    memset (&self->small, 0, sizeof self->small);
    memset (self->labels, 0, count);
    for (size_t i = 0; i < layers->sentence_count; i++)
        look_at_words (self, text, layers, layers->sentences[i], plain);
    size_t capitals = 0;
    for (size_t i = 0; i < count; i++)
        capitals += self->words[i].capital;
    qw_evidence_clear (&self->evidence, capitals);
    for (size_t i = 0; i < layers->sentence_count; i++) {
        qw_sentence_t s = layers->sentences[i];
        look_at_context (self, s);
        qw_viterbi_decode (&self->viterbi, self->model->transitions[0], self->scores + s.first, s.end - s.first,
                           self->labels + s.first, plain);
        qw_evidence_add (&self->evidence, self->words + s.first, self->labels + s.first, s.end - s.first);
    }
    for (size_t i = 0; i < layers->sentence_count; i++) {
        qw_sentence_t s = layers->sentences[i];
        look_again (self, s);
        qw_viterbi_decode (&self->viterbi, self->model->transitions[1], self->scores + s.first, s.end - s.first,
                           self->second + s.first, plain);
    }
    return self->second;
}
