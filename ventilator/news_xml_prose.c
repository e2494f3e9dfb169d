#include "ventilator/news_xml_prose.h"

#include <stdlib.h>
#include <strings.h>

#include "ventilator/html_tokens.h"

/* What separates two characters of the text; the larger wins. */
typedef enum { GAP_NONE, GAP_BLANK, GAP_LINE, GAP_PARAGRAPH } qw_prose_gap_t;

typedef enum { KIND_INLINE, KIND_BLOCK, KIND_LINE, KIND_CELL, KIND_QUOTE, KIND_SKIP } kind_t;

typedef struct {
    const char *name;
    kind_t kind;
} element_t;

/* Sorted. What is not here stands within a line. */
static const element_t elements[] = {
    {"abstract", KIND_BLOCK},          {"address", KIND_BLOCK},           {"article", KIND_BLOCK},
    {"aside", KIND_BLOCK},             {"audio", KIND_SKIP},              {"blockquote", KIND_BLOCK},
    {"body", KIND_BLOCK},              {"body.content", KIND_BLOCK},      {"bq", KIND_BLOCK},
    {"br", KIND_LINE},                 {"button", KIND_SKIP},             {"caption", KIND_BLOCK},
    {"credit", KIND_BLOCK},            {"dd", KIND_BLOCK},                {"details", KIND_BLOCK},
    {"div", KIND_BLOCK},               {"dl", KIND_BLOCK},                {"dt", KIND_BLOCK},
    {"figcaption", KIND_BLOCK},        {"figure", KIND_BLOCK},            {"fn", KIND_BLOCK},
    {"footer", KIND_BLOCK},            {"form", KIND_SKIP},               {"h1", KIND_BLOCK},
    {"h2", KIND_BLOCK},                {"h3", KIND_BLOCK},                {"h4", KIND_BLOCK},
    {"h5", KIND_BLOCK},                {"h6", KIND_BLOCK},                {"head", KIND_SKIP},
    {"header", KIND_BLOCK},            {"hl1", KIND_BLOCK},               {"hl2", KIND_BLOCK},
    {"hr", KIND_BLOCK},                {"iframe", KIND_SKIP},             {"li", KIND_BLOCK},
    {"main", KIND_BLOCK},              {"math", KIND_SKIP},               {"media", KIND_BLOCK},
    {"media-caption", KIND_BLOCK},     {"media-metadata", KIND_SKIP},     {"media-object", KIND_SKIP},
    {"media-producer", KIND_BLOCK},    {"media-reference", KIND_SKIP},    {"menu", KIND_BLOCK},
    {"nav", KIND_SKIP},                {"nitf-table", KIND_BLOCK},        {"noscript", KIND_SKIP},
    {"note", KIND_BLOCK},              {"object", KIND_SKIP},             {"ol", KIND_BLOCK},
    {"p", KIND_BLOCK},                 {"pre", KIND_BLOCK},               {"q", KIND_QUOTE},
    {"script", KIND_SKIP},             {"section", KIND_BLOCK},           {"select", KIND_SKIP},
    {"style", KIND_SKIP},              {"summary", KIND_BLOCK},           {"svg", KIND_SKIP},
    {"table", KIND_BLOCK},             {"tagline", KIND_BLOCK},           {"tbody", KIND_BLOCK},
    {"td", KIND_CELL},                 {"template", KIND_SKIP},           {"textarea", KIND_SKIP},
    {"tfoot", KIND_BLOCK},             {"th", KIND_CELL},                 {"thead", KIND_BLOCK},
    {"title", KIND_SKIP},              {"tr", KIND_BLOCK},                {"ul", KIND_BLOCK},
    {"video", KIND_SKIP},
};

static int compare (const void *key, const void *element)
{
    const qw_bytes_t *name = key;
    const char *other = ((const element_t *) element)->name;
    int order = strncasecmp (name->data, other, name->size);
    return order ? order : -(other[name->size] != 0);
}

static kind_t kind_of (qw_bytes_t name)
{
    const element_t *found = bsearch (&name, elements, sizeof elements / sizeof *elements, sizeof *elements, compare);
    return found ? found->kind : KIND_INLINE;
}

void qw_prose_reset (qw_prose_t *self, size_t limit)
{
    *self = (qw_prose_t){.text = {self->text.data, 0, self->text.capacity}, .limit = limit};
}

void qw_prose_free (qw_prose_t *self) { qw_buffer_free (&self->text); }

static void want (qw_prose_t *self, qw_prose_gap_t gap)
{
    if (self->wanted < gap)
        self->wanted = (uint8_t) gap;
}

