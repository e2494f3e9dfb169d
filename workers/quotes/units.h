/*  units.h - a sentence as the quotes see it: its words with tags, and everything in quotation marks as one unit.

    A segment is a sentence, or several that are held together by quotation marks around them. */
#ifndef QW_QUOTES_UNITS_H
#define QW_QUOTES_UNITS_H

#include "workers/annotator.h"
#include "workers/quotes/marks.h"
#include "workers/quotes/model.h"

enum {
    KIND_WORD = 0,
    KIND_NUMBER,
    KIND_COMMA,
    KIND_STOP,
    KIND_COLON,
    KIND_SEMICOLON,
    KIND_DASH,
    KIND_OPEN,
    KIND_CLOSE,
    KIND_OTHER,
    KIND_MARKED,
    KIND_BORDER
};
enum { SHAPE_LOWER = 0, SHAPE_CAPITAL, SHAPE_UPPER, SHAPE_NONE };

#define QW_NO_MENTION UINT32_MAX

typedef struct {
    qw_span_t span;
    uint32_t hash;    /* of the lower-cased word */
    uint32_t stem;    /* the same without -s, -ed, -ing */
    uint32_t mention; /* index of the entity mention that it belongs to, or QW_NO_MENTION */
    uint32_t marked;  /* KIND_MARKED: index into the marks */
    uint32_t words;   /* KIND_MARKED: how many tokens are in it */
    uint8_t kind, shape, tag;
    uint8_t sure;        /* the tag needs no context */
    uint8_t entity;      /* type of the mention + 1; 0: none */
    uint8_t cue, source; /* from the lexicon */
    bool belief;         /* from the lexicon */
    uint8_t side;        /* SIDE_..., set by qw_decide_cues */
    uint8_t inner;       /* KIND_MARKED: KIND_ of the last token inside */
    uint8_t inner_shape; /* KIND_MARKED: shape of the first word inside */
    bool taken;          /* KIND_MARKED: it is (part of) the content of a cue */
    /* counts over the units before this one, set by qw_segment_prepare */
    uint16_t finite_before, cues_before, commas_before, marks_before, stops_before;
    uint32_t mark_left, mark_right; /* nearest unit of several marked words before and after; QW_NO_UNIT: none */
} qw_unit_t;

#define QW_NO_UNIT UINT32_MAX
/* qw_quote_word_hash of some words; the tests check them */
#define QW_WORD_ACCORDING 0x9cc3df62u
#define QW_WORD_ACCUSATION 0x106719f5u
#define QW_WORD_ACCUSATIONS 0x1a7f18a6u
#define QW_WORD_ADVISED 0x25aeeca2u
#define QW_WORD_ADVISING 0x05bdd229u
#define QW_WORD_AFTER 0x1b6e4b15u
#define QW_WORD_ALLEGATION 0x9f62b82eu
#define QW_WORD_ALLEGATIONS 0x83ade337u
#define QW_WORD_ALTHOUGH 0xf31787bfu
#define QW_WORD_AND 0x0f29dcf5u
#define QW_WORD_ARE 0x406fb493u
#define QW_WORD_AS 0x5e259cc7u
#define QW_WORD_ASKED 0xa87ed8dcu
#define QW_WORD_ASKING 0x6929c89cu
#define QW_WORD_ASKS 0x03b491dau
#define QW_WORD_ASSERTION 0x33f6bda2u
#define QW_WORD_ASSERTIONS 0x09999f47u
#define QW_WORD_BEEN 0xa65a3e75u
#define QW_WORD_BY 0x542b64c3u
#define QW_WORD_CITED 0x0239813du
#define QW_WORD_CITES 0xf5389aa5u
#define QW_WORD_CITING 0x07522d0du
#define QW_WORD_CLAIM 0xbd25ea26u
#define QW_WORD_CLAIMS 0xdc8f6509u
#define QW_WORD_ENCOURAGED 0xb6fd5302u
#define QW_WORD_FEARS 0x8d87c391u
#define QW_WORD_FOR 0xacf2da77u
#define QW_WORD_FROM 0x95ccabeeu
#define QW_WORD_HAD 0xe2bf3befu
#define QW_WORD_HAS 0xedbed49du
#define QW_WORD_HAVE 0xf5cfe867u
#define QW_WORD_INSTRUCTED 0x04091338u
#define QW_WORD_INVITED 0x2ff41674u
#define QW_WORD_IS 0x4e381364u
#define QW_WORD_MADE 0xd1b0ad3au
#define QW_WORD_MAKES 0xebed6b8du
#define QW_WORD_MAKING 0x3adbf28fu
#define QW_WORD_OF 0x6934ee00u
#define QW_WORD_ORDERED 0xe70867c5u
#define QW_WORD_POSSIBILITY 0x4bce5a19u
#define QW_WORD_PROSPECT 0x2fae6199u
#define QW_WORD_QUOTED 0xbfdbc57cu
#define QW_WORD_QUOTES 0xb0dbc299u
#define QW_WORD_QUOTING 0x8806f1cfu
#define QW_WORD_RAISED 0xca711224u
#define QW_WORD_RAISES 0xd3713211u
#define QW_WORD_RAISING 0x7c8efd58u
#define QW_WORD_SAID 0xbc024d1au
#define QW_WORD_SAYING 0x76d0dfc8u
#define QW_WORD_SAYS 0xaadb225du
#define QW_WORD_SINCE 0xb537c3f0u
#define QW_WORD_SUGGESTION 0x00d641a1u
#define QW_WORD_SUGGESTIONS 0xcf4618d5u
#define QW_WORD_TELLING 0x87bb89cbu
#define QW_WORD_THAT 0xcb19a51cu
#define QW_WORD_THOUGH 0x4a04b4fau
#define QW_WORD_TOLD 0x576c67adu
#define QW_WORD_URGED 0x324593b9u
#define QW_WORD_URGES 0x3d46720fu
#define QW_WORD_URGING 0x0b55d58eu
#define QW_WORD_WARNED 0x4aa73407u
#define QW_WORD_WARNING 0x7921e0adu
#define QW_WORD_WAS 0x16e2ec37u
#define QW_WORD_WERE 0xc7eadefau
#define QW_WORD_WHAT 0x856f9ef2u
#define QW_WORD_WHEN 0x7f777bf6u
#define QW_WORD_WHILE 0x0dc63342u

