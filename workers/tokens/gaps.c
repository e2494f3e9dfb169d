#include "workers/tokens/gaps.h"

#include "workers/tokens/chars.h"

enum { LONGEST_WORD = 24 };

/* What a token looks like, in few bits. */
typedef enum {
    SHAPE_EDGE, /* no token there */
    SHAPE_SMALL,
    SHAPE_CAPITAL,  /* "The" */
    SHAPE_CAPITALS, /* "UN" */
    SHAPE_LETTER,   /* one capital */
    SHAPE_DIGITS,
    SHAPE_QUOTE,
    SHAPE_APOSTROPHE,
    SHAPE_OPEN,
    SHAPE_CLOSE,
    SHAPE_COMMA,
    SHAPE_COLON,
    SHAPE_DASH,
    SHAPE_MARK,
    SHAPE_SYMBOL
} shape_t;

static inline qw_char_t first_char (const qw_gaps_t *self, uint32_t token)
{
    uint32_t taken;
    return qw_char_at (self->text, self->tokens[token].start, self->tokens[token].end, &taken);
}

static inline bool is_attached (const qw_gaps_t *self, uint32_t token)
{
    return token > self->first && self->tokens[token].start == self->tokens[token - 1].end;
}

/* True when the token closes what was opened before it: it belongs to the sentence before. */
static bool is_closer (const qw_gaps_t *self, uint32_t token, bool marked)
{
    qw_char_t kind = first_char (self, token);
    if (kind == QW_CHAR_CLOSE)
        return true;
    if (kind != QW_CHAR_QUOTE && kind != QW_CHAR_APOSTROPHE)
        return false;
    if (kind == QW_CHAR_APOSTROPHE && qw_span_size (self->tokens[token]) > 3)
        return false;
    bool before = is_attached (self, token);
    bool after = token + 1 < self->end && is_attached (self, token + 1) && qw_char_is_word (first_char (self, token + 1));
    if (!before && !after && marked) /* marks with spaces on both sides: the open one is closed */
        return (self->quotes & 1) != 0;
    return before && !after;
}

void qw_gaps_start (qw_gaps_t *self, const uint32_t *lexicon, const char *text, uint32_t first, const qw_ends_t *ends,
                    const qw_layers_t *layers)
{
    *self = (qw_gaps_t){.lexicon = lexicon,
                        .text = text,
                        .tokens = layers->tokens,
                        .first = first,
                        .end = (uint32_t) layers->token_count,
                        .ends = ends,
                        .sentence = first,
                        .at = first};
}

static void count_marks (qw_gaps_t *self, qw_char_t kind)
{
    if (kind == QW_CHAR_QUOTE)
        self->quotes++;
    else if (kind == QW_CHAR_OPEN)
        self->brackets++;
    else if (kind == QW_CHAR_CLOSE && self->brackets > 0)
        self->brackets--;
}

static bool found (qw_gaps_t *self, bool marked, uint32_t mark, uint32_t next)
{
    self->marked = marked;
    self->mark = mark;
    self->next = self->at = next;
    uint32_t stop = self->end_index < self->ends->count ? self->ends->items[self->end_index].token : self->end;
    self->until = stop > next ? stop - next : 0;
    return true;
}

bool qw_gaps_next (qw_gaps_t *self)
{
    const qw_ends_t *ends = self->ends;
    while (self->at < self->end) {
        uint32_t token = self->at++;
        qw_char_t kind = first_char (self, token);
        count_marks (self, kind);
        if (self->at == self->end)
            return false;
        if (self->end_index < ends->count && ends->items[self->end_index].token == token) {
            self->kind = (uint8_t) ends->items[self->end_index++].kind;
            uint32_t next = self->at;
            while (next < self->end && is_closer (self, next, true))
                count_marks (self, first_char (self, next++));
            if (next == self->end) {
                self->at = next;
                return false;
            }
            self->at = next;
            if (self->end_index < ends->count && ends->items[self->end_index].token == next
                && self->tokens[next].end - self->tokens[next].start <= 3 && !qw_char_is_word (first_char (self, next)))
                continue; /* "? ..." goes on */
            return found (self, true, token, next);
        }
        qw_char_t next = first_char (self, self->at);
        bool starts = next == QW_CHAR_UPPER || next == QW_CHAR_DIGIT || next == QW_CHAR_OPEN
                      || ((next == QW_CHAR_QUOTE || next == QW_CHAR_SYMBOL || next == QW_CHAR_HYPHEN)
                          && !is_closer (self, self->at, false));
        if (starts && !is_attached (self, self->at) && kind != QW_CHAR_OPEN)
            return found (self, false, token, self->at);
    }
    return false;
}

