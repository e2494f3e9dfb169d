#include "sink/index/writer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/memory.h"
#include "sink/document_facts.h"

enum { VERSION = 1, WORDS_AT_ONCE = 64 };

struct qw_index_writer_t {
    qw_database_t *database;
    qw_index_state_t state;
    qw_index_count_t count;
    /* of the document at hand: */
    qw_utf8_index_t index;
    qw_layers_t *layers;
    qw_paragraph_t *paragraphs;
    size_t paragraph_count, paragraph_capacity;
    qw_json_out_t json;
    char *cleaned[WORDS_AT_ONCE]; /* texts that could not be bound as they are */
    size_t cleaned_count;
    uint32_t *order, *first, *mentions, *quotes; /* of each cluster; first: the first with the same key */
    size_t order_capacity, first_capacity, mention_capacity, quote_capacity;
};

/* ---- values ---------------------------------------------------------------------------------------------------------- */

/* No database takes U+0000 in a text, and not all take what is no UTF-8: U+FFFD stands for them, so that offsets hold. */
static qw_sql_t text_of (qw_index_writer_t *self, qw_bytes_t text)
{
    if (!text.data || (!memchr (text.data, 0, text.size) && qw_utf8_is_valid (text.data, text.size)))
        return qw_sql_text (text);
    if (self->cleaned_count == WORDS_AT_ONCE)
        abort ();
    char *clean = qw_must (malloc (3 * text.size + 1)), *at = clean;
    for (size_t i = 0; i < text.size;) {
        size_t valid = qw_utf8_valid_prefix (text.data + i, text.size - i);
        const char *zero = memchr (text.data + i, 0, valid);
        valid = zero ? (size_t) (zero - text.data) - i : valid;
        memcpy (at, text.data + i, valid);
        at += valid;
        i += valid;
        if (i < text.size) {
            memcpy (at, "\xef\xbf\xbd", 3);
            at += 3;
            i++;
        }
    }
    self->cleaned[self->cleaned_count++] = clean;
    return qw_sql_text ((qw_bytes_t){clean, (size_t) (at - clean)});
}

static void forget_texts (qw_index_writer_t *self)
{
    while (self->cleaned_count > 0)
        free (self->cleaned[--self->cleaned_count]);
}

static qw_sql_t name_of (const char *name) { return qw_sql_text (qw_bytes_of (name)); }

static qw_sql_t string_of (qw_index_writer_t *self, qw_string_t string)
{
    qw_bytes_t text = {string.size ? qw_layers_string (self->layers, string) : NULL, string.size};
    return text_of (self, text);
}

static qw_sql_t words_of (qw_index_writer_t *self, qw_span_t span)
{
    qw_bytes_t text = {qw_span_is_empty (span) ? NULL : self->index.text + span.start, qw_span_size (span)};
    return text_of (self, text);
}

static qw_sql_t point_of (const qw_index_writer_t *self, uint32_t at)
{
    return qw_sql_integer (qw_utf8_index_point (&self->index, at));
}

static qw_sql_t key_of (qw_index_writer_t *self, uint32_t cluster)
{
    if (cluster >= self->layers->cluster_count)
        return (qw_sql_t){.kind = QW_SQL_NULL};
    return string_of (self, self->layers->clusters[cluster].key);
}

static qw_status_t run (qw_index_writer_t *self, const char *sql, const qw_sql_t *values, size_t count,
                        qw_reason_t *reason)
{
    qw_status_t status = qw_database_run (self->database, sql, values, count, reason);
    forget_texts (self);
    return status;
}

/* ---- a document ------------------------------------------------------------------------------------------------------ */

static qw_sql_t metadata_of (qw_index_writer_t *self, qw_bytes_t metadata)
{
    if (!metadata.data)
        return (qw_sql_t){.kind = QW_SQL_NULL};
    qw_mp_t reader;
    qw_mp_open (&reader, metadata.data, metadata.size, NULL);
    qw_json_out_reset (&self->json);
    qw_json_put_value (&self->json, &reader);
    if (reader.failed)
        return (qw_sql_t){.kind = QW_SQL_NULL};
    return text_of (self, (qw_bytes_t){self->json.data, self->json.size});
}

