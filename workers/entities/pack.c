#include "workers/entities/pack.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/memory.h"
#include "workers/entities/context.h"

enum { SCALE = 32, MAX_LOAD = 72 };

typedef struct {
    uint64_t feature;
    float strength;
    int8_t weights[QW_LABELS];
} candidate_t;

struct qw_pack_t {
    qw_lexicon_entry_t *lexicon;
    uint32_t lexicon_slots;
    candidate_t *candidates;
    size_t count, capacity;
    char *bytes;
    size_t size;
};

qw_pack_t *qw_pack_new (void) { return qw_must (calloc (1, sizeof (qw_pack_t))); }

void qw_pack_destroy (qw_pack_t **self_p)
{
    if (!*self_p)
        return;
    free ((*self_p)->lexicon);
    free ((*self_p)->candidates);
    free ((*self_p)->bytes);
    free (*self_p);
    *self_p = NULL;
}

static void put_word (qw_pack_t *self, const char *word, size_t size, const unsigned *values)
{
    uint64_t hash = 0;
    for (size_t at = 0; at < size;) { /* a name of several words has blanks */
        const char *blank = memchr (word + at, ' ', size - at);
        size_t end = blank ? (size_t) (blank - word) : size;
        uint64_t part = qw_word_hash (word + at, end - at);
        hash = at ? qw_phrase_hash (hash, part) : part;
        at = end + 1;
    }
    size_t slot = (size_t) (((hash >> 32) * self->lexicon_slots) >> 32);
    for (int i = 0; i < QW_LEXICON_PROBES; i++) {
        qw_lexicon_entry_t *entry = &self->lexicon[slot];
        if (entry->check == qw_model_check (hash))
            return;
        if (entry->check == 0) {
            *entry = (qw_lexicon_entry_t) {qw_model_check (hash), (uint16_t) values[0], (uint16_t) values[1],
                                           (uint16_t) values[2]};
            return;
        }
        slot = slot + 1 == self->lexicon_slots ? 0 : slot + 1;
    }
}

qw_status_t qw_pack_read_lexicon (qw_pack_t *self, const char *path, qw_reason_t *reason)
{
    FILE *file = fopen (path, "r");
    if (!file)
        return qw_fail_errno (reason, "'%s'", path);
    char *line = NULL;
    size_t capacity = 0, lines = 0, number = 0;
    while (getline (&line, &capacity, file) > 0)
        lines++;
    rewind (file);
    self->lexicon_slots = (uint32_t) (lines + lines / 3 + 1);
    self->lexicon = qw_must (calloc (self->lexicon_slots, sizeof *self->lexicon));
    qw_status_t status = QW_OK;
    while (!status && getline (&line, &capacity, file) > 0) {
        number++;
        size_t size = strcspn (line, "\t");
        unsigned values[3] = {0, 0, 0};
        if (sscanf (line + size, "\t%u\t%u\t%u", &values[0], &values[1], &values[2]) >= 2 && size > 0
            && (values[0] | values[1] | values[2]) <= UINT16_MAX)
            put_word (self, line, size, values);
        else
            status = qw_fail (QW_INVALID, reason, "'%s' line %zu: not a word, a cluster and flags", path, number);
    }
    free (line);
    fclose (file);
    return status;
}

void qw_pack_lexicon (const qw_pack_t *self, qw_model_t *view)
{
    *view = (qw_model_t) {.lexicon = self->lexicon, .lexicon_slots = self->lexicon_slots};
}

static int8_t rounded (float weight)
{
    long value = lrintf (weight * SCALE);
    return (int8_t) (value > 127 ? 127 : value < -127 ? -127 : value);
}

