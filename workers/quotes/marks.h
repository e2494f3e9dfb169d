/*  marks.h - quotation marks: which of them open and close, and what they enclose. Works on characters, not on tokens,
   and knows nothing of cues: titles, nicknames and scare quotes are found too, for others to sort out. */
#ifndef QW_QUOTES_MARKS_H
#define QW_QUOTES_MARKS_H

#include "proto/layers.h"

typedef struct {
    qw_span_t span;     /* with its marks */
    uint8_t open_size;  /* bytes of the opening mark; 0 when the words began before the paragraph */
    uint8_t close_size; /* bytes of the closing mark; 0 when there is none */
    bool single;        /* 'single' marks are the outer ones */
    bool opens_before;  /* the paragraph begins inside of it */
    bool runs_on;       /* no closing mark in the paragraph */
} qw_marked_t;

/* A growable list; zero it to begin with. */
typedef struct {
    qw_marked_t *items;
    size_t count, capacity;
} qw_marks_t;

void qw_marks_free (qw_marks_t *self);

/* Appends what the outer marks of one paragraph enclose, in order, not overlapping. `inside`: the paragraph before ran
 * on (or is not known), so that closing marks without an opening one are believed. Returns whether this paragraph runs
 * on. */
bool qw_marks_find (qw_marks_t *self, const char *text, qw_span_t paragraph, bool inside);

#endif
