#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "sink/corpus_files.h"
#include "sink/corpus_index.h"

enum { FILES_KEPT = 4, ENTRIES_AT_ONCE = 128 };

typedef struct {
    uint64_t first, count; /* positions */
    uint64_t bytes_before; /* of all segments before it */
    bool sealed;           /* there is a next one, so it grows no more */
    bool scanned;          /* its index is of no use: `made_up` has what the segment itself says */
    qw_entries_t made_up;
} segment_t;

/* Files of one segment that stay open for the next read. */
typedef struct {
    int segment, index;
    size_t number;
    uint64_t used; /* when; 0: free */
} files_t;

struct qw_corpus_reader_t {
    int directory;
    segment_t *segments;
    size_t count, capacity;
    files_t files[FILES_KEPT];
    uint64_t clock;
};

/* ---- files ----------------------------------------------------------------------------------------------------------- */

static void close_files (files_t *files)
{
    if (files->used && files->segment >= 0)
        close (files->segment);
    if (files->used && files->index >= 0)
        close (files->index);
    *files = (files_t){.segment = -1, .index = -1};
}

static qw_status_t open_files (qw_corpus_reader_t *self, size_t number, files_t **found, qw_reason_t *reason)
{
    files_t *oldest = self->files;
    for (int i = 0; i < FILES_KEPT; i++) {
        files_t *files = &self->files[i];
        if (files->used && files->number == number) {
            files->used = ++self->clock;
            *found = files;
            return QW_OK;
        }
        if (files->used < oldest->used)
            oldest = files;
    }
    close_files (oldest);
    qw_file_name_t segment = qw_segment_name ((unsigned) number), index = qw_index_name ((unsigned) number);
    oldest->index = openat (self->directory, index.text, O_RDONLY | O_CLOEXEC);
    oldest->segment = openat (self->directory, segment.text, O_RDONLY | O_CLOEXEC);
    oldest->number = number;
    oldest->used = ++self->clock;
    *found = oldest;
    if (oldest->segment >= 0)
        return QW_OK;
    qw_status_t status = qw_fail_errno (reason, "%s cannot be opened", segment.text);
    close_files (oldest);
    return status;
}

/* ---- entries --------------------------------------------------------------------------------------------------------- */

/* Makes up for an index by reading the segment, as far as its records are whole. How many positions there are is not
 * changed. */
static qw_status_t make_up (qw_corpus_reader_t *self, size_t number, qw_reason_t *reason)
{
    segment_t *segment = &self->segments[number];
    files_t *files;
    qw_status_t status = open_files (self, number, &files, reason);
    if (status)
        return status;
    qw_segment_scan_t scan;
    qw_bytes_t record;
    qw_entry_t entry;
    segment->made_up.count = 0;
    qw_segment_scan_open (&scan, files->segment, 0);
    while ((status = qw_segment_scan_next (&scan, &record, &entry, reason)) == QW_OK)
        qw_entries_add (&segment->made_up, &entry);
    qw_segment_scan_close (&scan);
    segment->scanned = true;
    return status == QW_SYSTEM || status == QW_NO_MEMORY ? status : QW_OK;
}

/* The index can't be used: the segment alone tells how many records there are. */
static void go_without_index (qw_corpus_reader_t *self, size_t number)
{
    make_up (self, number, NULL);
    self->segments[number].count = self->segments[number].made_up.count;
}

/* Reads entries [from, from + count) of a segment; fewer only where it is damaged. */
static size_t load_entries (qw_corpus_reader_t *self, size_t number, uint64_t from, size_t count, qw_entry_t *entries)
{
    segment_t *segment = &self->segments[number];
    uint8_t bytes[ENTRIES_AT_ONCE * QW_ENTRY_BYTES];
    const uint8_t *at = bytes;
    size_t got = 0;
    files_t *files;
    if (count > ENTRIES_AT_ONCE)
        count = ENTRIES_AT_ONCE;
    if (segment->scanned) {
        got = from < segment->made_up.count ? segment->made_up.count - (size_t) from : 0;
        at = got ? segment->made_up.bytes + from * QW_ENTRY_BYTES : bytes;
    } else {
        for (int tries = 0; tries < 2 && got < count && open_files (self, number, &files, NULL) == QW_OK; tries++) {
            ssize_t read = qw_file_read (files->index, bytes, count * QW_ENTRY_BYTES, QW_INDEX_HEAD + from * QW_ENTRY_BYTES);
            got = read > 0 ? (size_t) read / QW_ENTRY_BYTES : 0;
            if (got < count)
                close_files (files); /* an index that was mended is another file under the same name */
        }
    }
    if (got > count)
        got = count;
    for (size_t i = 0; i < got; i++)
        entries[i] = qw_entry_decode (at + i * QW_ENTRY_BYTES);
    return got;
}

/* Bytes of a segment's records, by its last entry. */
static uint64_t end_of (qw_corpus_reader_t *self, size_t number)
{
    qw_entry_t last;
    segment_t *segment = &self->segments[number];
    return segment->count && load_entries (self, number, segment->count - 1, 1, &last) == 1 ? last.offset + last.size : 0;
}

