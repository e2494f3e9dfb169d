/*  brat standoff: for each document a .txt, the text as it is, and a .ann. */
#include <stdio.h>
#include <stdlib.h>

#include "proto/memory.h"
#include "sink/export/format.h"

/* Cues, and words for speakers: several quotations may share one. */
typedef struct {
    qw_span_t span;
    uint32_t kind; /* of label_names */
    uint32_t text; /* its T */
} label_t;

enum { A_CUE, A_SPEAKER };

static const char *const label_names[] = {"Cue", "Speaker"};

/* What stands in the .ann of one document, by line:
 *   T  mentions of entities, quotations, cues, and words for speakers that are no such mention
 *   N  the key of the entity that a mention belongs to
 *   *  mentions of the same entity
 *   R  a quotation's speaker, cue, and who relayed it
 *   A  how sure a quotation's speaker is, and whether it is a belief
 *   #  a quotation's speaker by name */
typedef struct {
    const qw_export_document_t *document;
    qw_json_out_t *out;
    unsigned texts, relations, attributes, notes, norms;
    uint32_t *next, *last; /* lists of mentions by cluster: the next mention; the last one so far, by cluster */
    size_t next_capacity, last_capacity;
    label_t *labels; /* sorted, each once */
    size_t label_count, label_capacity;
} brat_t;

static const char configuration[] =
    "[entities]\n"
    "PERSON\nORG\nLOC\nFAC\nNORP\nPRODUCT\nEVENT\nMISC\nDATE\nTIME\nMONEY\nPERCENT\n"
    "Direct\nIndirect\nMixed\nCue\nSpeaker\n"
    "\n"
    "[relations]\n"
    "Said_by Arg1:Direct|Indirect|Mixed, Arg2:<ENTITY>\n"
    "Said_with Arg1:Direct|Indirect|Mixed, Arg2:Cue\n"
    "Relayed_by Arg1:Direct|Indirect|Mixed, Arg2:<ENTITY>\n"
    "<OVERLAP> Arg1:<ANY>, Arg2:<ANY>, <OVL-TYPE>:<ANY>\n"
    "\n"
    "[events]\n"
    "\n"
    "[attributes]\n"
    "Belief Arg:Direct|Indirect|Mixed\n"
    "Sure Arg:Direct|Indirect|Mixed, Value:low|medium|high\n";

static void *open_brat (const qw_export_options_t *options)
{
    (void) options;
    return qw_must (calloc (1, sizeof (brat_t)));
}

static void close_brat (void *context)
{
    brat_t *self = context;
    free (self->next);
    free (self->last);
    free (self->labels);
    free (self);
}

static void put_label (brat_t *self, const char *letter, unsigned number)
{
    qw_json_put_text (self->out, letter);
    qw_json_put_uint (self->out, number);
}

static void put_range (brat_t *self, uint32_t start, uint32_t end, bool first)
{
    qw_json_put_text (self->out, first ? " " : ";");
    qw_json_put_uint (self->out, qw_export_point (self->document, start));
    qw_json_put_text (self->out, " ");
    qw_json_put_uint (self->out, qw_export_point (self->document, end));
}

/* An annotation may not run over the end of a line: it is cut there into fragments, each without what ends the line, and
 * none of white space alone. Calls for each with its bytes; returns how many there are. */
static unsigned cut (brat_t *self, qw_span_t span, void (*each) (brat_t *self, uint32_t start, uint32_t end, bool first))
{
    const char *text = self->document->index->text;
    unsigned count = 0;
    bool visible = false;
    for (uint32_t at = span.start, begin = span.start; at <= span.end;) {
        size_t taken = 1;
        uint32_t point = at < span.end ? qw_utf8_decode (text + at, span.end - at, &taken) : '\n';
        if (!qw_export_is_break (point)) {
            visible |= !qw_export_is_white (point);
            at += (uint32_t) taken;
            continue;
        }
        if (visible) {
            if (each)
                each (self, begin, at, count == 0);
            count++;
        }
        at += (uint32_t) taken;
        begin = at;
        visible = false;
    }
    return count;
}

static void put_fragment (brat_t *self, uint32_t start, uint32_t end, bool first)
{
    qw_json_put_text (self->out, first ? "" : " ");
    qw_json_put_raw (self->out, self->document->index->text + start, end - start);
}

/* T1<tab>PERSON 0 5;6 9<tab>words. Returns the number; 0 when there is nothing but line ends. */
static unsigned put_text (brat_t *self, const char *type, qw_span_t span)
{
    if (qw_span_is_empty (span) || cut (self, span, NULL) == 0)
        return 0;
    put_label (self, "T", ++self->texts);
    qw_json_put_text (self->out, "\t");
    qw_json_put_text (self->out, type);
    cut (self, span, put_range);
    qw_json_put_text (self->out, "\t");
    cut (self, span, put_fragment);
    qw_json_put_text (self->out, "\n");
    return self->texts;
}

