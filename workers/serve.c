#include "workers/serve.h"

#include <czmq.h>
#include <signal.h>
#include <sys/time.h>

#include "proto/layer_codec.h"
#include "proto/log.h"
#include "proto/memory.h"
#include "proto/socket.h"
#include "proto/monitor.h"
#include "proto/supervised.h"
#include "workers/batch.h"

enum {
    MAX_CREDIT = 64,
    HELLO_MS = 2000,
    SILENT_HEARTBEATS = 10,
    RESULTS_HIGH_WATER = 16,
    EXIT_HUNG = 75,
    WAIT_SAID_MS = 10000
};

typedef enum { GREETING, WORKING } state_t;

typedef struct {
    qw_serve_options_t options;
    state_t state;
    uint64_t life, session, since; /* since: HELLO was sent */
    unsigned greetings;            /* how often: a fresh socket each time */
    uint64_t heartbeat_ms, last_beat, last_heard;

    zsock_t *tasks, *results;
    qw_monitor_t *tasks_watch, *results_watch;
    char endpoint[512];          /* of the sink's results */
    char sink_key[QW_KEY_TEXT];  /* public */
    zmq_msg_t queue[MAX_CREDIT]; /* TASK frames: [0] is the one at hand */
    uint64_t task_ids[MAX_CREDIT];
    size_t queued;
    bool result_waits; /* `result` is encoded and not sent yet: no room, or no sink */
    uint64_t result_began;

    qw_fused_t *fused;
    char by[QW_FUSED_LAYERS][32]; /* the layers' producers */
    qw_batch_t *batch;
    qw_token_column_t column;
    qw_wire_t *wire;
    qw_out_t out, layer_bytes, result;
    uint64_t waits_since, waits_said; /* for WELCOME; 0: it has come */
    int signal_fd;
    uint64_t leave_at; /* asked to stop: not at work for longer than this; 0: was not asked */
    uint64_t asked_at; /* whether to stop, last */
    bool stop, over, no_common_version, key_refused;
} serve_t;

/* ---- a chunk that never ends --------------------------------------------------------------------------------------- */

/* An annotator that hangs would hold its lease with heartbeats from between chunks no longer, but hold a core forever: the
 * process ends, and its supervisor starts a new one; the ventilator sees a death and blames the chunk. */
static void on_alarm (int signal_number)
{
    (void) signal_number;
    static const char text[] = "quotewire-worker: a chunk took longer than --chunk-seconds; giving up this process\n";
    ssize_t ignored = write (STDERR_FILENO, text, sizeof text - 1);
    (void) ignored;
    _exit (EXIT_HUNG);
}

static void set_alarm (unsigned seconds)
{
    struct itimerval timer = {.it_value.tv_sec = seconds};
    setitimer (ITIMER_REAL, &timer, NULL);
}

/* ---- talking to the ventilator ------------------------------------------------------------------------------------- */

static qw_status_t say (serve_t *self, const qw_message_t *message)
{
    return qw_socket_send (self->tasks, 0, message, &self->out);
}

/* Says BYE, and gives it a moment to go out; without it the leases are given back when the connection breaks. */
static void leave (serve_t *self, const char *why)
{
    qw_message_t bye = {.type = QW_BYE, .text = qw_bytes_of (why)};
    say (self, &bye);
    zsock_set_linger (self->tasks, 500);
    if (self->results)
        zsock_set_linger (self->results, 500); /* of what it said was done */
}

