#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sink/corpus_ids.h"
#include "sink/corpus_index.h"
#include "sink/corpus_private.h"
#include "sink/corpus_recover.h"

enum { SEGMENT_BYTES = 256 << 20, BUFFER_KEPT = 16 << 20, ID_BITS = 19 };

struct qw_corpus_t {
    const qw_corpus_io_t *io;
    int directory, lock;
    int segment, index;    /* the last segment's files; -1: not open */
    unsigned number;       /* of the last segment on disk */
    uint64_t first;        /* its first position */
    uint64_t segment_size; /* durable bytes in it */
    uint64_t durable;      /* records, in all segments */
    uint64_t tail_size;    /* bytes in the segment where the next record goes, counting what is appended */
    size_t segment_bytes;  /* a segment is full beyond this */
    qw_out_t pending;      /* records appended and not committed */
    qw_entries_t entries;  /* theirs; one at offset 0 begins a new segment */
    qw_ids_t *ids;
    qw_corpus_reader_t *reader; /* of what is durable */
    bool broken;                /* a write failed: nothing is written any more */
    qw_reason_t why;
};

/* ---- opening and closing --------------------------------------------------------------------------------------------- */

static qw_status_t open_directory (qw_corpus_t *self, const char *path, qw_reason_t *reason)
{
    bool made = mkdir (path, 0777) == 0;
    if (!made && errno != EEXIST)
        return qw_fail_errno (reason, "the corpus %s cannot be made", path);
    self->directory = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (self->directory < 0)
        return qw_fail_errno (reason, "the corpus %s cannot be opened", path);
    if (made) { /* its name is to outlive a power failure too */
        int parent = openat (self->directory, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (parent >= 0) {
            fsync (parent);
            close (parent);
        }
    }
    self->lock = openat (self->directory, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (self->lock < 0)
        return qw_fail_errno (reason, "the lock of the corpus %s cannot be opened", path);
    if (flock (self->lock, LOCK_EX | LOCK_NB) == 0)
        return QW_OK;
    return errno == EWOULDBLOCK ? qw_fail (QW_BUSY, reason, "another process is writing to the corpus %s", path)
                                : qw_fail_errno (reason, "the corpus %s cannot be locked", path);
}

static void close_segment (qw_corpus_t *self)
{
    if (self->segment >= 0)
        close (self->segment);
    if (self->index >= 0)
        close (self->index);
    self->segment = self->index = -1;
}

static qw_status_t open_segment (qw_corpus_t *self, qw_reason_t *reason)
{
    qw_file_name_t segment = qw_segment_name (self->number), index = qw_index_name (self->number);
    self->segment = openat (self->directory, segment.text, O_WRONLY | O_CLOEXEC);
    if (self->segment < 0)
        return qw_fail_errno (reason, "%s cannot be opened for writing", segment.text);
    self->index = openat (self->directory, index.text, O_WRONLY | O_CLOEXEC);
    return self->index < 0 ? qw_fail_errno (reason, "%s cannot be opened for writing", index.text) : QW_OK;
}

static qw_status_t set_up (qw_corpus_t *self, const char *path, qw_reason_t *reason)
{
    qw_status_t status = open_directory (self, path, reason);
    qw_recovery_t recovery;
    if (!status)
        status = qw_corpus_recover (self->io, self->directory, self->ids, &recovery, reason);
    if (status)
        return status;
    self->number = recovery.number;
    self->first = recovery.first;
    self->durable = recovery.first + recovery.records;
    self->segment_size = self->tail_size = recovery.segment_size;
    status = open_segment (self, reason);
    if (status)
        return status;
    self->reader = qw_corpus_reader_open (path, reason);
    return self->reader ? QW_OK : QW_SYSTEM;
}

qw_status_t qw_corpus_open_with (qw_corpus_t **self_p, const qw_corpus_io_t *io, const char *directory, size_t segment_bytes,
                                 qw_reason_t *reason)
{
    qw_corpus_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->io = io;
    self->directory = self->lock = self->segment = self->index = -1;
    self->segment_bytes = segment_bytes ? segment_bytes : SEGMENT_BYTES;
    self->ids = qw_ids_new (ID_BITS);
    qw_out_init (&self->pending);
    qw_status_t status = set_up (self, directory, reason);
    if (status)
        qw_corpus_close (&self);
    *self_p = self;
    return status;
}

qw_status_t qw_corpus_open (qw_corpus_t **self_p, const char *directory, size_t segment_bytes, qw_reason_t *reason)
{
    return qw_corpus_open_with (self_p, &qw_corpus_system_io, directory, segment_bytes, reason);
}

void qw_corpus_close (qw_corpus_t **self_p)
{
    qw_corpus_t *self = *self_p;
    if (!self)
        return;
    if (self->index >= 0 && !self->broken)
        self->io->fdatasync (self->index); /* if it fails, the next opening completes the index */
    close_segment (self);
    qw_corpus_reader_close (&self->reader);
    if (self->lock >= 0)
        close (self->lock);
    if (self->directory >= 0)
        close (self->directory);
    qw_ids_destroy (&self->ids);
    qw_entries_free (&self->entries);
    qw_out_free (&self->pending);
    free (self);
    *self_p = NULL;
}

uint64_t qw_corpus_count (const qw_corpus_t *self) { return self->durable; }
size_t qw_corpus_pending (const qw_corpus_t *self) { return self->pending.buffer.size; }

/* ---- appending and committing ---------------------------------------------------------------------------------------- */

uint64_t qw_corpus_append (qw_corpus_t *self, qw_bytes_t record, qw_bytes_t id, qw_entry_t *entry)
{
    const uint8_t *tail = (const uint8_t *) record.data + record.size - 4;
    if (self->tail_size > 0 && self->tail_size + record.size > self->segment_bytes)
        self->tail_size = 0;
    entry->offset = self->tail_size;
    entry->size = (uint32_t) record.size;
    entry->crc32c = (uint32_t) tail[0] << 24 | (uint32_t) tail[1] << 16 | (uint32_t) tail[2] << 8 | tail[3];
    qw_id_hash (id, entry->id_hash);
    uint64_t position = self->durable + self->entries.count;
    qw_entries_add (&self->entries, entry);
    qw_put_raw (&self->pending, record);
    qw_ids_add (self->ids, entry->id_hash, (uint32_t) position);
    self->tail_size += record.size;
    return position;
}

/* Ends the last segment, which is on disk; its index goes there too, so that only a last segment is ever unfinished. */
static qw_status_t begin_segment (qw_corpus_t *self, qw_reason_t *reason)
{
    if (self->io->fdatasync (self->index) != 0)
        return qw_fail_errno (reason, "%s cannot be brought to disk", qw_index_name (self->number).text);
    qw_status_t status = qw_segment_create (self->io, self->directory, self->number + 1, self->durable, reason);
    if (status)
        return status;
    close_segment (self);
    self->number++;
    self->first = self->durable;
    self->segment_size = 0;
    return open_segment (self, reason);
}

/* Writes entries [from, from + count), which are of one segment, and their records' bytes (I1: data, disk, and only then
 * the index, by which readers see them). */
static qw_status_t commit_run (qw_corpus_t *self, size_t from, size_t count, const char *bytes, size_t size,
                               qw_reason_t *reason)
{
    qw_file_name_t segment = qw_segment_name (self->number);
    qw_status_t status = qw_file_write (self->io, self->segment, bytes, size, self->segment_size, segment.text, reason);
    if (status)
        return status;
    if (self->io->fdatasync (self->segment) != 0)
        return qw_fail_errno (reason, "%s cannot be brought to disk", segment.text);
    self->segment_size += size;
    uint64_t at = QW_INDEX_HEAD + (self->durable - self->first) * QW_ENTRY_BYTES;
    status = qw_file_write (self->io, self->index, self->entries.bytes + from * QW_ENTRY_BYTES, count * QW_ENTRY_BYTES, at,
                            qw_index_name (self->number).text, reason);
    if (!status)
        self->durable += count;
    return status;
}

static qw_status_t commit_all (qw_corpus_t *self, qw_reason_t *reason)
{
    const char *bytes = self->pending.buffer.data;
    qw_status_t status = QW_OK;
    for (size_t from = 0; from < self->entries.count && !status;) {
        qw_entry_t entry = qw_entries_at (&self->entries, from);
        size_t until = from, size = 0;
        do {
            size += entry.size;
            if (++until < self->entries.count)
                entry = qw_entries_at (&self->entries, until);
        } while (until < self->entries.count && entry.offset > 0);
        if (qw_entries_at (&self->entries, from).offset == 0 && self->segment_size > 0)
            status = begin_segment (self, reason);
        if (!status)
            status = commit_run (self, from, until - from, bytes, size, reason);
        bytes += size;
        from = until;
    }
    return status;
}

qw_status_t qw_corpus_commit (qw_corpus_t *self, qw_reason_t *reason)
{
    if (self->broken)
        return qw_fail (QW_SYSTEM, reason, "%s", self->why.text);
    qw_status_t status = commit_all (self, &self->why);
    if (status) {
        self->broken = true;
        return qw_fail (status, reason, "%s", self->why.text);
    }
    self->entries.count = 0;
    qw_out_reset (&self->pending);
    if (self->pending.buffer.alloc > BUFFER_KEPT) { /* one giant does not stay in memory */
        qw_out_free (&self->pending);
        qw_out_init (&self->pending);
    }
    return QW_OK;
}

/* ---- looking back ---------------------------------------------------------------------------------------------------- */

static bool entry_at (qw_corpus_t *self, uint64_t position, qw_entry_t *entry)
{
    if (self->broken || position < self->durable)
        return qw_corpus_reader_entry (self->reader, position, entry, NULL) == QW_OK;
    *entry = qw_entries_at (&self->entries, (size_t) (position - self->durable));
    return true;
}

bool qw_corpus_find (qw_corpus_t *self, qw_bytes_t id, uint64_t *position, uint32_t *flags)
{
    uint8_t hash[16];
    uint64_t cursor = UINT64_MAX;
    uint32_t candidate;
    bool found = false;
    qw_id_hash (id, hash);
    while (qw_ids_next (self->ids, hash, &cursor, &candidate)) {
        qw_entry_t entry;
        if ((!found || candidate > *position) && entry_at (self, candidate, &entry)
            && memcmp (entry.id_hash, hash, 16) == 0) {
            *position = candidate;
            *flags = entry.flags;
            found = true;
        }
    }
    return found;
}

qw_status_t qw_corpus_read (qw_corpus_t *self, uint64_t position, qw_out_t *out, qw_reason_t *reason)
{
    size_t count;
    if (self->broken || position < self->durable) {
        qw_status_t status = qw_corpus_reader_read (self->reader, position, 1, out, &count, reason);
        return status == QW_END
                 ? qw_fail (QW_NOT_FOUND, reason, "there is no position %llu", (unsigned long long) position)
                 : status;
    }
    const char *bytes = self->pending.buffer.data;
    for (size_t i = 0; i < self->entries.count; i++) {
        qw_entry_t entry = qw_entries_at (&self->entries, i);
        if (self->durable + i == position) {
            qw_put_raw (out, (qw_bytes_t){bytes, entry.size});
            return QW_OK;
        }
        bytes += entry.size;
    }
    return qw_fail (QW_NOT_FOUND, reason, "there is no position %llu", (unsigned long long) position);
}
