#include "sink/csv_out.h"

static void begin_cell (qw_csv_out_t *self)
{
    if (self->begun)
        qw_json_put_raw (self->out, ",", 1);
    self->begun = true;
}

/* The full-width forms count too: some spreadsheets read them as the plain ones. */
static bool is_formula (qw_bytes_t text)
{
    static const char *const wide[] = {"\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\xa0"};
    if (text.size == 0)
        return false;
    if (strchr ("=+-@\t\r\n", text.data[0]))
        return true;
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
        if (text.size >= 3 && memcmp (text.data, wide[i], 3) == 0)
            return true;
    return false;
}

static bool needs_marks (qw_bytes_t text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] == ',' || text.data[i] == '"' || text.data[i] == '\r' || text.data[i] == '\n')
            return true;
    return text.size > 0 && (text.data[0] == ' ' || text.data[text.size - 1] == ' ');
}

void qw_csv_put_text (qw_csv_out_t *self, qw_bytes_t text)
{
    begin_cell (self);
    const char *guard = !self->exact && is_formula (text) ? "'" : "";
    if (!needs_marks (text)) {
        qw_json_put_text (self->out, guard);
        qw_json_put_raw (self->out, text.data, text.size);
        return;
    }
    qw_json_put_text (self->out, "\"");
    qw_json_put_text (self->out, guard);
    for (size_t i = 0; i < text.size;) {
        const char *mark = memchr (text.data + i, '"', text.size - i);
        size_t end = mark ? (size_t) (mark - text.data) + 1 : text.size;
        qw_json_put_raw (self->out, text.data + i, end - i);
        if (mark)
            qw_json_put_raw (self->out, "\"", 1);
        i = end;
    }
    qw_json_put_text (self->out, "\"");
}

void qw_csv_put_int (qw_csv_out_t *self, int64_t number)
{
    begin_cell (self);
    qw_json_put_int (self->out, number);
}

void qw_csv_end_line (qw_csv_out_t *self)
{
    qw_json_put_raw (self->out, "\r\n", 2);
    self->begun = false;
}
