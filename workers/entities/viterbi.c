#include "workers/entities/viterbi.h"

#include <stdlib.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* Half of the labels at a time: eight lanes are what every 64-bit machine has. */
typedef int16_t lanes_t __attribute__ ((vector_size (16)));
enum { LANES = 8, HALVES = QW_LABELS / LANES, CHAINS = 4 /* of maxima that do not wait for each other */ };

void qw_viterbi_free (qw_viterbi_t *self)
{
    free (self->best);
    *self = (qw_viterbi_t) {NULL, 0};
}

static int16_t within (int16_t value, int16_t limit)
{
    return value > limit ? limit : value < -limit ? (int16_t) -limit : value;
}

void qw_viterbi_transitions (const int16_t model[QW_LABELS][QW_LABELS], qw_scores_t ready[QW_LABELS])
{
    for (int j = 0; j < QW_LABELS; j++)
        for (int i = 0; i < QW_LABELS; i++)
            ready[j][i] = qw_label_may_follow (j, i) ? within (model[j][i], QW_TRANSITION_LIMIT) : 2 * QW_SCORE_FLOOR;
}

static int16_t higher (int16_t a, int16_t b) { return a > b ? a : b; }

/* From the best scores up to one token to those up to the next. */
static void advance (const qw_scores_t transitions[QW_LABELS], const int16_t *before, const int16_t *scores, int16_t *now)
{
    int16_t top = INT16_MIN;
    for (int i = 0; i < QW_LABELS; i++) {
        int16_t best = INT16_MIN;
        for (int j = 0; j < QW_LABELS; j++)
            best = higher (best, (int16_t) (before[j] + transitions[j][i]));
        now[i] = (int16_t) (best + (i ? within (scores[i], QW_SCORE_LIMIT) : 0));
        top = higher (top, now[i]);
    }
    for (int i = 0; i < QW_LABELS; i++)
        now[i] = now[i] < top + QW_SCORE_FLOOR ? QW_SCORE_FLOOR : (int16_t) (now[i] - top);
}

static inline lanes_t higher_lanes (lanes_t a, lanes_t b)
{
#ifdef __SSE2__
    return (lanes_t) _mm_max_epi16 ((__m128i) a, (__m128i) b);
#else
    lanes_t larger = a > b;
    return (a & larger) | (b & ~larger);
#endif
}

static inline lanes_t lower_lanes (lanes_t a, lanes_t b)
{
    lanes_t smaller = a < b;
    return (a & smaller) | (b & ~smaller);
}

static inline lanes_t all_lanes (int16_t value) { return (lanes_t) {value, value, value, value, value, value, value, value}; }

static void advance_fast (const qw_scores_t transitions[QW_LABELS], const int16_t *before, const int16_t *scores, int16_t *now)
{
    lanes_t bests[CHAINS][HALVES], best[HALVES], ready[HALVES];
    for (int j = 0; j < QW_LABELS; j++) {
        lanes_t from = all_lanes (before[j]), row[HALVES];
        memcpy (row, transitions[j], sizeof row);
        for (int h = 0; h < HALVES; h++)
            bests[j % CHAINS][h] = j < CHAINS ? from + row[h] : higher_lanes (bests[j % CHAINS][h], from + row[h]);
    }
    for (int h = 0; h < HALVES; h++)
        best[h] = higher_lanes (higher_lanes (bests[0][h], bests[1][h]), higher_lanes (bests[2][h], bests[3][h]));
    memcpy (ready, scores, sizeof ready);
    ready[0][0] = 0;
    lanes_t top = all_lanes (INT16_MIN);
    for (int h = 0; h < HALVES; h++) {
        ready[h] = higher_lanes (lower_lanes (ready[h], all_lanes (QW_SCORE_LIMIT)), all_lanes (-QW_SCORE_LIMIT));
        best[h] += ready[h];
        top = higher_lanes (top, best[h]);
    }
    int16_t highest = INT16_MIN, lanes[LANES];
    memcpy (lanes, &top, sizeof lanes);
    for (int i = 0; i < LANES; i++)
        highest = higher (highest, lanes[i]);
    /* The floor before the difference, which might not fit. */
    for (int h = 0; h < HALVES; h++)
        best[h] = higher_lanes (best[h], all_lanes ((int16_t) (highest + QW_SCORE_FLOOR))) - all_lanes (highest);
    memcpy (now, best, sizeof best);
}

/* The smallest label of those from which a label is reached best. */
static uint8_t origin (const qw_scores_t transitions[QW_LABELS], const int16_t *before, uint8_t label)
{
    int16_t best = INT16_MIN;
    uint8_t from = 0;
    for (int j = 0; j < QW_LABELS; j++) {
        int16_t score = (int16_t) (before[j] + transitions[j][label]);
        if (score > best) {
            best = score;
            from = (uint8_t) j;
        }
    }
    return from;
}

void qw_viterbi_decode (qw_viterbi_t *self, const qw_scores_t transitions[QW_LABELS], const qw_scores_t *scores, size_t count,
                        uint8_t *labels, bool plain)
{
    /* Before the first token stands label 0. */
    static const qw_scores_t start = {0, QW_SCORE_FLOOR, QW_SCORE_FLOOR, QW_SCORE_FLOOR, QW_SCORE_FLOOR, QW_SCORE_FLOOR,
                                      QW_SCORE_FLOOR, QW_SCORE_FLOOR, QW_SCORE_FLOOR, QW_SCORE_FLOOR, QW_SCORE_FLOOR,
                                      QW_SCORE_FLOOR, QW_SCORE_FLOOR, QW_SCORE_FLOOR, QW_SCORE_FLOOR, QW_SCORE_FLOOR};
    if (count == 0)
        return;
    if (count > self->capacity) {
        free (self->best);
        self->capacity = count * 2;
        self->best = malloc (self->capacity * sizeof *self->best);
        if (!self->best)
            abort ();
    }
    for (size_t t = 0; t < count; t++)
        (plain ? advance : advance_fast) (transitions, t ? self->best[t - 1] : start, scores[t], self->best[t]);
    uint8_t label = 0;
    for (int i = 1; i < QW_LABELS; i++)
        if (self->best[count - 1][i] > self->best[count - 1][label])
            label = (uint8_t) i;
    for (size_t t = count; t-- > 0;) {
        labels[t] = label;
        if (t > 0)
            label = origin (transitions, self->best[t - 1], label);
    }
}
