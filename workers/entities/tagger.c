#include "workers/entities/tagger.h"

#include <stdlib.h>
#include <string.h>

#include "proto/memory.h"
#include "workers/entities/memo.h"
#include "workers/entities/runs.h"
#include "workers/entities/viterbi.h"

enum { ALL_OFFSETS = (1 << QW_OFFSETS) - 1, REACH = 2 /* tokens that a word has a say in, on either side */ };

struct qw_tagger_t {
    const qw_model_t *model;
    qw_transitions_t transitions[QW_PASSES];
    qw_memory_t *memory;
    qw_memo_t spare; /* what the plain way works out again for every token */
    qw_sums_t edges[QW_OFFSETS];
    qw_amounts_t amounts;
    qw_small_words_t small;
    qw_evidence_table_t evidence;
    qw_elsewhere_table_t elsewhere;
    qw_viterbi_t viterbi;
    qw_word_t *words;
    uint64_t *hashes;
    qw_memo_t **memos; /* the places of those words that may be needed */
    qw_scores_t *scores;
    uint8_t *signs, *labels, *second, *phrases;
    qw_run_t *runs;
    uint32_t *run_ends; /* of each sentence, in runs */
    size_t capacity, sentence_capacity;
};

/* What is being labelled. */
typedef struct {
    const char *text, *text_end;
    const qw_layers_t *layers;
    bool plain;
} task_t;

static void *renewed (void *old, size_t count, size_t size)
{
    free (old);
    return qw_must (calloc (count, size));
}

qw_tagger_t *qw_tagger_new (const qw_model_t *model)
{
    qw_tagger_t *self = qw_must (aligned_alloc (_Alignof (qw_tagger_t), sizeof *self));
    memset (self, 0, sizeof *self);
    self->model = model;
    self->memory = qw_memory_new ();
    qw_amounts_init (&self->amounts);
    for (int pass = 0; pass < QW_PASSES; pass++)
        qw_viterbi_transitions (model->transitions[pass], &self->transitions[pass]);
    for (int offset = 0; offset < QW_OFFSETS; offset++) {
        uint64_t features[QW_MAX_WORD_FEATURES];
        qw_rows_add_plainly (model, features, qw_word_features_of_edge (offset, features), self->edges[offset]);
    }
    return self;
}

void qw_tagger_destroy (qw_tagger_t **self_p)
{
    qw_tagger_t *self = *self_p;
    if (!self)
        return;
    qw_memory_destroy (&self->memory);
    free (self->words);
    free (self->scores);
    free (self->signs);
    free (self->labels);
    free (self->second);
    free (self->hashes);
    free (self->memos);
    free (self->phrases);
    free (self->runs);
    free (self->run_ends);
    qw_evidence_free (&self->evidence);
    qw_elsewhere_free (&self->elsewhere);
    qw_viterbi_free (&self->viterbi);
    free (self);
    *self_p = NULL;
}

const qw_word_t *qw_tagger_words (const qw_tagger_t *self) { return self->words; }

static void make_room (qw_tagger_t *self, size_t tokens, size_t sentences)
{
    self->run_ends = qw_grown (self->run_ends, &self->sentence_capacity, sentences, sizeof *self->run_ends);
    if (tokens <= self->capacity)
        return;
    size_t capacity = 1024;
    while (capacity < tokens)
        capacity *= 2;
    self->words = renewed (self->words, capacity, sizeof *self->words);
    self->scores = renewed (self->scores, capacity, sizeof *self->scores);
    self->signs = renewed (self->signs, capacity, 1);
    self->labels = renewed (self->labels, capacity, 1);
    self->second = renewed (self->second, capacity, 1);
    self->phrases = renewed (self->phrases, capacity, 1);
    self->hashes = renewed (self->hashes, capacity, sizeof *self->hashes);
    self->memos = renewed (self->memos, capacity, sizeof *self->memos);
    self->runs = renewed (self->runs, capacity, sizeof *self->runs);
    self->capacity = capacity;
}

