/*  html_page.h - an HTML page as a reader sees it: lines of text, and the elements in which they stand.

    Of the tree only elements that begin lines are kept, in the order of the page, each with where it ends; so that what
    stands inside of an element is a range, and all work on a page takes linear time. End tags that pages leave out, or
    put where none belongs, are dealt with much as browsers do.
 */
#ifndef QW_HTML_PAGE_H
#define QW_HTML_PAGE_H

#include "ventilator/encoding.h"
#include "ventilator/html_metadata.h"
#include "ventilator/html_words.h"

enum {
    QW_HTML_MAX_NODES = 1 << 20, /* elements, and lines: the largest real pages have a tenth of that */
    QW_HTML_MAX_DEPTH = 4096
};

typedef struct {
    uint32_t parent; /* its index; that of the first node is its own, 0 */
    uint32_t end;    /* the nodes [its own index, end) stand in it */
    uint32_t first_line, end_line;
    uint16_t flags; /* QW_HTML_... */
    uint8_t tag;
} qw_html_node_t;

typedef struct {
    uint32_t node;       /* the innermost */
    uint32_t start, end; /* bytes of the page's text */
    uint32_t links;      /* bytes of it in links */
    uint16_t flags;      /* of elements within the line */
} qw_html_line_t;

/* Zero it to begin with; the memory is kept from page to page. */
typedef struct {
    qw_buffer_t text;
    qw_html_node_t *nodes;
    size_t node_count, node_capacity;
    qw_html_line_t *lines;
    size_t line_count, line_capacity;
} qw_html_page_t;

/* Reads a page (valid UTF-8). QW_TOO_LARGE with a reason when it is beyond what a page may be. */
qw_status_t qw_html_page_read (qw_html_page_t *self, qw_bytes_t html, qw_html_metadata_t *metadata, qw_reason_t *reason);
void qw_html_page_free (qw_html_page_t *self);

static inline qw_bytes_t qw_html_line_text (const qw_html_page_t *self, const qw_html_line_t *line)
{
    return (qw_bytes_t){self->text.data + line->start, line->end - line->start};
}

#endif
