/*  batch.h - the chunks of a task, annotated together: all of them by one annotator before any by the next, so that a model is
    fetched into the processor's caches once for many chunks. The layers are the same as of one chunk after another. */
#ifndef QW_BATCH_H
#define QW_BATCH_H

#include "proto/layer_codec.h"
#include "proto/wire.h"
#include "workers/fused.h"

enum { QW_BATCH_MOST = 64 /* chunks */ };

typedef struct qw_batch_t qw_batch_t;

/* What became of one chunk. */
typedef struct {
    qw_status_t status;
    qw_reason_t reason; /* where status is not QW_OK */
    const qw_layers_t *layers;
    const qw_utf8_index_t *index; /* over the chunk's text */
} qw_batched_t;

/* Called before each step, which is an annotator or the resolution over one chunk. False ends the batch. */
typedef bool qw_batch_step_fn (void *context);

/* `fused` stays the caller's; NULL: nothing is annotated, and the layers are empty. */
qw_batch_t *qw_batch_new (qw_fused_t *fused);
void qw_batch_destroy (qw_batch_t **self_p);

/* Annotates `count` chunks, QW_BATCH_MOST at most, and resolves those that are whole; one that fails fails alone. False: `before`
 * ended it. */
bool qw_batch_annotate (qw_batch_t *self, const qw_task_chunk_t *tasks, size_t count, qw_batch_step_fn *before, void *context);

/* Chunk `i` of the last batch, until the next one; the chunk's text must be there still. */
const qw_batched_t *qw_batch_at (const qw_batch_t *self, size_t i);

#endif
