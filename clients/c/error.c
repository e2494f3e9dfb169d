#include <stdio.h>

#include "clients/c/private.h"

void quotewire_version (int *major, int *minor, int *patch)
{
    if (major)
        *major = QUOTEWIRE_VERSION_MAJOR;
    if (minor)
        *minor = QUOTEWIRE_VERSION_MINOR;
    if (patch)
        *patch = QUOTEWIRE_VERSION_PATCH;
}

static quotewire_status_t status_of (qw_status_t status)
{
    switch (status) {
    case QW_OK: return QUOTEWIRE_OK;
    case QW_END: return QUOTEWIRE_END;
    case QW_AGAIN: return QUOTEWIRE_AGAIN;
    case QW_NOT_FOUND: return QUOTEWIRE_NOT_FOUND;
    case QW_DAMAGED: return QUOTEWIRE_DAMAGED;
    case QW_INVALID:
    case QW_TOO_LARGE: return QUOTEWIRE_INVALID;
    case QW_UNSUPPORTED: return QUOTEWIRE_REFUSED;
    default: return QUOTEWIRE_SYSTEM;
    }
}

quotewire_status_t qw_client_say (quotewire_error_t *error, quotewire_status_t status, const char *format, ...)
{
    if (!error)
        return status;
    va_list arguments;
    va_start (arguments, format);
    vsnprintf (error->text, sizeof error->text, format, arguments);
    va_end (arguments);
    error->status = status;
    return status;
}

quotewire_status_t qw_client_fail (quotewire_error_t *error, qw_status_t status, const qw_reason_t *reason)
{
    return qw_client_say (error, status_of (status), "%s", reason->text);
}
