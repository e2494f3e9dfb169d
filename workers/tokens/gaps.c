#include "workers/tokens/gaps.h"

#include <string.h>

#include "workers/tokens/chars.h"

#define SMALL UINT64_C (0x2020202020202020)

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
static bool is_closer (const qw_gaps_t *self, uint32_t token)
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
    if (!before && !after) /* marks with spaces on both sides: the open one is closed */
        return ((self->quotes - self->quotes_before) & 1) != 0;
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
                        .limit = layers->token_count > first ? layers->tokens[layers->token_count - 1].end : 0,
                        .ends = ends,
                        .sentence = first,
                        .next = first};
}

/* Goes over the closing marks behind the possible end at self->mark. */
static void take_closers (qw_gaps_t *self)
{
    while (self->next < self->end && is_closer (self, self->next)) {
        qw_char_t kind = first_char (self, self->next++);
        self->quotes += kind == QW_CHAR_QUOTE;
        self->depth -= kind == QW_CHAR_CLOSE && self->depth > 0;
    }
}

bool qw_gaps_next (qw_gaps_t *self)
{
    const qw_ends_t *ends = self->ends;
    while (self->index < ends->count) {
        const qw_end_t *end = &ends->items[self->index++];
        if (end->token < self->next) {
            if (self->next > self->first)
                continue; /* a beginning right behind the mark that was found */
        }
        self->kind = (qw_end_kind_t) end->kind;
        self->mark = end->token;
        self->next = end->token + 1;
        self->quotes = end->quotes;
        self->depth = end->depth;
        if (qw_end_is_mark (self->kind))
            take_closers (self);
        if (self->next >= self->end)
            return false;
        const qw_end_t *after = end + 1;
        if (qw_end_is_mark (self->kind) && self->index < ends->count && after->token == self->next
            && qw_end_is_mark ((qw_end_kind_t) after->kind) && after->kind < QW_END_ABBREVIATION)
            continue; /* "? ..." goes on */
        return true;
    }
    return false;
}

void qw_gaps_end_sentence (qw_gaps_t *self)
{
    self->sentence = self->next;
    self->quotes_before = self->quotes;
    self->depth_before = self->depth;
}

/* Tokens from the gap to the next possible end with a mark, or to the paragraph's end. */
static uint32_t tokens_until_mark (qw_gaps_t *self)
{
    const qw_ends_t *ends = self->ends;
    while (self->mark_index < ends->count
           && (ends->items[self->mark_index].kind < QW_END_STOP || ends->items[self->mark_index].token < self->next))
        self->mark_index++;
    return (self->mark_index < ends->count ? ends->items[self->mark_index].token : self->end) - self->next;
}

/* ---- features ------------------------------------------------------------------------------------------------------- */

static inline uint32_t mix (uint32_t a, uint32_t b)
{
    uint32_t h = (a ^ (b * 0x85ebca6bu)) * 0xc2b2ae35u;
    return h ^ (h >> 15);
}

/* A word's first and last eight bytes in small letters, as little-endian numbers; the second is 0 for one of up to eight. */
typedef struct {
    uint64_t head, tail;
} letters_t;

