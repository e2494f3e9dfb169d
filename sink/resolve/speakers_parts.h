/*  speakers_parts.h - what the files of speakers*.c share. Not for others. */
#ifndef QW_SPEAKERS_PARTS_H
#define QW_SPEAKERS_PARTS_H

#include "sink/resolve/speakers.h"

/* What sort of a speaker a description or a cluster is; decides which pronouns and nouns may stand for it. */
typedef enum { SORT_PERSON = 0, SORT_BODY, SORT_PAPER, SORT_MANY, SORT_PLACE, SORT_OTHER } qw_sort_t;

/* Somebody who has spoken already. */
typedef struct {
    uint32_t cluster;  /* or QW_NO_CLUSTER: known by the words only */
    qw_string_t words; /* the speaker's name or description */
    qw_span_t head;    /* in the text: the noun of the description; empty for names */
    uint32_t at;       /* where the mention stands */
    uint32_t paragraph;
    qw_sort_t sort;
} qw_spoke_t;

enum { HISTORY = 8 };

/* Facts about one entity mention. */
typedef struct {
    uint32_t paragraph;
    bool in_direct, in_indirect; /* inside of what somebody says */
    bool owner;                  /* 's follows */
    uint32_t before;             /* where the name before it ends, which qw_scene_is_subject asks for */
} qw_seen_t;

typedef struct {
    const char *text;
    size_t size;
    const qw_paragraph_t *paragraphs;
    size_t paragraph_count;
    qw_clusters_t *clusters;
    qw_layers_t *layers;
    qw_seen_t *seen;             /* one a mention */
    uint32_t *frequencies;       /* mentions of each cluster so far in the document: all of them */
    qw_spoke_t history[HISTORY]; /* the last one first */
    size_t history_count;
} qw_scene_t;

/* The ways in which a speaker is found, as far as they are right more or less often; finer than qw_how_t. */
typedef enum {
    WAY_NONE = 0,
    WAY_PERSON,   /* the mention is a name: of a person */
    WAY_NAME,     /* of anything else */
    WAY_BESIDE,   /* a name beside the description */
    WAY_WHO,      /* whoever stands before "who" */
    WAY_HE_ALONE, /* he or she, where only one fits */
    WAY_HE,       /* he or she, where one fits best */
    WAY_IT,       /* it or they */
    WAY_NOMINAL,  /* a description of somebody known */
    WAY_TURN,     /* no mention: somebody spoke in this paragraph or the one before */
    WAY_TURN_FAR, /* no mention: somebody spoke farther back */
    WAY_SEVERAL,  /* two names with "and" between them */
    WAY_WORDS,    /* the mention's own words */
    WAY_COUNT
} qw_way_t;

/* How often, per cent, a speaker is right who was found in this way. */
uint8_t qw_confidence_of (qw_way_t way);

/* Who is meant, and how that was found. words.size == 0 and no cluster: nobody known. */
typedef struct {
    uint32_t cluster;
    qw_string_t words;
    qw_span_t head;
    qw_sort_t sort;
    qw_how_t how;
    qw_way_t way;
    bool alone; /* of qw_scene_salient: nobody else fits */
} qw_answer_t;

/* ---- words ------------------------------------------------------------------------------------------------------- */

typedef enum {
    PRONOUN_NONE = 0,
    PRONOUN_HE,
    PRONOUN_SHE,
    PRONOUN_IT,
    PRONOUN_THEY,
    PRONOUN_WHO,
    PRONOUN_OTHER
} qw_pronoun_t;

qw_pronoun_t qw_pronoun_of (const char *text, qw_span_t span);

/* The noun of a description: its last word before "of", "in", "who" and their like. */
qw_span_t qw_head_of (const char *text, qw_span_t span);
qw_sort_t qw_sort_of_noun (const char *text, qw_span_t head);
bool qw_is_vague_body (const char *text, qw_span_t head); /* "the company", but not "the police" */

/* Whether a description points back: "the ministry", "this report", "its statement", but not "a source" or "analysts".
 */
bool qw_is_definite (const char *text, qw_span_t span);
bool qw_same_word (const char *a, size_t a_size, const char *b, size_t b_size); /* but for ASCII case */

/* ---- the parts ------------------------------------------------------------------------------------------------------
 */

qw_sort_t qw_sort_of_type (qw_entity_type_t type);

/* Whether a mention is the first name of its sentence, near its start. */
bool qw_scene_is_subject (const qw_scene_t *scene, size_t mention);

/* The cluster or the description that fits best before `at`. `gender` matters for SORT_PERSON only. */
bool qw_scene_salient (const qw_scene_t *scene, uint32_t at, uint32_t paragraph, unsigned sorts, qw_gender_t gender,
                       qw_answer_t *answer);

qw_answer_t qw_scene_pronoun (const qw_scene_t *scene, qw_span_t mention, uint32_t paragraph, qw_pronoun_t pronoun);
qw_answer_t qw_scene_nominal (const qw_scene_t *scene, qw_span_t mention, uint32_t paragraph);

#endif
