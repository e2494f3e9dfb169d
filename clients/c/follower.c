#include <czmq.h>
#include <signal.h>

#include "clients/c/private.h"
#include "proto/document.h"
#include "proto/log.h"
#include "sink/follow_client.h"
#include "sink/follow_state.h"

enum { LONG_MS = 3600000 };

struct quotewire_follower_t {
    qw_follow_client_t *client;
    char *state;
    uint64_t position, saved; /* saved: what the state file holds, UINT64_MAX: nothing */
    const char *at;           /* records that came together and were not handed out yet */
    size_t left;              /* octets of them */
};

/* CZMQ takes SIGINT and SIGTERM for itself when it is first used; they are the program's. */
static void begin_czmq (void)
{
    struct sigaction interrupt, terminate;
    sigaction (SIGINT, NULL, &interrupt);
    sigaction (SIGTERM, NULL, &terminate);
    qw_log_open ("libquotewire", QW_LOG_ERROR); /* nobody asked a library to speak */
    zsys_init ();
    sigaction (SIGINT, &interrupt, NULL);
    sigaction (SIGTERM, &terminate, NULL);
}

quotewire_follower_t *quotewire_follower_new (const char *endpoint, uint64_t position, const char *state,
                                              const char *key, quotewire_error_t *error)
{
    qw_reason_t reason;
    qw_key_t loaded;
    qw_status_t stored = state ? qw_follow_state_load (state, &position, &reason) : QW_NOT_FOUND;
    qw_status_t status = stored == QW_NOT_FOUND ? QW_OK : stored;
    if (!status && key)
        status = qw_key_load (&loaded, key, &reason);
    if (status) {
        qw_client_fail (error, status, &reason);
        return NULL;
    }
    begin_czmq ();
    const qw_follow_client_options_t options = {.endpoint = endpoint, .name = "libquotewire", .position = position, .key = key ? &loaded : NULL};
    qw_follow_client_t *client = qw_follow_client_new (&options, &reason);
    if (!client) {
        qw_client_fail (error, QW_INVALID, &reason);
        return NULL;
    }
    quotewire_follower_t *self = calloc (1, sizeof *self);
    if (!self || (state && !(self->state = strdup (state))))
        abort ();
    self->client = client;
    self->position = position;
    self->saved = stored ? UINT64_MAX : position;
    return self;
}

quotewire_status_t quotewire_follower_save (quotewire_follower_t *self, quotewire_error_t *error)
{
    qw_reason_t reason;
    if (!self->state || self->saved == self->position)
        return QUOTEWIRE_OK;
    qw_status_t status = qw_follow_state_store (self->state, self->position, &reason);
    if (status)
        return qw_client_fail (error, status, &reason);
    self->saved = self->position;
    return QUOTEWIRE_OK;
}

void quotewire_follower_destroy (quotewire_follower_t **self_p)
{
    quotewire_follower_t *self = self_p ? *self_p : NULL;
    if (!self)
        return;
    quotewire_follower_save (self, NULL);
    qw_follow_client_destroy (&self->client);
    free (self->state);
    free (self);
    *self_p = NULL;
}

/* Gets the next records, if those at hand are used up. */
static quotewire_status_t refill (quotewire_follower_t *self, int timeout_ms, quotewire_error_t *error)
{
    if (self->left > 0)
        return QUOTEWIRE_OK;
    quotewire_status_t saved = quotewire_follower_save (self, error);
    if (saved)
        return saved;
    qw_batch_t batch;
    qw_reason_t reason;
    qw_status_t status = qw_follow_client_next (self->client, timeout_ms < 0 ? LONG_MS : timeout_ms, &batch, &reason);
    if (status == QW_AGAIN)
        return qw_client_say (error, QUOTEWIRE_AGAIN, "no document came in time");
    if (status)
        return qw_client_say (error, status == QW_DAMAGED ? QUOTEWIRE_DAMAGED : QUOTEWIRE_REFUSED, "%s", reason.text);
    self->at = batch.records.data;
    self->left = batch.records.size;
    return QUOTEWIRE_OK;
}

quotewire_status_t quotewire_follower_next (quotewire_follower_t *self, int timeout_ms, quotewire_document_t *document,
                                            quotewire_error_t *error)
{
    quotewire_status_t status = refill (self, timeout_ms, error);
    if (status)
        return status;
    size_t size = qw_document_size (self->at, self->left);
    status = quotewire_document_read (document, self->at, size, self->position, error);
    self->at += size;
    self->left -= size;
    self->position++;
    return status;
}

uint64_t quotewire_follower_position (const quotewire_follower_t *self) { return self->position; }

bool quotewire_follower_total (const quotewire_follower_t *self, uint64_t *total)
{
    uint64_t ignored;
    return qw_follow_client_documents (self->client, total ? total : &ignored);
}
