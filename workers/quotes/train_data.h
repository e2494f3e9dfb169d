/*  train_data.h - what quotewire-train-quotes reads: sentences with tags, and articles with marked quotations. */
#ifndef QW_QUOTES_TRAIN_DATA_H
#define QW_QUOTES_TRAIN_DATA_H

#include <stdio.h>

#include "workers/fused.h"
#include "workers/quotes/units.h"

/* One sentence; its text is the tokens with a blank between each two. */
typedef struct {
    char *text;
    size_t size, capacity;
    qw_layers_t *layers;
    uint8_t *tags; /* TAG_ of each token */
    size_t tag_capacity;
} qw_tagged_t;

/* Reads the next sentence; false at the end of the file. Tabs part a line: the word first; Penn Treebank tags in the
 * fourth column when there are four and the second is a BIO label, otherwise in the third. */
bool qw_tagged_read (qw_tagged_t *self, FILE *file);
bool qw_tagged_segment (qw_tagged_t *self, qw_segment_t *segment, const qw_quotes_model_t *model);
void qw_tagged_free (qw_tagged_t *self);

typedef struct {
    qw_span_t span, cue, source;
    bool speech;
} qw_gold_t;

typedef struct {
    char *text;
    size_t size;
    qw_layers_t *layers;
    qw_paragraph_t *paragraphs; /* every line is one */
    size_t paragraph_count;
    qw_gold_t *gold;
    size_t gold_count;
} qw_article_t;

/* A growable list; zero it to begin with. */
typedef struct {
    qw_article_t *items;
    size_t count;
} qw_articles_t;

/* Appends the articles of a file, with tokens and entities. Says what is wrong on standard error and returns false. */
bool qw_articles_read (qw_articles_t *self, const char *path, qw_fused_t *fused);
void qw_articles_free (qw_articles_t *self);

#endif
