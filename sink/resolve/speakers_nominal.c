/*  speakers_nominal.c - descriptions that stand for somebody known: "the ministry", "the statement", "the former
 * chairman". */
#include <string.h>

#include "sink/resolve/speakers_parts.h"

enum { LOOK_BACK = 64 };

static bool is_letter (char c) { return (c | 32) >= 'a' && (c | 32) <= 'z'; }

/* Whether a text holds a word, as a word. */
static bool holds_word (const char *text, size_t size, const char *word, size_t word_size)
{
    for (size_t at = 0; at + word_size <= size; at++) {
        if (at > 0 && is_letter (text[at - 1]))
            continue;
        if (qw_same_word (text + at, word_size, word, word_size)
            && (at + word_size == size || !is_letter (text[at + word_size])))
            return true;
    }
    return false;
}

static bool is_border (char c) { return c == ',' || c == '.' || c == ';' || c == '\n'; }

/* Whether a person is called by the noun: "director Ines Marchetti" or "Ines Marchetti, the port's director,". */
static bool is_called (const char *text, size_t size, qw_span_t name, const char *word, size_t word_size)
{
    enum { REACH = 70 };
    uint32_t start = name.start;
    while (start > 0 && name.start - start < REACH && !is_border (text[start - 1]))
        start--;
    if (holds_word (text + start, name.start - start, word, word_size))
        return true;
    if (name.end >= size || text[name.end] != ',')
        return false;
    uint32_t end = name.end + 1;
    while (end < size && end - name.end < REACH && !is_border (text[end]))
        end++;
    return holds_word (text + name.end + 1, end - name.end - 1, word, word_size);
}

static qw_answer_t answer_of (const qw_spoke_t *spoke)
{
    return (qw_answer_t){spoke->cluster, spoke->words, spoke->head, spoke->sort, QW_HOW_NOMINAL, WAY_NOMINAL, false};
}

/* Somebody who was described by the same noun: "a ministerial source" ... "the source". */
static bool same_noun (const qw_scene_t *scene, qw_span_t head, qw_answer_t *answer)
{
    for (size_t i = 0; i < scene->history_count; i++) {
        const qw_spoke_t *spoke = &scene->history[i];
        if (!qw_span_is_empty (spoke->head)
            && qw_same_word (scene->text + spoke->head.start, qw_span_size (spoke->head), scene->text + head.start,
                             qw_span_size (head))) {
            *answer = answer_of (spoke);
            return true;
        }
    }
    return false;
}

/* A name that holds the noun ("the ministry": "Foreign Ministry"), or a person with the noun beside the name. */
static bool named_so (const qw_scene_t *scene, qw_span_t head, qw_sort_t sort, uint32_t at, qw_answer_t *answer)
{
    const qw_layers_t *layers = scene->layers;
    const char *word = scene->text + head.start;
    size_t size = qw_span_size (head), left = LOOK_BACK;
    size_t low = 0, high = layers->mention_count; /* the first mention behind `at` */
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (layers->mentions[middle].span.end <= at)
            low = middle + 1;
        else
            high = middle;
    }
    for (size_t i = low; i-- > 0 && left > 0; left--) {
        const qw_mention_t *mention = &layers->mentions[i];
        if (mention->cluster >= layers->cluster_count)
            continue;
        qw_string_t name = layers->clusters[mention->cluster].name;
        bool fits = mention->type != QW_PERSON && mention->type != QW_LOC
                    && holds_word (qw_layers_string (layers, name), name.size, word, size);
        if (!fits && mention->type == QW_PERSON && sort == SORT_PERSON)
            fits = is_called (scene->text, at, mention->span, word, size);
        if (fits) {
            *answer = (qw_answer_t){.cluster = mention->cluster,
                                    .sort = qw_sort_of_type (mention->type),
                                    .how = QW_HOW_NOMINAL,
                                    .way = WAY_NOMINAL};
            return true;
        }
    }
    return false;
}

/* "The 26-year-old": whoever has that age behind the name ("Anna Kowalska, 26,") or before it. */
static bool aged_so (const qw_scene_t *scene, qw_span_t mention, qw_answer_t *answer)
{
    static const char old[] = "-year-old";
    const char *text = scene->text;
    const char *place = memmem (text + mention.start, qw_span_size (mention), old, sizeof old - 1);
    if (!place)
        return false;
    size_t end = (size_t) (place - text), start = end;
    while (start > mention.start && text[start - 1] >= '0' && text[start - 1] <= '9')
        start--;
    size_t digits = end - start;
    if (digits == 0 || digits > 3)
        return false;
    const qw_layers_t *layers = scene->layers;
    for (size_t i = 0; i < layers->mention_count && layers->mentions[i].span.end <= mention.start; i++) {
        const qw_mention_t *name = &layers->mentions[i];
        if (name->type != QW_PERSON || name->cluster >= layers->cluster_count)
            continue;
        const char *behind = text + name->span.end;
        size_t left = scene->size - name->span.end;
        bool is_behind = left > digits + 3 && memcmp (behind, ", ", 2) == 0 && memcmp (behind + 2, text + start, digits) == 0
                         && !is_letter (behind[2 + digits]) && (behind[2 + digits] < '0' || behind[2 + digits] > '9');
        size_t before = digits + sizeof old; /* "26-year-old " */
        bool is_before = name->span.start >= before && memcmp (text + name->span.start - before, text + start, digits) == 0
                         && memcmp (text + name->span.start - sizeof old, old, sizeof old - 1) == 0;
        if (is_behind || is_before) {
            *answer = (qw_answer_t){
                .cluster = name->cluster, .sort = SORT_PERSON, .how = QW_HOW_NOMINAL, .way = WAY_NOMINAL};
            return true;
        }
    }
    return false;
}

