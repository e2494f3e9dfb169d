#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sink/corpus_ids.h"
#include "sink/corpus_index.h"
#include "sink/corpus_private.h"
#include "sink/corpus_recover.h"

enum { SEGMENT_BYTES = 256 << 20, BUFFER_KEPT = 16 << 20, ID_BITS = 19 };

/* Records of one commit. */
typedef struct {
    qw_out_t bytes;
    qw_entries_t entries; /* one at offset 0 begins a new segment */
} batch_t;

struct qw_corpus_t {
    const qw_corpus_io_t *io;
    int directory, lock;
    uint64_t durable;     /* records, in all segments */
    uint64_t tail_size;   /* bytes in the segment where the next record goes, counting what is appended */
    size_t segment_bytes; /* a segment is full beyond this */
    batch_t pending;      /* appended since the last commit began */
    qw_ids_t *ids;
    qw_corpus_reader_t *reader; /* of what is durable */
    bool broken;                /* a write failed: nothing is written any more */
    qw_reason_t why;

    /* The thread's while a commit is under way, otherwise the caller's. */
    int segment, index;    /* the last segment's files; -1: not open */
    unsigned number;       /* of the last segment on disk */
    uint64_t first;        /* its first position */
    uint64_t segment_size; /* durable bytes in it */
    uint64_t written;      /* records that are on disk */
    batch_t writing;
    qw_status_t outcome;
    qw_reason_t failure;

    bool under_way, has_thread;
    pthread_t thread;
    int begun, over; /* eventfds: a commit begins (ENOUGH: no more come); it is over */
};

enum { ENOUGH = 1000 };

static void signal_event (int file, uint64_t count)
{
    ssize_t ignored = write (file, &count, sizeof count);
    (void) ignored;
}

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
    self->durable = self->written = recovery.first + recovery.records;
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
    self->directory = self->lock = self->segment = self->index = self->begun = self->over = -1;
    self->segment_bytes = segment_bytes ? segment_bytes : SEGMENT_BYTES;
    self->ids = qw_ids_new (ID_BITS);
    qw_out_init (&self->pending.bytes);
    qw_out_init (&self->writing.bytes);
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

static void free_batch (batch_t *batch)
{
    qw_entries_free (&batch->entries);
    qw_out_free (&batch->bytes);
}

static void stop_thread (qw_corpus_t *self)
{
    if (!self->has_thread)
        return;
    qw_corpus_commit_end (self, NULL);
    signal_event (self->begun, ENOUGH);
    pthread_join (self->thread, NULL);
    close (self->begun);
    close (self->over);
}

void qw_corpus_close (qw_corpus_t **self_p)
{
    qw_corpus_t *self = *self_p;
    if (!self)
        return;
    stop_thread (self);
    if (self->index >= 0 && !self->broken)
        self->io->fdatasync (self->index); /* if it fails, the next opening completes the index */
    close_segment (self);
    qw_corpus_reader_close (&self->reader);
    if (self->lock >= 0)
        close (self->lock);
    if (self->directory >= 0)
        close (self->directory);
    qw_ids_destroy (&self->ids);
    free_batch (&self->pending);
    free_batch (&self->writing);
    free (self);
    *self_p = NULL;
}

uint64_t qw_corpus_count (const qw_corpus_t *self) { return self->durable; }
size_t qw_corpus_pending (const qw_corpus_t *self) { return self->pending.bytes.buffer.size; }

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
    uint64_t position = self->durable + self->writing.entries.count + self->pending.entries.count;
    qw_entries_add (&self->pending.entries, entry);
    qw_put_raw (&self->pending.bytes, record);
    qw_ids_add (self->ids, entry->id_hash, (uint32_t) position);
    self->tail_size += record.size;
    return position;
}

/* Ends the last segment, which is on disk; its index goes there too, so that only a last segment is ever unfinished. */
static qw_status_t begin_segment (qw_corpus_t *self, qw_reason_t *reason)
{
    if (self->io->fdatasync (self->index) != 0)
        return qw_fail_errno (reason, "%s cannot be brought to disk", qw_index_name (self->number).text);
    qw_status_t status = qw_segment_create (self->io, self->directory, self->number + 1, self->written, reason);
    if (status)
        return status;
    close_segment (self);
    self->number++;
    self->first = self->written;
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
    uint64_t at = QW_INDEX_HEAD + (self->written - self->first) * QW_ENTRY_BYTES;
    status = qw_file_write (self->io, self->index, self->writing.entries.bytes + from * QW_ENTRY_BYTES, count * QW_ENTRY_BYTES,
                            at, qw_index_name (self->number).text, reason);
    if (!status)
        self->written += count;
    return status;
}

