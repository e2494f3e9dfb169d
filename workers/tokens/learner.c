#include "workers/tokens/learner.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/memory.h"
#include "workers/tokens/glances.h"
#include "workers/tokens/network.h"

enum { BATCH = 16, AVERAGED_EVERY = 1024, LARGEST_BYTE = 127, SURE = 2 << QW_GAP_UNIT_BITS };

static const float RATE_TOUCHED = 0.05f, RATE_LINEAR = 0.1f, RATE_DENSE = 0.001f, DECAY = 1e-6f, LEAST_GRADIENT = 0.002f;

typedef struct {
    float vectors[QW_GAP_VECTORS][QW_GAP_SIZE];
    float weights[QW_GAP_WINDOW][QW_GAP_SIZE][QW_GAP_HIDDEN];
    float contexts[QW_GAP_CONTEXTS][QW_GAP_CONTEXT_VALUES][QW_GAP_HIDDEN];
    float biases[QW_GAP_HIDDEN], outputs[QW_GAP_HIDDEN];
    float rows[QW_GAP_LINEAR_ROWS];
    float bias;
} weights_t;

enum { WEIGHT_COUNT = sizeof (weights_t) / sizeof (float) };

typedef struct {
    weights_t now;
    double average[WEIGHT_COUNT];
    uint64_t averaged;
    /* Sums of squared gradients; one for a whole vector. */
    float of_vectors[QW_GAP_VECTORS], of_contexts[QW_GAP_CONTEXTS][QW_GAP_CONTEXT_VALUES][QW_GAP_HIDDEN];
    float of_biases[QW_GAP_HIDDEN], of_outputs[QW_GAP_HIDDEN], of_rows[QW_GAP_LINEAR_ROWS], of_bias;
    /* Adam's moments of the dense weights, and the gradient of the batch. */
    float first[QW_GAP_WINDOW][QW_GAP_SIZE][QW_GAP_HIDDEN], second[QW_GAP_WINDOW][QW_GAP_SIZE][QW_GAP_HIDDEN];
    float gradient[QW_GAP_WINDOW][QW_GAP_SIZE][QW_GAP_HIDDEN];
    double first_left, second_left; /* 0.9^steps, 0.999^steps */
    uint32_t batch;
    float rate; /* falls from 1 */
    uint64_t random;

    /* Of the example at hand: */
    float window[QW_GAP_WINDOW][QW_GAP_SIZE], hidden[QW_GAP_HIDDEN];
} learner_t;

static uint32_t next_random (uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return (uint32_t) (*state * 0x2545f4914f6cdd1du >> 32);
}

/* About normal, with the deviation given: the sum of twelve. */
static float normal (uint64_t *state, float deviation)
{
    float sum = -6;
    for (int i = 0; i < 12; i++)
        sum += (float) (next_random (state) >> 8) / (1 << 24);
    return sum * deviation;
}

static void fill_normal (learner_t *self, float *values, size_t count, float deviation)
{
    for (size_t i = 0; i < count; i++)
        values[i] = normal (&self->random, deviation);
}

static void fill (float *values, size_t count, float value)
{
    for (size_t i = 0; i < count; i++)
        values[i] = value;
}

static learner_t *learner_new (uint64_t seed)
{
    learner_t *self = qw_must (calloc (1, sizeof *self));
    self->random = 0x9e3779b97f4a7c15u * seed;
    fill_normal (self, &self->now.vectors[0][0], (size_t) QW_GAP_SHAPES * QW_GAP_SIZE, 0.3f);
    fill_normal (self, &self->now.vectors[QW_GAP_SHAPES][0], (size_t) (QW_GAP_VECTORS - QW_GAP_SHAPES) * QW_GAP_SIZE, 0.1f);
    fill_normal (self, &self->now.weights[0][0][0], (size_t) QW_GAP_WINDOW * QW_GAP_SIZE * QW_GAP_HIDDEN, 0.07f);
    fill_normal (self, self->now.outputs, QW_GAP_HIDDEN, 0.15f);
    fill (self->of_vectors, QW_GAP_VECTORS, 0.1f);
    fill (&self->of_contexts[0][0][0], (size_t) QW_GAP_CONTEXTS * QW_GAP_CONTEXT_VALUES * QW_GAP_HIDDEN, 0.1f);
    fill (self->of_biases, QW_GAP_HIDDEN, 0.1f);
    fill (self->of_outputs, QW_GAP_HIDDEN, 0.1f);
    fill (self->of_rows, QW_GAP_LINEAR_ROWS, 0.1f);
    self->of_bias = 0.1f;
    self->first_left = self->second_left = 1;
    return self;
}

