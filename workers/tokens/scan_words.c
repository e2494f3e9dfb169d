#include "workers/tokens/scan_parts.h"
#include "workers/tokens/words.h"

enum { LONGEST_GROUPS = 40 };

/* "cannot", "gonna", ...: bytes of the first half when the word is two tokens, otherwise 0. */
static uint32_t joined_words (const char *word, uint32_t size)
{
    /* the first half of each has three letters */
    static const char *const words[] = {"cannot", "gonna", "gotta", "wanna", "gimme", "lemme"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        uint32_t j = 0;
        while (j < size && small ((unsigned char) word[j]) == (unsigned char) words[i][j])
            j++;
        if (j == size && !words[i][j])
            return 3;
    }
    return 0;
}

uint32_t qw_scan_clitic_size (const qw_scan_t *self, uint32_t at, uint32_t mark)
{
    unsigned char a = small (byte_at (self, at + mark)), b = small (byte_at (self, at + mark + 1));
    if ((a == 's' || a == 'm' || a == 'd') && !word_at (self, at + mark + 1))
        return mark + 1;
    if (((a == 'l' && b == 'l') || (a == 'r' && b == 'e') || (a == 'v' && b == 'e')) && !word_at (self, at + mark + 2))
        return mark + 2;
    return 0;
}

void qw_scan_emit_word (qw_scan_t *self, uint32_t start, uint32_t end)
{
    uint32_t first = may_be_joined (self->text + start, end - start) ? joined_words (self->text + start, end - start) : 0;
    if (first)
        emit (self, start, start + first);
    emit (self, start + first, end);
}

/* Where the digits end that start at `at`. */
static uint32_t digits_end (const qw_scan_t *self, uint32_t at)
{
    while (is_digit (byte_at (self, at)))
        at++;
    return at;
}

/* Where groups of digits after commas end, the last of three: "1,000", "12,50,000"; `at` when they are separate numbers:
 * "3,4". */
static uint32_t groups_end (const qw_scan_t *self, uint32_t at)
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

uint32_t qw_scan_number_end (const qw_scan_t *self, uint32_t at)
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

void qw_scan_number (qw_scan_t *self)
{
    uint32_t start = self->at, end = qw_scan_number_end (self, start), taken;
    uint32_t letters = end;
    while (qw_char_is_letter (kind_at (self, letters, &taken)))
        letters += taken;
    uint32_t rest = letters;
    while (qw_char_is_word (kind_at (self, rest, &taken)))
        rest += taken;
    bool amount = kind_before (self, start) == QW_CHAR_CURRENCY;
    bool unit = letters > end && letters == rest
                && (amount || qw_word_in_list (QW_WORD_LIST_UNITS, self->text + end, letters - end));
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
static bool keeps_hyphen (const qw_scan_t *self, uint32_t start, uint32_t hyphen)
{
    bool mid = hyphen - start == 3 && starts_with (self, start, "mid");
    if (qw_word_in_list (QW_WORD_LIST_PREFIXES, self->text + start, hyphen - start)
        && (mid || !is_digit (byte_at (self, hyphen + 1))))
        return true;
    uint32_t rest = hyphen + 1;
    while (is_ascii_letter (byte_at (self, rest)))
        rest++;
    return !word_at (self, rest) && qw_word_in_list (QW_WORD_LIST_SUFFIXES, self->text + hyphen + 1, rest - hyphen - 1);
}

bool qw_scan_emit_with_dot (qw_scan_t *self, uint32_t start, uint32_t dot, bool initials)
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
        bool after_party = before == start && before > self->begin && self->text[before - 1] == '-'; /* "D-Ore." */
        kind = after_comma || after_party || byte_at (self, next) == ',' ? QW_WORD_ABBREVIATION : QW_WORD_NONE;
    } else if (dot - start == 3 && starts_with (self, start, "etc")
               && (next >= self->end || (next > dot + 1 && byte_at (self, next) >= 'A' && byte_at (self, next) <= 'Z')))
        kind = QW_WORD_NONE; /* the stop ends the sentence, and is a token of its own */
    if (kind == QW_WORD_NONE)
        return false;
    emit (self, start, dot + 1);
    mark_end (self, kind == QW_WORD_ABBREVIATION ? QW_END_ABBREVIATION : QW_END_TITLE);
    return true;
}

/* "Ph.D.": the only abbreviation with a dot inside whose parts are longer than a letter. */
static bool scan_doctorate (qw_scan_t *self)
{
    uint32_t end = self->at + 4;
    if (!starts_with (self, self->at, "ph.d") || word_at (self, end))
        return false;
    end += byte_at (self, end) == '.';
    emit (self, self->at, end);
    mark_end (self, QW_END_INITIALS);
    return true;
}

void qw_scan_word (qw_scan_t *self)
{
    if (scan_doctorate (self))
        return;
    uint32_t start = self->at, i = start, taken, piece = start, behind;
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
                if (qw_scan_emit_with_dot (self, start, i, initials))
                    return;
                break;
            }
            uint32_t address = qw_scan_domain_end (self, start, i);
            if (address > start) {
                emit (self, start, address);
                return;
            }
            if (!initials) {
                if (qw_scan_emit_with_dot (self, start, i, false))
                    return;
                break;
            }
            piece = i += 1;
        } else if (kind == QW_CHAR_APOSTROPHE && followed && c != '`') {
            bool negation = small ((unsigned char) self->text[i - 1]) == 'n' && small (byte_at (self, i + taken)) == 't'
                            && !word_at (self, i + taken + 1);
            uint32_t clitic = negation ? taken + 1 : qw_scan_clitic_size (self, i, taken);
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
                   && kind_at (self, i + taken, &behind) <= QW_CHAR_DOT) {
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
    qw_scan_emit_word (self, start, i);
}
