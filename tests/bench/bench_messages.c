/*  bench_messages.c - what a run without annotators makes of ZeroMQ: the real ventilator, sink and workers against a bare loop
    of the same processes, messages and credit, in turns.

    usage: bench_messages FOLDER SOURCE [WORKERS [CREDIT [ROUNDS [MEGABYTES]]]]

    The source is read, and the articles' structure found, before the clock starts: that is no messaging, and goes on in a
    thread of its own. The workers answer with empty layers. Everything else that a run does is counted, the joining,
    assembling and writing of records in the corpus (below FOLDER) too. The bare loop runs in two forms: as it is ("bare"), which
    writes nothing, and with a sink that writes as many bytes to the disk before it tells of them ("storing"). Prints
    medians, as one JSON object; "ratio" is to the first, "storing_ratio" to the second. Where other programs run
    beside it, the ratio of processor times tells more than that of the times by the clock. */
#include <czmq.h>
#include <malloc.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "bench/bare_loop.h"
#include "proto/layer_codec.h"
#include "proto/log.h"
#include "proto/signals.h"
#include "sink/server.h"
#include "ventilator/conductor.h"
#include "workers/serve.h"

enum { MAX_ROUNDS = 50, WINDOW_DOCUMENTS = 4096, WINDOW_BYTES = 32 << 20, TASK_BYTES = 128 << 10, ANNOUNCE_BYTES = 256 << 10,
       COMMIT_MS = 10, COMMIT_BYTES = 8 << 20 /* as in sink/server.c */ };

/* Here a feed is a list of articles that are there already; this takes the place of ventilator/feed.c. */
struct qw_feed_t {
    qw_article_t **articles;
    size_t count, next, text_bytes;
    int ready;
};

int qw_feed_fd (const qw_feed_t *self) { return self->ready; }

qw_status_t qw_feed_take (qw_feed_t *self, qw_article_t **article)
{
    if (self->next == self->count)
        return QW_END;
    *article = self->articles[self->next++];
    return QW_OK;
}

void qw_feed_progress (qw_feed_t *self, qw_source_progress_t *progress)
{
    (void) self;
    *progress = (qw_source_progress_t){0};
}

static qw_feed_t load (const char *path, size_t most_bytes)
{
    qw_feed_t feed = {.ready = eventfd (1, EFD_CLOEXEC)};
    qw_reason_t reason;
    qw_record_t record;
    qw_source_t *source = qw_source_new (&path, 1, &(qw_source_options_t){.max_document_bytes = 16 << 20}, &reason);
    qw_article_maker_t *maker = qw_article_maker_new (64 << 10);
    size_t room = 0;
    if (!source) {
        fprintf (stderr, "bench_messages: %s\n", reason.text);
        exit (2);
    }
    while (feed.text_bytes < most_bytes && qw_source_next (source, &record) == QW_OK) {
        if (record.failed.data)
            continue;
        if (feed.count == room) {
            room = 2 * room + 1024;
            feed.articles = realloc (feed.articles, room * sizeof *feed.articles);
            if (!feed.articles)
                abort ();
        }
        feed.text_bytes += record.text.size;
        feed.articles[feed.count++] = qw_article_make (maker, &record);
    }
    qw_article_maker_destroy (&maker);
    qw_source_destroy (&source);
    return feed;
}

/* ---- the pipeline: each role in a process of its own ------------------------------------------------------------------- */

typedef struct {
    char corpus[512], control[512], results[512], tasks[512];
} places_t;

static double now (void)
{
    struct timespec time;
    clock_gettime (CLOCK_MONOTONIC, &time);
    return (double) time.tv_sec + (double) time.tv_nsec / 1e9;
}

static int serve (const places_t *places)
{
    qw_server_options_t options = {.directory = places->corpus,
                                   .control = places->control,
                                   .results = places->results,
                                   .advertised = places->results,
                                   .segment_bytes = 256 << 20,
                                   .window_documents = 8192,
                                   .window_bytes = 128 << 20,
                                   .max_document_bytes = 16 << 20,
                                   .heartbeat_ms = 1000,
                                   .commit_ms = COMMIT_MS};
    prctl (PR_SET_NAME, "sink"); /* for profilers */
    int signals = qw_signals_open ();
    qw_server_t *server;
    qw_reason_t reason;
    return qw_server_new (&server, &options, &reason) || qw_server_run (server, signals, &reason);
}

static int work (const places_t *places, size_t credit)
{
    qw_serve_options_t options = {.ventilator = places->tasks,
                                  .name = "echo",
                                  .layers = 7,
                                  .credit = credit,
                                  .max_message = 64 << 20,
                                  .once = true,
                                  .echo = true};
    qw_reason_t reason;
    prctl (PR_SET_NAME, "worker");
    return qw_serve (&options, qw_signals_open (), &reason) != QW_OK;
}

