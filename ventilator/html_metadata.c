#include "ventilator/html_metadata.h"

#include <jansson.h>
#include <strings.h>

#include "ventilator/html_tokens.h"
#include "ventilator/html_words.h"
#include "ventilator/source_date.h"

enum {
    MAX_FACT = 1000,
    MAX_URL = 4096,
    MAX_LANGUAGE = 35,      /* BCP 47 */
    MAX_JSON = 1 << 20,     /* of one piece; a tree of JSON takes many times its text */
    MAX_PIECES = 64,
    MAX_ITEMS = 500,        /* of an array that is looked through */
    MAX_NESTING = 4
};

/* Where a fact comes from, the most reliable first. */
enum { FROM_JSON, FROM_ARTICLE_META, FROM_META, FROM_MARKED, FROM_OTHER, FROM_TITLE };

void qw_html_metadata_reset (qw_html_metadata_t *self)
{
    for (size_t i = 0; i < QW_HTML_FACTS; i++)
        self->facts[i].size = 0;
    self->is_article = false;
    self->json_count = 0;
}

void qw_html_metadata_free (qw_html_metadata_t *self)
{
    for (size_t i = 0; i < QW_HTML_FACTS; i++)
        qw_buffer_free (&self->facts[i]);
    qw_buffer_free (&self->scratch);
    qw_buffer_free (&self->json);
    memset (self, 0, sizeof *self);
}

/* ---- facts --------------------------------------------------------------------------------------------------------- */

/* Appends with each run of white space as one space, and none at either end. */
static void append_line (qw_buffer_t *into, qw_bytes_t text)
{
    bool space = false;
    into->size = 0;
    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char) text.data[i];
        if (c <= ' ' || c == 0x7f) {
            space = into->size > 0;
            continue;
        }
        if (space)
            qw_buffer_append (into, " ", 1);
        space = false;
        qw_buffer_append (into, text.data + i, 1);
    }
}

static bool is_language (qw_bytes_t value)
{
    if (value.size < 2 || value.size > MAX_LANGUAGE)
        return false;
    for (size_t i = 0; i < value.size; i++) {
        char c = value.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'), digit = c >= '0' && c <= '9';
        if (!letter && !(digit && i > 2) && !(c == '-' && i > 1))
            return false;
    }
    return true;
}

static bool is_url (qw_bytes_t value)
{
    if (value.size > MAX_URL || value.size < 10 || memchr (value.data, ' ', value.size))
        return false;
    return memcmp (value.data, "http://", 7) == 0 || memcmp (value.data, "https://", 8) == 0;
}

static bool begins (qw_bytes_t text, const char *with)
{
    size_t size = strlen (with);
    return text.size > size && qw_html_is ((qw_bytes_t){text.data, size}, with);
}

/* Brings a fact into its form. False: it cannot be right. */
static bool settle (qw_html_fact_t fact, qw_buffer_t *value)
{
    qw_bytes_t bytes = {value->data, value->size};
    char iso[QW_DATE_SIZE];
    switch (fact) {
    case QW_HTML_FACT_LANGUAGE:
        for (size_t i = 0; i < value->size; i++)
            value->data[i] = value->data[i] == '_' ? '-' : value->data[i];
        return is_language (bytes);
    case QW_HTML_FACT_URL: return is_url (bytes);
    case QW_HTML_FACT_PUBLISHED:
    case QW_HTML_FACT_RETRIEVED:
        if (!qw_date_to_iso (bytes, iso))
            return false;
        value->size = 0;
        qw_buffer_append (value, iso, strlen (iso));
        return true;
    case QW_HTML_FACT_BYLINE:
        if (begins (bytes, "by ") || begins (bytes, "by: ")) {
            size_t front = bytes.data[2] == ':' ? 4 : 3;
            memmove (value->data, value->data + front, value->size - front);
            value->size -= front;
        }
        return value->size > 1 && value->size <= MAX_FACT && !begins (bytes, "http:") && !begins (bytes, "https:");
    default: return value->size <= MAX_FACT;
    }
}

void qw_html_metadata_offer (qw_html_metadata_t *self, qw_html_fact_t fact, unsigned rank, qw_bytes_t value)
{
    if (self->facts[fact].size && self->ranks[fact] <= rank)
        return;
    if (fact == QW_HTML_FACT_TEXT) {
        self->facts[fact].size = 0;
        qw_buffer_append (&self->facts[fact], value.data, value.size);
        self->ranks[fact] = rank;
        return;
    }
    if (value.size > 2 * MAX_URL)
        return;
    qw_buffer_t line = {0};
    append_line (&line, value);
    if (line.size && settle (fact, &line) && line.size) {
        self->facts[fact].size = 0;
        qw_buffer_append (&self->facts[fact], line.data, line.size);
        self->ranks[fact] = rank;
    }
    qw_buffer_free (&line);
}

