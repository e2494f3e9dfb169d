#include "workers/entities/vocabulary.h"

#define XXH_INLINE_ALL
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "proto/memory.h"
#include "workers/annotator.h"
#include "workers/entities/tagger.h"

enum { NONE = UINT32_MAX, PASSAGE = 8, SENTENCE_END = NONE, LEAST_PHRASES = 4, LEAST_MET = 2, LEAST_SHARE = 5 /* of 8 */ };

typedef struct {
    uint64_t hash;
    uint64_t lower;
    uint32_t bytes, size; /* in `spellings` */
    uint32_t count;
    uint32_t inside;      /* times inside a sentence */
    uint32_t types[QW_NAME_TYPES + 1]; /* times with each name type; the last: outside */
    bool phrase;          /* a name of several words, with blanks between them */
    uint16_t flags;       /* from lists */
    bool listed;          /* stays, however rare */
    uint32_t vector;
    uint8_t kind;
    uint32_t number;
} entry_t;

struct qw_vocabulary_t {
    void *tokenizer;
    qw_layers_t *layers;
    qw_model_t model;
    qw_tagger_t *tagger;
    entry_t *entries;
    size_t count, capacity;
    uint32_t *slots;
    size_t slot_count;
    char *spellings;
    size_t spelling_size, spelling_capacity;
    uint32_t *text;
    size_t text_size, text_capacity;
    uint64_t *passages; /* hashes of eight words in a row that must not come */
    size_t passage_count, passage_slots;
    uint32_t chosen, frequent;
    uint32_t *order; /* entries by number */
    qw_paragraph_t *lines;
    size_t line_count, line_capacity;
};

static void *zeroed (size_t count, size_t item)
{
    void *fresh = calloc (count, item);
    if (!fresh)
        abort ();
    return fresh;
}

qw_status_t qw_vocabulary_new (qw_vocabulary_t **self_p, const void *tokens, size_t tokens_size, const void *entities,
                               size_t entities_size, qw_reason_t *reason)
{
    qw_vocabulary_t *self = *self_p = zeroed (1, sizeof *self);
    self->layers = qw_layers_new ();
    qw_status_t status = qw_tokens_annotator.open (&self->tokenizer, tokens, tokens_size, reason);
    if (!status && entities) {
        status = qw_model_view (&self->model, entities, entities_size, reason);
        if (!status)
            self->tagger = qw_tagger_new (&self->model);
    }
    return status;
}

void qw_vocabulary_destroy (qw_vocabulary_t **self_p)
{
    qw_vocabulary_t *self = *self_p;
    if (!self)
        return;
    if (self->tokenizer)
        qw_tokens_annotator.close (&self->tokenizer);
    qw_tagger_destroy (&self->tagger);
    qw_layers_destroy (&self->layers);
    free (self->entries);
    free (self->slots);
    free (self->spellings);
    free (self->text);
    free (self->passages);
    free (self->order);
    free (self->lines);
    free (self);
    *self_p = NULL;
}

static void find_lines (qw_vocabulary_t *self, const char *text, size_t size)
{
    self->line_count = 0;
    for (size_t at = 0; at < size;) {
        const char *stop = memchr (text + at, '\n', size - at);
        size_t end = stop ? (size_t) (stop - text) : size;
        if (end > at) {
            self->lines = qw_grown (self->lines, &self->line_capacity, self->line_count + 1, sizeof *self->lines);
            self->lines[self->line_count++] = (qw_paragraph_t) {{(uint32_t) at, (uint32_t) end}, QW_ROLE_BODY};
        }
        at = end + 1;
    }
}

static qw_status_t cut (qw_vocabulary_t *self, const char *text, size_t size, qw_reason_t *reason)
{
    qw_layers_clear (self->layers);
    find_lines (self, text, size);
    qw_chunk_t chunk = {text, size, self->lines, self->line_count, false};
    return qw_tokens_annotator.annotate (self->tokenizer, &chunk, self->layers, reason);
}

/* The hash of eight words in a row, or 0 at the end of the text. */
static uint64_t passage_at (const qw_vocabulary_t *self, const char *text, size_t token)
{
    if (token + PASSAGE > self->layers->token_count)
        return 0;
    uint64_t hash = 1;
    for (size_t i = token; i < token + PASSAGE; i++) {
        qw_span_t span = self->layers->tokens[i];
        hash = qw_feature (9, hash, XXH3_64bits (text + span.start, qw_span_size (span)));
    }
    return hash ? hash : 1;
}

