#include "sink/resolve/resolve.h"

#include <stdlib.h>

#include "sink/resolve/clusters.h"
#include "sink/resolve/speakers.h"
#include "sink/resolve/statements.h"

struct qw_resolver_t {
    qw_clusters_t *clusters;
    qw_speakers_t *speakers;
    qw_statements_t *statements;
};

qw_resolver_t *qw_resolver_new (void)
{
    qw_resolver_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->clusters = qw_clusters_new ();
    self->speakers = qw_speakers_new ();
    self->statements = qw_statements_new ();
    return self;
}

void qw_resolver_destroy (qw_resolver_t **self_p)
{
    if (!*self_p)
        return;
    qw_clusters_destroy (&(*self_p)->clusters);
    qw_speakers_destroy (&(*self_p)->speakers);
    qw_statements_destroy (&(*self_p)->statements);
    free (*self_p);
    *self_p = NULL;
}

/* The paragraph that holds `at`, or the one before it. */
static size_t paragraph_of (const qw_paragraph_t *paragraphs, size_t count, uint32_t at)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (paragraphs[middle].span.start <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? low - 1 : 0;
}

/* A quotation that was cut inside a paragraph becomes one again. Where no quotation ran on before it, one that claims
 * to have begun earlier is the work of a stray closing mark, and goes. */
static void join_borders (const qw_paragraph_t *paragraphs, size_t paragraph_count, qw_layers_t *layers)
{
    size_t kept = 0;
    for (size_t i = 0; i < layers->quote_count; i++) {
        qw_quote_t *quote = &layers->quotes[i];
        if (quote->opens_before) {
            qw_quote_t *before = kept ? &layers->quotes[kept - 1] : NULL;
            size_t here = paragraph_of (paragraphs, paragraph_count, quote->span.start);
            size_t there = before ? paragraph_of (paragraphs, paragraph_count, before->span.start) : 0;
            if (!before || !before->runs_on || before->span.end > quote->span.start || here - there > 1)
                continue;
            if (here == there) {
                before->span.end = quote->span.end;
                before->runs_on = quote->runs_on;
                if (qw_span_is_empty (before->speaker_mention)) {
                    before->speaker_mention = quote->speaker_mention;
                    before->cue = quote->cue;
                    before->via = quote->via;
                }
                continue;
            }
        }
        layers->quotes[kept++] = *quote;
    }
    layers->quote_count = kept;
}

void qw_resolve (qw_resolver_t *self, const char *text, size_t size, const qw_paragraph_t *paragraphs,
                 size_t paragraph_count, qw_layers_t *layers)
{
    join_borders (paragraphs, paragraph_count, layers);
    qw_clusters_resolve (self->clusters, text, size, paragraphs, paragraph_count, layers);
    qw_speakers_resolve (self->speakers, text, size, paragraphs, paragraph_count, self->clusters, layers);
    qw_statements_find (self->statements, text, layers);
}
