/* The layers and records of proto/vectors, in both directions: bytes to annotations and annotations to bytes. */
#include "vectors.h"

#include <xxhash.h>

#include "proto/document.h"
#include "proto/interchange.h"
#include "proto/layer_codec.h"
#include "sink/corpus.h"

typedef struct {
    const char *text;
    size_t size;
    qw_utf8_index_t index;
    qw_layers_t *layers;
    qw_paragraph_t paragraphs[64];
    size_t paragraph_count;
    qw_out_t out;
} bench_t;

static void set_up (bench_t *bench, const json_t *vector)
{
    const json_t *text = json_object_get (vector, "text");
    *bench = (bench_t){.text = text ? json_string_value (text) : "", .size = json_string_length (text)};
    qw_utf8_index_reset (&bench->index, bench->text, bench->size);
    bench->layers = qw_layers_new ();
    qw_out_init (&bench->out);
}

static void tear_down (bench_t *bench)
{
    qw_utf8_index_free (&bench->index);
    qw_layers_destroy (&bench->layers);
    qw_out_free (&bench->out);
}

/* ---- annotations to our structs -------------------------------------------------------------------------------------- */

static uint32_t byte_at (const bench_t *bench, const json_t *point)
{
    return qw_utf8_index_byte (&bench->index, (uint32_t) json_integer_value (point));
}

static qw_span_t span_of (const bench_t *bench, const json_t *start, const json_t *end)
{
    return (qw_span_t){byte_at (bench, start), byte_at (bench, end)};
}

static qw_span_t pair_of (const bench_t *bench, const json_t *object, const char *key)
{
    const json_t *pair = json_object_get (object, key);
    return json_is_array (pair) ? span_of (bench, json_array_get (pair, 0), json_array_get (pair, 1)) : (qw_span_t){0, 0};
}

static qw_span_t own_span (const bench_t *bench, const json_t *object)
{
    return span_of (bench, json_object_get (object, "start"), json_object_get (object, "end"));
}

#define NAMED(lookup, object, key, value) \
    assert_true (lookup (vector_text (object, key), strlen (vector_text (object, key)), value))

static qw_string_t add_string (bench_t *bench, const char *text)
{
    return qw_layers_add_string (bench->layers, text, strlen (text));
}

static void fill_tokens (bench_t *bench, const json_t *annotations)
{
    const json_t *pair;
    size_t i;
    json_array_foreach (json_object_get (annotations, "tokens"), i, pair)
        *qw_layers_add_token (bench->layers) = span_of (bench, json_array_get (pair, 0), json_array_get (pair, 1));
    uint32_t token = 0;
    json_array_foreach (json_object_get (annotations, "sentences"), i, pair) {
        uint32_t first = token, end = byte_at (bench, json_array_get (pair, 1));
        while (token < bench->layers->token_count && bench->layers->tokens[token].end <= end)
            token++;
        *qw_layers_add_sentence (bench->layers) = (qw_sentence_t){first, token};
    }
}

static void fill_clusters (bench_t *bench, const json_t *annotations)
{
    const char *key;
    const json_t *value;
    json_object_foreach (json_object_get (annotations, "clusters"), key, value) {
        qw_cluster_t cluster = {.name = add_string (bench, vector_text (value, "name")), .key = add_string (bench, key)};
        NAMED (qw_entity_type_of_name, value, "type", &cluster.type);
        *qw_layers_add_cluster (bench->layers) = cluster;
    }
}

static uint32_t cluster_of (const bench_t *bench, const json_t *object)
{
    const json_t *key = json_object_get (object, "entity");
    for (uint32_t i = 0; json_is_string (key) && i < bench->layers->cluster_count; i++) {
        qw_string_t other = bench->layers->clusters[i].key;
        if (qw_bytes_are ((qw_bytes_t){qw_layers_string (bench->layers, other), other.size}, json_string_value (key)))
            return i;
    }
    return QW_NO_CLUSTER;
}

