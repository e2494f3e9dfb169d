/*  document.h - one record of the corpus: a document, annotated or failed.

    A MessagePack map: "id", "sequence", "source", "metadata" (if any), "text", "failed" (if it is: {"reason", "holes":
    [[start, length, [layer, ...], reason], ...]}), "supersedes" and "dropped" (if so), "layers" {name: layer}, and last
    "crc32c", the CRC-32C of all bytes of the record before that key. So a record proves itself; an index is never needed
    to trust it.

    Recipe for a change: new keys go before "crc32c" and are optional for readers. QW_DOCUMENT_TAIL never changes.
 */
#ifndef QW_DOCUMENT_H
#define QW_DOCUMENT_H

#include "proto/layers.h"
#include "proto/mp.h"
#include "proto/utf8.h"

enum { QW_DOCUMENT_TAIL = 12 /* bytes: the key "crc32c" (7) and a uint32 in its 5-byte form */ };

/* A record, taken apart; everything points into its bytes. */
typedef struct {
    qw_bytes_t id, source, metadata, text; /* source and metadata: maps; metadata.data NULL: none */
    uint64_t sequence;
    bool failed;
    qw_bytes_t reason;   /* why it failed */
    qw_bytes_t holes;    /* the array of holes; data NULL: none */
    uint64_t supersedes; /* 1 + position of the failed document in whose place this one stands; 0: none */
    bool dropped;        /* a failed document that was dropped by its owner: no text, no layers */
    qw_bytes_t layers;   /* map: name -> layer */
    uint32_t crc32c;
} qw_document_t;

/* Bytes of the record at the front of `bytes`; 0 when it is cut off or is not MessagePack. Looks at lengths only. */
size_t qw_document_size (const void *bytes, size_t size);

/* Takes apart a record of exactly `size` bytes. QW_DAMAGED: the checksum does not match; QW_INVALID: no such record. */
qw_status_t qw_document_read (qw_document_t *self, const void *bytes, size_t size, qw_reason_t *reason);

/* The record's checksum, as it must be: over all but the tail. */
uint32_t qw_document_crc (const void *bytes, size_t size);

/* The named layer; data NULL when there is none. */
qw_bytes_t qw_document_layer (const qw_document_t *self, const char *name);

/* Decodes the document's own layers into `layers` (cleared first) and its structure into *paragraphs (a block grown with
 * realloc; *count and *capacity in items). `index` is reset to the text. Layers that are not there stay empty. */
qw_status_t qw_document_layers (const qw_document_t *self, qw_utf8_index_t *index, qw_layers_t *layers,
                                qw_paragraph_t **paragraphs, size_t *count, size_t *capacity, qw_reason_t *reason);

/* ---- writing a record -------------------------------------------------------------------------------------------- */

/* Writes everything up to the layers' map, whose `layer_count` pairs the caller then puts (names in order of bytes), and
 * ends with qw_document_end. `holes` is an encoded array. */
void qw_document_begin (qw_out_t *out, const qw_document_t *head, size_t layer_count);

/* Appends the checksum of what stands in `out` from byte `begin` on. */
void qw_document_end (qw_out_t *out, size_t begin);

#endif
