/*  source.c - from paths to records: levels of files within archives, and what becomes of each. */
#include "ventilator/source.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ventilator/source_input.h"
#include "ventilator/source_follow.h"
#include "ventilator/source_walk.h"

enum {
    MAX_LEVELS = 6,         /* a file, and what stands in it in archives within archives */
    SURVEY_EACH_RECORD = 64 /* files whose sizes are added up while a record is read */
};

struct qw_source_t {
    char **paths;
    size_t path_count;
    qw_source_options_t options;
    qw_input_type_t type;
    qw_walk_t *walk;       /* NULL: it has ended */
    const char *walk_path; /* the only path of a walk of a new directory */
    qw_buffer_t new_directory;
    bool walk_is_repeated; /* it is not the first: of a new directory, or of all again */
    qw_watch_t *follow;   /* NULL: not following */
    int wait_fd;
    bool pipe_is_known, pipe_is_waited_for; /* epoll has the open pipe; will tell of it */
    qw_file_t file;
    uint64_t file_size;
    qw_buffer_t noted_path, noted_reason; /* a directory that cannot be watched */
    qw_input_t levels[MAX_LEVELS];
    size_t level_count; /* 0: no file is open */
    qw_emitter_t emitter;
    qw_walk_t *survey; /* the same walk again, ahead, for the sizes; NULL: it has ended */
    uint64_t bytes_done, bytes_total;
    uint64_t skipped; /* records that hold no article */
};

/* ---- making and unmaking ------------------------------------------------------------------------------------------- */

static qw_status_t check_path (const char *path, bool *is_directory, bool *is_pipe, qw_reason_t *reason)
{
    struct stat status;
    *is_directory = *is_pipe = false;
    if (strcmp (path, "-") == 0) {
        *is_pipe = true;
        return QW_OK;
    }
    if (stat (path, &status) || faccessat (AT_FDCWD, path, R_OK, AT_EACCESS))
        return qw_fail_errno (reason, "%s", path);
    *is_directory = S_ISDIR (status.st_mode);
    *is_pipe = !*is_directory && !S_ISREG (status.st_mode);
    return QW_OK;
}

/* Remembers that a directory is not watched, for a failed record of its own. One is enough: what stops one (a limit of the
 * kernel) stops all that follow. */
static void note (qw_source_t *self, const char *path, const char *reason)
{
    if (self->noted_path.size)
        return;
    self->noted_reason.size = 0;
    qw_buffer_append (&self->noted_path, path, strlen (path));
    qw_buffer_append (&self->noted_reason, reason, strlen (reason));
}

/* A directory is watched before it is read, so that nothing can fall in between. */
static void on_directory (void *context, const char *path)
{
    qw_source_t *self = context;
    qw_reason_t reason;
    if (qw_watch_folder (self->follow, path, &reason))
        note (self, path, reason.text);
}

static qw_walk_t *new_walk (qw_source_t *self, const char *const *paths, size_t count)
{
    return qw_walk_new (paths, count, self->follow ? on_directory : NULL, self);
}

static qw_status_t open_waiting (qw_source_t *self, bool any_directory, bool any_pipe, qw_reason_t *reason)
{
    bool follow = self->options.follow && any_directory;
    if (!follow && !any_pipe)
        return QW_OK;
    self->wait_fd = epoll_create1 (EPOLL_CLOEXEC);
    if (self->wait_fd < 0)
        return qw_fail_errno (reason, "epoll");
    if (!follow)
        return QW_OK;
    self->follow = qw_watch_new (reason);
    if (!self->follow)
        return QW_SYSTEM;
    struct epoll_event event = {.events = EPOLLIN};
    if (epoll_ctl (self->wait_fd, EPOLL_CTL_ADD, qw_watch_fd (self->follow), &event))
        return qw_fail_errno (reason, "epoll");
    return QW_OK;
}

