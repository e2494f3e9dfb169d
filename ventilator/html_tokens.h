/*  html_tokens.h - the tags and texts of an HTML page, one after another.

    It follows the rules of the WHATWG's HTML standard ("Tokenization") as far as they bear on text: quoted and bare
    attributes, comments in all their shapes, elements whose content is no markup, character references. Own code rather
    than a library's, because Debian's libxml2 compares each attribute of a tag with all others: one tag of 129 KB took
    it 2.9 s, of 269 KB 10.6 s. Here every byte is looked at a bounded number of times, nothing is copied, and nothing
    can be wrong: whatever is no tag is text.
 */
#ifndef QW_HTML_TOKENS_H
#define QW_HTML_TOKENS_H

#include "ventilator/encoding.h"

typedef enum { QW_HTML_END, QW_HTML_TEXT, QW_HTML_START_TAG, QW_HTML_END_TAG } qw_html_kind_t;

/* Everything points into the page. */
typedef struct {
    qw_html_kind_t kind;
    qw_bytes_t name;       /* of a tag, as written */
    qw_bytes_t attributes; /* of a start tag, for qw_html_attribute */
    qw_bytes_t text;       /* as written */
    bool is_raw;           /* the text has no character references: it is a script's, or CDATA */
} qw_html_token_t;

typedef struct {
    const char *at, *end;
    qw_bytes_t inside; /* the name of the element whose content is no markup, in which `at` is; size 0: none */
} qw_html_tokens_t;

static inline void qw_html_tokens_open (qw_html_tokens_t *self, qw_bytes_t page)
{
    *self = (qw_html_tokens_t){.at = page.data, .end = page.data + page.size};
}

void qw_html_next (qw_html_tokens_t *self, qw_html_token_t *token);

/* Takes the next attribute off the front; the value is as written. False: there are no more. */
bool qw_html_attribute (qw_bytes_t *attributes, qw_bytes_t *name, qw_bytes_t *value);

/* The character reference that text[0], an '&', begins: its bytes, and the character. 0: it begins none. */
size_t qw_html_reference (const char *text, size_t size, uint32_t *point);

/* Appends text with its references resolved. */
void qw_html_append (qw_buffer_t *into, qw_bytes_t text);

/* Appends one character. */
void qw_html_append_point (qw_buffer_t *into, uint32_t point);

static inline bool qw_html_is_space (char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f'; }

/* Whether the name is this one, which is in small letters, whatever its own letters are. */
bool qw_html_is (qw_bytes_t name, const char *lower);

#endif
