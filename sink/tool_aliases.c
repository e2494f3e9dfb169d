#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/document.h"
#include "proto/memory.h"
#include "proto/options.h"
#include "sink/corpus_view.h"
#include "sink/resolve/alike.h"
#include "sink/tool.h"

enum { FLUSH_BYTES = 256 << 10, NONE = UINT32_MAX, MOST_ALIKE = 16, CROWD = 200 /* names looked at in a bucket */ };

static const char program_name[] = "quotewire-corpus aliases";

typedef struct {
    uint32_t key, key_size, name, name_size; /* in strings */
    qw_entity_type_t type;
    uint64_t documents, mentions, last_document;
    uint32_t next[2]; /* in the same bucket */
} name_t;

typedef struct {
    uint64_t hash; /* of a key, or a bucket's number; 0: free */
    uint32_t name;
} slot_t;

typedef struct {
    slot_t *slots;
    size_t capacity, count; /* capacity: a power of two, or 0 */
} table_t;

typedef struct {
    qw_corpus_reader_t *reader;
    qw_json_out_t json;
    qw_out_t record;
    qw_utf8_index_t index;
    qw_layers_t *layers;
    qw_paragraph_t *paragraphs;
    size_t paragraph_count, paragraph_capacity;
    name_t *names;
    size_t name_count, name_capacity;
    char *strings;
    size_t string_size, string_capacity;
    table_t by_key, buckets[2];
    uint64_t documents;
    int code;
} names_t;

static slot_t *slot_of (const table_t *self, uint64_t hash)
{
    size_t at = (size_t) (hash >> 16) & (self->capacity - 1);
    while (self->slots[at].hash && self->slots[at].hash != hash)
        at = (at + 1) & (self->capacity - 1);
    return &self->slots[at];
}

/* The slot of a hash, taken if it was free; new slots have no name. */
static slot_t *take_slot (table_t *self, uint64_t hash)
{
    if (self->count * 2 >= self->capacity) {
        table_t wider = {NULL, self->capacity ? self->capacity * 2 : 1 << 12, self->count};
        wider.slots = qw_must (calloc (wider.capacity, sizeof *wider.slots));
        for (size_t i = 0; i < self->capacity; i++)
            if (self->slots[i].hash)
                *slot_of (&wider, self->slots[i].hash) = self->slots[i];
        free (self->slots);
        *self = wider;
    }
    slot_t *slot = slot_of (self, hash);
    if (!slot->hash) {
        *slot = (slot_t){hash, NONE};
        self->count++;
    }
    return slot;
}

static uint64_t hash_of (const char *bytes, size_t size)
{
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ (unsigned char) bytes[i]) * 1099511628211u;
    return hash | 1;
}

static uint32_t keep (names_t *self, const char *bytes, size_t size)
{
    self->strings = qw_grown (self->strings, &self->string_capacity, self->string_size + size + 1, 1);
    uint32_t at = (uint32_t) self->string_size;
    memcpy (self->strings + at, bytes, size);
    self->string_size += size;
    return at;
}

static void count_cluster (names_t *self, const qw_cluster_t *cluster, uint64_t mentions)
{
    const char *key = qw_layers_string (self->layers, cluster->key), *text = qw_layers_string (self->layers, cluster->name);
    if (self->string_size > UINT32_MAX - (1u << 20))
        return; /* four GB of names */
    slot_t *slot = take_slot (&self->by_key, hash_of (key, cluster->key.size));
    if (slot->name == NONE) {
        slot->name = (uint32_t) self->name_count;
        self->names = qw_grown (self->names, &self->name_capacity, self->name_count + 1, sizeof *self->names);
        self->names[self->name_count++]
            = (name_t){.key = keep (self, key, cluster->key.size), .key_size = cluster->key.size,
                       .name = keep (self, text, cluster->name.size), .name_size = cluster->name.size, .type = cluster->type};
    }
    name_t *name = &self->names[slot->name];
    if (cluster->name.size > name->name_size) {
        name->name = keep (self, text, cluster->name.size);
        name->name_size = cluster->name.size;
    }
    name->mentions += mentions;
    name->documents += name->last_document != self->documents;
    name->last_document = self->documents;
}

