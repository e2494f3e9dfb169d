#include "workers/quotes/words.h"

#include <stdlib.h>
#include <string.h>

enum { SLOT_BITS = 15, MOST_BYTES = 15 };

/* The word's bytes, then a byte of 1, then zeros: no two words look alike. */
typedef struct {
    uint64_t low, high;
    qw_known_t known;
} slot_t;

struct qw_words_t {
    const qw_quotes_model_t *model;
    slot_t slots[1 << SLOT_BITS];
    qw_known_t other; /* of the last word of more bytes */
};

qw_words_t *qw_words_new (const qw_quotes_model_t *model)
{
    qw_words_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->model = model;
    return self;
}

void qw_words_destroy (qw_words_t **self_p)
{
    free (*self_p);
    *self_p = NULL;
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

uint32_t qw_quote_word_hash (const char *text, size_t size)
{
    uint32_t h = 0x811c9dc5u;
    for (size_t i = 0; i < size;)
        if (qw_is_apostrophe (text + i, size - i)) {
            h = take (h, '\'');
            i += 3;
        } else
            h = take (h, (unsigned char) text[i++]);
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

uint8_t qw_word_kind (const char *word, size_t size)
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

uint8_t qw_word_shape (const char *word, size_t size)
{
    unsigned char c = (unsigned char) word[0];
    if (c >= 'a' && c <= 'z')
        return SHAPE_LOWER;
    if (c < 'A' || c > 'Z')
        return c >= 0xc3 ? SHAPE_CAPITAL : SHAPE_NONE;
    return size > 1 && word[1] >= 'A' && word[1] <= 'Z' ? SHAPE_UPPER : SHAPE_CAPITAL;
}

static uint8_t parts_of (uint32_t hash)
{
    switch (hash) {
    case QW_WORD_BY:
    case QW_WORD_FROM: return PART_FROM;
    case QW_WORD_MADE:
    case QW_WORD_MAKES:
    case QW_WORD_MAKING:
    case QW_WORD_RAISED:
    case QW_WORD_RAISES:
    case QW_WORD_RAISING: return PART_RAISES;
    default: return 0;
    }
}

static void fill (qw_known_t *known, const qw_quotes_model_t *model, const char *word, size_t size)
{
    *known = (qw_known_t){.kind = qw_word_kind (word, size), .shape = qw_word_shape (word, size)};
    known->hash = known->stem = qw_quote_word_hash (word, size);
    known->parts = parts_of (known->hash);
    if (known->kind != KIND_WORD) {
        known->tag = known->kind == KIND_NUMBER ? TAG_CD : TAG_PUNCT;
        known->sure = 1;
        return;
    }
    known->tag = known->shape == SHAPE_LOWER ? TAG_NN : TAG_NNP;
    const qw_lexeme_t *lexeme = qw_lexicon_find (model, known->hash);
    if (!lexeme)
        return;
    known->tag = lexeme->tag;
    known->cue = lexeme->cue;
    known->source = lexeme->source;
    known->belief = lexeme->flags & LEXEME_BELIEF;
    if (known->cue) { /* nobody asks for another word's stem */
        size_t stem = stem_size (word, size);
        if (stem != size)
            known->stem = qw_quote_word_hash (word, stem);
    }
    known->sure =
        (lexeme->flags & LEXEME_SURE)
        && (known->shape == SHAPE_LOWER || (lexeme->tag != TAG_NN && lexeme->tag != TAG_NNS && lexeme->tag != TAG_JJ));
}

void qw_words_fetch (const qw_words_t *self, const char *word, size_t size, size_t room, qw_word_place_t *place)
{
    if (size > MOST_BYTES)
        return;
    uint64_t low, high = 0, one = 1ull << size % 8 * 8;
    if (room < 2 * sizeof low) {
        char copy[2 * sizeof low] = {0};
        memcpy (copy, word, size);
        memcpy (&low, copy, sizeof low);
        memcpy (&high, copy + sizeof low, sizeof high);
    } else {
        memcpy (&low, word, sizeof low);
        memcpy (&high, word + sizeof low, sizeof high);
    }
    bool is_short = size < sizeof low;
    uint64_t last = ((is_short ? low : high) & (one - 1)) | one;
    low = is_short ? last : low;
    high = is_short ? 0 : last;
    place->bytes[0] = low;
    place->bytes[1] = high;
    place->slot = (uint32_t) ((low ^ high * 0x9e3779b97f4a7c15u) * 0xd6e8feb86659fd93u >> (64 - SLOT_BITS));
    __builtin_prefetch (&self->slots[place->slot]);
}

const qw_known_t *qw_words_find (qw_words_t *self, const qw_word_place_t *place, const char *word, size_t size)
{
    if (size > MOST_BYTES) {
        fill (&self->other, self->model, word, size);
        return &self->other;
    }
    slot_t *slot = &self->slots[place->slot];
    if (slot->low != place->bytes[0] || slot->high != place->bytes[1]) {
        slot->low = place->bytes[0];
        slot->high = place->bytes[1];
        fill (&slot->known, self->model, word, size);
    }
    return &slot->known;
}
