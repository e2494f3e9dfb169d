/*  speakers_salience.c - which of those named before is meant by a pronoun, or by a noun that only points back. Points
   for being near, for being the subject of a sentence, for having spoken last; against being named only inside of what
   others say. */
#include <string.h>

#include "sink/resolve/speakers_parts.h"

enum {
    LOOK_BACK = 48, /* mentions: keeps the time linear */
    LEAST = -12     /* points below which nobody is meant */
};

static int points_for_distance (uint32_t paragraphs, uint32_t bytes)
{
    static const int steps[] = {30, 22, 12, 6, 3};
    int points = paragraphs < 5 ? steps[paragraphs] : 0;
    return points - (int) (bytes / 40 < 18 ? bytes / 40 : 18);
}

/* Points for having spoken lately. */
static int points_for_speaking (const qw_scene_t *scene, uint32_t cluster, uint32_t paragraph)
{
    for (size_t i = 0; i < scene->history_count && i < 3; i++)
        if (scene->history[i].cluster == cluster) {
            uint32_t away = paragraph - scene->history[i].paragraph;
            int points = i == 0 ? 26 : i == 1 ? 10 : 5;
            return away < 4 ? points : points / 2;
        }
    return 0;
}

static bool gender_fits (const qw_scene_t *scene, uint32_t cluster, qw_gender_t asked, int *points)
{
    *points = 0;
    if (asked == QW_GENDER_UNKNOWN)
        return true;
    qw_gender_t known = qw_clusters_gender (scene->clusters, cluster);
    if (known == asked)
        *points = 8;
    return known == asked || known == QW_GENDER_UNKNOWN;
}

bool qw_scene_salient (const qw_scene_t *scene, uint32_t at, uint32_t paragraph, unsigned sorts, qw_gender_t gender,
                       qw_answer_t *answer)
{
    const qw_layers_t *layers = scene->layers;
    /* the first mention at or behind `at` */
    size_t low = 0, high = layers->mention_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (layers->mentions[middle].span.start < at)
            low = middle + 1;
        else
            high = middle;
    }
    const int nobody = -1000;
    int best = nobody, second = nobody;
    bool found = false;
    for (size_t back = 1; back <= low && back <= LOOK_BACK; back++) {
        const qw_mention_t *mention = &layers->mentions[low - back];
        const qw_seen_t *seen = &scene->seen[low - back];
        int for_gender;
        if (mention->cluster >= layers->cluster_count || !(sorts & 1u << qw_sort_of_type (mention->type))
            || !gender_fits (scene, mention->cluster, mention->type == QW_PERSON ? gender : QW_GENDER_UNKNOWN,
                             &for_gender))
            continue;
        int points = points_for_distance (paragraph - seen->paragraph, at - mention->span.end) + for_gender
                     + points_for_speaking (scene, mention->cluster, paragraph);
        points += !seen->owner && qw_scene_is_subject (scene, low - back) ? 14 : 0;
        points -= seen->owner ? 8 : 0;
        points -= seen->in_direct ? 26 : seen->in_indirect ? 12 : 0;
        points -= mention->type == QW_LOC || mention->type == QW_NORP ? 12 : 0;
        points += (int) (scene->frequencies[mention->cluster] < 6 ? scene->frequencies[mention->cluster] : 6);
        if (found && answer->cluster == mention->cluster) {
            best = points > best ? points : best;
            continue;
        }
        if (points > best) {
            second = best;
            best = points;
            found = true;
            *answer = (qw_answer_t){.cluster = mention->cluster, .sort = qw_sort_of_type (mention->type)};
        } else if (points > second)
            second = points;
    }
    /* those who are known by a description only */
    for (size_t i = 0; i < scene->history_count && i < 3; i++) {
        const qw_spoke_t *spoke = &scene->history[i];
        if (spoke->cluster != QW_NO_CLUSTER || spoke->words.size == 0 || !(sorts & 1u << spoke->sort)
            || spoke->at >= at)
            continue;
        int points = points_for_distance (paragraph - spoke->paragraph, at - spoke->at)
                     + (i == 0   ? 26
                        : i == 1 ? 10
                                 : 5)
                     + 10;
        if (points > best) {
            second = best;
            best = points;
            found = true;
            *answer = (qw_answer_t){
                .cluster = QW_NO_CLUSTER, .words = spoke->words, .head = spoke->head, .sort = spoke->sort};
        } else if (points > second)
            second = points;
    }
    if (!found || best < LEAST)
        return false;
    answer->alone = second == nobody;
    return true;
}

