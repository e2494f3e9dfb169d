#include "sink/follow_client.h"

#include <czmq.h>
#include <errno.h>

#include "proto/document.h"
#include "proto/log.h"
#include "proto/socket.h"
#include "proto/monitor.h"

enum {
    CREDIT = 4 << 20,
    MESSAGE_BYTES = INT32_MAX, /* a frame has at most one record that is larger than the credit */
    QUEUE = 0,                 /* credit bounds it */
    FIRST_HEARTBEAT_MS = 1000, /* until WELCOME tells the sink's */
    SILENT_BEATS = 5,
    FIRST_PAUSE_MS = 50, /* before a fresh socket, doubled up to LAST_PAUSE_MS */
    LAST_PAUSE_MS = 2000,
    WRONG_AT_MOST = 5 /* messages in a row that cannot be read */
};

struct qw_follow_client_t {
    char *endpoint, *name;
    uint64_t life;
    uint64_t position; /* next to be handed out */
    uint64_t asked;    /* position of the last FOLLOW */
    size_t credit;
    size_t since;      /* bytes handed out since the last FOLLOW */
    qw_key_t key; /* without a name: none */
    zsock_t *dealer;
    qw_monitor_t *watch;
    bool key_refused;
    bool welcome;
    unsigned wrong; /* messages since the last right one that could not be read */
    uint64_t documents;
    bool documents_known;
    int64_t heartbeat_ms, heard, told;
    int64_t pause_ms, open_at; /* no fresh socket before this time */
    qw_wire_t *wire;
    qw_out_t out;
    zmq_msg_t head, records;
};

/* ---- sending --------------------------------------------------------------------------------------------------------- */

/* What can't be sent is lost; then the sink stays silent and a fresh socket follows. */
static void tell (qw_follow_client_t *self, const qw_message_t *message)
{
    qw_socket_send (self->dealer, 0, message, &self->out);
    self->told = zclock_mono ();
}

static void ask (qw_follow_client_t *self)
{
    tell (self, &(qw_message_t){.type = QW_FOLLOW, .position = self->position, .credit = self->credit});
    self->asked = self->position;
    self->since = 0;
}

static void disconnect (qw_follow_client_t *self, const char *why)
{
    if (why)
        qw_log (QW_LOG_INFO, "%s: %s; going on at position %llu on a fresh socket", self->endpoint, why,
                (unsigned long long) self->position);
    qw_monitor_destroy (&self->watch);
    zsock_destroy (&self->dealer);
    self->welcome = false;
    self->open_at = zclock_mono () + self->pause_ms;
    self->pause_ms = self->pause_ms * 2 < LAST_PAUSE_MS ? self->pause_ms * 2 : LAST_PAUSE_MS;
}

static qw_status_t attach (qw_follow_client_t *self, qw_reason_t *reason)
{
    self->dealer = qw_socket_new (&(qw_socket_options_t){.type = ZMQ_DEALER,
                                                         .max_message = MESSAGE_BYTES,
                                                         .high_water = QUEUE,
                                                         .heartbeat_ms = FIRST_HEARTBEAT_MS});
    if (!self->dealer)
        abort ();
    self->watch = qw_monitor_new (self->dealer, QW_MONITOR_HANDSHAKES);
    const qw_key_t *key = self->key.name[0] ? &self->key : NULL;
    qw_status_t status = qw_socket_connect_as (self->dealer, self->endpoint, key, key ? key->sink : NULL, reason);
    if (status)
        return status;
    self->heard = zclock_mono ();
    tell (self, &(qw_message_t){.type = QW_HELLO,
                                .role = QW_ROLE_READER,
                                .version_min = QW_WIRE_VERSION_MIN,
                                .version_max = QW_WIRE_VERSION_MAX,
                                .life = self->life,
                                .name = qw_bytes_of (self->name),
                                .software = qw_bytes_of ("quotewire " QW_VERSION)});
    return QW_OK;
}

/* ---- receiving ------------------------------------------------------------------------------------------------------- */

/* True when the frame is `count` whole records with right checksums and nothing else. */
static bool records_are_right (const char *bytes, size_t size, uint64_t count)
{
    for (; size > 0 && count > 0; count--) {
        size_t record = qw_document_size (bytes, size);
        qw_document_t document;
        if (record == 0 || qw_document_read (&document, bytes, record, NULL))
            return false;
        bytes += record;
        size -= record;
    }
    return size == 0 && count == 0;
}

