/* The records of proto/vectors in both directions, and a segment with the index that belongs to it. */
#include "vector_layers.h"

#include "proto/document.h"
#include "sink/corpus_index.h"

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
    vector_layers_t bench = {.layers = qw_layers_new (), .text = document->text.data, .size = document->text.size};
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
    qw_bytes_t bytes = vector_bytes (vector_text (vector, "hex"));
    if (strcmp (vector_text (vector, "kind"), "record") == 0)
        record_holds (vector, bytes);
    else
        segment_holds (vector, bytes);
    free ((char *) bytes.data);
}

int main (void)
{
    const char *const folders[] = {"proto/vectors/corpus"};
    return run_vectors (folders, 1, vector_holds);
}
