#include "workers/tokens/features.h"

#include <string.h>

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
    SHAPE_SEMICOLON,
    SHAPE_DASH,
    SHAPE_RULE, /* a long run of one mark: "------" */
    SHAPE_STOP,
    SHAPE_MARK,
    SHAPE_ELLIPSIS,
    SHAPE_SYMBOL,
    SHAPE_CLITIC,
    SHAPE_INITIAL,       /* "J." */
    SHAPE_SHORTENED,     /* "Inc." */
    SHAPE_SMALL_SHORTENED, /* "etc." */
    SHAPE_ADDRESS
} shape_t;

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
    return FIRST_UNKNOWN_CLASS + 32 + class;
}

/* A web or mail address: it has dots, and is no plain word as long as these. */
static bool looks_like_address (const char *bytes, uint32_t size, letters_t letters)
{
    const uint64_t letter_bits = UINT64_C (0x4040404040404040);
    if (size <= 8 || (letters.head & letters.tail & letter_bits) == letter_bits)
        return false;
    return memchr (bytes, '@', size) || memmem (bytes, size, "://", 3) || memcmp (bytes, "www.", 4) == 0;
}

static uint32_t shape_of_word (bool capital, const char *bytes, uint32_t size, letters_t letters)
{
    if (looks_like_address (bytes, size, letters))
        return SHAPE_ADDRESS;
    if (size > 1 && bytes[size - 1] == '.')
        return !capital ? SHAPE_SMALL_SHORTENED : size == 2 ? SHAPE_INITIAL : SHAPE_SHORTENED;
    if (!capital)
        return SHAPE_SMALL;
    return size == 1 ? SHAPE_LETTER : bytes[1] >= 'A' && bytes[1] <= 'Z' ? SHAPE_CAPITALS : SHAPE_CAPITAL;
}

static uint32_t shape_of (qw_char_t kind, const char *bytes, uint32_t size, letters_t letters)
{
    static const uint8_t shapes[] = {
        [QW_CHAR_SPACE] = SHAPE_SYMBOL, [QW_CHAR_LOWER] = SHAPE_SMALL,  [QW_CHAR_UPPER] = SHAPE_CAPITAL,
        [QW_CHAR_DIGIT] = SHAPE_DIGITS, [QW_CHAR_QUOTE] = SHAPE_QUOTE,  [QW_CHAR_APOSTROPHE] = SHAPE_APOSTROPHE,
        [QW_CHAR_OPEN] = SHAPE_OPEN,    [QW_CHAR_CLOSE] = SHAPE_CLOSE,  [QW_CHAR_COMMA] = SHAPE_COMMA,
        [QW_CHAR_COLON] = SHAPE_COLON,  [QW_CHAR_HYPHEN] = SHAPE_DASH,  [QW_CHAR_SEMICOLON] = SHAPE_SEMICOLON,
        [QW_CHAR_DASH] = SHAPE_DASH,    [QW_CHAR_DOT] = SHAPE_STOP,     [QW_CHAR_MARK] = SHAPE_MARK,
        [QW_CHAR_STOP] = SHAPE_STOP,    [QW_CHAR_SLASH] = SHAPE_SYMBOL, [QW_CHAR_CURRENCY] = SHAPE_SYMBOL,
        [QW_CHAR_SYMBOL] = SHAPE_SYMBOL, [QW_CHAR_HIGH] = SHAPE_SYMBOL};
    switch (kind) {
    case QW_CHAR_LOWER: return shape_of_word (false, bytes, size, letters);
    case QW_CHAR_UPPER: return shape_of_word (true, bytes, size, letters);
    case QW_CHAR_DOT: return size > 1 ? SHAPE_ELLIPSIS : SHAPE_STOP;
    case QW_CHAR_STOP: return (unsigned char) bytes[0] == 0xe2 ? SHAPE_ELLIPSIS : SHAPE_STOP;
    case QW_CHAR_APOSTROPHE: return size > 3 || (bytes[0] == '\'' && size == 2 && bytes[1] != '\'') ? SHAPE_CLITIC
                                    : size == 2 ? SHAPE_QUOTE : SHAPE_APOSTROPHE;
    case QW_CHAR_HYPHEN:
    case QW_CHAR_SYMBOL: return size > 3 && bytes[0] == bytes[1] ? SHAPE_RULE : shapes[kind];
    default: return shapes[kind];
    }
}