static size_t passage_slot (const qw_vocabulary_t *self, uint64_t hash)
{
    size_t at = hash & (self->passage_slots - 1);
    while (self->passages[at] && self->passages[at] != hash)
        at = (at + 1) & (self->passage_slots - 1);
    return at;
}

qw_status_t qw_vocabulary_without (qw_vocabulary_t *self, const char *text, size_t size, qw_reason_t *reason)
{
    qw_status_t status = cut (self, text, size, reason);
    for (size_t i = 0; i < self->layers->token_count && !status; i++) {
        uint64_t hash = passage_at (self, text, i);
        if (self->passage_count * 2 >= self->passage_slots) {
            uint64_t *old = self->passages;
            size_t old_slots = self->passage_slots;
            self->passage_slots = old_slots ? old_slots * 2 : 1 << 16;
            self->passages = zeroed (self->passage_slots, sizeof *self->passages);
            for (size_t j = 0; j < old_slots; j++)
                if (old[j])
                    self->passages[passage_slot (self, old[j])] = old[j];
            free (old);
        }
        size_t at = hash ? passage_slot (self, hash) : 0;
        if (hash && !self->passages[at]) {
            self->passages[at] = hash;
            self->passage_count++;
        }
    }
    return status;
}

static bool is_held_out (const qw_vocabulary_t *self, const char *text)
{
    size_t shared = 0;
    if (!self->passage_slots)
        return false;
    for (size_t i = 0; i < self->layers->token_count && shared < 10; i++) {
        uint64_t hash = passage_at (self, text, i);
        shared += hash && self->passages[passage_slot (self, hash)] == hash;
    }
    return shared >= 10;
}

static entry_t *entry_of (qw_vocabulary_t *self, const char *bytes, size_t size)
{
    uint64_t hash = qw_word_hash (bytes, size);
    if (self->count * 2 >= self->slot_count) {
        self->slot_count = self->slot_count ? self->slot_count * 2 : 1 << 18;
        free (self->slots);
        self->slots = zeroed (self->slot_count, sizeof *self->slots);
        for (size_t i = 0; i < self->count; i++) {
            size_t at = self->entries[i].hash & (self->slot_count - 1);
            while (self->slots[at])
                at = (at + 1) & (self->slot_count - 1);
            self->slots[at] = (uint32_t) i + 1;
        }
    }
    size_t at = hash & (self->slot_count - 1);
    while (self->slots[at] && self->entries[self->slots[at] - 1].hash != hash)
        at = (at + 1) & (self->slot_count - 1);
    if (!self->slots[at]) {
        self->entries = qw_grown (self->entries, &self->capacity, self->count + 1, sizeof *self->entries);
        self->spellings = qw_grown (self->spellings, &self->spelling_capacity, self->spelling_size + size, 1);
        qw_word_t word;
        qw_word_look (&word, NULL, bytes, size);
        entry_t *entry = &self->entries[self->count++];
        *entry = (entry_t) {.hash = hash, .lower = word.lower, .bytes = (uint32_t) self->spelling_size, .size = (uint32_t) size,
                            .kind = word.kind, .number = NONE, .vector = QW_NO_VECTOR, .phrase = memchr (bytes, ' ', size) != NULL};
        memcpy (self->spellings + self->spelling_size, bytes, size);
        self->spelling_size += size;
        self->slots[at] = (uint32_t) self->count;
    }
    return &self->entries[self->slots[at] - 1];
}

static void append (qw_vocabulary_t *self, uint32_t entry)
{
    self->text = qw_grown (self->text, &self->text_capacity, self->text_size + 1, sizeof *self->text);
    self->text[self->text_size++] = entry;
}

/* Names of several words, as the model cuts them. */
static void add_phrases (qw_vocabulary_t *self, const char *text, qw_sentence_t sentence, const uint8_t *labels)
{
    for (size_t i = sentence.first; i < sentence.end; i++) {
        if (!qw_label_begins (labels[i]))
            continue;
        size_t end = i + 1, size = 0;
        while (end < sentence.end && labels[end] == labels[i] + 1)
            end++;
        if (end - i < 2 || end - i > QW_MAX_PHRASE)
            continue;
        char name[400];
        for (size_t j = i; j < end && size < sizeof name; j++) {
            size_t part = qw_span_size (self->layers->tokens[j]);
            if (size + part + 1 >= sizeof name) {
                size = sizeof name;
                break;
            }
            if (j > i)
                name[size++] = ' ';
            memcpy (name + size, text + self->layers->tokens[j].start, part);
            size += part;
        }
        if (size == sizeof name)
            continue;
        entry_t *entry = entry_of (self, name, size);
        entry->count++;
        entry->types[qw_label_name (labels[i])]++;
    }
}

