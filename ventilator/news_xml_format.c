#include "ventilator/news_xml_format.h"

#include <strings.h>

const qw_news_format_t *qw_news_format_of_root (qw_bytes_t name)
{
    static const struct {
        const char *name;
        const qw_news_format_t *format;
    } roots[] = {{"newsItem", &qw_news_newsml},     {"newsMessage", &qw_news_newsml},   {"packageItem", &qw_news_newsml},
                 {"conceptItem", &qw_news_newsml},  {"knowledgeItem", &qw_news_newsml}, {"planningItem", &qw_news_newsml},
                 {"catalogItem", &qw_news_newsml},  {"nitf", &qw_news_nitf},            {"rss", &qw_news_feed},
                 {"RDF", &qw_news_feed},            {"feed", &qw_news_feed},            {"entry", &qw_news_feed}};
    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++)
        if (qw_bytes_are (name, roots[i].name))
            return roots[i].format;
    return NULL;
}

bool qw_news_path_matches (const char *path, const char *const *elements, size_t depth)
{
    for (const char *end = path + strlen (path); depth > 0; end--) {
        const char *slash = memrchr (path, '/', (size_t) (end - path)), *start = slash ? slash + 1 : path;
        size_t size = (size_t) (end - start);
        depth--;
        if (strncmp (elements[depth], start, size) != 0 || elements[depth][size] != 0)
            return false;
        if (!slash)
            return true;
        end = slash + 1;
    }
    return false;
}

bool qw_news_is_one_of (qw_bytes_t value, const char *list)
{
    if (strcmp (list, "*") == 0)
        return value.size > 0;
    size_t size = 0;
    while (size < value.size && value.data[size] != ';' && value.data[size] != ' ')
        size++;
    for (const char *start = list;; start++) {
        const char *end = strchrnul (start, '|');
        if ((size_t) (end - start) == size && (size == 0 || strncasecmp (start, value.data, size) == 0))
            return true;
        if (!*end)
            return false;
        start = end;
    }
}

qw_news_space_t qw_news_space (const char *uri, const char *prefix)
{
    static const struct {
        const char *uri, *prefix;
        qw_news_space_t space;
    } spaces[] = {{"http://www.w3.org/2005/Atom", "atom", QW_NEWS_PLAIN},
                  {"http://purl.org/rss/1.0/", "rss", QW_NEWS_PLAIN},
                  {"http://my.netscape.com/rdf/simple/0.9/", "rss", QW_NEWS_PLAIN},
                  {"http://backend.userland.com/rss2", "rss", QW_NEWS_PLAIN},
                  {"http://purl.org/rss/1.0/modules/content/", "content", QW_NEWS_CONTENT},
                  {"http://purl.org/dc/elements/1.1/", "dc", QW_NEWS_DUBLIN_CORE},
                  {"http://purl.org/dc/terms/", "dcterms", QW_NEWS_DUBLIN_CORE}};
    if (!uri && !prefix)
        return QW_NEWS_PLAIN;
    for (size_t i = 0; i < sizeof spaces / sizeof *spaces; i++)
        if (uri ? strcmp (uri, spaces[i].uri) == 0 : strcmp (prefix, spaces[i].prefix) == 0)
            return spaces[i].space;
    return QW_NEWS_OTHER;
}
