/*  quotewire-follow - the corpus as a stream on standard output, history and live documents alike. */
#include <czmq.h>

#include "proto/interchange.h"
#include "proto/log.h"
#include "proto/options.h"
#include "sink/follow_client.h"
#include "sink/follow_state.h"
#include "sink/tool.h"

enum { WAIT_MS = 500, ANSWER_MS = 10000 };

static const char program_name[] = "quotewire-follow";

typedef struct {
    qw_follow_client_t *client;
    const char *state;
    uint64_t left; /* documents still wanted */
    bool json, no_wait;
    qw_interchange_t *interchange;
    qw_json_out_t out;
} follow_t;

static volatile sig_atomic_t stopped;

static void stop (int number) { stopped = number; }

/* ---- documents ------------------------------------------------------------------------------------------------------- */

/* Writes at most `left` documents of the batch, and stores the position behind them. */
static qw_status_t put_batch (follow_t *self, const qw_batch_t *batch, qw_reason_t *reason)
{
    uint64_t position = batch->position;
    const char *at = batch->records.data, *end = at + batch->records.size;
    for (size_t i = 0; i < batch->count && self->left > 0; i++, self->left--, position++) {
        size_t size = qw_document_size (at, (size_t) (end - at));
        qw_document_t document;
        qw_status_t status = QW_OK;
        if (!self->json)
            qw_json_put_raw (&self->out, at, size);
        else if (!(status = qw_document_read (&document, at, size, reason))
                 && !(status = qw_interchange_put_document (self->interchange, &self->out, &document, &position, reason)))
            qw_json_put_raw (&self->out, "\n", 1);
        if (status) {
            qw_log (QW_LOG_ERROR, "position %llu cannot be written as JSON: %s", (unsigned long long) position,
                    reason->text);
            return status;
        }
        at += size;
    }
    if (!qw_tool_flush (&self->out))
        return qw_fail (QW_SYSTEM, reason, "nobody reads any more");
    return self->state ? qw_follow_state_store (self->state, position, reason) : QW_OK;
}

/* True when --no-wait ends it: everything that the sink has was had, or no sink answers. */
static bool is_at_end (const follow_t *self, int64_t since, bool *answered)
{
    uint64_t documents;
    *answered = qw_follow_client_documents (self->client, &documents);
    return *answered ? qw_follow_client_position (self->client) >= documents : zclock_mono () - since > ANSWER_MS;
}

static int run (follow_t *self)
{
    int64_t since = zclock_mono ();
    while (!stopped && self->left > 0) {
        qw_batch_t batch;
        qw_reason_t reason;
        bool answered;
        if (self->no_wait && is_at_end (self, since, &answered)) {
            if (!answered)
                qw_log (QW_LOG_ERROR, "no sink answers");
            return answered ? QW_EXIT_GOOD : QW_EXIT_SYSTEM;
        }
        qw_status_t status = qw_follow_client_next (self->client, self->no_wait ? 10 : WAIT_MS, &batch, &reason);
        if (status == QW_AGAIN)
            continue;
        if (!status)
            status = put_batch (self, &batch, &reason);
        if (status) {
            qw_log (QW_LOG_ERROR, "%s", reason.text);
            return status == QW_SYSTEM ? QW_EXIT_SYSTEM : QW_EXIT_BAD;
        }
    }
    return QW_EXIT_GOOD;
}

static int follow (follow_t *self, const char *endpoint, const char *key_file, uint64_t from)
{
    qw_reason_t reason;
    qw_key_t key;
    qw_follow_client_options_t options = {.endpoint = endpoint, .name = program_name, .position = from, .key = key_file ? &key : NULL};
    if (!key_file || !qw_key_load (&key, key_file, &reason))
        self->client = qw_follow_client_new (&options, &reason);
    if (!self->client) {
        qw_log (QW_LOG_ERROR, "%s", reason.text);
        return QW_EXIT_USAGE;
    }
    self->interchange = qw_interchange_new ();
    int code = run (self);
    qw_interchange_destroy (&self->interchange);
    qw_json_out_free (&self->out);
    qw_follow_client_destroy (&self->client);
    return code;
}

