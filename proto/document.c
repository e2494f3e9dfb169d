#include "proto/document.h"

#include <isa-l/crc.h>
#include <stdlib.h>

#include "proto/layer_codec.h"

static const char tail_key[7] = {'\xa6', 'c', 'r', 'c', '3', '2', 'c'};

static uint32_t crc_of (const void *bytes, size_t size)
{
    /* isa-l takes an int, so a record beyond 1 GiB goes in pieces */
    uint32_t crc = 0xffffffff;
    const unsigned char *at = bytes;
    while (size > 0) {
        size_t piece = size < (1u << 30) ? size : 1u << 30;
        crc = crc32_iscsi ((unsigned char *) at, (int) piece, crc);
        at += piece;
        size -= piece;
    }
    return ~crc;
}

uint32_t qw_document_crc (const void *bytes, size_t size)
{
    return size < QW_DOCUMENT_TAIL ? 0 : crc_of (bytes, size - QW_DOCUMENT_TAIL);
}

size_t qw_document_size (const void *bytes, size_t size)
{
    qw_mp_t reader;
    qw_mp_open (&reader, bytes, size, NULL);
    return qw_mp_peek (&reader) == QW_MP_MAP ? qw_mp_skip (&reader).size : 0;
}

static qw_bytes_t get_map (qw_mp_t *reader, const char *field)
{
    if (qw_mp_peek (reader) != QW_MP_MAP)
        qw_mp_refuse (reader, "field '%s' is not a map", field);
    return qw_mp_skip (reader);
}

static void get_failed (qw_mp_t *reader, qw_document_t *self)
{
    self->failed = true;
    for (uint32_t pairs = qw_mp_map (reader, "failed"); pairs > 0 && !reader->failed; pairs--) {
        qw_bytes_t key = qw_mp_str (reader, "a key of failed");
        if (qw_bytes_are (key, "reason"))
            self->reason = qw_mp_str (reader, "failed.reason");
        else if (qw_bytes_are (key, "holes")) {
            if (qw_mp_peek (reader) != QW_MP_ARRAY)
                qw_mp_refuse (reader, "field 'failed.holes' is not an array");
            self->holes = qw_mp_skip (reader);
        } else
            qw_mp_skip (reader);
    }
}

static void get_member (qw_mp_t *reader, qw_bytes_t key, qw_document_t *self)
{
    if (qw_bytes_are (key, "id"))
        self->id = qw_mp_str (reader, "id");
    else if (qw_bytes_are (key, "sequence"))
        self->sequence = qw_mp_uint (reader, "sequence");
    else if (qw_bytes_are (key, "source"))
        self->source = get_map (reader, "source");
    else if (qw_bytes_are (key, "metadata"))
        self->metadata = get_map (reader, "metadata");
    else if (qw_bytes_are (key, "text"))
        self->text = qw_mp_str (reader, "text");
    else if (qw_bytes_are (key, "failed"))
        get_failed (reader, self);
    else if (qw_bytes_are (key, "supersedes"))
        self->supersedes = qw_mp_uint (reader, "supersedes");
    else if (qw_bytes_are (key, "dropped"))
        self->dropped = qw_mp_bool (reader, "dropped");
    else if (qw_bytes_are (key, "layers"))
        self->layers = get_map (reader, "layers");
    else if (qw_bytes_are (key, "crc32c"))
        self->crc32c = (uint32_t) qw_mp_uint (reader, "crc32c");
    else
        qw_mp_skip (reader);
}

qw_status_t qw_document_read (qw_document_t *self, const void *bytes, size_t size, qw_reason_t *reason)
{
    memset (self, 0, sizeof *self);
    if (size < QW_DOCUMENT_TAIL + 1
        || memcmp ((const char *) bytes + size - QW_DOCUMENT_TAIL, tail_key, sizeof tail_key) != 0)
        return qw_fail (QW_INVALID, reason, "the record does not end with its checksum");
    qw_mp_t reader;
    qw_mp_open (&reader, bytes, size, reason);
    for (uint32_t pairs = qw_mp_map (&reader, "record"); pairs > 0 && !reader.failed; pairs--) {
        qw_bytes_t key = qw_mp_str (&reader, "a key of the record");
        get_member (&reader, key, self);
    }
    if (!reader.failed && reader.at != reader.end)
        qw_mp_refuse (&reader, "the record has bytes left over");
    if (!reader.failed && (!self->id.data || !self->source.data || !self->text.data || !self->layers.data))
        qw_mp_refuse (&reader, "the record lacks its id, source, text or layers");
    if (qw_mp_status (&reader))
        return QW_INVALID;
    if (qw_document_crc (bytes, size) != self->crc32c)
        return qw_fail (QW_DAMAGED, reason, "the record's checksum does not match");
    return QW_OK;
}