static void fill_mentions (bench_t *bench, const json_t *annotations)
{
    const json_t *value;
    size_t i;
    json_array_foreach (json_object_get (annotations, "entities"), i, value) {
        qw_mention_t mention = {.span = own_span (bench, value), .cluster = cluster_of (bench, value)};
        NAMED (qw_entity_type_of_name, value, "type", &mention.type);
        *qw_layers_add_mention (bench->layers) = mention;
    }
}

static void fill_quotes (bench_t *bench, const json_t *annotations)
{
    const json_t *value;
    size_t i;
    json_array_foreach (json_object_get (annotations, "quotes"), i, value) {
        const json_t *speaker = json_object_get (value, "speaker");
        qw_quote_t quote = {
            .span = own_span (bench, value),
            .cue = pair_of (bench, value, "cue"),
            .speaker_mention = pair_of (bench, value, "speaker_mention"),
            .via = pair_of (bench, value, "via"),
            .speech = json_is_true (json_object_get (value, "speech")),
            .opens_before = json_is_true (json_object_get (value, "opens_before")),
            .runs_on = json_is_true (json_object_get (value, "runs_on")),
            .cluster = cluster_of (bench, value),
            .confidence = (uint8_t) json_integer_value (json_object_get (value, "confidence")),
        };
        if (json_is_string (speaker))
            quote.speaker = add_string (bench, json_string_value (speaker));
        NAMED (qw_quote_type_of_name, value, "type", &quote.type);
        NAMED (qw_how_of_name, value, "how", &quote.how);
        *qw_layers_add_quote (bench->layers) = quote;
    }
}

static void fill_structure (bench_t *bench, const json_t *annotations)
{
    const json_t *value;
    size_t i;
    json_array_foreach (json_object_get (annotations, "structure"), i, value) {
        assert_true (i < 64);
        qw_paragraph_t *paragraph = &bench->paragraphs[bench->paragraph_count++];
        paragraph->span = own_span (bench, value);
        NAMED (qw_role_of_name, value, "role", &paragraph->role);
    }
}

/* ---- our structs to annotations -------------------------------------------------------------------------------------- */

/* Compares what the vector's annotations tell; a layer's vector has only its own. */
static void assert_annotations (bench_t *bench, const json_t *annotations)
{
    json_t *all = json_object (), *value;
    qw_interchange_add_layers (all, bench->text, bench->size, bench->paragraphs, bench->paragraph_count, bench->layers);
    for (size_t i = 0; i < bench->layers->quote_count; i++) {
        json_t *quote = json_array_get (json_object_get (all, "quotes"), i);
        json_object_set_new (quote, "opens_before", json_boolean (bench->layers->quotes[i].opens_before));
        json_object_set_new (quote, "runs_on", json_boolean (bench->layers->quotes[i].runs_on));
    }
    const char *key;
    assert_true (json_object_size (annotations) > 0);
    json_object_foreach ((json_t *) annotations, key, value)
        assert_json_equal (value, json_object_get (all, key));
    json_decref (all);
}

/* ---- layers ---------------------------------------------------------------------------------------------------------- */

static qw_status_t get_structure (bench_t *bench, qw_bytes_t layer, qw_reason_t *reason)
{
    json_t *value = json_of_bytes (layer), *list = json_object_get (value, "paragraphs");
    uint64_t numbers[3 * 64];
    qw_uints_t found = {numbers, json_array_size (list)};
    assert_true (found.count <= 3 * 64);
    for (size_t i = 0; i < found.count; i++)
        numbers[i] = uint_of_json (json_array_get (list, i));
    json_decref (value);
    return qw_get_structure (found, &bench->index, bench->paragraphs, &bench->paragraph_count, reason);
}

