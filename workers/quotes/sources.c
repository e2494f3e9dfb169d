/*  sources.c - who may be the speaker of a cue, and what speaks for each of them. */
#include "workers/quotes/rows.h"
#include "workers/quotes/stages.h"

enum { REACH = 60 };

static uint32_t capped (uint32_t value, uint32_t cap) { return value < cap ? value : cap; }

static uint32_t step (uint32_t distance)
{
    return distance < 6 ? distance : distance < 9 ? 6 : distance < 14 ? 7 : distance < 22 ? 8 : 9;
}

size_t qw_sources_find (const qw_segment_t *segment, uint32_t cue, uint32_t start, uint32_t end,
                        uint32_t sources[MAX_SOURCES])
{
    size_t count = 0;
    /* the first chunk within reach */
    uint32_t low = 0, high = segment->noun_count, reach = cue > REACH ? cue - REACH : 0;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (segment->nouns[middle].end <= reach)
            low = middle + 1;
        else
            high = middle;
    }
    for (uint32_t i = low; i < segment->noun_count && segment->nouns[i].first < cue + REACH && count < MAX_SOURCES;
         i++) {
        const qw_noun_t *noun = &segment->nouns[i];
        if (noun->first <= end && noun->end > start)
            continue; /* inside the content */
        if (noun->first <= cue && noun->end > cue)
            continue;
        sources[count++] = i;
    }
    return count;
}

static uint32_t path (const qw_unit_t *units, uint32_t from, uint32_t to)
{
    if (to < from || to - from > 5)
        return 1;
    uint32_t h = 2;
    for (uint32_t at = from; at < to; at++)
        h = h * 37 + units[at].tag + (units[at].kind == KIND_COMMA ? 32u : 0u);
    return h;
}

size_t qw_source_features (const qw_segment_t *segment, uint32_t cue, int side, uint32_t start, uint32_t end,
                           uint32_t noun, uint32_t *features)
{
    const qw_unit_t *c = &segment->units[cue];
    if (noun == UINT32_MAX) {
        const uint32_t none[][2] = {
            {c->hash, (uint32_t) side}, {c->tag, (uint32_t) side}, {c->stem, (c - 1)->tag}, {c->tag, (c - 1)->hash},
            {(c - 1)->tag * 32u + (c - 2)->tag, c->tag}, {cue == 0, c->tag}};
        qw_mix_pairs (features, 500, none, 6);
        return 6;
    }
    const qw_noun_t *chunk = &segment->nouns[noun];
    const qw_unit_t *first = &segment->units[chunk->first], *head = &segment->units[chunk->head];
    const qw_unit_t *p = first - 1, *n = &segment->units[chunk->end];
    bool before = chunk->end <= cue;
    uint32_t from = before ? chunk->end : cue + 1, to = before ? cue : chunk->first;
    const qw_unit_t *a = &segment->units[from], *b = &segment->units[to];
    uint32_t distance = step (to - from);
    uint32_t finite = capped ((uint32_t) b->finite_before - a->finite_before, 3);
    uint32_t commas = capped ((uint32_t) b->commas_before - a->commas_before, 3);
    /* chunks between it and the cue that could be the speaker as well */
    uint32_t rivals = 0;
    if (before)
        for (uint32_t i = noun + 1; i < segment->noun_count && segment->nouns[i].end <= cue && rivals < 4; i++)
            rivals += segment->nouns[i].first > end || segment->nouns[i].end <= start;
    else
        for (uint32_t i = noun; i-- > 0 && segment->nouns[i].first > cue && rivals < 4;)
            rivals += segment->nouns[i].first > end || segment->nouns[i].end <= start;
    /* where it lies, as seen from cue and content */
    uint32_t place = (uint32_t) side * 8 + before * 4u + (chunk->first > end ? 2u : 0u) + (chunk->first == 0);
    uint32_t kind = head->tag * 16u + head->entity;
    uint32_t way = path (segment->units, from, to);
    const uint32_t seen[][2] = {
        {place, distance}, {place, c->stem}, {place * 16 + distance, c->tag}, {head->hash, before},
        {head->source * 32u + head->tag, place}, {kind, place}, {p->hash, before}, {p->tag * 32u + n->tag, place},
        {n->hash, place}, {way, place}, {way, c->stem}, {finite * 4 + commas, place}, {first->hash, before},
        {p->hash, c->tag}, {rivals, place}, {kind, c->stem}, {finite * 32 + c->tag, place},
        {rivals * 8 + commas, c->tag * 2u + before}, {p->tag * 16u + p->kind, distance * 2 + before},
        {n->kind * 32u + n->tag, (uint32_t) before * 4 + commas}, {kind, rivals * 2 + before}, {p->tag, c->stem},
        {head->source, rivals * 8 + head->entity}};
    qw_mix_pairs (features, 510, seen, 23);
    return 23;
}

size_t qw_marked_features (const qw_segment_t *segment, uint32_t at, const qw_marked_t *marked, uint32_t since,
                           uint32_t *features)
{
    const qw_unit_t *u = &segment->units[at], *p = u - 1, *n = u + 1, *p2 = u - 2;
    uint32_t words = u->words < 8 ? u->words : u->words < 12 ? 8 : u->words < 20 ? 9 : 10;
    uint32_t ends = u->inner, begins = u->inner_shape;
    bool alone = at == 0 && (segment->count == 1 || (segment->count == 2 && n->kind == KIND_STOP));
    uint32_t last = since == UINT32_MAX ? 0 : since < 3 ? 1 : since < 12 ? 2 : 3;
    uint32_t place = alone * 8u + (uint32_t) (at == 0) * 4 + segment->paragraph_start * 2u + segment->paragraph_end;
    const uint32_t seen[][2] = {
        {words, ends}, {words, begins * 4 + marked->single}, {words, last}, {words, place}, {p->hash, words > 4},
        {n->hash, words > 4}, {p->tag * 16u + p->kind, words}, {n->tag * 16u + n->kind, words},
        {p->tag * 32u + p2->tag, begins}, {u->stem, words > 4}, {ends * 16 + begins, place},
        {p->kind * 16u + n->kind, ends}, {last, place}, {p->cue, words > 2},
        {segment->units[segment->count].cues_before > 0, place}, {marked->runs_on * 2u + marked->opens_before, place},
        {p2->hash, p->kind}, {words, segment->units[segment->count].cues_before > 0}};
    qw_mix_pairs (features, 600, seen, 18);
    return 18;
}
