#include "ventilator/html_page.h"

#include <stdlib.h>
#include <strings.h>

#include "ventilator/html_tokens.h"

enum { FARTHEST = 256 }; /* open elements that an end tag is looked for among */

/* An element that was opened and not closed. */
typedef struct {
    uint32_t node;  /* it, or the one in which it stands */
    uint16_t flags; /* of all open elements within the line, before this one */
    uint8_t tag;
    bool is_block, is_link, is_off;
} open_t;

typedef struct {
    qw_html_page_t *page;
    qw_html_metadata_t *metadata;
    open_t stack[QW_HTML_MAX_DEPTH];
    size_t depth;
    uint16_t flags;      /* of open elements within the line */
    uint32_t links, off; /* open elements that are links; whose text is not of the page */
    uint32_t skipping;   /* 1 + elements open within the one whose content is passed over */
    uint32_t breaks;     /* line breaks since the last character */
    bool space;          /* white space since the last character */
    bool is_open;        /* the last line goes on */
    bool too_many;
    qw_tag_t expected; /* the next text is a script's or a title's */
} builder_t;

/* ---- lines --------------------------------------------------------------------------------------------------------- */

static void *grown (void *items, size_t *capacity, size_t count, size_t size)
{
    if (count < *capacity)
        return items;
    *capacity = *capacity ? *capacity * 2 : 256;
    items = realloc (items, *capacity * size);
    if (!items)
        abort ();
    return items;
}

static uint32_t node_of (const builder_t *self) { return self->depth ? self->stack[self->depth - 1].node : 0; }

static void end_line (builder_t *self)
{
    self->is_open = self->space = false;
    self->breaks = 0;
}

static qw_html_line_t *open_line (builder_t *self)
{
    qw_html_page_t *page = self->page;
    if (self->is_open && self->breaks >= 2)
        end_line (self);
    if (!self->is_open) {
        if (page->line_count == QW_HTML_MAX_NODES) {
            self->too_many = true;
            page->line_count--;
        }
        page->lines = grown (page->lines, &page->line_capacity, page->line_count, sizeof *page->lines);
        uint32_t at = (uint32_t) page->text.size;
        page->lines[page->line_count++] = (qw_html_line_t){.node = node_of (self), .start = at, .end = at};
        self->is_open = true;
    } else if (self->breaks)
        qw_buffer_append (&page->text, "\n", 1);
    else if (self->space)
        qw_buffer_append (&page->text, " ", 1);
    self->space = false;
    self->breaks = 0;
    return &page->lines[page->line_count - 1];
}

/* Characters that are not white space. */
static void add_word (builder_t *self, const char *bytes, size_t size)
{
    if (size == 0)
        return;
    qw_html_line_t *line = open_line (self);
    qw_buffer_append (&self->page->text, bytes, size);
    line->end = (uint32_t) self->page->text.size;
    if (self->links)
        line->links += (uint32_t) size;
    line->flags |= self->flags;
}

