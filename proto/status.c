#include "proto/status.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

const char *qw_status_text (qw_status_t status)
{
    switch (status) {
    case QW_OK: return "ok";
    case QW_END: return "end";
    case QW_AGAIN: return "try again";
    case QW_INVALID: return "invalid";
    case QW_TOO_LARGE: return "too large";
    case QW_UNSUPPORTED: return "unsupported";
    case QW_NOT_FOUND: return "not found";
    case QW_EXISTS: return "already there";
    case QW_BUSY: return "busy";
    case QW_DAMAGED: return "damaged";
    case QW_SYSTEM: return "system error";
    case QW_NO_MEMORY: return "out of memory";
    }
    return "unknown status";
}

qw_status_t qw_fail (qw_status_t status, qw_reason_t *reason, const char *format, ...)
{
    if (reason) {
        va_list arguments;
        va_start (arguments, format);
        vsnprintf (reason->text, sizeof reason->text, format, arguments);
        va_end (arguments);
    }
    return status;
}

qw_status_t qw_fail_errno (qw_reason_t *reason, const char *format, ...)
{
    int error = errno;
    if (reason) {
        va_list arguments;
        va_start (arguments, format);
        int used = vsnprintf (reason->text, sizeof reason->text, format, arguments);
        va_end (arguments);
        if (used >= 0 && (size_t) used < sizeof reason->text)
            snprintf (reason->text + used, sizeof reason->text - (size_t) used, ": %s", strerror (error));
    }
    return QW_SYSTEM;
}
