#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/memory.h"
#include "sink/index/database.h"

enum { STATEMENTS = 32, VALUES = 32, INT2 = 21, INT4 = 23, INT8 = 20 /* type numbers that PostgreSQL never changes */ };

typedef struct {
    qw_database_t base;
    PGconn *connection;
    const char *prepared[STATEMENTS]; /* statement i is called "s<i>" */
    size_t prepared_count;
    bool piped; /* statements were sent whose results are not had yet */
} postgres_t;

/* All in a schema of its own, so that it can share a database with other things. What a tsvector can hold is limited: of a
 * longer document the first 200,000 characters are searched. */
static const char create[] =
    "SELECT pg_advisory_xact_lock (5735816763073); CREATE SCHEMA IF NOT EXISTS quotewire;"
    "CREATE TABLE IF NOT EXISTS state (one BIGINT PRIMARY KEY CHECK (one = 1), version BIGINT NOT NULL,"
    "    position BIGINT NOT NULL, crc32c BIGINT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS documents (position BIGINT PRIMARY KEY, id TEXT NOT NULL, title TEXT,"
    "    date TEXT COLLATE \"C\", outlet TEXT, byline TEXT, url TEXT, language TEXT, path TEXT, failed TEXT,"
    "    tokens BIGINT NOT NULL, mentions BIGINT NOT NULL, quotes BIGINT NOT NULL, metadata TEXT, text TEXT NOT NULL,"
    "    words TSVECTOR GENERATED ALWAYS AS (to_tsvector ('english', left (text, 200000))) STORED);"
    "CREATE INDEX IF NOT EXISTS documents_by_id ON documents (id);"
    "CREATE INDEX IF NOT EXISTS documents_by_date ON documents (date);"
    "CREATE INDEX IF NOT EXISTS documents_by_words ON documents USING gin (words);"
    "CREATE TABLE IF NOT EXISTS entities (id BIGINT PRIMARY KEY, key TEXT COLLATE \"C\" NOT NULL UNIQUE, type TEXT NOT NULL,"
    "    name TEXT NOT NULL, documents BIGINT NOT NULL, mentions BIGINT NOT NULL, quotes BIGINT NOT NULL,"
    "    quoted_in BIGINT NOT NULL);"
    "CREATE INDEX IF NOT EXISTS entities_by_quotes ON entities (quotes) WHERE quotes > 0;"
    "CREATE TABLE IF NOT EXISTS names (id BIGINT PRIMARY KEY, entity BIGINT NOT NULL, name TEXT COLLATE \"C\" NOT NULL,"
    "    documents BIGINT NOT NULL,"
    "    words TSVECTOR GENERATED ALWAYS AS (to_tsvector ('simple', left (name, 200000))) STORED);"
    "CREATE UNIQUE INDEX IF NOT EXISTS names_by_entity ON names (entity, name);"
    "CREATE INDEX IF NOT EXISTS names_by_words ON names USING gin (words);"
    "CREATE TABLE IF NOT EXISTS mentions (document BIGINT NOT NULL, number BIGINT NOT NULL, start BIGINT NOT NULL,"
    "    stop BIGINT NOT NULL, type TEXT NOT NULL, entity BIGINT, PRIMARY KEY (document, number));"
    "CREATE INDEX IF NOT EXISTS mentions_by_entity ON mentions (entity) WHERE entity IS NOT NULL;"
    "CREATE TABLE IF NOT EXISTS quotes (id BIGINT PRIMARY KEY, document BIGINT NOT NULL, number BIGINT NOT NULL,"
    "    start BIGINT NOT NULL, stop BIGINT NOT NULL, type TEXT NOT NULL, speech BIGINT NOT NULL, text TEXT NOT NULL,"
    "    cue TEXT, mention TEXT, via TEXT, speaker TEXT, entity BIGINT, how TEXT NOT NULL, confidence BIGINT NOT NULL,"
    "    statement TEXT, words TSVECTOR GENERATED ALWAYS AS (to_tsvector ('english', left (text, 200000))) STORED,"
    "    speaker_words TSVECTOR GENERATED ALWAYS AS"
    "        (CASE WHEN entity IS NULL THEN to_tsvector ('simple', left (speaker, 200000)) END) STORED);"
    "CREATE UNIQUE INDEX IF NOT EXISTS quotes_by_document ON quotes (document, number);"
    "CREATE INDEX IF NOT EXISTS quotes_by_entity ON quotes (entity, document) WHERE entity IS NOT NULL;"
    "CREATE INDEX IF NOT EXISTS quotes_by_statement ON quotes (statement) WHERE statement IS NOT NULL;"
    "CREATE INDEX IF NOT EXISTS quotes_by_words ON quotes USING gin (words);"
    "CREATE INDEX IF NOT EXISTS quotes_by_speaker ON quotes USING gin (speaker_words);";

