/*  tokens.c - the annotator of tokens and sentences: paragraph after paragraph, none of which sees
    another, but for whether there are any. */
#include <stdlib.h>
#include <string.h>

#include "workers/annotator.h"
#include "workers/tokens/ends.h"
#include "workers/tokens/scan.h"

typedef struct {
    const qw_gap_model_t *model; /* NULL: sentences end by rules */
    qw_ends_t ends; /* of the paragraph at hand; kept for its memory only */
} tokens_t;

static const char *const needs[] = {NULL};

static qw_status_t tokens_open (void **instance, const void *model, size_t model_size, qw_reason_t *reason)
{
    const qw_gap_model_t *header = model;
    if (model) {
        if (model_size < 3 * sizeof (uint32_t) || memcmp (header->magic, "QWTS", 4) != 0)
            return qw_fail (QW_INVALID, reason, "not a model of tokens and sentences");
        if (header->version != QW_GAP_MODEL_VERSION)
            return qw_fail (QW_UNSUPPORTED, reason, "the model of tokens has version %u, this program knows %d",
                            header->version, QW_GAP_MODEL_VERSION);
        if (model_size != sizeof *header || header->size != model_size)
            return qw_fail (QW_DAMAGED, reason, "the model of tokens has %zu bytes instead of %zu", model_size,
                            sizeof *header);
        for (int i = 0; i < QW_GAP_NETWORKS; i++)
            if (header->networks[i].shift < 0 || header->networks[i].shift > QW_GAP_UNIT_BITS)
                return qw_fail (QW_DAMAGED, reason, "the model of tokens has a unit of 2^-%d", header->networks[i].shift);
    }
    tokens_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->model = header;
    *instance = self;
    return QW_OK;
}

static void annotate_paragraph (tokens_t *self, bool alone, const char *text, qw_span_t span, qw_layers_t *layers)
{
    uint32_t first = (uint32_t) layers->token_count;
    self->ends.count = 0;
    qw_tokens_scan (text, span.start, span.end, layers, &self->ends);
    qw_tokens_end_sentences (self->model, alone, text, first, &self->ends, layers);
}

static qw_status_t tokens_annotate (void *instance, const qw_chunk_t *chunk, qw_layers_t *layers, qw_reason_t *reason)
{
    (void) reason;
    tokens_t *self = instance;
    bool alone = chunk->paragraph_count <= 1 && !chunk->part;
    if (chunk->paragraph_count == 0)
        annotate_paragraph (self, alone, chunk->text, (qw_span_t){0, (uint32_t) chunk->size}, layers);
    for (size_t i = 0; i < chunk->paragraph_count; i++)
        annotate_paragraph (self, alone, chunk->text, chunk->paragraphs[i].span, layers);
    return QW_OK;
}

static void tokens_close (void **instance)
{
    tokens_t *self = *instance;
    if (!self)
        return;
    free (self->ends.items);
    free (self);
    *instance = NULL;
}

const qw_annotator_t qw_tokens_annotator = {"tokens", 2, needs, tokens_open, tokens_annotate, tokens_close};
