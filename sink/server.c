#include "sink/server.h"

#include <czmq.h>
#include <inttypes.h>
#include <xxhash.h>

#include "proto/log.h"
#include "proto/supervised.h"
#include "sink/follow.h"
#include "sink/server_parts.h"

enum {
    CONTROL_A_WAKE = 4,          /* messages before the next commit and PROGRESS: more, and the others wait for the sink, */
    RESULTS_A_WAKE = 8,          /* then the sink for the others, instead of all working at once */
    COMMIT_BYTES = 8 << 20,      /* pending records are committed at this size, whatever the time */
    ENOUGH_BYTES = 1 << 20,      /* an idle disk gets that many without waiting for more */
    RESULTS_HIGH_WATER = 64,     /* messages of one worker */
    STRUCK_ONCE = 1024,          /* keys struck off that a ventilator is told of at most */
    ANNOUNCE_OVERHEAD = 1 << 20, /* bytes of a frame beyond the document's text */
};

/* ---- life ---------------------------------------------------------------------------------------------------------- */

static qw_status_t open_sockets (qw_server_t *self, qw_reason_t *reason)
{
    const qw_server_options_t *options = &self->options;
    size_t max_message = 2 * options->max_document_bytes + ANNOUNCE_OVERHEAD;
    self->control = qw_socket_new (&(qw_socket_options_t){ZMQ_ROUTER, max_message, 0, options->heartbeat_ms, false});
    self->results =
        qw_socket_new (&(qw_socket_options_t){ZMQ_ROUTER, max_message, RESULTS_HIGH_WATER, options->heartbeat_ms, false});
    if (!self->control || !self->results)
        return qw_fail (QW_SYSTEM, reason, "cannot make a socket: %s", zmq_strerror (zmq_errno ()));
    if (options->keys && !(self->gate = qw_gate_new (options->keys, QW_ROLE_SINK, reason)))
        return QW_INVALID;
    for (size_t i = 0; i < 2 && self->gate; i++)
        self->secret[i] = qw_new_life ();
    self->watches[0] = qw_monitor_new (self->control, QW_MONITOR_HANDSHAKES);
    self->watches[1] = qw_monitor_new (self->results, QW_MONITOR_HANDSHAKES);
    qw_status_t status =
        qw_gate_bind (self->gate, self->control, options->control, QW_DOOR_CONTROL, options->insecure, reason);
    if (!status)
        status = qw_gate_bind (self->gate, self->results, options->results, QW_DOOR_RESULTS, options->insecure, reason);
    if (!status && options->follow) {
        qw_follow_options_t follow = {.directory = options->directory,
                                      .endpoint = options->follow,
                                      .heartbeat_ms = options->heartbeat_ms,
                                      .max_readers = 1024,
                                      .metrics = options->metrics,
                                      .gate = self->gate,
                                      .insecure = options->insecure};
        self->follow = qw_follow_new (&follow, reason);
        if (!self->follow)
            status = QW_SYSTEM;
    }
    return status;
}

qw_status_t qw_server_new (qw_server_t **self_p, const qw_server_options_t *options, qw_reason_t *reason)
{
    qw_server_t *self = zmalloc (sizeof *self);
    self->options = *options;
    self->life = qw_new_life ();
    self->wire = qw_wire_new ();
    qw_out_init (&self->out);
    qw_out_init (&self->record);
    qw_out_init (&self->stored);
    self->join =
        qw_join_new (&(qw_join_options_t){options->window_documents, options->window_bytes, qw_sink_document_free, free});
    const char *const endpoints[] = {options->control, options->results, options->follow};
    qw_status_t status = QW_OK;
    for (size_t i = 0; i < 3 && !status && !options->keys; i++) /* before a corpus is made */
        status = qw_gate_permits (endpoints[i], options->insecure, reason);
    if (!status)
        status = qw_corpus_open (&self->corpus, options->directory, options->segment_bytes, reason);
    if (!status)
        status = open_sockets (self, reason);
    if (status)
        qw_server_destroy (&self);
    *self_p = self;
    return status;
}

