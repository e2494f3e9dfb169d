/*  html_metadata.h - what a page says of itself: in JSON-LD (schema.org's NewsArticle and its kin), OpenGraph, meta and link
    elements, <time> and <title>. Several may tell the same; the most reliable is believed.
 */
#ifndef QW_HTML_METADATA_H
#define QW_HTML_METADATA_H

#include "ventilator/encoding.h"

typedef enum {
    QW_HTML_FACT_TITLE,
    QW_HTML_FACT_BYLINE,
    QW_HTML_FACT_PUBLISHED, /* ISO 8601 */
    QW_HTML_FACT_OUTLET,
    QW_HTML_FACT_LANGUAGE,
    QW_HTML_FACT_URL,
    QW_HTML_FACT_RETRIEVED, /* ISO 8601; only from outside of the page */
    QW_HTML_FACT_TEXT,      /* the article's text as JSON-LD has it; no metadata */
    QW_HTML_FACTS
} qw_html_fact_t;

/* Zero it to begin with. */
typedef struct {
    qw_buffer_t facts[QW_HTML_FACTS]; /* size 0: unknown */
    unsigned ranks[QW_HTML_FACTS];    /* of what is known: a smaller one is more reliable */
    bool is_article;                  /* the page says that it is one */
    size_t json_count;                /* pieces of JSON-LD that were read */
    qw_buffer_t scratch, json;
} qw_html_metadata_t;

void qw_html_metadata_reset (qw_html_metadata_t *self);
void qw_html_metadata_free (qw_html_metadata_t *self);

/* For whom reads the page. Attributes and texts are as written. */
void qw_html_metadata_meta (qw_html_metadata_t *self, qw_bytes_t attributes);
void qw_html_metadata_link (qw_html_metadata_t *self, qw_bytes_t attributes);
void qw_html_metadata_language (qw_html_metadata_t *self, qw_bytes_t attributes);
void qw_html_metadata_time (qw_html_metadata_t *self, qw_bytes_t attributes, bool is_publication);
void qw_html_metadata_title (qw_html_metadata_t *self, qw_bytes_t text);
bool qw_html_metadata_is_json (qw_bytes_t attributes);
void qw_html_metadata_json (qw_html_metadata_t *self, qw_bytes_t text);

/* Takes a fact (plain text) if nothing more reliable is known. What cannot be right is passed over. */
void qw_html_metadata_offer (qw_html_metadata_t *self, qw_html_fact_t fact, unsigned rank, qw_bytes_t value);

static inline qw_bytes_t qw_html_metadata_fact (const qw_html_metadata_t *self, qw_html_fact_t fact)
{
    return (qw_bytes_t){self->facts[fact].data ? self->facts[fact].data : "", self->facts[fact].size};
}

/* When the page was read: the outlet's name is taken off the title's end. */
void qw_html_metadata_finish (qw_html_metadata_t *self);

/* Writes what is known as a MessagePack map. False: nothing is. */
bool qw_html_metadata_put (const qw_html_metadata_t *self, qw_out_t *out);

#endif
