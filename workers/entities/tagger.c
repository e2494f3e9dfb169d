#include "workers/entities/tagger.h"

#include <stdlib.h>
#include <string.h>

#include "workers/entities/viterbi.h"

enum { MEMO_SLOTS = 1 << 15, LOOK_AHEAD = 6, ALL_WORD_FEATURES = QW_OFFSETS * QW_MAX_WORD_FEATURES };

/* What a word adds to the scores of the tokens around it. A word is known by its hash (word.exact; 0: free). */
typedef struct {
    int16_t sums[QW_OFFSETS][QW_LABELS];
    qw_word_t word;
} __attribute__ ((aligned (64))) memo_t;

struct qw_tagger_t {
    const qw_model_t *model;
    qw_scores_t transitions[QW_PASSES][QW_LABELS];
    bool same_transitions; /* in both passes */
    memo_t *memo;
    memo_t spare; /* what the plain way works out again for every token */
    int16_t edges[QW_OFFSETS][QW_LABELS];
    qw_small_words_t small;
    qw_evidence_table_t evidence;
    qw_elsewhere_table_t elsewhere;
    qw_viterbi_t viterbi;
    qw_word_t *words;
    uint64_t *hashes;
    qw_scores_t *scores;
    uint8_t *labels, *second, *phrases;
    size_t capacity;
};

typedef int8_t row_t __attribute__ ((vector_size (16)));
typedef int16_t sums_t __attribute__ ((vector_size (32)));

/* Lane 0 gathers bytes that mean nothing: at most 128 times the features of a token, which fits. */
static inline void add_row (const qw_model_t *model, int16_t *sum, uint64_t feature)
{
    const int8_t *bytes = qw_model_row (model, feature);
    if (!bytes)
        return;
    row_t row;
    sums_t sums;
    memcpy (&row, bytes, sizeof row);
    memcpy (&sums, sum, sizeof sums);
    sums += __builtin_convertvector (row, sums_t);
    memcpy (sum, &sums, sizeof sums);
}

static void add_row_plainly (const qw_model_t *model, int16_t *sum, uint64_t feature)
{
    const int8_t *row = qw_model_row (model, feature);
    for (int i = 1; i < QW_LABELS && row; i++)
        sum[i] = (int16_t) (sum[i] + row[i]);
}

static void fetch (const qw_model_t *model, const uint64_t *features, size_t count)
{
    for (size_t i = 0; i < count; i++)
        __builtin_prefetch (model->rows + qw_model_bucket (model->bucket_count, features[i]));
}

