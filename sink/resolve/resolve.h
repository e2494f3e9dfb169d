/*  resolve.h - what can only be said of a whole document: which mentions are the same entity, and who is speaking.

    Pure, like the annotators: the same text and layers give the same result. It runs in the sink once all chunks of a
    document are there, on the critical path of every document, so its time is counted in microseconds.
 */
#ifndef QW_RESOLVE_H
#define QW_RESOLVE_H

#include "proto/layers.h"

typedef struct qw_resolver_t qw_resolver_t;

/* A resolver holds scratch memory only; it is used for one document after another. */
qw_resolver_t *qw_resolver_new (void);
void qw_resolver_destroy (qw_resolver_t **self_p);

/* Settles the document. In: text, paragraphs, and `layers` with the mentions and quotes of all its chunks as the annotators
 * left them (spans shifted to the document; tokens may be missing and are not needed). Out, in `layers`:
 *   - clusters, in order of their first mention, and each mention's cluster; a mention's type is its cluster's;
 *   - quotations that ran over a chunk's border joined; each quote's cluster, speaker, how, confidence and
 *     statement.
 */
void qw_resolve (qw_resolver_t *self, const char *text, size_t size, const qw_paragraph_t *paragraphs,
                 size_t paragraph_count, qw_layers_t *layers);

#endif