/* Any number is as good as another that is written like it. */
static inline letters_t without_digits (letters_t letters)
{
    return (letters_t){letters.head & UINT64_C (0xf0f0f0f0f0f0f0f0), letters.tail & UINT64_C (0xf0f0f0f0f0f0f0f0)};
}

/* Views the token `token`, which may lie outside of the paragraph. */
static qw_gap_view_t view_token (const qw_gap_look_t *self, uint32_t token)
{
    if (token < self->gaps.first || token >= self->gaps.end)
        return (qw_gap_view_t){.shape = SHAPE_EDGE};
    qw_span_t span = self->gaps.tokens[token];
    const char *bytes = self->gaps.text + span.start;
    uint32_t size = qw_span_size (span);
    letters_t letters = letters_of (bytes, size, self->gaps.limit - span.start);
    uint32_t shape = shape_of (qw_gaps_first_char (&self->gaps, token), bytes, size, letters);
    if (shape == SHAPE_DIGITS)
        letters = without_digits (letters);
    uint32_t hash = hash_letters (letters, size);
    qw_gap_view_t view = {.word = hash, .suffix = last_three (letters, size), .shape = shape, .size = size > 7 ? 7 : size};
    const qw_gap_word_t *word = self->lexicon + qw_gap_bucket (hash);
    for (int i = 0; i < QW_GAP_LEXICON_BUCKET; i++)
        if (word[i].check == hash >> 16) {
            view.class = word[i].class;
            view.classes = word[i].class | word[i].second << 8;
            view.cluster = word[i].cluster & (QW_GAP_CLUSTERS - 1);
            view.casing = word[i].casing & 3;
            break;
        }
    if (view.class == 0)
        view.class = view.classes = class_by_ending (view.suffix, view.shape);
    return view;
}

/* The token before, UINT32_MAX below the first. */
static inline uint32_t before (uint32_t token, uint32_t by) { return token >= by ? token - by : UINT32_MAX; }

static inline uint32_t bucket (uint32_t n)
{
    static const uint32_t starts[] = {4, 6, 9, 14, 22, 40, 70, 150, 400};
    if (n < 4)
        return n;
    uint32_t i = 0;
    while (i < sizeof starts / sizeof *starts && n >= starts[i])
        i++;
    return 3 + i;
}

void qw_gap_look_start (qw_gap_look_t *self, const qw_gap_word_t *lexicon, const char *text, uint32_t first,
                        const qw_ends_t *ends, const qw_layers_t *layers)
{
    qw_gaps_start (&self->gaps, text, first, ends, layers);
    self->lexicon = lexicon;
    self->possible = 0;
}

void qw_gap_glance (qw_gap_look_t *self, uint32_t rows[QW_GAP_GLANCE_FEATURES])
{
    const qw_gaps_t *gap = &self->gaps;
    bool marked = qw_end_is_mark (gap->kind);
    bool whole = !marked || (gap->kind >= QW_END_ABBREVIATION && gap->kind != QW_END_SCRIPT);
    self->before_token = whole ? gap->mark : before (gap->mark, 1);
    self->before = view_token (self, self->before_token);
    self->opener = 0;
    self->after_token = gap->next;
    self->after = view_token (self, gap->next);
    if (self->after.shape >= SHAPE_QUOTE && self->after.shape <= SHAPE_OPEN && gap->next + 1 < gap->end) {
        self->opener = self->after.shape;
        self->after = view_token (self, ++self->after_token);
    }
    bool spaced = !qw_gaps_is_attached (gap, gap->next), closed = gap->next - 1 > gap->mark;
    uint32_t k = mix (0x7f4a7c15u, marked ? (uint32_t) gap->kind | spaced << 4 | closed << 5 : 0);
    uint32_t shapes = self->after.shape | self->opener << 5 | self->before.shape << 10;
    rows[0] = mix (k + 1, self->before.word) & (QW_GAP_GLANCE_ROWS - 1);
    rows[1] = mix (k + 2, self->after.word) & (QW_GAP_GLANCE_ROWS - 1);
    rows[2] = mix (k + 3, shapes) & (QW_GAP_GLANCE_ROWS - 1);
    rows[3] = mix (k + 4, mix (self->before.classes, self->after.classes)) & (QW_GAP_GLANCE_ROWS - 1);
    rows[4] = mix (k + 5, mix (self->before.word, self->after.class)) & (QW_GAP_GLANCE_ROWS - 1);
}

/* ---- context -------------------------------------------------------------------------------------------------------- */

static inline bool is_capital (const qw_gaps_t *gap, uint32_t token)
{
    return qw_gaps_first_char (gap, token) == QW_CHAR_UPPER;
}

