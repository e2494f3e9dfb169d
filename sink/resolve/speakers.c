#include "sink/resolve/speakers.h"

#include <stdlib.h>
#include <string.h>

#include "sink/resolve/speakers_parts.h"

struct qw_speakers_t {
    qw_seen_t *seen;
    size_t seen_capacity;
    uint32_t *frequencies;
    size_t frequency_capacity;
};

qw_speakers_t *qw_speakers_new (void)
{
    qw_speakers_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    return self;
}

void qw_speakers_destroy (qw_speakers_t **self_p)
{
    if (!*self_p)
        return;
    free ((*self_p)->seen);
    free ((*self_p)->frequencies);
    free (*self_p);
    *self_p = NULL;
}

static void *sized (void *memory, size_t *capacity, size_t count, size_t item_size)
{
    if (count <= *capacity)
        return memory;
    *capacity = count < 64 ? 64 : count * 2;
    memory = realloc (memory, *capacity * item_size);
    if (!memory)
        abort ();
    return memory;
}

bool qw_scene_is_subject (const qw_scene_t *scene, size_t mention)
{
    const char *text = scene->text;
    const qw_seen_t *seen = &scene->seen[mention];
    uint32_t start = scene->layers->mentions[mention].span.start, limit = start > 60 ? start - 60 : 0;
    uint32_t paragraph_start =
        seen->paragraph < scene->paragraph_count ? scene->paragraphs[seen->paragraph].span.start : 0;
    if (limit < paragraph_start)
        limit = paragraph_start;
    for (uint32_t at = start; at > limit; at--) {
        char c = text[at - 1];
        if (at <= seen->before || c == '"')
            return false;
        if ((c == '.' || c == '?' || c == '!') && text[at] == ' ')
            return true;
        if ((unsigned char) c == 0x9d && at >= 3 && (unsigned char) text[at - 3] == 0xe2) /* a closing mark */
            return false;
    }
    return limit == paragraph_start;
}

static void look_at_mentions (qw_scene_t *scene)
{
    const qw_layers_t *layers = scene->layers;
    size_t paragraph = 0, quote = 0;
    uint32_t direct_end = 0, indirect_end = 0, before = 0;
    memset (scene->frequencies, 0, layers->cluster_count * sizeof *scene->frequencies);
    for (size_t i = 0; i < layers->mention_count; i++) {
        const qw_mention_t *mention = &layers->mentions[i];
        qw_seen_t *seen = &scene->seen[i];
        while (paragraph + 1 < scene->paragraph_count
               && scene->paragraphs[paragraph + 1].span.start <= mention->span.start)
            paragraph++;
        for (; quote < layers->quote_count && layers->quotes[quote].span.start <= mention->span.start; quote++) {
            uint32_t *end = layers->quotes[quote].type == QW_DIRECT ? &direct_end : &indirect_end;
            if (layers->quotes[quote].span.end > *end)
                *end = layers->quotes[quote].span.end;
        }
        uint32_t end = mention->span.end;
        seen->paragraph = (uint32_t) paragraph;
        seen->in_direct = direct_end > mention->span.start;
        seen->in_indirect = indirect_end > mention->span.start;
        seen->before = before;
        seen->owner = (end + 2 <= scene->size && memcmp (scene->text + end, "'s", 2) == 0)
                      || (end + 4 <= scene->size && memcmp (scene->text + end, "\xe2\x80\x99s", 4) == 0);
        if (mention->cluster < layers->cluster_count) {
            scene->frequencies[mention->cluster]++;
            before = end;
        }
    }
}

