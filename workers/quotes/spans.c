/*  spans.c - where a cue's content may begin and end, and what speaks for each place. */
#include "workers/quotes/rows.h"
#include "workers/quotes/stages.h"

enum { RIGHT_STARTS = 16, RIGHT_ENDS = 150, LEFT_STARTS = 120, LEFT_ENDS = 34 };

static uint32_t capped (uint32_t value, uint32_t cap) { return value < cap ? value : cap; }

static uint32_t step (uint32_t distance)
{
    return distance < 6 ? distance : distance < 9 ? 6 : distance < 14 ? 7 : distance < 22 ? 8 : distance < 35 ? 9 : 10;
}

/* Whether a noun chunk goes on from this unit into the next, so that no content ends or begins between them. */
static bool is_inside_noun (const qw_unit_t *unit)
{
    const qw_unit_t *next = unit + 1;
    if (next->tag == TAG_POS)
        return true;
    if (!qw_tag_is_nominal (next->tag) && next->tag != TAG_CD)
        return false;
    return unit->tag == TAG_DT || unit->tag == TAG_PRPS || unit->tag == TAG_JJ || unit->tag == TAG_NN
           || unit->tag == TAG_NNP || unit->tag == TAG_POS;
}

static bool is_wordy (const qw_unit_t *unit) { return unit->kind <= KIND_NUMBER || unit->kind == KIND_MARKED; }

/* A bracket may end a content, and open one; a comma or a stop never does. */
static bool may_start (const qw_unit_t *unit)
{
    return (is_wordy (unit) || unit->kind == KIND_OTHER || unit->kind == KIND_OPEN) && unit->tag != TAG_POS;
}

static bool may_end (const qw_unit_t *unit)
{
    return is_wordy (unit) || unit->kind == KIND_OTHER || unit->kind == KIND_CLOSE;
}

void qw_borders_find (qw_borders_t *borders, const qw_segment_t *segment, uint32_t cue, int side)
{
    const qw_unit_t *units = segment->units;
    borders->start_count = borders->end_count = 0;
    uint32_t first, last; /* of starts; then of ends */
    if (side == SIDE_RIGHT) {
        first = cue + 1;
        last = cue + RIGHT_STARTS;
    } else {
        first = cue > LEFT_STARTS ? cue - LEFT_STARTS : 0;
        last = cue;
    }
    for (uint32_t at = first; at < last && at < segment->count && borders->start_count < MAX_STARTS; at++)
        if (may_start (&units[at])
            && (at == cue + 1 || at == 0 || !is_inside_noun (&units[at] - 1) || units[at].kind == KIND_MARKED))
            borders->starts[borders->start_count++] = at;
    if (side == SIDE_RIGHT) {
        first = cue + 1;
        last = cue + RIGHT_ENDS;
    } else {
        first = cue > LEFT_ENDS ? cue - LEFT_ENDS : 0;
        last = cue;
    }
    for (uint32_t at = first; at < last && at < segment->count && borders->end_count < MAX_ENDS; at++)
        if (may_end (&units[at]) && (at + 1 == cue || !is_inside_noun (&units[at]) || units[at].kind == KIND_MARKED))
            borders->ends[borders->end_count++] = at;
}

/* The tags between two units in one number; long stretches all look the same. */
static uint32_t path (const qw_unit_t *units, uint32_t from, uint32_t to)
{
    if (to < from || to - from > 6)
        return 1;
    uint32_t h = 2;
    for (uint32_t at = from; at < to; at++)
        h = h * 37 + units[at].tag + (units[at].entity == QW_PERSON + 1 ? 32u : 0u);
    return h;
}

