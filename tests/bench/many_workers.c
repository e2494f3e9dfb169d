/*  many_workers - so many workers in one process, for measuring the others: each has its own sockets, credit and heartbeats, but
    sleeps instead of annotating, and then sends what a corpus of the same source has of the document. Documents must have one
    chunk each. Ends when the ventilator says that the run is over, and prints "CHUNKS RATE": the rate, chunks a second, is that of
    the middle half of --documents, when all have joined and none is idle yet. */
#include <czmq.h>
#include <inttypes.h>
#include <signal.h>

#include "proto/document.h"
#include "proto/log.h"
#include "proto/memory.h"
#include "proto/options.h"
#include "proto/socket.h"
#include "sink/corpus.h"

enum { MAX_WORKERS = 1024, MAX_CREDIT = 64, BATCH = 1 << 20 };

typedef struct {
    uint64_t number, session, ready_us; /* ready_us: when it came */
    size_t count;
    struct {
        uint64_t sequence, chunk;
        qw_bytes_t layers;
    } chunks[64];
    char layer_names[256]; /* all of them, as the TASK has them */
    qw_bytes_t layers[16];
    size_t layer_count;
} task_t;

typedef struct {
    zsock_t *tasks, *results;
    char name[32];
    bool welcome, over;
    uint64_t heartbeat_ms, last_beat, due_us; /* due_us: when the task at hand is done; 0: none is */
    task_t queue[MAX_CREDIT];
    size_t queued;
} worker_t;

typedef struct {
    uint64_t cost_us, credit, chunks, documents;
    uint64_t from, from_us, to, to_us; /* chunks done, and when, at the quarters */
    zhashx_t *layers; /* id of a document -> its layers, as bytes */
    const qw_key_t *key;
    const char *endpoint;
    qw_wire_t *wire;
    qw_out_t out;
} all_t;

static uint64_t now_us (void) { return (uint64_t) zclock_usecs (); }

/* ---- what a document's layers are ---------------------------------------------------------------------------------- */

static zhashx_t *read_corpus (const char *directory)
{
    qw_reason_t reason;
    qw_corpus_reader_t *reader = qw_corpus_reader_open (directory, &reason);
    if (!reader) {
        fprintf (stderr, "many_workers: %s\n", reason.text);
        exit (2);
    }
    zhashx_t *layers = zhashx_new ();
    qw_out_t out;
    qw_out_init (&out);
    for (uint64_t position = 0, count = qw_corpus_reader_count (reader); position < count;) {
        size_t got;
        qw_out_reset (&out);
        if (qw_corpus_reader_read (reader, position, BATCH, &out, &got, &reason) || got == 0)
            exit (2);
        const char *at = out.buffer.data, *end = at + out.buffer.size;
        for (; at < end; position++) {
            qw_document_t document;
            size_t size = qw_document_size (at, (size_t) (end - at));
            if (size == 0 || qw_document_read (&document, at, size, &reason))
                exit (2);
            char *id = qw_must (strndup (document.id.data, document.id.size));
            qw_bytes_t *kept = qw_must (malloc (sizeof *kept + document.layers.size));
            *kept = (qw_bytes_t){(char *) (kept + 1), document.layers.size};
            memcpy (kept + 1, document.layers.data, document.layers.size);
            zhashx_insert (layers, id, kept);
            free (id);
            at += size;
        }
    }
    qw_out_free (&out);
    qw_corpus_reader_close (&reader);
    return layers;
}

/* ---- one worker ---------------------------------------------------------------------------------------------------- */

static void say (all_t *all, worker_t *self, const qw_message_t *message) { qw_socket_send (self->tasks, 0, message, &all->out); }

static void join (all_t *all, worker_t *self, size_t number)
{
    qw_reason_t reason;
    qw_bytes_t layers[] = {QW_BYTES ("tokens"), QW_BYTES ("entities"), QW_BYTES ("quotes")};
    snprintf (self->name, sizeof self->name, "sleeper-%zu", number);
    self->tasks = qw_must (qw_socket_new (&(qw_socket_options_t){ZMQ_DEALER, 64 << 20, 0, 1000, false}));
    if (qw_socket_connect_as (self->tasks, all->endpoint, all->key, all->key ? all->key->ventilator : NULL, &reason)) {
        fprintf (stderr, "many_workers: %s\n", reason.text);
        exit (2);
    }
    say (all, self, &(qw_message_t){.type = QW_HELLO, .role = QW_ROLE_WORKER, .version_min = QW_WIRE_VERSION_MIN,
                                    .version_max = QW_WIRE_VERSION_MAX, .life = qw_new_life (), .name = qw_bytes_of (self->name),
                                    .layers = {layers, 3}, .credit = all->credit});
}

