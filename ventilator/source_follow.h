/*  source_follow.h - new files in directories, through inotify.

    A file counts when it is closed after writing, or moved in: then it is whole. Which files were read already is
    remembered by what they are (device, inode, time of change, size) in a table of fixed size, so that a file that is
    both found by the walk and announced by the kernel is read once.
 */
#ifndef QW_SOURCE_FOLLOW_H
#define QW_SOURCE_FOLLOW_H

#include <sys/stat.h>

#include "proto/mp.h"

typedef struct qw_watch_t qw_watch_t;

qw_watch_t *qw_watch_new (qw_reason_t *reason);
void qw_watch_destroy (qw_watch_t **self_p);

/* inotify's descriptor. */
int qw_watch_fd (const qw_watch_t *self);

/* Begins to watch a directory, not what is beneath it. QW_SYSTEM when the kernel refuses (its limit of watches). */
qw_status_t qw_watch_folder (qw_watch_t *self, const char *path, qw_reason_t *reason);

typedef enum {
    QW_FOLLOW_NOTHING,   /* nothing new */
    QW_FOLLOW_FILE,      /* `path` is a file that is whole now */
    QW_FOLLOW_DIRECTORY, /* `path` is a new directory, to be walked */
    QW_FOLLOW_LOST       /* so much happened that the kernel lost some of it: walk everything again */
} qw_watch_event_t;

/* What happened next. `path` holds until the next call. Does not wait. */
qw_watch_event_t qw_watch_next (qw_watch_t *self, const char **path);

/* Whether an open file is to be read now: false when it was read before as it is, or when somebody is writing to it (its end
 * will be announced). After QW_FOLLOW_LOST, also false for files that changed before the last time that nothing was lost. */
bool qw_watch_is_new (qw_watch_t *self, int fd, const struct stat *status);

#endif
