/*  quotewire-serve - a corpus in the browser, and as a JSON API. */
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "proto/log.h"
#include "proto/options.h"
#include "proto/signals.h"
#include "sink/index/tools.h"
#include "sink/tool.h"
#include "sink/web/http.h"

int main (int argc, char *argv[])
{
    const char *listen = "127.0.0.1:7480", *db = NULL, *host = NULL, *level = "info";
    const qw_option_t options[] = {
        {"listen", 0, QW_OPTION_TEXT, &listen, "HOST:PORT", "where browsers connect; port 0: any\n(127.0.0.1:7480)", 0, 0},
        {"host", 0, QW_OPTION_TEXT, &host, "NAME",
         "a name by which browsers may call this server, besides\nits addresses, localhost and the name of the machine", 0,
         0},
        {"db", 0, QW_OPTION_TEXT, &db, "FILE", "the index, in SQLite (" QW_INDEX_NAME " in DIR)", 0, 0},
        {"log-level", 0, QW_OPTION_TEXT, &level, "LEVEL", "error, warning, info or debug (info)", 0, 0},
        {NULL}};
    const qw_program_t program = {
        "quotewire-serve", "[OPTION]... DIR",
        "Shows the corpus DIR in a browser: articles with who is quoted in them, what a person said across all articles,\n"
        "search, and a running pipeline's progress. The same as JSON for other programs, described at\n"
        "/api/v1/openapi.json. For reading only. It keeps an index of the corpus up to date while it runs; documents may\n"
        "be added meanwhile.\n"
        "\n"
        "Only this machine can connect, unless --listen names another address. There is no password and no encryption:\n"
        "whoever reaches the address can read the corpus.",
        "Exit codes: 0 stopped by SIGTERM or SIGINT; 1 the index is another corpus's; 2 wrong usage; 3 the corpus or the\n"
        "index cannot be opened, or the address cannot be listened to.\n"
        "\n"
        "Examples:\n"
        "  quotewire-serve news.corpus\n"
        "  quotewire-serve news.corpus --listen 0.0.0.0:8080 --host news.example",
        options};
    int signals = qw_signals_open ();
    int first = qw_options_parse (&program, argc, argv);
    qw_log_level_t threshold;
    qw_http_address_t address;
    qw_reason_t reason;
    if (argc - first != 1)
        return qw_tool_misused (program.name, "one corpus is needed");
    if (!qw_log_level_of_name (level, &threshold))
        return qw_tool_misused (program.name, "unknown --log-level");
    if (qw_http_address_read (&address, listen, &reason))
        return qw_tool_misused (program.name, "--listen: %s", reason.text);
    if (db && strstr (db, "://"))
        return qw_tool_misused (program.name, "--db is a file of SQLite here");
    qw_log_open ("serve", threshold);
    char path[4096];
    snprintf (path, sizeof path, "%s/%s", argv[first], QW_INDEX_NAME);
    char *directory = argv[first];
    for (size_t size = strlen (directory); size > 1 && directory[size - 1] == '/'; size--)
        directory[size - 1] = 0;
    qw_web_options_t web_options = {directory, db ? db : path, listen, host};
    qw_web_t *web;
    qw_status_t status = qw_web_new (&web, &web_options, &reason);
    if (status) {
        qw_log (QW_LOG_ERROR, "%s", reason.text);
        return status == QW_INVALID || status == QW_DAMAGED ? QW_EXIT_BAD : QW_EXIT_SYSTEM;
    }
    qw_log (QW_LOG_INFO, "serving '%s' at http://%s/", directory, qw_web_address (web)->text);
    if (!qw_web_address (web)->is_loopback)
        qw_log (QW_LOG_WARNING, "whoever reaches this address can read the corpus");
    struct pollfd wait = {signals, POLLIN, 0};
    while (poll (&wait, 1, -1) < 0)
        ;
    qw_web_destroy (&web);
    return QW_EXIT_GOOD;
}
