#include "workers/quotes/marks.h"

#include <stdlib.h>
#include <string.h>

/* What stands at a byte, as far as quotation marks care. */
enum { NOTHING = 0, DOUBLE = 1, SINGLE = 2, OPENS = 4, CLOSES = 8 };

typedef struct {
    uint32_t at;
    uint8_t size;
    uint8_t kind; /* bits of the above; OPENS and CLOSES: what its form and its surroundings allow */
    bool strong;  /* SINGLE that closes after a stop, so that it is no apostrophe */
} mark_t;

void qw_marks_free (qw_marks_t *self)
{
    free (self->items);
    *self = (qw_marks_t){0};
}

static qw_marked_t *add (qw_marks_t *self)
{
    if (self->count == self->capacity) {
        self->capacity = self->capacity ? self->capacity * 2 : 16;
        self->items = realloc (self->items, self->capacity * sizeof *self->items);
        if (!self->items)
            abort ();
    }
    qw_marked_t *item = &self->items[self->count++];
    *item = (qw_marked_t){0};
    return item;
}

static bool is_wordish (unsigned char byte)
{
    return (byte >= '0' && byte <= '9') || ((byte | 32) >= 'a' && (byte | 32) <= 'z') || byte >= 0xc3;
}

static bool is_digit (char byte) { return byte >= '0' && byte <= '9'; }

/* True for what may stand before an opening mark. Dashes and brackets beyond ASCII count too. */
static bool is_gap_before (const char *text, uint32_t start, uint32_t at)
{
    if (at == start)
        return true;
    unsigned char c = (unsigned char) text[at - 1];
    if (c <= ' ' || c == '(' || c == '[' || c == '-' || c == '/' || c == '"' || c == '\'' || c == '`' || c == ':')
        return true;
    if (at - start >= 2 && c == 0xa0 && (unsigned char) text[at - 2] == 0xc2)
        return true;
    if (at - start < 3 || (unsigned char) text[at - 3] != 0xe2 || (unsigned char) text[at - 2] != 0x80)
        return false;
    return (c >= 0x80 && c <= 0x95) || c == 0x98 || c == 0x9c || c == 0x9e || c == 0xaf;
}

static bool is_gap_after (const char *text, uint32_t end, uint32_t at)
{
    if (at >= end)
        return true;
    unsigned char c = (unsigned char) text[at];
    return !is_wordish (c) && c != '$' && c != '[' && c != '(' && c != '#' && c != '@';
}

/* The form of the mark at `at`: its size and kind, before its surroundings are looked at. */
static mark_t form_at (const char *text, uint32_t at, uint32_t end)
{
    mark_t mark = {at, 1, NOTHING, false};
    unsigned char a = (unsigned char) text[at], b = at + 1 < end ? (unsigned char) text[at + 1] : 0;
    unsigned char c = at + 2 < end ? (unsigned char) text[at + 2] : 0;
    if (a == '"')
        mark.kind = DOUBLE | OPENS | CLOSES;
    else if ((a == '\'' || a == '`') && b == a) {
        mark.kind = DOUBLE | OPENS | (a == '\'' ? CLOSES : 0);
        mark.size = 2;
    } else if (a == '\'')
        mark.kind = SINGLE | OPENS | CLOSES;
    else if (a == '`')
        mark.kind = SINGLE | OPENS;
    else if (a == 0xc2 && (b == 0xab || b == 0xbb)) {
        mark.kind = DOUBLE | (b == 0xab ? OPENS : CLOSES);
        mark.size = 2;
    } else if (a == 0xe2 && b == 0x80 && c >= 0x98 && c <= 0x9f) {
        static const uint8_t kinds[8] = {SINGLE | OPENS, SINGLE | OPENS | CLOSES, SINGLE | OPENS, SINGLE | OPENS,
                                         DOUBLE | OPENS, DOUBLE | CLOSES,         DOUBLE | OPENS, DOUBLE | OPENS};
        mark.kind = kinds[c - 0x98];
        mark.size = 3;
    } else if (a == 0xe2 && b == 0x80 && (c == 0xb9 || c == 0xba)) {
        mark.kind = SINGLE | (c == 0xb9 ? OPENS : CLOSES);
        mark.size = 3;
    }
    return mark;
}