/* The first mention that ends behind `at`. */
static size_t mention_behind (const qw_layers_t *layers, uint32_t at)
{
    size_t low = 0, high = layers->mention_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (layers->mentions[middle].span.end <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_person (const qw_layers_t *layers, size_t mention)
{
    return mention < layers->mention_count && layers->mentions[mention].type == QW_PERSON
           && layers->mentions[mention].cluster < layers->cluster_count;
}

static qw_answer_t named (const qw_layers_t *layers, size_t mention, qw_how_t how, qw_way_t way)
{
    return (qw_answer_t){.cluster = layers->mentions[mention].cluster,
                         .sort = qw_sort_of_type (layers->mentions[mention].type),
                         .how = how,
                         .way = way};
}

/* Of several people with one family name, the last one before who is what the title says. */
static uint32_t titled (const qw_scene_t *scene, size_t mention)
{
    const qw_layers_t *layers = scene->layers;
    const qw_mention_t *name = &layers->mentions[mention];
    qw_gender_t gender = qw_clusters_title (scene->text, name->span.start);
    if (gender == QW_GENDER_UNKNOWN || qw_clusters_gender (scene->clusters, name->cluster) == gender)
        return name->cluster;
    size_t size = qw_span_size (name->span);
    const char *words = scene->text + name->span.start;
    for (size_t i = mention; i-- > 0;) {
        qw_span_t other = layers->mentions[i].span;
        if (layers->mentions[i].type == QW_PERSON && layers->mentions[i].cluster < layers->cluster_count
            && qw_span_size (other) > size && memcmp (scene->text + other.end - size, words, size) == 0
            && qw_clusters_gender (scene->clusters, layers->mentions[i].cluster) == gender)
            return layers->mentions[i].cluster;
    }
    return name->cluster;
}

/* The name in the mention: a person anywhere in it, or another name that holds its noun. */
static bool find_name (const qw_scene_t *scene, qw_span_t span, qw_answer_t *answer)
{
    const qw_layers_t *layers = scene->layers;
    qw_span_t head = qw_head_of (scene->text, span);
    bool found = false;
    for (size_t i = mention_behind (layers, span.start);
         i < layers->mention_count && layers->mentions[i].span.start < span.end; i++) {
        const qw_mention_t *mention = &layers->mentions[i];
        if (mention->cluster >= layers->cluster_count)
            continue;
        if (qw_span_overlap (mention->span, head) || (mention->type == QW_PERSON && !scene->seen[i].owner)) {
            *answer = named (layers, i, QW_HOW_NAME, mention->type == QW_PERSON ? WAY_PERSON : WAY_NAME);
            if (mention->type != QW_PERSON)
                answer->head = head;
            else
                answer->cluster = titled (scene, i);
            found = true;
            if (mention->type == QW_PERSON)
                break;
        }
    }
    return found;
}

/* " (DGP) " between a description and a name. */
static bool is_bracket (const char *between, uint32_t size)
{
    return size > 4 && size < 14 && between[0] == ' ' && between[1] == '(' && between[size - 2] == ')'
           && between[size - 1] == ' ';
}

/* A name right beside the description: "the envoy, Choe Ryong Hae," or "Choe Ryong Hae, the envoy,". */
static bool find_apposition (const qw_scene_t *scene, qw_span_t span, qw_answer_t *answer)
{
    const qw_layers_t *layers = scene->layers;
    size_t next = mention_behind (layers, span.end);
    if (next + 1 < layers->mention_count && layers->mentions[next].span.start == span.end + 2
        && scene->text[span.end + 1] == '(')
        next++; /* the description's own short form in brackets */
    if (is_person (layers, next)) {
        uint32_t gap = layers->mentions[next].span.start - span.end;
        const char *between = scene->text + span.end;
        bool behind = layers->mentions[next].span.start >= span.end;
        if (behind
            && ((gap == 1 && between[0] == ' ') || (gap == 2 && memcmp (between, ", ", 2) == 0)
                || is_bracket (between, gap))) {
            *answer = named (layers, next, QW_HOW_APPOSITION, WAY_BESIDE);
            return true;
        }
    }
    size_t before = mention_behind (layers, span.start);
    if (before > 0 && is_person (layers, before - 1)) {
        const qw_mention_t *mention = &layers->mentions[before - 1];
        if (span.start - mention->span.end == 2 && memcmp (scene->text + mention->span.end, ", ", 2) == 0) {
            *answer = named (layers, before - 1, QW_HOW_APPOSITION, WAY_BESIDE);
            return true;
        }
    }
    return false;
}

/* Names with "and" before the last are none of them. */
static bool are_several (const qw_scene_t *scene, qw_span_t span)
{
    const qw_layers_t *layers = scene->layers;
    size_t first = mention_behind (layers, span.start), last = first;
    if (first >= layers->mention_count || layers->mentions[first].span.start != span.start)
        return false;
    while (last + 1 < layers->mention_count && layers->mentions[last + 1].span.end <= span.end)
        last++;
    if (last == first)
        return false;
    uint32_t end = layers->mentions[last - 1].span.end, gap = layers->mentions[last].span.start - end;
    const char *between = scene->text + end;
    return (gap == 5 && memcmp (between, " and ", 5) == 0) || (gap == 6 && memcmp (between, ", and ", 6) == 0);
}

static qw_answer_t answer_mention (const qw_scene_t *scene, qw_span_t span, uint32_t paragraph)
{
    qw_answer_t answer;
    qw_pronoun_t pronoun = qw_pronoun_of (scene->text, span);
    if (pronoun != PRONOUN_NONE)
        return qw_scene_pronoun (scene, span, paragraph, pronoun);
    if (are_several (scene, span))
        return (qw_answer_t){.cluster = QW_NO_CLUSTER,
                             .words =
                                 qw_layers_add_string (scene->layers, scene->text + span.start, qw_span_size (span)),
                             .sort = SORT_MANY,
                             .how = QW_HOW_TEXT,
                             .way = WAY_SEVERAL};
    if (find_name (scene, span, &answer) || find_apposition (scene, span, &answer))
        return answer;
    return qw_scene_nominal (scene, span, paragraph);
}

/* Nobody is named: the one who was speaking goes on. */
static qw_answer_t answer_turn (const qw_scene_t *scene, const qw_quote_t *quote, uint32_t paragraph, bool ran_on)
{
    qw_answer_t none = {.cluster = QW_NO_CLUSTER};
    if (quote->type != QW_DIRECT || scene->history_count == 0)
        return none;
    const qw_spoke_t *last = &scene->history[0];
    uint32_t away = paragraph - last->paragraph;
    qw_way_t way = ran_on || away < 2 ? WAY_TURN : WAY_TURN_FAR;
    return (qw_answer_t){last->cluster, last->words, last->head, last->sort, QW_HOW_TURN, way, false};
}

static void remember (qw_scene_t *scene, const qw_answer_t *answer, uint32_t at, uint32_t paragraph)
{
    size_t place = 0;
    while (place < scene->history_count
           && (scene->history[place].cluster != answer->cluster
               || (answer->cluster == QW_NO_CLUSTER && scene->history[place].words.offset != answer->words.offset)))
        place++;
    if (place == scene->history_count && scene->history_count < HISTORY)
        scene->history_count++;
    if (place == HISTORY)
        place--;
    qw_spoke_t old = place < scene->history_count ? scene->history[place] : (qw_spoke_t){0};
    bool known = old.cluster == answer->cluster && answer->cluster != QW_NO_CLUSTER;
    memmove (scene->history + 1, scene->history, place * sizeof *scene->history);
    scene->history[0] = (qw_spoke_t){answer->cluster, answer->words, answer->head, at, paragraph, answer->sort};
    if (known && qw_span_is_empty (answer->head))
        scene->history[0].head = old.head;
}

void qw_speakers_resolve (qw_speakers_t *self, const char *text, size_t size, const qw_paragraph_t *paragraphs,
                          size_t paragraph_count, qw_clusters_t *clusters, qw_layers_t *layers)
{
    if (layers->quote_count == 0)
        return;
    self->seen = sized (self->seen, &self->seen_capacity, layers->mention_count, sizeof *self->seen);
    self->frequencies =
        sized (self->frequencies, &self->frequency_capacity, layers->cluster_count, sizeof *self->frequencies);
    qw_scene_t scene = {.text = text,
                        .size = size,
                        .paragraphs = paragraphs,
                        .paragraph_count = paragraph_count,
                        .clusters = clusters,
                        .layers = layers,
                        .seen = self->seen,
                        .frequencies = self->frequencies};
    look_at_mentions (&scene);
    uint32_t paragraph = 0;
    qw_span_t last_mention = {0, 0};
    qw_answer_t last_answer = {.cluster = QW_NO_CLUSTER};
    for (size_t i = 0; i < layers->quote_count; i++) {
        qw_quote_t *quote = &layers->quotes[i];
        while (paragraph + 1 < paragraph_count && paragraphs[paragraph + 1].span.start <= quote->span.start)
            paragraph++;
        bool ran_on = i > 0 && layers->quotes[i - 1].runs_on;
        qw_span_t mention = quote->speaker_mention;
        qw_answer_t answer;
        if (qw_span_is_empty (mention))
            answer = answer_turn (&scene, quote, paragraph, ran_on);
        else if (mention.start == last_mention.start && mention.end == last_mention.end)
            answer = last_answer; /* two contents of one cue, or of one sentence */
        else
            answer = answer_mention (&scene, mention, paragraph);
        quote->cluster = answer.cluster;
        quote->speaker = answer.cluster < layers->cluster_count ? layers->clusters[answer.cluster].name : answer.words;
        quote->how = quote->speaker.size ? answer.how : QW_HOW_NONE;
        quote->confidence = qw_confidence_of (quote->speaker.size ? answer.way : WAY_NONE);
        if (!qw_span_is_empty (mention)) {
            last_mention = mention;
            last_answer = answer;
        }
        if (quote->speaker.size && quote->speech) {
            answer.words = quote->speaker;
            remember (&scene, &answer, qw_span_is_empty (mention) ? quote->span.start : mention.start, paragraph);
        }
    }
}