static qw_status_t count_document (names_t *self, uint64_t position, qw_reason_t *reason)
{
    size_t count;
    qw_document_t document;
    qw_out_reset (&self->record);
    qw_status_t status = qw_corpus_reader_read (self->reader, position, 1, &self->record, &count, reason);
    if (!status)
        status = qw_document_read (&document, self->record.buffer.data, self->record.buffer.size, reason);
    if (!status)
        status = qw_document_layers (&document, &self->index, self->layers, &self->paragraphs, &self->paragraph_count,
                                     &self->paragraph_capacity, reason);
    if (status)
        return status;
    self->documents++;
    uint64_t *mentions = qw_must (calloc (self->layers->cluster_count + 1, sizeof *mentions));
    for (size_t i = 0; i < self->layers->mention_count; i++)
        if (self->layers->mentions[i].cluster < self->layers->cluster_count)
            mentions[self->layers->mentions[i].cluster]++;
    for (size_t i = 0; i < self->layers->cluster_count; i++)
        count_cluster (self, &self->layers->clusters[i], mentions[i]);
    free (mentions);
    return QW_OK;
}

static void count_all (names_t *self)
{
    qw_corpus_view_t *view = qw_corpus_view_new (self->reader);
    uint64_t position = 0, newest;
    qw_entry_t entry;
    qw_reason_t reason;
    for (qw_status_t status; (status = qw_corpus_view_next (view, &position, UINT64_MAX, &newest, &entry, &reason)) != QW_END;)
        if (status || (status = count_document (self, newest, &reason))) {
            fprintf (stderr, "%s: position %llu is left out: %s\n", program_name, (unsigned long long) newest, reason.text);
            self->code = QW_EXIT_BAD;
        }
    qw_corpus_view_destroy (&view);
}

static void fill_buckets (names_t *self)
{
    for (size_t i = 0; i < self->name_count; i++) {
        name_t *name = &self->names[i];
        uint64_t numbers[2];
        qw_alike_buckets (self->strings + name->key, name->key_size, numbers);
        for (int b = 0; b < 2; b++) {
            name->next[b] = NONE;
            if (!numbers[b])
                continue;
            slot_t *slot = take_slot (&self->buckets[b], numbers[b]);
            name->next[b] = slot->name;
            slot->name = (uint32_t) i;
        }
    }
}

typedef struct {
    uint32_t name;
    double score;
} alike_t;

static int likelier (const void *a, const void *b)
{
    const alike_t *one = a, *two = b;
    if (one->score != two->score)
        return one->score < two->score ? 1 : -1;
    return (one->name > two->name) - (one->name < two->name);
}

/* The names that may be other spellings of one, the likeliest first. */
static size_t find_alike (const names_t *self, uint32_t index, double least, alike_t found[MOST_ALIKE])
{
    const name_t *name = &self->names[index];
    uint64_t numbers[2];
    size_t count = 0;
    qw_alike_buckets (self->strings + name->key, name->key_size, numbers);
    for (int b = 0; b < 2; b++) {
        uint32_t other = numbers[b] ? slot_of (&self->buckets[b], numbers[b])->name : NONE;
        for (int steps = 0; other != NONE && steps < CROWD && count < MOST_ALIKE; other = self->names[other].next[b], steps++) {
            bool known = other == index;
            for (size_t i = 0; i < count; i++)
                known |= found[i].name == other;
            const name_t *candidate = &self->names[other];
            double score = known ? 0
                                 : qw_alike (self->strings + name->key, name->key_size, self->strings + candidate->key,
                                             candidate->key_size);
            if (score >= least && !known)
                found[count++] = (alike_t){other, score};
        }
    }
    qsort (found, count, sizeof *found, likelier);
    return count;
}

static qw_bytes_t string (const names_t *self, uint32_t at, uint32_t size) { return (qw_bytes_t){self->strings + at, size}; }

