#include "workers/entities/kmeans.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "proto/memory.h"

enum { ROUNDS = 12, COARSE = 63 };

float qw_kmeans_random (uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return (float) (*state >> 40) / (1 << 23) - 1;
}

void qw_kmeans_normalise (float *points, size_t count, size_t dimensions)
{
    for (size_t r = 0; r < count; r++) {
        float *point = points + r * dimensions;
        double square = 0;
        for (size_t d = 0; d < dimensions; d++)
            square += (double) point[d] * point[d];
        float scale = square > 1e-20 ? (float) (1 / sqrt (square)) : 0;
        for (size_t d = 0; d < dimensions; d++)
            point[d] *= scale;
    }
}

static float dot (const float *a, const float *b, size_t dimensions)
{
    float lanes[8] = {0};
    for (size_t d = 0; d < dimensions; d += 8)
        for (int i = 0; i < 8; i++)
            lanes[i] += a[d + (size_t) i] * b[d + (size_t) i];
    return ((lanes[0] + lanes[4]) + (lanes[1] + lanes[5])) + ((lanes[2] + lanes[6]) + (lanes[3] + lanes[7]));
}

void qw_kmeans (const float *points, size_t count, size_t dimensions, size_t k, uint16_t *clusters, float *centres,
                uint64_t *random)
{
    for (size_t c = 0; c < k; c++) {
        size_t pick = (size_t) ((double) count * (double) c / (double) k
                                + (double) (qw_kmeans_random (random) + 1) / 2 * (double) count / (double) k);
        memcpy (centres + c * dimensions, points + (pick < count ? pick : count - 1) * dimensions, dimensions * sizeof *points);
    }
    float *sums = qw_must (malloc (k * dimensions * sizeof *sums));
    for (int round = 0; round < ROUNDS; round++) {
        memset (sums, 0, k * dimensions * sizeof *sums);
        for (size_t i = 0; i < count; i++) {
            const float *point = points + i * dimensions;
            size_t best = 0;
            float top = -2;
            for (size_t c = 0; c < k; c++) {
                float close = dot (point, centres + c * dimensions, dimensions);
                if (close > top) {
                    top = close;
                    best = c;
                }
            }
            clusters[i] = (uint16_t) best;
            for (size_t d = 0; d < dimensions; d++)
                sums[best * dimensions + d] += point[d];
        }
        memcpy (centres, sums, k * dimensions * sizeof *sums);
        qw_kmeans_normalise (centres, k, dimensions);
    }
    free (sums);
}

void qw_kmeans_levels (const float *points, size_t count, size_t dimensions, size_t k, uint16_t *codes, uint64_t *random)
{
    size_t tops = COARSE < k ? COARSE : k;
    uint16_t *coarse = qw_must (malloc (k * sizeof *coarse));
    float *centres = qw_must (malloc (k * dimensions * sizeof *centres));
    float *above = qw_must (malloc (tops * dimensions * sizeof *above));
    qw_kmeans (points, count, dimensions, k, codes, centres, random);
    qw_kmeans (centres, k, dimensions, tops, coarse, above, random);
    for (size_t i = 0; i < count; i++)
        codes[i] = (uint16_t) ((coarse[codes[i]] + 1) * 1024 + codes[i] + 1);
    free (coarse);
    free (centres);
    free (above);
}
