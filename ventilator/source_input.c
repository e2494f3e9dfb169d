#include "ventilator/source_input.h"

#include <stdio.h>
#include <string.h>

#include "ventilator/source_html.h"

enum { JSON_EXTRA = 1 << 20, FIRST_LOOK = 4096 };

/* Escapes may take six bytes for one, and the members beside the text have their place. */
static size_t json_limit (size_t max_document_bytes) { return max_document_bytes * 6 + JSON_EXTRA; }

bool qw_input_type_of_name (const char *name, qw_input_type_t *type)
{
    static const struct {
        const char *name;
        qw_kind_t kind;
    } kinds[] = {{"auto", QW_KIND_UNKNOWN}, {"text", QW_KIND_TEXT}, {"jsonl", QW_KIND_LINES}, {"json", QW_KIND_JSON},
                 {"warc", QW_KIND_WARC}};
    *type = (qw_input_type_t){QW_KIND_UNKNOWN, qw_format_of_type (name)};
    if (type->format)
        type->kind = QW_KIND_DOCUMENT;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp (kinds[i].name, name) == 0) {
            type->kind = kinds[i].kind;
            return true;
        }
    return type->format != NULL;
}

void qw_input_open (qw_input_t *self, qw_stream_t stream, qw_bytes_t path, qw_bytes_t name, const qw_input_type_t *type)
{
    qw_input_close (self);
    qw_reader_open (&self->reader, stream);
    qw_buffer_append_clean (&self->path, path.data, path.size);
    self->kind = type->kind == QW_KIND_UNKNOWN ? qw_walk_kind (name) : type->kind;
    self->format = type->format;
    if (self->kind == QW_KIND_DOCUMENT && !self->format)
        self->format = qw_format_of_name (qw_walk_base (name));
}

void qw_input_close (qw_input_t *self)
{
    qw_archive_destroy (&self->archive);
    qw_reader_close (&self->reader);
    self->path.size = self->converted.size = 0;
    self->stage = QW_INPUT_NEW;
    self->record = self->lines_before = 0;
    self->encoding[0] = 0;
    self->scan = (qw_json_scan_t){0};
    self->scanned = 0;
    self->format = NULL;
    self->findings.skipped = 0;
    qw_warc_reset (&self->warc);
}

void qw_input_free (qw_input_t *self)
{
    qw_input_close (self);
    qw_reader_free (&self->reader);
    qw_buffer_free (&self->path);
    qw_buffer_free (&self->converted);
    qw_json_article_free (&self->article);
    qw_findings_free (&self->findings);
    qw_warc_free (&self->warc);
}

/* ---- what it is ---------------------------------------------------------------------------------------------------- */

