/*  retry.h - the failed documents of a corpus as a source: what `failed retry` reads. */
#ifndef QW_RETRY_H
#define QW_RETRY_H

#include "ventilator/source.h"

typedef struct qw_retry_t qw_retry_t;

/* The documents that stand as failed in the corpus now, and have a text; those that could not even be read are passed over,
 * since their source must be mended and run again. NULL with a reason when there is no such corpus. */
qw_retry_t *qw_retry_new (const char *directory, qw_reason_t *reason);
void qw_retry_destroy (qw_retry_t **self_p);

/* As qw_source_next: QW_OK or QW_END. */
qw_status_t qw_retry_next (qw_retry_t *self, qw_record_t *record);

/* Failed documents that are passed over because they have no text. Found on opening. */
size_t qw_retry_without_text (const qw_retry_t *self);

/* Documents given out so far, and in all. */
void qw_retry_progress (const qw_retry_t *self, qw_source_progress_t *progress);

#endif