/* Begins to fetch the memo of a token's word. */
static void find_memo (qw_tagger_t *self, task_t task, size_t token)
{
    if (task.plain)
        return;
    qw_memo_t *memo = self->memos[token] = qw_memory_place (self->memory, self->hashes[token]);
    for (size_t line = 0; line < sizeof *memo; line += 64)
        __builtin_prefetch ((const char *) memo + line);
}

/* The memo of a token's word, with or without sums. */
static qw_memo_t *memo_of (qw_tagger_t *self, task_t task, size_t token)
{
    qw_span_t span = task.layers->tokens[token];
    qw_memo_t *memo = task.plain ? &self->spare : self->memos[token];
    if (task.plain)
        memo->word.exact = 0;
    qw_memo_take (memo, self->model, task.text + span.start, qw_span_size (span), self->hashes[token]);
    return memo;
}

/* What the tokens show without a look at the model, if that is all that they show. */
static void glance_at_words (qw_tagger_t *self, task_t task, qw_sentence_t sentence)
{
    for (size_t i = sentence.first; i < sentence.end; i++) {
        qw_span_t span = task.layers->tokens[i];
        const char *text = task.text + span.start;
        self->hashes[i] = qw_word_hash (text, qw_span_size (span));
        self->memos[i] = NULL;
        self->signs[i] = 0;
        if (task.plain || !qw_word_glance (&self->words[i], text, qw_span_size (span), task.text_end, self->hashes[i])) {
            find_memo (self, task, i);
            self->signs[i] = QW_SIGN_UNKNOWN;
        }
    }
}

/* What they are, and where the runs are. */
static void look_at_words (qw_tagger_t *self, task_t task, qw_sentence_t sentence)
{
    uint32_t before = UINT32_MAX; /* the end of the token before */
    for (size_t i = sentence.first; i < sentence.end; i++) {
        qw_word_t *word = &self->words[i];
        unsigned signs = task.layers->tokens[i].start == before ? QW_SIGN_JOINED : 0;
        before = task.layers->tokens[i].end;
        if (self->signs[i] & QW_SIGN_UNKNOWN)
            *word = memo_of (self, task, i)->word;
        if (!word->capital)
            qw_small_words_add (&self->small, word->lower);
        if (qw_word_stands_out (word))
            signs |= QW_SIGN_STANDS_OUT;
        else if (qw_amounts_have (&self->amounts, word->exact))
            signs |= QW_SIGN_AMOUNT;
        self->signs[i] = (uint8_t) signs;
    }
}

/* The tokens whose words have a say in a run. */
static qw_run_t reach_of (qw_run_t run, qw_sentence_t sentence)
{
    return (qw_run_t) {run.first - sentence.first < REACH ? sentence.first : run.first - REACH,
                       sentence.end - run.end < REACH ? sentence.end : run.end + REACH};
}

static void find_memos (qw_tagger_t *self, task_t task, qw_sentence_t sentence, qw_run_t run)
{
    qw_run_t reach = reach_of (run, sentence);
    for (size_t i = reach.first; i < reach.end; i++)
        if (!self->memos[i])
            find_memo (self, task, i);
}

