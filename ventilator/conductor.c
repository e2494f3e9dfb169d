#include "ventilator/conductor.h"

#include <czmq.h>
#include <inttypes.h>

#include "proto/gate.h"
#include "proto/log.h"
#include "proto/socket.h"
#include "proto/ticket.h"
#include "proto/supervised.h"
#include "proto/monitor.h"
#include "ventilator/peers.h"
#include "ventilator/progress.h"
#include "ventilator/wanted.h"

enum {
    MESSAGES_A_WAKE = 512,
    ARTICLES_A_WAKE = 64,
    ANNOUNCES_A_WAKE = 2, /* then the sink and the workers are heard, so that nobody waits for what fills a window */
    SILENT_HEARTBEATS = 10,
    PROGRESS_MS = 500,
    BUSY_MS = 15000,
    GREET_MS = 200,
    MAX_WORKERS = 2048
};

struct qw_conductor_t {
    qw_conductor_options_t options;
    qw_scheduler_t *scheduler;
    qw_peers_t peers;
    qw_wire_t *wire;
    qw_out_t out;
    uint64_t life;

    zsock_t *tasks, *control;
    qw_monitor_t *watch;         /* tells when a connection of `tasks` breaks, or does not come about */
    qw_monitor_t *control_watch; /* of `control` */
    qw_gate_t *gate;           /* NULL: no keys */
    qw_wanted_t wanted;

    uint64_t session;
    char results[512]; /* the sink's endpoints for results; empty: no session yet */
    char sink_key[QW_KEY_TEXT];
    uint64_t secret[2], last_task; /* for the numbers of tasks; 0: the count is the number */
    uint64_t heartbeat_ms, last_beat, sink_heard, number, greeted, last_progress, unserved_said, tick, busy_since;
    uint64_t greet_at; /* when HELLO is to be sent; 0: it was */
    bool probe;        /* see who is still connected */
    qw_conductor_result_t result;
    qw_status_t fatal;
    qw_reason_t *reason;
};

/* ---- life ---------------------------------------------------------------------------------------------------------- */

qw_status_t qw_conductor_new (qw_conductor_t **self_p, const qw_conductor_options_t *options, qw_reason_t *reason)
{
    qw_conductor_t *self = zmalloc (sizeof *self);
    *self_p = NULL;
    self->options = *options;
    self->heartbeat_ms = options->heartbeat_ms;
    self->wire = qw_wire_new ();
    qw_out_init (&self->out);
    self->life = qw_new_life ();
    qw_status_t status = qw_wanted_read (&self->wanted, self->options.layers, reason);
    if (!status && options->keys && !(self->gate = qw_gate_new (options->keys, QW_ROLE_VENTILATOR, reason)))
        status = QW_INVALID;
    if (!status) {
        memcpy (self->options.scheduler.groups, self->wanted.groups, sizeof self->wanted.groups);
        self->options.scheduler.group_count = self->wanted.group_count;
        self->scheduler = qw_scheduler_new (&self->options.scheduler);
        self->tasks = qw_socket_new (&(qw_socket_options_t){ZMQ_ROUTER, 1 << 20, 0, options->heartbeat_ms, false});
        self->watch = qw_monitor_new (self->tasks, ZMQ_EVENT_DISCONNECTED | QW_MONITOR_HANDSHAKES);
        status = qw_gate_bind (self->gate, self->tasks, options->tasks, QW_DOOR_TASKS, options->insecure, reason);
    }
    if (status)
        qw_conductor_destroy (&self);
    *self_p = self;
    return status;
}

void qw_conductor_destroy (qw_conductor_t **self_p)
{
    qw_conductor_t *self = *self_p;
    if (!self)
        return;
    qw_monitor_destroy (&self->watch);
    qw_monitor_destroy (&self->control_watch);
    zsock_destroy (&self->tasks);
    zsock_destroy (&self->control);
    qw_gate_destroy (&self->gate);
    qw_scheduler_destroy (&self->scheduler, qw_article_free);
    qw_peers_free (&self->peers);
    qw_wire_destroy (&self->wire);
    qw_out_free (&self->out);
    free (self);
    *self_p = NULL;
}

