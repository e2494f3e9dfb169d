/*  quotewire-corpus - looks at a corpus, checks it, gets things out of it. */
#include "sink/tool.h"

static const char help[] =
    "usage: quotewire-corpus COMMAND [OPTION]... DIR\n"
    "\n"
    "Reads the corpus in the directory DIR, beside a sink that is writing to it too.\n"
    "\n"
    "  show          who said what, for a person at a terminal\n"
    "  aliases       names that may be other spellings of each other, with a score\n"
    "  summary       how many documents, tokens, entities, quotations, failures\n"
    "  export        the documents as JSON lines, on standard output\n"
    "  failed list   the documents that failed, and why\n"
    "  failed drop   give some of them up (stop the sink first)\n"
    "  check         look at every record for damage; --repair mends what can be mended\n"
    "\n"
    "'quotewire-corpus COMMAND --help' tells the options and the exit codes of each. Common to all: 0 good; 1\n"
    "something in the corpus is not; 2 wrong usage; 3 the corpus cannot be opened, read or written.\n"
    "\n"
    "  -h, --help      this text\n"
    "  -V, --version   the version\n";

int main (int argc, char *argv[])
{
    static const qw_tool_command_t commands[] = {
        {"show", qw_tool_show},
        {"summary", qw_tool_summary},
        {"export", qw_tool_export},
        {"failed", qw_tool_failed},
        {"check", qw_tool_check},
        {"aliases", qw_tool_aliases},
        {NULL, NULL},
    };
    return qw_tool_main ("quotewire-corpus", help, commands, argc, argv);
}
