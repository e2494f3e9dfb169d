/*  quotewire-status - asks a running pipeline how it is. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "proto/options.h"
#include "proto/signals.h"
#include "proto/socket.h"
#include "proto/monitor.h"
#include "sink/status_report.h"

enum { EXIT_SILENT = 1, EXIT_USAGE = 2, EXIT_INTERRUPTED = 130, MAX_REPORT = 1 << 20 };

/* One of the two that are asked. The report's strings stand in the frame. */
typedef struct {
    const char *endpoint;
    const char *server; /* public key of who is there; NULL: none is wanted */
    zsock_t *dealer;
    qw_monitor_t *watch;
    zmq_msg_t frame;
    qw_wire_t *wire;
    bool refused;         /* the handshake failed, and that was said */
    qw_message_t *report; /* NULL until it comes */
} asked_t;

static bool ask (asked_t *self, const qw_key_t *key, qw_out_t *out)
{
    qw_reason_t reason;
    self->wire = qw_wire_new ();
    zmq_msg_init (&self->frame);
    if (!self->endpoint)
        return true;
    self->dealer = qw_socket_new (&(qw_socket_options_t){ZMQ_DEALER, MAX_REPORT, 0, 1000, false});
    self->watch = qw_monitor_new (self->dealer, QW_MONITOR_HANDSHAKES);
    qw_status_t status = qw_socket_connect_as (self->dealer, self->endpoint, key, self->server, &reason);
    if (status)
        fprintf (stderr, "quotewire-status: %s\n", reason.text);
    else
        qw_socket_send (self->dealer, 0, &(qw_message_t){.type = QW_STATUS_REQUEST}, out);
    return status == QW_OK;
}

static bool waits (const asked_t *self)
{
    return self->dealer && !self->report && !self->refused;
}

static void take_trouble (asked_t *self)
{
    int event, value;
    while (self->watch && qw_monitor_next (self->watch, &event, &value)) {
        if (!self->refused)
            fprintf (stderr, "quotewire-status: %s: %s\n", self->endpoint, qw_monitor_trouble (event, value));
        self->refused = true;
    }
}

static void take_answer (asked_t *self)
{
    qw_peer_t peer;
    qw_reason_t reason;
    qw_message_t *message;
    if (!waits (self) || qw_socket_receive (self->dealer, &peer, &self->frame))
        return;
    if (qw_wire_decode (self->wire, zmq_msg_data (&self->frame), zmq_msg_size (&self->frame), &message, &reason))
        fprintf (stderr, "quotewire-status: %s answers what cannot be read: %s\n", self->endpoint, reason.text);
    else if (message->type == QW_STATUS_REPORT)
        self->report = message;
    else if (message->type == QW_ERROR)
        fprintf (stderr, "quotewire-status: %s: %.*s\n", self->endpoint, (int) message->text.size, message->text.data);
}

static void forget (asked_t *self)
{
    qw_monitor_destroy (&self->watch);
    zsock_destroy (&self->dealer);
    zmq_msg_close (&self->frame);
    qw_wire_destroy (&self->wire);
}

/* ---- as a table ---------------------------------------------------------------------------------------------------- */

static void print_sink (const qw_message_t *report, const char *corpus)
{
    printf ("sink        corpus%s%s of %" PRIu64 " documents, %" PRIu64 " failed, %" PRIu64 " open; %" PRIu64
            " readers; a commit takes %.1f ms\n",
            corpus ? " " : "", corpus ? corpus : "", report->documents, report->failures, report->open, report->readers,
            (double) report->mean_commit_us / 1e3);
}

static void print_ventilator (const qw_message_t *report)
{
    printf ("ventilator  %" PRIu64 " documents done (%" PRIu64 " were there already, %" PRIu64 " failed), %.1f MB; %" PRIu64
            " open, %" PRIu64 " chunks wait, %" PRIu64 " sent again\n",
            report->documents, report->duplicates, report->failures, (double) report->bytes / 1e6, report->open,
            report->queued, report->redeliveries);
    if (report->counts.count >= 3)
        printf ("            %" PRIu64 " tokens, %" PRIu64 " entities, %" PRIu64 " quotes added\n", report->counts.items[0],
                report->counts.items[1], report->counts.items[2]);
}

static void print_workers (const qw_message_t *report)
{
    if (report->workers.count == 0) {
        printf ("workers     none\n");
        return;
    }
    printf ("\n%-24s %9s %9s %9s %9s %10s %9s\n", "worker", "MB/s", "tasks out", "chunks", "MB", "last seen", "strikes");
    for (size_t i = 0; i < report->workers.count; i++) {
        const qw_status_worker_t *worker = &report->workers.items[i];
        char name[25] = "";
        for (size_t j = 0; j < worker->name.size && j < sizeof name - 1; j++)
            name[j] = (unsigned char) worker->name.data[j] < 0x20 ? '?' : worker->name.data[j];
        printf ("%-24s %9.2f %9" PRIu64 " %9" PRIu64 " %9.1f %8.1f s %9" PRIu64 "\n", name, (double) worker->rate / 1e6,
                worker->tasks, worker->chunks, (double) worker->bytes / 1e6, (double) worker->seen_ms / 1e3,
                worker->strikes);
    }
}

static void print_table (const asked_t *sink, const asked_t *ventilator, const char *corpus)
{
    if (sink->report)
        print_sink (sink->report, corpus);
    if (ventilator->report) {
        print_ventilator (ventilator->report);
        print_workers (ventilator->report);
    }
}

