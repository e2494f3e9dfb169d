#include "workers/tokens/scan.h"

#include <stdlib.h>
#include <string.h>

#include "workers/tokens/scan_parts.h"

/* A word or number that is not plain letters between spaces. */
static void scan_hard_word (qw_scan_t *self)
{
    uint32_t end = qw_scan_address_end (self, self->at);
    if (end > self->at) {
        emit (self, self->at, end);
        if (end < self->end)
            mark_end (self, QW_END_ADDRESS);
    } else if (is_digit ((unsigned char) self->text[self->at]))
        qw_scan_number (self);
    else
        qw_scan_word (self);
}

#define EACH_BYTE(byte) ((uint64_t) (byte) * 0x0101010101010101u)

/* The end of the ASCII letters that begin at `at`: eight bytes a step. */
static inline uint32_t letters_end (const char *text, uint32_t at, uint32_t end)
{
    for (; at + 8 <= end; at += 8) {
        uint64_t bytes;
        memcpy (&bytes, text + at, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        bytes = __builtin_bswap64 (bytes);
#endif
        uint64_t small_letters = (bytes | EACH_BYTE (0x20)) & EACH_BYTE (0x7f);
        uint64_t from_a = small_letters + EACH_BYTE (0x80 - 'a'), above_z = small_letters + EACH_BYTE (0x80 - 'z' - 1);
        uint64_t others = ~(from_a & ~above_z & ~bytes) & EACH_BYTE (0x80);
        if (others)
            return at + ((uint32_t) __builtin_ctzll (others) >> 3);
    }
    while (at < end && is_ascii_letter ((unsigned char) text[at]))
        at++;
    return at;
}

/* Kinds of bytes behind letters that surely end the word: nothing has to be looked up. */
#define PLAIN_ENDS                                                                                                        \
    (1u << QW_CHAR_SPACE | 1u << QW_CHAR_COMMA | 1u << QW_CHAR_SEMICOLON | 1u << QW_CHAR_MARK | 1u << QW_CHAR_QUOTE       \
     | 1u << QW_CHAR_CLOSE)

/* Letters with a dot and white space or the end behind them: the end of a sentence, nearly always. False when it is not. */
static bool scan_last_word (qw_scan_t *self, uint32_t dot)
{
    uint32_t start = self->at;
    if (dot + 1 < self->end && qw_char_of_byte[(unsigned char) self->text[dot + 1]] != QW_CHAR_SPACE)
        return false;
    if (qw_scan_emit_with_dot (self, start, dot, dot == start + 1))
        return true;
    qw_scan_emit_word (self, start, dot);
    emit (self, dot, dot + 1);
    mark_end (self, QW_END_STOP);
    return true;
}

/* A token that starts with something else than an ASCII letter or ASCII white space. */
static void scan_rest (qw_scan_t *self)
{
    uint32_t taken;
    qw_char_t kind = qw_char_at (self->text, self->at, self->end, &taken);
    if (kind == QW_CHAR_SPACE) {
        self->at += taken;
        return;
    }
    if (kind == QW_CHAR_UPPER || kind == QW_CHAR_DIGIT || kind == QW_CHAR_QUOTE || kind == QW_CHAR_OPEN
        || kind == QW_CHAR_SYMBOL || kind == QW_CHAR_HYPHEN)
        mark_beginning (self);
    if (qw_char_is_word (kind)) {
        scan_hard_word (self);
        return;
    }
    self->quotes += kind == QW_CHAR_QUOTE;
    self->depth += kind == QW_CHAR_OPEN && self->depth < INT16_MAX;
    self->depth -= kind == QW_CHAR_CLOSE && self->depth > 0;
    qw_scan_mark (self, kind, taken);
}

static void reserve_ends (qw_ends_t *ends, size_t count)
{
    if (ends->capacity >= count)
        return;
    ends->capacity = count;
    ends->items = realloc (ends->items, count * sizeof *ends->items);
    if (!ends->items)
        abort ();
}

void qw_tokens_scan (const char *text, uint32_t begin, uint32_t end, qw_layers_t *layers, qw_ends_t *ends)
{
    qw_layers_reserve_tokens (layers, end - begin);
    reserve_ends (ends, ends->count + (size_t) (end - begin) * 2);
    qw_scan_t self = {.text = text,
                   .begin = begin,
                   .end = end,
                   .at = begin,
                   .no_address_before = end > begin && memchr (text + begin, '@', end - begin) ? begin : end,
                   .tokens = layers->tokens,
                   .first = (uint32_t) layers->token_count,
                   .count = (uint32_t) layers->token_count,
                   .ends = ends};
    while (self.at < end) {
        uint32_t start = self.at;
        qw_char_t kind = (qw_char_t) qw_char_of_byte[(unsigned char) text[start]];
        if (kind == QW_CHAR_SPACE) {
            self.at++;
            continue;
        }
        if (!qw_char_is_letter (kind)) {
            scan_rest (&self);
            continue;
        }
        if (kind == QW_CHAR_UPPER)
            mark_beginning (&self);
        uint32_t stop = letters_end (text, start, end);
        unsigned next = stop < end ? qw_char_of_byte[(unsigned char) text[stop]] : QW_CHAR_SPACE;
        if (PLAIN_ENDS >> next & 1) {
            if (may_be_joined (text + start, stop - start))
                qw_scan_emit_word (&self, start, stop);
            else
                emit (&self, start, stop);
        } else if (next != QW_CHAR_DOT || !scan_last_word (&self, stop))
            scan_hard_word (&self);
    }
    layers->token_count = self.count;
}
