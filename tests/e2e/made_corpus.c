/*  made_corpus - a corpus for the tests of exports: `made_corpus DIR` makes one of a document in which quotations and names
    overlap, `made_corpus DIR COUNT SEED` one of so many random ones, with layers that no annotator would make. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/layer_codec.h"
#include "sink/corpus.h"
#include "tests/simulation/chance.h"

enum { PARAGRAPHS = 64 /* of a document, at most */ };

typedef struct {
    qw_corpus_t *corpus;
    qw_layers_t *layers;
    qw_utf8_index_t index;
    qw_token_column_t column;
    qw_out_t record, metadata;
    chance_t chance;
    char text[2000];
    size_t size;
    uint32_t bounds[2000]; /* where characters begin, and the end */
    size_t bound_count;
} made_t;

/* ---- one document ------------------------------------------------------------------------------------------------------ */

static void append (made_t *self, const char *id, const qw_paragraph_t *paragraphs, size_t paragraph_count)
{
    qw_out_reset (&self->record);
    qw_document_t head = {.id = qw_bytes_of (id),
                          .source = QW_BYTES ("\x81\xa4path\xa6s.txt "),
                          .metadata = qw_out_bytes (&self->metadata),
                          .text = {self->text, self->size},
                          .sequence = qw_corpus_count (self->corpus)};
    qw_document_begin (&self->record, &head, 4);
    qw_put_key (&self->record, "entities");
    qw_put_entities (self->layers, &self->index, QW_BYTES ("made 1"), &self->record);
    qw_put_key (&self->record, "quotes");
    qw_put_quotes (self->layers, &self->index, QW_BYTES ("made 1"), &self->record);
    qw_put_key (&self->record, "structure");
    uint64_t numbers[3 * PARAGRAPHS]; /* gap, length, role */
    uint32_t at = 0;
    for (size_t i = 0; i < paragraph_count; i++) {
        uint32_t start = qw_utf8_index_point (&self->index, paragraphs[i].span.start);
        uint32_t end = qw_utf8_index_point (&self->index, paragraphs[i].span.end);
        numbers[3 * i] = start - at;
        numbers[3 * i + 1] = end - start;
        numbers[3 * i + 2] = paragraphs[i].role;
        at = end;
    }
    qw_put_structure ((qw_uints_t){numbers, 3 * paragraph_count}, QW_BYTES ("made 1"), &self->record);
    qw_put_key (&self->record, "tokens");
    qw_put_tokens (self->layers, &self->index, QW_BYTES ("made 1"), &self->column, &self->record);
    qw_document_end (&self->record, 0);
    qw_entry_t entry;
    qw_reason_t reason;
    if (qw_entry_of_record (&entry, qw_out_bytes (&self->record), NULL, &reason)) {
        fprintf (stderr, "%s: %s\n", id, reason.text);
        exit (1);
    }
    qw_corpus_append (self->corpus, qw_out_bytes (&self->record), qw_bytes_of (id), &entry);
}

static void put_metadata (made_t *self, const char *const *pairs, size_t count)
{
    qw_out_reset (&self->metadata);
    qw_put_map (&self->metadata, count);
    for (size_t i = 0; i < 2 * count; i++)
        qw_put_str (&self->metadata, qw_bytes_of (pairs[i]));
}

static qw_string_t string (made_t *self, const char *text)
{
    return qw_layers_add_string (self->layers, text, strlen (text));
}

/* ---- the sample -------------------------------------------------------------------------------------------------------- */

static const char sample[] = "Bridge <holds>\n\n"
                             "“It holds,” said Mara Venn & Co. “We looked.\r\n\n"
                             "We looked twice, at Port Élan,” she said.\n"
                             "=Notes\x01 follow 🚢";

/* The place of some words, the nth time that they stand there. */
static qw_span_t find (const made_t *self, const char *words, int nth)
{
    const char *at = self->text;
    for (; nth >= 0; nth--, at++)
        if (!(at = strstr (at, words))) {
            fprintf (stderr, "'%s' is not in the sample\n", words);
            exit (1);
        }
    at--;
    return (qw_span_t){(uint32_t) (at - self->text), (uint32_t) (at - self->text + (ptrdiff_t) strlen (words))};
}

