#include "sink/index/question.h"

#include <stdio.h>
#include <stdlib.h>

#include "proto/memory.h"

enum { VALUES = 32 };

const char *const qw_index_quote_columns[QW_QUOTE_COLUMNS] = {
    "position", "document", "date", "outlet", "title", "url", "start", "end", "type", "speaker", "entity", "mention", "cue",
    "how", "confidence", "text", "statement", "times"};
const char *const qw_index_speaker_columns[QW_SPEAKER_COLUMNS] = {"name", "entity", "type", "quotes", "documents"};
const char *const qw_index_entity_columns[QW_ENTITY_COLUMNS] = {"name", "entity", "type", "documents", "mentions"};

/* ---- a statement in the making --------------------------------------------------------------------------------------- */

typedef struct {
    const qw_dialect_t *dialect;
    qw_json_out_t sql;
    qw_sql_t values[VALUES];
    qw_json_out_t words[VALUES]; /* what some of the values point to */
    size_t count;
    bool conditions;
} builder_t;

static void put (builder_t *self, const char *sql) { qw_json_put_text (&self->sql, sql); }

/* Puts a piece of SQL in which each ? stands for the value. */
static void put_with (builder_t *self, const char *sql, qw_sql_t value)
{
    for (const char *mark; (mark = strchr (sql, '?')) != NULL; sql = mark + 1) {
        if (self->count == VALUES)
            abort ();
        qw_json_put_raw (&self->sql, sql, (size_t) (mark - sql));
        self->values[self->count++] = value;
        put (self, "$");
        qw_json_put_uint (&self->sql, self->count);
    }
    put (self, sql);
}

static void must (builder_t *self, const char *condition, qw_sql_t value)
{
    put (self, self->conditions ? " AND " : " WHERE ");
    self->conditions = true;
    put_with (self, condition, value);
}

static void must_text (builder_t *self, const char *condition, const char *value)
{
    if (value)
        must (self, condition, qw_sql_text (qw_bytes_of (value)));
}

/* The value of a search for words. */
static qw_sql_t searched (builder_t *self, const char *typed)
{
    qw_json_out_t *words = &self->words[self->count];
    self->dialect->words (words, qw_bytes_of (typed));
    return qw_sql_text ((qw_bytes_t){words->data ? words->data : "", words->size});
}

static void must_say (builder_t *self, const char *condition, const char *typed)
{
    if (typed)
        must (self, condition, searched (self, typed));
}

/* "person:choe-ryong-hae": keys have a colon where names have none, and no space. */
static bool is_key (const char *text) { return strchr (text, ':') && !strchr (text, ' '); }

static void put_limit (builder_t *self, uint64_t limit)
{
    if (limit > 0)
        put_with (self, " LIMIT ?", qw_sql_integer (limit < INT64_MAX ? (int64_t) limit : INT64_MAX));
}

static qw_status_t ask (builder_t *self, qw_database_t *database, qw_sql_row_fn *each, void *context, qw_reason_t *reason)
{
    qw_json_put_raw (&self->sql, "", 1);
    qw_status_t status = qw_database_query (database, self->sql.data, self->values, self->count, each, context, reason);
    qw_json_out_free (&self->sql);
    for (size_t i = 0; i < VALUES; i++)
        qw_json_out_free (&self->words[i]);
    return status;
}

/* ---- conditions ------------------------------------------------------------------------------------------------------ */

/* "2014-11" as a last day means all of November: whatever begins with it comes before "2014-11~". */
static void must_be_in_time (builder_t *self, const qw_index_question_t *question)
{
    must_text (self, "d.date >= ?", question->since);
    if (!question->until)
        return;
    qw_json_out_t *end = &self->words[self->count];
    qw_json_put_text (end, question->until);
    qw_json_put_text (end, "~");
    must (self, "d.date < ?", qw_sql_text ((qw_bytes_t){end->data, end->size}));
}

static void must_fit_document (builder_t *self, const qw_index_question_t *question)
{
    must_be_in_time (self, question);
    must_text (self, "lower (d.outlet) = lower (?)", question->outlet);
    must_text (self, "d.id = ?", question->document);
}

static void must_mention (builder_t *self, const char *about)
{
    static const char mentions[] = "EXISTS (SELECT 1 FROM mentions m JOIN entities e ON e.id = m.entity"
                                   " WHERE m.document = q.document AND m.start >= q.start AND m.stop <= q.stop AND ";
    char condition[600];
    snprintf (condition, sizeof condition, "%s%s)", mentions, is_key (about) ? "e.key = ?" : self->dialect->entity_is);
    must (self, condition, is_key (about) ? qw_sql_text (qw_bytes_of (about)) : searched (self, about));
}

