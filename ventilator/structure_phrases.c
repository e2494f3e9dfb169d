#include "ventilator/structure_phrases.h"

#include <pthread.h>
#include <string.h>

#define COUNT(list) (sizeof (list) / sizeof *(list))

enum { LONGEST_WHOLE = 60 };

/* Small letters; ’ is written '. */

static const char *const boilerplate_whole[] = {
    "advertisement", "advertising", "sponsored", "sponsored content", "leave a reply", "leave a comment", "comments",
    "print", "email", "e-mail", "share", "tweet", "share this", "kindly share this story", "please share this story",
    "more on", "share this article", "share this story", "accessibility links", "latest headlines", "latest news",
    "top stories", "most popular", "most read", "most viewed", "trending", "trending now", "related", "related stories",
    "related articles", "related news", "related topics", "related content", "more stories", "more news", "recommended",
    "recommended for you", "editor's picks", "you may also like", "you might also like", "breaking", "breaking news",
    "menu", "search", "home", "live", "live updates", "loading...", "loading", "next", "previous", "back to top",
    "view comments", "post comment", "post a comment", "add a comment", "subscribe", "subscribe now", "sign in",
    "log in", "sign up", "follow us", "contact us", "about us", "privacy policy", "terms of use", "terms of service",
    "watch live", "video", "photos", "gallery", "photo gallery", "tags", "facebook", "twitter", "whatsapp", "linkedin",
    "reddit", "copy link", "skip to content", "skip to main content", "listen", "listen to article", "save", "close",
    "more", "enlarge image", "continue reading", "the end", "ends", "end", "-30-", "local news", "world news", "africa",
    "asia", "world"};

static const char *const boilerplate_starts[] = {
    "read more", "read also", "also read", "read next", "read the full", "see also", "see more", "click here",
    "click to", "click on", "share on ", "share this ", "sign up for", "sign up to", "subscribe to", "follow us on",
    "follow @", "like us on", "download our", "download the", "get the latest", "get our ", "related:", "related story:",
    "related stories:", "related article", "also on ", "also see", "quiz:", "poll:", "gallery:", "driving the day",
    "you might also", "more from ", "more on this", "more:", "watch:", "listen:", "video:", "photos:", "copyright ",
    "(c) 20", "your email address will not", "required fields are", "this story was originally published",
    "this article was originally published", "this article originally appeared", "this story has been updated",
    "this article has been updated", "this article is more than ", "this is a developing story", "story continues below",
    "article continues", "continue reading", "skip ", "tags:", "topics:", "filed under", "filed in", "posted in",
    "categories:", "category:", "keywords:", "![", "[![", "advertisement", "support our", "support quality", "join our",
    "join the conversation", "we use cookies", "this site uses", "cookies", "by clicking", "to comment",
    "comments are closed", "log in to", "for more ", "don't miss", "thank you for reading", "thanks for reading",
    "newsletter", "please enable", "enable javascript", "your browser", "send tips", "got a tip", "have a tip",
    "reach the newsroom", "email the newsroom", "permalink", "print this", "email this", "source:", "sources:",
    "view all", "show more", "load more", "http://", "https://", "www.", "disclaimer", "note to editors",
    "notes to editors", "media contact", "correction:", "editor's note"};

static const char *const rights_starts[] = {
    "all rights reserved", "copyright ©", "copyright (c)", "©", "&copy;"};

static const char *const byline_starts[] = {
    "by ", "by: ", "written by ", "story by ", "reported by ", "report by ", "reporting by ", "(reporting by ",
    "(writing by ", "(editing by ", "additional reporting", "(additional reporting", "compiled by ", "words by ",
    "posted by ", "edited by ", "analysis by ", "story: ", "words: ", "reporter: ", "author: ", "video by ", "from our ",
    "from our own", "with files from ", "exclusive by "};

static const char *const byline_ends[] = {
    "staff writer", "staff reporter", "correspondent", "staff report", "staff reports", "political editor",
    "business editor", "health editor", "news editor"};

static const char *const contributed_ends[] = {
    "contributed to this report", "contributed reporting", "contributed to this story", "contributed to this article",
    "contributed from"};

static const char *const agencies[] = {
    "ap", "ap news", "afp", "reuters", "upi", "associated press", "the associated press", "xinhua", "yonhap",
    "yonhap news", "kyodo", "kyodo news", "dpa", "efe", "ani", "pti", "ians", "aap", "staff", "staff writer",
    "staff reporter", "news desk", "online desk", "web desk", "agencies", "our correspondent", "staff and agencies",
    "press association", "pa media", "newsroom"};

static const char *const caption_starts[] = {
    "file -", "file –", "file —", "file photo", "file picture", "file:", "(file photo", "photo:", "photo by",
    "photo credit", "photo courtesy", "photograph:", "photograph by", "picture:", "pictured:", "image:", "image caption",
    "image credit", "image copyright", "image source", "caption:", "media caption", "getty images", "credit:",
    "in this photo", "in this image", "in this file", "in this undated", "this undated photo", "this photo",
    "this image", "above:", "left:", "illustration:", "graphic:", "video caption", "figure caption"};

