#include "ventilator/source_follow.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <time.h>
#include <unistd.h>
#include <xxhash.h>

#include "ventilator/encoding.h"

enum {
    SEEN_SETS = 1 << 15,
    SEEN_WAYS = 8, /* hashes that share a set; the oldest of them goes first */
    MARGIN_SECONDS = 60, /* between the clocks of the file system and of the machine */
    EVENTS = IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_ONLYDIR
};

typedef struct {
    int descriptor;
    char *path;
} watch_t;

struct qw_watch_t {
    int fd;
    watch_t *watches; /* sorted by descriptor */
    size_t count, capacity;
    char events[16 * 1024] __attribute__ ((aligned (8)));
    size_t at, size;
    qw_buffer_t path;
    uint64_t (*seen)[SEEN_WAYS]; /* hashes of the files that were read */
    time_t quiet;       /* when the kernel last had nothing more to tell */
    time_t lost_before; /* files that changed before this were read already; 0: nothing was lost yet */
};

qw_watch_t *qw_watch_new (qw_reason_t *reason)
{
    int fd = inotify_init1 (IN_NONBLOCK | IN_CLOEXEC);
    if (fd < 0) {
        qw_fail_errno (reason, "directories cannot be watched (inotify)");
        return NULL;
    }
    qw_watch_t *self = calloc (1, sizeof *self);
    if (!self || !(self->seen = calloc (SEEN_SETS, sizeof *self->seen)))
        abort ();
    self->fd = fd;
    return self;
}

void qw_watch_destroy (qw_watch_t **self_p)
{
    qw_watch_t *self = *self_p;
    if (!self)
        return;
    close (self->fd);
    for (size_t i = 0; i < self->count; i++)
        free (self->watches[i].path);
    free (self->watches);
    free (self->seen);
    qw_buffer_free (&self->path);
    free (self);
    *self_p = NULL;
}

int qw_watch_fd (const qw_watch_t *self) { return self->fd; }

/* The index of the first watch whose descriptor is not below this one. */
static size_t find (const qw_watch_t *self, int descriptor)
{
    size_t from = 0, to = self->count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (self->watches[middle].descriptor < descriptor)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

static bool is_watch (const qw_watch_t *self, size_t i, int descriptor)
{
    return i < self->count && self->watches[i].descriptor == descriptor;
}

qw_status_t qw_watch_folder (qw_watch_t *self, const char *path, qw_reason_t *reason)
{
    int descriptor = inotify_add_watch (self->fd, path, EVENTS);
    if (descriptor < 0)
        return qw_fail_errno (reason, "the directory cannot be watched");
    char *copy = strdup (path);
    if (!copy)
        abort ();
    size_t i = find (self, descriptor);
    if (is_watch (self, i, descriptor)) { /* a directory that was moved: the same watch under a new name */
        free (self->watches[i].path);
        self->watches[i].path = copy;
        return QW_OK;
    }
    if (self->count == self->capacity) {
        self->capacity = self->capacity ? self->capacity * 2 : 16;
        self->watches = realloc (self->watches, self->capacity * sizeof *self->watches);
        if (!self->watches)
            abort ();
    }
    memmove (self->watches + i + 1, self->watches + i, (self->count - i) * sizeof *self->watches);
    self->watches[i] = (watch_t){descriptor, copy};
    self->count++;
    return QW_OK;
}

static void forget_watch (qw_watch_t *self, int descriptor)
{
    size_t i = find (self, descriptor);
    if (!is_watch (self, i, descriptor))
        return;
    free (self->watches[i].path);
    self->count--;
    memmove (self->watches + i, self->watches + i + 1, (self->count - i) * sizeof *self->watches);
}

/* What one event of the kernel means; its path is made in self->path. */
static qw_watch_event_t understand (qw_watch_t *self, const struct inotify_event *event)
{
    if (event->mask & IN_Q_OVERFLOW) {
        self->lost_before = self->quiet;
        return QW_FOLLOW_LOST;
    }
    if (event->mask & IN_IGNORED)
        forget_watch (self, event->wd);
    size_t i = find (self, event->wd);
    if (!is_watch (self, i, event->wd) || event->len == 0 || event->name[0] == '.')
        return QW_FOLLOW_NOTHING;
    const char *directory = self->watches[i].path;
    self->path.size = 0;
    qw_buffer_append (&self->path, directory, strlen (directory));
    if (self->path.size && self->path.data[self->path.size - 1] != '/')
        qw_buffer_append (&self->path, "/", 1);
    qw_buffer_append (&self->path, event->name, strlen (event->name));
    if (event->mask & IN_ISDIR)
        return event->mask & (IN_CREATE | IN_MOVED_TO) ? QW_FOLLOW_DIRECTORY : QW_FOLLOW_NOTHING;
    return event->mask & (IN_CLOSE_WRITE | IN_MOVED_TO) ? QW_FOLLOW_FILE : QW_FOLLOW_NOTHING;
}

qw_watch_event_t qw_watch_next (qw_watch_t *self, const char **path)
{
    for (;;) {
        if (self->at >= self->size) {
            time_t before = time (NULL);
            ssize_t size = read (self->fd, self->events, sizeof self->events);
            self->at = 0;
            self->size = size > 0 ? (size_t) size : 0;
            if (size <= 0) {
                self->quiet = before - MARGIN_SECONDS;
                return QW_FOLLOW_NOTHING;
            }
        }
        const struct inotify_event *event = (const void *) (self->events + self->at);
        self->at += sizeof *event + event->len;
        qw_watch_event_t meaning = understand (self, event);
        *path = self->path.data;
        if (meaning != QW_FOLLOW_NOTHING)
            return meaning;
    }
}

/* A lease for reading is refused while somebody has the file open for writing. Where the kernel gives none (another's file,
 * some network file systems) nothing is known, and the file counts as whole. */
static bool is_being_written (int fd)
{
    fcntl (fd, F_SETSIG, SIGURG); /* a signal that is ignored by default, should a writer come in this moment */
    if (fcntl (fd, F_SETLEASE, F_RDLCK))
        return errno == EAGAIN;
    fcntl (fd, F_SETLEASE, F_UNLCK);
    return false;
}

bool qw_watch_is_new (qw_watch_t *self, int fd, const struct stat *status)
{
    uint64_t what[] = {(uint64_t) status->st_dev, (uint64_t) status->st_ino, (uint64_t) status->st_size,
                       (uint64_t) status->st_mtim.tv_sec, (uint64_t) status->st_mtim.tv_nsec};
    uint64_t hash = XXH3_64bits (what, sizeof what);
    uint64_t *set = self->seen[hash % SEEN_SETS];
    for (int i = 0; i < SEEN_WAYS; i++)
        if (set[i] == hash)
            return false;
    if (status->st_ctim.tv_sec < self->lost_before || is_being_written (fd))
        return false;
    memmove (set + 1, set, (SEEN_WAYS - 1) * sizeof *set);
    set[0] = hash;
    return true;
}
