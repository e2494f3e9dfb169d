/*  speakers.h - who is speaking: from the quotations' speaker mentions and the document's clusters to a name. */
#ifndef QW_SPEAKERS_H
#define QW_SPEAKERS_H

#include "proto/layers.h"
#include "sink/resolve/clusters.h"

typedef struct qw_speakers_t qw_speakers_t; /* scratch memory, used for one document after another */

qw_speakers_t *qw_speakers_new (void);
void qw_speakers_destroy (qw_speakers_t **self_p);

/* Sets cluster, speaker, how and confidence of every quotation. The mentions have their clusters already. */
void qw_speakers_resolve (qw_speakers_t *self, const char *text, size_t size, const qw_paragraph_t *paragraphs,
                          size_t paragraph_count, qw_clusters_t *clusters, qw_layers_t *layers);

#endif