qw_status_t qw_vocabulary_add (qw_vocabulary_t *self, const char *text, size_t size, qw_reason_t *reason)
{
    qw_status_t status = cut (self, text, size, reason);
    if (status || is_held_out (self, text))
        return status;
    const uint8_t *labels = self->tagger ? qw_tagger_label (self->tagger, text, self->layers, false) : NULL;
    for (size_t s = 0; s < self->layers->sentence_count; s++) {
        qw_sentence_t sentence = self->layers->sentences[s];
        for (size_t i = sentence.first; i < sentence.end; i++) {
            qw_span_t span = self->layers->tokens[i];
            entry_t *entry = entry_of (self, text + span.start, qw_span_size (span));
            entry->count++;
            entry->inside += i > sentence.first;
            if (labels)
                entry->types[qw_label_is_name (labels[i]) ? qw_label_name (labels[i]) : QW_NAME_TYPES]++;
            append (self, (uint32_t) (entry - self->entries));
        }
        append (self, SENTENCE_END);
        if (labels)
            add_phrases (self, text, sentence, labels);
    }
    return QW_OK;
}

qw_status_t qw_vocabulary_read_names (qw_vocabulary_t *self, const char *path, qw_reason_t *reason)
{
    FILE *file = fopen (path, "r");
    if (!file)
        return qw_fail_errno (reason, "'%s'", path);
    char *line = NULL;
    size_t capacity = 0, number = 0;
    qw_status_t status = QW_OK;
    while (!status && getline (&line, &capacity, file) > 0) {
        size_t size = strcspn (line, "\t");
        number++;
        if (line[size] != '\t' || size == 0)
            status = qw_fail (QW_INVALID, reason, "'%s' line %zu: not a word and its flags", path, number);
        else
{
            entry_t *entry = entry_of (self, line, size);
            entry->flags |= (uint16_t) atoi (line + size + 1);
            entry->listed = true;
        }
    }
    free (line);
    fclose (file);
    return status;
}

void qw_vocabulary_take_vectors (qw_vocabulary_t *self, const qw_vectors_t *vectors, uint32_t most, uint8_t *wanted)
{
    uint8_t *met = zeroed (qw_vectors_count (vectors) + 1u, 1);
    for (size_t i = 0; i < self->count; i++) {
        entry_t *entry = &self->entries[i];
        entry->vector = entry->phrase ? QW_NO_VECTOR : qw_vectors_find (vectors, entry->lower);
        if (entry->vector != QW_NO_VECTOR)
            met[entry->vector] |= entry->count >= LEAST_MET;
        entry->listed = entry->flags && (entry->count > 0 || entry->vector != QW_NO_VECTOR);
        if (entry->count >= LEAST_MET && entry->vector != QW_NO_VECTOR)
            entry->listed = true;
    }
    for (uint32_t i = 0; i < qw_vectors_count (vectors) && i < most; i++) {
        char title[64];
        size_t size = strlen (qw_vectors_word (vectors, i));
        if (met[i] || size >= sizeof title || size < 3)
            continue;
        memcpy (title, qw_vectors_word (vectors, i), size);
        bool plain = true;
        for (size_t j = 0; j < size; j++)
            plain &= title[j] >= 'a' && title[j] <= 'z';
        if (!plain)
            continue;
        title[0] = (char) (title[0] - 'a' + 'A');
        entry_t *entry = entry_of (self, title, size);
        entry->listed = true;
        entry->vector = i;
    }
    memset (wanted, 0, qw_vectors_count (vectors));
    for (size_t i = 0; i < self->count; i++)
        if (self->entries[i].vector != QW_NO_VECTOR)
            wanted[self->entries[i].vector] = 1;
    free (met);
}

static const entry_t *sorting; /* for the comparison below, which qsort gives no context */

static int more_often (const void *a, const void *b)
{
    const entry_t *one = &sorting[*(const uint32_t *) a], *two = &sorting[*(const uint32_t *) b];
    if (one->count != two->count)
        return one->count < two->count ? 1 : -1;
    return (one->hash > two->hash) - (one->hash < two->hash);
}

