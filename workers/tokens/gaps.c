#include "workers/tokens/gaps.h"

/* True when the token closes what was opened before it: it belongs to the sentence before. */
static bool is_closer (const qw_gaps_t *self, uint32_t token)
{
    qw_char_t kind = qw_gaps_first_char (self, token);
    if (kind == QW_CHAR_CLOSE)
        return true;
    if (kind != QW_CHAR_QUOTE && kind != QW_CHAR_APOSTROPHE)
        return false;
    if (kind == QW_CHAR_APOSTROPHE && qw_span_size (self->tokens[token]) > 3)
        return false;
    bool before = qw_gaps_is_attached (self, token);
    bool after = token + 1 < self->end && qw_gaps_is_attached (self, token + 1)
                 && qw_char_is_word (qw_gaps_first_char (self, token + 1));
    if (!before && !after) /* marks with spaces on both sides: the open one is closed */
        return ((self->quotes - self->quotes_before) & 1) != 0;
    return before && !after;
}

void qw_gaps_start (qw_gaps_t *self, const char *text, uint32_t first, const qw_ends_t *ends, const qw_layers_t *layers)
{
    *self = (qw_gaps_t){.text = text,
                        .tokens = layers->tokens,
                        .first = first,
                        .end = (uint32_t) layers->token_count,
                        .limit = layers->token_count > first ? layers->tokens[layers->token_count - 1].end : 0,
                        .ends = ends,
                        .sentence = first,
                        .last_sentence = first,
                        .marked = first,
                        .next = first};
}

/* Goes over the closing marks behind the possible end at self->mark. */
static void take_closers (qw_gaps_t *self)
{
    while (self->next < self->end && is_closer (self, self->next)) {
        qw_char_t kind = qw_gaps_first_char (self, self->next++);
        self->quotes += kind == QW_CHAR_QUOTE;
        self->depth -= kind == QW_CHAR_CLOSE && self->depth > 0;
    }
}

bool qw_gaps_next (qw_gaps_t *self)
{
    const qw_ends_t *ends = self->ends;
    while (self->index < ends->count) {
        const qw_end_t *end = &ends->items[self->index++];
        if (end->token < self->next) {
            if (self->next > self->first)
                continue; /* a beginning right behind the mark that was found */
        }
        if (qw_end_is_mark (self->kind))
            self->marked = self->next;
        self->kind = (qw_end_kind_t) end->kind;
        self->mark = end->token;
        self->next = end->token + 1;
        self->quotes = end->quotes;
        self->depth = end->depth;
        if (qw_end_is_mark (self->kind))
            take_closers (self);
        if (self->next >= self->end)
            return false;
        const qw_end_t *after = end + 1;
        if (qw_end_is_mark (self->kind) && self->index < ends->count && after->token == self->next
            && qw_end_is_mark ((qw_end_kind_t) after->kind) && after->kind < QW_END_ABBREVIATION)
            continue; /* "? ..." goes on */
        return true;
    }
    return false;
}

void qw_gaps_end_sentence (qw_gaps_t *self)
{
    self->last_sentence = self->sentence;
    self->sentence = self->next;
    self->last_is_marked = qw_end_is_mark (self->kind);
    self->quotes_before = self->quotes;
    self->depth_before = self->depth;
}

uint32_t qw_gaps_until_mark (qw_gaps_t *self)
{
    const qw_ends_t *ends = self->ends;
    while (self->mark_index < ends->count
           && (ends->items[self->mark_index].kind < QW_END_STOP || ends->items[self->mark_index].token < self->next))
        self->mark_index++;
    return (self->mark_index < ends->count ? ends->items[self->mark_index].token : self->end) - self->next;
}
