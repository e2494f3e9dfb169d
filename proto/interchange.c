#include "proto/interchange.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const reserved[] = {"id",       "text",   "structure",  "tokens", "sentences", "entities",
                                       "clusters", "quotes", "failed",     "layers", "metadata",  "position",
                                       "sequence", "source", "supersedes", "dropped"};

bool qw_interchange_is_reserved (qw_bytes_t name)
{
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        if (qw_bytes_are (name, reserved[i]))
            return true;
    return false;
}

/* ---- our layers ------------------------------------------------------------------------------------------------------ */

/* Converts positions that mostly rise from one call to the next. */
typedef struct {
    const qw_utf8_index_t *index;
    uint32_t byte, point;
} cursor_t;

static inline uint32_t point_of (cursor_t *cursor, uint32_t byte)
{
    const qw_utf8_index_t *index = cursor->index;
    if (index->length == index->size)
        return byte;
    if (byte >= cursor->byte && byte - cursor->byte < 64)
        cursor->point += (uint32_t) qw_utf8_length (index->text + cursor->byte, byte - cursor->byte);
    else
        cursor->point = qw_utf8_index_point (index, byte);
    cursor->byte = byte;
    return cursor->point;
}

static void put_pair (qw_json_out_t *out, cursor_t *cursor, qw_span_t span)
{
    qw_json_put_raw (out, "[", 1);
    qw_json_put_uint (out, point_of (cursor, span.start));
    qw_json_put_raw (out, ",", 1);
    qw_json_put_uint (out, point_of (cursor, span.end));
    qw_json_put_raw (out, "]", 1);
}

static void put_pair_or_null (qw_json_out_t *out, cursor_t *cursor, const char *name, qw_span_t span)
{
    qw_json_put_text (out, name);
    if (qw_span_is_empty (span))
        qw_json_put_text (out, "null");
    else
        put_pair (out, cursor, span);
}

/* `{"start":1,"end":2`: the caller goes on. */
static void open_object (qw_json_out_t *out, cursor_t *cursor, qw_span_t span)
{
    qw_json_put_text (out, "{\"start\":");
    qw_json_put_uint (out, point_of (cursor, span.start));
    qw_json_put_text (out, ",\"end\":");
    qw_json_put_uint (out, point_of (cursor, span.end));
}

static void put_text (qw_json_out_t *out, const qw_layers_t *layers, qw_string_t string)
{
    if (string.size)
        qw_json_put_string (out, (qw_bytes_t){qw_layers_string (layers, string), string.size});
    else
        qw_json_put_text (out, "null");
}

static void put_key (qw_json_out_t *out, const qw_layers_t *layers, uint32_t cluster)
{
    put_text (out, layers, cluster < layers->cluster_count ? layers->clusters[cluster].key : (qw_string_t){0, 0});
}

static void comma (qw_json_out_t *out, size_t i)
{
    if (i > 0)
        qw_json_put_raw (out, ",", 1);
}

static void put_structure (qw_json_out_t *out, cursor_t *cursor, const qw_paragraph_t *paragraphs, size_t count)
{
    qw_json_put_text (out, ",\"structure\":[");
    for (size_t i = 0; i < count; i++) {
        comma (out, i);
        open_object (out, cursor, paragraphs[i].span);
        qw_json_put_text (out, ",\"role\":\"");
        qw_json_put_text (out, qw_role_name (paragraphs[i].role));
        qw_json_put_text (out, "\"}");
    }
    qw_json_put_text (out, "]");
}

static void put_tokens (qw_json_out_t *out, cursor_t *cursor, const qw_layers_t *layers)
{
    qw_json_put_text (out, ",\"tokens\":[");
    for (size_t i = 0; i < layers->token_count; i++) {
        comma (out, i);
        put_pair (out, cursor, layers->tokens[i]);
    }
    qw_json_put_text (out, "],\"sentences\":[");
    for (size_t i = 0; i < layers->sentence_count; i++) {
        qw_sentence_t sentence = layers->sentences[i];
        comma (out, i);
        put_pair (out, cursor, (qw_span_t){layers->tokens[sentence.first].start, layers->tokens[sentence.end - 1].end});
    }
    qw_json_put_text (out, "]");
}

