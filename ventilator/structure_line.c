#include "ventilator/structure_line.h"

#include <string.h>

#include "proto/blocks.h"
#include "proto/utf8.h"
#include "ventilator/structure_dateline.h"

enum { LONGEST_CREDIT = 60, MOST_CREDIT_SPACES = 5 };

static inline bool is_digit (unsigned char c) { return c >= '0' && c <= '9'; }
static inline bool is_letter (unsigned char c) { return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c >= 0x80; }

uint32_t qw_structure_wide_space (const char *text, uint32_t at, uint32_t end)
{
    size_t taken;
    uint32_t point = qw_utf8_decode (text + at, end - at, &taken);
    bool space = point == 0x85 || point == 0xa0 || point == 0x1680 || (point >= 0x2000 && point <= 0x200b) || point == 0x2028
                 || point == 0x2029 || point == 0x202f || point == 0x205f || point == 0x2060 || point == 0x3000
                 || point == 0xfeff;
    return space ? (uint32_t) taken : 0;
}

/* ---- roles by the words alone --------------------------------------------------------------------------------------- */

/* Nothing but a mail address: the writer's. */
static bool is_mail_address (const char *text, qw_span_t span)
{
    return memchr (text + span.start, '@', qw_span_size (span)) && !memchr (text + span.start, ' ', qw_span_size (span))
           && memchr (text + span.start, '.', qw_span_size (span));
}

static bool is_byline (const char *text, const qw_structure_line_t *line)
{
    qw_span_t span = line->span;
    if (span.end > span.start && text[span.end - 1] == '.')
        span.end--;
    if (line->words > 45 || qw_span_is_empty (span))
        return false;
    if (qw_phrases_equal (QW_PHRASES_AGENCY, text, span) || is_mail_address (text, span)
        || qw_phrases_end (QW_PHRASES_CONTRIBUTED_END, text, span) || (line->words <= 30 && line->within & QW_WITHIN_BYLINE))
        return true;
    if (line->words <= 12 && !line->ends_sentence && qw_phrases_end (QW_PHRASES_BYLINE_END, text, span))
        return true;
    if (!qw_phrases_start (QW_PHRASES_BYLINE_START, text, span))
        return false;
    if (text[span.start] == '(' || line->words <= 3)
        return true;
    bool many_capitals = line->capitals * 2 >= line->letter_words;
    return line->words <= 16 && many_capitals && !(line->ends_sentence && line->words > 8);
}

/* True for a paragraph that ends with the credit of a picture: "(Supplied: Ann Roe)", "(AP/Lee Jin-man)", "/ Yonhap". */
static bool ends_with_credit (const char *text, const qw_structure_line_t *line)
{
    qw_span_t span = line->span;
    while (span.end > span.start && text[span.end - 1] && strchr ("| .", text[span.end - 1]))
        span.end--;
    uint32_t first = span.end > span.start + LONGEST_CREDIT ? span.end - LONGEST_CREDIT : span.start;
    bool stopped = line->ends_quote || text[line->span.end - 1] == '.';
    if (!stopped && qw_phrases_credit_inside (text, (qw_span_t){first, line->span.end}))
        return true;
    if (span.end <= span.start || line->words < 6)
        return false;
    if (text[line->span.end - 1] == ')') {
        bool mark = false;
        uint32_t spaces = 0, at = span.end - 1;
        for (; at > first && text[at] != '('; at--) {
            spaces += text[at] == ' ';
            mark = mark || ((text[at] == ':' || text[at] == '/') && !is_digit ((unsigned char) text[at - 1])
                            && !is_digit ((unsigned char) text[at + 1]));
        }
        return mark && at > first && at > span.start && spaces <= MOST_CREDIT_SPACES;
    }
    uint32_t words = 0;
    for (uint32_t at = span.end - 1; at > first && words < 4; at--) {
        words += text[at] == ' ';
        if (text[at] == '/' && text[at - 1] == ' ')
            return true;
        if (text[at] == '.' || text[at] == ',' || text[at] == ';' || text[at] == ':' || text[at] == '!' || text[at] == '?')
            return false;
    }
    return false;
}

static bool is_caption (const char *text, const qw_structure_line_t *line)
{
    if (line->words <= 90 && ends_with_credit (text, line))
        return true;
    if (line->words <= 70 && !line->starts_quote && line->within & (QW_WITHIN_CAPTION | QW_WITHIN_PICTURED))
        return true;
    return qw_phrases_start (QW_PHRASES_CAPTION_START, text, line->span);
}

/* "Home > News > National" */
static bool is_path (const char *text, const qw_structure_line_t *line)
{
    qw_span_t span = line->span;
    if (line->words > 10 || line->ends_sentence)
        return false;
    return memmem (text + span.start, qw_span_size (span), " > ", 3)
           || memmem (text + span.start, qw_span_size (span), " » ", 4)
           || memmem (text + span.start, qw_span_size (span), " › ", 5);
}

