/*  model.h - the weights behind the quotes: one block of little-endian integers, the same in the file and in memory.

    Recipe for changing the layout: change qw_quotes_model_t, raise QW_QUOTES_MODEL_VERSION, train again
    (workers/train_quotes_main.c). A file of another version is refused when it is opened. */
#ifndef QW_QUOTES_MODEL_H
#define QW_QUOTES_MODEL_H

#include <stddef.h>
#include <stdint.h>

#define QW_QUOTES_MODEL_MAGIC 0x31515751u /* "QWQ1" */
#define QW_QUOTES_MODEL_VERSION 7

/* What a unit of a sentence is, as far as clauses and names need it. */
enum {
    TAG_X = 0, /* foreign words, interjections, symbols */
    TAG_NN,
    TAG_NNS,
    TAG_NNP,
    TAG_PRP,
    TAG_PRPS, /* possessive: his */
    TAG_DT,
    TAG_JJ,
    TAG_RB,
    TAG_RP,
    TAG_IN,
    TAG_TO,
    TAG_CC,
    TAG_CD,
    TAG_MD,
    TAG_VBD,
    TAG_VBZ,
    TAG_VBP,
    TAG_VB,
    TAG_VBG,
    TAG_VBN,
    TAG_WH,
    TAG_POS, /* 's */
    TAG_PUNCT,
    TAG_COUNT,
    TAG_MARKED = TAG_COUNT, /* words in quotation marks, taken as one */
    TAG_BORDER,             /* beyond the ends of the sentence */
    TAG_LIMIT
};

/* How a cue's content lies: classes of the cue stage. */
enum { SIDE_NONE = 0, SIDE_RIGHT, SIDE_LEFT, SIDE_BOTH, SIDE_COUNT };

enum {
    TAG_ROW = 32,
    LEXICON_BITS = 15,
    TAGGER_BITS = 13,
    CUE_BITS = 18,
    START_BITS = 18,
    END_BITS = 19,
    SOURCE_BITS = 14,
    MARKED_BITS = 14
};

enum {
    LEXEME_SURE = 1,  /* the word has no other tag */
    LEXEME_BELIEF = 2 /* as a cue it tells what somebody thinks or wants, not what was said */
};

typedef struct {
    uint32_t hash;  /* of the lower-cased word; 0: an empty place */
    uint8_t tag;    /* the commonest one */
    uint8_t flags;  /* LEXEME_... */
    uint8_t cue;    /* 0: never a cue; 1 to 7: how often it is one */
    uint8_t source; /* 0 to 7: how often it heads a speaker */
} qw_lexeme_t;

typedef struct {
    uint32_t magic, version;
    int32_t cue_threshold;                    /* a side other than SIDE_NONE is believed when it leads by so much */
    int32_t belief_threshold;                 /* the same for cues of belief */
    int32_t marked_threshold;                 /* words in marks without a cue are a quotation above this */
    qw_lexeme_t lexicon[1 << LEXICON_BITS];   /* open addressing from the hash's low bits */
    int8_t tagger[1 << TAGGER_BITS][TAG_ROW]; /* rows of one weight a tag, half a cache line each */
    int8_t cue[1 << CUE_BITS][SIDE_COUNT];
    int8_t start[1 << START_BITS];
    int8_t end[1 << END_BITS];
    int8_t source[1 << SOURCE_BITS];
    int8_t marked[1 << MARKED_BITS];
} qw_quotes_model_t;

/* Feature numbers: what is seen, mixed into 32 bits. The high bits choose the row. */
#define QW_MIX_KIND 0x9e3779b1u
static inline uint32_t qw_mix_in (uint32_t kinds, uint32_t a, uint32_t b)
{
    uint32_t h = kinds ^ (a * 0x85ebca6bu);
    h = (h ^ (h >> 15)) * 0xc2b2ae35u;
    h = (h ^ (b * 0x27d4eb2fu)) * 0x165667b1u;
    h ^= h >> 13;
    return h * 0x9e3779b1u;
}

static inline uint32_t qw_mix (uint32_t kind, uint32_t a, uint32_t b) { return qw_mix_in (kind * QW_MIX_KIND, a, b); }

static inline const qw_lexeme_t *qw_lexicon_find (const qw_quotes_model_t *model, uint32_t hash)
{
    for (uint32_t at = hash;; at++) {
        const qw_lexeme_t *lexeme = &model->lexicon[at & ((1u << LEXICON_BITS) - 1)];
        if (lexeme->hash == hash)
            return lexeme;
        if (lexeme->hash == 0)
            return NULL;
    }
}

#endif
