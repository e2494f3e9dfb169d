#include "ventilator/structure_line.h"

#include <string.h>

#include "proto/utf8.h"

#define COUNT(list) (sizeof (list) / sizeof *(list))

enum { LONGEST_CREDIT = 60 };

static inline unsigned char small (unsigned char c) { return c >= 'A' && c <= 'Z' ? c | 0x20 : c; }
static inline bool is_digit (unsigned char c) { return c >= '0' && c <= '9'; }
static inline bool is_letter (unsigned char c) { return (small (c) >= 'a' && small (c) <= 'z') || c >= 0x80; }

uint32_t qw_structure_space (const char *text, uint32_t at, uint32_t end)
{
    unsigned char c = (unsigned char) text[at];
    if (c == ' ' || (c >= '\t' && c <= '\r'))
        return 1;
    if (c < 0xc2)
        return 0;
    size_t taken;
    uint32_t point = qw_utf8_decode (text + at, end - at, &taken);
    bool space = point == 0x85 || point == 0xa0 || point == 0x1680 || (point >= 0x2000 && point <= 0x200b) || point == 0x2028
                 || point == 0x2029 || point == 0x202f || point == 0x205f || point == 0x2060 || point == 0x3000
                 || point == 0xfeff;
    return space ? (uint32_t) taken : 0;
}

/* ---- phrases -------------------------------------------------------------------------------------------------------- */

/* Small letters; ’ is written '. A phrase of one of these kinds. */
static const char *const boilerplate_whole[] = {
    "advertisement", "advertising", "sponsored", "sponsored content", "leave a reply", "leave a comment", "comments", "print",
    "email", "e-mail", "share", "tweet", "share this", "kindly share this story", "please share this story", "more on", "share this article", "share this story", "accessibility links",
    "latest headlines", "latest news", "top stories", "most popular", "most read", "most viewed", "trending", "trending now",
    "related", "related stories", "related articles", "related news", "related topics", "related content", "more stories",
    "more news", "recommended", "recommended for you", "editor's picks", "you may also like", "you might also like", "breaking",
    "breaking news", "menu", "search", "home", "live", "live updates", "loading...", "loading", "next", "previous", "back to top",
    "view comments", "post comment", "post a comment", "add a comment", "subscribe", "subscribe now", "sign in", "log in",
    "sign up", "follow us", "contact us", "about us", "privacy policy", "terms of use", "terms of service", "watch live",
    "video", "photos", "gallery", "photo gallery", "tags", "facebook", "twitter", "whatsapp", "linkedin", "reddit", "copy link",
    "skip to content", "skip to main content", "listen", "listen to article", "save", "close", "more", "enlarge image",
    "continue reading", "the end", "ends", "end", "-30-", "local news", "world news", "africa", "asia", "world"};

static const char *const boilerplate_starts[] = {
    "read more", "read also", "also read", "read next", "read the full", "see also", "see more", "click here", "click to",
    "click on", "share on ", "share this ", "sign up for", "sign up to", "subscribe to", "follow us on", "follow @",
    "like us on", "download our", "download the", "get the latest", "get our ", "related:", "related story:", "related stories:",
    "related article", "more from ", "more on this", "more:", "watch:", "listen:", "video:", "photos:", "copyright ", "(c) 20",
    "your email address will not", "required fields are", "this story was originally published",
    "this article was originally published", "this article originally appeared", "this story has been updated",
    "this article has been updated", "this article is more than ", "this is a developing story", "story continues below", "article continues", "continue reading",
    "skip ", "tags:", "topics:", "filed under", "filed in", "posted in", "categories:", "category:", "keywords:", "![", "[![",
    "advertisement", "support our", "support quality", "join our", "join the conversation", "we use cookies", "this site uses",
    "cookies", "by clicking", "to comment", "comments are closed", "log in to", "for more ", "don't miss", "thank you for reading",
    "thanks for reading", "newsletter", "please enable", "enable javascript", "your browser", "send tips", "got a tip", "have a tip",
    "reach the newsroom", "email the newsroom", "permalink", "print this", "email this", "source:", "sources:", "view all",
    "show more", "load more", "http://", "https://", "www.", "disclaimer", "note to editors", "notes to editors", "media contact",
    "correction:", "editor's note"};

