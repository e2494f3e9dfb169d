/*  clauses.h - what grammar says of a content against the models: constructions that are rare in print, or that look
    like others from nearby. Each rule names its example. */
#ifndef QW_QUOTES_CLAUSES_H
#define QW_QUOTES_CLAUSES_H

#include "workers/quotes/units.h"

/* Units [start, end], end inclusive. */
typedef struct {
    uint32_t start, end;
} qw_clause_t;

/* No verb of its own and no more than a nickname in quotation marks: hardly what somebody said, rather who said it. */
bool qw_clause_is_bare (const qw_segment_t *segment, qw_clause_t clause);

/* "The bridge will open, both towns announced": when the left content is only who announced it, the real one before the
 * comma. False when there is none. */
bool qw_clause_step_back (const qw_segment_t *segment, uint32_t cue, qw_clause_t *left);

/* The unit with which a cue's verb begins: "has said". */
uint32_t qw_clause_verb (const qw_segment_t *segment, uint32_t cue);

/* "As Manila says it will return to the table, analysts are warning": the right content of a cue in the clause that opens
 * the sentence ends where that clause does. */
void qw_clause_end_of_opening (const qw_segment_t *segment, uint32_t cue, qw_clause_t *right);

/* "urged the authorities to look into it": who is asked is no part of what was said. */
void qw_clause_behind_asked (const qw_segment_t *segment, uint32_t cue, qw_clause_t *right);

/* "The wells, as Daniel Moyo pointed out, have been closed": the subject of a right content that begins with its verb. False
 * when there is none. */
bool qw_clause_subject_of (const qw_segment_t *segment, uint32_t cue, qw_clause_t right, qw_clause_t *left);

/* "said the road was safe and added that ...": the right content ends before a second cue that has the same subject, which
 * is returned; QW_NO_UNIT: there is none. */
uint32_t qw_clause_end_before_cue (const qw_segment_t *segment, uint32_t cue, qw_clause_t *right);

/* "According to a source, the ferry had left, Radio Lagoon reported": neither of two voices is part of what was said. */
void qw_clause_leave_according (const qw_segment_t *segment, qw_clause_t *left);
void qw_clause_leave_reporter (const qw_segment_t *segment, qw_clause_t *right);

/* "in what analysts say is an attempt", "in what officials described as ...": the content behind "is" or "as". */
void qw_clause_behind_what (const qw_segment_t *segment, uint32_t cue, qw_clause_t *right);

/* "repeated her claim that ...", "dismissed the claim by the company that ...": the claim is in the clause. Returns the
 * noun chunk behind "by", QW_NO_UNIT for nobody; *found says whether there is such a clause. */
uint32_t qw_clause_of_claim (const qw_segment_t *segment, qw_clause_t *right, bool *found);

/* "Residents were told by Anna Kowalska that ...", "a warning from Anna Kowalska that ...": the noun chunk behind "by" or
 * "from", and where the content begins, behind it. False for anything else. */
bool qw_clause_told_by (const qw_segment_t *segment, uint32_t cue, uint32_t *speaker, uint32_t *start);

/* "..., local media reported, citing a doctor": the noun chunk behind "citing", or QW_NO_UNIT. */
uint32_t qw_clause_cited (const qw_segment_t *segment, uint32_t cue);

/* "raised the possibility that", "made the claim that": a verb and its noun that together are a cue; the unit of "that", or
 * QW_NO_UNIT. */
uint32_t qw_clause_raised (const qw_segment_t *segment, uint32_t verb);

#endif
