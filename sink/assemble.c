#include "sink/assemble.h"

#include <stdio.h>
#include <stdlib.h>

#include "proto/layer_codec.h"
#include "proto/memory.h"
#include "sink/resolve/resolve.h"

#define STRUCTURE_BY "quotewire/1"

enum { LONGEST_ID = 512, LONGEST_KNOWN_ID = LONGEST_ID + 17 /* with the hash of a text behind it */ };

typedef enum { OTHER, TOKENS, ENTITIES, QUOTES } kind_t;

struct qw_assembler_t {
    char *names[QW_MAX_LAYERS];
    kind_t kinds[QW_MAX_LAYERS];
    unsigned order[QW_MAX_LAYERS + 1]; /* layers by name; `structure` among them, as number layer_count */
    size_t layer_count;
    qw_layers_t *layers, *checked; /* the document at hand; scratch of checks */
    qw_utf8_index_t index;         /* of the document at hand, like its paragraphs, where they are needed */
    qw_paragraph_t *paragraphs;
    size_t paragraph_room;
    qw_token_column_t column;
    qw_resolver_t *resolver;
    qw_out_t holes;
    char reason[400];
};

/* ---- announced documents ------------------------------------------------------------------------------------------- */

static qw_status_t read_chunks (qw_sink_document_t *self, qw_uints_t chunks, qw_reason_t *reason)
{
    uint64_t end = 0;
    for (size_t i = 0; i < chunks.count; i++) {
        if (chunks.items[i] > self->length - end)
            return qw_fail (QW_INVALID, reason, "field 'chunks' goes beyond the text");
        end += chunks.items[i];
        self->chunk_ends[i] = (uint32_t) end;
    }
    self->chunk_count = (uint32_t) chunks.count;
    if (!self->failed.data && (chunks.count == 0 || end != self->length))
        return qw_fail (QW_INVALID, reason, "field 'chunks' does not cover the text");
    return QW_OK;
}

/* Holes are [start, length, [layer, ...], reason], inside of the text. */
static void check_holes (qw_mp_t *reader, uint64_t length)
{
    for (uint32_t left = qw_mp_array (reader, "holes"); left > 0 && !reader->failed; left--) {
        if (qw_mp_array (reader, "holes") != 4)
            qw_mp_refuse (reader, "field 'holes' has an item that is not a hole");
        uint64_t start = qw_mp_uint (reader, "holes"), size = qw_mp_uint (reader, "holes");
        if (!reader->failed && (start > length || size > length - start))
            qw_mp_refuse (reader, "field 'holes' goes beyond the text");
        for (uint32_t names = qw_mp_array (reader, "holes"); names > 0 && !reader->failed; names--)
            qw_mp_str (reader, "holes");
        qw_mp_str (reader, "holes");
    }
}

/* Layers that a document has already, of another corpus, are looked at as closely as those of workers. */
static qw_status_t check_given (qw_sink_document_t *self, qw_reason_t *reason)
{
    qw_document_t document = {.text = self->text, .layers = self->layers};
    qw_utf8_index_t index = {0};
    qw_layers_t *layers = qw_layers_new ();
    qw_paragraph_t *paragraphs = NULL;
    size_t count, capacity = 0;
    qw_status_t status = qw_document_layers (&document, &index, layers, &paragraphs, &count, &capacity, reason);
    if (!status && self->holes.data) {
        qw_mp_t reader;
        qw_mp_open (&reader, self->holes.data, self->holes.size, reason);
        check_holes (&reader, self->length);
        status = qw_mp_status (&reader);
    }
    free (paragraphs);
    qw_layers_destroy (&layers);
    qw_utf8_index_free (&index);
    return status;
}

