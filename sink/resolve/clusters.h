/*  clusters.h - which mentions of a document are the same person, body, place or thing.

    Pure: the same text and mentions give the same clusters. Nothing is allocated in the steady state.
 */
#ifndef QW_CLUSTERS_H
#define QW_CLUSTERS_H

#include "proto/layers.h"

/* What a pronoun must agree with. A body or a people is a group; places and things are UNKNOWN. */
typedef enum { QW_GENDER_UNKNOWN = 0, QW_MALE, QW_FEMALE, QW_GROUP } qw_gender_t;

typedef struct qw_clusters_t qw_clusters_t; /* scratch memory, used for one document after another */

qw_clusters_t *qw_clusters_new (void);
void qw_clusters_destroy (qw_clusters_t **self_p);

/* In: text, paragraphs and the mentions in `layers`, as the annotators left them. Out, in `layers`: the clusters in order of
 * their first mention, each with type, name (the fullest one that the text has) and key (the same in every document), and
 * each mention's cluster; a mention's type becomes its cluster's. Dates and amounts stay without a cluster. */
void qw_clusters_resolve (qw_clusters_t *self, const char *text, size_t size, const qw_paragraph_t *paragraphs,
                          size_t paragraph_count, qw_layers_t *layers);

/* A guess from titles, first names and pronouns close by, for a cluster of the document resolved last, whose text and layers
 * must still be there. */
qw_gender_t qw_clusters_gender (qw_clusters_t *self, uint32_t cluster);

/* What a title right before the name at `at` says: "Mrs. ". */
qw_gender_t qw_clusters_title (const char *text, size_t at);

#endif