/* What came cannot be read. Once, that may be an accident; again and again it is of no use to ask. */
static qw_status_t distrust (qw_follow_client_t *self, const char *why, qw_reason_t *reason)
{
    disconnect (self, why);
    if (++self->wrong < WRONG_AT_MOST)
        return QW_AGAIN;
    self->wrong = 0;
    return qw_fail (QW_DAMAGED, reason, "%s sends what cannot be read, again and again: %s", self->endpoint, why);
}

static qw_status_t hear_documents (qw_follow_client_t *self, const qw_message_t *message, qw_batch_t *batch,
                                   qw_reason_t *reason)
{
    char *bytes = zmq_msg_data (&self->records);
    size_t size = zmq_msg_size (&self->records);
    self->documents = message->documents;
    if (message->position != self->position || !records_are_right (bytes, size, message->count))
        return distrust (
            self, message->position != self->position ? "documents came out of order" : "documents came damaged", reason);
    self->pause_ms = FIRST_PAUSE_MS;
    self->wrong = 0;
    *batch = (qw_batch_t){message->position, (size_t) message->count, {bytes, size}};
    self->position += message->count;
    self->since += size;
    return message->count ? QW_OK : QW_AGAIN;
}

static qw_status_t hear_error (qw_follow_client_t *self, const qw_message_t *message, qw_reason_t *reason)
{
    qw_status_t status = message->code == QW_REFUSED_VERSION   ? QW_UNSUPPORTED
                         : message->code == QW_REFUSED_STOPPED ? QW_DAMAGED
                                                               : QW_INVALID;
    if (message->code == QW_REFUSED_UNKNOWN || message->code == QW_REFUSED_LIMIT) {
        disconnect (self, message->code == QW_REFUSED_LIMIT ? "the sink has readers enough"
                                                            : "the sink has forgotten this reader");
        return QW_AGAIN;
    }
    return qw_fail (status, reason, "%s refuses: %.*s", self->endpoint, (int) message->text.size, message->text.data);
}

/* Handles the message in `head`; `records` is its second frame, if it has one. */
static qw_status_t hear (qw_follow_client_t *self, bool has_records, qw_batch_t *batch, qw_reason_t *reason)
{
    qw_message_t *message;
    qw_reason_t why;
    if (qw_wire_decode (self->wire, zmq_msg_data (&self->head), zmq_msg_size (&self->head), &message, &why))
        return distrust (self, why.text, reason);
    self->heard = zclock_mono ();
    if (message->type == QW_DOCUMENTS && self->welcome && has_records)
        return hear_documents (self, message, batch, reason);
    if (message->type == QW_ERROR)
        return hear_error (self, message, reason);
    if (message->type == QW_WELCOME && !self->welcome) {
        self->welcome = true;
        self->documents = message->documents;
        self->documents_known = true;
        self->heartbeat_ms = message->heartbeat_ms > 0 && message->heartbeat_ms < 3600000 ? (int64_t) message->heartbeat_ms
                                                                                         : FIRST_HEARTBEAT_MS;
        ask (self);
    } else if (message->type == QW_BYE)
        disconnect (self, "the sink has stopped");
    return QW_AGAIN;
}

/* Reads one message. QW_END: there is none. */
static qw_status_t receive (qw_follow_client_t *self, qw_batch_t *batch, qw_reason_t *reason)
{
    void *handle = zsock_resolve (self->dealer);
    if (zmq_msg_recv (&self->head, handle, ZMQ_DONTWAIT) < 0)
        return QW_END;
    bool has_records = zmq_msg_more (&self->head) && zmq_msg_recv (&self->records, handle, ZMQ_DONTWAIT) >= 0;
    bool more = has_records && zmq_msg_more (&self->records);
    if (!more)
        return hear (self, has_records, batch, reason);
    return distrust (self, "a message has too many frames", reason);
}

/* What is due by the clock. */
static void keep_time (qw_follow_client_t *self, int64_t now)
{
    if (!self->dealer) {
        qw_reason_t why;
        if (now >= self->open_at && attach (self, &why))
            disconnect (self, why.text);
        return;
    }
    if (now - self->heard > SILENT_BEATS * self->heartbeat_ms)
        disconnect (self, self->welcome ? "the sink is silent" : NULL);
    else if (self->welcome && now - self->told >= self->heartbeat_ms)
        tell (self, &(qw_message_t){.type = QW_HEARTBEAT});
}

