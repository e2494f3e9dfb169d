#include "workers/entities/vectors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/memory.h"
#include "workers/entities/kmeans.h"
#include "workers/entities/words.h"

enum { MOST_DIMENSIONS = 1024 };

struct qw_vectors_t {
    char **words;
    float *values; /* row after row */
    size_t count, capacity, dimensions, width; /* width: dimensions filled up to a multiple of 8 */
    uint32_t *slots;
    size_t slot_count;
};

void qw_vectors_destroy (qw_vectors_t **self_p)
{
    qw_vectors_t *self = *self_p;
    if (!self)
        return;
    for (size_t i = 0; i < self->count; i++)
        free (self->words[i]);
    free (self->words);
    free (self->values);
    free (self->slots);
    free (self);
    *self_p = NULL;
}

/* Numbers behind the word; -1 when something else stands there. */
static int read_numbers (const char *text, float *values)
{
    int count = 0;
    for (char *end; count < MOST_DIMENSIONS; text = end) {
        values[count] = strtof (text, &end);
        if (end == text)
            return *text == '\n' || *text == 0 ? count : -1;
        count++;
    }
    return -1;
}

static void take (qw_vectors_t *self, const char *word, size_t size, const float *values)
{
    if (self->count == self->capacity) {
        self->capacity = self->capacity ? self->capacity * 2 : 1 << 16;
        self->words = qw_must (realloc (self->words, self->capacity * sizeof *self->words));
        self->values = qw_must (realloc (self->values, self->capacity * self->width * sizeof *self->values));
    }
    float *row = self->values + self->count * self->width;
    memset (row, 0, self->width * sizeof *row);
    memcpy (row, values, self->dimensions * sizeof *row);
    self->words[self->count++] = qw_must (strndup (word, size));
}

static size_t slot_of (const qw_vectors_t *self, uint64_t hash)
{
    size_t at = hash & (self->slot_count - 1);
    while (self->slots[at]) {
        const char *word = self->words[self->slots[at] - 1];
        if (qw_word_hash (word, strlen (word)) == hash)
            break;
        at = (at + 1) & (self->slot_count - 1);
    }
    return at;
}

/* Words by their hash; the means of the columns taken away, and every row one unit long. */
static void settle (qw_vectors_t *self)
{
    self->slot_count = 1024;
    while (self->slot_count < self->count * 2)
        self->slot_count *= 2;
    self->slots = qw_must (calloc (self->slot_count, sizeof *self->slots));
    for (size_t i = 0; i < self->count; i++) {
        size_t at = slot_of (self, qw_word_hash (self->words[i], strlen (self->words[i])));
        if (!self->slots[at])
            self->slots[at] = (uint32_t) i + 1;
    }
    for (size_t d = 0; d < self->dimensions; d++) {
        double mean = 0;
        for (size_t i = 0; i < self->count; i++)
            mean += self->values[i * self->width + d];
        mean /= (double) (self->count ? self->count : 1);
        for (size_t i = 0; i < self->count; i++)
            self->values[i * self->width + d] -= (float) mean;
    }
    qw_kmeans_normalise (self->values, self->count, self->width);
}

qw_status_t qw_vectors_read (qw_vectors_t **self_p, const char *path, qw_reason_t *reason)
{
    qw_vectors_t *self = *self_p = qw_must (calloc (1, sizeof *self));
    FILE *file = fopen (path, "r");
    if (!file)
        return qw_fail_errno (reason, "'%s'", path);
    char *line = NULL;
    size_t capacity = 0, number = 0;
    qw_status_t status = QW_OK;
    while (!status && getline (&line, &capacity, file) > 0) {
        float values[MOST_DIMENSIONS];
        size_t size = strcspn (line, " ");
        int count = read_numbers (line + size, values);
        number++;
        if (!self->dimensions && count > 0) {
            self->dimensions = (size_t) count;
            self->width = (self->dimensions + 7) / 8 * 8;
        }
        if (size == 0 || count < 1 || (size_t) count != self->dimensions)
            status = qw_fail (QW_INVALID, reason, "'%s' line %zu: not a word and as many numbers as before", path, number);
        else
            take (self, line, size, values);
    }
    free (line);
    fclose (file);
    settle (self);
    return status;
}

uint32_t qw_vectors_count (const qw_vectors_t *self) { return (uint32_t) self->count; }
const char *qw_vectors_word (const qw_vectors_t *self, uint32_t row) { return self->words[row]; }

uint32_t qw_vectors_find (const qw_vectors_t *self, uint64_t lower)
{
    uint32_t row = self->slots[slot_of (self, lower)];
    return row ? row - 1 : QW_NO_VECTOR;
}

void qw_vectors_clusters (const qw_vectors_t *self, const uint8_t *wanted, size_t classes, uint64_t seed, uint16_t *codes)
{
    uint64_t random = seed * 0x9e3779b97f4a7c15u | 1;
    size_t count = 0;
    float *points = qw_must (malloc ((self->count + 1) * self->width * sizeof *points));
    for (size_t i = 0; i < self->count; i++)
        if (wanted[i])
            memcpy (points + count++ * self->width, self->values + i * self->width, self->width * sizeof *points);
    uint16_t *packed = qw_must (calloc (count + 1, sizeof *packed));
    if (count >= classes)
        qw_kmeans_levels (points, count, self->width, classes, packed, &random);
    for (size_t i = 0, next = 0; i < self->count; i++)
        codes[i] = wanted[i] ? packed[next++] : 0;
    free (points);
    free (packed);
}
