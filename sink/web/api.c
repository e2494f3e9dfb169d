#include "sink/web/api.h"

#include <stdlib.h>

#include "proto/memory.h"
#include "proto/socket.h"
#include "sink/corpus_view.h"
#include "sink/document_facts.h"
#include "sink/web/api_private.h"

enum { SUMMARY_MS = 1000 };

qw_status_t qw_web_reader_new (qw_web_reader_t **self_p, const char *directory, const char *db, qw_keeper_t *keeper,
                               qw_reason_t *reason)
{
    qw_web_reader_t *self = qw_must (calloc (1, sizeof *self));
    *self_p = self;
    const char *slash = strrchr (directory, '/');
    self->name = slash && slash[1] ? slash + 1 : directory;
    self->keeper = keeper;
    self->interchange = qw_interchange_new ();
    qw_out_init (&self->record);
    self->corpus = qw_corpus_reader_open (directory, reason);
    qw_status_t status = self->corpus ? qw_database_open (&self->database, db, false, reason) : QW_SYSTEM;
    if (status)
        qw_web_reader_destroy (self_p);
    return status;
}

void qw_web_reader_destroy (qw_web_reader_t **self_p)
{
    qw_web_reader_t *self = *self_p;
    if (!self)
        return;
    qw_database_close (&self->database);
    qw_corpus_reader_close (&self->corpus);
    qw_interchange_destroy (&self->interchange);
    qw_out_free (&self->record);
    qw_json_out_free (&self->summary);
    free (self);
    *self_p = NULL;
}

static void put_number (qw_json_out_t *out, const char *name, uint64_t number)
{
    qw_json_put_text (out, ",\"");
    qw_json_put_text (out, name);
    qw_json_put_text (out, "\":");
    qw_json_put_uint (out, number);
}

/* ---- the corpus in numbers ----------------------------------------------------------------------------------------- */

static qw_status_t sum_up (qw_web_reader_t *self, const qw_keeper_state_t *state, qw_reason_t *reason)
{
    static const char sql[] = "SELECT (SELECT count (*) FROM entities WHERE quotes > 0), (SELECT count (*) FROM entities),"
                              " (SELECT min (date) FROM documents), (SELECT max (date) FROM documents)";
    static const qw_column_t columns[] = {{"speakers", QW_COLUMN_VALUE},
                                          {"entities", QW_COLUMN_VALUE},
                                          {"since", QW_COLUMN_VALUE},
                                          {"until", QW_COLUMN_VALUE},
                                          {NULL, QW_COLUMN_VALUE}};
    qw_json_out_t *out = &self->summary;
    qw_json_out_reset (out);
    qw_json_put_text (out, "{\"corpus\":");
    qw_json_put_string (out, qw_bytes_of (self->name));
    qw_corpus_view_t *view = qw_corpus_view_new (self->corpus);
    const qw_corpus_summary_t *summary = qw_corpus_view_summary (view);
    put_number (out, "records", summary->records);
    put_number (out, "documents", summary->documents);
    put_number (out, "failed", summary->failed);
    put_number (out, "tokens", summary->tokens);
    put_number (out, "mentions", summary->mentions);
    put_number (out, "quotes", summary->quotes);
    put_number (out, "bytes", summary->bytes);
    qw_corpus_view_destroy (&view);
    put_number (out, "indexed", state->index.position);
    qw_json_put_text (out, ",\"problem\":");
    if (state->stopped)
        qw_json_put_string (out, qw_bytes_of (state->problem.text));
    else
        qw_json_put_text (out, "null");
    qw_json_put_text (out, ",\"index\":");
    qw_rows_t rows = {.out = out, .columns = columns};
    qw_status_t status = qw_database_query (self->database, sql, NULL, 0, qw_rows_put, &rows, reason);
    qw_json_put_text (out, "}");
    return status;
}

/* Made anew once a second at most, since all of the corpus's index is looked at. */
static qw_status_t put_summary (qw_web_reader_t *self, qw_json_out_t *out, qw_reason_t *reason)
{
    qw_keeper_state_t state = qw_keeper_state (self->keeper);
    uint64_t now = qw_now_ms (), made = state.index.position + 1 + (state.stopped ? UINT64_C (1) << 62 : 0);
    if (self->summed != made && (!self->summed || now - self->summed_at >= SUMMARY_MS)) {
        self->summed = 0;
        qw_status_t status = sum_up (self, &state, reason);
        if (status)
            return status;
        self->summed = made;
        self->summed_at = now;
    }
    qw_json_put_raw (out, self->summary.data, self->summary.size);
    return QW_OK;
}

