#include <inttypes.h>
#include <stdio.h>

#include "proto/options.h"
#include "sink/corpus_view.h"
#include "sink/tool.h"

static const char program_name[] = "quotewire-corpus summary";

typedef struct {
    const char *name, *what;
    uint64_t value;
} line_t;

/* 1234567 as "1,234,567". */
static const char *with_commas (uint64_t number, char text[32])
{
    char *at = text + 31;
    *at = 0;
    for (int digits = 0; digits == 0 || number > 0; digits++, number /= 10) {
        if (digits > 0 && digits % 3 == 0)
            *--at = ',';
        *--at = (char) ('0' + number % 10);
    }
    return at;
}

static void print_json (const line_t *lines, size_t count)
{
    for (size_t i = 0; i < count; i++)
        printf ("%s\"%s\":%" PRIu64, i ? "," : "{", lines[i].name, lines[i].value);
    printf ("}\n");
}

static void print_text (const line_t *lines, size_t count)
{
    char text[32];
    for (size_t i = 0; i < count; i++)
        if (lines[i].value > 0 || i < 3)
            printf ("%-11s %15s  %s\n", lines[i].name, with_commas (lines[i].value, text), lines[i].what);
}

int qw_tool_summary (int argc, char *argv[])
{
    bool json = false;
    const qw_option_t options[] = {
        {"json", 'j', QW_OPTION_FLAG, &json, NULL, "one JSON object, with all the numbers", 0, 0}, {.name = NULL}};
    const qw_program_t program = {
        program_name, "[OPTION]... DIR",
        "Says how much is in the corpus DIR. Reads the index alone, so it is quick, and may run beside a sink.\n"
        "Counts of tokens, entities (mentions) and quotes are of the documents as they stand now, failed ones included.",
        "Exit codes: 0 said; 1 some records are so damaged that they could not be counted; 2 wrong usage;\n"
        "3 the corpus cannot be opened.",
        options};
    int first = qw_options_parse (&program, argc, argv);
    if (argc - first != 1)
        return qw_tool_misused (program_name, "one corpus is needed");
    qw_corpus_reader_t *reader = qw_tool_open (program_name, argv[first]);
    if (!reader)
        return QW_EXIT_SYSTEM;
    qw_corpus_view_t *view = qw_corpus_view_new (reader);
    const qw_corpus_summary_t *summary = qw_corpus_view_summary (view);
    const line_t lines[] = {{"documents", "articles, each counted once", summary->documents},
                            {"annotated", "wholly", summary->annotated},
                            {"failed", "with their reason: see 'failed list'", summary->failed},
                            {"dropped", "failed, and given up", summary->dropped},
                            {"superseded", "records that a later one replaces", summary->superseded},
                            {"unreadable", "records that are damaged: see 'check'", summary->unreadable},
                            {"records", "in the files", summary->records},
                            {"tokens", "", summary->tokens},
                            {"entities", "mentions of people, bodies, places, dates, ...", summary->mentions},
                            {"quotes", "", summary->quotes},
                            {"bytes", "of records", summary->bytes}};
    (json ? print_json : print_text) (lines, sizeof lines / sizeof *lines);
    int code = summary->unreadable ? QW_EXIT_BAD : QW_EXIT_GOOD;
    qw_corpus_view_destroy (&view);
    qw_corpus_reader_close (&reader);
    return code;
}
