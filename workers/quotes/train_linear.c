/*  Log-linear models by stochastic gradient descent with per-weight rates (Duchi, Hazan and Singer, 2011), one sample
   at a time, in a fixed order: the same samples give the same weights. */
#include "workers/quotes/train_linear.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *need (void *memory)
{
    if (!memory)
        abort ();
    return memory;
}

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

static const double rate = 0.02, decay = 2e-6;

static void update (linear_t *self, size_t at, double gradient)
{
    gradient += decay * self->weights[at];
    self->squares[at] += gradient * gradient;
    self->weights[at] -= rate * gradient / sqrt (self->squares[at] + 1e-6);
}

/* Takes the weights as they are after an epoch into their mean, once the first half of the epochs is over. */
static void remember (linear_t *self, int epoch, int epochs)
{
    if (epoch < epochs / 2)
        return;
    for (size_t i = 0; i < self->size; i++)
        self->mean[i] += self->weights[i] / (epochs - epochs / 2);
}

static void round_weights (const linear_t *self, int8_t *to)
{
    for (size_t i = 0; i < self->size; i++)
        to[i] = (int8_t) lrint (fmax (-127, fmin (127, self->mean[i] * QW_QUOTES_SCALE)));
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
static void shuffle (qw_numbers_t *offsets, uint64_t state)
{
    for (size_t i = offsets->count; i > 1; i--) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        size_t j = (size_t) ((state >> 33) % i);
        uint32_t other = offsets->items[j];
        offsets->items[j] = offsets->items[i - 1];
        offsets->items[i - 1] = other;
    }
}

static void train_cues (qw_quotes_model_t *model, const qw_numbers_t *samples, int epochs)
{
    linear_t linear = linear_new (((size_t) 1 << CUE_BITS) * SIDE_COUNT);
    qw_numbers_t offsets = {0};
    for (size_t at = 0; at < samples->count; at += 2 + samples->items[at + 1])
        qw_numbers_push (&offsets, (uint32_t) at);
    for (int epoch = 0; epoch < epochs; epoch++) {
        double likelihood = 0;
        shuffle (&offsets, 1 + (uint64_t) epoch);
        for (size_t i = 0; i < offsets.count; i++) {
            const uint32_t *sample = samples->items + offsets.items[i];
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
        remember (&linear, epoch, epochs);
        printf ("cues: epoch %d, %.4f a sample of %zu\n", epoch + 1, likelihood / (double) offsets.count,
                offsets.count);
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
static size_t content_end (const uint32_t *items, size_t at)
{
    uint32_t lists = items[at] + items[at + 1], pairs = items[at + 2];
    at += 5;
    for (uint32_t i = 0; i < lists; i++)
        at += 1 + items[at];
    for (uint32_t i = 0; i < pairs; i++)
        at += 3 + items[at + 2];
    return at;
}

static void train_contents (qw_quotes_model_t *model, const qw_numbers_t *samples, int epochs)
{
    linear_t start = linear_new ((size_t) 1 << START_BITS), end = linear_new ((size_t) 1 << END_BITS);
    qw_numbers_t offsets = {0};
    for (size_t at = 0; at < samples->count; at = content_end (samples->items, at))
        qw_numbers_push (&offsets, (uint32_t) at);
    for (int epoch = 0; epoch < epochs; epoch++) {
        double likelihood = 0;
        shuffle (&offsets, 100 + (uint64_t) epoch);
        for (size_t i = 0; i < offsets.count; i++)
            likelihood += learn_content (samples->items + offsets.items[i], &start, &end);
        remember (&start, epoch, epochs);
        remember (&end, epoch, epochs);
        printf ("contents: epoch %d, %.4f a sample of %zu\n", epoch + 1, likelihood / (double) offsets.count,
                offsets.count);
    }
    round_weights (&start, model->start);
    round_weights (&end, model->end);
    linear_free (&start);
    linear_free (&end);
    free (offsets.items);
}

static void train_sources (qw_quotes_model_t *model, const qw_numbers_t *samples, int epochs)
{
    linear_t linear = linear_new ((size_t) 1 << SOURCE_BITS);
    qw_numbers_t offsets = {0};
    for (size_t at = 0; at < samples->count;) {
        qw_numbers_push (&offsets, (uint32_t) at);
        uint32_t options = samples->items[at];
        at += 2;
        for (uint32_t i = 0; i < options; i++)
            at += 1 + samples->items[at];
    }
    for (int epoch = 0; epoch < epochs; epoch++) {
        double likelihood = 0;
        size_t correct = 0;
        shuffle (&offsets, 200 + (uint64_t) epoch);
        for (size_t i = 0; i < offsets.count; i++) {
            const uint32_t *sample = samples->items + offsets.items[i], *at = sample + 2;
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
        remember (&linear, epoch, epochs);
        printf ("sources: epoch %d, %.4f a sample of %zu, %.2f %% right\n", epoch + 1,
                likelihood / (double) offsets.count, offsets.count, 100.0 * (double) correct / (double) offsets.count);
    }
    round_weights (&linear, model->source);
    linear_free (&linear);
    free (offsets.items);
}

static void train_marked (qw_quotes_model_t *model, const qw_numbers_t *samples, int epochs)
{
    linear_t linear = linear_new ((size_t) 1 << MARKED_BITS);
    qw_numbers_t offsets = {0};
    for (size_t at = 0; at < samples->count; at += 2 + samples->items[at + 1])
        qw_numbers_push (&offsets, (uint32_t) at);
    for (int epoch = 0; epoch < epochs; epoch++) {
        double likelihood = 0;
        shuffle (&offsets, 300 + (uint64_t) epoch);
        for (size_t i = 0; i < offsets.count; i++) {
            const uint32_t *sample = samples->items + offsets.items[i];
            double scores[2] = {0, 0};
            add_scores (sample + 1, &linear, MARKED_BITS, &scores[1]);
            likelihood += soften (scores, 2, sample[0]);
            spread (sample + 1, &linear, MARKED_BITS, scores[1] - (sample[0] ? 1 : 0));
        }
        remember (&linear, epoch, epochs);
        printf ("marked: epoch %d, %.4f a sample of %zu\n", epoch + 1, likelihood / (double) offsets.count,
                offsets.count);
    }
    round_weights (&linear, model->marked);
    linear_free (&linear);
    free (offsets.items);
}

void qw_linear_train (qw_quotes_model_t *model, const qw_samples_t *samples)
{
    train_cues (model, &samples->cues, 32);
    train_contents (model, &samples->contents, 24);
    train_sources (model, &samples->sources, 24);
    train_marked (model, &samples->marked, 10);
}
