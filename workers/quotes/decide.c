#include "workers/quotes/decide.h"

static inline int32_t sum (const int8_t *weights, int bits, const uint32_t *features, size_t count)
{
    int32_t total = 0;
#pragma GCC unroll 6
    for (size_t i = 0; i < count; i++)
        total += weights[features[i] >> (32 - bits)];
    return total;
}

static void fetch (const int8_t *weights, int bits, const uint32_t *features, size_t count)
{
#pragma GCC unroll 6
    for (size_t i = 0; i < count; i++)
        __builtin_prefetch (&weights[features[i] >> (32 - bits)]);
}

enum { AHEAD = 4 }; /* so many candidates' weights are on their way at once */

/* "..., said the head of the port." - behind the comma and the verb there is somebody, but no verb any more. */
static bool is_inverted (const qw_segment_t *segment, uint32_t at)
{
    const qw_unit_t *u = &segment->units[at], *next = u + 1;
    if ((u->hash != QW_WORD_SAID && u->hash != QW_WORD_SAYS) || (u - 1)->kind != KIND_COMMA || u->finite_before == 0
        || u->mark_right != QW_NO_UNIT || segment->units[segment->count].finite_before > next->finite_before)
        return false;
    return next->tag == TAG_DT || next->tag == TAG_JJ || next->tag == TAG_PRPS || qw_tag_is_nominal (next->tag);
}

/* "The road would open before the snow, Daniel Moyo promised." - a cue with which the sentence ends, its subject right
 * before it and a comma before that. */
static bool is_last (const qw_segment_t *segment, uint32_t at)
{
    const qw_unit_t *u = &segment->units[at], *first = &segment->units[0];
    if (u->cue < 4 || !qw_tag_is_finite (u->tag) || at < 4 || at + 2 < segment->count
        || (at + 1 < segment->count && (u + 1)->kind != KIND_STOP) || first->tag == TAG_IN || first->tag == TAG_WH)
        return false;
    uint32_t comma = at - 1;
    while (comma > 0 && at - comma < 6 && segment->units[comma].kind == KIND_WORD
           && !qw_tag_is_finite (segment->units[comma].tag))
        comma--;
    const qw_unit_t *subject = u - 1, *limit = &segment->units[comma];
    return limit < subject && limit->kind == KIND_COMMA && limit->finite_before > 0
           && (qw_tag_is_nominal (subject->tag) || subject->tag == TAG_PRP);
}

static uint8_t side_of (const qw_quotes_model_t *model, const qw_segment_t *segment, uint32_t at,
                        const uint32_t *features, size_t count)
{
    int32_t sums[SIDE_COUNT] = {0};
    for (size_t i = 0; i < count; i++) {
        const int8_t *row = model->cue[features[i] >> (32 - CUE_BITS)];
        for (int side = 0; side < SIDE_COUNT; side++)
            sums[side] += row[side];
    }
    uint8_t best = SIDE_RIGHT;
    for (uint8_t side = SIDE_RIGHT; side < SIDE_COUNT; side++)
        if (sums[side] > sums[best])
            best = side;
    int32_t lead = sums[best] - sums[SIDE_NONE];
    const qw_unit_t *unit = &segment->units[at];
    bool doubtful = unit->belief && (unit + 1)->hash != QW_WORD_THAT; /* "believes that" is no two things */
    if (lead <= (doubtful ? model->belief_threshold : model->cue_threshold))
        return !unit->belief && is_last (segment, at) ? SIDE_LEFT : SIDE_NONE;
    return best != SIDE_LEFT && is_inverted (segment, at) ? SIDE_LEFT : best;
}

void qw_decide_cues (const qw_quotes_model_t *model, qw_segment_t *segment)
{
    /* the weights of some cues are on their way while the features of the next ones are made */
    uint32_t block[AHEAD][CUE_FEATURES], places[AHEAD];
    size_t counts[AHEAD], found = 0, done = 0;
    for (uint32_t at = 0; at <= segment->count; at++) {
        if (at < segment->count && !qw_may_be_cue (&segment->units[at]))
            continue;
        for (; done < found && (at == segment->count || found - done == AHEAD); done++)
            segment->units[places[done % AHEAD]].side =
                side_of (model, segment, places[done % AHEAD], block[done % AHEAD], counts[done % AHEAD]);
        if (at == segment->count)
            break;
        size_t turn = found++ % AHEAD;
        places[turn] = at;
        counts[turn] = qw_cue_features (segment, at, block[turn]);
        for (size_t i = 0; i < counts[turn]; i++)
            __builtin_prefetch (model->cue[block[turn][i] >> (32 - CUE_BITS)]);
    }
}