qw_source_t *qw_source_new (const char *const *paths, size_t count, const qw_source_options_t *options, qw_reason_t *reason)
{
    qw_source_t *self = calloc (1, sizeof *self);
    if (!self || !(self->paths = calloc (count + 1, sizeof *self->paths)))
        abort ();
    self->options = *options;
    self->wait_fd = self->file.fd = -1;
    qw_emitter_init (&self->emitter);
    bool any_directory = false, any_pipe = false, has_input = false;
    qw_status_t status = QW_OK;
    if (!qw_input_type_of_name (options->type ? options->type : "auto", &self->type))
        status = qw_fail (QW_INVALID, reason, "'%s' is no type of source", options->type);
    for (size_t i = 0; i < count && !status; i++) {
        bool is_directory, is_pipe;
        status = check_path (paths[i], &is_directory, &is_pipe, reason);
        bool is_input = strcmp (paths[i], "-") == 0;
        if (is_input && has_input)
            status = qw_fail (QW_INVALID, reason, "standard input (-) can be read only once");
        any_directory |= is_directory;
        any_pipe |= is_pipe;
        has_input |= is_input;
        self->paths[self->path_count++] = strdup (paths[i]);
    }
    if (!status)
        status = open_waiting (self, any_directory, any_pipe, reason);
    if (status) {
        qw_source_destroy (&self);
        return NULL;
    }
    self->walk = new_walk (self, (const char *const *) self->paths, self->path_count);
    self->survey = qw_walk_new ((const char *const *) self->paths, self->path_count, NULL, NULL);
    return self;
}

static void close_file (qw_source_t *self)
{
    while (self->level_count > 0)
        qw_input_close (&self->levels[--self->level_count]);
    if (self->file.fd >= 0) {
        /* What was not read of a regular file (behind an error) is done with all the same. */
        self->bytes_done += self->file.is_pipe ? self->file.position : self->file_size;
        if (self->pipe_is_known)
            epoll_ctl (self->wait_fd, EPOLL_CTL_DEL, self->file.fd, NULL);
        if (self->file.fd != STDIN_FILENO)
            close (self->file.fd);
    }
    self->pipe_is_known = self->pipe_is_waited_for = false;
    self->file = (qw_file_t){.fd = -1};
}

void qw_source_destroy (qw_source_t **self_p)
{
    qw_source_t *self = *self_p;
    if (!self)
        return;
    close_file (self);
    for (size_t i = 0; i < MAX_LEVELS; i++)
        qw_input_free (&self->levels[i]);
    qw_walk_destroy (&self->walk);
    qw_walk_destroy (&self->survey);
    qw_watch_destroy (&self->follow);
    if (self->wait_fd >= 0)
        close (self->wait_fd);
    for (size_t i = 0; i < self->path_count; i++)
        free (self->paths[i]);
    free (self->paths);
    qw_buffer_free (&self->new_directory);
    qw_buffer_free (&self->noted_path);
    qw_buffer_free (&self->noted_reason);
    qw_emitter_free (&self->emitter);
    free (self);
    *self_p = NULL;
}

/* ---- progress ------------------------------------------------------------------------------------------------------ */

/* Adds up the sizes of a few more files. The names of a large directory are read once more for it, which costs far less
 * than reading its files, and a person sees early how long the run will take. */
static void survey (qw_source_t *self)
{
    for (int i = 0; i < SURVEY_EACH_RECORD && self->survey; i++) {
        const char *path;
        bool given;
        struct stat status;
        qw_status_t next = qw_walk_next (self->survey, &path, &given, NULL);
        if (next == QW_END)
            qw_walk_destroy (&self->survey);
        else if (next == QW_OK && (strcmp (path, "-") == 0 ? fstat (STDIN_FILENO, &status) : stat (path, &status)) == 0
                 && S_ISREG (status.st_mode))
            self->bytes_total += (uint64_t) status.st_size;
    }
}

void qw_source_progress (const qw_source_t *self, qw_source_progress_t *progress)
{
    *progress = (qw_source_progress_t){.bytes_read = self->bytes_done, .bytes_total = self->bytes_total};
    if (self->file.fd >= 0)
        progress->bytes_read += self->file.position;
    progress->skipped = self->skipped;
    for (size_t i = 0; i < self->level_count; i++)
        progress->skipped += qw_input_skipped (&self->levels[i]);
    progress->total_is_final = !self->survey && self->wait_fd < 0;
}

int qw_source_wait_fd (const qw_source_t *self) { return self->wait_fd; }

/* ---- files --------------------------------------------------------------------------------------------------------- */