qw_status_t qw_sink_document_new (qw_sink_document_t **self_p, const qw_announced_t *announced, qw_frame_t *frame,
                                  qw_reason_t *reason)
{
    size_t longest = announced->layers.data ? LONGEST_KNOWN_ID : LONGEST_ID;
    if (announced->id.size == 0 || announced->id.size > longest)
        return qw_fail (QW_INVALID, reason, "field 'id' must be 1 to %zu bytes long", longest);
    if (announced->text.size > UINT32_MAX / 2)
        return qw_fail (QW_TOO_LARGE, reason, "field 'text' is too long");
    size_t numbers = announced->structure.count;
    qw_sink_document_t *self = qw_must (malloc (sizeof *self + numbers * sizeof *self->structure.items
                                             + announced->chunks.count * sizeof *self->chunk_ends));
    *self = (qw_sink_document_t){.frame = frame,
                                 .sequence = announced->sequence,
                                 .supersedes = announced->supersedes,
                                 .id = announced->id,
                                 .source = announced->source,
                                 .metadata = announced->metadata,
                                 .text = announced->text,
                                 .failed = announced->failed,
                                 .layers = announced->layers,
                                 .holes = announced->holes,
                                 .structure = {(uint64_t *) (self + 1), numbers}};
    frame->users++;
    if (numbers)
        memcpy (self->structure.items, announced->structure.items, numbers * sizeof *self->structure.items);
    self->chunk_ends = (uint32_t *) (self->structure.items + numbers);
    self->length = (uint32_t) qw_utf8_length (self->text.data, self->text.size);
    qw_status_t status = qw_check_structure (self->structure, self->length, reason);
    if (!status)
        status = read_chunks (self, announced->chunks, reason);
    if (!status && self->layers.data)
        status = check_given (self, reason);
    if (status)
        qw_sink_document_free (self);
    else
        *self_p = self;
    return status;
}

void qw_sink_document_free (void *document)
{
    qw_frame_leave (((qw_sink_document_t *) document)->frame);
    free (document);
}

static qw_sink_result_t *new_result (qw_bytes_t layer, uint32_t count, bool settled)
{
    qw_sink_result_t *self = qw_must (malloc (sizeof *self + layer.size));
    self->size = layer.size;
    self->count = count;
    self->settled = settled;
    memcpy (self->bytes, layer.data, layer.size);
    return self;
}

/* ---- the assembler ------------------------------------------------------------------------------------------------- */

static const char *name_of (const qw_assembler_t *self, unsigned layer)
{
    return layer == self->layer_count ? "structure" : self->names[layer];
}

qw_assembler_t *qw_assembler_new (const qw_bytes_t *layers, size_t layer_count)
{
    qw_assembler_t *self = qw_must (calloc (1, sizeof *self));
    self->layer_count = layer_count < QW_MAX_LAYERS ? layer_count : QW_MAX_LAYERS;
    for (size_t i = 0; i < self->layer_count; i++) {
        self->names[i] = qw_must (strndup (layers[i].data, layers[i].size));
        self->kinds[i] = qw_bytes_are (layers[i], "tokens")     ? TOKENS
                         : qw_bytes_are (layers[i], "entities") ? ENTITIES
                         : qw_bytes_are (layers[i], "quotes")   ? QUOTES
                                                                : OTHER;
    }
    for (unsigned i = 0; i <= self->layer_count; i++) {
        unsigned place = i;
        for (; place > 0 && strcmp (name_of (self, self->order[place - 1]), name_of (self, i)) > 0; place--)
            self->order[place] = self->order[place - 1];
        self->order[place] = i;
    }
    self->layers = qw_layers_new ();
    self->checked = qw_layers_new ();
    self->resolver = qw_resolver_new ();
    qw_token_column_init (&self->column);
    qw_out_init (&self->holes);
    return self;
}

void qw_assembler_destroy (qw_assembler_t **self_p)
{
    qw_assembler_t *self = *self_p;
    if (!self)
        return;
    for (size_t i = 0; i < self->layer_count; i++)
        free (self->names[i]);
    qw_layers_destroy (&self->layers);
    qw_layers_destroy (&self->checked);
    qw_utf8_index_free (&self->index);
    free (self->paragraphs);
    qw_resolver_destroy (&self->resolver);
    qw_token_column_free (&self->column);
    qw_out_free (&self->holes);
    free (self);
    *self_p = NULL;
}

typedef struct {
    uint32_t offset, length; /* code points */
} place_t;

static place_t place_of (const qw_sink_document_t *document, uint32_t chunk)
{
    uint32_t begin = chunk > 0 ? document->chunk_ends[chunk - 1] : 0;
    return (place_t){begin, document->chunk_ends[chunk] - begin};
}

/* Whether an offset is inside can be told in code points, without the text. */
static qw_status_t check_layer (qw_assembler_t *self, const qw_sink_document_t *document, place_t place, kind_t kind,
                                qw_bytes_t bytes, bool settled, uint32_t *count, qw_reason_t *reason)
{
    qw_utf8_index_t flat = {.text = NULL, .size = document->length, .length = document->length};
    qw_status_t status = QW_OK;
    *count = 0;
    if (kind == TOKENS)
        status = qw_check_tokens (bytes, place.length, count, reason);
    else if (kind == ENTITIES) {
        status = qw_get_entities (bytes, &flat, place.offset, place.length, self->checked, reason);
        *count = (uint32_t) self->checked->mention_count;
        if (!status && !settled && self->checked->cluster_count > 0)
            status = qw_fail (QW_INVALID, reason, "field 'clusters' is for documents, not for chunks");
    } else if (kind == QUOTES) {
        status = qw_get_quotes (bytes, &flat, place.offset, place.length, self->checked, reason);
        *count = (uint32_t) self->checked->quote_count;
    }
    return status;
}

