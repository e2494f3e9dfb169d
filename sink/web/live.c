#include "sink/web/live.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "proto/memory.h"
#include "proto/socket.h"
#include "sink/status_report.h"
#include "sink/web/running.h"

enum { LOOK_MS = 500, ANSWER_MS = 400, QUIET_MS = 10000, LISTENERS = 64, BLOCK = 4096, MAX_REPORT = 1 << 20 };

typedef struct listener_t {
    qw_live_t *live;
    struct MHD_Connection *connection;
    struct listener_t *next;
    uint64_t had; /* number of the last event that it was given */
    char *bytes;  /* what is still to be sent */
    size_t size, sent;
    bool suspended;
} listener_t;

struct qw_live_t {
    char *corpus; /* real path */
    qw_keeper_t *keeper;
    pthread_t thread;
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t wake;
    bool stopping;
    listener_t *listeners;
    size_t count;
    qw_json_out_t event; /* the newest one, ready to be sent */
    uint64_t number;

    /* the thread's own */
    zsock_t *sink, *ventilator;
    qw_running_t running;
    qw_wire_t *wires[2];
    zmq_msg_t frames[2];
    qw_out_t out;
    qw_json_out_t next;
    uint64_t told;
};

/* ---- asking -------------------------------------------------------------------------------------------------------- */

static void hang_up (qw_live_t *self)
{
    zsock_destroy (&self->sink);
    zsock_destroy (&self->ventilator);
    self->running.control[0] = 0;
}

static zsock_t *call (const char *endpoint)
{
    zsock_t *socket = qw_socket_new (&(qw_socket_options_t){ZMQ_DEALER, MAX_REPORT, 0, 1000, true});
    if (socket && qw_socket_connect (socket, endpoint, NULL))
        zsock_destroy (&socket);
    return socket;
}

/* Connects to the pipeline that runs now, if it is not the one from last time. */
static bool connect_pipeline (qw_live_t *self)
{
    qw_running_t found;
    if (!qw_running_find (self->corpus, &found)) {
        hang_up (self);
        return false;
    }
    if (self->sink && self->ventilator && strcmp (found.control, self->running.control) == 0)
        return true;
    hang_up (self);
    self->running = found;
    self->sink = call (found.control);
    self->ventilator = call (found.tasks);
    return self->sink && self->ventilator;
}

/* Takes what has come; the newest report counts. It holds until the next call with the same `which`. */
static void take_reports (qw_live_t *self, zsock_t *socket, int which, const qw_message_t **report)
{
    qw_message_t *message;
    while (qw_socket_receive (socket, NULL, &self->frames[which]) == QW_OK) {
        *report = NULL;
        if (!qw_wire_decode (self->wires[which], zmq_msg_data (&self->frames[which]), zmq_msg_size (&self->frames[which]),
                             &message, NULL)
            && message->type == QW_STATUS_REPORT)
            *report = message;
    }
}

static void ask (qw_live_t *self, const qw_message_t **sink, const qw_message_t **ventilator)
{
    static const qw_message_t request = {.type = QW_STATUS_REQUEST};
    *sink = *ventilator = NULL;
    if (!connect_pipeline (self))
        return;
    qw_socket_send (self->sink, 0, &request, &self->out);
    qw_socket_send (self->ventilator, 0, &request, &self->out);
    uint64_t end = qw_now_ms () + ANSWER_MS;
    for (uint64_t now = qw_now_ms (); now < end && (!*sink || !*ventilator); now = qw_now_ms ()) {
        zmq_pollitem_t items[] = {{zsock_resolve (self->sink), 0, ZMQ_POLLIN, 0},
                                  {zsock_resolve (self->ventilator), 0, ZMQ_POLLIN, 0}};
        zmq_poll (items, 2, (long) (end - now));
        take_reports (self, self->sink, 0, sink);
        take_reports (self, self->ventilator, 1, ventilator);
    }
}

/* ---- events -------------------------------------------------------------------------------------------------------- */

static void put_number (qw_json_out_t *out, const char *before, uint64_t number)
{
    qw_json_put_text (out, before);
    qw_json_put_uint (out, number);
}

/* "event: progress", then one line of JSON: control characters are escaped in JSON, so it is one line. */
static void look (qw_live_t *self)
{
    const qw_message_t *sink, *ventilator;
    ask (self, &sink, &ventilator);
    qw_keeper_state_t state = qw_keeper_state (self->keeper);
    qw_json_out_t *out = &self->next;
    qw_json_out_reset (out);
    qw_json_put_text (out, "event: progress\ndata: {\"records\":");
    qw_json_put_uint (out, state.records);
    put_number (out, ",\"indexed\":", state.index.position);
    qw_json_put_text (out, ",\"problem\":");
    if (state.stopped)
        qw_json_put_string (out, qw_bytes_of (state.problem.text));
    else
        qw_json_put_text (out, "null");
    qw_json_put_text (out, ",\"pipeline\":");
    if (sink || ventilator) {
        qw_json_put_text (out, "{\"sink\":");
        qw_status_put_report (out, sink);
        qw_json_put_text (out, ",\"ventilator\":");
        qw_status_put_report (out, ventilator);
        qw_json_put_text (out, "}");
    } else
        qw_json_put_text (out, "null");
    qw_json_put_text (out, "}\n\n");
}

