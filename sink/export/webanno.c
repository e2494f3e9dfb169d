/*  W3C Web Annotation (JSON-LD): a line for each document, an AnnotationPage whose items point into the document's text. */
#include <ctype.h>
#include <stdlib.h>

#include "proto/memory.h"
#include "sink/export/format.h"

enum { AROUND = 32 /* bytes before and after an annotation that help to find it, at most */ };

typedef struct {
    const qw_export_document_t *document;
    qw_json_out_t *out;
    qw_json_out_t iri; /* of the document */
} webanno_t;

static void *open_webanno (const qw_export_options_t *options)
{
    (void) options;
    return qw_must (calloc (1, sizeof (webanno_t)));
}

static void close_webanno (void *context)
{
    webanno_t *self = context;
    qw_json_out_free (&self->iri);
    free (self);
}

static void put (webanno_t *self, const char *text) { qw_json_put_text (self->out, text); }

static void put_escaped (qw_json_out_t *out, qw_bytes_t text)
{
    static const char hex[] = "0123456789ABCDEF";
    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char) text.data[i];
        char escape[3] = {'%', hex[c >> 4], hex[c & 15]};
        bool plain = isalnum (c) || (c && strchr ("-._~:", c));
        qw_json_put_raw (out, plain ? text.data + i : escape, plain ? 1 : 3);
    }
}

/* ,"name":"text"; nothing for data NULL. */
static void put_member (webanno_t *self, const char *name, qw_bytes_t text)
{
    if (!text.data)
        return;
    put (self, ",\"");
    put (self, name);
    put (self, "\":");
    qw_json_put_string (self->out, text);
}

static void put_iri (webanno_t *self, const char *part, size_t number)
{
    qw_json_put_raw (self->out, self->iri.data, self->iri.size);
    if (!part)
        return;
    put (self, part);
    qw_json_put_uint (self->out, number);
}

/* ---- the document ---------------------------------------------------------------------------------------------------- */

static void put_head (webanno_t *self)
{
    const qw_document_facts_t *facts = self->document->facts;
    put (self, "{\"@context\":[\"http://www.w3.org/ns/anno.jsonld\",{\"schema\":\"https://schema.org/\","
               "\"qw\":\"urn:quotewire:\"}],\"id\":\"");
    put_iri (self, NULL, 0);
    put (self, "#annotations\",\"type\":\"AnnotationPage\",\"schema:about\":{\"id\":\"");
    put_iri (self, NULL, 0);
    put (self, "\",\"type\":\"schema:NewsArticle\"");
    put_member (self, "schema:identifier", self->document->record->id);
    put_member (self, "schema:headline", facts->title);
    put_member (self, "schema:datePublished", facts->date);
    put_member (self, "schema:publisher", facts->outlet);
    put_member (self, "schema:author", facts->byline);
    put_member (self, "schema:inLanguage", facts->language);
    put_member (self, "schema:url", facts->url);
    put_member (self, "schema:articleBody", self->document->record->text);
    put (self, "},\"items\":[");
}

/* ---- annotations ----------------------------------------------------------------------------------------------------- */

/* Bytes before `at` that are at most AROUND and begin with a character. */
static uint32_t before (const webanno_t *self, uint32_t at)
{
    uint32_t from = at > AROUND ? at - AROUND : 0;
    while (from < at && !qw_utf8_is_boundary (self->document->index->text, self->document->index->size, from))
        from++;
    return from;
}

static uint32_t behind (const webanno_t *self, uint32_t at)
{
    uint32_t size = (uint32_t) self->document->index->size, to = size - at > AROUND ? at + AROUND : size;
    while (to > at && !qw_utf8_is_boundary (self->document->index->text, size, to))
        to--;
    return to;
}

static void put_position (webanno_t *self, qw_span_t span)
{
    put (self, "{\"type\":\"TextPositionSelector\",\"start\":");
    qw_json_put_uint (self->out, qw_export_point (self->document, span.start));
    put (self, ",\"end\":");
    qw_json_put_uint (self->out, qw_export_point (self->document, span.end));
    put (self, "}");
}

static void put_target (webanno_t *self, qw_span_t span)
{
    put (self, ",\"target\":{\"source\":\"");
    put_iri (self, NULL, 0);
    put (self, "\",\"selector\":[");
    put_position (self, span);
    put (self, ",{\"type\":\"TextQuoteSelector\"");
    put_member (self, "exact", qw_export_words (self->document, span));
    put_member (self, "prefix", qw_export_words (self->document, (qw_span_t){before (self, span.start), span.start}));
    put_member (self, "suffix", qw_export_words (self->document, (qw_span_t){span.end, behind (self, span.end)}));
    put (self, "}]}}");
}

