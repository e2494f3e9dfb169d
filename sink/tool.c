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

int qw_tool_main (const char *program, const char *help, const qw_tool_command_t *commands, int argc, char *argv[])
{
    const char *command = argc > 1 ? argv[1] : "";
    for (const qw_tool_command_t *known = commands; known->name; known++)
        if (strcmp (command, known->name) == 0)
            return known->run (argc - 1, argv + 1);
    if (strcmp (command, "--version") == 0 || strcmp (command, "-V") == 0) {
        printf ("%s " QW_VERSION "\n", program);
        return QW_EXIT_GOOD;
    }
    if (strcmp (command, "--help") == 0 || strcmp (command, "-h") == 0) {
        fputs (help, stdout);
        return QW_EXIT_GOOD;
    }
    if (*command)
        fprintf (stderr, "%s: there is no command '%s'\n", program, command);
    fputs (help, stderr);
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
