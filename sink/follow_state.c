#include "sink/follow_state.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

qw_status_t qw_follow_state_load (const char *path, uint64_t *position, qw_reason_t *reason)
{
    FILE *file = fopen (path, "r");
    if (!file && errno == ENOENT)
        return QW_NOT_FOUND;
    if (!file)
        return qw_fail_errno (reason, "the state file %s cannot be read", path);
    char text[32] = "", *end = text;
    uint64_t found = 0;
    errno = 0;
    if (fgets (text, sizeof text, file) && text[0] >= '0' && text[0] <= '9')
        found = strtoull (text, &end, 10);
    fclose (file);
    if (end == text || (*end != '\n' && *end != 0) || errno == ERANGE)
        return qw_fail (QW_INVALID, reason, "the state file %s does not hold a position", path);
    *position = found;
    return QW_OK;
}

qw_status_t qw_follow_state_store (const char *path, uint64_t position, qw_reason_t *reason)
{
    char fresh[4096], folder[4096], text[32];
    int used = snprintf (fresh, sizeof fresh, "%s.new", path);
    if (used < 0 || (size_t) used >= sizeof fresh)
        return qw_fail (QW_INVALID, reason, "the state file's path is too long");
    snprintf (folder, sizeof folder, "%s", path);
    int size = snprintf (text, sizeof text, "%llu\n", (unsigned long long) position);
    int file = open (fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (file < 0)
        return qw_fail_errno (reason, "%s cannot be made", fresh);
    bool good = write (file, text, (size_t) size) == size && fsync (file) == 0;
    good = close (file) == 0 && good && rename (fresh, path) == 0;
    int parent = good ? open (dirname (folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    good = parent >= 0 && fsync (parent) == 0;
    if (parent >= 0)
        close (parent);
    return good ? QW_OK : qw_fail_errno (reason, "the state file %s cannot be written", path);
}