/* As written in HTML. */
static void offer_written (qw_html_metadata_t *self, qw_html_fact_t fact, unsigned rank, qw_bytes_t value)
{
    if (value.size > 2 * MAX_URL)
        return;
    self->scratch.size = 0;
    qw_html_append (&self->scratch, value);
    const char *data = self->scratch.data ? self->scratch.data : "";
    qw_html_metadata_offer (self, fact, rank, (qw_bytes_t){data, self->scratch.size});
}

void qw_html_metadata_finish (qw_html_metadata_t *self)
{
    static const char *const marks[] = {" | ", " - ", " \xe2\x80\x93 ", " \xe2\x80\x94 ", " :: ", " \xc2\xb7 "};
    qw_buffer_t *title = &self->facts[QW_HTML_FACT_TITLE];
    qw_bytes_t outlet = qw_html_metadata_fact (self, QW_HTML_FACT_OUTLET);
    for (size_t i = 0; i < sizeof marks / sizeof *marks && title->size; i++) {
        size_t size = strlen (marks[i]), at = title->size;
        while (at-- > size && memcmp (title->data + at - size + 1, marks[i], size) != 0)
            ;
        if (at < size)
            continue;
        qw_bytes_t tail = {title->data + at + 1, title->size - at - 1};
        bool is_outlet = outlet.size && tail.size == outlet.size && strncasecmp (tail.data, outlet.data, outlet.size) == 0;
        if (is_outlet || (i == 0 && self->ranks[QW_HTML_FACT_TITLE] == FROM_TITLE)) {
            title->size = at + 1 - size;
            return;
        }
    }
}

bool qw_html_metadata_put (const qw_html_metadata_t *self, qw_out_t *out)
{
    static const char *const keys[] = {"title", "byline", "published", "outlet", "language", "url", "retrieved"};
    size_t count = 0;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        count += self->facts[i].size > 0;
    qw_put_map (out, count);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (self->facts[i].size) {
            qw_put_key (out, keys[i]);
            qw_put_str (out, (qw_bytes_t){self->facts[i].data, self->facts[i].size});
        }
    return count > 0;
}

/* ---- elements ------------------------------------------------------------------------------------------------------ */

static qw_bytes_t attribute (qw_bytes_t attributes, const char *wanted)
{
    qw_bytes_t name, value;
    while (qw_html_attribute (&attributes, &name, &value))
        if (qw_html_is (name, wanted))
            return value;
    return (qw_bytes_t){"", 0};
}

void qw_html_metadata_meta (qw_html_metadata_t *self, qw_bytes_t attributes)
{
    static const struct {
        const char *name;
        qw_html_fact_t fact;
        unsigned rank;
    } known[] = {
        {"og:title", QW_HTML_FACT_TITLE, FROM_ARTICLE_META},
        {"twitter:title", QW_HTML_FACT_TITLE, FROM_META},
        {"dc.title", QW_HTML_FACT_TITLE, FROM_META},
        {"headline", QW_HTML_FACT_TITLE, FROM_META},
        {"author", QW_HTML_FACT_BYLINE, FROM_META},
        {"article:author", QW_HTML_FACT_BYLINE, FROM_META},
        {"byl", QW_HTML_FACT_BYLINE, FROM_META},
        {"dc.creator", QW_HTML_FACT_BYLINE, FROM_META},
        {"parsely-author", QW_HTML_FACT_BYLINE, FROM_META},
        {"sailthru.author", QW_HTML_FACT_BYLINE, FROM_META},
        {"article:published_time", QW_HTML_FACT_PUBLISHED, FROM_ARTICLE_META},
        {"og:article:published_time", QW_HTML_FACT_PUBLISHED, FROM_ARTICLE_META},
        {"datepublished", QW_HTML_FACT_PUBLISHED, FROM_ARTICLE_META},
        {"date", QW_HTML_FACT_PUBLISHED, FROM_META},
        {"pubdate", QW_HTML_FACT_PUBLISHED, FROM_META},
        {"publishdate", QW_HTML_FACT_PUBLISHED, FROM_META},
        {"publish-date", QW_HTML_FACT_PUBLISHED, FROM_META},
        {"dc.date", QW_HTML_FACT_PUBLISHED, FROM_META},
        {"dc.date.issued", QW_HTML_FACT_PUBLISHED, FROM_META},
        {"dcterms.created", QW_HTML_FACT_PUBLISHED, FROM_META},
        {"parsely-pub-date", QW_HTML_FACT_PUBLISHED, FROM_META},
        {"sailthru.date", QW_HTML_FACT_PUBLISHED, FROM_META},
        {"og:site_name", QW_HTML_FACT_OUTLET, FROM_ARTICLE_META},
        {"dc.publisher", QW_HTML_FACT_OUTLET, FROM_META},
        {"publisher", QW_HTML_FACT_OUTLET, FROM_META},
        {"application-name", QW_HTML_FACT_OUTLET, FROM_OTHER},
        {"content-language", QW_HTML_FACT_LANGUAGE, FROM_META},
        {"og:locale", QW_HTML_FACT_LANGUAGE, FROM_OTHER},
        {"og:url", QW_HTML_FACT_URL, FROM_META},
    };
    qw_bytes_t name, value, keys[4] = {{"", 0}}, content = {NULL, 0};
    for (size_t count = 0; qw_html_attribute (&attributes, &name, &value);)
        if (qw_html_is (name, "content") && !content.data)
            content = value;
        else if (count < 4 && (qw_html_is (name, "property") || qw_html_is (name, "name") || qw_html_is (name, "itemprop")
                               || qw_html_is (name, "http-equiv")))
            keys[count++] = value;
    if (!content.data)
        return;
    for (size_t k = 0; k < 4; k++) {
        if (qw_html_is (keys[k], "og:type") && content.size >= 7)
            self->is_article |= qw_html_is ((qw_bytes_t){content.data + content.size - 7, 7}, "article");
        for (size_t i = 0; keys[k].size && i < sizeof known / sizeof *known; i++)
            if (qw_html_is (keys[k], known[i].name))
                offer_written (self, known[i].fact, known[i].rank, content);
    }
}

