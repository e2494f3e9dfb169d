/*  news_xml_prose.h - running text out of markup: blocks become paragraphs with a blank line between them.

    For content that somebody has marked as an article's (a feed's content, a wire's body), so that nothing has to be chosen;
    it knows the elements of XHTML, HTML and NITF. Scripts, forms and navigation are left out. Time is linear, memory is
    bounded by the limit.
 */
#ifndef QW_NEWS_XML_PROSE_H
#define QW_NEWS_XML_PROSE_H

#include "ventilator/encoding.h"

/* Zero it to begin with. */
typedef struct {
    qw_buffer_t text;
    size_t limit;        /* bytes that the text may have */
    bool is_too_large;   /* it would have had more; the rest is missing */
    uint8_t wanted;      /* what is to come before the next character, a qw_prose_gap_t */
    uint32_t quote_depth;
    char skipped[16];    /* the element that is being left out; empty: none */
    uint32_t skip_depth; /* of elements of this name within each other */
} qw_prose_t;

void qw_prose_reset (qw_prose_t *self, size_t limit);
void qw_prose_free (qw_prose_t *self);

/* Text of an element: white space becomes one blank. */
void qw_prose_text (qw_prose_t *self, qw_bytes_t text);

/* Text whose lines stand as they are. */
void qw_prose_plain (qw_prose_t *self, qw_bytes_t text);

/* What comes next stands in a paragraph of its own. */
void qw_prose_break (qw_prose_t *self);

/* A start tag, an end tag; the name is a local one. */
void qw_prose_start (qw_prose_t *self, qw_bytes_t name);
void qw_prose_end (qw_prose_t *self, qw_bytes_t name);

/* HTML, as it stands in feeds: whatever it holds, it is read to its end. */
void qw_prose_html (qw_prose_t *self, qw_bytes_t html);

static inline qw_bytes_t qw_prose_bytes (const qw_prose_t *self)
{
    return (qw_bytes_t){self->text.data ? self->text.data : "", self->text.size};
}

#endif
