/*  document_facts.h - what is known of an article besides its text: title, date, outlet, ... from its metadata.

    Pages, feeds and NewsML have them under the names that the ventilator gives: title, byline, published, outlet, language,
    url. Lines of JSON have what their makers liked; the usual names are looked for in a fixed order.
 */
#ifndef QW_DOCUMENT_FACTS_H
#define QW_DOCUMENT_FACTS_H

#include "proto/document.h"

/* data NULL: not known. Everything points into the record. */
typedef struct {
    qw_bytes_t title;    /* of the metadata, or else the headline of the structure, or nothing */
    qw_bytes_t date;     /* ISO 8601, from the year to whatever is known: "2014-11-18T09:30:00Z", "2014-11" */
    qw_bytes_t outlet, byline, url, language;
    qw_bytes_t path;     /* of the source: the file or the address that the article came from */
} qw_document_facts_t;

/* `paragraphs` (may be NULL) are the document's structure, spans in bytes. */
void qw_document_facts (const qw_document_t *document, const qw_paragraph_t *paragraphs, size_t paragraph_count,
                        qw_document_facts_t *facts);

/* True for "2014", "2014-11", "2014-11-18" and such a day with a time behind it, all digits in their places. */
bool qw_is_iso_date (qw_bytes_t text);

#endif