void qw_html_metadata_link (qw_html_metadata_t *self, qw_bytes_t attributes)
{
    if (qw_html_is (attribute (attributes, "rel"), "canonical"))
        offer_written (self, QW_HTML_FACT_URL, FROM_JSON, attribute (attributes, "href"));
}

void qw_html_metadata_language (qw_html_metadata_t *self, qw_bytes_t attributes)
{
    qw_bytes_t language = attribute (attributes, "lang");
    offer_written (self, QW_HTML_FACT_LANGUAGE, FROM_ARTICLE_META,
                   language.size ? language : attribute (attributes, "xml:lang"));
}

void qw_html_metadata_time (qw_html_metadata_t *self, qw_bytes_t attributes, bool is_publication)
{
    qw_bytes_t name, value, all = attributes;
    while (qw_html_attribute (&attributes, &name, &value))
        is_publication |= qw_html_is (name, "pubdate")
                       || (qw_html_is (name, "itemprop") && qw_html_is (value, "datepublished"))
                       || (qw_html_is (name, "class") && (qw_html_class (value) & QW_HTML_DATE));
    offer_written (self, QW_HTML_FACT_PUBLISHED, is_publication ? FROM_MARKED : FROM_TITLE, attribute (all, "datetime"));
}

void qw_html_metadata_title (qw_html_metadata_t *self, qw_bytes_t text)
{
    offer_written (self, QW_HTML_FACT_TITLE, FROM_TITLE, text);
}

bool qw_html_metadata_is_json (qw_bytes_t attributes)
{
    return qw_html_is (attribute (attributes, "type"), "application/ld+json");
}

/* ---- JSON-LD ------------------------------------------------------------------------------------------------------- */

/* The string, or the first of an array, or the name of an object; NULL: none. */
static const char *text_of (const json_t *value)
{
    if (json_is_array (value))
        value = json_array_get (value, 0);
    if (json_is_object (value)) {
        const json_t *name = json_object_get (value, "name");
        value = name ? name : json_object_get (value, "@value");
        if (json_is_array (value))
            value = json_array_get (value, 0);
    }
    return json_string_value (value);
}

/* Strings of JSON-LD have often been through HTML once more ("&amp;#8217;"). */
static void offer_json (qw_html_metadata_t *self, qw_html_fact_t fact, const json_t *value)
{
    const char *text = text_of (value);
    if (text)
        offer_written (self, fact, FROM_JSON, qw_bytes_of (text));
}

/* Whether `type`, or one of several, is that of an article. */
static bool is_article (const json_t *type)
{
    size_t count = json_is_array (type) ? json_array_size (type) : 1;
    for (size_t i = 0; i < count && i < 8; i++) {
        const char *name = json_string_value (json_is_array (type) ? json_array_get (type, i) : type);
        size_t size = name ? strlen (name) : 0;
        const char *kind = size >= 7 ? name + size - 7 : "";
        if (strcmp (kind, "Article") == 0 || (strcmp (kind, "Posting") == 0 && strcmp (name, "JobPosting") != 0)
            || (name && strcmp (name, "Report") == 0))
            return true;
    }
    return false;
}

