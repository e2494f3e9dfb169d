/*  news_xml_nitf.c - IPTC's NITF, alone or within NewsML-G2. */
#include "ventilator/news_xml_format.h"

static const qw_news_rule_t rules[] = {
    {"nitf", QW_NEWS_ATTRIBUTE, QW_NEWS_LANGUAGE, 3, QW_NEWS_ANY, "lang", NULL, NULL},
    {"nitf", QW_NEWS_ITEM, 0, 0, QW_NEWS_ANY, NULL, NULL, NULL},
    {"nitf/head/title", QW_NEWS_TEXT, QW_NEWS_TITLE, 3, QW_NEWS_ANY, NULL, NULL, NULL},
    {"docdata/doc-id", QW_NEWS_ATTRIBUTE, QW_NEWS_GUID, 1, QW_NEWS_ANY, "id-string", NULL, NULL},
    {"docdata/doc-id", QW_NEWS_ATTRIBUTE, QW_NEWS_AUTHORITY, 1, QW_NEWS_ANY, "regsrc", NULL, NULL},
    {"docdata/du-key", QW_NEWS_ATTRIBUTE, QW_NEWS_VERSION, 1, QW_NEWS_ANY, "version", NULL, NULL},
    {"docdata/date.issue", QW_NEWS_ATTRIBUTE, QW_NEWS_PUBLISHED, 3, QW_NEWS_ANY, "norm", NULL, NULL},
    {"docdata/date.release", QW_NEWS_ATTRIBUTE, QW_NEWS_PUBLISHED, 4, QW_NEWS_ANY, "norm", NULL, NULL},
    {"docdata/doc.copyright", QW_NEWS_ATTRIBUTE, QW_NEWS_OUTLET, 6, QW_NEWS_ANY, "holder", NULL, NULL},
    {"head/pubdata", QW_NEWS_ATTRIBUTE, QW_NEWS_OUTLET, 4, QW_NEWS_ANY, "name", NULL, NULL},
    {"head/pubdata", QW_NEWS_ATTRIBUTE, QW_NEWS_PUBLISHED, 5, QW_NEWS_ANY, "date.publication", NULL, NULL},
    {"head/pubdata", QW_NEWS_ATTRIBUTE, QW_NEWS_URL, 2, QW_NEWS_ANY, "ex-ref", NULL, NULL},

    {"hedline/hl1", QW_NEWS_TEXT, QW_NEWS_TITLE, 1, QW_NEWS_ANY, NULL, NULL, NULL},
    {"hedline/hl2", QW_NEWS_TEXT, QW_NEWS_SUBTITLE, 1, QW_NEWS_ANY, NULL, NULL, NULL},
    {"body.head/byline", QW_NEWS_TEXT, QW_NEWS_BYLINE, 1, QW_NEWS_ANY, NULL, NULL, NULL},
    {"body.head/distributor", QW_NEWS_TEXT, QW_NEWS_OUTLET, 5, QW_NEWS_ANY, NULL, NULL, NULL},
    {"body.head/dateline", QW_NEWS_TEXT, QW_NEWS_DATELINE, 1, QW_NEWS_ANY, NULL, NULL, NULL},
    {"body/body.content", QW_NEWS_BODY, 0, 0, QW_NEWS_ANY, NULL, NULL, NULL},
    {"body.end/tagline", QW_NEWS_BODY, 0, 0, QW_NEWS_ANY, NULL, NULL, NULL},
};

const qw_news_format_t qw_news_nitf = {"NITF", rules, sizeof rules / sizeof *rules, NULL, {false, false}};