void qw_server_destroy (qw_server_t **self_p)
{
    qw_server_t *self = *self_p;
    if (!self)
        return;
    zactor_destroy (&self->follow);
    qw_monitor_destroy (&self->watches[0]);
    qw_monitor_destroy (&self->watches[1]);
    zsock_destroy (&self->control);
    zsock_destroy (&self->results);
    qw_gate_destroy (&self->gate);
    qw_join_destroy (&self->join);
    qw_assembler_destroy (&self->assembler);
    qw_corpus_close (&self->corpus);
    qw_wire_destroy (&self->wire);
    qw_out_free (&self->out);
    qw_out_free (&self->record);
    qw_out_free (&self->stored);
    free (self->layer_names);
    free (self);
    *self_p = NULL;
}

/* ---- committing ---------------------------------------------------------------------------------------------------- */

/* What stands in the corpus under an id already, as the ventilator is to hear it. */
typedef enum { UNKNOWN_ID, SAME_DOCUMENT, OTHER_DOCUMENT } known_t;

static known_t look_up (qw_server_t *self, qw_bytes_t id, const qw_sink_document_t *document, uint64_t *outcome,
                        uint64_t *position)
{
    uint32_t flags;
    if (!qw_corpus_find (self->corpus, id, position, &flags) || flags & QW_ENTRY_DROPPED)
        return UNKNOWN_ID;
    if (document->supersedes == *position + 1 && flags & QW_ENTRY_FAILED)
        return UNKNOWN_ID;
    *outcome = flags & QW_ENTRY_FAILED ? QW_KNOWN_FAILED : QW_KNOWN;
    qw_document_t stored;
    qw_out_reset (&self->stored);
    if (qw_corpus_read (self->corpus, *position, &self->stored, NULL)
        || qw_document_read (&stored, self->stored.buffer.data, self->stored.buffer.size, NULL))
        return SAME_DOCUMENT; /* it is there, though damaged: `check` will say so */
    return qw_bytes_equal (stored.text, document->text) ? SAME_DOCUMENT : OTHER_DOCUMENT;
}

/* The id under which a document stands whose own id belongs to another text: its id, '#' and the text's hash. */
static qw_bytes_t other_id (const qw_sink_document_t *document, char *buffer, size_t size)
{
    uint64_t hash = XXH3_64bits (document->text.data, document->text.size);
    int used = snprintf (buffer, size, "%.*s#%016" PRIx64, (int) document->id.size, document->id.data, hash);
    return (qw_bytes_t){buffer, (size_t) used};
}

static void count_document (qw_server_t *self, const qw_sink_document_t *document, const qw_entry_t *entry)
{
    qw_metrics_t *metrics = self->options.metrics;
    qw_metrics_add (metrics, entry->flags & QW_ENTRY_FAILED ? QW_SINK_FAILED : QW_SINK_ANNOTATED, 1);
    qw_metrics_add (metrics, QW_SINK_TEXT_BYTES, document->text.size);
    qw_metrics_add (metrics, QW_SINK_RECORD_BYTES, entry->size);
    qw_metrics_add (metrics, QW_SINK_TOKENS, entry->tokens);
    qw_metrics_add (metrics, QW_SINK_MENTIONS, entry->mentions);
    qw_metrics_add (metrics, QW_SINK_QUOTES, entry->quotes);
}

/* Appends the document whose turn it is. A source may hold the same record twice, or give one id to two texts: that is seen
 * here, in the order of the source, so that it does not depend on who was faster. */
