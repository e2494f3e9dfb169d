#include "workers/tokens/glances.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/memory.h"
#include "workers/tokens/network.h"

enum { MARGIN = 75, STEP = 10, FEWEST = 10, LARGEST = 127 };

/* One in so many may be lost by not asking deeper. */
enum { HOPELESS_LOST = 5, CERTAIN_LOST = 20};

/* Scales the averages so that all but 1 of 500 fit a byte, and cuts these. */
static void to_bytes (const int64_t *averages, int8_t *weights)
{
    static uint32_t histogram[1 << 16];
    enum { TOP = (1 << 16) - 1 };
    memset (histogram, 0, sizeof histogram);
    size_t used = 0, above = 0;
    for (uint32_t i = 0; i < QW_GAP_GLANCE_ROWS; i++) {
        int64_t size = averages[i] < 0 ? -averages[i] : averages[i];
        used += size != 0;
        histogram[size < TOP ? size : TOP]++;
    }
    int64_t largest = TOP;
    while (largest > 1 && (above + histogram[largest]) * 500 <= used)
        above += histogram[largest--];
    for (uint32_t i = 0; i < QW_GAP_GLANCE_ROWS; i++) {
        int64_t scaled = (averages[i] * LARGEST * 2 + (averages[i] < 0 ? -largest : largest)) / (largest * 2);
        weights[i] = (int8_t) (scaled > LARGEST ? LARGEST : scaled < -LARGEST ? -LARGEST : scaled);
    }
}

typedef struct {
    uint32_t seen[QW_GAP_GLANCE_ROWS];
    int32_t weights[QW_GAP_GLANCE_ROWS];
    int64_t late[QW_GAP_GLANCE_ROWS]; /* changes times the steps at which they were made */
    int64_t step;
} perceptron_t;

static void learn_from (perceptron_t *self, const qw_gap_example_t *example)
{
    const uint32_t *rows = example->glance;
    int32_t sum = 0, sign = example->ends ? 1 : -1;
    for (int i = 0; i < QW_GAP_GLANCE_FEATURES; i++)
        sum += self->weights[rows[i]];
    self->step++;
    if (sum * sign > MARGIN)
        return;
    for (int i = 0; i < QW_GAP_GLANCE_FEATURES; i++)
        if (self->seen[rows[i]] >= FEWEST) {
            self->weights[rows[i]] += sign * STEP;
            self->late[rows[i]] += self->step * sign * STEP;
        }
}

static void learn (perceptron_t *self, const qw_gap_example_t *examples, size_t count, int epochs)
{
    for (size_t i = 0; i < count; i++)
        for (int j = 0; j < QW_GAP_GLANCE_FEATURES; j++)
            self->seen[examples[i].glance[j]]++;
    for (int epoch = 0; epoch < epochs; epoch++)
        for (size_t i = 0; i < count; i++)
            learn_from (self, &examples[i]);
    for (uint32_t i = 0; i < QW_GAP_GLANCE_ROWS; i++) /* average of a weight = weight - late / step */
        self->late[i] = ((int64_t) self->weights[i] * self->step - self->late[i]) * 16 / self->step;
}

/* A sum of an example, and what the whole model says of it. */
typedef struct {
    int32_t sum;
    bool end;
} opinion_t;

static int by_sum (const void *a, const void *b)
{
    int32_t x = ((const opinion_t *) a)->sum, y = ((const opinion_t *) b)->sum;
    return (x > y) - (x < y);
}

/* The highest sum such that no more than 1 in `lost` of the ends have it or a lower one. */
static int32_t lowest_of_ends (const opinion_t *opinions, size_t count, size_t lost)
{
    size_t ends = 0, i = 0;
    for (size_t j = 0; j < count; j++)
        ends += opinions[j].end;
    for (size_t below = 0; i < count; i++)
        if (opinions[i].end && ++below * lost > ends)
            break;
    return i < count ? opinions[i].sum - 1 : INT32_MIN;
}

/* The lowest sum such that no more than 1 in `lost` of the others have a higher one. */
static int32_t highest_of_others (const opinion_t *opinions, size_t count, size_t lost, size_t others)
{
    size_t i = count;
    for (size_t above = 0; i > 0; i--)
        if (!opinions[i - 1].end && ++above * lost > others)
            break;
    return i > 0 ? opinions[i - 1].sum : INT32_MAX;
}

static void report (const char *what, int32_t low, int32_t high, const opinion_t *opinions, size_t count)
{
    size_t settled = 0, wrong = 0;
    for (size_t i = 0; i < count; i++)
        if (opinions[i].sum <= low || opinions[i].sum > high) {
            settled++;
            wrong += opinions[i].end != (opinions[i].sum > high);
        }
    printf ("%s: %zu of %zu settled, %zu of them otherwise than by the whole\n", what, settled, count, wrong);
}

void qw_gap_learn_glances (qw_gap_model_t *model, const qw_gap_example_t *examples, size_t count, int epochs)
{
    perceptron_t *perceptron = qw_must (calloc (1, sizeof *perceptron));
    learn (perceptron, examples, count, epochs);
    to_bytes (perceptron->late, model->glances);
    free (perceptron);
    opinion_t *unmarked = qw_must (calloc (count, sizeof *unmarked)), *stops = qw_must (calloc (count, sizeof *stops));
    size_t unmarked_count = 0, stop_count = 0, others = 0;
    for (size_t i = 0; i < count; i++) {
        const qw_gap_example_t *example = &examples[i];
        if (example->running)
            continue;
        int32_t glance = 0;
        int32_t threshold = qw_end_is_mark ((qw_end_kind_t) example->kind) ? model->marked : model->unmarked;
        bool end = qw_gap_linear_sum (model, example->rows) + qw_gap_network_sum (model, &example->sight) > threshold;
        for (int j = 0; j < QW_GAP_GLANCE_FEATURES; j++)
            glance += model->glances[example->glance[j]];
        if (example->kind == QW_END_NONE)
            unmarked[unmarked_count++] = (opinion_t){glance, end && example->ends};
        else if (example->kind == QW_END_STOP) {
            stops[stop_count++] = (opinion_t){glance, end && example->ends};
            others += !(end && example->ends);
        }
    }
    qsort (unmarked, unmarked_count, sizeof *unmarked, by_sum);
    qsort (stops, stop_count, sizeof *stops, by_sum);
    model->hopeless = lowest_of_ends (unmarked, unmarked_count, HOPELESS_LOST);
    model->certain = highest_of_others (stops, stop_count, CERTAIN_LOST, others);
    report ("glances without a mark", model->hopeless, INT32_MAX, unmarked, unmarked_count);
    report ("glances at full stops", INT32_MIN, model->certain, stops, stop_count);
    free (unmarked);
    free (stops);
}