int main (int argc, char *argv[])
{
    uint64_t from = 0, count = 0;
    const char *format = "jsonl", *level = "warning", *key_file = NULL;
    follow_t self = {0};
    const qw_option_t options[] = {
        {"key", 'k', QW_OPTION_TEXT, &key_file, "FILE", "a reader's key, made by 'quotewire keys': for tcp", 0, 0},
        {"from", 0, QW_OPTION_NUMBER, &from, "N", "begin at position N (0)", 0, 0},
        {"count", 'n', QW_OPTION_NUMBER, &count, "N", "end after N documents (0: go on for ever)", 0, 0},
        {"format", 'f', QW_OPTION_TEXT, &format, "FORMAT",
         "jsonl: a JSON object a line, as 'quotewire-corpus export\n--place' writes it; msgpack: the records as they are",
         0, 0},
        {"state", 's', QW_OPTION_TEXT, &self.state, "FILE",
         "store the position here after each batch; if it is there\nalready, go on from it (--from is for the first time)",
         0, 0},
        {"no-wait", 0, QW_OPTION_FLAG, &self.no_wait, NULL, "end when everything that is there was had", 0, 0},
        {"log-level", 0, QW_OPTION_TEXT, &level, "LEVEL", "error, warning, info or debug (warning)", 0, 0},
        {.name = NULL}};
    const qw_program_t program = {
        program_name, "[OPTION]... ENDPOINT",
        "Writes the corpus of a sink to standard output as it grows: all documents from a position on, then each\n"
        "as it is committed. ENDPOINT is the sink's --follow, such as ipc:///run/quotewire/follow or\n"
        "tcp://host:5570. Goes on by itself when the sink is started again; nothing is left out and nothing\n"
        "comes twice.\n"
        "\n"
        "Records come as they stand in the corpus: one that replaces a failed document has \"supersedes\", the\n"
        "position of that one, and may be \"dropped\".\n"
        "\n"
        "With --state the position is on disk only when the documents before it were written out. When this\n"
        "process is killed between the two, the documents of one batch come again; whoever must not see that\n"
        "keeps the \"position\" of the last document by itself, and gives it to --from.",
        "Exit codes: 0 --count or --no-wait was reached, or SIGINT or SIGTERM came; 1 the sink refuses the\n"
        "position or the key, cannot read a record, or sends what cannot be read; 2 wrong usage; 3 no sink answers (--no-wait only), or the output or\n"
        "the state cannot be written.\n"
        "\n"
        "Example:\n"
        "  quotewire-follow --state position ipc://follow | jq -r '.quotes[]? | select(.speaker) | .speaker'",
        options};
    int first = qw_options_parse (&program, argc, argv);
    qw_log_level_t threshold;
    if (argc - first != 1)
        return qw_tool_misused (program_name, "one endpoint is needed");
    self.json = strcmp (format, "jsonl") == 0;
    if (!self.json && strcmp (format, "msgpack") != 0)
        return qw_tool_misused (program_name, "there is no format '%s'", format);
    if (!qw_log_level_of_name (level, &threshold))
        return qw_tool_misused (program_name, "there is no log level '%s'", level);
    qw_log_open ("follow", threshold);
    self.left = count ? count : UINT64_MAX;
    qw_reason_t reason;
    qw_status_t status = self.state ? qw_follow_state_load (self.state, &from, &reason) : QW_OK;
    if (status && status != QW_NOT_FOUND) {
        qw_log (QW_LOG_ERROR, "%s", reason.text);
        return QW_EXIT_SYSTEM;
    }
    zsys_handler_set (NULL);
    struct sigaction action = {.sa_handler = stop};
    sigaction (SIGINT, &action, NULL);
    sigaction (SIGTERM, &action, NULL);
    return follow (&self, argv[first], key_file, from);
}