enum { KEPT = 3 };

typedef struct {
    int32_t score;
    uint32_t at;
} scored_t;

/* Keeps the KEPT best, best first; of equal ones the first met. */
static void keep (scored_t *best, size_t *count, int32_t score, uint32_t at)
{
    size_t place = *count;
    while (place > 0 && best[place - 1].score < score)
        place--;
    if (place >= KEPT)
        return;
    if (*count < KEPT)
        ++*count;
    for (size_t i = *count - 1; i > place; i--)
        best[i] = best[i - 1];
    best[place] = (scored_t){score, at};
}

typedef size_t features_fn (const qw_segment_t *segment, uint32_t cue, int side, uint32_t at, uint32_t *features);

/* The best of the candidates for a border of the content, at most KEPT; returns how many. */
static inline size_t best_of (const int8_t *weights, int bits, features_fn *features, const qw_segment_t *segment, uint32_t cue,
                              int side, const uint32_t *candidates, size_t candidate_count, scored_t *best)
{
    uint32_t block[AHEAD][END_FEATURES];
    size_t counts[AHEAD], kept = 0;
    for (size_t i = 0; i < candidate_count + AHEAD - 1; i++) {
        size_t turn = i % AHEAD;
        if (i < candidate_count) {
            counts[turn] = features (segment, cue, side, candidates[i], block[turn]);
            fetch (weights, bits, block[turn], counts[turn]);
        }
        if (i < AHEAD - 1)
            continue;
        size_t ready = i - (AHEAD - 1);
        turn = ready % AHEAD;
        if (ready < candidate_count)
            keep (best, &kept, sum (weights, bits, block[turn], counts[turn]), candidates[ready]);
    }
    return kept;
}

bool qw_decide_content (const qw_quotes_model_t *model, const qw_segment_t *segment, uint32_t cue, int side,
                        uint32_t *start, uint32_t *end)
{
    _Static_assert (START_FEATURES <= END_FEATURES, "room for either in a block of best_of");
    qw_borders_t borders;
    qw_borders_find (&borders, segment, cue, side);
    scored_t starts[KEPT], ends[KEPT];
    size_t start_count = best_of (model->start, START_BITS, qw_start_features, segment, cue, side, borders.starts,
                                  borders.start_count, starts);
    size_t end_count = best_of (model->end, END_BITS, qw_end_features, segment, cue, side, borders.ends, borders.end_count, ends);
    uint32_t features[PAIR_FEATURES];
    size_t count;
    bool found = false;
    int32_t best = 0;
    for (size_t i = 0; i < start_count; i++)
        for (size_t j = 0; j < end_count; j++) {
            if (ends[j].at < starts[i].at)
                continue;
            count = qw_pair_features (segment, cue, side, starts[i].at, ends[j].at, features);
            int32_t score = starts[i].score + ends[j].score + sum (model->end, END_BITS, features, count);
            if (!found || score > best) {
                found = true;
                best = score;
                *start = starts[i].at;
                *end = ends[j].at;
            }
        }
    return found;
}

uint32_t qw_decide_source (const qw_quotes_model_t *model, const qw_segment_t *segment, uint32_t cue, int side,
                           uint32_t start, uint32_t end)
{
    uint32_t sources[MAX_SOURCES + 1], block[AHEAD][SOURCE_FEATURES];
    sources[0] = UINT32_MAX; /* nobody */
    uint32_t count = 1 + (uint32_t) qw_sources_find (segment, cue, start, end, sources + 1);
    int32_t best = INT32_MIN;
    uint32_t answer = UINT32_MAX;
    size_t counts[AHEAD];
    for (uint32_t i = 0; i < count + AHEAD - 1; i++) {
        if (i < count) {
            counts[i % AHEAD] = qw_source_features (segment, cue, side, start, end, sources[i], block[i % AHEAD]);
            fetch (model->source, SOURCE_BITS, block[i % AHEAD], counts[i % AHEAD]);
        }
        uint32_t j = i - (AHEAD - 1);
        if (j >= count)
            continue;
        int32_t score = sum (model->source, SOURCE_BITS, block[j % AHEAD], counts[j % AHEAD]);
        if (score > best) {
            best = score;
            answer = sources[j];
        }
    }
    return answer;
}

int32_t qw_decide_marked (const qw_quotes_model_t *model, const qw_segment_t *segment, uint32_t at,
                          const qw_marked_t *marked, uint32_t since)
{
    uint32_t features[MARKED_FEATURES];
    size_t count = qw_marked_features (segment, at, marked, since, features);
    return sum (model->marked, MARKED_BITS, features, count) - model->marked_threshold;
}
