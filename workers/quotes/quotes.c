/*  quotes.c - the annotator "quotes": what is said, by which cue, and by whom as far as the sentence tells.

    Paragraph by paragraph: quotation marks first, then sentence by sentence the cues with their contents and speakers,
   then the marked words that no cue has claimed. */
#include <stdlib.h>
#include <string.h>

#include "workers/annotator.h"
#include "workers/quotes/clauses.h"
#include "workers/quotes/voice.h"

typedef struct {
    const qw_quotes_model_t *model;
    qw_marks_t marks;
    qw_segment_t segment;
} quotes_t;

/* What one paragraph hands to its later sentences, and to the next paragraph. */
typedef struct {
    qw_span_t cue;    /* of the last quotation */
    qw_voice_t voice; /* the same's */
    uint32_t end;     /* where it ended; 0: none in this paragraph yet */
    bool announced;   /* the paragraph before ended with a colon: cue and speaker wait for what follows */
} talk_t;

static qw_quote_t *add_quote (qw_layers_t *layers, qw_span_t span, qw_quote_type_t type)
{
    qw_quote_t *quote = qw_layers_add_quote (layers);
    quote->span = span;
    quote->type = type;
    return quote;
}

/* The quotation with the same span, of another cue of the same sentence. */
static qw_quote_t *find_same (qw_layers_t *layers, qw_span_t span)
{
    for (size_t back = 1; back <= layers->quote_count && back < 5; back++) {
        qw_quote_t *quote = &layers->quotes[layers->quote_count - back];
        if (quote->span.start == span.start && quote->span.end == span.end)
            return quote;
    }
    return NULL;
}

/* A second cue for a quotation: in "According to a source, ..., Yonhap reported" the source speaks and Yonhap relays.
 */
static void add_voice (qw_quote_t *quote, qw_span_t cue, bool according, qw_voice_t voice)
{
    if (!qw_span_is_empty (quote->via) || qw_span_is_empty (voice.speaker)
        || qw_span_overlap (quote->speaker_mention, voice.speaker))
        return;
    if (according || qw_span_is_empty (quote->speaker_mention)) {
        quote->via = quote->speaker_mention;
        quote->speaker_mention = voice.speaker;
        quote->cue = cue;
    } else
        quote->via = voice.speaker;
}

/* Adds the content [start, end] of a cue, and takes the marks in it. */
static void add_content (quotes_t *self, qw_layers_t *layers, uint32_t start, uint32_t end, uint32_t at,
                         qw_voice_t voice, talk_t *talk)
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
    qw_span_t span = {units[start].span.start, units[end].span.end};
    qw_quote_t *quote = find_same (layers, span);
    if (quote)
        add_voice (quote, cue, units[at].hash == QW_WORD_ACCORDING, voice);
    else {
        quote = add_quote (layers, span, type);
        quote->cue = cue;
        quote->speaker_mention = voice.speaker;
        quote->via = voice.via;
        quote->speech = !units[at].belief;
        quote->runs_on = runs_on;
        quote->opens_before = type == QW_DIRECT && self->marks.items[units[start].marked].opens_before;
    }
    talk->cue = quote->cue;
    talk->voice = (qw_voice_t){quote->speaker_mention, quote->via};
    talk->end = span.end;
}

/* "on Friday": no content, but when it was said. */
static bool is_time (const qw_segment_t *segment, uint32_t start, uint32_t end)
{
    if (segment->units[start].tag == TAG_IN && start < end)
        start++;
    for (uint32_t at = start; at <= end; at++)
        if (segment->units[at].entity != QW_DATE + 1 && segment->units[at].entity != QW_TIME + 1)
            return false;
    return true;
}

static bool is_lone_relative (const qw_segment_t *segment, uint32_t start, uint32_t end)
{
    return start == end && segment->units[start].tag == TAG_WH;
}

/* The content on one side, as far as the models see it. */
static bool find_content (const quotes_t *self, uint32_t at, int side, qw_clause_t *clause)
{
    return qw_decide_content (self->model, &self->segment, at, side, &clause->start, &clause->end);
}

/* "Regina Ip, the convenor, said on another show that ...": the speaker was taken for the content. */
static bool is_speaker (const qw_segment_t *segment, uint32_t at, qw_clause_t left)
{
    if (!qw_clause_is_bare (segment, left))
        return false;
    return left.end + 1 == qw_clause_verb (segment, at)
           || (left.end + 2 == at && left.start == 0 && segment->units[at - 1].kind == KIND_COMMA
               && segment->units[at + 1].tag == TAG_IN);
}

