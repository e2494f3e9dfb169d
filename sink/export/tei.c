/*  TEI P5: a <TEI> for each document, in a <teiCorpus>. The characters within a document's <div> are its text, exactly. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/memory.h"
#include "sink/export/format.h"
#include "sink/export/nesting.h"
#include "sink/export/xml_out.h"

typedef struct {
    const qw_export_document_t *document;
    qw_json_out_t *out;
    qw_nesting_t nesting;
    qw_span_t *spans; /* quotations, then mentions */
    size_t span_capacity;
    qw_span_t *blocks;
    const char **elements; /* of each block: how it opens, "<ab type=\"caption\">" */
    size_t block_count, block_capacity, element_capacity;
} tei_t;

static const char namespace[] = " xmlns=\"http://www.tei-c.org/ns/1.0\"";

static void *open_tei (const qw_export_options_t *options)
{
    (void) options;
    return qw_must (calloc (1, sizeof (tei_t)));
}

static void close_tei (void *context)
{
    tei_t *self = context;
    qw_nesting_free (&self->nesting);
    free (self->spans);
    free (self->blocks);
    free (self->elements);
    free (self);
}

static void begin (void *context, bool alone, qw_json_out_t *out)
{
    (void) context;
    qw_json_put_text (out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    if (alone)
        return;
    qw_json_put_text (out, "<teiCorpus");
    qw_json_put_text (out, namespace);
    qw_json_put_text (out, "><teiHeader><fileDesc><titleStmt><title>Articles annotated by Quotewire</title></titleStmt>"
                           "<publicationStmt><p>An export of a corpus; not published.</p></publicationStmt>"
                           "<sourceDesc><p>See each article.</p></sourceDesc></fileDesc></teiHeader>\n");
}

static void end (void *context, bool alone, qw_json_out_t *out)
{
    (void) context;
    qw_json_put_text (out, alone ? "" : "</teiCorpus>\n");
}

static void put (tei_t *self, const char *text) { qw_json_put_text (self->out, text); }

/* "d12e3": no two documents of a corpus have the same. */
static void put_id (tei_t *self, const char *letter, size_t number)
{
    put (self, "d");
    qw_json_put_uint (self->out, self->document->position);
    put (self, letter);
    qw_json_put_uint (self->out, number);
}

/* ---- the header ------------------------------------------------------------------------------------------------------ */

typedef enum { A_PERSON, AN_ORG, A_PLACE, A_NAME } entry_kind_t;

static entry_kind_t kind_of (qw_entity_type_t type)
{
    switch (type) {
    case QW_PERSON:
        return A_PERSON;
    case QW_ORG:
        return AN_ORG;
    case QW_LOC:
    case QW_FAC:
        return A_PLACE;
    default:
        return A_NAME;
    }
}

/* The year, month and day of a date, if they are ones that XML Schema takes. */
static qw_bytes_t day_of (qw_bytes_t date)
{
    static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (!date.data)
        return date;
    size_t size = date.size < 10 ? date.size : 10;
    int year = atoi (date.data), month = size >= 7 ? atoi (date.data + 5) : 1, day = size >= 10 ? atoi (date.data + 8) : 1;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > days[month - 1] || (month == 2 && day == 29 && !leap))
        return (qw_bytes_t){NULL, 0};
    return (qw_bytes_t){date.data, size};
}

/* True for "en", "pt-BR", "zh-Hant". */
static bool is_language (qw_bytes_t text)
{
    size_t part = 0;
    for (size_t i = 0; i < text.size; i++) {
        part = text.data[i] == '-' ? 0 : part + 1;
        if (part > 8 || (part == 0 && (i == 0 || i + 1 == text.size || text.data[i - 1] == '-'))
            || (part > 0 && !isalnum ((unsigned char) text.data[i])) || (i < 2 && !isalpha ((unsigned char) text.data[i])))
            return false;
    }
    return text.size >= 2 && text.size < 40;
}