/* e^x with the same bits on every machine. */
static float exponential (float x)
{
    if (x < -40)
        return 0;
    double halves = x > 40 ? 40 : x, term = 1, sum = 1;
    int doublings = 0;
    for (; halves > 0.25 || halves < -0.25; doublings++)
        halves /= 2;
    for (int i = 1; i < 12; i++)
        sum += term *= halves / i;
    while (doublings-- > 0)
        sum *= sum;
    return (float) sum;
}

/* The logarithm of the odds of an end. */
static float run_forward (learner_t *self, const qw_gap_example_t *example)
{
    const weights_t *now = &self->now;
    memcpy (self->hidden, now->biases, sizeof self->hidden);
    for (int i = 0; i < QW_GAP_WINDOW; i++) {
        const uint16_t *rows = example->sight.vectors[i];
        for (int j = 0; j < QW_GAP_SIZE; j++) {
            float value = now->vectors[rows[0]][j] + now->vectors[rows[1]][j] + now->vectors[rows[2]][j]
                          + now->vectors[rows[3]][j];
            self->window[i][j] = value;
            for (int unit = 0; unit < QW_GAP_HIDDEN; unit++)
                self->hidden[unit] += value * now->weights[i][j][unit];
        }
    }
    for (int i = 0; i < QW_GAP_CONTEXTS; i++)
        for (int unit = 0; unit < QW_GAP_HIDDEN; unit++)
            self->hidden[unit] += now->contexts[i][example->sight.contexts[i]][unit];
    float sum = now->bias;
    for (int unit = 0; unit < QW_GAP_HIDDEN; unit++) {
        if (self->hidden[unit] < 0)
            self->hidden[unit] = 0;
        sum += self->hidden[unit] * now->outputs[unit];
    }
    for (int i = 0; i < QW_GAP_LINEAR_FEATURES; i++)
        sum += now->rows[example->rows[i]];
    return sum;
}

static inline void take_step (float *weight, float *squares, float gradient, float rate)
{
    *squares += gradient * gradient;
    *weight -= rate * gradient / sqrtf (*squares);
}

/* A step of Adam, after each batch. */
static void step_dense (learner_t *self)
{
    self->first_left *= 0.9;
    self->second_left *= 0.999;
    float first_scale = (float) (1 / (1 - self->first_left)), second_scale = (float) (1 / (1 - self->second_left));
    float *weight = &self->now.weights[0][0][0], *first = &self->first[0][0][0], *second = &self->second[0][0][0];
    float *gradient = &self->gradient[0][0][0], rate = RATE_DENSE * self->rate;
    for (int i = 0; i < QW_GAP_WINDOW * QW_GAP_SIZE * QW_GAP_HIDDEN; i++) {
        float slope = gradient[i] / BATCH;
        first[i] = 0.9f * first[i] + 0.1f * slope;
        second[i] = 0.999f * second[i] + 0.001f * slope * slope;
        weight[i] -= rate * first[i] * first_scale / (sqrtf (second[i] * second_scale) + 1e-8f);
        gradient[i] = 0;
    }
    self->batch = 0;
}

/* The gradient with regard to the vectors of the window's token `i`; adds to that of the dense weights. */
static void push_back_token (learner_t *self, int i, const float slopes[QW_GAP_HIDDEN], float out[QW_GAP_SIZE])
{
    enum { LANES = 8 }; /* sums in a fixed order that still go side by side */
    for (int j = 0; j < QW_GAP_SIZE; j++) {
        float sums[LANES] = {0}, value = self->window[i][j];
        const float *weights = self->now.weights[i][j];
        float *gradient = self->gradient[i][j];
        for (int unit = 0; unit < QW_GAP_HIDDEN; unit += LANES)
            for (int lane = 0; lane < LANES; lane++)
                sums[lane] += weights[unit + lane] * slopes[unit + lane];
        for (int unit = 0; unit < QW_GAP_HIDDEN; unit++)
            gradient[unit] += value * slopes[unit];
        out[j] = ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
    }
}

