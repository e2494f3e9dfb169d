#include "ventilator/news_xml.h"

#include <inttypes.h>
#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlerror.h>
#include <stdlib.h>
#include <strings.h>

#include "ventilator/html_entities.h"
#include "ventilator/html_tokens.h"
#include "ventilator/news_xml_format.h"

enum {
    MAX_DEPTH = 256,
    MAX_TAG = 128 << 10,    /* libxml2 compares each attribute of a tag with all others, in quadratic time */
    MAX_MARKUP = 1 << 20,   /* of a comment, a document type, ... */
    MAX_NAMES = 10000,      /* different ones: libxml2 finds them in lists that grow without end */
    MAX_DECLARATIONS = 100, /* of attributes: each costs time in every tag */
    PIECE = 4096,           /* bytes given to libxml2 at a time; it looks again at what it has not used */
    RAW_EXTRA = 1 << 20
};

/* What becomes of the text at hand. */
typedef enum { TAKE_NOTHING, TAKE_FIELD, TAKE_PROSE, TAKE_RAW, TAKE_SKIP } take_t;

struct qw_news_xml_t {
    size_t max_document_bytes;
    xmlParserCtxtPtr parser;
    const qw_news_format_t *format; /* NULL: the root was not seen */
    const char *elements[MAX_DEPTH]; /* the ones that are open; names belong to libxml2's dictionary */
    size_t depth;
    qw_news_draft_t whole, draft; /* what the file says of all its items; the item at hand */
    size_t item_depth;            /* of the item's element; 0: no item is open */
    take_t take;
    const qw_news_rule_t *rule; /* why */
    qw_news_field_t field;
    size_t take_depth;
    qw_prose_t *prose;     /* of TAKE_PROSE */
    qw_prose_t field_text; /* of TAKE_FIELD */
    qw_buffer_t raw, attribute;
    uint64_t count, skipped;
    unsigned declarations;
    qw_news_item_t *first, **last, *given;
    bool ended, failed;
    char encoding[QW_ENCODING_NAME];
    xmlEntity entity;
    char entity_text[8];
    qw_reason_t reason;
    uint64_t reason_line;
};

/* ---- failures and items -------------------------------------------------------------------------------------------- */

static uint64_t line_of (const qw_news_xml_t *self)
{
    return self->parser->input && self->parser->input->line > 0 ? (uint64_t) self->parser->input->line : 0;
}

static void stop (qw_news_xml_t *self, const char *reason)
{
    if (self->failed)
        return;
    self->failed = true;
    self->reason_line = line_of (self);
    qw_fail (QW_INVALID, &self->reason, "%s", reason);
    xmlStopParser (self->parser);
}

static void push (qw_news_xml_t *self, qw_news_item_t *item, bool of_many)
{
    item->number = of_many ? ++self->count : 0;
    *self->last = item;
    self->last = &item->next;
}

static qw_news_draft_t *draft (qw_news_xml_t *self) { return self->item_depth ? &self->draft : &self->whole; }

static void begin_item (qw_news_xml_t *self)
{
    if (self->item_depth)
        return; /* NITF within NewsML */
    /* What the item's element itself says came before, as any attribute. */
    self->item_depth = self->depth;
    self->draft.line = line_of (self);
}

/* Whether an item without text is no article at all. */
static bool is_no_article (const qw_news_draft_t *item)
{
    static const char *const natures[] = {"picture", "video", "audio", "graphic", "animation", "composite"};
    qw_bytes_t class = qw_news_draft_field (item, QW_NEWS_CLASS);
    const char *colon = class.size ? memrchr (class.data, ':', class.size) : NULL;
    if (colon)
        class = (qw_bytes_t){colon + 1, (size_t) (class.data + class.size - colon - 1)};
    for (size_t i = 0; i < sizeof natures / sizeof *natures; i++)
        if (qw_bytes_are (class, natures[i]))
            return item->body.text.size == 0 && !item->body.is_too_large;
    return false;
}

