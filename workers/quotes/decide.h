/*  decide.h - the models' answers for one segment. Integers only: the same answer on every machine. */
#ifndef QW_QUOTES_DECIDE_H
#define QW_QUOTES_DECIDE_H

#include "workers/quotes/stages.h"

/* Sets the side (SIDE_...) of every possible cue: where its content lies, if it is one. */
void qw_decide_cues (const qw_quotes_model_t *model, qw_segment_t *segment);

/* The best content on one side (SIDE_RIGHT or SIDE_LEFT). False when there is no room for any. */
bool qw_decide_content (const qw_quotes_model_t *model, const qw_segment_t *segment, uint32_t cue, int side,
                        uint32_t *start, uint32_t *end);

/* The speaker's noun chunk, or UINT32_MAX. */
uint32_t qw_decide_source (const qw_quotes_model_t *model, const qw_segment_t *segment, uint32_t cue, int side,
                           uint32_t start, uint32_t end);

/* How much speaks for marked words without a cue being a quotation. */
int32_t qw_decide_marked (const qw_quotes_model_t *model, const qw_segment_t *segment, uint32_t at,
                          const qw_marked_t *marked, uint32_t since);

#endif
