/*  A table of quotations, one line each, as CSV. */
#include <stdlib.h>

#include "proto/memory.h"
#include "sink/csv_out.h"
#include "sink/export/format.h"

typedef struct {
    const qw_filter_t *filter;
    qw_csv_out_t csv;
    qw_json_out_t flat;
} quotes_csv_t;

static const char *const columns[] = {"speaker", "quote",  "type",     "article",  "date",       "url",   "outlet", "document",
                                      "position", "start", "end",      "cue",      "mention",    "via",   "entity", "speech",
                                      "how",     "confidence"};

static void *open_csv (const qw_export_options_t *options)
{
    quotes_csv_t *self = qw_must (calloc (1, sizeof *self));
    self->filter = options->filter;
    self->csv.exact = options->exact;
    return self;
}

static void begin (void *context, bool alone, qw_json_out_t *out)
{
    quotes_csv_t *self = context;
    (void) alone;
    self->csv.out = out;
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        qw_csv_put_text (&self->csv, qw_bytes_of (columns[i]));
    qw_csv_end_line (&self->csv);
}

/* U+0000 ends a cell, or the file, for many readers: U+FFFD stands for it. */
static void put_cell (quotes_csv_t *self, qw_bytes_t text)
{
    if (text.size == 0 || !memchr (text.data, 0, text.size)) {
        qw_csv_put_text (&self->csv, text);
        return;
    }
    qw_json_out_reset (&self->flat);
    for (size_t i = 0; i < text.size; i++)
        qw_json_put_raw (&self->flat, text.data[i] ? text.data + i : "\xef\xbf\xbd", text.data[i] ? 1 : 3);
    qw_csv_put_text (&self->csv, (qw_bytes_t){self->flat.data, self->flat.size});
}

static void put_quote (quotes_csv_t *self, const qw_export_document_t *document, const qw_quote_t *quote)
{
    const qw_cluster_t *cluster = qw_export_cluster (document, quote->cluster);
    put_cell (self, qw_export_string (document, quote->speaker));
    put_cell (self, qw_export_words (document, quote->span));
    put_cell (self, qw_bytes_of (qw_quote_type_name (quote->type)));
    put_cell (self, document->facts->title);
    put_cell (self, document->facts->date);
    put_cell (self, document->facts->url);
    put_cell (self, document->facts->outlet);
    put_cell (self, document->record->id);
    qw_csv_put_int (&self->csv, (int64_t) document->position);
    qw_csv_put_int (&self->csv, qw_export_point (document, quote->span.start));
    qw_csv_put_int (&self->csv, qw_export_point (document, quote->span.end));
    put_cell (self, qw_export_words (document, quote->cue));
    put_cell (self, qw_export_words (document, quote->speaker_mention));
    put_cell (self, qw_export_words (document, quote->via));
    put_cell (self, cluster ? qw_export_string (document, cluster->key) : (qw_bytes_t){NULL, 0});
    put_cell (self, qw_bytes_of (quote->speech ? "true" : "false"));
    put_cell (self, qw_bytes_of (qw_how_name (quote->how)));
    qw_csv_put_int (&self->csv, quote->confidence);
    qw_csv_end_line (&self->csv);
}

static qw_status_t put (void *context, const qw_export_document_t *document, qw_json_out_t *files, qw_reason_t *reason)
{
    quotes_csv_t *self = context;
    (void) reason;
    self->csv.out = files;
    for (size_t i = 0; i < document->layers->quote_count; i++)
        if (qw_filter_fits_quote (self->filter, document->layers, &document->layers->quotes[i]))
            put_quote (self, document, &document->layers->quotes[i]);
    return QW_OK;
}

static void close_csv (void *context)
{
    quotes_csv_t *self = context;
    qw_json_out_free (&self->flat);
    free (self);
}

const qw_export_format_t qw_export_csv = {.name = "csv",
                                          .about = "a table of quotations, one a line, for spreadsheets",
                                          .suffixes = {".csv"},
                                          .open = open_csv,
                                          .begin = begin,
                                          .put = put,
                                          .close = close_csv};