qw_bytes_t qw_document_layer (const qw_document_t *self, const char *name)
{
    qw_mp_t reader;
    qw_mp_open (&reader, self->layers.data, self->layers.size, NULL);
    for (uint32_t pairs = qw_mp_map (&reader, "layers"); pairs > 0 && !reader.failed; pairs--) {
        bool found = qw_bytes_are (qw_mp_str (&reader, "layer"), name);
        qw_bytes_t layer = qw_mp_skip (&reader);
        if (found)
            return layer;
    }
    return (qw_bytes_t){NULL, 0};
}

/* The flat numbers of a structure layer; the caller frees items. */
static qw_status_t read_paragraph_numbers (qw_bytes_t layer, qw_uints_t *numbers, qw_reason_t *reason)
{
    qw_mp_t reader;
    qw_mp_open (&reader, layer.data, layer.size, reason);
    for (uint32_t pairs = qw_mp_map (&reader, "structure"); pairs > 0 && !reader.failed; pairs--) {
        if (!qw_bytes_are (qw_mp_str (&reader, "a key of structure"), "paragraphs") || numbers->items) {
            qw_mp_skip (&reader);
            continue;
        }
        uint32_t count = qw_mp_array (&reader, "paragraphs");
        numbers->items = malloc ((count + 1) * sizeof *numbers->items);
        if (!numbers->items)
            return QW_NO_MEMORY;
        for (; numbers->count < count && !reader.failed; numbers->count++)
            numbers->items[numbers->count] = qw_mp_uint (&reader, "paragraphs");
    }
    return qw_mp_status (&reader);
}

static qw_status_t read_structure (qw_bytes_t layer, const qw_utf8_index_t *index, qw_paragraph_t **paragraphs,
                                   size_t *count, size_t *capacity, qw_reason_t *reason)
{
    qw_uints_t numbers = {0};
    qw_status_t status = read_paragraph_numbers (layer, &numbers, reason);
    if (!status && numbers.count / 3 > *capacity) {
        qw_paragraph_t *grown = realloc (*paragraphs, numbers.count / 3 * sizeof *grown);
        if (!grown)
            abort ();
        *paragraphs = grown;
        *capacity = numbers.count / 3;
    }
    if (!status)
        status = qw_get_structure (numbers, index, *paragraphs, count, reason);
    free (numbers.items);
    return status;
}

qw_status_t qw_document_layers (const qw_document_t *self, qw_utf8_index_t *index, qw_layers_t *layers,
                                qw_paragraph_t **paragraphs, size_t *count, size_t *capacity, qw_reason_t *reason)
{
    qw_utf8_index_reset (index, self->text.data, self->text.size);
    qw_layers_clear (layers);
    *count = 0;
    uint32_t length = (uint32_t) index->length;
    qw_status_t status = QW_OK;
    qw_bytes_t layer = qw_document_layer (self, "structure");
    if (layer.data)
        status = read_structure (layer, index, paragraphs, count, capacity, reason);
    layer = qw_document_layer (self, "tokens");
    if (layer.data && !status)
        status = qw_get_tokens (layer, index, 0, length, layers, reason);
    layer = qw_document_layer (self, "entities");
    if (layer.data && !status)
        status = qw_get_entities (layer, index, 0, length, layers, reason);
    layer = qw_document_layer (self, "quotes");
    if (layer.data && !status)
        status = qw_get_quotes (layer, index, 0, length, layers, reason);
    return status;
}

void qw_document_begin (qw_out_t *out, const qw_document_t *head, size_t layer_count)
{
    qw_put_map (out, 6u + (head->metadata.data != NULL) + head->failed + (head->supersedes > 0) + head->dropped);
    qw_put_key (out, "id");
    qw_put_str (out, head->id);
    qw_put_key (out, "sequence");
    qw_put_uint (out, head->sequence);
    qw_put_key (out, "source");
    qw_put_raw (out, head->source);
    if (head->metadata.data) {
        qw_put_key (out, "metadata");
        qw_put_raw (out, head->metadata);
    }
    qw_put_key (out, "text");
    qw_put_str (out, head->text);
    if (head->failed) {
        qw_put_key (out, "failed");
        qw_put_map (out, head->holes.data ? 2 : 1);
        qw_put_key (out, "reason");
        qw_put_str (out, head->reason);
        if (head->holes.data) {
            qw_put_key (out, "holes");
            qw_put_raw (out, head->holes);
        }
    }
    if (head->supersedes) {
        qw_put_key (out, "supersedes");
        qw_put_uint (out, head->supersedes);
    }
    if (head->dropped) {
        qw_put_key (out, "dropped");
        qw_put_bool (out, true);
    }
    qw_put_key (out, "layers");
    qw_put_map (out, layer_count);
}

void qw_document_end (qw_out_t *out, size_t begin)
{
    uint32_t crc = crc_of (out->buffer.data + begin, out->buffer.size - begin);
    char tail[QW_DOCUMENT_TAIL];
    memcpy (tail, tail_key, sizeof tail_key);
    tail[7] = '\xce';
    for (int i = 0; i < 4; i++)
        tail[8 + i] = (char) (crc >> (24 - 8 * i));
    qw_put_raw (out, (qw_bytes_t){tail, sizeof tail});
}