/* ---- growing --------------------------------------------------------------------------------------------------------- */

/* The head of an index; false when there is none that can be used. */
static bool read_head (qw_corpus_reader_t *self, size_t number, uint64_t *first, uint64_t *count)
{
    int file = openat (self->directory, qw_index_name ((unsigned) number).text, O_RDONLY | O_CLOEXEC);
    uint8_t head[QW_INDEX_HEAD];
    bool good = file >= 0 && qw_file_read (file, head, sizeof head, 0) == sizeof head && qw_index_head_decode (head, first);
    if (good)
        *count = (qw_file_size (file) - QW_INDEX_HEAD) / QW_ENTRY_BYTES;
    if (file >= 0)
        close (file);
    return good;
}

static bool is_there (qw_corpus_reader_t *self, size_t number)
{
    return faccessat (self->directory, qw_index_name ((unsigned) number).text, F_OK, 0) == 0
           || faccessat (self->directory, qw_segment_name ((unsigned) number).text, F_OK, 0) == 0;
}

/* Counts the records of the last segment anew. */
static void look_again (qw_corpus_reader_t *self, size_t number)
{
    segment_t *segment = &self->segments[number];
    uint64_t first, count = 0;
    if (segment->scanned)
        return;
    if (read_head (self, number, &first, &count) && first == segment->first) {
        if (count > segment->count)
            segment->count = count;
    } else
        go_without_index (self, number);
}

/* True when the index says what the segment's size says. A live segment may be ahead of its index, never behind. */
static bool index_fits (qw_corpus_reader_t *self, size_t number)
{
    files_t *files;
    if (open_files (self, number, &files, NULL))
        return self->segments[number].count == 0;
    uint64_t size = qw_file_size (files->segment), end = end_of (self, number);
    return self->segments[number].sealed ? end == size : end <= size && (end > 0 || self->segments[number].count == 0);
}

static void add_segment (qw_corpus_reader_t *self)
{
    if (self->count == self->capacity) {
        self->capacity = self->capacity ? 2 * self->capacity : 16;
        segment_t *grown = realloc (self->segments, self->capacity * sizeof *grown);
        if (!grown)
            abort ();
        self->segments = grown;
    }
    segment_t *segment = &self->segments[self->count];
    *segment = (segment_t){0};
    if (self->count > 0) {
        const segment_t *before = segment - 1;
        segment->first = before->first + before->count;
        segment->bytes_before = before->bytes_before + end_of (self, self->count - 1);
    }
    self->count++;
    look_again (self, self->count - 1);
    if (!segment->scanned && !index_fits (self, self->count - 1))
        go_without_index (self, self->count - 1);
}

/* The segment has a successor, so the writer is done with it: how many records it has is settled now. */
static void seal (qw_corpus_reader_t *self, size_t number)
{
    segment_t *segment = &self->segments[number];
    look_again (self, number);
    segment->sealed = true;
    if (!segment->scanned && !index_fits (self, number))
        go_without_index (self, number);
    uint64_t first, count;
    if (read_head (self, number + 1, &first, &count) && first >= segment->first + segment->count)
        segment->count = first - segment->first; /* what is damaged keeps its positions, so that the others keep theirs */
}

static void refresh (qw_corpus_reader_t *self)
{
    while (is_there (self, self->count)) {
        if (self->count > 0)
            seal (self, self->count - 1);
        add_segment (self);
    }
    if (self->count > 0)
        look_again (self, self->count - 1);
}