static void take_task (all_t *all, worker_t *self, const qw_message_t *message)
{
    if (self->queued == MAX_CREDIT || message->tasks.count > 64 || message->layers.count > 16)
        exit (2);
    task_t *task = &self->queue[self->queued++];
    *task = (task_t){.number = message->task, .session = message->session, .count = message->tasks.count, .ready_us = now_us ()};
    char *at = task->layer_names;
    for (size_t i = 0; i < message->layers.count; i++) {
        task->layers[task->layer_count++] = (qw_bytes_t){at, message->layers.items[i].size};
        at = mempcpy (at, message->layers.items[i].data, message->layers.items[i].size);
    }
    for (size_t i = 0; i < task->count; i++) {
        const qw_task_chunk_t *chunk = &message->tasks.items[i];
        char *id = qw_must (strndup (chunk->id.data, chunk->id.size));
        const qw_bytes_t *layers = zhashx_lookup (all->layers, id);
        if (!layers || !chunk->whole) {
            fprintf (stderr, "many_workers: '%s' is not in the corpus, or has several chunks\n", id);
            exit (2);
        }
        free (id);
        task->chunks[i].sequence = chunk->sequence;
        task->chunks[i].chunk = chunk->chunk;
        task->chunks[i].layers = *layers;
    }
    if (self->queued == 1)
        self->due_us = task->ready_us + all->cost_us * task->count;
}

static void finish_task (all_t *all, worker_t *self)
{
    task_t *task = &self->queue[0];
    qw_result_chunk_t chunks[64];
    for (size_t i = 0; i < task->count; i++)
        chunks[i] = (qw_result_chunk_t){task->chunks[i].sequence, task->chunks[i].chunk, task->chunks[i].layers, {NULL, 0}, true};
    for (size_t i = 0; i < task->layer_count; i++) /* they stand in the task, which has moved */
        task->layers[i].data = i == 0 ? task->layer_names : task->layers[i - 1].data + task->layers[i - 1].size;
    qw_message_t result = {.type = QW_RESULT, .session = task->session, .task = task->number, .name = qw_bytes_of (self->name),
                           .layers = {task->layers, task->layer_count}, .results = {chunks, task->count}};
    if (qw_socket_send (self->results, 0, &result, &all->out))
        return; /* no room: again in the next turn */
    say (all, self, &(qw_message_t){.type = QW_DONE, .task = task->number, .credit = all->credit});
    all->chunks += task->count;
    if (!all->from && all->chunks >= all->documents / 4) {
        all->from = all->chunks;
        all->from_us = now_us ();
    }
    if (!all->to && all->chunks >= all->documents * 3 / 4) {
        all->to = all->chunks;
        all->to_us = now_us ();
    }
    memmove (task, task + 1, --self->queued * sizeof *task);
    /* the next one began when this one was done, or when it came */
    uint64_t begin = self->queued > 0 && self->queue[0].ready_us > self->due_us ? self->queue[0].ready_us : self->due_us;
    self->due_us = self->queued > 0 ? begin + all->cost_us * self->queue[0].count : 0;
}

static void hear (all_t *all, worker_t *self, zmq_msg_t *frame)
{
    qw_peer_t peer;
    qw_reason_t reason;
    while (qw_socket_receive (self->tasks, &peer, frame) == QW_OK) {
        qw_message_t *message;
        if (qw_wire_decode (all->wire, zmq_msg_data (frame), zmq_msg_size (frame), &message, &reason))
            exit (2);
        if (message->type == QW_WELCOME && !self->welcome) {
            char endpoint[512], key[QW_KEY_TEXT];
            snprintf (endpoint, sizeof endpoint, "%.*s", (int) message->endpoint.size, message->endpoint.data);
            snprintf (key, sizeof key, "%.*s", (int) message->key.size, message->key.size ? message->key.data : "");
            self->welcome = true;
            self->heartbeat_ms = message->heartbeat_ms;
            self->results = qw_must (qw_socket_new (&(qw_socket_options_t){ZMQ_DEALER, 1 << 16, 64, 1000, true}));
            if (qw_socket_connect_as (self->results, endpoint, all->key, key, &reason))
                exit (2);
        } else if (message->type == QW_TASK)
            take_task (all, self, message);
        else if (message->type == QW_BYE)
            self->over = true;
        else if (message->type == QW_ERROR) {
            fprintf (stderr, "many_workers: %.*s\n", (int) message->text.size, message->text.data);
            exit (2);
        }
    }
}

