/*  statement.h - an SQL query in the making: pieces of text and the values that belong to them. */
#ifndef QW_INDEX_STATEMENT_H
#define QW_INDEX_STATEMENT_H

#include "sink/index/database.h"

enum { QW_STATEMENT_VALUES = 32 };

/* Zero it to begin with, but for the dialect. */
typedef struct {
    const qw_dialect_t *dialect;
    qw_json_out_t sql;
    qw_sql_t values[QW_STATEMENT_VALUES];
    qw_json_out_t texts[QW_STATEMENT_VALUES]; /* what some of the values point to */
    size_t count;
    bool conditions; /* there is a WHERE already */
} qw_statement_t;

void qw_statement_put (qw_statement_t *self, const char *sql);

/* A piece in which each ? stands for the value. */
void qw_statement_put_with (qw_statement_t *self, const char *sql, qw_sql_t value);

/* A condition, behind WHERE or AND; the value is one that outlives the statement. */
void qw_statement_must (qw_statement_t *self, const char *condition, qw_sql_t value);

/* Likewise; nothing where `value` is NULL. */
void qw_statement_must_text (qw_statement_t *self, const char *condition, const char *value);

/* The value of a search for the words that were typed. */
qw_sql_t qw_statement_words (qw_statement_t *self, const char *typed);

/* The document's date is in [since, until], both ISO 8601 to whatever is known, or NULL; the condition is of a document d.
 */
void qw_statement_must_be_in_time (qw_statement_t *self, const char *since, const char *until);

/* Asks, and frees what the statement holds. */
qw_status_t qw_statement_ask (qw_statement_t *self, qw_database_t *database, qw_sql_row_fn *each, void *context,
                              qw_reason_t *reason);

#endif
