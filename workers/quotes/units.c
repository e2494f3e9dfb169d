#include "workers/quotes/units.h"

#include <stdlib.h>
#include <string.h>

void qw_segment_free (qw_segment_t *self)
{
    free (self->block);
    free (self->nouns);
    *self = (qw_segment_t){0};
}

static qw_unit_t *add_unit (qw_segment_t *self)
{
    size_t needed = self->count + 1 + 2 * UNIT_PAD;
    if (needed > self->capacity) {
        self->capacity = needed < 256 ? 256 : needed * 2;
        self->block = realloc (self->block, self->capacity * sizeof *self->block);
        if (!self->block)
            abort ();
        self->units = self->block + UNIT_PAD;
    }
    return &self->units[self->count++];
}

/* Takes one character of a word into the hash: lower case, digits as 0, any apostrophe as '. */
static inline uint32_t take (uint32_t h, unsigned char c)
{
    if (c >= 'A' && c <= 'Z')
        c |= 32;
    else if (c >= '0' && c <= '9')
        c = '0';
    return (h ^ c) * 0x01000193u;
}

static inline uint32_t finish (uint32_t h)
{
    h ^= h >> 15;
    return h ? h : 1;
}

/* Whether the three bytes are a typographic apostrophe. */
static inline bool is_apostrophe (const unsigned char *bytes, size_t left)
{
    return left >= 3 && bytes[0] == 0xe2 && bytes[1] == 0x80 && (bytes[2] == 0x98 || bytes[2] == 0x99);
}

uint32_t qw_quote_word_hash (const char *text, size_t size)
{
    const unsigned char *bytes = (const unsigned char *) text;
    uint32_t h = 0x811c9dc5u;
    for (size_t i = 0; i < size;)
        if (is_apostrophe (bytes + i, size - i)) {
            h = take (h, '\'');
            i += 3;
        } else
            h = take (h, bytes[i++]);
    return finish (h);
}

/* Bytes of the word without -s, -es, -ed, -ing; the whole when too little would be left. */
static size_t stem_size (const char *word, size_t size)
{
    if (size > 5 && memcmp (word + size - 3, "ing", 3) == 0)
        return size - 3;
    if (size > 4 && memcmp (word + size - 2, "ed", 2) == 0)
        return size - 2;
    if (size > 4 && memcmp (word + size - 2, "es", 2) == 0)
        return size - 2;
    if (size > 3 && word[size - 1] == 's' && word[size - 2] != 's')
        return size - 1;
    if (size > 4 && word[size - 1] == 'e')
        return size - 1;
    return size;
}

static uint8_t kind_of (const char *word, size_t size)
{
    unsigned char c = (unsigned char) word[0];
    if ((c | 32) >= 'a' && (c | 32) <= 'z')
        return KIND_WORD;
    if (c >= '0' && c <= '9')
        return KIND_NUMBER;
    switch (c) {
    case ',': return KIND_COMMA;
    case '.': return size == 1 || word[1] == '.' ? KIND_STOP : KIND_WORD;
    case '?':
    case '!': return KIND_STOP;
    case ':': return KIND_COLON;
    case ';': return KIND_SEMICOLON;
    case '-': return KIND_DASH;
    case '(':
    case '[': return KIND_OPEN;
    case ')':
    case ']': return KIND_CLOSE;
    case '$': return KIND_NUMBER;
    case '\'': return size > 1 && (word[1] | 32) >= 'a' && (word[1] | 32) <= 'z' ? KIND_WORD : KIND_OTHER;
    case 0xe2:
        if (size >= 3 && word[1] == (char) 0x80) {
            unsigned char d = (unsigned char) word[2];
            if (d >= 0x90 && d <= 0x95)
                return KIND_DASH;
            if (d == 0xa6)
                return KIND_STOP;
            if (d == 0x99 && size > 3)
                return KIND_WORD;
        }
        return KIND_OTHER;
    default: return c >= 0xc3 ? KIND_WORD : KIND_OTHER;
    }
}

static uint8_t shape_of (const char *word, size_t size)
{
    unsigned char c = (unsigned char) word[0];
    if (c >= 'a' && c <= 'z')
        return SHAPE_LOWER;
    if (c < 'A' || c > 'Z')
        return c >= 0xc3 ? SHAPE_CAPITAL : SHAPE_NONE;
    return size > 1 && word[1] >= 'A' && word[1] <= 'Z' ? SHAPE_UPPER : SHAPE_CAPITAL;
}

static void fill_word (qw_unit_t *unit, const char *text, qw_span_t span, const qw_quotes_model_t *model)
{
    const char *word = text + span.start;
    size_t size = qw_span_size (span);
    memset (unit, 0, sizeof *unit);
    unit->span = span;
    unit->mention = QW_NO_MENTION;
    unit->kind = kind_of (word, size);
    unit->shape = shape_of (word, size);
    unit->hash = unit->stem = qw_quote_word_hash (word, size);
    if (unit->kind == KIND_NUMBER) {
        unit->tag = TAG_CD;
        unit->sure = 1;
        return;
    }
    if (unit->kind != KIND_WORD) {
        bool possessive = unit->kind == KIND_OTHER
                          && (size == 1 ? *word == '\'' : is_apostrophe ((const unsigned char *) word, size))
                          && span.start > 0 && (word[-1] | 32) == 's';
        unit->tag = possessive ? TAG_POS : TAG_PUNCT;
        unit->sure = 1;
        return;
    }
    __builtin_prefetch (&model->lexicon[unit->hash & ((1u << LEXICON_BITS) - 1)]);
    unit->tag = unit->shape == SHAPE_LOWER ? TAG_NN : TAG_NNP;
}

