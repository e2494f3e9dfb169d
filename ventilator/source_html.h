/*  source_html.h - web pages as a format: the article in the page, and what the page says of it. */
#ifndef QW_SOURCE_HTML_H
#define QW_SOURCE_HTML_H

#include "ventilator/source_format.h"

/* Metadata: title, byline, published, outlet, language, url, retrieved, each where it is known. */
extern const qw_format_t qw_format_html;

/* Plain text that came over the web; its metadata is what the context says. No files are told to be this. */
extern const qw_format_t qw_format_web_text;

#endif
