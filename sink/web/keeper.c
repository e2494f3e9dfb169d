#include "sink/web/keeper.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "proto/log.h"
#include "proto/memory.h"
#include "sink/index/source.h"

enum { WAIT_MS = 200, PAUSE_US = 300000, BATCH_BYTES = 1 << 20 };

struct qw_keeper_t {
    char *directory;
    qw_database_t *database;
    qw_index_writer_t *writer;
    qw_index_source_t *source;
    pthread_t thread;
    bool started;
    atomic_bool stopping;
    pthread_mutex_t lock; /* guards `state` */
    qw_keeper_state_t state;
};

static void publish (qw_keeper_t *self)
{
    uint64_t records;
    bool known = qw_index_source_records (self->source, &records);
    pthread_mutex_lock (&self->lock);
    self->state.index = qw_index_writer_state (self->writer);
    if (known)
        self->state.records = records;
    pthread_mutex_unlock (&self->lock);
}

/* Begins where the index is now. */
static qw_status_t open_both (qw_keeper_t *self, qw_reason_t *reason)
{
    qw_index_source_close (&self->source);
    qw_index_writer_destroy (&self->writer);
    qw_status_t status = qw_index_writer_new (&self->writer, self->database, false, reason);
    if (!status)
        status = qw_index_source_open (&self->source, self->directory, BATCH_BYTES, qw_index_writer_state (self->writer),
                                       reason);
    if (!status)
        publish (self);
    return status;
}

static qw_status_t add_next (qw_keeper_t *self, qw_reason_t *reason)
{
    qw_batch_t batch;
    qw_status_t status = qw_index_source_next (self->source, WAIT_MS, &batch, reason);
    if (!status)
        status = qw_index_writer_add (self->writer, batch.records, batch.count, reason);
    if (status != QW_BUSY)
        return status;
    usleep (PAUSE_US); /* somebody else is adding: see how far it has come */
    return open_both (self, reason);
}

static void *keep (void *context)
{
    qw_keeper_t *self = context;
    qw_reason_t reason;
    while (!self->stopping) {
        qw_status_t status = add_next (self, &reason);
        if (status && status != QW_AGAIN && status != QW_BUSY) {
            qw_log (QW_LOG_ERROR, "the index is not kept up to date any more: %s", reason.text);
            pthread_mutex_lock (&self->lock);
            self->state.stopped = true;
            self->state.problem = reason;
            pthread_mutex_unlock (&self->lock);
            break;
        }
        if (!status || status == QW_AGAIN)
            publish (self);
    }
    return NULL;
}

qw_status_t qw_keeper_new (qw_keeper_t **self_p, const char *directory, const char *db, qw_reason_t *reason)
{
    qw_keeper_t *self = qw_must (calloc (1, sizeof *self));
    *self_p = NULL;
    pthread_mutex_init (&self->lock, NULL);
    self->directory = qw_must (strdup (directory));
    qw_status_t status = qw_database_open (&self->database, db, true, reason);
    if (!status)
        status = open_both (self, reason);
    if (!status && pthread_create (&self->thread, NULL, keep, self))
        status = qw_fail (QW_SYSTEM, reason, "no thread can be started");
    self->started = !status;
    if (status)
        qw_keeper_destroy (&self);
    *self_p = self;
    return status;
}

void qw_keeper_destroy (qw_keeper_t **self_p)
{
    qw_keeper_t *self = *self_p;
    if (!self)
        return;
    self->stopping = true;
    if (self->started)
        pthread_join (self->thread, NULL);
    qw_index_source_close (&self->source);
    qw_index_writer_destroy (&self->writer);
    qw_database_close (&self->database);
    pthread_mutex_destroy (&self->lock);
    free (self->directory);
    free (self);
    *self_p = NULL;
}

qw_keeper_state_t qw_keeper_state (qw_keeper_t *self)
{
    pthread_mutex_lock (&self->lock);
    qw_keeper_state_t state = self->state;
    pthread_mutex_unlock (&self->lock);
    return state;
}
