/*  vectors.h - ready-made word vectors and clusters of words that lie close to each other; for training only. */
#ifndef QW_ENTITIES_VECTORS_H
#define QW_ENTITIES_VECTORS_H

#include <stddef.h>
#include <stdint.h>

#include "proto/status.h"

typedef struct qw_vectors_t qw_vectors_t;

enum { QW_NO_VECTOR = UINT32_MAX };

/* Reads a text file, a line a word in small letters, the most frequent first: WORD BLANK NUMBER BLANK NUMBER ... */
qw_status_t qw_vectors_read (qw_vectors_t **self_p, const char *path, qw_reason_t *reason);
void qw_vectors_destroy (qw_vectors_t **self_p);

/* The words, from 0 on. */
uint32_t qw_vectors_count (const qw_vectors_t *self);
const char *qw_vectors_word (const qw_vectors_t *self, uint32_t row);

/* The row of a word by the hash of its small letters, or QW_NO_VECTOR. */
uint32_t qw_vectors_find (const qw_vectors_t *self, uint64_t lower);

/* Codes of the wanted rows as in kmeans.h, 0 for the others; `wanted` and `codes` have an item a row. */
void qw_vectors_clusters (const qw_vectors_t *self, const uint8_t *wanted, size_t classes, uint64_t seed, uint16_t *codes);

#endif
