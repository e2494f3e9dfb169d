#include "sink/follow.h"

#include <errno.h>
#include <sys/random.h>

#include "proto/log.h"
#include "proto/wire.h"
#include "sink/corpus.h"

enum {
    MESSAGE_BYTES = 1 << 20,     /* of records in one DOCUMENTS */
    CREDIT_MAX = 16 << 20,       /* more than this is not under way to one reader, whatever it grants */
    UNDER_WAY_MAX = 128 << 20,   /* nor this to all; beyond it each reader has one message at a time */
    INCOMING_BYTES = 64 << 10,   /* the largest frame that a reader may send */
    MESSAGES_A_WAKE = 64,        /* read or sent before the other side has its turn */
    QUEUE = 64,                  /* messages in a reader's pipe; its credit is used up before that */
    BLOCKED_MS = 20,             /* until a full pipe is tried again */
    SILENT_BEATS = 10,           /* heartbeats without a word until a reader is forgotten */
    LINGER_MS = 100
};

typedef struct {
    uint8_t identity[255];
    size_t identity_size;
    bool following;
    bool blocked;        /* its pipe was full */
    uint64_t arrived;    /* position of its last FOLLOW */
    uint64_t next;       /* position to be sent next */
    uint64_t arrived_at; /* bytes of the corpus before `arrived` */
    uint64_t next_at;    /* and before `next` */
    uint64_t limit;      /* the byte of the corpus up to which its credit reaches */
    int64_t seen, told;  /* when it last sent something, and was last sent something */
} reader_t;

typedef struct {
    zsock_t *router;
    void *handle; /* the router's, for libzmq */
    qw_corpus_reader_t *corpus;
    uint64_t documents; /* durable */
    unsigned heartbeat_ms;
    size_t max_readers;
    uint64_t life, sessions;
    reader_t **readers;
    size_t reader_count, turn;
    uint64_t under_way; /* bytes sent beyond what has arrived, all readers together */
    bool stopping;
    qw_wire_t *wire;
    qw_out_t head, body;
    zmq_msg_t identity, frame;
    char *endpoint;
} follow_t;

/* ---- readers --------------------------------------------------------------------------------------------------------- */

static reader_t *find_reader (follow_t *self, const void *identity, size_t size)
{
    for (size_t i = 0; i < self->reader_count; i++)
        if (self->readers[i]->identity_size == size && memcmp (self->readers[i]->identity, identity, size) == 0)
            return self->readers[i];
    return NULL;
}