static void put_relation (brat_t *self, const char *type, unsigned from, unsigned to)
{
    if (!from || !to)
        return;
    put_label (self, "R", ++self->relations);
    qw_json_put_text (self->out, "\t");
    qw_json_put_text (self->out, type);
    put_label (self, " Arg1:T", from);
    put_label (self, " Arg2:T", to);
    qw_json_put_text (self->out, "\n");
}

static void put_attribute (brat_t *self, const char *type, unsigned of, const char *value)
{
    put_label (self, "A", ++self->attributes);
    qw_json_put_text (self->out, "\t");
    qw_json_put_text (self->out, type);
    put_label (self, " T", of);
    qw_json_put_text (self->out, value);
    qw_json_put_text (self->out, "\n");
}

/* A name, and the end of the line. One of white space alone would leave the field empty for many readers. */
static void put_name (brat_t *self, qw_string_t string)
{
    qw_bytes_t name = qw_export_string (self->document, string);
    bool visible = false;
    for (size_t i = 0, taken; i < name.size; i += taken)
        visible |= !qw_export_is_white (qw_utf8_decode (name.data + i, name.size - i, &taken));
    qw_export_put_line (self->out, visible ? name : QW_BYTES ("_"));
    qw_json_put_text (self->out, "\n");
}

/* Mention i is T(1 + i), if every mention has a T; one of nothing but line ends has not, and `texts` tells. */
static void put_mentions (brat_t *self, uint32_t *texts)
{
    const qw_layers_t *layers = self->document->layers;
    for (size_t i = 0; i < layers->mention_count; i++) {
        const qw_mention_t *mention = &layers->mentions[i];
        texts[i] = put_text (self, qw_entity_type_name (mention->type), mention->span);
        const qw_cluster_t *cluster = qw_export_cluster (self->document, mention->cluster);
        if (!texts[i] || !cluster)
            continue;
        put_label (self, "N", ++self->norms);
        put_label (self, "\tReference T", texts[i]);
        qw_json_put_text (self->out, " Quotewire:");
        qw_bytes_t key = qw_export_string (self->document, cluster->key);
        for (size_t at = 0, taken; at < key.size; at += taken) { /* a space would end it */
            uint32_t point = qw_utf8_decode (key.data + at, key.size - at, &taken);
            bool ends = point == ' ' || qw_export_is_break (point);
            qw_json_put_raw (self->out, ends ? "_" : key.data + at, ends ? 1 : taken);
        }
        qw_json_put_text (self->out, "\t");
        put_name (self, cluster->name);
    }
}

/* `*<tab>Equiv T1 T5 T9` for each cluster with two mentions or more. */
static void put_equivalents (brat_t *self, const uint32_t *texts)
{
    const qw_layers_t *layers = self->document->layers;
    self->last = qw_grown (self->last, &self->last_capacity, layers->cluster_count + 1, sizeof *self->last);
    memset (self->last, 0xff, (layers->cluster_count + 1) * sizeof *self->last);
    uint32_t *next = self->next + layers->mention_count;
    for (size_t i = layers->mention_count; i-- > 0;) { /* from the back, so that each list begins with its first mention */
        uint32_t cluster = layers->mentions[i].cluster;
        if (cluster >= layers->cluster_count || !texts[i])
            continue;
        next[i] = self->last[cluster];
        self->last[cluster] = (uint32_t) i;
    }
    for (size_t i = 0; i < layers->cluster_count; i++) {
        if (self->last[i] == UINT32_MAX || next[self->last[i]] == UINT32_MAX)
            continue;
        qw_json_put_text (self->out, "*\tEquiv");
        for (uint32_t mention = self->last[i]; mention != UINT32_MAX; mention = next[mention])
            put_label (self, " T", texts[mention]);
        qw_json_put_text (self->out, "\n");
    }
}

/* The T of the mention with exactly this span; 0: there is none. */
static unsigned find_mention (const brat_t *self, qw_span_t span, const uint32_t *texts)
{
    const qw_layers_t *layers = self->document->layers;
    size_t low = 0, high = layers->mention_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (layers->mentions[middle].span.start < span.start)
            low = middle + 1;
        else
            high = middle;
    }
    bool same = low < layers->mention_count && layers->mentions[low].span.start == span.start
             && layers->mentions[low].span.end == span.end;
    return same ? texts[low] : 0;
}