void qw_assembler_check (qw_assembler_t *self, const qw_sink_document_t *document, uint32_t chunk,
                         const qw_bytes_t layers[QW_MAX_LAYERS], bool settled, qw_sink_result_t *results[QW_MAX_LAYERS],
                         qw_reason_t *reason)
{
    place_t place = place_of (document, chunk);
    qw_layers_clear (self->checked);
    memset (results, 0, QW_MAX_LAYERS * sizeof *results);
    for (kind_t kind = OTHER; kind <= QUOTES; kind++) /* entities before the quotes that name their clusters */
        for (unsigned layer = 0; layer < self->layer_count; layer++) {
            uint32_t count;
            if (self->kinds[layer] == kind && layers[layer].data
                && !check_layer (self, document, place, kind, layers[layer], settled, &count, reason))
                results[layer] = new_result (layers[layer], count, settled);
        }
}

/* ---- building a record --------------------------------------------------------------------------------------------- */

/* Layers that were settled together with others which then were not kept are settled anew. */
static void forget_settled (qw_layers_t *layers)
{
    layers->cluster_count = 0;
    for (size_t i = 0; i < layers->mention_count; i++)
        layers->mentions[i].cluster = QW_NO_CLUSTER;
    for (size_t i = 0; i < layers->quote_count; i++) {
        qw_quote_t *quote = &layers->quotes[i];
        quote->cluster = QW_NO_CLUSTER;
        quote->speaker.size = 0;
        quote->how = QW_HOW_NONE;
        quote->confidence = 0;
        quote->statement = 0;
    }
}

/* Brings the chunks' layers together. They were checked when they came. */
static void gather (qw_assembler_t *self, const qw_joined_t *joined)
{
    const qw_sink_document_t *document = joined->document;
    size_t paragraphs = document->structure.count / 3;
    if (self->paragraph_room < paragraphs) {
        self->paragraph_room = 2 * paragraphs;
        self->paragraphs = qw_must (realloc (self->paragraphs, self->paragraph_room * sizeof *self->paragraphs));
    }
    qw_utf8_index_reset (&self->index, document->text.data, document->text.size);
    qw_get_structure (document->structure, &self->index, self->paragraphs, &paragraphs, NULL);
    qw_layers_clear (self->layers);
    qw_token_column_reset (&self->column);
    for (uint32_t chunk = 0; chunk < joined->chunk_count; chunk++) {
        place_t place = place_of (document, chunk);
        for (unsigned layer = 0; layer < self->layer_count; layer++) {
            const qw_sink_result_t *result = joined->chunks[chunk].results[layer];
            if (!result)
                continue;
            qw_bytes_t bytes = {result->bytes, result->size};
            if (self->kinds[layer] == TOKENS)
                qw_token_column_append (&self->column, bytes, place.offset, place.length, NULL);
            else if (self->kinds[layer] == ENTITIES)
                qw_get_entities (bytes, &self->index, place.offset, place.length, self->layers, NULL);
            else if (self->kinds[layer] == QUOTES)
                qw_get_quotes (bytes, &self->index, place.offset, place.length, self->layers, NULL);
        }
    }
    forget_settled (self->layers);
    qw_resolve (self->resolver, document->text.data, document->text.size, self->paragraphs, paragraphs, self->layers);
}

static qw_bytes_t reason_of (const qw_joined_chunk_t *chunk, unsigned layer) { return qw_bytes_of (chunk->reasons[layer]); }

/* Layers of one chunk that were given up for the same reason are one hole: [start, length, [layer, ...], reason]. */
static size_t put_holes_of_chunk (qw_assembler_t *self, const qw_joined_chunk_t *chunk, place_t place, qw_out_t *out)
{
    size_t holes = 0;
    uint32_t done = 0;
    for (unsigned layer = 0; layer < self->layer_count; layer++) {
        if (!chunk->reasons[layer] || done & 1u << layer)
            continue;
        uint32_t same = 0;
        for (unsigned other = layer; other < self->layer_count; other++)
            if (chunk->reasons[other] && qw_bytes_equal (reason_of (chunk, layer), reason_of (chunk, other)))
                same |= 1u << other;
        done |= same;
        holes++;
        if (!out)
            continue;
        qw_put_array (out, 4);
        qw_put_uint (out, place.offset);
        qw_put_uint (out, place.length);
        qw_put_array (out, (size_t) __builtin_popcount (same));
        for (unsigned other = 0; other < self->layer_count; other++)
            if (same & 1u << other)
                qw_put_key (out, self->names[other]);
        qw_put_str (out, reason_of (chunk, layer));
    }
    return holes;
}