static void add_mention (made_t *self, const char *words, qw_entity_type_t type, uint32_t cluster)
{
    *qw_layers_add_mention (self->layers) = (qw_mention_t){find (self, words, 0), type, cluster};
}

static void add_cluster (made_t *self, qw_entity_type_t type, const char *name, const char *key)
{
    qw_cluster_t *cluster = qw_layers_add_cluster (self->layers);
    cluster->type = type;
    cluster->name = string (self, name);
    cluster->key = string (self, key);
}

static void make_sample (made_t *self)
{
    static const char *const facts[] = {"title", "Bridge <holds>", "published", "2014-11-18", "outlet", "Times & Post",
                                        "url", "https://example.org/a?b=1&c=2", "language", "en"};
    put_metadata (self, facts, 5);
    self->size = sizeof sample - 1;
    memcpy (self->text, sample, sizeof sample);
    qw_utf8_index_reset (&self->index, self->text, self->size);
    qw_layers_clear (self->layers);
    static const char *const words[] = {
        "Bridge", "<holds>", "“", "It", "holds", ",", "”", "said", "Mara", "Venn", "&", "Co", ".", "“", "We", "looked", ".",
        "We", "looked", "twice", ",", "at", "Port", "Élan", ",", "”", "she", "said", ".", "=Notes\x01", "follow", "🚢"};
    static const uint32_t ends[] = {2, 13, 17, 29, 32};
    uint32_t at = 0, first = 0;
    for (size_t i = 0, sentence = 0; i < sizeof words / sizeof *words; i++) {
        const char *found = strstr (self->text + at, words[i]);
        at = (uint32_t) (found - self->text) + (uint32_t) strlen (words[i]);
        *qw_layers_add_token (self->layers) = (qw_span_t){(uint32_t) (found - self->text), at};
        if (i + 1 == ends[sentence]) {
            *qw_layers_add_sentence (self->layers) = (qw_sentence_t){first, ends[sentence]};
            first = ends[sentence++];
        }
    }
    add_mention (self, "Mara Venn", QW_PERSON, 0);
    add_mention (self, "Co. “We", QW_ORG, 1); /* wrong, and over the border of a quotation */
    add_mention (self, "twice, at", QW_DATE, QW_NO_CLUSTER);
    add_mention (self, "Port Élan", QW_LOC, 2);
    add_cluster (self, QW_PERSON, "Mara Venn", "person:mara-venn");
    add_cluster (self, QW_ORG, "Co. “We", "org:co");
    add_cluster (self, QW_LOC, "Port Élan", "place:port-élan");
    qw_string_t name = self->layers->clusters[0].name;
    *qw_layers_add_quote (self->layers) =
        (qw_quote_t){.span = find (self, "“It holds,”", 0), .cue = find (self, "said", 0),
                     .speaker_mention = find (self, "Mara Venn", 0), .type = QW_DIRECT, .speech = true, .cluster = 0,
                     .speaker = name, .how = QW_HOW_NAME, .confidence = 96, .statement = 0x12ab};
    qw_span_t end = find (self, "at Port Élan,”", 0);
    *qw_layers_add_quote (self->layers) =
        (qw_quote_t){.span = {find (self, "“We", 0).start, end.end}, .cue = find (self, "said", 1),
                     .speaker_mention = find (self, "she", 0), .type = QW_DIRECT, .speech = true, .cluster = 0,
                     .speaker = name, .how = QW_HOW_PRONOUN, .confidence = 80};
    *qw_layers_add_quote (self->layers) =
        (qw_quote_t){.span = {find (self, "looked twice", 0).start, find (self, "she said", 0).end}, .type = QW_MIXED,
                     .cluster = QW_NO_CLUSTER, .speaker = string (self, "=somebody"), .how = QW_HOW_TEXT, .confidence = 40};
    const qw_paragraph_t paragraphs[] = {
        {find (self, "Bridge <holds>", 0), QW_ROLE_HEADLINE},
        {{find (self, "“It", 0).start, find (self, "looked.", 0).end}, QW_ROLE_BODY},
        {{find (self, "We looked twice", 0).start, find (self, "she said.", 0).end}, QW_ROLE_BODY}};
    append (self, "sample/1", paragraphs, 3);
}

