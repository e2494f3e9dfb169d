/*  quotes.c - the annotator "quotes": what is said, by which cue, and by whom as far as the sentence tells. */
#include <stdlib.h>
#include <string.h>

#include "workers/annotator.h"
#include "workers/quotes/marks.h"

typedef struct {
    qw_marks_t marks;
} quotes_t;

/* A sentence as it is looked at; words are tokens [first, end). */
typedef struct {
    const char *text;
    const qw_layers_t *layers;
    size_t first, end;
} sentence_t;

/* Forms of verbs of saying, sorted. */
static const char *const cue_forms[] = {
    "acknowledged", "added", "adding", "admitted", "adds", "announced", "argued", "argues", "asserted", "claimed", "claims",
    "commented", "concluded", "confirmed", "declared", "denied", "explained", "explains", "insisted", "noted", "notes", "predicted",
    "predicts", "recalled", "remarked", "replied", "reported", "reports", "responded", "said", "say", "saying", "says", "stated",
    "states", "stressed", "suggested", "told", "tweeted", "warned", "warns", "writes", "wrote"};

static const char *const pronouns[] = {"he", "i", "it", "she", "some", "they", "we"};

/* Whether the token is in a sorted list of lower-case words. */
static bool is_one_of (const sentence_t *s, size_t token, const char *const *list, size_t count)
{
    qw_span_t span = s->layers->tokens[token];
    char word[16];
    uint32_t size = qw_span_size (span);
    if (size >= sizeof word)
        return false;
    for (uint32_t i = 0; i < size; i++) {
        char c = s->text[span.start + i];
        word[i] = c >= 'A' && c <= 'Z' ? (char) (c | 32) : c;
    }
    word[size] = 0;
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp (word, list[middle]);
        if (order == 0)
            return true;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return false;
}

static bool is_word (const sentence_t *s, size_t token, const char *word)
{
    const char *const list[1] = {word};
    return is_one_of (s, token, list, 1);
}

static char first_byte (const sentence_t *s, size_t token) { return s->text[s->layers->tokens[token].start]; }

static bool is_stop (const sentence_t *s, size_t token)
{
    return qw_span_size (s->layers->tokens[token]) == 1 && strchr (".,;:!?", first_byte (s, token));
}

/* The mention that holds a token, or NULL. */
static const qw_mention_t *mention_at (const sentence_t *s, size_t token)
{
    qw_span_t span = s->layers->tokens[token];
    size_t low = 0, high = s->layers->mention_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (s->layers->mentions[middle].span.end <= span.start)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == s->layers->mention_count)
        return NULL;
    const qw_mention_t *mention = &s->layers->mentions[low];
    return qw_span_overlap (mention->span, span) && mention->type < QW_DATE ? mention : NULL;
}

/* Who stands at a token: a name, a pronoun, or a noun with the words before it. */
static bool speaker_ending_at (const sentence_t *s, size_t token, qw_span_t *speaker)
{
    const qw_mention_t *mention = mention_at (s, token);
    if (mention)
        *speaker = mention->span;
    else if (is_stop (s, token))
        return false;
    else {
        size_t first = token;
        static const char *const determiners[] = {"a", "an", "her", "his", "its", "our", "some", "the", "their"};
        if (!is_one_of (s, token, pronouns, sizeof pronouns / sizeof *pronouns))
            while (first > s->first && token - first < 6 && !is_stop (s, first - 1)
                   && !is_one_of (s, first, determiners, sizeof determiners / sizeof *determiners))
                first--;
        *speaker = (qw_span_t){s->layers->tokens[first].start, s->layers->tokens[token].end};
    }
    return true;
}

static bool speaker_starting_at (const sentence_t *s, size_t token, qw_span_t *speaker)
{
    for (size_t i = token; i < s->end && i < token + 8 && !is_stop (s, i); i++) {
        const qw_mention_t *mention = mention_at (s, i);
        if (mention && mention->type == QW_PERSON) {
            *speaker = mention->span;
            return true;
        }
    }
    size_t end = token;
    while (end < s->end && end < token + 6 && !is_stop (s, end))
        end++;
    if (end == token)
        return false;
    *speaker = (qw_span_t){s->layers->tokens[token].start, s->layers->tokens[end - 1].end};
    return true;
}

static void add_indirect (qw_layers_t *layers, const sentence_t *s, size_t cue, size_t first, size_t end, qw_span_t speaker)
{
    while (end > first && is_stop (s, end - 1))
        end--;
    while (first < end && is_stop (s, first))
        first++;
    if (end - first < 2)
        return;
    qw_span_t cue_span = layers->tokens[cue];
    qw_span_t span = {layers->tokens[first].start, layers->tokens[end - 1].end};
    qw_quote_t *quote = qw_layers_add_quote (layers);
    quote->span = span;
    quote->cue = cue_span;
    quote->speaker_mention = speaker;
    quote->type = QW_INDIRECT;
}

