/*  corpus_private.h - for tests of the corpus: other system calls below it. */
#ifndef QW_CORPUS_PRIVATE_H
#define QW_CORPUS_PRIVATE_H

#include "sink/corpus.h"
#include "sink/corpus_files.h"

/* Like qw_corpus_open; `io` must outlive the corpus. */
qw_status_t qw_corpus_open_with (qw_corpus_t **self_p, const qw_corpus_io_t *io, const char *directory, size_t segment_bytes,
                                 qw_reason_t *reason);

#endif