static void end_item (qw_news_xml_t *self)
{
    if (is_no_article (&self->draft))
        self->skipped++;
    else
        push (self, qw_news_item_new (&self->draft, &self->whole, &self->format->document, self->max_document_bytes),
              self->item_depth > 1);
    qw_news_draft_reset (&self->draft, self->max_document_bytes);
    self->item_depth = 0;
}

/* ---- what is taken ------------------------------------------------------------------------------------------------- */

static void begin_take (qw_news_xml_t *self, take_t take, const qw_news_rule_t *rule)
{
    self->take = take;
    self->take_depth = self->depth;
    self->rule = rule;
    self->field = rule->field;
    self->raw.size = 0;
    if (take == TAKE_FIELD)
        qw_prose_reset (&self->field_text, QW_NEWS_MAX_FIELD);
    if (take == TAKE_PROSE)
        qw_prose_break (self->prose);
}

/* A field stands in one line. */
static void offer_field (qw_news_xml_t *self)
{
    qw_buffer_t *text = &self->field_text.text;
    size_t size = 0;
    if (self->field_text.is_too_large)
        text->size = 0; /* half of a headline is none */
    for (size_t i = 0; i < text->size; i++)
        if (text->data[i] != '\n')
            text->data[size++] = text->data[i];
        else if (size > 0 && text->data[size - 1] != ' ')
            text->data[size++] = ' ';
    qw_news_draft_offer (draft (self), self->field, self->rule->rank, (qw_bytes_t){text->data ? text->data : "", size});
    qw_prose_reset (&self->field_text, QW_NEWS_MAX_FIELD);
}

static void end_take (qw_news_xml_t *self)
{
    qw_bytes_t raw = {self->raw.data ? self->raw.data : "", self->raw.size};
    qw_news_action_t action = self->rule ? self->rule->action : QW_NEWS_LEAVE_OUT;
    if (self->take == TAKE_RAW && action == QW_NEWS_TEXT_HTML) {
        qw_prose_reset (&self->field_text, QW_NEWS_MAX_FIELD);
        qw_prose_html (&self->field_text, raw);
        offer_field (self);
    } else if (self->take == TAKE_RAW) {
        qw_prose_break (self->prose);
        if (action == QW_NEWS_BODY_PLAIN)
            qw_prose_plain (self->prose, raw);
        else
            qw_prose_html (self->prose, raw);
    } else if (self->take == TAKE_FIELD)
        offer_field (self);
    self->take = TAKE_NOTHING;
    self->rule = NULL;
}

static size_t raw_limit (const qw_news_xml_t *self) { return self->max_document_bytes * 4 + RAW_EXTRA; }

static void take_text (qw_news_xml_t *self, qw_bytes_t text)
{
    switch (self->take) {
    case TAKE_FIELD: qw_prose_text (&self->field_text, text); break;
    case TAKE_PROSE: qw_prose_text (self->prose, text); break;
    case TAKE_RAW:
        if (self->raw.size + text.size <= raw_limit (self))
            qw_buffer_append (&self->raw, text.data, text.size);
        else if (self->prose)
            self->prose->is_too_large = true;
        break;
    case TAKE_NOTHING:
    case TAKE_SKIP: break;
    }
}

/* Markup inside of what is taken. */
static void take_tag (qw_news_xml_t *self, qw_bytes_t name, bool begins)
{
    if (self->take == TAKE_PROSE) {
        if (begins)
            qw_prose_start (self->prose, name);
        else
            qw_prose_end (self->prose, name);
    } else if (self->take == TAKE_RAW) { /* HTML that its feed did not escape */
        take_text (self, begins ? QW_BYTES ("<") : QW_BYTES ("</"));
        take_text (self, name);
        take_text (self, QW_BYTES (">"));
    } else if (self->take == TAKE_FIELD && self->field == QW_NEWS_BYLINE && begins && qw_bytes_are (name, "byttl")) {
        offer_field (self);
        self->field = QW_NEWS_BYLINE_TITLE;
    }
}

