#include "sink/corpus_check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "sink/corpus_files.h"
#include "sink/corpus_ids.h"
#include "sink/corpus_index.h"

typedef struct {
    uint8_t id_hash[16];
    uint32_t flags;
} seen_t;

typedef struct {
    int directory;
    bool being_written; /* somebody holds the lock */
    bool clear_indexes;
    qw_check_tell_t *tell;
    void *context;
    qw_check_result_t *result;
    uint64_t position; /* of the record that is next */
    qw_ids_t *ids;
    seen_t *seen; /* of each position */
    size_t seen_capacity;
    qw_utf8_index_t index;
    qw_layers_t *layers;
    qw_paragraph_t *paragraphs;
    size_t paragraph_capacity;
} check_t;

typedef struct {
    unsigned number;
    bool last;
    qw_entries_t entries;
    qw_index_state_t state;
    size_t record;   /* number of the next record in the segment */
    bool mismatched; /* the index is not what the segment says */
    bool damaged;    /* some record is not what was written */
} segment_t;

static void tell_about (check_t *self, segment_t *segment, uint64_t byte, bool repairable, const char *what)
{
    char line[400];
    snprintf (line, sizeof line, "%s, position %llu, byte %llu: %s", qw_segment_name (segment->number).text,
              (unsigned long long) self->position, (unsigned long long) byte, what);
    self->tell (self->context, line);
    self->result->damages++;
    self->result->repairable += repairable;
    segment->damaged |= !repairable;
}

static void tell_about_index (check_t *self, segment_t *segment, const char *what)
{
    char line[400];
    snprintf (line, sizeof line, "%s, position %llu: %s", qw_index_name (segment->number).text,
              (unsigned long long) self->position, what);
    self->tell (self->context, line);
    segment->mismatched = true;
    self->result->damages++;
    self->result->repairable++;
}

/* ---- one record ------------------------------------------------------------------------------------------------------ */

static bool layers_are_right (check_t *self, qw_bytes_t record, qw_reason_t *reason)
{
    qw_document_t document;
    size_t paragraphs;
    return qw_mp_scan (record.data, record.size, reason) == QW_OK
           && qw_document_read (&document, record.data, record.size, reason) == QW_OK
           && qw_document_layers (&document, &self->index, self->layers, &self->paragraphs, &paragraphs,
                                  &self->paragraph_capacity, reason) == QW_OK;
}

static uint64_t superseded_by (qw_bytes_t record)
{
    qw_document_t document;
    return qw_document_read (&document, record.data, record.size, NULL) ? 0 : document.supersedes;
}

static void remember (check_t *self, const uint8_t hash[16], uint32_t flags)
{
    if (self->position >= self->seen_capacity) {
        self->seen_capacity = self->position < 512 ? 1024 : 2 * self->position;
        seen_t *grown = realloc (self->seen, self->seen_capacity * sizeof *grown);
        if (!grown)
            abort ();
        self->seen = grown;
    }
    memcpy (self->seen[self->position].id_hash, hash, 16);
    self->seen[self->position].flags = flags;
}

/* I3: an id stands once, unless a later record takes the place of one that failed, or was dropped. */
static const char *check_id (check_t *self, const qw_entry_t *entry, uint64_t supersedes)
{
    uint64_t cursor = UINT64_MAX;
    uint32_t candidate, before = UINT32_MAX;
    while (qw_ids_next (self->ids, entry->id_hash, &cursor, &candidate))
        if (memcmp (self->seen[candidate].id_hash, entry->id_hash, 16) == 0 && (before == UINT32_MAX || candidate > before))
            before = candidate;
    qw_ids_add (self->ids, entry->id_hash, (uint32_t) self->position);
    remember (self, entry->id_hash, entry->flags);
    if (supersedes)
        return before == supersedes - 1 && self->seen[before].flags & QW_ENTRY_FAILED
                   ? NULL
                   : "the record supersedes one that is not the last failed one with its id";
    return before == UINT32_MAX || self->seen[before].flags & QW_ENTRY_DROPPED ? NULL : "another record has the same id";
}

