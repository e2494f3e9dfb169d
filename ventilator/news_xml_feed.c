/*  news_xml_feed.c - RSS 0.9x, 1.0 (RDF) and 2.0, and Atom, with what publishers use of other vocabularies: content:encoded
    for the whole article, Dublin Core for authors and dates. */
#include "ventilator/news_xml_format.h"

#define MARKUP "html|text/html"

static const qw_news_rule_t rules[] = {
    {"channel/title", QW_NEWS_TEXT_HTML, QW_NEWS_OUTLET, 2, QW_NEWS_PLAIN, NULL, NULL, NULL},
    {"channel/link", QW_NEWS_TEXT, QW_NEWS_URL, 2, QW_NEWS_PLAIN, NULL, NULL, NULL},
    {"channel/language", QW_NEWS_TEXT, QW_NEWS_LANGUAGE, 2, QW_NEWS_ANY, NULL, NULL, NULL},

    {"item", QW_NEWS_ATTRIBUTE, QW_NEWS_GUID, 3, QW_NEWS_PLAIN, "about", NULL, NULL},
    {"item", QW_NEWS_ITEM, 0, 0, QW_NEWS_PLAIN, NULL, NULL, NULL},
    {"item/title", QW_NEWS_TEXT_HTML, QW_NEWS_TITLE, 1, QW_NEWS_PLAIN, NULL, NULL, NULL},
    {"item/title", QW_NEWS_TEXT_HTML, QW_NEWS_TITLE, 2, QW_NEWS_DUBLIN_CORE, NULL, NULL, NULL},
    {"item/link", QW_NEWS_TEXT, QW_NEWS_URL, 2, QW_NEWS_PLAIN, NULL, NULL, NULL},
    {"item/origLink", QW_NEWS_TEXT, QW_NEWS_URL, 1, QW_NEWS_OTHER, NULL, NULL, NULL},
    {"item/guid", QW_NEWS_TEXT, QW_NEWS_GUID, 2, QW_NEWS_PLAIN, NULL, NULL, NULL},
    {"item/creator", QW_NEWS_TEXT_HTML, QW_NEWS_BYLINE, 1, QW_NEWS_DUBLIN_CORE, NULL, NULL, NULL},
    {"item/author", QW_NEWS_TEXT_HTML, QW_NEWS_BYLINE, 2, QW_NEWS_PLAIN, NULL, NULL, NULL},
    {"item/pubDate", QW_NEWS_TEXT, QW_NEWS_PUBLISHED, 1, QW_NEWS_PLAIN, NULL, NULL, NULL},
    {"item/date", QW_NEWS_TEXT, QW_NEWS_PUBLISHED, 2, QW_NEWS_DUBLIN_CORE, NULL, NULL, NULL},
    {"item/language", QW_NEWS_TEXT, QW_NEWS_LANGUAGE, 1, QW_NEWS_DUBLIN_CORE, NULL, NULL, NULL},
    {"item/source", QW_NEWS_TEXT_HTML, QW_NEWS_OUTLET, 1, QW_NEWS_PLAIN, NULL, NULL, NULL},
    {"item/encoded", QW_NEWS_BODY_HTML, 0, 0, QW_NEWS_CONTENT, NULL, NULL, NULL},
    {"item/description", QW_NEWS_SUMMARY_HTML, 0, 0, QW_NEWS_PLAIN, NULL, NULL, NULL},

    {"feed", QW_NEWS_ATTRIBUTE, QW_NEWS_LANGUAGE, 2, QW_NEWS_PLAIN, "lang", NULL, NULL},
    {"feed/title", QW_NEWS_TEXT_HTML, QW_NEWS_OUTLET, 2, QW_NEWS_PLAIN, NULL, "type", MARKUP},
    {"feed/title", QW_NEWS_TEXT, QW_NEWS_OUTLET, 2, QW_NEWS_PLAIN, NULL, NULL, NULL},
    {"feed/link", QW_NEWS_ATTRIBUTE, QW_NEWS_URL, 2, QW_NEWS_PLAIN, "href", "rel", "alternate|"},
    {"feed/author/name", QW_NEWS_TEXT, QW_NEWS_BYLINE, 2, QW_NEWS_PLAIN, NULL, NULL, NULL},

    {"entry", QW_NEWS_ATTRIBUTE, QW_NEWS_LANGUAGE, 1, QW_NEWS_PLAIN, "lang", NULL, NULL},
    {"entry", QW_NEWS_ITEM, 0, 0, QW_NEWS_PLAIN, NULL, NULL, NULL},
    {"entry/id", QW_NEWS_TEXT, QW_NEWS_GUID, 1, QW_NEWS_PLAIN, NULL, NULL, NULL},
    {"entry/title", QW_NEWS_TEXT_HTML, QW_NEWS_TITLE, 1, QW_NEWS_PLAIN, NULL, "type", MARKUP},
    {"entry/title", QW_NEWS_TEXT, QW_NEWS_TITLE, 1, QW_NEWS_PLAIN, NULL, NULL, NULL},
    {"entry/link", QW_NEWS_ATTRIBUTE, QW_NEWS_URL, 1, QW_NEWS_PLAIN, "href", "rel", "alternate|"},
    {"entry/author/name", QW_NEWS_TEXT, QW_NEWS_BYLINE, 1, QW_NEWS_PLAIN, NULL, NULL, NULL},
    {"entry/published", QW_NEWS_TEXT, QW_NEWS_PUBLISHED, 1, QW_NEWS_PLAIN, NULL, NULL, NULL},
    {"entry/updated", QW_NEWS_TEXT, QW_NEWS_PUBLISHED, 2, QW_NEWS_PLAIN, NULL, NULL, NULL},
    {"entry/source/title", QW_NEWS_TEXT, QW_NEWS_OUTLET, 1, QW_NEWS_PLAIN, NULL, NULL, NULL},
    {"entry/content", QW_NEWS_ATTRIBUTE, QW_NEWS_LANGUAGE, 0, QW_NEWS_PLAIN, "lang", NULL, NULL},
    {"entry/content", QW_NEWS_BODY_HTML, 0, 0, QW_NEWS_PLAIN, NULL, "type", MARKUP},
    {"entry/content", QW_NEWS_BODY, 0, 0, QW_NEWS_PLAIN, NULL, "type", "xhtml|application/xhtml+xml"},
    {"entry/content", QW_NEWS_BODY_PLAIN, 0, 0, QW_NEWS_PLAIN, NULL, "type", "text|text/plain|"},
    {"entry/summary", QW_NEWS_SUMMARY_HTML, 0, 0, QW_NEWS_PLAIN, NULL, "type", MARKUP},
    {"entry/summary", QW_NEWS_SUMMARY, 0, 0, QW_NEWS_PLAIN, NULL, NULL, NULL},
};

const qw_news_format_t qw_news_feed = {"RSS or Atom", rules, sizeof rules / sizeof *rules, NULL, {false, true}};
