#include "proto/metrics.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "proto/memory.h"
#include "proto/metrics_page.h"

enum { BUCKETS = 16 };

typedef enum { COUNTER, GAUGE, SECONDS, NUMBERS } kind_t; /* the last two: histograms */

typedef struct {
    unsigned role;
    kind_t kind;
    const char *name, *labels, *help; /* lines of one name stand together; the first one's help counts */
} declared_t;

enum { SINK = QW_ROLE_SINK, VENTILATOR = QW_ROLE_VENTILATOR, WORKER = QW_ROLE_WORKER };

static const declared_t table[QW_METRIC_COUNT] = {
    [QW_SINK_ANNOUNCED] = {SINK, COUNTER, "quotewire_sink_announced_documents_total", "",
                           "Documents that ventilators announced, known ones and those of earlier sessions included."},
    [QW_SINK_ANNOTATED] = {SINK, COUNTER, "quotewire_sink_documents_total", "outcome=\"annotated\"",
                           "Documents appended to the corpus since the sink started, by outcome."},
    [QW_SINK_FAILED] = {SINK, COUNTER, "quotewire_sink_documents_total", "outcome=\"failed\"", ""},
    [QW_SINK_TEXT_BYTES] = {SINK, COUNTER, "quotewire_sink_text_bytes_total", "",
                            "Bytes of text (UTF-8) of the documents appended."},
    [QW_SINK_RECORD_BYTES] = {SINK, COUNTER, "quotewire_sink_record_bytes_total", "",
                              "Bytes of the records appended: text, annotations and all else."},
    [QW_SINK_TOKENS] = {SINK, COUNTER, "quotewire_sink_tokens_total", "", "Tokens of the documents appended."},
    [QW_SINK_MENTIONS] = {SINK, COUNTER, "quotewire_sink_mentions_total", "", "Entity mentions of the documents appended."},
    [QW_SINK_QUOTES] = {SINK, COUNTER, "quotewire_sink_quotes_total", "", "Quotations of the documents appended."},
    [QW_SINK_CHUNKS_KEPT] = {SINK, COUNTER, "quotewire_sink_chunks_total", "outcome=\"kept\"",
                             "Results of chunks that came, by what became of them: surplus ones had come before, or are of "
                             "a session that is over."},
    [QW_SINK_CHUNKS_SURPLUS] = {SINK, COUNTER, "quotewire_sink_chunks_total", "outcome=\"surplus\"", ""},
    [QW_SINK_CHUNKS_REFUSED] = {SINK, COUNTER, "quotewire_sink_chunks_total", "outcome=\"refused\"", ""},
    [QW_SINK_CHUNKS_GIVEN_UP] = {SINK, COUNTER, "quotewire_sink_chunks_total", "outcome=\"given_up\"", ""},
    [QW_SINK_MESSAGES_REFUSED] = {SINK, COUNTER, "quotewire_sink_refused_messages_total", "",
                                  "Messages that could not be read."},
    [QW_SINK_SESSIONS] = {SINK, COUNTER, "quotewire_sink_sessions_total", "", "Sessions begun with a ventilator."},
    [QW_SINK_COMMIT_SECONDS] = {SINK, SECONDS, "quotewire_sink_commit_duration_seconds", "",
                                "Time of a commit: write, fdatasync, index."},
    [QW_SINK_COMMIT_DOCUMENTS] = {SINK, NUMBERS, "quotewire_sink_commit_documents", "", "Documents in a commit."},
    [QW_SINK_CORPUS_RECORDS] = {SINK, GAUGE, "quotewire_sink_corpus_records", "", "Durable records of the corpus."},
    [QW_SINK_OPEN_DOCUMENTS] = {SINK, GAUGE, "quotewire_sink_open_documents", "",
                                "Documents that were accepted and are not committed."},
    [QW_SINK_OPEN_BYTES] = {SINK, GAUGE, "quotewire_sink_open_bytes", "", "Bytes of text of the open documents."},
    [QW_SINK_FOLLOWERS] = {SINK, GAUGE, "quotewire_sink_followers", "", "Readers that are connected."},
    [QW_SINK_FOLLOW_LAG_RECORDS] = {SINK, GAUGE, "quotewire_sink_follow_lag_records", "",
                                    "Durable records that the slowest reader has not got yet."},
    [QW_SINK_FOLLOW_LAG_BYTES] = {SINK, GAUGE, "quotewire_sink_follow_lag_bytes", "",
                                  "Bytes of the durable records that the slowest reader has not got yet."},
    [QW_SINK_FOLLOW_RECORDS] = {SINK, COUNTER, "quotewire_sink_follow_records_total", "", "Records sent to readers."},
    [QW_SINK_FOLLOW_BYTES] = {SINK, COUNTER, "quotewire_sink_follow_bytes_total", "",
                              "Bytes of the records sent to readers."},

    [QW_VENTILATOR_ANNOTATED] = {VENTILATOR, COUNTER, "quotewire_ventilator_documents_total", "outcome=\"annotated\"",
                                 "Documents of the source that are committed, by outcome; known ones were in the corpus "
                                 "before."},
    [QW_VENTILATOR_FAILED] = {VENTILATOR, COUNTER, "quotewire_ventilator_documents_total", "outcome=\"failed\"", ""},
    [QW_VENTILATOR_KNOWN] = {VENTILATOR, COUNTER, "quotewire_ventilator_documents_total", "outcome=\"known\"", ""},
    [QW_VENTILATOR_KNOWN_FAILED] = {VENTILATOR, COUNTER, "quotewire_ventilator_documents_total", "outcome=\"known_failed\"",
                                    ""},
    [QW_VENTILATOR_TEXT_BYTES] = {VENTILATOR, COUNTER, "quotewire_ventilator_text_bytes_total", "",
                                  "Bytes of text (UTF-8) of the documents that are committed."},
    [QW_VENTILATOR_SOURCE_BYTES] = {VENTILATOR, COUNTER, "quotewire_ventilator_source_bytes_total", "",
                                    "Bytes of the source read, as they are stored."},
    [QW_VENTILATOR_CHUNKS] = {VENTILATOR, COUNTER, "quotewire_ventilator_chunks_total", "",
                              "Chunks handed out, repeated ones included."},
    [QW_VENTILATOR_TASKS] = {VENTILATOR, COUNTER, "quotewire_ventilator_tasks_total", "",
                             "Tasks handed out, each under a lease."},
    [QW_VENTILATOR_REDELIVERIES] = {VENTILATOR, COUNTER, "quotewire_ventilator_redeliveries_total", "",
                                    "Chunks that had to be handed out again, or were given to a second worker."},
    [QW_VENTILATOR_STRIKES] = {VENTILATOR, COUNTER, "quotewire_ventilator_strikes_total", "",
                               "Deaths of workers for which a chunk is blamed."},
    [QW_VENTILATOR_GIVEN_UP] = {VENTILATOR, COUNTER, "quotewire_ventilator_given_up_chunks_total", "",
                                "Chunks given up after too many strikes."},
    [QW_VENTILATOR_SESSIONS] = {VENTILATOR, COUNTER, "quotewire_ventilator_sessions_total", "",
                                "Sessions begun with the sink."},
    [QW_VENTILATOR_WORKERS_LEFT] = {VENTILATOR, COUNTER, "quotewire_ventilator_departed_workers_total", "how=\"left\"",
                                    "Workers that went: in good order, or lost."},
    [QW_VENTILATOR_WORKERS_LOST] = {VENTILATOR, COUNTER, "quotewire_ventilator_departed_workers_total", "how=\"lost\"", ""},
    [QW_VENTILATOR_WORKERS] = {VENTILATOR, GAUGE, "quotewire_ventilator_workers", "", "Workers that are connected."},
    [QW_VENTILATOR_LEASES] = {VENTILATOR, GAUGE, "quotewire_ventilator_leases", "",
                              "Tasks that are out: leased to a worker and not done."},
    [QW_VENTILATOR_QUEUED_CHUNKS] = {VENTILATOR, GAUGE, "quotewire_ventilator_queued_chunks", "",
                                     "Chunks that wait for a worker."},
    [QW_VENTILATOR_OPEN_DOCUMENTS] = {VENTILATOR, GAUGE, "quotewire_ventilator_open_documents", "",
                                      "Documents that were read and are not committed."},
    [QW_VENTILATOR_OPEN_BYTES] = {VENTILATOR, GAUGE, "quotewire_ventilator_open_bytes", "",
                                  "Bytes of text of the open documents."},
    [QW_VENTILATOR_SINK_UP] = {VENTILATOR, GAUGE, "quotewire_ventilator_sink_connected", "",
                               "1 while there is a session with the sink, otherwise 0."},

    [QW_WORKER_CHUNKS_ANNOTATED] = {WORKER, COUNTER, "quotewire_worker_chunks_total", "outcome=\"annotated\"",
                                    "Chunks worked on, by outcome."},
    [QW_WORKER_CHUNKS_FAILED] = {WORKER, COUNTER, "quotewire_worker_chunks_total", "outcome=\"failed\"", ""},
    [QW_WORKER_TEXT_BYTES] = {WORKER, COUNTER, "quotewire_worker_text_bytes_total", "",
                              "Bytes of text (UTF-8) of the chunks worked on."},
    [QW_WORKER_TASK_SECONDS] = {WORKER, SECONDS, "quotewire_worker_task_duration_seconds", "",
                                "Time of annotating the chunks of a task."},
    [QW_WORKER_TASKS_HELD] = {WORKER, GAUGE, "quotewire_worker_held_tasks", "",
                              "Tasks in the worker's hands, the one at hand included."},
    [QW_WORKER_GREETINGS] = {WORKER, COUNTER, "quotewire_worker_greetings_total", "", "Times that it said HELLO."},
};

