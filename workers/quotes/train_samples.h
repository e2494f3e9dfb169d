/*  train_samples.h - what the stages learn from: features of every choice that the annotator will have to make, and the
   right one.

    Each stage's samples are numbers in a row:
      cue:     side, features
      content: starts, ends, pairs; the right start and end; then features of each start, each end, each valid pair in
   order source:  options, the right one; features of each (the first: none) marked:  label, features where features are
   their count and then as many numbers, and a pair is its start, its end and its features. */
#ifndef QW_QUOTES_TRAIN_SAMPLES_H
#define QW_QUOTES_TRAIN_SAMPLES_H

#include "workers/quotes/stages.h"
#include "workers/quotes/train_data.h"

typedef struct {
    uint32_t *items;
    size_t count, capacity;
} qw_numbers_t;

void qw_numbers_push (qw_numbers_t *self, uint32_t value);

typedef struct {
    qw_numbers_t cues, contents, sources, marked;
    size_t lost_cues;     /* no word of theirs is in the lexicon */
    size_t lost_contents; /* they begin or end where the annotator does not look */
    size_t kept_contents;
} qw_samples_t;

/* The model must have its lexicon and its tagger. */
void qw_samples_make (qw_samples_t *self, const qw_articles_t *articles, const qw_quotes_model_t *model);
void qw_samples_free (qw_samples_t *self);

#endif