static void beat (all_t *all, worker_t *self)
{
    uint64_t now = qw_now_ms (), held[MAX_CREDIT];
    if (!self->welcome || now - self->last_beat < self->heartbeat_ms)
        return;
    self->last_beat = now;
    for (size_t i = 0; i < self->queued; i++)
        held[i] = self->queue[i].number;
    say (all, self, &(qw_message_t){.type = QW_HEARTBEAT, .credit = all->credit, .held = {held, self->queued}});
}

/* ---- all of them --------------------------------------------------------------------------------------------------- */

static void run (all_t *all, worker_t *workers, size_t count)
{
    zmq_pollitem_t *items = qw_must (calloc (count, sizeof *items));
    zmq_msg_t frame;
    zmq_msg_init (&frame);
    for (size_t i = 0; i < count; i++)
        items[i] = (zmq_pollitem_t){zsock_resolve (workers[i].tasks), 0, ZMQ_POLLIN, 0};
    for (bool over = false; !over;) {
        uint64_t now = now_us (), next = now + 100000;
        over = true;
        for (size_t i = 0; i < count; i++) {
            worker_t *worker = &workers[i];
            while (worker->due_us && worker->due_us <= now && worker->results) {
                size_t before = worker->queued;
                finish_task (all, worker);
                if (worker->queued == before)
                    break;
            }
            beat (all, worker);
            next = worker->due_us && worker->due_us < next ? worker->due_us : next;
            over &= worker->over;
        }
        now = now_us ();
        zmq_poll (items, (int) count, next > now ? (long) ((next - now + 999) / 1000) : 0);
        for (size_t i = 0; i < count; i++)
            if (items[i].revents)
                hear (all, &workers[i], &frame);
    }
    zmq_msg_close (&frame);
    free (items);
}

int main (int argc, char *argv[])
{
    const char *corpus = NULL, *key_file = NULL;
    uint64_t count = 1;
    all_t all = {.credit = 4, .documents = 1};
    const qw_option_t options[] = {{"connect", 0, QW_OPTION_TEXT, &all.endpoint, "ENDPOINT", "the ventilator's tasks", 0, 0},
                                   {"key", 'k', QW_OPTION_TEXT, &key_file, "FILE", "a worker's key", 0, 0},
                                   {"corpus", 'd', QW_OPTION_TEXT, &corpus, "DIR", "what a worker would find", 0, 0},
                                   {"workers", 'w', QW_OPTION_NUMBER, &count, "N", "so many (1)", 1, MAX_WORKERS},
                                   {"credit", 0, QW_OPTION_NUMBER, &all.credit, "N", "tasks that each holds (4)", 1, MAX_CREDIT},
                                   {"cost-us", 0, QW_OPTION_NUMBER, &all.cost_us, "N", "microseconds a chunk (0)", 0, 0},
                                   {"documents", 0, QW_OPTION_NUMBER, &all.documents, "N", "that the source has (1)", 1, 0},
                                   {NULL}};
    const qw_program_t program = {"many_workers", "--connect ENDPOINT --corpus DIR [OPTION]...",
                                  "Workers that sleep instead of annotating.", NULL, options};
    zsys_init ();
    zsys_handler_set (NULL);
    zsys_set_max_sockets (0);
    if (qw_options_parse (&program, argc, argv) < argc || !all.endpoint || !corpus)
        return 2;
    qw_key_t key;
    qw_reason_t reason;
    if (key_file && qw_key_load (&key, key_file, &reason)) {
        fprintf (stderr, "many_workers: %s\n", reason.text);
        return 2;
    }
    all.key = key_file ? &key : NULL;
    all.wire = qw_wire_new ();
    qw_out_init (&all.out);
    all.layers = read_corpus (corpus);
    worker_t *workers = qw_must (calloc (count, sizeof *workers));
    for (size_t i = 0; i < count; i++)
        join (&all, &workers[i], i);
    run (&all, workers, count);
    double seconds = (double) (all.to_us - all.from_us) / 1e6;
    printf ("%" PRIu64 " %.1f\n", all.chunks, seconds > 0 ? (double) (all.to - all.from) / seconds : 0.0);
    for (size_t i = 0; i < count; i++) {
        zsock_destroy (&workers[i].tasks);
        zsock_destroy (&workers[i].results);
    }
    free (workers);
    return 0;
}
