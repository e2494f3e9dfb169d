#include <ctype.h>
#include <sqlite3.h>
#include <stdlib.h>

#include "proto/memory.h"
#include "sink/index/database.h"

enum { STATEMENTS = 32, WAIT_MS = 10000 };

typedef struct {
    qw_database_t base;
    sqlite3 *connection;
    struct {
        const char *sql;
        sqlite3_stmt *statement;
    } prepared[STATEMENTS];
    size_t prepared_count;
} sqlite_t;

/* The words of documents, quotations and names stand in FTS5 tables "of external content": the words are in the index, the
 * text only in the table itself. FTS5 writes out what it has gathered at every statement with a trigger, so triggers only
 * take rows out; new ones are put in by a few statements before each commit. What is in is what has a row in _docsize. */
static const char create[] =
    "CREATE TABLE IF NOT EXISTS state (one INTEGER PRIMARY KEY CHECK (one = 1), version INTEGER NOT NULL,"
    "    position INTEGER NOT NULL, crc32c INTEGER NOT NULL);"
    "CREATE TABLE IF NOT EXISTS documents (position INTEGER PRIMARY KEY, id TEXT NOT NULL, title TEXT, date TEXT,"
    "    outlet TEXT, byline TEXT, url TEXT, language TEXT, path TEXT, failed TEXT, tokens INTEGER NOT NULL,"
    "    mentions INTEGER NOT NULL, quotes INTEGER NOT NULL, metadata TEXT, text TEXT NOT NULL);"
    "CREATE INDEX IF NOT EXISTS documents_by_id ON documents (id);"
    "CREATE INDEX IF NOT EXISTS documents_by_date ON documents (date);"
    "CREATE TABLE IF NOT EXISTS entities (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, type TEXT NOT NULL,"
    "    name TEXT NOT NULL, documents INTEGER NOT NULL, mentions INTEGER NOT NULL, quotes INTEGER NOT NULL,"
    "    quoted_in INTEGER NOT NULL);"
    "CREATE INDEX IF NOT EXISTS entities_by_quotes ON entities (quotes) WHERE quotes > 0;"
    "CREATE TABLE IF NOT EXISTS names (id INTEGER PRIMARY KEY, entity INTEGER NOT NULL, name TEXT NOT NULL,"
    "    documents INTEGER NOT NULL, UNIQUE (entity, name));"
    "CREATE TABLE IF NOT EXISTS mentions (document INTEGER NOT NULL, number INTEGER NOT NULL, start INTEGER NOT NULL,"
    "    stop INTEGER NOT NULL, type TEXT NOT NULL, entity INTEGER, PRIMARY KEY (document, number)) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS mentions_by_entity ON mentions (entity) WHERE entity IS NOT NULL;"
    "CREATE TABLE IF NOT EXISTS quotes (id INTEGER PRIMARY KEY, document INTEGER NOT NULL, number INTEGER NOT NULL,"
    "    start INTEGER NOT NULL, stop INTEGER NOT NULL, type TEXT NOT NULL, speech INTEGER NOT NULL, text TEXT NOT NULL,"
    "    cue TEXT, mention TEXT, via TEXT, speaker TEXT, entity INTEGER, how TEXT NOT NULL, confidence INTEGER NOT NULL,"
    "    statement TEXT);"
    "CREATE UNIQUE INDEX IF NOT EXISTS quotes_by_document ON quotes (document, number);"
    "CREATE INDEX IF NOT EXISTS quotes_by_entity ON quotes (entity, document) WHERE entity IS NOT NULL;"
    "CREATE INDEX IF NOT EXISTS quotes_by_statement ON quotes (statement) WHERE statement IS NOT NULL;"
    "CREATE VIRTUAL TABLE IF NOT EXISTS documents_words USING fts5 (text, content='documents', content_rowid='position',"
    "    tokenize='porter unicode61 remove_diacritics 2');"
    "CREATE VIRTUAL TABLE IF NOT EXISTS quotes_words USING fts5 (text, content='quotes', content_rowid='id',"
    "    tokenize='porter unicode61 remove_diacritics 2');"
    "CREATE VIRTUAL TABLE IF NOT EXISTS speakers_words USING fts5 (speaker, content='quotes', content_rowid='id',"
    "    tokenize='unicode61 remove_diacritics 2');"
    "CREATE VIRTUAL TABLE IF NOT EXISTS names_words USING fts5 (name, content='names', content_rowid='id',"
    "    tokenize='unicode61 remove_diacritics 2');"
    "CREATE TRIGGER IF NOT EXISTS documents_out AFTER DELETE ON documents"
    "    WHEN EXISTS (SELECT 1 FROM documents_words_docsize WHERE id = old.position) BEGIN"
    "    INSERT INTO documents_words (documents_words, rowid, text) VALUES ('delete', old.position, old.text); END;"
    "CREATE TRIGGER IF NOT EXISTS quotes_out AFTER DELETE ON quotes"
    "    WHEN EXISTS (SELECT 1 FROM quotes_words_docsize WHERE id = old.id) BEGIN"
    "    INSERT INTO quotes_words (quotes_words, rowid, text) VALUES ('delete', old.id, old.text); END;"
    "CREATE TRIGGER IF NOT EXISTS speakers_out AFTER DELETE ON quotes"
    "    WHEN EXISTS (SELECT 1 FROM speakers_words_docsize WHERE id = old.id) BEGIN"
    "    INSERT INTO speakers_words (speakers_words, rowid, speaker) VALUES ('delete', old.id, old.speaker); END;"
    "CREATE TRIGGER IF NOT EXISTS names_out AFTER DELETE ON names"
    "    WHEN EXISTS (SELECT 1 FROM names_words_docsize WHERE id = old.id) BEGIN"
    "    INSERT INTO names_words (names_words, rowid, name) VALUES ('delete', old.id, old.name); END;";

