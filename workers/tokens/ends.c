#include "workers/tokens/ends.h"

#include <string.h>

#include "workers/tokens/network.h"
#include "workers/tokens/words.h"

/* Words that begin sentences far more often than they follow an abbreviation. */
static bool is_starter (const qw_gaps_t *gap, uint32_t token)
{
    static const char *const starters[] = {"A",    "After", "Also", "An",   "And",   "As",    "At",   "But",  "For",
                                           "He",   "Her",   "His",  "How",  "However", "I",   "If",   "In",   "It",
                                           "Its",  "Mr.",   "Mrs.", "My",   "No",    "On",    "Our",  "She",  "So",
                                           "Some", "That",  "The",  "Their", "There", "These", "They", "This", "We",
                                           "What", "When",  "While", "Who",  "Why",  "With",  "You",  "Yet",  NULL};
    uint32_t size = qw_span_size (gap->tokens[token]);
    for (const char *const *word = starters; *word; word++)
        if (strlen (*word) == size && memcmp (*word, gap->text + gap->tokens[token].start, size) == 0)
            return true;
    return false;
}

/* "5 p.m. Monday": no end. */
static bool goes_on_after_time (const qw_gaps_t *gap)
{
    if (gap->kind != QW_END_INITIALS || qw_span_size (gap->tokens[gap->mark]) != 4
        || gap->text[gap->tokens[gap->mark].start + 2] != 'm')
        return false;
    qw_span_t next = gap->tokens[gap->next];
    return qw_word_in_list (QW_WORD_LIST_AFTER_TIMES, gap->text + next.start, qw_span_size (next));
}

/* Without a model. */
static bool ends_by_rule (const qw_gaps_t *gap)
{
    if (!qw_end_is_mark (gap->kind))
        return false;
    uint32_t word = gap->next;
    while (word + 1 < gap->end && !qw_char_is_word (qw_gaps_first_char (gap, word)) && word < gap->next + 3)
        word++;
    bool small = qw_gaps_first_char (gap, word) == QW_CHAR_LOWER;
    switch (gap->kind) {
    case QW_END_NONE:
    case QW_END_ADDRESS:
    case QW_END_TITLE: return false;
    case QW_END_ABBREVIATION:
    case QW_END_INITIALS: return is_starter (gap, word);
    case QW_END_SCRIPT: return true;
    case QW_END_STOP:
    case QW_END_MARK:
    case QW_END_ELLIPSIS: return !small;
    }
    return false;
}

/* In an article that has its line ends, sentences end with marks or with a paragraph, nearly always: a glance dismisses most
 * other gaps, and the linear features are enough. A text that is one paragraph may have lost them: there, the networks look
 * at all that is not clear. */
static bool ends_by_model (const qw_gap_model_t *model, bool alone, qw_gap_look_t *look)
{
    const qw_gaps_t *gap = &look->gaps;
    if (gap->kind == QW_END_SCRIPT)
        return true; /* the model has seen none of these */
    uint32_t glance[QW_GAP_GLANCE_FEATURES], rows[QW_GAP_LINEAR_FEATURES];
    int32_t sum = 0, threshold = qw_end_is_mark (gap->kind) ? model->marked : model->unmarked;
    qw_gap_glance (look, glance);
    for (int i = 0; i < QW_GAP_GLANCE_FEATURES; i++)
        sum += model->glances[glance[i]];
    if (gap->kind == QW_END_NONE && !alone && sum <= model->hopeless)
        return false;
    if (gap->kind == QW_END_STOP && sum > model->certain)
        return true;
    qw_gap_sight_t sight;
    qw_gap_linear (look, sight.contexts, rows);
    sum = qw_gap_linear_sum (model, rows) - threshold;
    if (!alone || sum > model->sure || sum < -model->sure)
        return sum > 0;
    qw_gap_vectors (look, sight.vectors);
    return sum + qw_gap_network_sum (model, &sight) > 0;
}

static void add_sentence (qw_layers_t *layers, uint32_t first, uint32_t end)
{
    qw_sentence_t *sentence = qw_layers_add_sentence (layers);
    sentence->first = first;
    sentence->end = end;
}

void qw_tokens_end_sentences (const qw_gap_model_t *model, bool alone, const char *text, uint32_t first,
                              const qw_ends_t *ends, qw_layers_t *layers)
{
    qw_gap_look_t look;
    qw_gaps_t *gap = &look.gaps;
    qw_gap_look_start (&look, model ? model->lexicon : NULL, text, first, ends, layers);
    if (first == gap->end)
        return;
    while (qw_gaps_next (gap))
        if (!goes_on_after_time (gap) && (model ? ends_by_model (model, alone, &look) : ends_by_rule (gap))) {
            add_sentence (layers, gap->sentence, gap->next);
            qw_gaps_end_sentence (gap);
        }
    add_sentence (layers, gap->sentence, gap->end);
}
