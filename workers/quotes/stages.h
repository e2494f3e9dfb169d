/*  stages.h - the three questions asked of every segment, as features of linear models: which words are cues and on
   which side their content lies (cue stage), where the content begins and ends (start, end), and who the speaker is
   (source). And for marked words that no cue claims: are they a quotation (marked). The trainer and the annotator share
   these functions. */
#ifndef QW_QUOTES_STAGES_H
#define QW_QUOTES_STAGES_H

#include "workers/quotes/units.h"

enum {
    CUE_FEATURES = 40,
    START_FEATURES = 24,
    END_FEATURES = 30,
    PAIR_FEATURES = 10,
    SOURCE_FEATURES = 28,
    MARKED_FEATURES = 24,
    MAX_STARTS = 128,
    MAX_ENDS = 160,
    MAX_SOURCES = 40
};

/* Contents that may belong to a cue on one side: units [start, end], end inclusive. */
typedef struct {
    uint32_t starts[MAX_STARTS], ends[MAX_ENDS];
    uint32_t start_count, end_count;
} qw_borders_t;

static inline bool qw_may_be_cue (const qw_unit_t *unit) { return unit->cue > 0; }

size_t qw_cue_features (const qw_segment_t *segment, uint32_t at, uint32_t *features);

void qw_borders_find (qw_borders_t *borders, const qw_segment_t *segment, uint32_t cue, int side);
size_t qw_start_features (const qw_segment_t *segment, uint32_t cue, int side, uint32_t start, uint32_t *features);
size_t qw_end_features (const qw_segment_t *segment, uint32_t cue, int side, uint32_t end, uint32_t *features);
size_t qw_pair_features (const qw_segment_t *segment, uint32_t cue, int side, uint32_t start, uint32_t end,
                         uint32_t *features);

/* Noun chunks that may be the speaker of a cue with this content, as indices into segment->nouns. */
size_t qw_sources_find (const qw_segment_t *segment, uint32_t cue, uint32_t start, uint32_t end,
                        uint32_t sources[MAX_SOURCES]);
/* Features of one of them; noun == UINT32_MAX: of "none of them". */
size_t qw_source_features (const qw_segment_t *segment, uint32_t cue, int side, uint32_t start, uint32_t end,
                           uint32_t noun, uint32_t *features);

/* `since`: units since the last quotation in the same paragraph ended, or UINT32_MAX. */
size_t qw_marked_features (const qw_segment_t *segment, uint32_t at, const qw_marked_t *marked, uint32_t since,
                           uint32_t *features);

#endif