/* Fills self->holes and self->reason; false when there is no hole. */
static bool find_holes (qw_assembler_t *self, const qw_joined_t *joined)
{
    const qw_sink_document_t *document = joined->document;
    size_t count = 0;
    for (uint32_t chunk = 0; chunk < joined->chunk_count; chunk++)
        count += put_holes_of_chunk (self, &joined->chunks[chunk], place_of (document, chunk), NULL);
    if (count == 0)
        return false;
    qw_out_reset (&self->holes);
    qw_put_array (&self->holes, count);
    self->reason[0] = 0;
    for (uint32_t chunk = 0; chunk < joined->chunk_count; chunk++) {
        put_holes_of_chunk (self, &joined->chunks[chunk], place_of (document, chunk), &self->holes);
        for (unsigned layer = 0; layer < self->layer_count && !self->reason[0]; layer++)
            if (joined->chunks[chunk].reasons[layer])
                snprintf (self->reason, sizeof self->reason, "chunk %u of %u was not annotated: %.240s", chunk + 1,
                          joined->chunk_count, joined->chunks[chunk].reasons[layer]);
    }
    self->reason[qw_utf8_valid_prefix (self->reason, strlen (self->reason))] = 0; /* it may be cut inside a character */
    return true;
}

/* The layer's producer, as the first chunk that has it says. */
static qw_bytes_t producer (const qw_joined_t *joined, unsigned layer)
{
    for (uint32_t chunk = 0; chunk < joined->chunk_count; chunk++) {
        const qw_sink_result_t *result = joined->chunks[chunk].results[layer];
        if (result)
            return qw_layer_by ((qw_bytes_t){result->bytes, result->size});
    }
    return (qw_bytes_t){"", 0};
}

/* A layer of a third party: its values, chunk by chunk, untouched. */
static void put_parts (const qw_joined_t *joined, unsigned layer, qw_out_t *out)
{
    size_t count = 0;
    for (uint32_t chunk = 0; chunk < joined->chunk_count; chunk++)
        count += joined->chunks[chunk].results[layer] != NULL;
    qw_put_map (out, 1);
    qw_put_key (out, "parts");
    qw_put_array (out, count);
    for (uint32_t chunk = 0; chunk < joined->chunk_count; chunk++) {
        const qw_sink_result_t *result = joined->chunks[chunk].results[layer];
        if (!result)
            continue;
        place_t place = place_of (joined->document, chunk);
        qw_put_array (out, 3);
        qw_put_uint (out, place.offset);
        qw_put_uint (out, place.length);
        qw_put_raw (out, (qw_bytes_t){result->bytes, result->size});
    }
}

/* True when one worker has settled the document: all of its layers. */
static bool is_settled (const qw_assembler_t *self, const qw_joined_t *joined)
{
    bool settled = joined->chunk_count == 1;
    for (unsigned layer = 0; layer < self->layer_count && settled; layer++) {
        const qw_sink_result_t *result = joined->chunks[0].results[layer];
        settled = result && result->settled;
    }
    return settled;
}

static void put_layer (qw_assembler_t *self, const qw_joined_t *joined, unsigned layer, bool settled, qw_out_t *out)
{
    const qw_sink_document_t *document = joined->document;
    qw_put_key (out, name_of (self, layer));
    if (layer == self->layer_count)
        qw_put_structure (document->structure, QW_BYTES (STRUCTURE_BY), out);
    else if (settled && self->kinds[layer] != OTHER) {
        const qw_sink_result_t *result = joined->chunks[0].results[layer];
        qw_put_raw (out, (qw_bytes_t){result->bytes, result->size});
    } else if (self->kinds[layer] == TOKENS)
        qw_token_column_put (&self->column, producer (joined, layer), out);
    else if (self->kinds[layer] == ENTITIES)
        qw_put_entities (self->layers, &self->index, producer (joined, layer), out);
    else if (self->kinds[layer] == QUOTES)
        qw_put_quotes (self->layers, &self->index, producer (joined, layer), out);
    else
        put_parts (joined, layer, out);
}

/* Tokens, mentions and quotes of a settled document, by kind. */
static uint32_t settled_count (const qw_assembler_t *self, const qw_joined_t *joined, kind_t kind)
{
    for (unsigned layer = 0; layer < self->layer_count; layer++)
        if (self->kinds[layer] == kind)
            return ((const qw_sink_result_t *) joined->chunks[0].results[layer])->count;
    return 0;
}

