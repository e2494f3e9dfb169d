/*  source_format.h - formats in which a whole file is one article or several: the one interface behind which they
    stand.

    To add a format: write its pair of files with a `const qw_format_t qw_format_NAME`, and add it to the table in
    source_format.c. Its files are then read by their suffixes, told by their content, and known to --source-type.
 */
#ifndef QW_SOURCE_FORMAT_H
#define QW_SOURCE_FORMAT_H

#include "ventilator/source_reader.h"

/* What is known of a file from outside; data NULL: unknown. */
typedef struct {
    qw_bytes_t url;
    qw_bytes_t retrieved; /* when it was fetched */
    qw_bytes_t charset;   /* as HTTP named it */
    size_t max_document_bytes;
} qw_format_context_t;

/* One article that was found. */
typedef struct {
    qw_bytes_t id; /* data NULL: none given */
    qw_bytes_t text;
    qw_bytes_t metadata;  /* a MessagePack map; data NULL: none */
    const char *encoding; /* NULL or empty: UTF-8 */
    const char *failed;   /* not NULL: why it cannot be used */
} qw_found_t;

typedef void qw_format_emit_fn (void *argument, const qw_found_t *found);

typedef struct {
    const char *type;        /* as --source-type calls it */
    const char *suffixes[6]; /* of file names, NULL behind the last */
    bool has_many;           /* a file may hold several: its records have numbers */
    bool (*sniff) (qw_bytes_t front); /* whether a file begins like this format: up to QW_FORMAT_FRONT bytes of it */
    void *(*open) (void);             /* memory that is kept from file to file */
    void (*close) (void *state);
    /* Reads a whole file and emits its articles; another status than QW_OK, with a reason, for the file as a whole. */
    qw_status_t (*read) (void *state, const qw_format_context_t *context, qw_bytes_t bytes, qw_format_emit_fn *emit,
                         void *argument, qw_reason_t *reason);
    /* Instead of `read`, where files may have any size: begins a file, and reads its next article, which holds until the
     * call after it. QW_END, QW_AGAIN as always, nothing else. `skipped` tells how many it has passed over. */
    void (*begin) (void *state, const qw_format_context_t *context);
    qw_status_t (*next) (void *state, qw_reader_t *reader, qw_found_t *found);
    uint64_t (*skipped) (const void *state);
} qw_format_t;

enum { QW_FORMAT_FRONT = 1024 };

/* The format of a file by its name, by how its content begins, by what --source-type calls it; NULL: none. */
const qw_format_t *qw_format_of_name (qw_bytes_t name);
const qw_format_t *qw_format_of_content (qw_bytes_t front);
const qw_format_t *qw_format_of_type (const char *type);

/* Files up to this size are read: markup is larger than its text. */
size_t qw_format_limit (size_t max_document_bytes);

/* A reader of one format after the other, and the articles of the file that it read last. Zero it to begin with. */
typedef struct {
    const qw_format_t *format; /* that the state belongs to */
    void *state;
    struct qw_finding_t *items;
    size_t count, capacity, next;
    qw_buffer_t bytes;
    uint64_t skipped; /* of the file that is streamed */
} qw_findings_t;

/* Reads a file; its articles are then taken by qw_findings_next. */
qw_status_t qw_findings_read (qw_findings_t *self, const qw_format_t *format, const qw_format_context_t *context,
                              qw_bytes_t bytes, qw_reason_t *reason);

/* The next article; it holds until the next qw_findings_read. False: there are no more. */
bool qw_findings_next (qw_findings_t *self, qw_found_t *found);

/* For formats with `next`: begins a file, and takes its next article. */
void qw_findings_begin (qw_findings_t *self, const qw_format_t *format, const qw_format_context_t *context);
qw_status_t qw_findings_stream (qw_findings_t *self, qw_reader_t *reader, qw_found_t *found);

void qw_findings_free (qw_findings_t *self);

#endif