/* ---- random ones ------------------------------------------------------------------------------------------------------- */

static unsigned upto (made_t *self, unsigned most) { return (unsigned) chance_below (&self->chance, most + 1); }

static void make_text (made_t *self)
{
    static const char *const pieces[] = {
        "a", "b", "word", "Mara", " ", " ", " ", "\n", "\n\n", "\t", "\r\n", "\r", "<", ">", "&", "\"", "'", "]]>", "|", "\\",
        "\\n", ",", ";", "=", "+", "-", "@", "_", "#", "(q1-", "e1)", "\x01", "\x0b", "\x1b", "\x1d", "\x7f", "\xc2\x85",
        "\xc2\xa0", "\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\x9c", "\xe2\x80\x9d", "\xef\xbf\xbe", "\xef\xbf\xbf",
        "\xef\xbb\xbf", "\xef\xbc\x9d", "\xe8\x88\xb9", "\xf0\x9f\x9a\xa2", "e\xcc\x81", "\xc3\x89"};
    unsigned count = upto (self, 120);
    self->size = self->bound_count = 0;
    for (unsigned i = 0; i < count; i++) {
        const char *piece = pieces[upto (self, sizeof pieces / sizeof *pieces - 1)];
        memcpy (self->text + self->size, piece, strlen (piece));
        self->size += strlen (piece);
    }
    for (size_t i = 0; i <= self->size; i++)
        if (qw_utf8_is_boundary (self->text, self->size, i))
            self->bounds[self->bound_count++] = (uint32_t) i;
    qw_utf8_index_reset (&self->index, self->text, self->size);
}

/* A span that begins at character `from` or later, and is not empty; empty when there is none. */
static qw_span_t span_from (made_t *self, size_t from, unsigned gap, unsigned length)
{
    size_t start = from + upto (self, gap), end = start + 1 + upto (self, length);
    if (end >= self->bound_count)
        return (qw_span_t){0, 0};
    return (qw_span_t){self->bounds[start], self->bounds[end]};
}

static size_t character_of (const made_t *self, uint32_t byte)
{
    size_t i = 0;
    while (self->bounds[i] < byte)
        i++;
    return i;
}

static qw_span_t anywhere (made_t *self, unsigned length)
{
    return upto (self, 3) ? span_from (self, upto (self, (unsigned) self->bound_count), 0, length) : (qw_span_t){0, 0};
}

static void make_tokens (made_t *self)
{
    for (size_t at = 0;;) {
        qw_span_t span = span_from (self, at, 3, 5);
        if (qw_span_is_empty (span))
            break;
        *qw_layers_add_token (self->layers) = span;
        at = character_of (self, span.end);
    }
    for (uint32_t first = 0, count = (uint32_t) self->layers->token_count; first < count;) {
        uint32_t end = first + 1 + upto (self, 8);
        *qw_layers_add_sentence (self->layers) = (qw_sentence_t){first, end < count ? end : count};
        first = end;
    }
}

static void make_entities (made_t *self)
{
    for (size_t at = 0;;) {
        qw_span_t span = span_from (self, at, 12, 8);
        if (qw_span_is_empty (span))
            break;
        at = character_of (self, span.end);
        qw_mention_t *mention = qw_layers_add_mention (self->layers);
        mention->span = span;
        mention->type = (qw_entity_type_t) upto (self, QW_ENTITY_TYPE_COUNT - 1);
        unsigned clusters = (unsigned) self->layers->cluster_count, chosen = upto (self, clusters + 1);
        if (chosen < clusters) {
            mention->cluster = chosen;
            mention->type = self->layers->clusters[chosen].type;
        } else if (chosen == clusters) {
            char key[300];
            snprintf (key, sizeof key, "k%u:%.*s", clusters, (int) qw_span_size (span), self->text + span.start);
            qw_entity_type_t type = mention->type;
            mention->cluster = clusters;
            qw_cluster_t *cluster = qw_layers_add_cluster (self->layers);
            cluster->type = type;
            cluster->name = qw_layers_add_string (self->layers, self->text + span.start, qw_span_size (span));
            cluster->key = string (self, key);
        }
    }
}