static qw_status_t get_layer (bench_t *bench, const char *kind, qw_bytes_t layer, qw_reason_t *reason)
{
    uint32_t length = (uint32_t) bench->index.length;
    if (strcmp (kind, "tokens") == 0)
        return qw_get_tokens (layer, &bench->index, 0, length, bench->layers, reason);
    if (strcmp (kind, "entities") == 0)
        return qw_get_entities (layer, &bench->index, 0, length, bench->layers, reason);
    if (strcmp (kind, "quotes") == 0)
        return qw_get_quotes (layer, &bench->index, 0, length, bench->layers, reason);
    assert_string_equal (kind, "structure");
    return get_structure (bench, layer, reason);
}

static void put_layer (bench_t *bench, const char *kind, qw_bytes_t by)
{
    qw_token_column_t column;
    if (strcmp (kind, "tokens") == 0) {
        qw_token_column_init (&column);
        qw_put_tokens (bench->layers, &bench->index, by, &column, &bench->out);
        qw_token_column_free (&column);
    } else if (strcmp (kind, "entities") == 0)
        qw_put_entities (bench->layers, &bench->index, by, &bench->out);
    else if (strcmp (kind, "quotes") == 0)
        qw_put_quotes (bench->layers, &bench->index, by, &bench->out);
    else
        qw_put_structure (bench->paragraphs, bench->paragraph_count, &bench->index, by, &bench->out);
}

/* A quote names its speaker's cluster by number, so its vector brings the clusters along. */
static void fill_what_quotes_need (bench_t *bench, const char *kind, const json_t *annotations)
{
    if (strcmp (kind, "quotes") != 0)
        return;
    fill_clusters (bench, annotations);
    fill_mentions (bench, annotations);
}

static void layer_holds (const json_t *vector, const char *kind, qw_bytes_t layer)
{
    const json_t *annotations = json_object_get (vector, "annotations");
    qw_reason_t reason = {""};
    bench_t bench;
    set_up (&bench, vector);
    assert_int_equal (qw_mp_scan (layer.data, layer.size, &reason), QW_OK);
    if (!json_is_true (json_object_get (vector, "valid"))) {
        assert_int_equal (get_layer (&bench, kind, layer, &reason), QW_INVALID);
        assert_reason (vector, &reason);
        assert_int_equal (bench.layers->token_count + bench.layers->mention_count + bench.layers->quote_count, 0);
        tear_down (&bench);
        return;
    }
    fill_what_quotes_need (&bench, kind, annotations);
    if (get_layer (&bench, kind, layer, &reason))
        fail_msg ("refused: %s", reason.text);
    assert_annotations (&bench, annotations);
    tear_down (&bench);
    if (!json_is_true (json_object_get (vector, "canonical")))
        return;
    set_up (&bench, vector);
    fill_tokens (&bench, annotations);
    fill_clusters (&bench, annotations);
    fill_mentions (&bench, annotations);
    fill_quotes (&bench, annotations);
    fill_structure (&bench, annotations);
    put_layer (&bench, kind, qw_layer_by (layer));
    assert_bytes_equal (layer, qw_out_bytes (&bench.out));
    tear_down (&bench);
}

static void key_holds (const json_t *vector)
{
    const json_t *value = json_object_get (vector, "json");
    const char *type_name = json_string_value (json_array_get (value, 0)), *name = json_string_value (json_array_get (value, 1));
    qw_entity_type_t type;
    assert_true (qw_entity_type_of_name (type_name, strlen (type_name), &type));
    char key[200];
    size_t size = qw_key_of_name (type, name, strlen (name), key, sizeof key - 1);
    key[size] = 0;
    assert_string_equal (key, json_string_value (json_array_get (value, 2)));
}

/* ---- records --------------------------------------------------------------------------------------------------------- */