static void put_file_description (tei_t *self)
{
    const qw_document_facts_t *facts = self->document->facts;
    const qw_bytes_t unknown = QW_BYTES ("unknown");
    put (self, "<fileDesc><titleStmt>");
    qw_xml_put_element (self->out, "title", facts->title.data ? facts->title : self->document->record->id);
    qw_xml_put_element (self->out, "author", facts->byline);
    put (self, "</titleStmt><publicationStmt>");
    qw_xml_put_element (self->out, "publisher", facts->outlet.data ? facts->outlet : unknown);
    if (facts->date.data) {
        qw_bytes_t day = day_of (facts->date);
        put (self, "<date");
        if (day.data)
            qw_xml_put_attribute (self->out, "when", day);
        put (self, ">");
        qw_xml_put_text (self->out, facts->date);
        put (self, "</date>");
    }
    put (self, "<idno type=\"document\">");
    qw_xml_put_text (self->out, self->document->record->id);
    put (self, "</idno>");
    if (facts->url.data) {
        put (self, "<idno type=\"URI\">");
        qw_xml_put_text (self->out, facts->url);
        put (self, "</idno>");
    }
    put (self, "</publicationStmt><sourceDesc>");
    qw_xml_put_element (self->out, "p", facts->path.data ? facts->path : unknown);
    put (self, "</sourceDesc></fileDesc>");
}

/* True when the quotation's speaker is a person, a body or a place, and so has an entry that others share. */
static bool is_entity (const tei_t *self, const qw_quote_t *quote)
{
    const qw_cluster_t *cluster = qw_export_cluster (self->document, quote->cluster);
    return cluster && kind_of (cluster->type) != A_NAME;
}

/* True when it has a name or a description all the same: it gets an entry of its own. */
static bool is_described (const tei_t *self, const qw_quote_t *quote)
{
    return !is_entity (self, quote) && quote->speaker.size > 0;
}

static void put_entries (tei_t *self, entry_kind_t kind)
{
    static const char *const lists[] = {"listPerson", "listOrg", "listPlace"}, *const items[] = {"person", "org", "place"},
                             *const names[] = {"persName", "orgName", "placeName"};
    const qw_layers_t *layers = self->document->layers;
    bool any = false;
    for (size_t i = 0; i < layers->cluster_count + (kind == A_PERSON ? layers->quote_count : 0); i++) {
        bool entity = i < layers->cluster_count;
        size_t number = entity ? i : i - layers->cluster_count;
        if (entity ? kind_of (layers->clusters[i].type) != kind : !is_described (self, &layers->quotes[number]))
            continue;
        if (!any) {
            put (self, "<");
            put (self, lists[kind]);
            put (self, ">");
        }
        any = true;
        put (self, "<");
        put (self, items[kind]);
        put (self, " xml:id=\"");
        put_id (self, entity ? "e" : "s", number);
        put (self, "\">");
        qw_string_t name = entity ? layers->clusters[i].name : layers->quotes[number].speaker;
        qw_xml_put_element (self->out, entity ? names[kind] : "p", qw_export_string (self->document, name));
        if (entity) {
            put (self, "<idno type=\"key\">");
            qw_xml_put_text (self->out, qw_export_string (self->document, layers->clusters[i].key));
            put (self, "</idno>");
        }
        put (self, "</");
        put (self, items[kind]);
        put (self, ">");
    }
    if (any) {
        put (self, "</");
        put (self, lists[kind]);
        put (self, ">");
    }
}

/* Puts `<name>`, what `each` puts for these kinds, `</name>`; nothing if that is nothing. */
static void put_list (tei_t *self, const char *name, entry_kind_t first, entry_kind_t last)
{
    size_t begin = self->out->size;
    put (self, "<");
    put (self, name);
    put (self, ">");
    size_t empty = self->out->size;
    for (entry_kind_t kind = first; kind <= last; kind++)
        put_entries (self, kind);
    if (self->out->size == empty) {
        self->out->size = begin;
        return;
    }
    put (self, "</");
    put (self, name);
    put (self, ">");
}

static void put_profile (tei_t *self)
{
    size_t begin = self->out->size;
    put (self, "<profileDesc>");
    size_t empty = self->out->size;
    if (is_language (self->document->facts->language)) {
        put (self, "<langUsage><language");
        qw_xml_put_attribute (self->out, "ident", self->document->facts->language);
        put (self, "/></langUsage>");
    }
    put_list (self, "particDesc", A_PERSON, AN_ORG);
    put_list (self, "settingDesc", A_PLACE, A_PLACE);
    if (self->out->size == empty)
        self->out->size = begin;
    else
        put (self, "</profileDesc>");
}

/* ---- blocks: paragraphs, and what stands outside of them --------------------------------------------------------------- */

static bool is_white (const char *text, uint32_t start, uint32_t end)
{
    for (uint32_t i = start; i < end; i++)
        if (!strchr (" \t\r\n", text[i]) || !text[i])
            return false;
    return true;
}