/* Upper bounds of the buckets, inclusive; the last bucket has none. */
static const uint64_t microseconds[BUCKETS - 1] = {100,   250,    500,    1000,   2500,    5000,    10000,   25000,
                                                   50000, 100000, 250000, 500000, 1000000, 2500000, 10000000};
static const uint64_t numbers[BUCKETS - 1] = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384};

struct qw_metrics_t {
    qw_peer_role_t role;
    qw_metrics_page_t *page;
    double started; /* seconds since 1970 */
    struct {
        _Atomic uint64_t value; /* of a histogram: the sum */
        _Atomic uint64_t buckets[BUCKETS];
    } metrics[QW_METRIC_COUNT];
};

/* ---- counting ------------------------------------------------------------------------------------------------------ */

qw_status_t qw_metrics_new (qw_metrics_t **self_p, qw_peer_role_t role, const char *address, qw_reason_t *reason)
{
    *self_p = NULL;
    if (!address)
        return QW_OK;
    qw_metrics_t *self = qw_must (calloc (1, sizeof *self));
    struct timespec now;
    clock_gettime (CLOCK_REALTIME, &now);
    self->started = (double) now.tv_sec + (double) now.tv_nsec / 1e9;
    self->role = role;
    qw_status_t status = qw_metrics_page_new (&self->page, self, address, reason);
    if (status)
        qw_metrics_destroy (&self);
    *self_p = self;
    return status;
}