static const char *const rights_starts[] = {"all rights reserved", "copyright ©", "copyright (c)", "©", "&copy;"};

static const char *const boilerplate_within[] = {"all rights reserved", "will not be published. required", "sign up for our",
                                                 "subscribe to our", "our privacy policy", "terms and conditions",
                                                 "may not be published, broadcast", "may not be reproduced", "click here", "to our newsletter"};

static const char *const byline_starts[] = {
    "by ", "by: ", "written by ", "story by ", "reported by ", "report by ", "reporting by ", "(reporting by ", "(writing by ",
    "(editing by ", "additional reporting", "(additional reporting", "compiled by ", "words by ", "posted by ", "edited by ",
    "analysis by ", "story: ", "words: ", "reporter: ", "author: ", "video by ", "from our ", "from our own", "with files from ", "exclusive by "};

static const char *const byline_ends[] = {"contributed to this report", "contributed reporting", "contributed to this story",
                                          "contributed to this article", "contributed from", "staff writer", "staff reporter",
                                          "correspondent", "staff report", "staff reports", "political editor",
                                          "business editor", "health editor", "news editor"};

static const char *const agencies[] = {"ap", "ap news", "afp", "reuters", "upi", "associated press", "the associated press", "xinhua",
                                       "yonhap", "yonhap news", "kyodo", "kyodo news", "dpa", "efe", "ani", "pti", "ians", "aap",
                                       "staff", "staff writer", "staff reporter", "news desk", "online desk", "web desk", "agencies",
                                       "our correspondent", "staff and agencies", "press association", "pa media", "newsroom"};

static const char *const caption_starts[] = {
    "file -", "file –", "file —", "file photo", "file picture", "file:", "(file photo", "photo:", "photo by", "photo credit",
    "photo courtesy", "photograph:", "photograph by", "picture:", "pictured:", "image:", "image caption", "image credit",
    "image copyright", "image source", "caption:", "media caption", "getty images", "credit:", "in this photo", "in this image",
    "in this file", "in this undated", "this undated photo", "this photo", "this image", "above:", "left:", "illustration:",
    "graphic:", "video caption", "figure caption"};

static const char *const caption_within[] = {", pictured ", "(ap photo", "getty images", "photo by", "photo: ", "photograph: ",
                                             "file photo", "(file photo)", "handout photo", "(photo", "photo |", "photos |",
                                             "pic |", "(photograph", "photo credit", "screengrab"};

/* Only in the credit at the end. */
static const char *const credits[] = {"/reuters", "/afp", "/ap)", "(file)", "/ yonhap", "/yonhap", "courtesy of ", "image: ", "picture: ",
                                      "reuters/", "afp/", "epa/", "(upi", "/upi", "credit: ", "handout", "/shutterstock", "/epa",
                                      "/file", "photo/", "(courtesy", "screenshot", "(supplied", "via ap)", "via reuters)", "(ap)"};

