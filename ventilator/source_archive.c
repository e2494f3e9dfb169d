#include "ventilator/source_archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <locale.h>
#include <stdlib.h>

struct qw_archive_t {
    struct archive *archive;
    qw_reader_t *reader;
    size_t given;        /* bytes at the reader's front that libarchive is looking at */
    qw_reason_t beneath; /* why the reader could not read on */
    locale_t locale;     /* with UTF-8: without it libarchive loses names that are not ASCII */
    bool broken;         /* an error that cannot be passed over */
};

/* The header of a tar is told by its checksum, as the oldest of them have no magic number. */
static bool is_tar_header (const unsigned char *header)
{
    enum { CHECKSUM = 148, CHECKSUM_SIZE = 8 };
    unsigned sum = 0, stored = 0, digits = 0;
    for (unsigned i = 0; i < QW_MAGIC_BYTES; i++)
        sum += i >= CHECKSUM && i < CHECKSUM + CHECKSUM_SIZE ? ' ' : header[i];
    for (unsigned i = CHECKSUM; i < CHECKSUM + CHECKSUM_SIZE; i++) {
        if (header[i] >= '0' && header[i] <= '7') {
            stored = stored * 8 + (header[i] - '0');
            digits++;
        } else if (header[i] != ' ' || digits)
            break;
    }
    return digits > 0 && stored == sum && sum > 8 * ' ';
}

qw_magic_t qw_archive_magic (qw_bytes_t bytes)
{
    static const qw_bytes_t magics[] = {
        {"\x1f\x8b\x08", 3},
        {"\x28\xb5\x2f\xfd", 4},
        {"\xfd\x37zXZ\0", 6},
        {"PK\3\4", 4},
        {"PK\5\6", 4},
    };
    for (size_t i = 0; i < sizeof magics / sizeof *magics; i++)
        if (bytes.size >= magics[i].size && memcmp (bytes.data, magics[i].data, magics[i].size) == 0)
            return QW_MAGIC_ARCHIVE;
    if (bytes.size >= 10 && memcmp (bytes.data, "BZh", 3) == 0
        && (memcmp (bytes.data + 4, "1AY&SY", 6) == 0 || memcmp (bytes.data + 4, "\x17rE8P\x90", 6) == 0))
        return QW_MAGIC_ARCHIVE;
    if (bytes.size >= 4 && memcmp (bytes.data + 1, "\x2a\x4d\x18", 3) == 0 && (bytes.data[0] & 0xf0) == 0x50)
        return QW_MAGIC_ARCHIVE; /* a skippable frame at the start of zstd */
    if (bytes.size >= QW_MAGIC_BYTES)
        return is_tar_header ((const unsigned char *) bytes.data) ? QW_MAGIC_ARCHIVE : QW_MAGIC_NONE;
    return bytes.size && memchr (bytes.data, 0, bytes.size) ? QW_MAGIC_MORE : QW_MAGIC_NONE;
}

static la_ssize_t on_read (struct archive *archive, void *context, const void **block)
{
    qw_archive_t *self = context;
    qw_reader_take (self->reader, self->given);
    self->given = 0;
    qw_status_t status = qw_reader_need (self->reader, 1, &self->beneath);
    if (status) {
        archive_set_error (archive, EIO, "%s", self->beneath.text);
        return -1;
    }
    qw_bytes_t bytes = qw_reader_bytes (self->reader);
    self->given = bytes.size;
    *block = bytes.data;
    return (la_ssize_t) bytes.size;
}

static la_int64_t on_seek (struct archive *archive, void *context, la_int64_t offset, int whence)
{
    (void) archive;
    qw_archive_t *self = context;
    qw_reader_take (self->reader, self->given);
    self->given = 0;
    int64_t position = qw_reader_seek (self->reader, offset, whence);
    return position < 0 ? ARCHIVE_FATAL : position;
}

