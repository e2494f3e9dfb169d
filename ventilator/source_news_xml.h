/*  source_news_xml.h - news in XML (NewsML-G2, NITF, RSS, Atom) as a format; see news_xml.h for what is made of them. */
#ifndef QW_SOURCE_NEWS_XML_H
#define QW_SOURCE_NEWS_XML_H

#include "ventilator/source_format.h"

/* Metadata: title, byline, published, outlet, language, url, guid, version, each where it is known. */
extern const qw_format_t qw_format_news_xml;

#endif
