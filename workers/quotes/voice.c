#include "workers/quotes/voice.h"

enum { REACH = 30 }; /* units between "quoted" and "as saying" */

/* Where a description ends that goes on behind its noun: "a source in the ministry", "the head of the agency". */
static uint32_t whole_end (const qw_segment_t *segment, uint32_t noun, uint32_t cue)
{
    uint32_t end = segment->nouns[noun].end;
    for (uint32_t next = noun + 1; next < segment->noun_count; next++) {
        const qw_noun_t *chunk = &segment->nouns[next];
        const qw_unit_t *link = &segment->units[end], *head = &segment->units[chunk->head];
        if (chunk->first != end + 1 || link->tag != TAG_IN || (cue >= end && cue < chunk->end))
            break;
        bool of = link->hash == QW_WORD_OF || link->hash == QW_WORD_FOR;
        if (!of && (head->entity == 0 || head->entity > QW_MISC + 1 || link->hash == QW_WORD_THAT))
            break;
        end = chunk->end;
    }
    return end;
}

static bool is_name (const qw_unit_t *unit) { return unit->entity > 0 && unit->entity <= QW_MISC + 1; }

/* Whether two chunks that follow each other are names of one kind with nothing but a comma or "and" between them. */
static bool are_linked (const qw_segment_t *segment, uint32_t noun, bool *with_and)
{
    const qw_noun_t *a = &segment->nouns[noun], *b = &segment->nouns[noun + 1];
    const qw_unit_t *head = &segment->units[a->head], *other = &segment->units[b->head], *link = &segment->units[a->end];
    bool comma = link->kind == KIND_COMMA && b->first == a->end + 1;
    *with_and = (link->hash == QW_WORD_AND && b->first == a->end + 1)
                || (link->kind == KIND_COMMA && (link + 1)->hash == QW_WORD_AND && b->first == a->end + 2);
    return (comma || *with_and) && is_name (head) && head->entity == other->entity && head->mention != other->mention;
}

/* "Seoul and Washington", "Moyo, Venn and Kowalska": the chunks of a list of names with "and" before the last. */
static void find_list (const qw_segment_t *segment, uint32_t noun, uint32_t *first, uint32_t *last)
{
    enum { MOST = 6 };
    bool with_and = false, closed = false;
    *first = *last = noun;
    while (!closed && *last + 1 < segment->noun_count && *last - noun < MOST && are_linked (segment, *last, &with_and)) {
        ++*last;
        closed = with_and;
    }
    if (*last > noun && !closed)
        *last = noun;
    while (*first > 0 && noun - *first < MOST && are_linked (segment, *first - 1, &with_and) && (!with_and || *first == noun)) {
        if (*first == noun && *last == noun && !with_and)
            break; /* "Moyo, Venn" alone is no list */
        --*first;
    }
}

/* "Farmers and two local councils": two descriptions at the start of a clause, right before the cue. */
static bool are_list (const qw_segment_t *segment, uint32_t noun, uint32_t cue)
{
    if (noun + 1 >= segment->noun_count)
        return false;
    const qw_noun_t *a = &segment->nouns[noun], *b = &segment->nouns[noun + 1];
    const qw_unit_t *first = &segment->units[a->first], *head = &segment->units[b->head];
    if (b->first != a->end + 1 || segment->units[a->end].hash != QW_WORD_AND || b->end != cue
        || !qw_tag_is_nominal (head->tag))
        return false;
    if (segment->units[a->head].entity == QW_PERSON + 1 || !qw_tag_is_nominal (segment->units[a->head].tag))
        return false;
    return a->first == 0 || (first - 1)->kind == KIND_COMMA || (first - 1)->kind == KIND_MARKED;
}

qw_span_t qw_voice_mention (const qw_segment_t *segment, const qw_layers_t *layers, uint32_t noun, uint32_t cue)
{
    if (noun == UINT32_MAX)
        return (qw_span_t){0, 0};
    const qw_noun_t *chunk = &segment->nouns[noun];
    const qw_unit_t *head = &segment->units[chunk->head];
    qw_span_t span = {segment->units[chunk->first].span.start, segment->units[chunk->end - 1].span.end};
    if (is_name (head)) {
        qw_span_t name = layers->mentions[head->mention].span;
        if (name.end == span.end && name.start > span.start && head->entity == QW_PERSON + 1)
            span.start = name.start;
        else if (name.end >= span.end && name.start < span.start)
            span = name;
        uint32_t first, last;
        find_list (segment, noun, &first, &last);
        if (last > noun)
            span.end = segment->units[segment->nouns[last].end - 1].span.end;
        if (first < noun)
            span.start = segment->units[segment->nouns[first].first].span.start;
    } else if (are_list (segment, noun, cue))
        span.end = segment->units[segment->nouns[noun + 1].end - 1].span.end;
    else if (noun > 0 && are_list (segment, noun - 1, cue))
        span.start = segment->units[segment->nouns[noun - 1].first].span.start;
    else if (head->tag != TAG_PRP && head->tag != TAG_WH)
        span.end = segment->units[whole_end (segment, noun, cue) - 1].span.end;
    return span;
}