static void stage (qw_server_t *self, const qw_joined_t *joined)
{
    const qw_sink_document_t *document = joined->document;
    uint64_t outcome, position, other;
    char id_buffer[600], conflict[160];
    qw_bytes_t id = document->id, reason = {"", 0};
    known_t known = look_up (self, id, document, &outcome, &position);
    if (known == OTHER_DOCUMENT) {
        id = other_id (document, id_buffer, sizeof id_buffer);
        other = position;
        known = look_up (self, id, document, &outcome, &position);
        snprintf (conflict, sizeof conflict, "its id belongs to another text, at position %" PRIu64, other);
        reason = qw_bytes_of (conflict);
    }
    if (known != UNKNOWN_ID) {
        qw_join_staged (self->join, outcome, position);
        return;
    }
    qw_entry_t entry;
    qw_assembler_build (self->assembler, joined, id, reason, &self->record, &entry);
    position = qw_corpus_append (self->corpus, qw_out_bytes (&self->record), id, &entry);
    self->staged_counts[0] += entry.tokens;
    self->staged_counts[1] += entry.mentions;
    self->staged_counts[2] += entry.quotes;
    self->failures += (entry.flags & QW_ENTRY_FAILED) != 0;
    count_document (self, document, &entry);
    if (entry.flags & QW_ENTRY_FAILED)
        qw_log (QW_LOG_WARNING, "document '%.*s' is recorded as failed at position %" PRIu64, (int) id.size, id.data,
                position);
    qw_join_staged (self->join, entry.flags & QW_ENTRY_FAILED ? QW_FAILED : QW_ANNOTATED, position);
}

static void move_counts (uint64_t from[3], uint64_t to[3])
{
    for (int i = 0; i < 3; i++) {
        to[i] += from[i];
        from[i] = 0;
    }
}

/* What was staged goes to the disk, while the sink goes on with other messages. Nothing else is on its way there. */
static void begin_commit (qw_server_t *self)
{
    qw_join_committing (self->join);
    move_counts (self->staged_counts, self->writing_counts);
    if (qw_corpus_pending (self->corpus) == 0) { /* all of it was known */
        qw_join_committed (self->join);
        return;
    }
    self->commit_began = zclock_usecs ();
    qw_corpus_commit_begin (self->corpus);
}

/* The commit under way is over, or else is waited for. */
static qw_status_t end_commit (qw_server_t *self, qw_reason_t *reason)
{
    if (!qw_corpus_commit_under_way (self->corpus))
        return QW_OK;
    uint64_t before = qw_corpus_count (self->corpus);
    qw_status_t status = qw_corpus_commit_end (self->corpus, reason);
    if (status)
        return status;
    uint64_t took = (uint64_t) (zclock_usecs () - self->commit_began), documents = qw_corpus_count (self->corpus);
    self->commits++;
    self->commit_us += took;
    qw_metrics_observe (self->options.metrics, QW_SINK_COMMIT_SECONDS, took);
    qw_metrics_observe (self->options.metrics, QW_SINK_COMMIT_DOCUMENTS, documents - before);
    if (self->follow && zsock_events (self->follow) & ZMQ_POLLOUT)
        zstr_send (self->follow, "MORE");
    qw_join_committed (self->join); /* I1: only now may anybody hear of them */
    move_counts (self->writing_counts, self->committed_counts);
    return QW_OK;
}

/* Everything staged is on the disk when this returns. */
static qw_status_t commit (qw_server_t *self, qw_reason_t *reason)
{
    qw_status_t status = end_commit (self, reason);
    if (status || qw_join_staged_count (self->join) == 0)
        return status;
    begin_commit (self);
    return end_commit (self, reason);
}

/* Stages what is complete and begins a commit when there is enough of it, or nothing left to wait for. While the disk has
 * enough to do, complete documents wait in the join, within its window (I4), and the sink goes on with messages. */
static void advance (qw_server_t *self, uint64_t now)
{
    qw_joined_t joined;
    for (bool full = true; full;) {
        while (!(full = qw_corpus_pending (self->corpus) >= COMMIT_BYTES) && qw_join_ready (self->join, &joined)) {
            if (qw_join_staged_count (self->join) == 0)
                self->staged_since = now;
            stage (self, &joined);
        }
        bool due = qw_corpus_pending (self->corpus) >= ENOUGH_BYTES || now - self->staged_since >= self->options.commit_ms
                   || qw_join_open_documents (self->join) == 0;
        if (!due || qw_join_staged_count (self->join) == 0 || qw_corpus_commit_under_way (self->corpus))
            return;
        begin_commit (self);
    }
}

