/*  interchange.h - documents as JSON lines, the way in and out for tests and users. Offsets are code points.

        {"id", "text", ...metadata, "structure": [{"start", "end", "role"}], "tokens": [[s, e], ...],
         "sentences": [[s, e], ...], "entities": [{"start", "end", "type", "entity"}],
         "clusters": {key: {"name", "type"}}, "quotes": [{"start", "end", "type", "cue", "speaker_mention", "speaker",
    "entity", "via"?, "speech", "how", "confidence", "statement"}], "failed"?: {"reason", "holes"?: [{"start", "end", "layers",
    "reason"}]}, "layers"?: {name: value}, "metadata"?: {...}}

    A member of the metadata whose name is one of these stands in "metadata", so that it can't be taken for ours.
    "layers" has what other people's workers made.
 */
#ifndef QW_INTERCHANGE_H
#define QW_INTERCHANGE_H

#include "proto/document.h"
#include "proto/json_out.h"

/* True for the names of the members above. */
bool qw_interchange_is_reserved (qw_bytes_t name);

/* Appends `,"structure":[...],"tokens":[...]` and so on up to the quotes. `index` is over the text, in whose bytes the
 * spans are. */
void qw_interchange_put_layers (qw_json_out_t *out, const qw_utf8_index_t *index, const qw_paragraph_t *paragraphs,
                                size_t paragraph_count, const qw_layers_t *layers);

/* Writes records as objects; holds the memory that this takes from one record to the next. */
typedef struct qw_interchange_t qw_interchange_t;

qw_interchange_t *qw_interchange_new (void);
void qw_interchange_destroy (qw_interchange_t **self_p);

/* The structure of the document written last; spans in bytes. Holds until the next one. */
const qw_paragraph_t *qw_interchange_structure (const qw_interchange_t *self, size_t *count);

/* Whether tokens and sentences are written: by default they are. */
void qw_interchange_set_tokens (qw_interchange_t *self, bool wanted);

/* Appends the object of a document, without a line end. Layers that the record does not have are left out. With
 * `place`, the members "position", "sequence", "source", and "supersedes" (a position) and "dropped" if so, say where
 * the record stands and comes from. After an error `out` is as it was. */
qw_status_t qw_interchange_put_document (qw_interchange_t *self, qw_json_out_t *out, const qw_document_t *document,
                                         const uint64_t *place, qw_reason_t *reason);

#endif
