#include "ventilator/html_phrases.h"

#include <strings.h>

static bool is_word_byte (char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (unsigned char) c >= 0x80;
}

bool qw_html_has_words (qw_bytes_t line)
{
    for (size_t i = 0; i < line.size; i++)
        if (is_word_byte (line.data[i]))
            return true;
    return false;
}

bool qw_html_ends_sentence (qw_bytes_t line)
{
    static const char *const closers[] = {"\"", "'", ")", "]", "\xe2\x80\x9d", "\xe2\x80\x99", "\xc2\xbb", "\xc2\xa0", " "};
    static const char *const ends[] = {".", "!", "?", "\xe2\x80\xa6"};
    for (bool again = true; again;) {
        again = false;
        for (size_t i = 0; i < sizeof closers / sizeof *closers; i++) {
            size_t size = strlen (closers[i]);
            if (line.size > size && memcmp (line.data + line.size - size, closers[i], size) == 0) {
                line.size -= size;
                again = true;
            }
        }
    }
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        size_t size = strlen (ends[i]);
        if (line.size > size && memcmp (line.data + line.size - size, ends[i], size) == 0)
            return true;
    }
    return false;
}

static bool is_among (qw_bytes_t line, const char *const *phrases, size_t count, bool whole)
{
    while (line.size && !is_word_byte (line.data[line.size - 1]))
        line.size--;
    while (line.size && !is_word_byte (line.data[0]))
        line = (qw_bytes_t){line.data + 1, line.size - 1};
    for (size_t i = 0; i < count; i++) {
        size_t size = strlen (phrases[i]);
        if (line.size >= size && strncasecmp (line.data, phrases[i], size) == 0
            && (line.size == size || (!whole && !is_word_byte (line.data[size]))))
            return true;
    }
    return false;
}

#define AMONG(line, phrases, whole) is_among ((line), (phrases), sizeof (phrases) / sizeof *(phrases), (whole))

bool qw_html_is_label (qw_bytes_t line)
{
    static const char *const labels[] = {
        "advertisement", "ad", "share", "share this", "share this article", "share this story", "print", "email",
        "save", "copy link", "link copied", "listen", "listen to this article", "read more", "continue reading",
        "story continues below advertisement", "article continues below advertisement",
        "scroll to continue with content", "story continues below", "article continues below", "sign up", "subscribe",
        "log in", "loading", "comments", "leave a comment", "facebook", "twitter", "whatsapp", "linkedin", "follow us",
        "back to top", "skip to content", "skip to main content", "share on facebook", "share on twitter", "sponsored",
        "tweet", "pin it", "view comments", "show comments", "toggle caption", "hide caption", "open image in gallery",
        "next", "previous"};
    return AMONG (line, labels, true);
}

bool qw_html_is_reference (qw_bytes_t line)
{
    static const char *const starts[] = {
        "read more", "read also", "also read", "read next", "related", "see also", "see more", "more on", "more from",
        "more stories", "recommended", "watch", "must read", "more"};
    return AMONG (line, starts, false);
}

bool qw_html_heads_furniture (qw_bytes_t line)
{
    static const char *const heads[] = {
        "related", "read more", "read next", "more on this story", "more from", "more stories", "more news",
        "most read", "most popular", "most viewed", "trending", "recommended", "you may also like",
        "you might also like", "comments", "comment", "share this", "leave a reply", "leave a comment",
        "join the conversation", "tags", "newsletter", "sign up", "subscribe", "follow us", "latest news",
        "latest headlines", "latest stories", "top stories", "around the web", "sponsored", "from the web",
        "promoted stories", "popular now", "editor's picks", "what to read next", "don't miss"};
    return line.size < 60 && AMONG (line, heads, false);
}

static char fold (char c) { return c >= 'A' && c <= 'Z' ? (char) (c | 32) : c; }

bool qw_html_same_title (qw_bytes_t line, qw_bytes_t title)
{
    enum { SHORTEST = 12 };
    size_t i = 0, j = 0, same = 0;
    for (;; same++, i++, j++) {
        while (i < line.size && !is_word_byte (line.data[i]))
            i++;
        while (j < title.size && !is_word_byte (title.data[j]))
            j++;
        if (i == line.size || j == title.size || fold (line.data[i]) != fold (title.data[j]))
            break;
    }
    if (i == line.size && j == title.size)
        return same > 0;
    /* the line has ended where the title goes on behind a mark */
    bool at_mark = i == line.size && j >= 2 && title.data[j - 1] == ' ' && !is_word_byte (title.data[j - 2]);
    bool at_dash = i == line.size && j >= 3 && title.data[j - 1] == ' ' && (unsigned char) title.data[j - 2] >= 0x80;
    return same >= SHORTEST && (at_mark || at_dash);
}
