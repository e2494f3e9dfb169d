/*  quotewire-ventilator - streams articles to the workers. */
#include <stdio.h>
#include <string.h>

#include "proto/log.h"
#include "proto/memory.h"
#include "proto/options.h"
#include "proto/signals.h"
#include "ventilator/conductor.h"

enum { EXIT_FAILED_DOCUMENTS = 1, EXIT_USAGE = 2, EXIT_SINK = 3, EXIT_INTERRUPTED = 130 };

/* True when a list of layers has one that belongs to those that are made together, from the text. */
static bool names_ours (const char *layers)
{
    static const char *const ours[] = {"structure", "tokens", "entities", "quotes"};
    for (size_t size; *layers; layers += size + (layers[size] != 0)) {
        size = strcspn (layers, ",+");
        for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
            if (strlen (ours[i]) == size && memcmp (ours[i], layers, size) == 0)
                return true;
    }
    return false;
}

int main (int argc, char *argv[])
{
    const char *tasks = NULL, *control = NULL, *layers = "tokens+entities+quotes", *retry = NULL, *from = NULL, *level = "info",
               *type = "auto", *keys = NULL, *metrics_address = NULL;
    uint64_t chunk_bytes = 64 << 10, max_document_bytes = 16 << 20, window_documents = 4096, window_bytes = 32 << 20;
    uint64_t task_bytes = 128 << 10, lease_ms = 30000, strikes = 3, heartbeat_ms = 1000, progress_fd = UINT64_MAX;
    bool follow = false, insecure = false;
    const qw_option_t options[] = {
        {"tasks", 0, QW_OPTION_TEXT, &tasks, "ENDPOINTS", "where workers connect; several with commas between them", 0, 0},
        {"control", 0, QW_OPTION_TEXT, &control, "ENDPOINT", "the sink's control endpoint", 0, 0},
        {"keys", 'k', QW_OPTION_TEXT, &keys, "DIR", "folder of keys: its ventilator.key is this program's, its known/ says\n"
         "who may come in by tcp", 0, 0},
        {"insecure", 0, QW_OPTION_FLAG, &insecure, NULL, "open tcp endpoints to everybody, without keys", 0, 0},
        {"layers", 'l', QW_OPTION_TEXT, &layers, "GROUPS",
         "layers to make: '+' within a group that one worker makes in one\n"
         "go, ',' between groups (tokens+entities+quotes)",
         0, 0},
        {"source-type", 0, QW_OPTION_TEXT, &type, "TYPE",
         "what every SOURCE is: auto (by names and content), text, jsonl, json,\n"
         "html, news-xml or warc (auto)",
         0, 0},
        {"follow", 'f', QW_OPTION_FLAG, &follow, NULL, "keep watching directories for new articles", 0, 0},
        {"retry", 0, QW_OPTION_TEXT, &retry, "CORPUS", "instead of a SOURCE: the failed documents of this corpus", 0, 0},
        {"from", 0, QW_OPTION_TEXT, &from, "CORPUS",
         "instead of a SOURCE: all documents of this corpus, with the layers that they\nhave, to get the layers of --layers besides", 0, 0},
        {"chunk-bytes", 0, QW_OPTION_NUMBER, &chunk_bytes, "N", "cut articles that are larger (64K)", 64, 16 << 20},
        {"max-document-bytes", 0, QW_OPTION_NUMBER, &max_document_bytes, "N", "a larger document fails (16M)", 64,
         512 << 20},
        {"window-documents", 0, QW_OPTION_NUMBER, &window_documents, "N", "documents open at most (4096)", 1, 1 << 20},
        {"window-bytes", 0, QW_OPTION_NUMBER, &window_bytes, "N", "bytes of text open at most (32M)", 1 << 10, 0},
        {"task-bytes", 0, QW_OPTION_NUMBER, &task_bytes, "N", "short articles share a task up to this size (128K)", 1,
         16 << 20},
        {"lease-ms", 0, QW_OPTION_NUMBER, &lease_ms, "N", "a worker silent for so long has lost its tasks (30000)", 100, 0},
        {"strikes", 0, QW_OPTION_NUMBER, &strikes, "N", "worker deaths over one chunk before it is given up (3)", 1, 100},
        {"heartbeat-ms", 0, QW_OPTION_NUMBER, &heartbeat_ms, "N", "time between signs of life (1000)", 10, 60000},
        {"progress-fd", 0, QW_OPTION_NUMBER, &progress_fd, "FD", "write progress there, a line of JSON twice a second", 0,
         1024},
        {"metrics", 0, QW_OPTION_TEXT, &metrics_address, "HOST:PORT",
         "answer Prometheus at http://HOST:PORT/metrics (default: nobody)", 0, 0},
        {"log-level", 0, QW_OPTION_TEXT, &level, "LEVEL", "error, warning, info or debug (info)", 0, 0},
        {NULL}};
    const qw_program_t program = {
        "quotewire-ventilator", "[OPTION]... --tasks ENDPOINT --control ENDPOINT SOURCE...",
        "Reads articles, cuts long ones into chunks, hands the chunks to workers and sees to it that every article ends up in\n"
        "the sink's corpus, whatever dies meanwhile. A SOURCE is a file or a directory (.txt; .json and .jsonl with one\n"
        "{\"id\", \"text\", ...} a line; web pages as .html or .warc; NewsML-G2, NITF, RSS or Atom as .xml;\n"
        "these in .gz, .zst, .xz, .bz2, .tar or .zip), or - for standard input.",
        "Exit codes: 0 every document is annotated; 1 all are in the corpus, some as failed; 2 wrong usage or a SOURCE that\n"
        "is not there; 3 the sink refuses; 130 stopped by SIGTERM or SIGINT before the end.\n"
        "\n"
        "It keeps nothing on disk: started again with the same SOURCE it goes on where the corpus ends.",
        options};
    qw_memory_keep ();
    int signals = qw_signals_open ();
    int first = qw_options_parse (&program, argc, argv);
    qw_log_level_t threshold;
    const char *wrong = !tasks || !control                          ? "--tasks and --control are needed"
                        : (first != argc) + (retry != NULL) + (from != NULL) != 1 ? "give either SOURCEs, or --retry, or --from"
                        : from && names_ours (layers) ? "--from adds layers to tokens, entities and quotes: it cannot make these"
                        : !qw_log_level_of_name (level, &threshold) ? "unknown --log-level"
                                                                    : NULL;
    if (wrong) {
        fprintf (stderr, "quotewire-ventilator: %s\nTry 'quotewire-ventilator --help'.\n", wrong);
        return EXIT_USAGE;
    }
    qw_log_open ("ventilator", threshold);
    qw_reason_t reason;
    qw_metrics_t *metrics;
    if (qw_metrics_new (&metrics, QW_ROLE_VENTILATOR, metrics_address, &reason)) {
        qw_log (QW_LOG_ERROR, "--metrics: %s", reason.text);
        return EXIT_USAGE;
    }
    qw_source_options_t source_options = {max_document_bytes, follow, type};
    qw_retry_t *failures = retry ? qw_retry_new (retry, &reason) : NULL;
    qw_replay_t *replay = from ? qw_replay_new (from, max_document_bytes, &reason) : NULL;
    qw_source_t *source =
        retry || from ? NULL : qw_source_new ((const char *const *) argv + first, (size_t) (argc - first), &source_options, &reason);
    if (!source && !failures && !replay) {
        qw_log (QW_LOG_ERROR, "%s", reason.text);
        qw_metrics_destroy (&metrics);
        return EXIT_USAGE;
    }
    qw_conductor_options_t conductor_options = {.tasks = tasks,
                                                .control = control,
                                                .layers = layers,
                                                .scheduler = {.window_documents = window_documents,
                                                              .window_bytes = window_bytes,
                                                              .task_bytes = task_bytes,
                                                              .announce_bytes = 256 << 10,
                                                              .lease_ms = lease_ms,
                                                              .deliver_ms = lease_ms,
                                                              .straggler_ms = 2000,
                                                              .hello_ms = 5000,
                                                              .strikes = (unsigned) strikes},
                                                .keys = keys,
                                                .insecure = insecure,
                                                .max_document_bytes = max_document_bytes,
                                                .heartbeat_ms = (unsigned) heartbeat_ms,
                                                .progress_fd = progress_fd == UINT64_MAX ? -1 : (int) progress_fd,
                                                .metrics = metrics};
    qw_conductor_t *conductor;
    if (qw_conductor_new (&conductor, &conductor_options, &reason)) {
        qw_log (QW_LOG_ERROR, "%s", reason.text);
        qw_source_destroy (&source);
        qw_retry_destroy (&failures);
        qw_replay_destroy (&replay);
        qw_metrics_destroy (&metrics);
        return EXIT_USAGE;
    }
    size_t without_text = failures ? qw_retry_without_text (failures) : 0;
    if (without_text)
        qw_log (QW_LOG_WARNING, "%zu failed documents have no text to try again: mend their source and run that", without_text);
    qw_feed_t *feed = qw_feed_new (source, failures, replay, chunk_bytes);
    qw_conductor_result_t result;
    qw_status_t status = qw_conductor_run (conductor, feed, signals, &result, &reason);
    if (status)
        qw_log (QW_LOG_ERROR, "%s", reason.text);
    qw_conductor_destroy (&conductor);
    qw_feed_destroy (&feed);
    qw_metrics_destroy (&metrics);
    return status                                               ? EXIT_SINK
           : !result.complete                                   ? EXIT_INTERRUPTED
           : result.failed + result.known_failed + without_text ? EXIT_FAILED_DOCUMENTS
                                                                : 0;
}
