#include "ventilator/structure.h"

#include <stdlib.h>
#include <string.h>

#include "ventilator/structure_dateline.h"

typedef struct {
    qw_structure_line_t *items;
    size_t count, capacity;
} lines_t;

static void *grown (void *items, size_t *capacity, size_t count, size_t item_size)
{
    if (count < *capacity)
        return items;
    *capacity = *capacity ? *capacity * 2 : 64;
    void *larger = realloc (items, *capacity * item_size);
    if (!larger)
        abort ();
    return larger;
}

void qw_paragraphs_free (qw_paragraphs_t *self)
{
    free (self->items);
    memset (self, 0, sizeof *self);
}

static void add_paragraph (qw_paragraphs_t *self, uint32_t start, uint32_t end, qw_role_t role)
{
    self->items = grown (self->items, &self->capacity, self->count, sizeof *self->items);
    self->items[self->count++] = (qw_paragraph_t){{start, end}, role};
}

/* ---- lines ---------------------------------------------------------------------------------------------------------- */

/* Bytes of the line end at text[at]: \n, \r\n, \r, U+2028 or U+2029; 0: none. */
static uint32_t line_end (const char *text, uint32_t at, uint32_t size)
{
    const unsigned char *s = (const unsigned char *) text + at;
    if (*s == '\n')
        return 1;
    if (*s == '\r')
        return at + 1 < size && s[1] == '\n' ? 2 : 1;
    if (*s == 0xe2 && at + 2 < size && s[1] == 0x80 && (s[2] == 0xa8 || s[2] == 0xa9))
        return 3;
    return 0;
}

/* The span without white space around it; empty when there is nothing else. */
static qw_span_t trimmed (const char *text, uint32_t start, uint32_t end)
{
    uint32_t space;
    while (start < end && (space = qw_structure_space (text, start, end)) > 0)
        start += space;
    for (uint32_t last = end; last > start; end = last) {
        last--;
        while (last > start && ((unsigned char) text[last] & 0xc0) == 0x80)
            last--;
        if (!qw_structure_space (text, last, end))
            break;
    }
    return (qw_span_t){start, end};
}

/* Calls for each line that is not blank. `blank_before`: a blank line stands before it, or nothing at all. */
typedef void line_fn (void *argument, qw_span_t span, bool blank_before);

/* The end of the line that starts at `start`; `ending`: the bytes of the line end there. `plain`: the text has no line ends
 * but \n. */
static uint32_t find_line_end (const char *text, uint32_t start, uint32_t size, bool plain, uint32_t *ending)
{
    if (plain) {
        const char *end = memchr (text + start, '\n', size - start);
        *ending = end ? 1 : 0;
        return end ? (uint32_t) (end - text) : size;
    }
    uint32_t at = start;
    for (*ending = 0; at < size; at++)
        if ((*ending = line_end (text, at, size)) > 0)
            break;
    return at;
}

/* U+2028 or U+2029 anywhere? Looked for by its first byte, which is rarer than two walks of memmem are quick. */
static bool has_wide_line_end (const char *text, uint32_t size)
{
    const char *end = text + size;
    for (const char *at = text; (at = memchr (at, 0xe2, (size_t) (end - at))); at++)
        if (line_end (text, (uint32_t) (at - text), size))
            return true;
    return false;
}

static void for_each_line (const char *text, uint32_t size, line_fn *function, void *argument)
{
    bool blank = true, plain = size && !memchr (text, '\r', size) && !has_wide_line_end (text, size);
    for (uint32_t start = 0, ending; start < size;) {
        uint32_t end = find_line_end (text, start, size, plain, &ending);
        qw_span_t span = trimmed (text, start, end);
        if (!qw_span_is_empty (span)) {
            function (argument, span, blank);
            blank = false;
        } else
            blank = true;
        start = end + ending;
    }
}

enum { WRAPPED_WIDTH = 100, FEWEST_WRAPPED = 4, FEW_LINES = 24, FEW_BODIES = 3 };