/* ---- rules --------------------------------------------------------------------------------------------------------- */

typedef struct {
    const xmlChar **items;
    int count;
} attributes_t;

/* The attribute's value with its references resolved; size 0: there is none. */
static qw_bytes_t attribute (qw_news_xml_t *self, const attributes_t *attributes, const char *name)
{
    for (int i = 0; i < attributes->count; i++) {
        const xmlChar **item = attributes->items + 5 * i;
        if (strcmp ((const char *) item[0], name) != 0)
            continue;
        self->attribute.size = 0;
        qw_html_append (&self->attribute, (qw_bytes_t){(const char *) item[3], (size_t) (item[4] - item[3])});
        return (qw_bytes_t){self->attribute.data ? self->attribute.data : "", self->attribute.size};
    }
    return (qw_bytes_t){"", 0};
}

/* Does what the rule says. False: other rules may apply as well. */
static bool apply (qw_news_xml_t *self, const qw_news_rule_t *rule, const attributes_t *attributes)
{
    self->prose = rule->action == QW_NEWS_SUMMARY || rule->action == QW_NEWS_SUMMARY_HTML ? &self->draft.summary
                                                                                         : &self->draft.body;
    switch (rule->action) {
    case QW_NEWS_ATTRIBUTE:
        /* An item's own attributes come just before it begins. */
        qw_news_draft_offer (self->item_depth || strchr (rule->path, '/') || strcmp (rule->path, "feed") == 0 ? draft (self)
                                                                                                             : &self->draft,
                             rule->field, rule->rank, attribute (self, attributes, rule->attribute));
        return false;
    case QW_NEWS_ITEM: begin_item (self); return true;
    case QW_NEWS_TEXT: begin_take (self, TAKE_FIELD, rule); return true;
    case QW_NEWS_TEXT_HTML:
        self->prose = NULL;
        begin_take (self, TAKE_RAW, rule);
        return true;
    case QW_NEWS_ALTERNATIVE:
        if (self->draft.body.text.size == 0)
            return false;
        begin_take (self, TAKE_SKIP, rule);
        return true;
    case QW_NEWS_COUNT: self->skipped++; /* fall through */
    case QW_NEWS_LEAVE_OUT: begin_take (self, TAKE_SKIP, rule); return true;
    case QW_NEWS_BODY:
    case QW_NEWS_SUMMARY:
    case QW_NEWS_BODY_HTML:
    case QW_NEWS_BODY_PLAIN:
    case QW_NEWS_SUMMARY_HTML:
        if (!self->item_depth)
            return true;
        begin_take (self, rule->action == QW_NEWS_BODY || rule->action == QW_NEWS_SUMMARY ? TAKE_PROSE : TAKE_RAW, rule);
        return true;
    }
    return true;
}

static void apply_rules (qw_news_xml_t *self, qw_news_space_t space, const attributes_t *attributes)
{
    for (const qw_news_format_t *format = self->format; format; format = format->inner)
        for (size_t i = 0; i < format->rule_count; i++) {
            const qw_news_rule_t *rule = &format->rules[i];
            if ((rule->space != QW_NEWS_ANY && rule->space != space)
                || !qw_news_path_matches (rule->path, self->elements, self->depth)
                || (rule->when && !qw_news_is_one_of (attribute (self, attributes, rule->when), rule->is)))
                continue;
            if (apply (self, rule, attributes))
                return;
        }
}

/* ---- libxml2's events ---------------------------------------------------------------------------------------------- */

static void on_start (void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int space_count,
                      const xmlChar **spaces, int attribute_count, int default_count, const xmlChar **attributes)
{
    (void) space_count, (void) spaces, (void) default_count;
    qw_news_xml_t *self = context;
    if (self->failed)
        return;
    if (self->depth == MAX_DEPTH) {
        stop (self, "its elements stand more than 256 deep within each other");
        return;
    }
    self->elements[self->depth++] = (const char *) name;
    qw_bytes_t local = qw_bytes_of ((const char *) name);
    if (!self->format && !(self->format = qw_news_format_of_root (local))) {
        qw_reason_t reason;
        qw_fail (QW_UNSUPPORTED, &reason, "its root element, <%.60s>, is of no news format that is known here", local.data);
        stop (self, reason.text);
        return;
    }
    attributes_t all = {attributes, attribute_count};
    if (self->take)
        take_tag (self, local, true);
    else
        apply_rules (self, qw_news_space ((const char *) uri, (const char *) prefix), &all);
}