static bool entries_equal (const qw_entry_t *a, const qw_entry_t *b)
{
    uint8_t one[QW_ENTRY_BYTES], two[QW_ENTRY_BYTES];
    qw_entry_encode (a, one);
    qw_entry_encode (b, two);
    return memcmp (one, two, QW_ENTRY_BYTES) == 0;
}

static void check_record (check_t *self, segment_t *segment, qw_bytes_t record, const qw_entry_t *entry)
{
    qw_reason_t reason;
    if (!layers_are_right (self, record, &reason))
        tell_about (self, segment, entry->offset, false, reason.text);
    const char *wrong = check_id (self, entry, superseded_by (record));
    if (wrong)
        tell_about (self, segment, entry->offset, false, wrong);
    if (segment->record < segment->entries.count && !segment->mismatched) {
        qw_entry_t indexed = qw_entries_at (&segment->entries, segment->record);
        if (!entries_equal (&indexed, entry))
            tell_about_index (self, segment, "the entry is not what the record says");
    }
    self->result->records++;
    self->position++;
    segment->record++;
}

/* ---- one segment ----------------------------------------------------------------------------------------------------- */

/* Goes on behind bytes that are no record, where the index or the record's own lengths tell its end. False: nothing
 * tells. */
static bool pass_over (check_t *self, segment_t *segment, qw_segment_scan_t *scan)
{
    uint64_t behind = 0;
    if (segment->record < segment->entries.count) {
        qw_entry_t entry = qw_entries_at (&segment->entries, segment->record);
        behind = entry.offset == scan->offset ? entry.offset + entry.size : 0;
    }
    if (!behind && qw_segment_scan_goes_on (scan))
        behind = scan->offset + qw_document_size (scan->buffer + scan->begin, scan->end - scan->begin);
    if (!behind || behind > scan->size)
        return false;
    uint8_t nobody[16] = {0};
    remember (self, nobody, 0);
    int file = scan->file;
    qw_segment_scan_close (scan);
    qw_segment_scan_open (scan, file, behind);
    self->position++;
    segment->record++;
    return true;
}

static void tell_about_end (check_t *self, segment_t *segment, const qw_segment_scan_t *scan, const char *why)
{
    char what[320];
    bool torn = segment->last && segment->record + 1 >= segment->entries.count;
    if (torn && self->being_written && segment->record >= segment->entries.count)
        return;
    snprintf (what, sizeof what, torn ? "a torn tail of %llu bytes, which the next sink cuts (%s)"
                                      : "the rest of the segment, %llu bytes, cannot be read (%s)",
              (unsigned long long) (scan->size - scan->offset), why);
    tell_about (self, segment, scan->offset, torn, what);
}

static qw_status_t scan_segment (check_t *self, segment_t *segment, int file, qw_reason_t *reason)
{
    qw_segment_scan_t scan;
    qw_status_t status;
    qw_reason_t why;
    qw_segment_scan_open (&scan, file, 0);
    for (;;) {
        qw_bytes_t record;
        qw_entry_t entry;
        status = qw_segment_scan_next (&scan, &record, &entry, &why);
        if (status == QW_OK) {
            check_record (self, segment, record, &entry);
            continue;
        }
        if (status == QW_END || status == QW_SYSTEM || status == QW_NO_MEMORY)
            break;
        bool inside = !segment->last || segment->record + 1 < segment->entries.count || qw_segment_scan_goes_on (&scan);
        uint64_t byte = scan.offset, position = self->position;
        if (inside && pass_over (self, segment, &scan)) {
            uint64_t after = self->position;
            self->position = position;
            tell_about (self, segment, byte, false, why.text);
            self->position = after;
            continue;
        }
        tell_about_end (self, segment, &scan, why.text);
        status = QW_END;
        break;
    }
    self->result->bytes += scan.offset;
    qw_segment_scan_close (&scan);
    return status == QW_END ? QW_OK : qw_fail (status, reason, "%s: %s", qw_segment_name (segment->number).text, why.text);
}