/* What grammar has to say of the contents of a cue. */
static void mend_left (const quotes_t *self, uint32_t at, bool *left, qw_clause_t *content, bool *right,
                       qw_clause_t *other)
{
    const qw_segment_t *segment = &self->segment;
    if (is_lone_relative (segment, content->start, content->end)) {
        *left = false; /* "in what analysts say is an attempt to ..." */
        if (!*right && qw_tag_is_finite (segment->units[at + 1].tag)) {
            *right = find_content (self, at, SIDE_RIGHT, other) && other->end > at + 1;
            other->start = at + 2;
        }
        return;
    }
    if (segment->units[at].hash != QW_WORD_ACCORDING && is_speaker (segment, at, *content)
        && !qw_clause_step_back (segment, at, content)) {
        *left = false;
        if (!*right)
            *right = find_content (self, at, SIDE_RIGHT, other) && !qw_clause_is_bare (segment, *other);
    }
    if (*left)
        qw_clause_leave_according (segment, content);
}

static void treat_cue (quotes_t *self, qw_layers_t *layers, uint32_t at, int side, talk_t *talk)
{
    qw_segment_t *segment = &self->segment;
    qw_clause_t before = {0, 0}, behind = {0, 0};
    if (side == SIDE_BOTH && segment->units[at].belief)
        side = SIDE_RIGHT;
    bool left = side != SIDE_RIGHT && find_content (self, at, SIDE_LEFT, &before);
    bool right = side != SIDE_LEFT && find_content (self, at, SIDE_RIGHT, &behind);
    if (right && is_time (segment, behind.start, behind.end)) {
        right = false;
        if (left)
            qw_clause_step_back (segment, at, &before);
        else
            left = find_content (self, at, SIDE_LEFT, &before) && before.end + 1 < at
                   && segment->units[before.end + 1].kind == KIND_COMMA;
    }
    if (left)
        mend_left (self, at, &left, &before, &right, &behind);
    if (right && !left && side == SIDE_RIGHT)
        left = qw_clause_subject_of (segment, at, behind, &before);
    bool claim = false;
    uint32_t claimant = QW_NO_UNIT;
    if (right) {
        if (segment->units[at].hash == QW_WORD_ACCORDING)
            qw_clause_leave_reporter (segment, &behind);
        uint32_t second = qw_clause_end_before_cue (segment, at, &behind);
        if (second != QW_NO_UNIT)
            segment->units[second].side = SIDE_RIGHT;
        qw_clause_end_of_opening (segment, at, &behind);
        qw_clause_behind_what (segment, at, &behind);
        qw_clause_behind_asked (segment, at, &behind);
        claimant = qw_clause_of_claim (segment, &behind, &claim);
    }
    qw_voice_t voice;
    if (left)
        voice = qw_voice_find (self->model, segment, layers, at, SIDE_LEFT, before.start, before.end);
    else if (right)
        voice = qw_voice_find (self->model, segment, layers, at, SIDE_RIGHT, behind.start, behind.end);
    else
        return;
    if (claim && claimant != QW_NO_UNIT)
        voice = (qw_voice_t){qw_voice_mention (segment, layers, claimant, at), {0, 0}};
    uint32_t cited = left ? qw_clause_cited (segment, at) : QW_NO_UNIT;
    if (cited != QW_NO_UNIT && qw_span_is_empty (voice.via)) {
        voice = (qw_voice_t){qw_voice_mention (segment, layers, cited, at), voice.speaker};
        segment->units[segment->nouns[cited].first - 1].side = SIDE_NONE;
    }
    if (left)
        add_content (self, layers, before.start, before.end, at, voice, talk);
    if (right) /* what goes on behind the cue has the voices of what stands before it */
        add_content (self, layers, behind.start, behind.end, at, left ? talk->voice : voice, talk);
}

/* Whether treat_construction may know the unit. */
static bool may_be_construction (const qw_unit_t *unit)
{
    return (unit->parts & PART_RAISES) || ((unit + 1)->parts & PART_FROM);
}

/* Cues that grammar finds where the models see none, or not well: "Residents were told by Anna Kowalska that ...", "raised
 * the possibility that ...". True when the unit is one. */
