#include "workers/entities/viterbi.h"

#include <stdlib.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "proto/memory.h"

/* Half of the labels at a time: eight lanes are what every 64-bit machine has. */
typedef int16_t lanes_t __attribute__ ((vector_size (16)));
enum { LANES = 8, CHAINS = 4 /* of maxima that do not wait for each other */ };
_Static_assert (QW_LABELS == 2 * LANES, "two halves");

void qw_viterbi_free (qw_viterbi_t *self)
{
    free (self->best);
    *self = (qw_viterbi_t) {NULL, 0};
}

static int16_t within (int16_t value, int16_t limit)
{
    return value > limit ? limit : value < -limit ? (int16_t) -limit : value;
}

void qw_viterbi_transitions (const int16_t model[QW_LABELS][QW_LABELS], qw_transitions_t *ready)
{
    for (int j = 0; j < QW_LABELS; j++)
        for (int i = 0; i < QW_LABELS; i++)
            ready->from[j][i] = ready->to[i][j] = qw_label_may_follow (j, i) ? within (model[j][i], QW_TRANSITION_LIMIT) : 2 * QW_SCORE_FLOOR;
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

static inline lanes_t at_most (lanes_t a, int16_t limit) { return lower_lanes (a, all_lanes (limit)); }
static inline lanes_t at_least (lanes_t a, int16_t limit) { return higher_lanes (a, all_lanes (limit)); }

static inline lanes_t load_lanes (const int16_t *from)
{
    lanes_t lanes;
    memcpy (&lanes, from, sizeof lanes);
    return lanes;
}

static inline int16_t highest_lane (lanes_t a)
{
    int16_t highest = INT16_MIN, lanes[LANES];
    memcpy (lanes, &a, sizeof lanes);
    for (int i = 0; i < LANES; i++)
        highest = higher (highest, lanes[i]);
    return highest;
}

static void advance_fast (const qw_scores_t transitions[QW_LABELS], const int16_t *before, const int16_t *scores, int16_t *now)
{
    lanes_t low[CHAINS], high[CHAINS]; /* labels 0 to 7, 8 to 15 */
    for (int j = 0; j < CHAINS; j++) {
        lanes_t from = all_lanes (before[j]);
        low[j] = from + load_lanes (transitions[j]);
        high[j] = from + load_lanes (transitions[j] + LANES);
    }
    /* Unrolled, the maxima stay in registers. */
#pragma GCC unroll 16
    for (int j = CHAINS; j < QW_LABELS; j++) {
        lanes_t from = all_lanes (before[j]);
        low[j % CHAINS] = higher_lanes (low[j % CHAINS], from + load_lanes (transitions[j]));
        high[j % CHAINS] = higher_lanes (high[j % CHAINS], from + load_lanes (transitions[j] + LANES));
    }
    lanes_t first = load_lanes (scores);
    first[0] = 0;
    low[0] = higher_lanes (higher_lanes (low[0], low[1]), higher_lanes (low[2], low[3]))
             + at_least (at_most (first, QW_SCORE_LIMIT), -QW_SCORE_LIMIT);
    high[0] = higher_lanes (higher_lanes (high[0], high[1]), higher_lanes (high[2], high[3]))
              + at_least (at_most (load_lanes (scores + LANES), QW_SCORE_LIMIT), -QW_SCORE_LIMIT);
    /* The floor before the difference, which might not fit. */
    int16_t highest = highest_lane (higher_lanes (low[0], high[0]));
    low[0] = at_least (low[0], (int16_t) (highest + QW_SCORE_FLOOR)) - all_lanes (highest);
    high[0] = at_least (high[0], (int16_t) (highest + QW_SCORE_FLOOR)) - all_lanes (highest);
    memcpy (now, &low[0], sizeof low[0]);
    memcpy (now + LANES, &high[0], sizeof high[0]);
}

/* The smallest label of those from which a label is reached best. */
static uint8_t origin (const qw_transitions_t *transitions, const int16_t *before, uint8_t label)
{
    int16_t best = INT16_MIN;
    uint8_t from = 0;
    for (int j = 0; j < QW_LABELS; j++) {
        int16_t score = (int16_t) (before[j] + transitions->to[label][j]);
        if (score > best) {
            best = score;
            from = (uint8_t) j;
        }
    }
    return from;
}

static uint8_t origin_fast (const qw_transitions_t *transitions, const int16_t *before, uint8_t label)
{
#ifdef __SSE2__
    lanes_t low = load_lanes (before) + load_lanes (transitions->to[label]);
    lanes_t high = load_lanes (before + LANES) + load_lanes (transitions->to[label] + LANES);
    lanes_t best = all_lanes (highest_lane (higher_lanes (low, high)));
    return (uint8_t) __builtin_ctz ((unsigned) _mm_movemask_epi8 (_mm_packs_epi16 ((__m128i) (low == best), (__m128i) (high == best))));
#else
    return origin (transitions, before, label);
#endif
}

void qw_viterbi_decode (qw_viterbi_t *self, const qw_transitions_t *transitions, const qw_scores_t *scores, size_t count, bool last,
                        uint8_t *labels, bool plain)
{
    static const qw_scores_t start = {0, QW_SCORE_FLOOR, QW_SCORE_FLOOR, QW_SCORE_FLOOR, QW_SCORE_FLOOR, QW_SCORE_FLOOR,
                                      QW_SCORE_FLOOR, QW_SCORE_FLOOR, QW_SCORE_FLOOR, QW_SCORE_FLOOR, QW_SCORE_FLOOR,
                                      QW_SCORE_FLOOR, QW_SCORE_FLOOR, QW_SCORE_FLOOR, QW_SCORE_FLOOR, QW_SCORE_FLOOR};
    if (count == 0)
        return;
    if (count > self->capacity) {
        free (self->best);
        self->capacity = count * 2;
        self->best = qw_must (malloc (self->capacity * sizeof *self->best));
    }
    for (size_t t = 0; t < count; t++)
        (plain ? advance : advance_fast) (transitions->from, t ? self->best[t - 1] : start, scores[t], self->best[t]);
    const int16_t *end = self->best[count - 1];
    uint8_t label = 0;
    if (last) {
        for (int i = 1; i < QW_LABELS; i++)
            if (end[i] > end[label])
                label = (uint8_t) i;
    } else
        label = (plain ? origin : origin_fast) (transitions, end, QW_LABEL_OUTSIDE);
    for (size_t t = count; t-- > 0;) {
        labels[t] = label;
        if (t > 0)
            label = (plain ? origin : origin_fast) (transitions, self->best[t - 1], label);
    }
}
