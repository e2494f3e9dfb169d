/*  log.h - one way to say things to the person who runs a process: lines on standard error.

    "2026-01-31T12:00:00Z sink 4242 warning: text". Levels below the threshold cost one comparison.
 */
#ifndef QW_LOG_H
#define QW_LOG_H

#include <stdbool.h>
#include <stddef.h>

typedef enum { QW_LOG_ERROR, QW_LOG_WARNING, QW_LOG_INFO, QW_LOG_DEBUG } qw_log_level_t;

/* Who is speaking, and from which level on. Called once at start-up; `role` must outlive the process. */
void qw_log_open (const char *role, qw_log_level_t threshold);

/* "error", "warning", "info", "debug" -> level. */
bool qw_log_level_of_name (const char *name, qw_log_level_t *level);

/* Control characters in the text are written as '?', so that hostile input can't forge lines. */
void qw_log (qw_log_level_t level, const char *format, ...) __attribute__ ((format (printf, 2, 3)));

#endif
