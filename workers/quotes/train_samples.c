#include "workers/quotes/train_samples.h"

#include <stdlib.h>

static void *need (void *memory)
{
    if (!memory)
        abort ();
    return memory;
}

void qw_numbers_push (qw_numbers_t *self, uint32_t value)
{
    if (self->count == self->capacity) {
        self->capacity = self->capacity ? self->capacity * 2 : 1024;
        self->items = need (realloc (self->items, self->capacity * sizeof *self->items));
    }
    self->items[self->count++] = value;
}

static void push_features (qw_numbers_t *self, const uint32_t *features, size_t count)
{
    qw_numbers_push (self, (uint32_t) count);
    for (size_t i = 0; i < count; i++)
        qw_numbers_push (self, features[i]);
}

static uint32_t unit_holding (const qw_segment_t *segment, uint32_t byte, bool as_end)
{
    for (uint32_t at = 0; at < segment->count; at++)
        if (as_end ? segment->units[at].span.end >= byte : segment->units[at].span.end > byte)
            return at;
    return QW_NO_UNIT;
}

/* The unit of a gold cue in the segment, or QW_NO_UNIT. */
static uint32_t cue_unit (const qw_segment_t *segment, const qw_gold_t *gold)
{
    uint32_t best = QW_NO_UNIT;
    for (uint32_t at = 0; at < segment->count; at++) {
        const qw_unit_t *unit = &segment->units[at];
        if (!qw_span_overlap (unit->span, gold->cue) || unit->kind != KIND_WORD || !unit->cue)
            continue;
        if (best == QW_NO_UNIT || unit->cue >= segment->units[best].cue)
            best = at;
    }
    return best;
}

static void add_content_sample (qw_samples_t *self, const qw_segment_t *segment, uint32_t cue, int side, uint32_t start,
                                uint32_t end)
{
    qw_borders_t borders;
    qw_borders_find (&borders, segment, cue, side);
    uint32_t right_start = UINT32_MAX, right_end = UINT32_MAX, pairs = 0, features[64];
    for (uint32_t i = 0; i < borders.start_count; i++) {
        if (borders.starts[i] == start)
            right_start = i;
        for (uint32_t j = 0; j < borders.end_count; j++)
            pairs += borders.ends[j] >= borders.starts[i];
    }
    for (uint32_t j = 0; j < borders.end_count; j++)
        if (borders.ends[j] == end)
            right_end = j;
    if (right_start == UINT32_MAX || right_end == UINT32_MAX) {
        self->lost_contents++;
        return;
    }
    self->kept_contents++;
    qw_numbers_t *samples = &self->contents;
    qw_numbers_push (samples, borders.start_count);
    qw_numbers_push (samples, borders.end_count);
    qw_numbers_push (samples, pairs);
    qw_numbers_push (samples, right_start);
    qw_numbers_push (samples, right_end);
    for (uint32_t i = 0; i < borders.start_count; i++)
        push_features (samples, features, qw_start_features (segment, cue, side, borders.starts[i], features));
    for (uint32_t j = 0; j < borders.end_count; j++)
        push_features (samples, features, qw_end_features (segment, cue, side, borders.ends[j], features));
    for (uint32_t i = 0; i < borders.start_count; i++)
        for (uint32_t j = 0; j < borders.end_count; j++)
            if (borders.ends[j] >= borders.starts[i]) {
                qw_numbers_push (samples, i);
                qw_numbers_push (samples, j);
                push_features (samples, features,
                               qw_pair_features (segment, cue, side, borders.starts[i], borders.ends[j], features));
            }
}

static void add_source_sample (qw_samples_t *self, const qw_segment_t *segment, uint32_t cue, int side, uint32_t start,
                               uint32_t end, qw_span_t source)
{
    uint32_t sources[MAX_SOURCES], features[64], right = 0;
    size_t count = qw_sources_find (segment, cue, start, end, sources);
    if (!qw_span_is_empty (source)) {
        /* a person's name in it, or else its first noun */
        for (size_t i = 0; i < count; i++) {
            const qw_unit_t *head = &segment->units[segment->nouns[sources[i]].head];
            if (!qw_span_overlap (head->span, source))
                continue;
            if (right == 0 || head->entity == QW_PERSON + 1)
                right = (uint32_t) i + 1;
            if (head->entity == QW_PERSON + 1)
                break;
        }
        if (right == 0)
            return;
    }
    qw_numbers_push (&self->sources, (uint32_t) count + 1);
    qw_numbers_push (&self->sources, right);
    push_features (&self->sources, features, qw_source_features (segment, cue, side, start, end, UINT32_MAX, features));
    for (size_t i = 0; i < count; i++)
        push_features (&self->sources, features,
                       qw_source_features (segment, cue, side, start, end, sources[i], features));
}