static bool is_quoting (const qw_unit_t *unit)
{
    switch (unit->hash) {
    case QW_WORD_QUOTED:
    case QW_WORD_QUOTING:
    case QW_WORD_QUOTES:
    case QW_WORD_CITED:
    case QW_WORD_CITING:
    case QW_WORD_CITES: return true;
    default: return false;
    }
}

/* The unit of "quoted" or the like before a unit, or QW_NO_UNIT. */
static uint32_t quoting_before (const qw_segment_t *segment, uint32_t at)
{
    for (uint32_t back = 1; back <= at && back < REACH; back++)
        if (is_quoting (&segment->units[at - back]))
            return at - back;
    return QW_NO_UNIT;
}

bool qw_voice_is_quoted_as (const qw_segment_t *segment, uint32_t at)
{
    if (!is_quoting (&segment->units[at]))
        return false;
    for (uint32_t next = at + 1; next + 1 < segment->count && next < at + REACH; next++)
        if (segment->units[next].hash == QW_WORD_AS && segment->units[next + 1].hash == QW_WORD_SAYING)
            return true;
    return false;
}

bool qw_voice_is_said_as (const qw_segment_t *segment, uint32_t at)
{
    return at > 1 && segment->units[at].hash == QW_WORD_SAYING && segment->units[at - 1].hash == QW_WORD_AS
           && quoting_before (segment, at) != QW_NO_UNIT;
}

static bool is_form_of_be (const qw_unit_t *unit)
{
    return unit->hash == QW_WORD_WAS || unit->hash == QW_WORD_WERE || unit->hash == QW_WORD_BEEN || unit->hash == QW_WORD_IS
           || unit->hash == QW_WORD_ARE;
}

/* "Yonhap quoted a source as saying", "the source was quoted by Yonhap as saying". False when the cue is none of these.
 */
static bool find_relayed (const qw_segment_t *segment, const qw_layers_t *layers, uint32_t cue, uint32_t subject,
                          qw_voice_t *voice)
{
    if (!qw_voice_is_said_as (segment, cue))
        return false;
    uint32_t quoting = quoting_before (segment, cue);
    uint32_t before = UINT32_MAX, after = UINT32_MAX; /* the chunks next to "quoted" */
    for (uint32_t i = 0; i < segment->noun_count && segment->nouns[i].first < cue; i++) {
        uint8_t entity = segment->units[segment->nouns[i].head].entity;
        if (entity == QW_DATE + 1 || entity == QW_TIME + 1)
            continue;
        if (segment->nouns[i].end <= quoting)
            before = i;
        else if (after == UINT32_MAX)
            after = i;
    }
    if (after == UINT32_MAX)
        return false; /* "was quoted as saying" */
    bool passive = quoting > 0 && is_form_of_be (&segment->units[quoting - 1]);
    uint32_t first = segment->nouns[after].first; /* 0 when "quotes" was taken for a noun among others */
    if ((first > 0 && segment->units[first - 1].hash == QW_WORD_BY) || segment->units[quoting + 1].hash == QW_WORD_BY) {
        voice->speaker =
            qw_voice_mention (segment, layers, subject != UINT32_MAX && subject != after ? subject : before, cue);
        voice->via = qw_voice_mention (segment, layers, after, cue);
    } else if (passive && before != UINT32_MAX) { /* "the owners of the port were quoted in the Tribune" */
        while (before > 0 && segment->nouns[before - 1].end + 1 == segment->nouns[before].first
               && segment->units[segment->nouns[before - 1].end].hash == QW_WORD_OF)
            before--;
        voice->speaker = qw_voice_mention (segment, layers, before, cue);
        if (first > 0 && segment->units[first - 1].tag == TAG_IN)
            voice->via = qw_voice_mention (segment, layers, after, cue);
    } else {
        voice->speaker = qw_voice_mention (segment, layers, after, cue);
        voice->via = qw_voice_mention (segment, layers, before, cue);
    }
    return true;
}

qw_voice_t qw_voice_find (const qw_quotes_model_t *model, const qw_segment_t *segment, const qw_layers_t *layers,
                          uint32_t cue, int side, uint32_t start, uint32_t end)
{
    qw_voice_t voice = {{0, 0}, {0, 0}};
    uint32_t noun = qw_decide_source (model, segment, cue, side, start, end);
    if (!find_relayed (segment, layers, cue, noun, &voice))
        voice.speaker = qw_voice_mention (segment, layers, noun, cue);
    return voice;
}
