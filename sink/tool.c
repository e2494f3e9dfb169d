#include "sink/tool.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int qw_tool_misused (const char *program, const char *format, ...)
{
    va_list arguments;
    va_start (arguments, format);
    fprintf (stderr, "%s: ", program);
    vfprintf (stderr, format, arguments);
    fprintf (stderr, "\nTry '%s --help'.\n", program);
    va_end (arguments);
    return QW_EXIT_USAGE;
}

qw_corpus_reader_t *qw_tool_open (const char *program, const char *directory)
{
    qw_reason_t reason;
    qw_corpus_reader_t *reader = qw_corpus_reader_open (directory, &reason);
    if (!reader)
        fprintf (stderr, "%s: %s\n", program, reason.text);
    return reader;
}

bool qw_tool_flush (qw_json_out_t *out)
{
    for (size_t done = 0; done < out->size;) {
        ssize_t written = write (STDOUT_FILENO, out->data + done, out->size - done);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0) {
            if (errno != EPIPE)
                fprintf (stderr, "quotewire: standard output cannot be written: %s\n", strerror (errno));
            return false;
        }
        done += (size_t) written;
    }
    qw_json_out_reset (out);
    return true;
}