static const char *const credits[] = {
    "/reuters", "/afp", "/ap)", "(file)", "/ yonhap", "/yonhap", "courtesy of ", "image: ", "picture: ", "reuters/",
    "afp/", "epa/", "(upi", "/upi", "credit: ", "handout", "/shutterstock", "/epa", "/file", "photo/", "(courtesy",
    "screenshot", "(supplied", "via ap)", "via reuters)", "(ap)"};

static const char *const date_starts[] = {
    "posted", "published", "updated", "last updated", "last modified", "first published", "modified", "date:", "created",
    "issued", "filed"};

static const char *const contact_starts[] = {
    "reach ", "contact ", "email ", "e-mail ", "write to ", "follow ", "send ", "got ", "have "};

static const char *const date_words[] = {
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "mon", "tue", "wed", "thu", "fri",
    "sat", "sun", "am", "pm", "gmt", "utc", "est", "edt", "bst", "ist", "kst", "at", "p", "a", "m", "th", "st", "nd",
    "rd", "et", "last", "updated", "the", "of", "on", "wat", "eat", "cat", "aest"};

static const struct {
    const char *const *phrases;
    size_t count;
} lists[QW_PHRASES_COUNT] = {
    [QW_PHRASES_BOILERPLATE_WHOLE] = {boilerplate_whole, COUNT (boilerplate_whole)},
    [QW_PHRASES_BOILERPLATE_START] = {boilerplate_starts, COUNT (boilerplate_starts)},
    [QW_PHRASES_RIGHTS_START] = {rights_starts, COUNT (rights_starts)},
    [QW_PHRASES_BYLINE_START] = {byline_starts, COUNT (byline_starts)},
    [QW_PHRASES_BYLINE_END] = {byline_ends, COUNT (byline_ends)},
    [QW_PHRASES_CONTRIBUTED_END] = {contributed_ends, COUNT (contributed_ends)},
    [QW_PHRASES_AGENCY] = {agencies, COUNT (agencies)},
    [QW_PHRASES_CAPTION_START] = {caption_starts, COUNT (caption_starts)},
    [QW_PHRASES_CREDIT] = {credits, COUNT (credits)},
    [QW_PHRASES_DATE_START] = {date_starts, COUNT (date_starts)},
    [QW_PHRASES_CONTACT_START] = {contact_starts, COUNT (contact_starts)},
    [QW_PHRASES_DATE_WORD] = {date_words, COUNT (date_words)},
};

/* Anywhere in a paragraph; each begins where a word does. */
static const struct {
    const char *phrase;
    qw_phrases_within_t meaning;
} within[] = {
    {"all rights reserved", QW_WITHIN_BOILERPLATE},
    {"ap photo", QW_WITHIN_CAPTION},
    {"click here", QW_WITHIN_BOILERPLATE},
    {"contributed reporting", QW_WITHIN_BYLINE},
    {"contributed to this report", QW_WITHIN_BYLINE},
    {"file photo", QW_WITHIN_CAPTION},
    {"getty images", QW_WITHIN_CAPTION},
    {"handout photo", QW_WITHIN_CAPTION},
    {"may not be published, broadcast", QW_WITHIN_BOILERPLATE},
    {"may not be reproduced", QW_WITHIN_BOILERPLATE},
    {"our privacy policy", QW_WITHIN_BOILERPLATE},
    {"photo by", QW_WITHIN_CAPTION},
    {"photo credit", QW_WITHIN_CAPTION},
    {"photo |", QW_WITHIN_CAPTION},
    {"photo: ", QW_WITHIN_CAPTION},
    {"photograph: ", QW_WITHIN_CAPTION},
    {"photos |", QW_WITHIN_CAPTION},
    {"pic |", QW_WITHIN_CAPTION},
    {"pictured ", QW_WITHIN_PICTURED},
    {"screengrab", QW_WITHIN_CAPTION},
    {"sign up for our", QW_WITHIN_BOILERPLATE},
    {"subscribe to our", QW_WITHIN_BOILERPLATE},
    {"terms and conditions", QW_WITHIN_BOILERPLATE},
    {"to our newsletter", QW_WITHIN_BOILERPLATE},
    {"will not be published. required", QW_WITHIN_BOILERPLATE},
};

static inline unsigned char small (unsigned char c) { return c >= 'A' && c <= 'Z' ? c | 0x20 : c; }

/* The small letter at text[at], with ’ as ', and the bytes that it takes. */
static inline unsigned char folded (const char *text, uint32_t at, uint32_t end, uint32_t *taken)
{
    unsigned char c = (unsigned char) text[at];
    *taken = 1;
    if (c == 0xe2 && end - at >= 3 && (unsigned char) text[at + 1] == 0x80 && (unsigned char) text[at + 2] == 0x99) {
        *taken = 3;
        return '\'';
    }
    return small (c);
}

