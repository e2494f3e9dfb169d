/*  quotes.c - the annotator "quotes": what is said, by which cue, and by whom as far as the sentence tells.

    Paragraph by paragraph: quotation marks first, then sentence by sentence the cues with their contents and speakers, then
    the marked words that no cue has claimed. */
#include <stdlib.h>
#include <string.h>

#include "workers/annotator.h"
#include "workers/quotes/decide.h"

typedef struct {
    const qw_quotes_model_t *model;
    qw_marks_t marks;
    qw_segment_t segment;
} quotes_t;

/* What one paragraph hands to its later sentences, and to the next paragraph. */
typedef struct {
    qw_span_t cue, speaker, via; /* of the last quotation */
    uint32_t end;                /* where it ended; 0: none in this paragraph yet */
    bool direct;
    bool announced; /* the paragraph before ended with a colon: cue and speaker wait for what follows */
} talk_t;

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

/* The speaker's words: the name in the chunk when there is one, without what stands before it; otherwise the chunk with what
 * belongs to it. */
static qw_span_t mention_of (const qw_segment_t *segment, const qw_layers_t *layers, uint32_t noun, uint32_t cue)
{
    if (noun == UINT32_MAX)
        return (qw_span_t){0, 0};
    const qw_noun_t *chunk = &segment->nouns[noun];
    const qw_unit_t *head = &segment->units[chunk->head];
    qw_span_t span = {segment->units[chunk->first].span.start, segment->units[chunk->end - 1].span.end};
    if (head->mention != QW_NO_MENTION && head->entity <= QW_MISC + 1) {
        qw_span_t name = layers->mentions[head->mention].span;
        if (name.end == span.end && name.start > span.start && head->entity == QW_PERSON + 1)
            span.start = name.start;
        else if (name.end >= span.end && name.start < span.start)
            span = name;
    } else if (head->tag != TAG_PRP && head->tag != TAG_WH)
        span.end = segment->units[whole_end (segment, noun, cue) - 1].span.end;
    return span;
}

static qw_quote_t *add_quote (qw_layers_t *layers, qw_span_t span, qw_quote_type_t type)
{
    qw_quote_t *quote = qw_layers_add_quote (layers);
    quote->span = span;
    quote->type = type;
    return quote;
}

/* Adds the content [start, end] of a cue, and takes the marks in it. */
static void add_content (quotes_t *self, qw_layers_t *layers, uint32_t start, uint32_t end, uint32_t at, qw_span_t speaker,
                         talk_t *talk)
{
    qw_unit_t *units = self->segment.units;
    qw_span_t cue = units[at].span;
    qw_quote_type_t type = QW_INDIRECT;
    bool runs_on = false;
    for (uint32_t i = start; i <= end; i++)
        if (units[i].kind == KIND_MARKED) {
            type = start == end ? QW_DIRECT : QW_MIXED;
            units[i].taken = true;
            runs_on = self->marks.items[units[i].marked].runs_on;
        }
    qw_quote_t *quote = add_quote (layers, (qw_span_t){units[start].span.start, units[end].span.end}, type);
    quote->cue = cue;
    quote->speaker_mention = speaker;
    quote->speech = !units[at].belief;
    quote->runs_on = runs_on;
    quote->opens_before = type == QW_DIRECT && self->marks.items[units[start].marked].opens_before;
    talk->cue = cue;
    talk->speaker = speaker;
    talk->end = quote->span.end;
    talk->direct = type != QW_INDIRECT;
}

static void treat_cue (quotes_t *self, qw_layers_t *layers, uint32_t at, int side, talk_t *talk)
{
    const qw_segment_t *segment = &self->segment;
    uint32_t left_start = 0, left_end = 0, right_start = 0, right_end = 0;
    if (side == SIDE_BOTH && segment->units[at].belief)
        side = SIDE_RIGHT;
    bool left = side != SIDE_RIGHT && qw_decide_content (self->model, segment, at, SIDE_LEFT, &left_start, &left_end);
    bool right = side != SIDE_LEFT && qw_decide_content (self->model, segment, at, SIDE_RIGHT, &right_start, &right_end);
    uint32_t noun = UINT32_MAX;
    if (left)
        noun = qw_decide_source (self->model, segment, at, SIDE_LEFT, left_start, left_end);
    else if (right)
        noun = qw_decide_source (self->model, segment, at, SIDE_RIGHT, right_start, right_end);
    else
        return;
    qw_span_t speaker = mention_of (segment, layers, noun, at);
    if (left)
        add_content (self, layers, left_start, left_end, at, speaker, talk);
    if (right)
        add_content (self, layers, right_start, right_end, at, speaker, talk);
}

/* Marked words that no cue claims: a quotation of the one who was speaking, or none at all. */
static void treat_marked (quotes_t *self, qw_layers_t *layers, uint32_t at, talk_t *talk)
{
    const qw_unit_t *unit = &self->segment.units[at];
    const qw_marked_t *marked = &self->marks.items[unit->marked];
    uint32_t since = talk->end == 0 || talk->end > unit->span.start ? UINT32_MAX : (unit->span.start - talk->end) / 6;
    bool announced = talk->announced && at == 0 && self->segment.paragraph_start;
    if (!announced && qw_decide_marked (self->model, &self->segment, at, marked, since) <= 0)
        return;
    qw_quote_t *quote = add_quote (layers, unit->span, QW_DIRECT);
    quote->runs_on = marked->runs_on;
    quote->opens_before = marked->opens_before;
    if (announced || talk->end > 0) {
        quote->cue = talk->cue;
        quote->speaker_mention = talk->speaker;
        quote->via = talk->via;
    }
    talk->end = unit->span.end;
    talk->direct = true;
}

