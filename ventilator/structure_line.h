/*  structure_line.h - what can be said of one paragraph of an article without looking at the others. */
#ifndef QW_STRUCTURE_LINE_H
#define QW_STRUCTURE_LINE_H

#include "proto/layers.h"

typedef struct {
    qw_span_t span;
    uint32_t words;       /* runs of anything but white space that hold a letter or digit */
    uint32_t letter_words; /* of these, the ones that begin with a letter */
    uint32_t capitals;    /* of these, the ones that begin with a capital */
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

/* The end of a dateline at the start of the paragraph, with its dash or, where `colon_too`, colon: "SEOUL, South Korea (AP) —",
 * "NEW DELHI:". The start of the span when there is none. */
uint32_t qw_structure_dateline_end (const char *text, qw_span_t span, bool colon_too);

/* White space at text[at], at < end: its bytes, 0 when something else stands there. Line ends count too. */
uint32_t qw_structure_space (const char *text, uint32_t at, uint32_t end);

#endif
