/*  speakers_ranking.h - who is quoted most, over many documents. A speaker is the key of a cluster, which is the same
 * everywhere. */
#ifndef QW_SPEAKERS_RANKING_H
#define QW_SPEAKERS_RANKING_H

#include "proto/mp.h"

typedef struct {
    const char *name; /* the fullest one seen, NUL-terminated */
    uint64_t quotes, statements, documents; /* statements: different ones */
} qw_ranked_t;

typedef struct qw_ranking_t qw_ranking_t;

qw_ranking_t *qw_ranking_new (void);
void qw_ranking_destroy (qw_ranking_t **self_p);

/* Counts one quotation, with its statement, in document number `document`, which never falls from call to call. */
void qw_ranking_count (qw_ranking_t *self, qw_bytes_t key, qw_bytes_t name, uint64_t statement, uint64_t document);

/* The first `count` of them, most quoted first, equals by name; returns how many there are, at most `count`. */
size_t qw_ranking_first (qw_ranking_t *self, qw_ranked_t *ranked, size_t count);

#endif