static int compare_keys (const void *a, const void *b, void *context)
{
    const qw_layers_t *layers = context;
    uint32_t first = *(const uint32_t *) a, second = *(const uint32_t *) b;
    qw_string_t one = layers->clusters[first].key, two = layers->clusters[second].key;
    size_t common = one.size < two.size ? one.size : two.size;
    int order = common ? memcmp (qw_layers_string (layers, one), qw_layers_string (layers, two), common) : 0;
    if (order == 0)
        order = (one.size > two.size) - (one.size < two.size);
    return order ? order : (first > second) - (first < second);
}

/* Marks clusters whose key an earlier one has, for a key stands once in an object. The caller frees it. */
static bool *find_repeated (const qw_layers_t *layers)
{
    size_t count = layers->cluster_count;
    uint32_t *order = malloc ((count + 1) * sizeof *order);
    bool *repeated = calloc (count + 1, sizeof *repeated);
    if (!order || !repeated)
        abort ();
    for (size_t i = 0; i < count; i++)
        order[i] = (uint32_t) i;
    qsort_r (order, count, sizeof *order, compare_keys, (void *) layers);
    for (size_t i = 1; i < count; i++) {
        qw_string_t a = layers->clusters[order[i - 1]].key, b = layers->clusters[order[i]].key;
        repeated[order[i]] = qw_bytes_equal ((qw_bytes_t){qw_layers_string (layers, a), a.size},
                                             (qw_bytes_t){qw_layers_string (layers, b), b.size});
    }
    free (order);
    return repeated;
}

static void put_clusters (qw_json_out_t *out, const qw_layers_t *layers)
{
    bool *repeated = find_repeated (layers);
    qw_json_put_text (out, ",\"clusters\":{");
    for (size_t i = 0; i < layers->cluster_count; i++) {
        const qw_cluster_t *cluster = &layers->clusters[i];
        if (repeated[i])
            continue;
        comma (out, i);
        qw_json_put_string (out, (qw_bytes_t){qw_layers_string (layers, cluster->key), cluster->key.size});
        qw_json_put_text (out, ":{\"name\":");
        put_text (out, layers, cluster->name);
        qw_json_put_text (out, ",\"type\":\"");
        qw_json_put_text (out, qw_entity_type_name (cluster->type));
        qw_json_put_text (out, "\"}");
    }
    qw_json_put_text (out, "}");
    free (repeated);
}

static void put_entities (qw_json_out_t *out, cursor_t *cursor, const qw_layers_t *layers)
{
    qw_json_put_text (out, ",\"entities\":[");
    for (size_t i = 0; i < layers->mention_count; i++) {
        const qw_mention_t *mention = &layers->mentions[i];
        comma (out, i);
        open_object (out, cursor, mention->span);
        qw_json_put_text (out, ",\"type\":\"");
        qw_json_put_text (out, qw_entity_type_name (mention->type));
        qw_json_put_text (out, "\",\"entity\":");
        put_key (out, layers, mention->cluster);
        qw_json_put_text (out, "}");
    }
    qw_json_put_text (out, "]");
    put_clusters (out, layers);
}

static void put_statement (qw_json_out_t *out, uint64_t statement)
{
    char text[40];
    if (statement)
        snprintf (text, sizeof text, ",\"statement\":\"%010" PRIx64 "\"", statement);
    qw_json_put_text (out, statement ? text : ",\"statement\":null");
}

static void put_quotes (qw_json_out_t *out, cursor_t *cursor, const qw_layers_t *layers)
{
    qw_json_put_text (out, ",\"quotes\":[");
    for (size_t i = 0; i < layers->quote_count; i++) {
        const qw_quote_t *quote = &layers->quotes[i];
        comma (out, i);
        open_object (out, cursor, quote->span);
        qw_json_put_text (out, ",\"type\":\"");
        qw_json_put_text (out, qw_quote_type_name (quote->type));
        put_pair_or_null (out, cursor, "\",\"cue\":", quote->cue);
        put_pair_or_null (out, cursor, ",\"speaker_mention\":", quote->speaker_mention);
        qw_json_put_text (out, ",\"speaker\":");
        put_text (out, layers, quote->speaker);
        qw_json_put_text (out, ",\"entity\":");
        put_key (out, layers, quote->cluster);
        if (!qw_span_is_empty (quote->via))
            put_pair_or_null (out, cursor, ",\"via\":", quote->via);
        qw_json_put_text (out, quote->speech ? ",\"speech\":true,\"how\":\"" : ",\"speech\":false,\"how\":\"");
        qw_json_put_text (out, qw_how_name (quote->how));
        qw_json_put_text (out, "\",\"confidence\":");
        qw_json_put_uint (out, quote->confidence);
        put_statement (out, quote->statement);
        qw_json_put_text (out, "}");
    }
    qw_json_put_text (out, "]");
}