/* All samples of one segment. `last`: where the last gold quotation in the paragraph ended. */
static void add_samples (qw_samples_t *self, const qw_article_t *article, qw_segment_t *segment,
                         const qw_marks_t *marks, uint32_t *last)
{
    uint32_t features[64];
    qw_span_t whole = {segment->units[0].span.start, segment->units[segment->count - 1].span.end};
    for (uint32_t at = 0; at < segment->count; at++) {
        if (!qw_may_be_cue (&segment->units[at]))
            continue;
        const qw_gold_t *left = NULL, *right = NULL;
        bool unclear = false;
        for (size_t j = 0; j < article->gold_count; j++) {
            const qw_gold_t *gold = &article->gold[j];
            if (!qw_span_overlap (gold->cue, whole) || cue_unit (segment, gold) != at)
                continue;
            if (gold->span.start < whole.start || gold->span.end > whole.end)
                continue;
            if (gold->span.end <= segment->units[at].span.start)
                left = !left || gold->span.end > left->span.end ? gold : left;
            else if (gold->span.start >= segment->units[at].span.end)
                right = !right || gold->span.start < right->span.start ? gold : right;
            else
                unclear = true;
        }
        if (unclear && !left && !right)
            continue;
        int side = left && right ? SIDE_BOTH : left ? SIDE_LEFT : right ? SIDE_RIGHT : SIDE_NONE;
        qw_numbers_push (&self->cues, (uint32_t) side);
        push_features (&self->cues, features, qw_cue_features (segment, at, features));
        for (int i = 0; i < 2; i++) {
            const qw_gold_t *gold = i == 0 ? left : right;
            if (!gold)
                continue;
            uint32_t start = unit_holding (segment, gold->span.start, false),
                     end = unit_holding (segment, gold->span.end, true);
            if (start == QW_NO_UNIT || end == QW_NO_UNIT || end < start)
                continue;
            add_content_sample (self, segment, at, i == 0 ? SIDE_LEFT : SIDE_RIGHT, start, end);
            for (uint32_t unit = start; unit <= end; unit++)
                segment->units[unit].taken = true;
            if (i == 0 || !left)
                add_source_sample (self, segment, at, i == 0 ? SIDE_LEFT : SIDE_RIGHT, start, end, gold->source);
        }
    }
    for (size_t j = 0; j < article->gold_count; j++)
        self->lost_cues += article->gold[j].cue.start >= whole.start && article->gold[j].cue.start < whole.end
                           && cue_unit (segment, &article->gold[j]) == QW_NO_UNIT;
    for (uint32_t at = 0; at < segment->count; at++) {
        const qw_unit_t *unit = &segment->units[at];
        const qw_gold_t *best = NULL;
        for (size_t j = 0; j < article->gold_count; j++)
            if (qw_span_overlap (article->gold[j].span, unit->span))
                best = &article->gold[j];
        if (unit->kind == KIND_MARKED && !unit->taken) {
            uint32_t label = best && best->span.start + 8 >= unit->span.start
                             && best->span.start <= unit->span.start + 8 && best->span.end + 8 >= unit->span.end
                             && best->span.end <= unit->span.end + 8;
            if (!best || label) {
                uint32_t since = *last == 0 || *last > unit->span.start ? UINT32_MAX : (unit->span.start - *last) / 6;
                qw_numbers_push (&self->marked, label);
                push_features (&self->marked, features,
                               qw_marked_features (segment, at, &marks->items[unit->marked], since, features));
            }
        }
        if (best && unit->span.end >= best->span.end)
            *last = best->span.end;
    }
}

void qw_samples_make (qw_samples_t *self, const qw_articles_t *articles, const qw_quotes_model_t *model)
{
    qw_segment_t segment = {0};
    qw_marks_t marks = {0};
    for (size_t i = 0; i < articles->count; i++) {
        const qw_article_t *article = &articles->items[i];
        bool inside = false;
        size_t sentence = 0;
        qw_walk_t walk = {.text_size = article->size};
        for (size_t j = 0; j < article->paragraph_count; j++) {
            qw_span_t paragraph = article->paragraphs[j].span;
            walk.sentence = sentence;
            while (sentence < article->layers->sentence_count
                   && article->layers->tokens[article->layers->sentences[sentence].first].start < paragraph.end)
                sentence++;
            walk.sentence_end = sentence;
            marks.count = 0;
            inside = qw_marks_find (&marks, article->text, paragraph, inside);
            walk.mark = 0;
            walk.mark_end = marks.count;
            walk.paragraph = paragraph;
            uint32_t last = 0;
            while (qw_segment_next (&segment, &walk, model, article->text, article->layers, &marks)) {
                qw_segment_tag (&segment, model, article->text);
                qw_segment_prepare (&segment);
                add_samples (self, article, &segment, &marks, &last);
            }
        }
    }
    qw_segment_free (&segment);
    qw_marks_free (&marks);
}

void qw_samples_free (qw_samples_t *self)
{
    free (self->cues.items);
    free (self->contents.items);
    free (self->sources.items);
    free (self->marked.items);
    *self = (qw_samples_t){0};
}
