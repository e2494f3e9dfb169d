/*  language.h - whether a text is English, told by its little words. */
#ifndef QW_LANGUAGE_H
#define QW_LANGUAGE_H

#include <stdbool.h>
#include <stddef.h>

/* False for a text of twenty words or more that can hardly be English: fewer than one word in ten of its first 3,000 bytes is
 * one of the commonest of English, or most of its letters are no ASCII ones. (Of 10,000 news articles the one with the fewest
 * has one in eight.) `text` is UTF-8. */
bool qw_language_is_english (const char *text, size_t size);

#endif