size_t qw_start_features (const qw_segment_t *segment, uint32_t cue, int side, uint32_t start, uint32_t *features)
{
    const qw_unit_t *c = &segment->units[cue], *u = &segment->units[start], *p = u - 1, *n = u + 1, *p2 = u - 2;
    uint32_t lr = (uint32_t) side * 64;
    uint32_t distance = side == SIDE_RIGHT ? start - cue : cue - start;
    uint32_t near = step (distance);
    uint32_t low = side == SIDE_RIGHT ? cue + 1 : start, high = side == SIDE_RIGHT ? start : cue;
    const qw_unit_t *a = &segment->units[low], *b = &segment->units[high];
    uint32_t commas = capped ((uint32_t) b->commas_before - a->commas_before, 3);
    uint32_t cues = capped ((uint32_t) b->cues_before - a->cues_before, 2);
    uint32_t marks = capped ((uint32_t) b->marks_before - a->marks_before, 2);
    uint32_t finite = capped ((uint32_t) b->finite_before - a->finite_before, 3);
    uint32_t form = u->kind == KIND_MARKED ? 64u + u->inner + (u->words > 2 ? 16u : 0u) : u->tag;
    uint32_t previous = p->tag * 16u + p->kind;
    uint32_t stops = capped ((uint32_t) b->stops_before - a->stops_before, 2);
    bool first = start == 0;
    uint32_t way = side == SIDE_RIGHT ? path (segment->units, cue + 1, start) : first;
    const uint32_t seen[][2] = {
        {near, commas}, {near, c->hash}, {near, c->stem}, {u->hash, c->tag}, {form, near}, {p->hash, c->tag},
        {previous, form}, {p->hash, form}, {c->stem, form}, {c->stem, u->hash}, {form, n->tag}, {u->hash, n->tag},
        {way, form}, {way, c->stem}, {commas * 64 + cues * 16 + marks * 4 + finite, previous},
        {u->entity * 16u + c->tag, near}, {p2->tag * 32u + p->tag, form}, {p->kind, p2->hash},
        {cues * 4 + marks, form}, {c->stem, previous}, {first ? 1 : 2 + finite, previous}, {p->hash, u->hash},
        {stops, previous}};
    qw_mix_pairs (features, 200 + lr, seen, 23);
    return 23;
}

/* How the sentence goes on behind a comma or a dash: what follows the next one, and whether a verb comes before it. A
 * name with something between commas is not over at the first of them. */
static uint32_t beyond (const qw_segment_t *segment, uint32_t from, uint32_t limit)
{
    bool finite = false;
    for (uint32_t at = from; at < limit && at < from + 16; at++) {
        const qw_unit_t *unit = &segment->units[at];
        if (unit->kind == KIND_COMMA || unit->kind == KIND_DASH || unit->kind == KIND_STOP)
            return 1 + finite + 2u * unit->kind + 64u * (unit + 1)->tag;
        finite |= qw_tag_is_finite (unit->tag);
    }
    return finite ? 4000 : 4001;
}

/* The word with which the cue's clause begins: after "while" or "as", or behind "who", a comma ends more. */
static uint32_t clause_opener (const qw_segment_t *segment, uint32_t cue)
{
    uint32_t at = cue;
    while (at > 0 && cue - at < 14 && segment->units[at - 1].kind != KIND_COMMA
           && segment->units[at - 1].kind != KIND_DASH && segment->units[at - 1].kind != KIND_STOP)
        at--;
    return segment->units[at].hash;
}

/* "... and did not say when": what comes behind "and" or "but", without a subject of its own. 0: nothing of the kind. */
static uint32_t coordination (const qw_segment_t *segment, uint32_t at, uint32_t limit)
{
    const qw_unit_t *word = &segment->units[at];
    if (word->kind == KIND_COMMA)
        word = &segment->units[++at];
    if (at >= limit || word->tag != TAG_CC)
        return 0;
    uint32_t cue = 0;
    for (uint32_t next = at + 1; next < limit && next < at + 5; next++)
        cue = segment->units[next].cue > cue ? segment->units[next].cue : cue;
    return 1 + (word + 1)->tag + 32u * cue + 256u * ((word - 1)->kind == KIND_COMMA);
}