/* What an {"@id": ...} stands for, among the items of the graph. */
static const json_t *resolved (const json_t *value, const json_t *graph)
{
    bool is_reference = json_is_object (value) && !json_object_get (value, "name");
    const char *id = is_reference ? json_string_value (json_object_get (value, "@id")) : NULL;
    for (size_t i = 0; id && i < json_array_size (graph) && i < MAX_ITEMS; i++) {
        const char *other = json_string_value (json_object_get (json_array_get (graph, i), "@id"));
        if (other && strcmp (other, id) == 0)
            return json_array_get (graph, i);
    }
    return value;
}

/* "A, B and C". */
static void offer_authors (qw_html_metadata_t *self, const json_t *authors, const json_t *graph)
{
    enum { MAX_AUTHORS = 20 };
    qw_buffer_t line = {0};
    size_t count = json_is_array (authors) ? json_array_size (authors) : authors ? 1 : 0;
    for (size_t i = 0; i < count && i < MAX_AUTHORS; i++) {
        const char *name = text_of (resolved (json_is_array (authors) ? json_array_get (authors, i) : authors, graph));
        if (!name || !*name || strncmp (name, "http", 4) == 0)
            continue;
        if (line.size)
            qw_buffer_append (&line, i + 1 < count ? ", " : " and ", i + 1 < count ? 2 : 5);
        qw_buffer_append (&line, name, strlen (name));
    }
    if (line.size)
        offer_written (self, QW_HTML_FACT_BYLINE, FROM_JSON, (qw_bytes_t){line.data, line.size});
    qw_buffer_free (&line);
}

static void take_article (qw_html_metadata_t *self, const json_t *article, const json_t *graph)
{
    self->is_article = true;
    offer_json (self, QW_HTML_FACT_TITLE, json_object_get (article, "headline"));
    offer_json (self, QW_HTML_FACT_PUBLISHED, json_object_get (article, "datePublished"));
    offer_json (self, QW_HTML_FACT_LANGUAGE, json_object_get (article, "inLanguage"));
    offer_json (self, QW_HTML_FACT_OUTLET, resolved (json_object_get (article, "publisher"), graph));
    offer_authors (self, json_object_get (article, "author"), graph);
    const json_t *page = json_object_get (article, "mainEntityOfPage");
    const json_t *url = json_is_object (page) ? json_object_get (page, "@id") : page;
    const char *place = json_string_value (url ? url : json_object_get (article, "url"));
    if (place)
        qw_html_metadata_offer (self, QW_HTML_FACT_URL, FROM_ARTICLE_META, qw_bytes_of (place));
    const char *text = json_string_value (json_object_get (article, "articleBody"));
    if (text && *text && !self->facts[QW_HTML_FACT_TEXT].size) {
        self->scratch.size = 0;
        qw_html_append (&self->scratch, qw_bytes_of (text));
        qw_html_metadata_offer (self, QW_HTML_FACT_TEXT, FROM_JSON, (qw_bytes_t){self->scratch.data, self->scratch.size});
    }
}

/* Looks for an article in a value: itself, in an array, in "@graph", as what a page is about. */
static bool find_article (qw_html_metadata_t *self, const json_t *value, const json_t *graph, int nesting)
{
    if (nesting > MAX_NESTING)
        return false;
    for (size_t i = 0; json_is_array (value) && i < json_array_size (value) && i < MAX_ITEMS; i++)
        if (find_article (self, json_array_get (value, i), graph ? graph : value, nesting + 1))
            return true;
    if (!json_is_object (value))
        return false;
    if (is_article (json_object_get (value, "@type"))) {
        take_article (self, value, graph);
        return true;
    }
    const json_t *inner = json_object_get (value, "@graph");
    return find_article (self, inner, inner, nesting + 1)
        || find_article (self, json_object_get (value, "mainEntity"), graph, nesting + 1);
}

void qw_html_metadata_json (qw_html_metadata_t *self, qw_bytes_t text)
{
    while (text.size && *text.data != '{' && *text.data != '[') /* "<!--", "//<![CDATA[" */
        text = (qw_bytes_t){text.data + 1, text.size - 1};
    if (!text.size || text.size > MAX_JSON || self->json_count++ >= MAX_PIECES)
        return;
    self->json.size = 0;
    qw_buffer_append (&self->json, text.data, text.size);
    for (size_t i = 0; i < self->json.size; i++) /* line ends in strings, which JSON forbids and pages have */
        if ((unsigned char) self->json.data[i] < ' ')
            self->json.data[i] = ' ';
    json_t *root = json_loadb (self->json.data, self->json.size, JSON_DISABLE_EOF_CHECK, NULL);
    if (root)
        find_article (self, root, NULL, 0);
    json_decref (root);
}