/* ---- saying things ------------------------------------------------------------------------------------------------- */

static void tell_sink (qw_conductor_t *self, const qw_message_t *message)
{
    if (self->control)
        qw_socket_send (self->control, 0, message, &self->out);
}

static qw_status_t tell_worker (qw_conductor_t *self, qw_peer_t worker, const qw_message_t *message)
{
    return qw_socket_send (self->tasks, worker, message, &self->out);
}

/* The session is over, and its socket with it: nothing of it can come any more. HELLO goes out on a fresh one, at most every
 * 200 ms, so that a sink that refuses is not flooded. */
static void leave_sink (qw_conductor_t *self, uint64_t now)
{
    qw_monitor_destroy (&self->control_watch);
    zsock_destroy (&self->control);
    self->session = 0;
    self->number = 0;
    self->greet_at = self->greeted && now < self->greeted + GREET_MS ? self->greeted + GREET_MS : now;
}

static void greet_sink (qw_conductor_t *self, uint64_t now)
{
    self->greet_at = 0;
    self->greeted = self->sink_heard = now;
    size_t max_message = 16 << 20;
    self->control = qw_socket_new (&(qw_socket_options_t){ZMQ_DEALER, max_message, 0, self->options.heartbeat_ms, false});
    self->control_watch = qw_monitor_new (self->control, QW_MONITOR_HANDSHAKES);
    const qw_key_t *key = self->gate ? qw_gate_key (self->gate) : NULL;
    qw_reason_t reason;
    if (qw_socket_connect_as (self->control, self->options.control, key, key ? key->sink : NULL, &reason))
        qw_log (QW_LOG_ERROR, "%s", reason.text);
    char name[64] = "";
    gethostname (name, sizeof name - 1);
    qw_message_t hello = {.type = QW_HELLO,
                          .role = QW_ROLE_VENTILATOR,
                          .version_min = QW_WIRE_VERSION_MIN,
                          .version_max = QW_WIRE_VERSION_MAX,
                          .life = self->life,
                          .name = qw_bytes_of (name),
                          .software = QW_BYTES ("quotewire " QW_VERSION),
                          .process = (uint64_t) getpid (),
                          .layers = {self->wanted.layers, self->wanted.layer_count}};
    tell_sink (self, &hello);
}

static void welcome_worker (qw_conductor_t *self, qw_peer_item_t *peer)
{
    qw_message_t welcome = {.type = QW_WELCOME,
                            .version_max = QW_WIRE_VERSION_MAX,
                            .life = self->life,
                            .session = self->session,
                            .heartbeat_ms = self->options.heartbeat_ms,
                            .lease_ms = self->options.scheduler.lease_ms,
                            .software = QW_BYTES ("quotewire " QW_VERSION),
                            .endpoint = qw_peer_endpoint (peer, self->results),
                            .key = peer->by_tcp ? qw_bytes_of (self->sink_key) : (qw_bytes_t){NULL, 0},
                            .layers = {self->wanted.layers, self->wanted.layer_count}};
    if (tell_worker (self, peer->peer, &welcome))
        return;
    peer->waiting = false;
    qw_scheduler_worker_hello (self->scheduler, peer->peer, peer->layer_mask, peer->credit, qw_now_ms ());
    qw_log (QW_LOG_INFO, "worker '%s' joins", peer->name);
}

/* ---- doing what the scheduler says --------------------------------------------------------------------------------- */

