/*  chars.h - the kinds of characters that matter to the tokenizer. Own tables instead of a Unicode library's, so that the
    same text gives the same tokens whatever library a machine has. */
#ifndef QW_TOKENS_CHARS_H
#define QW_TOKENS_CHARS_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/utf8.h"

typedef enum {
    QW_CHAR_SPACE, /* white space, and the invisible U+200B, U+2060 and U+FEFF, which separate like it */
    QW_CHAR_LOWER, /* any letter that is not a known capital, combining marks, invisible joiners */
    QW_CHAR_UPPER,
    QW_CHAR_DIGIT,
    QW_CHAR_APOSTROPHE, /* ' ’ ‘ ` ´ and their like: apostrophes and single quotation marks */
    QW_CHAR_QUOTE,      /* " “ ” „ « » and their like */
    QW_CHAR_HYPHEN,     /* - and U+2010, U+2011 */
    QW_CHAR_DASH,       /* longer ones */
    QW_CHAR_DOT,
    QW_CHAR_COMMA,
    QW_CHAR_COLON,
    QW_CHAR_SEMICOLON,
    QW_CHAR_MARK, /* ! and ? */
    QW_CHAR_STOP, /* full stops that are no abbreviations' dots: … 。 ؟ ۔ । */
    QW_CHAR_OPEN,
    QW_CHAR_CLOSE,
    QW_CHAR_CURRENCY,
    QW_CHAR_SLASH,
    QW_CHAR_SYMBOL,
    QW_CHAR_HIGH /* in the byte table only: the character takes more than one byte */
} qw_char_t;

extern const uint8_t qw_char_of_byte[256];

/* The kind of a code point from U+0080 on. */
qw_char_t qw_char_of_point (uint32_t point);

/* The kind of the character at text[at], at < end, and the bytes it takes. */
static inline qw_char_t qw_char_at (const char *text, uint32_t at, uint32_t end, uint32_t *taken)
{
    qw_char_t kind = (qw_char_t) qw_char_of_byte[(unsigned char) text[at]];
    if (kind != QW_CHAR_HIGH) {
        *taken = 1;
        return kind;
    }
    size_t bytes;
    uint32_t point = qw_utf8_decode (text + at, end - at, &bytes);
    *taken = (uint32_t) bytes;
    return qw_char_of_point (point);
}

/* The same for the character that ends before text[at], at > begin. */
static inline qw_char_t qw_char_before (const char *text, uint32_t begin, uint32_t at)
{
    uint32_t from = at - 1, taken;
    while (from > begin && ((unsigned char) text[from] & 0xc0) == 0x80)
        from--;
    return qw_char_at (text, from, at, &taken);
}

static inline bool qw_char_is_letter (qw_char_t kind) { return kind == QW_CHAR_LOWER || kind == QW_CHAR_UPPER; }
static inline bool qw_char_is_word (qw_char_t kind) { return kind >= QW_CHAR_LOWER && kind <= QW_CHAR_DIGIT; }

#endif