static void check_index_end (check_t *self, segment_t *segment)
{
    if (segment->state == QW_INDEX_MISSING)
        tell_about_index (self, segment, "the index is missing");
    else if (segment->state == QW_INDEX_DAMAGED)
        tell_about_index (self, segment, "the index is damaged");
    else if (segment->record < segment->entries.count)
        tell_about_index (self, segment, "the index has entries for which there are no records");
    else if (!self->being_written && (segment->state == QW_INDEX_BEHIND || segment->record > segment->entries.count))
        tell_about_index (self, segment, "the index is behind its segment");
    else
        return;
}

static qw_status_t check_segment (check_t *self, unsigned number, bool last, qw_reason_t *reason)
{
    segment_t segment = {.number = number, .last = last};
    qw_file_name_t name = qw_segment_name (number);
    int file = openat (self->directory, name.text, O_RDONLY | O_CLOEXEC);
    if (file < 0 && errno == ENOENT) {
        tell_about (self, &segment, 0, false, "the segment is missing");
        return QW_OK;
    }
    if (file < 0)
        return qw_fail_errno (reason, "%s cannot be opened", name.text);
    qw_status_t status = qw_index_load (self->directory, number, self->position, &segment.entries, &segment.state, reason);
    if (!status)
        status = scan_segment (self, &segment, file, reason);
    close (file);
    self->result->segments++;
    if (!status && !segment.mismatched)
        check_index_end (self, &segment);
    if (!status && segment.mismatched && !segment.damaged && self->clear_indexes)
        unlinkat (self->directory, qw_index_name (number).text, 0);
    qw_entries_free (&segment.entries);
    return status;
}

/* ---- all of it ------------------------------------------------------------------------------------------------------- */

static bool is_being_written (int directory)
{
    int lock = openat (directory, "lock", O_RDONLY | O_CLOEXEC);
    bool held = lock >= 0 && flock (lock, LOCK_SH | LOCK_NB) != 0;
    if (lock >= 0)
        close (lock);
    return held;
}

static qw_status_t check_all (check_t *self, const char *path, qw_reason_t *reason)
{
    unsigned count, indexes;
    self->directory = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (self->directory < 0)
        return qw_fail_errno (reason, "%s cannot be opened", path);
    qw_status_t status = qw_segments_in (self->directory, &count, &indexes, reason);
    if (!status && count == 0 && indexes == 0)
        status = qw_fail (QW_NOT_FOUND, reason, "%s is not a corpus: it has no segment-000000.msgpack", path);
    self->being_written = is_being_written (self->directory);
    if (!status && self->clear_indexes && self->being_written)
        status = qw_fail (QW_BUSY, reason, "a sink is writing to %s; stop it first", path);
    for (unsigned i = 0; i < count && !status; i++)
        status = check_segment (self, i, i + 1 == count, reason);
    for (unsigned i = count; i < indexes && !status; i++) /* an empty one is of a segment that was not made any more */
        if (qw_index_has_records (self->directory, i))
            tell_about (self, &(segment_t){.number = i}, 0, false, "the segment is missing, though its index is there");
    close (self->directory);
    return status;
}

qw_status_t qw_corpus_check (const char *directory, bool clear_indexes, qw_check_tell_t *tell, void *context,
                             qw_check_result_t *result, qw_reason_t *reason)
{
    *result = (qw_check_result_t){0};
    check_t self = {.clear_indexes = clear_indexes,
                    .tell = tell,
                    .context = context,
                    .result = result,
                    .ids = qw_ids_new (12),
                    .layers = qw_layers_new ()};
    qw_status_t status = check_all (&self, directory, reason);
    qw_ids_destroy (&self.ids);
    qw_layers_destroy (&self.layers);
    qw_utf8_index_free (&self.index);
    free (self.paragraphs);
    free (self.seen);
    return status;
}
