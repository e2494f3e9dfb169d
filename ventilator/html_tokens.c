#include "ventilator/html_tokens.h"

#include <strings.h>

#include "ventilator/html_entities.h"

static bool is_letter (char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
static bool is_digit (char c) { return c >= '0' && c <= '9'; }

bool qw_html_is (qw_bytes_t name, const char *lower)
{
    return strlen (lower) == name.size && strncasecmp (name.data, lower, name.size) == 0;
}

/* ---- tags ---------------------------------------------------------------------------------------------------------- */

/* Passes over one attribute; both parts may be NULL. Returns where it ends. */
static const char *pass_attribute (const char *at, const char *end, qw_bytes_t *name, qw_bytes_t *value)
{
    const char *start = at;
    do /* a '=' in front belongs to the name */
        at++;
    while (at < end && !qw_html_is_space (*at) && *at != '/' && *at != '>' && *at != '=');
    *name = (qw_bytes_t){start, (size_t) (at - start)};
    *value = (qw_bytes_t){at, 0};
    const char *after = at;
    while (after < end && qw_html_is_space (*after))
        after++;
    if (after == end || *after != '=')
        return at;
    for (at = after + 1; at < end && qw_html_is_space (*at);)
        at++;
    if (at < end && (*at == '"' || *at == '\'')) {
        const char *close = memchr (at + 1, *at, (size_t) (end - at - 1));
        *value = (qw_bytes_t){at + 1, (size_t) ((close ? close : end) - at - 1)};
        return close ? close + 1 : end;
    }
    for (start = at; at < end && !qw_html_is_space (*at) && *at != '>';)
        at++;
    *value = (qw_bytes_t){start, (size_t) (at - start)};
    return at;
}

bool qw_html_attribute (qw_bytes_t *attributes, qw_bytes_t *name, qw_bytes_t *value)
{
    const char *at = attributes->data, *end = at + attributes->size;
    while (at < end && (qw_html_is_space (*at) || *at == '/' || *at == '>'))
        at++;
    bool found = at < end;
    if (found)
        at = pass_attribute (at, end, name, value);
    *attributes = (qw_bytes_t){at, (size_t) (end - at)};
    return found;
}

/* Reads the tag whose name begins at `at`. False: the page ends inside of it, so it is none. */
static bool read_tag (qw_html_tokens_t *self, const char *at, qw_html_token_t *token)
{
    const char *start = at;
    while (at < self->end && !qw_html_is_space (*at) && *at != '/' && *at != '>')
        at++;
    token->name = (qw_bytes_t){start, (size_t) (at - start)};
    start = at;
    while (at < self->end && *at != '>') {
        qw_bytes_t name, value;
        at = qw_html_is_space (*at) || *at == '/' ? at + 1 : pass_attribute (at, self->end, &name, &value);
    }
    token->attributes = (qw_bytes_t){start, (size_t) (at - start)};
    bool whole = at < self->end;
    self->at = whole ? at + 1 : self->end;
    return whole;
}

/* Elements whose content ends at their own end tag and nowhere else. */
static bool has_no_markup (qw_bytes_t name)
{
    static const char *const names[] = {"script", "style", "title", "textarea", "iframe", "noembed", "noframes", "xmp"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (qw_html_is (name, names[i]))
            return true;
    return false;
}

/* The text up to the end tag of the element that has no markup inside. */
static void read_inside (qw_html_tokens_t *self, qw_html_token_t *token)
{
    const char *at = self->at, *end = self->end;
    size_t size = self->inside.size;
    while ((at = memchr (at, '<', (size_t) (end - at))) != NULL) {
        if ((size_t) (end - at) >= size + 3 && at[1] == '/' && strncasecmp (at + 2, self->inside.data, size) == 0
            && (qw_html_is_space (at[2 + size]) || at[2 + size] == '/' || at[2 + size] == '>'))
            break;
        at++;
    }
    if (!at)
        at = end;
    token->kind = QW_HTML_TEXT;
    token->text = (qw_bytes_t){self->at, (size_t) (at - self->at)};
    token->is_raw = !qw_html_is (self->inside, "title") && !qw_html_is (self->inside, "textarea");
    self->at = at;
    self->inside.size = 0;
}

static const char *behind (const char *at, const char *end, const char *mark)
{
    size_t size = strlen (mark);
    const char *found = memmem (at, (size_t) (end - at), mark, size);
    return found ? found + size : end;
}

/* Passes over "<!...>" and "<?...>". */
static const char *pass_comment (const char *at, const char *end)
{
    if (end - at < 4 || memcmp (at, "<!--", 4) != 0)
        return behind (at, end, ">");
    at += 4;
    if (at < end && *at == '>')
        return at + 1;
    if (end - at >= 2 && memcmp (at, "->", 2) == 0)
        return at + 2;
    for (const char *dashes = at; (dashes = memmem (dashes, (size_t) (end - dashes), "--", 2)) != NULL; dashes++) {
        if (end - dashes >= 3 && dashes[2] == '>')
            return dashes + 3;
        if (end - dashes >= 4 && memcmp (dashes + 2, "!>", 2) == 0)
            return dashes + 4;
    }
    return end;
}

/* What '<' and the two bytes behind it announce. */
static bool begins_markup (const char *at, const char *end)
{
    if (end - at < 2)
        return false;
    return is_letter (at[1]) || at[1] == '!' || at[1] == '?' || (at[1] == '/' && end - at > 2);
}

void qw_html_next (qw_html_tokens_t *self, qw_html_token_t *token)
{
    *token = (qw_html_token_t){.kind = QW_HTML_END};
    if (self->inside.size && self->at < self->end) {
        read_inside (self, token);
        if (token->text.size)
            return;
        token->kind = QW_HTML_END;
    }
    while (self->at < self->end) {
        const char *at = self->at, *end = self->end;
        if (*at != '<' || !begins_markup (at, end)) {
            do
                at = memchr (at + 1, '<', (size_t) (end - at - 1));
            while (at && !begins_markup (at, end));
            token->kind = QW_HTML_TEXT;
            token->is_raw = false;
            token->text = (qw_bytes_t){self->at, (size_t) ((at ? at : end) - self->at)};
            self->at = at ? at : end;
            return;
        }
        if (end - at >= 9 && memcmp (at, "<![CDATA[", 9) == 0) {
            const char *close = memmem (at, (size_t) (end - at), "]]>", 3);
            token->kind = QW_HTML_TEXT;
            token->is_raw = true;
            token->text = (qw_bytes_t){at + 9, (size_t) ((close ? close : end) - at - 9)};
            self->at = close ? close + 3 : end;
            return;
        }
        bool closes = at[1] == '/';
        if (!is_letter (at[1 + closes])) {
            self->at = closes ? behind (at, end, ">") : pass_comment (at, end);
            continue;
        }
        if (!read_tag (self, at + 1 + closes, token))
            return;
        token->kind = closes ? QW_HTML_END_TAG : QW_HTML_START_TAG;
        if (!closes && has_no_markup (token->name))
            self->inside = token->name;
        return;
    }
}

/* ---- character references ------------------------------------------------------------------------------------------ */

/* What windows-1252 has where Unicode has control characters; pages mean these. */
static uint32_t meant (uint32_t point)
{
    static const uint16_t windows[32] = {
        0x20ac, 0x81, 0x201a, 0x192, 0x201e, 0x2026, 0x2020, 0x2021, 0x2c6, 0x2030, 0x160, 0x2039, 0x152, 0x8d, 0x17d,
        0x8f, 0x90, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x2dc, 0x2122, 0x161, 0x203a, 0x153, 0x9d,
        0x17e, 0x178};
    if (point >= 0x80 && point < 0xa0)
        return windows[point - 0x80];
    return point == 0 || point > 0x10ffff || (point >= 0xd800 && point < 0xe000) ? 0xfffd : point;
}

static size_t read_number (const char *text, size_t size, uint32_t *point)
{
    bool hex = size > 2 && (text[2] == 'x' || text[2] == 'X');
    size_t at = hex ? 3 : 2, start = at;
    for (*point = 0; at < size; at++) {
        char c = text[at];
        uint32_t digit = is_digit (c) ? (uint32_t) (c - '0') : hex && is_letter (c) ? (uint32_t) ((c | 32) - 'a') + 10 : 99;
        if (digit >= (hex ? 16 : 10))
            break;
        if (*point <= 0x10ffff)
            *point = *point * (hex ? 16 : 10) + digit;
    }
    if (at == start)
        return 0;
    *point = meant (*point);
    return at < size && text[at] == ';' ? at + 1 : at;
}

size_t qw_html_reference (const char *text, size_t size, uint32_t *point)
{
    enum { LONGEST = 32, LONGEST_BARE = 6, SHORTEST = 2 };
    if (size > 2 && text[1] == '#')
        return read_number (text, size, point);
    size_t end = 1;
    while (end < size && end <= LONGEST && (is_letter (text[end]) || is_digit (text[end])))
        end++;
    if (end - 1 >= SHORTEST && end < size && text[end] == ';' && (*point = qw_html_entity (text + 1, end - 1, false)) != 0)
        return end + 1;
    for (size_t bare = end - 1 < LONGEST_BARE ? end - 1 : LONGEST_BARE; bare >= SHORTEST; bare--)
        if ((*point = qw_html_entity (text + 1, bare, true)) != 0)
            return bare + 1;
    return 0;
}

void qw_html_append_point (qw_buffer_t *into, uint32_t point)
{
    char bytes[4];
    size_t size = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    static const unsigned char first[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = size; --i > 0; point >>= 6)
        bytes[i] = (char) (0x80 | (point & 0x3f));
    bytes[0] = (char) (first[size] | point);
    qw_buffer_append (into, bytes, size);
}

void qw_html_append (qw_buffer_t *into, qw_bytes_t text)
{
    while (text.size) {
        const char *mark = memchr (text.data, '&', text.size);
        size_t plain = mark ? (size_t) (mark - text.data) : text.size;
        qw_buffer_append (into, text.data, plain);
        text = (qw_bytes_t){text.data + plain, text.size - plain};
        if (!text.size)
            return;
        uint32_t point = '&';
        size_t used = qw_html_reference (text.data, text.size, &point);
        qw_html_append_point (into, used ? point : '&');
        used += !used;
        text = (qw_bytes_t){text.data + used, text.size - used};
    }
}
