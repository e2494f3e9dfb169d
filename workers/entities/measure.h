/*  measure.h - how good a model is on labelled texts: exact spans and types. */
#ifndef QW_ENTITIES_MEASURE_H
#define QW_ENTITIES_MEASURE_H

#include "workers/entities/labelled.h"

/* Prints precision, recall and F1 by type and over all, and over the four coarse classes, on standard output. A gold span whose
 * source does not tell types apart (several in its mask) is right with any of them. Types are those of the labels:
 * one class for dates and amounts, none for events. */
void qw_measure (const qw_model_t *model, const qw_labelled_t *gold);

#endif
