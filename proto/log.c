#include "proto/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *speaker = "quotewire";
static qw_log_level_t limit = QW_LOG_INFO;
static const char *const names[] = {"error", "warning", "info", "debug"};

void qw_log_open (const char *role, qw_log_level_t threshold)
{
    speaker = role;
    limit = threshold;
}

bool qw_log_level_of_name (const char *name, qw_log_level_t *level)
{
    for (int i = 0; i <= QW_LOG_DEBUG; i++)
        if (strcmp (name, names[i]) == 0) {
            *level = (qw_log_level_t) i;
            return true;
        }
    return false;
}

void qw_log (qw_log_level_t level, const char *format, ...)
{
    if (level > limit)
        return;
    char line[1024], stamp[32];
    time_t now = time (NULL);
    struct tm parts;
    strftime (stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%SZ", gmtime_r (&now, &parts));
    int used = snprintf (line, sizeof line, "%s %s %d %s: ", stamp, speaker, (int) getpid (), names[level]);
    va_list arguments;
    va_start (arguments, format);
    int more = vsnprintf (line + used, sizeof line - (size_t) used - 1, format, arguments);
    va_end (arguments);
    size_t size = strlen (line);
    (void) more;
    for (size_t i = (size_t) used; i < size; i++)
        if ((unsigned char) line[i] < 0x20 || line[i] == 0x7f)
            line[i] = '?';
    line[size++] = '\n';
    /* one write, so that lines of several processes do not mix */
    ssize_t ignored = write (STDERR_FILENO, line, size);
    (void) ignored;
}
