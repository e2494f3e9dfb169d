#include "workers/entities/distribution.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "proto/memory.h"
#include "workers/entities/kmeans.h"

enum { NEAR = 3000, FAR = 1000, COLUMNS = 2 * (NEAR + 1) + 2 * (FAR + 1), DIMENSIONS = 96 };

/* A sparse matrix, row after row. */
typedef struct {
    size_t *starts; /* rows + 1 */
    uint16_t *columns;
    float *values;
    size_t rows, size, capacity;
} sparse_t;

typedef float row_t[DIMENSIONS];

/* The column of a neighbour at a place: 0 one left, 1 one right, 2 two left, 3 two right. */
static uint32_t column_of (uint32_t word, uint32_t end, int place)
{
    uint32_t limit = place < 2 ? NEAR : FAR;
    uint32_t base = place == 0 ? 0 : place == 1 ? NEAR + 1 : place == 2 ? 2 * (NEAR + 1) : 2 * (NEAR + 1) + FAR + 1;
    if (word == end)
        return base + limit;
    return word < limit ? base + word : COLUMNS;
}

static void add_row (sparse_t *matrix, uint32_t *counts, double *column_sums)
{
    for (uint32_t c = 0; c < COLUMNS; c++) {
        if (counts[c] == 0)
            continue;
        if (matrix->size == matrix->capacity) {
            matrix->capacity = matrix->capacity ? matrix->capacity * 2 : 1 << 20;
            matrix->columns = qw_must (realloc (matrix->columns, matrix->capacity * sizeof *matrix->columns));
            matrix->values = qw_must (realloc (matrix->values, matrix->capacity * sizeof *matrix->values));
        }
        matrix->columns[matrix->size] = (uint16_t) c;
        matrix->values[matrix->size++] = (float) counts[c];
        column_sums[c] += counts[c];
        counts[c] = 0;
    }
    matrix->starts[++matrix->rows] = matrix->size;
}

/* Counts the neighbours of every frequent word and weighs them. */
static void count_neighbours (const qw_running_text_t *text, sparse_t *matrix)
{
    uint32_t rows = text->frequent;
    size_t *at = qw_must (calloc (rows + 2u, sizeof *at)), total = 0;
    for (size_t i = 0; i < text->size; i++)
        if (text->words[i] < rows)
            at[text->words[i] + 1]++;
    for (uint32_t i = 0; i < rows; i++)
        at[i + 1] += at[i];
    total = at[rows];
    uint32_t *places = qw_must (malloc ((total + 1) * sizeof *places));
    for (size_t i = 0; i < text->size; i++)
        if (text->words[i] < rows)
            places[at[text->words[i]]++] = (uint32_t) i;
    double *column_sums = qw_must (calloc (COLUMNS, sizeof *column_sums)), all = 0;
    uint32_t *counts = qw_must (calloc (COLUMNS + 1, sizeof *counts));
    matrix->starts = qw_must (calloc (rows + 1u, sizeof *matrix->starts));
    for (uint32_t word = 0; word < rows; word++) {
        for (size_t i = word ? at[word - 1] : 0; i < at[word]; i++) {
            size_t p = places[i];
            uint32_t before = p > 0 ? text->words[p - 1] : text->count;
            uint32_t after = p + 1 < text->size ? text->words[p + 1] : text->count;
            counts[column_of (before, text->count, 0)]++;
            counts[column_of (after, text->count, 1)]++;
            if (p > 1)
                counts[column_of (text->words[p - 2], text->count, 2)]++;
            if (p + 2 < text->size)
                counts[column_of (text->words[p + 2], text->count, 3)]++;
        }
        counts[COLUMNS] = 0;
        add_row (matrix, counts, column_sums);
    }
    for (int c = 0; c < COLUMNS; c++)
        all += column_sums[c];
    for (uint32_t word = 0; word < rows; word++) {
        double sum = 0, square = 0;
        for (size_t i = matrix->starts[word]; i < matrix->starts[word + 1]; i++)
            sum += matrix->values[i];
        for (size_t i = matrix->starts[word]; i < matrix->starts[word + 1]; i++) {
            double gain = log (matrix->values[i] * all / (sum * column_sums[matrix->columns[i]]));
            matrix->values[i] = gain > 0 ? (float) sqrt (gain) : 0;
            square += gain > 0 ? gain : 0;
        }
        float scale = square > 0 ? (float) (1 / sqrt (square)) : 0;
        for (size_t i = matrix->starts[word]; i < matrix->starts[word + 1]; i++)
            matrix->values[i] *= scale;
    }
    free (at);
    free (places);
    free (column_sums);
    free (counts);
}

