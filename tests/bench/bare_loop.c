#include "bench/bare_loop.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

enum { MESSAGES_A_WAKE = 256, MAX_WORKERS = 64, PAGE = 1 << 20, DONE_BYTES = 40, PROGRESS_BYTES_A_DOCUMENT = 20 };

/* What a message is for stands in its first bytes; the rest is filling. */
typedef struct {
    uint32_t documents, committed;
} head_t;

static char *filling;

static void endpoint (const bare_loop_t *options, const char *name, char text[200])
{
    snprintf (text, 200, "ipc://%s/bare-%s", options->folder, name);
}

static void *open_socket (void *context, int type, const bare_loop_t *options, const char *name, bool bind)
{
    char where[200];
    int none = 0;
    void *socket = zmq_socket (context, type);
    zmq_setsockopt (socket, ZMQ_LINGER, &none, sizeof none);
    zmq_setsockopt (socket, ZMQ_SNDHWM, &none, sizeof none);
    zmq_setsockopt (socket, ZMQ_RCVHWM, &none, sizeof none);
    endpoint (options, name, where);
    if ((bind ? zmq_bind (socket, where) : zmq_connect (socket, where)) != 0)
        abort ();
    return socket;
}

/* A message of so many bytes, copied into place as the encoder of the real one would at least have to. */
static void put (void *socket, head_t head, size_t size)
{
    zmq_msg_t message;
    zmq_msg_init_size (&message, size > sizeof head ? size : sizeof head);
    char *at = zmq_msg_data (&message);
    memcpy (at, &head, sizeof head);
    for (size_t done = sizeof head; done < size; done += PAGE)
        memcpy (at + done, filling, size - done < PAGE ? size - done : PAGE);
    if (zmq_msg_send (&message, socket, 0) < 0)
        abort ();
}

/* Takes the next message; with `peer`, of a ROUTER. False: there is none. */
static bool take (void *socket, zmq_msg_t *peer, head_t *head)
{
    zmq_msg_t message;
    zmq_msg_init (&message);
    if (peer && zmq_msg_recv (&message, socket, ZMQ_DONTWAIT) < 0) /* which empties its message: not `peer` itself */
        return false;
    if (peer)
        zmq_msg_move (peer, &message);
    bool good = zmq_msg_recv (&message, socket, ZMQ_DONTWAIT) >= (int) sizeof *head;
    if (good)
        memcpy (head, zmq_msg_data (&message), sizeof *head);
    zmq_msg_close (&message);
    return good;
}

static void put_to (void *socket, zmq_msg_t *peer, head_t head, size_t size)
{
    zmq_msg_t id;
    zmq_msg_init (&id);
    zmq_msg_copy (&id, peer);
    zmq_msg_send (&id, socket, ZMQ_SNDMORE);
    put (socket, head, size);
}

/* ---- the roles ------------------------------------------------------------------------------------------------------- */

static void work (const bare_loop_t *options)
{
    void *context = zmq_ctx_new ();
    void *results = open_socket (context, ZMQ_DEALER, options, "results", false);
    void *tasks = open_socket (context, ZMQ_DEALER, options, "tasks", false);
    put (tasks, (head_t){0, 0}, DONE_BYTES);
    for (;;) {
        zmq_pollitem_t item = {tasks, 0, ZMQ_POLLIN, 0};
        head_t head;
        zmq_poll (&item, 1, -1);
        while (take (tasks, NULL, &head)) {
            put (results, head, head.documents * options->result_bytes);
            put (tasks, head, DONE_BYTES);
        }
    }
}

static double now (void)
{
    struct timespec time;
    clock_gettime (CLOCK_MONOTONIC, &time);
    return (double) time.tv_sec + (double) time.tv_nsec / 1e9;
}

/* What came and is not on disk yet. */
typedef struct {
    int file;
    uint32_t documents, next; /* next: number of the first of them */
    size_t bytes;
    double since;
} store_t;

static store_t open_store (const bare_loop_t *options)
{
    char path[200];
    snprintf (path, sizeof path, "%s/bare-corpus", options->folder);
    store_t store = {.file = open (path, O_WRONLY | O_CREAT | O_TRUNC, 0600)};
    if (store.file < 0)
        abort ();
    unlink (path);
    return store;
}

/* How many documents are on disk now that were not before. */
static uint32_t store_some (const bare_loop_t *options, store_t *store, uint32_t more)
{
    if (more > 0 && store->documents == 0)
        store->since = now ();
    for (; more > 0; more--, store->documents++)
        store->bytes += options->documents[store->next++] + options->record_bytes;
    bool due = store->next == options->count || store->bytes >= options->commit_bytes
               || now () - store->since >= options->commit_ms / 1e3;
    if (store->documents == 0 || !due)
        return 0;
    for (size_t size; store->bytes > 0; store->bytes -= size) {
        size = store->bytes < PAGE ? store->bytes : PAGE;
        if (write (store->file, filling, size) != (ssize_t) size)
            abort ();
    }
    if (fdatasync (store->file) != 0)
        abort ();
    uint32_t documents = store->documents;
    store->documents = 0;
    return documents;
}

