#include "sink/index/database.h"

qw_status_t qw_database_open (qw_database_t **self_p, const char *where, bool writable, qw_reason_t *reason)
{
    if (strncmp (where, "postgresql://", 13) == 0 || strncmp (where, "postgres://", 11) == 0)
        return qw_database_open_postgres (self_p, where, writable, reason);
    return qw_database_open_sqlite (self_p, where, writable, reason);
}

void qw_database_close (qw_database_t **self_p)
{
    if (*self_p)
        (*self_p)->kind->close (*self_p);
    *self_p = NULL;
}

const qw_dialect_t *qw_database_dialect (const qw_database_t *self) { return &self->kind->dialect; }

qw_status_t qw_database_script (qw_database_t *self, const char *script, qw_reason_t *reason)
{
    return self->kind->script (self, script, reason);
}

qw_status_t qw_database_begin (qw_database_t *self, qw_reason_t *reason) { return self->kind->begin (self, reason); }

qw_status_t qw_database_commit (qw_database_t *self, qw_reason_t *reason) { return self->kind->commit (self, reason); }

void qw_database_roll_back (qw_database_t *self) { self->kind->roll_back (self); }

qw_status_t qw_database_run (qw_database_t *self, const char *sql, const qw_sql_t *values, size_t count, qw_reason_t *reason)
{
    return self->kind->run (self, sql, values, count, reason);
}

qw_status_t qw_database_query (qw_database_t *self, const char *sql, const qw_sql_t *values, size_t count,
                               qw_sql_row_fn *each, void *context, qw_reason_t *reason)
{
    return self->kind->query (self, sql, values, count, each, context, reason);
}