/* The last speaker of one of some sorts. */
static bool spoke_last (const qw_scene_t *scene, uint32_t paragraph, unsigned sorts, uint32_t reach,
                        qw_answer_t *answer)
{
    for (size_t i = 0; i < scene->history_count; i++)
        if ((sorts & 1u << scene->history[i].sort) && paragraph - scene->history[i].paragraph <= reach) {
            *answer = answer_of (&scene->history[i]);
            return true;
        }
    return false;
}

/* The first to speak is often described first and named in the next sentence: "The former chairman said ... Ines
 * Marchetti ..." */
static bool named_soon (const qw_scene_t *scene, qw_span_t mention, qw_sort_t sort, uint32_t paragraph,
                        qw_answer_t *answer)
{
    const qw_layers_t *layers = scene->layers;
    if (sort != SORT_PERSON || scene->history_count > 0 || !qw_is_definite (scene->text, mention))
        return false;
    size_t low = 0, high = layers->mention_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (layers->mentions[middle].span.end <= mention.end)
            low = middle + 1;
        else
            high = middle;
    }
    for (size_t i = low; i < layers->mention_count && scene->seen[i].paragraph <= paragraph + 1; i++)
        if (layers->mentions[i].type == QW_PERSON && !scene->seen[i].owner && !scene->seen[i].in_direct
            && !scene->seen[i].in_indirect && layers->mentions[i].cluster < layers->cluster_count
            && qw_scene_is_subject (scene, i)) {
            *answer = (qw_answer_t){
                .cluster = layers->mentions[i].cluster, .sort = SORT_PERSON, .how = QW_HOW_NOMINAL, .way = WAY_NOMINAL};
            return true;
        }
    return false;
}

qw_answer_t qw_scene_nominal (const qw_scene_t *scene, qw_span_t mention, uint32_t paragraph)
{
    qw_span_t head = qw_head_of (scene->text, mention);
    qw_sort_t sort = qw_sort_of_noun (scene->text, head);
    qw_answer_t answer = {.cluster = QW_NO_CLUSTER};
    if (aged_so (scene, mention, &answer))
        return answer;
    if (qw_is_definite (scene->text, mention) && sort != SORT_MANY) {
        unsigned words = 1;
        for (uint32_t i = mention.start; i < mention.end; i++)
            words += scene->text[i] == ' ';
        bool plain = head.end == mention.end; /* nothing behind the noun tells who it is */
        if (plain && words < 4 && same_noun (scene, head, &answer))
            return answer;
        if (sort != SORT_PAPER && named_so (scene, head, sort, mention.start, &answer))
            return answer;
        if (plain && sort == SORT_PAPER) {
            if (named_so (scene, head, sort, mention.start, &answer)
                || spoke_last (scene, paragraph, 1u << SORT_BODY, 3, &answer)
                || spoke_last (scene, paragraph, 1u << SORT_PERSON | 1u << SORT_PLACE, 1, &answer)
                || qw_scene_salient (scene, mention.start, paragraph, 1u << SORT_BODY, QW_GENDER_UNKNOWN, &answer)) {
                answer.how = QW_HOW_NOMINAL;
                answer.way = WAY_NOMINAL;
                return answer;
            }
        }
        if (plain && words < 3 && qw_is_vague_body (scene->text, head)
            && spoke_last (scene, paragraph, 1u << SORT_BODY, 4, &answer))
            return answer;
        if (plain && sort == SORT_PERSON
            && qw_scene_salient (scene, mention.start, paragraph, 1u << SORT_PERSON, QW_GENDER_UNKNOWN, &answer)) {
            answer.how = QW_HOW_NOMINAL;
            answer.way = WAY_NOMINAL;
            return answer;
        }
    }
    if (named_soon (scene, mention, sort, paragraph, &answer))
        return answer;
    return (qw_answer_t){.cluster = QW_NO_CLUSTER,
                         .words =
                             qw_layers_add_string (scene->layers, scene->text + mention.start, qw_span_size (mention)),
                         .head = head,
                         .sort = sort,
                         .how = QW_HOW_TEXT,
                         .way = WAY_WORDS};
}