static void on_end (void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
    (void) prefix, (void) uri;
    qw_news_xml_t *self = context;
    if (self->failed)
        return;
    if (self->take && self->depth == self->take_depth)
        end_take (self);
    else if (self->take)
        take_tag (self, qw_bytes_of ((const char *) name), false);
    if (self->item_depth && self->depth == self->item_depth)
        end_item (self);
    self->depth--;
}

static void on_text (void *context, const xmlChar *text, int size)
{
    qw_news_xml_t *self = context;
    if (!self->failed && size > 0)
        take_text (self, (qw_bytes_t){(const char *) text, (size_t) size});
}

/* A reference to an entity that only a document type elsewhere may define: it stays as it is written. */
static void on_reference (void *context, const xmlChar *name)
{
    on_text (context, (const xmlChar *) "&", 1);
    on_text (context, name, (int) strlen ((const char *) name));
    on_text (context, (const xmlChar *) ";", 1);
}

/* HTML's named characters are known everywhere, since feeds use them undeclared. In attributes the reference is kept as it
 * is written, and resolved when the attribute is used. */
static xmlEntityPtr on_entity (void *context, const xmlChar *name)
{
    qw_news_xml_t *self = context;
    if (self->failed || self->parser->inSubset)
        return NULL;
    uint32_t point = qw_html_entity ((const char *) name, strlen ((const char *) name), false);
    if (!point)
        return NULL;
    bool in_attribute = self->parser->instate == XML_PARSER_ATTRIBUTE_VALUE;
    qw_buffer_t text = {0};
    qw_html_append_point (&text, in_attribute ? ' ' : point);
    size_t size = text.size < sizeof self->entity_text ? text.size : 0;
    memcpy (self->entity_text, text.data, size);
    self->entity_text[size] = 0;
    qw_buffer_free (&text);
    self->entity = (xmlEntity){.type = XML_ENTITY_DECL, .name = name, .length = (int) size};
    self->entity.content = self->entity.orig = (xmlChar *) self->entity_text;
    self->entity.etype = in_attribute ? XML_INTERNAL_GENERAL_ENTITY : XML_INTERNAL_PREDEFINED_ENTITY;
    return &self->entity;
}

static void on_attribute_declared (void *context, const xmlChar *element, const xmlChar *name, int type, int kind,
                                   const xmlChar *value, xmlEnumerationPtr values)
{
    (void) element, (void) name, (void) type, (void) kind, (void) value;
    qw_news_xml_t *self = context;
    xmlFreeEnumeration (values);
    if (++self->declarations > MAX_DECLARATIONS)
        stop (self, "it declares more than 100 attributes");
}

static void on_error (void *context, xmlErrorPtr error)
{
    qw_news_xml_t *self = context;
    if (self->failed || error->level != XML_ERR_FATAL)
        return;
    self->failed = true;
    self->reason_line = error->line > 0 ? (uint64_t) error->line : line_of (self);
    const char *message = error->message ? error->message : "unknown error";
    if (strstr (message, "Huge input lookup"))
        message = "a piece of it has more than 10 MB";
    if (error->code == XML_ERR_DOCUMENT_END && self->depth > 0)
        message = "it ends too early";
    size_t size = strcspn (message, "\n");
    qw_fail (QW_INVALID, &self->reason, "broken XML: %.*s", size < 160 ? (int) size : 160, message);
}

static void be_quiet (void *context, const char *format, ...) { (void) context, (void) format; }
static void be_quiet_too (void *context, xmlErrorPtr error) { (void) context, (void) error; }