/* "Reach Ann Lee at ann@example.com": how to write to those who made the page. */
static bool is_contact (const char *text, const qw_structure_line_t *line)
{
    return line->words > 1 && line->words <= 30 && qw_phrases_start (QW_PHRASES_CONTACT_START, text, line->span)
           && memchr (text + line->span.start, '@', qw_span_size (line->span));
}

static bool is_boilerplate (const char *text, const qw_structure_line_t *line)
{
    qw_span_t span = line->span;
    while (span.end > span.start && text[span.end - 1] && strchr (":.>|() ", text[span.end - 1]))
        span.end--;
    while (span.start < span.end && (text[span.start] == '(' || text[span.start] == ' '))
        span.start++;
    if (line->words == 0 || qw_phrases_equal (QW_PHRASES_BOILERPLATE_WHOLE, text, span)
        || qw_phrases_start (QW_PHRASES_RIGHTS_START, text, span))
        return true;
    if (line->words > 60)
        return false;
    if (is_path (text, line))
        return true;
    if (qw_phrases_start (QW_PHRASES_BOILERPLATE_START, text, span))
        return !line->ends_sentence || line->words <= 30;
    return line->within & QW_WITHIN_BOILERPLATE;
}

/* ---- reading -------------------------------------------------------------------------------------------------------- */

bool qw_structure_is_capital (const char *text, uint32_t at, uint32_t end)
{
    unsigned char c = (unsigned char) text[at];
    if (c < 0x80)
        return c >= 'A' && c <= 'Z';
    size_t taken;
    uint32_t point = qw_utf8_decode (text + at, end - at, &taken);
    return (point >= 0xc0 && point <= 0xde && point != 0xd7) || (point >= 0x391 && point <= 0x3ab)
           || (point >= 0x400 && point <= 0x42f);
}

/* The character that ends before `at`. */
static uint32_t point_before (const char *text, uint32_t start, uint32_t at, uint32_t *from)
{
    uint32_t i = at - 1;
    while (i > start && ((unsigned char) text[i] & 0xc0) == 0x80)
        i--;
    *from = i;
    size_t taken;
    return qw_utf8_decode (text + i, at - i, &taken);
}

static bool is_quote_point (uint32_t point)
{
    return point == '"' || point == '\'' || point == '`' || point == 0xab || point == 0xbb
           || (point >= 0x2018 && point <= 0x201f) || point == 0x2039 || point == 0x203a
           || (point >= 0x300c && point <= 0x300f);
}

static void read_ends (const char *text, qw_structure_line_t *line)
{
    qw_span_t span = line->span;
    size_t taken;
    uint32_t first = qw_utf8_decode (text + span.start, qw_span_size (span), &taken);
    line->starts_quote = is_quote_point (first);
    line->starts_small = first >= 'a' && first <= 'z';
    line->starts_mark = first == '(' || first == '[' || first == 0x2022 || first == 0x25cf || first == 0x25aa
                        || first == 0xb7
                        || ((first == '*' || first == '-' || first == 0x2013) && span.start + taken < span.end
                            && text[span.start + taken] == ' ');
    uint32_t last;
    line->ends_quote = is_quote_point (point_before (text, span.start, span.end, &last));
    for (uint32_t at = span.end, from; at > span.start; at = from) {
        uint32_t point = point_before (text, span.start, at, &from);
        if (is_quote_point (point) || point == ')' || point == ']')
            continue;
        line->ends_sentence = point == '.' || point == '!' || point == '?' || point == 0x2026 || point == 0x3002
                              || point == 0xff01 || point == 0xff1f || point == 0x61f;
        line->ends_colon = point == ':' || point == ';';
        return;
    }
}

/* Notes the phrases at the first letter or digit of a word. */
static void look_within (const char *text, uint32_t at, qw_structure_line_t *line)
{
    qw_span_t span = line->span;
    unsigned found = qw_phrases_at_word (text, at, span.end);
    if (found & QW_WITHIN_PICTURED && !(at >= span.start + 2 && text[at - 2] == ','))
        found &= ~(unsigned) QW_WITHIN_PICTURED;
    line->within |= found;
    if (at > span.start && text[at - 1] == '(' && qw_phrase_at (text, at, span.end, "photo"))
        line->within |= QW_WITHIN_CAPTION; /* "(Photograph by" */
}

enum { ENOUGH_WORDS = 92, /* what more there are, no rule asks */
       DENSE = 8          /* bytes that are not ASCII, of a block: with more it is read byte by byte */ };

