/*  api_lists.c - lists of documents, entities and quotations, a page at a time.

    A page goes on where the one before it ended, by the values that order it (the cursor), not by counting rows: so nothing
    comes twice and nothing is left out while documents are being added. */
#include <stdlib.h>

#include "sink/index/statement.h"
#include "sink/web/api_private.h"

enum { PAGE = 50 /* items, unless the request says how many */ };

#define MARKS "char (2), char (3)"

/* Where the last page ended. A date that is not known is "". */
typedef struct {
    bool given;
    int64_t position, number;
    const char *date;
} cursor_t;

/* "POSITION,NUMBER,DATE" */
static qw_status_t read_cursor (const qw_web_request_t *request, cursor_t *cursor, qw_reason_t *reason)
{
    char *end;
    const char *text = request->values[QW_WEB_CURSOR];
    *cursor = (cursor_t){.given = text != NULL};
    if (!text)
        return QW_OK;
    cursor->position = strtoll (text, &end, 10);
    if (end == text || *end != ',')
        return qw_fail (QW_INVALID, reason, "parameter 'cursor' is none that an answer had");
    text = end + 1;
    cursor->number = strtoll (text, &end, 10);
    if (end == text || *end != ',')
        return qw_fail (QW_INVALID, reason, "parameter 'cursor' is none that an answer had");
    cursor->date = end + 1;
    return QW_OK;
}

static qw_sql_t limit_of (const qw_web_request_t *request, size_t *limit)
{
    *limit = request->values[QW_WEB_LIMIT] ? (size_t) request->numbers[QW_WEB_LIMIT] : PAGE;
    return qw_sql_integer ((int64_t) *limit + 1); /* one more: is there a next page? */
}

static void open_list (qw_json_out_t *out, const char *name)
{
    qw_json_put_text (out, "{\"");
    qw_json_put_text (out, name);
    qw_json_put_text (out, "\":[");
}

static void close_list (qw_json_out_t *out, const qw_rows_t *rows)
{
    qw_json_put_text (out, "],\"next\":");
    if (rows->more && rows->cursor_size)
        qw_json_put_string (out, (qw_bytes_t){rows->cursor, rows->cursor_size});
    else
        qw_json_put_text (out, "null");
    qw_json_put_text (out, "}");
}

static void must_fit_document (qw_statement_t *statement, const qw_web_request_t *request)
{
    qw_statement_must_be_in_time (statement, request->values[QW_WEB_SINCE], request->values[QW_WEB_UNTIL]);
    qw_statement_must_text (statement, "lower (d.outlet) = lower (?)", request->values[QW_WEB_OUTLET]);
}

/* ---- documents ----------------------------------------------------------------------------------------------------- */

#define DOCUMENT_COLUMNS                                                                                                    \
    "d.position, d.id, d.title, d.date, d.outlet, d.byline, d.url, d.failed, d.quotes, d.mentions, d.tokens,"               \
    " (SELECT json_group_array (json_object ('key', key, 'name', name, 'quotes', times)) FROM"                              \
    "  (SELECT e.key AS key, e.name AS name, count (*) AS times FROM quotes q JOIN entities e ON e.id = q.entity"           \
    "   WHERE q.document = d.position GROUP BY e.id ORDER BY times DESC, min (q.number) LIMIT 4))"

static const qw_column_t document_columns[] = {
    {"position", QW_COLUMN_VALUE}, {"id", QW_COLUMN_VALUE},        {"title", QW_COLUMN_VALUE},
    {"date", QW_COLUMN_VALUE},     {"outlet", QW_COLUMN_VALUE},    {"byline", QW_COLUMN_VALUE},
    {"url", QW_COLUMN_VALUE},      {"failed", QW_COLUMN_VALUE},    {"quotes", QW_COLUMN_VALUE},
    {"mentions", QW_COLUMN_VALUE}, {"tokens", QW_COLUMN_VALUE},    {"speakers", QW_COLUMN_JSON},
    {"snippet", QW_COLUMN_MARKED}, {"position", QW_COLUMN_HIDDEN}, {"number", QW_COLUMN_HIDDEN},
    {"date", QW_COLUMN_HIDDEN},    {NULL, QW_COLUMN_VALUE}};

/* Where no words were looked for, the beginning stands for a snippet: of the text behind the title. */
#define BEGINNING                                                                                                           \
    "substr (d.text, CASE WHEN substr (d.text, 1, length (d.title)) = d.title THEN length (d.title) + 1 ELSE 1 END, 600)"