/* The part of the scores of a run that comes from single words. */
static void score_words (qw_tagger_t *self, task_t task, qw_sentence_t sentence, qw_run_t run)
{
    memset (self->scores[run.first], 0, (run.end - run.first) * sizeof *self->scores);
    for (size_t i = run.first; i < run.end && i < sentence.first + 2u; i++) {
        qw_sums_add (self->scores[i], self->edges[0]);
        if (i == sentence.first)
            qw_sums_add (self->scores[i], self->edges[1]);
    }
    for (size_t i = run.end; i-- > run.first && i + 2 >= sentence.end;) {
        qw_sums_add (self->scores[i], self->edges[4]);
        if (i + 1 == sentence.end)
            qw_sums_add (self->scores[i], self->edges[3]);
    }
    qw_run_t reach = reach_of (run, sentence);
    for (size_t i = reach.first; i < reach.end; i++) {
        qw_memo_t *memo = memo_of (self, task, i);
        unsigned missing = 0;
        /* seen from token i + REACH - offset */
        size_t low = i + REACH >= run.end ? i + REACH + 1 - run.end : 0;
        size_t high = i + REACH - run.first < QW_OFFSETS ? i + REACH - run.first : QW_OFFSETS - 1;
        for (size_t offset = low; offset <= high; offset++)
            missing |= (memo->sums[offset][0] ^ 1u) << offset;
        if (missing) {
            qw_span_t span = task.layers->tokens[i];
            qw_memo_sum (memo, self->model, task.text + span.start, qw_span_size (span), missing, task.plain);
        }
        for (size_t offset = low; offset <= high; offset++)
            qw_sums_add (self->scores[i + REACH - offset], memo->sums[offset]);
        self->words[i] = memo->word;
    }
}

/* Rows on their way from memory: added when the next ones have been asked for. */
typedef struct {
    uint64_t features[QW_MAX_CONTEXT_FEATURES];
    qw_asked_t asked[2];
    size_t tokens[2];
    unsigned turn;
} pending_t;

static void begin (pending_t *pending)
{
    pending->turn = 0;
    pending->asked[0].count = pending->asked[1].count = 0;
}

static void add_pending (qw_tagger_t *self, pending_t *pending)
{
    unsigned other = pending->turn ^ 1;
    if (pending->asked[other].count == 0)
        return;
    qw_rows_add (&pending->asked[other], self->scores[pending->tokens[other]]);
    pending->asked[other].count = 0;
}

/* Adds the rows of `count` features to the scores of a token, now or with the next call or add_pending. */
static void pend (qw_tagger_t *self, pending_t *pending, size_t token, size_t count, bool plain)
{
    if (plain) {
        qw_rows_add_plainly (self->model, pending->features, count, self->scores[token]);
        return;
    }
    qw_rows_ask (self->model, &pending->asked[pending->turn], pending->features, count);
    pending->tokens[pending->turn] = token;
    add_pending (self, pending);
    pending->turn ^= 1;
}

/* The part of the scores of the runs of a sentence that comes from several words. */
static void score_context (qw_tagger_t *self, qw_sentence_t sentence, const qw_run_t *runs, size_t run_count, bool plain)
{
    qw_context_t context;
    pending_t pending;
    size_t count = sentence.end - sentence.first;
    const qw_word_t *words = self->words + sentence.first;
    begin (&pending);
    qw_context_phrases (self->model, words, count, self->phrases);
    qw_context_begin (&context, words, sentence.first, count, &self->small, &self->elsewhere, self->phrases);
    for (size_t run = 0; run < run_count; run++) {
        size_t capitals_first = 0, capitals_end = 0;
        for (size_t i = runs[run].first - sentence.first; i < runs[run].end - sentence.first; i++) {
            if (words[i].capital && i >= capitals_end) {
                capitals_first = i;
                for (capitals_end = i + 1; capitals_end < count && words[capitals_end].capital; capitals_end++)
                    ;
            }
            if (!qw_context_is_busy (&context, i))
                continue;
            bool inside = i < capitals_end && words[i].capital;
            size_t n = qw_context_features (&context, i, inside ? capitals_first : 0, inside ? capitals_end : 0,
                                            pending.features);
            pend (self, &pending, sentence.first + i, n, plain);
        }
    }
    add_pending (self, &pending);
}

static void decode (qw_tagger_t *self, int pass, qw_sentence_t sentence, const qw_run_t *runs, size_t run_count, uint8_t *labels,
                    bool plain)
{
    for (size_t i = 0; i < run_count; i++)
        qw_viterbi_decode (&self->viterbi, &self->transitions[pass], self->scores + runs[i].first, runs[i].end - runs[i].first,
                           runs[i].end == sentence.end, labels + runs[i].first, plain);
}

