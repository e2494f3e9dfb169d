/*  source_input.h - one file, pipe or archive's member: what is in it, and its records one by one. */
#ifndef QW_SOURCE_INPUT_H
#define QW_SOURCE_INPUT_H

#include "ventilator/source.h"
#include "ventilator/source_archive.h"
#include "ventilator/source_emitter.h"
#include "ventilator/source_format.h"
#include "ventilator/source_json.h"
#include "ventilator/source_walk.h"
#include "ventilator/source_warc.h"

typedef enum {
    QW_INPUT_NEW, /* nobody has looked at it */
    QW_INPUT_ARCHIVE,
    QW_INPUT_TEXT,
    QW_INPUT_LINES,
    QW_INPUT_VALUES, /* JSON objects over several lines, one behind the other */
    QW_INPUT_ARRAY,  /* one JSON array of objects */
    QW_INPUT_DOCUMENT, /* the whole of it in one of the formats */
    QW_INPUT_FOUND,    /* the articles that were found in it */
    QW_INPUT_STREAM,   /* articles of a format that finds one after the other */
    QW_INPUT_WARC,
    QW_INPUT_DONE
} qw_input_stage_t;

/* What --source-type names. */
typedef struct {
    qw_kind_t kind;            /* QW_KIND_UNKNOWN: told by names and content */
    const qw_format_t *format; /* of the kind QW_KIND_DOCUMENT */
} qw_input_type_t;

/* "auto", "text", "jsonl", "json", "warc", or a format's type. False: unknown. */
bool qw_input_type_of_name (const char *name, qw_input_type_t *type);

/* Zero it to begin with. */
typedef struct {
    qw_reader_t reader;
    qw_buffer_t path; /* as users see it: "news.zip:2019/a.txt"; it is valid UTF-8 */
    qw_kind_t kind;
    qw_input_stage_t stage;
    qw_archive_t *archive;           /* in the stage QW_INPUT_ARCHIVE */
    uint64_t record;                 /* how many records, or lines, were read */
    uint64_t lines_before;           /* line ends before the first JSON value */
    char encoding[QW_ENCODING_NAME]; /* of the whole of it, as its byte order mark says; empty: UTF-8 or unknown */
    qw_json_scan_t scan;             /* of the value at the reader's front */
    size_t scanned;                  /* bytes of it that the scan has seen; 0: the value has not begun */
    qw_buffer_t converted;
    qw_json_article_t article;
    const qw_format_t *format; /* of the stage QW_INPUT_DOCUMENT; NULL: not known */
    qw_findings_t findings;
    qw_warc_t warc;
} qw_input_t;

/* Begins with a stream. `name` is what tells its kind, if `type` does not; it may be any bytes, as may the path. */
void qw_input_open (qw_input_t *self, qw_stream_t stream, qw_bytes_t path, qw_bytes_t name, const qw_input_type_t *type);

/* Forgets the stream; the memory is kept. */
void qw_input_close (qw_input_t *self);
void qw_input_free (qw_input_t *self);

/* How many records it has passed over so far because they hold no article. */
static inline uint64_t qw_input_skipped (const qw_input_t *self) { return self->warc.skipped + self->findings.skipped; }

/* Looks at the first bytes and decides what it is. QW_OK: the stage is no longer QW_INPUT_NEW. */
qw_status_t qw_input_look (qw_input_t *self, bool archives_allowed, qw_reason_t *reason);

/* The next record of an input that is no archive. QW_OK: `record` was read, or tells why not. QW_END, QW_AGAIN as always. */
qw_status_t qw_input_next (qw_input_t *self, size_t max_document_bytes, qw_emitter_t *emitter, qw_record_t *record);

#endif
