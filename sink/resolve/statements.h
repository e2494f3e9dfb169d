/*  statements.h - a number for what is said and by whom, which the same words of the same speaker have in every document:
    wire copy that several papers print, trimmed and edited a little, is one statement.

    Pure: a quotation's number depends on its words and its speaker's key alone. Content words are what is compared:
    lower case, marks and little words left out, endings (-s, -ed, -ing) taken off, so that `"The dam is safe," she
    said` and `she said the dam was safe` are the same. Of those of the first sentence (of more, where it has fewer
    than three), the one with the smallest hash and its neighbours on both sides stand for the statement, after
    Broder's MinHash (1997), and all where there are no more than three; five in a row where nobody knows whose
    words they are. So a change elsewhere leaves the number as it is, and so does what is cut off or added behind
    the first sentence. A quotation that its cue splits is one statement: both parts have the number of the whole. */
#ifndef QW_STATEMENTS_H
#define QW_STATEMENTS_H

#include "proto/layers.h"

enum { QW_STATEMENT_BITS = 40 };

typedef struct qw_statements_t qw_statements_t;

qw_statements_t *qw_statements_new (void);
void qw_statements_destroy (qw_statements_t **self_p);

/* Sets the statement of every quote: 1 to 2^40 - 1, or 0 where there is not a single word. In: text, clusters and
 * quotes with their clusters. */
void qw_statements_find (const qw_statements_t *self, const char *text, qw_layers_t *layers);

#endif
