#include "ventilator/html_article.h"

#include <stdlib.h>
#include <xxhash.h>

#include "ventilator/html_phrases.h"

enum {
    FEWEST_BYTES = 140,        /* of prose; a page without them has no article */
    FEWEST_BYTES_MARKED = 60,  /* unless it says that it is one */
    LONG_LINE = 80,            /* prose whatever its end */
    SHORT_LINE = 30,           /* prose when it ends like a sentence */
    LABEL = 25,                /* shorter ones without an end are labels, outside of paragraphs */
    SHORT_NOTE = 200,          /* the longest byline */
    SHORT_CELL = 80,
    NO_LINE = 0x7fffffff,
    FROM_LINE = 4, /* rank of what the lines tell: before <title>, behind all else */
    STRICT = QW_HTML_HIDDEN | QW_HTML_SURE | QW_HTML_COMMENTS | QW_HTML_NEGATIVE,
    RELAXED = QW_HTML_HIDDEN | QW_HTML_SURE | QW_HTML_COMMENTS
};

typedef struct {
    qw_html_chooser_t *memory;
    const qw_html_page_t *page;
    unsigned excluded; /* flags that keep a line out */
    uint32_t headline; /* its line; NO_LINE: none */
    uint32_t root;     /* the node that holds the article */
    uint32_t prose_bytes, prose_lines, link_headings;
} choice_t;

static void *sized (void *items, size_t count, size_t size)
{
    items = realloc (items, count * size);
    if (!items)
        abort ();
    return items;
}

static const qw_html_line_t *line_at (const choice_t *self, uint32_t line) { return &self->page->lines[line]; }

static unsigned flags_of (const choice_t *self, const qw_html_line_t *line)
{
    return self->memory->flags[line->node] | line->flags;
}

static uint8_t tag_of (const choice_t *self, const qw_html_line_t *line) { return self->page->nodes[line->node].tag; }

static bool is_heading (uint8_t tag) { return tag == QW_TAG_HEADING || tag == QW_TAG_HEADLINE; }

/* Whether more than so many per cent of the line are links. */
static bool links_above (const qw_html_line_t *line, unsigned per_cent)
{
    return (uint64_t) line->links * 100 > (uint64_t) (line->end - line->start) * per_cent;
}

static bool is_prose (const choice_t *self, const qw_html_line_t *line)
{
    uint32_t size = line->end - line->start;
    if (size < SHORT_LINE || links_above (line, 40) || is_heading (tag_of (self, line)))
        return false;
    if (flags_of (self, line) & (QW_HTML_CAPTION | (size <= SHORT_NOTE ? QW_HTML_BYLINE | QW_HTML_DATE : 0)))
        return false;
    return size >= LONG_LINE || qw_html_ends_sentence (qw_html_line_text (self->page, line));
}

/* ---- flags and the headline ---------------------------------------------------------------------------------------- */

/* Elements hand down what they are. */
static void spread_flags (choice_t *self)
{
    uint16_t *flags = self->memory->flags;
    flags[0] = self->page->nodes[0].flags;
    for (size_t i = 1; i < self->page->node_count; i++)
        flags[i] |= flags[self->page->nodes[i].parent];
}

/* The element and those around it hold the article: a bad name does not count. */
static void absolve (choice_t *self, uint32_t node)
{
    for (;; node = self->page->nodes[node].parent) {
        self->memory->flags[node] &= (uint16_t) ~(unsigned) QW_HTML_NEGATIVE;
        if (node == 0)
            return;
    }
}

static int rate_headline (const choice_t *self, const qw_html_line_t *line, qw_bytes_t title, qw_bytes_t outlet)
{
    unsigned flags = flags_of (self, line);
    uint8_t tag = tag_of (self, line);
    qw_bytes_t text = qw_html_line_text (self->page, line);
    if (flags & RELAXED || text.size > 600)
        return 0;
    bool same = title.size && qw_html_same_title (text, title), negative = (flags & QW_HTML_NEGATIVE) != 0;
    if (same)
        return tag == QW_TAG_HEADLINE                                   ? 5
             : (is_heading (tag) || flags & QW_HTML_TITLE) && !negative ? 4
             : !negative && line->links == 0                            ? 3
                                                                        : 0;
    bool is_outlet = outlet.size && qw_html_same_title (text, outlet);
    if (tag == QW_TAG_HEADLINE && !negative && !links_above (line, 80) && !is_outlet)
        return 2;
    return (flags & QW_HTML_TITLE) && (flags & QW_HTML_ARTICLE) && !negative && !links_above (line, 50) && text.size > LABEL;
}

