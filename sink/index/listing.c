#include "sink/index/listing.h"

#include <inttypes.h>
#include <stdio.h>

#include "sink/tool.h"

enum { FLUSH_BYTES = 64 << 10, NAME_COLUMNS = 36, QUOTE_LINES = 6 };

bool qw_listing_format_of_name (const char *name, qw_listing_format_t *format)
{
    static const char *const names[] = {"table", "json", "csv"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp (name, names[i]) == 0) {
            *format = (qw_listing_format_t) i;
            return true;
        }
    return false;
}

void qw_listing_open (qw_listing_t *self, qw_listing_format_t format, const char *const *columns, size_t count, bool quotes)
{
    *self = (qw_listing_t){.format = format, .columns = columns, .count = count, .quotes = quotes};
    self->terminal = qw_terminal_of (1);
    self->csv.out = &self->out;
    for (size_t i = 0; i < count && format == QW_LISTING_CSV; i++)
        qw_csv_put_text (&self->csv, qw_bytes_of (columns[i]));
    if (format == QW_LISTING_CSV)
        qw_csv_end_line (&self->csv);
}

static void put_json (qw_listing_t *self, const qw_sql_t *columns)
{
    for (size_t i = 0; i < self->count; i++) {
        qw_json_put_text (&self->out, i > 0 ? "," : "{");
        qw_json_put_string (&self->out, qw_bytes_of (self->columns[i]));
        qw_json_put_text (&self->out, ":");
        if (columns[i].kind == QW_SQL_NULL)
            qw_json_put_text (&self->out, "null");
        else if (columns[i].kind == QW_SQL_INTEGER)
            qw_json_put_int (&self->out, columns[i].integer);
        else
            qw_json_put_string (&self->out, columns[i].text);
    }
    qw_json_put_text (&self->out, "}\n");
}

static void put_csv (qw_listing_t *self, const qw_sql_t *columns)
{
    for (size_t i = 0; i < self->count; i++)
        if (columns[i].kind == QW_SQL_INTEGER)
            qw_csv_put_int (&self->csv, columns[i].integer);
        else
            qw_csv_put_text (&self->csv, columns[i].text);
    qw_csv_end_line (&self->csv);
}

/* Text from an article as one harmless line; empty for null. */
static qw_bytes_t flat (qw_listing_t *self, qw_sql_t value)
{
    qw_json_out_reset (&self->line);
    if (value.kind == QW_SQL_TEXT)
        qw_terminal_flatten (value.text, &self->line);
    return (qw_bytes_t){self->line.size ? self->line.data : "", self->line.size};
}

static void put (qw_listing_t *self, qw_style_t style, const char *text)
{
    qw_terminal_put (&self->terminal, &self->out, style, qw_bytes_of (text));
}

static void put_value (qw_listing_t *self, qw_style_t style, const char *before, qw_sql_t value, const char *after)
{
    qw_bytes_t text = flat (self, value);
    if (text.size == 0)
        return;
    put (self, QW_DIM, before);
    qw_terminal_put (&self->terminal, &self->out, style, text);
    put (self, QW_DIM, after);
}

static void put_quote (qw_listing_t *self, const qw_sql_t *columns)
{
    qw_sql_t date = columns[QW_QUOTE_DATE], speaker = columns[QW_QUOTE_SPEAKER];
    date.text.size = date.text.size > 10 ? 10 : date.text.size;
    put (self, QW_PLAIN, self->rows > 0 ? "\n" : "");
    put_value (self, QW_BOLD, "", date, "  ");
    if (speaker.kind == QW_SQL_TEXT)
        put_value (self, QW_NAME, "", speaker, "");
    else
        put (self, QW_DIM, "somebody");
    put_value (self, QW_DIM, "  ", columns[QW_QUOTE_CUE], "");
    put_value (self, QW_PLAIN, "  · ", columns[QW_QUOTE_OUTLET], "");
    if (columns[QW_QUOTE_TIMES].integer > 1) {
        char times[64];
        snprintf (times, sizeof times, "  · printed %" PRId64 " times", columns[QW_QUOTE_TIMES].integer);
        put (self, QW_DIM, times);
    }
    put (self, QW_PLAIN, "\n");
    bool spoken = !(columns[QW_QUOTE_TYPE].text.size == 8 && memcmp (columns[QW_QUOTE_TYPE].text.data, "indirect", 8) == 0);
    qw_terminal_wrap (&self->terminal, &self->out, spoken ? "  ┃ " : "  ┆ ", spoken ? QW_SPOKEN : QW_REPORTED, QW_PLAIN,
                      flat (self, columns[QW_QUOTE_TEXT]), QUOTE_LINES);
    qw_sql_t title = columns[columns[QW_QUOTE_TITLE].kind == QW_SQL_TEXT ? QW_QUOTE_TITLE : QW_QUOTE_ID];
    qw_terminal_wrap (&self->terminal, &self->out, "    ", QW_PLAIN, QW_DIM, flat (self, title), 1);
}

/* `name  KIND  12  3`: the names of the columns stand above the first row. */
static void put_row (qw_listing_t *self, const qw_sql_t *columns)
{
    for (bool head = self->rows == 0;; head = false) {
        for (size_t i = 0; i < self->count; i++) {
            bool number = columns[i].kind == QW_SQL_INTEGER;
            char digits[32];
            snprintf (digits, sizeof digits, "%" PRId64, columns[i].integer);
            qw_bytes_t value = number ? qw_bytes_of (digits) : flat (self, columns[i]);
            qw_bytes_t cell = head ? qw_bytes_of (self->columns[i]) : value;
            unsigned width = number ? 9 : i < 2 ? NAME_COLUMNS : 8, taken = qw_terminal_columns (cell);
            for (unsigned at = taken; number && at < width; at++)
                put (self, QW_PLAIN, " ");
            qw_terminal_put (&self->terminal, &self->out, head ? QW_BOLD : i == 0 ? QW_NAME : QW_PLAIN, cell);
            for (unsigned at = taken; !number && at < width; at++)
                put (self, QW_PLAIN, " ");
            put (self, QW_PLAIN, i + 1 < self->count ? " " : "\n");
        }
        if (!head)
            return;
    }
}

bool qw_listing_put (void *context, const qw_sql_t *columns, size_t count)
{
    qw_listing_t *self = context;
    if (count != self->count)
        return false;
    if (self->format == QW_LISTING_JSON)
        put_json (self, columns);
    else if (self->format == QW_LISTING_CSV)
        put_csv (self, columns);
    else if (self->quotes)
        put_quote (self, columns);
    else
        put_row (self, columns);
    self->rows++;
    if (self->out.size > FLUSH_BYTES)
        self->closed = !qw_tool_flush (&self->out);
    return !self->closed;
}

bool qw_listing_close (qw_listing_t *self)
{
    if (!self->closed)
        self->closed = !qw_tool_flush (&self->out);
    qw_json_out_free (&self->out);
    qw_json_out_free (&self->line);
    return !self->closed;
}
