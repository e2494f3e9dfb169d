/*  terminal.h - text for a person at a terminal: colours when they are wanted, lines that fit. */
#ifndef QW_TERMINAL_H
#define QW_TERMINAL_H

#include "proto/json_out.h"

typedef enum { QW_PLAIN, QW_BOLD, QW_DIM, QW_NAME, QW_SPOKEN, QW_REPORTED, QW_ALARM } qw_style_t;

typedef struct {
    bool colours;
    unsigned width; /* columns, 40 to 110 */
} qw_terminal_t;

/* Colours only on a terminal, and not if NO_COLOR is set (no-color.org) or TERM is "dumb"; the width is the terminal's,
 * or COLUMNS, or 80. */
qw_terminal_t qw_terminal_of (int file);

/* Puts text in a style. */
void qw_terminal_put (const qw_terminal_t *self, qw_json_out_t *out, qw_style_t style, qw_bytes_t text);

/* Columns that text takes. */
unsigned qw_terminal_columns (qw_bytes_t text);

/* Text from outside (valid UTF-8) as one line: runs of white space become a space, control characters vanish. Appended
 * to `line`. */
void qw_terminal_flatten (qw_bytes_t text, qw_json_out_t *line);

/* Puts a flat line, wrapped at spaces, each line behind `margin` (in `margin_style`); `lines` 0: all of it, otherwise
 * an ellipsis ends the last one allowed. */
void qw_terminal_wrap (const qw_terminal_t *self, qw_json_out_t *out, const char *margin, qw_style_t margin_style,
                       qw_style_t style, qw_bytes_t flat, unsigned lines);

#endif