/* What the lexicon knows of a word; its place has been on its way since fill_word. */
static void look_up (qw_unit_t *unit, const char *text, const qw_quotes_model_t *model)
{
    if (unit->kind != KIND_WORD)
        return;
    const qw_lexeme_t *lexeme = qw_lexicon_find (model, unit->hash);
    if (!lexeme)
        return;
    unit->tag = lexeme->tag;
    unit->cue = lexeme->cue;
    unit->source = lexeme->source;
    if (unit->cue) { /* nobody asks for another word's stem */
        const char *word = text + unit->span.start;
        size_t size = qw_span_size (unit->span), stem = stem_size (word, size);
        if (stem != size)
            unit->stem = qw_quote_word_hash (word, stem);
    }
    unit->belief = lexeme->flags & LEXEME_BELIEF;
    unit->sure =
        (lexeme->flags & LEXEME_SURE)
        && (unit->shape == SHAPE_LOWER || (lexeme->tag != TAG_NN && lexeme->tag != TAG_NNS && lexeme->tag != TAG_JJ));
}

/* The tokens of one marked stretch as a unit; returns the first token behind it. */
static size_t fill_marked (qw_unit_t *unit, const char *text, const qw_layers_t *layers, size_t token, size_t end,
                           const qw_marked_t *marked)
{
    memset (unit, 0, sizeof *unit);
    unit->span = marked->span;
    unit->mention = QW_NO_MENTION;
    unit->kind = KIND_MARKED;
    unit->tag = TAG_MARKED;
    unit->sure = 1;
    unit->inner = KIND_BORDER;
    qw_span_t inside = {marked->span.start + marked->open_size, marked->span.end - marked->close_size};
    for (; token < end && layers->tokens[token].start < marked->span.end; token++) {
        qw_span_t span = layers->tokens[token];
        if (span.start < inside.start || span.end > inside.end)
            continue;
        if (unit->words++ == 0) {
            unit->inner_shape = shape_of (text + span.start, qw_span_size (span));
            unit->stem = qw_quote_word_hash (text + span.start, qw_span_size (span));
        }
        unit->inner = kind_of (text + span.start, qw_span_size (span));
    }
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
    while (token + 2 < end && qw_span_size (tokens[token + 1]) == 1 && text[tokens[token + 1].start] == '-'
           && tokens[token + 1].start == tokens[token].end && tokens[token + 2].start == tokens[token + 1].end)
        token += 2;
    return token + 1;
}

static void pad (qw_segment_t *self)
{
    for (uint32_t i = 0; i < UNIT_PAD; i++) {
        qw_unit_t border = {.hash = 3,
                            .stem = 3,
                            .mention = QW_NO_MENTION,
                            .kind = KIND_BORDER,
                            .tag = TAG_BORDER,
                            .sure = 1,
                            .shape = SHAPE_NONE};
        self->block[i] = self->units[self->count + i] = border;
    }
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

bool qw_segment_next (qw_segment_t *segment, qw_walk_t *walk, const qw_quotes_model_t *model, const char *text,
                      const qw_layers_t *layers, const qw_marks_t *marks)
{
    segment->count = 0;
    if (walk->sentence >= walk->sentence_end)
        return false;
    size_t token = layers->sentences[walk->sentence].first, end = layers->sentences[walk->sentence].end;
    segment->paragraph_start = layers->tokens[token].start <= walk->paragraph.start;
    for (;;) {
        if (token >= end) {
            if (walk->sentence + 1 >= walk->sentence_end || !goes_on (segment, text, layers, walk->sentence + 1))
                break;
            end = layers->sentences[++walk->sentence].end;
        }
        qw_span_t span = layers->tokens[token];
        while (walk->mark < walk->mark_end && marks->items[walk->mark].span.end <= span.start)
            walk->mark++;
        qw_unit_t *unit = add_unit (segment);
        if (walk->mark < walk->mark_end && marks->items[walk->mark].span.start < span.end) {
            size_t limit = layers->sentences[walk->sentence_end - 1].end;
            size_t behind = fill_marked (unit, text, layers, token, limit, &marks->items[walk->mark]);
            unit->marked = (uint32_t) walk->mark++;
            token = behind > token ? behind : token + 1;
            while (token > end && walk->sentence + 1 < walk->sentence_end) /* the marks reach into the next sentence */
                end = layers->sentences[++walk->sentence].end;
            continue;
        }
        size_t behind = tied (text, layers, token, end);
        if (walk->mark < walk->mark_end && layers->tokens[behind - 1].end > marks->items[walk->mark].span.start)
            behind = token + 1;
        span.end = layers->tokens[behind - 1].end;
        fill_word (unit, text, span, model);
        while (walk->mention < layers->mention_count && layers->mentions[walk->mention].span.end <= span.start)
            walk->mention++;
        if (walk->mention < layers->mention_count && qw_span_overlap (layers->mentions[walk->mention].span, span)) {
            unit->mention = (uint32_t) walk->mention;
            unit->entity = (uint8_t) (layers->mentions[walk->mention].type + 1);
        }
        token = behind;
    }
    walk->sentence++;
    segment->paragraph_end = walk->sentence >= walk->sentence_end;
    for (uint32_t at = 0; at < segment->count; at++)
        look_up (&segment->units[at], text, model);
    pad (segment);
    return true;
}