void qw_gaps_end_sentence (qw_gaps_t *self)
{
    self->sentence = self->next;
    self->quotes = self->brackets = 0;
}

/* ---- features ------------------------------------------------------------------------------------------------------- */

static inline uint32_t mix (uint32_t a, uint32_t b)
{
    uint32_t h = (a ^ (b * 0x85ebca6bu)) * 0xc2b2ae35u;
    return h ^ (h >> 15);
}

typedef struct {
    uint32_t word;   /* hash of the token in small letters; 0 outside of the paragraph */
    uint32_t suffix; /* of its last three bytes */
    uint32_t shape;
    uint32_t size;  /* at most 7 */
    uint32_t class; /* most frequent part of speech, or what the ending of an unknown word looks like */
    uint32_t classes; /* with the second */
} view_t;

enum { FIRST_UNKNOWN_CLASS = 64 };

/* For a word that the lexicon lacks. */
static uint32_t class_by_ending (uint32_t suffix, uint32_t shape)
{
    uint32_t two = suffix & 0xffff, class = 0;
    if (shape != SHAPE_SMALL)
        return FIRST_UNKNOWN_CLASS + shape;
    if (suffix == ('i' << 16 | 'n' << 8 | 'g'))
        class = 1;
    else if (two == ('e' << 8 | 'd'))
        class = 2;
    else if (two == ('l' << 8 | 'y'))
        class = 3;
    else if ((two & 0xff) == 's' && two != ('s' << 8 | 's'))
        class = 4;
    return FIRST_UNKNOWN_CLASS + 16 + class;
}

uint32_t qw_gap_word_hash (const char *word, uint32_t size)
{
    uint32_t hash = 0x811c9dc5u;
    for (uint32_t i = 0; i < size && i < LONGEST_WORD; i++) {
        uint32_t c = (unsigned char) word[i];
        hash = (hash ^ (c >= 'A' && c <= 'Z' ? c | 0x20u : c)) * 0x01000193u;
    }
    return hash ^ hash >> 15;
}

static uint32_t shape_of (qw_char_t kind, const unsigned char *bytes, uint32_t size)
{
    switch (kind) {
    case QW_CHAR_LOWER: return SHAPE_SMALL;
    case QW_CHAR_UPPER:
        if (size == 1)
            return SHAPE_LETTER;
        return bytes[1] >= 'A' && bytes[1] <= 'Z' ? SHAPE_CAPITALS : SHAPE_CAPITAL;
    case QW_CHAR_DIGIT: return SHAPE_DIGITS;
    case QW_CHAR_QUOTE: return SHAPE_QUOTE;
    case QW_CHAR_APOSTROPHE: return SHAPE_APOSTROPHE;
    case QW_CHAR_OPEN: return SHAPE_OPEN;
    case QW_CHAR_CLOSE: return SHAPE_CLOSE;
    case QW_CHAR_COMMA: return SHAPE_COMMA;
    case QW_CHAR_COLON:
    case QW_CHAR_SEMICOLON: return SHAPE_COLON;
    case QW_CHAR_HYPHEN:
    case QW_CHAR_DASH: return SHAPE_DASH;
    case QW_CHAR_DOT:
    case QW_CHAR_MARK:
    case QW_CHAR_STOP: return SHAPE_MARK;
    default: return SHAPE_SYMBOL;
    }
}

/* Views the token `token`, which may lie outside: then below self->first as an unsigned difference. */
static view_t view_token (const qw_gaps_t *self, uint32_t token)
{
    if (token < self->first || token >= self->end)
        return (view_t){.shape = SHAPE_EDGE};
    const unsigned char *bytes = (const unsigned char *) self->text + self->tokens[token].start;
    uint32_t size = qw_span_size (self->tokens[token]), hash = qw_gap_word_hash ((const char *) bytes, size), suffix = 0;
    for (uint32_t i = size > 3 ? size - 3 : 0; i < size; i++)
        suffix = suffix << 8 | (bytes[i] >= 'A' && bytes[i] <= 'Z' ? bytes[i] | 0x20u : bytes[i]);
    view_t view = {.word = hash, .suffix = suffix, .size = size > 7 ? 7 : size};
    view.shape = shape_of (first_char (self, token), bytes, size);
    uint32_t entry = self->lexicon[qw_gap_slot (hash)];
    if ((entry ^ hash) >> 16 == 0 && entry) {
        view.class = entry >> 8 & 0xff;
        view.classes = entry & 0xffff;
    } else
        view.class = view.classes = class_by_ending (suffix, view.shape);
    return view;
}