static bool is_word (const entry_t *entry) { return entry->kind != QW_KIND_DIGITS && entry->kind != QW_KIND_MARK; }

void qw_vocabulary_settle (qw_vocabulary_t *self, uint32_t min_count)
{
    self->order = zeroed (self->count + 1, sizeof *self->order);
    self->chosen = self->frequent = 0;
    for (size_t i = 0; i < self->count; i++)
        if (!self->entries[i].phrase
            && (self->entries[i].count >= min_count || (self->entries[i].listed && is_word (&self->entries[i]))))
            self->order[self->chosen++] = (uint32_t) i;
    sorting = self->entries;
    qsort (self->order, self->chosen, sizeof *self->order, more_often);
    for (uint32_t i = 0; i < self->chosen; i++) {
        self->entries[self->order[i]].number = i;
        self->frequent += self->entries[self->order[i]].count >= min_count;
    }
    for (size_t i = 0; i < self->text_size; i++)
        if (self->text[i] == SENTENCE_END || self->entries[self->text[i]].number == NONE)
            self->text[i] = self->chosen;
        else
            self->text[i] = self->entries[self->text[i]].number;
}

qw_running_text_t qw_vocabulary_text (const qw_vocabulary_t *self)
{
    return (qw_running_text_t) {self->text, self->text_size, self->chosen, self->frequent};
}

/* How often a word is written small and large inside sentences, over all its spellings. */
typedef struct {
    uint64_t lower;
    uint32_t small, large;
} spelling_t;

static spelling_t *spelling_of (spelling_t *table, size_t slots, uint64_t lower)
{
    size_t at = lower & (slots - 1);
    while (table[at].lower && table[at].lower != lower)
        at = (at + 1) & (slots - 1);
    table[at].lower = lower;
    return &table[at];
}

static unsigned type_flags (const entry_t *entry)
{
    uint32_t total = 0, best = 0;
    for (uint32_t i = 0; i <= QW_NAME_TYPES; i++) {
        total += entry->types[i];
        if (entry->types[i] > entry->types[best])
            best = i;
    }
    if (total < LEAST_PHRASES)
        return 0;
    unsigned share = (unsigned) ((uint64_t) entry->types[best] * 8 / total);
    share = share > 7 ? 7 : share;
    return (1 + best) << QW_WORD_TYPE_SHIFT | share << (QW_WORD_TYPE_SHIFT + 4);
}

static void write_phrases (const qw_vocabulary_t *self, FILE *file)
{
    for (size_t i = 0; i < self->count; i++) {
        const entry_t *entry = &self->entries[i];
        unsigned flags = type_flags (entry);
        if (entry->phrase && entry->count >= LEAST_PHRASES && flags >> (QW_WORD_TYPE_SHIFT + 4) >= LEAST_SHARE) {
            fwrite (self->spellings + entry->bytes, 1, entry->size, file);
            fprintf (file, "\t0\t%u\n", flags);
        }
    }
}

void qw_vocabulary_write (const qw_vocabulary_t *self, const uint16_t *clusters, const uint16_t *near, FILE *file)
{
    size_t slots = 1024;
    while (slots < self->count * 2)
        slots *= 2;
    spelling_t *table = zeroed (slots, sizeof *table);
    for (size_t i = 0; i < self->count; i++) {
        const entry_t *entry = &self->entries[i];
        spelling_t *spelling = spelling_of (table, slots, entry->lower);
        if (entry->kind == QW_KIND_LOWER)
            spelling->small += entry->inside;
        else
            spelling->large += entry->inside;
    }
    for (uint32_t i = 0; i < self->chosen; i++) {
        const entry_t *entry = &self->entries[self->order[i]];
        const spelling_t *spelling = spelling_of (table, slots, entry->lower);
        unsigned flags = entry->flags;
        if (spelling->small > 3 * (uint64_t) spelling->large)
            flags |= QW_WORD_COMMON;
        if (spelling->large > 20 * (uint64_t) spelling->small)
            flags |= QW_WORD_NAMELIKE;
        if (self->tagger)
            flags |= type_flags (entry);
        fwrite (self->spellings + entry->bytes, 1, entry->size, file);
        unsigned vector = near && entry->vector != QW_NO_VECTOR ? near[entry->vector] : 0;
        fprintf (file, "\t%u\t%u\t%u\n", clusters[i], flags, vector);
    }
    free (table);
    write_phrases (self, file);
}
