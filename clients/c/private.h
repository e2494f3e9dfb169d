/*  private.h - what the files of libquotewire share. */
#ifndef QW_CLIENT_PRIVATE_H
#define QW_CLIENT_PRIVATE_H

#include "clients/c/quotewire.h"
#include "proto/mp.h"
#include "proto/status.h"

/* Fills the error (may be NULL) from a status and reason of the code inside, and returns its status. */
quotewire_status_t qw_client_fail (quotewire_error_t *error, qw_status_t status, const qw_reason_t *reason);

/* Fills it like printf. */
quotewire_status_t qw_client_say (quotewire_error_t *error, quotewire_status_t status, const char *format, ...)
    __attribute__ ((format (printf, 3, 4)));

#endif