/* Forgets every task and begins again on a fresh socket, on which nothing stale can arrive. */
static void greet (serve_t *self)
{
    for (size_t i = 0; i < self->queued; i++)
        zmq_msg_close (&self->queue[i]);
    self->queued = 0;
    self->result_waits = false;
    if (self->state
        == WORKING) /* it may be there and only have been slow: a worker that leaves in order is not blamed for its tasks */
        leave (self, "greeting again");
    qw_monitor_destroy (&self->tasks_watch);
    zsock_destroy (&self->tasks);
    qw_reason_t reason;
    self->tasks = qw_must (qw_socket_new (&(qw_socket_options_t){ZMQ_DEALER, self->options.max_message, 0, 1000, false}));
    const qw_key_t *key = self->options.key;
    self->tasks_watch = qw_monitor_new (self->tasks, QW_MONITOR_HANDSHAKES);
    if (qw_socket_connect_as (self->tasks, self->options.ventilator, key, key ? key->ventilator : NULL, &reason))
        qw_log (QW_LOG_ERROR, "%s", reason.text);
    qw_bytes_t offered[QW_FUSED_LAYERS];
    size_t count = 0;
    for (unsigned i = 0; i < QW_FUSED_LAYERS; i++)
        if (self->options.layers & 1u << i)
            offered[count++] = qw_bytes_of (qw_fused_layers[i]);
    self->life = qw_new_life ();
    qw_message_t hello = {.type = QW_HELLO,
                          .role = QW_ROLE_WORKER,
                          .version_min = QW_WIRE_VERSION_MIN,
                          .version_max = QW_WIRE_VERSION_MAX,
                          .life = self->life,
                          .name = qw_bytes_of (self->options.name),
                          .software = QW_BYTES ("quotewire " QW_VERSION),
                          .process = (uint64_t) getpid (),
                          .layers = {offered, count},
                          .credit = self->options.credit};
    say (self, &hello);
    self->state = GREETING;
    self->greetings++;
    qw_metrics_add (self->options.metrics, QW_WORKER_GREETINGS, 1);
    self->since = self->last_heard = qw_now_ms ();
    if (!self->waits_since)
        self->waits_since = self->waits_said = self->since;
}

static void beat (serve_t *self)
{
    qw_supervised_alive ();
    uint64_t now = qw_now_ms ();
    if (self->state != WORKING || now - self->last_beat < self->heartbeat_ms)
        return;
    self->last_beat = now;
    qw_message_t heartbeat = {.type = QW_HEARTBEAT,
                              .session = self->session,
                              .credit = self->options.credit,
                              .held = {self->task_ids, self->queued}};
    say (self, &heartbeat);
}

/* Where the results go. Of an endpoint whose host is an asterisk, the host is that at which the ventilator was found. False: it
 * is too long. */
static bool copy_endpoint (const serve_t *self, qw_bytes_t endpoint, char *to, size_t room)
{
    static const char *const any[] = {"tcp://*:", "tcp://0.0.0.0:"};
    const char *own = self->options.ventilator, *port = strrchr (own, ':');
    size_t skip = 0;
    for (size_t i = 0; i < 2; i++)
        if (endpoint.size > strlen (any[i]) && memcmp (endpoint.data, any[i], strlen (any[i])) == 0)
            skip = strlen (any[i]);
    if (!skip || strncmp (own, "tcp://", 6) != 0)
        return snprintf (to, room, "%.*s", (int) endpoint.size, endpoint.data) < (int) room;
    return snprintf (to, room, "%.*s:%.*s", (int) (port - own), own, (int) (endpoint.size - skip), endpoint.data + skip) < (int) room;
}

static void take_welcome (serve_t *self, const qw_message_t *welcome)
{
    if (self->state != GREETING)
        return;
    char endpoint[sizeof self->endpoint], server[QW_KEY_TEXT];
    if (welcome->endpoint.size == 0 || !copy_endpoint (self, welcome->endpoint, endpoint, sizeof endpoint)) {
        qw_log (QW_LOG_ERROR, "the ventilator's WELCOME names no endpoint for results");
        return;
    }
    self->state = WORKING;
    self->session = welcome->session;
    self->heartbeat_ms = welcome->heartbeat_ms > 0 ? welcome->heartbeat_ms : 1000;
    self->waits_since = 0;
    snprintf (server, sizeof server, "%.*s", (int) welcome->key.size, welcome->key.size ? welcome->key.data : "");
    if (!server[0] && self->options.key)
        memcpy (server, self->options.key->sink, sizeof server);
    qw_reason_t reason;
    if (self->results && strcmp (endpoint, self->endpoint) == 0 && strcmp (server, self->sink_key) == 0)
        return;
    memcpy (self->endpoint, endpoint, sizeof endpoint);
    memcpy (self->sink_key, server, sizeof server);
    qw_monitor_destroy (&self->results_watch);
    zsock_destroy (&self->results);
    self->results = qw_must (qw_socket_new (&(qw_socket_options_t){ZMQ_DEALER, 1 << 16, RESULTS_HIGH_WATER, 1000, true}));
    self->results_watch = qw_monitor_new (self->results, QW_MONITOR_HANDSHAKES);
    if (qw_socket_connect_as (self->results, self->endpoint, self->options.key, self->sink_key, &reason))
        qw_log (QW_LOG_ERROR, "%s", reason.text);
}