typedef struct {
    const char *text;
    uint32_t pairs;     /* neighbouring lines without a blank one between */
    uint32_t continued; /* those where the second goes on in small letters */
    uint32_t blanks;
    bool wide; /* some line is longer than a wrapped one would be */
    lines_t *lines;
    bool wrapped;
} reading_t;

static void look_for_wrapping (void *argument, qw_span_t span, bool blank_before)
{
    reading_t *self = argument;
    self->blanks += blank_before;
    self->wide = self->wide || qw_span_size (span) > WRAPPED_WIDTH;
    if (!blank_before) {
        self->pairs++;
        self->continued += self->text[span.start] >= 'a' && self->text[span.start] <= 'z';
    }
}

static void take_line (void *argument, qw_span_t span, bool blank_before)
{
    reading_t *self = argument;
    lines_t *lines = self->lines;
    if (self->wrapped && !blank_before && lines->count) {
        lines->items[lines->count - 1].span.end = span.end;
        return;
    }
    lines->items = grown (lines->items, &lines->capacity, lines->count, sizeof *lines->items);
    lines->items[lines->count++].span = span;
}

/* Finds the paragraphs: lines, or, in a text whose lines are cut at a fixed width, what stands between blank lines. */
static void read_lines (const char *text, uint32_t size, lines_t *lines)
{
    reading_t reading = {.text = text, .lines = lines};
    for_each_line (text, size, look_for_wrapping, &reading);
    reading.wrapped = !reading.wide && reading.blanks > 1 && reading.continued >= FEWEST_WRAPPED
                      && reading.continued * 3 >= reading.pairs;
    for_each_line (text, size, take_line, &reading);
    qw_phrases_prepare ();
    for (size_t i = 0; i < lines->count; i++)
        qw_structure_line_read (text, lines->items[i].span, &lines->items[i]);
}

/* ---- roles ---------------------------------------------------------------------------------------------------------- */

static void give (qw_structure_line_t *line, qw_role_t role)
{
    line->has_role = true;
    line->role = role;
}

static bool is_prose (const qw_structure_line_t *line)
{
    return !line->has_role && ((line->ends_sentence && line->words >= 8) || line->words >= 25);
}

static bool is_same (const char *text, qw_span_t a, qw_span_t b)
{
    return qw_span_size (a) == qw_span_size (b) && memcmp (text + a.start, text + b.start, qw_span_size (a)) == 0;
}

/* True when one of the first lines, of those above `end`, reads the same as line i. */
static bool stands_above (const char *text, const lines_t *lines, size_t end, size_t i)
{
    for (size_t j = 0; j < end && j < FEW_LINES; j++)
        if (j != i && lines->items[j].has_role && is_same (text, lines->items[j].span, lines->items[i].span))
            return true;
    return false;
}

/* Two to four words, all with capitals, no punctuation at the end: a name. "in" and a place may follow. */
static bool is_name (const char *text, const qw_structure_line_t *line)
{
    if (line->ends_sentence || line->ends_colon || line->words < 2 || line->words > 7)
        return false;
    if (line->words <= 4 && line->capitals == line->words)
        return true;
    const char *in = memmem (text + line->span.start, qw_span_size (line->span), " in ", 4);
    return in && line->capitals + 1 == line->words && line->words >= 4;
}

/* A few words in quotation marks that are no sentence, "'We will pay for this'": a heading of the paragraphs below. */
static bool is_quoted_heading (const qw_structure_line_t *line)
{
    return line->starts_quote && line->ends_quote && !line->ends_sentence && line->words <= 7;
}

static bool is_title_case (const qw_structure_line_t *line)
{
    return line->letter_words > 0 && line->capitals * 3 >= line->letter_words * 2;
}

