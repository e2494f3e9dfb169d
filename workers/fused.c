#include "workers/fused.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* In the order in which they run: an annotator comes after those that it needs. */
static const qw_annotator_t *const annotators[QW_FUSED_LAYERS] = {&qw_tokens_annotator, &qw_entities_annotator, &qw_quotes_annotator};
const char *const qw_fused_layers[QW_FUSED_LAYERS + 1] = {"tokens", "entities", "quotes", NULL};

typedef struct {
    void *instance;
    void *model;
    size_t model_size;
    bool open;
} slot_t;

struct qw_fused_t {
    slot_t slots[QW_FUSED_LAYERS];
};

const qw_annotator_t *qw_fused_annotator (unsigned layer) { return annotators[layer]; }

/* The wanted layers and, down the list, all that they need. */
static unsigned with_needs (unsigned wanted)
{
    for (int i = QW_FUSED_LAYERS - 1; i >= 0; i--)
        if (wanted & 1u << i)
            for (const char *const *need = annotators[i]->needs; *need; need++)
                for (int j = 0; j < i; j++)
                    if (strcmp (*need, qw_fused_layers[j]) == 0)
                        wanted |= 1u << j;
    return wanted;
}

/* Maps models/NAME.model; a model that is not there leaves the slot's model NULL. */
static qw_status_t map_model (slot_t *slot, const char *models, const char *name, qw_reason_t *reason)
{
    char path[4096];
    snprintf (path, sizeof path, "%s/%s.model", models, name);
    int file = open (path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return errno == ENOENT ? QW_OK : qw_fail_errno (reason, "model '%s'", path);
    struct stat info;
    qw_status_t status = QW_OK;
    if (fstat (file, &info) != 0)
        status = qw_fail_errno (reason, "model '%s'", path);
    else if (info.st_size > 0) {
        void *bytes = mmap (NULL, (size_t) info.st_size, PROT_READ, MAP_SHARED, file, 0);
        if (bytes == MAP_FAILED)
            status = qw_fail_errno (reason, "model '%s'", path);
        else {
            slot->model = bytes;
            slot->model_size = (size_t) info.st_size;
        }
    }
    close (file);
    return status;
}

qw_fused_t *qw_fused_new (unsigned wanted, const char *models, qw_reason_t *reason)
{
    qw_fused_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    wanted = with_needs (wanted);
    for (int i = 0; i < QW_FUSED_LAYERS; i++) {
        if (!(wanted & 1u << i))
            continue;
        slot_t *slot = &self->slots[i];
        if ((models && map_model (slot, models, annotators[i]->name, reason))
            || annotators[i]->open (&slot->instance, slot->model, slot->model_size, reason)) {
            qw_fused_destroy (&self);
            return NULL;
        }
        slot->open = true;
    }
    return self;
}

void qw_fused_destroy (qw_fused_t **self_p)
{
    if (!*self_p)
        return;
    for (int i = 0; i < QW_FUSED_LAYERS; i++) {
        slot_t *slot = &(*self_p)->slots[i];
        if (slot->open)
            annotators[i]->close (&slot->instance);
        if (slot->model)
            munmap (slot->model, slot->model_size);
    }
    free (*self_p);
    *self_p = NULL;
}

qw_status_t qw_fused_layer (qw_fused_t *self, unsigned layer, const qw_chunk_t *chunk, qw_layers_t *layers, qw_reason_t *reason)
{
    const slot_t *slot = &self->slots[layer];
    return slot->open ? annotators[layer]->annotate (slot->instance, chunk, layers, reason) : QW_OK;
}

qw_status_t qw_fused_annotate (qw_fused_t *self, const qw_chunk_t *chunk, qw_layers_t *layers, qw_reason_t *reason)
{
    qw_status_t status = QW_OK;
    qw_layers_clear (layers);
    for (unsigned i = 0; i < QW_FUSED_LAYERS && !status; i++)
        status = qw_fused_layer (self, i, chunk, layers, reason);
    return status;
}
