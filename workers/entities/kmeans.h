/*  kmeans.h - clusters of points on a sphere; for training only. */
#ifndef QW_ENTITIES_KMEANS_H
#define QW_ENTITIES_KMEANS_H

#include <stddef.h>
#include <stdint.h>

/* Points as rows of `dimensions` floats, a multiple of 8. Makes every row one unit long, zeros excepted. */
void qw_kmeans_normalise (float *points, size_t count, size_t dimensions);

/* A number from -1 to 1. *state is not 0. */
float qw_kmeans_random (uint64_t *state);

/* Fills the cluster of every point, from 0 on, and the k centres. The points are normalised and ordered by weight: the first
 * centres are taken from all along that order. */
void qw_kmeans (const float *points, size_t count, size_t dimensions, size_t k, uint16_t *clusters, float *centres,
                uint64_t *random);

/* Two levels: k clusters and clusters of their centres. Writes (coarse + 1) * 1024 + fine + 1; k is at most 1023. */
void qw_kmeans_levels (const float *points, size_t count, size_t dimensions, size_t k, uint16_t *codes, uint64_t *random);

#endif