static void run_backward (learner_t *self, const qw_gap_example_t *example, float slope)
{
    weights_t *now = &self->now;
    float touched = RATE_TOUCHED * self->rate, linear = RATE_LINEAR * self->rate, slopes[QW_GAP_HIDDEN];
    for (int i = 0; i < QW_GAP_LINEAR_FEATURES; i++) {
        uint32_t row = example->rows[i];
        take_step (&now->rows[row], &self->of_rows[row], slope + DECAY * now->rows[row], linear);
    }
    take_step (&now->bias, &self->of_bias, slope, touched);
    for (int unit = 0; unit < QW_GAP_HIDDEN; unit++)
        slopes[unit] = self->hidden[unit] > 0 ? slope * now->outputs[unit] : 0;
    for (int unit = 0; unit < QW_GAP_HIDDEN; unit++) {
        take_step (&now->outputs[unit], &self->of_outputs[unit], slope * self->hidden[unit], touched);
        take_step (&now->biases[unit], &self->of_biases[unit], slopes[unit], touched);
    }
    for (int i = 0; i < QW_GAP_CONTEXTS; i++) {
        uint8_t value = example->sight.contexts[i];
        for (int unit = 0; unit < QW_GAP_HIDDEN; unit++)
            take_step (&now->contexts[i][value][unit], &self->of_contexts[i][value][unit], slopes[unit], touched);
    }
    for (int i = 0; i < QW_GAP_WINDOW; i++) {
        float gradient[QW_GAP_SIZE], squares = 0;
        push_back_token (self, i, slopes, gradient);
        for (int j = 0; j < QW_GAP_SIZE; j++)
            squares += gradient[j] * gradient[j];
        for (int table = 0; table < QW_GAP_TABLES; table++) {
            uint16_t row = example->sight.vectors[i][table];
            self->of_vectors[row] += squares / QW_GAP_SIZE;
            float step = touched / sqrtf (self->of_vectors[row]);
            for (int j = 0; j < QW_GAP_SIZE; j++)
                now->vectors[row][j] -= step * gradient[j];
        }
    }
    if (++self->batch == BATCH)
        step_dense (self);
}

static void add_to_average (learner_t *self)
{
    const float *now = (const float *) &self->now;
    for (size_t i = 0; i < WEIGHT_COUNT; i++)
        self->average[i] += (double) now[i];
    self->averaged++;
}

static void take_average (learner_t *self)
{
    float *now = (float *) &self->now;
    for (size_t i = 0; i < WEIGHT_COUNT && self->averaged; i++)
        now[i] = (float) (self->average[i] / (double) self->averaged);
}

/* Fisher and Yates. */
static void shuffle (learner_t *self, const qw_gap_example_t **order, size_t count)
{
    for (size_t i = count; i > 1; i--) {
        size_t j = next_random (&self->random) % i;
        const qw_gap_example_t *example = order[i - 1];
        order[i - 1] = order[j];
        order[j] = example;
    }
}

static void learn (learner_t *self, const qw_gap_example_t *examples, size_t count, int epochs)
{
    const qw_gap_example_t **order = qw_must (malloc (count * sizeof *order));
    size_t used = 0;
    for (size_t i = 0; i < count; i++)
        if (!examples[i].running)
            order[used++] = &examples[i];
    count = used;
    for (int epoch = 0; epoch < epochs; epoch++) {
        shuffle (self, order, count);
        self->rate = 1 - (float) epoch / (float) epochs;
        size_t wrong = 0;
        for (size_t i = 0; i < count; i++) {
            float sum = run_forward (self, order[i]), slope = 1 / (1 + exponential (-sum)) - (order[i]->ends ? 1 : 0);
            wrong += slope > 0.5f || slope < -0.5f;
            if (slope > LEAST_GRADIENT || slope < -LEAST_GRADIENT)
                run_backward (self, order[i], slope);
            if (epoch >= epochs / 2 && i % AVERAGED_EVERY == AVERAGED_EVERY - 1)
                add_to_average (self);
        }
        printf ("epoch %d: %zu of %zu wrong\n", epoch + 1, wrong, count);
    }
    take_average (self);
    free (order);
}

/* ---- rounding ------------------------------------------------------------------------------------------------------- */

static int32_t rounded (float value, float scale, int32_t largest)
{
    float scaled = value * scale;
    if (scaled >= (float) largest)
        return largest;
    if (scaled <= (float) -largest)
        return -largest;
    return (int32_t) (scaled < 0 ? scaled - 0.5f : scaled + 0.5f);
}

