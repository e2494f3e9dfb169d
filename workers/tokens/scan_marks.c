#include "workers/tokens/scan_parts.h"
#include "workers/tokens/words.h"

/* The end of a run of one and the same byte. */
static uint32_t run_end (const qw_scan_t *self, uint32_t at)
{
    uint32_t i = at + 1;
    while (i < self->end && self->text[i] == self->text[at])
        i++;
    return i;
}

static void scan_stops (qw_scan_t *self)
{
    uint32_t start = self->at, i = start;
    bool marks = false;
    for (unsigned char c; c = byte_at (self, i), i < self->end && (c == '.' || c == '!' || c == '?'); i++)
        marks = marks || c != '.';
    if (i - start == 1 && !marks && is_digit (byte_at (self, i)) && !qw_char_is_word (kind_before (self, start))) {
        emit (self, start, qw_scan_number_end (self, i)); /* ".5" */
        return;
    }
    emit (self, start, i);
    mark_end (self, marks ? QW_END_MARK : i - start == 1 ? QW_END_STOP : QW_END_ELLIPSIS);
}

static void scan_apostrophe (qw_scan_t *self, uint32_t taken)
{
    uint32_t start = self->at, next, i;
    if (kind_at (self, start + taken, &next) == QW_CHAR_APOSTROPHE) { /* '' and `` are one mark */
        emit (self, start, start + taken + next);
        return;
    }
    uint32_t clitic = qw_scan_clitic_size (self, start, taken);
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
static uint32_t face_end (const qw_scan_t *self, uint32_t at)
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

static void scan_symbol (qw_scan_t *self)
{
    uint32_t start = self->at;
    unsigned char c = (unsigned char) self->text[start];
    if ((c == '@' || c == '#') && !qw_char_is_word (kind_before (self, start))) {
        uint32_t i = start + 1, taken;
        bool letter = false;
        for (qw_char_t kind; kind = kind_at (self, i, &taken), qw_char_is_word (kind) || byte_at (self, i) == '_';
             i += taken)
            letter = letter || !is_digit (byte_at (self, i));
        if (letter) {
            emit (self, start, i);
            return;
        }
    }
    if (c == '+' && is_digit (byte_at (self, start + 1)) && !qw_char_is_word (kind_before (self, start))) {
        emit (self, start, qw_scan_number_end (self, start + 1)); /* "+1", "+44" */
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

void qw_scan_mark (qw_scan_t *self, qw_char_t kind, uint32_t taken)
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