static void begin_behind (qw_statement_t *statement, const cursor_t *cursor, bool added)
{
    qw_sql_t position = qw_sql_integer (cursor->position), date = qw_sql_text (qw_bytes_of (cursor->date));
    if (added)
        qw_statement_must (statement, "d.position < ?", position);
    else if (!*cursor->date)
        qw_statement_must (statement, "d.date IS NULL AND d.position < ?", position);
    else {
        qw_statement_must (statement, "(d.date < ? OR d.date IS NULL", date);
        qw_statement_put_with (statement, " OR (d.date = ?", date);
        qw_statement_put_with (statement, " AND d.position < ?))", position);
    }
}

qw_status_t qw_web_list_documents (qw_web_reader_t *self, const qw_web_request_t *request, qw_json_out_t *out,
                                   qw_reason_t *reason)
{
    qw_statement_t statement = {.dialect = qw_database_dialect (self->database)};
    qw_rows_t rows = {.out = out, .columns = document_columns};
    const char *words = request->values[QW_WEB_WORDS], *order = request->values[QW_WEB_ORDER];
    bool added = order && strcmp (order, "added") == 0;
    cursor_t cursor;
    qw_status_t status = read_cursor (request, &cursor, reason);
    if (status)
        return status;
    qw_sql_t limit = limit_of (request, &rows.most);
    qw_statement_put (&statement, "SELECT " DOCUMENT_COLUMNS ", ");
    qw_statement_put (&statement, words ? "snippet (documents_words, 0, " MARKS ", ' … ', 40)" : BEGINNING);
    qw_statement_put (&statement, ", d.position, 0, d.date FROM documents d");
    if (words) {
        qw_statement_put (&statement, " JOIN documents_words ON documents_words.rowid = d.position");
        qw_statement_must (&statement, "documents_words MATCH ?", qw_statement_words (&statement, words));
    }
    if (request->values[QW_WEB_MENTIONED])
        qw_statement_must_text (&statement,
                                "d.position IN (SELECT document FROM mentions WHERE entity ="
                                " (SELECT id FROM entities WHERE key = ?))",
                                request->values[QW_WEB_MENTIONED]);
    must_fit_document (&statement, request);
    if (cursor.given)
        begin_behind (&statement, &cursor, added);
    qw_statement_put (&statement, added ? " ORDER BY d.position DESC" : " ORDER BY d.date DESC, d.position DESC");
    qw_statement_put_with (&statement, " LIMIT ?", limit);
    open_list (out, "documents");
    status = qw_statement_ask (&statement, self->database, qw_rows_put, &rows, reason);
    close_list (out, &rows);
    return status;
}

/* ---- quotations ---------------------------------------------------------------------------------------------------- */

static const qw_column_t quote_columns[] = {
    {"position", QW_COLUMN_VALUE},   {"number", QW_COLUMN_VALUE},    {"start", QW_COLUMN_VALUE},
    {"end", QW_COLUMN_VALUE},        {"type", QW_COLUMN_VALUE},      {"speech", QW_COLUMN_FLAG},
    {"speaker", QW_COLUMN_VALUE},    {"entity", QW_COLUMN_VALUE},    {"mention", QW_COLUMN_VALUE},
    {"cue", QW_COLUMN_VALUE},        {"via", QW_COLUMN_VALUE},       {"how", QW_COLUMN_VALUE},
    {"confidence", QW_COLUMN_VALUE}, {"statement", QW_COLUMN_VALUE}, {"times", QW_COLUMN_VALUE},
    {"title", QW_COLUMN_VALUE},      {"date", QW_COLUMN_VALUE},      {"outlet", QW_COLUMN_VALUE},
    {"text", QW_COLUMN_MARKED},      {"position", QW_COLUMN_HIDDEN}, {"number", QW_COLUMN_HIDDEN},
    {"date", QW_COLUMN_HIDDEN},      {NULL, QW_COLUMN_VALUE}};

static void begin_behind_quote (qw_statement_t *statement, const cursor_t *cursor)
{
    qw_sql_t position = qw_sql_integer (cursor->position), number = qw_sql_integer (cursor->number),
             date = qw_sql_text (qw_bytes_of (cursor->date));
    if (!*cursor->date)
        qw_statement_must (statement, "d.date IS NULL AND (q.document < ?", position);
    else {
        qw_statement_must (statement, "(d.date < ? OR d.date IS NULL", date);
        qw_statement_put_with (statement, " OR d.date = ?", date);
        qw_statement_put_with (statement, " AND (q.document < ?", position);
    }
    qw_statement_put_with (statement, " OR (q.document = ?", position);
    qw_statement_put_with (statement, *cursor->date ? " AND q.number > ?)))" : " AND q.number > ?))", number);
}