uint32_t qw_phrase_at (const char *text, uint32_t at, uint32_t end, const char *phrase)
{
    uint32_t i = at, taken;
    for (; *phrase; phrase++, i += taken)
        if (i >= end || folded (text, i, end, &taken) != (unsigned char) *phrase)
            return 0;
    return i - at;
}

/* ---- where to look -------------------------------------------------------------------------------------------------- */

/* Nearly every paragraph begins with none of the phrases, and nearly every word: so they are found by their first bytes. */
enum { MOST_PHRASES = 128 };

static struct {
    uint8_t first[QW_PHRASES_COUNT][128];          /* 1 + the number of a list's first phrase with that first byte */
    uint8_t next[QW_PHRASES_COUNT][MOST_PHRASES]; /* 1 + the number of the next phrase with the same one */
    uint8_t size[QW_PHRASES_COUNT][MOST_PHRASES];
    qw_phrase_keys_t credits; /* like those of `within`, all have four bytes or more */
} places;
qw_phrase_keys_t qw_phrases_within_keys;
static pthread_once_t places_are_known = PTHREAD_ONCE_INIT;

static void add_key (qw_phrase_keys_t *set, const char *phrase)
{
    uint32_t key = qw_phrase_key (phrase);
    set->bits[key / 64] |= 1ull << key % 64;
}

static void find_places (void)
{
    for (int list = 0; list < QW_PHRASES_COUNT; list++)
        for (size_t i = lists[list].count; i-- > 0;) {
            uint8_t *first = &places.first[list][lists[list].phrases[i][0] & 127];
            places.next[list][i] = *first;
            *first = (uint8_t) (i + 1);
            places.size[list][i] = (uint8_t) strlen (lists[list].phrases[i]);
        }
    for (size_t i = 0; i < COUNT (within); i++)
        add_key (&qw_phrases_within_keys, within[i].phrase);
    for (size_t i = 0; i < COUNT (credits); i++)
        add_key (&places.credits, credits[i]);
}

void qw_phrases_prepare (void) { pthread_once (&places_are_known, find_places); }

/* Bytes of a phrase of the list at text[at], if `whole` of one that ends at `end`; 0: none. */
static uint32_t phrase_of (qw_phrases_t list, const char *text, uint32_t at, uint32_t end, bool whole)
{
    unsigned char second = end - at > 1 ? small ((unsigned char) text[at + 1]) : 0;
    for (uint8_t i = places.first[list][small ((unsigned char) text[at]) & 127]; i > 0; i = places.next[list][i - 1]) {
        const char *phrase = lists[list].phrases[i - 1];
        if (phrase[1] && (unsigned char) phrase[1] != second && phrase[1] != '\'') /* which ’ is too */
            continue;
        uint32_t size = qw_phrase_at (text, at, end, phrase);
        if (size > 0 && (!whole || size == end - at))
            return size;
    }
    return 0;
}

bool qw_phrases_start (qw_phrases_t list, const char *text, qw_span_t span)
{
    return !qw_span_is_empty (span) && phrase_of (list, text, span.start, span.end, false) > 0;
}

bool qw_phrases_equal (qw_phrases_t list, const char *text, qw_span_t span)
{
    return !qw_span_is_empty (span) && qw_span_size (span) <= LONGEST_WHOLE
           && phrase_of (list, text, span.start, span.end, true) > 0;
}

bool qw_phrases_end (qw_phrases_t list, const char *text, qw_span_t span)
{
    for (size_t i = 0; i < lists[list].count; i++) {
        const char *phrase = lists[list].phrases[i];
        uint32_t size = places.size[list][i];
        if (qw_span_size (span) > size && small ((unsigned char) text[span.end - 1]) == (unsigned char) phrase[size - 1]
            && qw_phrase_at (text, span.end - size, span.end, phrase) == size)
            return true;
    }
    return false;
}

bool qw_phrases_credit_inside (const char *text, qw_span_t span)
{
    for (uint32_t at = span.start; at < span.end; at++)
        if (qw_phrase_keys_have (&places.credits, text, at, span.end) && phrase_of (QW_PHRASES_CREDIT, text, at, span.end, false) > 0)
            return true;
    return false;
}

unsigned qw_phrases_at_word (const char *text, uint32_t at, uint32_t end)
{
    if (!qw_phrases_may_be_at (text, at, end))
        return 0;
    unsigned found = 0;
    unsigned char first = small ((unsigned char) text[at]);
    for (size_t i = 0; i < COUNT (within); i++)
        if ((unsigned char) within[i].phrase[0] == first && qw_phrase_at (text, at, end, within[i].phrase))
            found |= within[i].meaning;
    return found;
}
