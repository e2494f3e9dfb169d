#include "sink/speakers_ranking.h"

#include <stdlib.h>
#include <xxhash.h>

typedef struct {
    char *key, *name;
    size_t key_size, name_size;
    uint64_t quotes, statements, documents, last; /* last: 1 + the document it was counted in last */
} speaker_t;

struct qw_ranking_t {
    speaker_t *slots; /* key NULL: free */
    size_t used, capacity;
    uint64_t *statements; /* hashes of statement and speaker; 0: free */
    size_t statements_used, statement_capacity;
};

qw_ranking_t *qw_ranking_new (void)
{
    qw_ranking_t *self = calloc (1, sizeof *self);
    if (!self || !(self->slots = calloc (256, sizeof *self->slots))
        || !(self->statements = calloc (1024, sizeof *self->statements)))
        abort ();
    self->capacity = 256;
    self->statement_capacity = 1024;
    return self;
}

void qw_ranking_destroy (qw_ranking_t **self_p)
{
    qw_ranking_t *self = *self_p;
    if (!self)
        return;
    for (size_t i = 0; i < self->capacity; i++) {
        free (self->slots[i].key);
        free (self->slots[i].name);
    }
    free (self->slots);
    free (self->statements);
    free (self);
    *self_p = NULL;
}

static speaker_t *slot_of (speaker_t *slots, size_t capacity, qw_bytes_t key)
{
    size_t at = (size_t) XXH3_64bits (key.data, key.size) & (capacity - 1);
    while (slots[at].key && !qw_bytes_equal ((qw_bytes_t){slots[at].key, slots[at].key_size}, key))
        at = (at + 1) & (capacity - 1);
    return &slots[at];
}

static void grow (qw_ranking_t *self)
{
    speaker_t *slots = calloc (2 * self->capacity, sizeof *slots);
    if (!slots)
        abort ();
    for (size_t i = 0; i < self->capacity; i++) {
        const speaker_t *speaker = &self->slots[i];
        if (speaker->key)
            *slot_of (slots, 2 * self->capacity, (qw_bytes_t){speaker->key, speaker->key_size}) = *speaker;
    }
    free (self->slots);
    self->slots = slots;
    self->capacity *= 2;
}

static bool put_statement (uint64_t *statements, size_t capacity, uint64_t hash)
{
    size_t at = hash & (capacity - 1);
    for (; statements[at]; at = (at + 1) & (capacity - 1))
        if (statements[at] == hash)
            return false;
    statements[at] = hash;
    return true;
}

/* True when the speaker's statement was not met before. */
static bool is_new (qw_ranking_t *self, qw_bytes_t key, uint64_t statement)
{
    if (2 * (self->statements_used + 1) > self->statement_capacity) {
        uint64_t *statements = calloc (2 * self->statement_capacity, sizeof *statements);
        if (!statements)
            abort ();
        for (size_t i = 0; i < self->statement_capacity; i++)
            if (self->statements[i])
                put_statement (statements, 2 * self->statement_capacity, self->statements[i]);
        free (self->statements);
        self->statements = statements;
        self->statement_capacity *= 2;
    }
    uint64_t hash = XXH3_64bits_withSeed (key.data, key.size, statement);
    bool added = put_statement (self->statements, self->statement_capacity, hash ? hash : 1);
    self->statements_used += added;
    return added;
}

static char *copy (qw_bytes_t bytes)
{
    char *text = malloc (bytes.size + 1);
    if (!text)
        abort ();
    if (bytes.size)
        memcpy (text, bytes.data, bytes.size);
    text[bytes.size] = 0;
    return text;
}

void qw_ranking_count (qw_ranking_t *self, qw_bytes_t key, qw_bytes_t name, uint64_t statement, uint64_t document)
{
    if (2 * (self->used + 1) > self->capacity)
        grow (self);
    speaker_t *speaker = slot_of (self->slots, self->capacity, key);
    if (!speaker->key) {
        *speaker = (speaker_t){.key = copy (key), .key_size = key.size, .name = copy (name), .name_size = name.size};
        self->used++;
    } else if (name.size > speaker->name_size) {
        free (speaker->name);
        speaker->name = copy (name);
        speaker->name_size = name.size;
    }
    speaker->quotes++;
    speaker->statements += !statement || is_new (self, key, statement);
    speaker->documents += speaker->last != document + 1;
    speaker->last = document + 1;
}

static int compare (const void *a, const void *b)
{
    const qw_ranked_t *one = a, *two = b;
    if (one->quotes != two->quotes)
        return one->quotes < two->quotes ? 1 : -1;
    return strcmp (one->name, two->name);
}

size_t qw_ranking_first (qw_ranking_t *self, qw_ranked_t *ranked, size_t count)
{
    qw_ranked_t *all = malloc ((self->used + 1) * sizeof *all);
    if (!all)
        abort ();
    size_t used = 0;
    for (size_t i = 0; i < self->capacity; i++)
        if (self->slots[i].key)
            all[used++] = (qw_ranked_t){self->slots[i].name, self->slots[i].quotes, self->slots[i].statements,
                                         self->slots[i].documents};
    qsort (all, used, sizeof *all, compare);
    if (count > used)
        count = used;
    memcpy (ranked, all, count * sizeof *ranked);
    free (all);
    return count;
}
