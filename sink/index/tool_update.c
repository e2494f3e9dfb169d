#include <czmq.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "proto/options.h"
#include "sink/index/source.h"
#include "sink/index/tools.h"
#include "sink/tool.h"

enum { WAIT_MS = 100, ANSWER_MS = 10000, TELL_MS = 5000, TELL_TERMINAL_MS = 200 };

static const char program_name[] = "quotewire-index update";

static volatile sig_atomic_t stopped;

static void stop (int number) { stopped = number; }

typedef struct {
    qw_index_writer_t *writer;
    qw_index_source_t *source;
    const char *db;
    bool follow, quiet, terminal;
    uint64_t commit_bytes;
    int64_t began, told;
} update_t;

static void tell (update_t *self, bool last)
{
    int64_t now = zclock_mono ();
    if (self->quiet || (!last && now - self->told < (self->terminal ? TELL_TERMINAL_MS : TELL_MS)))
        return;
    self->told = now;
    qw_index_count_t count = qw_index_writer_count (self->writer);
    uint64_t position = qw_index_writer_state (self->writer).position, records = position;
    qw_index_source_records (self->source, &records);
    double seconds = (double) (now - self->began) / 1000;
    fprintf (stderr, "%s%s%" PRIu64 " of %" PRIu64 " documents are in %s, %" PRIu64 " more than before, %.0f a second%s",
             self->terminal ? "\r" : "", self->terminal && last ? "\x1b[K" : "", position, records, self->db, count.records,
             seconds > 0.001 ? (double) count.records / seconds : 0, self->terminal && !last ? "" : "\n");
}

/* True when everything that there is was had, or no sink has answered for long. */
static bool is_at_end (update_t *self, bool *answered)
{
    uint64_t records;
    *answered = qw_index_source_records (self->source, &records);
    return *answered ? qw_index_writer_state (self->writer).position >= records
                     : zclock_mono () - self->began > ANSWER_MS;
}

static qw_status_t update (update_t *self, qw_reason_t *reason)
{
    while (!stopped) {
        bool answered = true;
        qw_batch_t batch;
        if (!self->follow && is_at_end (self, &answered))
            return answered ? QW_OK : qw_fail (QW_SYSTEM, reason, "no sink answers");
        qw_status_t status = qw_index_source_next (self->source, self->follow ? WAIT_MS : 10, &batch, reason);
        if (!status)
            status = qw_index_writer_add (self->writer, batch.records, batch.count, reason);
        if (status && status != QW_AGAIN)
            return status;
        tell (self, false);
    }
    return QW_OK;
}

static int code_of (qw_status_t status, const qw_reason_t *reason)
{
    if (!status)
        return QW_EXIT_GOOD;
    fprintf (stderr, "%s: %s\n", program_name, reason->text);
    return status == QW_DAMAGED || status == QW_INVALID ? QW_EXIT_BAD : QW_EXIT_SYSTEM;
}

static int open_and_update (update_t *self, const char *where, bool rebuild)
{
    qw_reason_t reason;
    qw_database_t *database = NULL;
    qw_status_t status = qw_database_open (&database, self->db, true, &reason);
    if (!status)
        status = qw_index_writer_new (&self->writer, database, rebuild, &reason);
    if (!status)
        status = qw_index_source_open (&self->source, where, self->commit_bytes, qw_index_writer_state (self->writer),
                                       &reason);
    if (!status) {
        self->began = self->told = zclock_mono ();
        status = update (self, &reason);
        tell (self, true);
    }
    int code = code_of (status, &reason);
    qw_index_source_close (&self->source);
    qw_index_writer_destroy (&self->writer);
    qw_database_close (&database);
    return code;
}

int qw_index_update (int argc, char *argv[])
{
    update_t self = {.terminal = isatty (STDERR_FILENO), .commit_bytes = 4 << 20};
    bool rebuild = false;
    const qw_option_t options[] = {
        {"db", 0, QW_OPTION_TEXT, &self.db, "DB",
         "the index: a file of SQLite (" QW_INDEX_NAME " in DIR), or\npostgresql://[USER@][HOST]/DATABASE", 0, 0},
        {"follow", 'f', QW_OPTION_FLAG, &self.follow, NULL, "go on as documents come, until stopped", 0, 0},
        {"rebuild", 0, QW_OPTION_FLAG, &rebuild, NULL, "throw away what is there and begin anew", 0, 0},
        {"commit-bytes", 0, QW_OPTION_NUMBER, &self.commit_bytes, "N",
         "commit after so many bytes of records, K or M may\nfollow (4M), and whenever none are left", 1, 1 << 30},
        {"quiet", 'q', QW_OPTION_FLAG, &self.quiet, NULL, "no progress; errors only", 0, 0},
        {.name = NULL}};
    const qw_program_t program = {
        program_name, "[OPTION]... DIR|ENDPOINT",
        "Brings an index of a corpus up to date: documents, entities, mentions, quotations, and their words, for\n"
        "'quotewire query' and for SQL. DIR is the corpus; or ENDPOINT is where a sink serves readers, maybe on\n"
        "another machine. Only what is new since the last time is added. It may run beside a sink that writes, and\n"
        "beside readers of the index.\n"
        "\n"
        "It may be killed at any time: what is in the index and how far it has come change together. A document that\n"
        "failed and was retried stands in the index as it is now; one that was dropped does not. docs/index.md\n"
        "describes the tables.",
        "Exit codes: 0 up to date, or stopped by SIGINT or SIGTERM; 1 the index was made from another corpus, or it or\n"
        "a record is damaged; 2 wrong usage; 3 the corpus or the database cannot be opened, read or written, or another\n"
        "process writes to it.\n"
        "\n"
        "Examples:\n"
        "  quotewire-index update news.corpus\n"
        "  quotewire-index update news.corpus --follow --db postgresql:///news",
        options};
    int first = qw_options_parse (&program, argc, argv);
    if (argc - first != 1)
        return qw_tool_misused (program_name, "one corpus is needed");
    const char *where = argv[first];
    char path[4096];
    if (!self.db && strstr (where, "://"))
        return qw_tool_misused (program_name, "--db is needed, since %s is no directory", where);
    if (!self.db) {
        snprintf (path, sizeof path, "%s/%s", where, QW_INDEX_NAME);
        self.db = path;
    }
    zsys_handler_set (NULL);
    struct sigaction action = {.sa_handler = stop};
    sigaction (SIGINT, &action, NULL);
    sigaction (SIGTERM, &action, NULL);
    return open_and_update (&self, where, rebuild);
}
