#include "sink/web/rows.h"

#include <inttypes.h>
#include <stdio.h>

#include "proto/utf8.h"

static void put_name (qw_json_out_t *out, const char *name)
{
    qw_json_put_raw (out, "\"", 1);
    qw_json_put_text (out, name);
    qw_json_put_raw (out, "\":", 2);
}

/* The bytes up to the next mark, or all. */
static size_t unmarked (qw_bytes_t text)
{
    size_t size = 0;
    while (size < text.size && text.data[size] != QW_MARK_OPEN && text.data[size] != QW_MARK_CLOSE)
        size++;
    return size;
}

void qw_rows_put_marked (qw_json_out_t *out, const char *name, qw_bytes_t marked)
{
    qw_json_out_t plain = {0}, matches = {0};
    size_t point = 0, begin = 0;
    bool open = false;
    for (qw_bytes_t rest = marked;;) {
        size_t size = unmarked (rest);
        qw_json_put_raw (&plain, rest.data, size);
        point += qw_utf8_length (rest.data, size);
        if (open && (size == rest.size || rest.data[size] == QW_MARK_CLOSE)) {
            qw_json_put_text (&matches, matches.size ? ",[" : "[");
            qw_json_put_uint (&matches, begin);
            qw_json_put_raw (&matches, ",", 1);
            qw_json_put_uint (&matches, point);
            qw_json_put_raw (&matches, "]", 1);
        }
        if (size == rest.size)
            break;
        open = rest.data[size] == QW_MARK_OPEN;
        begin = point;
        rest = (qw_bytes_t){rest.data + size + 1, rest.size - size - 1};
    }
    put_name (out, name);
    qw_json_put_string (out, (qw_bytes_t){plain.data ? plain.data : "", plain.size});
    qw_json_put_text (out, ",\"matches\":[");
    qw_json_put_raw (out, matches.data ? matches.data : "", matches.size);
    qw_json_put_raw (out, "]", 1);
    qw_json_out_free (&plain);
    qw_json_out_free (&matches);
}

static void put_value (qw_json_out_t *out, const qw_column_t *column, const qw_sql_t *value)
{
    if (column->kind == QW_COLUMN_MARKED) {
        qw_rows_put_marked (out, column->name, value->kind == QW_SQL_TEXT ? value->text : QW_BYTES (""));
        return;
    }
    put_name (out, column->name);
    if (value->kind == QW_SQL_NULL)
        qw_json_put_text (out, "null");
    else if (column->kind == QW_COLUMN_FLAG)
        qw_json_put_text (out, value->integer ? "true" : "false");
    else if (value->kind == QW_SQL_INTEGER)
        qw_json_put_int (out, value->integer);
    else if (column->kind == QW_COLUMN_JSON)
        qw_json_put_raw (out, value->text.data, value->text.size);
    else
        qw_json_put_string (out, value->text);
}

static void note_cursor (qw_rows_t *self, const qw_sql_t *value)
{
    char *at = self->cursor + self->cursor_size;
    size_t room = sizeof self->cursor - self->cursor_size;
    const char *comma = self->cursor_size ? "," : "";
    int used = value->kind == QW_SQL_INTEGER
                   ? snprintf (at, room, "%s%" PRId64, comma, value->integer)
                   : snprintf (at, room, "%s%.*s", comma, value->kind == QW_SQL_TEXT ? (int) value->text.size : 0,
                               value->kind == QW_SQL_TEXT ? value->text.data : "");
    self->cursor_size += (size_t) used < room ? (size_t) used : room - 1;
}

bool qw_rows_put (void *rows, const qw_sql_t *columns, size_t count)
{
    qw_rows_t *self = rows;
    if (self->most && self->rows == self->most) {
        self->more = true;
        return false;
    }
    qw_json_put_text (self->out, self->rows++ ? ",{" : "{");
    self->cursor_size = 0;
    self->cursor[0] = 0;
    bool any = false;
    for (size_t i = 0; i < count && self->columns[i].name; i++) {
        if (self->columns[i].kind == QW_COLUMN_HIDDEN) {
            note_cursor (self, &columns[i]);
            continue;
        }
        if (any)
            qw_json_put_raw (self->out, ",", 1);
        any = true;
        put_value (self->out, &self->columns[i], &columns[i]);
    }
    qw_json_put_raw (self->out, "}", 1);
    return true;
}
