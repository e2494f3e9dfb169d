/*  train_linear.h - fits the stages' weights to the samples, and rounds them to the model's integers. */
#ifndef QW_QUOTES_TRAIN_LINEAR_H
#define QW_QUOTES_TRAIN_LINEAR_H

#include "workers/quotes/train_samples.h"

enum { QW_QUOTES_SCALE = 64 }; /* what a weight of 1 becomes */

/* Fills the cue, start, end, source and marked tables. Says on standard output how it goes. */
void qw_linear_train (qw_quotes_model_t *model, const qw_samples_t *samples);

#endif