/* A noun with what belongs to it, or a pronoun: units [first, end), with the noun at `head`. */
typedef struct {
    uint32_t first, end, head;
} qw_noun_t;

enum { UNIT_PAD = 4 }; /* border units before and after a segment, so that neighbours can always be read */

/* The segment that is looked at; `units` points behind the padding. */
typedef struct {
    qw_unit_t *units;
    uint32_t count;
    qw_unit_t *block;
    size_t capacity;
    qw_noun_t *nouns; /* set by qw_segment_prepare, in order */
    uint32_t noun_count;
    size_t noun_capacity;
    bool paragraph_start, paragraph_end;
} qw_segment_t;

void qw_segment_free (qw_segment_t *self);

/* Where the walk over a paragraph is. */
typedef struct {
    size_t sentence, sentence_end; /* sentences still to be taken */
    size_t mark, mark_end;         /* marks still to be taken */
    size_t mention;
    qw_span_t paragraph;
} qw_walk_t;

/* Fills `segment` with the next sentence or sentences, without tags where context is needed. False at the end. */
bool qw_segment_next (qw_segment_t *segment, qw_walk_t *walk, const qw_quotes_model_t *model, const char *text,
                      const qw_layers_t *layers, const qw_marks_t *marks);

/* Hash of the lower-cased word with digits as 0 and typographic apostrophes straight; never 0. */
uint32_t qw_quote_word_hash (const char *text, size_t size);

/* ---- the tagger -------------------------------------------------------------------------------------------------- */

enum { TAG_FEATURES = 9 };

/* Features of unit `at`; the tags of the units before it are set. */
void qw_tag_features (const qw_unit_t *units, uint32_t at, const char *text, uint32_t features[TAG_FEATURES]);

/* Sets the tags that the lexicon left open. */
void qw_segment_tag (qw_segment_t *segment, const qw_quotes_model_t *model, const char *text);

/* After tagging: the counts in the units, and the noun chunks. */
void qw_segment_prepare (qw_segment_t *segment);

static inline bool qw_tag_is_finite (uint8_t tag)
{
    return tag == TAG_VBD || tag == TAG_VBZ || tag == TAG_VBP || tag == TAG_MD;
}

static inline bool qw_tag_is_nominal (uint8_t tag) { return tag == TAG_NN || tag == TAG_NNS || tag == TAG_NNP; }

#endif
