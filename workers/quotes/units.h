/*  units.h - a sentence as the quotes see it: its words with tags, and everything in quotation marks as one unit.

    A segment is a sentence, or several that are held together by quotation marks around them. */
#ifndef QW_QUOTES_UNITS_H
#define QW_QUOTES_UNITS_H

#include "workers/annotator.h"
#include "workers/quotes/marks.h"
#include "workers/quotes/words.h"

#define QW_NO_MENTION UINT32_MAX

typedef struct {
    qw_span_t span;
    /* as in qw_known_t, until the tagger settles the tag */
    uint32_t hash, stem;
    uint8_t kind, shape, tag, sure, cue, source;
    bool belief;
    uint8_t parts;
    uint32_t mention;    /* index of the entity mention that it belongs to, or QW_NO_MENTION */
    uint32_t marked;     /* KIND_MARKED: index into the marks */
    uint32_t words;      /* KIND_MARKED: how many tokens are in it */
    uint8_t entity;      /* type of the mention + 1; 0: none */
    uint8_t side;        /* SIDE_..., set by qw_decide_cues */
    uint8_t inner;       /* KIND_MARKED: KIND_ of the last token inside */
    uint8_t inner_shape; /* KIND_MARKED: shape of the first word inside */
    bool taken;          /* KIND_MARKED: it is (part of) the content of a cue */
    /* counts over the units before this one, set by qw_segment_prepare; they stop behind 2^16 units */
    uint16_t finite_before, cues_before, commas_before, stops_before, marks_before;
    uint32_t mark_left, mark_right; /* nearest unit of several marked words before and after; QW_NO_UNIT: none */
} qw_unit_t;

#define QW_NO_UNIT UINT32_MAX

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
    qw_word_place_t *places; /* of the words among the units */
    size_t capacity;
    qw_noun_t *nouns; /* set by qw_segment_prepare, in order */
    uint32_t noun_count;
    size_t noun_capacity;
    bool paragraph_start, paragraph_end;
    bool busy;         /* it holds a possible cue or something in marks; without, nothing is to be found in it */
    qw_words_t *words; /* of the model with which the first segment was filled */
} qw_segment_t;

void qw_segment_free (qw_segment_t *self);

/* Where the walk over a paragraph is. */
typedef struct {
    size_t sentence, sentence_end; /* sentences still to be taken */
    size_t mark, mark_end;         /* marks still to be taken */
    size_t mention;
    size_t text_size;
    qw_span_t paragraph;
} qw_walk_t;

/* Fills `segment` with the next sentence or sentences, without tags where context is needed. False at the end. One model for
 * one segment, all its life. */
bool qw_segment_next (qw_segment_t *segment, qw_walk_t *walk, const qw_quotes_model_t *model, const char *text,
                      const qw_layers_t *layers, const qw_marks_t *marks);

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
    return (1u << TAG_VBD | 1u << TAG_VBZ | 1u << TAG_VBP | 1u << TAG_MD) >> tag & 1;
}

static inline bool qw_tag_is_nominal (uint8_t tag) { return (1u << TAG_NN | 1u << TAG_NNS | 1u << TAG_NNP) >> tag & 1; }

#endif
