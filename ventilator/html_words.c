#include "ventilator/html_words.h"

#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

enum { LONGEST_NAME = 12 };

qw_tag_t qw_html_tag (qw_bytes_t name)
{
    static const struct {
        char name[LONGEST_NAME];
        qw_tag_t tag;
    } tags[] = { /* sorted */
        {"a", QW_TAG_A}, {"abbr", QW_TAG_INLINE}, {"address", QW_TAG_ADDRESS}, {"applet", QW_TAG_SKIP},
        {"area", QW_TAG_VOID}, {"article", QW_TAG_ARTICLE}, {"aside", QW_TAG_ASIDE}, {"audio", QW_TAG_SKIP},
        {"b", QW_TAG_INLINE}, {"base", QW_TAG_VOID}, {"big", QW_TAG_INLINE}, {"blockquote", QW_TAG_BLOCKQUOTE},
        {"body", QW_TAG_BODY}, {"br", QW_TAG_BR}, {"button", QW_TAG_SKIP}, {"canvas", QW_TAG_SKIP},
        {"caption", QW_TAG_CAPTION}, {"center", QW_TAG_DIV}, {"cite", QW_TAG_INLINE}, {"col", QW_TAG_VOID},
        {"datalist", QW_TAG_SKIP}, {"dd", QW_TAG_DD}, {"details", QW_TAG_DIV}, {"dialog", QW_TAG_SKIP},
        {"dir", QW_TAG_LIST}, {"div", QW_TAG_DIV}, {"dl", QW_TAG_LIST}, {"dt", QW_TAG_DT}, {"em", QW_TAG_INLINE},
        {"embed", QW_TAG_VOID}, {"fieldset", QW_TAG_DIV}, {"figcaption", QW_TAG_FIGCAPTION}, {"figure", QW_TAG_FIGURE},
        {"font", QW_TAG_INLINE}, {"footer", QW_TAG_FOOTER}, {"form", QW_TAG_FORM}, {"frame", QW_TAG_VOID},
        {"h1", QW_TAG_HEADLINE}, {"h2", QW_TAG_HEADING}, {"h3", QW_TAG_HEADING}, {"h4", QW_TAG_HEADING},
        {"h5", QW_TAG_HEADING}, {"h6", QW_TAG_HEADING}, {"header", QW_TAG_HEADER}, {"hgroup", QW_TAG_DIV},
        {"hr", QW_TAG_BR}, {"html", QW_TAG_HTML}, {"i", QW_TAG_INLINE}, {"iframe", QW_TAG_SKIP}, {"img", QW_TAG_VOID},
        {"input", QW_TAG_VOID}, {"label", QW_TAG_INLINE}, {"li", QW_TAG_LI}, {"link", QW_TAG_LINK},
        {"main", QW_TAG_MAIN}, {"map", QW_TAG_SKIP}, {"math", QW_TAG_SKIP}, {"menu", QW_TAG_NAV}, {"meta", QW_TAG_META},
        {"nav", QW_TAG_NAV}, {"noembed", QW_TAG_SKIP}, {"noframes", QW_TAG_SKIP}, {"noscript", QW_TAG_SKIP},
        {"object", QW_TAG_SKIP}, {"ol", QW_TAG_LIST}, {"p", QW_TAG_P}, {"param", QW_TAG_VOID}, {"pre", QW_TAG_PRE},
        {"rp", QW_TAG_SKIP}, {"rt", QW_TAG_SKIP}, {"s", QW_TAG_INLINE}, {"script", QW_TAG_SCRIPT},
        {"section", QW_TAG_SECTION}, {"select", QW_TAG_SKIP}, {"small", QW_TAG_INLINE}, {"source", QW_TAG_VOID},
        {"span", QW_TAG_INLINE}, {"strong", QW_TAG_INLINE}, {"style", QW_TAG_SKIP}, {"sub", QW_TAG_INLINE},
        {"summary", QW_TAG_DIV}, {"sup", QW_TAG_INLINE}, {"svg", QW_TAG_SKIP}, {"table", QW_TAG_TABLE},
        {"td", QW_TAG_TD}, {"template", QW_TAG_SKIP}, {"textarea", QW_TAG_SKIP}, {"th", QW_TAG_TD},
        {"time", QW_TAG_TIME}, {"title", QW_TAG_TITLE}, {"tr", QW_TAG_TR}, {"track", QW_TAG_VOID},
        {"tt", QW_TAG_INLINE}, {"u", QW_TAG_INLINE}, {"ul", QW_TAG_LIST}, {"video", QW_TAG_SKIP}, {"wbr", QW_TAG_VOID},
        {"xmp", QW_TAG_SKIP},
    };
    char lower[LONGEST_NAME] = {0};
    if (name.size >= LONGEST_NAME || memchr (name.data, '-', name.size)) {
        static const char *const skipped[] = {"amp-ad",     "amp-consent",   "amp-sidebar",
                                              "amp-social", "amp-analytics", "amp-user"};
        for (size_t i = 0; i < sizeof skipped / sizeof *skipped; i++)
            if (name.size >= strlen (skipped[i]) && strncasecmp (name.data, skipped[i], strlen (skipped[i])) == 0)
                return QW_TAG_SKIP;
        return memchr (name.data, '-', name.size) ? QW_TAG_CUSTOM : QW_TAG_OTHER;
    }
    for (size_t i = 0; i < name.size; i++)
        lower[i] = name.data[i] >= 'A' && name.data[i] <= 'Z' ? (char) (name.data[i] | 32) : name.data[i];
    size_t low = 0, high = sizeof tags / sizeof *tags;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp (tags[middle].name, lower);
        if (order == 0)
            return tags[middle].tag;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return QW_TAG_OTHER;
}

