#include "workers/tokens/lexicon.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/memory.h"
#include "workers/entities/model.h"
#include "workers/tokens/features.h"

enum { MOST_TAGS = 63, LONGEST_TAG = 8, FEWEST_SEEN = 3, WORD_SLOTS = 1 << 19, CLUSTER_MASK = QW_GAP_CLUSTERS - 1 };

typedef struct {
    uint32_t hash; /* 0: free */
    uint32_t total; /* times with a part of speech */
    uint16_t of_tag[MOST_TAGS + 1];
    uint32_t rank; /* in the list of words, from 1 on; 0: not there */
    uint16_t cluster;
    uint8_t casing;
} word_t;

struct qw_gap_lexicon_t {
    word_t *words; /* open addressing */
    char tags[MOST_TAGS + 1][LONGEST_TAG];
    uint32_t tag_count, ranks;
};

qw_gap_lexicon_t *qw_gap_lexicon_new (void)
{
    qw_gap_lexicon_t *self = qw_must (calloc (1, sizeof *self));
    self->words = qw_must (calloc (WORD_SLOTS, sizeof *self->words));
    return self;
}

void qw_gap_lexicon_destroy (qw_gap_lexicon_t **self_p)
{
    qw_gap_lexicon_t *self = *self_p;
    if (!self)
        return;
    free (self->words);
    free (self);
    *self_p = NULL;
}

/* The word's own place, NULL when there is no more room. */
static word_t *word_of (qw_gap_lexicon_t *self, const char *word)
{
    uint32_t hash = qw_gap_word_hash (word, (uint32_t) strlen (word));
    for (uint32_t i = 0, slot = hash % WORD_SLOTS; i < WORD_SLOTS; i++, slot = (slot + 1) % WORD_SLOTS) {
        if (self->words[slot].hash == 0)
            self->words[slot].hash = hash;
        if (self->words[slot].hash == hash)
            return &self->words[slot];
    }
    return NULL;
}

/* The tag's number, from 1 on in the order in which they come; 0 when there are too many. */
static uint32_t tag_number (qw_gap_lexicon_t *self, const char *tag)
{
    for (uint32_t i = 1; i <= self->tag_count; i++)
        if (strcmp (self->tags[i], tag) == 0)
            return i;
    if (self->tag_count == MOST_TAGS || strlen (tag) >= LONGEST_TAG)
        return 0;
    strcpy (self->tags[++self->tag_count], tag);
    return self->tag_count;
}

typedef void take_line_fn (qw_gap_lexicon_t *self, const char *word, const char *second, const char *third);

static void take_tag (qw_gap_lexicon_t *self, const char *word, const char *other, const char *tag)
{
    (void) other;
    uint32_t number = tag_number (self, tag);
    word_t *entry = number ? word_of (self, word) : NULL;
    if (!entry || entry->of_tag[number] == UINT16_MAX)
        return;
    entry->total++;
    entry->of_tag[number]++;
}

/* A word comes once for each way to write it; the most frequent one comes first and counts. */
static void take_word (qw_gap_lexicon_t *self, const char *word, const char *cluster, const char *flags)
{
    word_t *entry = word_of (self, word);
    unsigned long bits = strtoul (flags, NULL, 10);
    self->ranks++;
    if (!entry || entry->rank)
        return;
    entry->rank = self->ranks;
    entry->cluster = (uint16_t) (strtoul (cluster, NULL, 10) & CLUSTER_MASK);
    entry->casing = bits & QW_WORD_COMMON ? 1 : bits & QW_WORD_NAMELIKE ? 2 : 0;
}

static bool read_lines (qw_gap_lexicon_t *self, const char *path, take_line_fn *take)
{
    FILE *file = fopen (path, "r");
    if (!file) {
        perror (path);
        return false;
    }
    char *line = NULL;
    size_t capacity = 0;
    while (getline (&line, &capacity, file) > 0) {
        char *save, *word = strtok_r (line, "\t\n", &save), *second = strtok_r (NULL, "\t\n", &save);
        char *third = second ? strtok_r (NULL, "\t\n", &save) : NULL;
        if (third)
            take (self, word, second, third);
    }
    bool good = !ferror (file);
    if (!good)
        perror (path);
    free (line);
    fclose (file);
    return good;
}

bool qw_gap_lexicon_read_tags (qw_gap_lexicon_t *self, const char *path) { return read_lines (self, path, take_tag); }

bool qw_gap_lexicon_read_words (qw_gap_lexicon_t *self, const char *path) { return read_lines (self, path, take_word); }

/* The more, the more frequent: words with parts of speech by how often they came, then the list in its order. */
static uint64_t importance (const word_t *word)
{
    uint64_t seen = word->total >= FEWEST_SEEN ? word->total : 0, listed = word->rank ? 3000000 / (word->rank + 10) : 0;
    return seen * 8 + listed;
}

static int by_importance (const void *a, const void *b)
{
    const word_t *x = *(const word_t *const *) a, *y = *(const word_t *const *) b;
    uint64_t of_x = importance (x), of_y = importance (y);
    return of_x != of_y ? (of_x < of_y ? 1 : -1) : x->hash < y->hash ? -1 : x->hash > y->hash;
}

static qw_gap_word_t entry_of (const word_t *word)
{
    uint8_t best = 0, second = 0;
    for (uint8_t tag = 1; tag <= MOST_TAGS; tag++)
        if (word->of_tag[tag] > word->of_tag[best])
            best = tag;
    for (uint8_t tag = 1; tag <= MOST_TAGS; tag++)
        if (tag != best && word->of_tag[tag] > word->of_tag[second])
            second = tag;
    if (word->total < FEWEST_SEEN)
        best = second = 0;
    if ((uint32_t) word->of_tag[second] * 6 < word->total)
        second = 0;
    return (qw_gap_word_t){(uint16_t) (word->hash >> 16), best, second, word->cluster, word->casing, 0};
}

void qw_gap_lexicon_fill (const qw_gap_lexicon_t *self, qw_gap_word_t entries[QW_GAP_LEXICON_SLOTS])
{
    const word_t **words = qw_must (malloc (WORD_SLOTS * sizeof *words));
    size_t count = 0, filled = 0;
    for (size_t i = 0; i < WORD_SLOTS; i++)
        if (importance (&self->words[i]) > 0 && self->words[i].hash >> 16)
            words[count++] = &self->words[i];
    qsort (words, count, sizeof *words, by_importance);
    memset (entries, 0, QW_GAP_LEXICON_SLOTS * sizeof *entries);
    for (size_t i = 0; i < count; i++) {
        qw_gap_word_t *bucket = entries + qw_gap_bucket (words[i]->hash);
        for (int j = 0; j < QW_GAP_LEXICON_BUCKET; j++) {
            if (bucket[j].check == words[i]->hash >> 16)
                break; /* another word that looks the same */
            if (bucket[j].check)
                continue;
            bucket[j] = entry_of (words[i]);
            filled++;
            break;
        }
    }
    printf ("lexicon: %zu of %zu words, %u tags\n", filled, count, self->tag_count);
    free (words);
}