/* "..., he continued:" at the end of a paragraph: what is said follows in the next one. */
static void announce (quotes_t *self, const qw_layers_t *layers, talk_t *talk)
{
    const qw_segment_t *segment = &self->segment;
    talk->announced = false;
    if (segment->count < 2 || segment->units[segment->count - 1].kind != KIND_COLON)
        return;
    uint32_t end = segment->count - 1;
    for (uint32_t at = end; at-- > 0 && end - at < 16;) {
        int32_t lead;
        if (!qw_may_be_cue (&segment->units[at]) || segment->units[at].cue < 4
            || (qw_decide_cue (self->model, segment, at, &lead) == SIDE_NONE && end - at > 1))
            continue;
        talk->cue = segment->units[at].span;
        talk->speaker = mention_of (segment, layers, qw_decide_source (self->model, segment, at, SIDE_RIGHT, end, end), at);
        talk->announced = true;
        return;
    }
}

static void treat_segment (quotes_t *self, qw_layers_t *layers, const char *text, talk_t *talk)
{
    qw_segment_t *segment = &self->segment;
    bool anything = false;
    for (uint32_t at = 0; at < segment->count && !anything; at++)
        anything = segment->units[at].kind == KIND_MARKED || qw_may_be_cue (&segment->units[at]);
    if (!anything)
        return;
    qw_segment_tag (segment, self->model, text);
    qw_segment_prepare (segment);
    for (uint32_t at = 0; at < segment->count; at++) {
        int32_t lead;
        if (!qw_may_be_cue (&segment->units[at]))
            continue;
        int side = qw_decide_cue (self->model, segment, at, &lead);
        if (side != SIDE_NONE)
            treat_cue (self, layers, at, side, talk);
    }
    for (uint32_t at = 0; at < segment->count; at++)
        if (segment->units[at].kind == KIND_MARKED && !segment->units[at].taken)
            treat_marked (self, layers, at, talk);
    if (segment->paragraph_end)
        announce (self, layers, talk);
}

/* By start, the longer first. */
static bool comes_before (const qw_quote_t *a, const qw_quote_t *b)
{
    return a->span.start != b->span.start ? a->span.start < b->span.start : a->span.end > b->span.end;
}

/* Sorts the quotes from `first` on, which are nearly in order already, and drops those with the same span as another. */
static void settle (qw_layers_t *layers, size_t first)
{
    qw_quote_t *quotes = layers->quotes;
    for (size_t i = first + 1; i < layers->quote_count; i++) {
        qw_quote_t quote = quotes[i];
        size_t place = i;
        while (place > first && comes_before (&quote, &quotes[place - 1])) {
            quotes[place] = quotes[place - 1];
            place--;
        }
        quotes[place] = quote;
    }
    size_t kept = first;
    for (size_t i = first; i < layers->quote_count; i++)
        if (kept == first || quotes[kept - 1].span.start != quotes[i].span.start || quotes[kept - 1].span.end != quotes[i].span.end)
            quotes[kept++] = quotes[i];
    layers->quote_count = kept;
}

static qw_status_t quotes_open (void **instance, const void *model, size_t model_size, qw_reason_t *reason)
{
    *instance = NULL;
    const qw_quotes_model_t *weights = model;
    if (!model || model_size != sizeof *weights || weights->magic != QW_QUOTES_MODEL_MAGIC
        || weights->version != QW_QUOTES_MODEL_VERSION)
        return qw_fail (QW_UNSUPPORTED, reason, "quotes.model is missing or not of version %d", QW_QUOTES_MODEL_VERSION);
    quotes_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->model = weights;
    *instance = self;
    return QW_OK;
}

static qw_status_t quotes_annotate (void *instance, const qw_chunk_t *chunk, qw_layers_t *layers, qw_reason_t *reason)
{
    (void) reason;
    quotes_t *self = instance;
    talk_t talk = {0};
    qw_walk_t walk = {0};
    bool inside = true; /* nobody knows what came before the chunk */
    size_t sentence = 0;
    for (size_t i = 0; i < chunk->paragraph_count; i++) {
        const qw_paragraph_t *paragraph = &chunk->paragraphs[i];
        while (sentence < layers->sentence_count
               && layers->tokens[layers->sentences[sentence].first].start < paragraph->span.start)
            sentence++;
        walk.sentence = sentence;
        while (sentence < layers->sentence_count
               && layers->tokens[layers->sentences[sentence].first].start < paragraph->span.end)
            sentence++;
        walk.sentence_end = sentence;
        if (paragraph->role != QW_ROLE_BODY && paragraph->role != QW_ROLE_CAPTION)
            continue;
        self->marks.count = 0;
        inside = qw_marks_find (&self->marks, chunk->text, paragraph->span, inside);
        walk.mark = 0;
        walk.mark_end = self->marks.count;
        walk.paragraph = paragraph->span;
        talk.end = 0;
        size_t first = layers->quote_count;
        while (qw_segment_next (&self->segment, &walk, self->model, chunk->text, layers, &self->marks))
            treat_segment (self, layers, chunk->text, &talk);
        settle (layers, first);
    }
    return QW_OK;
}

static void quotes_close (void **instance)
{
    quotes_t *self = *instance;
    if (!self)
        return;
    qw_marks_free (&self->marks);
    qw_segment_free (&self->segment);
    free (self);
    *instance = NULL;
}

static const char *const needs[] = {"tokens", "entities", NULL};

const qw_annotator_t qw_quotes_annotator = {"quotes", 2, needs, quotes_open, quotes_annotate, quotes_close};
