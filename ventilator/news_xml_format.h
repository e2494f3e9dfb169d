/*  news_xml_format.h - the news formats as tables: which element is what.

    A new format is a new table, and a line in the list of root elements.
 */
#ifndef QW_NEWS_XML_FORMAT_H
#define QW_NEWS_XML_FORMAT_H

#include "ventilator/news_xml_item.h"

/* Namespaces, as far as they tell apart elements of one name. */
typedef enum {
    QW_NEWS_ANY,
    QW_NEWS_PLAIN, /* none, RSS's of any version, Atom's */
    QW_NEWS_CONTENT,
    QW_NEWS_DUBLIN_CORE,
    QW_NEWS_OTHER
} qw_news_space_t;

typedef enum {
    QW_NEWS_ITEM,        /* an item begins */
    QW_NEWS_TEXT,        /* its text is the field */
    QW_NEWS_TEXT_HTML,   /* its text, which is HTML, is the field */
    QW_NEWS_ATTRIBUTE,   /* the attribute is the field; other rules may still apply */
    QW_NEWS_BODY,        /* markup of the body */
    QW_NEWS_BODY_HTML,   /* the body as text, which is HTML */
    QW_NEWS_BODY_PLAIN,  /* the body as text */
    QW_NEWS_SUMMARY_HTML,
    QW_NEWS_SUMMARY,     /* markup */
    QW_NEWS_ALTERNATIVE, /* one of several forms of the body: is left out when there is a body already */
    QW_NEWS_LEAVE_OUT,
    QW_NEWS_COUNT        /* is left out, and counted */
} qw_news_action_t;

typedef struct {
    const char *path; /* the element, behind as many of the ones around it as are needed: "contentMeta/headline" */
    qw_news_action_t action;
    qw_news_field_t field; /* of _TEXT, _TEXT_HTML and _ATTRIBUTE */
    uint8_t rank;
    qw_news_space_t space;
    const char *attribute; /* of _ATTRIBUTE: its local name */
    /* Only when this attribute has one of these values ("alternate|self"); an empty one ("alternate|") means that it may be
     * missing; "*" that it is there. NULL: always. */
    const char *when, *is;
} qw_news_rule_t;

typedef struct qw_news_format_t {
    const char *name; /* for a person */
    const qw_news_rule_t *rules;
    size_t rule_count;
    const struct qw_news_format_t *inner; /* a format whose rules count too; NULL: none */
    qw_news_rules_t document;
} qw_news_format_t;

extern const qw_news_format_t qw_news_newsml, qw_news_nitf, qw_news_feed;

/* Whether the path names the last of these elements. */
bool qw_news_path_matches (const char *path, const char *const *elements, size_t depth);

/* Whether the value is one of `list` ("a|b"), behind which parameters ("text/html; charset=utf-8") do not count; `value` has
 * size 0 when there is none. */
bool qw_news_is_one_of (qw_bytes_t value, const char *list);

/* The namespace by its address; `prefix` counts when the file does not say what it stands for, as some feeds do not. */
qw_news_space_t qw_news_space (const char *uri, const char *prefix);

/* The format that has this element at its root, or NULL. */
const qw_news_format_t *qw_news_format_of_root (qw_bytes_t name);

#endif