bool qw_html_is_block (qw_tag_t tag)
{
    switch (tag) {
    case QW_TAG_A:
    case QW_TAG_BR:
    case QW_TAG_INLINE:
    case QW_TAG_LINK:
    case QW_TAG_META:
    case QW_TAG_OTHER:
    case QW_TAG_SCRIPT:
    case QW_TAG_SKIP:
    case QW_TAG_TIME:
    case QW_TAG_TITLE:
    case QW_TAG_VOID: return false;
    default: return true;
    }
}

/* ---- classes ------------------------------------------------------------------------------------------------------- */

typedef struct {
    char word[16];
    unsigned flags;
} word_t;

/* Words that say what they are on; sorted. */
static const word_t words[] = {
    {"ad", QW_HTML_NEGATIVE}, {"addthis", QW_HTML_NEGATIVE}, {"ads", QW_HTML_NEGATIVE}, {"adslot", QW_HTML_NEGATIVE},
    {"advert", QW_HTML_NEGATIVE}, {"advertisement", QW_HTML_NEGATIVE}, {"advertising", QW_HTML_NEGATIVE},
    {"author", QW_HTML_BYLINE}, {"authors", QW_HTML_BYLINE}, {"banner", QW_HTML_NEGATIVE}, {"bio", QW_HTML_NEGATIVE},
    {"breadcrumb", QW_HTML_NEGATIVE}, {"breadcrumbs", QW_HTML_NEGATIVE}, {"byline", QW_HTML_BYLINE},
    {"caption", QW_HTML_CAPTION}, {"comment", QW_HTML_COMMENTS}, {"comments", QW_HTML_COMMENTS},
    {"consent", QW_HTML_NEGATIVE}, {"cookie", QW_HTML_NEGATIVE}, {"cookies", QW_HTML_NEGATIVE},
    {"credits", QW_HTML_NEGATIVE}, {"dateline", QW_HTML_DATE}, {"deck", QW_HTML_DEK}, {"dek", QW_HTML_DEK},
    {"disqus", QW_HTML_COMMENTS}, {"donate", QW_HTML_NEGATIVE}, {"footer", QW_HTML_NEGATIVE},
    {"gdpr", QW_HTML_NEGATIVE}, {"headline", QW_HTML_TITLE}, {"login", QW_HTML_NEGATIVE},
    {"masthead", QW_HTML_NEGATIVE}, {"menu", QW_HTML_NEGATIVE}, {"modal", QW_HTML_NEGATIVE},
    {"mostpopular", QW_HTML_NEGATIVE}, {"mostread", QW_HTML_NEGATIVE}, {"nav", QW_HTML_NEGATIVE},
    {"navbar", QW_HTML_NEGATIVE}, {"navigation", QW_HTML_NEGATIVE}, {"newsletter", QW_HTML_NEGATIVE},
    {"outbrain", QW_HTML_NEGATIVE}, {"pager", QW_HTML_NEGATIVE}, {"pagination", QW_HTML_NEGATIVE},
    {"popular", QW_HTML_NEGATIVE}, {"popup", QW_HTML_NEGATIVE}, {"promo", QW_HTML_NEGATIVE},
    {"promos", QW_HTML_NEGATIVE}, {"promotion", QW_HTML_NEGATIVE}, {"pubdate", QW_HTML_DATE},
    {"published", QW_HTML_DATE}, {"readmore", QW_HTML_NEGATIVE}, {"recirc", QW_HTML_NEGATIVE},
    {"recommendations", QW_HTML_NEGATIVE}, {"recommended", QW_HTML_NEGATIVE}, {"related", QW_HTML_NEGATIVE},
    {"relatedposts", QW_HTML_NEGATIVE}, {"relatedstories", QW_HTML_NEGATIVE}, {"respond", QW_HTML_COMMENTS},
    {"share", QW_HTML_NEGATIVE}, {"sharebar", QW_HTML_NEGATIVE}, {"sharedaddy", QW_HTML_NEGATIVE},
    {"sharethis", QW_HTML_NEGATIVE}, {"sharing", QW_HTML_NEGATIVE}, {"sidebar", QW_HTML_NEGATIVE},
    {"signup", QW_HTML_NEGATIVE}, {"sitemap", QW_HTML_NEGATIVE}, {"social", QW_HTML_NEGATIVE},
    {"sponsor", QW_HTML_NEGATIVE}, {"sponsored", QW_HTML_NEGATIVE}, {"standfirst", QW_HTML_DEK},
    {"strapline", QW_HTML_DEK}, {"subheadline", QW_HTML_DEK}, {"subscribe", QW_HTML_NEGATIVE},
    {"subscription", QW_HTML_NEGATIVE}, {"subtitle", QW_HTML_DEK}, {"taboola", QW_HTML_NEGATIVE},
    {"taglist", QW_HTML_NEGATIVE}, {"tags", QW_HTML_NEGATIVE}, {"ticker", QW_HTML_NEGATIVE},
    {"timestamp", QW_HTML_DATE}, {"toolbar", QW_HTML_NEGATIVE}, {"topbar", QW_HTML_NEGATIVE},
    {"trending", QW_HTML_NEGATIVE}, {"visuallyhidden", QW_HTML_HIDDEN}, {"widget", QW_HTML_NEGATIVE},
};

