/*  listing.h - answers of an index on standard output: as a table for people, as JSON lines, as CSV. */
#ifndef QW_INDEX_LISTING_H
#define QW_INDEX_LISTING_H

#include "sink/csv_out.h"
#include "sink/index/question.h"
#include "sink/terminal.h"

typedef enum { QW_LISTING_TABLE, QW_LISTING_JSON, QW_LISTING_CSV } qw_listing_format_t;

bool qw_listing_format_of_name (const char *name, qw_listing_format_t *format);

typedef struct {
    qw_listing_format_t format;
    const char *const *columns; /* the names of the columns, by which JSON and CSV call them */
    size_t count;
    bool quotes;                /* rows are quotations: a table shows them in several lines each */
    qw_terminal_t terminal;
    qw_json_out_t out, line;
    qw_csv_out_t csv;
    uint64_t rows;
    bool closed;                /* nobody reads any more, or the disk is full */
} qw_listing_t;

void qw_listing_open (qw_listing_t *self, qw_listing_format_t format, const char *const *columns, size_t count, bool quotes);

/* A qw_sql_row_fn; the context is the listing. */
bool qw_listing_put (void *context, const qw_sql_t *columns, size_t count);

/* Writes what is left. False: standard output could not be written. */
bool qw_listing_close (qw_listing_t *self);

#endif