static void find_headline (choice_t *self, const qw_html_metadata_t *metadata)
{
    qw_bytes_t title = qw_html_metadata_fact (metadata, QW_HTML_FACT_TITLE);
    qw_bytes_t outlet = qw_html_metadata_fact (metadata, QW_HTML_FACT_OUTLET);
    self->headline = NO_LINE;
    for (uint32_t i = 0, best = 0; i < self->page->line_count; i++) {
        uint32_t rate = (uint32_t) rate_headline (self, line_at (self, i), title, outlet);
        if (rate > best) {
            best = rate;
            self->headline = i;
        }
    }
}

static void prepare (choice_t *self, const qw_html_metadata_t *metadata)
{
    const qw_html_page_t *page = self->page;
    for (size_t i = 0; i < page->node_count; i++)
        self->memory->flags[i] = page->nodes[i].flags;
    spread_flags (self);
    find_headline (self, metadata);
    for (size_t i = 0; i < page->node_count; i++)
        self->memory->flags[i] = page->nodes[i].flags;
    if (self->headline != NO_LINE)
        absolve (self, line_at (self, self->headline)->node);
    for (uint32_t i = 0, found = 0; i < page->node_count && !found; i++)
        if (page->nodes[i].flags & QW_HTML_MAIN) {
            absolve (self, i);
            found = 1;
        }
    spread_flags (self);
}

/* ---- the element that holds the article ---------------------------------------------------------------------------- */

/* What must be around a line for its weight to count. */
static unsigned scope (const choice_t *self)
{
    static const unsigned marks[] = {QW_HTML_BODY, QW_HTML_ARTICLE, QW_HTML_MAIN};
    static const unsigned shares[] = {30, 50, 50}; /* per cent of all */
    uint64_t all = 0, within[3] = {0};
    for (uint32_t i = 0; i < self->page->line_count; i++) {
        const qw_html_line_t *line = line_at (self, i);
        unsigned flags = flags_of (self, line);
        if (flags & self->excluded || !is_prose (self, line))
            continue;
        uint32_t weight = line->end - line->start - line->links;
        all += weight;
        for (size_t j = 0; j < 3; j++)
            within[j] += flags & marks[j] ? weight : 0;
    }
    for (size_t j = 0; j < 3; j++)
        if (within[j] >= FEWEST_BYTES && within[j] * 100 >= all * shares[j])
            return marks[j];
    return 0;
}

static void weigh (choice_t *self)
{
    const qw_html_page_t *page = self->page;
    uint32_t *weights = self->memory->weights, *proses = self->memory->proses;
    memset (weights, 0, page->node_count * sizeof *weights);
    memset (proses, 0, page->node_count * sizeof *proses);
    unsigned wanted = scope (self);
    for (uint32_t i = 0; i < page->line_count; i++) {
        const qw_html_line_t *line = line_at (self, i);
        unsigned flags = flags_of (self, line);
        if (flags & self->excluded || (wanted && !(flags & wanted)) || !is_prose (self, line))
            continue;
        weights[line->node] += line->end - line->start - line->links;
        proses[line->node]++;
    }
    for (size_t i = page->node_count; --i > 0;) {
        weights[page->nodes[i].parent] += weights[i];
        proses[page->nodes[i].parent] += proses[i];
    }
}

static bool may_be_root (const qw_html_node_t *node)
{
    switch (node->tag) {
    case QW_TAG_P:
    case QW_TAG_PRE:
    case QW_TAG_LI:
    case QW_TAG_DD:
    case QW_TAG_BLOCKQUOTE:
    case QW_TAG_FIGURE:
    case QW_TAG_HEADING:
    case QW_TAG_HEADLINE: return false;
    default: return node->end_line - node->first_line >= 2;
    }
}

/* Goes down while one child holds nearly all of the weight. */
static void find_root (choice_t *self)
{
    enum { SHARE = 80 };
    const qw_html_node_t *nodes = self->page->nodes;
    const uint32_t *weights = self->memory->weights, *proses = self->memory->proses;
    self->root = 0;
    for (bool deeper = true; deeper;) {
        deeper = false;
        for (uint32_t child = self->root + 1; child < nodes[self->root].end && !deeper; child = nodes[child].end) {
            bool holds = (uint64_t) weights[child] * 100 >= (uint64_t) weights[self->root] * SHARE && weights[child] > 0;
            if (holds && may_be_root (&nodes[child]) && (proses[child] >= 2 || proses[self->root] < 2)) {
                self->root = child;
                deeper = true;
            }
        }
    }
}