/* Opens the file as the lowest level. QW_END: it is not to be read now. */
static qw_status_t open_file (qw_source_t *self, const char *path, bool given, qw_reason_t *reason)
{
    struct stat status;
    bool is_input = strcmp (path, "-") == 0 && given;
    int fd = is_input ? STDIN_FILENO : open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY | (given ? 0 : O_NONBLOCK));
    if (fd < 0 || fstat (fd, &status)) {
        qw_fail_errno (reason, "it cannot be read");
        if (fd > STDIN_FILENO)
            close (fd);
        return QW_SYSTEM;
    }
    bool regular = S_ISREG (status.st_mode);
    if (!given && (!regular || (self->follow && !qw_watch_is_new (self->follow, fd, &status)))) {
        close (fd);
        return QW_END;
    }
    self->file = (qw_file_t){.fd = fd, .is_pipe = !regular};
    self->file_size = regular ? (uint64_t) status.st_size : 0;
    qw_input_open (&self->levels[0], qw_file_stream (&self->file), qw_bytes_of (path), qw_bytes_of (path),
                   &self->type);
    self->level_count = 1;
    return QW_OK;
}

/* Begins to walk what may have files that were not announced. */
static void walk_again (qw_source_t *self, const char *const *paths, size_t count)
{
    self->walk = new_walk (self, paths, count);
    self->walk_is_repeated = true;
}

/* What the kernel has told of new files: opens one, or begins to walk a directory. */
static qw_status_t next_news (qw_source_t *self, const char **path, qw_reason_t *reason)
{
    switch (qw_watch_next (self->follow, path)) {
    case QW_FOLLOW_NOTHING: return QW_AGAIN;
    case QW_FOLLOW_LOST: walk_again (self, (const char *const *) self->paths, self->path_count); return QW_END;
    case QW_FOLLOW_DIRECTORY:
        self->new_directory.size = 0;
        qw_buffer_append (&self->new_directory, *path, strlen (*path));
        self->walk_path = self->new_directory.data;
        walk_again (self, &self->walk_path, 1);
        return QW_END;
    case QW_FOLLOW_FILE: break;
    }
    if (qw_walk_kind (qw_bytes_of (*path)) == QW_KIND_UNKNOWN)
        return QW_END;
    qw_status_t status = open_file (self, *path, false, reason);
    if (!status)
        self->bytes_total += self->file_size;
    return status;
}

static qw_status_t next_walked (qw_source_t *self, const char **path, qw_reason_t *reason)
{
    bool given;
    qw_status_t status = qw_walk_next (self->walk, path, &given, reason);
    if (status == QW_END)
        qw_walk_destroy (&self->walk);
    if (status)
        return status;
    if (given && self->walk_is_repeated)
        return QW_END; /* what was named by itself is read once */
    return open_file (self, *path, given, reason);
}

static qw_status_t fail_path (qw_source_t *self, const char *path, const char *reason, qw_record_t *record)
{
    qw_origin_t origin = {.path = qw_bytes_of (path)};
    qw_emitter_fail (&self->emitter, &origin, "", (qw_bytes_t){"", 0}, reason, record);
    return QW_OK;
}

/* Opens the next file: QW_OK with an open file, or with a record that says why there is none. */
static qw_status_t next_file (qw_source_t *self, qw_record_t *record)
{
    while (self->walk || self->follow) {
        if (self->noted_path.size) {
            self->noted_path.size = 0;
            return fail_path (self, self->noted_path.data, self->noted_reason.data, record);
        }
        qw_reason_t reason = {""};
        const char *path = NULL;
        bool news = !self->walk || self->walk_is_repeated;
        qw_status_t status = self->walk ? next_walked (self, &path, &reason) : next_news (self, &path, &reason);
        if (status == QW_OK || status == QW_AGAIN)
            return status;
        /* Temporary files may be gone before anybody looks; that is no failure of a watched directory. */
        if (status != QW_END && !(news && access (path, F_OK) && errno == ENOENT))
            return fail_path (self, path, reason.text, record);
    }
    return QW_END;
}

/* ---- levels -------------------------------------------------------------------------------------------------------- */

static bool is_hidden (qw_bytes_t name)
{
    for (size_t i = 0; i < name.size; i++) {
        size_t end = i;
        while (end < name.size && name.data[end] != '/')
            end++;
        qw_bytes_t part = {name.data + i, end - i};
        if ((part.size > 0 && part.data[0] == '.' && !qw_bytes_are (part, ".") && !qw_bytes_are (part, ".."))
            || qw_bytes_are (part, "__MACOSX"))
            return true;
        i = end;
    }
    return false;
}

