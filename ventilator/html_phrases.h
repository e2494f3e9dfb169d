/*  html_phrases.h - what a line of a page is by its words: a sentence, a label of the page's furniture, the head of a
    list of links. */
#ifndef QW_HTML_PHRASES_H
#define QW_HTML_PHRASES_H

#include "proto/mp.h"

/* The line ends as sentences do, perhaps behind closing marks. */
bool qw_html_ends_sentence (qw_bytes_t line);

/* The whole line is a label: "Share this article", "Advertisement". */
bool qw_html_is_label (qw_bytes_t line);

/* The line begins as references to other articles do: "Read more: ..." */
bool qw_html_is_reference (qw_bytes_t line);

/* The heading stands above what is no part of an article: "Related stories", "Comments". */
bool qw_html_heads_furniture (qw_bytes_t line);

/* Both say the same, but for case, punctuation, and what follows the longer one's bar or dash ("Headline | Outlet"). */
bool qw_html_same_title (qw_bytes_t line, qw_bytes_t title);

/* It has a letter, a digit or a character beyond ASCII. */
bool qw_html_has_words (qw_bytes_t line);

#endif
