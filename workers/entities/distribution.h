/*  distribution.h - clusters of words that stand between the same words; for training only.

    A word's row counts its neighbours, one and two to the left and right, among the most frequent words. The rows are weighed
    by positive pointwise mutual information, brought to few dimensions by a randomised singular value decomposition (Halko
    and others, 2011), and clustered by k-means on the sphere; the clusters' centres are then clustered again. */
#ifndef QW_ENTITIES_DISTRIBUTION_H
#define QW_ENTITIES_DISTRIBUTION_H

#include "workers/entities/vocabulary.h"

/* A cluster a chosen word: its coarse cluster (1 to 63) times 1024 plus its fine one; 0 for words without. Caller frees. */
uint16_t *qw_distribution_clusters (const qw_vocabulary_t *vocabulary, int classes, uint64_t seed);

#endif