static inline uint64_t load_small (const char *bytes)
{
    uint64_t word;
    memcpy (&word, bytes, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64 (word);
#endif
    return word | SMALL;
}

/* `room`: bytes that may be read from `word` on. The bit 0x20 makes letters small; what it does to other characters does no
 * harm. */
static inline letters_t letters_of (const char *word, uint32_t size, size_t room)
{
    letters_t letters = {SMALL, 0};
    if (size >= 8) {
        letters.head = load_small (word);
        letters.tail = size > 8 ? load_small (word + size - 8) : 0;
    } else if (room >= 8) {
        uint64_t mask = (UINT64_C (1) << 8 * size) - 1;
        letters.head = (load_small (word) & mask) | (SMALL & ~mask);
    } else
        for (uint32_t i = 0; i < size; i++)
            letters.head |= (uint64_t) (unsigned char) word[i] << 8 * i;
    return letters;
}

static inline uint32_t hash_letters (letters_t letters, uint32_t size)
{
    uint64_t hash = (letters.head ^ (uint64_t) size << 56) * UINT64_C (0x9e3779b97f4a7c15);
    hash = (hash ^ hash >> 29 ^ letters.tail) * UINT64_C (0xbf58476d1ce4e5b9);
    return (uint32_t) (hash >> 32);
}

uint32_t qw_gap_word_hash (const char *word, uint32_t size) { return hash_letters (letters_of (word, size, size), size); }

static inline uint32_t last_three (letters_t letters, uint32_t size)
{
    if (size > 8)
        return (uint32_t) (letters.tail >> 40);
    return (uint32_t) (letters.head >> (size > 3 ? 8 * (size - 3) : 0)) & 0xffffff;
}

enum { FIRST_UNKNOWN_CLASS = 64 };

/* For a word that the lexicon lacks. */
static uint32_t class_by_ending (uint32_t suffix, uint32_t shape)
{
    uint32_t two = suffix >> 8, class = 0;
    if (shape != SHAPE_SMALL)
        return FIRST_UNKNOWN_CLASS + shape;
    if (suffix == ('i' | 'n' << 8 | 'g' << 16))
        class = 1;
    else if (two == ('e' | 'd' << 8))
        class = 2;
    else if (two == ('l' | 'y' << 8))
        class = 3;
    else if (two >> 8 == 's' && two != ('s' | 's' << 8))
        class = 4;
    return FIRST_UNKNOWN_CLASS + 16 + class;
}

static uint32_t shape_of (qw_char_t kind, const unsigned char *bytes, uint32_t size)
{
    static const uint8_t shapes[] = {
        [QW_CHAR_SPACE] = SHAPE_SYMBOL,    [QW_CHAR_LOWER] = SHAPE_SMALL,  [QW_CHAR_UPPER] = SHAPE_CAPITAL,
        [QW_CHAR_DIGIT] = SHAPE_DIGITS,    [QW_CHAR_QUOTE] = SHAPE_QUOTE,  [QW_CHAR_APOSTROPHE] = SHAPE_APOSTROPHE,
        [QW_CHAR_OPEN] = SHAPE_OPEN,       [QW_CHAR_CLOSE] = SHAPE_CLOSE,  [QW_CHAR_COMMA] = SHAPE_COMMA,
        [QW_CHAR_COLON] = SHAPE_COLON,     [QW_CHAR_HYPHEN] = SHAPE_DASH,  [QW_CHAR_SEMICOLON] = SHAPE_COLON,
        [QW_CHAR_DASH] = SHAPE_DASH,       [QW_CHAR_DOT] = SHAPE_MARK,     [QW_CHAR_MARK] = SHAPE_MARK,
        [QW_CHAR_STOP] = SHAPE_MARK,       [QW_CHAR_SLASH] = SHAPE_SYMBOL, [QW_CHAR_CURRENCY] = SHAPE_SYMBOL,
        [QW_CHAR_SYMBOL] = SHAPE_SYMBOL,   [QW_CHAR_HIGH] = SHAPE_SYMBOL};
    if (kind != QW_CHAR_UPPER)
        return shapes[kind];
    return size == 1 ? SHAPE_LETTER : bytes[1] >= 'A' && bytes[1] <= 'Z' ? SHAPE_CAPITALS : SHAPE_CAPITAL;
}

/* Views the token `token`, which may lie outside of the paragraph. */
static qw_gap_view_t view_token (const qw_gaps_t *self, uint32_t token)
{
    if (token < self->first || token >= self->end)
        return (qw_gap_view_t){.shape = SHAPE_EDGE};
    qw_span_t span = self->tokens[token];
    const char *bytes = self->text + span.start;
    uint32_t size = qw_span_size (span);
    letters_t letters = letters_of (bytes, size, self->limit - span.start);
    uint32_t hash = hash_letters (letters, size);
    qw_gap_view_t view = {.word = hash, .suffix = last_three (letters, size), .size = size > 7 ? 7 : size};
    view.shape = shape_of (first_char (self, token), (const unsigned char *) bytes, size);
    uint32_t entry = self->lexicon[qw_gap_slot (hash)];
    if ((entry ^ hash) >> 16 == 0 && entry) {
        view.class = entry >> 8 & 0xff;
        view.classes = entry & 0xffff;
    } else
        view.class = view.classes = class_by_ending (view.suffix, view.shape);
    return view;
}

/* The token before, UINT32_MAX below the first. */
static inline uint32_t before (uint32_t token, uint32_t by) { return token >= by ? token - by : UINT32_MAX; }

static inline uint32_t bucket (uint32_t n)
{
    return n < 4 ? n : n < 6 ? 4 : n < 9 ? 5 : n < 14 ? 6 : n < 22 ? 7 : n < 40 ? 8 : 9;
}

void qw_gaps_glance (qw_gaps_t *self, uint32_t rows[QW_GAP_GLANCE_FEATURES])
{
    bool whole = !qw_end_is_mark (self->kind) || (self->kind >= QW_END_ABBREVIATION && self->kind != QW_END_SCRIPT);
    self->before_token = whole ? self->mark : before (self->mark, 1);
    self->before = view_token (self, self->before_token);
    self->opener = 0;
    self->after_token = self->next;
    self->after = view_token (self, self->next);
    if (self->after.shape >= SHAPE_QUOTE && self->after.shape <= SHAPE_OPEN && self->next + 1 < self->end) {
        self->opener = self->after.shape;
        self->after = view_token (self, ++self->after_token);
    }
    bool spaced = !is_attached (self, self->next), closed = self->next - 1 > self->mark;
    uint32_t k = mix (0x7f4a7c15u, qw_end_is_mark (self->kind) ? (uint32_t) self->kind | spaced << 4 | closed << 5 : 0);
    uint32_t shapes = self->after.shape | self->opener << 4 | self->before.shape << 8;
    rows[0] = mix (k + 1, self->before.word) & (QW_GAP_GLANCE_ROWS - 1);
    rows[1] = mix (k + 2, self->after.word) & (QW_GAP_GLANCE_ROWS - 1);
    rows[2] = mix (k + 3, shapes) & (QW_GAP_GLANCE_ROWS - 1);
    rows[3] = mix (k + 4, mix (self->before.classes, self->after.classes)) & (QW_GAP_GLANCE_ROWS - 1);
    rows[4] = mix (k + 5, mix (self->before.word, self->after.class)) & (QW_GAP_GLANCE_ROWS - 1);
}

#define ADD(value) *row = mix (k + n * 0x632be5abu, value) & (QW_GAP_MODEL_ROWS - 1), row++, n++

void qw_gaps_features (qw_gaps_t *self, uint32_t rows[QW_GAP_FEATURES])
{
    qw_gap_view_t w1 = self->before, n1 = self->after;
    uint32_t last = self->next - 1, closers = last > self->mark ? view_token (self, last).shape : 0;
    qw_gap_view_t w2 = view_token (self, before (self->before_token, 1));
    qw_gap_view_t w3 = view_token (self, before (self->before_token, 2));
    qw_gap_view_t n2 = view_token (self, self->after_token + 1), n3 = view_token (self, self->after_token + 2);
    uint32_t mark = !qw_end_is_mark (self->kind) ? w1.word : view_token (self, self->mark).word;
    uint32_t since = bucket (self->next - self->sentence), until = bucket (tokens_until_mark (self));
    uint32_t quotes = (uint32_t) (self->quotes - self->quotes_before) & 1, shapes = n1.shape | self->opener << 4;
    uint32_t inside = quotes | (uint32_t) (self->depth > self->depth_before) << 1;
    uint32_t k = mix (0x9e3779b9u, (uint32_t) self->kind | closers << 4 | (uint32_t) is_attached (self, self->next) << 8);
    uint32_t n = 0, *row = rows;
    ADD (shapes);
    ADD (w1.word);
    ADD (n1.word);
    ADD (w1.shape | shapes << 8);
    ADD (mix (w1.word, shapes));
    ADD (mix (n1.word, w1.shape));
    ADD (mix (n1.classes, w1.classes | n1.shape << 16));
    ADD (mix (w1.word, n1.class | shapes << 8));
    ADD (mix (n1.word, w1.class | shapes << 8));
    ADD (0);
    ADD (mix (n1.word, self->opener));
    ADD (mix (w1.word, n1.word));
    ADD (n2.word);
    ADD (w2.word);
    ADD (w2.shape | w1.shape << 8 | shapes << 16);
    ADD (shapes | n2.shape << 8 | n3.shape << 16);
    ADD (since);
    ADD (mix (mark, shapes));
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
    ADD (mix (n1.classes, n2.classes | n1.shape << 16));
    ADD (mix (w2.class | w1.class << 8 | n1.class << 16, n1.shape));
    ADD (mix (w1.class | n1.class << 8 | n2.class << 16, n1.shape));
    ADD (mix (n1.class | n2.class << 8 | n3.class << 16, n1.shape));
}
