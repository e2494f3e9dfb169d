/*  words.h - the words that the tokenizer must know: abbreviations, affixes, units, domains. */
#ifndef QW_TOKENS_WORDS_H
#define QW_TOKENS_WORDS_H

#include <stdbool.h>
#include <stdint.h>

typedef enum {
    QW_WORD_NONE = 0,
    QW_WORD_ABBREVIATION, /* its dot belongs to it, and a sentence may end there: "Inc.", "etc." */
    QW_WORD_TITLE,        /* its dot belongs to it, and a name or number follows: "Mr.", "Nov." */
    QW_WORD_NUMBERED,     /* an abbreviation only before a number: "No. 2" */
    QW_WORD_STATE         /* one of the United States, after a comma: "Flint, Mich." */
} qw_word_kind_t;

/* What the word (without its dot) is before a dot. */
qw_word_kind_t qw_word_abbreviation (const char *word, uint32_t size);

bool qw_word_is_prefix (const char *word, uint32_t size); /* "co" in "co-founder": the hyphen does not split */
bool qw_word_is_suffix (const char *word, uint32_t size); /* "esque" in "Trump-esque" */
bool qw_word_is_unit (const char *word, uint32_t size);   /* "bn" in "1.5bn": splits from its number */
bool qw_word_is_domain (const char *word, uint32_t size); /* "com", "org", "pdf": a dot before it does not split */
bool qw_word_is_elision (const char *word, uint32_t size); /* "em" in "'em": the apostrophe belongs to it */

#endif
