/*  layer_codec.h - layers as MessagePack: small, and in code points.

    The same form travels from worker to sink (for a chunk) and stands in the corpus (for a document); PROTOCOL.md specifies
   it with decoders to copy. Most bytes are tokens, so these are a column of half bytes; mentions are one flat array of
   numbers; quotes, which are few, are an array each.

      tokens    {"by", "count", "spans": bin, "sentences": bin}
      entities  {"by", "mentions": [gap, length, type, cluster + 1 (0: none), ...],
                 "clusters": [mention whose words are the name, key | nil (nil: qw_key_of_name of the name), ...]}
      quotes    {"by", "quotes": [[start, length, type, flags, cue start, cue length, mention start, mention length,
                 how, confidence, speaker (cluster | true: the mention's words | words | nil), (via start, via length)?],
   ...], "statements"?: bin, five bytes a quote, the highest first}; a quote's start counts from the start of the quote before it,
   those of its cue, mention and via from its own start (they may be negative)
      structure {"by", "paragraphs": [gap, length, role, ...]}

    A layer that this program does not know is kept as its chunks' values: {"parts": [[start, length, value], ...]}.
 */
#ifndef QW_LAYER_CODEC_H
#define QW_LAYER_CODEC_H

#include "proto/layers.h"
#include "proto/mp.h"
#include "proto/utf8.h"

/* ---- the token column -------------------------------------------------------------------------------------------- */

/* Half bytes, the low half first. 1..12: the token begins one code point behind the last one's end and is that long; 13..15:
 * it follows at once and is 1..3 long; 0: two numbers follow, gap and length, each in half bytes of 3 bits, least first, the
 * fourth bit saying that more follow. `count` tokens; an odd half byte at the end is 0. */
typedef struct {
    uint8_t *bytes;
    size_t size, capacity; /* whole bytes in use */
    bool half;             /* the last byte's high half is free */
    uint32_t count;        /* tokens */
    uint32_t end;          /* code points up to the last token's end */
    qw_out_t sentences;    /* sentence lengths in tokens: 7 bits a byte, least first, 0x80 = more follow */
} qw_token_column_t;

void qw_token_column_init (qw_token_column_t *self);
void qw_token_column_free (qw_token_column_t *self);
void qw_token_column_reset (qw_token_column_t *self);
void qw_token_column_add (qw_token_column_t *self, uint32_t gap, uint32_t length);
void qw_token_column_add_sentence (qw_token_column_t *self, uint32_t tokens);

/* Appends a chunk's tokens layer, which must lie within `length` code points; `offset` is the chunk's place in the document.
 * A first chunk at offset 0 is copied as it is. QW_INVALID with a reason leaves the column as it was. */
qw_status_t qw_token_column_append (qw_token_column_t *self, qw_bytes_t layer, uint32_t offset, uint32_t length,
                                    qw_reason_t *reason);

/* Writes the column as a tokens layer. */
void qw_token_column_put (const qw_token_column_t *self, qw_bytes_t by, qw_out_t *out);

/* ---- layers to bytes --------------------------------------------------------------------------------------------- */

/* Each writes one layer. `index` is over the text that the spans are in; `scratch` is overwritten. */
void qw_put_tokens (const qw_layers_t *layers, const qw_utf8_index_t *index, qw_bytes_t by, qw_token_column_t *scratch,
                    qw_out_t *out);
void qw_put_entities (const qw_layers_t *layers, const qw_utf8_index_t *index, qw_bytes_t by, qw_out_t *out);
void qw_put_quotes (const qw_layers_t *layers, const qw_utf8_index_t *index, qw_bytes_t by, qw_out_t *out);
void qw_put_structure (qw_uints_t numbers, qw_bytes_t by, qw_out_t *out); /* the wire's triples */

/* Paragraphs as the flat triples of the wire, into `numbers` (room for 3 * count). Those of a chunk have spans of the chunk.
 */
void qw_structure_numbers (const qw_paragraph_t *paragraphs, size_t count, const qw_utf8_index_t *index, uint64_t *numbers);

/* ---- bytes to layers --------------------------------------------------------------------------------------------- */

/* Each appends one layer to `layers`, checked: inside [offset, offset + length) code points of the indexed text, in order,
 * with known types. Spans become bytes of the indexed text. `by` (may be NULL) gets the producer. QW_INVALID leaves
 * the lists as they were. A chunk's layer in the sink: offset and length of the chunk. A whole document: 0, index->length.
 * Where the layer is only to be checked, an index without a text (text NULL, size and length its code points) will do: spans
 * are then code points, and the words of names and speakers are left out.
 */
qw_status_t qw_get_tokens (qw_bytes_t layer, const qw_utf8_index_t *index, uint32_t offset, uint32_t length,
                           qw_layers_t *layers, qw_reason_t *reason);
qw_status_t qw_get_entities (qw_bytes_t layer, const qw_utf8_index_t *index, uint32_t offset, uint32_t length,
                             qw_layers_t *layers, qw_reason_t *reason);
qw_status_t qw_get_quotes (qw_bytes_t layer, const qw_utf8_index_t *index, uint32_t offset, uint32_t length,
                           qw_layers_t *layers, qw_reason_t *reason);

/* Whether a tokens layer is right for a text of `length` code points; `count` gets its tokens. */
qw_status_t qw_check_tokens (qw_bytes_t layer, uint32_t length, uint32_t *count, qw_reason_t *reason);

/* Whether the wire's triples are paragraphs of a text of `length` code points: inside of it, in order, of known roles. */
qw_status_t qw_check_structure (qw_uints_t numbers, size_t length, qw_reason_t *reason);

/* Paragraphs from the wire's triples; `paragraphs` has room for numbers.count / 3. */
qw_status_t qw_get_structure (qw_uints_t numbers, const qw_utf8_index_t *index, qw_paragraph_t *paragraphs, size_t *count,
                              qw_reason_t *reason);

/* The producer of a layer, its member "by"; empty when it has none. */
qw_bytes_t qw_layer_by (qw_bytes_t layer);

/* The key that a name has when nothing else is known: "person:choe-ryong-hae" of PERSON and "Choe Ryong Hae". The type's
 * prefix, then ASCII letters in lower case and digits as they are, other bytes from 0x80 on unchanged, every run of anything
 * else one hyphen, none at the ends. Writes at most `size` bytes, returns how many. */
size_t qw_key_of_name (qw_entity_type_t type, const char *name, size_t name_size, char *key, size_t size);

#endif