static void take_error (serve_t *self, const qw_message_t *error)
{
    if (error->code == QW_REFUSED_UNKNOWN || error->code == QW_REFUSED_SESSION) {
        qw_log (QW_LOG_INFO, "the ventilator does not know this worker (any more): greeting it again");
        greet (self);
        return;
    }
    qw_log (QW_LOG_ERROR, "refused: %.*s", (int) error->text.size, error->text.data);
    if (error->code == QW_REFUSED_VERSION)
        self->stop = self->no_common_version = true;
}

static void take_frame (serve_t *self, zmq_msg_t *frame)
{
    qw_message_t *message;
    qw_reason_t reason;
    self->last_heard = qw_now_ms ();
    if (qw_wire_decode (self->wire, zmq_msg_data (frame), zmq_msg_size (frame), &message, &reason)) {
        qw_log (QW_LOG_WARNING, "a message of the ventilator is refused: %s", reason.text);
        return;
    }
    switch (message->type) {
    case QW_WELCOME: take_welcome (self, message); break;
    case QW_TASK:
        if (self->state == WORKING && self->queued < MAX_CREDIT) {
            self->task_ids[self->queued] = message->task;
            zmq_msg_init (&self->queue[self->queued]);
            zmq_msg_move (&self->queue[self->queued++], frame);
        }
        break;
    case QW_ERROR: take_error (self, message); break;
    case QW_BYE:
        if (self->options.once)
            self->over = true;
        else
            greet (self); /* and wait for the next run at the same place */
        break;
    default: break;
    }
}

static void drain (serve_t *self, zsock_t *socket, bool tasks)
{
    zmq_msg_t frame;
    zmq_msg_init (&frame);
    unsigned greetings = self->greetings;
    while (qw_socket_receive (socket, NULL, &frame) == QW_OK) {
        qw_message_t *message;
        qw_reason_t reason;
        if (tasks)
            take_frame (self, &frame);
        else if (!qw_wire_decode (self->wire, zmq_msg_data (&frame), zmq_msg_size (&frame), &message, &reason)
                 && message->type == QW_ERROR)
            qw_log (QW_LOG_WARNING, "the sink refuses a result: %.*s", (int) message->text.size, message->text.data);
        if (self->greetings != greetings)
            break; /* the socket is gone */
    }
    zmq_msg_close (&frame);
}

/* ---- the work ------------------------------------------------------------------------------------------------------ */

static unsigned mask_of (qw_texts_t layers)
{
    unsigned mask = 0;
    for (size_t i = 0; i < layers.count; i++)
        for (unsigned j = 0; j < QW_FUSED_LAYERS; j++)
            mask |= qw_bytes_are (layers.items[i], qw_fused_layers[j]) ? 1u << j : 0;
    return mask;
}

/* Encodes the layers in `mask`, as a map, at the end of layer_bytes. */
static void put_layers (serve_t *self, const qw_batched_t *chunk, unsigned mask)
{
    qw_put_map (&self->layer_bytes, (size_t) __builtin_popcount (mask));
    for (unsigned i = 0; i < QW_FUSED_LAYERS; i++) {
        if (!(mask & 1u << i))
            continue;
        qw_bytes_t by = qw_bytes_of (self->by[i]);
        qw_put_key (&self->layer_bytes, qw_fused_layers[i]);
        if (i == 0)
            qw_put_tokens (chunk->layers, chunk->index, by, &self->column, &self->layer_bytes);
        else if (i == 1)
            qw_put_entities (chunk->layers, chunk->index, by, &self->layer_bytes);
        else
            qw_put_quotes (chunk->layers, chunk->index, by, &self->layer_bytes);
    }
}

/* Somebody has asked it to stop, and a task takes longer than the time that it was given. */
static bool must_leave (serve_t *self)
{
    uint64_t now = qw_now_ms ();
    if (now == self->asked_at)
        return false;
    self->asked_at = now;
    zmq_pollitem_t item = {NULL, self->signal_fd, ZMQ_POLLIN, 0};
    if (!self->leave_at && zmq_poll (&item, 1, 0) > 0)
        self->leave_at = now + 1000 * (uint64_t) self->options.grace_seconds;
    return self->leave_at && now >= self->leave_at;
}