/* ---- a document that has layers already ------------------------------------------------------------------------------ */

bool qw_assembler_can_add (const qw_assembler_t *self)
{
    for (size_t i = 0; i < self->layer_count; i++)
        if (self->kinds[i] != OTHER)
            return false;
    return true;
}

typedef struct {
    qw_bytes_t name, bytes; /* bytes.data NULL: it was made in this run */
    unsigned layer;
} named_t;

static int compare_names (const void *a, const void *b)
{
    qw_bytes_t one = ((const named_t *) a)->name, two = ((const named_t *) b)->name;
    int order = memcmp (one.data, two.data, one.size < two.size ? one.size : two.size);
    return order ? order : (one.size > two.size) - (one.size < two.size);
}

/* Writes its layers as they are, and among them, by name, those that were `made`: they replace what has their name. */
static void build_added (qw_assembler_t *self, const qw_joined_t *joined, const qw_document_t *head, bool made, qw_out_t *out,
                         qw_entry_t *entry)
{
    const qw_sink_document_t *document = joined->document;
    qw_mp_t reader;
    qw_mp_open (&reader, document->layers.data, document->layers.size, NULL);
    uint32_t pairs = qw_mp_map (&reader, "layers");
    size_t count = 0;
    named_t *names = qw_must (calloc (pairs + self->layer_count + 1, sizeof *names));
    for (unsigned i = 0; made && i < self->layer_count; i++)
        names[count++] = (named_t){qw_bytes_of (self->names[i]), {NULL, 0}, i};
    size_t own = count;
    for (; pairs > 0 && !reader.failed; pairs--) {
        named_t given = {.name = qw_mp_str (&reader, "layers"), .bytes = qw_mp_skip (&reader)};
        bool replaced = false;
        for (size_t i = 0; i < own; i++)
            replaced |= qw_bytes_equal (names[i].name, given.name);
        if (!replaced)
            names[count++] = given;
    }
    qsort (names, count, sizeof *names, compare_names);
    qw_document_begin (out, head, count);
    for (size_t i = 0; i < count; i++) {
        qw_put_str (out, names[i].name);
        if (names[i].bytes.data)
            qw_put_raw (out, names[i].bytes);
        else
            put_parts (joined, names[i].layer, out);
    }
    free (names);
    qw_document_end (out, 0);
    qw_reason_t reason;
    if (qw_entry_of_record (entry, qw_out_bytes (out), NULL, &reason))
        abort (); /* all of it was checked when it was announced */
}

void qw_assembler_build (qw_assembler_t *self, const qw_joined_t *joined, qw_bytes_t id, qw_bytes_t conflict, qw_out_t *out,
                         qw_entry_t *entry)
{
    const qw_sink_document_t *document = joined->document;
    qw_document_t head = {.id = id,
                          .source = document->source,
                          .metadata = document->metadata,
                          .text = document->text,
                          .sequence = document->sequence,
                          .supersedes = document->supersedes};
    bool annotated = conflict.size == 0 && !document->failed.data;
    if (!annotated) {
        head.failed = true;
        head.reason = conflict.size ? conflict : document->failed;
        head.holes = conflict.size ? (qw_bytes_t){NULL, 0} : document->holes;
    } else if (find_holes (self, joined)) {
        head.failed = true;
        head.reason = qw_bytes_of (self->reason);
        head.holes = qw_out_bytes (&self->holes);
    }
    qw_out_reset (out);
    memset (entry, 0, sizeof *entry);
    if (document->layers.data && conflict.size == 0) {
        build_added (self, joined, &head, annotated, out, entry);
        return;
    }
    entry->flags = (head.failed ? QW_ENTRY_FAILED : 0) | (head.supersedes ? QW_ENTRY_SUPERSEDES : 0);
    qw_document_begin (out, &head, annotated ? self->layer_count + 1 : 0);
    if (annotated) {
        bool settled = is_settled (self, joined);
        if (!settled)
            gather (self, joined);
        for (size_t i = 0; i <= self->layer_count; i++)
            put_layer (self, joined, self->order[i], settled, out);
        entry->tokens = settled ? settled_count (self, joined, TOKENS) : self->column.count;
        entry->mentions = settled ? settled_count (self, joined, ENTITIES) : (uint32_t) self->layers->mention_count;
        entry->quotes = settled ? settled_count (self, joined, QUOTES) : (uint32_t) self->layers->quote_count;
    }
    qw_document_end (out, 0);
}
