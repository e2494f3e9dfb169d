#include "workers/tokens/scan.h"

#include <stdlib.h>
#include <string.h>

#include "workers/tokens/chars.h"
#include "workers/tokens/words.h"

enum { LONGEST_DOMAIN = 256, LONGEST_GROUPS = 40 };

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
} scan_t;

static inline void emit (scan_t *self, uint32_t start, uint32_t end)
{
    self->tokens[self->count++] = (qw_span_t){start, end};
    self->at = end;
}

/* Marks the token emitted last as a place where a sentence may end. */
static inline void mark_end (scan_t *self, qw_end_kind_t kind)
{
    self->ends->items[self->ends->count++] = (qw_end_t){self->count - 1, (uint8_t) kind, self->quotes, self->depth};
}

/* Before a token that looks like a beginning is emitted at self->at: a sentence may have ended without a mark. */
static inline void mark_beginning (scan_t *self)
{
    if (self->count > self->first && self->tokens[self->count - 1].end < self->at)
        mark_end (self, QW_END_NONE);
}

static inline qw_char_t kind_at (const scan_t *self, uint32_t at, uint32_t *taken)
{
    if (at >= self->end) {
        *taken = 0;
        return QW_CHAR_SPACE;
    }
    return qw_char_at (self->text, at, self->end, taken);
}

static inline qw_char_t kind_before (const scan_t *self, uint32_t at)
{
    return at > self->begin ? qw_char_before (self->text, self->begin, at) : QW_CHAR_SPACE;
}

static bool word_at (const scan_t *self, uint32_t at)
{
    uint32_t taken;
    return qw_char_is_word (kind_at (self, at, &taken));
}

static inline unsigned char byte_at (const scan_t *self, uint32_t at)
{
    return at < self->end ? (unsigned char) self->text[at] : ' ';
}

static inline unsigned char small (unsigned char c) { return c >= 'A' && c <= 'Z' ? c | 0x20 : c; }
static inline bool is_digit (unsigned char c) { return c >= '0' && c <= '9'; }
static inline bool is_ascii_letter (unsigned char c) { return small (c) >= 'a' && small (c) <= 'z'; }

/* ---- addresses ------------------------------------------------------------------------------------------------------ */

static bool starts_with (const scan_t *self, uint32_t at, const char *small_prefix)
{
    for (; *small_prefix; small_prefix++, at++)
        if (at >= self->end || small ((unsigned char) self->text[at]) != (unsigned char) *small_prefix)
            return false;
    return true;
}

/* The end of what looks like a web address and starts at `at`: up to white space or a mark that no address holds, without the
 * punctuation of the sentence around it. */
static uint32_t web_address_end (const scan_t *self, uint32_t at)
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
static uint32_t mail_address_end (scan_t *self, uint32_t at)
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
    while (i > domain && !is_ascii_letter ((unsigned char) self->text[i - 1]) && !is_digit ((unsigned char) self->text[i - 1]))
        i--;
    if (i == domain) {
        self->no_address_before = domain;
        return at;
    }
    return i;
}

/* "example.com", "report.pdf", with what follows a slash: the end, or `at` when the dot at `dot` does not make one. `from` is
 * where the piece before the dot begins. */
