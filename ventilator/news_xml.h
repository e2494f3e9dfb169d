/*  news_xml.h - the news items of an XML file, one after another: NewsML-G2, NITF, RSS, Atom.

    The file is read as a stream by libxml2's parser, whatever its size, without a tree: memory is bounded by four times the
    largest document allowed, and libxml2's own limits (10 MB for one piece of text). Nothing outside of the file is ever
    read. Entities that a file declares for itself are not believed: only XML's and HTML's own are known. Beyond what news
    have, a file is refused: elements more than 256 deep, a tag of more than 128 KiB, more than 10,000 different names.

    Broken XML ends the file: its items before that place stand.

    What a document is made of: the headline, the byline ("By ..."), the dateline and the body's paragraphs, with blank lines
    between them. Metadata: title, byline, published (ISO 8601), outlet, language, url, guid, version.

    The id is the item's own, so that the same item again is recognised: of NewsML-G2 guid#version ("#1" when it has no
    version), so that a new version is a document of its own; of feeds the guid or Atom's id, else the item's address, so
    that an item stays one while its publisher polishes it; of NITF the doc-id. What is no URI stands behind its feed's
    address, or its registrar's name, and a '#'. An item that tells nothing of this has no id.

    A feed's description counts as the article when it has 800 bytes or more and does not end in an ellipsis; otherwise an
    item without content fails, with a reason that names its address.
 */
#ifndef QW_NEWS_XML_H
#define QW_NEWS_XML_H

#include "ventilator/news_xml_item.h"
#include "ventilator/source_reader.h"

typedef struct qw_news_xml_t qw_news_xml_t;

/* True when the file begins with the root element of a format that is read here; what may stand before that is passed
 * over. `start` are its first bytes, in an encoding that has ASCII in it. */
bool qw_news_xml_sniff (qw_bytes_t start);

/* `is_utf8`: the reader has converted the file, so that the encoding which it declares does not hold. */
qw_news_xml_t *qw_news_xml_new (size_t max_document_bytes, bool is_utf8);
void qw_news_xml_destroy (qw_news_xml_t **self_p);

/* QW_OK: `item` was read, or tells why not; it holds until the next call. QW_END: there are no more. QW_AGAIN: the reader
 * has nothing now. Nothing else. */
qw_status_t qw_news_xml_next (qw_news_xml_t *self, qw_reader_t *reader, const qw_news_item_t **item);

/* How many items were passed over so far because they hold no article: packages, concepts, pictures, ... */
uint64_t qw_news_xml_skipped (const qw_news_xml_t *self);

/* The encoding that the file declares; empty: UTF-8. */
const char *qw_news_xml_encoding (const qw_news_xml_t *self);

#endif
