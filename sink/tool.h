/*  tool.h - programs of several commands, and the commands of quotewire-corpus. Each parses its own command line (argv[0] is
    its name) and returns the exit code: 0 good, 1 something in the corpus is not, 2 wrong usage, 3 the corpus can't be opened
    or written. */
#ifndef QW_TOOL_H
#define QW_TOOL_H

#include "proto/json_out.h"
#include "sink/corpus.h"

enum { QW_EXIT_GOOD, QW_EXIT_BAD, QW_EXIT_USAGE, QW_EXIT_SYSTEM };

typedef struct {
    const char *name;
    int (*run) (int argc, char *argv[]);
} qw_tool_command_t;

/* The main function of a program of several commands: runs the one that argv[1] names, or one of --help and --version. The
 * list of commands ends with one without a name. */
int qw_tool_main (const char *program, const char *help, const qw_tool_command_t *commands, int argc, char *argv[]);

int qw_tool_check (int argc, char *argv[]);
int qw_tool_export (int argc, char *argv[]);
int qw_tool_summary (int argc, char *argv[]);
int qw_tool_failed (int argc, char *argv[]);
int qw_tool_show (int argc, char *argv[]);
int qw_tool_aliases (int argc, char *argv[]);

/* Says what is wrong with the usage of `program`; returns QW_EXIT_USAGE. */
int qw_tool_misused (const char *program, const char *format, ...) __attribute__ ((format (printf, 2, 3)));

/* Opens the corpus, or says why it can't be opened. */
qw_corpus_reader_t *qw_tool_open (const char *program, const char *directory);

/* Writes the buffer to standard output and empties it. False when nobody reads any more, or the disk is full. */
bool qw_tool_flush (qw_json_out_t *out);

#endif
