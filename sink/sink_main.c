/*  quotewire-sink - joins the workers' results and writes the corpus. */
#include <stdio.h>
#include <string.h>

#include "proto/log.h"
#include "proto/memory.h"
#include "proto/options.h"
#include "proto/signals.h"
#include "sink/server.h"

enum { EXIT_USAGE = 2, EXIT_STORAGE = 3, EXIT_BUSY = 4 };

int main (int argc, char *argv[])
{
    const char *corpus = NULL, *control = NULL, *results = NULL, *follow = NULL, *advertised = NULL, *keys = NULL,
               *level = "info", *metrics_address = NULL;
    uint64_t segment_bytes = 256 << 20, window_documents = 8192, window_bytes = 128 << 20, max_document_bytes = 16 << 20;
    uint64_t heartbeat_ms = 1000, commit_ms = 20;
    bool insecure = false;
    const qw_option_t options[] = {
        {"corpus", 'd', QW_OPTION_TEXT, &corpus, "DIR", "the corpus; made if it is not there", 0, 0},
        {"control", 0, QW_OPTION_TEXT, &control, "ENDPOINT", "where the ventilator connects", 0, 0},
        {"results", 0, QW_OPTION_TEXT, &results, "ENDPOINT", "where workers send results", 0, 0},
        {"advertise", 0, QW_OPTION_TEXT, &advertised, "ENDPOINT",
         "what workers are told to connect to, if not --results;\ntcp://*:PORT is the host at which they found the ventilator", 0,
         0},
        {"follow", 0, QW_OPTION_TEXT, &follow, "ENDPOINT", "where readers connect (default: no readers)", 0, 0},
        {"keys", 'k', QW_OPTION_TEXT, &keys, "DIR", "folder of keys: its sink.key is this program's, its known/ says who\n"
         "may come in by tcp", 0, 0},
        {"insecure", 0, QW_OPTION_FLAG, &insecure, NULL, "open tcp endpoints to everybody, without keys", 0, 0},
        {"segment-bytes", 0, QW_OPTION_NUMBER, &segment_bytes, "N", "size of a segment file (256M)", 4096, 0},
        {"window-documents", 0, QW_OPTION_NUMBER, &window_documents, "N", "documents open at most (8192)", 1, 1 << 20},
        {"window-bytes", 0, QW_OPTION_NUMBER, &window_bytes, "N", "bytes of text open at most (128M)", 1 << 16, 0},
        {"max-document-bytes", 0, QW_OPTION_NUMBER, &max_document_bytes, "N", "size of a document at most (16M)", 1024,
         512 << 20},
        {"heartbeat-ms", 0, QW_OPTION_NUMBER, &heartbeat_ms, "N", "time between signs of life (1000)", 10, 60000},
        {"commit-ms", 0, QW_OPTION_NUMBER, &commit_ms, "N",
         "a finished document waits at most so long for company\nin a commit (20)", 0, 10000},
        {"metrics", 0, QW_OPTION_TEXT, &metrics_address, "HOST:PORT",
         "answer Prometheus at http://HOST:PORT/metrics (default: nobody)", 0, 0},
        {"log-level", 0, QW_OPTION_TEXT, &level, "LEVEL", "error, warning, info or debug (info)", 0, 0},
        {NULL}};
    const qw_program_t program = {
        "quotewire-sink", "[OPTION]... --corpus DIR --control ENDPOINT --results ENDPOINT",
        "Joins the results of the workers, settles what concerns whole documents, and appends finished documents to the\n"
        "corpus, in the order of the source. Serves readers from the same files. An ENDPOINT is ipc://PATH or tcp://HOST:PORT, or\n"
        "several of these with commas between them.",
        "Exit codes: 0 stopped by SIGTERM or SIGINT, everything complete is committed; 2 wrong usage; 3 the corpus cannot\n"
        "be written or is damaged (a full disk, a failed fsync): nothing committed is lost, start again once it is mended;\n"
        "4 another sink has the corpus.\n"
        "\n"
        "Kill it in any way at any time: on the next start the corpus is as of its last commit, and the ventilator sends the\n"
        "rest again.",
        options};
    qw_memory_keep ();
    int signals = qw_signals_open ();
    int first = qw_options_parse (&program, argc, argv);
    qw_log_level_t threshold;
    if (first < argc || !corpus || !control || !results || !qw_log_level_of_name (level, &threshold)) {
        fprintf (stderr, "quotewire-sink: %s\nTry 'quotewire-sink --help'.\n",
                 first < argc ? "it takes no operands"
                              : "--corpus, --control and --results are needed, and a known --log-level");
        return EXIT_USAGE;
    }
    qw_log_open ("sink", threshold);
    qw_reason_t reason;
    qw_metrics_t *metrics;
    if (qw_metrics_new (&metrics, QW_ROLE_SINK, metrics_address, &reason)) {
        qw_log (QW_LOG_ERROR, "--metrics: %s", reason.text);
        return 2;
    }
    qw_server_options_t server_options = {corpus,
                                          control,
                                          results,
                                          follow,
                                          advertised ? advertised : results,
                                          keys,
                                          insecure,
                                          segment_bytes,
                                          window_documents,
                                          window_bytes,
                                          max_document_bytes,
                                          (unsigned) heartbeat_ms,
                                          (unsigned) commit_ms,
                                          metrics};
    qw_server_t *server;
    qw_status_t status = qw_server_new (&server, &server_options, &reason);
    if (status) {
        qw_log (QW_LOG_ERROR, "%s", reason.text);
        qw_metrics_destroy (&metrics);
        return status == QW_BUSY ? EXIT_BUSY : status == QW_INVALID ? EXIT_USAGE : EXIT_STORAGE;
    }
    qw_log (QW_LOG_INFO, "serving corpus '%s'", corpus);
    status = qw_server_run (server, signals, &reason);
    if (status)
        qw_log (QW_LOG_ERROR, "stopped: %s", reason.text);
    qw_server_destroy (&server);
    qw_metrics_destroy (&metrics);
    return status ? EXIT_STORAGE : 0;
}
