/*  corpus_recover.h - what opening a corpus for writing must find out and mend first. Private to the corpus.

    Only the last segment can have a torn tail: the next one is made after the one before it is on disk, index and all.
    Its tail is what lies behind the last record that its index knows: never more than one commit after a kill -9. The
    tail's whole records are kept, the rest is cut. When the index can't be used, nobody knows where the tail begins;
    then bytes that are not a record are damage if a whole record follows them, and a torn tail if none does.
 */
#ifndef QW_CORPUS_RECOVER_H
#define QW_CORPUS_RECOVER_H

#include "sink/corpus_files.h"
#include "sink/corpus_ids.h"

typedef struct {
    unsigned number;       /* of the last segment; the files exist when it is done */
    uint64_t first;        /* its first position */
    uint64_t records;      /* in it */
    uint64_t segment_size; /* bytes in it */
    uint64_t cut;          /* bytes of torn tail that were cut */
    unsigned rebuilt;      /* indexes that were written anew or completed */
} qw_recovery_t;

/* Checks all segments against their indexes, and mends only when nothing is damaged. `ids` (may be NULL) gets every
 * record. */
qw_status_t qw_corpus_recover (const qw_corpus_io_t *io, int directory, qw_ids_t *ids, qw_recovery_t *recovery,
                               qw_reason_t *reason);

/* Makes a segment with its index, both empty, and brings their names to disk. The index comes first, so that no record
 * ever stands where a reader sees none. */
qw_status_t qw_segment_create (const qw_corpus_io_t *io, int directory, unsigned number, uint64_t first,
                               qw_reason_t *reason);

#endif