size_t qw_end_features (const qw_segment_t *segment, uint32_t cue, int side, uint32_t end, uint32_t *features)
{
    const qw_unit_t *c = &segment->units[cue], *u = &segment->units[end], *n = u + 1, *n2 = u + 2, *n3 = u + 3,
                    *p = u - 1;
    uint32_t lr = (uint32_t) side * 64;
    uint32_t limit = side == SIDE_RIGHT ? segment->count : cue;
    const qw_unit_t *behind = &segment->units[limit];
    uint32_t left = limit - 1 - end; /* units that would stay outside */
    uint32_t finite = capped ((uint32_t) behind->finite_before - n->finite_before, 3);
    uint32_t cues = capped ((uint32_t) behind->cues_before - n->cues_before, 2);
    uint32_t commas = capped ((uint32_t) behind->commas_before - n->commas_before, 3);
    uint32_t distance = side == SIDE_RIGHT ? end - cue : cue - end;
    uint32_t form = u->kind == KIND_MARKED ? 64u + u->inner + (u->words > 2 ? 16u : 0u) : u->tag;
    uint32_t next = n->tag * 16u + n->kind, next2 = n2->tag * 16u + n2->kind;
    bool last = side == SIDE_RIGHT && (left == 0 || (left == 1 && n->kind == KIND_STOP));
    uint32_t stops = side == SIDE_RIGHT ? capped ((uint32_t) n->stops_before - c->stops_before, 2)
                                        : capped ((uint32_t) c->stops_before - n->stops_before, 2);
    uint32_t way = side == SIDE_LEFT ? path (segment->units, end + 1, cue) : 0;
    const uint32_t seen[][2] = {
        {n->hash, last}, {next, last}, {u->hash, n->kind}, {form, next}, {n->hash, n2->hash},
        {next * 512 + next2, n3->tag}, {last, c->stem}, {c->stem, next}, {c->stem, n->hash},
        {step (distance), n->kind}, {finite * 4 + commas, next}, {cues * 16 + n->kind, finite},
        {form, n->kind * 16u + n2->kind}, {step (left), n->kind}, {n->hash, n2->tag}, {u->hash, n->hash},
        {c->tag * 2u + last, n->tag}, {n2->hash, n->kind}, {side == SIDE_LEFT ? way : p->tag, form},
        {side == SIDE_LEFT ? way : step (distance), c->stem}, {next, n2->cue * 8u + n3->cue},
        {c->tag, last * 4u + finite}, {stops, n->kind}};
    qw_mix_pairs (features, 300 + lr, seen, 23);
    size_t k = 23;
    uint32_t joined = coordination (segment, end + 1, limit);
    if (joined) {
        features[k++] = qw_mix (328, joined, c->tag);
        uint32_t inside = capped ((uint32_t) n->finite_before - (c + 1)->finite_before, 2);
        features[k++] = qw_mix (329, joined, inside * 64 + n2->hash % 64);
    }
    if (n->kind == KIND_COMMA || n->kind == KIND_DASH) {
        uint32_t more = beyond (segment, end + 2, limit);
        uint32_t inside = capped ((uint32_t) n->finite_before - (c + 1)->finite_before, 2);
        const uint32_t behind_comma[][2] = {
            {more, inside}, {more, n2->tag}, {n2->hash, inside},
            {clause_opener (segment, cue), n->kind * 8u + inside * 2 + (n2->tag == TAG_VBG)},
            {(c - 1)->tag * 64u + n->kind * 4u + inside, n2->tag}};
        qw_mix_pairs (features + k, 323 + lr, behind_comma, 5);
        k += 5;
    }
    return k;
}

size_t qw_pair_features (const qw_segment_t *segment, uint32_t cue, int side, uint32_t start, uint32_t end,
                         uint32_t *features)
{
    const qw_unit_t *c = &segment->units[cue], *a = &segment->units[start], *b = &segment->units[end];
    uint32_t lr = (uint32_t) side * 64;
    uint32_t size = step (end - start);
    uint32_t finite = capped ((uint32_t) (b + 1)->finite_before - a->finite_before, 3);
    uint32_t marks = capped ((uint32_t) (b + 1)->marks_before - a->marks_before, 2);
    bool marked_start = a->kind == KIND_MARKED && a->words > 2, marked_end = b->kind == KIND_MARKED && b->words > 2;
    uint32_t shape = (start == end ? 8u : 0u) + marked_start * 4u + marked_end * 2u;
    const uint32_t seen[][2] = {
        {size, c->stem}, {finite * 4 + marks, c->tag}, {shape, marks * 32u + a->inner}, {finite, c->stem},
        {finite * 16 + size, a->tag}, {shape, size}, {a->hash, finite}, {finite, (b + 1)->kind * 32u + (b + 2)->tag},
        {start == end ? 1 + a->tag + 32u * a->entity : 0, c->tag}, {a->tag, (b + 1)->kind * 4u + finite}};
    qw_mix_pairs (features, 400 + lr, seen, 10);
    return 10;
}