static int compare_labels (const void *a, const void *b)
{
    const label_t *one = a, *other = b;
    if (one->span.start != other->span.start)
        return one->span.start < other->span.start ? -1 : 1;
    if (one->span.end != other->span.end)
        return one->span.end < other->span.end ? -1 : 1;
    return (one->kind > other->kind) - (one->kind < other->kind);
}

static void add_label (brat_t *self, qw_span_t span, uint32_t kind, const uint32_t *texts)
{
    if (qw_span_is_empty (span) || (kind == A_SPEAKER && find_mention (self, span, texts)))
        return;
    self->labels = qw_grown (self->labels, &self->label_capacity, self->label_count + 1, sizeof *self->labels);
    self->labels[self->label_count++] = (label_t){span, kind, 0};
}

static void put_labels (brat_t *self, const uint32_t *texts)
{
    const qw_layers_t *layers = self->document->layers;
    self->label_count = 0;
    for (size_t i = 0; i < layers->quote_count; i++) {
        add_label (self, layers->quotes[i].cue, A_CUE, texts);
        add_label (self, layers->quotes[i].speaker_mention, A_SPEAKER, texts);
        add_label (self, layers->quotes[i].via, A_SPEAKER, texts);
    }
    if (self->label_count == 0)
        return;
    qsort (self->labels, self->label_count, sizeof *self->labels, compare_labels);
    size_t kept = 0;
    for (size_t i = 0; i < self->label_count; i++) {
        if (kept > 0 && compare_labels (&self->labels[kept - 1], &self->labels[i]) == 0)
            continue;
        self->labels[kept] = self->labels[i];
        self->labels[kept].text = put_text (self, label_names[self->labels[i].kind], self->labels[i].span);
        kept++;
    }
    self->label_count = kept;
}

/* The T of a cue or of a speaker's words; 0: there is none. */
static unsigned find_label (const brat_t *self, qw_span_t span, uint32_t kind, const uint32_t *texts)
{
    unsigned mention = kind == A_SPEAKER ? find_mention (self, span, texts) : 0;
    if (mention || qw_span_is_empty (span))
        return mention;
    const label_t wanted = {span, kind, 0};
    const label_t *found = bsearch (&wanted, self->labels, self->label_count, sizeof wanted, compare_labels);
    return found ? found->text : 0;
}

static void put_quote (brat_t *self, const qw_quote_t *quote, const uint32_t *texts)
{
    static const char *const types[] = {"Direct", "Indirect", "Mixed"};
    unsigned words = put_text (self, types[quote->type], quote->span);
    if (!words)
        return;
    put_relation (self, "Said_by", words, find_label (self, quote->speaker_mention, A_SPEAKER, texts));
    put_relation (self, "Said_with", words, find_label (self, quote->cue, A_CUE, texts));
    put_relation (self, "Relayed_by", words, find_label (self, quote->via, A_SPEAKER, texts));
    if (!quote->speech)
        put_attribute (self, "Belief", words, "");
    if (quote->speaker.size == 0)
        return;
    put_attribute (self, "Sure", words, quote->confidence >= 90 ? " high" : quote->confidence >= 60 ? " medium" : " low");
    put_label (self, "#", ++self->notes);
    put_label (self, "\tAnnotatorNotes T", words);
    qw_json_put_text (self->out, "\t");
    put_name (self, quote->speaker);
}

static qw_status_t put (void *context, const qw_export_document_t *document, qw_json_out_t *files, qw_reason_t *reason)
{
    brat_t *self = context;
    const qw_layers_t *layers = document->layers;
    (void) reason;
    self->document = document;
    self->out = &files[1];
    self->texts = self->relations = self->attributes = self->notes = self->norms = 0;
    self->next = qw_grown (self->next, &self->next_capacity, 2 * layers->mention_count + 1, sizeof *self->next);
    uint32_t *texts = self->next; /* the first half of the block; the lists are the second */
    qw_json_put_raw (&files[0], document->record->text.data, document->record->text.size);
    put_mentions (self, texts);
    put_equivalents (self, texts);
    put_labels (self, texts);
    for (size_t i = 0; i < layers->quote_count; i++)
        put_quote (self, &layers->quotes[i], texts);
    return QW_OK;
}

const qw_export_format_t qw_export_brat = {.name = "brat",
                                           .about = "brat standoff, two files an article and annotation.conf",
                                           .suffixes = {".txt", ".ann"},
                                           .folder_only = true,
                                           .extra_name = "annotation.conf",
                                           .extra = configuration,
                                           .open = open_brat,
                                           .put = put,
                                           .close = close_brat};
