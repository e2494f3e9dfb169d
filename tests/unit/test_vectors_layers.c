/* The layers of proto/vectors, in both directions: bytes to annotations and annotations to bytes. */
#include "vector_layers.h"

#include "proto/layer_codec.h"

static qw_status_t get_structure (vector_layers_t *bench, qw_bytes_t layer, qw_reason_t *reason)
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

static qw_status_t get_layer (vector_layers_t *bench, const char *kind, qw_bytes_t layer, qw_reason_t *reason)
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

static void put_layer (vector_layers_t *bench, const char *kind, qw_bytes_t by)
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
    else {
        uint64_t numbers[3 * 64];
        assert_true (bench->paragraph_count <= 64);
        qw_structure_numbers (bench->paragraphs, bench->paragraph_count, &bench->index, numbers);
        qw_put_structure ((qw_uints_t){numbers, 3 * bench->paragraph_count}, by, &bench->out);
    }
}

/* A quote names its speaker's cluster by number, so its vector brings the clusters along. */
static void fill_what_quotes_need (vector_layers_t *bench, const char *kind, const json_t *annotations)
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
    vector_layers_t bench;
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
    const char *type_name = json_string_value (json_array_get (value, 0)),
               *name = json_string_value (json_array_get (value, 1));
    qw_entity_type_t type;
    assert_true (qw_entity_type_of_name (type_name, strlen (type_name), &type));
    char key[200];
    size_t size = qw_key_of_name (type, name, strlen (name), key, sizeof key - 1);
    key[size] = 0;
    assert_string_equal (key, json_string_value (json_array_get (value, 2)));
}

static void vector_holds (void **state)
{
    const json_t *vector = *state;
    const char *kind = vector_text (vector, "kind");
    qw_bytes_t bytes = vector_bytes (vector_text (vector, "hex"));
    if (strcmp (kind, "key") == 0)
        key_holds (vector);
    else
        layer_holds (vector, kind, bytes);
    free ((char *) bytes.data);
}

int main (void)
{
    const char *const folders[] = {"proto/vectors/layers"};
    return run_vectors (folders, 1, vector_holds);
}