/* Finds "X said ...", "..., X said", "..., said X" around a cue; true when something was found. */
static bool find_speaker (const sentence_t *s, size_t cue, qw_span_t *speaker, bool *content_before)
{
    bool comma_after = cue + 1 >= s->end || is_stop (s, cue + 1);
    if (cue > s->first && !is_stop (s, cue - 1) && first_byte (s, cue - 1) != '"' && (first_byte (s, cue - 1) & 0x80) == 0) {
        *content_before = comma_after;
        return speaker_ending_at (s, cue - 1, speaker);
    }
    *content_before = true;
    return !comma_after && speaker_starting_at (s, cue + 1, speaker);
}

/* Gives every marked quotation next to the cue its speaker; without any, makes the clause an indirect quotation. */
static void treat_cue (qw_layers_t *layers, const sentence_t *s, size_t cue, size_t quotes_before)
{
    qw_span_t speaker;
    bool content_before;
    if (!find_speaker (s, cue, &speaker, &content_before))
        return;
    qw_span_t whole = {layers->tokens[s->first].start, layers->tokens[s->end - 1].end};
    qw_span_t cue_span = layers->tokens[cue];
    bool marked = false;
    for (size_t i = quotes_before; i > 0; i--) {
        qw_quote_t *quote = &layers->quotes[i - 1];
        if (quote->type != QW_DIRECT || quote->span.end + 2 < whole.start)
            continue;
        if (qw_span_overlap (quote->span, cue_span))
            return;
        if (quote->span.start < whole.end && qw_span_is_empty (quote->cue)) {
            quote->cue = cue_span;
            quote->speaker_mention = speaker;
            marked = true;
        }
    }
    if (marked)
        return;
    if (!content_before)
        add_indirect (layers, s, cue, cue + 1, s->end, speaker);
    else {
        size_t end = cue;
        while (end > s->first && layers->tokens[end - 1].end > speaker.start)
            end--;
        if (end > s->first && is_stop (s, end - 1))
            add_indirect (layers, s, cue, s->first, end, speaker);
    }
}

static int by_start (const void *a_p, const void *b_p)
{
    const qw_quote_t *a = a_p, *b = b_p;
    if (a->span.start != b->span.start)
        return a->span.start < b->span.start ? -1 : 1;
    return a->span.end < b->span.end ? -1 : a->span.end > b->span.end;
}

/* Quotations in marks that are long enough not to be a title or a nickname. */
static void add_marked (quotes_t *self, const qw_chunk_t *chunk, qw_layers_t *layers)
{
    bool inside = true;
    for (size_t i = 0; i < chunk->paragraph_count; i++) {
        const qw_paragraph_t *paragraph = &chunk->paragraphs[i];
        if (paragraph->role != QW_ROLE_BODY && paragraph->role != QW_ROLE_CAPTION)
            continue;
        self->marks.count = 0;
        inside = qw_marks_find (&self->marks, chunk->text, paragraph->span, inside);
        for (size_t j = 0; j < self->marks.count; j++) {
            const qw_marked_t *marked = &self->marks.items[j];
            unsigned blanks = 0;
            for (uint32_t at = marked->span.start; at < marked->span.end; at++)
                blanks += chunk->text[at] == ' ';
            if (blanks < 4)
                continue;
            qw_quote_t *quote = qw_layers_add_quote (layers);
            quote->span = marked->span;
            quote->type = QW_DIRECT;
            quote->opens_before = marked->opens_before;
            quote->runs_on = marked->runs_on;
        }
    }
}

static qw_status_t quotes_open (void **instance, const void *model, size_t model_size, qw_reason_t *reason)
{
    (void) model, (void) model_size, (void) reason;
    *instance = calloc (1, sizeof (quotes_t));
    if (!*instance)
        abort ();
    return QW_OK;
}

static qw_status_t quotes_annotate (void *instance, const qw_chunk_t *chunk, qw_layers_t *layers, qw_reason_t *reason)
{
    (void) reason;
    add_marked (instance, chunk, layers);
    size_t marked = layers->quote_count, paragraph = 0;
    for (size_t i = 0; i < layers->sentence_count; i++) {
        sentence_t s = {chunk->text, layers, layers->sentences[i].first, layers->sentences[i].end};
        while (paragraph < chunk->paragraph_count && chunk->paragraphs[paragraph].span.end <= layers->tokens[s.first].start)
            paragraph++;
        if (paragraph < chunk->paragraph_count && chunk->paragraphs[paragraph].role != QW_ROLE_BODY)
            continue;
        for (size_t token = s.first; token < s.end; token++)
            if (is_one_of (&s, token, cue_forms, sizeof cue_forms / sizeof *cue_forms)
                && !(token > s.first && is_word (&s, token - 1, "to")))
                treat_cue (layers, &s, token, marked);
    }
    qsort (layers->quotes, layers->quote_count, sizeof *layers->quotes, by_start);
    return QW_OK;
}

static void quotes_close (void **instance)
{
    quotes_t *self = *instance;
    if (!self)
        return;
    qw_marks_free (&self->marks);
    free (self);
    *instance = NULL;
}

static const char *const needs[] = {"tokens", "entities", NULL};

const qw_annotator_t qw_quotes_annotator = {"quotes", 1, needs, quotes_open, quotes_annotate, quotes_close};
