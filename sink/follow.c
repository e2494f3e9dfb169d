#include "sink/follow.h"

#include <errno.h>

#include "proto/log.h"
#include "proto/socket.h"
#include "proto/monitor.h"
#include "sink/corpus.h"

enum {
    MESSAGE_BYTES = 1 << 20,     /* of records in one DOCUMENTS */
    CREDIT_MAX = 16 << 20,       /* more than this is not under way to one reader, whatever it grants */
    UNDER_WAY_MAX = 128 << 20,   /* nor this to all; beyond it each reader has one message at a time */
    INCOMING_BYTES = 64 << 10,   /* the largest frame that a reader may send */
    MESSAGES_A_WAKE = 64,        /* read or sent before the other side has its turn */
    QUEUE = 64,                  /* messages in a reader's pipe; its credit is used up before that */
    BLOCKED_MS = 20,             /* until a full pipe is tried again */
    READERS_A_KEY = 64,
    SILENT_BEATS = 10,           /* heartbeats without a word until a reader is forgotten */
    LINGER_MS = 100
};

typedef struct {
    qw_peer_t peer;
    char key[QW_KEY_TEXT]; /* public key; "" on this machine */
    bool following;
    bool blocked;        /* its pipe was full */
    uint64_t arrived;    /* position of its last FOLLOW */
    uint64_t next;       /* position to be sent next */
    uint64_t arrived_at; /* bytes of the corpus before `arrived` */
    uint64_t next_at;    /* and before `next` */
    uint64_t limit;      /* the byte of the corpus up to which its credit reaches */
    uint64_t seen, told; /* when it last sent something, and was last sent something */
} reader_t;

typedef struct {
    zsock_t *router;
    qw_monitor_t *watch;
    qw_gate_t *gate;
    qw_corpus_reader_t *corpus;
    uint64_t documents; /* durable */
    unsigned heartbeat_ms;
    size_t max_readers;
    qw_metrics_t *metrics; /* may be NULL */
    uint64_t life, sessions;
    reader_t **readers;
    size_t reader_count, turn;
    uint64_t under_way; /* bytes sent beyond what has arrived, all readers together */
    bool stopping;
    qw_wire_t *wire;
    qw_out_t head, body;
    zmq_msg_t frame;
    char *endpoint;
} follow_t;

/* ---- readers --------------------------------------------------------------------------------------------------------- */

static reader_t *find_reader (follow_t *self, qw_peer_t peer)
{
    for (size_t i = 0; i < self->reader_count; i++)
        if (self->readers[i]->peer == peer)
            return self->readers[i];
    return NULL;
}

static reader_t *add_reader (follow_t *self, qw_peer_t peer)
{
    reader_t *reader = calloc (1, sizeof *reader);
    if (!reader)
        abort ();
    reader->peer = peer;
    reader->seen = qw_now_ms ();
    self->readers[self->reader_count++] = reader;
    return reader;
}

static void forget_reader (follow_t *self, reader_t *reader, const char *why)
{
    qw_log (QW_LOG_DEBUG, "a reader at position %llu is forgotten: %s", (unsigned long long) reader->arrived, why);
    self->under_way -= reader->next_at - reader->arrived_at;
    for (size_t i = 0; i < self->reader_count; i++)
        if (self->readers[i] == reader)
            self->readers[i] = self->readers[--self->reader_count];
    free (reader);
}

/* ---- sending --------------------------------------------------------------------------------------------------------- */

static qw_status_t tell (follow_t *self, reader_t *reader, const qw_message_t *message)
{
    reader->told = qw_now_ms ();
    return qw_socket_send (self->router, reader->peer, message, &self->head);
}

static void refuse (follow_t *self, qw_peer_t peer, qw_refusal_t code, const char *text)
{
    qw_socket_refuse (self->router, peer, code, text, &self->head);
    qw_log (QW_LOG_INFO, "a reader was refused: %s", text);
}

/* Bytes that may go to the reader now; 0: none. */
static uint64_t room_of (follow_t *self, const reader_t *reader)
{
    if (!reader->following || reader->blocked || reader->next >= self->documents || reader->next_at >= reader->limit)
        return 0;
    return reader->next == reader->arrived || self->under_way < UNDER_WAY_MAX ? reader->limit - reader->next_at : 0;
}

/* True when the record that is next fits, or is alone. */
static bool next_fits (follow_t *self, const reader_t *reader, uint64_t room)
{
    qw_entry_t entry;
    return reader->next == reader->arrived || qw_corpus_reader_entry (self->corpus, reader->next, &entry, NULL)
           || entry.size <= room;
}