static void take (void *context, uint64_t feature, const float *weights)
{
    qw_pack_t *self = context;
    candidate_t candidate = {.feature = feature};
    for (int i = 1; i < QW_LABELS; i++) {
        candidate.weights[i] = rounded (weights[i]);
        candidate.strength += weights[i] * weights[i];
    }
    bool any = false;
    for (int i = 1; i < QW_LABELS; i++)
        any |= candidate.weights[i] != 0;
    if (!any)
        return;
    if (self->count == self->capacity) {
        self->capacity = self->capacity ? self->capacity * 2 : 1 << 16;
        self->candidates = qw_must (realloc (self->candidates, self->capacity * sizeof *self->candidates));
    }
    self->candidates[self->count++] = candidate;
}

static int stronger (const void *a, const void *b)
{
    const candidate_t *one = a, *two = b;
    if (one->strength != two->strength)
        return one->strength < two->strength ? 1 : -1;
    return (one->feature > two->feature) - (one->feature < two->feature);
}

static size_t padded (size_t size) { return (size + 63) / 64 * 64; }

void qw_pack_weights (qw_pack_t *self, const qw_learner_t *learner, size_t bytes)
{
    self->count = 0;
    qw_learner_visit (learner, take, self);
    qsort (self->candidates, self->count, sizeof *self->candidates, stronger);
    qw_model_head_t head = {.magic = "QWENTITY", .format = QW_MODEL_FORMAT, .byte_order = 0x01020304};
    head.passes = qw_learner_passes (learner);
    head.transitions_at = padded (sizeof head);
    head.lexicon_at = padded (head.transitions_at + QW_PASSES * QW_LABELS * QW_LABELS * sizeof (int16_t));
    head.lexicon_slots = self->lexicon_slots;
    head.rows_at = padded (head.lexicon_at + self->lexicon_slots * sizeof *self->lexicon);
    size_t buckets = self->count * 100 / MAX_LOAD / QW_BUCKET_ROWS + 1;
    size_t room = bytes > head.rows_at ? (bytes - head.rows_at) / QW_BUCKET_BYTES : 0;
    if (buckets > room)
        buckets = room ? room : 1;
    head.bucket_count = (uint32_t) buckets;
    head.size = head.rows_at + buckets * QW_BUCKET_BYTES;
    self->size = head.size;
    free (self->bytes);
    self->bytes = qw_must (calloc (1, head.size));
    int16_t *transitions = (int16_t *) (void *) (self->bytes + head.transitions_at);
    for (int pass = 0; pass < QW_PASSES; pass++) {
        float weights[QW_LABELS][QW_LABELS];
        qw_learner_transitions (learner, pass, weights);
        for (int j = 0; j < QW_LABELS; j++)
            for (int i = 0; i < QW_LABELS; i++)
                *transitions++ = (int16_t) lrintf (weights[j][i] * SCALE);
    }
    if (self->lexicon_slots)
        memcpy (self->bytes + head.lexicon_at, self->lexicon, self->lexicon_slots * sizeof *self->lexicon);
    int8_t *rows = (int8_t *) self->bytes + head.rows_at;
    size_t placed = 0;
    for (size_t i = 0; i < self->count; i++) {
        const candidate_t *candidate = &self->candidates[i];
        int8_t *bucket = rows + qw_model_bucket (head.bucket_count, candidate->feature) * QW_BUCKET_BYTES;
        uint8_t print = qw_model_fingerprint (candidate->feature);
        unsigned place = 0;
        while (place < QW_BUCKET_ROWS && bucket[place] != 0 && (uint8_t) bucket[place] != print)
            place++;
        if (place == QW_BUCKET_ROWS || bucket[place] != 0)
            continue; /* no room, or a stronger feature with the same fingerprint */
        memcpy (bucket + qw_model_row_at (place) + 1, candidate->weights + 1, QW_LABELS - 1);
        bucket[place] = (int8_t) print;
        placed++;
    }
    head.checksum = qw_model_checksum (self->bytes, self->size);
    memcpy (self->bytes, &head, sizeof head);
    fprintf (stderr, "%zu features have weights, %zu found room in %zu bytes\n", self->count, placed, self->size);
}

const void *qw_pack_bytes (const qw_pack_t *self, size_t *size)
{
    *size = self->size;
    return self->bytes;
}