static void add_block (tei_t *self, uint32_t start, uint32_t end, const char *element)
{
    self->blocks = qw_grown (self->blocks, &self->block_capacity, self->block_count + 1, sizeof *self->blocks);
    self->elements = qw_grown (self->elements, &self->element_capacity, self->block_count + 1, sizeof *self->elements);
    self->elements[self->block_count] = element;
    self->blocks[self->block_count++] = (qw_span_t){start, end};
}

/* Headlines are <head> only at the front, where TEI allows it. */
static void find_blocks (tei_t *self)
{
    static const char *const others[QW_ROLE_COUNT] = {
        [QW_ROLE_HEADLINE] = "<ab type=\"headline\">", [QW_ROLE_BYLINE] = "<ab type=\"byline\">",
        [QW_ROLE_DATELINE] = "<ab type=\"dateline\">", [QW_ROLE_CAPTION] = "<ab type=\"caption\">",
        [QW_ROLE_BOILERPLATE] = "<ab type=\"boilerplate\">", [QW_ROLE_BODY] = "<p>"};
    const char *text = self->document->index->text;
    uint32_t at = 0, size = (uint32_t) self->document->index->size;
    bool front = true;
    self->block_count = 0;
    for (size_t i = 0; i <= self->document->paragraph_count; i++) {
        bool last = i == self->document->paragraph_count;
        qw_span_t span = last ? (qw_span_t){size, size} : self->document->paragraphs[i].span;
        if (!is_white (text, at, span.start)) {
            add_block (self, at, span.start, "<ab>");
            front = false;
        }
        at = span.end;
        if (last || qw_span_is_empty (span))
            continue;
        front = front && self->document->paragraphs[i].role == QW_ROLE_HEADLINE;
        add_block (self, span.start, span.end, front ? "<head>" : others[self->document->paragraphs[i].role]);
    }
}

/* ---- the text ---------------------------------------------------------------------------------------------------------- */

static bool is_quote (const tei_t *self, uint32_t span) { return span < self->document->layers->quote_count; }

static void put_piece_id (tei_t *self, uint32_t span, uint32_t piece)
{
    size_t quotes = self->document->layers->quote_count;
    put_id (self, is_quote (self, span) ? "q" : "m", is_quote (self, span) ? span : span - quotes);
    if (self->nesting.pieces[span] > 1) {
        put (self, ".");
        qw_json_put_uint (self->out, piece);
    }
}

static const char *element_of (const tei_t *self, uint32_t span)
{
    static const char *const names[QW_ENTITY_TYPE_COUNT] = {
        [QW_PERSON] = "persName", [QW_ORG] = "orgName", [QW_LOC] = "placeName", [QW_FAC] = "placeName", [QW_NORP] = "name",
        [QW_PRODUCT] = "name",    [QW_EVENT] = "name",  [QW_MISC] = "name",     [QW_DATE] = "date",     [QW_TIME] = "time",
        [QW_MONEY] = "measure",   [QW_PERCENT] = "num"};
    const qw_layers_t *layers = self->document->layers;
    return is_quote (self, span) ? "said" : names[layers->mentions[span - layers->quote_count].type];
}

static void put_said (tei_t *self, const qw_quote_t *quote, uint32_t number)
{
    static const char *const direct[] = {"true", "false", "unknown"}; /* a mixed one is both */
    put (self, " direct=\"");
    put (self, direct[quote->type]);
    put (self, quote->speech ? "\"" : "\" aloud=\"false\"");
    if (is_entity (self, quote)) {
        put (self, " who=\"#");
        put_id (self, "e", quote->cluster);
        put (self, "\"");
    } else if (is_described (self, quote)) {
        put (self, " who=\"#");
        put_id (self, "s", number);
        put (self, "\"");
    }
}

static void put_name (tei_t *self, const qw_mention_t *mention)
{
    static const char *const types[QW_ENTITY_TYPE_COUNT] = {
        [QW_FAC] = "facility", [QW_NORP] = "group", [QW_PRODUCT] = "product", [QW_EVENT] = "event", [QW_MISC] = "other",
        [QW_MONEY] = "currency", [QW_PERCENT] = "percentage"};
    if (types[mention->type]) {
        put (self, " type=\"");
        put (self, types[mention->type]);
        put (self, "\"");
    }
    const qw_cluster_t *cluster = qw_export_cluster (self->document, mention->cluster);
    if (!cluster || mention->type >= QW_DATE)
        return;
    if (kind_of (cluster->type) != A_NAME) {
        put (self, " ref=\"#");
        put_id (self, "e", mention->cluster);
        put (self, "\"");
    }
    qw_xml_put_attribute (self->out, "key", qw_export_string (self->document, cluster->key));
}