qw_corpus_reader_t *qw_corpus_reader_open (const char *directory, qw_reason_t *reason)
{
    int opened = open (directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (opened < 0) {
        qw_fail_errno (reason, "%s cannot be opened", directory);
        return NULL;
    }
    qw_corpus_reader_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->directory = opened;
    refresh (self);
    if (self->count == 0) {
        qw_fail (QW_NOT_FOUND, reason, "%s is not a corpus: it has no segment-000000.msgpack", directory);
        qw_corpus_reader_close (&self);
    }
    return self;
}

void qw_corpus_reader_close (qw_corpus_reader_t **self_p)
{
    qw_corpus_reader_t *self = *self_p;
    if (!self)
        return;
    for (int i = 0; i < FILES_KEPT; i++)
        close_files (&self->files[i]);
    for (size_t i = 0; i < self->count; i++)
        qw_entries_free (&self->segments[i].made_up);
    free (self->segments);
    close (self->directory);
    free (self);
    *self_p = NULL;
}

/* ---- reading --------------------------------------------------------------------------------------------------------- */

static uint64_t known (const qw_corpus_reader_t *self)
{
    const segment_t *last = &self->segments[self->count - 1];
    return last->first + last->count;
}

uint64_t qw_corpus_reader_count (qw_corpus_reader_t *self)
{
    refresh (self);
    return known (self);
}

/* The segment that holds a position; looks for new ones when the position is beyond what is known. */
static qw_status_t locate (qw_corpus_reader_t *self, uint64_t position, size_t *number)
{
    if (position >= known (self)) {
        refresh (self);
        if (position >= known (self))
            return QW_END;
    }
    size_t low = 0, high = self->count - 1;
    while (low < high) {
        size_t middle = (low + high + 1) / 2;
        if (self->segments[middle].first <= position)
            low = middle;
        else
            high = middle - 1;
    }
    *number = low;
    return QW_OK;
}

qw_status_t qw_corpus_reader_entries (qw_corpus_reader_t *self, uint64_t position, size_t count, qw_entry_t *entries,
                                      size_t *got, qw_reason_t *reason)
{
    size_t number;
    *got = 0;
    qw_status_t status = locate (self, position, &number);
    if (status)
        return status;
    const segment_t *segment = &self->segments[number];
    uint64_t from = position - segment->first, left = segment->count - from;
    *got = load_entries (self, number, from, count < left ? count : (size_t) left, entries);
    if (*got > 0)
        return QW_OK;
    return qw_fail (QW_DAMAGED, reason, "%s: the index entry of position %llu cannot be read",
                    qw_index_name ((unsigned) number).text, (unsigned long long) position);
}

qw_status_t qw_corpus_reader_entry (qw_corpus_reader_t *self, uint64_t position, qw_entry_t *entry, qw_reason_t *reason)
{
    size_t got;
    return qw_corpus_reader_entries (self, position, 1, entry, &got, reason);
}

uint64_t qw_corpus_reader_bytes (qw_corpus_reader_t *self, uint64_t position)
{
    size_t number;
    qw_entry_t entry;
    if (position == 0)
        return 0;
    if (locate (self, position - 1, &number)
        || load_entries (self, number, position - 1 - self->segments[number].first, 1, &entry) != 1)
        return 0;
    return self->segments[number].bytes_before + entry.offset + entry.size;
}

/* How many of the entries, one behind the other, fit into `limit`; their bytes together. */
static size_t choose (const qw_entry_t *entries, size_t count, size_t limit, size_t *bytes)
{
    size_t chosen = 0;
    for (*bytes = 0; chosen < count; chosen++) {
        const qw_entry_t *entry = &entries[chosen];
        if (chosen > 0 && (entry->offset != entries[0].offset + *bytes || entry->size > limit - *bytes))
            break;
        *bytes += entry->size;
        if (*bytes >= limit)
            return chosen + 1;
    }
    return chosen;
}

/* How many of the records in `bytes` are what their entries say. */
static size_t count_right (const qw_entry_t *entries, size_t count, const char *bytes)
{
    for (size_t i = 0; i < count; bytes += entries[i].size, i++) {
        if (entries[i].size < QW_DOCUMENT_TAIL || qw_document_crc (bytes, entries[i].size) != entries[i].crc32c)
            return i;
        const uint8_t *tail = (const uint8_t *) bytes + entries[i].size - 4;
        if (((uint32_t) tail[0] << 24 | (uint32_t) tail[1] << 16 | (uint32_t) tail[2] << 8 | tail[3]) != entries[i].crc32c)
            return i;
    }
    return count;
}

/* Reads right records of one segment, or none. */
static size_t read_batch (qw_corpus_reader_t *self, size_t number, uint64_t from, size_t limit, qw_out_t *out)
{
    segment_t *segment = &self->segments[number];
    qw_entry_t entries[ENTRIES_AT_ONCE];
    uint64_t left = segment->count - from;
    size_t bytes,
        loaded = load_entries (self, number, from, left < ENTRIES_AT_ONCE ? (size_t) left : ENTRIES_AT_ONCE, entries);
    size_t chosen = choose (entries, loaded, limit, &bytes);
    files_t *files;
    if (chosen == 0 || open_files (self, number, &files, NULL)
        || entries[0].offset + bytes > qw_file_size (files->segment))
        return 0;
    char *room = qw_out_reserve (out, bytes);
    if (qw_file_read (files->segment, room, bytes, entries[0].offset) != (ssize_t) bytes)
        return 0;
    size_t right = count_right (entries, chosen, room);
    for (size_t i = 0; i < right; i++)
        out->buffer.size += entries[i].size;
    return right;
}

qw_status_t qw_corpus_reader_read (qw_corpus_reader_t *self, uint64_t position, size_t limit, qw_out_t *out, size_t *count,
                                   qw_reason_t *reason)
{
    size_t number;
    *count = 0;
    qw_status_t status = locate (self, position, &number);
    if (status)
        return status;
    segment_t *segment = &self->segments[number];
    uint64_t from = position - segment->first;
    *count = read_batch (self, number, from, limit, out);
    if (*count == 0 && !segment->scanned) { /* the fault may be the index's */
        status = make_up (self, number, reason);
        if (!status && from < segment->made_up.count)
            *count = read_batch (self, number, from, limit, out);
        segment->scanned = *count > 0; /* it was the record's: the index still leads to those behind it */
    }
    if (*count > 0)
        return QW_OK;
    return status ? status : qw_fail (QW_DAMAGED, reason, "%s: the record at position %llu is damaged",
                                      qw_segment_name ((unsigned) number).text, (unsigned long long) position);
}