/* Tells the ventilator what is new; what it does not wait for goes along or waits for as long as a commit may. */
static void tell (qw_server_t *self, uint64_t now)
{
    qw_join_progress_t progress;
    if (!qw_join_has_urgent_progress (self->join) && now - self->told < self->options.commit_ms)
        return;
    if (!self->ventilator || !qw_join_progress (self->join, &progress))
        return;
    self->told = now;
    qw_message_t message = {.type = QW_PROGRESS,
                            .session = progress.session,
                            .number = progress.number,
                            .documents = qw_corpus_count (self->corpus),
                            .accepted = progress.accepted,
                            .received = progress.received,
                            .refused = progress.refused,
                            .committed = progress.committed};
    const char *names[STRUCK_ONCE];
    qw_bytes_t struck[STRUCK_ONCE];
    size_t struck_count = qw_gate_struck (self->gate, names, STRUCK_ONCE);
    for (; self->struck_told < struck_count && self->struck_told < STRUCK_ONCE; self->struck_told++)
        struck[message.struck.count++] = qw_bytes_of (names[self->struck_told]);
    message.struck.items = struck;
    if (progress.committed.count > 0)
        message.counts = (qw_uints_t){self->committed_counts, 3};
    qw_socket_send (self->control, self->ventilator, &message, &self->out);
    if (progress.committed.count > 0)
        memset (self->committed_counts, 0, sizeof self->committed_counts);
}

/* ---- the ventilator ------------------------------------------------------------------------------------------------ */

static void end_session (qw_server_t *self)
{
    self->ventilator = 0;
    qw_join_begin (self->join, 0, 0);
}

/* The layers wanted stay beyond the message that names them. False: they make no sense. */
static bool take_layers (qw_server_t *self, qw_texts_t layers)
{
    size_t bytes = 0;
    for (size_t i = 0; i < layers.count; i++)
        bytes += layers.items[i].size;
    if (layers.count == 0 || layers.count > QW_MAX_LAYERS || bytes > 1024)
        return false;
    for (size_t i = 0; i < layers.count; i++) {
        if (layers.items[i].size == 0 || qw_bytes_are (layers.items[i], "structure"))
            return false;
        for (size_t j = 0; j < i; j++)
            if (qw_bytes_equal (layers.items[i], layers.items[j]))
                return false;
    }
    char *at = zmalloc (bytes + 1);
    free (self->layer_names);
    self->layer_names = at;
    for (size_t i = 0; i < layers.count; i++) {
        memcpy (at, layers.items[i].data, layers.items[i].size);
        self->layers[i] = (qw_bytes_t){at, layers.items[i].size};
        at += layers.items[i].size;
    }
    self->layer_count = layers.count;
    qw_assembler_destroy (&self->assembler);
    self->assembler = qw_assembler_new (self->layers, self->layer_count);
    return true;
}

/* Is the ventilator of the session still connected? A ROUTER knows. */
static bool ventilator_is_there (qw_server_t *self)
{
    qw_message_t probe = {
        .type = QW_HEARTBEAT, .session = qw_join_session (self->join), .last = qw_join_last_progress (self->join)};
    return self->ventilator && qw_socket_send (self->control, self->ventilator, &probe, &self->out) != QW_NOT_FOUND;
}

