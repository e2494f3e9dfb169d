#include "sink/resolve/speakers.h"

#include <stdlib.h>
#include <string.h>

struct qw_speakers_t {
    uint32_t last; /* the cluster that spoke last */
    qw_string_t last_name;
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
    free (*self_p);
    *self_p = NULL;
}

/* The gender that a pronoun asks for; false when the span is no pronoun. */
static bool pronoun_gender (const char *word, size_t size, qw_gender_t *gender)
{
    static const struct {
        const char *form;
        qw_gender_t gender;
    } forms[] = {{"he", QW_MALE}, {"she", QW_FEMALE}, {"it", QW_GROUP}, {"they", QW_GROUP}, {"we", QW_GROUP}, {"i", QW_GENDER_UNKNOWN}};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (strlen (forms[i].form) == size && (word[0] | 32) == forms[i].form[0]
            && memcmp (word + 1, forms[i].form + 1, size - 1) == 0) {
            *gender = forms[i].gender;
            return true;
        }
    return false;
}

/* The last cluster that is named before `at` and that the pronoun may stand for. */
static uint32_t antecedent (const qw_clusters_t *clusters, const qw_layers_t *layers, uint32_t at, qw_gender_t gender)
{
    for (size_t i = layers->mention_count; i > 0; i--) {
        const qw_mention_t *mention = &layers->mentions[i - 1];
        if (mention->span.start >= at || mention->cluster >= layers->cluster_count)
            continue;
        qw_gender_t other = qw_clusters_gender (clusters, mention->cluster);
        bool fits = gender == QW_GROUP ? mention->type == QW_ORG
                                       : mention->type == QW_PERSON && (other == gender || other == QW_GENDER_UNKNOWN
                                                                        || gender == QW_GENDER_UNKNOWN);
        if (fits)
            return mention->cluster;
    }
    return QW_NO_CLUSTER;
}

static void set_cluster (qw_layers_t *layers, qw_quote_t *quote, uint32_t cluster, qw_how_t how, uint8_t confidence)
{
    quote->cluster = cluster;
    quote->speaker = layers->clusters[cluster].name;
    quote->how = how;
    quote->confidence = confidence;
}

static void resolve_mention (const char *text, const qw_clusters_t *clusters, qw_layers_t *layers, qw_quote_t *quote)
{
    qw_span_t span = quote->speaker_mention;
    const qw_mention_t *best = NULL;
    for (size_t i = 0; i < layers->mention_count && layers->mentions[i].span.start < span.end; i++) {
        const qw_mention_t *mention = &layers->mentions[i];
        if (!qw_span_overlap (mention->span, span) || mention->cluster >= layers->cluster_count)
            continue;
        if (!best || mention->type == QW_PERSON || best->type != QW_PERSON)
            best = mention;
    }
    qw_gender_t gender;
    if (best && (best->span.end == span.end || best->type == QW_PERSON))
        set_cluster (layers, quote, best->cluster, QW_HOW_NAME, 90);
    else if (pronoun_gender (text + span.start, qw_span_size (span), &gender)) {
        uint32_t cluster = antecedent (clusters, layers, span.start, gender);
        if (cluster != QW_NO_CLUSTER)
            set_cluster (layers, quote, cluster, QW_HOW_PRONOUN, 60);
    } else {
        quote->speaker = qw_layers_add_string (layers, text + span.start, qw_span_size (span));
        quote->how = QW_HOW_TEXT;
        quote->confidence = 70;
    }
}

void qw_speakers_resolve (qw_speakers_t *self, const char *text, size_t size, const qw_paragraph_t *paragraphs,
                          size_t paragraph_count, const qw_clusters_t *clusters, qw_layers_t *layers)
{
    (void) size, (void) paragraphs, (void) paragraph_count;
    self->last = QW_NO_CLUSTER;
    self->last_name = (qw_string_t){0, 0};
    for (size_t i = 0; i < layers->quote_count; i++) {
        qw_quote_t *quote = &layers->quotes[i];
        if (!qw_span_is_empty (quote->speaker_mention))
            resolve_mention (text, clusters, layers, quote);
        else if (quote->type == QW_DIRECT && self->last_name.size > 0) {
            quote->cluster = self->last;
            quote->speaker = self->last_name;
            quote->how = QW_HOW_TURN;
            quote->confidence = 60;
        }
        self->last = quote->cluster;
        self->last_name = quote->speaker;
    }
}