void qw_metrics_destroy (qw_metrics_t **self_p)
{
    qw_metrics_t *self = *self_p;
    if (!self)
        return;
    qw_metrics_page_destroy (&self->page);
    free (self);
    *self_p = NULL;
}

void qw_metrics_add (qw_metrics_t *self, qw_metric_t metric, uint64_t count)
{
    if (self)
        atomic_fetch_add_explicit (&self->metrics[metric].value, count, memory_order_relaxed);
}

void qw_metrics_set (qw_metrics_t *self, qw_metric_t metric, uint64_t value)
{
    if (self)
        atomic_store_explicit (&self->metrics[metric].value, value, memory_order_relaxed);
}

void qw_metrics_observe (qw_metrics_t *self, qw_metric_t metric, uint64_t value)
{
    if (!self)
        return;
    const uint64_t *bounds = table[metric].kind == SECONDS ? microseconds : numbers;
    size_t bucket = 0;
    while (bucket < BUCKETS - 1 && value > bounds[bucket])
        bucket++;
    qw_metrics_add (self, metric, value);
    atomic_fetch_add_explicit (&self->metrics[metric].buckets[bucket], 1, memory_order_relaxed);
}

/* ---- the page ------------------------------------------------------------------------------------------------------ */

static void put_head (qw_json_out_t *out, const char *name, const char *type, const char *help)
{
    const char *const parts[] = {"# HELP ", name, " ", help, "\n# TYPE ", name, " ", type, "\n"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        qw_json_put_text (out, parts[i]);
}

static void put_sample (qw_json_out_t *out, const char *name, const char *suffix, const char *labels, const char *value)
{
    const char *const parts[] = {name, suffix, *labels ? "{" : "", labels, *labels ? "} " : " ", value, "\n"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        qw_json_put_text (out, parts[i]);
}

static void put_whole (qw_json_out_t *out, const char *name, const char *suffix, const char *labels, uint64_t value)
{
    char text[24];
    snprintf (text, sizeof text, "%" PRIu64, value);
    put_sample (out, name, suffix, labels, text);
}

static void put_histogram (const qw_metrics_t *self, qw_json_out_t *out, qw_metric_t metric)
{
    const declared_t *declared = &table[metric];
    bool seconds = declared->kind == SECONDS;
    uint64_t count = 0;
    char text[32], label[40];
    for (size_t i = 0; i < BUCKETS; i++) {
        count += atomic_load_explicit (&self->metrics[metric].buckets[i], memory_order_relaxed);
        if (i == BUCKETS - 1)
            strcpy (text, "+Inf");
        else
            snprintf (text, sizeof text, "%g", seconds ? (double) microseconds[i] / 1e6 : (double) numbers[i]);
        snprintf (label, sizeof label, "le=\"%s\"", text);
        put_whole (out, declared->name, "_bucket", label, count);
    }
    uint64_t sum = atomic_load_explicit (&self->metrics[metric].value, memory_order_relaxed);
    if (seconds)
        snprintf (text, sizeof text, "%" PRIu64 ".%06u", sum / 1000000, (unsigned) (sum % 1000000));
    else
        snprintf (text, sizeof text, "%" PRIu64, sum);
    put_sample (out, declared->name, "_sum", "", text);
    put_whole (out, declared->name, "_count", "", count);
}

static void put_process (const qw_metrics_t *self, qw_json_out_t *out)
{
    char text[64];
    unsigned long pages = 0;
    FILE *statm = fopen ("/proc/self/statm", "re");
    if (statm && fscanf (statm, "%*u %lu", &pages) != 1)
        pages = 0;
    if (statm)
        fclose (statm);
    put_head (out, "process_resident_memory_bytes", "gauge", "Memory of the process that is in RAM.");
    put_whole (out, "process_resident_memory_bytes", "", "", (uint64_t) pages * (uint64_t) sysconf (_SC_PAGESIZE));

    struct timespec used = {0};
    clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &used);
    snprintf (text, sizeof text, "%.6f", (double) used.tv_sec + (double) used.tv_nsec / 1e9);
    put_head (out, "process_cpu_seconds_total", "counter", "Processor time of the process.");
    put_sample (out, "process_cpu_seconds_total", "", "", text);

    snprintf (text, sizeof text, "%.3f", self->started);
    put_head (out, "process_start_time_seconds", "gauge", "When the process started, in seconds since 1970.");
    put_sample (out, "process_start_time_seconds", "", "", text);

    uint64_t open = 0;
    DIR *folder = opendir ("/proc/self/fd");
    while (folder && readdir (folder))
        open++;
    if (folder)
        closedir (folder);
    struct rlimit limit = {0};
    getrlimit (RLIMIT_NOFILE, &limit);
    put_head (out, "process_open_fds", "gauge", "Open file descriptors.");
    put_whole (out, "process_open_fds", "", "", open > 3 ? open - 3 : 0); /* without ".", ".." and the folder itself */
    put_head (out, "process_max_fds", "gauge", "File descriptors that may be open.");
    put_whole (out, "process_max_fds", "", "", (uint64_t) limit.rlim_cur);
}

void qw_metrics_print (const qw_metrics_t *self, qw_json_out_t *out)
{
    static const char *const roles[] = {
        [QW_ROLE_VENTILATOR] = "ventilator", [QW_ROLE_WORKER] = "worker", [QW_ROLE_SINK] = "sink"};
    static const char *const types[] = {"counter", "gauge", "histogram", "histogram"};
    char labels[96];
    snprintf (labels, sizeof labels, "version=\"%s\",role=\"%s\"", QW_VERSION, roles[self->role]);
    put_head (out, "quotewire_build_info", "gauge", "Always 1; the labels tell which program this is.");
    put_sample (out, "quotewire_build_info", "", labels, "1");
    for (qw_metric_t metric = 0; metric < QW_METRIC_COUNT; metric++) {
        const declared_t *declared = &table[metric];
        if (declared->role != self->role)
            continue;
        if (metric == 0 || strcmp (declared->name, table[metric - 1].name) != 0)
            put_head (out, declared->name, types[declared->kind], declared->help);
        if (declared->kind >= SECONDS)
            put_histogram (self, out, metric);
        else
            put_whole (out, declared->name, "", declared->labels,
                       atomic_load_explicit (&self->metrics[metric].value, memory_order_relaxed));
    }
    put_process (self, out);
}