static bool treat_construction (quotes_t *self, qw_layers_t *layers, uint32_t at, talk_t *talk)
{
    qw_segment_t *segment = &self->segment;
    uint32_t speaker, start, that;
    qw_clause_t clause;
    qw_voice_t voice;
    if (qw_clause_told_by (segment, at, &speaker, &start)) {
        if (!find_content (self, at, SIDE_RIGHT, &clause) || clause.end <= start)
            return false;
        voice = (qw_voice_t){qw_voice_mention (segment, layers, speaker, at), {0, 0}};
    } else if ((that = qw_clause_raised (segment, at)) != QW_NO_UNIT) {
        if (!find_content (self, that - 1, SIDE_RIGHT, &clause) || clause.end <= that)
            return false; /* asked of the noun, which is met before "that" more often */
        start = that;
        voice = qw_voice_find (self->model, segment, layers, at, SIDE_RIGHT, start, clause.end);
    } else
        return false;
    segment->units[at].belief = false;
    add_content (self, layers, start, clause.end, at, voice, talk);
    return true;
}

static bool is_dash (const char *text, uint32_t at, uint32_t end)
{
    unsigned char last = end - at >= 3 ? (unsigned char) text[at + 2] : 0;
    return text[at] == '-' || (last >= 0x92 && last <= 0x95 && memcmp (text + at, "\xe2\x80", 2) == 0);
}

/* Bytes of a blank at `at`, the one that no line breaks at too; 0: it is none. */
static uint32_t blank (const char *text, uint32_t at, uint32_t end)
{
    if (text[at] == ' ')
        return 1;
    return end - at >= 2 && memcmp (text + at, "\xc2\xa0", 2) == 0 ? 2 : 0;
}

/* Where the word ends that begins at `at`, if it is part of a name: a capital letter first. 0: it is none. */
static uint32_t name_word (const char *text, uint32_t at, uint32_t end)
{
    unsigned char c = (unsigned char) text[at];
    if (!((c >= 'A' && c <= 'Z') || c == 0xc3 || c == 0xc4 || c == 0xc5))
        return 0;
    while (at < end && !blank (text, at, end) && text[at] != ',' && text[at] != '(')
        at++;
    return at;
}

/* "The water is safe." - Anna Kowalska: a name of two words or more behind a dash, with which the line ends. */
static bool find_signature (const char *text, qw_span_t paragraph, uint32_t from, qw_span_t *name)
{
    enum { FEWEST = 2, MOST = 5 };
    uint32_t at = from, end = paragraph.end, words = 0;
    bool dash = false;
    while (at < end && (blank (text, at, end) || text[at] == '.' || is_dash (text, at, end))) {
        dash |= is_dash (text, at, end);
        at += (unsigned char) text[at] == 0xe2 ? 3 : text[at] == '.' || text[at] == '-' ? 1 : blank (text, at, end);
    }
    if (!dash || at >= end)
        return false;
    name->start = at;
    for (uint32_t word; at < end && words < MOST && (word = name_word (text, at, end)) > 0; words++) {
        name->end = at = word;
        for (uint32_t size; at < end && (size = blank (text, at, end)) > 0;)
            at += size;
    }
    if (words < FEWEST || (at < end && text[at] != ',' && text[at] != '('))
        return false;
    while (text[name->end - 1] == '.' && name->end > name->start + 1)
        name->end--;
    return true;
}

/* Marked words that no cue claims: a quotation of the one who was speaking, or none at all. */
static void treat_marked (quotes_t *self, qw_layers_t *layers, const char *text, qw_span_t paragraph, uint32_t at,
                          talk_t *talk)
{
    const qw_unit_t *unit = &self->segment.units[at];
    const qw_marked_t *marked = &self->marks.items[unit->marked];
    uint32_t since = talk->end == 0 || talk->end > unit->span.start ? UINT32_MAX : (unit->span.start - talk->end) / 6;
    bool announced = talk->announced && at == 0 && self->segment.paragraph_start;
    qw_voice_t signature = {{0, 0}, {0, 0}};
    bool is_signed = unit->words > 3 && find_signature (text, paragraph, unit->span.end, &signature.speaker);
    if (!announced && !is_signed && qw_decide_marked (self->model, &self->segment, at, marked, since) <= 0)
        return;
    qw_quote_t *quote = add_quote (layers, unit->span, QW_DIRECT);
    quote->runs_on = marked->runs_on;
    quote->opens_before = marked->opens_before;
    if (is_signed) {
        quote->speaker_mention = signature.speaker;
        talk->cue = (qw_span_t){0, 0};
        talk->voice = signature;
    } else if (announced || talk->end > 0) {
        quote->cue = talk->cue;
        quote->speaker_mention = talk->voice.speaker;
        quote->via = talk->voice.via;
    }
    talk->end = unit->span.end;
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
        const qw_unit_t *unit = &segment->units[at];
        if (unit->cue < 4 || (unit->side == SIDE_NONE && end - at > 1))
            continue;
        talk->cue = segment->units[at].span;
        talk->voice = qw_voice_find (self->model, segment, layers, at, SIDE_RIGHT, end, end);
        talk->announced = true;
        return;
    }
}