static qw_status_t greet (qw_server_t *self, qw_peer_t peer, const qw_guest_t *guest, const qw_message_t *hello,
                          qw_reason_t *reason)
{
    if (hello->version_min > QW_WIRE_VERSION_MAX || hello->version_max < QW_WIRE_VERSION_MIN) {
        qw_socket_refuse (self->control, peer, QW_REFUSED_VERSION, "this sink speaks version 1 only", &self->out);
        return QW_OK;
    }
    if (hello->role != QW_ROLE_VENTILATOR || !qw_guest_is (guest, QW_ROLE_VENTILATOR)) {
        qw_socket_refuse (self->control, peer, QW_REFUSED_MESSAGE, "HELLO: only a ventilator may feed a sink", &self->out);
        return QW_OK;
    }
    if (hello->life != self->ventilator_life && ventilator_is_there (self)) {
        qw_socket_refuse (self->control, peer, QW_REFUSED_BUSY, "another ventilator is feeding this corpus", &self->out);
        return QW_OK;
    }
    /* what is staged becomes durable first: the new session will be told that it is known */
    qw_status_t status = commit (self, reason);
    if (status)
        return status;
    if (!take_layers (self, hello->layers)) {
        qw_socket_refuse (self->control, peer, QW_REFUSED_LAYERS, "HELLO: field 'layers' must name 1 to 16 different layers",
                          &self->out);
        return QW_OK;
    }
    self->ventilator = peer;
    self->ventilator_life = hello->life;
    memset (self->committed_counts, 0, sizeof self->committed_counts);
    qw_metrics_add (self->options.metrics, QW_SINK_SESSIONS, 1);
    qw_join_begin (self->join, qw_new_life (), (1u << self->layer_count) - 1);
    qw_message_t welcome = {.type = QW_WELCOME,
                            .version_max = QW_WIRE_VERSION_MAX,
                            .life = self->life,
                            .session = qw_join_session (self->join),
                            .heartbeat_ms = self->options.heartbeat_ms,
                            .software = QW_BYTES ("quotewire " QW_VERSION),
                            .endpoint = qw_bytes_of (self->options.advertised),
                            .key = self->gate ? qw_bytes_of (qw_gate_key (self->gate)->public_key) : (qw_bytes_t){NULL, 0},
                            .window_documents = self->options.window_documents,
                            .window_bytes = self->options.window_bytes,
                            .max_document_bytes = self->options.max_document_bytes,
                            .documents = qw_corpus_count (self->corpus),
                            .secret = {self->secret, self->gate ? 2 : 0}};
    self->struck_told = 0;
    qw_socket_send (self->control, peer, &welcome, &self->out);
    qw_log (QW_LOG_INFO, "session with ventilator '%.*s' begins at %" PRIu64 " documents", (int) hello->name.size,
            hello->name.data, qw_corpus_count (self->corpus));
    return QW_OK;
}

/* A frame of ZeroMQ's that its documents keep. */
typedef struct {
    qw_frame_t kept;
    zmq_msg_t message;
} kept_frame_t;

static void release_frame (qw_frame_t *frame)
{
    kept_frame_t *self = (kept_frame_t *) frame;
    zmq_msg_close (&self->message);
    free (self);
}

/* Takes the frame over. Its bytes stay where they are: only those of at most 33 bytes, in which no document has room, are part
 * of the zmq_msg_t itself. */
static qw_frame_t *keep_frame (zmq_msg_t *frame)
{
    kept_frame_t *self = zmalloc (sizeof *self);
    self->kept = (qw_frame_t){.users = 1, .release = release_frame};
    zmq_msg_init (&self->message);
    zmq_msg_move (&self->message, frame);
    return &self->kept;
}

/* One document: known, or open from now on. */
static qw_status_t announce (qw_server_t *self, const qw_announced_t *announced, qw_frame_t *frame, qw_reason_t *reason)
{
    if (announced->text.size > self->options.max_document_bytes)
        return qw_fail (QW_TOO_LARGE, reason, "field 'text' is longer than %zu bytes", self->options.max_document_bytes);
    qw_metrics_add (self->options.metrics, QW_SINK_ANNOUNCED, 1);
    qw_sink_document_t *document;
    if (announced->layers.data && !qw_assembler_can_add (self->assembler))
        return qw_fail (QW_DAMAGED, reason, "field 'layers' cannot be added to with tokens, entities or quotes");
    if (qw_sink_document_new (&document, announced, frame, reason))
        return QW_DAMAGED; /* it contradicts itself, and would do so again in the next session */
    qw_status_t status;
    uint64_t outcome, position;
    known_t known = look_up (self, document->id, document, &outcome, &position);
    if (known == SAME_DOCUMENT && position < qw_corpus_count (self->corpus)) {
        status = qw_join_announce_known (self->join, document->sequence, outcome, position, reason);
        qw_sink_document_free (document);
        return status;
    }
    /* one whose id belongs to another text is complete as it is: there is nothing to annotate; one that is staged is found
     * again in its turn */
    uint32_t chunks = known == UNKNOWN_ID && !document->failed.data ? document->chunk_count : 0;
    status = qw_join_announce (self->join, document->sequence, document->text.size, chunks, document, reason);
    if (status)
        qw_sink_document_free (document);
    return status;
}