static const char *const settle[] = {
    "INSERT INTO documents_words (rowid, text) SELECT position, text FROM documents"
    " WHERE position > (SELECT coalesce (max (id), -1) FROM documents_words_docsize)",
    "INSERT INTO quotes_words (rowid, text) SELECT id, text FROM quotes"
    " WHERE id > (SELECT coalesce (max (id), 0) FROM quotes_words_docsize)",
    "INSERT INTO speakers_words (rowid, speaker) SELECT id, speaker FROM quotes WHERE entity IS NULL AND speaker IS NOT NULL"
    " AND id > (SELECT coalesce (max (id), 0) FROM speakers_words_docsize)",
    "INSERT INTO names_words (rowid, name) SELECT id, name FROM names"
    " WHERE id > (SELECT coalesce (max (id), 0) FROM names_words_docsize)",
    NULL};

static const char drop[] =
    "DROP TABLE IF EXISTS documents_words; DROP TABLE IF EXISTS quotes_words; DROP TABLE IF EXISTS speakers_words;"
    "DROP TABLE IF EXISTS names_words; DROP TABLE IF EXISTS documents; DROP TABLE IF EXISTS entities;"
    "DROP TABLE IF EXISTS names; DROP TABLE IF EXISTS mentions; DROP TABLE IF EXISTS quotes; DROP TABLE IF EXISTS state;";

static qw_status_t refuse (const sqlite_t *self, qw_reason_t *reason)
{
    int code = sqlite3_errcode (self->connection) & 0xff;
    qw_status_t status = code == SQLITE_BUSY || code == SQLITE_LOCKED ? QW_BUSY
                       : code == SQLITE_CORRUPT || code == SQLITE_NOTADB ? QW_DAMAGED
                                                                         : QW_SYSTEM;
    return qw_fail (status, reason, "the index: %s", sqlite3_errmsg (self->connection));
}

static void close_database (qw_database_t *base)
{
    sqlite_t *self = (sqlite_t *) base;
    for (size_t i = 0; i < self->prepared_count; i++)
        sqlite3_finalize (self->prepared[i].statement);
    sqlite3_close (self->connection);
    free (self);
}

static qw_status_t execute (sqlite_t *self, const char *sql, qw_reason_t *reason)
{
    return sqlite3_exec (self->connection, sql, NULL, NULL, NULL) ? refuse (self, reason) : QW_OK;
}

static qw_status_t begin (qw_database_t *base, qw_reason_t *reason)
{
    return execute ((sqlite_t *) base, "BEGIN IMMEDIATE", reason);
}

