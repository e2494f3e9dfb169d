#include "sink/terminal.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <utf8proc.h>

#include "proto/utf8.h"

enum { NARROWEST = 40, WIDEST = 110, USUAL = 80 };

static const char *const codes[] = {"", "\x1b[1m", "\x1b[2m", "\x1b[1;36m", "\x1b[32m", "\x1b[33m", "\x1b[1;31m"};

qw_terminal_t qw_terminal_of (int file)
{
    const char *no_colour = getenv ("NO_COLOR"), *term = getenv ("TERM"), *columns = getenv ("COLUMNS");
    struct winsize size;
    long width = columns ? strtol (columns, NULL, 10) : 0;
    if (width <= 0)
        width = ioctl (file, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : USUAL;
    return (qw_terminal_t){
        .colours = isatty (file) && !(no_colour && *no_colour) && !(term && strcmp (term, "dumb") == 0),
        .width = (unsigned) (width < NARROWEST ? NARROWEST : width > WIDEST ? WIDEST : width),
    };
}

void qw_terminal_put (const qw_terminal_t *self, qw_json_out_t *out, qw_style_t style, qw_bytes_t text)
{
    bool coloured = self->colours && style != QW_PLAIN;
    if (coloured)
        qw_json_put_text (out, codes[style]);
    qw_json_put_raw (out, text.data, text.size);
    if (coloured)
        qw_json_put_text (out, "\x1b[0m");
}

static unsigned columns_of (uint32_t point)
{
    int width = point < 0x7f ? 1 : utf8proc_charwidth ((utf8proc_int32_t) point);
    return width > 0 ? (unsigned) width : 0;
}

unsigned qw_terminal_columns (qw_bytes_t text)
{
    unsigned columns = 0;
    for (size_t i = 0, taken; i < text.size; i += taken)
        columns += columns_of (qw_utf8_decode (text.data + i, text.size - i, &taken));
    return columns;
}

static bool is_space (uint32_t point)
{
    return point == ' ' || (point >= '\t' && point <= '\r') || point == 0x85 || point == 0x2028 || point == 0x2029;
}

/* Controls, and the marks by which hostile text could turn the direction of what follows. */
static bool is_hidden (uint32_t point)
{
    return point < 0x20 || (point >= 0x7f && point < 0xa0) || (point >= 0x202a && point <= 0x202e)
           || (point >= 0x2066 && point <= 0x2069);
}

void qw_terminal_flatten (qw_bytes_t text, qw_json_out_t *line)
{
    bool space = false, any = false;
    for (size_t i = 0, taken; i < text.size; i += taken) {
        uint32_t point = qw_utf8_decode (text.data + i, text.size - i, &taken);
        if (is_space (point)) {
            space = any;
            continue;
        }
        if (is_hidden (point))
            continue;
        if (space)
            qw_json_put_raw (line, " ", 1);
        qw_json_put_raw (line, text.data + i, taken);
        space = false;
        any = true;
    }
}

/* Bytes of the next line: as many words as fit; a word longer than a line is cut. */
static size_t fit (qw_bytes_t text, unsigned width)
{
    size_t word_end = 0;
    unsigned columns = 0;
    for (size_t i = 0, taken; i < text.size; i += taken) {
        uint32_t point = qw_utf8_decode (text.data + i, text.size - i, &taken);
        if (point == ' ')
            word_end = i;
        columns += columns_of (point);
        if (columns > width)
            return word_end ? word_end : i ? i : taken;
    }
    return text.size;
}

void qw_terminal_wrap (const qw_terminal_t *self, qw_json_out_t *out, const char *margin, qw_style_t margin_style,
                       qw_style_t style, qw_bytes_t flat, unsigned lines)
{
    unsigned taken = qw_terminal_columns (qw_bytes_of (margin));
    unsigned width = self->width > taken + 10 ? self->width - taken : 10;
    for (unsigned line = 1; flat.size > 0; line++) {
        bool last = line == lines;
        size_t size = fit (flat, width);
        bool cut = last && size < flat.size;
        if (cut)
            size = fit (flat, width - 2);
        qw_terminal_put (self, out, margin_style, qw_bytes_of (margin));
        qw_terminal_put (self, out, style, (qw_bytes_t){flat.data, size});
        if (cut)
            qw_terminal_put (self, out, QW_DIM, QW_BYTES (" …"));
        qw_json_put_raw (out, "\n", 1);
        if (last)
            return;
        flat.data += size;
        flat.size -= size;
        while (flat.size > 0 && *flat.data == ' ') {
            flat.data++;
            flat.size--;
        }
    }
}
