#include "sink/index/question.h"

#include <stdio.h>

#include "sink/index/statement.h"

const char *const qw_index_quote_columns[QW_QUOTE_COLUMNS] = {
    "position", "document", "date", "outlet", "title", "url", "start", "end", "type", "speaker", "entity", "mention", "cue",
    "how", "confidence", "text", "statement", "times"};
const char *const qw_index_speaker_columns[QW_SPEAKER_COLUMNS] = {"name", "entity", "type", "quotes", "documents"};
const char *const qw_index_entity_columns[QW_ENTITY_COLUMNS] = {"name", "entity", "type", "documents", "mentions"};

/* ---- conditions ------------------------------------------------------------------------------------------------------ */

static void must_say (qw_statement_t *self, const char *condition, const char *typed)
{
    if (typed)
        qw_statement_must (self, condition, qw_statement_words (self, typed));
}

/* "person:choe-ryong-hae": keys have a colon where names have none, and no space. */
static bool is_key (const char *text) { return strchr (text, ':') && !strchr (text, ' '); }

static void put_limit (qw_statement_t *self, uint64_t limit)
{
    if (limit > 0)
        qw_statement_put_with (self, " LIMIT ?", qw_sql_integer (limit < INT64_MAX ? (int64_t) limit : INT64_MAX));
}

static void must_fit_document (qw_statement_t *self, const qw_index_question_t *question)
{
    qw_statement_must_be_in_time (self, question->since, question->until);
    qw_statement_must_text (self, "lower (d.outlet) = lower (?)", question->outlet);
    qw_statement_must_text (self, "d.id = ?", question->document);
}

static void must_mention (qw_statement_t *self, const char *about)
{
    static const char mentions[] = "EXISTS (SELECT 1 FROM mentions m JOIN entities e ON e.id = m.entity"
                                   " WHERE m.document = q.document AND m.start >= q.start AND m.stop <= q.stop AND ";
    char condition[600];
    snprintf (condition, sizeof condition, "%s%s)", mentions, is_key (about) ? "e.key = ?" : self->dialect->entity_is);
    qw_statement_must (self, condition,
                       is_key (about) ? qw_sql_text (qw_bytes_of (about)) : qw_statement_words (self, about));
}

static void must_fit_quote (qw_statement_t *self, const qw_index_question_t *question)
{
    const char *speaker = question->speaker ? question->speaker : question->name;
    if (speaker && is_key (speaker))
        qw_statement_must_text (self, "q.entity = (SELECT id FROM entities WHERE key = ?)", speaker);
    else
        must_say (self, self->dialect->speaker_is, speaker);
    must_say (self, self->dialect->quote_says, question->said);
    if (question->about)
        must_mention (self, question->about);
    qw_statement_must_text (self, "q.type = ?", question->type);
    if (question->confidence > 0)
        qw_statement_must (self, "q.confidence >= ?", qw_sql_integer ((int64_t) question->confidence));
    must_fit_document (self, question);
}

/* ---- questions ------------------------------------------------------------------------------------------------------- */