static double processor_time (void)
{
    struct timespec time;
    clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double) time.tv_sec + (double) time.tv_nsec / 1e9;
}

/* Seconds, by the clock and of the processor; by the clock -1 when not everything was annotated. */
static run_time_t ventilate (const places_t *places, const char *source, size_t most_bytes)
{
    qw_feed_t feed = load (source, most_bytes); /* anew, because memory shared with a parent costs time when it is written to */
    run_time_t time = {.seconds = -1};
    qw_conductor_options_t options = {.tasks = places->tasks,
                                      .control = places->control,
                                      .layers = "tokens+entities+quotes",
                                      .scheduler = {.window_documents = WINDOW_DOCUMENTS,
                                                    .window_bytes = WINDOW_BYTES,
                                                    .task_bytes = TASK_BYTES,
                                                    .announce_bytes = ANNOUNCE_BYTES,
                                                    .lease_ms = 30000,
                                                    .deliver_ms = 30000,
                                                    .straggler_ms = 2000,
                                                    .hello_ms = 5000,
                                                    .strikes = 3},
                                      .max_document_bytes = 16 << 20,
                                      .heartbeat_ms = 1000,
                                      .progress_fd = -1};
    qw_conductor_t *conductor;
    qw_conductor_result_t result;
    qw_reason_t reason;
    prctl (PR_SET_NAME, "ventilator");
    int signals = qw_signals_open ();
    if (qw_conductor_new (&conductor, &options, &reason))
        return time;
    usleep (300000); /* until the workers, which try every 50 ms, are connected */
    double begin = now (), processor_begin = processor_time ();
    if (!qw_conductor_run (conductor, &feed, signals, &result, &reason) && result.complete) {
        time.seconds = now () - begin;
        time.ventilator = processor_time () - processor_begin;
    }
    return time;
}

static run_time_t pipeline (const char *folder, const char *source, size_t most_bytes, unsigned workers, size_t credit)
{
    places_t places;
    pid_t children[65];
    int result[2];
    run_time_t time = {.seconds = -1};
    char clean[600];
    snprintf (places.corpus, sizeof places.corpus, "%s/corpus", folder);
    snprintf (places.control, sizeof places.control, "ipc://%s/control", folder);
    snprintf (places.results, sizeof places.results, "ipc://%s/results", folder);
    snprintf (places.tasks, sizeof places.tasks, "ipc://%s/tasks", folder);
    snprintf (clean, sizeof clean, "rm -rf '%s'", places.corpus);
    if (pipe (result) != 0)
        abort ();
    for (unsigned i = 0; i <= workers; i++)
        if ((children[i] = fork ()) == 0)
            _exit (i == 0 ? serve (&places) : work (&places, credit));
    pid_t ventilator = fork ();
    if (ventilator == 0) {
        time = ventilate (&places, source, most_bytes);
        _exit (write (result[1], &time, sizeof time) != sizeof time);
    }
    if (read (result[0], &time, sizeof time) != sizeof time || time.seconds < 0) {
        fprintf (stderr, "bench_messages: the run failed\n");
        exit (1);
    }
    end_processes (children, workers + 1, ventilator, SIGTERM, &time);
    close (result[0]);
    close (result[1]);
    if (system (clean) != 0)
        exit (1);
    return time;
}

/* ---- in turns ---------------------------------------------------------------------------------------------------------- */

/* Bytes of a RESULT with one chunk and nothing in its layers. */
static size_t result_bytes (void)
{
    qw_layers_t *layers = qw_layers_new ();
    qw_utf8_index_t index = {0};
    qw_token_column_t column;
    qw_out_t out;
    qw_out_init (&out);
    qw_token_column_init (&column);
    qw_utf8_index_reset (&index, "", 0);
    qw_put_map (&out, 2);
    qw_put_key (&out, "sequence");
    qw_put_uint (&out, 1 << 20);
    qw_put_key (&out, "layers");
    qw_put_map (&out, 3);
    qw_put_key (&out, "tokens");
    qw_put_tokens (layers, &index, QW_BYTES ("quotewire/1"), &column, &out);
    qw_put_key (&out, "entities");
    qw_put_entities (layers, &index, QW_BYTES ("quotewire/1"), &out);
    qw_put_key (&out, "quotes");
    qw_put_quotes (layers, &index, QW_BYTES ("quotewire/1"), &out);
    size_t size = qw_out_bytes (&out).size;
    qw_out_free (&out);
    qw_token_column_free (&column);
    qw_utf8_index_free (&index);
    qw_layers_destroy (&layers);
    return size;
}

static int by_size (const void *a, const void *b)
{
    double first = *(const double *) a, second = *(const double *) b;
    return (first > second) - (first < second);
}

static double median (double *values, size_t count)
{
    qsort (values, count, sizeof *values, by_size);
    return values[count / 2];
}