/* Adds what the second pass knows. */
static void score_again (qw_tagger_t *self, qw_sentence_t sentence, const qw_run_t *runs, size_t run_count, bool plain)
{
    pending_t pending;
    begin (&pending);
    for (size_t run = 0; run < run_count; run++)
        for (size_t i = runs[run].first; i < runs[run].end; i++) {
            size_t n = qw_evidence_features (&self->evidence, self->words + sentence.first, self->labels + sentence.first,
                                             i - sentence.first, pending.features);
            pend (self, &pending, i, n, plain);
        }
    add_pending (self, &pending);
}

/* The runs of a sentence. */
static const qw_run_t *runs_of (const qw_tagger_t *self, size_t sentence, size_t *count)
{
    uint32_t first = sentence ? self->run_ends[sentence - 1] : 0;
    *count = self->run_ends[sentence] - first;
    return self->runs + first;
}

/* Words and what comes from single ones: the sentences stand in a row, so that memory has been asked in time. */
static void see_words (qw_tagger_t *self, task_t task)
{
    enum { STEPS = 3 };
    const qw_sentence_t *sentences = task.layers->sentences;
    size_t run_count = 0, found, count = task.layers->sentence_count;
    for (size_t i = 0; i < count + STEPS - 1; i++) {
        if (i < count)
            glance_at_words (self, task, sentences[i]);
        if (i >= 1 && i - 1 < count) {
            qw_sentence_t sentence = sentences[i - 1];
            look_at_words (self, task, sentence);
            found = qw_runs_find (self->signs, sentence.first, sentence.end, self->runs + run_count);
            for (size_t run = 0; run < found; run++)
                find_memos (self, task, sentence, self->runs[run_count++]);
            self->run_ends[i - 1] = (uint32_t) run_count;
        }
        if (i >= 2) {
            const qw_run_t *runs = runs_of (self, i - 2, &found);
            for (size_t run = 0; run < found; run++)
                score_words (self, task, sentences[i - 2], runs[run]);
        }
    }
}

const uint8_t *qw_tagger_label (qw_tagger_t *self, const char *text, const qw_layers_t *layers, bool plain)
{
    size_t count = layers->token_count, capitals = 0, found;
    const qw_sentence_t *sentences = layers->sentences;
    task_t task = {text, text + (count ? layers->tokens[count - 1].end : 0), layers, plain};
    make_room (self, count + 1, layers->sentence_count);
    memset (self->labels, QW_LABEL_OUTSIDE, count);
    memset (&self->small, 0, sizeof self->small);
    see_words (self, task);
    for (size_t i = 0; i < count; i++)
        capitals += self->words[i].capital;
    if (self->model->passes > 1)
        qw_evidence_clear (&self->evidence, capitals);
    qw_elsewhere_clear (&self->elsewhere, capitals);
    for (size_t i = 0; i < layers->sentence_count; i++)
        qw_elsewhere_add (&self->elsewhere, self->words + sentences[i].first, sentences[i].first,
                          sentences[i].end - sentences[i].first);
    for (size_t i = 0; i < layers->sentence_count; i++) {
        const qw_run_t *runs = runs_of (self, i, &found);
        if (found > 0)
            score_context (self, sentences[i], runs, found, plain);
        decode (self, 0, sentences[i], runs, found, self->labels, plain);
        if (self->model->passes > 1)
            qw_evidence_add (&self->evidence, self->words + sentences[i].first, self->labels + sentences[i].first,
                             sentences[i].end - sentences[i].first);
    }
    if (self->model->passes == 1)
        return self->labels;
    memset (self->second, QW_LABEL_OUTSIDE, count);
    for (size_t i = 0; i < layers->sentence_count; i++) {
        const qw_run_t *runs = runs_of (self, i, &found);
        score_again (self, sentences[i], runs, found, plain);
        decode (self, 1, sentences[i], runs, found, self->second, plain);
    }
    return self->second;
}