/* ---- its lines ----------------------------------------------------------------------------------------------------- */

static bool is_wanted (choice_t *self, uint32_t index)
{
    const qw_html_line_t *line = line_at (self, index);
    unsigned flags = flags_of (self, line);
    uint8_t tag = tag_of (self, line);
    qw_bytes_t text = qw_html_line_text (self->page, line);
    if (index == self->headline)
        return true;
    if (flags & self->excluded || !qw_html_has_words (text) || qw_html_is_label (text))
        return false;
    if (flags & (QW_HTML_CAPTION | QW_HTML_DEK))
        return !links_above (line, 80);
    if (flags & (QW_HTML_BYLINE | QW_HTML_DATE) && text.size <= SHORT_NOTE)
        return true;
    if (is_heading (tag)) {
        bool linked = links_above (line, 80);
        self->link_headings += linked;
        return !linked && !qw_html_heads_furniture (text);
    }
    if (line->links && qw_html_is_reference (text) && links_above (line, 25))
        return false;
    if (links_above (line, 50))
        return !links_above (line, 80) && tag == QW_TAG_P && qw_html_ends_sentence (text);
    if (text.size >= LABEL || tag == QW_TAG_P || tag == QW_TAG_LI || tag == QW_TAG_BLOCKQUOTE || tag == QW_TAG_PRE
        || tag == QW_TAG_TD || tag == QW_TAG_FOOTER)
        return true;
    return qw_html_ends_sentence (text);
}

/* What stands between the headline and the body. */
static bool is_wanted_above (choice_t *self, uint32_t index)
{
    enum { NEAR = 3 };
    const qw_html_line_t *line = line_at (self, index);
    unsigned flags = flags_of (self, line);
    if (!is_wanted (self, index))
        return false;
    return flags & (QW_HTML_CAPTION | QW_HTML_DEK | QW_HTML_BYLINE | QW_HTML_DATE) || is_prose (self, line)
        || index == self->headline || (is_heading (tag_of (self, line)) && index <= self->headline + NEAR);
}

/* True when the line stands there a second time. */
static bool is_repeated (choice_t *self, const qw_html_line_t *line)
{
    qw_bytes_t text = qw_html_line_text (self->page, line);
    if (text.size < SHORT_LINE)
        return false;
    uint64_t hash = XXH3_64bits (text.data, text.size) | 1;
    size_t mask = self->memory->seen_capacity - 1, at = hash >> 8 & mask;
    for (; self->memory->seen[at]; at = (at + 1) & mask)
        if (self->memory->seen[at] == hash)
            return true;
    self->memory->seen[at] = hash;
    return false;
}

static void choose_lines (choice_t *self)
{
    const qw_html_page_t *page = self->page;
    qw_html_chooser_t *memory = self->memory;
    const qw_html_node_t *root = &page->nodes[self->root];
    memset (memory->kept, 0, page->line_count * sizeof *memory->kept);
    memset (memory->seen, 0, memory->seen_capacity * sizeof *memory->seen);
    self->prose_bytes = self->prose_lines = self->link_headings = 0;
    uint32_t above = self->headline < root->first_line ? self->headline : root->first_line;
    for (uint32_t i = above; i < root->end_line; i++) {
        memory->kept[i] = i < root->first_line ? is_wanted_above (self, i) : is_wanted (self, i);
        if (memory->kept[i] && is_repeated (self, line_at (self, i)))
            memory->kept[i] = false;
    }
    bool followed = false; /* by something that a heading may stand above */
    for (uint32_t i = root->end_line; i-- > above;) {
        if (!memory->kept[i])
            continue;
        const qw_html_line_t *line = line_at (self, i);
        if (is_heading (tag_of (self, line)) && i != self->headline)
            memory->kept[i] = followed;
        followed = !is_heading (tag_of (self, line));
        if (is_prose (self, line)) {
            self->prose_bytes += line->end - line->start - line->links;
            self->prose_lines++;
        }
    }
}

static void choose (choice_t *self, unsigned excluded)
{
    self->excluded = excluded;
    weigh (self);
    find_root (self);
    choose_lines (self);
}