static json_t *document_json (const qw_document_t *document)
{
    json_t *value = json_pack ("{s:o, s:o, s:o, s:o, s:o, s:o}", "id", json_stringn (document->id.data, document->id.size),
                               "sequence", json_of_uint (document->sequence), "source", json_of_bytes (document->source), "text",
                               json_stringn (document->text.data, document->text.size), "layers",
                               json_of_bytes (document->layers), "crc32c", json_of_uint (document->crc32c));
    if (document->metadata.data)
        json_object_set_new (value, "metadata", json_of_bytes (document->metadata));
    if (document->failed) {
        json_t *failed = json_pack ("{s:o}", "reason", json_stringn (document->reason.data, document->reason.size));
        if (document->holes.data)
            json_object_set_new (failed, "holes", json_of_bytes (document->holes));
        json_object_set_new (value, "failed", failed);
    }
    if (document->supersedes)
        json_object_set_new (value, "supersedes", json_of_uint (document->supersedes));
    if (document->dropped)
        json_object_set_new (value, "dropped", json_true ());
    return value;
}

static qw_bytes_t packed (const json_t *object, const char *key, qw_out_t *out)
{
    const json_t *value = json_object_get (object, key);
    if (!value)
        return (qw_bytes_t){NULL, 0};
    mp_of_json (value, out);
    return qw_out_bytes (out);
}

/* Encodes the record anew from the vector's value. */
static void assert_record_is_written (const json_t *value, qw_bytes_t record)
{
    qw_out_t parts[3], out;
    for (int i = 0; i < 3; i++)
        qw_out_init (&parts[i]);
    qw_out_init (&out);
    const json_t *failed = json_object_get (value, "failed"), *layers = json_object_get (value, "layers"), *layer;
    qw_document_t head = {
        .id = qw_bytes_of (vector_text (value, "id")),
        .sequence = uint_of_json (json_object_get (value, "sequence")),
        .source = packed (value, "source", &parts[0]),
        .metadata = packed (value, "metadata", &parts[1]),
        .text = qw_bytes_of (vector_text (value, "text")),
        .failed = failed != NULL,
        .supersedes = uint_of_json (json_object_get (value, "supersedes")),
        .dropped = json_is_true (json_object_get (value, "dropped")),
    };
    if (failed) {
        head.reason = qw_bytes_of (vector_text (failed, "reason"));
        head.holes = packed (failed, "holes", &parts[2]);
    }
    qw_document_begin (&out, &head, json_object_size (layers));
    const char *name;
    json_object_foreach ((json_t *) layers, name, layer) {
        qw_put_key (&out, name);
        mp_of_json (layer, &out);
    }
    qw_document_end (&out, 0);
    assert_bytes_equal (record, qw_out_bytes (&out));
    for (int i = 0; i < 3; i++)
        qw_out_free (&parts[i]);
    qw_out_free (&out);
}

static void assert_record_says (const qw_document_t *document, const json_t *annotations)
{
    bench_t bench = {.layers = qw_layers_new (), .text = document->text.data, .size = document->text.size};
    qw_paragraph_t *paragraphs = NULL;
    size_t capacity = 0;
    qw_reason_t reason = {""};
    if (qw_document_layers (document, &bench.index, bench.layers, &paragraphs, &bench.paragraph_count, &capacity, &reason))
        fail_msg ("refused: %s", reason.text);
    assert_true (bench.paragraph_count <= 64);
    if (bench.paragraph_count)
        memcpy (bench.paragraphs, paragraphs, bench.paragraph_count * sizeof *paragraphs);
    free (paragraphs);
    assert_annotations (&bench, annotations);
    tear_down (&bench);
}

