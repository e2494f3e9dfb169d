/*  html_words.h - what HTML's elements do to text, and what their classes say of it. */
#ifndef QW_HTML_WORDS_H
#define QW_HTML_WORDS_H

#include "proto/mp.h"

typedef enum {
    QW_TAG_OTHER, /* unknown, or of no interest */
    QW_TAG_A,
    QW_TAG_ADDRESS,
    QW_TAG_ARTICLE,
    QW_TAG_ASIDE,
    QW_TAG_BLOCKQUOTE,
    QW_TAG_BODY,
    QW_TAG_BR,
    QW_TAG_CAPTION,
    QW_TAG_CUSTOM, /* an element of the page's own, with a hyphen in its name */
    QW_TAG_DD,
    QW_TAG_DIV,
    QW_TAG_DT,
    QW_TAG_FIGCAPTION,
    QW_TAG_FIGURE,
    QW_TAG_FOOTER,
    QW_TAG_FORM,
    QW_TAG_HEADER,
    QW_TAG_HEADING, /* h2 to h6 */
    QW_TAG_HEADLINE, /* h1 */
    QW_TAG_HTML,
    QW_TAG_INLINE, /* known, without any effect but that of its class */
    QW_TAG_LI,
    QW_TAG_LINK,
    QW_TAG_LIST,
    QW_TAG_MAIN,
    QW_TAG_META,
    QW_TAG_NAV,
    QW_TAG_P,
    QW_TAG_PRE,
    QW_TAG_SCRIPT,
    QW_TAG_SECTION,
    QW_TAG_SKIP, /* its content is no text of the page: frames, buttons, drawings, ... */
    QW_TAG_TABLE,
    QW_TAG_TD,
    QW_TAG_TIME,
    QW_TAG_TITLE,
    QW_TAG_TR,
    QW_TAG_VOID /* without content and of no interest */
} qw_tag_t;

qw_tag_t qw_html_tag (qw_bytes_t name);

/* What stands in an element of this kind begins a line of its own. */
bool qw_html_is_block (qw_tag_t tag);

/* What an element is by its tag, classes and other attributes. */
enum {
    QW_HTML_HIDDEN = 1,    /* not shown */
    QW_HTML_SURE = 2,      /* no part of an article: navigation, a footer */
    QW_HTML_COMMENTS = 4,  /* what readers wrote */
    QW_HTML_NEGATIVE = 8,  /* by its name no part of an article: "related", "share", "cookie-banner" */
    QW_HTML_BODY = 16,     /* by its name an article's body */
    QW_HTML_ARTICLE = 32,  /* an article element or its like */
    QW_HTML_MAIN = 64,
    QW_HTML_BYLINE = 128,
    QW_HTML_CAPTION = 256,
    QW_HTML_TITLE = 512,   /* by its name the headline */
    QW_HTML_DEK = 1024,    /* what stands below the headline: "standfirst" */
    QW_HTML_DATE = 2048
};

/* What the words of a class or id attribute say; words within a name are told apart by '-', '_' and capital letters. */
unsigned qw_html_class (qw_bytes_t value);

#endif