static qw_status_t put_document (qw_index_writer_t *self, const qw_document_t *document, qw_reason_t *reason)
{
    static const char sql[] =
        "INSERT INTO documents (position, id, title, date, outlet, byline, url, language, path, failed, tokens, mentions,"
        " quotes, metadata, text) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
    qw_document_facts_t facts;
    qw_document_facts (document, self->paragraphs, self->paragraph_count, &facts);
    const qw_sql_t values[] = {qw_sql_integer ((int64_t) self->state.position),
                               text_of (self, document->id),
                               text_of (self, facts.title),
                               text_of (self, facts.date),
                               text_of (self, facts.outlet),
                               text_of (self, facts.byline),
                               text_of (self, facts.url),
                               text_of (self, facts.language),
                               text_of (self, facts.path),
                               text_of (self, document->failed ? document->reason : (qw_bytes_t){NULL, 0}),
                               qw_sql_integer ((int64_t) self->layers->token_count),
                               qw_sql_integer ((int64_t) self->layers->mention_count),
                               qw_sql_integer ((int64_t) self->layers->quote_count),
                               metadata_of (self, document->metadata),
                               text_of (self, document->text)};
    return run (self, sql, values, sizeof values / sizeof *values, reason);
}

static int compare_keys (const void *a, const void *b, void *context)
{
    const qw_layers_t *layers = context;
    uint32_t one = *(const uint32_t *) a, other = *(const uint32_t *) b;
    qw_string_t first = layers->clusters[one].key, second = layers->clusters[other].key;
    size_t common = first.size < second.size ? first.size : second.size;
    int order = common ? memcmp (qw_layers_string (layers, first), qw_layers_string (layers, second), common) : 0;
    if (order == 0)
        order = (first.size > second.size) - (first.size < second.size);
    return order ? order : (one > other) - (one < other);
}

static uint32_t *counters (uint32_t *block, size_t *capacity, size_t count)
{
    block = qw_grown (block, capacity, count + 1, sizeof *block);
    memset (block, 0, (count + 1) * sizeof *block);
    return block;
}

/* Counts mentions and quotations of each cluster; those of clusters that share a key are counted with the first. */
static void count_clusters (qw_index_writer_t *self)
{
    const qw_layers_t *layers = self->layers;
    size_t count = layers->cluster_count;
    self->order = counters (self->order, &self->order_capacity, count);
    self->first = counters (self->first, &self->first_capacity, count);
    self->mentions = counters (self->mentions, &self->mention_capacity, count);
    self->quotes = counters (self->quotes, &self->quote_capacity, count);
    for (size_t i = 0; i < count; i++)
        self->order[i] = (uint32_t) i;
    qsort_r (self->order, count, sizeof *self->order, compare_keys, self->layers);
    for (size_t i = 0; i < count; i++) {
        uint32_t at = self->order[i], before = i > 0 ? self->order[i - 1] : at;
        qw_string_t a = layers->clusters[before].key, b = layers->clusters[at].key;
        bool same = i > 0 && qw_bytes_equal ((qw_bytes_t){qw_layers_string (layers, a), a.size},
                                             (qw_bytes_t){qw_layers_string (layers, b), b.size});
        self->first[at] = same ? self->first[before] : at;
    }
    for (size_t i = 0; i < layers->mention_count; i++)
        if (layers->mentions[i].cluster < count)
            self->mentions[self->first[layers->mentions[i].cluster]]++;
    for (size_t i = 0; i < layers->quote_count; i++)
        if (layers->quotes[i].cluster < count)
            self->quotes[self->first[layers->quotes[i].cluster]]++;
}

