#include "workers/entities/context.h"

#include <stdlib.h>
#include <string.h>

enum { EDGE = 77, BASE = 400, SECOND = 500 };

void qw_context_phrases (const qw_model_t *model, const qw_word_t *words, size_t count, uint8_t *codes)
{
    memset (codes, 0, count);
    for (size_t i = 0; i + 1 < count;) {
        size_t found = 0;
        unsigned flags = 0;
        if (!words[i].capital) {
            i++;
            continue;
        }
        uint64_t hash = words[i].exact;
        for (size_t n = 2; n <= QW_MAX_PHRASE && i + n <= count; n++) {
            const qw_word_t *last = &words[i + n - 1];
            if (last->kind == QW_KIND_MARK && n > 2)
                break;
            hash = qw_phrase_hash (hash, last->exact);
            if (!last->capital)
                continue;
            qw_lexicon_entry_t entry = qw_model_word (model, hash);
            if (entry.check) {
                found = n;
                flags = entry.flags;
            }
        }
        unsigned type = flags >> QW_WORD_TYPE_SHIFT & 15, sure = (flags >> (QW_WORD_TYPE_SHIFT + 4) & 7) == 7;
        for (size_t j = 0; j < found; j++)
            codes[i + j] = (uint8_t) (type * 8 + sure * 4 + (j == 0 ? 1 : j + 1 == found ? 3 : 2));
        i += found ? found : 1;
    }
}

void qw_elsewhere_clear (qw_elsewhere_table_t *self, size_t words)
{
    size_t slots = 64;
    while (slots < words * 2)
        slots *= 2;
    if (words + 1 > self->allocated) {
        qw_elsewhere_free (self);
        self->allocated = words * 2 + 32;
        size_t most = 64;
        while (most < self->allocated * 2)
            most *= 2;
        self->slots = malloc (most * sizeof *self->slots);
        self->words = malloc (self->allocated * sizeof *self->words);
        if (!self->slots || !self->words)
            abort ();
    }
    memset (self->slots, 0, slots * sizeof *self->slots);
    self->mask = slots - 1; /* no more than this text needs, whatever came before */
    self->count = 0;
}

void qw_elsewhere_free (qw_elsewhere_table_t *self)
{
    free (self->slots);
    free (self->words);
    *self = (qw_elsewhere_table_t) {NULL, NULL, 0, 0, 0};
}

static uint32_t *elsewhere_slot (const qw_elsewhere_table_t *self, uint64_t lower)
{
    size_t at = (size_t) (lower >> 20) & self->mask;
    while (self->slots[at] && self->words[self->slots[at] - 1].lower != lower)
        at = (at + 1) & self->mask;
    return &self->slots[at];
}

/* Words that are usually written small say little. */
static bool is_telling (const qw_word_t *word) { return word->capital && !(word->flags & QW_WORD_COMMON); }

static void note (qw_elsewhere_table_t *self, uint64_t lower, qw_occurrence_t occurrence)
{
    uint32_t *slot = elsewhere_slot (self, lower);
    if (!*slot) {
        self->words[self->count] = (qw_elsewhere_t) {.lower = lower, .count = 0};
        *slot = (uint32_t) ++self->count;
    }
    qw_elsewhere_t *word = &self->words[*slot - 1];
    bool longest = word->count > 0
                   && occurrence.run_end - occurrence.run_first > word->seen[0].run_end - word->seen[0].run_first;
    if (word->count < QW_OCCURRENCES) {
        word->seen[word->count] = longest ? word->seen[0] : occurrence;
        word->count++;
    }
    if (longest)
        word->seen[0] = occurrence;
}

void qw_elsewhere_add (qw_elsewhere_table_t *self, const qw_word_t *words, size_t first, size_t count)
{
    for (size_t begin = 0; begin < count; begin++) {
        if (!words[begin].capital)
            continue;
        size_t end = begin + 1;
        while (end < count && words[end].capital)
            end++;
        for (size_t i = begin; i < end; i++)
            if (is_telling (&words[i]))
                note (self, words[i].lower,
                      (qw_occurrence_t) {(uint32_t) (first + i), (uint32_t) (first + begin), (uint32_t) (first + end),
                                         begin == 0, end == count});
        begin = end;
    }
}

