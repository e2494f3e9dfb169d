#include <inttypes.h>
#include <stdio.h>

#include "proto/log.h"
#include "proto/options.h"
#include "sink/corpus_check.h"
#include "sink/tool.h"

static const char program_name[] = "quotewire-corpus check";

static void print_line (void *context, const char *line)
{
    (void) context;
    puts (line);
}

/* Looks at everything and says how it is. QW_EXIT_SYSTEM when that was not possible. */
static int look (const char *directory, bool clear_indexes, qw_check_result_t *result)
{
    qw_reason_t reason;
    if (qw_corpus_check (directory, clear_indexes, print_line, NULL, result, &reason)) {
        fprintf (stderr, "%s: %s\n", program_name, reason.text);
        return QW_EXIT_SYSTEM;
    }
    printf ("%" PRIu64 " segment%s, %" PRIu64 " record%s, %" PRIu64 " bytes: ", result->segments,
            result->segments == 1 ? "" : "s", result->records, result->records == 1 ? "" : "s", result->bytes);
    if (result->damages == 0)
        puts ("all is right");
    else
        printf ("%" PRIu64 " damage%s, %" PRIu64 " of them can be repaired\n", result->damages,
                result->damages == 1 ? "" : "s", result->repairable);
    return result->damages ? QW_EXIT_BAD : QW_EXIT_GOOD;
}

/* Opening mends what can be mended. */
static int repair (const char *directory, qw_check_result_t *result)
{
    qw_corpus_t *corpus;
    qw_reason_t reason;
    puts ("repairing");
    if (qw_corpus_open (&corpus, directory, 0, &reason)) {
        fprintf (stderr, "%s: nothing was repaired: %s\n", program_name, reason.text);
        return QW_EXIT_BAD;
    }
    qw_corpus_close (&corpus);
    return look (directory, false, result);
}

int qw_tool_check (int argc, char *argv[])
{
    bool mend = false;
    const qw_option_t options[] = {
        {"repair", 'r', QW_OPTION_FLAG, &mend, NULL, "write damaged indexes anew and cut a torn tail", 0, 0},
        {.name = NULL}};
    const qw_program_t program = {
        program_name, "[OPTION]... DIR",
        "Looks at every record of the corpus DIR: its checksum, its structure, whether every layer can be\n"
        "decoded and lies inside the text, whether the index says the same, whether an id stands twice. Each\n"
        "damage is a line that names the segment, the position and the byte. May run beside a sink, whose\n"
        "unfinished tail is no damage.\n"
        "\n"
        "--repair does what the next sink would do by itself: an index is made from its segment, a torn tail (the last\n"
        "bytes, if they are no whole record) is cut. It never touches a record. What a damaged record was can only be\n"
        "had again from its source.",
        "Exit codes: 0 all is right (or was repaired); 1 damage; 2 wrong usage; 3 the corpus cannot be read.",
        options};
    int first = qw_options_parse (&program, argc, argv);
    if (argc - first != 1)
        return qw_tool_misused (program_name, "one corpus is needed");
    qw_log_open ("check", QW_LOG_WARNING);
    qw_check_result_t result;
    int code = look (argv[first], mend, &result);
    return code == QW_EXIT_BAD && mend && result.repairable ? repair (argv[first], &result) : code;
}
