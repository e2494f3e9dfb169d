/*  status.h - the one way in which functions of Quotewire report how they ended.

    QW_OK is 0, so `if (status)` reads "if it went wrong". Functions that can fail for reasons which a person must
    read (a file, a field, a peer) also fill a qw_reason_t; the status says what kind it is, the reason says which one.
 */
#ifndef QW_STATUS_H
#define QW_STATUS_H

#include <stdarg.h>

typedef enum {
    QW_OK = 0,
    QW_END,         /* nothing more to read: the regular end of a source, a file or a stream */
    QW_AGAIN,       /* not now: try again when the peer, the queue or the window has room */
    QW_INVALID,     /* bytes or arguments from outside break their format */
    QW_TOO_LARGE,   /* beyond a limit that was announced */
    QW_UNSUPPORTED, /* a version, a layer or a type that this program does not know */
    QW_NOT_FOUND,
    QW_EXISTS,  /* already there, and may be there only once */
    QW_BUSY,    /* somebody else holds it: a corpus's lock, a run's ventilator */
    QW_DAMAGED, /* stored bytes do not match their checksum */
    QW_SYSTEM,  /* the operating system refused; the reason holds errno's text */
    QW_NO_MEMORY
} qw_status_t;

/* A short English name, for logs: "invalid", "too large". Never NULL. */
const char *qw_status_text (qw_status_t status);

/* The text of an error for a person, cut at its size. Ends with a NUL always; no newline. */
typedef struct {
    char text[240];
} qw_reason_t;

/* Fills the reason (NULL is allowed) like printf and returns `status`, so that failing is one line:
 *     return qw_fail (QW_INVALID, reason, "field '%s' is not a string", key);
 */
qw_status_t qw_fail (qw_status_t status, qw_reason_t *reason, const char *format, ...)
    __attribute__ ((format (printf, 3, 4)));

/* The same with ": " and errno's text behind it; the status is QW_SYSTEM. */
qw_status_t qw_fail_errno (qw_reason_t *reason, const char *format, ...) __attribute__ ((format (printf, 2, 3)));

#endif