/* The session cannot go on: the ventilator begins the next one. */
static void refuse_session (qw_server_t *self, qw_peer_t peer, qw_status_t status, const char *text)
{
    qw_refusal_t code = status == QW_NOT_FOUND   ? QW_REFUSED_SESSION
                        : status == QW_TOO_LARGE ? QW_REFUSED_LIMIT
                        : status == QW_INVALID   ? QW_REFUSED_ORDER
                                                 : QW_REFUSED_MESSAGE;
    qw_log (QW_LOG_WARNING, "the ventilator's message is refused: %s", text);
    qw_socket_refuse (self->control, peer, code, text, &self->out);
}

static void handle_numbered (qw_server_t *self, qw_peer_t peer, const qw_message_t *message, zmq_msg_t *frame)
{
    qw_reason_t reason;
    qw_status_t status = qw_join_number (self->join, message->session, message->number, &reason);
    if (status == QW_EXISTS)
        return;
    if (!status && message->type == QW_GIVE_UP) {
        qw_metrics_add (self->options.metrics, QW_SINK_CHUNKS_GIVEN_UP, 1);
        qw_join_give_up (self->join, message->session, message->sequence, (uint32_t) message->chunk,
                         (uint32_t) message->layer_mask, message->text);
    }
    if (!status && message->announced.count > 0) {
        qw_frame_t *kept = keep_frame (frame);
        for (size_t i = 0; !status && i < message->announced.count; i++)
            status = announce (self, &message->announced.items[i], kept, &reason);
        qw_frame_leave (kept);
    }
    if (status)
        refuse_session (self, peer, status, reason.text);
}

static void report (qw_server_t *self, qw_peer_t peer)
{
    uint64_t readers = 0;
    if (self->follow) {
        zstr_send (self->follow, "READERS");
        char *answer = zstr_recv (self->follow);
        readers = answer ? strtoull (answer, NULL, 10) : 0;
        zstr_free (&answer);
    }
    qw_message_t message = {.type = QW_STATUS_REPORT,
                            .role = QW_ROLE_SINK,
                            .documents = qw_corpus_count (self->corpus),
                            .failures = self->failures,
                            .open = qw_join_open_documents (self->join),
                            .readers = readers,
                            .mean_commit_us = self->commits ? self->commit_us / self->commits : 0};
    qw_socket_send (self->control, peer, &message, &self->out);
}

static qw_status_t handle_control (qw_server_t *self, qw_peer_t peer, const qw_guest_t *guest, const qw_message_t *message,
                                   zmq_msg_t *frame, qw_reason_t *reason)
{
    if (message->type == QW_HELLO)
        return greet (self, peer, guest, message, reason);
    if (message->type == QW_STATUS_REQUEST) {
        report (self, peer);
        return QW_OK;
    }
    if (peer != self->ventilator) {
        qw_socket_refuse (self->control, peer, QW_REFUSED_UNKNOWN, "say HELLO first", &self->out);
        return QW_OK;
    }
    qw_reason_t why;
    switch (message->type) {
    case QW_ANNOUNCE:
    case QW_GIVE_UP: handle_numbered (self, peer, message, frame); break;
    case QW_HEARTBEAT: {
        qw_status_t status = qw_join_last (self->join, message->session, message->last, &why);
        if (status)
            refuse_session (self, peer, status, why.text);
        break;
    }
    case QW_BYE: {
        qw_status_t status = commit (self, reason);
        end_session (self);
        return status;
    }
    case QW_ERROR: qw_log (QW_LOG_WARNING, "the ventilator says: %.*s", (int) message->text.size, message->text.data); break;
    default: qw_socket_refuse (self->control, peer, QW_REFUSED_MESSAGE, "a sink takes no such message here", &self->out);
    }
    return QW_OK;
}

/* ---- the loop ------------------------------------------------------------------------------------------------------ */