static void watch (qw_follow_client_t *self)
{
    int event, value;
    while (self->watch && qw_monitor_next (self->watch, &event, &value)) {
        qw_monitor_tell (self->watch, self->endpoint, event, value);
        self->key_refused |= event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;
    }
}

/* Sleeps until a message, the deadline, or something that is due. False: a signal came. */
static bool wait_for_more (qw_follow_client_t *self, int64_t now, int64_t deadline)
{
    int64_t due = self->dealer ? now + self->heartbeat_ms / 2 + 1 : self->open_at;
    int64_t wait = (due < deadline ? due : deadline) - now;
    zmq_pollitem_t items[] = {{self->dealer ? zsock_resolve (self->dealer) : NULL, 0, ZMQ_POLLIN, 0},
                              {self->dealer ? qw_monitor_handle (self->watch) : NULL, 0, ZMQ_POLLIN, 0}};
    return zmq_poll (items, self->dealer ? 2 : 0, wait > 0 ? (long) wait : 0) >= 0 || errno != EINTR;
}

qw_status_t qw_follow_client_next (qw_follow_client_t *self, int timeout_ms, qw_batch_t *batch, qw_reason_t *reason)
{
    int64_t deadline = zclock_mono () + timeout_ms;
    *batch = (qw_batch_t){0};
    if (self->welcome && self->since >= self->credit / 2)
        ask (self);
    for (bool last = false;; last = zclock_mono () >= deadline) {
        qw_status_t status = self->dealer ? receive (self, batch, reason) : QW_END;
        if (status != QW_END && status != QW_AGAIN)
            return status;
        if (status == QW_AGAIN)
            continue;
        if (self->welcome && self->asked != self->position)
            ask (self); /* nothing is here: whatever is under way needs no more of the old credit */
        int64_t now = zclock_mono ();
        watch (self);
        if (self->key_refused)
            return qw_fail (QW_NOT_FOUND, reason, "%s refuses the key '%s'", self->endpoint, self->key.name);
        keep_time (self, now);
        if (last || !wait_for_more (self, now, deadline))
            return QW_AGAIN;
    }
}

/* ---- beginning and end ------------------------------------------------------------------------------------------------ */

qw_follow_client_t *qw_follow_client_new (const qw_follow_client_options_t *options, qw_reason_t *reason)
{
    qw_follow_client_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    *self = (qw_follow_client_t){.endpoint = strdup (options->endpoint),
                                 .name = strdup (options->name ? options->name : "reader"),
                                 .position = options->position,
                                 .credit = options->credit ? options->credit : CREDIT,
                                 .heartbeat_ms = FIRST_HEARTBEAT_MS,
                                 .pause_ms = FIRST_PAUSE_MS,
                                 .life = qw_new_life (),
                                 .wire = qw_wire_new ()};
    if (!self->endpoint || !self->name)
        abort ();
    if (options->key)
        self->key = *options->key;
    qw_out_init (&self->out);
    zmq_msg_init (&self->head);
    zmq_msg_init (&self->records);
    if (attach (self, reason))
        qw_follow_client_destroy (&self);
    return self;
}

void qw_follow_client_destroy (qw_follow_client_t **self_p)
{
    qw_follow_client_t *self = *self_p;
    if (!self)
        return;
    if (self->dealer && self->welcome) {
        zsock_set_linger (self->dealer, 50);
        tell (self, &(qw_message_t){.type = QW_BYE});
    }
    qw_monitor_destroy (&self->watch);
    zsock_destroy (&self->dealer);
    zmq_msg_close (&self->head);
    zmq_msg_close (&self->records);
    qw_out_free (&self->out);
    qw_wire_destroy (&self->wire);
    free (self->endpoint);
    free (self->name);
    free (self);
    *self_p = NULL;
}

uint64_t qw_follow_client_position (const qw_follow_client_t *self) { return self->position; }

bool qw_follow_client_documents (const qw_follow_client_t *self, uint64_t *documents)
{
    *documents = self->documents;
    return self->documents_known;
}