static uint64_t *elsewhere_features (const qw_context_t *self, size_t at, size_t length, uint64_t *out)
{
    enum { USED = 3 };
    uint32_t index = *elsewhere_slot (self->elsewhere, self->words[at].lower);
    const qw_elsewhere_t *word = index ? &self->elsewhere->words[index - 1] : NULL;
    const qw_word_t *document = self->words - self->first;
    unsigned used = 0, kind = self->words[at].kind;
    for (unsigned i = 0; word && i < word->count && used < USED; i++) {
        const qw_occurrence_t *other = &word->seen[i];
        if (other->token == self->first + at)
            continue;
        *out++ = qw_feature (BASE + 40, other->opens ? EDGE : document[other->run_first - 1].lower, 0);
        *out++ = qw_feature (BASE + 41, other->closes ? EDGE : document[other->run_end].lower, 0);
        if (used++ > 0)
            continue;
        size_t run = other->run_end - other->run_first;
        bool is_first = other->token == other->run_first, is_last = other->token + 1 == other->run_end;
        unsigned where = (run > length ? 2u : run == length) * 4u + (is_first ? 0 : is_last ? 2 : 1);
        *out++ = qw_feature (BASE + 42, where, (unsigned) (run > 7 ? 7 : run) * 16u + kind);
        *out++ = qw_feature (BASE + 43, is_last ? 0 : document[other->run_end - 1].lower, where);
        *out++ = qw_feature (BASE + 44, is_first ? 0 : document[other->run_first].lower, where);
    }
    if (used == 0)
        *out++ = qw_feature (BASE + 45, kind, 0);
    return out;
}

void qw_context_begin (qw_context_t *self, const qw_word_t *words, size_t first, size_t count, const qw_small_words_t *small,
                       const qw_elsewhere_table_t *elsewhere, const uint8_t *phrases)
{
    *self = (qw_context_t) {first, elsewhere, words, count, 0, small, phrases};
    size_t letters = 0, large = 0, upper = 0;
    for (size_t i = 0; i < count; i++) {
        qw_word_kind_t kind = (qw_word_kind_t) words[i].kind;
        letters += kind != QW_KIND_MARK && kind != QW_KIND_DIGITS && kind != QW_KIND_UNCASED;
        large += words[i].capital && kind != QW_KIND_UNCASED;
        upper += kind == QW_KIND_UPPER;
    }
    if (letters >= 3 && upper * 10 >= letters * 7)
        self->capitals = 2;
    else if (letters >= 3 && large * 10 >= letters * 6)
        self->capitals = 1;
}

static bool stands_out (const qw_word_t *word) { return word->capital || word->kind == QW_KIND_DIGITS; }

bool qw_context_is_busy (const qw_context_t *self, size_t at)
{
    return stands_out (&self->words[at]) || (at > 0 && stands_out (&self->words[at - 1]))
           || (at + 1 < self->count && stands_out (&self->words[at + 1]));
}

