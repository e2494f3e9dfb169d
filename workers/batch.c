#include "workers/batch.h"

#include <stdlib.h>

#include "proto/memory.h"
#include "sink/resolve/resolve.h"

typedef struct {
    qw_batched_t result;
    qw_layers_t *layers;
    qw_utf8_index_t index;
    qw_paragraph_t *paragraphs;
    size_t paragraph_room;
    qw_chunk_t chunk;
} item_t;

struct qw_batch_t {
    qw_fused_t *fused;
    qw_resolver_t *resolver;
    item_t items[QW_BATCH_MOST];
};

qw_batch_t *qw_batch_new (qw_fused_t *fused)
{
    qw_batch_t *self = qw_must (calloc (1, sizeof *self));
    self->fused = fused;
    self->resolver = qw_resolver_new ();
    return self;
}

void qw_batch_destroy (qw_batch_t **self_p)
{
    qw_batch_t *self = *self_p;
    if (!self)
        return;
    for (size_t i = 0; i < QW_BATCH_MOST; i++) {
        qw_layers_destroy (&self->items[i].layers);
        qw_utf8_index_free (&self->items[i].index);
        free (self->items[i].paragraphs);
    }
    qw_resolver_destroy (&self->resolver);
    free (self);
    *self_p = NULL;
}

const qw_batched_t *qw_batch_at (const qw_batch_t *self, size_t i) { return &self->items[i].result; }

static void begin (item_t *self, const qw_task_chunk_t *task)
{
    size_t count = 0;
    if (!self->layers)
        self->layers = qw_layers_new ();
    qw_layers_clear (self->layers);
    qw_utf8_index_reset (&self->index, task->text.data, task->text.size);
    self->paragraphs = qw_grown (self->paragraphs, &self->paragraph_room, task->structure.count / 3 + 1, sizeof *self->paragraphs);
    self->result = (qw_batched_t){.layers = self->layers, .index = &self->index};
    self->result.status = qw_get_structure (task->structure, &self->index, self->paragraphs, &count, &self->result.reason);
    self->chunk = (qw_chunk_t){task->text.data, task->text.size, self->paragraphs, count,
                               qw_chunk_is_part (task->text.data, task->text.size, task->chunk)};
}

bool qw_batch_annotate (qw_batch_t *self, const qw_task_chunk_t *tasks, size_t count, qw_batch_step_fn *before, void *context)
{
    for (size_t i = 0; i < count; i++)
        begin (&self->items[i], &tasks[i]);
    for (unsigned layer = 0; self->fused && layer <= QW_FUSED_LAYERS; layer++)
        for (size_t i = 0; i < count; i++) {
            item_t *item = &self->items[i];
            if (item->result.status || (layer == QW_FUSED_LAYERS && !tasks[i].whole))
                continue;
            if (!before (context))
                return false;
            if (layer < QW_FUSED_LAYERS)
                item->result.status = qw_fused_layer (self->fused, layer, &item->chunk, item->layers, &item->result.reason);
            else /* the same function as in the sink, so the same bytes; here there are more hands for it */
                qw_resolve (self->resolver, item->chunk.text, item->chunk.size, item->chunk.paragraphs,
                            item->chunk.paragraph_count, item->layers);
        }
    return true;
}
