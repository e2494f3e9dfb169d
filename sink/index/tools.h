/*  tools.h - the subcommands of quotewire-index. Each parses its own command line (argv[0] is its name) and returns the exit
    code, as those of sink/tool.h. */
#ifndef QW_INDEX_TOOLS_H
#define QW_INDEX_TOOLS_H

int qw_index_update (int argc, char *argv[]);
int qw_index_query (int argc, char *argv[]);
int qw_index_speakers (int argc, char *argv[]);
int qw_index_entities (int argc, char *argv[]);

/* The index's place where none is named: in the corpus's directory. */
#define QW_INDEX_NAME "index.sqlite"

#endif