/* Two words, one behind the other. */
static const struct {
    const char *first, *second;
    unsigned flags;
} pairs[] = {
    {"article", "body", QW_HTML_BODY},      {"article", "content", QW_HTML_BODY}, {"article", "copy", QW_HTML_BODY},
    {"article", "text", QW_HTML_BODY},      {"story", "body", QW_HTML_BODY},      {"story", "content", QW_HTML_BODY},
    {"story", "copy", QW_HTML_BODY},        {"story", "text", QW_HTML_BODY},      {"entry", "content", QW_HTML_BODY},
    {"post", "body", QW_HTML_BODY},         {"post", "content", QW_HTML_BODY},    {"post", "text", QW_HTML_BODY},
    {"sr", "only", QW_HTML_HIDDEN},         {"visually", "hidden", QW_HTML_HIDDEN}, {"screen", "reader", QW_HTML_HIDDEN},
    {"skip", "link", QW_HTML_NEGATIVE},     {"skip", "to", QW_HTML_NEGATIVE},     {"most", "read", QW_HTML_NEGATIVE},
    {"most", "popular", QW_HTML_NEGATIVE},  {"most", "viewed", QW_HTML_NEGATIVE}, {"read", "more", QW_HTML_NEGATIVE},
    {"read", "next", QW_HTML_NEGATIVE},     {"more", "from", QW_HTML_NEGATIVE},   {"more", "on", QW_HTML_NEGATIVE},
    {"more", "stories", QW_HTML_NEGATIVE},  {"sign", "up", QW_HTML_NEGATIVE},     {"author", "box", QW_HTML_NEGATIVE},
    {"about", "author", QW_HTML_NEGATIVE},  {"sub", "headline", QW_HTML_DEK},     {"article", "title", QW_HTML_TITLE},
    {"entry", "title", QW_HTML_TITLE},      {"story", "title", QW_HTML_TITLE},    {"post", "title", QW_HTML_TITLE},
    {"pub", "date", QW_HTML_DATE},          {"publish", "date", QW_HTML_DATE},    {"post", "date", QW_HTML_DATE},
    {"entry", "date", QW_HTML_DATE},        {"article", "date", QW_HTML_DATE},    {"pull", "quote", QW_HTML_NEGATIVE},
};