/* Counts in the paragraph: beginnings without a mark, marks, and those of them before a small letter. */
static void count_paragraph (qw_gap_look_t *self)
{
    const qw_gaps_t *gap = &self->gaps;
    self->possible = 1;
    self->marks = self->small_marks = 0;
    for (size_t i = 0; i < gap->ends->count; i++) {
        const qw_end_t *end = &gap->ends->items[i];
        if (!qw_end_is_mark ((qw_end_kind_t) end->kind)) {
            self->possible++;
            continue;
        }
        self->marks++;
        self->small_marks += end->token + 1 < gap->end && qw_gaps_first_char (gap, end->token + 1) == QW_CHAR_LOWER;
    }
}

enum { LONGEST_RUN = 7, LOOKED_BACK = 40 };

/* Capitalised words in a row from `token` on, by `step`; LONGEST_RUN at most. */
static uint32_t capital_run (const qw_gaps_t *gap, uint32_t token, uint32_t step)
{
    uint32_t run = 0;
    for (; run < LONGEST_RUN && token >= gap->first && token < gap->end && is_capital (gap, token); token += step)
        run++;
    return run;
}

static void find_contexts (qw_gap_look_t *self, uint8_t contexts[QW_GAP_CONTEXTS])
{
    qw_gaps_t *gap = &self->gaps;
    if (!self->possible)
        count_paragraph (self);
    uint32_t n = gap->end - gap->first, length = gap->next - gap->sentence;
    uint32_t back = length < LOOKED_BACK ? length : LOOKED_BACK;
    uint32_t capitals = 0, run = capital_run (gap, gap->next - 1, UINT32_MAX);
    for (uint32_t token = gap->next - back; token < gap->next; token++)
        capitals += is_capital (gap, token);
    uint32_t share = self->possible * 12 / n, open = (uint32_t) (gap->quotes - gap->quotes_before) & 1;
    const uint32_t values[QW_GAP_CONTEXTS] = {
        bucket (gap->next - gap->first),
        bucket (gap->end - gap->next),
        bucket (length),
        bucket (qw_end_is_mark (gap->kind) ? 0 : gap->next - gap->marked),
        bucket (qw_gaps_until_mark (gap)),
        self->marks ? bucket (n / self->marks) : 13,
        self->marks ? self->small_marks * 8 / self->marks : 9,
        open | (uint32_t) (gap->depth > gap->depth_before) << 1 | (uint32_t) gap->last_is_marked << 2,
        capital_run (gap, gap->next, 1),
        run,
        bucket (n / 4),
        share > 12 ? 12 : share,
        bucket (gap->sentence - gap->last_sentence),
        capitals * 12 / back,
        run >= length ? 1 + (length > 5 ? 5 : length) : 0,
    };
    for (int i = 0; i < QW_GAP_CONTEXTS; i++)
        contexts[i] = (uint8_t) values[i];
}

/* ---- linear features ------------------------------------------------------------------------------------------------ */

#define ADD(value) *row = mix (k + n * 0x632be5abu, value) & (QW_GAP_LINEAR_ROWS - 1), row++, n++

