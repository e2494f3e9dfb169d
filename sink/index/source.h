/*  source.h - where an index has its records from: the files of a corpus, or a sink that serves readers. */
#ifndef QW_INDEX_SOURCE_H
#define QW_INDEX_SOURCE_H

#include "sink/follow_client.h"
#include "sink/index/writer.h"

typedef struct qw_index_source_t qw_index_source_t;

/* `where` is a corpus's directory or an endpoint (tcp://, ipc://). Records come from the state's position on, about
 * `batch_bytes` at a time if there are so many. QW_INVALID:
 * this is not the corpus that the state was made from (of a sink, only qw_index_source_next can tell). */
qw_status_t qw_index_source_open (qw_index_source_t **self_p, const char *where, size_t batch_bytes, qw_index_state_t state,
                                  qw_reason_t *reason);
void qw_index_source_close (qw_index_source_t **self_p);

/* The next records, which hold until the next call. Waits for at most `timeout_ms`. QW_AGAIN: none came, or a signal
 * did. QW_INVALID: as above. QW_DAMAGED: the next record cannot be read. */
qw_status_t qw_index_source_next (qw_index_source_t *self, int timeout_ms, qw_batch_t *batch, qw_reason_t *reason);

/* Durable records there now; false as long as a sink has not said, and sent what shows that it is the right one. */
bool qw_index_source_records (qw_index_source_t *self, uint64_t *records);

#endif
