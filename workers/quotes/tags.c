/*  tags.c - parts of speech, from left to right, for the words that the lexicon does not settle. */
#include "workers/quotes/units.h"

/* A word's ending and shape in one number: what is left to go by when the word is not known. */
static uint32_t ending_of (const qw_unit_t *unit, const char *text, uint32_t size)
{
    uint32_t h = 17;
    uint32_t length = qw_span_size (unit->span);
    for (uint32_t i = length > size ? length - size : 0; i < length; i++)
        h = h * 31 + ((unsigned char) text[unit->span.start + i] | 32);
    return h;
}

void qw_tag_features (const qw_unit_t *units, uint32_t at, const char *text, uint32_t features[TAG_FEATURES])
{
    const qw_unit_t *u = &units[at], *p = u - 1, *n = u + 1;
    uint32_t tags = (uint32_t) (u - 2)->tag * 32 + p->tag;
    /* the next word is not tagged yet: the lexicon's guess must do */
    features[0] = qw_mix (2, u->hash, p->tag);
    features[1] = qw_mix (3, u->hash, n->tag);
    features[2] = qw_mix (4, tags, u->tag);
    features[3] = qw_mix (5, p->hash, u->tag);
    features[4] = qw_mix (6, n->hash, u->tag);
    features[5] = qw_mix (7, ending_of (u, text, 3), u->shape);
    features[6] = qw_mix (8, ending_of (u, text, 2), p->tag);
    features[7] = qw_mix (9, u->tag * 64u + n->tag, p->tag);
    features[8] = qw_mix (10, u->shape * 4u + (uint32_t) (p->kind == KIND_BORDER), u->tag);
}

void qw_segment_tag (qw_segment_t *segment, const qw_quotes_model_t *model, const char *text)
{
    for (uint32_t at = 0; at < segment->count; at++) {
        if (segment->units[at].sure)
            continue;
        uint32_t features[TAG_FEATURES];
        qw_tag_features (segment->units, at, text, features);
        for (int i = 0; i < TAG_FEATURES; i++)
            __builtin_prefetch (model->tagger[features[i] >> (32 - TAGGER_BITS)]);
        int16_t sums[TAG_ROW] = {0};
        for (int i = 0; i < TAG_FEATURES; i++) {
            const int8_t *row = model->tagger[features[i] >> (32 - TAGGER_BITS)];
            for (int tag = 0; tag < TAG_ROW; tag++)
                sums[tag] = (int16_t) (sums[tag] + row[tag]);
        }
        int best = 0;
        for (int tag = 1; tag < TAG_COUNT; tag++)
            if (sums[tag] > sums[best])
                best = tag;
        segment->units[at].tag = (uint8_t) best;
    }
}
