/*  names.h - the one form of a name that all its spellings share: "Choe Ryong-hae", "CHOE RYONG HAE" and "Mr. Choe Ryong Hae" are
    "choe ryong hae"; "U.S." and "the United States" are "united states". */
#ifndef QW_NAMES_H
#define QW_NAMES_H

#include "proto/layers.h"

enum { QW_NAME_WORDS = 8, QW_NAME_BYTES = 160 };

typedef struct {
    char bytes[QW_NAME_BYTES]; /* words in small letters, no accents, no marks, a blank between them; not NUL-terminated */
    uint32_t size;
    uint32_t word_count;             /* at most QW_NAME_WORDS are kept apart; the last one holds the rest */
    uint16_t ends[QW_NAME_WORDS];    /* where each word ends */
    bool capitals;                   /* one word in capitals, with or without stops: it may be an acronym */
    bool cut;                        /* longer than QW_NAME_BYTES: the end is missing */
} qw_name_form_t;

static inline uint32_t qw_name_word_start (const qw_name_form_t *self, uint32_t word)
{
    return word == 0 ? 0 : self->ends[word - 1] + 1u;
}

/* Brings a mention's text into its form. The form may be empty (marks alone). */
void qw_name_form (qw_name_form_t *self, const char *text, size_t size, qw_entity_type_t type);

/* What a title or a first name says: 1 a man, 2 a woman, 0 nothing. `word` in small letters, without its stop. */
int qw_name_title_gender (const char *word, size_t size);
int qw_name_first_gender (const char *word, size_t size);

/* True for surnames that stand first in Chinese, Korean and Vietnamese names. */
bool qw_name_is_leading_surname (const char *word, size_t size);

#endif