static qw_status_t put_entities (qw_index_writer_t *self, qw_reason_t *reason)
{
    /* The name of an entity is the one that most documents give it; the older one among equals. */
    static const char count[] =
        "INSERT INTO entities (id, key, type, name, documents, mentions, quotes, quoted_in)"
        " VALUES ((SELECT coalesce (max (id), 0) + 1 FROM entities), $1, $2, $3, 1, $4, $5, $6)"
        " ON CONFLICT (key) DO UPDATE SET documents = entities.documents + 1,"
        " mentions = entities.mentions + excluded.mentions, quotes = entities.quotes + excluded.quotes,"
        " quoted_in = entities.quoted_in + excluded.quoted_in,"
        " name = CASE WHEN excluded.name <> entities.name"
        " AND (SELECT n.documents FROM names n WHERE n.entity = entities.id AND n.name = excluded.name)"
        " >= (SELECT n.documents FROM names n WHERE n.entity = entities.id AND n.name = entities.name)"
        " THEN excluded.name ELSE entities.name END";
    static const char name_it[] =
        "INSERT INTO names (id, entity, name, documents) VALUES ((SELECT coalesce (max (id), 0) + 1 FROM names),"
        " (SELECT id FROM entities WHERE key = $1), $2, 1)"
        " ON CONFLICT (entity, name) DO UPDATE SET documents = names.documents + 1";
    count_clusters (self);
    qw_status_t status = QW_OK;
    for (uint32_t i = 0; i < self->layers->cluster_count && !status; i++) {
        if (self->first[i] != i)
            continue;
        const qw_cluster_t *cluster = &self->layers->clusters[i];
        qw_sql_t key = key_of (self, i), name = string_of (self, cluster->name);
        if (key.kind == QW_SQL_NULL || name.kind == QW_SQL_NULL)
            continue;
        const qw_sql_t values[] = {key,
                                   name_of (qw_entity_type_name (cluster->type)),
                                   name,
                                   qw_sql_integer (self->mentions[i]),
                                   qw_sql_integer (self->quotes[i]),
                                   qw_sql_integer (self->quotes[i] > 0)};
        const qw_sql_t named[] = {key, name};
        status = qw_database_run (self->database, count, values, sizeof values / sizeof *values, reason);
        if (!status)
            status = qw_database_run (self->database, name_it, named, 2, reason);
        forget_texts (self);
    }
    return status;
}

static qw_status_t put_mentions (qw_index_writer_t *self, qw_reason_t *reason)
{
    static const char sql[] = "INSERT INTO mentions (document, number, start, stop, type, entity)"
                              " VALUES ($1, $2, $3, $4, $5, (SELECT id FROM entities WHERE key = $6))";
    qw_status_t status = QW_OK;
    for (size_t i = 0; i < self->layers->mention_count && !status; i++) {
        const qw_mention_t *mention = &self->layers->mentions[i];
        const qw_sql_t values[] = {qw_sql_integer ((int64_t) self->state.position),
                                   qw_sql_integer ((int64_t) i),
                                   point_of (self, mention->span.start),
                                   point_of (self, mention->span.end),
                                   name_of (qw_entity_type_name (mention->type)),
                                   key_of (self, mention->cluster)};
        status = run (self, sql, values, sizeof values / sizeof *values, reason);
    }
    return status;
}

/* The number as JSON lines write it; null for none. */
static qw_sql_t statement_of (uint64_t statement, char text[24])
{
    snprintf (text, 24, "%010" PRIx64, statement);
    return qw_sql_text (statement ? qw_bytes_of (text) : (qw_bytes_t){NULL, 0});
}

static qw_status_t put_quotes (qw_index_writer_t *self, qw_reason_t *reason)
{
    static const char sql[] =
        "INSERT INTO quotes (id, document, number, start, stop, type, speech, text, cue, mention, via, speaker, entity, how,"
        " confidence, statement) VALUES ((SELECT coalesce (max (id), 0) + 1 FROM quotes), $1, $2, $3, $4, $5, $6, $7, $8,"
        " $9, $10, $11, (SELECT id FROM entities WHERE key = $12), $13, $14, $15)";
    qw_status_t status = QW_OK;
    for (size_t i = 0; i < self->layers->quote_count && !status; i++) {
        const qw_quote_t *quote = &self->layers->quotes[i];
        char statement[24];
        const qw_sql_t values[] = {qw_sql_integer ((int64_t) self->state.position),
                                   qw_sql_integer ((int64_t) i),
                                   point_of (self, quote->span.start),
                                   point_of (self, quote->span.end),
                                   name_of (qw_quote_type_name (quote->type)),
                                   qw_sql_integer (quote->speech),
                                   words_of (self, quote->span),
                                   words_of (self, quote->cue),
                                   words_of (self, quote->speaker_mention),
                                   words_of (self, quote->via),
                                   string_of (self, quote->speaker),
                                   key_of (self, quote->cluster),
                                   name_of (qw_how_name (quote->how)),
                                   qw_sql_integer (quote->confidence),
                                   statement_of (quote->statement, statement)};
        status = run (self, sql, values, sizeof values / sizeof *values, reason);
    }
    self->count.quotes += self->layers->quote_count;
    return status;
}