static void make_quotes (made_t *self)
{
    for (size_t at = 0;;) {
        qw_span_t span = span_from (self, at, 20, 60);
        if (qw_span_is_empty (span))
            break;
        at = character_of (self, span.start) + upto (self, 1);
        qw_quote_t *quote = qw_layers_add_quote (self->layers);
        *quote = (qw_quote_t){.span = span, .cue = anywhere (self, 4), .speaker_mention = anywhere (self, 6),
                              .via = anywhere (self, 6), .type = (qw_quote_type_t) upto (self, 2),
                              .speech = upto (self, 3) > 0, .cluster = QW_NO_CLUSTER, .confidence = (uint8_t) upto (self, 100)};
        unsigned clusters = (unsigned) self->layers->cluster_count, chosen = upto (self, clusters + 1);
        if (chosen < clusters) {
            quote->cluster = chosen;
            quote->speaker = self->layers->clusters[chosen].name;
            quote->how = QW_HOW_NAME;
        } else if (chosen == clusters) {
            qw_span_t words = anywhere (self, 10);
            qw_string_t speaker = qw_layers_add_string (self->layers, self->text + words.start, qw_span_size (words));
            self->layers->quotes[self->layers->quote_count - 1].speaker = speaker;
            self->layers->quotes[self->layers->quote_count - 1].how = speaker.size ? QW_HOW_TEXT : QW_HOW_NONE;
        }
    }
}

static void make_random (made_t *self, unsigned number)
{
    qw_paragraph_t paragraphs[PARAGRAPHS];
    size_t count = 0;
    char id[64];
    const char *const facts[] = {"title", upto (self, 1) ? "=A <title>\t\"&\" \x02" : "", "published",
                                 upto (self, 1) ? "2014-11-18T09:30:00Z" : "2014-13-40", "outlet", "\xc3\x89" "cho, \"the\" paper",
                                 "language", upto (self, 1) ? "pt-BR" : "no such <language>"};
    put_metadata (self, facts, upto (self, 4));
    make_text (self);
    qw_layers_clear (self->layers);
    make_tokens (self);
    make_entities (self);
    make_quotes (self);
    for (size_t at = 0; count < PARAGRAPHS;) {
        qw_span_t span = span_from (self, at, upto (self, 5) ? 0 : 6, 40);
        if (qw_span_is_empty (span))
            break;
        at = character_of (self, span.end);
        paragraphs[count++] = (qw_paragraph_t){span, (qw_role_t) upto (self, QW_ROLE_COUNT - 1)};
    }
    snprintf (id, sizeof id, "%s%u", upto (self, 3) ? "doc-" : "=é <&> ../", number);
    append (self, id, paragraphs, count);
}

int main (int argc, char *argv[])
{
    made_t self = {.layers = qw_layers_new ()};
    qw_reason_t reason;
    if ((argc != 2 && argc != 4) || qw_corpus_open (&self.corpus, argv[1], 0, &reason)) {
        fprintf (stderr, "usage: made_corpus DIR [COUNT SEED]\n");
        return 2;
    }
    qw_out_init (&self.record);
    qw_out_init (&self.metadata);
    qw_token_column_init (&self.column);
    self.chance.state = argc == 4 ? strtoull (argv[3], NULL, 10) : 0;
    if (argc == 2)
        make_sample (&self);
    for (unsigned i = 0; argc == 4 && i < (unsigned) atoi (argv[2]); i++)
        make_random (&self, i);
    int code = qw_corpus_commit (self.corpus, &reason) ? 1 : 0;
    qw_corpus_close (&self.corpus);
    qw_out_free (&self.record);
    qw_out_free (&self.metadata);
    qw_token_column_free (&self.column);
    qw_utf8_index_free (&self.index);
    qw_layers_destroy (&self.layers);
    return code;
}
