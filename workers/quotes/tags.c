/*  tags.c - parts of speech, from left to right, for the words that the lexicon does not settle. */
#include "workers/quotes/rows.h"
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
    const uint32_t seen[TAG_FEATURES][2] = {
        {u->hash, p->tag}, {u->hash, n->tag}, {tags, u->tag}, {p->hash, u->tag}, {n->hash, u->tag},
        {ending_of (u, text, 3), u->shape}, {ending_of (u, text, 2), p->tag}, {u->tag * 64u + n->tag, p->tag},
        {u->shape * 4u + (uint32_t) (p->kind == KIND_BORDER), u->tag}};
    qw_mix_pairs (features, 2, seen, TAG_FEATURES);
}

/* An open word, with the rows of its features on their way from memory. */
typedef struct {
    uint32_t features[TAG_FEATURES];
    uint8_t tags[2]; /* of the words before it, as the features have them */
} open_t;

static void look_at (open_t *word, const qw_unit_t *units, uint32_t at, const qw_quotes_model_t *model, const char *text)
{
    qw_tag_features (units, at, text, word->features);
    for (int i = 0; i < TAG_FEATURES; i++)
        __builtin_prefetch (model->tagger[word->features[i] >> (32 - TAGGER_BITS)]);
    word->tags[0] = (units + at - 1)->tag;
    word->tags[1] = (units + at - 2)->tag;
}

void qw_segment_tag (qw_segment_t *segment, const qw_quotes_model_t *model, const char *text)
{
    /* some open words are looked at ahead, before the words between are tagged; most have the tags then that they keep */
    enum { AHEAD = 8 };
    qw_unit_t *units = segment->units;
    open_t words[AHEAD];
    uint32_t next = 0, found = 0, done = 0;
    for (uint32_t at = 0; at < segment->count; at++) {
        if (units[at].sure)
            continue;
        for (; next < segment->count && found - done < AHEAD; next++)
            if (!units[next].sure)
                look_at (&words[found++ % AHEAD], units, next, model, text);
        open_t *word = &words[done++ % AHEAD];
        if (word->tags[0] != (units + at - 1)->tag || word->tags[1] != (units + at - 2)->tag)
            qw_tag_features (units, at, text, word->features);
        units[at].tag = qw_best_tag (model, word->features, TAG_FEATURES);
    }
}