static void send_documents (follow_t *self, reader_t *reader, uint64_t room)
{
    qw_message_t message = {.type = QW_DOCUMENTS, .position = reader->next, .documents = self->documents};
    size_t count;
    qw_reason_t reason;
    qw_out_reset (&self->body);
    if (qw_corpus_reader_read (self->corpus, reader->next, room < MESSAGE_BYTES ? (size_t) room : MESSAGE_BYTES,
                               &self->body, &count, &reason)) {
        reader->following = false; /* it must not miss a record unawares (I7) */
        refuse (self, reader->peer, QW_REFUSED_STOPPED, reason.text);
        return;
    }
    message.count = count;
    qw_wire_encode (&message, &self->head);
    qw_status_t status =
        qw_socket_send_frame (self->router, reader->peer, qw_out_bytes (&self->head), qw_out_bytes (&self->body));
    if (status == QW_OK) {
        reader->told = qw_now_ms ();
        reader->next += count;
        reader->next_at += self->body.buffer.size;
        self->under_way += self->body.buffer.size;
        qw_metrics_add (self->metrics, QW_SINK_FOLLOW_RECORDS, count);
        qw_metrics_add (self->metrics, QW_SINK_FOLLOW_BYTES, self->body.buffer.size);
    } else if (status == QW_AGAIN)
        reader->blocked = true;
    else
        forget_reader (self, reader, "it is gone");
}

/* Gives the readers a message each, one after the other, a bounded number in all. True when somebody could take more. */
static bool serve (follow_t *self)
{
    size_t idle = 0;
    for (int sent = 0; sent < MESSAGES_A_WAKE && idle < self->reader_count;) {
        if (self->turn >= self->reader_count)
            self->turn = 0;
        reader_t *reader = self->readers[self->turn++];
        uint64_t room = room_of (self, reader);
        if (room && next_fits (self, reader, room)) {
            send_documents (self, reader, room);
            sent++;
            idle = 0;
        } else
            idle++;
    }
    return idle < self->reader_count;
}

/* ---- what readers say ------------------------------------------------------------------------------------------------- */

/* One key may not take all the room that there is. */
static bool has_enough (const follow_t *self, const qw_guest_t *guest)
{
    size_t count = 0;
    for (size_t i = 0; i < self->reader_count && guest->known; i++)
        count += strcmp (self->readers[i]->key, guest->public_key) == 0;
    return count >= READERS_A_KEY;
}

static void hear_hello (follow_t *self, reader_t *reader, qw_peer_t peer, const qw_guest_t *guest, const qw_message_t *hello)
{
    if (hello->version_min > QW_WIRE_VERSION_MAX || hello->version_max < QW_WIRE_VERSION_MIN) {
        refuse (self, peer, QW_REFUSED_VERSION, "no common version of the protocol");
        return;
    }
    if (hello->role != QW_ROLE_READER) {
        refuse (self, peer, QW_REFUSED_MESSAGE, "HELLO: field 'role' is not a reader's; this socket serves readers");
        return;
    }
    if (!reader && (self->reader_count >= self->max_readers || has_enough (self, guest))) {
        qw_gate_useless (self->gate, guest);
        refuse (self, peer, QW_REFUSED_LIMIT, "as many readers are here as may be");
        return;
    }
    if (reader)
        forget_reader (self, reader, "it begins anew");
    reader = add_reader (self, peer);
    memcpy (reader->key, guest->public_key, sizeof reader->key);
    self->documents = qw_corpus_reader_count (self->corpus);
    qw_message_t welcome = {.type = QW_WELCOME,
                            .version_max =
                                hello->version_max < QW_WIRE_VERSION_MAX ? hello->version_max : QW_WIRE_VERSION_MAX,
                            .life = self->life,
                            .session = ++self->sessions,
                            .heartbeat_ms = self->heartbeat_ms,
                            .documents = self->documents,
                            .software = qw_bytes_of ("quotewire " QW_VERSION)};
    if (tell (self, reader, &welcome) == QW_NOT_FOUND)
        forget_reader (self, reader, "it is gone");
}

