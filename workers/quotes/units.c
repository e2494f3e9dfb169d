#include "workers/quotes/units.h"

#include <stdlib.h>
#include <string.h>

void qw_segment_free (qw_segment_t *self)
{
    free (self->block);
    free (self->places);
    free (self->nouns);
    qw_words_destroy (&self->words);
    *self = (qw_segment_t){0};
}

/* UNIT_PAD units beyond an end of the sentence. */
static void pad (qw_unit_t *units)
{
    for (uint32_t i = 0; i < UNIT_PAD; i++)
        units[i] = (qw_unit_t){.hash = 3,
                               .stem = 3,
                               .mention = QW_NO_MENTION,
                               .kind = KIND_BORDER,
                               .tag = TAG_BORDER,
                               .sure = 1,
                               .shape = SHAPE_NONE};
}

/* Room for so many more units. */
static void make_room (qw_segment_t *self, size_t more)
{
    size_t needed = self->count + more + 2 * UNIT_PAD;
    if (needed <= self->capacity)
        return;
    self->capacity = needed < 256 ? 256 : needed * 2;
    self->block = realloc (self->block, self->capacity * sizeof *self->block);
    self->places = realloc (self->places, self->capacity * sizeof *self->places);
    if (!self->block || !self->places)
        abort ();
    self->units = self->block + UNIT_PAD;
    pad (self->block);
}

static void fill_word (qw_unit_t *unit, const char *text, qw_span_t span, const qw_known_t *known)
{
    *unit = (qw_unit_t){.span = span,
                        .hash = known->hash,
                        .stem = known->stem,
                        .kind = known->kind,
                        .shape = known->shape,
                        .tag = known->tag,
                        .sure = known->sure,
                        .cue = known->cue,
                        .source = known->source,
                        .belief = known->belief,
                        .parts = known->parts,
                        .mention = QW_NO_MENTION};
    if (known->kind != KIND_OTHER || span.start == 0 || (text[span.start - 1] | 32) != 's')
        return;
    const char *word = text + span.start;
    if (qw_span_size (span) == 1 ? *word == '\'' : qw_is_apostrophe (word, qw_span_size (span)))
        unit->tag = TAG_POS;
}

/* The tokens of one marked stretch as a unit; returns the first token behind it. */
static size_t fill_marked (qw_unit_t *unit, const char *text, const qw_layers_t *layers, size_t token, size_t end,
                           const qw_marked_t *marked)
{
    *unit = (qw_unit_t){
        .span = marked->span, .mention = QW_NO_MENTION, .kind = KIND_MARKED, .tag = TAG_MARKED, .sure = 1};
    qw_span_t inside = {marked->span.start + marked->open_size, marked->span.end - marked->close_size}, last = {0, 0};
    for (; token < end && layers->tokens[token].start < marked->span.end; token++) {
        qw_span_t span = layers->tokens[token];
        if (span.start < inside.start || span.end > inside.end)
            continue;
        if (unit->words++ == 0) {
            unit->inner_shape = qw_word_shape (text + span.start, qw_span_size (span));
            unit->stem = qw_quote_word_hash (text + span.start, qw_span_size (span));
        }
        last = span;
    }
    unit->inner = unit->words ? qw_word_kind (text + last.start, qw_span_size (last)) : KIND_BORDER;
    unit->hash = qw_mix (901,
                         unit->words < 4   ? unit->words
                         : unit->words < 8 ? 5
                                           : 6,
                         unit->inner == KIND_COMMA  ? 1
                         : unit->inner == KIND_STOP ? 2
                                                    : 0);
    return token;
}

/* The end of a word and all that hyphens tie to it: state-run is three tokens and one unit. Returns the first token
 * behind. */
static size_t tied (const char *text, const qw_layers_t *layers, size_t token, size_t end)
{
    const qw_span_t *tokens = layers->tokens;
    while (token + 2 < end && tokens[token + 1].start == tokens[token].end && text[tokens[token + 1].start] == '-'
           && qw_span_size (tokens[token + 1]) == 1 && tokens[token + 2].start == tokens[token + 1].end)
        token += 2;
    return token + 1;
}

/* A sentence that ends with marked words inside of which there is no full stop at the end, or that goes on in lower
 * case, was cut too early: "Really?" she asked. */