static void add_rows (const qw_model_t *model, int16_t *sum, const uint64_t *features, size_t count, bool plain)
{
    if (plain)
        for (size_t i = 0; i < count; i++)
            add_row_plainly (model, sum, features[i]);
    else
        for (size_t i = 0; i < count; i++)
            add_row (model, sum, features[i]);
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
    self->memo = aligned_alloc (64, MEMO_SLOTS * sizeof *self->memo);
    if (!self->memo)
        abort ();
    memset (self->memo, 0, MEMO_SLOTS * sizeof *self->memo);
    for (int pass = 0; pass < QW_PASSES; pass++)
        qw_viterbi_transitions (model->transitions[pass], self->transitions[pass]);
    self->same_transitions = memcmp (self->transitions[0], self->transitions[1], sizeof self->transitions[0]) == 0;
    for (int offset = 0; offset < QW_OFFSETS; offset++) {
        uint64_t features[QW_MAX_WORD_FEATURES];
        add_rows (model, self->edges[offset], features, qw_word_features_of_edge (offset, features), false);
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
    free (self->hashes);
    free (self->phrases);
    qw_evidence_free (&self->evidence);
    qw_elsewhere_free (&self->elsewhere);
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
    self->phrases = renewed (self->phrases, capacity, 1);
    self->hashes = renewed (self->hashes, capacity, sizeof *self->hashes);
    self->capacity = capacity;
}

static void fill (const qw_tagger_t *self, memo_t *memo, const char *text, size_t size, bool plain)
{
    uint64_t features[ALL_WORD_FEATURES];
    size_t counts[QW_OFFSETS], total = 0, lexical;
    qw_word_look (&memo->word, self->model, text, size);
    for (int offset = 0; offset < QW_OFFSETS; offset++) {
        counts[offset] = qw_word_features (&memo->word, text, size, offset, features + total, &lexical);
        fetch (self->model, features + total, counts[offset]);
        total += counts[offset];
    }
    memset (memo->sums, 0, sizeof memo->sums);
    for (size_t offset = 0, at = 0; offset < QW_OFFSETS; at += counts[offset++])
        add_rows (self->model, memo->sums[offset], features + at, counts[offset], plain);
}

static memo_t *memo_of (const qw_tagger_t *self, uint64_t hash) { return &self->memo[hash >> 24 & (MEMO_SLOTS - 1)]; }

static const memo_t *recall (qw_tagger_t *self, const char *text, size_t size, uint64_t hash, bool plain)
{
    memo_t *memo = plain ? &self->spare : memo_of (self, hash);
    if (plain || memo->word.exact != hash)
        fill (self, memo, text, size, plain);
    return memo;
}

static void hash_words (qw_tagger_t *self, const char *text, const qw_layers_t *layers)
{
    for (size_t i = 0; i < layers->token_count; i++)
        self->hashes[i] = qw_word_hash (text + layers->tokens[i].start, qw_span_size (layers->tokens[i]));
}

static void fetch_memo (const qw_tagger_t *self, uint64_t hash)
{
    const char *memo = (const char *) memo_of (self, hash);
    for (size_t line = 0; line < sizeof (memo_t); line += 64)
        __builtin_prefetch (memo + line);
}

/* Words and the part of the scores that comes from single words. */
static void look_at_words (qw_tagger_t *self, const char *text, const qw_layers_t *layers, qw_sentence_t sentence, bool plain)
{
    size_t first = sentence.first, end = sentence.end;
    for (size_t i = first; i < end; i++) {
        qw_span_t token = layers->tokens[i];
        if (i + LOOK_AHEAD < layers->token_count)
            fetch_memo (self, self->hashes[i + LOOK_AHEAD]);
        const memo_t *memo = recall (self, text + token.start, token.end - token.start, self->hashes[i], plain);
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

/* Rows on their way from memory: added when the next ones have been asked for. */
typedef struct {
    uint64_t features[2][QW_MAX_CONTEXT_FEATURES];
    size_t counts[2], tokens[2];
    unsigned turn;
} pending_t;

static void add_pending (qw_tagger_t *self, pending_t *pending, bool plain)
{
    unsigned other = pending->turn ^ 1;
    add_rows (self->model, self->scores[pending->tokens[other]], pending->features[other], pending->counts[other], plain);
    pending->counts[other] = 0;
}

/* Asks for the rows of what was written to features[turn], and adds those asked for before. */
static void pend (qw_tagger_t *self, pending_t *pending, size_t token, size_t count, bool plain)
{
    fetch (self->model, pending->features[pending->turn], count);
    pending->counts[pending->turn] = count;
    pending->tokens[pending->turn] = token;
    add_pending (self, pending, plain);
    pending->turn ^= 1;
}

static void look_at_context (qw_tagger_t *self, qw_sentence_t sentence, bool plain)
{
    qw_context_t context;
    pending_t pending = {.turn = 0};
    size_t count = sentence.end - sentence.first;
    const qw_word_t *words = self->words + sentence.first;
    qw_context_phrases (self->model, words, count, self->phrases);
    qw_context_begin (&context, words, sentence.first, count, &self->small, &self->elsewhere, self->phrases);
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
        size_t n = qw_context_features (&context, i, inside ? run_first : 0, inside ? run_end : 0,
                                        pending.features[pending.turn]);
        pend (self, &pending, sentence.first + i, n, plain);
    }
    add_pending (self, &pending, plain);
}

/* Adds what the second pass knows. False when it knows no more than the first. */
static bool look_again (qw_tagger_t *self, qw_sentence_t sentence, bool plain)
{
    bool more = !self->same_transitions;
    pending_t pending = {.turn = 0};
    size_t count = sentence.end - sentence.first;
    for (size_t i = 0; i < count; i++) {
        if (!self->words[sentence.first + i].capital)
            continue;
        size_t n = qw_evidence_features (&self->evidence, self->words + sentence.first, self->labels + sentence.first, i,
                                         pending.features[pending.turn]);
        pend (self, &pending, sentence.first + i, n, plain);
        more |= n > 0;
    }
    add_pending (self, &pending, plain);
    return more;
}

const uint8_t *qw_tagger_label (qw_tagger_t *self, const char *text, const qw_layers_t *layers, bool plain)
{
    size_t count = layers->token_count, capitals = 0;
    make_room (self, count + 1);
    memset (self->scores, 0, count * sizeof *self->scores);
    memset (&self->small, 0, sizeof self->small);
    hash_words (self, text, layers);
    for (size_t i = 0; i < layers->sentence_count; i++)
        look_at_words (self, text, layers, layers->sentences[i], plain);
    for (size_t i = 0; i < count; i++)
        capitals += self->words[i].capital;
    if (self->model->passes > 1)
        qw_evidence_clear (&self->evidence, capitals);
    qw_elsewhere_clear (&self->elsewhere, capitals);
    for (size_t i = 0; i < layers->sentence_count; i++) {
        qw_sentence_t s = layers->sentences[i];
        qw_elsewhere_add (&self->elsewhere, self->words + s.first, s.first, s.end - s.first);
    }
    for (size_t i = 0; i < layers->sentence_count; i++) {
        qw_sentence_t s = layers->sentences[i];
        look_at_context (self, s, plain);
        qw_viterbi_decode (&self->viterbi, self->transitions[0], self->scores + s.first, s.end - s.first,
                           self->labels + s.first, plain);
        if (self->model->passes > 1)
            qw_evidence_add (&self->evidence, self->words + s.first, self->labels + s.first, s.end - s.first);
    }
    if (self->model->passes == 1)
        return self->labels;
    for (size_t i = 0; i < layers->sentence_count; i++) {
        qw_sentence_t s = layers->sentences[i];
        if (look_again (self, s, plain) || plain)
            qw_viterbi_decode (&self->viterbi, self->transitions[1], self->scores + s.first, s.end - s.first,
                               self->second + s.first, plain);
        else
            memcpy (self->second + s.first, self->labels + s.first, s.end - s.first);
    }
    return self->second;
}
