/*  html_article.h - which lines of a page are its article.

    Lines that are prose (long, or ended like sentences, and not mostly links) have weight. The article is the smallest
    element that holds most of the weight; where the page marks its article's body, only weight inside of that counts.
    What a page marks as navigation, comments, advertising or a list of links is left out, as is what is hidden;
    headings with nothing beneath them, lists of links and labels go as well. The headline, and bylines, dates, captions
    and lead paragraphs between it and the body, are taken along. Where strict reading finds nothing, names alone no
    longer exclude.

    The features are those of Kohlschütter, Fankhauser and Nejdl, "Boilerplate Detection using Shallow Text Features"
    (WSDM 2010): length and link density of blocks; that weight belongs to elements and candidates may be judged by
    their class names is the idea of Arc90's Readability (2009). The procedure is our own.
 */
#ifndef QW_HTML_ARTICLE_H
#define QW_HTML_ARTICLE_H

#include "ventilator/html_page.h"

/* Zero it to begin with; the memory is kept from page to page. */
typedef struct {
    uint16_t *flags;   /* of each node, with those of the elements around it */
    uint32_t *weights; /* of each node */
    uint32_t *proses;  /* lines of prose in each node */
    size_t node_capacity;
    bool *kept; /* lines */
    size_t line_capacity;
    uint64_t *seen; /* hashes of lines */
    size_t seen_capacity;
} qw_html_chooser_t;

/* Appends the article's lines to `text`, blank lines between them, and offers what they tell as metadata. QW_NOT_FOUND with
 * a reason: the page has no article. */
qw_status_t qw_html_article (qw_html_chooser_t *self, const qw_html_page_t *page, qw_html_metadata_t *metadata,
                             qw_buffer_t *text, qw_reason_t *reason);
void qw_html_chooser_free (qw_html_chooser_t *self);

#endif