static void append (qw_prose_t *self, const char *bytes, size_t size)
{
    if (self->text.size + size + 2 > self->limit)
        self->is_too_large = true;
    if (self->is_too_large)
        return;
    if (self->text.size > 0 && self->wanted)
        qw_buffer_append (&self->text, self->wanted == GAP_PARAGRAPH ? "\n\n" : self->wanted == GAP_LINE ? "\n" : " ",
                          self->wanted == GAP_PARAGRAPH ? 2 : 1);
    self->wanted = GAP_NONE;
    qw_buffer_append (&self->text, bytes, size);
}

/* Bytes of white space at text[at]. A no-break space counts where a paragraph begins, which some editors leave empty so. */
static size_t white (const qw_prose_t *self, qw_bytes_t text, size_t at)
{
    if (qw_html_is_space (text.data[at]))
        return 1;
    bool begins = self->wanted >= GAP_LINE || self->text.size == 0;
    return begins && text.size - at >= 2 && memcmp (text.data + at, "\xc2\xa0", 2) == 0 ? 2 : 0;
}

void qw_prose_text (qw_prose_t *self, qw_bytes_t text)
{
    if (self->skipped[0])
        return;
    for (size_t at = 0; at < text.size;) {
        size_t blank = white (self, text, at);
        if (blank) {
            want (self, GAP_BLANK);
            at += blank;
            continue;
        }
        size_t end = at + 1;
        while (end < text.size && !qw_html_is_space (text.data[end]))
            end++;
        append (self, text.data + at, end - at);
        at = end;
    }
}

void qw_prose_plain (qw_prose_t *self, qw_bytes_t text)
{
    if (text.size)
        append (self, text.data, text.size);
}

void qw_prose_break (qw_prose_t *self) { want (self, GAP_PARAGRAPH); }

static void quote (qw_prose_t *self, bool begins)
{
    static const char *const marks[2][2] = {{"\xe2\x80\x9d", "\xe2\x80\x9c"}, {"\xe2\x80\x99", "\xe2\x80\x98"}};
    if (!begins && self->quote_depth == 0)
        return;
    if (!begins)
        self->quote_depth--;
    /* A blank within the closing mark would be the markup's, not the speaker's. */
    if (!begins && self->wanted == GAP_BLANK)
        self->wanted = GAP_NONE;
    append (self, marks[self->quote_depth % 2][begins], 3);
    if (begins)
        self->quote_depth++;
}

static void skip (qw_prose_t *self, qw_bytes_t name)
{
    memcpy (self->skipped, name.data, name.size);
    self->skipped[name.size] = 0;
    self->skip_depth = 1;
}

void qw_prose_start (qw_prose_t *self, qw_bytes_t name)
{
    if (self->skipped[0]) {
        self->skip_depth += strlen (self->skipped) == name.size && strncasecmp (self->skipped, name.data, name.size) == 0;
        return;
    }
    switch (kind_of (name)) {
    case KIND_INLINE: break;
    case KIND_BLOCK: want (self, GAP_PARAGRAPH); break;
    case KIND_LINE: want (self, self->wanted >= GAP_LINE ? GAP_PARAGRAPH : GAP_LINE); break;
    case KIND_CELL: want (self, GAP_BLANK); break;
    case KIND_QUOTE: quote (self, true); break;
    case KIND_SKIP: skip (self, name); break;
    }
}

void qw_prose_end (qw_prose_t *self, qw_bytes_t name)
{
    if (self->skipped[0]) {
        if (strlen (self->skipped) == name.size && strncasecmp (self->skipped, name.data, name.size) == 0
            && --self->skip_depth == 0)
            self->skipped[0] = 0;
        return;
    }
    kind_t kind = kind_of (name);
    if (kind == KIND_BLOCK)
        want (self, GAP_PARAGRAPH);
    else if (kind == KIND_QUOTE)
        quote (self, false);
}

void qw_prose_html (qw_prose_t *self, qw_bytes_t html)
{
    qw_html_tokens_t tokens;
    qw_html_token_t token;
    qw_buffer_t resolved = {0};
    qw_html_tokens_open (&tokens, html);
    for (qw_html_next (&tokens, &token); token.kind != QW_HTML_END && !self->is_too_large; qw_html_next (&tokens, &token)) {
        if (token.kind == QW_HTML_START_TAG)
            qw_prose_start (self, token.name);
        else if (token.kind == QW_HTML_END_TAG)
            qw_prose_end (self, token.name);
        else if (token.is_raw || !memchr (token.text.data, '&', token.text.size))
            qw_prose_text (self, token.text);
        else {
            resolved.size = 0;
            qw_html_append (&resolved, token.text);
            qw_prose_text (self, (qw_bytes_t){resolved.data ? resolved.data : "", resolved.size});
        }
    }
    self->skipped[0] = 0; /* what was not closed ends here */
    self->quote_depth = 0;
    qw_buffer_free (&resolved);
}