static void hear_follow (follow_t *self, reader_t *reader, const qw_guest_t *guest, const qw_message_t *follow)
{
    self->documents = qw_corpus_reader_count (self->corpus);
    if (follow->position > self->documents) {
        char text[120];
        snprintf (text, sizeof text, "FOLLOW: position %llu is beyond the corpus, which has %llu documents",
                  (unsigned long long) follow->position, (unsigned long long) self->documents);
        reader->following = false;
        refuse (self, reader->peer, QW_REFUSED_ORDER, text);
        return;
    }
    if (reader->following && follow->position == reader->arrived)
        qw_gate_useless (self->gate, guest);
    bool goes_on = reader->following && follow->position >= reader->arrived && follow->position <= reader->next;
    self->under_way -= reader->next_at - reader->arrived_at;
    reader->arrived = follow->position;
    reader->arrived_at = qw_corpus_reader_bytes (self->corpus, follow->position);
    if (!goes_on) {
        reader->next = reader->arrived;
        reader->next_at = reader->arrived_at;
    }
    self->under_way += reader->next_at - reader->arrived_at;
    reader->limit = reader->arrived_at + (follow->credit < CREDIT_MAX ? follow->credit : CREDIT_MAX);
    reader->following = true;
    reader->blocked = false;
}

static void hear (follow_t *self, qw_peer_t peer, const qw_guest_t *guest)
{
    qw_reason_t reason;
    qw_message_t *message;
    reader_t *reader = find_reader (self, peer);
    qw_status_t status =
        qw_wire_decode (self->wire, zmq_msg_data (&self->frame), zmq_msg_size (&self->frame), &message, &reason);
    if (status) {
        qw_gate_offend (self->gate, guest, QW_BAD_OFFENCE, "sends what cannot be read");
        refuse (self, peer, status == QW_UNSUPPORTED ? QW_REFUSED_VERSION : QW_REFUSED_MESSAGE, reason.text);
        return;
    }
    uint64_t now = qw_now_ms ();
    if (reader && message->type != QW_FOLLOW && now - reader->seen < self->heartbeat_ms / 4)
        qw_gate_useless (self->gate, guest);
    if (reader)
        reader->seen = now;
    if (message->type == QW_HELLO)
        hear_hello (self, reader, peer, guest, message);
    else if (message->type == QW_BYE) {
        if (reader)
            forget_reader (self, reader, "it said BYE");
    } else if (!reader)
        refuse (self, peer, QW_REFUSED_UNKNOWN, "HELLO is missing: begin on a fresh socket");
    else if (message->type == QW_FOLLOW)
        hear_follow (self, reader, guest, message);
    else if (message->type != QW_HEARTBEAT && message->type != QW_ERROR)
        refuse (self, peer, QW_REFUSED_MESSAGE, "a reader says HELLO, FOLLOW, HEARTBEAT or BYE");
}

/* ---- the actor ------------------------------------------------------------------------------------------------------- */

static void hear_pipe (follow_t *self, zsock_t *pipe)
{
    for (int i = 0; i < MESSAGES_A_WAKE && (zsock_events (pipe) & ZMQ_POLLIN) && !self->stopping; i++) {
        char *command = zstr_recv (pipe);
        if (!command || streq (command, "$TERM"))
            self->stopping = true;
        else if (streq (command, "READERS"))
            zstr_sendf (pipe, "%zu", self->reader_count);
        else if (streq (command, "ENDPOINT"))
            zstr_send (pipe, self->endpoint);
        zstr_free (&command);
    }
}

/* Heartbeats to those who heard nothing lately; the silent are forgotten. */
static void keep_time (follow_t *self)
{
    uint64_t now = qw_now_ms ();
    static const qw_message_t heartbeat = {.type = QW_HEARTBEAT};
    for (size_t i = self->reader_count; i-- > 0;) {
        reader_t *reader = self->readers[i];
        reader->blocked = false;
        if (now - reader->seen > (uint64_t) SILENT_BEATS * self->heartbeat_ms)
            forget_reader (self, reader, "it is silent");
        else if (now - reader->told >= self->heartbeat_ms && tell (self, reader, &heartbeat) == QW_NOT_FOUND)
            forget_reader (self, reader, "it is gone");
    }
}

/* How far the slowest reader is behind: what is durable and has not arrived at it. */
static void show_lag (follow_t *self)
{
    uint64_t slowest = self->documents, bytes = qw_corpus_reader_bytes (self->corpus, self->documents), arrived = bytes;
    for (size_t i = 0; i < self->reader_count; i++)
        if (self->readers[i]->following && self->readers[i]->arrived < slowest) {
            slowest = self->readers[i]->arrived;
            arrived = self->readers[i]->arrived_at;
        }
    qw_metrics_set (self->metrics, QW_SINK_FOLLOWERS, self->reader_count);
    qw_metrics_set (self->metrics, QW_SINK_FOLLOW_LAG_RECORDS, self->documents - slowest);
    qw_metrics_set (self->metrics, QW_SINK_FOLLOW_LAG_BYTES, bytes - arrived);
}