static bool goes_on (const qw_segment_t *segment, const char *text, const qw_layers_t *layers, size_t next)
{
    if (segment->count == 0 || segment->units[segment->count - 1].kind != KIND_MARKED)
        return false;
    const qw_unit_t *last = &segment->units[segment->count - 1];
    const char *word = text + layers->tokens[layers->sentences[next].first].start;
    return last->inner == KIND_COMMA || (word[0] >= 'a' && word[0] <= 'z');
}

static const qw_span_t nowhere = {UINT32_MAX, UINT32_MAX};

static qw_span_t mark_at (const qw_marks_t *marks, const qw_walk_t *walk)
{
    return walk->mark < walk->mark_end ? marks->items[walk->mark].span : nowhere;
}

static qw_span_t mention_at (const qw_layers_t *layers, const qw_walk_t *walk)
{
    return walk->mention < layers->mention_count ? layers->mentions[walk->mention].span : nowhere;
}

/* What is known of the words among the units, whose places are set. */
static void fill_words (qw_segment_t *segment, qw_walk_t *walk, const char *text, const qw_layers_t *layers)
{
    qw_span_t mention = mention_at (layers, walk);
    for (uint32_t at = 0; at < segment->count; at++) {
        qw_unit_t *unit = &segment->units[at];
        if (unit->kind == KIND_MARKED)
            continue;
        qw_span_t span = unit->span;
        const char *word = text + span.start;
        fill_word (unit, text, span, qw_words_find (segment->words, &segment->places[at], word, qw_span_size (span)));
        segment->busy |= unit->cue > 0;
        while (mention.end <= span.start) {
            walk->mention++;
            mention = mention_at (layers, walk);
        }
        if (mention.start < span.end) {
            unit->mention = (uint32_t) walk->mention;
            unit->entity = (uint8_t) (layers->mentions[walk->mention].type + 1);
        }
    }
}

bool qw_segment_next (qw_segment_t *segment, qw_walk_t *walk, const qw_quotes_model_t *model, const char *text,
                      const qw_layers_t *layers, const qw_marks_t *marks)
{
    segment->count = 0;
    segment->busy = false;
    if (walk->sentence >= walk->sentence_end)
        return false;
    if (!segment->words)
        segment->words = qw_words_new (model);
    size_t token = layers->sentences[walk->sentence].first, end = layers->sentences[walk->sentence].end;
    segment->paragraph_start = layers->tokens[token].start <= walk->paragraph.start;
    qw_span_t mark = mark_at (marks, walk);
    make_room (segment, end - token);
    for (;;) {
        if (token >= end) {
            if (walk->sentence + 1 >= walk->sentence_end || !goes_on (segment, text, layers, walk->sentence + 1))
                break;
            end = layers->sentences[++walk->sentence].end;
            make_room (segment, end - token);
        }
        qw_span_t span = layers->tokens[token];
        while (mark.end <= span.start) {
            walk->mark++;
            mark = mark_at (marks, walk);
        }
        uint32_t at = segment->count++;
        qw_unit_t *unit = &segment->units[at];
        if (mark.start < span.end) {
            size_t limit = layers->sentences[walk->sentence_end - 1].end;
            size_t behind = fill_marked (unit, text, layers, token, limit, &marks->items[walk->mark]);
            unit->marked = (uint32_t) walk->mark++;
            mark = mark_at (marks, walk);
            segment->busy = true;
            token = behind > token ? behind : token + 1;
            if (token > end) { /* the marks reach into the next sentence */
                while (token > end && walk->sentence + 1 < walk->sentence_end)
                    end = layers->sentences[++walk->sentence].end;
                make_room (segment, end - token);
            }
            continue;
        }
        size_t behind = tied (text, layers, token, end);
        if (layers->tokens[behind - 1].end > mark.start)
            behind = token + 1;
        span.end = layers->tokens[behind - 1].end;
        qw_words_fetch (segment->words, text + span.start, qw_span_size (span), walk->text_size - span.start,
                        &segment->places[at]);
        unit->span = span;
        unit->kind = KIND_WORD;
        token = behind;
    }
    walk->sentence++;
    segment->paragraph_end = walk->sentence >= walk->sentence_end;
    fill_words (segment, walk, text, layers);
    pad (segment->units + segment->count);
    return true;
}