static reader_t *add_reader (follow_t *self, const void *identity, size_t size)
{
    reader_t *reader = calloc (1, sizeof *reader);
    if (!reader)
        abort ();
    memcpy (reader->identity, identity, size);
    reader->identity_size = size;
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

/* Sends `head`, with `body` behind it if that is not empty. QW_AGAIN: the pipe is full; QW_NOT_FOUND: the peer is gone. */
static qw_status_t send_to (follow_t *self, const void *identity, size_t size, const qw_out_t *body)
{
    if (zmq_send (self->handle, identity, size, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0)
        return errno == EAGAIN ? QW_AGAIN : QW_NOT_FOUND;
    int more = body ? ZMQ_SNDMORE : 0;
    zmq_send (self->handle, self->head.buffer.data, self->head.buffer.size, more | ZMQ_DONTWAIT);
    if (body)
        zmq_send (self->handle, body->buffer.data, body->buffer.size, ZMQ_DONTWAIT);
    return QW_OK;
}

static qw_status_t tell (follow_t *self, reader_t *reader, const qw_message_t *message)
{
    qw_wire_encode (message, &self->head);
    reader->told = zclock_mono ();
    return send_to (self, reader->identity, reader->identity_size, NULL);
}

static void refuse (follow_t *self, const void *identity, size_t size, qw_refusal_t code, const char *text)
{
    qw_message_t message = {.type = QW_ERROR, .code = code, .text = qw_bytes_of (text)};
    qw_wire_encode (&message, &self->head);
    send_to (self, identity, size, NULL);
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
    if (qw_corpus_reader_read (self->corpus, reader->next, room < MESSAGE_BYTES ? (size_t) room : MESSAGE_BYTES, &self->body, &count,
                               &reason)) {
        reader->following = false; /* it must not miss a record unawares (I7) */
        refuse (self, reader->identity, reader->identity_size, QW_REFUSED_STOPPED, reason.text);
        return;
    }
    message.count = count;
    qw_wire_encode (&message, &self->head);
    qw_status_t status = send_to (self, reader->identity, reader->identity_size, &self->body);
    if (status == QW_OK) {
        reader->told = zclock_mono ();
        reader->next += count;
        reader->next_at += self->body.buffer.size;
        self->under_way += self->body.buffer.size;
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

static void hear_hello (follow_t *self, reader_t *reader, const void *identity, size_t size, const qw_message_t *hello)
{
    if (hello->version_min > QW_WIRE_VERSION_MAX || hello->version_max < QW_WIRE_VERSION_MIN) {
        refuse (self, identity, size, QW_REFUSED_VERSION, "no common version of the protocol");
        return;
    }
    if (hello->role != QW_ROLE_READER) {
        refuse (self, identity, size, QW_REFUSED_MESSAGE, "HELLO: field 'role' is not a reader's; this socket serves readers");
        return;
    }
    if (!reader && self->reader_count >= self->max_readers) {
        refuse (self, identity, size, QW_REFUSED_LIMIT, "as many readers are here as may be");
        return;
    }
    if (reader)
        forget_reader (self, reader, "it begins anew");
    reader = add_reader (self, identity, size);
    reader->seen = zclock_mono ();
    self->documents = qw_corpus_reader_count (self->corpus);
    qw_message_t welcome = {.type = QW_WELCOME,
                            .version_max = hello->version_max < QW_WIRE_VERSION_MAX ? hello->version_max : QW_WIRE_VERSION_MAX,
                            .life = self->life,
                            .session = ++self->sessions,
                            .heartbeat_ms = self->heartbeat_ms,
                            .documents = self->documents,
                            .software = qw_bytes_of ("quotewire " QW_VERSION)};
    if (tell (self, reader, &welcome) == QW_NOT_FOUND)
        forget_reader (self, reader, "it is gone");
}

static void hear_follow (follow_t *self, reader_t *reader, const qw_message_t *follow)
{
    self->documents = qw_corpus_reader_count (self->corpus);
    if (follow->position > self->documents) {
        char text[120];
        snprintf (text, sizeof text, "FOLLOW: position %llu is beyond the corpus, which has %llu documents",
                  (unsigned long long) follow->position, (unsigned long long) self->documents);
        reader->following = false;
        refuse (self, reader->identity, reader->identity_size, QW_REFUSED_ORDER, text);
        return;
    }
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

static void hear (follow_t *self, const void *identity, size_t size, const void *frame, size_t frame_size)
{
    qw_reason_t reason;
    qw_message_t *message;
    reader_t *reader = find_reader (self, identity, size);
    qw_status_t status = qw_wire_decode (self->wire, frame, frame_size, &message, &reason);
    if (status) {
        refuse (self, identity, size, status == QW_UNSUPPORTED ? QW_REFUSED_VERSION : QW_REFUSED_MESSAGE, reason.text);
        return;
    }
    if (reader)
        reader->seen = zclock_mono ();
    if (message->type == QW_HELLO)
        hear_hello (self, reader, identity, size, message);
    else if (message->type == QW_BYE) {
        if (reader)
            forget_reader (self, reader, "it said BYE");
    } else if (!reader)
        refuse (self, identity, size, QW_REFUSED_UNKNOWN, "HELLO is missing: begin on a fresh socket");
    else if (message->type == QW_FOLLOW)
        hear_follow (self, reader, message);
    else if (message->type != QW_HEARTBEAT && message->type != QW_ERROR)
        refuse (self, identity, size, QW_REFUSED_MESSAGE, "a reader says HELLO, FOLLOW, HEARTBEAT or BYE");
}

/* Reads one message: an identity and one frame; any further frames are passed over. False: there is none. */
static bool receive (follow_t *self)
{
    if (zmq_msg_recv (&self->identity, self->handle, ZMQ_DONTWAIT) < 0)
        return false;
    bool whole = zmq_msg_more (&self->identity) && zmq_msg_recv (&self->frame, self->handle, ZMQ_DONTWAIT) >= 0;
    if (whole && !zmq_msg_more (&self->frame))
        hear (self, zmq_msg_data (&self->identity), zmq_msg_size (&self->identity), zmq_msg_data (&self->frame),
              zmq_msg_size (&self->frame));
    else if (whole) {
        while (zmq_msg_more (&self->frame) && zmq_msg_recv (&self->frame, self->handle, ZMQ_DONTWAIT) >= 0)
            continue;
        refuse (self, zmq_msg_data (&self->identity), zmq_msg_size (&self->identity), QW_REFUSED_MESSAGE,
                "a message of a reader is one frame");
    }
    return true;
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
    int64_t now = zclock_mono ();
    static const qw_message_t heartbeat = {.type = QW_HEARTBEAT};
    for (size_t i = self->reader_count; i-- > 0;) {
        reader_t *reader = self->readers[i];
        reader->blocked = false;
        if (now - reader->seen > (int64_t) SILENT_BEATS * self->heartbeat_ms)
            forget_reader (self, reader, "it is silent");
        else if (now - reader->told >= self->heartbeat_ms && tell (self, reader, &heartbeat) == QW_NOT_FOUND)
            forget_reader (self, reader, "it is gone");
    }
}

static void run (follow_t *self, zsock_t *pipe)
{
    zmq_pollitem_t items[] = {{zsock_resolve (pipe), 0, ZMQ_POLLIN, 0}, {self->handle, 0, ZMQ_POLLIN, 0}};
    int64_t beat = zclock_mono ();
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
        for (int i = 0; i < MESSAGES_A_WAKE && receive (self); i++)
            continue;
        if (blocked && !busy)
            for (size_t i = 0; i < self->reader_count; i++)
                self->readers[i]->blocked = false;
        if (!busy)
            self->documents = qw_corpus_reader_count (self->corpus);
        busy = serve (self);
        if (zclock_mono () - beat >= self->heartbeat_ms / 2) {
            beat = zclock_mono ();
            keep_time (self);
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
    zsock_destroy (&self->router);
    qw_corpus_reader_close (&self->corpus);
    qw_wire_destroy (&self->wire);
    qw_out_free (&self->head);
    qw_out_free (&self->body);
    zmq_msg_close (&self->identity);
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

static zsock_t *bind_router (const qw_follow_options_t *options, qw_reason_t *reason)
{
    zsock_t *router = zsock_new (ZMQ_ROUTER);
    if (!router)
        abort ();
    int beat = (int) options->heartbeat_ms;
    zsock_set_router_mandatory (router, 1);
    zsock_set_sndtimeo (router, 0);
    zsock_set_sndhwm (router, QUEUE);
    zsock_set_rcvhwm (router, QUEUE);
    zsock_set_maxmsgsize (router, INCOMING_BYTES);
    zsock_set_linger (router, LINGER_MS);
    zsock_set_heartbeat_ivl (router, beat);
    zsock_set_heartbeat_timeout (router, SILENT_BEATS * beat);
    if (zsock_bind (router, "%s", options->endpoint) >= 0)
        return router;
    qw_fail_errno (reason, "readers cannot be served at %s", options->endpoint);
    zsock_destroy (&router);
    return NULL;
}

zactor_t *qw_follow_new (const qw_follow_options_t *options, qw_reason_t *reason)
{
    qw_corpus_reader_t *corpus = qw_corpus_reader_open (options->directory, reason);
    zsock_t *router = corpus ? bind_router (options, reason) : NULL;
    if (!router) {
        qw_corpus_reader_close (&corpus);
        return NULL;
    }
    follow_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    *self = (follow_t){.router = router,
                       .handle = zsock_resolve (router),
                       .corpus = corpus,
                       .heartbeat_ms = options->heartbeat_ms,
                       .max_readers = options->max_readers,
                       .readers = calloc (options->max_readers, sizeof *self->readers),
                       .wire = qw_wire_new (),
                       .endpoint = strdup (zsock_endpoint (router))};
    if (!self->readers || !self->endpoint || getrandom (&self->life, sizeof self->life, 0) != sizeof self->life)
        abort ();
    self->life |= 1;
    qw_out_init (&self->head);
    qw_out_init (&self->body);
    zmq_msg_init (&self->identity);
    zmq_msg_init (&self->frame);
    return zactor_new (actor, self);
}
