/* The records of proto/vectors in both directions, and a segment with the index that belongs to it. */
#include "vector_layers.h"

#include "proto/document.h"
#include "sink/corpus_index.h"

/* ---- records ----------------------------------------------------------------------------------------------------- */

static json_t *document_json (const qw_document_t *document)
{
    json_t *value = json_pack ("{s:o, s:o, s:o, s:o, s:o, s:o}", "id",
                               json_stringn (document->id.data, document->id.size), "sequence",
                               json_of_uint (document->sequence), "source", json_of_bytes (document->source), "text",
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
    if (qw_document_layers (document, &bench.index, bench.layers, &paragraphs, &bench.paragraph_count, &capacity,
                            &reason))
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
        json_object_foreach_safe (known, next, key, ignored) if (!json_object_get (got, key))
            json_object_del (known, key);
        assert_json_equal (known, got);
        json_decref (known);
    }
    json_decref (got);
}

/* ---- a segment and its index ------------------------------------------------------------------------------------- */

static json_t *entry_json (const qw_entry_t *entry)
{
    return json_pack ("{s:I, s:I, s:I, s:o, s:I, s:I, s:I, s:I}", "offset", (json_int_t) entry->offset, "size",
                      (json_int_t) entry->size, "crc32c", (json_int_t) entry->crc32c, "id_hash",
                      vector_hex ((qw_bytes_t){(const char *) entry->id_hash, 16}), "flags", (json_int_t) entry->flags,
                      "tokens", (json_int_t) entry->tokens, "mentions", (json_int_t) entry->mentions, "quotes",
                      (json_int_t) entry->quotes);
}

/* Builds the index anew from the segment's bytes, as the sink does when it is lost. */
static void segment_holds (const json_t *vector, qw_bytes_t segment)
{
    qw_bytes_t index = vector_bytes (vector_text (vector, "index_hex"));
    const json_t *entries = json_object_get (vector, "entries"), *records = json_object_get (vector, "json");
    uint8_t built[QW_INDEX_HEAD + 16 * QW_ENTRY_BYTES];
    assert_true (json_array_size (records) <= 16);
    qw_index_head_encode (uint_of_json (json_object_get (vector, "first_position")), built);
    size_t at = 0, size = QW_INDEX_HEAD;
    for (size_t i = 0; i < json_array_size (records); i++, size += QW_ENTRY_BYTES) {
        qw_bytes_t record = {segment.data + at, qw_document_size (segment.data + at, segment.size - at)};
        qw_document_t document;
        assert_int_equal (qw_document_read (&document, record.data, record.size, NULL), QW_OK);
        json_t *value = document_json (&document);
        assert_json_equal (json_array_get (records, i), value);
        json_decref (value);
        qw_entry_t entry;
        assert_int_equal (qw_entry_of_record (&entry, record, NULL, NULL), QW_OK);
        entry.offset = at;
        value = entry_json (&entry);
        assert_json_equal (json_array_get (entries, i), value);
        json_decref (value);
        qw_entry_encode (&entry, built + size);
        at += record.size;
    }
    assert_int_equal (at, segment.size);
    assert_bytes_equal (index, (qw_bytes_t){(char *) built, size});
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