/* Two steps: which quotations stand on the page, and then, of these alone, where in them the words are. */
qw_status_t qw_web_list_quotes (qw_web_reader_t *self, const qw_web_request_t *request, qw_json_out_t *out,
                                qw_reason_t *reason)
{
    qw_statement_t statement = {.dialect = qw_database_dialect (self->database)};
    qw_rows_t rows = {.out = out, .columns = quote_columns};
    const char *words = request->values[QW_WEB_WORDS];
    cursor_t cursor;
    qw_status_t status = read_cursor (request, &cursor, reason);
    if (status)
        return status;
    qw_sql_t limit = limit_of (request, &rows.most);
    qw_statement_put (&statement, "SELECT q.document, q.number, q.start, q.stop, q.type, q.speech,"
                                  " coalesce (s.name, q.speaker), s.key, q.mention, q.cue, q.via, q.how, q.confidence,"
                                  " q.statement, CASE WHEN q.statement IS NULL THEN 1 ELSE"
                                  " (SELECT count (*) FROM quotes o WHERE o.statement = q.statement) END,"
                                  " d.title, d.date, d.outlet, ");
    qw_statement_put (&statement, words ? "highlight (quotes_words, 0, " MARKS ")" : "q.text");
    qw_statement_put (&statement, ", q.document, q.number, d.date FROM (SELECT q.id AS id FROM quotes q"
                                  " JOIN documents d ON d.position = q.document");
    if (words)
        qw_statement_must (&statement, statement.dialect->quote_says, qw_statement_words (&statement, words));
    qw_statement_must_text (&statement, "q.entity = (SELECT id FROM entities WHERE key = ?)",
                            request->values[QW_WEB_SPEAKER]);
    qw_statement_must_text (&statement, "q.type = ?", request->values[QW_WEB_QUOTE_TYPE]);
    if (request->values[QW_WEB_POSITION])
        qw_statement_must (&statement, "q.document = ?", qw_sql_integer ((int64_t) request->numbers[QW_WEB_POSITION]));
    if (request->values[QW_WEB_CONFIDENCE])
        qw_statement_must (&statement, "q.confidence >= ?", qw_sql_integer ((int64_t) request->numbers[QW_WEB_CONFIDENCE]));
    must_fit_document (&statement, request);
    if (cursor.given)
        begin_behind_quote (&statement, &cursor);
    qw_statement_put_with (&statement, " ORDER BY d.date DESC, q.document DESC, q.number LIMIT ?", limit);
    qw_statement_put (&statement, ") page JOIN quotes q ON q.id = page.id JOIN documents d ON d.position = q.document"
                                  " LEFT JOIN entities s ON s.id = q.entity");
    if (words) {
        statement.conditions = false;
        qw_statement_put (&statement, " JOIN quotes_words ON quotes_words.rowid = q.id");
        qw_statement_must (&statement, "quotes_words MATCH ?", qw_statement_words (&statement, words));
    }
    qw_statement_put (&statement, " ORDER BY d.date DESC, q.document DESC, q.number");
    open_list (out, "quotes");
    status = qw_statement_ask (&statement, self->database, qw_rows_put, &rows, reason);
    close_list (out, &rows);
    return status;
}

/* ---- entities ------------------------------------------------------------------------------------------------------ */

#define ENTITY_COLUMNS "SELECT e.key, e.name, e.type, e.documents, e.mentions, e.quotes, e.quoted_in FROM entities e"

static const qw_column_t entity_columns[] = {{"key", QW_COLUMN_VALUE},       {"name", QW_COLUMN_VALUE},
                                             {"type", QW_COLUMN_VALUE},      {"documents", QW_COLUMN_VALUE},
                                             {"mentions", QW_COLUMN_VALUE},  {"quotes", QW_COLUMN_VALUE},
                                             {"quoted_in", QW_COLUMN_VALUE}, {NULL, QW_COLUMN_VALUE}};

