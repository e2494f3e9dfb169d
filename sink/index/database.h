/*  database.h - the little that the index needs of a database, so that it can stand in more than one.

    A statement is SQL with $1, $2, ... for its values, which must stand in it in that order, each once: so the same text
    serves SQLite and PostgreSQL. Values are always bound, never written into the text. What the two do differently (their
    schema, how words are searched) is in their dialect. A backend is one file, database_NAME.c.
 */
#ifndef QW_DATABASE_H
#define QW_DATABASE_H

#include "proto/json_out.h"

typedef enum { QW_SQL_NULL, QW_SQL_INTEGER, QW_SQL_TEXT } qw_sql_kind_t;

typedef struct {
    qw_sql_kind_t kind;
    int64_t integer;
    qw_bytes_t text; /* valid UTF-8 without U+0000 */
} qw_sql_t;

static inline qw_sql_t qw_sql_integer (int64_t integer) { return (qw_sql_t){.kind = QW_SQL_INTEGER, .integer = integer}; }

/* data NULL: null. */
static inline qw_sql_t qw_sql_text (qw_bytes_t text)
{
    return (qw_sql_t){.kind = text.data ? QW_SQL_TEXT : QW_SQL_NULL, .text = text};
}

/* One row of an answer; the columns hold until it returns. False: no more rows are wanted. */
typedef bool qw_sql_row_fn (void *context, const qw_sql_t *columns, size_t count);

typedef struct {
    const char *create;                  /* statements that make all tables where they are missing */
    const char *drop;                    /* and that remove them */
    const char *const *settle;           /* to be run before each commit; NULL ends them; or NULL */
    /* Conditions with $%zu for a value that `words` has made: */
    const char *quote_says;              /* of a quotation q */
    const char *speaker_is;              /* of a quotation q: the words that name its speaker */
    const char *entity_is;               /* of an entity e: its name */
    const char *document_says;           /* of a document d */
    /* Turns what a person typed (words, "phrases", -words to leave out) into the value; appends to `out`. Words that can
     * have no meaning are left out; whatever was typed, searching is no error. */
    void (*words) (qw_json_out_t *out, qw_bytes_t typed);
} qw_dialect_t;

typedef struct qw_database_t qw_database_t;

/* Opens "postgresql://..." (or "postgres://...") or else a file of SQLite. Without `writable` it must be there. */
qw_status_t qw_database_open (qw_database_t **self_p, const char *where, bool writable, qw_reason_t *reason);
void qw_database_close (qw_database_t **self_p);

const qw_dialect_t *qw_database_dialect (const qw_database_t *self);

/* Runs statements without values, in a transaction of their own. */
qw_status_t qw_database_script (qw_database_t *self, const char *script, qw_reason_t *reason);

/* A transaction that writes. In it: first queries, then statements, then the commit. Errors of statements may be told by
 * the commit only; after an error the transaction is to be rolled back. */
qw_status_t qw_database_begin (qw_database_t *self, qw_reason_t *reason);
qw_status_t qw_database_commit (qw_database_t *self, qw_reason_t *reason);
void qw_database_roll_back (qw_database_t *self);

/* Runs one statement. `sql` is a string that outlives the database: it is prepared once. */
qw_status_t qw_database_run (qw_database_t *self, const char *sql, const qw_sql_t *values, size_t count,
                             qw_reason_t *reason);

/* Calls `each` for each row of the answer; any string may be `sql`. */
qw_status_t qw_database_query (qw_database_t *self, const char *sql, const qw_sql_t *values, size_t count,
                               qw_sql_row_fn *each, void *context, qw_reason_t *reason);

/* ---- for backends ---------------------------------------------------------------------------------------------------- */

/* What a backend does; `self` of each is the backend's own structure, which begins with a qw_database_t. */
typedef struct {
    qw_dialect_t dialect;
    void (*close) (qw_database_t *self);
    qw_status_t (*script) (qw_database_t *self, const char *script, qw_reason_t *reason);
    qw_status_t (*begin) (qw_database_t *self, qw_reason_t *reason);
    qw_status_t (*commit) (qw_database_t *self, qw_reason_t *reason);
    void (*roll_back) (qw_database_t *self);
    qw_status_t (*run) (qw_database_t *self, const char *sql, const qw_sql_t *values, size_t count, qw_reason_t *reason);
    qw_status_t (*query) (qw_database_t *self, const char *sql, const qw_sql_t *values, size_t count, qw_sql_row_fn *each,
                          void *context, qw_reason_t *reason);
} qw_database_kind_t;

struct qw_database_t {
    const qw_database_kind_t *kind;
};

qw_status_t qw_database_open_sqlite (qw_database_t **self_p, const char *path, bool writable, qw_reason_t *reason);
qw_status_t qw_database_open_postgres (qw_database_t **self_p, const char *url, bool writable, qw_reason_t *reason);

#endif
