/*  csv_out.h - comma-separated values as in RFC 4180: lines that end in CRLF, quotation marks where they are needed.

    A spreadsheet takes a cell that begins with =, +, -, @ or a control character for a formula, and a formula may call
    programs. What an article says is from outside, so a text that begins so gets an apostrophe in front, unless `exact`.
 */
#ifndef QW_CSV_OUT_H
#define QW_CSV_OUT_H

#include "proto/json_out.h"

typedef struct {
    qw_json_out_t *out;
    bool exact;
    bool begun; /* something stands in the line at hand */
} qw_csv_out_t;

/* data NULL: an empty cell. */
void qw_csv_put_text (qw_csv_out_t *self, qw_bytes_t text);
void qw_csv_put_int (qw_csv_out_t *self, int64_t number);
void qw_csv_end_line (qw_csv_out_t *self);

#endif