static void treat_segment (quotes_t *self, qw_layers_t *layers, const char *text, qw_span_t paragraph, talk_t *talk)
{
    qw_segment_t *segment = &self->segment;
    if (!segment->busy) {
        talk->announced = talk->announced && !segment->paragraph_end;
        return;
    }
    qw_segment_tag (segment, self->model, text);
    qw_segment_prepare (segment);
    qw_decide_cues (self->model, segment);
    uint32_t raised = QW_NO_UNIT; /* the unit of "that" behind "raised the possibility" */
    for (uint32_t at = 0; at < segment->count; at++) {
        int side = segment->units[at].side;
        if (raised != QW_NO_UNIT && at < raised)
            continue;
        if (may_be_construction (&segment->units[at]) && treat_construction (self, layers, at, talk)) {
            raised = qw_clause_raised (segment, at);
            continue;
        }
        if (!qw_may_be_cue (&segment->units[at]) || qw_voice_is_quoted_as (segment, at))
            continue;
        if (side == SIDE_NONE && qw_voice_is_said_as (segment, at))
            side = at + 2 < segment->count ? SIDE_RIGHT : SIDE_LEFT;
        if (side != SIDE_NONE)
            treat_cue (self, layers, at, side, talk);
    }
    for (uint32_t at = 0; at < segment->count; at++)
        if (segment->units[at].kind == KIND_MARKED && !segment->units[at].taken)
            treat_marked (self, layers, text, paragraph, at, talk);
    if (segment->paragraph_end)
        announce (self, layers, talk);
}

/* By start, the longer first. */
static int compare_quotes (const void *a_p, const void *b_p)
{
    const qw_quote_t *a = a_p, *b = b_p;
    if (a->span.start != b->span.start)
        return a->span.start < b->span.start ? -1 : 1;
    return a->span.end > b->span.end ? -1 : a->span.end < b->span.end;
}

/* Sorts the quotes of a paragraph, which are nearly in order already, and drops one with the same span as another. */
static void settle (qw_layers_t *layers, size_t first)
{
    qw_quote_t *quotes = layers->quotes;
    if (layers->quote_count - first > 32)
        qsort (quotes + first, layers->quote_count - first, sizeof *quotes, compare_quotes);
    else
        for (size_t i = first + 1; i < layers->quote_count; i++) {
            qw_quote_t quote = quotes[i];
            size_t place = i;
            for (; place > first && compare_quotes (&quote, &quotes[place - 1]) < 0; place--)
                quotes[place] = quotes[place - 1];
            quotes[place] = quote;
        }
    size_t kept = first;
    for (size_t i = first; i < layers->quote_count; i++)
        if (kept == first || compare_quotes (&quotes[kept - 1], &quotes[i]) != 0)
            quotes[kept++] = quotes[i];
    layers->quote_count = kept;
}

static qw_status_t quotes_open (void **instance, const void *model, size_t model_size, qw_reason_t *reason)
{
    *instance = NULL;
    const qw_quotes_model_t *weights = model;
    if (!model || model_size != sizeof *weights || weights->magic != QW_QUOTES_MODEL_MAGIC
        || weights->version != QW_QUOTES_MODEL_VERSION)
        return qw_fail (QW_UNSUPPORTED, reason, "quotes.model is missing or not of version %d",
                        QW_QUOTES_MODEL_VERSION);
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
    qw_walk_t walk = {.text_size = chunk->size};
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
            treat_segment (self, layers, chunk->text, paragraph->span, &talk);
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

const qw_annotator_t qw_quotes_annotator = {"quotes", 5, needs, quotes_open, quotes_annotate, quotes_close};