static void put_name (names_t *self, uint32_t index, double least)
{
    const name_t *name = &self->names[index];
    alike_t found[MOST_ALIKE];
    size_t count = find_alike (self, index, least, found);
    if (count == 0)
        return;
    qw_json_put_text (&self->json, "{\"key\":");
    qw_json_put_string (&self->json, string (self, name->key, name->key_size));
    qw_json_put_text (&self->json, ",\"name\":");
    qw_json_put_string (&self->json, string (self, name->name, name->name_size));
    qw_json_put_text (&self->json, ",\"type\":");
    qw_json_put_string (&self->json, qw_bytes_of (qw_entity_type_name (name->type)));
    qw_json_put_text (&self->json, ",\"documents\":");
    qw_json_put_uint (&self->json, name->documents);
    qw_json_put_text (&self->json, ",\"mentions\":");
    qw_json_put_uint (&self->json, name->mentions);
    for (size_t i = 0; i < count; i++) {
        const name_t *other = &self->names[found[i].name];
        qw_json_put_text (&self->json, i ? ",{\"key\":" : ",\"aliases\":[{\"key\":");
        qw_json_put_string (&self->json, string (self, other->key, other->key_size));
        qw_json_put_text (&self->json, ",\"score\":");
        qw_json_put_double (&self->json, (double) (int) (found[i].score * 100 + 0.5) / 100);
        qw_json_put_text (&self->json, "}");
    }
    qw_json_put_text (&self->json, "]}\n");
}

static const name_t *sorting; /* for the comparison below, which qsort gives no context */

static int more_documents (const void *a, const void *b)
{
    const name_t *one = &sorting[*(const uint32_t *) a], *two = &sorting[*(const uint32_t *) b];
    if (one->documents != two->documents)
        return one->documents < two->documents ? 1 : -1;
    if (one->mentions != two->mentions)
        return one->mentions < two->mentions ? 1 : -1;
    return (one->key > two->key) - (one->key < two->key); /* the one that came first */
}

static void put_all (names_t *self, double least)
{
    uint32_t *order = qw_must (calloc (self->name_count + 1, sizeof *order));
    for (size_t i = 0; i < self->name_count; i++)
        order[i] = (uint32_t) i;
    sorting = self->names;
    qsort (order, self->name_count, sizeof *order, more_documents);
    bool read = true;
    for (size_t i = 0; i < self->name_count && read; i++) {
        put_name (self, order[i], least);
        if (self->json.size >= FLUSH_BYTES)
            read = qw_tool_flush (&self->json);
    }
    if (!read || !qw_tool_flush (&self->json))
        self->code = QW_EXIT_SYSTEM;
    free (order);
}

int qw_tool_aliases (int argc, char *argv[])
{
    uint64_t least = 85;
    const qw_option_t options[] = {
        {"least", 'l', QW_OPTION_NUMBER, &least, "PERCENT", "offer no alias with a lower score (85)", 0, 100},
        {.name = NULL}};
    const qw_program_t program = {
        program_name, "[OPTION]... DIR",
        "Lists the names in the articles of the corpus DIR that may be other spellings of each other, a JSON object a line,\n"
        "those of the most articles first:\n"
        "\n"
        "    {key, name, type, documents, mentions, aliases: [{key, score}]}\n"
        "\n"
        "A key is one name in all its spellings that differ in case, accents, hyphens and titles. Its aliases are other keys\n"
        "that may be the same name in other letters (Hyon Yong Chol, Hyun Young-chol) or in another order, with a score from\n"
        "0 to 1. They may be somebody else: nothing in the corpus is merged. Takes memory for each different name.",
        "Exit codes: 0 all written; 1 a damaged record was left out (said on standard error); 2 wrong usage;\n"
        "3 the corpus cannot be opened, or standard output not be written.",
        options};
    int first = qw_options_parse (&program, argc, argv);
    if (argc - first != 1)
        return qw_tool_misused (program_name, "one corpus is needed");
    names_t self = {.reader = qw_tool_open (program_name, argv[first])};
    if (!self.reader)
        return QW_EXIT_SYSTEM;
    self.layers = qw_layers_new ();
    qw_out_init (&self.record);
    count_all (&self);
    fill_buckets (&self);
    put_all (&self, (double) least / 100);
    qw_out_free (&self.record);
    qw_utf8_index_free (&self.index);
    qw_layers_destroy (&self.layers);
    free (self.paragraphs);
    free (self.names);
    free (self.strings);
    free (self.by_key.slots);
    free (self.buckets[0].slots);
    free (self.buckets[1].slots);
    qw_json_out_free (&self.json);
    qw_corpus_reader_close (&self.reader);
    return self.code;
}
