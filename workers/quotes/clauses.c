#include "workers/quotes/clauses.h"

enum { REACH = 14 };

static bool is_finite (const qw_unit_t *unit) { return qw_tag_is_finite (unit->tag); }

bool qw_clause_is_bare (const qw_segment_t *segment, qw_clause_t clause)
{
    for (uint32_t at = clause.start; at <= clause.end; at++) {
        const qw_unit_t *unit = &segment->units[at];
        bool marked = unit->kind == KIND_MARKED && (unit->words > 3 || clause.start == clause.end);
        if (is_finite (unit) || marked || unit->tag == TAG_TO || unit->tag == TAG_VB
            || unit->tag == TAG_VBG)
            return false;
    }
    return true;
}

uint32_t qw_clause_verb (const qw_segment_t *segment, uint32_t cue)
{
    if (cue == 0)
        return cue;
    uint32_t hash = segment->units[cue - 1].hash;
    return hash == QW_WORD_HAS || hash == QW_WORD_HAVE || hash == QW_WORD_HAD ? cue - 1 : cue;
}

void qw_clause_end_of_opening (const qw_segment_t *segment, uint32_t cue, qw_clause_t *right)
{
    const qw_unit_t *units = segment->units;
    switch (units[0].hash) {
    case QW_WORD_AFTER:
    case QW_WORD_ALTHOUGH:
    case QW_WORD_AS:
    case QW_WORD_SINCE:
    case QW_WORD_THOUGH:
    case QW_WORD_WHEN:
    case QW_WORD_WHILE: break;
    default: return;
    }
    if (units[cue].finite_before > 0 || !is_finite (&units[cue]))
        return;
    for (uint32_t at = right->start + 2; at < right->end; at++)
        if (units[at].kind == KIND_COMMA && units[at].finite_before > units[right->start].finite_before
            && units[at + 1].tag != TAG_CC && units[at + 1].tag != TAG_WH
            && units[right->end + 1].finite_before > units[at].finite_before) {
            right->end = at - 1;
            return;
        }
}

bool qw_clause_step_back (const qw_segment_t *segment, uint32_t cue, qw_clause_t *left)
{
    const qw_unit_t *units = segment->units;
    if (left->end + 1 < qw_clause_verb (segment, cue) || left->start < 2 || units[left->start - 1].kind != KIND_COMMA
        || units[left->start - 1].finite_before == 0)
        return false;
    *left = (qw_clause_t){0, left->start - 2};
    return true;
}

uint32_t qw_clause_end_before_cue (const qw_segment_t *segment, uint32_t cue, qw_clause_t *right)
{
    const qw_unit_t *units = segment->units;
    for (uint32_t at = right->start + 2; at <= right->end + 3 && at + 2 < segment->count; at++) {
        const qw_unit_t *unit = &units[at];
        if (unit->cue < 5 || unit->belief || unit->tag != units[cue].tag || !is_finite (unit) || units[at - 1].tag != TAG_CC
            || units[at + 1].hash != QW_WORD_THAT)
            continue;
        uint32_t end = at - 2;
        if (units[end].kind == KIND_COMMA)
            end--;
        if (end <= right->start)
            break;
        if (end < right->end)
            right->end = end;
        return at;
    }
    return QW_NO_UNIT;
}

void qw_clause_leave_according (const qw_segment_t *segment, qw_clause_t *left)
{
    if (segment->units[left->start].hash != QW_WORD_ACCORDING)
        return;
    for (uint32_t at = left->start + 2; at < left->end; at++)
        if (segment->units[at].kind == KIND_COMMA && !qw_clause_is_bare (segment, (qw_clause_t){at + 1, left->end})) {
            left->start = at + 1;
            return;
        }
}