/* ---- making and unmaking ------------------------------------------------------------------------------------------- */

qw_news_xml_t *qw_news_xml_new (size_t max_document_bytes, bool is_utf8)
{
    qw_news_xml_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    xmlSAXHandler handler = {.initialized = XML_SAX2_MAGIC,
                             .startElementNs = on_start,
                             .endElementNs = on_end,
                             .characters = on_text,
                             .ignorableWhitespace = on_text,
                             .cdataBlock = on_text,
                             .reference = on_reference,
                             .getEntity = on_entity,
                             .attributeDecl = on_attribute_declared,
                             .serror = on_error};
    self->max_document_bytes = max_document_bytes;
    self->last = &self->first;
    qw_news_draft_reset (&self->draft, max_document_bytes);
    qw_news_draft_reset (&self->whole, max_document_bytes);
    self->parser = xmlCreatePushParserCtxt (&handler, self, NULL, 0, NULL);
    if (!self->parser)
        abort ();
    xmlCtxtUseOptions (self->parser, XML_PARSE_NONET | (is_utf8 ? XML_PARSE_IGNORE_ENC : 0));
    if (is_utf8)
        xmlSwitchEncoding (self->parser, XML_CHAR_ENCODING_UTF8);
    return self;
}

static qw_news_item_t *pop (qw_news_xml_t *self)
{
    qw_news_item_t *item = self->first;
    if (item)
        self->first = item->next;
    if (!self->first)
        self->last = &self->first;
    return item;
}

void qw_news_xml_destroy (qw_news_xml_t **self_p)
{
    qw_news_xml_t *self = *self_p;
    if (!self)
        return;
    for (qw_news_item_t *item = pop (self); item; item = pop (self))
        qw_news_item_destroy (&item);
    qw_news_item_destroy (&self->given);
    xmlFreeDoc (self->parser->myDoc); /* what the file declares ends up in one, though nobody asks for it */
    self->parser->myDoc = NULL;
    xmlFreeParserCtxt (self->parser);
    qw_news_draft_free (&self->draft);
    qw_news_draft_free (&self->whole);
    qw_prose_free (&self->field_text);
    qw_buffer_free (&self->raw);
    qw_buffer_free (&self->attribute);
    free (self);
    *self_p = NULL;
}

uint64_t qw_news_xml_skipped (const qw_news_xml_t *self) { return self->skipped; }

const char *qw_news_xml_encoding (const qw_news_xml_t *self) { return self->encoding; }

/* ---- reading ------------------------------------------------------------------------------------------------------- */

/* What libxml2 has been given and not used. */
static qw_bytes_t pending (const qw_news_xml_t *self)
{
    const xmlParserInput *input = self->parser->input;
    if (!input || !input->cur || input->end <= input->cur)
        return (qw_bytes_t){"", 0};
    return (qw_bytes_t){(const char *) input->cur, (size_t) (input->end - input->cur)};
}

/* Some of libxml2's complaints (of encodings) have no parser to go to and would be printed. */
static void parse (qw_news_xml_t *self, qw_bytes_t bytes, bool is_last)
{
    xmlGenericErrorFunc generic = xmlGenericError;
    void *generic_context = xmlGenericErrorContext, *structured_context = xmlStructuredErrorContext;
    xmlStructuredErrorFunc structured = xmlStructuredError;
    xmlSetGenericErrorFunc (NULL, be_quiet);
    xmlSetStructuredErrorFunc (NULL, be_quiet_too);
    xmlParseChunk (self->parser, bytes.data, (int) bytes.size, is_last);
    xmlSetGenericErrorFunc (generic_context, generic);
    xmlSetStructuredErrorFunc (structured_context, structured);
    qw_bytes_t left = pending (self);
    if (!self->parser->wellFormed)
        stop (self, "its bytes are wrong in the encoding that it declares");
    else if (xmlDictSize (self->parser->dict) > MAX_NAMES)
        stop (self, "it has more than 10000 different names of elements and attributes");
    else if (self->parser->instate == XML_PARSER_CDATA_SECTION)
        ; /* text that has not ended yet */
    else if (left.size > MAX_TAG && left.data[0] == '<' && left.data[1] != '!' && left.data[1] != '?')
        stop (self, "a tag of it has more than 128 KiB");
    else if (left.size > MAX_MARKUP && left.data[0] == '<')
        stop (self, "a comment or a declaration of it has more than 1 MiB");
    const char *encoding = (const char *) self->parser->encoding;
    bool counts = encoding && strcasecmp (encoding, "UTF-8") != 0 && !(self->parser->options & XML_PARSE_IGNORE_ENC);
    if (counts && !self->encoding[0])
        snprintf (self->encoding, sizeof self->encoding, "%s", encoding);
}

