/*  vocabulary.h - the words of many texts: how often, written how, between which neighbours; for training only. */
#ifndef QW_ENTITIES_VOCABULARY_H
#define QW_ENTITIES_VOCABULARY_H

#include <stdio.h>

#include "workers/entities/model.h"
#include "workers/entities/vectors.h"

typedef struct qw_vocabulary_t qw_vocabulary_t;

/* Models may be NULL; they outlive the vocabulary. */
qw_status_t qw_vocabulary_new (qw_vocabulary_t **self_p, const void *tokens, size_t tokens_size, const void *entities,
                               size_t entities_size, qw_reason_t *reason);
void qw_vocabulary_destroy (qw_vocabulary_t **self_p);

/* Texts that share long passages with this one will be left out. */
qw_status_t qw_vocabulary_without (qw_vocabulary_t *self, const char *text, size_t size, qw_reason_t *reason);
qw_status_t qw_vocabulary_add (qw_vocabulary_t *self, const char *text, size_t size, qw_reason_t *reason);

/* Lines of WORD TAB FLAGS. */
qw_status_t qw_vocabulary_read_names (qw_vocabulary_t *self, const char *path, qw_reason_t *reason);

/* Chooses the words that come often enough or stand in a list, and numbers them from the most frequent on. */
void qw_vocabulary_settle (qw_vocabulary_t *self, uint32_t min_count);

/* The running text as numbers of words; words that were not chosen are `count`, and so is the end of a sentence. */
typedef struct {
    const uint32_t *words;
    size_t size;    /* of the running text */
    uint32_t count; /* words chosen */
    uint32_t frequent; /* those of them, at the front, that come often enough for a cluster */
} qw_running_text_t;

qw_running_text_t qw_vocabulary_text (const qw_vocabulary_t *self);

/* Looks for the vectors of the words, and takes up the `most` most frequent words that have a vector and did not come, written
 * with a capital. Marks the rows that are in use in `wanted`, a byte a row. */
void qw_vocabulary_take_vectors (qw_vocabulary_t *self, const qw_vectors_t *vectors, uint32_t most, uint8_t *wanted);

/* Writes the lexicon; a cluster a word, 0 for none. `near`: clusters of the vectors' rows, or NULL. */
void qw_vocabulary_write (const qw_vocabulary_t *self, const uint16_t *clusters, const uint16_t *near, FILE *file);

#endif