void qw_gap_linear (qw_gap_look_t *self, uint8_t contexts[QW_GAP_CONTEXTS], uint32_t rows[QW_GAP_LINEAR_FEATURES])
{
    const qw_gaps_t *gap = &self->gaps;
    find_contexts (self, contexts);
    qw_gap_view_t w1 = self->before, n1 = self->after;
    uint32_t last = gap->next - 1, closers = last > gap->mark ? view_token (self, last).shape : 0;
    qw_gap_view_t w2 = view_token (self, before (self->before_token, 1));
    qw_gap_view_t w3 = view_token (self, before (self->before_token, 2));
    qw_gap_view_t n2 = view_token (self, self->after_token + 1), n3 = view_token (self, self->after_token + 2);
    uint32_t mark = !qw_end_is_mark (gap->kind) ? w1.word : view_token (self, gap->mark).word;
    uint32_t same = (uint32_t) (w1.word == n1.word) | (uint32_t) (w1.word == n2.word) << 1
                    | (uint32_t) (w2.word == n1.word) << 2 | (uint32_t) (w2.word == n2.word) << 3;
    contexts[15] = (uint8_t) (n1.casing | n2.casing << 2);
    contexts[16] = (uint8_t) (w1.casing | w2.casing << 2);
    contexts[17] = (uint8_t) same;
    uint32_t since = contexts[2], until = contexts[4], inside = contexts[7], shapes = n1.shape | self->opener << 5;
    uint32_t attached = qw_gaps_is_attached (gap, gap->next);
    uint32_t k = mix (0x9e3779b9u, (uint32_t) gap->kind | closers << 4 | attached << 9);
    uint32_t n = 0, *row = rows;
    ADD (shapes);
    ADD (w1.word);
    ADD (n1.word);
    ADD (w1.shape | shapes << 5);
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
    ADD (w2.shape | w1.shape << 5 | shapes << 10);
    ADD (shapes | n2.shape << 10 | n3.shape << 15);
    ADD (since);
    ADD (mix (mark, shapes));
    ADD (w1.size | shapes << 3 | w1.shape << 13);
    ADD (inside | shapes << 8);
    ADD (mix (w1.suffix, shapes));
    ADD (mix (n1.suffix, w1.shape));
    ADD (until | shapes << 4);
    ADD (mix (n1.word, n2.word));
    ADD (until | since << 4);
    ADD (mix (w1.word, w2.word));
    ADD (mix (n1.word, n2.shape));
    ADD (w3.shape | w2.shape << 5 | w1.shape << 10 | shapes << 15);
    ADD (mix (n2.word, n1.shape | w1.shape << 8));
    ADD (n1.classes | n1.shape << 16);
    ADD (mix (n1.classes, n2.classes | n1.shape << 16));
    ADD (mix (w2.class | w1.class << 8 | n1.class << 16, n1.shape));
    ADD (mix (w1.class | n1.class << 8 | n2.class << 16, n1.shape));
    ADD (mix (n1.class | n2.class << 8 | n3.class << 16, n1.shape));
    ADD (contexts[0] | shapes << 4);
    ADD (contexts[1] | shapes << 4);
    ADD (contexts[5] | shapes << 4);
    ADD (contexts[6] | shapes << 4);
    ADD (contexts[8] | contexts[9] << 4 | shapes << 8);
    ADD (contexts[12] | since << 4 | shapes << 8);
    ADD (contexts[13] | since << 4 | shapes << 8);
    ADD (contexts[0] | since << 4 | shapes << 8);
    ADD (n1.cluster | shapes << 10);
    ADD (w1.cluster | shapes << 10);
    ADD (mix (n1.cluster | w1.cluster << 10, shapes));
    ADD (mix (n1.cluster | n2.cluster << 10, shapes | w1.shape << 10));
    ADD (mix (w1.cluster | w2.cluster << 10, shapes));
    ADD (mix (w1.cluster | n1.cluster << 10, n2.cluster | shapes << 10));
    ADD (n1.casing | w1.casing << 2 | shapes << 4 | w1.shape << 14);
    ADD (n1.casing | n2.casing << 2 | w1.casing << 4 | shapes << 6 | n2.shape << 16);
    ADD (n1.casing | contexts[8] << 2 | contexts[9] << 6 | shapes << 10);
    ADD (contexts[14] | contexts[8] << 4 | shapes << 8);
    ADD (same | shapes << 4);
    ADD (mix (w1.suffix, n1.cluster | shapes << 10));
    ADD (mix (w2.cluster | w1.cluster << 10, n1.cluster | shapes << 10));
    ADD (mix (w1.cluster, n1.classes));
}

/* ---- what the network is shown -------------------------------------------------------------------------------------- */

enum {
    FIRST_CLASS = QW_GAP_SHAPES,
    FIRST_SUFFIX = FIRST_CLASS + QW_GAP_CLASSES,
    FIRST_CLUSTER = FIRST_SUFFIX + QW_GAP_SUFFIXES
};

void qw_gap_vectors (const qw_gap_look_t *self, uint16_t vectors[QW_GAP_WINDOW][QW_GAP_TABLES])
{
    uint32_t token = self->gaps.next - QW_GAP_BEFORE; /* may wrap round: outside of the paragraph, too */
    for (int i = 0; i < QW_GAP_WINDOW; i++, token++) {
        qw_gap_view_t view = view_token (self, token);
        vectors[i][0] = (uint16_t) view.shape;
        vectors[i][1] = (uint16_t) (FIRST_CLASS + (mix (view.classes, 1) & (QW_GAP_CLASSES - 1)));
        vectors[i][2] = (uint16_t) (FIRST_SUFFIX + (mix (view.suffix, 2) & (QW_GAP_SUFFIXES - 1)));
        vectors[i][3] = (uint16_t) (FIRST_CLUSTER + view.cluster);
    }
}
