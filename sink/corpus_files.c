#include "sink/corpus_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const qw_corpus_io_t qw_corpus_system_io = {pwrite, fdatasync};

qw_file_name_t qw_segment_name (unsigned number)
{
    qw_file_name_t name;
    snprintf (name.text, sizeof name.text, "segment-%06u.msgpack", number);
    return name;
}

qw_file_name_t qw_index_name (unsigned number)
{
    qw_file_name_t name;
    snprintf (name.text, sizeof name.text, "segment-%06u.index", number);
    return name;
}

/* Raises *count to hold the number of a file that is called as `name_of` calls it. */
static void count_file (const char *name, qw_file_name_t (*name_of) (unsigned), unsigned *count)
{
    unsigned number;
    if (sscanf (name, "segment-%9u.", &number) == 1 && strcmp (name, name_of (number).text) == 0 && number >= *count)
        *count = number + 1;
}

qw_status_t qw_segments_in (int directory, unsigned *segments, unsigned *indexes, qw_reason_t *reason)
{
    *segments = *indexes = 0;
    int again = openat (directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = again < 0 ? NULL : fdopendir (again);
    if (!list) {
        qw_status_t status = qw_fail_errno (reason, "the corpus's directory cannot be listed");
        if (again >= 0)
            close (again);
        return status;
    }
    for (struct dirent *item; (item = readdir (list));) {
        count_file (item->d_name, qw_segment_name, segments);
        count_file (item->d_name, qw_index_name, indexes);
    }
    closedir (list);
    return QW_OK;
}

uint64_t qw_file_size (int file)
{
    struct stat about;
    return fstat (file, &about) == 0 ? (uint64_t) about.st_size : 0;
}

qw_status_t qw_file_write (const qw_corpus_io_t *io, int file, const void *bytes, size_t size, uint64_t offset,
                           const char *name, qw_reason_t *reason)
{
    const char *at = bytes;
    while (size > 0) {
        ssize_t written = io->pwrite (file, at, size, (off_t) offset);
        if (written < 0 && errno == EINTR)
            continue;
        if (written == 0)
            errno = ENOSPC;
        if (written <= 0)
            return qw_fail_errno (reason, "writing %zu bytes to %s failed", size, name);
        at += written;
        size -= (size_t) written;
        offset += (uint64_t) written;
    }
    return QW_OK;
}

ssize_t qw_file_read (int file, void *bytes, size_t size, uint64_t offset)
{
    size_t done = 0;
    while (done < size) {
        ssize_t got = pread (file, (char *) bytes + done, size - done, (off_t) (offset + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        done += (size_t) got;
    }
    return (ssize_t) done;
}

qw_status_t qw_file_replace (const qw_corpus_io_t *io, int directory, const char *name, const void *bytes, size_t size,
                             qw_reason_t *reason)
{
    char fresh[64];
    snprintf (fresh, sizeof fresh, "%s.new", name);
    int file = openat (directory, fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (file < 0)
        return qw_fail_errno (reason, "%s cannot be made", fresh);
    qw_status_t status = qw_file_write (io, file, bytes, size, 0, fresh, reason);
    if (!status && io->fdatasync (file) != 0)
        status = qw_fail_errno (reason, "%s cannot be brought to disk", fresh);
    if (close (file) != 0 && !status)
        status = qw_fail_errno (reason, "%s cannot be closed", fresh);
    if (!status && renameat (directory, fresh, directory, name) != 0)
        status = qw_fail_errno (reason, "%s cannot be renamed", fresh);
    if (!status && fsync (directory) != 0)
        status = qw_fail_errno (reason, "the corpus's directory cannot be brought to disk");
    return status;
}
