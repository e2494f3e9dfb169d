/*  format.h - the formats in which documents leave a corpus. One file a format; formats.c has the list.

    A format turns one decoded document after another into bytes, and keeps nothing of those before, so that a corpus of any
    size takes the memory of its largest document. Offsets are code points in all of them. docs/formats.md tells what stands
    where.
 */
#ifndef QW_EXPORT_FORMAT_H
#define QW_EXPORT_FORMAT_H

#include "proto/interchange.h"
#include "sink/document_facts.h"
#include "sink/export/filter.h"

/* A document, decoded; spans are in bytes. It holds while it is being written. */
typedef struct {
    const qw_document_t *record;
    uint64_t position;
    const qw_utf8_index_t *index; /* over the text */
    const qw_layers_t *layers;
    const qw_paragraph_t *paragraphs;
    size_t paragraph_count;
    const qw_document_facts_t *facts;
} qw_export_document_t;

enum { QW_EXPORT_FILES = 2 /* of one document, at most */ };

typedef struct {
    const qw_filter_t *filter; /* of the quotations; documents that don't fit never come */
    bool place;                /* JSON lines: say where the record stands and comes from */
    bool exact;                /* CSV: no guard against formulas */
} qw_export_options_t;

typedef struct {
    const char *name, *about;
    bool bare; /* the layers need not be decoded for it */
    const char *suffixes[QW_EXPORT_FILES]; /* of a document's files: ".txt"; the second may be NULL */
    bool folder_only;                      /* one document takes several files */
    const char *extra_name, *extra;        /* one more file that the folder needs, and its content; or NULL */
    void *(*open) (const qw_export_options_t *options);
    /* What stands before the first document and behind the last one of a file, which has one `alone` or any number; may be
     * NULL. */
    void (*begin) (void *self, bool alone, qw_json_out_t *out);
    void (*end) (void *self, bool alone, qw_json_out_t *out);
    /* Appends the document to files[], of which there are as many as suffixes. After an error they are as they were. */
    qw_status_t (*put) (void *self, const qw_export_document_t *document, qw_json_out_t *files, qw_reason_t *reason);
    void (*close) (void *self);
} qw_export_format_t;

extern const qw_export_format_t qw_export_jsonl, qw_export_conllu, qw_export_brat, qw_export_tei, qw_export_webanno,
    qw_export_csv;

/* The format of this name; NULL: there is none. */
const qw_export_format_t *qw_export_format_of_name (const char *name);

/* ---- for formats ----------------------------------------------------------------------------------------------------- */

static inline qw_bytes_t qw_export_words (const qw_export_document_t *document, qw_span_t span)
{
    return (qw_bytes_t){document->index->text + span.start, qw_span_size (span)};
}

static inline qw_bytes_t qw_export_string (const qw_export_document_t *document, qw_string_t string)
{
    return (qw_bytes_t){string.size ? qw_layers_string (document->layers, string) : NULL, string.size};
}

static inline uint32_t qw_export_point (const qw_export_document_t *document, uint32_t byte)
{
    return qw_utf8_index_point (document->index, byte);
}

/* The cluster, or NULL. */
static inline const qw_cluster_t *qw_export_cluster (const qw_export_document_t *document, uint32_t cluster)
{
    return cluster < document->layers->cluster_count ? &document->layers->clusters[cluster] : NULL;
}

/* Puts text as one line: each of tab, line feed and whatever else could end a line or a field becomes a space. */
void qw_export_put_line (qw_json_out_t *out, qw_bytes_t text);

/* True where qw_export_put_line puts a space. */
bool qw_export_is_break (uint32_t point);

/* True for those and for spaces of any width. */
bool qw_export_is_white (uint32_t point);

#endif