static void serve (const bare_loop_t *options)
{
    store_t store = open_store (options);
    void *context = zmq_ctx_new ();
    void *control = open_socket (context, ZMQ_ROUTER, options, "control", true);
    void *results = open_socket (context, ZMQ_ROUTER, options, "results", true);
    zmq_msg_t peer, ventilator;
    zmq_msg_init (&peer);
    zmq_msg_init (&ventilator);
    for (;;) {
        zmq_pollitem_t items[] = {{control, 0, ZMQ_POLLIN, 0}, {results, 0, ZMQ_POLLIN, 0}};
        head_t news = {0, 0}, head;
        zmq_poll (items, 2, options->stores && store.documents > 0 ? (long) options->commit_ms : -1);
        for (int i = 0; i < MESSAGES_A_WAKE && take (control, &ventilator, &head); i++)
            news.documents += head.documents;
        for (int i = 0; i < MESSAGES_A_WAKE && take (results, &peer, &head); i++)
            news.committed += head.documents;
        if (options->stores)
            news.committed = store_some (options, &store, news.committed);
        if (news.documents + news.committed == 0)
            continue;
        put_to (control, &ventilator, news, (news.documents + news.committed) * PROGRESS_BYTES_A_DOCUMENT);
    }
}

typedef struct {
    size_t announced, accepted, sent, committed; /* documents */
    size_t open_bytes;
    zmq_msg_t workers[MAX_WORKERS];
    unsigned credits[MAX_WORKERS], worker_count;
} state_t;

/* How many documents from `at` on go into one message, and their bytes. */
static size_t group (const bare_loop_t *options, size_t at, size_t end, size_t most_bytes, size_t most, size_t *bytes)
{
    size_t count = 0;
    for (*bytes = 0; at + count < end && count < most && (count == 0 || *bytes + options->documents[at + count] <= most_bytes); count++)
        *bytes += options->documents[at + count];
    return count;
}

static void hand_out (const bare_loop_t *options, state_t *state, void *tasks, void *control)
{
    size_t bytes, count;
    while (state->announced < options->count && state->open_bytes < options->window_bytes
           && state->announced - state->committed < options->window_documents) {
        count = group (options, state->announced, options->count, options->announce_bytes, options->announce_documents, &bytes);
        put (control, (head_t){(uint32_t) count, 0}, bytes);
        state->announced += count;
        state->open_bytes += bytes;
    }
    for (unsigned i = 0; i < state->worker_count; i++)
        while (state->credits[i] > 0 && state->sent < state->accepted) {
            count = group (options, state->sent, state->accepted, options->task_bytes, options->task_documents, &bytes);
            put_to (tasks, &state->workers[i], (head_t){(uint32_t) count, 0}, bytes);
            state->sent += count;
            state->credits[i]--;
        }
}

static void take_done (const bare_loop_t *options, state_t *state, zmq_msg_t *peer, unsigned *greeted)
{
    unsigned i = 0;
    while (i < state->worker_count
           && (zmq_msg_size (&state->workers[i]) != zmq_msg_size (peer)
               || memcmp (zmq_msg_data (&state->workers[i]), zmq_msg_data (peer), zmq_msg_size (peer)) != 0))
        i++;
    if (i == state->worker_count) {
        zmq_msg_init (&state->workers[i]);
        zmq_msg_copy (&state->workers[i], peer);
        state->credits[i] = options->credit;
        state->worker_count++;
        ++*greeted;
    } else
        state->credits[i]++;
}

static double ventilate (const bare_loop_t *options)
{
    state_t state = {0};
    unsigned greeted = 0;
    size_t done_bytes = 0; /* documents whose bytes left the window */
    double begin = 0;
    void *context = zmq_ctx_new ();
    void *tasks = open_socket (context, ZMQ_ROUTER, options, "tasks", true);
    void *control = open_socket (context, ZMQ_DEALER, options, "control", false);
    zmq_msg_t peer;
    zmq_msg_init (&peer);
    while (state.committed < options->count) {
        zmq_pollitem_t items[] = {{tasks, 0, ZMQ_POLLIN, 0}, {control, 0, ZMQ_POLLIN, 0}};
        head_t head;
        zmq_poll (items, 2, -1);
        while (take (tasks, &peer, &head))
            take_done (options, &state, &peer, &greeted);
        while (take (control, NULL, &head)) {
            state.accepted += head.documents;
            state.committed += head.committed;
        }
        for (; done_bytes < state.committed; done_bytes++)
            state.open_bytes -= options->documents[done_bytes];
        if (greeted == options->workers) {
            if (begin == 0)
                begin = now ();
            hand_out (options, &state, tasks, control);
        }
    }
    return now () - begin;
}

static double end_process (pid_t child)
{
    struct rusage usage;
    if (wait4 (child, NULL, 0, &usage) < 0)
        abort ();
    return (double) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + (double) (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

void end_processes (const pid_t *children, unsigned count, pid_t ventilator, int signal_number, run_time_t *time)
{
    double seconds = end_process (ventilator);
    if (time->ventilator == 0) /* otherwise it has measured its own part */
        time->ventilator = seconds;
    for (unsigned i = 0; i < count; i++) {
        kill (children[i], signal_number);
        *(i == 0 ? &time->sink : &time->workers) += end_process (children[i]);
    }
}

run_time_t bare_loop (const bare_loop_t *options)
{
    pid_t children[MAX_WORKERS + 1];
    int result[2];
    run_time_t time = {0};
    if (!filling && !(filling = calloc (1, PAGE)))
        abort ();
    if (pipe (result) != 0)
        abort ();
    for (unsigned i = 0; i <= options->workers; i++)
        if ((children[i] = fork ()) == 0) {
            if (i == 0)
                serve (options);
            else
                work (options);
            _exit (0);
        }
    pid_t ventilator = fork (); /* in a process of its own, because a context does not survive a fork */
    if (ventilator == 0) {
        double seconds = ventilate (options);
        _exit (write (result[1], &seconds, sizeof seconds) != sizeof seconds);
    }
    if (read (result[0], &time.seconds, sizeof time.seconds) != sizeof time.seconds)
        abort ();
    end_processes (children, options->workers + 1, ventilator, SIGKILL, &time);
    close (result[0]);
    close (result[1]);
    return time;
}