static qw_status_t write_batch (qw_corpus_t *self, qw_reason_t *reason)
{
    const qw_entries_t *entries = &self->writing.entries;
    const char *bytes = self->writing.bytes.buffer.data;
    qw_status_t status = QW_OK;
    for (size_t from = 0; from < entries->count && !status;) {
        qw_entry_t entry = qw_entries_at (entries, from);
        size_t until = from, size = 0;
        do {
            size += entry.size;
            if (++until < entries->count)
                entry = qw_entries_at (entries, until);
        } while (until < entries->count && entry.offset > 0);
        if (qw_entries_at (entries, from).offset == 0 && self->segment_size > 0)
            status = begin_segment (self, reason);
        if (!status)
            status = commit_run (self, from, until - from, bytes, size, reason);
        bytes += size;
        from = until;
    }
    return status;
}

static void empty_batch (batch_t *batch)
{
    batch->entries.count = 0;
    qw_out_reset (&batch->bytes);
    if (batch->bytes.buffer.alloc > BUFFER_KEPT) { /* one giant does not stay in memory */
        qw_out_free (&batch->bytes);
        qw_out_init (&batch->bytes);
    }
}

/* What was appended becomes what is written. */
static void swap_batches (qw_corpus_t *self)
{
    batch_t full = self->pending;
    self->pending = self->writing;
    self->writing = full;
    self->pending.bytes.packer.data = &self->pending.bytes.buffer; /* a packer knows its buffer by its place */
    self->writing.bytes.packer.data = &self->writing.bytes.buffer;
}

/* Takes over how the writing went. */
static qw_status_t settle (qw_corpus_t *self, qw_reason_t *reason)
{
    self->durable = self->written;
    empty_batch (&self->writing);
    if (!self->outcome)
        return QW_OK;
    self->broken = true;
    self->why = self->failure;
    return qw_fail (self->outcome, reason, "%s", self->why.text);
}

qw_status_t qw_corpus_commit (qw_corpus_t *self, qw_reason_t *reason)
{
    qw_status_t status = qw_corpus_commit_end (self, reason);
    if (status)
        return status;
    swap_batches (self);
    self->outcome = write_batch (self, &self->failure);
    return settle (self, reason);
}

/* ---- committing in a thread ------------------------------------------------------------------------------------------ */

static void *run_thread (void *argument)
{
    qw_corpus_t *self = argument;
    uint64_t begun;
    while (read (self->begun, &begun, sizeof begun) == sizeof begun && begun < ENOUGH) {
        self->outcome = write_batch (self, &self->failure);
        signal_event (self->over, 1);
    }
    return NULL;
}

static void start_thread (qw_corpus_t *self)
{
    self->begun = eventfd (0, EFD_CLOEXEC);
    self->over = eventfd (0, EFD_CLOEXEC);
    sigset_t all, before;
    sigfillset (&all);
    pthread_sigmask (SIG_SETMASK, &all, &before); /* signals are the caller's */
    if (self->begun < 0 || self->over < 0 || pthread_create (&self->thread, NULL, run_thread, self) != 0)
        abort ();
    pthread_sigmask (SIG_SETMASK, &before, NULL);
    self->has_thread = true;
}

void qw_corpus_commit_begin (qw_corpus_t *self)
{
    if (self->under_way || self->broken)
        return;
    if (!self->has_thread)
        start_thread (self);
    swap_batches (self);
    self->under_way = true;
    signal_event (self->begun, 1);
}

qw_status_t qw_corpus_commit_end (qw_corpus_t *self, qw_reason_t *reason)
{
    if (!self->under_way)
        return self->broken ? qw_fail (QW_SYSTEM, reason, "%s", self->why.text) : QW_OK;
    uint64_t over;
    while (read (self->over, &over, sizeof over) != sizeof over)
        ; /* interrupted */
    self->under_way = false;
    return settle (self, reason);
}

bool qw_corpus_commit_under_way (const qw_corpus_t *self) { return self->under_way; }
int qw_corpus_commit_fd (const qw_corpus_t *self) { return self->over; }

/* ---- looking back ---------------------------------------------------------------------------------------------------- */

/* A record that is not durable yet: its batch, and its number in it. */
static const batch_t *batch_of (const qw_corpus_t *self, uint64_t position, size_t *number)
{
    size_t writing = self->writing.entries.count;
    *number = (size_t) (position - self->durable);
    if (*number < writing)
        return &self->writing;
    *number -= writing;
    return *number < self->pending.entries.count ? &self->pending : NULL;
}

static bool entry_at (qw_corpus_t *self, uint64_t position, qw_entry_t *entry)
{
    if (self->broken || position < self->durable)
        return qw_corpus_reader_entry (self->reader, position, entry, NULL) == QW_OK;
    size_t number;
    const batch_t *batch = batch_of (self, position, &number);
    if (batch)
        *entry = qw_entries_at (&batch->entries, number);
    return batch != NULL;
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
    size_t number;
    const batch_t *batch = batch_of (self, position, &number);
    if (!batch)
        return qw_fail (QW_NOT_FOUND, reason, "there is no position %llu", (unsigned long long) position);
    const char *bytes = batch->bytes.buffer.data;
    for (size_t i = 0; i < number; i++)
        bytes += qw_entries_at (&batch->entries, i).size;
    qw_put_raw (out, (qw_bytes_t){bytes, qw_entries_at (&batch->entries, number).size});
    return QW_OK;
}