/* The mark at `at` with what its surroundings allow, or NOTHING. */
static mark_t mark_at (const char *text, qw_span_t paragraph, uint32_t at)
{
    mark_t mark = form_at (text, at, paragraph.end);
    if (mark.kind == NOTHING)
        return mark;
    bool before = is_gap_before (text, paragraph.start, at);
    bool after = is_gap_after (text, paragraph.end, at + mark.size);
    if (mark.kind & SINGLE) {
        uint32_t next = at + mark.size;
        if (next + 2 < paragraph.end && is_digit (text[next]) && is_digit (text[next + 1]) && text[next + 2] == 's')
            return (mark_t){at, mark.size, NOTHING, false}; /* the '90s */
        if (!before)
            mark.kind &= (uint8_t) ~OPENS;
        if (after && (before || !(mark.kind & CLOSES)) && at + mark.size < paragraph.end)
            mark.kind &= (uint8_t) ~OPENS;
        if (!after || (before && at > paragraph.start && (unsigned char) text[at - 1] <= ' '))
            mark.kind &= (uint8_t) ~CLOSES;
        unsigned char last = at > paragraph.start ? (unsigned char) text[at - 1] : ' ';
        mark.strong = last == ',' || last == '.' || last == '?' || last == '!';
        return mark.kind & (OPENS | CLOSES) ? mark : (mark_t){at, mark.size, NOTHING, false};
    }
    if ((mark.kind & OPENS) && (mark.kind & CLOSES)) { /* straight: the surroundings decide where they can */
        if (before && !after)
            mark.kind &= (uint8_t) ~CLOSES;
        else if (!before && after)
            mark.kind &= (uint8_t) ~OPENS;
    } else if ((mark.kind & CLOSES) && mark.size == 3 && before && !after)
        mark.kind |= OPENS; /* "Swedish" or mistyped: a closing curl where only an opening one makes sense */
    else if ((mark.kind & OPENS) && mark.size == 3 && !before && after)
        mark.kind |= CLOSES;
    return mark;
}

/* A scan over one paragraph. */
typedef struct {
    const char *text;
    qw_span_t paragraph;
    uint32_t at;
} scan_t;

typedef uint8_t bytes_t __attribute__ ((vector_size (16)));

static bool may_be_mark (unsigned char c) { return c == '"' || c == '\'' || c == '`' || c == 0xe2 || c == 0xc2; }

/* The first byte from `at` on with which a mark may begin, or `end`. */
static uint32_t find_mark (const char *text, uint32_t at, uint32_t end)
{
    for (; end - at >= sizeof (bytes_t); at += sizeof (bytes_t)) {
        bytes_t bytes;
        uint64_t halves[2];
        memcpy (&bytes, text + at, sizeof bytes);
        bytes = (bytes_t) (bytes == '"') | (bytes_t) (bytes == '\'') | (bytes_t) (bytes == '`')
                | (bytes_t) ((bytes | 0x20) == 0xe2); /* 0xc2, too */
        memcpy (halves, &bytes, sizeof halves);
        if (halves[0] | halves[1])
            break;
    }
    while (at < end && !may_be_mark ((unsigned char) text[at]))
        at++;
    return at;
}

static bool next_mark (scan_t *scan, mark_t *mark)
{
    uint32_t end = scan->paragraph.end;
    while ((scan->at = find_mark (scan->text, scan->at, end)) < end) {
        *mark = mark_at (scan->text, scan->paragraph, scan->at);
        scan->at += mark->size;
        if (mark->kind != NOTHING)
            return true;
    }
    return false;
}

enum { MAX_SINGLE = 600 }; /* bytes within which single marks must close: keeps the search linear */

/* Where the single mark closes: after a stop if possible, or at the first place where it can. */
static bool find_single_close (const scan_t *scan, mark_t *close)
{
    scan_t ahead = *scan;
    mark_t mark;
    bool found = false;
    if (ahead.paragraph.end - ahead.at > MAX_SINGLE)
        ahead.paragraph.end = ahead.at + MAX_SINGLE;
    while (next_mark (&ahead, &mark)) {
        if (mark.kind & DOUBLE)
            break;
        if (!(mark.kind & CLOSES))
            continue;
        if (!found || mark.strong)
            *close = mark;
        found = true;
        if (mark.strong)
            break;
    }
    return found;
}

bool qw_marks_find (qw_marks_t *self, const char *text, qw_span_t paragraph, bool inside)
{
    scan_t scan = {text, paragraph, paragraph.start};
    mark_t mark, open = {0};
    unsigned depth = 0; /* of double marks */
    bool seen = false;  /* any double mark yet */
    uint32_t single_until = 0;
    while (next_mark (&scan, &mark)) {
        if (mark.kind & SINGLE) {
            mark_t close;
            if (depth == 0 && (mark.kind & OPENS) && mark.at >= single_until && find_single_close (&scan, &close)) {
                *add (self) = (qw_marked_t){.span = {mark.at, close.at + close.size},
                                            .open_size = mark.size,
                                            .close_size = close.size,
                                            .single = true};
                single_until = close.at + close.size;
                scan.at = single_until;
            }
            continue;
        }
        if (depth == 0) {
            if (mark.kind & OPENS) {
                open = mark;
                depth = 1;
            } else if (!seen && inside && mark.at > paragraph.start)
                *add (self) = (qw_marked_t){
                    .span = {paragraph.start, mark.at + mark.size}, .close_size = mark.size, .opens_before = true};
            seen = true;
            continue;
        }
        if (mark.kind & CLOSES) {
            if (--depth == 0)
                *add (self) = (qw_marked_t){
                    .span = {open.at, mark.at + mark.size}, .open_size = open.size, .close_size = mark.size};
        } else if (open.size == 3 && mark.size == 3)
            depth = depth < 2 ? depth + 1 : depth;
        else if (open.size == mark.size) { /* a straight mark that can only open: the one before was never closed */
            open = mark;
            depth = 1;
        }
    }
    if (depth > 0)
        *add (self) = (qw_marked_t){.span = {open.at, paragraph.end}, .open_size = open.size, .runs_on = true};
    return depth > 0;
}