/* Takes out what was there under this id. */
static qw_status_t remove_document (qw_index_writer_t *self, qw_bytes_t id, qw_reason_t *reason)
{
#define ITS_PLACE "(SELECT position FROM documents WHERE id = $1)"
    static const char *const statements[] = {
        "UPDATE entities SET documents = documents - 1,"
        " mentions = mentions - (SELECT count(*) FROM mentions m, documents d"
        "                        WHERE m.document = d.position AND m.entity = entities.id AND d.id = $1)"
        " WHERE id IN (SELECT m.entity FROM mentions m, documents d WHERE m.document = d.position AND d.id = $2)",
        "UPDATE entities SET quoted_in = quoted_in - 1,"
        " quotes = quotes - (SELECT count(*) FROM quotes q, documents d"
        "                    WHERE q.document = d.position AND q.entity = entities.id AND d.id = $1)"
        " WHERE id IN (SELECT q.entity FROM quotes q, documents d WHERE q.document = d.position AND d.id = $2)",
        "DELETE FROM names WHERE entity IN (SELECT e.id FROM entities e, mentions m WHERE e.documents = 0"
        " AND e.id = m.entity AND m.document IN " ITS_PLACE ")",
        "DELETE FROM entities WHERE documents = 0 AND id IN (SELECT entity FROM mentions WHERE document IN " ITS_PLACE ")",
        "DELETE FROM mentions WHERE document IN " ITS_PLACE,
        "DELETE FROM quotes WHERE document IN " ITS_PLACE,
        "DELETE FROM documents WHERE id = $1"};
#undef ITS_PLACE
    qw_status_t status = QW_OK;
    for (size_t i = 0; i < sizeof statements / sizeof *statements && !status; i++) {
        const qw_sql_t values[] = {text_of (self, id), text_of (self, id)};
        status = run (self, statements[i], values, strstr (statements[i], "$2") ? 2 : 1, reason);
    }
    return status;
}

static qw_status_t put_record (qw_index_writer_t *self, qw_bytes_t record, qw_reason_t *reason)
{
    qw_document_t document;
    qw_status_t status = qw_document_read (&document, record.data, record.size, reason);
    if (!status && (document.supersedes || document.dropped))
        status = remove_document (self, document.id, reason);
    if (!status && !document.dropped) {
        status = qw_document_layers (&document, &self->index, self->layers, &self->paragraphs, &self->paragraph_count,
                                     &self->paragraph_capacity, reason);
        if (!status)
            status = put_document (self, &document, reason);
        if (!status)
            status = put_entities (self, reason);
        if (!status)
            status = put_mentions (self, reason);
        if (!status)
            status = put_quotes (self, reason);
        self->count.bytes += document.text.size;
    }
    self->state.crc32c = document.crc32c;
    self->state.position++;
    self->count.records++;
    return status;
}

/* ---- the state ------------------------------------------------------------------------------------------------------- */

typedef struct {
    bool found;
    int64_t version, position, crc32c;
} state_row_t;

static bool take_state (void *context, const qw_sql_t *columns, size_t count)
{
    state_row_t *row = context;
    if (count == 3)
        *row = (state_row_t){true, columns[0].integer, columns[1].integer, columns[2].integer};
    return false;
}

static qw_status_t read_state (qw_index_writer_t *self, state_row_t *row, qw_reason_t *reason)
{
    *row = (state_row_t){0};
    return qw_database_query (self->database, "SELECT version, position, crc32c FROM state", NULL, 0, take_state, row,
                              reason);
}