static void times (const sparse_t *matrix, const row_t *right, row_t *out)
{
    memset (out, 0, matrix->rows * sizeof *out);
    for (size_t r = 0; r < matrix->rows; r++)
        for (size_t i = matrix->starts[r]; i < matrix->starts[r + 1]; i++) {
            const float *row = right[matrix->columns[i]];
            float value = matrix->values[i];
            for (int d = 0; d < DIMENSIONS; d++)
                out[r][d] += value * row[d];
        }
}

static void times_transposed (const sparse_t *matrix, const row_t *right, row_t *out)
{
    memset (out, 0, COLUMNS * sizeof *out);
    for (size_t r = 0; r < matrix->rows; r++)
        for (size_t i = matrix->starts[r]; i < matrix->starts[r + 1]; i++) {
            float *row = out[matrix->columns[i]], value = matrix->values[i];
            for (int d = 0; d < DIMENSIONS; d++)
                row[d] += value * right[r][d];
        }
}

/* Makes the columns of a tall matrix orthonormal (Gram and Schmidt, each twice for precision). */
static void orthonormalise (row_t *matrix, size_t rows)
{
    for (int d = 0; d < DIMENSIONS; d++) {
        for (int again = 0; again < 2; again++) {
            double dots[DIMENSIONS] = {0};
            for (size_t r = 0; r < rows; r++)
                for (int e = 0; e < d; e++)
                    dots[e] += (double) matrix[r][d] * matrix[r][e];
            for (size_t r = 0; r < rows; r++)
                for (int e = 0; e < d; e++)
                    matrix[r][d] -= (float) dots[e] * matrix[r][e];
        }
        double square = 0;
        for (size_t r = 0; r < rows; r++)
            square += (double) matrix[r][d] * matrix[r][d];
        float scale = square > 1e-20 ? (float) (1 / sqrt (square)) : 0;
        for (size_t r = 0; r < rows; r++)
            matrix[r][d] *= scale;
    }
}

uint16_t *qw_distribution_clusters (const qw_vocabulary_t *vocabulary, int classes, uint64_t seed)
{
    qw_running_text_t text = qw_vocabulary_text (vocabulary);
    uint16_t *result = qw_must (calloc (text.count + 1u, sizeof *result));
    if (text.frequent < (uint32_t) classes)
        return result;
    sparse_t matrix = {0};
    uint64_t random = seed * 0x9e3779b97f4a7c15u | 1;
    count_neighbours (&text, &matrix);
    row_t *points = qw_must (malloc (matrix.rows * sizeof *points)), *basis = qw_must (malloc (COLUMNS * sizeof *basis));
    for (int c = 0; c < COLUMNS; c++)
        for (int d = 0; d < DIMENSIONS; d++)
            basis[c][d] = qw_kmeans_random (&random);
    for (int power = 0; power < 3; power++) {
        times (&matrix, basis, points);
        orthonormalise (points, matrix.rows);
        times_transposed (&matrix, points, basis);
        orthonormalise (basis, COLUMNS);
    }
    times (&matrix, basis, points);
    qw_kmeans_normalise (points[0], matrix.rows, DIMENSIONS);
    qw_kmeans_levels (points[0], matrix.rows, DIMENSIONS, (size_t) classes, result, &random);
    free (points);
    free (basis);
    free (matrix.starts);
    free (matrix.columns);
    free (matrix.values);
    return result;
}
