/*  corpus.h - the corpus on disk: the only truth there is.

    A directory. `segment-000000.msgpack`, ... hold the records (proto/document.h), one after another, nothing between
    them; `segment-000000.index`, ... tell where they are. A segment is full when the next record would carry it beyond
    the segment size, and a record larger than that has a segment of its own; so the bytes on disk depend on the records
    alone, not on how they were committed. `lock` is held by the one process that writes.

    Position = number of the record, from 0, over all segments; dense, and never changed (I7). A record counts from the
    moment at which its segment is on disk (I1); its index entry is written only then. So an index never tells of what
    could vanish, and whoever reads by the index, in this process or another, reads only what is durable.

    Index: 16 bytes "QWINDEX1" and the segment's first position (uint64), then 48 bytes a record (qw_entry_t), all
    little-endian. It can be rebuilt from its segment, byte for byte. Recipe for a change: another magic; old ones are
    rebuilt on opening.
 */
#ifndef QW_CORPUS_H
#define QW_CORPUS_H

#include "proto/document.h"

enum { QW_ENTRY_FAILED = 1, QW_ENTRY_DROPPED = 2, QW_ENTRY_SUPERSEDES = 4 };

/* One record in the index. */
typedef struct {
    uint64_t offset; /* in its segment */
    uint32_t size;
    uint32_t crc32c;     /* as in the record */
    uint8_t id_hash[16]; /* XXH128 of the id, canonical (big-endian) form */
    uint32_t flags;
    uint32_t tokens, mentions, quotes; /* how many the record has */
} qw_entry_t;

/* What a record's entry says besides its place (offset 0): size, checksum, hash, flags and counts. The record is
 * checked whole. `id` (may be NULL) points into the record. */
qw_status_t qw_entry_of_record (qw_entry_t *entry, qw_bytes_t record, qw_bytes_t *id, qw_reason_t *reason);

/* ---- reading: any number of processes, beside a writer too ----------------------------------------------------------- */

typedef struct qw_corpus_reader_t qw_corpus_reader_t;

/* NULL with a reason when the directory is not a corpus. An index that is missing or damaged is made up for in memory. */
qw_corpus_reader_t *qw_corpus_reader_open (const char *directory, qw_reason_t *reason);
void qw_corpus_reader_close (qw_corpus_reader_t **self_p);

/* Durable records; looks at the files again, so it grows while a sink is writing. */
uint64_t qw_corpus_reader_count (qw_corpus_reader_t *self);

/* QW_END: not there yet; QW_DAMAGED: neither the index nor the segment tells. */
qw_status_t qw_corpus_reader_entry (qw_corpus_reader_t *self, uint64_t position, qw_entry_t *entry, qw_reason_t *reason);

/* The same for up to `count` positions in a row; *got, at least 1, is how many could be had at once. */
qw_status_t qw_corpus_reader_entries (qw_corpus_reader_t *self, uint64_t position, size_t count, qw_entry_t *entries,
                                      size_t *got, qw_reason_t *reason);

/* Bytes of all records before `position` (at most the count), over all segments: what a reader has still to read, in
 * bytes, is a difference of two of these. 0 when the index can't be read there. */
uint64_t qw_corpus_reader_bytes (qw_corpus_reader_t *self, uint64_t position);

/* Reads as many whole records from `position` on as fit into `limit` bytes, but at least one, into `out` (appended).
 * They come from one segment, as they stand there, with their checksums compared. *count gets how many; QW_END: none
 * there yet; QW_DAMAGED: the record at `position` is not what was written (a damaged one further on ends the batch
 * before it). */
qw_status_t qw_corpus_reader_read (qw_corpus_reader_t *self, uint64_t position, size_t limit, qw_out_t *out, size_t *count,
                                   qw_reason_t *reason);

/* ---- writing: one process --------------------------------------------------------------------------------------- */

typedef struct qw_corpus_t qw_corpus_t;

/* Opens or creates a corpus for writing: takes the lock (QW_BUSY: another process has it), cuts a torn tail, mends the
 * index. What was mended is logged. Damage before the tail is QW_DAMAGED and changes nothing. segment_bytes 0: 256 MiB;
 * it decides where segments end from here on, so runs that are to be equal give the same. */
qw_status_t qw_corpus_open (qw_corpus_t **self_p, const char *directory, size_t segment_bytes, qw_reason_t *reason);
void qw_corpus_close (qw_corpus_t **self_p);

/* Durable records. */
uint64_t qw_corpus_count (const qw_corpus_t *self);

/* The last record with this id, durable or appended: its position and its flags. */
bool qw_corpus_find (qw_corpus_t *self, qw_bytes_t id, uint64_t *position, uint32_t *flags);

/* Adds a record (made by qw_document_begin and qw_document_end) to the next commit, and returns its position. Counts
 * stand in `entry`, as do the flags; offset, size, checksum and hash are filled in. They must be what
 * qw_entry_of_record says, because an index that is rebuilt is equal to the one that was written. */
uint64_t qw_corpus_append (qw_corpus_t *self, qw_bytes_t record, qw_bytes_t id, qw_entry_t *entry);

/* Bytes appended for the next commit. */
size_t qw_corpus_pending (const qw_corpus_t *self);

/* Writes what was appended, fdatasync, then the index. After an error nothing more can be written: the corpus stays as it
 * was, the files are mended at the next opening, and every further commit fails with the same reason (a failed fsync is
 * never tried again). */
qw_status_t qw_corpus_commit (qw_corpus_t *self, qw_reason_t *reason);

/* The same in two halves, between which a thread of the corpus's own writes and waits for the disk: what was appended before
 * the first belongs to this commit, what is appended after it to the next. Only one can be under way; qw_corpus_commit ends it
 * first. Until it has ended nothing of it counts as durable (I1). */
void qw_corpus_commit_begin (qw_corpus_t *self);
qw_status_t qw_corpus_commit_end (qw_corpus_t *self, qw_reason_t *reason); /* waits, if need be */
bool qw_corpus_commit_under_way (const qw_corpus_t *self);

/* Readable when the commit under way would not have to be waited for. */
int qw_corpus_commit_fd (const qw_corpus_t *self);

/* Reads one record, durable or not, into `out` (appended). For comparing a known id's text. */
qw_status_t qw_corpus_read (qw_corpus_t *self, uint64_t position, qw_out_t *out, qw_reason_t *reason);

#endif