void qw_interchange_put_layers (qw_json_out_t *out, const qw_utf8_index_t *index, const qw_paragraph_t *paragraphs,
                                size_t paragraph_count, const qw_layers_t *layers)
{
    cursor_t cursor = {index, 0, 0};
    put_structure (out, &cursor, paragraphs, paragraph_count);
    put_tokens (out, &cursor, layers);
    put_entities (out, &cursor, layers);
    put_quotes (out, &cursor, layers);
}

/* ---- a document ------------------------------------------------------------------------------------------------------ */

struct qw_interchange_t {
    qw_utf8_index_t index;
    qw_layers_t *layers;
    qw_paragraph_t *paragraphs;
    size_t paragraph_count, paragraph_capacity;
    bool no_tokens;
};

qw_interchange_t *qw_interchange_new (void)
{
    qw_interchange_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->layers = qw_layers_new ();
    return self;
}

void qw_interchange_destroy (qw_interchange_t **self_p)
{
    if (!*self_p)
        return;
    qw_utf8_index_free (&(*self_p)->index);
    qw_layers_destroy (&(*self_p)->layers);
    free ((*self_p)->paragraphs);
    free (*self_p);
    *self_p = NULL;
}

const qw_paragraph_t *qw_interchange_structure (const qw_interchange_t *self, size_t *count)
{
    *count = self->paragraph_count;
    return self->paragraphs;
}

void qw_interchange_set_tokens (qw_interchange_t *self, bool wanted) { self->no_tokens = !wanted; }

/* The members of the metadata: those with names of their own as they are, or the others under "metadata". */
static void put_metadata (qw_json_out_t *out, qw_bytes_t metadata, bool ours, qw_mp_t *reader)
{
    if (!metadata.data)
        return;
    qw_mp_open (reader, metadata.data, metadata.size, reader->reason);
    bool any = false;
    for (uint32_t pairs = qw_mp_map (reader, "metadata"); pairs > 0 && !reader->failed; pairs--) {
        qw_bytes_t name = qw_mp_str (reader, "a key of metadata");
        if (qw_interchange_is_reserved (name) != ours) {
            qw_mp_skip (reader);
            continue;
        }
        qw_json_put_text (out, ours && !any ? ",\"metadata\":{" : ",");
        any = true;
        qw_json_put_string (out, name);
        qw_json_put_raw (out, ":", 1);
        qw_json_put_value (out, reader);
    }
    if (ours && any)
        qw_json_put_raw (out, "}", 1);
}

static void put_hole (qw_json_out_t *out, qw_mp_t *reader)
{
    if (qw_mp_array (reader, "failed.holes") != 4)
        qw_mp_refuse (reader, "field 'failed.holes' has an item that is not a hole");
    uint64_t start = qw_mp_uint (reader, "failed.holes"), length = qw_mp_uint (reader, "failed.holes");
    qw_json_put_text (out, "{\"start\":");
    qw_json_put_uint (out, start);
    qw_json_put_text (out, ",\"end\":");
    qw_json_put_uint (out, start + length);
    qw_json_put_text (out, ",\"layers\":");
    qw_json_put_value (out, reader);
    qw_json_put_text (out, ",\"reason\":");
    qw_json_put_string (out, qw_mp_str (reader, "failed.holes"));
    qw_json_put_text (out, "}");
}