/* Reads text that need not be ASCII from `at` to `end` or just behind. `inside`: of a word. */
static uint32_t read_wide (const char *text, uint32_t at, uint32_t end, bool *inside, qw_structure_line_t *line)
{
    while (at < end && line->words < ENOUGH_WORDS) {
        unsigned char c = (unsigned char) text[at];
        uint32_t space = qw_structure_space (text, at, line->span.end);
        if (space) {
            *inside = false;
            at += space;
            continue;
        }
        /* 0xe2: dashes and quotation marks, nearly always */
        if (!*inside && (is_letter (c) || is_digit (c)) && c != 0xe2 && (c & 0xc0) != 0x80) {
            *inside = true;
            line->words++;
            line->letter_words += is_letter (c);
            line->capitals += qw_structure_is_capital (text, at, line->span.end);
            look_within (text, at, line);
        }
        at++;
    }
    return at;
}

/* The lowest `most` ones of `bits`. */
static uint64_t lowest_ones (uint64_t bits, uint32_t most)
{
    uint64_t rest = bits;
    for (; rest && most > 0; most--)
        rest &= rest - 1;
    return bits & ~rest;
}

/* Reads the first `size` bytes of a block, which are ASCII. */
static void read_plain (const char *text, uint32_t at, const qw_block_t *block, uint32_t size, bool *inside,
                        qw_structure_line_t *line)
{
    qw_block_t small = qw_block_small (block);
    uint64_t all = qw_block_first (size), letters = qw_block_range (&small, 'a', 'z') & all;
    uint64_t words = letters | (qw_block_range (block, '0', '9') & all);
    uint64_t white = (qw_block_is (block, ' ') | qw_block_range (block, '\t', '\r')) & all, dark = all & ~white;
    /* In each run without white space the sum carries from its first byte to its first letter or digit, if any. */
    uint64_t runs = dark & ~(dark << 1 | *inside), starts = (runs + (dark & ~words)) & words;
    uint64_t last = white ? dark & ~((2ull << (63 - __builtin_clzll (white))) - 1) : dark; /* run, as far as it goes */
    *inside = (words & last) || (!white && *inside);
    if ((uint32_t) __builtin_popcountll (starts) > ENOUGH_WORDS - line->words)
        starts = lowest_ones (starts, ENOUGH_WORDS - line->words);
    line->words += (uint32_t) __builtin_popcountll (starts);
    line->letter_words += (uint32_t) __builtin_popcountll (starts & letters);
    line->capitals += (uint32_t) __builtin_popcountll (starts & qw_block_range (block, 'A', 'Z'));
    uint64_t brackets = qw_block_is (block, '(') << 1 | 1; /* what is before the block is not seen */
    for (uint64_t left = starts; left; left &= left - 1) {
        uint32_t word = at + (uint32_t) __builtin_ctzll (left);
        if (left & -left & brackets || qw_phrases_may_be_at (text, word, line->span.end))
            look_within (text, word, line);
    }
}

static void read_words (const char *text, qw_structure_line_t *line)
{
    qw_span_t span = line->span;
    bool inside = false; /* of a word: in it, behind its first letter or digit */
    for (uint32_t at = span.start; at < span.end && line->words < ENOUGH_WORDS;) {
        uint32_t size = span.end - at < QW_BLOCK ? span.end - at : QW_BLOCK;
        qw_block_t block = qw_block_within (text + at, span.end - at);
        uint64_t high = qw_block_high (&block);
        uint32_t plain = high ? (uint32_t) __builtin_ctzll (high) : size;
        if (__builtin_popcountll (high) > DENSE) {
            at = read_wide (text, at, at + size, &inside, line);
            continue;
        }
        if (plain > 0)
            read_plain (text, at, &block, plain, &inside, line);
        at += plain;
        if (high) {
            uint64_t others = ~(high >> plain);
            at = read_wide (text, at, at + (others ? (uint32_t) __builtin_ctzll (others) : QW_BLOCK), &inside, line);
        }
    }
    for (uint32_t at = span.start; at < span.end && line->words <= QW_STRUCTURE_SHORT; at++)
        line->digits += is_digit ((unsigned char) text[at]);
}

void qw_structure_line_read (const char *text, qw_span_t span, qw_structure_line_t *line)
{
    *line = (qw_structure_line_t){.span = span, .has_role = true};
    read_words (text, line);
    read_ends (text, line);
    if (is_boilerplate (text, line) || is_contact (text, line))
        line->role = QW_ROLE_BOILERPLATE;
    else if (qw_structure_is_date (text, line))
        line->role = QW_ROLE_DATELINE;
    else if (is_byline (text, line))
        line->role = QW_ROLE_BYLINE;
    else if (is_caption (text, line))
        line->role = QW_ROLE_CAPTION;
    else
        line->has_role = false;
}
