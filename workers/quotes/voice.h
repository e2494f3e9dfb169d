/*  voice.h - whose words a content is: the speaker's mention in the text, and who relayed it. */
#ifndef QW_QUOTES_VOICE_H
#define QW_QUOTES_VOICE_H

#include "workers/quotes/decide.h"

typedef struct {
    qw_span_t speaker; /* empty: none near */
    qw_span_t via;     /* empty: nobody between */
} qw_voice_t;

qw_voice_t qw_voice_find (const qw_quotes_model_t *model, const qw_segment_t *segment, const qw_layers_t *layers,
                          uint32_t cue, int side, uint32_t start, uint32_t end);

/* "quoted ... as saying": the first is no cue of its own (quoted_as), the second always is one (said_as). */
bool qw_voice_is_quoted_as (const qw_segment_t *segment, uint32_t at);
bool qw_voice_is_said_as (const qw_segment_t *segment, uint32_t at);

/* The speaker's words for a noun chunk (none: UINT32_MAX): the name in the chunk when there is one, without what
 * stands before it; otherwise the chunk with what belongs to it. */
qw_span_t qw_voice_mention (const qw_segment_t *segment, const qw_layers_t *layers, uint32_t noun, uint32_t cue);

#endif
