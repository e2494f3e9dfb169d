/*  lexicon.h - collects what models/tokens.model knows of words. Used by the trainer only. */
#ifndef QW_TOKENS_LEXICON_H
#define QW_TOKENS_LEXICON_H

#include <stdbool.h>

#include "workers/tokens/model.h"

typedef struct qw_gap_lexicon_t qw_gap_lexicon_t;

qw_gap_lexicon_t *qw_gap_lexicon_new (void);
void qw_gap_lexicon_destroy (qw_gap_lexicon_t **self_p);

/* Reads lines of a word, another column and a part of speech. False, with a message on standard error, when it cannot. */
bool qw_gap_lexicon_read_tags (qw_gap_lexicon_t *self, const char *path);

/* Reads what quotewire-train-words writes: lines of a word, its cluster and its flags, the most frequent first. */
bool qw_gap_lexicon_read_words (qw_gap_lexicon_t *self, const char *path);

/* Fills the entries, the most frequent words first where not all have room. */
void qw_gap_lexicon_fill (const qw_gap_lexicon_t *self, qw_gap_word_t entries[QW_GAP_LEXICON_SLOTS]);

#endif