qw_status_t qw_web_list_entities (qw_web_reader_t *self, const qw_web_request_t *request, qw_json_out_t *out,
                                  qw_reason_t *reason)
{
    qw_statement_t statement = {.dialect = qw_database_dialect (self->database)};
    qw_rows_t rows = {.out = out, .columns = entity_columns};
    qw_sql_t limit = limit_of (request, &rows.most);
    qw_statement_put (&statement, ENTITY_COLUMNS);
    if (request->values[QW_WEB_WORDS]) {
        qw_sql_t words = qw_statement_words (&statement, request->values[QW_WEB_WORDS]);
        qw_json_out_t *text = &statement.texts[statement.count];
        if (words.text.size > 0) { /* the last word may not be typed to its end yet */
            qw_json_put_text (text, "*");
            words = qw_sql_text ((qw_bytes_t){text->data, text->size});
        }
        qw_statement_must (&statement, statement.dialect->entity_is, words);
    }
    qw_statement_must_text (&statement, "e.type = ?", request->values[QW_WEB_ENTITY_TYPE]);
    qw_statement_put_with (&statement, " ORDER BY e.quotes DESC, e.documents DESC, e.key LIMIT ?", limit);
    open_list (out, "entities");
    qw_status_t status = qw_statement_ask (&statement, self->database, qw_rows_put, &rows, reason);
    close_list (out, &rows);
    return status;
}

/* A list of (text, number) rows as a member. */
static qw_status_t put_counts (qw_web_reader_t *self, const char *key, const char *member, const char *sql,
                               const qw_column_t *columns, qw_json_out_t *out, qw_reason_t *reason)
{
    const qw_sql_t value = qw_sql_text (qw_bytes_of (key));
    qw_rows_t rows = {.out = out, .columns = columns};
    qw_json_put_text (out, member);
    qw_status_t status = qw_database_query (self->database, sql, &value, 1, qw_rows_put, &rows, reason);
    qw_json_put_text (out, "]");
    return status;
}

qw_status_t qw_web_put_entity (qw_web_reader_t *self, const qw_web_request_t *request, qw_json_out_t *out,
                               qw_reason_t *reason)
{
#define ITS_QUOTES                                                                                                          \
    " FROM quotes q JOIN documents d ON d.position = q.document WHERE q.entity = (SELECT id FROM entities WHERE key = $1)"
    static const char names[] = "SELECT q.mention, count (*) AS times" ITS_QUOTES
                                " AND q.mention IS NOT NULL GROUP BY lower (q.mention) ORDER BY times DESC, 1 LIMIT 12";
    static const char outlets[] = "SELECT d.outlet, count (*) AS times" ITS_QUOTES
                                  " AND d.outlet IS NOT NULL GROUP BY lower (d.outlet) ORDER BY times DESC, 1 LIMIT 12";
    static const char days[] = "SELECT substr (d.date, 1, 10) AS day, count (*)" ITS_QUOTES " GROUP BY day ORDER BY day";
#undef ITS_QUOTES
    static const qw_column_t name_columns[] = {
        {"text", QW_COLUMN_VALUE}, {"quotes", QW_COLUMN_VALUE}, {NULL, QW_COLUMN_VALUE}};
    static const qw_column_t outlet_columns[] = {
        {"outlet", QW_COLUMN_VALUE}, {"quotes", QW_COLUMN_VALUE}, {NULL, QW_COLUMN_VALUE}};
    static const qw_column_t day_columns[] = {
        {"date", QW_COLUMN_VALUE}, {"quotes", QW_COLUMN_VALUE}, {NULL, QW_COLUMN_VALUE}};
    const qw_sql_t key = qw_sql_text (qw_bytes_of (request->subject));
    qw_rows_t rows = {.out = out, .columns = entity_columns};
    qw_json_put_text (out, "{\"entity\":");
    qw_status_t status =
        qw_database_query (self->database, ENTITY_COLUMNS " WHERE e.key = $1", &key, 1, qw_rows_put, &rows, reason);
    if (!status && rows.rows == 0)
        return qw_fail (QW_NOT_FOUND, reason, "there is no entity with this key");
    if (!status)
        status = put_counts (self, request->subject, ",\"names\":[", names, name_columns, out, reason);
    if (!status)
        status = put_counts (self, request->subject, ",\"outlets\":[", outlets, outlet_columns, out, reason);
    if (!status)
        status = put_counts (self, request->subject, ",\"days\":[", days, day_columns, out, reason);
    qw_json_put_text (out, "}");
    return status;
}