static void must_fit_quote (builder_t *self, const qw_index_question_t *question)
{
    const char *speaker = question->speaker ? question->speaker : question->name;
    if (speaker && is_key (speaker))
        must_text (self, "q.entity = (SELECT id FROM entities WHERE key = ?)", speaker);
    else
        must_say (self, self->dialect->speaker_is, speaker);
    must_say (self, self->dialect->quote_says, question->said);
    if (question->about)
        must_mention (self, question->about);
    must_text (self, "q.type = ?", question->type);
    if (question->confidence > 0)
        must (self, "q.confidence >= ?", qw_sql_integer ((int64_t) question->confidence));
    must_fit_document (self, question);
}

/* ---- questions ------------------------------------------------------------------------------------------------------- */

static const char quote_columns[] =
    "SELECT q.document AS position, d.id AS id, d.date AS date, d.outlet AS outlet, d.title AS title, d.url AS url,"
    " q.start AS start, q.stop AS stop, q.type AS type, coalesce (s.name, q.speaker) AS speaker, s.key AS entity,"
    " q.mention AS mention, q.cue AS cue, q.how AS how, q.confidence AS confidence, q.text AS text,"
    " q.statement AS statement, ";
static const char quote_tables[] = " FROM quotes q JOIN documents d ON d.position = q.document"
                                   " LEFT JOIN entities s ON s.id = q.entity";

qw_status_t qw_index_ask_quotes (qw_database_t *database, const qw_index_question_t *question, qw_sql_row_fn *each,
                                 void *context, qw_reason_t *reason)
{
    builder_t self = {.dialect = qw_database_dialect (database)};
#define SAME "PARTITION BY coalesce (q.statement, 'quote ' || CAST (q.id AS TEXT))"
    if (question->distinct)
        put (&self, "SELECT position, id, date, outlet, title, url, start, stop, type, speaker, entity, mention, cue, how,"
                    " confidence, text, statement, times FROM (");
    put (&self, quote_columns);
    put (&self, question->distinct ? "count (*) OVER (" SAME ") AS times, row_number () OVER (" SAME
                                     " ORDER BY d.date NULLS LAST, q.id) AS turn, q.number AS number"
                                   : "1 AS times");
    put (&self, quote_tables);
#undef SAME
    must_fit_quote (&self, question);
    put (&self, question->distinct ? ") AS all_quotes WHERE turn = 1 ORDER BY date DESC NULLS LAST, position, number"
                                   : " ORDER BY d.date DESC NULLS LAST, q.document, q.number");
    put_limit (&self, question->limit);
    return ask (&self, database, each, context, reason);
}

/* True when the counts that stand beside each entity answer it. */
static bool is_of_all (const qw_index_question_t *question)
{
    return !question->said && !question->about && !question->type && !question->confidence && !question->since
           && !question->until && !question->outlet && !question->document;
}

static void must_be_entity (builder_t *self, const char *name, const char *type)
{
    if (name && is_key (name))
        must_text (self, "e.key = ?", name);
    else
        must_say (self, self->dialect->entity_is, name);
    must_text (self, "e.type = ?", type);
}

qw_status_t qw_index_ask_speakers (qw_database_t *database, const qw_index_question_t *question, qw_sql_row_fn *each,
                                   void *context, qw_reason_t *reason)
{
    builder_t self = {.dialect = qw_database_dialect (database)};
    const char *name = question->speaker ? question->speaker : question->name;
    if (is_of_all (question)) {
        put (&self, "SELECT e.name, e.key, e.type, e.quotes, e.quoted_in FROM entities e WHERE e.quotes > 0");
        self.conditions = true;
        must_be_entity (&self, name, question->entity_type);
        put (&self, " ORDER BY e.quotes DESC, e.key");
    } else {
        put (&self, "SELECT e.name, e.key, e.type, count (*) AS quotes, count (DISTINCT q.document) AS documents"
                    " FROM quotes q JOIN entities e ON e.id = q.entity JOIN documents d ON d.position = q.document");
        must_fit_quote (&self, question);
        must_text (&self, "e.type = ?", question->entity_type);
        put (&self, " GROUP BY e.id ORDER BY quotes DESC, e.key");
    }
    put_limit (&self, question->limit);
    return ask (&self, database, each, context, reason);
}

qw_status_t qw_index_ask_entities (qw_database_t *database, const qw_index_question_t *question, qw_sql_row_fn *each,
                                   void *context, qw_reason_t *reason)
{
    builder_t self = {.dialect = qw_database_dialect (database)};
    if (is_of_all (question)) {
        put (&self, "SELECT e.name, e.key, e.type, e.documents, e.mentions FROM entities e");
        must_be_entity (&self, question->name, question->entity_type);
        put (&self, " ORDER BY e.documents DESC, e.mentions DESC, e.key");
    } else {
        put (&self, "SELECT e.name, e.key, e.type, count (DISTINCT m.document) AS documents, count (*) AS mentions"
                    " FROM mentions m JOIN entities e ON e.id = m.entity JOIN documents d ON d.position = m.document");
        must_be_entity (&self, question->name, question->entity_type);
        must_fit_document (&self, question);
        put (&self, " GROUP BY e.id ORDER BY documents DESC, mentions DESC, e.key");
    }
    put_limit (&self, question->limit);
    return ask (&self, database, each, context, reason);
}
