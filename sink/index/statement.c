#include "sink/index/statement.h"

#include <stdlib.h>

void qw_statement_put (qw_statement_t *self, const char *sql) { qw_json_put_text (&self->sql, sql); }

void qw_statement_put_with (qw_statement_t *self, const char *sql, qw_sql_t value)
{
    for (const char *mark; (mark = strchr (sql, '?')) != NULL; sql = mark + 1) {
        if (self->count == QW_STATEMENT_VALUES)
            abort ();
        qw_json_put_raw (&self->sql, sql, (size_t) (mark - sql));
        self->values[self->count++] = value;
        qw_statement_put (self, "$");
        qw_json_put_uint (&self->sql, self->count);
    }
    qw_statement_put (self, sql);
}

void qw_statement_must (qw_statement_t *self, const char *condition, qw_sql_t value)
{
    qw_statement_put (self, self->conditions ? " AND " : " WHERE ");
    self->conditions = true;
    qw_statement_put_with (self, condition, value);
}

void qw_statement_must_text (qw_statement_t *self, const char *condition, const char *value)
{
    if (value)
        qw_statement_must (self, condition, qw_sql_text (qw_bytes_of (value)));
}

qw_sql_t qw_statement_words (qw_statement_t *self, const char *typed)
{
    qw_json_out_t *words = &self->texts[self->count];
    self->dialect->words (words, qw_bytes_of (typed));
    return qw_sql_text ((qw_bytes_t){words->data ? words->data : "", words->size});
}

/* "2014-11" as a last day means all of November: whatever begins with it comes before "2014-11~". */
void qw_statement_must_be_in_time (qw_statement_t *self, const char *since, const char *until)
{
    qw_statement_must_text (self, "d.date >= ?", since);
    if (!until)
        return;
    qw_json_out_t *end = &self->texts[self->count];
    qw_json_put_text (end, until);
    qw_json_put_text (end, "~");
    qw_statement_must (self, "d.date < ?", qw_sql_text ((qw_bytes_t){end->data, end->size}));
}

qw_status_t qw_statement_ask (qw_statement_t *self, qw_database_t *database, qw_sql_row_fn *each, void *context,
                              qw_reason_t *reason)
{
    qw_json_put_raw (&self->sql, "", 1);
    qw_status_t status = qw_database_query (database, self->sql.data, self->values, self->count, each, context, reason);
    qw_json_out_free (&self->sql);
    for (size_t i = 0; i < QW_STATEMENT_VALUES; i++)
        qw_json_out_free (&self->texts[i]);
    return status;
}