void qw_clause_leave_reporter (const qw_segment_t *segment, qw_clause_t *right)
{
    const qw_unit_t *units = segment->units;
    for (uint32_t at = right->start + 3; at <= right->end; at++) {
        if (units[at].cue < 5 || units[at].side != SIDE_LEFT)
            continue;
        for (uint32_t back = 1; back < REACH && at - back > right->start; back++) {
            if (units[at - back].kind == KIND_COMMA) {
                right->end = at - back - 1;
                return;
            }
            if (is_finite (&units[at - back]))
                break;
        }
    }
}

void qw_clause_behind_what (const qw_segment_t *segment, uint32_t cue, qw_clause_t *right)
{
    const qw_unit_t *units = segment->units;
    if (right->start != cue + 1 || right->end <= right->start)
        return;
    bool is = units[right->start].hash == QW_WORD_IS || units[right->start].hash == QW_WORD_WAS;
    if (!is && units[right->start].hash != QW_WORD_AS)
        return;
    for (uint32_t back = 1; back <= cue && back < REACH && !is_finite (&units[cue - back]); back++)
        if (units[cue - back].hash == QW_WORD_WHAT) {
            right->start++;
            return;
        }
}

/* The noun chunk that begins at or holds a unit, or QW_NO_UNIT. */
static uint32_t chunk_at (const qw_segment_t *segment, uint32_t at)
{
    uint32_t low = 0, high = segment->noun_count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (segment->nouns[middle].end <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low < segment->noun_count && segment->nouns[low].first <= at ? low : QW_NO_UNIT;
}

bool qw_clause_subject_of (const qw_segment_t *segment, uint32_t cue, qw_clause_t right, qw_clause_t *left)
{
    const qw_unit_t *units = segment->units;
    if (!is_finite (&units[right.start]) || units[right.start - 1].kind != KIND_COMMA || right.start > cue + 6)
        return false;
    uint32_t comma = cue;
    while (comma > 0 && cue - comma < REACH && units[comma].kind != KIND_COMMA)
        comma--;
    if (comma == 0 || units[comma].kind != KIND_COMMA || units[comma].finite_before > 0)
        return false;
    uint32_t chunk = chunk_at (segment, comma - 1);
    if (chunk == QW_NO_UNIT)
        return false;
    *left = (qw_clause_t){0, comma - 1};
    while (left->start < left->end && (units[left->start].tag == TAG_CC || units[left->start].kind == KIND_OTHER))
        left->start++;
    return left->end - left->start < REACH;
}

static bool is_asking (const qw_unit_t *unit)
{
    switch (unit->hash) {
    case QW_WORD_ADVISED:
    case QW_WORD_ADVISING:
    case QW_WORD_ASKED:
    case QW_WORD_ASKING:
    case QW_WORD_ASKS:
    case QW_WORD_ENCOURAGED:
    case QW_WORD_INSTRUCTED:
    case QW_WORD_INVITED:
    case QW_WORD_ORDERED:
    case QW_WORD_TOLD:
    case QW_WORD_TELLING:
    case QW_WORD_URGED:
    case QW_WORD_URGES:
    case QW_WORD_URGING:
    case QW_WORD_WARNED: return true;
    default: return false;
    }
}

void qw_clause_behind_asked (const qw_segment_t *segment, uint32_t cue, qw_clause_t *right)
{
    const qw_unit_t *units = segment->units;
    if (right->start != cue + 1 || !is_asking (&units[cue]))
        return;
    uint32_t chunk = chunk_at (segment, right->start);
    if (chunk == QW_NO_UNIT || segment->nouns[chunk].first != right->start)
        return;
    uint32_t to = segment->nouns[chunk].end;
    if (units[to].tag == TAG_TO && units[to + 1].tag == TAG_VB && to + 1 < right->end)
        right->start = to;
}

static bool is_claim (const qw_unit_t *unit)
{
    switch (unit->hash) {
    case QW_WORD_ACCUSATION:
    case QW_WORD_ACCUSATIONS:
    case QW_WORD_ALLEGATION:
    case QW_WORD_ALLEGATIONS:
    case QW_WORD_ASSERTION:
    case QW_WORD_ASSERTIONS:
    case QW_WORD_CLAIM:
    case QW_WORD_CLAIMS:
    case QW_WORD_SUGGESTION:
    case QW_WORD_SUGGESTIONS: return unit->tag != TAG_VBZ && unit->tag != TAG_VBP;
    default: return false;
    }
}

uint32_t qw_clause_of_claim (const qw_segment_t *segment, qw_clause_t *right, bool *found)
{
    const qw_unit_t *units = segment->units;
    *found = false;
    uint32_t chunk = chunk_at (segment, right->start);
    if (chunk == QW_NO_UNIT || !is_claim (&units[segment->nouns[chunk].head]))
        return QW_NO_UNIT;
    uint32_t at = segment->nouns[chunk].end, speaker = QW_NO_UNIT;
    if (units[at].hash == QW_WORD_BY) {
        speaker = chunk_at (segment, at + 1);
        if (speaker == QW_NO_UNIT)
            return QW_NO_UNIT;
        at = segment->nouns[speaker].end;
    } else if (units[segment->nouns[chunk].first].tag != TAG_PRPS)
        return QW_NO_UNIT; /* somebody's claim, but whose? */
    if (units[at].hash != QW_WORD_THAT || at >= right->end)
        return QW_NO_UNIT;
    right->start = at;
    *found = true;
    return speaker;
}

bool qw_clause_told_by (const qw_segment_t *segment, uint32_t cue, uint32_t *speaker, uint32_t *start)
{
    const qw_unit_t *units = segment->units;
    bool noun = qw_tag_is_nominal (units[cue].tag) && (is_claim (&units[cue]) || units[cue].hash == QW_WORD_WARNING);
    bool by = units[cue + 1].hash == QW_WORD_BY;
    if (noun ? !by && units[cue + 1].hash != QW_WORD_FROM : !by || units[cue].cue < 4)
        return false;
    uint32_t chunk = chunk_at (segment, cue + 2);
    if (chunk == QW_NO_UNIT)
        return false;
    uint32_t that = segment->nouns[chunk].end;
    if (units[that].hash != QW_WORD_THAT || that + 2 >= segment->count)
        return false;
    *speaker = chunk;
    *start = that;
    return true;
}

uint32_t qw_clause_cited (const qw_segment_t *segment, uint32_t cue)
{
    const qw_unit_t *units = segment->units;
    uint32_t at = cue + 1;
    while (at < segment->count && (units[at].entity == QW_DATE + 1 || units[at].entity == QW_TIME + 1))
        at++;
    if (units[at].kind != KIND_COMMA || units[at + 1].hash != QW_WORD_CITING)
        return QW_NO_UNIT;
    return chunk_at (segment, at + 2);
}

uint32_t qw_clause_raised (const qw_segment_t *segment, uint32_t verb)
{
    const qw_unit_t *units = segment->units;
    bool made = units[verb].hash == QW_WORD_MADE || units[verb].hash == QW_WORD_MAKES || units[verb].hash == QW_WORD_MAKING;
    if (!made && units[verb].hash != QW_WORD_RAISED && units[verb].hash != QW_WORD_RAISES
        && units[verb].hash != QW_WORD_RAISING)
        return QW_NO_UNIT;
    uint32_t chunk = chunk_at (segment, verb + 1);
    if (chunk == QW_NO_UNIT || segment->nouns[chunk].first != verb + 1)
        return QW_NO_UNIT;
    uint32_t head = units[segment->nouns[chunk].head].hash, that = segment->nouns[chunk].end;
    bool open = made ? is_claim (&units[segment->nouns[chunk].head])
                     : head == QW_WORD_POSSIBILITY || head == QW_WORD_PROSPECT || head == QW_WORD_FEARS;
    return open && units[that].hash == QW_WORD_THAT && that + 2 < segment->count ? that : QW_NO_UNIT;
}
