/*  source_warc.h - the pages in a WARC file (ISO 28500; versions 0.17 to 1.1), one record after another, as it streams by.

    Wanted are responses (HTTP, code 200) and resources and conversions, of type HTML or plain text; all other records are
    counted and passed over. A record whose length does not lead to the next one is broken: the next is then looked for
    behind its head. Memory is bounded by the largest page allowed.
 */
#ifndef QW_SOURCE_WARC_H
#define QW_SOURCE_WARC_H

#include "ventilator/source_http.h"
#include "ventilator/source_reader.h"

typedef enum {
    QW_WARC_BETWEEN, /* before a record */
    QW_WARC_HEAD,
    QW_WARC_PEEK,  /* before a response's HTTP head */
    QW_WARC_BLOCK, /* before a page */
    QW_WARC_PASS,  /* in a block that is passed over */
    QW_WARC_LOST,  /* looking for the next record behind a broken one */
    QW_WARC_DONE
} qw_warc_stage_t;

/* Zero it to begin with. */
typedef struct {
    qw_warc_stage_t stage;
    uint64_t number;  /* of the record at hand, from 1 */
    uint64_t skipped; /* records that hold no page */
    uint64_t left;    /* bytes of the record that are still to come */
    size_t taken;     /* bytes at the reader's front that were handed out last */
    bool is_response, is_html;
    qw_buffer_t url, date, charset;
    qw_buffer_t joined, inflated;
} qw_warc_t;

/* A page; everything lives until the next call. */
typedef struct {
    bool is_html; /* otherwise plain text */
    qw_bytes_t content;
    qw_bytes_t url, date, charset; /* data NULL: unknown */
} qw_warc_page_t;

/* Whether a file begins like a WARC. */
bool qw_warc_sniff (qw_bytes_t front);

/* QW_OK: a page. QW_END, QW_AGAIN as always. Anything else: why record `number` cannot be read; then on with the next
 * call. */
qw_status_t qw_warc_next (qw_warc_t *self, qw_reader_t *reader, size_t limit, qw_warc_page_t *page, qw_reason_t *reason);

void qw_warc_reset (qw_warc_t *self); /* keeps the memory */
void qw_warc_free (qw_warc_t *self);

#endif
