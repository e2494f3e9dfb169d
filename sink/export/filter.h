/*  filter.h - which documents leave a corpus, and which of their quotations. */
#ifndef QW_EXPORT_FILTER_H
#define QW_EXPORT_FILTER_H

#include "sink/document_facts.h"

/* Everything that is given must hold; NULL: anything. A name fits when its words stand in it one behind the other, upper or
 * lower case; or it is the key of an entity ("person:choe-ryong-hae"), and fits that alone. */
typedef struct {
    const char *speaker; /* somebody of this name is quoted */
    const char *entity;  /* somebody or something of this name is mentioned */
    const char *outlet;  /* upper or lower case, the whole name */
    const char *since, *until; /* ISO 8601, both inclusive; documents without a date don't fit */
    const char *type;    /* a quotation of this type is there: "direct", "indirect", "mixed" */
} qw_filter_t;

/* True when anything is given that takes a look at the layers. */
bool qw_filter_looks_at_layers (const qw_filter_t *self);

bool qw_filter_fits_document (const qw_filter_t *self, const qw_layers_t *layers, const qw_document_facts_t *facts);

/* True when the quotation, of such a document, is one that was asked for. */
bool qw_filter_fits_quote (const qw_filter_t *self, const qw_layers_t *layers, const qw_quote_t *quote);

#endif