static bool is_json_white (char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/* The first byte that is not white space, after reading as far as it takes; 0: there is none nearby. */
static qw_status_t first_byte (qw_input_t *self, size_t *at, char *byte, qw_reason_t *reason)
{
    for (*at = 0, *byte = 0; *at < FIRST_LOOK; ++*at) {
        qw_status_t status = qw_reader_need (&self->reader, *at + 1, reason);
        qw_bytes_t bytes = qw_reader_bytes (&self->reader);
        if (status || *at >= bytes.size)
            return status;
        if (!is_json_white (bytes.data[*at])) {
            *byte = bytes.data[*at];
            return QW_OK;
        }
    }
    return QW_OK;
}

/* Without a name that tells it: a WARC or one of the formats when it begins like one; JSON when it begins with an
 * object, or with an array of one; a text may begin with a bracket. */
static qw_status_t kind_by_content (qw_input_t *self, qw_reason_t *reason)
{
    size_t at;
    char byte;
    qw_status_t status = first_byte (self, &at, &byte, reason);
    if (status)
        return status;
    self->kind = byte == '{' ? QW_KIND_JSON : QW_KIND_TEXT;
    if (byte == '<' || byte == 'W') {
        status = qw_reader_need (&self->reader, at + (byte == '<' ? QW_FORMAT_FRONT : 6), reason);
        if (status)
            return status;
        qw_bytes_t front = qw_reader_bytes (&self->reader);
        self->format = byte == '<' ? qw_format_of_content (front) : NULL;
        self->kind = self->format ? QW_KIND_DOCUMENT : qw_warc_sniff (front) ? QW_KIND_WARC : QW_KIND_TEXT;
    }
    if (!byte && self->reader.ended && qw_bytes_are ((qw_bytes_t){self->path.data, self->path.size}, "-"))
        self->kind = QW_KIND_LINES; /* nothing through a pipe is no article, not a broken one */
    while (byte == '[' && at < FIRST_LOOK) {
        status = qw_reader_need (&self->reader, ++at + 1, reason);
        qw_bytes_t bytes = qw_reader_bytes (&self->reader);
        if (status || at >= bytes.size)
            return status;
        if (is_json_white (bytes.data[at]))
            continue;
        if (bytes.data[at] == '{')
            self->kind = QW_KIND_JSON;
        break;
    }
    return QW_OK;
}

static qw_status_t stage_of_kind (qw_input_t *self, qw_reason_t *reason)
{
    size_t at = 0;
    char byte = 0;
    qw_status_t status = QW_OK;
    if (self->kind == QW_KIND_UNKNOWN || self->kind == QW_KIND_ARCHIVE)
        status = kind_by_content (self, reason);
    if (!status && self->kind == QW_KIND_JSON)
        status = first_byte (self, &at, &byte, reason);
    if (status)
        return status;
    if (self->kind == QW_KIND_TEXT)
        self->stage = QW_INPUT_TEXT;
    else if (self->kind == QW_KIND_LINES)
        self->stage = QW_INPUT_LINES;
    else if (self->kind == QW_KIND_DOCUMENT)
        self->stage = QW_INPUT_DOCUMENT;
    else if (self->kind == QW_KIND_WARC)
        self->stage = QW_INPUT_WARC;
    else if (byte == '[') {
        self->stage = QW_INPUT_ARRAY;
        qw_reader_take (&self->reader, at + 1);
    } else
        self->stage = byte == '{' ? QW_INPUT_VALUES : QW_INPUT_LINES;
    return QW_OK;
}

qw_status_t qw_input_look (qw_input_t *self, bool archives_allowed, qw_reason_t *reason)
{
    qw_status_t status = qw_reader_need (&self->reader, QW_MAGIC_FEW, reason);
    if (status == QW_AGAIN && qw_reader_bytes (&self->reader).size < 4)
        return QW_AGAIN;
    if (status && status != QW_AGAIN)
        return status;
    size_t mark;
    const char *encoding = NULL;
    if (!self->encoding[0]) {
        qw_magic_t magic = qw_archive_magic (qw_reader_bytes (&self->reader));
        qw_bytes_t bytes = qw_reader_bytes (&self->reader);
        encoding = qw_encoding_of_mark (bytes.data, bytes.size, &mark);
        if (magic == QW_MAGIC_MORE && !encoding) {
            if ((status = qw_reader_need (&self->reader, QW_MAGIC_BYTES, reason)) != QW_OK)
                return status;
            magic = qw_archive_magic (qw_reader_bytes (&self->reader));
        }
        if (magic == QW_MAGIC_ARCHIVE) {
            self->stage = QW_INPUT_ARCHIVE;
            return archives_allowed ? QW_OK
                                    : qw_fail (QW_UNSUPPORTED, reason, "archives stand too deep inside of each other");
        }
    }
    if (encoding) {
        qw_reader_take (&self->reader, mark);
        if (strcmp (encoding, "UTF-8") != 0) {
            snprintf (self->encoding, sizeof self->encoding, "%s", encoding);
            if ((status = qw_reader_decode (&self->reader, encoding, reason)) != QW_OK)
                return status;
        }
    }
    return stage_of_kind (self, reason);
}

/* ---- its records --------------------------------------------------------------------------------------------------- */

static qw_origin_t origin_of (const qw_input_t *self)
{
    return (qw_origin_t){.path = {self->path.data, self->path.size}, .number = self->record, .encoding = self->encoding};
}

static qw_status_t fail (const qw_input_t *self, qw_emitter_t *emitter, qw_bytes_t raw, const char *reason,
                         qw_record_t *record)
{
    qw_origin_t origin = origin_of (self);
    qw_emitter_fail (emitter, &origin, self->stage == QW_INPUT_LINES ? "line" : "record", raw, reason, record);
    return QW_OK;
}

/* The whole input as one text. */
static qw_status_t next_text (qw_input_t *self, size_t limit, qw_emitter_t *emitter, qw_record_t *record)
{
    qw_reason_t reason = {""};
    qw_status_t status = qw_reader_need (&self->reader, limit + 1, &reason);
    if (status == QW_AGAIN)
        return status;
    self->stage = QW_INPUT_DONE;
    qw_bytes_t raw = qw_reader_bytes (&self->reader), text;
    if (status)
        return fail (self, emitter, raw, reason.text, record);
    if (raw.size > limit) {
        qw_fail (QW_TOO_LARGE, &reason, "the text is larger than the %zu bytes allowed", limit);
        return fail (self, emitter, (qw_bytes_t){raw.data, limit}, reason.text, record);
    }
    char encoding[QW_ENCODING_NAME];
    status = qw_encoding_to_utf8 (raw, limit, &self->converted, &text, encoding, &reason);
    if (status)
        return fail (self, emitter, raw, reason.text, record);
    if (qw_encoding_is_blank (text))
        return fail (self, emitter, raw, "the text is empty", record);
    if (encoding[0])
        memcpy (self->encoding, encoding, sizeof encoding);
    qw_origin_t origin = origin_of (self);
    qw_emitter_text (emitter, &origin, text, (qw_bytes_t){NULL, 0}, record);
    return QW_OK;
}

/* One article from the bytes of one JSON object. */
static qw_status_t emit_article (qw_input_t *self, qw_bytes_t json, size_t limit, qw_emitter_t *emitter, qw_record_t *record)
{
    qw_reason_t reason = {""};
    char encoding[QW_ENCODING_NAME];
    qw_bytes_t text;
    qw_origin_t origin = origin_of (self);
    qw_status_t status = qw_encoding_to_utf8 (json, json_limit (limit), &self->converted, &text, encoding, &reason);
    self->article.id.data = NULL;
    if (!status)
        status = qw_json_article_read (&self->article, text, limit, &reason);
    if (status) {
        origin.id = self->article.id;
        qw_emitter_fail (emitter, &origin, self->stage == QW_INPUT_LINES ? "line" : "record", json, reason.text, record);
        return QW_OK;
    }
    origin.id = self->article.id;
    if (encoding[0])
        origin.encoding = encoding;
    qw_emitter_text (emitter, &origin, self->article.text, self->article.metadata, record);
    return QW_OK;
}

static qw_status_t next_line (qw_input_t *self, size_t limit, qw_emitter_t *emitter, qw_record_t *record)
{
    for (;;) {
        qw_reason_t reason = {""};
        qw_bytes_t line;
        qw_status_t status = qw_reader_line (&self->reader, json_limit (limit), &line, &reason);
        if (status == QW_END || status == QW_AGAIN)
            return status;
        self->record++;
        if (status) {
            if (status != QW_TOO_LARGE)
                self->stage = QW_INPUT_DONE;
            qw_origin_t origin = origin_of (self);
            qw_emitter_fail (emitter, &origin, "line", (qw_bytes_t){"", 0}, reason.text, record);
            return QW_OK;
        }
        size_t white = 0;
        while (white < line.size && is_json_white (line.data[white]))
            white++;
        if (white < line.size)
            return emit_article (self, line, limit, emitter, record);
    }
}

/* Passes over what stands between two values; *byte is the next value's first byte, 0 at the end. */
static qw_status_t pass_between (qw_input_t *self, char *byte, qw_reason_t *reason)
{
    for (;;) {
        qw_status_t status = qw_reader_need (&self->reader, 1, reason);
        qw_bytes_t bytes = qw_reader_bytes (&self->reader);
        if (status)
            return status;
        size_t at = 0;
        while (at < bytes.size
               && (is_json_white (bytes.data[at]) || (self->stage == QW_INPUT_ARRAY && bytes.data[at] == ',')))
            at++;
        *byte = at < bytes.size ? bytes.data[at] : 0;
        for (size_t i = 0; i < at && self->record == 0; i++)
            self->lines_before += bytes.data[i] == '\n';
        bool ended = bytes.size == 0;
        qw_reader_take (&self->reader, at);
        if (*byte || ended || at < bytes.size)
            return QW_OK;
    }
}

static qw_status_t end_with (qw_input_t *self, qw_emitter_t *emitter, const char *reason, qw_record_t *record)
{
    fail (self, emitter, (qw_bytes_t){"", 0}, reason, record);
    self->stage = QW_INPUT_DONE;
    return QW_OK;
}

/* Before a value: decides from what stands there whether there is one. QW_OK with *ready: yes. */
static qw_status_t begin_value (qw_input_t *self, qw_emitter_t *emitter, qw_record_t *record, bool *ready)
{
    qw_reason_t reason = {""};
    char byte = 0;
    qw_status_t status = pass_between (self, &byte, &reason);
    *ready = false;
    if (status == QW_AGAIN)
        return status;
    self->record++;
    if (status)
        return end_with (self, emitter, reason.text, record);
    if (byte == '{') {
        *ready = true;
        return QW_OK;
    }
    if (self->reader.ended && qw_reader_bytes (&self->reader).size == 0) {
        if (self->stage == QW_INPUT_ARRAY)
            return end_with (self, emitter, "the array has no end: the rest of the file is missing", record);
        return QW_END;
    }
    if (self->stage == QW_INPUT_ARRAY && byte == ']') {
        self->stage = QW_INPUT_DONE;
        return QW_END;
    }
    return end_with (self, emitter, "not a JSON object; the rest of the file is not read", record);
}

/* The next of several JSON objects, each over any number of lines. When the first stands in one line, or breaks off at the
 * end of its line, then the file is JSON lines: there a broken line costs no other. */
static qw_status_t next_value (qw_input_t *self, size_t limit, qw_emitter_t *emitter, qw_record_t *record)
{
    if (self->scanned == 0) {
        bool ready;
        qw_status_t status = begin_value (self, emitter, record, &ready);
        if (status || !ready)
            return status;
    }
    qw_json_piece_t piece = QW_JSON_MORE;
    qw_reason_t reason = {""};
    for (;;) {
        qw_bytes_t bytes = qw_reader_bytes (&self->reader);
        size_t used = 0;
        piece = qw_json_scan (&self->scan, (qw_bytes_t){bytes.data + self->scanned, bytes.size - self->scanned}, &used);
        self->scanned += used;
        if (piece != QW_JSON_MORE)
            break;
        if (self->scanned > json_limit (limit))
            return end_with (self, emitter, "the object is too large; the rest of the file is not read", record);
        qw_status_t status = qw_reader_need (&self->reader, bytes.size + 1, &reason);
        if (status == QW_AGAIN)
            return status;
        if (status)
            return end_with (self, emitter, reason.text, record);
        if (qw_reader_bytes (&self->reader).size == bytes.size)
            break; /* cut off by the end: reading it says what is missing */
    }
    qw_bytes_t json = {qw_reader_bytes (&self->reader).data, self->scanned};
    bool lines = self->stage == QW_INPUT_VALUES && self->record == 1 && !self->scan.has_line_end;
    self->scan = (qw_json_scan_t){0};
    self->scanned = 0;
    if (lines) {
        self->stage = QW_INPUT_LINES;
        self->record = self->lines_before;
        return next_line (self, limit, emitter, record);
    }
    qw_reader_take (&self->reader, json.size);
    emit_article (self, json, limit, emitter, record);
    if (piece == QW_JSON_TORN)
        self->stage = self->stage == QW_INPUT_VALUES ? QW_INPUT_LINES : QW_INPUT_DONE;
    return QW_OK;
}

/* ---- documents ----------------------------------------------------------------------------------------------------- */

/* The next article that was found, or QW_END. */
static qw_status_t next_found (qw_input_t *self, qw_emitter_t *emitter, qw_record_t *record)
{
    qw_found_t found;
    if (self->stage == QW_INPUT_STREAM) {
        qw_status_t status = qw_findings_stream (&self->findings, &self->reader, &found);
        if (status)
            return status;
    } else if (!qw_findings_next (&self->findings, &found))
        return QW_END;
    if (self->stage != QW_INPUT_WARC && self->findings.format->has_many)
        self->record++;
    qw_origin_t origin = origin_of (self);
    origin.id = found.id;
    if (found.encoding && found.encoding[0])
        origin.encoding = found.encoding;
    if (found.failed)
        qw_emitter_fail (emitter, &origin, "record", found.text, found.failed, record);
    else
        qw_emitter_text (emitter, &origin, found.text, found.metadata, record);
    return QW_OK;
}

static qw_status_t read_document (qw_input_t *self, size_t max_document_bytes, qw_emitter_t *emitter, qw_record_t *record)
{
    qw_reason_t reason = {""};
    qw_format_context_t context = {.max_document_bytes = max_document_bytes};
    if (self->encoding[0])
        context.charset = QW_BYTES ("UTF-8"); /* the reader has converted it */
    if (self->format->next) {
        qw_findings_begin (&self->findings, self->format, &context);
        self->stage = QW_INPUT_STREAM;
        return next_found (self, emitter, record);
    }
    size_t limit = qw_format_limit (max_document_bytes);
    qw_status_t status = qw_reader_need (&self->reader, limit + 1, &reason);
    if (status == QW_AGAIN)
        return status;
    qw_bytes_t raw = qw_reader_bytes (&self->reader);
    if (!status && raw.size > limit) {
        status = qw_fail (QW_TOO_LARGE, &reason, "the file is larger than the %zu bytes allowed", limit);
        raw.size = limit;
    }
    self->stage = QW_INPUT_FOUND;
    if (!status)
        status = qw_findings_read (&self->findings, self->format, &context, raw, &reason);
    if (!status)
        return next_found (self, emitter, record);
    self->stage = QW_INPUT_DONE;
    return fail (self, emitter, raw, reason.text, record);
}

static qw_status_t next_page (qw_input_t *self, size_t limit, qw_emitter_t *emitter, qw_record_t *record)
{
    qw_reason_t reason = {""};
    qw_warc_page_t page;
    qw_status_t status = qw_warc_next (&self->warc, &self->reader, qw_format_limit (limit), &page, &reason);
    if (status == QW_AGAIN || status == QW_END)
        return status;
    self->record = self->warc.number;
    if (status)
        return fail (self, emitter, (qw_bytes_t){"", 0}, reason.text, record);
    qw_format_context_t context = {page.url, page.date, page.charset, limit};
    status = qw_findings_read (&self->findings, page.is_html ? &qw_format_html : &qw_format_web_text,
                               &context, page.content, &reason);
    if (status)
        return fail (self, emitter, page.content, reason.text, record);
    return next_found (self, emitter, record);
}

qw_status_t qw_input_next (qw_input_t *self, size_t max_document_bytes, qw_emitter_t *emitter, qw_record_t *record)
{
    switch (self->stage) {
    case QW_INPUT_TEXT: return next_text (self, max_document_bytes, emitter, record);
    case QW_INPUT_LINES: return next_line (self, max_document_bytes, emitter, record);
    case QW_INPUT_VALUES:
    case QW_INPUT_ARRAY: return next_value (self, max_document_bytes, emitter, record);
    case QW_INPUT_DOCUMENT: return read_document (self, max_document_bytes, emitter, record);
    case QW_INPUT_STREAM:
    case QW_INPUT_FOUND: return next_found (self, emitter, record);
    case QW_INPUT_WARC: return next_page (self, max_document_bytes, emitter, record);
    case QW_INPUT_NEW:
    case QW_INPUT_ARCHIVE:
    case QW_INPUT_DONE: break;
    }
    return QW_END;
}