static void lose_worker (qw_conductor_t *self, qw_peer_t peer, bool blame, const char *how)
{
    const qw_peer_item_t *item = qw_peers_find (&self->peers, peer);
    if (!item)
        return;
    qw_log (blame ? QW_LOG_WARNING : QW_LOG_INFO, "worker '%s' %s", item->name, how);
    qw_metrics_add (self->options.metrics, blame ? QW_VENTILATOR_WORKERS_LOST : QW_VENTILATOR_WORKERS_LEFT, 1);
    qw_scheduler_worker_lost (self->scheduler, peer, blame, qw_now_ms ());
    qw_peers_remove (&self->peers, peer);
}

static void do_announce (qw_conductor_t *self, const qw_action_t *action)
{
    qw_announced_t documents[QW_MAX_ANNOUNCED];
    for (size_t i = 0; i < action->payload_count; i++) {
        qw_article_t *article = action->payloads[i];
        article->announced.sequence = action->sequence + i;
        documents[i] = article->announced;
    }
    qw_message_t message = {.type = QW_ANNOUNCE,
                            .session = action->session,
                            .number = action->number,
                            .announced = {documents, action->payload_count}};
    self->number = action->number;
    tell_sink (self, &message);
}

static void do_give_up (qw_conductor_t *self, const qw_action_t *action)
{
    char text[120];
    snprintf (text, sizeof text, "%u workers in a row died or failed over it", action->strikes);
    qw_log (QW_LOG_WARNING, "document %" PRIu64 ", chunk %u, is given up: %s", action->sequence, action->chunk, text);
    qw_message_t message = {.type = QW_GIVE_UP,
                            .session = action->session,
                            .number = action->number,
                            .sequence = action->sequence,
                            .chunk = action->chunk,
                            .layer_mask = action->layer_mask,
                            .text = qw_bytes_of (text)};
    self->number = action->number;
    tell_sink (self, &message);
}

static uint64_t number_of_task (qw_conductor_t *self, const qw_action_t *action)
{
    self->last_task = action->task > self->last_task ? action->task : self->last_task;
    if (!self->secret[0])
        return action->task;
    qw_ticket_t ticket;
    qw_ticket_begin (&ticket, self->secret, action->session, action->task, action->layer_mask);
    for (size_t i = 0; i < action->piece_count; i++)
        qw_ticket_add (&ticket, action->pieces[i].sequence, action->pieces[i].chunk);
    return qw_ticket_number (&ticket);
}

static void do_task (qw_conductor_t *self, const qw_action_t *action)
{
    qw_task_chunk_t chunks[QW_MAX_TASK_PIECES];
    qw_bytes_t layers[QW_MAX_WANTED];
    size_t layer_count = 0;
    for (size_t i = 0; i < action->piece_count; i++) {
        const qw_article_t *article = action->pieces[i].payload;
        chunks[i] = qw_article_chunk (article, action->pieces[i].chunk);
        chunks[i].whole = article->chunk_count == 1 && !article->announced.layers.data
                          && action->layer_mask == (1u << self->wanted.layer_count) - 1;
    }
    for (size_t i = 0; i < self->wanted.layer_count; i++)
        if (action->layer_mask & 1u << i)
            layers[layer_count++] = self->wanted.layers[i];
    qw_message_t message = {.type = QW_TASK,
                            .task = number_of_task (self, action),
                            .session = action->session,
                            .layers = {layers, layer_count},
                            .tasks = {chunks, action->piece_count}};
    qw_status_t status = tell_worker (self, action->worker, &message);
    if (!status) {
        qw_metrics_add (self->options.metrics, QW_VENTILATOR_TASKS, 1);
        qw_metrics_add (self->options.metrics, QW_VENTILATOR_CHUNKS, action->piece_count);
        return;
    }
    qw_scheduler_task_unsent (self->scheduler, action->worker, action->task); /* a task that never arrived is not to blame */
    lose_worker (self, action->worker, status == QW_NOT_FOUND, "cannot be reached");
}

static void do_release (qw_conductor_t *self, const qw_action_t *action)
{
    qw_article_t *article = action->payloads[0];
    self->result.text_bytes += article->announced.text.size;
    if (action->outcome == QW_FAILED)
        qw_log (QW_LOG_WARNING, "document '%.*s' failed", (int) article->announced.id.size, article->announced.id.data);
    qw_article_free (article);
}