/* ---- one document -------------------------------------------------------------------------------------------------- */

static void put_text (qw_json_out_t *out, const char *name, qw_bytes_t text)
{
    qw_json_put_text (out, name);
    if (text.data)
        qw_json_put_string (out, text);
    else
        qw_json_put_text (out, "null");
}

/* Its neighbours in the order of the corpus, and the position under which its id stands now, if that is another one. */
static qw_status_t put_neighbours (qw_web_reader_t *self, uint64_t position, const qw_document_t *document,
                                   qw_json_out_t *out, qw_reason_t *reason)
{
    static const char sql[] = "SELECT (SELECT max (position) FROM documents WHERE position < $1),"
                              " (SELECT min (position) FROM documents WHERE position > $2),"
                              " (SELECT position FROM documents WHERE id = $3 AND position <> $4)";
    static const qw_column_t columns[] = {
        {"previous", QW_COLUMN_VALUE}, {"next", QW_COLUMN_VALUE}, {"newest", QW_COLUMN_VALUE}, {NULL, QW_COLUMN_VALUE}};
    qw_sql_t here = qw_sql_integer ((int64_t) position);
    const qw_sql_t values[] = {here, here, qw_sql_text (document->id), here};
    qw_rows_t rows = {.out = out, .columns = columns};
    qw_json_put_text (out, ",\"neighbours\":");
    return qw_database_query (self->database, sql, values, 4, qw_rows_put, &rows, reason);
}

static void put_facts (qw_web_reader_t *self, const qw_document_t *document, qw_json_out_t *out)
{
    qw_document_facts_t facts;
    size_t count;
    const qw_paragraph_t *paragraphs = qw_interchange_structure (self->interchange, &count);
    qw_document_facts (document, paragraphs, count, &facts);
    put_text (out, ",\"facts\":{\"title\":", facts.title);
    put_text (out, ",\"date\":", facts.date);
    put_text (out, ",\"outlet\":", facts.outlet);
    put_text (out, ",\"byline\":", facts.byline);
    put_text (out, ",\"url\":", facts.url);
    put_text (out, ",\"language\":", facts.language);
    put_text (out, ",\"path\":", facts.path);
    qw_json_put_text (out, "}");
}

static qw_status_t put_document (qw_web_reader_t *self, const qw_web_request_t *request, qw_json_out_t *out,
                                 qw_reason_t *reason)
{
    size_t count;
    qw_document_t document;
    qw_out_reset (&self->record);
    if (request->number >= qw_corpus_reader_count (self->corpus))
        return qw_fail (QW_NOT_FOUND, reason, "there is no document at this position");
    qw_status_t status = qw_corpus_reader_read (self->corpus, request->number, 1, &self->record, &count, reason);
    if (!status)
        status = qw_document_read (&document, self->record.buffer.data, self->record.buffer.size, reason);
    if (status)
        return status;
    if (document.dropped)
        return qw_fail (QW_NOT_FOUND, reason, "the document at this position was dropped");
    qw_interchange_set_tokens (self->interchange, request->numbers[QW_WEB_TOKENS] == 1);
    qw_json_put_text (out, "{\"document\":");
    status = qw_interchange_put_document (self->interchange, out, &document, &request->number, reason);
    if (status)
        return status;
    put_facts (self, &document, out);
    status = put_neighbours (self, request->number, &document, out, reason);
    qw_json_put_text (out, "}");
    return status;
}

qw_status_t qw_web_reader_answer (qw_web_reader_t *self, const qw_web_request_t *request, qw_json_out_t *out,
                                  qw_reason_t *reason)
{
    switch (request->route) {
    case QW_WEB_SUMMARY: return put_summary (self, out, reason);
    case QW_WEB_DOCUMENTS: return qw_web_list_documents (self, request, out, reason);
    case QW_WEB_DOCUMENT: return put_document (self, request, out, reason);
    case QW_WEB_ENTITIES: return qw_web_list_entities (self, request, out, reason);
    case QW_WEB_ENTITY: return qw_web_put_entity (self, request, out, reason);
    case QW_WEB_QUOTES: return qw_web_list_quotes (self, request, out, reason);
    default: return qw_fail (QW_NOT_FOUND, reason, "there is nothing at this address");
    }
}
