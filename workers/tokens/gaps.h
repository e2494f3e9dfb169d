/*  gaps.h - the gaps between tokens where a sentence may end, one after the other. */
#ifndef QW_TOKENS_GAPS_H
#define QW_TOKENS_GAPS_H

#include "workers/tokens/chars.h"
#include "workers/tokens/scan.h"

/* Walks over the gaps of one paragraph that are worth a decision. */
typedef struct {
    const char *text;
    const qw_span_t *tokens;
    uint32_t first, end; /* the paragraph's tokens */
    uint32_t limit;      /* where the last of them ends */
    const qw_ends_t *ends;
    size_t index, mark_index; /* the next of the possible ends; the next of those with a mark */
    uint32_t sentence;        /* first token of the sentence at hand */
    uint32_t last_sentence;   /* first token of the one before; the same when there is none */
    bool last_is_marked;      /* that one ended with a mark */
    uint32_t marked;          /* first token behind the last mark before the gap, that of the gap itself excepted */
    uint8_t quotes_before;    /* double quotation marks before the sentence, modulo 256 */
    int16_t depth_before;     /* brackets open before it */

    /* The gap found: */
    qw_end_kind_t kind;
    uint32_t mark;  /* the token that may end a sentence; QW_END_NONE: the last token before the gap */
    uint32_t next;  /* the token after the gap; the closing marks stand before it */
    uint8_t quotes; /* as above, before the gap */
    int16_t depth;
} qw_gaps_t;

void qw_gaps_start (qw_gaps_t *self, const char *text, uint32_t first, const qw_ends_t *ends, const qw_layers_t *layers);

/* Goes to the next gap; false at the end of the paragraph. */
bool qw_gaps_next (qw_gaps_t *self);

/* Tells that a sentence ends at the gap found. */
void qw_gaps_end_sentence (qw_gaps_t *self);

/* Tokens from the gap to the next possible end with a mark, or to the paragraph's end. */
uint32_t qw_gaps_until_mark (qw_gaps_t *self);

/* The kind of the token's first character. */
static inline qw_char_t qw_gaps_first_char (const qw_gaps_t *self, uint32_t token)
{
    uint32_t taken;
    return qw_char_at (self->text, self->tokens[token].start, self->tokens[token].end, &taken);
}

/* True when no white space stands before the token. */
static inline bool qw_gaps_is_attached (const qw_gaps_t *self, uint32_t token)
{
    return token > self->first && self->tokens[token].start == self->tokens[token - 1].end;
}

#endif
