#include "sink/export/folder.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/memory.h"

enum { NAME_BYTES = 100 };

struct qw_folder_t {
    int directory;
    char path[200]; /* for reasons */
};

qw_folder_t *qw_folder_open (const char *path, qw_reason_t *reason)
{
    if (mkdir (path, 0777) != 0 && errno != EEXIST) {
        qw_fail_errno (reason, "the folder %s cannot be made", path);
        return NULL;
    }
    int directory = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0) {
        qw_fail_errno (reason, "the folder %s cannot be opened", path);
        return NULL;
    }
    qw_folder_t *self = qw_must (calloc (1, sizeof *self));
    self->directory = directory;
    snprintf (self->path, sizeof self->path, "%s", path);
    return self;
}

void qw_folder_close (qw_folder_t **self_p)
{
    if (!*self_p)
        return;
    close ((*self_p)->directory);
    free (*self_p);
    *self_p = NULL;
}

qw_status_t qw_folder_put_named (qw_folder_t *self, const char *name, const char *bytes, size_t size, qw_reason_t *reason)
{
    int file = openat (self->directory, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    size_t done = 0;
    while (file >= 0 && done < size) {
        ssize_t written = write (file, bytes + done, size - done);
        if (written < 0 && errno != EINTR)
            break;
        done += written > 0 ? (size_t) written : 0;
    }
    bool good = file >= 0 && done == size;
    if (file >= 0 && close (file) != 0)
        good = false;
    return good ? QW_OK : qw_fail_errno (reason, "%s/%s cannot be written", self->path, name);
}

qw_status_t qw_folder_put (qw_folder_t *self, const qw_export_document_t *document, const char *suffix, const char *bytes,
                           size_t size, qw_reason_t *reason)
{
    char name[NAME_BYTES + 64];
    int used = snprintf (name, sizeof name, "%08llu-", (unsigned long long) document->position);
    qw_bytes_t id = document->record->id;
    for (size_t i = 0; i < id.size && i < NAME_BYTES; i++) {
        unsigned char c = (unsigned char) id.data[i];
        name[used++] = (char) (isascii (c) && (isalnum (c) || (c && strchr ("-_.", c))) ? c : '_');
    }
    snprintf (name + used, sizeof name - (size_t) used, "%s", suffix);
    return qw_folder_put_named (self, name, bytes, size, reason);
}
