/*  scan_parts.h - what the parts of the scan share: the state of one paragraph's scan, and looks at the text around a place.
    Internal to the tokenizer. */
#ifndef QW_TOKENS_SCAN_PARTS_H
#define QW_TOKENS_SCAN_PARTS_H

#include "workers/tokens/chars.h"
#include "workers/tokens/scan.h"

/* A paragraph being cut. */
typedef struct {
    const char *text;
    uint32_t begin, end; /* of the paragraph */
    uint32_t at;
    uint32_t no_address_before; /* no e-mail address begins before this: keeps the search linear */
    qw_span_t *tokens;          /* room for as many as there are bytes */
    uint32_t first, count;      /* tokens of the paragraph: [first, count) */
    qw_ends_t *ends;            /* room for twice as many */
    uint8_t quotes;
    int16_t depth;
} qw_scan_t;

static inline void emit (qw_scan_t *self, uint32_t start, uint32_t end)
{
    self->tokens[self->count++] = (qw_span_t){start, end};
    self->at = end;
}

/* Marks the token emitted last as a place where a sentence may end. */
static inline void mark_end (qw_scan_t *self, qw_end_kind_t kind)
{
    self->ends->items[self->ends->count++] = (qw_end_t){self->count - 1, (uint8_t) kind, self->quotes, self->depth};
}

/* Before a token that looks like a beginning is emitted at self->at: a sentence may have ended without a mark. */
static inline void mark_beginning (qw_scan_t *self)
{
    if (self->count > self->first && self->tokens[self->count - 1].end < self->at)
        mark_end (self, QW_END_NONE);
}

static inline qw_char_t kind_at (const qw_scan_t *self, uint32_t at, uint32_t *taken)
{
    if (at >= self->end) {
        *taken = 0;
        return QW_CHAR_SPACE;
    }
    return qw_char_at (self->text, at, self->end, taken);
}

static inline qw_char_t kind_before (const qw_scan_t *self, uint32_t at)
{
    return at > self->begin ? qw_char_before (self->text, self->begin, at) : QW_CHAR_SPACE;
}

static inline bool word_at (const qw_scan_t *self, uint32_t at)
{
    uint32_t taken;
    return qw_char_is_word (kind_at (self, at, &taken));
}

static inline unsigned char byte_at (const qw_scan_t *self, uint32_t at)
{
    return at < self->end ? (unsigned char) self->text[at] : ' ';
}

static inline unsigned char small (unsigned char c) { return c >= 'A' && c <= 'Z' ? c | 0x20 : c; }
static inline bool is_digit (unsigned char c) { return c >= '0' && c <= '9'; }
static inline bool is_ascii_letter (unsigned char c) { return small (c) >= 'a' && small (c) <= 'z'; }

static inline bool starts_with (const qw_scan_t *self, uint32_t at, const char *small_prefix)
{
    for (; *small_prefix; small_prefix++, at++)
        if (at >= self->end || small ((unsigned char) self->text[at]) != (unsigned char) *small_prefix)
            return false;
    return true;
}

/* ---- scan_addresses.c ----------------------------------------------------------------------------------------------- */

/* The end of the web or mail address that starts at `at`; `at` when there is none. */
uint32_t qw_scan_address_end (qw_scan_t *self, uint32_t at);

/* "example.com", "report.pdf", "comp.sources.unix", with what follows a slash: the end of the name that starts at `at`, or
 * `at` when the dot at `dot` does not make one. */
uint32_t qw_scan_domain_end (const qw_scan_t *self, uint32_t at, uint32_t dot);

/* ---- scan_words.c --------------------------------------------------------------------------------------------------- */

/* Each emits the tokens at self->at, one at least. */
void qw_scan_word (qw_scan_t *self);
void qw_scan_number (qw_scan_t *self);

/* Emits a word that is known to end at `end`: two tokens for "cannot". */
void qw_scan_emit_word (qw_scan_t *self, uint32_t start, uint32_t end);

/* False for nearly every word that is not "cannot" or one of its like. */
static inline bool may_be_joined (const char *word, uint32_t size)
{
    unsigned char c = small ((unsigned char) *word);
    return (size == 5 || size == 6) && (c == 'c' || c == 'g' || c == 'w' || c == 'l');
}

/* The word [start, dot) has a dot behind it that no letter or digit follows: emits both as one token when the dot belongs to
 * the word, and tells so. `initials`: it is single letters with dots between them. */
bool qw_scan_emit_with_dot (qw_scan_t *self, uint32_t start, uint32_t dot, bool initials);

/* Where the number ends whose digits begin at `at`, with what binds them: 1,000.5 10:30 11/12/2004 202-456-1111. */
uint32_t qw_scan_number_end (const qw_scan_t *self, uint32_t at);

/* Bytes of the clitic at `at`, which is an apostrophe of `mark` bytes: 's 'm 'd 'll 're 've. 0: none. */
uint32_t qw_scan_clitic_size (const qw_scan_t *self, uint32_t at, uint32_t mark);

/* ---- scan_marks.c --------------------------------------------------------------------------------------------------- */

/* Emits the token at self->at, which starts with a character of `kind` that is no letter, digit or white space and takes
 * `taken` bytes. */
void qw_scan_mark (qw_scan_t *self, qw_char_t kind, uint32_t taken);

#endif