/* The lines above the first prose: headlines, and labels of the page's sections. */
static void judge_head (const char *text, lines_t *lines, size_t body)
{
    bool headline = false;
    for (size_t i = 0; i < body; i++) {
        qw_structure_line_t *line = &lines->items[i];
        if (line->has_role)
            continue;
        bool again = stands_above (text, lines, i, i);
        if (headline && !again && is_name (text, line))
            give (line, QW_ROLE_BYLINE);
        else if (line->words >= 3 || again || (line->words == 2 && i + 1 == body && !headline)) {
            give (line, QW_ROLE_HEADLINE);
            headline = true;
        } else
            give (line, line->ends_sentence ? QW_ROLE_BODY : QW_ROLE_BOILERPLATE);
    }
}

/* Lines after the first prose that are no prose themselves: short paragraphs, headings between, teasers of other stories. */
static void judge_rest (const char *text, lines_t *lines, size_t body)
{
    size_t last = lines->count; /* behind the last prose */
    while (last > body && !is_prose (&lines->items[last - 1]))
        last--;
    for (size_t i = body; i < lines->count; i++) {
        qw_structure_line_t *line = &lines->items[i];
        if (line->has_role)
            continue;
        if (stands_above (text, lines, body, i))
            give (line, QW_ROLE_BOILERPLATE);
        else if (is_quoted_heading (line) && i < last)
            give (line, QW_ROLE_HEADLINE);
        else if (is_prose (line) || line->ends_sentence || line->ends_colon || line->starts_quote || line->starts_mark
                 || line->starts_small || line->words >= 15)
            give (line, QW_ROLE_BODY);
        else if (i >= last || is_title_case (line) || line->words > 9)
            give (line, QW_ROLE_BOILERPLATE);
        else
            give (line, QW_ROLE_HEADLINE);
    }
}

/* A caption is often printed twice, once for the picture and once below it. */
static void repeat_captions (const char *text, lines_t *lines)
{
    for (size_t i = 1; i < lines->count; i++)
        if (is_same (text, lines->items[i].span, lines->items[i - 1].span)) {
            if (lines->items[i - 1].role == QW_ROLE_CAPTION && lines->items[i - 1].has_role)
                give (&lines->items[i], QW_ROLE_CAPTION);
        }
}

static void judge (const char *text, lines_t *lines)
{
    repeat_captions (text, lines);
    size_t body = 0;
    while (body < lines->count && !is_prose (&lines->items[body]))
        body++;
    judge_head (text, lines, body);
    judge_rest (text, lines, body);
}

/* True when several paragraphs begin like "ROE:": what looks like a dateline is someone who speaks. */
static bool is_transcript (const char *text, const lines_t *lines)
{
    int speakers = 0;
    for (size_t i = 0; i < lines->count && i < FEW_LINES && speakers < 2; i++)
        if (lines->items[i].role == QW_ROLE_BODY && qw_structure_dateline_may_end (text, lines->items[i].span, ':')) {
            uint32_t end = qw_structure_dateline_end (text, lines->items[i].span, true);
            speakers += end > lines->items[i].span.start && text[end - 1] == ':';
        }
    return speakers > 1;
}

void qw_structure_find (const char *text, size_t size, qw_paragraphs_t *paragraphs)
{
    lines_t lines = {0};
    paragraphs->count = 0;
    read_lines (text, (uint32_t) size, &lines);
    judge (text, &lines);
    bool transcript = is_transcript (text, &lines);
    size_t bodies = 0; /* a dateline stands before the story begins: "AMY:" further down is someone who speaks */
    for (size_t i = 0; i < lines.count; i++) {
        qw_span_t span = lines.items[i].span;
        if (lines.items[i].role == QW_ROLE_BODY && bodies++ < FEW_BODIES) {
            uint32_t dateline = qw_structure_dateline_end (text, span, bodies == 1 && !transcript);
            if (dateline > span.start) {
                add_paragraph (paragraphs, span.start, dateline, QW_ROLE_DATELINE);
                span = trimmed (text, dateline, span.end);
            }
        }
        add_paragraph (paragraphs, span.start, span.end, lines.items[i].role);
    }
    free (lines.items);
}