/* Hands out what is new; called with the lock. Without news a comment now and then shows who is gone. */
static void publish (qw_live_t *self)
{
    uint64_t now = qw_now_ms ();
    bool news = self->next.size != self->event.size || memcmp (self->next.data, self->event.data, self->next.size) != 0;
    if (!news && now - self->told < QUIET_MS)
        return;
    qw_json_out_reset (&self->event);
    qw_json_put_raw (&self->event, self->next.data, self->next.size);
    self->number++;
    self->told = now;
    for (listener_t *one = self->listeners; one; one = one->next)
        if (one->suspended) {
            one->suspended = false;
            MHD_resume_connection (one->connection);
        }
}

static void *watch (void *context)
{
    qw_live_t *self = context;
    pthread_mutex_lock (&self->lock);
    while (!self->stopping) {
        if (self->count == 0) {
            pthread_mutex_unlock (&self->lock);
            hang_up (self);
            pthread_mutex_lock (&self->lock);
            while (self->count == 0 && !self->stopping)
                pthread_cond_wait (&self->wake, &self->lock);
            continue;
        }
        pthread_mutex_unlock (&self->lock);
        look (self);
        pthread_mutex_lock (&self->lock);
        publish (self);
        struct timespec until;
        clock_gettime (CLOCK_REALTIME, &until);
        until.tv_nsec += LOOK_MS * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000L;
        until.tv_nsec %= 1000000000L;
        if (!self->stopping)
            pthread_cond_timedwait (&self->wake, &self->lock, &until);
    }
    pthread_mutex_unlock (&self->lock);
    hang_up (self);
    return NULL;
}

/* ---- listeners ----------------------------------------------------------------------------------------------------- */

static ssize_t next_bytes (void *context, uint64_t position, char *buffer, size_t room)
{
    (void) position;
    listener_t *self = context;
    qw_live_t *live = self->live;
    ssize_t given = 0;
    pthread_mutex_lock (&live->lock);
    if (self->sent == self->size && self->had != live->number && live->event.size > 0) {
        self->bytes = qw_must (realloc (self->bytes, live->event.size + 1));
        memcpy (self->bytes, live->event.data, live->event.size);
        self->size = live->event.size;
        self->sent = 0;
        self->had = live->number;
    }
    if (live->stopping)
        given = MHD_CONTENT_READER_END_OF_STREAM;
    else if (self->sent < self->size) {
        size_t size = self->size - self->sent < room ? self->size - self->sent : room;
        memcpy (buffer, self->bytes + self->sent, size);
        self->sent += size;
        given = (ssize_t) size;
    } else { /* with the lock, so that nobody resumes it before it sleeps */
        self->suspended = true;
        MHD_suspend_connection (self->connection);
    }
    pthread_mutex_unlock (&live->lock);
    return given;
}

static void forget (void *context)
{
    listener_t *self = context;
    qw_live_t *live = self->live;
    pthread_mutex_lock (&live->lock);
    for (listener_t **at = &live->listeners; *at; at = &(*at)->next)
        if (*at == self) {
            *at = self->next;
            live->count--;
            break;
        }
    pthread_mutex_unlock (&live->lock);
    free (self->bytes);
    free (self);
}

struct MHD_Response *qw_live_listen (qw_live_t *self, struct MHD_Connection *connection)
{
    listener_t *listener = qw_must (calloc (1, sizeof *listener));
    listener->live = self;
    listener->connection = connection;
    pthread_mutex_lock (&self->lock);
    bool room = self->count < LISTENERS && !self->stopping;
    if (room) {
        listener->next = self->listeners;
        if (self->count == 0) /* what was seen before, while nobody listened, is old */
            qw_json_out_reset (&self->event);
        self->listeners = listener;
        self->count++;
        pthread_cond_signal (&self->wake);
    }
    pthread_mutex_unlock (&self->lock);
    struct MHD_Response *response =
        room ? MHD_create_response_from_callback (MHD_SIZE_UNKNOWN, BLOCK, next_bytes, listener, forget) : NULL;
    if (!response && room)
        forget (listener);
    else if (!response)
        free (listener);
    return response;
}

/* ---- life ---------------------------------------------------------------------------------------------------------- */

qw_live_t *qw_live_new (const char *directory, qw_keeper_t *keeper)
{
    qw_live_t *self = qw_must (calloc (1, sizeof *self));
    self->corpus = realpath (directory, NULL);
    if (!self->corpus)
        self->corpus = qw_must (strdup (directory));
    self->keeper = keeper;
    pthread_mutex_init (&self->lock, NULL);
    pthread_cond_init (&self->wake, NULL);
    for (int i = 0; i < 2; i++) {
        self->wires[i] = qw_wire_new ();
        zmq_msg_init (&self->frames[i]);
    }
    qw_out_init (&self->out);
    if (pthread_create (&self->thread, NULL, watch, self))
        abort ();
    return self;
}

void qw_live_stop (qw_live_t *self)
{
    pthread_mutex_lock (&self->lock);
    self->stopping = true;
    for (listener_t *one = self->listeners; one; one = one->next)
        if (one->suspended) {
            one->suspended = false;
            MHD_resume_connection (one->connection);
        }
    pthread_cond_signal (&self->wake);
    pthread_mutex_unlock (&self->lock);
    pthread_join (self->thread, NULL);
}

void qw_live_destroy (qw_live_t **self_p)
{
    qw_live_t *self = *self_p;
    if (!self)
        return;
    for (int i = 0; i < 2; i++) {
        qw_wire_destroy (&self->wires[i]);
        zmq_msg_close (&self->frames[i]);
    }
    qw_out_free (&self->out);
    qw_json_out_free (&self->event);
    qw_json_out_free (&self->next);
    pthread_cond_destroy (&self->wake);
    pthread_mutex_destroy (&self->lock);
    free (self->corpus);
    free (self);
    *self_p = NULL;
}
