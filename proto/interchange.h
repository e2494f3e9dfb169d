/*  interchange.h - documents as JSON lines, the way in and out for tests and users. Offsets are code points.

        {"id", "text", ...metadata, "structure": [{"start", "end", "role"}], "tokens": [[s, e], ...],
         "sentences": [[s, e], ...], "entities": [{"start", "end", "type", "entity"}],
         "clusters": {key: {"name", "type"}}, "quotes": [{"start", "end", "type", "cue", "speaker_mention", "speaker", ...}]}
 */
#ifndef QW_INTERCHANGE_H
#define QW_INTERCHANGE_H

#include <jansson.h>

#include "proto/layers.h"

/* Adds the members structure, tokens, sentences, entities, clusters and quotes to `object`. Spans in `layers` and
 * `paragraphs` are bytes of `text` (valid UTF-8) and become code points. */
void qw_interchange_add_layers (json_t *object, const char *text, size_t size, const qw_paragraph_t *paragraphs,
                                size_t paragraph_count, const qw_layers_t *layers);

#endif
