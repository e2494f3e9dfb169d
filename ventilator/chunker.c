#include "ventilator/chunker.h"

#include <stdlib.h>
#include <string.h>

#include "proto/utf8.h"

void qw_chunks_free (qw_chunks_t *self)
{
    free (self->ends);
    memset (self, 0, sizeof *self);
}

static void add_end (qw_chunks_t *chunks, size_t end)
{
    if (chunks->count == chunks->capacity) {
        chunks->capacity = chunks->capacity ? chunks->capacity * 2 : 16;
        chunks->ends = realloc (chunks->ends, chunks->capacity * sizeof *chunks->ends);
        if (!chunks->ends)
            abort ();
    }
    chunks->ends[chunks->count++] = (uint32_t) end;
}

static bool is_white (char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/* Size of the closing mark that ends at `at`: a quotation mark or a bracket; 0: there is none. */
static size_t closing_mark_before (const char *text, size_t start, size_t at)
{
    static const char *const marks[] = {"\xe2\x80\x9d", "\xe2\x80\x99", "\xc2\xbb", "\"", "'", ")", "]"}; /* ” ’ » */
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        size_t size = strlen (marks[i]);
        if (at - start >= size && memcmp (text + at - size, marks[i], size) == 0)
            return size;
    }
    return 0;
}

/* Whether the full stop that ends at `at` belongs to a title or an initial ("Gen.", "U.S.") rather than to a sentence. */
static bool is_abbreviation (const char *text, size_t start, size_t at)
{
    size_t word = --at;
    bool dotted = false;
    while (word > start && at - word < 8 && !is_white (text[word - 1]))
        dotted |= text[--word] == '.';
    return dotted || (at - word <= 3 && text[word] >= 'A' && text[word] <= 'Z');
}

/* Whether a sentence may have ended just before the white space that begins at `at`: '.', '?', '!' or the ellipsis, then
 * perhaps closing marks. The next word, at `next`, tells too: said after a quoted question, it has a small letter. */
static bool ends_sentence (const char *text, size_t start, size_t at, size_t next)
{
    size_t mark;
    if (text[next] >= 'a' && text[next] <= 'z')
        return false;
    while ((mark = closing_mark_before (text, start, at)) > 0)
        at -= mark;
    if (at > start && text[at - 1] == '.')
        return !is_abbreviation (text, start, at);
    if (at > start && (text[at - 1] == '?' || text[at - 1] == '!'))
        return true;
    return at - start >= 3 && memcmp (text + at - 3, "\xe2\x80\xa6", 3) == 0; /* … */
}

/* Where to cut text[start, limit) when no paragraph border is in reach: at the latest sentence end in its second half, at
 * the latest white space in it, or before a character. White space stays with the chunk before it. */
static size_t cut_inside (const char *text, size_t start, size_t limit)
{
    size_t lowest = start + (limit - start) / 2, white = 0;
    for (size_t at = limit; at > lowest; at--) {
        if (!is_white (text[at - 1]) || is_white (text[at])) /* `at` is the start of a word behind white space */
            continue;
        if (!white)
            white = at;
        size_t before = at - 1;
        while (before > lowest && is_white (text[before - 1]))
            before--;
        if (ends_sentence (text, start, before, at))
            return at;
        at = before + 1; /* in the next round: the last byte before the white space */
    }
    if (white)
        return white;
    while (limit > start && ((unsigned char) text[limit] & 0xc0) == 0x80)
        limit--;
    return limit;
}

void qw_chunker_cut (const char *text, size_t size, const qw_paragraph_t *paragraphs, size_t paragraph_count, size_t limit,
                     qw_chunks_t *chunks)
{
    size_t start = 0, next = 0;
    chunks->count = 0;
    while (size - start > limit) {
        /* The latest paragraph that begins within the limit begins the next chunk, unless it is a dateline's body: a
         * dateline and what follows on its line stay together where they can. */
        size_t end = 0;
        while (next < paragraph_count && paragraphs[next].span.start <= start + limit) {
            bool after_dateline = next > 0 && paragraphs[next - 1].role == QW_ROLE_DATELINE;
            if (paragraphs[next].span.start > start && !(after_dateline && end))
                end = paragraphs[next].span.start;
            next++;
        }
        if (!end)
            end = cut_inside (text, start, start + limit);
        add_end (chunks, end);
        start = end;
        while (next > 0 && paragraphs[next - 1].span.start > start)
            next--;
    }
    add_end (chunks, size);
}

size_t qw_chunker_paragraphs (const qw_paragraph_t *paragraphs, size_t paragraph_count, uint32_t start, uint32_t end,
                              qw_paragraph_t *inside)
{
    /* The first that ends behind the chunk's start; found by halving, so that all chunks together take linear time. */
    size_t from = 0, to = paragraph_count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (paragraphs[middle].span.end <= start)
            from = middle + 1;
        else
            to = middle;
    }
    size_t count = 0;
    for (; from < paragraph_count && paragraphs[from].span.start < end; from++) {
        qw_span_t span = paragraphs[from].span;
        inside[count] = paragraphs[from];
        inside[count].span.start = span.start > start ? span.start - start : 0;
        inside[count].span.end = (span.end < end ? span.end : end) - start;
        count++;
    }
    return count;
}
