#include "sink/web/running.h"

#include <dirent.h>
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static bool copy (char *to, size_t room, const json_t *facts, const char *name)
{
    const char *text = json_string_value (json_object_get (facts, name));
    return text && snprintf (to, room, "%s", text) < (int) room;
}

/* Its supervisor lives as long as it holds the folder's lock. */
static bool is_held (const char *folder)
{
    struct stat status;
    int handle = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (handle < 0)
        return false;
    bool ours = fstat (handle, &status) == 0 && status.st_uid == getuid ();
    bool held = ours && flock (handle, LOCK_SH | LOCK_NB) != 0;
    close (handle);
    return held;
}

static bool look_in (const char *folder, const char *corpus, qw_running_t *found)
{
    char path[PATH_MAX];
    if (snprintf (path, sizeof path, "%s/run.json", folder) >= (int) sizeof path || !is_held (folder))
        return false;
    json_t *facts = json_load_file (path, 0, NULL);
    const char *its = json_string_value (json_object_get (facts, "corpus"));
    bool match = its && strcmp (its, corpus) == 0 && copy (found->tasks, sizeof found->tasks, facts, "tasks")
                 && copy (found->control, sizeof found->control, facts, "control");
    json_decref (facts);
    return match;
}

static bool look_below (const char *base, const char *corpus, qw_running_t *found)
{
    DIR *list = opendir (base);
    bool match = false;
    for (struct dirent *item; list && !match && (item = readdir (list)) != NULL;) {
        char folder[PATH_MAX];
        if (item->d_name[0] != '.' && snprintf (folder, sizeof folder, "%s/%s", base, item->d_name) < (int) sizeof folder)
            match = look_in (folder, corpus, found);
    }
    if (list)
        closedir (list);
    return match;
}

bool qw_running_find (const char *corpus, qw_running_t *found)
{
    char base[PATH_MAX];
    const char *own = getenv ("XDG_RUNTIME_DIR");
    if (own && own[0] == '/' && snprintf (base, sizeof base, "%s/quotewire", own) < (int) sizeof base
        && look_below (base, corpus, found))
        return true;
    snprintf (base, sizeof base, "/tmp/quotewire-%d", (int) getuid ());
    return look_below (base, corpus, found);
}