static void put_tag (tei_t *self, const qw_nesting_event_t *event)
{
    const qw_layers_t *layers = self->document->layers;
    uint32_t pieces = self->nesting.pieces[event->span];
    put (self, event->opens ? "<" : "</");
    put (self, element_of (self, event->span));
    if (event->opens && (is_quote (self, event->span) || pieces > 1)) {
        put (self, " xml:id=\"");
        put_piece_id (self, event->span, event->piece);
        put (self, "\"");
    }
    if (event->opens && event->piece > 0) {
        put (self, " prev=\"#");
        put_piece_id (self, event->span, event->piece - 1);
        put (self, "\"");
    }
    if (event->opens && event->piece + 1 < pieces) {
        put (self, " next=\"#");
        put_piece_id (self, event->span, event->piece + 1);
        put (self, "\"");
    }
    if (event->opens && is_quote (self, event->span))
        put_said (self, &layers->quotes[event->span], event->span);
    else if (event->opens)
        put_name (self, &layers->mentions[event->span - layers->quote_count]);
    put (self, ">");
}

/* Text as it is. What XML cannot have stands as <g n="U+0001">, around a stand-in. */
static void put_characters (tei_t *self, uint32_t start, uint32_t end)
{
    const char *text = self->document->index->text;
    uint32_t done = start;
    for (size_t i = start, taken; i < end; i += taken) {
        uint32_t point = qw_utf8_decode (text + i, end - i, &taken);
        if (!qw_xml_is_illegal (point))
            continue;
        char tag[64];
        qw_xml_put_text (self->out, (qw_bytes_t){text + done, i - done});
        snprintf (tag, sizeof tag, "<g n=\"U+%04X\">\xef\xbf\xbd</g>", (unsigned) point);
        put (self, tag);
        done = (uint32_t) (i + taken);
    }
    qw_xml_put_text (self->out, (qw_bytes_t){text + done, end - done});
}

static void gather_spans (tei_t *self)
{
    const qw_layers_t *layers = self->document->layers;
    size_t count = layers->quote_count + layers->mention_count;
    self->spans = qw_grown (self->spans, &self->span_capacity, count + 1, sizeof *self->spans);
    for (size_t i = 0; i < layers->quote_count; i++)
        self->spans[i] = layers->quotes[i].span;
    for (size_t i = 0; i < layers->mention_count; i++)
        self->spans[layers->quote_count + i] = layers->mentions[i].span;
    qw_nesting_cut (&self->nesting, self->spans, layers->quote_count, count, self->blocks, self->block_count);
}

static void put_text (tei_t *self)
{
    uint32_t at = 0;
    size_t event = 0;
    for (size_t i = 0; i < self->block_count; i++) {
        qw_span_t block = self->blocks[i];
        const char *element = self->elements[i];
        put_characters (self, at, block.start);
        put (self, element);
        at = block.start;
        for (; event < self->nesting.event_count && self->nesting.events[event].at <= block.end; event++) {
            const qw_nesting_event_t *next = &self->nesting.events[event];
            if (next->at == block.end && next->opens)
                break; /* of the next block, which begins here */
            put_characters (self, at, next->at);
            put_tag (self, next);
            at = next->at;
        }
        put_characters (self, at, block.end);
        at = block.end;
        put (self, element[1] == 'p' ? "</p>" : element[1] == 'h' ? "</head>" : "</ab>");
    }
    put_characters (self, at, (uint32_t) self->document->index->size);
    put (self, self->block_count ? "" : "<p/>");
}

static qw_status_t put_document (void *context, const qw_export_document_t *document, qw_json_out_t *files,
                                 qw_reason_t *reason)
{
    tei_t *self = context;
    (void) reason;
    self->document = document;
    self->out = files;
    put (self, "<TEI");
    put (self, namespace);
    put (self, " xml:id=\"");
    put_id (self, "t", 0);
    put (self, "\"><teiHeader>");
    put_file_description (self);
    put_profile (self);
    put (self, "</teiHeader>\n<text><body><div xml:space=\"preserve\">");
    find_blocks (self);
    gather_spans (self);
    put_text (self);
    put (self, "</div></body></text></TEI>\n");
    return QW_OK;
}

const qw_export_format_t qw_export_tei = {.name = "tei",
                                          .about = "TEI P5: <said who>, <persName>, <orgName>, <placeName>",
                                          .suffixes = {".xml"},
                                          .open = open_tei,
                                          .begin = begin,
                                          .end = end,
                                          .put = put_document,
                                          .close = close_tei};
