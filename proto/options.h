/*  options.h - the one place where command lines and configuration files are read.

    A program has a table of options; from it come long and short options, the same names in a zconfig file (--config FILE;
   what stands on the command line wins), --help and --version.
 */
#ifndef QW_OPTIONS_H
#define QW_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
    QW_OPTION_FLAG,   /* value: bool * */
    QW_OPTION_TEXT,   /* value: const char **; lives as long as the process */
    QW_OPTION_NUMBER, /* value: uint64_t *; in bytes K, M and G may follow (1024s) */
} qw_option_kind_t;

typedef struct {
    const char *name; /* "chunk-bytes"; NULL ends the table */
    char letter;      /* short form, or 0 */
    qw_option_kind_t kind;
    void *value;          /* holds the default before parsing */
    const char *argument; /* "N", "DIR"; NULL for flags */
    const char *help;     /* one or more lines, '\n' between them */
    uint64_t least, most; /* of a NUMBER; most 0: no limit */
} qw_option_t;

typedef struct {
    const char *name;  /* "quotewire-sink" */
    const char *usage; /* "[OPTION]... SOURCE..." */
    const char *about; /* paragraphs before the options in --help */
    const char *after; /* paragraphs behind them: exit codes, files, examples */
    const qw_option_t *options;
} qw_program_t;

/* Reads the command line and, if one is named, the configuration file. --help and --version are answered here and exit with
 * 0; what is wrong is said on standard error and exits with 2. Returns the index of the first operand in argv. */
int qw_options_parse (const qw_program_t *program, int argc, char *argv[]);

#endif