static qw_status_t prepare (qw_index_writer_t *self, bool anew, qw_reason_t *reason)
{
    static const char first[] = "INSERT INTO state (one, version, position, crc32c) VALUES (1, $1, 0, 0)"
                                " ON CONFLICT (one) DO NOTHING";
    const qw_dialect_t *dialect = qw_database_dialect (self->database);
    qw_status_t status = anew ? qw_database_script (self->database, dialect->drop, reason) : QW_OK;
    if (!status)
        status = qw_database_script (self->database, dialect->create, reason);
    if (!status)
        status = qw_database_begin (self->database, reason);
    const qw_sql_t version = qw_sql_integer (VERSION);
    if (!status)
        status = qw_database_run (self->database, first, &version, 1, reason);
    if (!status)
        status = qw_database_commit (self->database, reason);
    state_row_t row;
    if (!status)
        status = read_state (self, &row, reason);
    if (status)
        return status;
    if (!row.found || row.version != VERSION)
        return qw_fail (QW_UNSUPPORTED, reason, "the index was made by another version of quotewire: --rebuild it");
    self->state = (qw_index_state_t){(uint64_t) row.position, (uint32_t) row.crc32c};
    return QW_OK;
}

static qw_status_t add (qw_index_writer_t *self, qw_bytes_t records, size_t count, qw_reason_t *reason)
{
    static const char store[] = "UPDATE state SET position = $1, crc32c = $2";
    state_row_t row;
    qw_status_t status = read_state (self, &row, reason);
    if (status)
        return status;
    if (!row.found || (uint64_t) row.position != self->state.position)
        return qw_fail (QW_BUSY, reason, "another process writes to the same index");
    const char *at = records.data, *end = at + records.size;
    for (size_t i = 0; i < count; i++) {
        size_t size = qw_document_size (at, (size_t) (end - at));
        uint64_t position = self->state.position;
        status = put_record (self, (qw_bytes_t){at, size}, reason);
        if (status == QW_INVALID || status == QW_DAMAGED) {
            qw_reason_t why = *reason;
            qw_fail (status, reason, "position %llu: %s", (unsigned long long) position, why.text);
        }
        if (status)
            return status;
        at += size;
    }
    const qw_sql_t values[] = {qw_sql_integer ((int64_t) self->state.position), qw_sql_integer (self->state.crc32c)};
    status = qw_database_run (self->database, store, values, 2, reason);
    const char *const *settle = qw_database_dialect (self->database)->settle;
    for (; settle && *settle && !status; settle++)
        status = qw_database_run (self->database, *settle, NULL, 0, reason);
    return status ? status : qw_database_commit (self->database, reason);
}

qw_status_t qw_index_writer_add (qw_index_writer_t *self, qw_bytes_t records, size_t count, qw_reason_t *reason)
{
    qw_index_state_t state = self->state;
    qw_index_count_t counted = self->count;
    qw_status_t status = qw_database_begin (self->database, reason);
    if (!status)
        status = add (self, records, count, reason);
    if (status) {
        qw_database_roll_back (self->database);
        forget_texts (self);
        self->state = state;
        self->count = counted;
    }
    return status;
}

/* ---- the object ------------------------------------------------------------------------------------------------------ */

qw_status_t qw_index_writer_new (qw_index_writer_t **self_p, qw_database_t *database, bool anew, qw_reason_t *reason)
{
    qw_index_writer_t *self = qw_must (calloc (1, sizeof *self));
    self->database = database;
    self->layers = qw_layers_new ();
    *self_p = self;
    qw_status_t status = prepare (self, anew, reason);
    if (status)
        qw_index_writer_destroy (self_p);
    return status;
}

void qw_index_writer_destroy (qw_index_writer_t **self_p)
{
    qw_index_writer_t *self = *self_p;
    if (!self)
        return;
    forget_texts (self);
    qw_utf8_index_free (&self->index);
    qw_layers_destroy (&self->layers);
    qw_json_out_free (&self->json);
    free (self->paragraphs);
    free (self->order);
    free (self->first);
    free (self->mentions);
    free (self->quotes);
    free (self);
    *self_p = NULL;
}

qw_index_state_t qw_index_writer_state (const qw_index_writer_t *self) { return self->state; }

qw_index_count_t qw_index_writer_count (const qw_index_writer_t *self) { return self->count; }
