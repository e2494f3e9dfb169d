/*  nouns.c - a tagged segment made ready: counts for quick questions about what lies between two units, and its noun
 * chunks. */
#include <stdlib.h>

#include "workers/quotes/units.h"

static qw_noun_t *add_noun (qw_segment_t *self)
{
    if (self->noun_count == self->noun_capacity) {
        self->noun_capacity = self->noun_capacity ? self->noun_capacity * 2 : 64;
        self->nouns = realloc (self->nouns, self->noun_capacity * sizeof *self->nouns);
        if (!self->nouns)
            abort ();
    }
    return &self->nouns[self->noun_count++];
}

static bool can_be_inside (const qw_unit_t *unit)
{
    const uint32_t tags = 1u << TAG_NN | 1u << TAG_NNS | 1u << TAG_NNP | 1u << TAG_JJ | 1u << TAG_CD | 1u << TAG_POS;
    return (tags >> unit->tag & 1) || (unit->tag == TAG_MARKED && unit->words < 4);
}

/* A chunk begins at a determiner or a possessive, or where a noun can be inside; it ends behind its last noun. */
static void find_nouns (qw_segment_t *segment)
{
    const qw_unit_t *units = segment->units;
    segment->noun_count = 0;
    for (uint32_t at = 0; at < segment->count;) {
        uint8_t tag = units[at].tag;
        if (tag == TAG_PRP || tag == TAG_WH) {
            *add_noun (segment) = (qw_noun_t){at, at + 1, at};
            at++;
            continue;
        }
        uint32_t first = at;
        if (tag == TAG_DT || tag == TAG_PRPS)
            at++;
        uint32_t head = QW_NO_UNIT;
        while (at < segment->count
               && (can_be_inside (&units[at])
                   || (units[at].tag == TAG_PRPS && at > first) /* never met after a noun; keeps odd tagging going */
                   || ((units[at].tag == TAG_VBN || units[at].tag == TAG_VBG) && at > first
                       && can_be_inside (&units[at + 1]) && !qw_tag_is_nominal (units[at - 1].tag)))) {
            if (qw_tag_is_nominal (units[at].tag) || units[at].tag == TAG_CD)
                head = at;
            /* two names side by side are two chunks: "told Reuters Monday" */
            bool border = units[at].mention != QW_NO_MENTION && units[at + 1].mention != QW_NO_MENTION
                          && units[at].mention != units[at + 1].mention && units[at + 1].entity > QW_DATE;
            at++;
            if (border)
                break;
        }
        if (head != QW_NO_UNIT)
            *add_noun (segment) = (qw_noun_t){first, head + 1, head};
        else if (at > first)
            *add_noun (segment) = (qw_noun_t){first, at, at - 1};
        else
            at++;
    }
}

void qw_segment_prepare (qw_segment_t *segment)
{
    uint16_t finite = 0, cues = 0, commas = 0, stops = 0, marks = 0;
    uint32_t mark = QW_NO_UNIT;
    for (uint32_t at = 0; at < segment->count + UNIT_PAD; at++) {
        qw_unit_t *unit = &segment->units[at];
        unit->finite_before = finite;
        unit->cues_before = cues;
        unit->commas_before = commas;
        unit->stops_before = stops;
        unit->marks_before = marks;
        unit->mark_left = mark;
        unit->mark_right = QW_NO_UNIT;
        if (at >= UINT16_MAX)
            continue;
        finite = (uint16_t) (finite + qw_tag_is_finite (unit->tag));
        cues = (uint16_t) (cues + (unit->cue > 3));
        commas = (uint16_t) (commas + (unit->kind == KIND_COMMA));
        stops = (uint16_t) (stops + (unit->kind == KIND_STOP));
        if (unit->kind == KIND_MARKED && unit->words > 2) {
            marks++;
            for (uint32_t left = mark == QW_NO_UNIT ? 0 : mark; left < at; left++)
                segment->units[left].mark_right = at;
            mark = at;
        }
    }
    find_nouns (segment);
}
