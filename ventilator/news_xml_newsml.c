/*  news_xml_newsml.c - IPTC's NewsML-G2: news items, alone or in a news message. The text stands in them as XHTML, as NITF,
    or as plain text. Packages, concepts and plannings hold no text of their own. */
#include "ventilator/news_xml_format.h"

#define WITHDRAWN "stat:canceled|stat:cancelled|stat:withheld|canceled|cancelled|withheld"

static const qw_news_rule_t rules[] = {
    {"newsItem", QW_NEWS_ATTRIBUTE, QW_NEWS_GUID, 0, QW_NEWS_ANY, "guid", NULL, NULL},
    {"newsItem", QW_NEWS_ATTRIBUTE, QW_NEWS_VERSION, 0, QW_NEWS_ANY, "version", NULL, NULL},
    {"newsItem", QW_NEWS_ATTRIBUTE, QW_NEWS_LANGUAGE, 3, QW_NEWS_ANY, "lang", NULL, NULL},
    {"newsItem", QW_NEWS_ITEM, 0, 0, QW_NEWS_ANY, NULL, NULL, NULL},
    {"packageItem", QW_NEWS_COUNT, 0, 0, QW_NEWS_ANY, NULL, NULL, NULL},
    {"conceptItem", QW_NEWS_COUNT, 0, 0, QW_NEWS_ANY, NULL, NULL, NULL},
    {"knowledgeItem", QW_NEWS_COUNT, 0, 0, QW_NEWS_ANY, NULL, NULL, NULL},
    {"planningItem", QW_NEWS_COUNT, 0, 0, QW_NEWS_ANY, NULL, NULL, NULL},
    {"catalogItem", QW_NEWS_COUNT, 0, 0, QW_NEWS_ANY, NULL, NULL, NULL},

    {"itemMeta/itemClass", QW_NEWS_ATTRIBUTE, QW_NEWS_CLASS, 0, QW_NEWS_ANY, "qcode", NULL, NULL},
    {"itemMeta/pubStatus", QW_NEWS_ATTRIBUTE, QW_NEWS_STATUS, 0, QW_NEWS_ANY, "qcode", "qcode", WITHDRAWN},
    {"itemMeta/provider/name", QW_NEWS_TEXT, QW_NEWS_OUTLET, 0, QW_NEWS_ANY, NULL, NULL, NULL},
    {"itemMeta/provider", QW_NEWS_ATTRIBUTE, QW_NEWS_OUTLET, 2, QW_NEWS_ANY, "literal", NULL, NULL},
    {"itemMeta/versionCreated", QW_NEWS_TEXT, QW_NEWS_PUBLISHED, 1, QW_NEWS_ANY, NULL, NULL, NULL},
    {"itemMeta/firstCreated", QW_NEWS_TEXT, QW_NEWS_PUBLISHED, 2, QW_NEWS_ANY, NULL, NULL, NULL},
    {"itemMeta/link", QW_NEWS_ATTRIBUTE, QW_NEWS_URL, 1, QW_NEWS_ANY, "href", "rel",
     "canonical|alternate|irel:canonical|irel:alternate"},

    {"contentMeta/contentCreated", QW_NEWS_TEXT, QW_NEWS_PUBLISHED, 0, QW_NEWS_ANY, NULL, NULL, NULL},
    {"contentMeta/headline", QW_NEWS_TEXT, QW_NEWS_TITLE, 0, QW_NEWS_ANY, NULL, "role", "|hldrole:main|hld:main|main"},
    {"contentMeta/headline", QW_NEWS_TEXT, QW_NEWS_TITLE, 1, QW_NEWS_ANY, NULL, NULL, NULL},
    {"contentMeta/by", QW_NEWS_TEXT, QW_NEWS_BYLINE, 0, QW_NEWS_ANY, NULL, NULL, NULL},
    {"contentMeta/dateline", QW_NEWS_TEXT, QW_NEWS_DATELINE, 0, QW_NEWS_ANY, NULL, NULL, NULL},
    {"contentMeta/language", QW_NEWS_ATTRIBUTE, QW_NEWS_LANGUAGE, 1, QW_NEWS_ANY, "tag", NULL, NULL},
    {"contentMeta/creator/name", QW_NEWS_TEXT, QW_NEWS_OUTLET, 3, QW_NEWS_ANY, NULL, NULL, NULL},

    {"contentSet/inlineXML", QW_NEWS_ATTRIBUTE, QW_NEWS_LANGUAGE, 2, QW_NEWS_ANY, "lang", NULL, NULL},
    {"contentSet/inlineXML", QW_NEWS_ALTERNATIVE, 0, 0, QW_NEWS_ANY, NULL, NULL, NULL},
    {"inlineXML/html", QW_NEWS_ATTRIBUTE, QW_NEWS_LANGUAGE, 2, QW_NEWS_ANY, "lang", NULL, NULL},
    {"html/head/title", QW_NEWS_TEXT, QW_NEWS_TITLE, 2, QW_NEWS_ANY, NULL, NULL, NULL},
    {"html/head/link", QW_NEWS_ATTRIBUTE, QW_NEWS_URL, 0, QW_NEWS_ANY, "href", "rel", "canonical"},
    {"html/body", QW_NEWS_BODY, 0, 0, QW_NEWS_ANY, NULL, NULL, NULL},
    {"inlineXML/article", QW_NEWS_BODY, 0, 0, QW_NEWS_ANY, NULL, NULL, NULL},
    {"inlineXML/section", QW_NEWS_BODY, 0, 0, QW_NEWS_ANY, NULL, NULL, NULL},
    {"inlineXML/div", QW_NEWS_BODY, 0, 0, QW_NEWS_ANY, NULL, NULL, NULL},
    {"inlineXML/p", QW_NEWS_BODY, 0, 0, QW_NEWS_ANY, NULL, NULL, NULL},
    {"contentSet/inlineData", QW_NEWS_ALTERNATIVE, 0, 0, QW_NEWS_ANY, NULL, NULL, NULL},
    {"contentSet/inlineData", QW_NEWS_LEAVE_OUT, 0, 0, QW_NEWS_ANY, NULL, "encoding", "*"},
    {"contentSet/inlineData", QW_NEWS_BODY_HTML, 0, 0, QW_NEWS_ANY, NULL, "contenttype",
     "text/html|application/xhtml+xml"},
    {"contentSet/inlineData", QW_NEWS_BODY_PLAIN, 0, 0, QW_NEWS_ANY, NULL, "contenttype", "text/plain|"},
};

const qw_news_format_t qw_news_newsml = {"NewsML-G2", rules, sizeof rules / sizeof *rules, &qw_news_nitf, {true, false}};