static uint32_t domain_end (const scan_t *self, uint32_t at, uint32_t dot)
{
    uint32_t i = dot, piece = dot, labels = 0;
    bool capitals = false;
    for (; byte_at (self, i) == '.' && (is_ascii_letter (byte_at (self, i + 1)) || is_digit (byte_at (self, i + 1))); labels++) {
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

/* ---- words ---------------------------------------------------------------------------------------------------------- */

/* Bytes of the clitic at `at`, which is an apostrophe: 's 'm 'd 'll 're 've. 0: none. */
static uint32_t clitic_size (const scan_t *self, uint32_t at, uint32_t mark)
{
    unsigned char a = small (byte_at (self, at + mark)), b = small (byte_at (self, at + mark + 1));
    if ((a == 's' || a == 'm' || a == 'd') && !word_at (self, at + mark + 1))
        return mark + 1;
    if (((a == 'l' && b == 'l') || (a == 'r' && b == 'e') || (a == 'v' && b == 'e')) && !word_at (self, at + mark + 2))
        return mark + 2;
    return 0;
}

/* "cannot", "gonna", ...: bytes of the first half when the word is two tokens, otherwise 0. */
static uint32_t joined_words (const char *word, uint32_t size)
{
    static const char *const words[] = {"cannot", "gonna", "gotta", "wanna", "gimme", "lemme"}; /* the first half has three letters */
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        uint32_t j = 0;
        while (j < size && small ((unsigned char) word[j]) == (unsigned char) words[i][j])
            j++;
        if (j == size && !words[i][j])
            return 3;
    }
    return 0;
}

/* Letters with which such a word begins. */
static inline bool may_be_joined (const char *word, uint32_t size)
{
    unsigned char c = small ((unsigned char) *word);
    return (size == 5 || size == 6) && (c == 'c' || c == 'g' || c == 'w' || c == 'l');
}

static void emit_word (scan_t *self, uint32_t start, uint32_t end)
{
    uint32_t first = may_be_joined (self->text + start, end - start) ? joined_words (self->text + start, end - start) : 0;
    if (first)
        emit (self, start, start + first);
    emit (self, start + first, end);
}

/* Where the digits end that start at `at`. */
static uint32_t digits_end (const scan_t *self, uint32_t at)
{
    while (is_digit (byte_at (self, at)))
        at++;
    return at;
}

/* Where groups of digits after commas end, the last of three: "1,000", "12,50,000"; `at` when they are separate numbers: "3,4". */
static uint32_t groups_end (const scan_t *self, uint32_t at)
{
    uint32_t good = at;
    for (uint32_t i = at; byte_at (self, i) == ',' && i - at <= LONGEST_GROUPS;) {
        uint32_t end = digits_end (self, i + 1), size = end - i - 1;
        if (size != 2 && size != 3)
            break;
        i = end;
        if (size == 3)
            good = end;
    }
    return good;
}

/* Digits from `at` on with what binds them: 1,000.5 10:30 11/12/2004 202-456-1111. */
static uint32_t number_end (const scan_t *self, uint32_t at)
{
    uint32_t i = digits_end (self, at), first = i - at;
    unsigned char c = byte_at (self, i);
    if (c == '/' || c == '-') {
        uint32_t second = digits_end (self, i + 1), size = second - i - 1;
        if (size == 0)
            return i;
        if (byte_at (self, second) == c && is_digit (byte_at (self, second + 1))) {
            while (byte_at (self, second) == c && is_digit (byte_at (self, second + 1)))
                second = digits_end (self, second + 1);
            return second;
        }
        bool fraction = c == '/' && first <= 2 && size <= 2;
        bool phone = c == '-' && size == 4 && (first == 3 || first == 1 || first == 5);
        return fraction || phone ? second : i;
    }
    if (c == ',')
        i = groups_end (self, i);
    for (c = byte_at (self, i); (c == '.' || c == ':') && is_digit (byte_at (self, i + 1)); c = byte_at (self, i))
        i = digits_end (self, i + 1);
    return i;
}

/* A token that starts with a digit. */
static void scan_number (scan_t *self)
{
    uint32_t start = self->at, end = number_end (self, start), taken;
    uint32_t letters = end;
    while (qw_char_is_letter (kind_at (self, letters, &taken)))
        letters += taken;
    uint32_t rest = letters;
    while (qw_char_is_word (kind_at (self, rest, &taken)))
        rest += taken;
    bool amount = kind_before (self, start) == QW_CHAR_CURRENCY;
    bool unit = letters > end && letters == rest && (amount || qw_word_in_list (QW_WORD_LIST_UNITS, self->text + end, letters - end));
    if (letters - end == 1 && (self->text[end] == 'G' || self->text[end] == 'H')) /* "5G", "1H" */
        unit = amount;
    if (!unit) {
        emit (self, start, rest);
        return;
    }
    emit (self, start, end);
    if (byte_at (self, letters) == '.' && letters - end == 1 && is_ascii_letter (byte_at (self, letters + 1)))
        return; /* "5p.m.": the rest is a word like any other */
    emit (self, end, letters);
}

/* True when the hyphen at `hyphen` stays inside the token that starts at `start`. */
static bool keeps_hyphen (const scan_t *self, uint32_t start, uint32_t hyphen)
{
    bool mid = hyphen - start == 3 && starts_with (self, start, "mid");
    if (qw_word_in_list (QW_WORD_LIST_PREFIXES, self->text + start, hyphen - start) && (mid || !is_digit (byte_at (self, hyphen + 1))))
        return true;
    uint32_t rest = hyphen + 1;
    while (is_ascii_letter (byte_at (self, rest)))
        rest++;
    return !word_at (self, rest) && qw_word_in_list (QW_WORD_LIST_SUFFIXES, self->text + hyphen + 1, rest - hyphen - 1);
}

static void end_after_dot (scan_t *self, qw_word_kind_t kind)
{
    mark_end (self, kind == QW_WORD_ABBREVIATION ? QW_END_ABBREVIATION : QW_END_TITLE);
}

/* The word [start, dot) has a dot behind it that no letter or digit follows: emits both as one token when the dot belongs to
 * the word. `initials`: single letters with dots between them. */
static bool emit_with_dot (scan_t *self, uint32_t start, uint32_t dot, bool initials)
{
    if (initials && dot > start) {
        uint32_t taken;
        bool one = dot - start == 1;
        if (!one || kind_at (self, start, &taken) == QW_CHAR_UPPER) {
            emit (self, start, dot + 1);
            mark_end (self, QW_END_INITIALS);
            return true;
        }
    }
    qw_word_kind_t kind = qw_word_abbreviation (self->text + start, dot - start);
    uint32_t next = dot + 1;
    while (byte_at (self, next) == ' ' && next < dot + 3 && next < self->end)
        next++;
    if (kind == QW_WORD_NUMBERED)
        kind = is_digit (byte_at (self, next)) ? QW_WORD_TITLE : QW_WORD_NONE;
    else if (kind == QW_WORD_STATE) {
        uint32_t before = start;
        while (before > self->begin && self->text[before - 1] == ' ')
            before--;
        bool after_comma = before > self->begin && before < start && self->text[before - 1] == ',';
        kind = after_comma || byte_at (self, next) == ',' ? QW_WORD_ABBREVIATION : QW_WORD_NONE;
    } else if (dot - start == 3 && starts_with (self, start, "etc")
               && (next >= self->end || (next > dot + 1 && byte_at (self, next) >= 'A' && byte_at (self, next) <= 'Z')))
        kind = QW_WORD_NONE; /* the stop ends the sentence, and is a token of its own */
    if (kind == QW_WORD_NONE)
        return false;
    emit (self, start, dot + 1);
    end_after_dot (self, kind);
    return true;
}

/* A token that starts with a letter, and all that hangs on it. */
static void scan_word (scan_t *self)
{
    uint32_t start = self->at, i = start, taken, piece = start;
    bool initials = true; /* up to here nothing but single letters and dots */
    for (;;) {
        qw_char_t kind = kind_at (self, i, &taken);
        if (qw_char_is_word (kind)) {
            i += taken;
            continue;
        }
        unsigned char c = byte_at (self, i);
        bool followed = word_at (self, i + taken);
        if (i - piece > 4 || i == piece)
            initials = false;
        else if (i - piece > 1) {
            uint32_t letter;
            qw_char_at (self->text, piece, self->end, &letter);
            initials = initials && letter == i - piece;
        }
        if (kind == QW_CHAR_DOT && c == '.') {
            if (!followed) {
                if (emit_with_dot (self, start, i, initials))
                    return;
                break;
            }
            uint32_t address = domain_end (self, start, i);
            if (address > start) {
                emit (self, start, address);
                return;
            }
            if (!initials) {
                if (emit_with_dot (self, start, i, false))
                    return;
                break;
            }
            piece = i += 1;
        } else if (kind == QW_CHAR_APOSTROPHE && followed && c != '`') {
            bool negation = small ((unsigned char) self->text[i - 1]) == 'n' && small (byte_at (self, i + taken)) == 't'
                            && !word_at (self, i + taken + 1);
            uint32_t clitic = negation ? taken + 1 : clitic_size (self, i, taken);
            if (clitic) {
                uint32_t first = i - negation;
                if (first > start)
                    emit (self, start, first);
                emit (self, first, i + clitic);
                return;
            }
            i += taken;
            initials = false;
        } else if (kind == QW_CHAR_HYPHEN && followed && keeps_hyphen (self, start, i)) {
            i += taken;
            initials = false;
        } else if (kind == QW_CHAR_HYPHEN && !followed && i - start <= 2 && byte_at (self, i + taken) != '-'
                   && kind_at (self, i + taken, &piece) <= QW_CHAR_DOT) {
            emit (self, start, i + taken); /* "w- we": a word broken off */
            return;
        } else if (kind == QW_CHAR_CURRENCY && is_digit (byte_at (self, i + taken)) && i - start <= 3) {
            emit (self, start, i + taken); /* "US$" */
            return;
        } else if (followed && (c == '_' || (c == '&' && i - start <= 3))) {
            i += 1;
            initials = false;
        } else if (followed && c == '/' && i - start == 1 && is_ascii_letter (byte_at (self, i + 1))
                   && !word_at (self, i + 2)) {
            i += 2; /* "w/o" is longer, but reads on; "c/o", "A/C" */
        } else
            break;
    }
    emit_word (self, start, i);
}

/* ---- punctuation ---------------------------------------------------------------------------------------------------- */

/* The end of a run of one and the same byte. */
static uint32_t run_end (const scan_t *self, uint32_t at)
{
    uint32_t i = at + 1;
    while (i < self->end && self->text[i] == self->text[at])
        i++;
    return i;
}

static void scan_stops (scan_t *self)
{
    uint32_t start = self->at, i = start;
    bool marks = false;
    for (unsigned char c; c = byte_at (self, i), i < self->end && (c == '.' || c == '!' || c == '?'); i++)
        marks = marks || c != '.';
    if (i - start == 1 && !marks && is_digit (byte_at (self, i)) && !qw_char_is_word (kind_before (self, start))) {
        emit (self, start, number_end (self, i)); /* ".5" */
        return;
    }
    emit (self, start, i);
    mark_end (self, marks ? QW_END_MARK : i - start == 1 ? QW_END_STOP : QW_END_ELLIPSIS);
}

static void scan_apostrophe (scan_t *self, uint32_t taken)
{
    uint32_t start = self->at, next, i;
    if (kind_at (self, start + taken, &next) == QW_CHAR_APOSTROPHE) { /* '' and `` are one mark */
        emit (self, start, start + taken + next);
        return;
    }
    uint32_t clitic = clitic_size (self, start, taken);
    if (clitic) {
        emit (self, start, start + clitic);
        return;
    }
    if (!qw_char_is_word (kind_before (self, start))) {
        i = start + taken;
        while (is_digit (byte_at (self, i)))
            i++;
        if (i - start - taken == 2) { /* '90s */
            i += small (byte_at (self, i)) == 's';
            if (!word_at (self, i)) {
                emit (self, start, i);
                return;
            }
        }
        for (i = start + taken; is_ascii_letter (byte_at (self, i)); i++)
            ;
        if (!word_at (self, i) && qw_word_in_list (QW_WORD_LIST_ELISIONS, self->text + start + taken, i - start - taken)) {
            if (i == start + taken + 1 && kind_at (self, i, &next) == QW_CHAR_APOSTROPHE)
                i += next; /* "'n'" */
            emit (self, start, i);
            return;
        }
    }
    emit (self, start, start + taken);
}

/* The end of a face made of punctuation, ":-)"; `at` when there is none. */
static uint32_t face_end (const scan_t *self, uint32_t at)
{
    uint32_t i = at + 1;
    if (qw_char_is_word (kind_before (self, at)))
        return at;
    i += byte_at (self, i) == '-';
    unsigned char c = byte_at (self, i);
    if (c != ')' && c != '(' && c != 'D' && c != 'P')
        return at;
    i = run_end (self, i);
    uint32_t taken;
    qw_char_t next = kind_at (self, i, &taken);
    return next == QW_CHAR_SPACE || next == QW_CHAR_DOT || next == QW_CHAR_COMMA ? i : at;
}

static void scan_symbol (scan_t *self)
{
    uint32_t start = self->at;
    unsigned char c = (unsigned char) self->text[start];
    if ((c == '@' || c == '#') && !qw_char_is_word (kind_before (self, start))) {
        uint32_t i = start + 1, taken;
        bool letter = false;
        for (qw_char_t kind; kind = kind_at (self, i, &taken), qw_char_is_word (kind) || byte_at (self, i) == '_'; i += taken)
            letter = letter || !is_digit (byte_at (self, i));
        if (letter) {
            emit (self, start, i);
            return;
        }
    }
    if (c == '+' && is_digit (byte_at (self, start + 1)) && !qw_char_is_word (kind_before (self, start))) {
        emit (self, start, number_end (self, start + 1)); /* "+1", "+44" */
        return;
    }
    if (c == '=') {
        uint32_t face = face_end (self, start);
        if (face > start) {
            emit (self, start, face);
            return;
        }
    }
    emit (self, start, c == '%' || c == '@' ? start + 1 : run_end (self, start));
}

/* A token that starts with anything but a letter, a digit or white space. */
static void scan_other (scan_t *self, qw_char_t kind, uint32_t taken)
{
    uint32_t start = self->at;
    switch (kind) {
    case QW_CHAR_DOT:
    case QW_CHAR_MARK:
        if (taken == 1) {
            scan_stops (self);
            return;
        }
        emit (self, start, start + taken);
        mark_end (self, QW_END_MARK);
        return;
    case QW_CHAR_STOP: {
        uint32_t end = start + taken, next;
        bool ellipsis = (unsigned char) self->text[start] == 0xe2;
        for (qw_char_t more; (more = kind_at (self, end, &next)) == QW_CHAR_STOP || (ellipsis && more == QW_CHAR_DOT);)
            end += next;
        emit (self, start, end);
        mark_end (self, ellipsis ? QW_END_ELLIPSIS : QW_END_SCRIPT);
        return;
    }
    case QW_CHAR_APOSTROPHE: scan_apostrophe (self, taken); return;
    case QW_CHAR_HYPHEN:
        if (taken == 1) {
            emit (self, start, run_end (self, start));
            return;
        }
        break;
    case QW_CHAR_COLON:
    case QW_CHAR_SEMICOLON:
        if (taken == 1) {
            uint32_t face = face_end (self, start);
            emit (self, start, face > start ? face : start + 1);
            return;
        }
        break;
    case QW_CHAR_SYMBOL:
        if (taken == 1) {
            scan_symbol (self);
            return;
        }
        break;
    case QW_CHAR_SLASH:
        if (taken == 1) {
            emit (self, start, run_end (self, start));
            return;
        }
        break;
    case QW_CHAR_CURRENCY:
        if (taken == 1) {
            emit (self, start, run_end (self, start));
            return;
        }
        break;
    default: break;
    }
    /* Marks, joiners and modifiers stay with the symbol that they modify. */
    uint32_t end = start + taken;
    if (taken > 2 && kind == QW_CHAR_SYMBOL)
        for (uint32_t next; end < self->end && (unsigned char) self->text[end] >= 0x80; end += next) {
            size_t bytes;
            uint32_t point = qw_utf8_decode (self->text + end, self->end - end, &bytes);
            next = (uint32_t) bytes;
            if (!(point == 0x200d || (point >= 0xfe00 && point <= 0xfe0f) || (point >= 0x1f3fb && point <= 0x1f3ff)))
                break;
        }
    emit (self, start, end);
}

/* ---- the pass ------------------------------------------------------------------------------------------------------- */

/* A word or number that is not plain letters between spaces. */
static void scan_hard_word (scan_t *self)
{
    uint32_t start = self->at, end = start;
    unsigned char c = small ((unsigned char) self->text[start]);
    if ((c == 'h' && (starts_with (self, start, "http://") || starts_with (self, start, "https://")))
        || (c == 'w' && starts_with (self, start, "www.")) || (c == 'f' && starts_with (self, start, "ftp://")))
        end = web_address_end (self, start);
    else if (start >= self->no_address_before && c < 0x80)
        end = mail_address_end (self, start);
    if (end > start)
        emit (self, start, end);
    else if (is_digit (c))
        scan_number (self);
    else
        scan_word (self);
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

/* Letters with a dot and white space or the end behind them: the end of a sentence, nearly always. False when it is not so. */
static bool scan_last_word (scan_t *self, uint32_t dot)
{
    uint32_t start = self->at;
    if (dot + 1 < self->end && qw_char_of_byte[(unsigned char) self->text[dot + 1]] != QW_CHAR_SPACE)
        return false;
    if (emit_with_dot (self, start, dot, dot == start + 1))
        return true;
    emit_word (self, start, dot);
    emit (self, dot, dot + 1);
    mark_end (self, QW_END_STOP);
    return true;
}

/* A token that starts with something else than an ASCII letter or ASCII white space. */
static void scan_rest (scan_t *self)
{
    uint32_t taken;
    qw_char_t kind = qw_char_at (self->text, self->at, self->end, &taken);
    if (kind == QW_CHAR_SPACE) {
        self->at += taken;
        return;
    }
    if (kind == QW_CHAR_UPPER || kind == QW_CHAR_DIGIT || kind == QW_CHAR_QUOTE || kind == QW_CHAR_OPEN || kind == QW_CHAR_SYMBOL
        || kind == QW_CHAR_HYPHEN)
        mark_beginning (self);
    if (qw_char_is_word (kind)) {
        scan_hard_word (self);
        return;
    }
    self->quotes += kind == QW_CHAR_QUOTE;
    self->depth += kind == QW_CHAR_OPEN && self->depth < INT16_MAX;
    self->depth -= kind == QW_CHAR_CLOSE && self->depth > 0;
    scan_other (self, kind, taken);
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
    scan_t self = {.text = text,
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
                emit_word (&self, start, stop);
            else
                emit (&self, start, stop);
        } else if (next != QW_CHAR_DOT || !scan_last_word (&self, stop))
            scan_hard_word (&self);
    }
    layers->token_count = self.count;
}
