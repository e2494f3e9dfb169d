#include "sink/corpus_index.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#include <xxhash.h>

#include "sink/corpus_files.h"

enum { FIRST_BUFFER = 1 << 20 };

static const char magic[8] = {'Q', 'W', 'I', 'N', 'D', 'E', 'X', '1'};

static void put_little (uint8_t *at, uint64_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        at[i] = (uint8_t) (value >> (8 * i));
}

static uint64_t get_little (const uint8_t *at, unsigned bytes)
{
    uint64_t value = 0;
    for (unsigned i = bytes; i-- > 0;)
        value = value << 8 | at[i];
    return value;
}

void qw_entry_encode (const qw_entry_t *entry, uint8_t bytes[QW_ENTRY_BYTES])
{
    put_little (bytes, entry->offset, 8);
    put_little (bytes + 8, entry->size, 4);
    put_little (bytes + 12, entry->crc32c, 4);
    memcpy (bytes + 16, entry->id_hash, 16);
    put_little (bytes + 32, entry->flags, 4);
    put_little (bytes + 36, entry->tokens, 4);
    put_little (bytes + 40, entry->mentions, 4);
    put_little (bytes + 44, entry->quotes, 4);
}

qw_entry_t qw_entry_decode (const uint8_t bytes[QW_ENTRY_BYTES])
{
    qw_entry_t entry = {.offset = get_little (bytes, 8),
                        .size = (uint32_t) get_little (bytes + 8, 4),
                        .crc32c = (uint32_t) get_little (bytes + 12, 4),
                        .flags = (uint32_t) get_little (bytes + 32, 4),
                        .tokens = (uint32_t) get_little (bytes + 36, 4),
                        .mentions = (uint32_t) get_little (bytes + 40, 4),
                        .quotes = (uint32_t) get_little (bytes + 44, 4)};
    memcpy (entry.id_hash, bytes + 16, 16);
    return entry;
}

void qw_index_head_encode (uint64_t first, uint8_t bytes[QW_INDEX_HEAD])
{
    memcpy (bytes, magic, sizeof magic);
    put_little (bytes + 8, first, 8);
}

bool qw_index_head_decode (const uint8_t bytes[QW_INDEX_HEAD], uint64_t *first)
{
    *first = get_little (bytes + 8, 8);
    return memcmp (bytes, magic, sizeof magic) == 0;
}

void qw_id_hash (qw_bytes_t id, uint8_t hash[16])
{
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash (&canonical, XXH3_128bits (id.data, id.size));
    memcpy (hash, canonical.digest, 16);
}

/* Items of the array `field` of a layer; 0 when there is no such layer or array. */
static uint32_t items_of (qw_bytes_t layer, const char *field)
{
    qw_mp_t reader;
    qw_mp_open (&reader, layer.data, layer.size, NULL);
    if (!layer.data || qw_mp_peek (&reader) != QW_MP_MAP)
        return 0;
    for (uint32_t pairs = qw_mp_map (&reader, field); pairs > 0 && !reader.failed; pairs--) {
        if (!qw_bytes_are (qw_mp_str (&reader, field), field))
            qw_mp_skip (&reader);
        else if (qw_mp_peek (&reader) == QW_MP_ARRAY)
            return qw_mp_array (&reader, field);
        else
            return qw_mp_peek (&reader) == QW_MP_UINT ? (uint32_t) qw_mp_uint (&reader, field) : 0;
    }
    return 0;
}

qw_status_t qw_entry_of_record (qw_entry_t *entry, qw_bytes_t record, qw_bytes_t *id, qw_reason_t *reason)
{
    qw_document_t document;
    *entry = (qw_entry_t){0};
    qw_status_t status = qw_document_read (&document, record.data, record.size, reason);
    if (status)
        return status;
    if (record.size > UINT32_MAX)
        return qw_fail (QW_TOO_LARGE, reason, "a record of %zu bytes is larger than 4 GiB", record.size);
    entry->size = (uint32_t) record.size;
    entry->crc32c = document.crc32c;
    qw_id_hash (document.id, entry->id_hash);
    entry->flags = (document.failed ? QW_ENTRY_FAILED : 0u) | (document.dropped ? QW_ENTRY_DROPPED : 0u)
                   | (document.supersedes ? QW_ENTRY_SUPERSEDES : 0u);
    entry->tokens = items_of (qw_document_layer (&document, "tokens"), "count");
    entry->mentions = items_of (qw_document_layer (&document, "entities"), "mentions") / 4;
    entry->quotes = items_of (qw_document_layer (&document, "quotes"), "quotes");
    if (id)
        *id = document.id;
    return QW_OK;
}

/* ---- entries --------------------------------------------------------------------------------------------------------- */

static void reserve (qw_entries_t *self, size_t count)
{
    if (count <= self->capacity)
        return;
    size_t wanted = count < 64 ? 64 : 2 * count;
    uint8_t *grown = realloc (self->bytes, wanted * QW_ENTRY_BYTES);
    if (!grown)
        abort ();
    self->bytes = grown;
    self->capacity = wanted;
}

void qw_entries_add (qw_entries_t *self, const qw_entry_t *entry)
{
    reserve (self, self->count + 1);
    qw_entry_encode (entry, self->bytes + self->count++ * QW_ENTRY_BYTES);
}

uint64_t qw_entries_end (const qw_entries_t *self)
{
    if (self->count == 0)
        return 0;
    qw_entry_t last = qw_entries_at (self, self->count - 1);
    return last.offset + last.size;
}

void qw_entries_free (qw_entries_t *self)
{
    free (self->bytes);
    *self = (qw_entries_t){0};
}