/* A power of two that all but 1 of `rare` of the values that are not 0 do not exceed. */
static float usual_size (const float *values, size_t count, size_t rare)
{
    float size = 64;
    for (float smaller = size; smaller > 1e-4f; smaller /= 2) {
        size_t above = 0, used = 0;
        for (size_t i = 0; i < count; i++) {
            float value = values[i] < 0 ? -values[i] : values[i];
            used += value > 0;
            above += value > smaller;
        }
        if (above * rare > used)
            break;
        size = smaller;
    }
    return size;
}

static void round_network (const weights_t *now, qw_gap_network_t *network)
{
    const float unit = 1 << QW_GAP_UNIT_BITS;
    float usual = usual_size (&now->vectors[0][0], (size_t) QW_GAP_VECTORS * QW_GAP_SIZE, 1000);
    for (network->shift = 0; network->shift < QW_GAP_UNIT_BITS && usual * (float) (2 << network->shift) <= LARGEST_BYTE + 1;)
        network->shift++;
    for (size_t i = 0; i < QW_GAP_VECTORS; i++)
        for (size_t j = 0; j < QW_GAP_SIZE; j++)
            network->vectors[i][j] = (int8_t) rounded (now->vectors[i][j], (float) (1 << network->shift), LARGEST_BYTE);
    for (size_t hidden = 0; hidden < QW_GAP_HIDDEN; hidden++) {
        for (size_t i = 0; i < QW_GAP_WINDOW; i++)
            for (size_t j = 0; j < QW_GAP_SIZE; j++) /* 4 tables * 127 * 448 inputs * 8191 stays below 2^31 */
                network->weights[hidden][i][j] = (int16_t) rounded (now->weights[i][j][hidden], unit, 8191);
        for (size_t i = 0; i < QW_GAP_CONTEXTS; i++)
            for (size_t value = 0; value < QW_GAP_CONTEXT_VALUES; value++)
                network->contexts[i][value][hidden] = (int16_t) rounded (now->contexts[i][value][hidden], unit, INT16_MAX);
        network->biases[hidden] = (int16_t) rounded (now->biases[hidden], unit, INT16_MAX);
        network->outputs[hidden] = (int16_t) rounded (now->outputs[hidden], unit, INT16_MAX);
    }
}

static void round_linear (const float rows[QW_GAP_LINEAR_ROWS], float bias, qw_gap_model_t *model)
{
    const float unit = 1 << QW_GAP_UNIT_BITS, scale = LARGEST_BYTE / usual_size (rows, QW_GAP_LINEAR_ROWS, 500);
    for (size_t i = 0; i < QW_GAP_LINEAR_ROWS; i++)
        model->rows[i] = (int8_t) rounded (rows[i], scale, LARGEST_BYTE);
    model->linear = (int32_t) (unit * 65536 / scale + 0.5f);
    model->bias = rounded (bias, unit, INT32_MAX / 2);
    model->sure = SURE;
}

/* Examples that stood together in a text shall not follow each other. */
static void mix_up (qw_gap_example_t *examples, size_t count)
{
    uint64_t random = 88172645463325252u;
    for (size_t i = count; i > 1; i--) {
        size_t j = next_random (&random) % i;
        qw_gap_example_t example = examples[i - 1];
        examples[i - 1] = examples[j];
        examples[j] = example;
    }
}

void qw_gap_learn (qw_gap_model_t *model, qw_gap_example_t *examples, size_t count, int epochs)
{
    float *rows = qw_must (calloc (QW_GAP_LINEAR_ROWS, sizeof *rows)), bias = 0;
    mix_up (examples, count);
    for (int network = 0; network < QW_GAP_NETWORKS; network++) {
        learner_t *self = learner_new ((uint64_t) network + 1);
        learn (self, examples, count, epochs);
        for (size_t i = 0; i < QW_GAP_LINEAR_ROWS; i++)
            rows[i] += self->now.rows[i] / QW_GAP_NETWORKS;
        bias += self->now.bias / QW_GAP_NETWORKS;
        round_network (&self->now, &model->networks[network]);
        free (self);
    }
    round_linear (rows, bias, model);
    free (rows);
    qw_gap_learn_glances (model, examples, count, 4 * epochs);
}