static void record_holds (const json_t *vector, qw_bytes_t record)
{
    qw_document_t document;
    qw_reason_t reason = {""};
    qw_status_t status = qw_document_read (&document, record.data, record.size, &reason);
    if (!json_is_true (json_object_get (vector, "valid"))) {
        assert_true (status == QW_INVALID || status == QW_DAMAGED);
        assert_reason (vector, &reason);
        return;
    }
    if (status)
        fail_msg ("refused: %s", reason.text);
    assert_int_equal (qw_document_size (record.data, record.size), record.size);
    json_t *value = json_object_get (vector, "json"), *got = document_json (&document);
    json_t *annotations = json_object_get (vector, "annotations");
    if (annotations)
        assert_record_says (&document, annotations);
    if (json_is_true (json_object_get (vector, "canonical"))) {
        assert_json_equal (value, got);
        assert_record_is_written (value, record);
    } else {
        json_t *known = json_copy (value);
        const char *key;
        void *next;
        json_t *ignored;
        json_object_foreach_safe (known, next, key, ignored)
            if (!json_object_get (got, key))
                json_object_del (known, key);
        assert_json_equal (known, got);
        json_decref (known);
    }
    json_decref (got);
}

/* ---- a segment and its index ----------------------------------------------------------------------------------------- */

static void entry_holds (const json_t *expected, const json_t *value, const qw_entry_t *entry)
{
    XXH128_canonical_t hash;
    const json_t *id = json_object_get (value, "id");
    XXH128_canonicalFromHash (&hash, XXH3_128bits (json_string_value (id), json_string_length (id)));
    assert_memory_equal (entry->id_hash, hash.digest, sizeof entry->id_hash);
    json_t *got = json_pack ("{s:I, s:I, s:I, s:o, s:I, s:I, s:I, s:I}", "offset", (json_int_t) entry->offset, "size",
                             (json_int_t) entry->size, "crc32c", (json_int_t) entry->crc32c, "id_hash",
                             vector_hex ((qw_bytes_t){(const char *) entry->id_hash, 16}), "flags", (json_int_t) entry->flags,
                             "tokens", (json_int_t) entry->tokens, "mentions", (json_int_t) entry->mentions, "quotes",
                             (json_int_t) entry->quotes);
    assert_json_equal ((json_t *) expected, got);
    json_decref (got);
}

/* The index is the struct qw_entry_t as it lies in memory of a little-endian machine, behind 16 bytes of head. */
static void segment_holds (const json_t *vector, qw_bytes_t segment)
{
    qw_bytes_t index = vector_bytes (vector_text (vector, "index_hex"));
    const json_t *entries = json_object_get (vector, "entries"), *records = json_object_get (vector, "json");
    assert_int_equal (sizeof (qw_entry_t), 48);
    assert_int_equal (index.size, 16 + 48 * json_array_size (records));
    assert_memory_equal (index.data, "QWINDEX1", 8);
    assert_int_equal (index.data[8], json_integer_value (json_object_get (vector, "first_position")));
    size_t at = 0;
    for (size_t i = 0; i < json_array_size (records); i++) {
        qw_entry_t entry;
        memcpy (&entry, index.data + 16 + 48 * i, sizeof entry);
        entry_holds (json_array_get (entries, i), json_array_get (records, i), &entry);
        assert_int_equal (entry.offset, at);
        assert_int_equal (entry.size, qw_document_size (segment.data + at, segment.size - at));
        qw_document_t document;
        assert_int_equal (qw_document_read (&document, segment.data + at, entry.size, NULL), QW_OK);
        json_t *got = document_json (&document);
        assert_json_equal (json_array_get (records, i), got);
        json_decref (got);
        at += entry.size;
    }
    assert_int_equal (at, segment.size);
    free ((char *) index.data);
}

static void vector_holds (void **state)
{
    const json_t *vector = *state;
    const char *kind = vector_text (vector, "kind");
    qw_bytes_t bytes = vector_bytes (vector_text (vector, "hex"));
    if (strcmp (kind, "key") == 0)
        key_holds (vector);
    else if (strcmp (kind, "record") == 0)
        record_holds (vector, bytes);
    else if (strcmp (kind, "segment") == 0)
        segment_holds (vector, bytes);
    else
        layer_holds (vector, kind, bytes);
    free ((char *) bytes.data);
}

int main (void)
{
    const char *const folders[] = {"proto/vectors/layers", "proto/vectors/corpus"};
    return run_vectors (folders, 2, vector_holds);
}