static void open_annotation (webanno_t *self, bool *any, const char *part, size_t number, const char *motivation)
{
    put (self, *any ? ",{\"id\":\"" : "{\"id\":\"");
    *any = true;
    put_iri (self, part, number);
    put (self, "\",\"type\":\"Annotation\",\"motivation\":\"");
    put (self, motivation);
    put (self, "\",\"body\":[");
}

static void put_class (webanno_t *self, const char *value)
{
    put (self, "{\"type\":\"TextualBody\",\"purpose\":\"classifying\",\"format\":\"text/plain\",\"value\":\"");
    put (self, value);
    put (self, "\"}");
}

static const char *schema_of (qw_entity_type_t type)
{
    switch (type) {
    case QW_PERSON:
        return "schema:Person";
    case QW_ORG:
        return "schema:Organization";
    case QW_LOC:
    case QW_FAC:
        return "schema:Place";
    case QW_PRODUCT:
        return "schema:Product";
    case QW_EVENT:
        return "schema:Event";
    default:
        return "schema:Thing";
    }
}

/* Who or what it is; the same IRI in every document. */
static void put_identity (webanno_t *self, const qw_cluster_t *cluster)
{
    put (self, ",{\"type\":\"SpecificResource\",\"purpose\":\"identifying\",\"source\":{\"id\":\"urn:quotewire:entity:");
    put_escaped (self->out, qw_export_string (self->document, cluster->key));
    put (self, "\",\"type\":\"");
    put (self, schema_of (cluster->type));
    put (self, "\"");
    put_member (self, "schema:name", qw_export_string (self->document, cluster->name));
    put (self, "}}");
}

/* ,"qw:cue":{...}: another place in the text. */
static void put_place (webanno_t *self, const char *name, qw_span_t span)
{
    if (qw_span_is_empty (span))
        return;
    put (self, ",\"");
    put (self, name);
    put (self, "\":{\"type\":\"SpecificResource\",\"source\":\"");
    put_iri (self, NULL, 0);
    put (self, "\",\"selector\":");
    put_position (self, span);
    put (self, "}");
}

static void put_quote (webanno_t *self, const qw_quote_t *quote, size_t number, bool *any)
{
    open_annotation (self, any, "#quote-", number, "describing");
    put_class (self, qw_quote_type_name (quote->type));
    const qw_cluster_t *cluster = qw_export_cluster (self->document, quote->cluster);
    if (cluster)
        put_identity (self, cluster);
    put (self, "]");
    put_member (self, "qw:speaker", qw_export_string (self->document, quote->speaker));
    put_member (self, "qw:how", qw_bytes_of (qw_how_name (quote->how)));
    put (self, ",\"qw:confidence\":");
    qw_json_put_uint (self->out, quote->confidence);
    put (self, quote->speech ? ",\"qw:speech\":true" : ",\"qw:speech\":false");
    put_place (self, "qw:cue", quote->cue);
    put_place (self, "qw:mention", quote->speaker_mention);
    put_place (self, "qw:via", quote->via);
    put_target (self, quote->span);
}

static qw_status_t put_document (void *context, const qw_export_document_t *document, qw_json_out_t *files,
                                 qw_reason_t *reason)
{
    webanno_t *self = context;
    const qw_layers_t *layers = document->layers;
    bool any = false;
    (void) reason;
    self->document = document;
    self->out = files;
    qw_json_out_reset (&self->iri);
    qw_json_put_text (&self->iri, "urn:quotewire:document:");
    put_escaped (&self->iri, document->record->id);
    put_head (self);
    for (size_t i = 0; i < layers->mention_count; i++) {
        const qw_mention_t *mention = &layers->mentions[i];
        const qw_cluster_t *cluster = qw_export_cluster (document, mention->cluster);
        open_annotation (self, &any, "#mention-", i, "identifying");
        put_class (self, qw_entity_type_name (mention->type));
        if (cluster)
            put_identity (self, cluster);
        put (self, "]");
        put_target (self, mention->span);
    }
    for (size_t i = 0; i < layers->quote_count; i++)
        put_quote (self, &layers->quotes[i], i, &any);
    put (self, "]}\n");
    return QW_OK;
}

const qw_export_format_t qw_export_webanno = {.name = "webanno",
                                              .about = "W3C Web Annotation, a page of JSON-LD for each article, one a line",
                                              .suffixes = {".jsonld"},
                                              .open = open_webanno,
                                              .put = put_document,
                                              .close = close_webanno};
