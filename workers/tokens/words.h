/*  words.h - the words that the tokenizer must know: abbreviations, affixes, units, domains. */
#ifndef QW_TOKENS_WORDS_H
#define QW_TOKENS_WORDS_H

#include <stdbool.h>
#include <stddef.h>
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

typedef enum {
    QW_WORD_LIST_ABBREVIATIONS,
    QW_WORD_LIST_PREFIXES, /* "co" in "co-founder": the hyphen does not split */
    QW_WORD_LIST_SUFFIXES, /* "esque" in "Trump-esque" */
    QW_WORD_LIST_UNITS,    /* "bn" in "1.5bn": splits from its number */
    QW_WORD_LIST_DOMAINS,  /* "com", "org", "pdf": a dot before it does not split */
    QW_WORD_LIST_ELISIONS, /* "em" in "'em": the apostrophe belongs to it */
    QW_WORD_LIST_AFTER_TIMES, /* "Monday", "GMT": behind "a.m." and "p.m." they go on with the sentence */
    QW_WORD_LIST_COUNT
} qw_word_list_t;

/* True when the list holds the word, in whatever case. */
bool qw_word_in_list (qw_word_list_t list, const char *word, uint32_t size);

/* The list's entry number `i`, NULL behind its end. The entries are in strcmp order. */
const char *qw_word_listed (qw_word_list_t list, size_t i);

#endif