/* How many bytes at `at` are to be left out: control characters, soft hyphens and byte order marks. */
static size_t unwanted (const char *at, const char *end)
{
    unsigned char c = (unsigned char) *at;
    if (c < 0x20 || c == 0x7f)
        return 1;
    if (c == 0xc2 && end - at >= 2 && (unsigned char) at[1] == 0xad)
        return 2;
    return c == 0xef && end - at >= 3 && memcmp (at, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

static void add_text (builder_t *self, qw_bytes_t text)
{
    /* 0: plain; 1: white space; 2: to be looked at */
    static const unsigned char kinds[256] = {2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 2, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2,
                                             2, 2, 2, 2, 2, 2, 2, 2, 2,
                                             [' '] = 1, ['&'] = 2, [127] = 2, [0xc2] = 2, [0xef] = 2};
    const char *at = text.data, *end = at + text.size;
    bool is_pre = self->depth && self->page->nodes[node_of (self)].tag == QW_TAG_PRE;
    while (at < end) {
        const char *start = at;
        while (at < end && !kinds[(unsigned char) *at])
            at++;
        add_word (self, start, (size_t) (at - start));
        if (at == end)
            return;
        if (kinds[(unsigned char) *at] == 1) {
            self->breaks += is_pre && *at == '\n' && self->is_open;
            self->space |= self->is_open;
            at++;
            continue;
        }
        uint32_t point;
        size_t used = *at == '&' ? qw_html_reference (at, (size_t) (end - at), &point) : 0;
        if (used && (point == ' ' || point == '\n' || point == '\t'))
            self->space |= self->is_open;
        else if (used) {
            qw_buffer_t *scratch = &self->metadata->scratch;
            scratch->size = 0;
            if (point >= 0x20 && point != 0xad)
                qw_html_append_point (scratch, point);
            add_word (self, scratch->data, scratch->size);
        } else if ((used = unwanted (at, end)) == 0) {
            used = (unsigned char) *at == 0xc2 ? 2 : (unsigned char) *at == 0xef ? 3 : 1;
            used = used > (size_t) (end - at) ? (size_t) (end - at) : used;
            add_word (self, at, used);
        }
        at += used;
    }
}

/* ---- elements ------------------------------------------------------------------------------------------------------ */

static bool is_scope (uint8_t tag) { return tag == QW_TAG_TD || tag == QW_TAG_TABLE || tag == QW_TAG_CAPTION; }

static void pop (builder_t *self)
{
    const open_t *top = &self->stack[--self->depth];
    self->flags = top->flags;
    self->links -= top->is_link;
    self->off -= top->is_off;
    if (top->is_block) {
        end_line (self);
        qw_html_node_t *node = &self->page->nodes[top->node];
        node->end = (uint32_t) self->page->node_count;
        node->end_line = (uint32_t) self->page->line_count;
    }
}

static void pop_to (builder_t *self, size_t depth)
{
    while (self->depth > depth)
        pop (self);
}

/* Whether an open element of this tag is to be found before one that stops the search; then *depth is its place. */
static bool find_open (const builder_t *self, uint8_t tag, size_t *depth)
{
    bool tabular = tag == QW_TAG_TABLE || tag == QW_TAG_TR || tag == QW_TAG_TD || tag == QW_TAG_BODY || tag == QW_TAG_HTML;
    size_t floor = self->depth > FARTHEST ? self->depth - FARTHEST : 0;
    for (size_t i = self->depth; i-- > floor;) {
        uint8_t other = self->stack[i].tag;
        if (other == tag || (tag == QW_TAG_HEADING && other == QW_TAG_HEADLINE)
            || (tag == QW_TAG_HEADLINE && other == QW_TAG_HEADING)) {
            *depth = i;
            return true;
        }
        if (tabular ? other == QW_TAG_TABLE : is_scope (other))
            return false;
        if (self->stack[i].is_block && (tag == QW_TAG_INLINE || tag == QW_TAG_TIME))
            return false;
    }
    return false;
}

/* Closes what a start tag closes without saying so. */
static void close_implied (builder_t *self, qw_tag_t tag)
{
    size_t floor = self->depth > FARTHEST ? self->depth - FARTHEST : 0;
    for (size_t i = self->depth; i-- > floor;) {
        const open_t *open = &self->stack[i];
        if (tag == QW_TAG_A) {
            if (open->tag == QW_TAG_A)
                pop_to (self, i);
            if (open->is_block || open->tag == QW_TAG_A)
                return;
            continue;
        }
        bool same = tag == QW_TAG_LI   ? open->tag == QW_TAG_LI
                  : tag == QW_TAG_TD   ? open->tag == QW_TAG_TD
                  : tag == QW_TAG_TR   ? open->tag == QW_TAG_TR
                  : tag == QW_TAG_DD || tag == QW_TAG_DT ? open->tag == QW_TAG_DD || open->tag == QW_TAG_DT
                  : tag == QW_TAG_HEADING || tag == QW_TAG_HEADLINE
                      ? open->tag == QW_TAG_HEADING || open->tag == QW_TAG_HEADLINE
                      : false;
        if (same || open->tag == QW_TAG_P)
            pop_to (self, i);
        if (same)
            return;
        bool passes = !open->is_block || open->tag == QW_TAG_P || ((tag == QW_TAG_LI || tag == QW_TAG_DD || tag == QW_TAG_DT)
                                                                  && open->tag == QW_TAG_DIV)
                   || (tag == QW_TAG_TR && open->tag == QW_TAG_TD);
        if (!passes)
            return;
    }
}

static unsigned flags_of_role (qw_bytes_t role)
{
    static const char *const none[] = {"navigation", "contentinfo", "complementary", "search",
                                       "dialog",     "alertdialog", "menu"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        if (qw_html_is (role, none[i]))
            return QW_HTML_SURE;
    return qw_html_is (role, "article") ? QW_HTML_ARTICLE : qw_html_is (role, "main") ? QW_HTML_MAIN : 0;
}

static unsigned flags_of_property (qw_bytes_t property)
{
    return qw_html_is (property, "articlebody")     ? QW_HTML_BODY
           : qw_html_is (property, "headline")      ? QW_HTML_TITLE
           : qw_html_is (property, "author")        ? QW_HTML_BYLINE
           : qw_html_is (property, "datepublished") ? QW_HTML_DATE
           : qw_html_is (property, "caption")       ? QW_HTML_CAPTION
           : qw_html_is (property, "comment")       ? QW_HTML_COMMENTS
                                                    : 0;
}

static bool hides (qw_bytes_t style)
{
    for (size_t i = 0; i + 4 <= style.size; i++) {
        bool hidden = i + 6 <= style.size && strncasecmp (style.data + i, "hidden", 6) == 0;
        if (!hidden && strncasecmp (style.data + i, "none", 4) != 0)
            continue;
        size_t name = i;
        while (name > 0 && (qw_html_is_space (style.data[name - 1]) || style.data[name - 1] == ':'))
            name--;
        if ((name >= 7 && strncasecmp (style.data + name - 7, "display", 7) == 0)
            || (name >= 10 && strncasecmp (style.data + name - 10, "visibility", 10) == 0))
            return true;
    }
    return false;
}

/* What the attributes say; *is_link: there is a place to go to. */
static unsigned flags_of_attributes (qw_bytes_t attributes, bool *is_link)
{
    qw_bytes_t name, value;
    unsigned flags = 0;
    while (qw_html_attribute (&attributes, &name, &value))
        switch (name.size) {
        case 2: flags |= qw_html_is (name, "id") ? qw_html_class (value) & ~(unsigned) QW_HTML_DATE : 0; break;
        case 3: flags |= qw_html_is (name, "rel") && qw_html_is (value, "author") ? QW_HTML_BYLINE : 0; break;
        case 4:
            flags |= qw_html_is (name, "role") ? flags_of_role (value) : 0;
            *is_link |= qw_html_is (name, "href");
            break;
        case 5:
            flags |= qw_html_is (name, "class") ? qw_html_class (value) : 0;
            flags |= qw_html_is (name, "style") && hides (value) ? QW_HTML_HIDDEN : 0;
            break;
        case 6: flags |= qw_html_is (name, "hidden") ? QW_HTML_HIDDEN : 0; break;
        case 8:
            flags |= qw_html_is (name, "itemprop") ? flags_of_property (value) : 0;
            if (qw_html_is (name, "itemtype") && value.size > 8)
                flags |= qw_html_is ((qw_bytes_t){value.data + value.size - 8, 8}, "/comment") ? QW_HTML_COMMENTS : 0;
            break;
        case 11: flags |= qw_html_is (name, "aria-hidden") && qw_html_is (value, "true") ? QW_HTML_HIDDEN : 0;
        }
    return flags;
}

static unsigned flags_of_tag (const builder_t *self, qw_tag_t tag)
{
    switch (tag) {
    case QW_TAG_NAV: return QW_HTML_SURE;
    case QW_TAG_FOOTER: /* of a quotation: who said it */
        return self->page->nodes[node_of (self)].tag == QW_TAG_BLOCKQUOTE ? 0 : QW_HTML_SURE;
    case QW_TAG_ASIDE:
    case QW_TAG_FORM: return QW_HTML_NEGATIVE;
    case QW_TAG_FIGCAPTION: return QW_HTML_CAPTION;
    case QW_TAG_ARTICLE: return QW_HTML_ARTICLE;
    case QW_TAG_MAIN: return QW_HTML_MAIN;
    default: return 0;
    }
}

/* What of its names an element of this kind cannot mean. */
static unsigned impossible (qw_tag_t tag)
{
    switch (tag) {
    case QW_TAG_HTML:
    case QW_TAG_BODY: return ~0u;
    case QW_TAG_MAIN: return QW_HTML_NEGATIVE | QW_HTML_COMMENTS;
    case QW_TAG_P:
    case QW_TAG_HEADING:
    case QW_TAG_HEADLINE:
    case QW_TAG_FIGURE:
    case QW_TAG_LI: return QW_HTML_BODY;
    default: return 0;
    }
}

static void push_block (builder_t *self, qw_tag_t tag, unsigned flags)
{
    qw_html_page_t *page = self->page;
    end_line (self);
    if (page->node_count == QW_HTML_MAX_NODES || self->depth == QW_HTML_MAX_DEPTH) {
        self->too_many = true;
        return;
    }
    page->nodes = grown (page->nodes, &page->node_capacity, page->node_count, sizeof *page->nodes);
    uint32_t index = (uint32_t) page->node_count++, line = (uint32_t) page->line_count;
    page->nodes[index] = (qw_html_node_t){.parent = node_of (self), .end = index + 1, .first_line = line, .end_line = line,
                                          .flags = (uint16_t) flags, .tag = (uint8_t) tag};
    self->stack[self->depth++] = (open_t){.node = index, .flags = self->flags, .tag = (uint8_t) tag, .is_block = true};
}

static void push_inline (builder_t *self, qw_tag_t tag, unsigned flags, bool is_link)
{
    if (self->depth == QW_HTML_MAX_DEPTH) {
        self->too_many = true;
        return;
    }
    bool off = (flags & QW_HTML_HIDDEN) != 0;
    is_link = (is_link && tag == QW_TAG_A) || (flags & (QW_HTML_NEGATIVE | QW_HTML_SURE));
    self->stack[self->depth] = (open_t){
        .node = node_of (self), .flags = self->flags, .tag = (uint8_t) tag, .is_link = is_link, .is_off = off};
    self->depth++;
    self->links += is_link;
    self->off += off;
    self->flags |= (uint16_t) (flags & (QW_HTML_BYLINE | QW_HTML_DATE | QW_HTML_CAPTION | QW_HTML_TITLE | QW_HTML_DEK));
}

static bool counts_while_skipping (qw_tag_t tag)
{
    return tag == QW_TAG_SKIP || (qw_html_is_block (tag) && tag != QW_TAG_P && tag != QW_TAG_LI && tag != QW_TAG_DT
                                  && tag != QW_TAG_DD && tag != QW_TAG_TD && tag != QW_TAG_TR);
}

static void on_start (builder_t *self, const qw_html_token_t *token)
{
    qw_tag_t tag = qw_html_tag (token->name);
    qw_bytes_t attributes = token->attributes;
    bool closed = attributes.size && attributes.data[attributes.size - 1] == '/';
    if (self->skipping) {
        self->skipping += counts_while_skipping (tag) && !closed;
        return;
    }
    self->expected = QW_TAG_OTHER;
    switch (tag) {
    case QW_TAG_OTHER:
    case QW_TAG_VOID: return;
    case QW_TAG_META: qw_html_metadata_meta (self->metadata, attributes); return;
    case QW_TAG_LINK: qw_html_metadata_link (self->metadata, attributes); return;
    case QW_TAG_TITLE: self->expected = tag; return;
    case QW_TAG_SCRIPT: self->expected = qw_html_metadata_is_json (attributes) ? QW_TAG_SCRIPT : QW_TAG_OTHER; return;
    case QW_TAG_HTML: qw_html_metadata_language (self->metadata, attributes); break;
    case QW_TAG_TIME: qw_html_metadata_time (self->metadata, attributes, (self->flags & QW_HTML_DATE) != 0); break;
    case QW_TAG_BR:
        self->breaks += self->is_open ? qw_html_is (token->name, "hr") ? 2 : 1 : 0;
        return;
    case QW_TAG_SKIP:
        self->skipping = !closed;
        self->space |= self->is_open;
        return;
    default: break;
    }
    if (closed && tag == QW_TAG_CUSTOM)
        return;
    bool is_link = false;
    unsigned flags = (flags_of_attributes (attributes, &is_link) & ~impossible (tag)) | flags_of_tag (self, tag);
    if (tag == QW_TAG_A || qw_html_is_block (tag))
        close_implied (self, tag);
    if (qw_html_is_block (tag))
        push_block (self, tag, flags);
    else
        push_inline (self, tag, flags, is_link);
}

static void on_end (builder_t *self, const qw_html_token_t *token)
{
    qw_tag_t tag = qw_html_tag (token->name);
    size_t depth;
    if (self->skipping) {
        if (counts_while_skipping (tag))
            self->skipping--;
        if (self->skipping || tag == QW_TAG_SKIP)
            return; /* otherwise the element was never closed, and what it stands in is */
    }
    self->expected = QW_TAG_OTHER;
    if (tag == QW_TAG_BR)
        self->breaks += self->is_open;
    if (tag == QW_TAG_BODY || tag == QW_TAG_HTML)
        return; /* what stands behind them is shown all the same */
    if (qw_html_is_block (tag))
        end_line (self);
    if (tag != QW_TAG_OTHER && find_open (self, (uint8_t) tag, &depth))
        pop_to (self, depth);
}

static void on_text (builder_t *self, const qw_html_token_t *token)
{
    if (self->skipping)
        return;
    if (self->expected == QW_TAG_TITLE)
        qw_html_metadata_title (self->metadata, token->text);
    else if (self->expected == QW_TAG_SCRIPT)
        qw_html_metadata_json (self->metadata, token->text);
    else if (!self->off && !token->is_raw)
        add_text (self, token->text);
}

qw_status_t qw_html_page_read (qw_html_page_t *self, qw_bytes_t html, qw_html_metadata_t *metadata, qw_reason_t *reason)
{
    builder_t *builder = malloc (sizeof *builder);
    if (!builder)
        abort ();
    memset (builder, 0, offsetof (builder_t, stack));
    memset (&builder->depth, 0, sizeof *builder - offsetof (builder_t, depth));
    builder->page = self;
    builder->metadata = metadata;
    self->text.size = self->node_count = self->line_count = 0;
    push_block (builder, QW_TAG_HTML, 0);
    qw_html_tokens_t tokens;
    qw_html_token_t token;
    qw_html_tokens_open (&tokens, html);
    do {
        qw_html_next (&tokens, &token);
        if (token.kind == QW_HTML_TEXT)
            on_text (builder, &token);
        else if (token.kind == QW_HTML_START_TAG)
            on_start (builder, &token);
        else if (token.kind == QW_HTML_END_TAG)
            on_end (builder, &token);
    } while (token.kind != QW_HTML_END && !builder->too_many);
    bool too_deep = builder->depth == QW_HTML_MAX_DEPTH, too_many = builder->too_many;
    pop_to (builder, 0);
    free (builder);
    if (too_many && too_deep)
        return qw_fail (QW_TOO_LARGE, reason, "the page's elements stand more than %d deep in each other",
                        QW_HTML_MAX_DEPTH);
    if (too_many)
        return qw_fail (QW_TOO_LARGE, reason, "the page has more than %d elements", QW_HTML_MAX_NODES);
    return QW_OK;
}

void qw_html_page_free (qw_html_page_t *self)
{
    qw_buffer_free (&self->text);
    free (self->nodes);
    free (self->lines);
    memset (self, 0, sizeof *self);
}