/* True when it stopped before all was done, to hear what has come in the meantime. */
static bool act (qw_conductor_t *self)
{
    qw_action_t action;
    int announced = 0;
    while (announced < ANNOUNCES_A_WAKE && qw_scheduler_next (self->scheduler, &action, qw_now_ms ()))
        switch (action.what) {
        case QW_DO_HELLO: leave_sink (self, qw_now_ms ()); break;
        case QW_DO_ANNOUNCE:
            do_announce (self, &action);
            announced++;
            break;
        case QW_DO_GIVE_UP: do_give_up (self, &action); break;
        case QW_DO_TASK: do_task (self, &action); break;
        case QW_DO_EXPEL:
            qw_socket_refuse (self->tasks, action.worker, QW_REFUSED_UNKNOWN, "silent for longer than the lease",
                              &self->out);
            lose_worker (self, action.worker, true, "was silent for longer than its lease");
            break;
        case QW_DO_RELEASE: do_release (self, &action); break;
        }
    return announced == ANNOUNCES_A_WAKE;
}

/* Asks the ROUTER for each worker whether its connection is still there: it knows at once when a process was killed. */
static void probe_workers (qw_conductor_t *self)
{
    qw_message_t heartbeat = {.type = QW_HEARTBEAT, .session = self->session};
    for (size_t i = self->peers.count; i-- > 0;) {
        const qw_peer_item_t *item = &self->peers.items[i];
        if (!qw_gate_knows (self->gate, item->key)) /* no chunk is to blame for that */
            lose_worker (self, item->peer, false, "has lost its key, and its tasks");
        else if (tell_worker (self, item->peer, &heartbeat) == QW_NOT_FOUND)
            lose_worker (self, item->peer, true, "is gone");
    }
}

/* ---- the sink ------------------------------------------------------------------------------------------------------ */

static void take_welcome (qw_conductor_t *self, const qw_message_t *welcome)
{
    if (welcome->endpoint.size == 0 || welcome->endpoint.size >= sizeof self->results) {
        qw_log (QW_LOG_ERROR, "the sink's WELCOME names no endpoint for results");
        return;
    }
    memcpy (self->results, welcome->endpoint.data, welcome->endpoint.size);
    self->results[welcome->endpoint.size] = 0;
    snprintf (self->sink_key, sizeof self->sink_key, "%.*s", (int) welcome->key.size, welcome->key.size ? welcome->key.data : "");
    for (size_t i = 0; i < 2; i++)
        self->secret[i] = welcome->secret.count == 2 ? welcome->secret.items[i] : 0;
    self->session = welcome->session;
    qw_scheduler_sink_welcome (self->scheduler, welcome->session, welcome->window_documents, welcome->window_bytes,
                               qw_now_ms ());
    qw_log (QW_LOG_INFO, "session with the sink begins; its corpus has %" PRIu64 " documents", welcome->documents);
    for (size_t i = self->peers.count; i-- > 0;)
        if (self->peers.items[i].waiting)
            welcome_worker (self, &self->peers.items[i]);
}

static void take_progress (qw_conductor_t *self, const qw_message_t *message)
{
    qw_sink_progress_t progress = {message->session,        message->number,         message->accepted.items,
                                   message->received.items, message->refused.items,  message->committed.items,
                                   message->accepted.count, message->received.count, message->refused.count,
                                   message->committed.count};
    if (message->session == self->session && message->counts.count >= 3) {
        self->result.tokens += message->counts.items[0];
        self->result.mentions += message->counts.items[1];
        self->result.quotes += message->counts.items[2];
    }
    for (size_t i = 0; i < message->struck.count && self->gate; i++) {
        char name[QW_KEY_NAME];
        snprintf (name, sizeof name, "%.*s", (int) message->struck.items[i].size, message->struck.items[i].data);
        qw_gate_strike (self->gate, name);
    }
    if (message->struck.count > 0) /* at once, so that what comes back does not go to whom the sink has struck off */
        probe_workers (self);
    qw_scheduler_progress (self->scheduler, &progress, qw_now_ms ());
}

