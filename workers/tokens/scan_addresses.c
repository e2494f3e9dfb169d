#include <string.h>

#include "workers/tokens/scan_parts.h"
#include "workers/tokens/words.h"

enum { LONGEST_DOMAIN = 256 };

/* The end of what looks like a web address and starts at `at`: up to white space or a mark that no address holds, without
 * the punctuation of the sentence around it. */
static uint32_t web_address_end (const qw_scan_t *self, uint32_t at)
{
    uint32_t end = at, taken, open = 0, closed = 0;
    for (; end < self->end; end += taken) {
        qw_char_t kind = kind_at (self, end, &taken);
        unsigned char c = (unsigned char) self->text[end];
        if (kind == QW_CHAR_SPACE || kind == QW_CHAR_QUOTE || c == '<' || c == '>')
            break;
        open += c == '(';
        closed += c == ')';
    }
    while (end > at) {
        unsigned char c = (unsigned char) self->text[end - 1];
        if (c == ')' && closed <= open)
            break;
        if (!strchr (".,;:!?'])*", c))
            break;
        closed -= c == ')';
        end--;
    }
    return end;
}

static bool in_local_part (unsigned char c) { return is_ascii_letter (c) || is_digit (c) || (c && strchr ("._+-%", c)); }

/* The end of an e-mail address that starts at `at`; `at` when there is none. */
static uint32_t mail_address_end (qw_scan_t *self, uint32_t at)
{
    uint32_t i = at;
    while (i < self->end && in_local_part ((unsigned char) self->text[i]))
        i++;
    if (i == at || byte_at (self, i) != '@') {
        self->no_address_before = i;
        return at;
    }
    uint32_t domain = ++i;
    while (i < self->end && in_local_part ((unsigned char) self->text[i]))
        i++;
    while (i > domain && !is_ascii_letter (byte_at (self, i - 1)) && !is_digit (byte_at (self, i - 1)))
        i--;
    if (i == domain) {
        self->no_address_before = domain;
        return at;
    }
    return i;
}

uint32_t qw_scan_domain_end (const qw_scan_t *self, uint32_t at, uint32_t dot)
{
    uint32_t i = dot, piece = dot, labels = 0;
    bool capitals = false;
    for (; byte_at (self, i) == '.' && (is_ascii_letter (byte_at (self, i + 1)) || is_digit (byte_at (self, i + 1)));
         labels++) {
        piece = ++i;
        capitals = capitals || small (byte_at (self, i)) != byte_at (self, i) || is_digit (byte_at (self, i));
        while (is_ascii_letter (byte_at (self, i)) || is_digit (byte_at (self, i))
               || (byte_at (self, i) == '-' && is_ascii_letter (byte_at (self, i + 1))))
            i++;
        if (i - at > LONGEST_DOMAIN)
            return at;
    }
    if (piece == dot || word_at (self, i))
        return at;
    bool group = labels > 1 && !capitals && dot - at > 1; /* "comp.sources.unix" */
    if (!group && !qw_word_in_list (QW_WORD_LIST_DOMAINS, self->text + piece, i - piece))
        return at;
    if (byte_at (self, i) == '/' && word_at (self, i + 1))
        return web_address_end (self, i);
    return i;
}

uint32_t qw_scan_address_end (qw_scan_t *self, uint32_t at)
{
    unsigned char c = small ((unsigned char) self->text[at]);
    if ((c == 'h' && (starts_with (self, at, "http://") || starts_with (self, at, "https://")))
        || (c == 'w' && starts_with (self, at, "www.")) || (c == 'f' && starts_with (self, at, "ftp://")))
        return web_address_end (self, at);
    return at >= self->no_address_before && c < 0x80 ? mail_address_end (self, at) : at;
}
