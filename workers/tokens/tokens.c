/*  tokens.c - the annotator of tokens and sentences: paragraph after paragraph, none of which sees another. */
#include <stdlib.h>

#include "workers/annotator.h"
#include "workers/tokens/ends.h"
#include "workers/tokens/scan.h"

typedef struct {
    qw_ends_t ends; /* of the paragraph at hand; kept for its memory only */
} tokens_t;

static const char *const needs[] = {NULL};

static qw_status_t tokens_open (void **instance, const void *model, size_t model_size, qw_reason_t *reason)
{
    (void) model, (void) model_size, (void) reason;
    tokens_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    *instance = self;
    return QW_OK;
}

static void annotate_paragraph (tokens_t *self, const char *text, qw_span_t span, qw_layers_t *layers)
{
    uint32_t first = (uint32_t) layers->token_count;
    self->ends.count = 0;
    qw_tokens_scan (text, span.start, span.end, layers, &self->ends);
    qw_tokens_end_sentences (text, first, &self->ends, layers);
}

static qw_status_t tokens_annotate (void *instance, const qw_chunk_t *chunk, qw_layers_t *layers, qw_reason_t *reason)
{
    (void) reason;
    tokens_t *self = instance;
    if (chunk->paragraph_count == 0)
        annotate_paragraph (self, chunk->text, (qw_span_t){0, (uint32_t) chunk->size}, layers);
    for (size_t i = 0; i < chunk->paragraph_count; i++)
        annotate_paragraph (self, chunk->text, chunk->paragraphs[i].span, layers);
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

const qw_annotator_t qw_tokens_annotator = {"tokens", 1, needs, tokens_open, tokens_annotate, tokens_close};
