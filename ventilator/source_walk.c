#include "ventilator/source_walk.h"

#include <dirent.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>

#include "ventilator/source_format.h"

/* One directory that is being walked. */
typedef struct {
    qw_buffer_t names; /* the type (a byte of dirent's), the name, NUL; one behind the other */
    size_t *order;     /* where each begins, sorted */
    size_t count, capacity, next;
    size_t path_size; /* of the directory's own path, with its slash */
    dev_t device;
    ino_t inode;
} level_t;

struct qw_walk_t {
    const char *const *paths;
    size_t path_count, path_next;
    qw_walk_directory_fn *on_directory;
    void *context;
    qw_buffer_t path;
    level_t *levels; /* levels [depth, level_capacity) keep their memory for the next time */
    size_t depth, level_capacity;
};

static bool ends_in (qw_bytes_t name, const char *suffix)
{
    size_t size = strlen (suffix);
    return name.size > size && strncasecmp (name.data + name.size - size, suffix, size) == 0;
}

qw_bytes_t qw_walk_base (qw_bytes_t name)
{
    static const char *const compressors[] = {".gz", ".zst", ".xz", ".bz2"};
    const char *slash = name.size ? memrchr (name.data, '/', name.size) : NULL;
    if (slash)
        name = (qw_bytes_t){slash + 1, name.size - (size_t) (slash + 1 - name.data)};
    for (bool again = true; again;) {
        again = false;
        for (size_t i = 0; i < sizeof compressors / sizeof *compressors; i++)
            if (ends_in (name, compressors[i])) {
                name.size -= strlen (compressors[i]);
                again = true;
            }
    }
    return name;
}

qw_kind_t qw_walk_kind (qw_bytes_t name)
{
    static const struct {
        const char *suffix;
        qw_kind_t kind;
    } kinds[] = {
        {".txt", QW_KIND_TEXT},    {".jsonl", QW_KIND_LINES}, {".ndjson", QW_KIND_LINES}, {".json", QW_KIND_JSON},
        {".tar", QW_KIND_ARCHIVE}, {".zip", QW_KIND_ARCHIVE}, {".tgz", QW_KIND_ARCHIVE},  {".tbz2", QW_KIND_ARCHIVE},
        {".tbz", QW_KIND_ARCHIVE}, {".txz", QW_KIND_ARCHIVE}, {".tzst", QW_KIND_ARCHIVE}, {".warc", QW_KIND_WARC},
    };
    name = qw_walk_base (name);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (ends_in (name, kinds[i].suffix))
            return kinds[i].kind;
    return qw_format_of_name (name) ? QW_KIND_DOCUMENT : QW_KIND_UNKNOWN;
}

qw_walk_t *qw_walk_new (const char *const *paths, size_t count, qw_walk_directory_fn *on_directory, void *context)
{
    qw_walk_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    *self = (qw_walk_t){.paths = paths, .path_count = count, .on_directory = on_directory, .context = context};
    return self;
}

void qw_walk_destroy (qw_walk_t **self_p)
{
    qw_walk_t *self = *self_p;
    if (!self)
        return;
    for (size_t i = 0; i < self->level_capacity; i++) {
        qw_buffer_free (&self->levels[i].names);
        free (self->levels[i].order);
    }
    free (self->levels);
    qw_buffer_free (&self->path);
    free (self);
    *self_p = NULL;
}

static int compare (const void *a, const void *b, void *names)
{
    return strcmp ((const char *) names + *(const size_t *) a + 1, (const char *) names + *(const size_t *) b + 1);
}

static void add_name (level_t *level, char type, const char *name)
{
    if (level->count == level->capacity) {
        level->capacity = level->capacity ? level->capacity * 2 : 64;
        level->order = realloc (level->order, level->capacity * sizeof *level->order);
        if (!level->order)
            abort ();
    }
    level->order[level->count++] = level->names.size;
    qw_buffer_append (&level->names, &type, 1);
    qw_buffer_append (&level->names, name, strlen (name) + 1);
}

