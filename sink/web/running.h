/*  running.h - finds the pipeline that runs on a corpus, as `quotewire status` does: by what its supervisor leaves in its
    run folder (deploy/lib/places.py), which only its owner may write. */
#ifndef QW_WEB_RUNNING_H
#define QW_WEB_RUNNING_H

#include <stdbool.h>

typedef struct {
    char tasks[256], control[256]; /* endpoints of the ventilator and of the sink */
} qw_running_t;

/* `corpus` is its real path. False: none of this user's pipelines runs on it. */
bool qw_running_find (const char *corpus, qw_running_t *found);

#endif
