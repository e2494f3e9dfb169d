/*  entities.c - the annotator of entities: labels of the tagger become mentions. */
#include <stdlib.h>

#include "workers/annotator.h"
#include "workers/entities/consistency.h"
#include "workers/entities/mentions.h"
#include "workers/entities/tagger.h"

typedef struct {
    qw_model_t model;
    qw_tagger_t *tagger;
    qw_consistency_t *consistency;
} entities_t;

static qw_status_t open_entities (void **instance, const void *model, size_t model_size, qw_reason_t *reason)
{
    /* No rules of thumb stand in for a missing model: a corpus whose names nobody has measured would look like the others. */
    if (!model)
        return qw_fail (QW_NOT_FOUND, reason, "the layer 'entities' needs its model, entities.model, and there is none");
    entities_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    qw_status_t status = qw_model_view (&self->model, model, model_size, reason);
    if (status) {
        free (self);
        return status;
    }
    self->tagger = qw_tagger_new (&self->model);
    self->consistency = qw_consistency_new ();
    *instance = self;
    return QW_OK;
}

static void close_entities (void **instance)
{
    entities_t *self = *instance;
    if (!self)
        return;
    qw_tagger_destroy (&self->tagger);
    qw_consistency_destroy (&self->consistency);
    free (self);
    *instance = NULL;
}

static qw_status_t annotate_entities (void *instance, const qw_chunk_t *chunk, qw_layers_t *layers, qw_reason_t *reason)
{
    (void) reason;
    entities_t *self = instance;
    const uint8_t *labels = qw_tagger_label (self->tagger, chunk->text, layers, false);
    const qw_word_t *words = qw_tagger_words (self->tagger);
    qw_mentions_of_labels (chunk->text, layers, words, qw_consistency_label (self->consistency, layers, words, labels));
    return QW_OK;
}

static const char *const needs[] = {"tokens", NULL};

const qw_annotator_t qw_entities_annotator = {
    .name = "entities",
    .version = 3,
    .needs = needs,
    .open = open_entities,
    .annotate = annotate_entities,
    .close = close_entities,
};
