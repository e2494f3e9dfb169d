/*  vector_layers.h - annotations, as the vectors tell them, from and to our layers. */
#ifndef QW_TEST_VECTOR_LAYERS_H
#define QW_TEST_VECTOR_LAYERS_H

#include <inttypes.h>
#include <stdlib.h>

#include "vectors.h"

#include "proto/layers.h"
#include "proto/utf8.h"

typedef struct {
    const char *text;
    size_t size;
    qw_utf8_index_t index;
    qw_layers_t *layers;
    qw_paragraph_t paragraphs[64];
    size_t paragraph_count;
    qw_out_t out;
} vector_layers_t;

static inline void set_up (vector_layers_t *bench, const json_t *vector)
{
    const json_t *text = json_object_get (vector, "text");
    *bench = (vector_layers_t){.text = text ? json_string_value (text) : "", .size = json_string_length (text)};
    qw_utf8_index_reset (&bench->index, bench->text, bench->size);
    bench->layers = qw_layers_new ();
    qw_out_init (&bench->out);
}

static inline void tear_down (vector_layers_t *bench)
{
    qw_utf8_index_free (&bench->index);
    qw_layers_destroy (&bench->layers);
    qw_out_free (&bench->out);
}

/* ---- annotations to our structs ---------------------------------------------------------------------------------- */

static inline uint32_t byte_at (const vector_layers_t *bench, const json_t *point)
{
    return qw_utf8_index_byte (&bench->index, (uint32_t) json_integer_value (point));
}

static inline qw_span_t span_of (const vector_layers_t *bench, const json_t *start, const json_t *end)
{
    return (qw_span_t){byte_at (bench, start), byte_at (bench, end)};
}

static inline qw_span_t pair_of (const vector_layers_t *bench, const json_t *object, const char *key)
{
    const json_t *pair = json_object_get (object, key);
    return json_is_array (pair) ? span_of (bench, json_array_get (pair, 0), json_array_get (pair, 1)) : (qw_span_t){0, 0};
}

static inline qw_span_t own_span (const vector_layers_t *bench, const json_t *object)
{
    return span_of (bench, json_object_get (object, "start"), json_object_get (object, "end"));
}

#define NAMED(lookup, object, key, value) \
    assert_true (lookup (vector_text (object, key), strlen (vector_text (object, key)), value))

static inline qw_string_t add_string (vector_layers_t *bench, const char *text)
{
    return qw_layers_add_string (bench->layers, text, strlen (text));
}

static inline void fill_tokens (vector_layers_t *bench, const json_t *annotations)
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

static inline void fill_clusters (vector_layers_t *bench, const json_t *annotations)
{
    const char *key;
    const json_t *value;
    json_object_foreach (json_object_get (annotations, "clusters"), key, value) {
        qw_cluster_t cluster = {.name = add_string (bench, vector_text (value, "name")), .key = add_string (bench, key)};
        NAMED (qw_entity_type_of_name, value, "type", &cluster.type);
        *qw_layers_add_cluster (bench->layers) = cluster;
    }
}

static inline uint32_t cluster_of (const vector_layers_t *bench, const json_t *object)
{
    const json_t *key = json_object_get (object, "entity");
    for (uint32_t i = 0; json_is_string (key) && i < bench->layers->cluster_count; i++) {
        qw_string_t other = bench->layers->clusters[i].key;
        if (qw_bytes_are ((qw_bytes_t){qw_layers_string (bench->layers, other), other.size}, json_string_value (key)))
            return i;
    }
    return QW_NO_CLUSTER;
}

static inline void fill_mentions (vector_layers_t *bench, const json_t *annotations)
{
    const json_t *value;
    size_t i;
    json_array_foreach (json_object_get (annotations, "entities"), i, value) {
        qw_mention_t mention = {.span = own_span (bench, value), .cluster = cluster_of (bench, value)};
        NAMED (qw_entity_type_of_name, value, "type", &mention.type);
        *qw_layers_add_mention (bench->layers) = mention;
    }
}

static inline void fill_quotes (vector_layers_t *bench, const json_t *annotations)
{
    const json_t *value;
    size_t i;
    json_array_foreach (json_object_get (annotations, "quotes"), i, value) {
        const json_t *speaker = json_object_get (value, "speaker");
        const char *statement = json_string_value (json_object_get (value, "statement"));
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
            .statement = statement ? strtoull (statement, NULL, 16) : 0,
        };
        if (json_is_string (speaker))
            quote.speaker = add_string (bench, json_string_value (speaker));
        NAMED (qw_quote_type_of_name, value, "type", &quote.type);
        NAMED (qw_how_of_name, value, "how", &quote.how);
        *qw_layers_add_quote (bench->layers) = quote;
    }
}

static inline void fill_structure (vector_layers_t *bench, const json_t *annotations)
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

/* ---- our structs to annotations ---------------------------------------------------------------------------------- */

static inline json_t *json_of_point (const vector_layers_t *bench, uint32_t byte)
{
    return json_integer (qw_utf8_index_point (&bench->index, byte));
}

