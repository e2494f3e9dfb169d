#include "proto/interchange.h"

#include "proto/utf8.h"

static json_t *point_of (const qw_utf8_index_t *index, uint32_t byte)
{
    return json_integer (qw_utf8_index_point (index, byte));
}

static json_t *pair_of (const qw_utf8_index_t *index, qw_span_t span)
{
    json_t *pair = json_array ();
    json_array_append_new (pair, point_of (index, span.start));
    json_array_append_new (pair, point_of (index, span.end));
    return pair;
}

static json_t *pair_or_null (const qw_utf8_index_t *index, qw_span_t span)
{
    return qw_span_is_empty (span) ? json_null () : pair_of (index, span);
}

static json_t *object_of_span (const qw_utf8_index_t *index, qw_span_t span)
{
    json_t *object = json_object ();
    json_object_set_new (object, "start", point_of (index, span.start));
    json_object_set_new (object, "end", point_of (index, span.end));
    return object;
}

static json_t *text_of (const qw_layers_t *layers, qw_string_t string)
{
    return string.size ? json_stringn_nocheck (qw_layers_string (layers, string), string.size) : json_null ();
}

static json_t *key_of (const qw_layers_t *layers, uint32_t cluster)
{
    return cluster < layers->cluster_count ? text_of (layers, layers->clusters[cluster].key) : json_null ();
}

static json_t *tokens_of (const qw_utf8_index_t *index, const qw_layers_t *layers)
{
    json_t *list = json_array ();
    for (size_t i = 0; i < layers->token_count; i++)
        json_array_append_new (list, pair_of (index, layers->tokens[i]));
    return list;
}

static json_t *sentences_of (const qw_utf8_index_t *index, const qw_layers_t *layers)
{
    json_t *list = json_array ();
    for (size_t i = 0; i < layers->sentence_count; i++) {
        qw_sentence_t sentence = layers->sentences[i];
        qw_span_t span = {layers->tokens[sentence.first].start, layers->tokens[sentence.end - 1].end};
        json_array_append_new (list, pair_of (index, span));
    }
    return list;
}

static json_t *entities_of (const qw_utf8_index_t *index, const qw_layers_t *layers)
{
    json_t *list = json_array ();
    for (size_t i = 0; i < layers->mention_count; i++) {
        const qw_mention_t *mention = &layers->mentions[i];
        json_t *object = object_of_span (index, mention->span);
        json_object_set_new (object, "type", json_string (qw_entity_type_name (mention->type)));
        json_object_set_new (object, "entity", key_of (layers, mention->cluster));
        json_array_append_new (list, object);
    }
    return list;
}

static json_t *clusters_of (const qw_layers_t *layers)
{
    json_t *map = json_object ();
    for (size_t i = 0; i < layers->cluster_count; i++) {
        const qw_cluster_t *cluster = &layers->clusters[i];
        json_t *object = json_object ();
        json_object_set_new (object, "name", text_of (layers, cluster->name));
        json_object_set_new (object, "type", json_string (qw_entity_type_name (cluster->type)));
        json_object_setn_new_nocheck (map, qw_layers_string (layers, cluster->key), cluster->key.size, object);
    }
    return map;
}

static json_t *quotes_of (const qw_utf8_index_t *index, const qw_layers_t *layers)
{
    json_t *list = json_array ();
    for (size_t i = 0; i < layers->quote_count; i++) {
        const qw_quote_t *quote = &layers->quotes[i];
        json_t *object = object_of_span (index, quote->span);
        json_object_set_new (object, "type", json_string (qw_quote_type_name (quote->type)));
        json_object_set_new (object, "cue", pair_or_null (index, quote->cue));
        json_object_set_new (object, "speaker_mention", pair_or_null (index, quote->speaker_mention));
        json_object_set_new (object, "speaker", text_of (layers, quote->speaker));
        json_object_set_new (object, "entity", key_of (layers, quote->cluster));
        if (!qw_span_is_empty (quote->via))
            json_object_set_new (object, "via", pair_of (index, quote->via));
        json_object_set_new (object, "speech", json_boolean (quote->speech));
        json_object_set_new (object, "how", json_string (qw_how_name (quote->how)));
        json_object_set_new (object, "confidence", json_integer (quote->confidence));
        json_array_append_new (list, object);
    }
    return list;
}

void qw_interchange_add_layers (json_t *object, const char *text, size_t size, const qw_paragraph_t *paragraphs,
                                size_t paragraph_count, const qw_layers_t *layers)
{
    qw_utf8_index_t index = {0};
    qw_utf8_index_reset (&index, text, size);
    json_t *structure = json_array ();
    for (size_t i = 0; i < paragraph_count; i++) {
        json_t *paragraph = object_of_span (&index, paragraphs[i].span);
        json_object_set_new (paragraph, "role", json_string (qw_role_name (paragraphs[i].role)));
        json_array_append_new (structure, paragraph);
    }
    json_object_set_new (object, "structure", structure);
    json_object_set_new (object, "tokens", tokens_of (&index, layers));
    json_object_set_new (object, "sentences", sentences_of (&index, layers));
    json_object_set_new (object, "entities", entities_of (&index, layers));
    json_object_set_new (object, "clusters", clusters_of (layers));
    json_object_set_new (object, "quotes", quotes_of (&index, layers));
    qw_utf8_index_free (&index);
}