static void put_failed (qw_json_out_t *out, const qw_document_t *document, qw_mp_t *reader)
{
    qw_json_put_text (out, ",\"failed\":{\"reason\":");
    qw_json_put_string (out, document->reason);
    if (document->holes.data) {
        qw_mp_open (reader, document->holes.data, document->holes.size, reader->reason);
        uint32_t holes = qw_mp_array (reader, "failed.holes");
        qw_json_put_text (out, ",\"holes\":[");
        for (uint32_t i = 0; i < holes && !reader->failed; i++) {
            comma (out, i);
            put_hole (out, reader);
        }
        qw_json_put_text (out, "]");
    }
    qw_json_put_text (out, "}");
}

static bool is_our_layer (qw_bytes_t name)
{
    return qw_bytes_are (name, "structure") || qw_bytes_are (name, "tokens") || qw_bytes_are (name, "entities")
           || qw_bytes_are (name, "quotes");
}

static void put_other_layers (qw_json_out_t *out, const qw_document_t *document, qw_mp_t *reader)
{
    qw_mp_open (reader, document->layers.data, document->layers.size, reader->reason);
    bool any = false;
    for (uint32_t pairs = qw_mp_map (reader, "layers"); pairs > 0 && !reader->failed; pairs--) {
        qw_bytes_t name = qw_mp_str (reader, "a key of layers");
        if (is_our_layer (name)) {
            qw_mp_skip (reader);
            continue;
        }
        qw_json_put_text (out, any ? "," : ",\"layers\":{");
        any = true;
        qw_json_put_string (out, name);
        qw_json_put_raw (out, ":", 1);
        qw_json_put_value (out, reader);
    }
    if (any)
        qw_json_put_raw (out, "}", 1);
}

static void put_place (qw_json_out_t *out, const qw_document_t *document, uint64_t position, qw_mp_t *reader)
{
    qw_json_put_text (out, ",\"position\":");
    qw_json_put_uint (out, position);
    qw_json_put_text (out, ",\"sequence\":");
    qw_json_put_uint (out, document->sequence);
    qw_json_put_text (out, ",\"source\":");
    qw_mp_open (reader, document->source.data, document->source.size, reader->reason);
    qw_json_put_value (out, reader);
    if (document->supersedes) {
        qw_json_put_text (out, ",\"supersedes\":");
        qw_json_put_uint (out, document->supersedes - 1);
    }
    if (document->dropped)
        qw_json_put_text (out, ",\"dropped\":true");
}

static void put_our_layers (qw_interchange_t *self, qw_json_out_t *out, const qw_document_t *document)
{
    cursor_t cursor = {&self->index, 0, 0};
    if (qw_document_layer (document, "structure").data)
        put_structure (out, &cursor, self->paragraphs, self->paragraph_count);
    if (!self->no_tokens && qw_document_layer (document, "tokens").data)
        put_tokens (out, &cursor, self->layers);
    if (qw_document_layer (document, "entities").data)
        put_entities (out, &cursor, self->layers);
    if (qw_document_layer (document, "quotes").data)
        put_quotes (out, &cursor, self->layers);
}

qw_status_t qw_interchange_put_document (qw_interchange_t *self, qw_json_out_t *out, const qw_document_t *document,
                                         const uint64_t *place, qw_reason_t *reason)
{
    size_t begin = out->size;
    qw_status_t status = qw_document_layers (document, &self->index, self->layers, &self->paragraphs, &self->paragraph_count,
                                             &self->paragraph_capacity, reason);
    if (status)
        return status;
    qw_mp_t reader = {.reason = reason};
    qw_json_put_text (out, "{\"id\":");
    qw_json_put_string (out, document->id);
    qw_json_put_text (out, ",\"text\":");
    qw_json_put_string (out, document->text);
    put_metadata (out, document->metadata, false, &reader);
    if (place && !reader.failed)
        put_place (out, document, *place, &reader);
    put_our_layers (self, out, document);
    if (document->failed && !reader.failed)
        put_failed (out, document, &reader);
    if (!reader.failed)
        put_other_layers (out, document, &reader);
    if (!reader.failed)
        put_metadata (out, document->metadata, true, &reader);
    qw_json_put_raw (out, "}", 1);
    if (reader.failed)
        out->size = begin;
    return qw_mp_status (&reader);
}
