/*  quotewire-index - a corpus in a database, and questions to it. */
#include "sink/index/tools.h"
#include "sink/tool.h"

static const char help[] =
    "usage: quotewire-index COMMAND [OPTION]...\n"
    "\n"
    "Keeps a corpus in a database (a file of SQLite, or PostgreSQL) and answers from it.\n"
    "\n"
    "  update     bring the database up to date with a corpus\n"
    "  query      quotations by speaker, words, outlet, date, ...\n"
    "  speakers   who is quoted, and how often\n"
    "  entities   who or what is mentioned, and how often\n"
    "\n"
    "'quotewire-index COMMAND --help' tells the options and the exit codes of each. Common to all: 0 good; 1\n"
    "something in the corpus or the database is not; 2 wrong usage; 3 one of them cannot be opened, read or written.\n"
    "\n"
    "  -h, --help      this text\n"
    "  -V, --version   the version\n";

int main (int argc, char *argv[])
{
    static const qw_tool_command_t commands[] = {
        {"update", qw_index_update},
        {"query", qw_index_query},
        {"speakers", qw_index_speakers},
        {"entities", qw_index_entities},
        {NULL, NULL},
    };
    return qw_tool_main ("quotewire-index", help, commands, argc, argv);
}