static void take_sink_error (qw_conductor_t *self, const qw_message_t *error)
{
    uint64_t now = qw_now_ms ();
    bool busy = error->code == QW_REFUSED_BUSY; /* one that was just killed may seem to be there still */
    self->busy_since = busy ? self->busy_since ? self->busy_since : now : 0;
    bool final = (busy && now - self->busy_since > BUSY_MS) || error->code == QW_REFUSED_VERSION
                 || error->code == QW_REFUSED_LAYERS || error->code == QW_REFUSED_LIMIT || error->code == QW_REFUSED_MESSAGE;
    qw_log (QW_LOG_WARNING, "the sink refuses: %.*s", (int) error->text.size, error->text.data);
    if (final)
        self->fatal =
            qw_fail (QW_SYSTEM, self->reason, "the sink refuses this run: %.*s", (int) error->text.size, error->text.data);
    else
        qw_scheduler_sink_lost (self->scheduler, now);
}

static void handle_sink (qw_conductor_t *self, const qw_message_t *message)
{
    self->sink_heard = qw_now_ms ();
    switch (message->type) {
    case QW_WELCOME: take_welcome (self, message); break;
    case QW_PROGRESS: take_progress (self, message); break;
    case QW_HEARTBEAT: qw_scheduler_sink_heartbeat (self->scheduler, message->session, message->last, qw_now_ms ()); break;
    case QW_ERROR: take_sink_error (self, message); break;
    default: qw_log (QW_LOG_WARNING, "the sink sends %s, which is not for a ventilator", qw_message_name (message->type));
    }
}

/* ---- workers and admins -------------------------------------------------------------------------------------------- */

static void take_hello (qw_conductor_t *self, qw_peer_t peer, const qw_guest_t *guest, const qw_message_t *hello)
{
    if (!qw_guest_is (guest, QW_ROLE_WORKER)) {
        qw_gate_offend (self->gate, guest, QW_BAD_OFFENCE, "says HELLO as a worker, which its key is not");
        qw_socket_refuse (self->tasks, peer, QW_REFUSED_MESSAGE, "HELLO: this key is not a worker's", &self->out);
        return;
    }
    if (hello->version_min > QW_WIRE_VERSION_MAX || hello->version_max < QW_WIRE_VERSION_MIN) {
        qw_socket_refuse (self->tasks, peer, QW_REFUSED_VERSION, "this ventilator speaks version 1 only", &self->out);
        return;
    }
    if (hello->role != QW_ROLE_WORKER) {
        qw_socket_refuse (self->tasks, peer, QW_REFUSED_MESSAGE, "HELLO: only workers are welcome here", &self->out);
        return;
    }
    if (self->peers.count >= MAX_WORKERS) {
        qw_socket_refuse (self->tasks, peer, QW_REFUSED_LIMIT, "this ventilator has as many workers as it can hold",
                          &self->out);
        return;
    }
    uint32_t mask = 0;
    for (size_t i = 0; i < hello->layers.count; i++)
        for (size_t j = 0; j < self->wanted.layer_count; j++)
            mask |= qw_bytes_equal (hello->layers.items[i], self->wanted.layers[j]) ? 1u << j : 0;
    qw_peer_item_t *item = qw_peers_add (&self->peers, peer, hello->name);
    item->layer_mask = mask;
    item->credit = hello->credit > 0 ? hello->credit : 1;
    item->waiting = true;
    item->by_tcp = qw_guest_by_tcp (guest);
    memcpy (item->key, guest->public_key, sizeof item->key);
    if (self->results[0])
        welcome_worker (self, item);
}

static uint64_t count_of_task (const qw_conductor_t *self, uint64_t number)
{
    return self->secret[0] ? qw_ticket_count (number, self->last_task) : number;
}