/* ---- as JSON ------------------------------------------------------------------------------------------------------- */

static void print_json (const asked_t *sink, const asked_t *ventilator, const char *corpus)
{
    qw_json_out_t out = {0};
    qw_json_put_text (&out, "{");
    if (corpus) {
        qw_json_put_text (&out, "\"corpus\":");
        qw_json_put_string (&out, qw_bytes_of (corpus));
        qw_json_put_text (&out, ",");
    }
    qw_json_put_text (&out, "\"sink\":");
    qw_status_put_report (&out, sink->report);
    qw_json_put_text (&out, ",\"ventilator\":");
    qw_status_put_report (&out, ventilator->report);
    qw_json_put_text (&out, "}\n");
    fwrite (out.data, 1, out.size, stdout);
    qw_json_out_free (&out);
}

/* ---- the program --------------------------------------------------------------------------------------------------- */

/* False: a signal came. */
static bool await (asked_t *sink, asked_t *ventilator, int signals, uint64_t timeout_ms)
{
    uint64_t end = qw_now_ms () + timeout_ms;
    for (uint64_t now = qw_now_ms (); (waits (sink) || waits (ventilator)) && now < end; now = qw_now_ms ()) {
        zmq_pollitem_t items[5] = {{NULL, signals, ZMQ_POLLIN, 0}};
        asked_t *both[] = {sink, ventilator};
        int count = 1;
        for (int i = 0; i < 2; i++)
            if (waits (both[i])) {
                items[count++] = (zmq_pollitem_t){zsock_resolve (both[i]->dealer), 0, ZMQ_POLLIN, 0};
                items[count++] = (zmq_pollitem_t){qw_monitor_handle (both[i]->watch), 0, ZMQ_POLLIN, 0};
            }
        zmq_poll (items, count, (long) (end - now));
        if (items[0].revents)
            return false;
        for (int i = 0; i < 2; i++) {
            take_trouble (both[i]);
            take_answer (both[i]);
        }
    }
    return true;
}

int main (int argc, char *argv[])
{
    const char *tasks = NULL, *control = NULL, *corpus = NULL, *key_file = NULL;
    uint64_t timeout_ms = 2000;
    bool json = false;
    const qw_option_t options[] = {
        {"tasks", 0, QW_OPTION_TEXT, &tasks, "ENDPOINT", "the ventilator's endpoint for workers", 0, 0},
        {"control", 0, QW_OPTION_TEXT, &control, "ENDPOINT", "the sink's control endpoint", 0, 0},
        {"key", 'k', QW_OPTION_TEXT, &key_file, "FILE", "an admin's key, made by 'quotewire keys': for tcp", 0, 0},
        {"corpus", 'd', QW_OPTION_TEXT, &corpus, "DIR", "what to call the corpus", 0, 0},
        {"json", 'j', QW_OPTION_FLAG, &json, NULL, "a line of JSON instead of a table", 0, 0},
        {"timeout-ms", 0, QW_OPTION_NUMBER, &timeout_ms, "N", "wait so long for answers (2000)", 1, 3600000},
        {NULL}};
    const qw_program_t program = {
        "quotewire-status",
        "[OPTION]... --tasks ENDPOINT --control ENDPOINT",
        "Asks the ventilator, the sink, or both how they are, and prints what they answer: documents done, failed and\n"
        "open, and for each worker its rate, the tasks that it holds, and when it was last heard.",
        "Exit codes: 0 all that were asked answered; 1 one did not, within --timeout-ms; 2 wrong usage; 130 stopped by a\n"
        "signal.",
        options};
    int signals = qw_signals_open ();
    int first = qw_options_parse (&program, argc, argv);
    if (first < argc || (!tasks && !control)) {
        fprintf (stderr, "quotewire-status: %s\nTry 'quotewire-status --help'.\n",
                 first < argc ? "it takes no operands" : "--tasks or --control is needed");
        return EXIT_USAGE;
    }
    qw_key_t key;
    qw_reason_t reason;
    if (key_file && qw_key_load (&key, key_file, &reason)) {
        fprintf (stderr, "quotewire-status: %s\n", reason.text);
        return EXIT_USAGE;
    }
    const qw_key_t *own = key_file ? &key : NULL;
    asked_t sink = {.endpoint = control, .server = own ? own->sink : NULL},
            ventilator = {.endpoint = tasks, .server = own ? own->ventilator : NULL};
    qw_out_t out;
    qw_out_init (&out);
    bool reachable = ask (&sink, own, &out) & ask (&ventilator, own, &out);
    bool patient = reachable && await (&sink, &ventilator, signals, timeout_ms);
    bool answered = !waits (&sink) && !waits (&ventilator) && !sink.refused && !ventilator.refused;
    if (reachable && patient && json)
        print_json (&sink, &ventilator, corpus);
    else if (reachable && patient)
        print_table (&sink, &ventilator, corpus);
    if (reachable && patient && waits (&sink))
        fprintf (stderr, "quotewire-status: the sink at %s does not answer\n", control);
    if (reachable && patient && waits (&ventilator))
        fprintf (stderr, "quotewire-status: the ventilator at %s does not answer\n", tasks);
    forget (&sink);
    forget (&ventilator);
    qw_out_free (&out);
    return !reachable ? EXIT_USAGE : !patient ? EXIT_INTERRUPTED : answered ? 0 : EXIT_SILENT;
}
