/*  quotewire-worker - annotates chunks. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "proto/log.h"
#include "proto/memory.h"
#include "proto/options.h"
#include "proto/signals.h"
#include "workers/serve.h"

enum { EXIT_USAGE = 2, EXIT_REFUSED = 77 };

/* "tokens,entities" -> bits; 0 when a name is unknown. */
static unsigned layers_of (const char *names)
{
    unsigned mask = 0;
    while (*names) {
        size_t size = strcspn (names, ",+");
        unsigned bit = 0;
        for (unsigned i = 0; qw_fused_layers[i]; i++)
            if (strlen (qw_fused_layers[i]) == size && memcmp (names, qw_fused_layers[i], size) == 0)
                bit = 1u << i;
        if (!bit)
            return 0;
        mask |= bit;
        names += size + (names[size] != 0);
    }
    return mask;
}

int main (int argc, char *argv[])
{
    const char *ventilator = NULL, *models = "workers/models", *name = NULL, *layers = "tokens,entities,quotes",
               *level = "info", *key_file = NULL, *metrics_address = NULL;
    uint64_t credit = 4, max_message = 64 << 20, chunk_seconds = 20, grace_seconds = 10;
    bool once = false, echo = false;
    const qw_option_t options[] = {
        {"connect", 0, QW_OPTION_TEXT, &ventilator, "ENDPOINT", "the ventilator's tasks: ipc://PATH or tcp://HOST:PORT", 0,
         0},
        {"key", 'k', QW_OPTION_TEXT, &key_file, "FILE", "its key, made by 'quotewire keys': for tcp", 0, 0},
        {"models", 'm', QW_OPTION_TEXT, &models, "DIR", "where the models are (workers/models)", 0, 0},
        {"layers", 'l', QW_OPTION_TEXT, &layers, "LIST", "layers that it offers to make (tokens,entities,quotes)", 0, 0},
        {"name", 'n', QW_OPTION_TEXT, &name, "NAME", "what people call it (its host and process)", 0, 0},
        {"credit", 0, QW_OPTION_NUMBER, &credit, "N", "tasks that it holds at most (4)", 1, 64},
        {"chunk-seconds", 0, QW_OPTION_NUMBER, &chunk_seconds, "N",
         "a chunk that takes longer ends the process; 0: no limit (20)", 0, 3600},
        {"grace-seconds", 0, QW_OPTION_NUMBER, &grace_seconds, "N",
         "asked to stop, it finishes the task at hand, or gives it back\nafter so long, behind the chunk at hand (10)", 0, 3600},
        {"max-message", 0, QW_OPTION_NUMBER, &max_message, "N", "size of a task at most (64M)", 1 << 16, 0},
        {"once", 0, QW_OPTION_FLAG, &once, NULL, "leave with 0 when the run is over", 0, 0},
        {"echo", 0, QW_OPTION_FLAG, &echo, NULL,
         "annotate nothing and answer with empty layers: for measuring\nmessages alone", 0, 0},
        {"metrics", 0, QW_OPTION_TEXT, &metrics_address, "HOST:PORT",
         "answer Prometheus at http://HOST:PORT/metrics (default: nobody)", 0, 0},
        {"log-level", 0, QW_OPTION_TEXT, &level, "LEVEL", "error, warning, info or debug (info)", 0, 0},
        {NULL}};
    const qw_program_t program = {
        "quotewire-worker", "[OPTION]... --connect ENDPOINT",
        "Asks a ventilator for chunks of articles, annotates them, and sends the results to the sink that the ventilator names.\n"
        "Any number of workers may come and go while a run goes on.",
        "Exit codes: 0 stopped by SIGTERM or SIGINT (the task at hand was finished, the rest given back), or the run is over\n"
        "and --once was given; 2 wrong usage, a model that cannot be used, or no common protocol version; 75 a chunk took\n"
        "longer than --chunk-seconds; 77 its key is refused.",
        options};
    qw_memory_keep ();
    int signals = qw_signals_open ();
    int first = qw_options_parse (&program, argc, argv);
    qw_log_level_t threshold;
    unsigned mask = layers_of (layers);
    if (first < argc || !ventilator || !mask || !qw_log_level_of_name (level, &threshold)) {
        fprintf (stderr, "quotewire-worker: %s\nTry 'quotewire-worker --help'.\n",
                 first < argc  ? "it takes no operands"
                 : !ventilator ? "--connect is needed"
                 : !mask       ? "--layers names an unknown layer"
                               : "unknown --log-level");
        return EXIT_USAGE;
    }
    qw_log_open ("worker", threshold);
    qw_reason_t reason;
    qw_metrics_t *metrics;
    if (qw_metrics_new (&metrics, QW_ROLE_WORKER, metrics_address, &reason)) {
        qw_log (QW_LOG_ERROR, "--metrics: %s", reason.text);
        return 2;
    }
    char host[64] = "", own_name[96];
    gethostname (host, sizeof host - 1);
    snprintf (own_name, sizeof own_name, "%s/%d", host, (int) getpid ());
    qw_serve_options_t serve = {.ventilator = ventilator,
                                .models = models,
                                .name = name ? name : own_name,
                                .layers = mask,
                                .credit = credit,
                                .max_message = max_message,
                                .chunk_seconds = (unsigned) chunk_seconds,
                                .grace_seconds = (unsigned) grace_seconds,
                                .once = once,
                                .echo = echo,
                                .metrics = metrics};
    qw_key_t key;
    qw_status_t status = key_file ? qw_key_load (&key, key_file, &reason) : QW_OK;
    serve.key = key_file ? &key : NULL;
    if (!status)
        status = qw_serve (&serve, signals, &reason);
    if (status)
        qw_log (QW_LOG_ERROR, "%s", reason.text);
    qw_metrics_destroy (&metrics);
    return status == QW_NOT_FOUND ? EXIT_REFUSED : status ? EXIT_USAGE : 0;
}