static qw_status_t commit (qw_database_t *base, qw_reason_t *reason)
{
    return execute ((sqlite_t *) base, "COMMIT", reason);
}

static void roll_back (qw_database_t *base)
{
    sqlite_t *self = (sqlite_t *) base;
    if (!sqlite3_get_autocommit (self->connection))
        execute (self, "ROLLBACK", NULL);
}

static qw_status_t script (qw_database_t *base, const char *text, qw_reason_t *reason)
{
    qw_status_t status = begin (base, reason);
    if (!status)
        status = execute ((sqlite_t *) base, text, reason);
    if (!status)
        status = commit (base, reason);
    if (status)
        roll_back (base);
    return status;
}

static void bind_values (sqlite3_stmt *statement, const qw_sql_t *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int at = (int) i + 1;
        if (values[i].kind == QW_SQL_INTEGER)
            sqlite3_bind_int64 (statement, at, values[i].integer);
        else if (values[i].kind == QW_SQL_TEXT)
            sqlite3_bind_text64 (statement, at, values[i].text.data, values[i].text.size, SQLITE_STATIC, SQLITE_UTF8);
        else
            sqlite3_bind_null (statement, at);
    }
}

static sqlite3_stmt *prepare (sqlite_t *self, const char *sql, unsigned flags)
{
    sqlite3_stmt *statement = NULL;
    sqlite3_prepare_v3 (self->connection, sql, -1, flags, &statement, NULL);
    return statement;
}

static sqlite3_stmt *prepared (sqlite_t *self, const char *sql)
{
    for (size_t i = 0; i < self->prepared_count; i++)
        if (self->prepared[i].sql == sql)
            return self->prepared[i].statement;
    sqlite3_stmt *statement = prepare (self, sql, SQLITE_PREPARE_PERSISTENT);
    if (!statement || self->prepared_count == STATEMENTS)
        return statement;
    self->prepared[self->prepared_count].sql = sql;
    self->prepared[self->prepared_count++].statement = statement;
    return statement;
}

static qw_status_t run (qw_database_t *base, const char *sql, const qw_sql_t *values, size_t count, qw_reason_t *reason)
{
    sqlite_t *self = (sqlite_t *) base;
    sqlite3_stmt *statement = prepared (self, sql);
    if (!statement)
        return refuse (self, reason);
    bind_values (statement, values, count);
    int code = sqlite3_step (statement);
    qw_status_t status = code == SQLITE_DONE || code == SQLITE_ROW ? QW_OK : refuse (self, reason);
    sqlite3_reset (statement);
    sqlite3_clear_bindings (statement);
    return status;
}

static qw_sql_t column (sqlite3_stmt *statement, int i)
{
    int type = sqlite3_column_type (statement, i);
    if (type == SQLITE_NULL)
        return (qw_sql_t){.kind = QW_SQL_NULL};
    if (type == SQLITE_INTEGER)
        return qw_sql_integer (sqlite3_column_int64 (statement, i));
    const char *text = (const char *) sqlite3_column_text (statement, i);
    return qw_sql_text ((qw_bytes_t){text ? text : "", (size_t) sqlite3_column_bytes (statement, i)});
}

static qw_status_t query (qw_database_t *base, const char *sql, const qw_sql_t *values, size_t count, qw_sql_row_fn *each,
                          void *context, qw_reason_t *reason)
{
    sqlite_t *self = (sqlite_t *) base;
    sqlite3_stmt *statement = prepare (self, sql, 0);
    if (!statement)
        return refuse (self, reason);
    bind_values (statement, values, count);
    int columns = sqlite3_column_count (statement), code;
    qw_sql_t *row = qw_must (calloc ((size_t) columns + 1, sizeof *row));
    while ((code = sqlite3_step (statement)) == SQLITE_ROW) {
        for (int i = 0; i < columns; i++)
            row[i] = column (statement, i);
        if (!each (context, row, (size_t) columns)) {
            code = SQLITE_DONE;
            break;
        }
    }
    qw_status_t status = code == SQLITE_DONE ? QW_OK : refuse (self, reason);
    free (row);
    sqlite3_finalize (statement);
    return status;
}