/* The quotations that are meant are found first, by their numbers alone; then the columns of those that are shown. */
qw_status_t qw_index_ask_quotes (qw_database_t *database, const qw_index_question_t *question, qw_sql_row_fn *each,
                                 void *context, qw_reason_t *reason)
{
    static const char columns[] =
        "SELECT q.document, d.id, d.date, d.outlet, d.title, d.url, q.start, q.stop, q.type, coalesce (s.name, q.speaker),"
        " s.key, q.mention, q.cue, q.how, q.confidence, q.text, q.statement, found.times FROM (SELECT id, times FROM (";
    static const char found[] = "SELECT q.id AS id, d.date AS date, q.document AS document, q.number AS number, ";
    qw_statement_t self = {.dialect = qw_database_dialect (database)};
#define SAME "PARTITION BY coalesce (q.statement, 'quote ' || CAST (q.id AS TEXT))"
    qw_statement_put (&self, columns);
    qw_statement_put (&self, found);
    qw_statement_put (&self, question->distinct ? "count (*) OVER (" SAME ") AS times, row_number () OVER (" SAME
                                     " ORDER BY d.date NULLS LAST, q.id) AS turn"
                                   : "1 AS times, 1 AS turn");
#undef SAME
    qw_statement_put (&self, " FROM quotes q JOIN documents d ON d.position = q.document");
    must_fit_quote (&self, question);
    qw_statement_put (&self, ") AS fitting WHERE turn = 1 ORDER BY date DESC NULLS LAST, document, number");
    put_limit (&self, question->limit);
    qw_statement_put (&self, ") AS found JOIN quotes q ON q.id = found.id JOIN documents d ON d.position = q.document"
                " LEFT JOIN entities s ON s.id = q.entity ORDER BY d.date DESC NULLS LAST, q.document, q.number");
    return qw_statement_ask (&self, database, each, context, reason);
}

/* True when the counts that stand beside each entity answer it. */
static bool is_of_all (const qw_index_question_t *question)
{
    return !question->said && !question->about && !question->type && !question->confidence && !question->since
           && !question->until && !question->outlet && !question->document;
}

static void must_be_entity (qw_statement_t *self, const char *name, const char *type)
{
    if (name && is_key (name))
        qw_statement_must_text (self, "e.key = ?", name);
    else
        must_say (self, self->dialect->entity_is, name);
    qw_statement_must_text (self, "e.type = ?", type);
}

qw_status_t qw_index_ask_speakers (qw_database_t *database, const qw_index_question_t *question, qw_sql_row_fn *each,
                                   void *context, qw_reason_t *reason)
{
    qw_statement_t self = {.dialect = qw_database_dialect (database)};
    const char *name = question->speaker ? question->speaker : question->name;
    if (is_of_all (question)) {
        qw_statement_put (&self, "SELECT e.name, e.key, e.type, e.quotes, e.quoted_in FROM entities e WHERE e.quotes > 0");
        self.conditions = true;
        must_be_entity (&self, name, question->entity_type);
        qw_statement_put (&self, " ORDER BY e.quotes DESC, e.key");
    } else {
        qw_statement_put (&self, "SELECT e.name, e.key, e.type, count (*) AS quotes, count (DISTINCT q.document)"
                                 " AS documents FROM quotes q JOIN entities e ON e.id = q.entity"
                                 " JOIN documents d ON d.position = q.document");
        must_fit_quote (&self, question);
        qw_statement_must_text (&self, "e.type = ?", question->entity_type);
        qw_statement_put (&self, " GROUP BY e.id ORDER BY quotes DESC, e.key");
    }
    put_limit (&self, question->limit);
    return qw_statement_ask (&self, database, each, context, reason);
}

qw_status_t qw_index_ask_entities (qw_database_t *database, const qw_index_question_t *question, qw_sql_row_fn *each,
                                   void *context, qw_reason_t *reason)
{
    qw_statement_t self = {.dialect = qw_database_dialect (database)};
    if (is_of_all (question)) {
        qw_statement_put (&self, "SELECT e.name, e.key, e.type, e.documents, e.mentions FROM entities e");
        must_be_entity (&self, question->name, question->entity_type);
        qw_statement_put (&self, " ORDER BY e.documents DESC, e.mentions DESC, e.key");
    } else {
        qw_statement_put (&self, "SELECT e.name, e.key, e.type, count (DISTINCT m.document) AS documents,"
                                 " count (*) AS mentions FROM mentions m JOIN entities e ON e.id = m.entity"
                                 " JOIN documents d ON d.position = m.document");
        must_be_entity (&self, question->name, question->entity_type);
        must_fit_document (&self, question);
        qw_statement_put (&self, " GROUP BY e.id ORDER BY documents DESC, mentions DESC, e.key");
    }
    put_limit (&self, question->limit);
    return qw_statement_ask (&self, database, each, context, reason);
}
