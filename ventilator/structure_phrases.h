/*  structure_phrases.h - the phrases that give a paragraph's role away. All comparisons ignore the case of ASCII letters. */
#ifndef QW_STRUCTURE_PHRASES_H
#define QW_STRUCTURE_PHRASES_H

#include <string.h>

#include "proto/layers.h"

typedef enum {
    QW_PHRASES_BOILERPLATE_WHOLE,
    QW_PHRASES_BOILERPLATE_START,
    QW_PHRASES_RIGHTS_START,
    QW_PHRASES_BYLINE_START,
    QW_PHRASES_BYLINE_END,
    QW_PHRASES_CONTRIBUTED_END,
    QW_PHRASES_AGENCY,
    QW_PHRASES_CAPTION_START,
    QW_PHRASES_CREDIT,
    QW_PHRASES_DATE_START,
    QW_PHRASES_CONTACT_START,
    QW_PHRASES_DATE_WORD,
    QW_PHRASES_COUNT
} qw_phrases_t;

/* Bytes of the phrase (in small letters) at text[at], 0 when another text stands there. */
uint32_t qw_phrase_at (const char *text, uint32_t at, uint32_t end, const char *phrase);

/* To be called before any of the functions below; by any thread, as often as you like. */
void qw_phrases_prepare (void);

/* True when the span begins with, is, or ends with one of the list. */
bool qw_phrases_start (qw_phrases_t list, const char *text, qw_span_t span);
bool qw_phrases_equal (qw_phrases_t list, const char *text, qw_span_t span);
bool qw_phrases_end (qw_phrases_t list, const char *text, qw_span_t span);

/* True when the span holds one of QW_PHRASES_CREDIT. */
bool qw_phrases_credit_inside (const char *text, qw_span_t span);

/* What phrases that may stand anywhere say. Bits. */
typedef enum {
    QW_WITHIN_BOILERPLATE = 1,
    QW_WITHIN_BYLINE = 2,
    QW_WITHIN_CAPTION = 4,
    QW_WITHIN_PICTURED = 8 /* a caption if a comma stands before it */
} qw_phrases_within_t;

enum { QW_PHRASE_KEY_BITS = 11 };

/* The keys of the first four bytes of phrases that are looked for at many places. */
typedef struct {
    uint64_t bits[1 << (QW_PHRASE_KEY_BITS - 6)];
} qw_phrase_keys_t;

static inline uint32_t qw_phrase_key (const char *text)
{
    uint32_t four;
    memcpy (&four, text, sizeof four);
    return (four | 0x20202020u) * 2654435761u >> (32 - QW_PHRASE_KEY_BITS); /* small letters; Fibonacci hashing */
}

/* False when no phrase of the set can stand at text[at]. */
static inline bool qw_phrase_keys_have (const qw_phrase_keys_t *self, const char *text, uint32_t at, uint32_t end)
{
    if (end - at < 4)
        return false;
    uint32_t key = qw_phrase_key (text + at);
    return self->bits[key / 64] >> key % 64 & 1;
}

extern qw_phrase_keys_t qw_phrases_within_keys; /* filled by qw_phrases_prepare */

/* False when qw_phrases_at_word need not be asked. */
static inline bool qw_phrases_may_be_at (const char *text, uint32_t at, uint32_t end)
{
    return qw_phrase_keys_have (&qw_phrases_within_keys, text, at, end);
}

/* The meanings of the phrases at text[at], where a word begins. Quick to say that there are none. */
unsigned qw_phrases_at_word (const char *text, uint32_t at, uint32_t end);

#endif