/* A name that begins with one of these tells of something else: of the page, or of what is not there ("no-comments"). */
static bool is_modifier (const char *word)
{
    static const char *const modifiers[] = {"category", "format", "has", "hide", "is",   "layout", "no",      "not",
                                            "page",     "single", "tag", "template", "theme", "type", "with", "without"};
    for (size_t i = 0; i < sizeof modifiers / sizeof *modifiers; i++)
        if (strcmp (modifiers[i], word) == 0)
            return true;
    return false;
}

static int compare_words (const void *key, const void *item) { return strcmp (key, ((const word_t *) item)->word); }

/* What one name says: "story-body__related", "articleBody". */
static unsigned of_name (qw_bytes_t name)
{
    char word[16], before[16] = "";
    unsigned flags = 0;
    for (size_t at = 0, count = 0; at < name.size; count++) {
        size_t size = 0;
        while (at < name.size && !isalnum ((unsigned char) name.data[at])) {
            if (at > 0 && name.data[at] == '-' && at + 1 < name.size && name.data[at + 1] == '-')
                return flags; /* what follows is a variant of it */
            at++;
        }
        while (at < name.size && isalnum ((unsigned char) name.data[at])
               && !(size > 0 && isupper ((unsigned char) name.data[at]) && islower ((unsigned char) name.data[at - 1]))) {
            if (size < sizeof word - 1)
                word[size] = (char) tolower ((unsigned char) name.data[at]);
            size++;
            at++;
        }
        if (size >= sizeof word)
            size = 0;
        word[size] = 0;
        if (count == 0 && is_modifier (word))
            return 0;
        const word_t *known = bsearch (word, words, sizeof words / sizeof *words, sizeof *words, compare_words);
        if (known)
            flags |= known->flags;
        for (size_t i = 0; before[0] && i < sizeof pairs / sizeof *pairs; i++)
            if (strcmp (pairs[i].second, word) == 0 && strcmp (pairs[i].first, before) == 0)
                flags |= pairs[i].flags;
        memcpy (before, word, sizeof before);
    }
    return flags;
}

unsigned qw_html_class (qw_bytes_t value)
{
    enum { MAX_BYTES = 512 };
    unsigned flags = 0;
    size_t end = value.size < MAX_BYTES ? value.size : MAX_BYTES;
    for (size_t at = 0; at < end;) {
        size_t start = at;
        while (at < end && !isspace ((unsigned char) value.data[at]))
            at++;
        if (at > start)
            flags |= of_name ((qw_bytes_t){value.data + start, at - start});
        at++;
    }
    if (flags & (QW_HTML_NEGATIVE | QW_HTML_COMMENTS))
        flags &= ~(unsigned) (QW_HTML_BODY | QW_HTML_TITLE | QW_HTML_BYLINE | QW_HTML_CAPTION | QW_HTML_DEK);
    return flags;
}
