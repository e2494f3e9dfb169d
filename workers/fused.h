/*  fused.h - all annotators over one text, each once, in the order of their needs. What a worker runs on every chunk. */
#ifndef QW_FUSED_H
#define QW_FUSED_H

#include "workers/annotator.h"

enum { QW_FUSED_LAYERS = 3 };

typedef struct qw_fused_t qw_fused_t;

/* The names of the layers that this program can make: "tokens", "entities", "quotes"; ends with NULL. */
extern const char *const qw_fused_layers[];

/* Opens the annotators for the wanted layers (bits: 1 << index in qw_fused_layers) and for what they need. Models are read from
 * `models/NAME.model`, where such a file exists. NULL with a reason when a model cannot be used. */
qw_fused_t *qw_fused_new (unsigned wanted, const char *models, qw_reason_t *reason);
void qw_fused_destroy (qw_fused_t **self_p);

/* Clears `layers`, then annotates the chunk. */
qw_status_t qw_fused_annotate (qw_fused_t *self, const qw_chunk_t *chunk, qw_layers_t *layers, qw_reason_t *reason);

/* Adds one layer, by its index in qw_fused_layers, to those that it needs; nothing where it is not wanted. */
qw_status_t qw_fused_layer (qw_fused_t *self, unsigned layer, const qw_chunk_t *chunk, qw_layers_t *layers, qw_reason_t *reason);

/* The annotator of a layer by its index in qw_fused_layers. */
const qw_annotator_t *qw_fused_annotator (unsigned layer);

#endif