static void report (qw_conductor_t *self, qw_peer_t peer)
{
    qw_worker_stats_t stats[256];
    qw_status_worker_t workers[256];
    qw_scheduler_stats_t all;
    uint64_t now = qw_now_ms ();
    size_t count = qw_scheduler_workers (self->scheduler, stats, 256, now), shown = 0;
    for (size_t i = 0; i < count && i < 256; i++) {
        const qw_peer_item_t *item = qw_peers_find (&self->peers, stats[i].worker);
        if (item)
            workers[shown++] = (qw_status_worker_t){qw_bytes_of (item->name), stats[i].tasks_out, stats[i].chunks,
                                                    stats[i].bytes,           item->rate,         stats[i].seen_ms,
                                                    stats[i].strikes};
    }
    qw_scheduler_stats (self->scheduler, &all);
    qw_message_t message = {.type = QW_STATUS_REPORT,
                            .role = QW_ROLE_VENTILATOR,
                            .documents = all.released,
                            .failures = all.failed + all.known_failed,
                            .duplicates = all.known + all.known_failed,
                            .bytes = self->result.text_bytes,
                            .open = all.open_documents,
                            .queued = all.queued_pieces,
                            .redeliveries = all.redelivered,
                            .counts = {(uint64_t[]){self->result.tokens, self->result.mentions, self->result.quotes}, 3},
                            .workers = {workers, shown}};
    qw_socket_send (self->tasks, peer, &message, &self->out);
}

static void handle_worker (qw_conductor_t *self, qw_peer_t peer, const qw_guest_t *guest, const qw_message_t *message)
{
    uint64_t now = qw_now_ms ();
    if (message->type == QW_HELLO) {
        take_hello (self, peer, guest, message);
        return;
    }
    if (message->type == QW_STATUS_REQUEST) {
        if (qw_guest_is (guest, QW_ROLE_ADMIN))
            report (self, peer);
        else
            qw_socket_refuse (self->tasks, peer, QW_REFUSED_MESSAGE, "STATUS_REQUEST: this key is not an admin's", &self->out);
        return;
    }
    if (!qw_scheduler_knows_worker (self->scheduler, peer)) {
        if (message->type != QW_BYE && message->type != QW_ERROR)
            qw_socket_refuse (self->tasks, peer, QW_REFUSED_UNKNOWN, "say HELLO first", &self->out);
        return;
    }
    switch (message->type) {
    case QW_DONE:
        if (qw_scheduler_worker_done (self->scheduler, peer, count_of_task (self, message->task), now))
            qw_gate_useful (self->gate, guest);
        else
            qw_gate_useless (self->gate, guest);
        break;
    case QW_HEARTBEAT:
        if (qw_peers_beat (&self->peers, peer, now) < self->options.heartbeat_ms / 4)
            qw_gate_useless (self->gate, guest);
        for (size_t i = 0; i < message->held.count; i++)
            message->held.items[i] = count_of_task (self, message->held.items[i]);
        qw_scheduler_worker_heartbeat (self->scheduler, peer, message->held.items, message->held.count, message->credit,
                                       now);
        break;
    case QW_BYE: lose_worker (self, peer, false, "leaves"); break;
    case QW_ERROR: lose_worker (self, peer, false, "reports an error and is let go"); break;
    default:
        qw_socket_refuse (self->tasks, peer, QW_REFUSED_MESSAGE, "a ventilator takes no such message from a worker",
                          &self->out);
    }
}

/* ---- time ---------------------------------------------------------------------------------------------------------- */

static qw_progress_t state_of (qw_conductor_t *self, qw_feed_t *feed)
{
    qw_progress_t state = {.result = &self->result, .workers = self->peers.count, .sink = self->session != 0};
    qw_scheduler_stats (self->scheduler, &state.all);
    qw_feed_progress (feed, &state.source);
    return state;
}