static size_t number (int argc, char *argv[], int at, size_t otherwise)
{
    return argc > at ? strtoull (argv[at], NULL, 10) : otherwise;
}

int main (int argc, char *argv[])
{
    enum { BARE, STORING, REAL, RATIO, STORING_RATIO, BARE_CPU, STORING_CPU, SINK, VENTILATOR, WORKERS, CPU_RATIO,
           STORING_CPU_RATIO, FIGURES };
    static double figures[FIGURES][MAX_ROUNDS];
    if (argc < 3) {
        fprintf (stderr, "usage: bench_messages FOLDER SOURCE [WORKERS [CREDIT [ROUNDS [MEGABYTES]]]]\n");
        return 2;
    }
    unsigned workers = (unsigned) number (argc, argv, 3, 2);
    size_t credit = number (argc, argv, 4, 4), rounds = number (argc, argv, 5, 7);
    size_t most_bytes = number (argc, argv, 6, 100) << 20;
    qw_feed_t feed = load (argv[2], most_bytes);
    size_t *documents = malloc (feed.count * sizeof *documents);
    if (!documents || feed.count == 0 || rounds == 0 || rounds > MAX_ROUNDS || workers > 64)
        return 2;
    for (size_t i = 0; i < feed.count; i++) { /* with what goes beside the text in its frame */
        const qw_announced_t *announced = &feed.articles[i]->announced;
        documents[i] = announced->text.size + announced->id.size + announced->structure.count + announced->chunks.count + 30;
        qw_article_free (feed.articles[i]);
    }
    free (feed.articles);
    malloc_trim (0); /* else the processes would first copy what they inherit of it */
    bare_loop_t options = {.documents = documents,
                           .count = feed.count,
                           .announce_bytes = ANNOUNCE_BYTES,
                           .announce_documents = QW_MAX_ANNOUNCED,
                           .task_bytes = TASK_BYTES,
                           .task_documents = QW_MAX_TASK_PIECES,
                           .result_bytes = result_bytes (),
                           .window_bytes = WINDOW_BYTES,
                           .window_documents = WINDOW_DOCUMENTS,
                           .workers = workers,
                           .credit = (unsigned) credit,
                           .folder = argv[1],
                           .record_bytes = result_bytes () + 80, /* layers' and the document's own keys */
                           .commit_ms = COMMIT_MS,
                           .commit_bytes = COMMIT_BYTES};
    double megabytes = (double) feed.text_bytes / 1e6;
    qw_log_open ("bench", QW_LOG_ERROR);
    for (size_t i = 0; i < rounds; i++) {
        options.stores = false;
        run_time_t bare = bare_loop (&options);
        options.stores = true;
        run_time_t storing = bare_loop (&options), real = pipeline (argv[1], argv[2], most_bytes, workers, credit);
        figures[BARE][i] = megabytes / bare.seconds;
        figures[STORING][i] = megabytes / storing.seconds;
        figures[STORING_RATIO][i] = storing.seconds / real.seconds;
        figures[STORING_CPU][i] = storing.sink + storing.ventilator + storing.workers;
        figures[REAL][i] = megabytes / real.seconds;
        figures[RATIO][i] = bare.seconds / real.seconds;
        figures[BARE_CPU][i] = bare.sink + bare.ventilator + bare.workers;
        figures[SINK][i] = real.sink;
        figures[VENTILATOR][i] = real.ventilator;
        figures[WORKERS][i] = real.workers;
        double cpu = real.sink + real.ventilator + real.workers;
        figures[CPU_RATIO][i] = figures[BARE_CPU][i] / cpu;
        figures[STORING_CPU_RATIO][i] = figures[STORING_CPU][i] / cpu;
    }
    static const char *const names[FIGURES] = {
        [BARE] = "bare_mb_s",
        [STORING] = "storing_mb_s",
        [REAL] = "pipeline_mb_s",
        [RATIO] = "ratio",
        [STORING_RATIO] = "storing_ratio",
        [BARE_CPU] = "bare_cpu_seconds",
        [STORING_CPU] = "storing_cpu_seconds",
        [SINK] = "sink_cpu_seconds",
        [VENTILATOR] = "ventilator_cpu_seconds",
        [WORKERS] = "workers_cpu_seconds",
        [CPU_RATIO] = "cpu_ratio",
        [STORING_CPU_RATIO] = "storing_cpu_ratio",
    };
    printf ("{\"documents\": %zu, \"megabytes\": %.1f, \"workers\": %u, \"credit\": %zu, \"rounds\": %zu", feed.count, megabytes,
            workers, credit, rounds);
    for (int i = 0; i < FIGURES; i++)
        printf (", \"%s\": %.3f", names[i], median (figures[i], rounds));
    printf ("}\n");
    return 0;
}