static const char *const months[] = {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"};
static const char *const month_tails[] = {"uary", "ruary", "ch", "il", "", "e", "y", "ust", "tember", "ober", "ember", "ember"};

static const char *const date_starts[] = {"posted", "published", "updated", "last updated", "last modified", "first published",
                                          "modified", "date:", "created", "issued", "filed"};

/* The small letter at text[at], with ’ as ', and the bytes that it takes. */
static unsigned char folded (const char *text, uint32_t at, uint32_t end, uint32_t *taken)
{
    unsigned char c = (unsigned char) text[at];
    *taken = 1;
    if (c == 0xe2 && end - at >= 3 && (unsigned char) text[at + 1] == 0x80 && (unsigned char) text[at + 2] == 0x99) {
        *taken = 3;
        return '\'';
    }
    return small (c);
}

/* Bytes of the phrase at text[at], 0 when another text stands there. */
static uint32_t phrase_at (const char *text, uint32_t at, uint32_t end, const char *phrase)
{
    uint32_t i = at, taken;
    for (; *phrase; phrase++, i += taken)
        if (i >= end || folded (text, i, end, &taken) != (unsigned char) *phrase)
            return 0;
    return i - at;
}

static bool starts_with_one (const char *text, qw_span_t span, const char *const *phrases, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (phrase_at (text, span.start, span.end, phrases[i]))
            return true;
    return false;
}

static bool is_one (const char *text, qw_span_t span, const char *const *phrases, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (phrase_at (text, span.start, span.end, phrases[i]) == qw_span_size (span))
            return true;
    return false;
}

static bool contains_one (const char *text, qw_span_t span, const char *const *phrases, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (uint32_t at = span.start; at < span.end; at++)
            if (small ((unsigned char) text[at]) == (unsigned char) phrases[i][0] && phrase_at (text, at, span.end, phrases[i]))
                return true;
    return false;
}

/* ---- roles by the words alone --------------------------------------------------------------------------------------- */

/* Bytes of a month's name at text[at], with its dot: "Nov.", "November"; 0: none. */
static uint32_t month_at (const char *text, uint32_t at, uint32_t end)
{
    for (size_t i = 0; i < COUNT (months); i++) {
        uint32_t size = phrase_at (text, at, end, months[i]);
        if (!size)
            continue;
        uint32_t tail = phrase_at (text, at + size, end, month_tails[i]);
        if (!tail && i == 8)
            tail = phrase_at (text, at + size, end, "t");
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

/* "Nov 14, 2014 4:26 AM", "Posted 12:30 GMT", "14/11/2014": a short line that is nothing but a date. */
static bool is_date_line (const char *text, const qw_structure_line_t *line)
{
    if (line->words > 14 || line->words == 0)
        return false;
    uint32_t digits = 0;
    for (uint32_t at = line->span.start; at < line->span.end; at++)
        digits += is_digit ((unsigned char) text[at]);
    bool date = holds_date (text, line->span);
    if (starts_with_one (text, line->span, date_starts, COUNT (date_starts)))
        return digits > 0 && (date || line->words <= 6);
    if (line->ends_sentence && line->words > 6)
        return false;
    if (date && digits >= 3 && line->words <= 9) {
        uint32_t others = 0; /* words that are neither numbers, months, weekdays nor time zones */
        for (uint32_t at = line->span.start; at < line->span.end; at++)
            if (is_letter ((unsigned char) text[at]) && (at == line->span.start || !is_letter ((unsigned char) text[at - 1]))) {
                static const char *const allowed[] = {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
                                                      "mon", "tue", "wed", "thu", "fri", "sat", "sun", "am", "pm", "gmt", "utc",
                                                      "est", "edt", "bst", "ist", "kst", "at", "p", "a", "m", "th", "st", "nd",
                                                      "rd", "et", "last", "updated", "the", "of", "on", "wat", "eat", "cat", "aest"};
                uint32_t end = at;
                while (end < line->span.end && is_letter ((unsigned char) text[end]))
                    end++;
                others += !month_at (text, at, line->span.end)
                          && !is_one (text, (qw_span_t){at, end}, allowed, COUNT (allowed));
            }
        return others == 0;
    }
    return false;
}

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
    if (is_one (text, span, agencies, COUNT (agencies)) || is_mail_address (text, span))
        return true;
    if (line->words > 45)
        return false;
    for (size_t i = 0; i < COUNT (byline_ends); i++) {
        uint32_t size = (uint32_t) strlen (byline_ends[i]);
        bool contributed = byline_ends[i][0] == 'c' && byline_ends[i][3] == 't';
        if (qw_span_size (span) > size && phrase_at (text, span.end - size, span.end, byline_ends[i])
            && (contributed || (line->words <= 12 && !line->ends_sentence)))
            return true;
    }
    static const char *const contributed[] = {"contributed to this report", "contributed reporting"};
    if (line->words <= 30 && contains_one (text, span, contributed, COUNT (contributed)))
        return true;
    if (!starts_with_one (text, span, byline_starts, COUNT (byline_starts)))
        return false;
    if (text[span.start] == '(' || line->words <= 3)
        return true;
    bool many_capitals = line->capitals * 2 >= line->letter_words;
    return line->words <= 16 && many_capitals && !(line->ends_sentence && line->words > 8);
}

/* True for a paragraph that ends with the credit of a picture: "(Supplied: Jodie Harrap)", "(AP/Lee Jin-man)", "/ Yonhap". */
static bool ends_with_credit (const char *text, const qw_structure_line_t *line)
{
    qw_span_t span = line->span;
    while (span.end > span.start && strchr ("| .", text[span.end - 1]))
        span.end--;
    uint32_t first = span.end > span.start + LONGEST_CREDIT ? span.end - LONGEST_CREDIT : span.start;
    bool stopped = line->span.end > line->span.start && text[line->span.end - 1] == '.';
    if (!stopped && contains_one (text, (qw_span_t){first, line->span.end}, credits, COUNT (credits)))
        return true;
    if (span.end <= span.start || line->words < 6)
        return false;
    if (text[span.end - 1] == ')') {
        for (uint32_t at = span.end - 1; at > first && text[at] != '('; at--)
            if ((text[at] == ':' || text[at] == '/') && !is_digit ((unsigned char) text[at - 1]) && at + 2 < span.end
                && !is_digit ((unsigned char) text[at + 1]))
                return true;
        return false;
    }
    uint32_t words = 0;
    for (uint32_t at = span.end - 1; at > first && words < 4; at--) {
        words += text[at] == ' ';
        if (text[at] == '/' && text[at - 1] == ' ')
            return true;
        if (strchr (".,;:!?", text[at]))
            return false;
    }
    return false;
}

static bool is_caption (const char *text, const qw_structure_line_t *line)
{
    if (line->words <= 90 && ends_with_credit (text, line))
        return true;
    if (starts_with_one (text, line->span, caption_starts, COUNT (caption_starts)))
        return true;
    return line->words <= 70 && !line->starts_quote && contains_one (text, line->span, caption_within, COUNT (caption_within));
}

/* "Home > News > National" */
static bool is_path (const char *text, const qw_structure_line_t *line)
{
    if (line->words > 10 || line->ends_sentence)
        return false;
    static const char *const marks[] = {" > ", " » ", " › "};
    return contains_one (text, line->span, marks, COUNT (marks));
}

/* "Reach Ann Lee at ann@example.com": how to write to those who made the page. */
static bool is_contact (const char *text, const qw_structure_line_t *line)
{
    static const char *const starts[] = {"reach ", "contact ", "email ", "e-mail ", "write to ", "follow ", "send ", "got ", "have "};
    return line->words > 1 && line->words <= 30 && starts_with_one (text, line->span, starts, COUNT (starts))
           && memchr (text + line->span.start, '@', qw_span_size (line->span));
}

static bool is_boilerplate (const char *text, const qw_structure_line_t *line)
{
    qw_span_t span = line->span;
    while (span.end > span.start && strchr (":.>|() ", text[span.end - 1]))
        span.end--;
    span.start += span.start < span.end && text[span.start] == '(';
    if (line->words == 0 || is_one (text, span, boilerplate_whole, COUNT (boilerplate_whole)))
        return true;
    if (is_path (text, line) || starts_with_one (text, span, rights_starts, COUNT (rights_starts)))
        return true;
    if (line->words <= 60 && starts_with_one (text, span, boilerplate_starts, COUNT (boilerplate_starts)))
        return !line->ends_sentence || line->words <= 30;
    return line->words <= 60 && contains_one (text, span, boilerplate_within, COUNT (boilerplate_within));
}

/* ---- reading -------------------------------------------------------------------------------------------------------- */

static bool is_capital (const char *text, uint32_t at, uint32_t end)
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
    return point == '"' || point == '\'' || point == '`' || point == 0xab || point == 0xbb || (point >= 0x2018 && point <= 0x201f)
           || point == 0x2039 || point == 0x203a || (point >= 0x300c && point <= 0x300f);
}

static void read_ends (const char *text, qw_structure_line_t *line)
{
    qw_span_t span = line->span;
    size_t taken;
    uint32_t first = qw_utf8_decode (text + span.start, qw_span_size (span), &taken);
    line->starts_quote = is_quote_point (first);
    line->starts_small = first >= 'a' && first <= 'z';
    line->starts_mark = first == '(' || first == '[' || first == 0x2022 || first == 0x25cf || first == 0x25aa || first == 0xb7
                          || ((first == '*' || first == '-' || first == 0x2013) && span.start + taken < span.end
                              && text[span.start + taken] == ' ');
    uint32_t last;
    line->ends_quote = is_quote_point (point_before (text, span.start, span.end, &last));
    for (uint32_t at = span.end, from; at > span.start; at = from) {
        uint32_t point = point_before (text, span.start, at, &from);
        if (is_quote_point (point) || point == ')' || point == ']')
            continue;
        line->ends_sentence = point == '.' || point == '!' || point == '?' || point == 0x2026 || point == 0x3002 || point == 0xff01
                              || point == 0xff1f || point == 0x61f;
        line->ends_colon = point == ':' || point == ';';
        return;
    }
}

void qw_structure_line_read (const char *text, qw_span_t span, qw_structure_line_t *line)
{
    *line = (qw_structure_line_t){.span = span};
    for (uint32_t at = span.start, space; at < span.end;) {
        if ((space = qw_structure_space (text, at, span.end)) > 0) {
            at += space;
            continue;
        }
        bool word = false, seen = false;
        for (; at < span.end && !qw_structure_space (text, at, span.end); at++) {
            unsigned char c = (unsigned char) text[at];
            if (seen || !(is_letter (c) || is_digit (c)) || (c & 0xc0) == 0x80)
                continue;
            if (c >= 0xe2 && c < 0xe3) /* dashes and marks, nearly always */
                continue;
            seen = word = true;
            line->letter_words += is_letter (c);
            line->capitals += is_capital (text, at, span.end);
        }
        line->words += word;
    }
    read_ends (text, line);
    line->has_role = true;
    if (is_boilerplate (text, line) || is_contact (text, line))
        line->role = QW_ROLE_BOILERPLATE;
    else if (is_date_line (text, line))
        line->role = QW_ROLE_DATELINE;
    else if (is_byline (text, line))
        line->role = QW_ROLE_BYLINE;
    else if (is_caption (text, line))
        line->role = QW_ROLE_CAPTION;
    else
        line->has_role = false;
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

uint32_t qw_structure_dateline_end (const char *text, qw_span_t span, bool colon_too)
{
    uint32_t limit = qw_span_size (span) > LONGEST_DATELINE ? span.start + LONGEST_DATELINE : span.end;
    uint32_t at = span.start, loud = 0, words = 0, small_words = 0;
    bool agency = false, date = false, colon = false;
    uint32_t mark = 0;
    for (; at < limit && !(mark = dateline_mark (text, span, at, &colon)); at++) {
        unsigned char c = (unsigned char) text[at];
        bool starts = at == span.start || !is_letter ((unsigned char) text[at - 1]);
        if (strchr ("\"!?;", c) && c)
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
        small_words += !is_capital (text, at, span.end) && letters > 3;
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
