/*  structure_line.h - what can be said of one paragraph of an article without looking at the others. */
#ifndef QW_STRUCTURE_LINE_H
#define QW_STRUCTURE_LINE_H

#include "proto/layers.h"
#include "ventilator/structure_phrases.h"

enum { QW_STRUCTURE_SHORT = 14 };

typedef struct {
    qw_span_t span;
    uint32_t words;        /* runs of anything but white space that hold a letter or digit; counted up to 92 */
    uint32_t letter_words; /* of these, the ones that begin with a letter */
    uint32_t capitals;     /* of these, the ones that begin with a capital */
    uint32_t digits;       /* counted where it has no more than QW_STRUCTURE_SHORT words: elsewhere nobody asks */
    unsigned within;       /* qw_phrases_within_t bits of the phrases found anywhere in it */
    bool starts_small;    /* begins with a small letter */
    bool starts_quote;    /* begins with a quotation mark */
    bool ends_quote;      /* ends with one */
    bool starts_mark;     /* begins with a bullet or a bracket */
    bool ends_sentence;   /* ends with . ! ? or an ellipsis, closing marks behind them allowed */
    bool ends_colon;
    bool has_role; /* the words themselves say what it is: `role` */
    qw_role_t role;
} qw_structure_line_t;

/* Fills all fields for the paragraph at `span`, which begins and ends with something else than white space. */
void qw_structure_line_read (const char *text, qw_span_t span, qw_structure_line_t *line);

/* True when a capital of Latin, Greek or Cyrillic stands at text[at], at < end. */
bool qw_structure_is_capital (const char *text, uint32_t at, uint32_t end);

/* White space that takes more than one byte at text[at], at < end: its bytes, 0 when something else stands there. */
uint32_t qw_structure_wide_space (const char *text, uint32_t at, uint32_t end);

/* White space at text[at], at < end: its bytes, 0 when something else stands there. Line ends count too. */
static inline uint32_t qw_structure_space (const char *text, uint32_t at, uint32_t end)
{
    unsigned char c = (unsigned char) text[at];
    if (c > ' ' && c < 0xc2)
        return 0;
    if (c < 0x80)
        return c == ' ' || (c >= '\t' && c <= '\r');
    return qw_structure_wide_space (text, at, end);
}

#endif