/* Handles a few messages of a socket; the others wait for the next turn. */
static qw_status_t drain (qw_server_t *self, zsock_t *socket, bool control, qw_reason_t *reason)
{
    qw_status_t status = QW_OK;
    zmq_msg_t frame;
    zmq_msg_init (&frame);
    qw_peer_t peer = 0;
    qw_guest_t guest;
    int most = control ? CONTROL_A_WAKE : RESULTS_A_WAKE;
    for (int i = 0; i < most && !status && qw_socket_receive (socket, &peer, &frame) == QW_OK; i++) {
        if (!qw_gate_admit (self->gate, &frame, &guest))
            continue;
        qw_message_t *message;
        qw_reason_t why;
        qw_status_t decoded = qw_wire_decode (self->wire, zmq_msg_data (&frame), zmq_msg_size (&frame), &message, &why);
        if (decoded) {
            qw_metrics_add (self->options.metrics, QW_SINK_MESSAGES_REFUSED, 1);
            if (!guest.known)
                qw_log (QW_LOG_WARNING, "a message is refused: %s", why.text);
            qw_gate_offend (self->gate, &guest, QW_BAD_OFFENCE, "sends what cannot be read");
            qw_socket_refuse (socket, peer, decoded == QW_UNSUPPORTED ? QW_REFUSED_VERSION : QW_REFUSED_MESSAGE, why.text,
                              &self->out);
        } else if (control)
            status = handle_control (self, peer, &guest, message, &frame, reason);
        else
            qw_server_result (self, peer, &guest, message);
    }
    zmq_msg_close (&frame);
    return status;
}

static void watch (qw_server_t *self)
{
    int event, value;
    for (size_t i = 0; i < 2; i++)
        while (qw_monitor_next (self->watches[i], &event, &value))
            qw_monitor_tell (self->watches[i], i == 0 ? "control" : "results", event, value);
}

static void beat (qw_server_t *self, uint64_t now)
{
    if (now - self->last_heartbeat < self->options.heartbeat_ms)
        return;
    self->last_heartbeat = now;
    if (self->ventilator && !ventilator_is_there (self))
        self->ventilator = 0;
}

static void show_state (qw_server_t *self)
{
    qw_metrics_set (self->options.metrics, QW_SINK_CORPUS_RECORDS, qw_corpus_count (self->corpus));
    qw_metrics_set (self->options.metrics, QW_SINK_OPEN_DOCUMENTS, qw_join_open_documents (self->join));
    qw_metrics_set (self->options.metrics, QW_SINK_OPEN_BYTES, qw_join_open_bytes (self->join));
}

qw_status_t qw_server_run (qw_server_t *self, int signal_fd, qw_reason_t *reason)
{
    qw_supervised_ready ("serving the corpus");
    show_state (self);
    for (;;) {
        qw_supervised_alive ();
        zmq_pollitem_t items[] = {{zsock_resolve (self->control), 0, ZMQ_POLLIN, 0},
                                  {zsock_resolve (self->results), 0, ZMQ_POLLIN, 0},
                                  {NULL, signal_fd, ZMQ_POLLIN, 0},
                                  {NULL, qw_corpus_commit_fd (self->corpus), ZMQ_POLLIN, 0},
                                  {qw_monitor_handle (self->watches[0]), 0, ZMQ_POLLIN, 0},
                                  {qw_monitor_handle (self->watches[1]), 0, ZMQ_POLLIN, 0}};
        bool waiting = (qw_join_staged_count (self->join) > 0 && !qw_corpus_commit_under_way (self->corpus))
                       || (self->ventilator && qw_join_has_progress (self->join));
        zmq_poll (items, 6, waiting ? (long) self->options.commit_ms : (long) self->options.heartbeat_ms / 2);
        watch (self);
        qw_status_t status = items[0].revents ? drain (self, self->control, true, reason) : QW_OK;
        if (!status && items[1].revents)
            status = drain (self, self->results, false, reason);
        if (!status && items[3].revents)
            status = end_commit (self, reason);
        uint64_t now = qw_now_ms ();
        if (!status)
            advance (self, now);
        if (!status && items[2].revents)
            status = commit (self, reason);
        if (status) {
            if (self->ventilator)
                qw_socket_refuse (self->control, self->ventilator, QW_REFUSED_STOPPED, reason->text, &self->out);
            return status;
        }
        tell (self, now);
        beat (self, now);
        show_state (self);
        if (items[2].revents) {
            qw_supervised_stopping ();
            return QW_OK;
        }
    }
}