/* Many headings that are links, each with little beneath it. */
static bool is_list_of_articles (const choice_t *self)
{
    enum { MANY = 5, TEASER = 250 };
    return self->link_headings >= MANY && self->prose_lines < 2 * self->link_headings
        && self->prose_bytes < TEASER * self->prose_lines;
}

/* ---- the text ------------------------------------------------------------------------------------------------------ */

/* Cells of one row of a table of figures make one line. */
static bool joins (const choice_t *self, const qw_html_line_t *before, const qw_html_line_t *line)
{
    const qw_html_node_t *nodes = self->page->nodes, *a = &nodes[before->node], *b = &nodes[line->node];
    return a->tag == QW_TAG_TD && b->tag == QW_TAG_TD && before->node != line->node && a->parent == b->parent
        && before->end - before->start < SHORT_CELL && line->end - line->start < SHORT_CELL;
}

static void write_text (const choice_t *self, qw_html_metadata_t *metadata, qw_buffer_t *text)
{
    const qw_html_line_t *before = NULL;
    for (uint32_t i = 0; i < self->page->line_count; i++) {
        if (!self->memory->kept[i])
            continue;
        const qw_html_line_t *line = line_at (self, i);
        qw_bytes_t bytes = qw_html_line_text (self->page, line);
        if (before)
            qw_buffer_append (text, joins (self, before, line) ? " " : "\n\n", joins (self, before, line) ? 1 : 2);
        qw_buffer_append (text, bytes.data, bytes.size);
        before = line;
        unsigned flags = flags_of (self, line);
        if (i == self->headline)
            qw_html_metadata_offer (metadata, QW_HTML_FACT_TITLE, FROM_LINE, bytes);
        else if (bytes.size <= SHORT_NOTE && flags & QW_HTML_BYLINE && !(flags & QW_HTML_CAPTION))
            qw_html_metadata_offer (metadata, QW_HTML_FACT_BYLINE, FROM_LINE, bytes);
        if (flags & QW_HTML_DATE)
            qw_html_metadata_offer (metadata, QW_HTML_FACT_PUBLISHED, FROM_LINE, bytes);
    }
    if (text->size)
        qw_buffer_append (text, "\n", 1);
}

static void make_room (qw_html_chooser_t *self, const qw_html_page_t *page)
{
    if (self->node_capacity < page->node_count) {
        self->node_capacity = page->node_count * 2;
        self->flags = sized (self->flags, self->node_capacity, sizeof *self->flags);
        self->weights = sized (self->weights, self->node_capacity, sizeof *self->weights);
        self->proses = sized (self->proses, self->node_capacity, sizeof *self->proses);
    }
    if (self->line_capacity < page->line_count + 1) {
        self->line_capacity = (page->line_count + 1) * 2;
        self->kept = sized (self->kept, self->line_capacity, sizeof *self->kept);
    }
    size_t needed = 64;
    while (needed < 2 * page->line_count)
        needed *= 2;
    if (self->seen_capacity != needed) {
        self->seen_capacity = needed;
        self->seen = sized (self->seen, needed, sizeof *self->seen);
    }
}

qw_status_t qw_html_article (qw_html_chooser_t *self, const qw_html_page_t *page, qw_html_metadata_t *metadata,
                             qw_buffer_t *text, qw_reason_t *reason)
{
    make_room (self, page);
    choice_t choice = {.memory = self, .page = page};
    uint32_t fewest = metadata->is_article ? FEWEST_BYTES_MARKED : FEWEST_BYTES;
    prepare (&choice, metadata);
    choose (&choice, STRICT);
    if (choice.prose_bytes < fewest)
        choose (&choice, RELAXED);
    if (choice.prose_bytes < fewest)
        return qw_fail (QW_NOT_FOUND, reason, "the page has no article: %u bytes of running text in %zu lines",
                        choice.prose_bytes, page->line_count);
    if (!metadata->is_article && is_list_of_articles (&choice))
        return qw_fail (QW_NOT_FOUND, reason, "the page has no article: it is a list of %u others", choice.link_headings);
    write_text (&choice, metadata, text);
    return QW_OK;
}

void qw_html_chooser_free (qw_html_chooser_t *self)
{
    free (self->flags);
    free (self->weights);
    free (self->proses);
    free (self->kept);
    free (self->seen);
    memset (self, 0, sizeof *self);
}