static inline json_t *json_of_pair (const vector_layers_t *bench, qw_span_t span)
{
    return qw_span_is_empty (span)
               ? json_null ()
               : json_pack ("[o, o]", json_of_point (bench, span.start), json_of_point (bench, span.end));
}

static inline json_t *json_of_string (const vector_layers_t *bench, qw_string_t string)
{
    return string.size ? json_stringn (qw_layers_string (bench->layers, string), string.size) : json_null ();
}

static inline json_t *json_of_cluster (const vector_layers_t *bench, uint32_t cluster)
{
    return cluster == QW_NO_CLUSTER ? json_null () : json_of_string (bench, bench->layers->clusters[cluster].key);
}

static inline json_t *json_of_tokens (const vector_layers_t *bench)
{
    json_t *list = json_array ();
    for (size_t i = 0; i < bench->layers->token_count; i++)
        json_array_append_new (list, json_of_pair (bench, bench->layers->tokens[i]));
    return list;
}

static inline json_t *json_of_sentences (const vector_layers_t *bench)
{
    json_t *list = json_array ();
    for (size_t i = 0; i < bench->layers->sentence_count; i++) {
        qw_sentence_t sentence = bench->layers->sentences[i];
        assert_true (sentence.first < sentence.end && sentence.end <= bench->layers->token_count);
        qw_span_t span = {bench->layers->tokens[sentence.first].start, bench->layers->tokens[sentence.end - 1].end};
        json_array_append_new (list, json_of_pair (bench, span));
    }
    return list;
}

static inline json_t *json_of_mentions (const vector_layers_t *bench)
{
    json_t *list = json_array ();
    for (size_t i = 0; i < bench->layers->mention_count; i++) {
        const qw_mention_t *mention = &bench->layers->mentions[i];
        json_array_append_new (
            list, json_pack ("{s:o, s:o, s:s, s:o}", "start", json_of_point (bench, mention->span.start), "end",
                             json_of_point (bench, mention->span.end), "type", qw_entity_type_name (mention->type),
                             "entity", json_of_cluster (bench, mention->cluster)));
    }
    return list;
}

static inline json_t *json_of_clusters (const vector_layers_t *bench)
{
    json_t *map = json_object ();
    for (uint32_t i = 0; i < bench->layers->cluster_count; i++) {
        const qw_cluster_t *cluster = &bench->layers->clusters[i];
        json_t *key = json_of_string (bench, cluster->key);
        json_object_set_new (map, json_string_value (key),
                             json_pack ("{s:o, s:s}", "name", json_of_string (bench, cluster->name), "type",
                                        qw_entity_type_name (cluster->type)));
        json_decref (key);
    }
    return map;
}

static inline json_t *json_of_quotes (const vector_layers_t *bench)
{
    json_t *list = json_array ();
    for (size_t i = 0; i < bench->layers->quote_count; i++) {
        const qw_quote_t *quote = &bench->layers->quotes[i];
        json_t *value = json_pack (
            "{s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:b, s:s, s:i, s:b, s:b}", "start",
            json_of_point (bench, quote->span.start), "end", json_of_point (bench, quote->span.end), "type",
            qw_quote_type_name (quote->type), "cue", json_of_pair (bench, quote->cue), "speaker_mention",
            json_of_pair (bench, quote->speaker_mention), "speaker", json_of_string (bench, quote->speaker), "entity",
            json_of_cluster (bench, quote->cluster), "speech", quote->speech, "how", qw_how_name (quote->how),
            "confidence", quote->confidence, "opens_before", quote->opens_before, "runs_on", quote->runs_on);
        char statement[16];
        snprintf (statement, sizeof statement, "%010" PRIx64, quote->statement);
        json_object_set_new (value, "statement", quote->statement ? json_string (statement) : json_null ());
        if (!qw_span_is_empty (quote->via))
            json_object_set_new (value, "via", json_of_pair (bench, quote->via));
        json_array_append_new (list, value);
    }
    return list;
}

static inline json_t *json_of_structure (const vector_layers_t *bench)
{
    json_t *list = json_array ();
    for (size_t i = 0; i < bench->paragraph_count; i++) {
        const qw_paragraph_t *paragraph = &bench->paragraphs[i];
        json_array_append_new (list, json_pack ("{s:o, s:o, s:s}", "start", json_of_point (bench, paragraph->span.start),
                                                "end", json_of_point (bench, paragraph->span.end), "role",
                                                qw_role_name (paragraph->role)));
    }
    return list;
}

/* Compares what the vector's annotations tell; a layer's vector has only its own. */
static inline void assert_annotations (const vector_layers_t *bench, const json_t *annotations)
{
    json_t *all = json_pack ("{s:o, s:o, s:o, s:o, s:o, s:o}", "tokens", json_of_tokens (bench), "sentences",
                             json_of_sentences (bench), "entities", json_of_mentions (bench), "clusters",
                             json_of_clusters (bench), "quotes", json_of_quotes (bench), "structure",
                             json_of_structure (bench));
    json_t *value;
    const char *key;
    assert_non_null (all);
    assert_true (json_object_size (annotations) > 0);
    json_object_foreach ((json_t *) annotations, key, value) assert_json_equal (value, json_object_get (all, key));
    json_decref (all);
}

#endif
