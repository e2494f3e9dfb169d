#include "sink/corpus_recover.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/log.h"
#include "sink/corpus_index.h"

/* What is known of one segment, and what must be done to it. */
typedef struct {
    unsigned number;
    uint64_t first;
    qw_entries_t entries;
    size_t indexed;      /* of the entries: as many stand in the index file already */
    bool write_index;    /* the index file must be replaced */
    uint64_t size;       /* bytes of the file */
    uint64_t end;        /* bytes to keep */
} plan_t;

qw_status_t qw_segment_create (const qw_corpus_io_t *io, int directory, unsigned number, uint64_t first, qw_reason_t *reason)
{
    uint8_t head[QW_INDEX_HEAD];
    qw_index_head_encode (first, head);
    qw_status_t status = qw_file_replace (io, directory, qw_index_name (number).text, head, sizeof head, reason);
    if (status)
        return status;
    qw_file_name_t name = qw_segment_name (number);
    int file = openat (directory, name.text, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (file < 0)
        return qw_fail_errno (reason, "%s cannot be made", name.text);
    close (file);
    return fsync (directory) == 0 ? QW_OK : qw_fail_errno (reason, "the corpus's directory cannot be brought to disk");
}

/* Adds the whole records behind the entries known so far. Sets plan->end. */
static qw_status_t scan_on (plan_t *plan, int file, bool may_cut, bool tail_known, qw_reason_t *reason)
{
    qw_segment_scan_t scan;
    qw_bytes_t record;
    qw_entry_t entry;
    qw_reason_t why;
    qw_status_t status;
    qw_segment_scan_open (&scan, file, plan->end);
    while ((status = qw_segment_scan_next (&scan, &record, &entry, &why)) == QW_OK)
        qw_entries_add (&plan->entries, &entry);
    plan->end = scan.offset;
    if (status == QW_END)
        status = QW_OK;
    else if (status == QW_SYSTEM || status == QW_NO_MEMORY)
        status = qw_fail (status, reason, "%s: %s", qw_segment_name (plan->number).text, why.text);
    else if (may_cut && (tail_known || !qw_segment_scan_goes_on (&scan)))
        status = QW_OK;
    else
        status = qw_fail (QW_DAMAGED, reason, "%s is damaged at byte %llu, position %llu: %s",
                          qw_segment_name (plan->number).text, (unsigned long long) plan->end,
                          (unsigned long long) (plan->first + plan->entries.count), why.text);
    qw_segment_scan_close (&scan);
    return status;
}

static bool record_is_right (int file, const qw_entry_t *entry)
{
    char *bytes = malloc (entry->size ? entry->size : 1);
    qw_entry_t found;
    bool right = bytes && qw_file_read (file, bytes, entry->size, entry->offset) == (ssize_t) entry->size
                 && qw_entry_of_record (&found, (qw_bytes_t){bytes, entry->size}, NULL, NULL) == QW_OK
                 && found.crc32c == entry->crc32c;
    free (bytes);
    return right;
}

/* The last segment: entries whose records are not there, or not right any more, at the end of it are taken back. */
static void take_back_torn (plan_t *plan, int file)
{
    while (plan->entries.count > 0) {
        qw_entry_t last = qw_entries_at (&plan->entries, plan->entries.count - 1);
        if (last.offset + last.size <= plan->size && record_is_right (file, &last))
            return;
        plan->entries.count--;
        plan->write_index = true;
    }
}

/* Finds out what must be done to a segment; changes no file. */
static qw_status_t make_plan (int directory, plan_t *plan, bool last, qw_reason_t *reason)
{
    qw_file_name_t name = qw_segment_name (plan->number);
    int file = openat (directory, name.text, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return errno == ENOENT ? qw_fail (QW_DAMAGED, reason, "%s is missing", name.text)
                               : qw_fail_errno (reason, "%s cannot be opened", name.text);
    plan->size = qw_file_size (file);
    qw_index_state_t state;
    qw_status_t status = qw_index_load (directory, plan->number, plan->first, &plan->entries, &state, reason);
    plan->indexed = plan->entries.count;
    bool whole = state == QW_INDEX_WHOLE && qw_entries_end (&plan->entries) == plan->size;
    if (!status && last && state != QW_INDEX_MISSING && state != QW_INDEX_DAMAGED) {
        take_back_torn (plan, file);
        plan->end = qw_entries_end (&plan->entries);
        status = scan_on (plan, file, true, true, reason);
        plan->write_index |= state != QW_INDEX_WHOLE || plan->entries.count != plan->indexed;
    } else if (!status && !whole) {
        plan->entries.count = plan->indexed = 0;
        plan->write_index = true;
        status = scan_on (plan, file, last, false, reason);
    } else
        plan->end = plan->size;
    close (file);
    return status;
}

static qw_status_t cut_tail (const qw_corpus_io_t *io, int directory, const plan_t *plan, qw_reason_t *reason)
{
    qw_file_name_t name = qw_segment_name (plan->number);
    int file = openat (directory, name.text, O_WRONLY | O_CLOEXEC);
    if (file < 0)
        return qw_fail_errno (reason, "%s cannot be opened for writing", name.text);
    qw_status_t status = QW_OK;
    if (plan->end < plan->size && ftruncate (file, (off_t) plan->end) != 0)
        status = qw_fail_errno (reason, "%s: the torn tail cannot be cut", name.text);
    /* whole records of the tail may not be on disk yet; their entries are written only when they are (I1) */
    if (!status && io->fdatasync (file) != 0)
        status = qw_fail_errno (reason, "%s cannot be brought to disk", name.text);
    close (file);
    return status;
}

static qw_status_t carry_out (const qw_corpus_io_t *io, int directory, const plan_t *plan, bool last,
                              qw_recovery_t *recovery, qw_reason_t *reason)
{
    qw_status_t status = QW_OK;
    if (last && (plan->write_index || plan->end != plan->size)) {
        status = cut_tail (io, directory, plan, reason);
        if (!status && plan->end < plan->size) {
            recovery->cut = plan->size - plan->end;
            qw_log (QW_LOG_WARNING, "%s: a torn tail of %llu bytes was cut behind position %llu",
                    qw_segment_name (plan->number).text, (unsigned long long) recovery->cut,
                    (unsigned long long) (plan->first + plan->entries.count));
        }
    }
    if (status || !plan->write_index)
        return status;
    size_t size = plan->entries.count * QW_ENTRY_BYTES;
    uint8_t *bytes = malloc (QW_INDEX_HEAD + size);
    if (!bytes)
        return qw_fail (QW_NO_MEMORY, reason, "no memory for an index of %zu records", plan->entries.count);
    qw_index_head_encode (plan->first, bytes);
    if (size)
        memcpy (bytes + QW_INDEX_HEAD, plan->entries.bytes, size);
    status = qw_file_replace (io, directory, qw_index_name (plan->number).text, bytes, QW_INDEX_HEAD + size, reason);
    free (bytes);
    recovery->rebuilt++;
    if (!status)
        qw_log (QW_LOG_INFO, "%s: the index was mended: %zu records, %zu of them known before",
                qw_segment_name (plan->number).text, plan->entries.count, plan->indexed);
    return status;
}

/* Plans for segments whose index is as it should be are dropped at once, so that memory holds one index at a time. */
static qw_status_t plan_all (int directory, unsigned count, plan_t *plans, qw_ids_t *ids, qw_reason_t *reason)
{
    uint64_t first = 0;
    for (unsigned i = 0; i < count; i++) {
        plan_t *plan = &plans[i];
        plan->number = i;
        plan->first = first;
        qw_status_t status = make_plan (directory, plan, i + 1 == count, reason);
        if (status)
            return status;
        if (first + plan->entries.count > UINT32_MAX - 1)
            return qw_fail (QW_TOO_LARGE, reason, "the corpus has more than 2^32 - 2 records");
        for (size_t j = 0; ids && j < plan->entries.count; j++)
            qw_ids_add (ids, plan->entries.bytes + j * QW_ENTRY_BYTES + 16, (uint32_t) (first + j));
        first += plan->entries.count;
        if (!plan->write_index && i + 1 < count)
            qw_entries_free (&plan->entries);
    }
    return QW_OK;
}

qw_status_t qw_corpus_recover (const qw_corpus_io_t *io, int directory, qw_ids_t *ids, qw_recovery_t *recovery,
                               qw_reason_t *reason)
{
    *recovery = (qw_recovery_t){0};
    unsigned count, indexes;
    qw_status_t status = qw_segments_in (directory, &count, &indexes, reason);
    if (status)
        return status;
    for (unsigned i = count; i < indexes; i++)
        if (qw_index_has_records (directory, i))
            return qw_fail (QW_DAMAGED, reason, "%s is missing, though its index is there", qw_segment_name (i).text);
    if (count == 0)
        return qw_segment_create (io, directory, 0, 0, reason);
    plan_t *plans = calloc (count, sizeof *plans);
    if (!plans)
        return qw_fail (QW_NO_MEMORY, reason, "no memory for %u segments", count);
    status = plan_all (directory, count, plans, ids, reason);
    for (unsigned i = 0; i < count && !status; i++)
        status = carry_out (io, directory, &plans[i], i + 1 == count, recovery, reason);
    const plan_t *last = &plans[count - 1];
    recovery->number = last->number;
    recovery->first = last->first;
    recovery->records = last->entries.count;
    recovery->segment_size = last->end;
    for (unsigned i = 0; i < count; i++)
        qw_entries_free (&plans[i].entries);
    free (plans);
    return status;
}
