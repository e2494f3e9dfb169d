/*  CoNLL-U: a block for each sentence, a line for each token; entities and quotations in MISC. */
#include <stdio.h>
#include <stdlib.h>

#include "proto/memory.h"
#include "sink/export/format.h"

/* In the order in which they stand in MISC. */
typedef enum { CUE, ENTITY, QUOTE, SPEAKER, ATTRIBUTES } attribute_t;

static const char *const attribute_names[] = {"Cue", "Entity", "Quote", "Speaker"};

/* Where a span begins or ends. Sorted, marks are those of one token after another; of one attribute ends stand first. */
typedef struct {
    uint32_t token;
    uint8_t attribute;
    bool opens, closes; /* both: the span is this token */
    uint32_t number; /* of the quotation, or of the mention */
} mark_t;

typedef struct {
    const qw_export_document_t *document;
    qw_json_out_t *out;
    mark_t *marks;
    size_t mark_count, mark_capacity, mark_at;
    size_t paragraph_at;
} conllu_t;

static void *open_conllu (const qw_export_options_t *options)
{
    (void) options;
    return qw_must (calloc (1, sizeof (conllu_t)));
}

static void close_conllu (void *context)
{
    conllu_t *self = context;
    free (self->marks);
    free (self);
}

static void begin (void *context, bool alone, qw_json_out_t *out)
{
    (void) context, (void) alone;
    qw_json_put_text (out, "# global.columns = ID FORM LEMMA UPOS XPOS FEATS HEAD DEPREL DEPS MISC\n"
                           "# global.Entity = eid-etype\n");
}

/* ---- marks ----------------------------------------------------------------------------------------------------------- */

