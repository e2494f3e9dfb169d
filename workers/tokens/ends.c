#include "workers/tokens/ends.h"

#include <string.h>

#include "workers/tokens/chars.h"

typedef struct {
    const char *text;
    const qw_span_t *tokens;
    uint32_t first, end; /* tokens of the paragraph */
} paragraph_t;

static qw_char_t first_char (const paragraph_t *self, uint32_t token)
{
    uint32_t taken;
    return qw_char_at (self->text, self->tokens[token].start, self->tokens[token].end, &taken);
}

/* True when the token stands right behind the one before it. */
static bool is_attached (const paragraph_t *self, uint32_t token)
{
    return token > self->first && self->tokens[token].start == self->tokens[token - 1].end;
}

/* True when the token closes what the sentence before it opened: it belongs to that sentence. */
static bool is_closer (const paragraph_t *self, uint32_t token)
{
    qw_char_t kind = first_char (self, token);
    if (kind == QW_CHAR_CLOSE)
        return true;
    if (kind != QW_CHAR_QUOTE && kind != QW_CHAR_APOSTROPHE)
        return false;
    if (kind == QW_CHAR_APOSTROPHE && self->tokens[token].end - self->tokens[token].start > 3)
        return false;
    return is_attached (self, token) && !(token + 1 < self->end && is_attached (self, token + 1)
                                          && qw_char_is_word (first_char (self, token + 1)));
}

/* Words that begin sentences far more often than they follow an abbreviation. */
static bool is_starter (const paragraph_t *self, uint32_t token)
{
    static const char *const starters[] = {"A",    "After", "Also", "An",   "And",   "As",    "At",   "But",  "For",
                                           "He",   "Her",   "His",  "How",  "However", "I",   "If",   "In",   "It",
                                           "Its",  "Mr.",   "Mrs.", "My",   "No",    "On",    "Our",  "She",  "So",
                                           "Some", "That",  "The",  "Their", "There", "These", "They", "This", "We",
                                           "What", "When",  "While", "Who",  "Why",  "With",  "You",  "Yet",  NULL};
    uint32_t size = self->tokens[token].end - self->tokens[token].start;
    for (const char *const *word = starters; *word; word++)
        if (strlen (*word) == size && memcmp (*word, self->text + self->tokens[token].start, size) == 0)
            return true;
    return false;
}

/* True when a sentence ends after the possible end `kind` and its closers; `next` is the token behind them. */
static bool ends_here (const paragraph_t *self, qw_end_kind_t kind, uint32_t next)
{
    uint32_t word = next;
    while (word + 1 < self->end && !qw_char_is_word (first_char (self, word)) && word < next + 3)
        word++;
    qw_char_t start = first_char (self, word);
    switch (kind) {
    case QW_END_TITLE: return false;
    case QW_END_ABBREVIATION:
    case QW_END_INITIALS: return is_starter (self, word);
    case QW_END_MARK:
    case QW_END_ELLIPSIS: return start != QW_CHAR_LOWER;
    case QW_END_STOP: return start != QW_CHAR_LOWER || (next == word && !is_attached (self, next));
    }
    return false;
}

static void add_sentence (qw_layers_t *layers, uint32_t first, uint32_t end)
{
    qw_sentence_t *sentence = qw_layers_add_sentence (layers);
    sentence->first = first;
    sentence->end = end;
}

void qw_tokens_end_sentences (const char *text, uint32_t first, const qw_ends_t *ends, qw_layers_t *layers)
{
    paragraph_t self = {text, layers->tokens, first, (uint32_t) layers->token_count};
    if (first == self.end)
        return;
    for (size_t i = 0; i < ends->count; i++) {
        uint32_t next = ends->items[i].token + 1;
        if (next <= first)
            continue;
        while (next < self.end && is_closer (&self, next))
            next++;
        if (next == self.end)
            break;
        if (i + 1 < ends->count && ends->items[i + 1].token == next)
            continue; /* "? ..." */
        if (ends_here (&self, ends->items[i].kind, next)) {
            add_sentence (layers, first, next);
            first = next;
        }
    }
    add_sentence (layers, first, self.end);
}