/* Gives libxml2 some more. What it makes of broken files depends on where the pieces end, so these depend on nothing but the
 * bytes: not on what a pipe has just now. */
static qw_status_t go_on (qw_news_xml_t *self, qw_reader_t *reader)
{
    size_t size = pending (self).size / 4;
    size = size < PIECE ? PIECE : size;
    qw_reason_t reason = {""};
    qw_status_t status = qw_reader_need (reader, size, &reason);
    if (status == QW_AGAIN)
        return status;
    if (status)
        stop (self, reason.text);
    else {
        qw_bytes_t bytes = qw_reader_bytes (reader);
        bytes.size = bytes.size < size ? bytes.size : size;
        if (bytes.size == 0 && !self->format)
            stop (self, "broken XML: it has no elements");
        else
            parse (self, bytes, bytes.size == 0);
        self->ended = bytes.size == 0;
        qw_reader_take (reader, bytes.size);
    }
    if (self->failed) {
        char text[sizeof reason.text];
        bool of_many = self->item_depth != 1 && self->format;
        snprintf (text, sizeof text, "%.180s; the rest of the file is not read", self->reason.text);
        push (self, qw_news_item_failed (self->reason_line, text), of_many);
        self->ended = true;
    }
    return QW_OK;
}

qw_status_t qw_news_xml_next (qw_news_xml_t *self, qw_reader_t *reader, const qw_news_item_t **item)
{
    qw_news_item_destroy (&self->given);
    while (!self->first && !self->ended) {
        qw_status_t status = go_on (self, reader);
        if (status)
            return status;
    }
    *item = self->given = pop (self);
    return self->given ? QW_OK : QW_END;
}

/* ---- telling by content -------------------------------------------------------------------------------------------- */

static size_t find (qw_bytes_t bytes, size_t at, const char *what)
{
    const char *found = memmem (bytes.data + at, bytes.size - at, what, strlen (what));
    return found ? (size_t) (found - bytes.data) + strlen (what) : bytes.size;
}

bool qw_news_xml_sniff (qw_bytes_t start)
{
    size_t at = start.size >= 3 && memcmp (start.data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    while (at < start.size) {
        qw_bytes_t rest = {start.data + at, start.size - at};
        if (qw_html_is_space (rest.data[0]))
            at++;
        else if (rest.size >= 4 && memcmp (rest.data, "<!--", 4) == 0)
            at = find (start, at, "-->");
        else if (rest.size >= 2 && memcmp (rest.data, "<?", 2) == 0)
            at = find (start, at, "?>");
        else if (rest.size >= 9 && strncasecmp (rest.data, "<!DOCTYPE", 9) == 0) {
            size_t end = find (start, at, ">"), bracket = find (start, at, "[");
            at = bracket < end ? find (start, find (start, at, "]"), ">") : end;
        } else if (rest.data[0] == '<') {
            size_t size = 1, name = 1;
            for (; size < rest.size && !qw_html_is_space (rest.data[size]) && !strchr ("/>", rest.data[size]); size++)
                if (rest.data[size] == ':')
                    name = size + 1;
            return size < rest.size && qw_news_format_of_root ((qw_bytes_t){rest.data + name, size - name}) != NULL;
        } else
            return false;
    }
    return false;
}