/* The first token that ends behind byte `at`. */
static size_t token_behind (const qw_layers_t *layers, uint32_t at)
{
    size_t low = 0, high = layers->token_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (layers->tokens[middle].end <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Marks the tokens that the span touches; none, no mark. */
static void mark_span (conllu_t *self, attribute_t attribute, qw_span_t span, uint32_t number)
{
    const qw_layers_t *layers = self->document->layers;
    if (qw_span_is_empty (span))
        return;
    size_t first = token_behind (layers, span.start), last = token_behind (layers, span.end - 1);
    if (last == layers->token_count || layers->tokens[last].start >= span.end) {
        if (last == 0)
            return;
        last--;
    }
    if (first > last)
        return;
    self->marks = qw_grown (self->marks, &self->mark_capacity, self->mark_count + 2, sizeof *self->marks);
    mark_t mark = {.token = (uint32_t) first, .attribute = (uint8_t) attribute, .opens = true, .closes = first == last,
                   .number = number};
    self->marks[self->mark_count++] = mark;
    if (first == last)
        return;
    mark.token = (uint32_t) last;
    mark.opens = false;
    mark.closes = true;
    self->marks[self->mark_count++] = mark;
}

static int compare_marks (const void *a, const void *b)
{
    const mark_t *one = a, *other = b;
    if (one->token != other->token)
        return one->token < other->token ? -1 : 1;
    if (one->attribute != other->attribute)
        return one->attribute < other->attribute ? -1 : 1;
    if (one->opens != other->opens)
        return one->opens ? 1 : -1;
    return (one->number > other->number) - (one->number < other->number);
}

static void mark_all (conllu_t *self)
{
    const qw_layers_t *layers = self->document->layers;
    self->mark_count = self->mark_at = 0;
    for (uint32_t i = 0; i < layers->mention_count; i++)
        mark_span (self, ENTITY, layers->mentions[i].span, i);
    for (uint32_t i = 0; i < layers->quote_count; i++) {
        mark_span (self, QUOTE, layers->quotes[i].span, i);
        mark_span (self, CUE, layers->quotes[i].cue, i);
        mark_span (self, SPEAKER, layers->quotes[i].speaker_mention, i);
    }
    qsort (self->marks, self->mark_count, sizeof *self->marks, compare_marks);
}

/* e4: a cluster; m7: a mention of none. */
static void put_entity (conllu_t *self, uint32_t mention)
{
    uint32_t cluster = self->document->layers->mentions[mention].cluster;
    bool known = cluster < self->document->layers->cluster_count;
    qw_json_put_text (self->out, known ? "e" : "m");
    qw_json_put_uint (self->out, (known ? cluster : mention) + 1);
}

static void put_mark (conllu_t *self, const mark_t *mark)
{
    const qw_layers_t *layers = self->document->layers;
    bool entity = mark->attribute == ENTITY;
    qw_json_put_text (self->out, mark->opens ? "(" : "");
    if (entity)
        put_entity (self, mark->number);
    else {
        qw_json_put_text (self->out, "q");
        qw_json_put_uint (self->out, mark->number + 1);
    }
    if (mark->opens && entity) {
        qw_json_put_text (self->out, "-");
        qw_json_put_text (self->out, qw_entity_type_name (layers->mentions[mark->number].type));
    } else if (mark->opens && mark->attribute == QUOTE) {
        const qw_quote_t *quote = &layers->quotes[mark->number];
        qw_json_put_text (self->out, "-");
        qw_json_put_text (self->out, qw_quote_type_name (quote->type));
        if (quote->cluster < layers->cluster_count) {
            qw_json_put_text (self->out, "-e");
            qw_json_put_uint (self->out, quote->cluster + 1);
        }
    }
    qw_json_put_text (self->out, mark->closes ? ")" : "");
}

static void put_marks (conllu_t *self, uint32_t token)
{
    int last = ATTRIBUTES;
    for (; self->mark_at < self->mark_count && self->marks[self->mark_at].token == token; self->mark_at++) {
        const mark_t *mark = &self->marks[self->mark_at];
        if (mark->attribute != last) {
            qw_json_put_text (self->out, last == ATTRIBUTES ? "" : "|");
            qw_json_put_text (self->out, attribute_names[mark->attribute]);
            qw_json_put_text (self->out, "=");
        }
        last = mark->attribute;
        put_mark (self, mark);
    }
    qw_json_put_text (self->out, last == ATTRIBUTES ? "" : "|");
}

/* ---- a token --------------------------------------------------------------------------------------------------------- */

/* What stands between tokens, with UDPipe's escapes; and \u0085 for what it has none for and a
 * reader could trip over. */
static void put_spaces (conllu_t *self, const char *name, uint32_t start, uint32_t end)
{
    static const char escapes[] = " s\tt\rr\nn|p\\\\"; /* each with the letter behind its backslash */
    const char *text = self->document->index->text;
    qw_json_put_text (self->out, name);
    for (size_t i = start, taken; i < end; i += taken) {
        uint32_t point = qw_utf8_decode (text + i, end - i, &taken);
        const char *escape = point && taken == 1 ? strchr (escapes, text[i]) : NULL;
        char letter[12] = "";
        if (escape && (escape - escapes) % 2 == 0)
            snprintf (letter, sizeof letter, "\\%c", escape[1]);
        else if (point < 0x20 || point == '=' || point == '_' || qw_export_is_white (point))
            snprintf (letter, sizeof letter, "\\u%04X", (unsigned) point);
        qw_json_put_raw (self->out, *letter ? letter : text + i, *letter ? strlen (letter) : taken);
    }
    qw_json_put_text (self->out, "|");
}

static void put_misc (conllu_t *self, uint32_t token)
{
    const qw_layers_t *layers = self->document->layers;
    const char *text = self->document->index->text;
    qw_span_t span = layers->tokens[token];
    uint32_t next = token + 1 < layers->token_count ? layers->tokens[token + 1].start : (uint32_t) self->document->index->size;
    put_marks (self, token);
    if (token == 0 && span.start > 0)
        put_spaces (self, "SpacesBefore=", 0, span.start);
    if (next == span.end)
        qw_json_put_text (self->out, "SpaceAfter=No|");
    else if (next > span.end + 1 || text[span.end] != ' ')
        put_spaces (self, "SpacesAfter=", span.end, next);
    qw_json_put_text (self->out, "start_char=");
    qw_json_put_uint (self->out, qw_export_point (self->document, span.start));
    qw_json_put_text (self->out, "|end_char=");
    qw_json_put_uint (self->out, qw_export_point (self->document, span.end));
}

/* The token's characters. White space, which none of our tokens has, becomes one space within and nothing at the ends. */
static void put_form (conllu_t *self, uint32_t token)
{
    qw_bytes_t text = qw_export_words (self->document, self->document->layers->tokens[token]);
    size_t begin = self->out->size;
    bool space = false;
    for (size_t i = 0, taken; i < text.size; i += taken) {
        if (qw_export_is_white (qw_utf8_decode (text.data + i, text.size - i, &taken))) {
            space = self->out->size > begin;
            continue;
        }
        qw_json_put_text (self->out, space ? " " : "");
        qw_json_put_raw (self->out, text.data + i, taken);
        space = false;
    }
    qw_json_put_text (self->out, self->out->size > begin ? "" : "_");
}

static void put_token (conllu_t *self, uint32_t token, uint32_t number)
{
    qw_json_put_uint (self->out, number);
    qw_json_put_text (self->out, "\t");
    put_form (self, token);
    qw_json_put_text (self->out, "\t_\t_\t_\t_\t_\t_\t_\t");
    put_misc (self, token);
    qw_json_put_text (self->out, "\n");
}

/* ---- comments -------------------------------------------------------------------------------------------------------- */

static void put_comment (conllu_t *self, const char *name, qw_bytes_t value)
{
    if (!value.data)
        return;
    qw_json_put_text (self->out, "# ");
    qw_json_put_text (self->out, name);
    qw_json_put_text (self->out, " = ");
    qw_export_put_line (self->out, value);
    qw_json_put_text (self->out, "\n");
}

static void put_numbered (conllu_t *self, const char *name, size_t number)
{
    qw_json_put_text (self->out, name);
    qw_json_put_uint (self->out, number);
}

/* `# entity_e1 = PERSON person:mara-venn Mara Venn`, `# quote_q1 = direct 96 name Mara Venn`. */
static void put_glossary (conllu_t *self)
{
    const qw_layers_t *layers = self->document->layers;
    for (size_t i = 0; i < layers->cluster_count; i++) {
        const qw_cluster_t *cluster = &layers->clusters[i];
        put_numbered (self, "# entity_e", i + 1);
        qw_json_put_text (self->out, " = ");
        qw_json_put_text (self->out, qw_entity_type_name (cluster->type));
        qw_json_put_text (self->out, " ");
        qw_export_put_line (self->out, qw_export_string (self->document, cluster->key));
        qw_json_put_text (self->out, " ");
        qw_export_put_line (self->out, qw_export_string (self->document, cluster->name));
        qw_json_put_text (self->out, "\n");
    }
    for (size_t i = 0; i < layers->quote_count; i++) {
        const qw_quote_t *quote = &layers->quotes[i];
        put_numbered (self, "# quote_q", i + 1);
        qw_json_put_text (self->out, " = ");
        qw_json_put_text (self->out, quote->speech ? "" : "belief ");
        qw_json_put_text (self->out, qw_quote_type_name (quote->type));
        put_numbered (self, " ", quote->confidence);
        qw_json_put_text (self->out, " ");
        qw_json_put_text (self->out, qw_how_name (quote->how));
        qw_json_put_text (self->out, " ");
        qw_export_put_line (self->out, qw_export_string (self->document, quote->speaker));
        qw_json_put_text (self->out, "\n");
    }
}

static void put_head (conllu_t *self)
{
    const qw_document_facts_t *facts = self->document->facts;
    put_comment (self, "newdoc id", self->document->record->id);
    put_comment (self, "title", facts->title);
    put_comment (self, "date", facts->date);
    put_comment (self, "outlet", facts->outlet);
    put_comment (self, "byline", facts->byline);
    put_comment (self, "url", facts->url);
    put_glossary (self);
}

/* `# newpar` and its role before the first sentence of a paragraph. */
static void put_paragraph (conllu_t *self, uint32_t at)
{
    const qw_paragraph_t *paragraphs = self->document->paragraphs;
    size_t begun = self->paragraph_at;
    while (self->paragraph_at < self->document->paragraph_count && paragraphs[self->paragraph_at].span.start <= at)
        self->paragraph_at++;
    if (self->paragraph_at == begun)
        return;
    qw_json_put_text (self->out, "# newpar\n");
    put_comment (self, "role", qw_bytes_of (qw_role_name (paragraphs[self->paragraph_at - 1].role)));
}

/* The sentence's text as its tokens have it: what is between two of them counts as one space. */
static void put_sentence_text (conllu_t *self, const qw_sentence_t *sentence)
{
    const qw_layers_t *layers = self->document->layers;
    qw_json_put_text (self->out, "# text = ");
    for (uint32_t i = sentence->first; i < sentence->end; i++) {
        if (i > sentence->first && layers->tokens[i].start > layers->tokens[i - 1].end)
            qw_json_put_text (self->out, " ");
        put_form (self, i);
    }
    qw_json_put_text (self->out, "\n");
}

static qw_status_t put (void *context, const qw_export_document_t *document, qw_json_out_t *files, qw_reason_t *reason)
{
    conllu_t *self = context;
    const qw_layers_t *layers = document->layers;
    (void) reason;
    self->document = document;
    self->out = files;
    self->paragraph_at = 0;
    mark_all (self);
    for (size_t i = 0; i < layers->sentence_count; i++) {
        const qw_sentence_t *sentence = &layers->sentences[i];
        if (i == 0)
            put_head (self);
        put_paragraph (self, layers->tokens[sentence->first].start);
        qw_json_put_text (self->out, "# sent_id = ");
        qw_export_put_line (self->out, document->record->id);
        put_numbered (self, "-s", i + 1);
        qw_json_put_text (self->out, "\n");
        put_sentence_text (self, sentence);
        for (uint32_t token = sentence->first; token < sentence->end; token++)
            put_token (self, token, token - sentence->first + 1);
        qw_json_put_text (self->out, "\n");
    }
    return QW_OK;
}

const qw_export_format_t qw_export_conllu = {.name = "conllu",
                                             .about = "CoNLL-U: sentences and tokens; entities and quotations in MISC",
                                             .suffixes = {".conllu"},
                                             .open = open_conllu,
                                             .begin = begin,
                                             .put = put,
                                             .close = close_conllu};