static bool has_letters (qw_bytes_t term)
{
    for (size_t i = 0; i < term.size; i++)
        if (isalnum ((unsigned char) term.data[i]) || (unsigned char) term.data[i] >= 0x80)
            return true;
    return false;
}

/* A term in FTS5's quotation marks. What is in them is words alone: typed marks end them, and so are never inside. */
static void put_term (qw_json_out_t *out, const char *before, qw_bytes_t term)
{
    qw_json_put_text (out, before);
    qw_json_put_raw (out, "\"", 1);
    qw_json_put_raw (out, term.data, term.size);
    qw_json_put_raw (out, "\"", 1);
}

/* The next word or "phrase" of what was typed; false at its end. */
static bool next_term (const char **at, const char *end, qw_bytes_t *term, bool *minus)
{
    while (*at < end && isspace ((unsigned char) **at))
        ++*at;
    *minus = *at < end && **at == '-';
    *at += *minus;
    bool phrase = *at < end && **at == '"';
    *at += phrase;
    const char *begin = *at;
    while (*at < end && **at != '"' && (phrase || !isspace ((unsigned char) **at)))
        ++*at;
    *term = (qw_bytes_t){begin, (size_t) (*at - begin)};
    *at += phrase && *at < end;
    return *at < end || term->size > 0;
}

/* `"harbour" "two words" NOT "boat"`: words beside each other must all be there. FTS5 cannot look for nothing but what is
 * not there, so words to leave out count only beside others. */
static void words (qw_json_out_t *out, qw_bytes_t typed)
{
    size_t begin = out->size;
    for (int leaving_out = 0; leaving_out < 2; leaving_out++) {
        const char *at = typed.data, *end = at + typed.size;
        qw_bytes_t term;
        for (bool minus; next_term (&at, end, &term, &minus);)
            if (minus == (bool) leaving_out && has_letters (term) && (!minus || out->size > begin))
                put_term (out, minus ? " NOT " : out->size > begin ? " " : "", term);
    }
    if (out->size == begin)
        qw_json_put_text (out, "\"\""); /* finds nothing */
}

static const qw_database_kind_t kind = {
    .dialect = {.create = create,
                .drop = drop,
                .settle = settle,
                .quote_says = "q.id IN (SELECT rowid FROM quotes_words WHERE quotes_words MATCH ?)",
                .speaker_is = "q.id IN (SELECT rowid FROM speakers_words WHERE speakers_words MATCH ?"
                              " UNION ALL SELECT id FROM quotes WHERE entity IN (SELECT entity FROM names WHERE id IN"
                              " (SELECT rowid FROM names_words WHERE names_words MATCH ?)))",
                .entity_is = "e.id IN (SELECT entity FROM names WHERE id IN"
                             " (SELECT rowid FROM names_words WHERE names_words MATCH ?))",
                .document_says = "d.position IN (SELECT rowid FROM documents_words WHERE documents_words MATCH ?)",
                .words = words},
    .close = close_database,
    .script = script,
    .begin = begin,
    .commit = commit,
    .roll_back = roll_back,
    .run = run,
    .query = query};

qw_status_t qw_database_open_sqlite (qw_database_t **self_p, const char *path, bool writable, qw_reason_t *reason)
{
    sqlite_t *self = qw_must (calloc (1, sizeof *self));
    self->base.kind = &kind;
    int flags = (writable ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY) | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2 (path, &self->connection, flags, NULL)) {
        qw_fail (QW_SYSTEM, reason, "the index %s cannot be opened: %s", path, sqlite3_errmsg (self->connection));
        close_database (&self->base);
        return QW_SYSTEM;
    }
    sqlite3_busy_timeout (self->connection, WAIT_MS);
    /* A write-ahead log, so that readers go on meanwhile; with it a crash loses whole transactions at most, which are
     * then made again. */
    qw_status_t status = execute (self,
                                  writable ? "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
                                             "PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -65536"
                                           : "PRAGMA cache_size = -16384; SELECT count(*) FROM sqlite_schema",
                                  reason);
    if (status) {
        close_database (&self->base);
        return status;
    }
    *self_p = &self->base;
    return QW_OK;
}
