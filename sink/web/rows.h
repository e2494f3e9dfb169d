/*  rows.h - rows of the index as JSON. */
#ifndef QW_WEB_ROWS_H
#define QW_WEB_ROWS_H

#include "sink/index/database.h"

typedef enum {
    QW_COLUMN_VALUE,  /* a text, a number or null */
    QW_COLUMN_FLAG,   /* 0 or 1, as false or true */
    QW_COLUMN_JSON,   /* JSON that SQLite has made */
    QW_COLUMN_MARKED, /* a text in which QW_MARK_OPEN and QW_MARK_CLOSE stand around what was found: two members, the name
                         and "matches", [[start, end], ...] in code points */
    QW_COLUMN_HIDDEN  /* for a cursor alone */
} qw_column_kind_t;

/* In SQL: char (2) and char (3). */
enum { QW_MARK_OPEN = 2, QW_MARK_CLOSE = 3 };

typedef struct {
    const char *name; /* NULL ends the list */
    qw_column_kind_t kind;
} qw_column_t;

/* Rows in the making. Zero it but for `out` and `columns`. */
typedef struct {
    qw_json_out_t *out;
    const qw_column_t *columns;
    size_t rows, most; /* most: of these that are written; 0: all */
    bool more;         /* there was one more */
    char cursor[96];   /* of the last row written: its hidden columns, with commas between them; NUL-terminated */
    size_t cursor_size;
} qw_rows_t;

/* A qw_sql_row_fn: appends {"name":value,...}, with a comma between two. */
bool qw_rows_put (void *rows, const qw_sql_t *columns, size_t count);

/* Appends `"text":"...","matches":[...]`, named `name`. */
void qw_rows_put_marked (qw_json_out_t *out, const char *name, qw_bytes_t marked);

#endif