/* "Irniq, who ...": whoever stands right before the comma. */
static qw_answer_t relative (const qw_scene_t *scene, qw_span_t mention)
{
    qw_answer_t none = {.cluster = QW_NO_CLUSTER};
    uint32_t end = mention.start;
    while (end > 0 && mention.start - end < 3 && (scene->text[end - 1] == ' ' || scene->text[end - 1] == ','))
        end--;
    const qw_layers_t *layers = scene->layers;
    size_t low = 0, high = layers->mention_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (layers->mentions[middle].span.end < end)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < layers->mention_count && layers->mentions[low].span.end == end
        && layers->mentions[low].cluster < layers->cluster_count)
        return (qw_answer_t){.cluster = layers->mentions[low].cluster,
                             .sort = qw_sort_of_type (layers->mentions[low].type),
                             .how = QW_HOW_PRONOUN,
                             .way = WAY_WHO};
    /* a description: back to its article */
    uint32_t start = end;
    for (unsigned words = 0; start > 0 && words < 7 && end - start < 80; words++) {
        uint32_t word = start;
        while (word > 0 && scene->text[word - 1] == ' ')
            word--;
        uint32_t word_end = word;
        while (word > 0 && scene->text[word - 1] != ' ' && scene->text[word - 1] != '\n'
               && scene->text[word - 1] != ',')
            word--;
        if (word == word_end)
            break;
        start = word;
        if (qw_same_word (scene->text + word, word_end - word, "the", 3)
            || qw_same_word (scene->text + word, word_end - word, "a", 1)
            || qw_same_word (scene->text + word, word_end - word, "an", 2)) {
            qw_span_t span = {start, end}, head = qw_head_of (scene->text, span);
            return (qw_answer_t){.cluster = QW_NO_CLUSTER,
                                 .words = qw_layers_add_string (scene->layers, scene->text + start, end - start),
                                 .head = head,
                                 .sort = qw_sort_of_noun (scene->text, head),
                                 .how = QW_HOW_TEXT,
                                 .way = WAY_WHO};
        }
    }
    return none;
}

static bool is_verb (const char *word, size_t size)
{
    static const char *const verbs[] = {"are",  "ask",  "believe", "came", "can",  "claim", "demand", "did",  "do",
                                        "fear", "gave", "got",     "had",  "have", "held",  "hope",   "left", "made",
                                        "may",  "met",  "need",    "said", "sang", "sat",   "say",    "sent", "told",
                                        "took", "want", "went",    "were", "will", "won"};
    if (size > 3 && memcmp (word + size - 2, "ed", 2) == 0)
        return true;
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (qw_same_word (word, size, verbs[i], strlen (verbs[i])))
            return true;
    return false;
}

static bool is_stop (char c) { return c == '.' || c == '?' || c == '!' || c == '\n'; }

/* "Farmers met in Lusaka. They said ...": the words with which the sentence before begins, when they are of several
 * people. */
static bool many_before (const qw_scene_t *scene, qw_span_t pronoun, qw_answer_t *answer)
{
    enum { LONGEST = 400, WORDS = 5 };
    const char *text = scene->text;
    uint32_t end = pronoun.start;
    while (end > 0 && !is_stop (text[end - 1]) && pronoun.start - end < 3)
        end--;
    if (end == 0 || !is_stop (text[end - 1]))
        return false; /* not the first word of its sentence */
    while (end > 0 && is_stop (text[end - 1]))
        end--;
    uint32_t start = end;
    while (start > 0 && end - start < LONGEST
           && !(is_stop (text[start - 1]) && (text[start - 1] == '\n' || text[start] == ' ')))
        start--;
    while (start < end && text[start] == ' ')
        start++;
    uint32_t at = start, last = start; /* the word before */
    for (unsigned words = 0; words < WORDS && at < end; words++) {
        uint32_t word = at;
        while (at < end && text[at] != ' ' && text[at] != ',')
            at++;
        qw_span_t noun = {last, word > start ? word - 1 : start};
        if (words > 0 && is_verb (text + word, at - word)) {
            qw_span_t whole = {start, noun.end};
            bool small = text[noun.start] >= 'a' && text[noun.start] <= 'z';
            if ((!small && words > 1) || qw_sort_of_noun (text, noun) != SORT_MANY || qw_span_size (noun) < 4)
                return false;
            *answer = (qw_answer_t){.cluster = QW_NO_CLUSTER,
                                    .words = qw_layers_add_string (scene->layers, text + start, qw_span_size (whole)),
                                    .head = noun,
                                    .sort = SORT_MANY};
            return true;
        }
        if (at >= end || text[at] != ' ')
            return false;
        last = word;
        at++;
    }
    return false;
}

qw_answer_t qw_scene_pronoun (const qw_scene_t *scene, qw_span_t mention, uint32_t paragraph, qw_pronoun_t pronoun)
{
    qw_answer_t answer = {.cluster = QW_NO_CLUSTER};
    unsigned sorts = 0;
    qw_gender_t gender = QW_GENDER_UNKNOWN;
    switch (pronoun) {
    case PRONOUN_HE:
    case PRONOUN_SHE:
        sorts = 1u << SORT_PERSON;
        gender = pronoun == PRONOUN_HE ? QW_MALE : QW_FEMALE;
        break;
    case PRONOUN_IT: sorts = 1u << SORT_BODY | 1u << SORT_PLACE | 1u << SORT_PAPER; break;
    case PRONOUN_THEY: sorts = 1u << SORT_MANY | 1u << SORT_BODY; break;
    case PRONOUN_WHO: return relative (scene, mention);
    default: return answer;
    }
    if (pronoun == PRONOUN_THEY && many_before (scene, mention, &answer))
        ;
    else if (!qw_scene_salient (scene, mention.start, paragraph, sorts, gender, &answer)) {
        /* "they" of one person; a guess at the gender that leaves nobody */
        if (pronoun == PRONOUN_IT
            || !qw_scene_salient (scene, mention.start, paragraph, 1u << SORT_PERSON, QW_GENDER_UNKNOWN, &answer))
            return (qw_answer_t){.cluster = QW_NO_CLUSTER};
    }
    answer.how = QW_HOW_PRONOUN;
    if (pronoun == PRONOUN_HE || pronoun == PRONOUN_SHE)
        answer.way = answer.alone ? WAY_HE_ALONE : WAY_HE;
    else
        answer.way = WAY_IT;
    return answer;
}
