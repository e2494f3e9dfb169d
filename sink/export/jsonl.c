/*  JSON lines: proto/interchange.h has the members. */
#include <stdlib.h>

#include "proto/memory.h"
#include "sink/export/format.h"

typedef struct {
    qw_interchange_t *interchange;
    bool place;
} jsonl_t;

static void *open_jsonl (const qw_export_options_t *options)
{
    jsonl_t *self = qw_must (calloc (1, sizeof *self));
    self->interchange = qw_interchange_new ();
    self->place = options->place;
    return self;
}

static qw_status_t put (void *context, const qw_export_document_t *document, qw_json_out_t *files, qw_reason_t *reason)
{
    jsonl_t *self = context;
    qw_status_t status = qw_interchange_put_document (self->interchange, files, document->record,
                                                      self->place ? &document->position : NULL, reason);
    if (!status)
        qw_json_put_raw (files, "\n", 1);
    return status;
}

static void close_jsonl (void *context)
{
    jsonl_t *self = context;
    qw_interchange_destroy (&self->interchange);
    free (self);
}

const qw_export_format_t qw_export_jsonl = {.name = "jsonl",
                                            .about = "JSON lines, an object for each article",
                                            .bare = true,
                                            .suffixes = {".json"},
                                            .open = open_jsonl,
                                            .put = put,
                                            .close = close_jsonl};