static bool before_step (void *context)
{
    serve_t *self = context;
    beat (self);
    set_alarm (self->options.chunk_seconds);
    return !must_leave (self);
}

/* Annotates some chunks of a task, and encodes their layers at the end of layer_bytes. False: it must leave. */
static bool annotate (serve_t *self, const qw_task_chunk_t *tasks, size_t count, unsigned mask, qw_result_chunk_t *chunks,
                      size_t *ends)
{
    bool done = qw_batch_annotate (self->batch, tasks, count, before_step, self);
    set_alarm (0);
    for (size_t i = 0; done && i < count; i++) {
        const qw_batched_t *chunk = qw_batch_at (self->batch, i);
        qw_metrics_add (self->options.metrics, chunk->status ? QW_WORKER_CHUNKS_FAILED : QW_WORKER_CHUNKS_ANNOTATED, 1);
        qw_metrics_add (self->options.metrics, QW_WORKER_TEXT_BYTES, tasks[i].text.size);
        chunks[i] = (qw_result_chunk_t){.sequence = tasks[i].sequence,
                                        .chunk = tasks[i].chunk,
                                        .settled = !chunk->status && tasks[i].whole};
        if (chunk->status)
            chunks[i].failed = qw_bytes_of (strdup (chunk->reason.text));
        put_layers (self, chunk, chunk->status ? 0 : mask);
        ends[i] = self->layer_bytes.buffer.size;
    }
    return done;
}

static void free_results (qw_result_chunk_t *chunks, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free ((char *) chunks[i].failed.data);
    free (chunks);
}

/* Annotates the task at the head of the queue into `result`. */
static void work (serve_t *self)
{
    qw_message_t *task;
    if (qw_wire_decode_again (self->wire, zmq_msg_data (&self->queue[0]), zmq_msg_size (&self->queue[0]), &task))
        return;
    size_t count = task->tasks.count;
    qw_result_chunk_t *chunks = qw_must (calloc (count + 1, sizeof *chunks));
    size_t *ends = qw_must (calloc (count + 1, sizeof *ends));
    unsigned mask = mask_of (task->layers);
    int64_t began = zclock_usecs ();
    self->result_began = qw_now_ms ();
    qw_out_reset (&self->layer_bytes);
    for (size_t i = 0; i < count && !self->stop; i += QW_BATCH_MOST) {
        size_t some = count - i < QW_BATCH_MOST ? count - i : QW_BATCH_MOST;
        self->stop = !annotate (self, &task->tasks.items[i], some, mask, &chunks[i], &ends[i]); /* BYE gives the task back */
    }
    for (size_t i = 0; i < count; i++) {
        size_t begin = i > 0 ? ends[i - 1] : 0;
        chunks[i].layers = (qw_bytes_t){self->layer_bytes.buffer.data + begin, ends[i] - begin};
    }
    qw_message_t message = {.type = QW_RESULT,
                            .session = task->session,
                            .task = task->task,
                            .name = qw_bytes_of (self->options.name),
                            .layers = task->layers,
                            .results = {chunks, count}};
    if (!self->stop) {
        qw_wire_encode (&message, &self->result);
        self->result_waits = true;
        qw_metrics_observe (self->options.metrics, QW_WORKER_TASK_SECONDS, (uint64_t) (zclock_usecs () - began));
    }
    free_results (chunks, count);
    free (ends);
}

/* Sends the result at hand; only then is the task done. */
static void deliver (serve_t *self)
{
    if (!self->results || qw_socket_send_frame (self->results, 0, qw_out_bytes (&self->result), (qw_bytes_t){NULL, 0}))
        return;
    self->result_waits = false;
    qw_message_t done = {.type = QW_DONE,
                         .task = self->task_ids[0],
                         .microseconds = 1000 * (qw_now_ms () - self->result_began),
                         .credit = self->options.credit};
    say (self, &done);
    zmq_msg_close (&self->queue[0]);
    self->queued--;
    for (size_t i = 0; i < self->queued; i++) {
        zmq_msg_init (&self->queue[i]);
        zmq_msg_move (&self->queue[i], &self->queue[i + 1]);
        self->task_ids[i] = self->task_ids[i + 1];
    }
}

/* ---- the loop ------------------------------------------------------------------------------------------------------ */

