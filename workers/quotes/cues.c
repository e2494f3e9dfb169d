#include "workers/quotes/stages.h"

#include "workers/quotes/rows.h"

static uint32_t capped (uint32_t value, uint32_t cap) { return value < cap ? value : cap; }

/* A distance in a few steps. */
static uint32_t step (uint32_t distance)
{
    return distance < 4 ? distance : distance < 7 ? 4 : distance < 12 ? 5 : distance < 25 ? 6 : 7;
}

/* What the nearest marked words look like from a cue: nothing, or how far and how they end. */
static uint32_t mark_seen (const qw_segment_t *segment, uint32_t at, uint32_t mark)
{
    if (mark == QW_NO_UNIT)
        return 0;
    uint32_t distance = mark > at ? mark - at : at - mark;
    return 1 + step (distance) * 4
           + (segment->units[mark].inner == KIND_COMMA  ? 1
              : segment->units[mark].inner == KIND_STOP ? 2
                                                        : 0);
}

size_t qw_cue_features (const qw_segment_t *segment, uint32_t at, uint32_t *features)
{
    const qw_unit_t *u = &segment->units[at], *p = u - 1, *n = u + 1, *p2 = u - 2, *n2 = u + 2, *n3 = u + 3,
                    *p3 = u - 3;
    uint32_t w = u->hash, stem = u->stem;
    uint32_t left = mark_seen (segment, at, u->mark_left), right = mark_seen (segment, at, u->mark_right);
    bool that = false;
    for (int i = 1; i < UNIT_PAD; i++)
        that |= u[i].tag == TAG_IN && qw_span_size (u[i].span) == 4 && u[i].hash == QW_WORD_THAT;
    uint32_t comma = 0;
    while (comma < 8 && comma < at && (u - 1 - comma)->kind == KIND_WORD)
        comma++;
    uint32_t comma_kind = at > comma ? (u - 1 - comma)->kind : KIND_BORDER;
    uint32_t behind = segment->count - 1 - at;
    uint32_t before_cues = capped (u->cues_before, 2),
             after_cues = capped ((uint32_t) segment->units[segment->count].cues_before - (u + 1)->cues_before, 2);
    uint32_t around = p->tag * 32u + n->tag;
    uint32_t verbs = (uint32_t) (u->finite_before > 0) * 4
                     + capped ((uint32_t) segment->units[segment->count].finite_before - n->finite_before, 3);
    /* what follows when a time is skipped: "announced on Friday, ..." */
    const qw_unit_t *later = n;
    if (later->tag == TAG_IN && (later + 1)->entity >= QW_DATE + 1 && (later + 1)->entity <= QW_TIME + 1)
        later++;
    while (later->entity >= QW_DATE + 1 && later->entity <= QW_TIME + 1)
        later++;
    uint32_t finite_after = capped ((uint32_t) segment->units[segment->count].finite_before - n->finite_before, 2);
    uint32_t finite_left = capped (u->finite_before, 2);
    uint32_t name = 0; /* where the next name stands, and no verb before it */
    for (uint32_t i = 1;
         i < 6 && name == 0 && at + i < segment->count && !qw_tag_is_finite (u[i].tag) && u[i].kind != KIND_COMMA; i++)
        if (u[i].entity == QW_PERSON + 1 || u[i].entity == QW_ORG + 1)
            name = i * 2 + (u[i].entity == QW_PERSON + 1);
    /* "The test, North Korea said, was its biggest yet": what stands before the comma before, and behind the comma behind */
    const qw_unit_t *close = n;
    while (close - n < 6 && close->kind == KIND_WORD)
        close++;
    const qw_unit_t *open = p - comma;
    bool is_open = comma_kind == KIND_COMMA || comma_kind == KIND_DASH;
    uint32_t left_open = is_open ? 1 + capped (open->finite_before, 2) : comma_kind == KIND_MARKED ? 4 : 0;
    uint32_t own = capped ((uint32_t) u->finite_before - open->finite_before, 1);
    uint32_t beyond = close->kind == KIND_COMMA || close->kind == KIND_DASH ? 1u + (close + 1)->tag : 0;
    const uint32_t seen[][2] = {
        {w, 0}, {stem, u->tag}, {w, p->hash}, {w, n->hash}, {w, p->tag}, {w, n->tag}, {stem, around}, {u->tag, around},
        {n->hash, u->tag}, {p->hash, u->tag}, {n->hash, n2->hash}, {p2->hash, p->hash},
        {n->tag * 32u + n2->tag, u->cue}, {p->tag * 32u + p2->tag, u->cue}, {stem, left}, {stem, right},
        {left * 64 + right, u->tag}, {w, capped (behind, 2) * 16 + n->kind}, {p->entity * 16u + n->entity, u->tag},
        {u->cue * 16u + before_cues * 4 + after_cues, u->tag}, {stem, that},
        {comma * 16 + comma_kind, n->kind * 64u + n->tag}, {w, capped (comma, 5) * 16 + comma_kind},
        {p->source * 8u + n->source, u->cue}, {n->tag * 1024u + n2->tag * 32u + n3->tag, u->tag},
        {p->tag * 1024u + p2->tag * 32u + p3->tag, u->tag}, {u->cue, u->tag}, {stem, n->kind * 16u + n2->kind},
        {stem, p2->hash},
        {verbs, u->tag},
        {u->tag, (later > n) * 512u + later->kind * 32u + later->tag},
        {stem, (later > n) * 512u + later->kind * 32u + comma_kind},
        {p->kind * 16u + finite_after * 4 + finite_left, u->tag},
        {p->kind * 16u + finite_after * 4 + finite_left, stem}, {name * 16 + p->kind, finite_after * 4 + finite_left},
        {n->tag * 16u + p->kind, finite_after * 4 + finite_left}, {beyond * 16 + left_open * 2 + own, u->tag},
        {beyond * 16 + left_open * 2 + own, stem}, {left_open * 2 + own, n->kind * 64u + n->tag},
        {is_open ? segment->units[0].hash : 1, beyond * 8 + left_open}};
    qw_mix_pairs (features, 100, seen, 40);
    return 40;
}