static bool all_zero (const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i])
            return false;
    return true;
}

/* How many of the entries follow one another, and what the rest is. */
static qw_index_state_t check_entries (qw_entries_t *entries, size_t bytes)
{
    uint64_t end = 0;
    size_t whole = bytes / QW_ENTRY_BYTES;
    for (entries->count = 0; entries->count < whole; entries->count++) {
        qw_entry_t entry = qw_entries_at (entries, entries->count);
        if (entry.offset != end || entry.size < QW_DOCUMENT_TAIL) {
            size_t good = entries->count * QW_ENTRY_BYTES;
            return all_zero (entries->bytes + good, bytes - good) ? QW_INDEX_BEHIND : QW_INDEX_DAMAGED;
        }
        end += entry.size;
    }
    return bytes % QW_ENTRY_BYTES ? QW_INDEX_BEHIND : QW_INDEX_WHOLE;
}

qw_status_t qw_index_load (int directory, unsigned number, uint64_t first, qw_entries_t *entries, qw_index_state_t *state,
                           qw_reason_t *reason)
{
    qw_file_name_t name = qw_index_name (number);
    entries->count = 0;
    *state = QW_INDEX_MISSING;
    int file = openat (directory, name.text, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return errno == ENOENT ? QW_OK : qw_fail_errno (reason, "%s cannot be opened", name.text);
    uint8_t head[QW_INDEX_HEAD];
    uint64_t told = 0, size = qw_file_size (file);
    *state = QW_INDEX_DAMAGED;
    qw_status_t status = QW_OK;
    if (qw_file_read (file, head, sizeof head, 0) == sizeof head && qw_index_head_decode (head, &told) && told == first) {
        size_t bytes = (size_t) size - QW_INDEX_HEAD;
        reserve (entries, bytes / QW_ENTRY_BYTES + 1);
        ssize_t got = qw_file_read (file, entries->bytes, bytes, QW_INDEX_HEAD);
        if (got < 0)
            status = qw_fail_errno (reason, "%s cannot be read", name.text);
        else
            *state = check_entries (entries, (size_t) got);
    }
    close (file);
    return status;
}

bool qw_index_has_records (int directory, unsigned number)
{
    int file = openat (directory, qw_index_name (number).text, O_RDONLY | O_CLOEXEC);
    bool has = file >= 0 && qw_file_size (file) > QW_INDEX_HEAD;
    if (file >= 0)
        close (file);
    return has;
}

/* ---- the scan -------------------------------------------------------------------------------------------------------- */

void qw_segment_scan_open (qw_segment_scan_t *self, int file, uint64_t offset)
{
    *self = (qw_segment_scan_t){.file = file, .size = qw_file_size (file), .offset = offset};
}

void qw_segment_scan_close (qw_segment_scan_t *self)
{
    free (self->buffer);
    self->buffer = NULL;
}

/* Gets more of the file behind what is in the buffer: at least doubles it. QW_END: there is no more. */
static qw_status_t fill (qw_segment_scan_t *self, qw_reason_t *reason)
{
    size_t held = self->end - self->begin;
    uint64_t left = self->offset + held < self->size ? self->size - self->offset - held : 0;
    if (left == 0)
        return QW_END;
    if (held)
        memmove (self->buffer, self->buffer + self->begin, held);
    self->begin = 0;
    self->end = held;
    if (self->capacity < 2 * held || self->capacity == 0) {
        size_t wanted = held < FIRST_BUFFER / 2 ? FIRST_BUFFER : 2 * held;
        char *grown = realloc (self->buffer, wanted);
        if (!grown)
            return qw_fail (QW_NO_MEMORY, reason, "no memory for %zu bytes of a segment", wanted);
        self->buffer = grown;
        self->capacity = wanted;
    }
    size_t more = self->capacity - held < left ? self->capacity - held : (size_t) left;
    ssize_t got = qw_file_read (self->file, self->buffer + held, more, self->offset + held);
    if (got < 0)
        return qw_fail_errno (reason, "reading a segment at byte %llu failed", (unsigned long long) (self->offset + held));
    self->end += (size_t) got;
    return got == 0 ? QW_END : QW_OK;
}

static size_t size_of_next (const qw_segment_scan_t *self)
{
    return self->begin == self->end ? 0 : qw_document_size (self->buffer + self->begin, self->end - self->begin);
}

qw_status_t qw_segment_scan_next (qw_segment_scan_t *self, qw_bytes_t *record, qw_entry_t *entry, qw_reason_t *reason)
{
    size_t size;
    while ((size = size_of_next (self)) == 0) {
        qw_status_t status = fill (self, reason);
        if (status == QW_END && self->end == self->begin)
            return QW_END;
        if (status == QW_END)
            return qw_fail (QW_INVALID, reason, "the record is cut off, or is none");
        if (status)
            return status;
    }
    *record = (qw_bytes_t){self->buffer + self->begin, size};
    qw_status_t status = qw_entry_of_record (entry, *record, NULL, reason);
    if (status)
        return status;
    entry->offset = self->offset;
    self->begin += size;
    self->offset += size;
    return QW_OK;
}

bool qw_segment_scan_goes_on (qw_segment_scan_t *self)
{
    qw_segment_scan_t ahead;
    size_t size = size_of_next (self);
    if (size == 0)
        return false;
    qw_segment_scan_open (&ahead, self->file, self->offset + size);
    qw_bytes_t record;
    qw_entry_t entry;
    bool goes_on = qw_segment_scan_next (&ahead, &record, &entry, NULL) == QW_OK;
    qw_segment_scan_close (&ahead);
    return goes_on;
}