/* Keeps what may be an article or a directory, by its name and by what the directory says of its type. */
static void list (level_t *level, DIR *directory)
{
    struct dirent *entry;
    while ((entry = readdir (directory)) != NULL) {
        bool known = qw_walk_kind (qw_bytes_of (entry->d_name)) != QW_KIND_UNKNOWN;
        unsigned char type = entry->d_type;
        bool maybe_file = known && (type == DT_REG || type == DT_LNK || type == DT_UNKNOWN);
        bool maybe_directory = type == DT_DIR || type == DT_LNK || type == DT_UNKNOWN;
        if (entry->d_name[0] != '.' && (maybe_file || maybe_directory))
            add_name (level, (char) type, entry->d_name);
    }
    if (level->count > 1)
        qsort_r (level->order, level->count, sizeof *level->order, compare, level->names.data);
}

/* Begins with the directory that self->path names. A link that leads back to a directory above is passed over. */
static qw_status_t enter (qw_walk_t *self, qw_reason_t *reason)
{
    DIR *directory = opendir (self->path.data);
    struct stat status;
    if (!directory)
        return qw_fail_errno (reason, "the directory cannot be read");
    if (fstat (dirfd (directory), &status)) {
        qw_fail_errno (reason, "the directory cannot be read");
        closedir (directory);
        return QW_SYSTEM;
    }
    for (size_t i = 0; i < self->depth; i++)
        if (self->levels[i].device == status.st_dev && self->levels[i].inode == status.st_ino) {
            closedir (directory);
            return QW_OK;
        }
    if (self->on_directory)
        self->on_directory (self->context, self->path.data);
    if (self->depth == self->level_capacity) {
        self->levels = realloc (self->levels, (self->depth + 1) * sizeof *self->levels);
        if (!self->levels)
            abort ();
        self->levels[self->level_capacity++] = (level_t){0};
    }
    level_t *level = &self->levels[self->depth++];
    level->names.size = level->count = level->next = 0;
    level->device = status.st_dev;
    level->inode = status.st_ino;
    list (level, directory);
    closedir (directory);
    if (self->path.size && self->path.data[self->path.size - 1] != '/')
        qw_buffer_append (&self->path, "/", 1);
    level->path_size = self->path.size;
    return QW_OK;
}

/* What self->path is, for an entry whose type the directory did not tell. */
static qw_status_t type_of_path (const qw_walk_t *self, char *type, qw_reason_t *reason)
{
    struct stat status;
    if (stat (self->path.data, &status))
        return qw_fail_errno (reason, "it cannot be read");
    *type = S_ISDIR (status.st_mode) ? DT_DIR : S_ISREG (status.st_mode) ? DT_REG : DT_FIFO;
    return QW_OK;
}

qw_status_t qw_walk_next (qw_walk_t *self, const char **path, bool *given, qw_reason_t *reason)
{
    for (;;) {
        char type = DT_UNKNOWN;
        *given = self->depth == 0;
        if (*given) {
            if (self->path_next == self->path_count)
                return QW_END;
            const char *next = self->paths[self->path_next++];
            self->path.size = 0;
            qw_buffer_append (&self->path, next, strlen (next));
        } else {
            level_t *level = &self->levels[self->depth - 1];
            if (level->next == level->count) {
                self->depth--;
                continue;
            }
            const char *entry = level->names.data + level->order[level->next++];
            type = *entry;
            self->path.size = level->path_size;
            qw_buffer_append (&self->path, entry + 1, strlen (entry + 1));
        }
        *path = self->path.data;
        if (*given && strcmp (*path, "-") == 0)
            return QW_OK;
        bool known = qw_walk_kind ((qw_bytes_t){self->path.data, self->path.size}) != QW_KIND_UNKNOWN;
        qw_status_t status = type == DT_REG || type == DT_DIR ? QW_OK : type_of_path (self, &type, reason);
        if (!status && type == DT_DIR)
            status = enter (self, reason);
        else if (!status && (*given || (known && type == DT_REG)))
            return QW_OK;
        if (status && (*given || known || type == DT_DIR))
            return status;
    }
}