size_t qw_context_features (const qw_context_t *self, size_t at, size_t run_first, size_t run_end, uint64_t *features)
{
    static const qw_word_t edge = {.exact = EDGE, .lower = EDGE, .shape = EDGE, .kind = QW_KIND_COUNT};
    const qw_word_t *w = self->words + at;
    size_t behind = self->count - at - 1;
    const qw_word_t *p1 = at > 0 ? w - 1 : &edge, *p2 = at > 1 ? w - 2 : &edge;
    const qw_word_t *n1 = behind > 0 ? w + 1 : &edge, *n2 = behind > 1 ? w + 2 : &edge;
    unsigned type = w->flags >> QW_WORD_TYPE_SHIFT & 15, type_before = p1->flags >> QW_WORD_TYPE_SHIFT & 15,
             type_after = n1->flags >> QW_WORD_TYPE_SHIFT & 15;
    unsigned first = at == 0, caps = self->capitals;
    unsigned written_small = w->capital && qw_small_words_have (self->small, w->lower);
    unsigned known = w->flags & (QW_WORD_COMMON | QW_WORD_NAMELIKE);
    uint64_t *out = features;
    *out++ = qw_feature (BASE + 1, p1->lower, w->lower);
    *out++ = qw_feature (BASE + 2, w->lower, n1->lower);
    *out++ = qw_feature (BASE + 3, p1->lower + n1->lower * 3, w->kind);
    *out++ = qw_feature (BASE + 4, p2->kind * 4096u + p1->kind * 256u + w->kind * 16u + n1->kind, n2->kind);
    *out++ = qw_feature (BASE + 7, p1->cluster, n1->cluster * 16u + w->kind);
    *out++ = qw_feature (BASE + 8, first * 4 + caps, w->kind * 4096u + known * 8 + written_small);
    *out++ = qw_feature (BASE + 10, type_before * 256 + type * 16 + type_after, w->kind);
    *out++ = qw_feature (BASE + 11, p2->lower + p1->lower * 3, w->kind);
    *out++ = qw_feature (BASE + 12, n1->lower + n2->lower * 3, w->kind);
    *out++ = qw_feature (BASE + 24, (p1->cluster >> 10) * 64u + (w->cluster >> 10), (n1->cluster >> 10) + 64u * w->kind);
    if (stands_out (w)) {
        *out++ = qw_feature (BASE + 5, p1->cluster, w->cluster);
        *out++ = qw_feature (BASE + 6, w->cluster, n1->cluster);
        *out++ = qw_feature (BASE + 9, caps, w->flags & 0xff);
        *out++ = qw_feature (BASE + 13, (p1->flags & 0x3f) * 64u + (w->flags & 0x3f), n1->flags & 0x3f);
        *out++ = qw_feature (BASE + 14, p1->shape, w->shape);
        *out++ = qw_feature (BASE + 15, w->shape, n1->shape);
        *out++ = qw_feature (BASE + 30, p1->near, w->near);
        *out++ = qw_feature (BASE + 31, w->near, n1->near);
        *out++ = qw_feature (BASE + 33, (p1->near >> 10) * 64u + (w->near >> 10), (n1->near >> 10) + 64u * w->kind);
    }
    if (self->phrases[at]) {
        *out++ = qw_feature (BASE + 25, self->phrases[at], 0);
        *out++ = qw_feature (BASE + 26, self->phrases[at], w->cluster >> 10);
        *out++ = qw_feature (BASE + 27, self->phrases[at], p1->lower);
    } else if (at > 0 && self->phrases[at - 1])
        *out++ = qw_feature (BASE + 28, self->phrases[at - 1], w->kind);
    if (behind > 0 && self->phrases[at + 1])
        *out++ = qw_feature (BASE + 29, self->phrases[at], self->phrases[at + 1]);
    if (run_end > run_first) {
        const qw_word_t *before = run_first > 0 ? &self->words[run_first - 1] : &edge;
        const qw_word_t *after = run_end < self->count ? &self->words[run_end] : &edge;
        const qw_word_t *head = &self->words[run_end - 1], *start = &self->words[run_first];
        size_t length = run_end - run_first, place = at - run_first;
        unsigned where = (unsigned) (length > 5 ? 5 : length) * 8 + (place == 0 ? 0 : place + 1 == length ? 2 : 1);
        *out++ = qw_feature (BASE + 16, before->lower, where);
        *out++ = qw_feature (BASE + 17, after->lower, where);
        *out++ = qw_feature (BASE + 18, head->lower, where);
        *out++ = qw_feature (BASE + 19, start->lower, where);
        *out++ = qw_feature (BASE + 20, before->cluster, after->cluster * 64u + where);
        *out++ = qw_feature (BASE + 21, head->flags >> QW_WORD_TYPE_SHIFT & 15,
                             where + 64u * (start->flags >> QW_WORD_TYPE_SHIFT & 15));
        *out++ = qw_feature (BASE + 22, head->cluster, where);
        *out++ = qw_feature (BASE + 23, before->cluster, where);
        *out++ = qw_feature (BASE + 34, head->near, where);
        *out++ = qw_feature (BASE + 36, start->near >> 10, (head->near >> 10) * 64u + where);
        if (is_telling (w))
            out = elsewhere_features (self, at, length, out);
    }
    return (size_t) (out - features);
}