static void run (follow_t *self, zsock_t *pipe)
{
    zmq_pollitem_t items[] = {{zsock_resolve (pipe), 0, ZMQ_POLLIN, 0}, {zsock_resolve (self->router), 0, ZMQ_POLLIN, 0}};
    uint64_t beat = qw_now_ms ();
    bool busy = false;
    while (!self->stopping) {
        bool blocked = false;
        for (size_t i = 0; i < self->reader_count; i++)
            blocked |= self->readers[i]->blocked;
        long wait = busy ? 0 : blocked ? BLOCKED_MS : (long) self->heartbeat_ms / 2;
        if (zmq_poll (items, 2, wait) < 0 && errno != EINTR)
            break;
        if (items[0].revents & ZMQ_POLLIN)
            hear_pipe (self, pipe);
        qw_peer_t peer;
        qw_guest_t guest;
        for (int i = 0; i < MESSAGES_A_WAKE && qw_socket_receive (self->router, &peer, &self->frame) == QW_OK; i++)
            if (qw_gate_admit (self->gate, &self->frame, &guest))
                hear (self, peer, &guest);
        int event, value;
        while (qw_monitor_next (self->watch, &event, &value))
            qw_monitor_tell (self->watch, "follow", event, value);
        if (blocked && !busy)
            for (size_t i = 0; i < self->reader_count; i++)
                self->readers[i]->blocked = false;
        if (!busy)
            self->documents = qw_corpus_reader_count (self->corpus);
        busy = serve (self);
        if (qw_now_ms () - beat >= self->heartbeat_ms / 2) {
            beat = qw_now_ms ();
            keep_time (self);
            if (self->metrics)
                show_lag (self);
        }
    }
    static const qw_message_t bye = {.type = QW_BYE};
    for (size_t i = 0; i < self->reader_count; i++)
        tell (self, self->readers[i], &bye);
}

static void destroy (follow_t *self)
{
    while (self->reader_count > 0)
        free (self->readers[--self->reader_count]);
    free (self->readers);
    qw_monitor_destroy (&self->watch);
    zsock_destroy (&self->router);
    qw_corpus_reader_close (&self->corpus);
    qw_wire_destroy (&self->wire);
    qw_out_free (&self->head);
    qw_out_free (&self->body);
    zmq_msg_close (&self->frame);
    zstr_free (&self->endpoint);
    free (self);
}

static void actor (zsock_t *pipe, void *argument)
{
    follow_t *self = argument;
    zsock_signal (pipe, 0);
    run (self, pipe);
    destroy (self);
}

static zsock_t *bind_router (const qw_follow_options_t *options, qw_monitor_t **watch, qw_reason_t *reason)
{
    zsock_t *router = qw_socket_new (&(qw_socket_options_t){.type = ZMQ_ROUTER,
                                                            .max_message = INCOMING_BYTES,
                                                            .high_water = QUEUE,
                                                            .heartbeat_ms = options->heartbeat_ms});
    if (!router)
        abort ();
    zsock_set_linger (router, LINGER_MS); /* for the BYE at the end */
    *watch = qw_monitor_new (router, QW_MONITOR_HANDSHAKES);
    if (qw_gate_bind (options->gate, router, options->endpoint, QW_DOOR_FOLLOW, options->insecure, reason)) {
        qw_monitor_destroy (watch);
        zsock_destroy (&router);
    }
    return router;
}

zactor_t *qw_follow_new (const qw_follow_options_t *options, qw_reason_t *reason)
{
    qw_corpus_reader_t *corpus = qw_corpus_reader_open (options->directory, reason);
    qw_monitor_t *watch = NULL;
    zsock_t *router = corpus ? bind_router (options, &watch, reason) : NULL;
    if (!router) {
        qw_corpus_reader_close (&corpus);
        return NULL;
    }
    follow_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    *self = (follow_t){.router = router,
                       .watch = watch,
                       .gate = options->gate,
                       .corpus = corpus,
                       .heartbeat_ms = options->heartbeat_ms,
                       .max_readers = options->max_readers,
                       .metrics = options->metrics,
                       .readers = calloc (options->max_readers, sizeof *self->readers),
                       .wire = qw_wire_new (),
                       .life = qw_new_life (),
                       .endpoint = zsock_last_endpoint (router)};
    if (!self->readers || !self->endpoint)
        abort ();
    qw_out_init (&self->head);
    qw_out_init (&self->body);
    zmq_msg_init (&self->frame);
    return zactor_new (actor, self);
}