static void keep_time (serve_t *self)
{
    uint64_t now = qw_now_ms ();
    bool unanswered = self->state == GREETING && now - self->since >= HELLO_MS;
    bool silent = self->state == WORKING && now - self->last_heard >= SILENT_HEARTBEATS * self->heartbeat_ms;
    if (silent)
        qw_log (QW_LOG_WARNING, "the ventilator is silent: greeting it again");
    if (unanswered || silent)
        greet (self);
    if (self->waits_since && now - self->waits_said >= WAIT_SAID_MS) {
        self->waits_said = now;
        qw_log (QW_LOG_WARNING, "no answer from '%s' for %llu s: a ventilator answers once it has found its sink",
                self->options.ventilator, (unsigned long long) (now - self->waits_since) / 1000);
    }
    beat (self);
}

/* A key that is refused stays so; with other trouble in a handshake it goes on trying. */
static void watch (serve_t *self, qw_monitor_t *watch, const char *endpoint)
{
    int event, value;
    while (watch && qw_monitor_next (watch, &event, &value)) {
        qw_monitor_tell (watch, endpoint, event, value);
        if (event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH)
            self->stop = self->key_refused = true;
    }
}

static void turn (serve_t *self, int signal_fd)
{
    bool busy = self->queued > 0 && !self->result_waits;
    zmq_pollitem_t items[] = {{zsock_resolve (self->tasks), 0, ZMQ_POLLIN, 0},
                              {NULL, signal_fd, ZMQ_POLLIN, 0},
                              {self->results ? zsock_resolve (self->results) : NULL, self->results ? 0 : -1, 0, 0}};
    watch (self, self->tasks_watch, self->options.ventilator);
    watch (self, self->results_watch, self->endpoint);
    items[2].events = (short) (ZMQ_POLLIN | (self->result_waits ? ZMQ_POLLOUT : 0));
    zmq_poll (items, self->results ? 3 : 2, busy ? 0 : 100);
    self->stop |= items[1].revents != 0;
    if (items[0].revents)
        drain (self, self->tasks, true);
    if (self->results && items[2].revents & ZMQ_POLLIN)
        drain (self, self->results, false);
    if (self->queued > 0 && !self->result_waits && !self->stop)
        work (self);
    if (self->result_waits)
        deliver (self);
    keep_time (self);
    qw_metrics_set (self->options.metrics, QW_WORKER_TASKS_HELD, self->queued);
}

static void close_all (serve_t *self)
{
    for (size_t i = 0; i < self->queued; i++)
        zmq_msg_close (&self->queue[i]);
    qw_monitor_destroy (&self->tasks_watch);
    qw_monitor_destroy (&self->results_watch);
    zsock_destroy (&self->tasks);
    zsock_destroy (&self->results);
    qw_fused_destroy (&self->fused);
    qw_batch_destroy (&self->batch);
    qw_token_column_free (&self->column);
    qw_wire_destroy (&self->wire);
    qw_out_free (&self->out);
    qw_out_free (&self->layer_bytes);
    qw_out_free (&self->result);
}

qw_status_t qw_serve (const qw_serve_options_t *options, int signal_fd, qw_reason_t *reason)
{
    serve_t self = {.options = *options, .signal_fd = signal_fd};
    if (!options->echo) {
        self.fused = qw_fused_new (options->layers, options->models, reason);
        if (!self.fused)
            return QW_INVALID;
    }
    for (unsigned i = 0; i < QW_FUSED_LAYERS; i++)
        snprintf (self.by[i], sizeof self.by[i], "quotewire/%u", qw_fused_annotator (i)->version);
    self.batch = qw_batch_new (self.fused);
    self.wire = qw_wire_new ();
    qw_token_column_init (&self.column);
    qw_out_init (&self.out);
    qw_out_init (&self.layer_bytes);
    qw_out_init (&self.result);
    struct sigaction action = {.sa_handler = on_alarm};
    sigaction (SIGALRM, &action, NULL);
    greet (&self);
    qw_supervised_ready ("annotating");
    while (!self.stop && !(self.over && self.queued == 0))
        turn (&self, signal_fd);
    qw_supervised_stopping ();
    if (!self.over)
        leave (&self, "stopped");
    close_all (&self);
    if (self.key_refused)
        return qw_fail (QW_NOT_FOUND, reason, "this worker's key '%s' is refused", options->key->name);
    return self.no_common_version ? qw_fail (QW_UNSUPPORTED, reason, "there is no common protocol version") : QW_OK;
}
