#include "ventilator/structure_dateline.h"

#include <string.h>

#include "proto/utf8.h"
#include "ventilator/structure_line.h"
#include "ventilator/structure_phrases.h"

#define COUNT(list) (sizeof (list) / sizeof *(list))

static inline unsigned char small (unsigned char c) { return c >= 'A' && c <= 'Z' ? c | 0x20 : c; }
static inline bool is_digit (unsigned char c) { return c >= '0' && c <= '9'; }
static inline bool is_letter (unsigned char c) { return (small (c) >= 'a' && small (c) <= 'z') || c >= 0x80; }

static const char *const months[] = {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"};
static const char *const month_tails[] = {
    "uary", "ruary", "ch", "il", "", "e", "y", "ust", "tember", "ober", "ember", "ember"};

/* Bytes of a month's name at text[at], with its dot: "Nov.", "November"; 0: none. */
static uint32_t month_at (const char *text, uint32_t at, uint32_t end)
{
    unsigned char first = small ((unsigned char) text[at]);
    for (size_t i = 0; i < COUNT (months); i++) {
        if ((unsigned char) months[i][0] != first)
            continue;
        uint32_t size = qw_phrase_at (text, at, end, months[i]);
        if (!size)
            continue;
        uint32_t tail = qw_phrase_at (text, at + size, end, month_tails[i]);
        if (!tail && i == 8)
            tail = qw_phrase_at (text, at + size, end, "t");
        size += tail;
        if (at + size < end && is_letter ((unsigned char) text[at + size]))
            return 0;
        return size + (at + size < end && text[at + size] == '.');
    }
    return 0;
}

/* True when the span holds a month's name and a number. */
static bool holds_date (const char *text, qw_span_t span)
{
    bool month = false, number = false;
    for (uint32_t at = span.start; at < span.end; at++) {
        bool starts = at == span.start || !is_letter ((unsigned char) text[at - 1]);
        month = month || (starts && month_at (text, at, span.end));
        number = number || is_digit ((unsigned char) text[at]);
    }
    return month && number;
}

/* Words that are neither numbers, months, weekdays nor time zones. */
static uint32_t other_words (const char *text, qw_span_t span)
{
    uint32_t others = 0;
    for (uint32_t at = span.start; at < span.end; at++)
        if (is_letter ((unsigned char) text[at]) && (at == span.start || !is_letter ((unsigned char) text[at - 1]))) {
            uint32_t end = at;
            while (end < span.end && is_letter ((unsigned char) text[end]))
                end++;
            others += !month_at (text, at, span.end) && !qw_phrases_equal (QW_PHRASES_DATE_WORD, text, (qw_span_t){at, end});
        }
    return others;
}

bool qw_structure_is_date (const char *text, const qw_structure_line_t *line)
{
    if (line->words > QW_STRUCTURE_SHORT || line->words == 0 || line->digits == 0)
        return false;
    bool date = holds_date (text, line->span);
    if (qw_phrases_start (QW_PHRASES_DATE_START, text, line->span))
        return date || line->words <= 6;
    if (line->ends_sentence && line->words > 6)
        return false;
    return date && line->digits >= 3 && line->words <= 9 && other_words (text, line->span) == 0;
}

/* ---- datelines ------------------------------------------------------------------------------------------------------ */

enum { LONGEST_DATELINE = 90 };

/* The dash or colon at text[at] that may end a dateline: its bytes; 0: none. */
static uint32_t dateline_mark (const char *text, qw_span_t span, uint32_t at, bool *colon)
{
    *colon = text[at] == ':';
    bool spaced = at > span.start && text[at - 1] == ' ';
    if (text[at] == '-') {
        uint32_t size = at + 1 < span.end && text[at + 1] == '-' ? 2 : 1;
        return spaced && at + size < span.end && text[at + size] == ' ' ? size : 0;
    }
    if (*colon)
        return at + 1 < span.end && text[at + 1] == ' ' ? 1 : 0;
    size_t taken;
    uint32_t point = qw_utf8_decode (text + at, span.end - at, &taken);
    return point >= 0x2012 && point <= 0x2015 ? (uint32_t) taken : 0;
}

static uint32_t dateline_limit (qw_span_t span)
{
    return qw_span_size (span) > LONGEST_DATELINE ? span.start + LONGEST_DATELINE : span.end;
}

bool qw_structure_dateline_may_end (const char *text, qw_span_t span, int mark)
{
    const char *end = text + dateline_limit (span);
    bool colon;
    for (const char *at = text + span.start; (at = memchr (at, mark, (size_t) (end - at))); at++)
        if (dateline_mark (text, span, (uint32_t) (at - text), &colon))
            return true;
    return false;
}

uint32_t qw_structure_dateline_end (const char *text, qw_span_t span, bool colon_too)
{
    uint32_t limit = dateline_limit (span);
    if (!qw_structure_dateline_may_end (text, span, '-') && !qw_structure_dateline_may_end (text, span, 0xe2)
        && !(colon_too && qw_structure_dateline_may_end (text, span, ':')))
        return span.start; /* no such dash and no colon: most paragraphs */
    uint32_t at = span.start, loud = 0, words = 0, small_words = 0;
    bool agency = false, date = false, colon = false;
    uint32_t mark = 0;
    for (; at < limit && !(mark = dateline_mark (text, span, at, &colon)); at++) {
        unsigned char c = (unsigned char) text[at];
        bool starts = at == span.start || !is_letter ((unsigned char) text[at - 1]);
        if (c == '"' || c == '!' || c == '?' || c == ';')
            return span.start;
        if (c == '(' && at + 1 < limit && text[at + 1] >= 'A' && text[at + 1] <= 'Z') {
            const char *close = memchr (text + at, ')', limit - at);
            if (!close)
                return span.start;
            agency = true;
            at = (uint32_t) (close - text);
            continue;
        }
        if (!is_letter (c) || !starts)
            continue;
        uint32_t end = at, upper = 0, letters = 0;
        for (; end < limit && is_letter ((unsigned char) text[end]); end++) {
            letters += ((unsigned char) text[end] & 0xc0) != 0x80;
            upper += text[end] >= 'A' && text[end] <= 'Z';
        }
        words++;
        date = date || month_at (text, at, limit) > 0;
        loud += upper == letters && letters > 1 && loud == words - 1;
        small_words += !qw_structure_is_capital (text, at, span.end) && letters > 3;
    }
    if (!mark || at == span.start)
        return span.start;
    /* A full stop inside is an abbreviation's only: "Nov. 18", "Mich." */
    bool first_letters = span.start + 3 <= at && is_letter ((unsigned char) text[span.start]);
    bool place = loud > 0 && first_letters && words <= 8 && small_words == 0;
    if (colon && !colon_too)
        return span.start;
    if (colon)
        place = place && words <= 4 && (loud == words || date || agency);
    bool named = agency && words <= 8 && small_words == 0;
    if (!place && !named)
        return span.start;
    uint32_t end = at + mark, rest = end;
    while (rest < span.end && qw_structure_space (text, rest, span.end))
        rest += qw_structure_space (text, rest, span.end);
    return rest < span.end ? end : span.start;
}