void qw_evidence_clear (qw_evidence_table_t *self, size_t words)
{
    size_t wanted = 256;
    while (wanted < words * 2)
        wanted *= 2;
    if (wanted > self->allocated) {
        free (self->slots);
        self->slots = malloc (wanted * sizeof *self->slots);
        if (!self->slots)
            abort ();
        self->allocated = wanted;
    }
    self->capacity = wanted; /* no more than this text needs, whatever came before */
    memset (self->slots, 0, wanted * sizeof *self->slots);
}

void qw_evidence_free (qw_evidence_table_t *self)
{
    free (self->slots);
    *self = (qw_evidence_table_t) {NULL, 0, 0};
}

static qw_evidence_t *slot_of (const qw_evidence_table_t *self, uint64_t lower)
{
    size_t at = (size_t) (lower >> 20) & (self->capacity - 1);
    while (self->slots[at].lower != 0 && self->slots[at].lower != lower)
        at = (at + 1) & (self->capacity - 1);
    return &self->slots[at];
}

void qw_evidence_add (qw_evidence_table_t *self, const qw_word_t *words, const uint8_t *labels, size_t count)
{
    size_t start = 0; /* of the name at hand */
    for (size_t i = 0; i < count; i++) {
        if (!qw_label_is_name (labels[i]) || qw_label_begins (labels[i]))
            start = i;
        if (!words[i].capital)
            continue;
        qw_evidence_t *slot = slot_of (self, words[i].lower);
        slot->lower = words[i].lower;
        slot->counts[labels[i]] += slot->counts[labels[i]] < UINT16_MAX;
        if (!qw_label_is_name (labels[i]))
            continue;
        size_t end = i + 1;
        while (end < count && end - start < 8 && labels[end] == qw_label_inside (qw_label_name (labels[i])))
            end++;
        size_t size = end - start;
        if (size > slot->long_size) {
            slot->long_size = (uint8_t) (size > 200 ? 200 : size);
            slot->long_name = (uint8_t) (1 + qw_label_name (labels[i]));
            slot->long_place = i == start ? 0 : i + 1 == end ? 2 : 1;
        }
    }
}

/* The name type that a word has most elsewhere in the document (0: none, 1 + type; 8: outside) and how clearly so. */
static unsigned opinion (const qw_evidence_t *slot, uint8_t own, unsigned *strength)
{
    unsigned counts[QW_NAME_TYPES + 1], total = 0, best = 0;
    counts[QW_NAME_TYPES] = slot->counts[QW_LABEL_OUTSIDE] + slot->counts[QW_LABEL_NUMBER];
    for (int i = 0; i < QW_NAME_TYPES; i++)
        counts[i] = slot->counts[qw_label_begin (i)] + slot->counts[qw_label_inside (i)];
    unsigned mine = qw_label_is_name (own) ? (unsigned) qw_label_name (own) : QW_NAME_TYPES;
    counts[mine] -= counts[mine] > 0; /* what it is itself says nothing new */
    for (unsigned i = 0; i <= QW_NAME_TYPES; i++) {
        total += counts[i];
        if (counts[i] > counts[best])
            best = i;
    }
    *strength = 0;
    if (total == 0)
        return 0;
    unsigned share = counts[best] == total ? 2 : counts[best] * 3 >= total * 2 ? 1 : 0;
    *strength = share * 4 + (total >= 4 ? 2 : total >= 2 ? 1 : 0);
    return 1 + best;
}

size_t qw_evidence_features (const qw_evidence_table_t *self, const qw_word_t *words, const uint8_t *labels, size_t at,
                             uint64_t *features)
{
    const qw_word_t *w = words + at;
    if (!w->capital)
        return 0;
    const qw_evidence_t *slot = slot_of (self, w->lower);
    unsigned strength, most = opinion (slot, labels[at], &strength);
    unsigned longest = slot->long_name * 16u + (slot->long_size > 4 ? 4u : slot->long_size) * 4u + slot->long_place;
    uint64_t *out = features;
    *out++ = qw_feature (SECOND + 1, most, strength);
    *out++ = qw_feature (SECOND + 2, longest, most);
    *out++ = qw_feature (SECOND + 3, most, w->kind * 2u + (at == 0));
    return (size_t) (out - features);
}