static void measure_rates (qw_conductor_t *self, uint64_t now)
{
    qw_worker_stats_t stats[256];
    size_t count = qw_scheduler_workers (self->scheduler, stats, 256, now);
    for (size_t i = 0; i < count && i < 256; i++)
        qw_peers_measure (&self->peers, stats[i].worker, stats[i].bytes, now);
}

static void keep_time (qw_conductor_t *self, qw_feed_t *feed)
{
    uint64_t now = qw_now_ms ();
    if (now - self->tick < 50)
        return;
    self->tick = now;
    qw_scheduler_tick (self->scheduler, now);
    qw_progress_t state = state_of (self, feed);
    if (self->options.metrics)
        qw_progress_show (&state, self->options.metrics);
    if (self->session && now - self->sink_heard >= SILENT_HEARTBEATS * self->heartbeat_ms) {
        qw_log (QW_LOG_WARNING, "the sink is silent: beginning a new session");
        qw_scheduler_sink_lost (self->scheduler, now);
    }
    if (now - self->last_beat >= self->options.heartbeat_ms) {
        self->last_beat = now;
        if (self->session)
            tell_sink (self, &(qw_message_t){.type = QW_HEARTBEAT, .session = self->session, .last = self->number});
        self->probe = true;
        measure_rates (self, now);
    }
    if (qw_scheduler_unserved (self->scheduler) && now - self->unserved_said >= 10000) {
        if (self->unserved_said)
            qw_log (QW_LOG_WARNING, "chunks wait, but no worker makes the layers that they need");
        self->unserved_said = now;
    }
    if (self->options.progress_fd >= 0 && now - self->last_progress >= PROGRESS_MS) {
        self->last_progress = now;
        qw_progress_write (&state, self->options.progress_fd, false);
    }
}

/* ---- the loop ------------------------------------------------------------------------------------------------------ */

/* True when nothing is left to read. */
static bool drain (qw_conductor_t *self, bool from_sink)
{
    bool empty = false;
    zmq_msg_t frame;
    zmq_msg_init (&frame);
    qw_peer_t peer = 0;
    qw_guest_t guest = {0};
    uint64_t session = self->session;
    for (int i = 0; i < MESSAGES_A_WAKE && session == self->session; i++) {
        if (qw_socket_receive (from_sink ? self->control : self->tasks, &peer, &frame)) {
            empty = true;
            break;
        }
        if (!from_sink && !qw_gate_admit (self->gate, &frame, &guest))
            continue;
        qw_message_t *message;
        qw_reason_t why;
        qw_status_t status = qw_wire_decode (self->wire, zmq_msg_data (&frame), zmq_msg_size (&frame), &message, &why);
        if (!status && from_sink)
            handle_sink (self, message);
        else if (!status)
            handle_worker (self, peer, &guest, message);
        else {
            if (from_sink || !guest.known)
                qw_log (QW_LOG_WARNING, "a message of %s is refused: %s", from_sink ? "the sink" : "a worker", why.text);
            else
                qw_gate_offend (self->gate, &guest, QW_BAD_OFFENCE, "sends what cannot be read");
            qw_refusal_t code = status == QW_UNSUPPORTED ? QW_REFUSED_VERSION : QW_REFUSED_MESSAGE;
            if (from_sink)
                qw_scheduler_sink_lost (self->scheduler, qw_now_ms ());
            else
                qw_socket_refuse (self->tasks, peer, code, why.text, &self->out);
        }
    }
    zmq_msg_close (&frame);
    return empty;
}

static void watch_workers (qw_conductor_t *self)
{
    int event, value;
    while (qw_monitor_next (self->watch, &event, &value))
        if (event == ZMQ_EVENT_DISCONNECTED)
            self->probe = true;
        else
            qw_monitor_tell (self->watch, "tasks", event, value);
}