static qw_status_t refuse (const postgres_t *self, const PGresult *result, qw_reason_t *reason)
{
    const char *state = result ? PQresultErrorField (result, PG_DIAG_SQLSTATE) : NULL;
    const char *text = result ? PQresultErrorField (result, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    if (state && strcmp (state, "23505") == 0) /* the same row twice: two have added the same documents */
        return qw_fail (QW_BUSY, reason, "another process writes to the same index");
    text = text ? text : PQerrorMessage (self->connection);
    return qw_fail (QW_SYSTEM, reason, "PostgreSQL: %.*s", (int) strcspn (text, "\n"), text);
}

static bool is_good (const PGresult *result)
{
    ExecStatusType status = PQresultStatus (result);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_SINGLE_TUPLE
           || status == PGRES_EMPTY_QUERY;
}

static qw_status_t execute (postgres_t *self, const char *sql, qw_reason_t *reason)
{
    PGresult *result = PQexec (self->connection, sql);
    qw_status_t status = is_good (result) ? QW_OK : refuse (self, result, reason);
    PQclear (result);
    return status;
}

static void close_database (qw_database_t *base)
{
    postgres_t *self = (postgres_t *) base;
    PQfinish (self->connection);
    free (self);
}

/* Values as libpq wants them: integers in digits, texts with their length. */
typedef struct {
    const char *data[VALUES];
    int sizes[VALUES], forms[VALUES];
    char digits[VALUES][24];
} parameters_t;

static void bind_values (parameters_t *parameters, const qw_sql_t *values, size_t count)
{
    if (count > VALUES)
        abort ();
    for (size_t i = 0; i < count; i++) {
        parameters->data[i] = values[i].kind == QW_SQL_NULL ? NULL : values[i].text.data;
        parameters->sizes[i] = (int) values[i].text.size;
        parameters->forms[i] = values[i].kind == QW_SQL_TEXT;
        if (values[i].kind == QW_SQL_INTEGER) {
            snprintf (parameters->digits[i], sizeof parameters->digits[i], "%lld", (long long) values[i].integer);
            parameters->data[i] = parameters->digits[i];
        }
    }
}

/* ---- writing: statements go out one behind the other, without waiting for their results ------------------------------ */

static qw_status_t begin (qw_database_t *base, qw_reason_t *reason)
{
    return execute ((postgres_t *) base, "BEGIN", reason);
}

/* The name of the statement, which is prepared at its first use; NULL when the connection is lost. */
static const char *name_of (postgres_t *self, const char *sql, char name[16])
{
    size_t i = 0;
    while (i < self->prepared_count && self->prepared[i] != sql)
        i++;
    if (i == STATEMENTS)
        abort ();
    snprintf (name, 16, "s%u", (unsigned) i);
    if (i == self->prepared_count) {
        if (!PQsendPrepare (self->connection, name, sql, 0, NULL))
            return NULL;
        self->prepared[self->prepared_count++] = sql;
    }
    return name;
}

static qw_status_t run (qw_database_t *base, const char *sql, const qw_sql_t *values, size_t count, qw_reason_t *reason)
{
    postgres_t *self = (postgres_t *) base;
    parameters_t parameters;
    char name[16];
    if (!self->piped && !PQenterPipelineMode (self->connection))
        return refuse (self, NULL, reason);
    self->piped = true;
    bind_values (&parameters, values, count);
    if (!name_of (self, sql, name)
        || !PQsendQueryPrepared (self->connection, name, (int) count, parameters.data, parameters.sizes, parameters.forms,
                                 0))
        return refuse (self, NULL, reason);
    return QW_OK;
}

/* Takes all results; the first error counts. */
static qw_status_t drain (postgres_t *self, qw_reason_t *reason)
{
    qw_status_t status = QW_OK;
    if (!self->piped)
        return QW_OK;
    bool synced = !PQpipelineSync (self->connection);
    if (synced)
        status = refuse (self, NULL, reason);
    for (bool pause = false; !synced;) { /* each result is followed by a NULL, but the last */
        PGresult *result = PQgetResult (self->connection);
        if (!result && (pause || PQstatus (self->connection) != CONNECTION_OK))
            return refuse (self, NULL, reason);
        pause = !result;
        if (!result)
            continue;
        ExecStatusType kind = PQresultStatus (result);
        synced = kind == PGRES_PIPELINE_SYNC;
        if (!synced && kind != PGRES_PIPELINE_ABORTED && !is_good (result) && !status)
            status = refuse (self, result, reason);
        PQclear (result);
    }
    if (PQexitPipelineMode (self->connection))
        self->piped = false;
    return status;
}

static qw_status_t commit (qw_database_t *base, qw_reason_t *reason)
{
    postgres_t *self = (postgres_t *) base;
    qw_status_t status = drain (self, reason);
    return status ? status : execute (self, "COMMIT", reason);
}

/* What was prepared in a transaction that failed may not have been prepared at all: forgotten, too. */
static void roll_back (qw_database_t *base)
{
    postgres_t *self = (postgres_t *) base;
    drain (self, NULL);
    execute (self, "ROLLBACK", NULL);
    execute (self, "DEALLOCATE ALL", NULL);
    self->prepared_count = 0;
}

static qw_status_t script (qw_database_t *base, const char *text, qw_reason_t *reason)
{
    postgres_t *self = (postgres_t *) base;
    qw_status_t status = begin (base, reason);
    if (!status)
        status = execute (self, text, reason);
    if (!status)
        status = commit (base, reason);
    if (status)
        roll_back (base);
    return status;
}

/* ---- reading --------------------------------------------------------------------------------------------------------- */

static qw_sql_t column (const PGresult *result, int i)
{
    if (PQgetisnull (result, 0, i))
        return (qw_sql_t){.kind = QW_SQL_NULL};
    const char *text = PQgetvalue (result, 0, i);
    Oid type = PQftype (result, i);
    if (type == INT2 || type == INT4 || type == INT8)
        return qw_sql_integer (strtoll (text, NULL, 10));
    return qw_sql_text ((qw_bytes_t){text, (size_t) PQgetlength (result, 0, i)});
}

static bool give_row (const PGresult *result, qw_sql_row_fn *each, void *context)
{
    int columns = PQnfields (result);
    qw_sql_t *row = qw_must (calloc ((size_t) columns + 1, sizeof *row));
    for (int i = 0; i < columns; i++)
        row[i] = column (result, i);
    bool more = each (context, row, (size_t) columns);
    free (row);
    return more;
}

static void cancel (postgres_t *self)
{
    char why[256];
    PGcancel *handle = PQgetCancel (self->connection);
    if (handle)
        PQcancel (handle, why, sizeof why);
    PQfreeCancel (handle);
}

/* Rows come one at a time, so that an answer of any size takes no memory. */
static qw_status_t query (qw_database_t *base, const char *sql, const qw_sql_t *values, size_t count, qw_sql_row_fn *each,
                          void *context, qw_reason_t *reason)
{
    postgres_t *self = (postgres_t *) base;
    parameters_t parameters;
    bind_values (&parameters, values, count);
    if (!PQsendQueryParams (self->connection, sql, (int) count, NULL, parameters.data, parameters.sizes, parameters.forms,
                            0))
        return refuse (self, NULL, reason);
    PQsetSingleRowMode (self->connection);
    qw_status_t status = QW_OK;
    bool more = true;
    for (PGresult *result; (result = PQgetResult (self->connection)) != NULL; PQclear (result)) {
        if (more && !is_good (result))
            status = refuse (self, result, reason);
        else if (more && PQresultStatus (result) == PGRES_SINGLE_TUPLE && !give_row (result, each, context)) {
            more = false;
            cancel (self);
        }
    }
    return status;
}

/* PostgreSQL understands what people type by itself. */
static void words (qw_json_out_t *out, qw_bytes_t typed) { qw_json_put_raw (out, typed.data, typed.size); }

static const qw_database_kind_t kind = {
    .dialect = {.create = create,
                .drop = "DROP SCHEMA IF EXISTS quotewire CASCADE",
                .quote_says = "q.words @@ websearch_to_tsquery ('english', ?)",
                .speaker_is = "q.id IN (SELECT id FROM quotes WHERE speaker_words @@ websearch_to_tsquery ('simple', ?)"
                              " UNION ALL SELECT id FROM quotes WHERE entity IN"
                              " (SELECT entity FROM names WHERE words @@ websearch_to_tsquery ('simple', ?)))",
                .entity_is = "e.id IN (SELECT entity FROM names WHERE words @@ websearch_to_tsquery ('simple', ?))",
                .document_says = "d.words @@ websearch_to_tsquery ('english', ?)",
                .words = words},
    .close = close_database,
    .script = script,
    .begin = begin,
    .commit = commit,
    .roll_back = roll_back,
    .run = run,
    .query = query};

static void ignore_notice (void *context, const char *text) { (void) context, (void) text; }

qw_status_t qw_database_open_postgres (qw_database_t **self_p, const char *url, bool writable, qw_reason_t *reason)
{
    postgres_t *self = qw_must (calloc (1, sizeof *self));
    self->base.kind = &kind;
    self->connection = PQconnectdb (url);
    PQsetNoticeProcessor (self->connection, ignore_notice, NULL);
    qw_status_t status = PQstatus (self->connection) == CONNECTION_OK ? QW_OK : refuse (self, NULL, reason);
    if (!status)
        status = execute (self, "SET client_encoding TO 'UTF8'; SET search_path TO quotewire", reason);
    if (!status && !writable)
        status = execute (self, "SET default_transaction_read_only TO on", reason);
    if (status) {
        close_database (&self->base);
        return status;
    }
    *self_p = &self->base;
    return QW_OK;
}
