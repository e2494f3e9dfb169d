/*  annotator.h - the one interface between the pipeline and what understands language.

    An annotator is pure: text in, layer out. It opens no file and no socket, reads no clock and keeps no state from one
    chunk to the next; the same chunk and model give the same layer, byte for byte, on every machine. A crash, a retry or
    a different number of workers can thus never show in the corpus.

    An annotator gets one chunk: a whole article nearly always, otherwise some of its paragraphs. What crosses a chunk's
    border is settled later by the sink's resolution (sink/resolve/resolve.h), from the quotes' opens_before and runs_on
    and from the names of the whole document.
 */
#ifndef QW_ANNOTATOR_H
#define QW_ANNOTATOR_H

#include <stdbool.h>

#include "proto/layers.h"
#include "proto/status.h"

/* What is annotated. The bytes belong to the caller and outlive the call. */
typedef struct {
    const char *text;                 /* valid UTF-8, no NUL at the end */
    size_t size;                      /* bytes; at most QW_MAX_CHUNK_BYTES */
    const qw_paragraph_t *paragraphs; /* in order, not overlapping, on character boundaries, inside the text. A dateline
                                         inside a paragraph is a paragraph of its own right before the rest of it. */
    size_t paragraph_count;
    bool part; /* the article has other paragraphs than these */
} qw_chunk_t;

/* Is this chunk, the article's `number`th, a part of more? What a chunk shows of it: others came before, or its last line has
 * an end. The same for every worker that gets the chunk, whatever else is in its task. */
static inline bool qw_chunk_is_part (const char *text, size_t size, uint64_t number)
{
    return number > 0 || (size > 0 && text[size - 1] == '\n');
}

typedef struct {
    const char *name;         /* the layer that it makes: "tokens", "entities", "quotes" */
    unsigned version;         /* goes up with every change of its output; it stands in the corpus */
    const char *const *needs; /* layers that must be there before; ends with NULL */

    /* Makes an instance. `model` is the content of models/<name>.model (mapped, read-only, outlives the instance) or NULL
     * when there is none. Fails with a reason when the model is not for this version. */
    qw_status_t (*open) (void **instance, const void *model, size_t model_size, qw_reason_t *reason);

    /* Adds its layer to `layers`, which holds those that it needs. Must cope with any valid UTF-8 in time that is linear in
     * the text. An instance is used by one thread at a time. */
    qw_status_t (*annotate) (void *instance, const qw_chunk_t *chunk, qw_layers_t *layers, qw_reason_t *reason);

    void (*close) (void **instance);
} qw_annotator_t;

extern const qw_annotator_t qw_tokens_annotator;   /* tokens and sentences */
extern const qw_annotator_t qw_entities_annotator; /* mentions of names, dates and amounts */
extern const qw_annotator_t qw_quotes_annotator;   /* quotations, their cues and speaker mentions */

#endif