static void watch_sink (qw_conductor_t *self)
{
    int event, value;
    while (qw_monitor_next (self->control_watch, &event, &value)) {
        qw_monitor_tell (self->control_watch, self->options.control, event, value);
        if (event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH)
            self->fatal = qw_fail (QW_SYSTEM, self->reason, "the sink refuses this ventilator's key");
    }
}

/* Takes articles while the window has room; false: there are no more. */
static bool take_articles (qw_conductor_t *self, qw_feed_t *feed)
{
    for (int i = 0; i < ARTICLES_A_WAKE && qw_scheduler_has_room (self->scheduler); i++) {
        qw_article_t *article;
        qw_status_t status = qw_feed_take (feed, &article);
        if (status == QW_AGAIN)
            return true;
        if (status == QW_END) {
            qw_scheduler_source_ended (self->scheduler);
            return false;
        }
        qw_scheduler_offer (self->scheduler, article->chunk_sizes, article->chunk_count, article, qw_now_ms ());
    }
    return true;
}

static void dismiss (qw_conductor_t *self, bool complete)
{
    qw_message_t bye = {.type = QW_BYE, .drain = complete, .text = QW_BYTES ("the run is over")};
    for (size_t i = 0; i < self->peers.count; i++)
        tell_worker (self, self->peers.items[i].peer, &bye);
    if (self->session)
        tell_sink (self, &bye);
    /* a courtesy: who misses it learns the same from the broken connection */
    zsock_set_linger (self->tasks, 300);
    if (self->control)
        zsock_set_linger (self->control, 300);
}

qw_status_t qw_conductor_run (qw_conductor_t *self, qw_feed_t *feed, int signal_fd, qw_conductor_result_t *result,
                              qw_reason_t *reason)
{
    bool more = true, stopped = false;
    self->reason = reason;
    qw_supervised_ready ("handing out articles");
    while (!stopped && !self->fatal) {
        qw_supervised_alive ();
        bool busy = act (self);
        if (qw_scheduler_finished (self->scheduler))
            break;
        if (self->greet_at && qw_now_ms () >= self->greet_at)
            greet_sink (self, qw_now_ms ());
        bool room = more && qw_scheduler_has_room (self->scheduler);
        zmq_pollitem_t items[] = {{zsock_resolve (self->tasks), 0, ZMQ_POLLIN, 0},
                                  {qw_monitor_handle (self->watch), 0, ZMQ_POLLIN, 0},
                                  {NULL, signal_fd, ZMQ_POLLIN, 0},
                                  {NULL, room ? qw_feed_fd (feed) : -1, ZMQ_POLLIN, 0},
                                  {self->control ? zsock_resolve (self->control) : NULL, -1, ZMQ_POLLIN, 0},
                                  {self->control ? qw_monitor_handle (self->control_watch) : NULL, -1, ZMQ_POLLIN, 0}};
        zmq_poll (items, self->control ? 6 : 4, busy ? 0 : self->greet_at ? 10 : 50);
        stopped = items[2].revents != 0;
        if (self->control && items[5].revents)
            watch_sink (self);
        if (self->control && items[4].revents)
            drain (self, true);
        bool heard_all = !items[0].revents || drain (self, false);
        if (items[1].revents)
            watch_workers (self);
        if (self->probe && heard_all) { /* what a worker said before it went counts: DONE, BYE */
            self->probe = false;
            probe_workers (self);
        }
        if (room && items[3].revents)
            more = take_articles (self, feed);
        keep_time (self, feed);
    }
    qw_supervised_stopping ();
    bool complete = qw_scheduler_finished (self->scheduler);
    dismiss (self, complete);
    qw_progress_t state = state_of (self, feed);
    if (self->options.progress_fd >= 0)
        qw_progress_write (&state, self->options.progress_fd, complete);
    *result = self->result;
    result->documents = state.all.released;
    result->annotated = state.all.annotated;
    result->failed = state.all.failed;
    result->known = state.all.known;
    result->known_failed = state.all.known_failed;
    result->complete = complete;
    return self->fatal;
}