qw_archive_t *qw_archive_new (qw_reader_t *reader, qw_reason_t *reason)
{
    qw_archive_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->reader = reader;
    self->locale = newlocale (LC_CTYPE_MASK, "C.UTF-8", (locale_t) 0);
    struct archive *archive = self->archive = archive_read_new ();
    if (!archive)
        abort ();
    /* By name, not "all": all would run other programs for some formats, and find an archive in a plain text. */
    archive_read_support_filter_gzip (archive);
    archive_read_support_filter_zstd (archive);
    archive_read_support_filter_xz (archive);
    archive_read_support_filter_bzip2 (archive);
    archive_read_support_format_tar (archive);
    archive_read_support_format_zip (archive);
    archive_read_support_format_empty (archive);
    archive_read_support_format_raw (archive);
    archive_read_set_read_callback (archive, on_read);
    if (reader->stream.seek)
        archive_read_set_seek_callback (archive, on_seek);
    archive_read_set_callback_data (archive, self);
    if (archive_read_open1 (archive) != ARCHIVE_OK) {
        const char *text = archive_error_string (archive);
        qw_fail (QW_DAMAGED, reason, "the archive cannot be read: %s", text ? text : "unknown format");
        qw_archive_destroy (&self);
    }
    return self;
}

void qw_archive_destroy (qw_archive_t **self_p)
{
    qw_archive_t *self = *self_p;
    if (!self)
        return;
    archive_read_free (self->archive);
    if (self->locale)
        freelocale (self->locale);
    free (self);
    *self_p = NULL;
}

static qw_status_t damaged (qw_archive_t *self, qw_reason_t *reason)
{
    const char *text = archive_error_string (self->archive);
    return qw_fail (QW_DAMAGED, reason, "the archive is damaged%s: %s", self->broken ? ", the rest of it is lost" : "",
                    text ? text : "unknown error");
}

static qw_status_t next_member (qw_archive_t *self, qw_bytes_t *name, qw_reason_t *reason)
{
    struct archive_entry *entry;
    for (int tries = 0; !self->broken; tries++) {
        int result = archive_read_next_header (self->archive, &entry);
        if (result == ARCHIVE_EOF)
            return QW_END;
        if (result == ARCHIVE_FATAL || tries > 1000000)
            self->broken = true;
        if (self->broken || result == ARCHIVE_FAILED)
            return damaged (self, reason);
        if (result == ARCHIVE_RETRY || archive_entry_filetype (entry) != AE_IFREG || archive_entry_hardlink (entry))
            continue;
        *name = qw_bytes_of (archive_entry_pathname (entry));
        if (archive_format (self->archive) != ARCHIVE_FORMAT_RAW) {
            if (!name->data)
                *name = QW_BYTES ("");
            return QW_OK;
        }
        *name = (qw_bytes_t){NULL, 0};
        if (archive_filter_count (self->archive) > 1)
            return QW_OK;
        self->broken = true; /* it began like an archive, and no part of libarchive knows it */
        return qw_fail (QW_DAMAGED, reason, "the archive is damaged at its start");
    }
    return QW_END;
}

qw_status_t qw_archive_next (qw_archive_t *self, qw_bytes_t *name, qw_reason_t *reason)
{
    locale_t before = self->locale ? uselocale (self->locale) : (locale_t) 0;
    qw_status_t status = next_member (self, name, reason);
    if (before)
        uselocale (before);
    return status;
}

static qw_status_t member_read (void *context, char *into, size_t room, size_t *got, qw_reason_t *reason)
{
    qw_archive_t *self = context;
    la_ssize_t size;
    do
        size = archive_read_data (self->archive, into, room);
    while (size == ARCHIVE_RETRY);
    if (size > 0) {
        *got = (size_t) size;
        return QW_OK;
    }
    if (size == 0)
        return QW_END;
    if (size == ARCHIVE_FATAL)
        self->broken = true;
    return damaged (self, reason);
}

qw_stream_t qw_archive_stream (qw_archive_t *self) { return (qw_stream_t){.context = self, .read = member_read}; }