/* Goes on to the next member of the archive that is the topmost level. */
static qw_status_t next_member (qw_source_t *self, qw_reason_t *reason)
{
    qw_input_t *holder = &self->levels[self->level_count - 1];
    qw_bytes_t name;
    qw_status_t status;
    do {
        status = qw_archive_next (holder->archive, &name, reason);
        if (status)
            return status;
        while (name.size > 2 && memcmp (name.data, "./", 2) == 0)
            name = (qw_bytes_t){name.data + 2, name.size - 2};
    } while (name.data && (qw_walk_kind (name) == QW_KIND_UNKNOWN || is_hidden (name)));

    qw_input_t *member = &self->levels[self->level_count++];
    qw_bytes_t path = {holder->path.data, holder->path.size};
    qw_input_open (member, qw_archive_stream (holder->archive), path, name.data ? name : path, &self->type);
    if (name.data) {
        qw_buffer_append (&member->path, ":", 1);
        qw_buffer_append_clean (&member->path, name.data, name.size);
    }
    return QW_OK;
}

static void leave_level (qw_source_t *self)
{
    self->skipped += qw_input_skipped (&self->levels[self->level_count - 1]);
    if (self->level_count == 1)
        close_file (self);
    else
        qw_input_close (&self->levels[--self->level_count]);
}

/* Looks at what is new on the topmost level, or goes on with its archive. */
static qw_status_t enter_level (qw_source_t *self, qw_reason_t *reason)
{
    qw_input_t *input = &self->levels[self->level_count - 1];
    if (input->stage == QW_INPUT_NEW) {
        qw_status_t status = qw_input_look (input, self->level_count < MAX_LEVELS, reason);
        if (status || input->stage != QW_INPUT_ARCHIVE)
            return status;
        self->file.may_wait = true; /* libarchive cannot be interrupted */
        input->archive = qw_archive_new (&input->reader, reason);
        if (!input->archive)
            return QW_DAMAGED;
    }
    return input->stage == QW_INPUT_ARCHIVE ? next_member (self, reason) : QW_OK;
}

/* A pipe has nothing now: asks to be told when it has. */
static void wait_for_pipe (qw_source_t *self)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLONESHOT};
    int what = self->pipe_is_known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    if (epoll_ctl (self->wait_fd, what, self->file.fd, &event)) {
        self->file.may_wait = true; /* no pipe that can be waited for: then reading waits */
        return;
    }
    self->pipe_is_known = self->pipe_is_waited_for = true;
}

/* The next record of the open file. */
static qw_status_t next_in_file (qw_source_t *self, qw_record_t *record)
{
    while (self->level_count > 0) {
        qw_reason_t reason = {""};
        qw_input_t *input = &self->levels[self->level_count - 1];
        qw_status_t status = QW_OK;
        if (input->stage == QW_INPUT_NEW || input->stage == QW_INPUT_ARCHIVE) {
            status = enter_level (self, &reason);
            if (!status)
                continue;
        } else
            status = qw_input_next (input, self->options.max_document_bytes, &self->emitter, record);
        if (status == QW_OK)
            return QW_OK;
        if (status == QW_AGAIN) {
            wait_for_pipe (self);
            if (!self->file.may_wait)
                return QW_AGAIN;
            continue;
        }
        bool goes_on = input->archive && status != QW_END; /* its later members may be whole */
        if (status != QW_END)
            fail_path (self, input->path.data, reason.text, record);
        if (!goes_on)
            leave_level (self);
        if (status != QW_END)
            return QW_OK;
    }
    return QW_END;
}

qw_status_t qw_source_next (qw_source_t *self, qw_record_t *record)
{
    survey (self);
    if (self->pipe_is_waited_for) {
        struct epoll_event event;
        epoll_wait (self->wait_fd, &event, 1, 0); /* so that the descriptor is not readable for what was told already */
        self->pipe_is_waited_for = false;
    }
    for (;;) {
        memset (record, 0, sizeof *record);
        if (self->level_count > 0) {
            qw_status_t status = next_in_file (self, record);
            if (status != QW_END)
                return status;
        }
        qw_status_t status = next_file (self, record);
        if (status || record->failed.data)
            return status;
    }
}
