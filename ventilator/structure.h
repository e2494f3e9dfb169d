/*  structure.h - finds the paragraphs of an article and what each of them is: headline, byline, dateline, caption, body or
    boilerplate. Pure; nothing is deleted from the text. */
#ifndef QW_STRUCTURE_H
#define QW_STRUCTURE_H

#include "proto/layers.h"

/* A growable list of paragraphs; zero it to begin with. */
typedef struct {
    qw_paragraph_t *items;
    size_t count, capacity;
} qw_paragraphs_t;

void qw_paragraphs_free (qw_paragraphs_t *self);

/* Replaces the list's content by the paragraphs of the text: in order, not overlapping, without the line ends around
 * them. Every byte outside of them is white space. A dateline at the start of a body paragraph is an item of its own,
 * directly before the rest of that paragraph. `text` is valid UTF-8. */
void qw_structure_find (const char *text, size_t size, qw_paragraphs_t *paragraphs);

#endif
