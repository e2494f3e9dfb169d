/*  pack.h - makes the model's file out of weights and a lexicon. */
#ifndef QW_ENTITIES_PACK_H
#define QW_ENTITIES_PACK_H

#include "workers/entities/learner.h"
#include "workers/entities/model.h"

typedef struct qw_pack_t qw_pack_t;

qw_pack_t *qw_pack_new (void);
void qw_pack_destroy (qw_pack_t **self_p);

/* Reads a lexicon: lines of WORD TAB CLUSTER TAB FLAGS, or WORD WORD... (at most QW_MAX_PHRASE) for names of several words;
 * what comes twice keeps its first line. */
qw_status_t qw_pack_read_lexicon (qw_pack_t *self, const char *path, qw_reason_t *reason);

/* A view of the lexicon alone; it holds until the pack is destroyed. */
void qw_pack_lexicon (const qw_pack_t *self, qw_model_t *view);

/* Takes over the weights: the strongest features, as many as fit into `bytes` of file. */
void qw_pack_weights (qw_pack_t *self, const qw_learner_t *learner, size_t bytes);

/* The finished file; it belongs to the pack. */
const void *qw_pack_bytes (const qw_pack_t *self, size_t *size);

#endif
