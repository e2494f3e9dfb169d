#include "workers/entities/measure.h"

#include <stdio.h>

#include "workers/entities/tagger.h"

enum { TYPES = QW_NAME_TYPES + 1 };
static const char *const names[TYPES] = {"PERSON", "ORG", "LOC", "FAC", "NORP", "PRODUCT", "MISC", "NUMBER"};
static const int coarse_of[TYPES] = {0, 1, 2, 2, 3, 3, 3, -1};

typedef struct {
    unsigned long right, found, gold;
} tally_t;

static void print (const char *name, tally_t tally)
{
    double p = tally.found ? 100.0 * (double) tally.right / (double) tally.found : 0;
    double r = tally.gold ? 100.0 * (double) tally.right / (double) tally.gold : 0;
    printf ("%-10s P %5.1f  R %5.1f  F1 %5.1f   gold %lu, found %lu\n", name, p, r, p + r > 0 ? 2 * p * r / (p + r) : 0,
            tally.gold, tally.found);
}

/* Types that a label or a mask begins, a bit each. */
static unsigned begun (uint16_t mask)
{
    unsigned types = 0;
    for (int i = 0; i < QW_NAME_TYPES; i++)
        types |= (unsigned) (mask >> qw_label_begin (i) & 1) << i;
    return types | (unsigned) (mask >> QW_LABEL_NUMBER & 1) << QW_NAME_TYPES;
}

/* The end of what begins at a token, by masks; types: what it may be. */
static size_t end_of (const uint16_t *masks, size_t at, size_t end, unsigned types)
{
    size_t i = at + 1;
    for (; i < end; i++) {
        unsigned on = masks[i] >> QW_LABEL_NUMBER & 1 && types >> QW_NAME_TYPES & 1 ? 1 : 0;
        for (int t = 0; t < QW_NAME_TYPES; t++)
            on |= types >> t & 1 && masks[i] >> qw_label_inside (t) & 1;
        if (!on || masks[i] & 1)
            break;
    }
    return i;
}

static unsigned coarse (unsigned types)
{
    unsigned classes = 0;
    for (int i = 0; i < TYPES; i++)
        if (types >> i & 1 && coarse_of[i] >= 0)
            classes |= 1u << coarse_of[i];
    return classes;
}

static int lowest (unsigned bits) { return __builtin_ctz (bits); }

static void measure_sentence (const uint16_t *gold, const uint8_t *labels, qw_sentence_t s, tally_t *fine, tally_t *classes)
{
    for (size_t i = s.first; i < s.end; i++) {
        unsigned wanted = gold[i] & 1 ? 0 : begun (gold[i]);
        if (i > s.first && wanted == 1u << QW_NAME_TYPES && gold[i - 1] == gold[i])
            wanted = 0; /* goes on in an amount */
        unsigned found = 0;
        if (qw_label_begins (labels[i]))
            found = 1u << qw_label_name (labels[i]);
        else if (labels[i] == QW_LABEL_NUMBER && (i == s.first || labels[i - 1] != QW_LABEL_NUMBER))
            found = 1u << QW_NAME_TYPES;
        size_t gold_end = wanted ? end_of (gold, i, s.end, wanted) : 0, found_end = 0;
        if (found) {
            int inside = found >> QW_NAME_TYPES ? QW_LABEL_NUMBER : qw_label_inside (lowest (found));
            for (found_end = i + 1; found_end < s.end && labels[found_end] == inside; found_end++)
                ;
        }
        bool same = wanted & found && gold_end == found_end;
        if (wanted)
            fine[lowest (same ? found : wanted)].gold++;
        if (found)
            fine[lowest (found)].found++;
        if (same)
            fine[lowest (found)].right++;
        unsigned wanted_class = coarse (wanted), found_class = coarse (found);
        same = wanted_class & found_class && gold_end == found_end;
        if (wanted_class)
            classes[lowest (same ? found_class : wanted_class)].gold++;
        if (found_class)
            classes[lowest (found_class)].found++;
        if (same)
            classes[lowest (found_class)].right++;
    }
}

void qw_measure (const qw_model_t *model, const qw_labelled_t *gold)
{
    qw_tagger_t *tagger = qw_tagger_new (model);
    for (int source = 0; source < gold->source_count; source++) {
        tally_t fine[TYPES] = {{0}}, classes[4] = {{0}}, all = {0}, all_classes = {0};
        for (size_t d = 0; d < gold->document_count; d++) {
            const qw_document_t *document = &gold->documents[d];
            if (document->source != source)
                continue;
            const uint8_t *labels = qw_tagger_label (tagger, document->text, document->layers, false);
            for (size_t s = 0; s < document->layers->sentence_count; s++)
                measure_sentence (document->masks, labels, document->layers->sentences[s], fine, classes);
        }
        printf ("%s\n", gold->sources[source].name);
        for (int i = 0; i < TYPES; i++) {
            if (fine[i].gold + fine[i].found)
                print (names[i], fine[i]);
            all.right += fine[i].right;
            all.found += fine[i].found;
            all.gold += fine[i].gold;
        }
        for (int i = 0; i < 4; i++) {
            all_classes.right += classes[i].right;
            all_classes.found += classes[i].found;
            all_classes.gold += classes[i].gold;
        }
        print ("all", all);
        print ("coarse", all_classes);
    }
    qw_tagger_destroy (&tagger);
}