/* The token before, UINT32_MAX below the first. */
static inline uint32_t before (uint32_t token, uint32_t by) { return token >= by ? token - by : UINT32_MAX; }

static inline uint32_t bucket (uint32_t n)
{
    return n < 4 ? n : n < 6 ? 4 : n < 9 ? 5 : n < 14 ? 6 : n < 22 ? 7 : n < 40 ? 8 : 9;
}

void qw_gaps_features (const qw_gaps_t *self, uint32_t rows[QW_GAP_FEATURES])
{
    uint32_t kind = self->marked ? self->kind + 1u : 0, last = self->next - 1;
    uint32_t opener = 0, next = self->next;
    view_t n1 = view_token (self, next);
    if (n1.shape >= SHAPE_QUOTE && n1.shape <= SHAPE_OPEN && next + 1 < self->end) {
        opener = n1.shape;
        n1 = view_token (self, ++next);
    }
    uint32_t closers = last > self->mark ? view_token (self, last).shape : 0;
    uint32_t word = self->marked && (self->kind < QW_END_ABBREVIATION || self->kind == QW_END_SCRIPT) ? before (self->mark, 1) : self->mark;
    view_t w1 = view_token (self, word), w2 = view_token (self, before (word, 1)), w3 = view_token (self, before (word, 2));
    view_t n2 = view_token (self, next + 1), n3 = view_token (self, next + 2), m = view_token (self, self->mark);
    uint32_t since = bucket (self->next - self->sentence), until = bucket (self->until);
    uint32_t shapes = n1.shape | opener << 4, inside = (self->quotes & 1) | (self->brackets > 0) << 1;
    uint32_t k = mix (0x9e3779b9u, kind | closers << 4 | (uint32_t) is_attached (self, self->next) << 8);
    uint32_t n = 0;
#define ADD(value) rows[n] = mix (k + n * 0x632be5abu, value) & (QW_GAP_MODEL_ROWS - 1), n++
    ADD (0);
    ADD (shapes);
    ADD (w1.word);
    ADD (n1.word);
    ADD (w1.shape | shapes << 8);
    ADD (mix (n1.word, opener));
    ADD (mix (w1.word, shapes));
    ADD (mix (n1.word, w1.shape));
    ADD (mix (w1.word, n1.word));
    ADD (n2.word);
    ADD (w2.word);
    ADD (w2.shape | w1.shape << 8 | shapes << 16);
    ADD (shapes | n2.shape << 8 | n3.shape << 16);
    ADD (since);
    ADD (mix (m.word, shapes));
    ADD (w1.size | shapes << 8 | w1.shape << 16);
    ADD (inside | shapes << 8);
    ADD (mix (w1.suffix, shapes));
    ADD (mix (n1.suffix, w1.shape));
    ADD (until | shapes << 8);
    ADD (mix (n1.word, n2.word));
    ADD (until | since << 8);
    ADD (mix (w1.word, w2.word));
    ADD (mix (n1.word, n2.shape));
    ADD (w3.shape | w2.shape << 8 | w1.shape << 16 | shapes << 20);
    ADD (mix (n2.word, n1.shape | w1.shape << 8));
    ADD (n1.classes | n1.shape << 16);
    ADD (mix (n1.classes, w1.classes | n1.shape << 16));
    ADD (mix (n1.classes, n2.classes | n1.shape << 16));
    ADD (mix (w2.class | w1.class << 8 | n1.class << 16, n1.shape));
    ADD (mix (w1.class | n1.class << 8 | n2.class << 16, n1.shape));
    ADD (mix (n1.class | n2.class << 8 | n3.class << 16, n1.shape));
    ADD (mix (w1.word, n1.class | shapes << 8));
    ADD (mix (n1.word, w1.class | shapes << 8));
#undef ADD
}
