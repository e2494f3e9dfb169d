#include "ventilator/source_warc.h"

#include <inttypes.h>
#include <strings.h>

enum {
    MAX_HEAD = 64 << 10,
    BLOCK = 64 << 10,
    END_BYTES = 4 /* "\r\n\r\n" behind each record */
};

static const char magic[] = "WARC/";
enum { MAGIC = sizeof magic - 1 };

bool qw_warc_sniff (qw_bytes_t front)
{
    return front.size > MAGIC && memcmp (front.data, magic, MAGIC) == 0
        && (front.data[MAGIC] == '0' || front.data[MAGIC] == '1');
}

void qw_warc_reset (qw_warc_t *self)
{
    *self = (qw_warc_t){.url = self->url, .date = self->date, .charset = self->charset, .joined = self->joined,
                        .inflated = self->inflated};
}

void qw_warc_free (qw_warc_t *self)
{
    qw_buffer_free (&self->url);
    qw_buffer_free (&self->date);
    qw_buffer_free (&self->charset);
    qw_buffer_free (&self->joined);
    qw_buffer_free (&self->inflated);
    memset (self, 0, sizeof *self);
}

static bool is_word (qw_bytes_t bytes, const char *word)
{
    return bytes.size == strlen (word) && strncasecmp (bytes.data, word, bytes.size) == 0;
}

static bool begins_record (qw_bytes_t bytes) { return bytes.size >= MAGIC && memcmp (bytes.data, magic, MAGIC) == 0; }

/* Passes over the line ends between records. */
static qw_status_t stage_between (qw_warc_t *self, qw_reader_t *reader, qw_reason_t *reason)
{
    for (;;) {
        qw_status_t status = qw_reader_need (reader, MAGIC, reason);
        if (status)
            return status;
        qw_bytes_t bytes = qw_reader_bytes (reader);
        size_t white = 0;
        while (white < bytes.size && (bytes.data[white] == '\r' || bytes.data[white] == '\n'))
            white++;
        qw_reader_take (reader, white);
        if (white)
            continue;
        if (!bytes.size)
            return QW_END;
        self->number++;
        if (begins_record (bytes)) {
            self->stage = QW_WARC_HEAD;
            return QW_OK;
        }
        self->stage = QW_WARC_LOST;
        return qw_fail (QW_INVALID, reason, "no WARC record begins where one should");
    }
}

/* Goes on to where a record may begin. */
static qw_status_t stage_lost (qw_warc_t *self, qw_reader_t *reader, qw_reason_t *reason)
{
    static const char start[] = "\nWARC/1.";
    enum { START = sizeof start - 1 };
    for (;;) {
        qw_status_t status = qw_reader_need (reader, START, reason);
        if (status)
            return status;
        qw_bytes_t bytes = qw_reader_bytes (reader);
        const char *found = bytes.size ? memmem (bytes.data, bytes.size, start, START) : NULL;
        if (found) {
            qw_reader_take (reader, (size_t) (found - bytes.data) + 1);
            self->stage = QW_WARC_BETWEEN;
            return QW_OK;
        }
        qw_reader_take (reader, bytes.size < START ? bytes.size : bytes.size - START + 1);
        if (bytes.size < START)
            return QW_END;
    }
}

static void keep (qw_buffer_t *into, qw_bytes_t value)
{
    into->size = 0;
    qw_buffer_append_clean (into, value.data, value.size);
}

typedef struct {
    qw_bytes_t kind, type, segment;
    uint64_t length;
    bool has_length;
} head_t;

static void read_head (qw_warc_t *self, qw_bytes_t bytes, head_t *head)
{
    qw_bytes_t name, value;
    *head = (head_t){.kind = {"", 0}, .type = {"", 0}};
    self->url.size = self->date.size = self->charset.size = 0;
    while (qw_http_field (&bytes, &name, &value))
        if (is_word (name, "warc-type"))
            head->kind = value;
        else if (is_word (name, "content-type"))
            head->type = value;
        else if (is_word (name, "warc-segment-number"))
            head->segment = value;
        else if (is_word (name, "warc-date"))
            keep (&self->date, value);
        else if (is_word (name, "warc-target-uri")) {
            if (value.size >= 2 && *value.data == '<') /* as some writers of version 1.0 understood it */
                value = (qw_bytes_t){value.data + 1, value.size - 2};
            keep (&self->url, value);
        } else if (is_word (name, "content-length") && value.size && value.size < 19) {
            head->has_length = true;
            for (size_t i = 0; i < value.size; i++) {
                head->has_length &= value.data[i] >= '0' && value.data[i] <= '9';
                head->length = head->length * 10 + (uint64_t) (value.data[i] - '0');
            }
        }
}

static qw_status_t pass_record (qw_warc_t *self)
{
    self->skipped++;
    self->stage = QW_WARC_PASS;
    return QW_OK;
}

static qw_status_t stage_head (qw_warc_t *self, qw_reader_t *reader, qw_reason_t *reason)
{
    qw_bytes_t bytes = {"", 0};
    size_t size = 0;
    for (size_t wanted = MAGIC, looked = 0; !size; wanted = bytes.size + 1) {
        qw_status_t status = qw_reader_need (reader, wanted, reason);
        if (status)
            return status;
        bytes = qw_reader_bytes (reader);
        for (size_t i = looked; i + 2 < bytes.size && !size; i++)
            if (bytes.data[i] == '\n' && (bytes.data[i + 1] == '\n' || memcmp (bytes.data + i + 1, "\r\n", 2) == 0))
                size = i + (bytes.data[i + 1] == '\n' ? 2 : 3);
        looked = bytes.size > 2 ? bytes.size - 2 : 0;
        if (!size && (bytes.size < wanted || bytes.size > MAX_HEAD)) {
            qw_reader_take (reader, MAGIC);
            self->stage = QW_WARC_LOST;
            return qw_fail (QW_INVALID, reason, "the head of the record has no end");
        }
    }
    head_t head;
    qw_bytes_t media;
    read_head (self, (qw_bytes_t){bytes.data, size}, &head);
    qw_http_media_type (head.type, &media, &head.type);
    if (head.type.data)
        keep (&self->charset, head.type);
    self->left = head.length;
    self->is_response = is_word (head.kind, "response");
    self->is_html = qw_http_is_html (media);
    bool is_page = is_word (head.kind, "resource") || is_word (head.kind, "conversion");
    is_page = is_page && (self->is_html || qw_http_is_text (media));
    if (self->is_response)
        is_page = is_word (media, "application/http");
    is_page = is_page && !head.segment.data && head.length > 0;
    qw_reader_take (reader, size);
    if (!head.has_length) {
        self->stage = QW_WARC_LOST;
        return qw_fail (QW_INVALID, reason, "the record does not tell its length");
    }
    if (!is_page)
        return pass_record (self);
    self->stage = self->is_response ? QW_WARC_PEEK : QW_WARC_BLOCK;
    return QW_OK;
}

/* Looks at the head of an HTTP response: is there a page in it? */
static qw_status_t stage_peek (qw_warc_t *self, qw_reader_t *reader, qw_reason_t *reason)
{
    size_t wanted = self->left < MAX_HEAD ? (size_t) self->left : MAX_HEAD;
    qw_status_t status = qw_reader_need (reader, wanted, reason);
    if (status)
        return status;
    qw_bytes_t bytes = qw_reader_bytes (reader);
    if (bytes.size > self->left)
        bytes.size = (size_t) self->left;
    qw_http_head_t head;
    if (!qw_http_head (bytes, &head) || head.code != 200 || !(qw_http_is_html (head.type) || qw_http_is_text (head.type)))
        return pass_record (self);
    self->is_html = qw_http_is_html (head.type);
    self->charset.size = 0;
    if (head.charset.data)
        keep (&self->charset, head.charset);
    self->stage = QW_WARC_BLOCK;
    return QW_OK;
}

/* Whether a record that ends here is whole. */
static bool ends_well (qw_bytes_t behind, bool is_last)
{
    if (behind.size >= END_BYTES)
        return memcmp (behind.data, "\r\n\r\n", END_BYTES) == 0 || memcmp (behind.data, "\n\n", 2) == 0
            || memcmp (behind.data, "\r\nWA", END_BYTES) == 0 || memcmp (behind.data, magic, END_BYTES) == 0;
    for (size_t i = 0; i < behind.size; i++)
        if (behind.data[i] != '\r' && behind.data[i] != '\n')
            return false;
    return is_last;
}

static qw_bytes_t known (const qw_buffer_t *value) { return (qw_bytes_t){value->size ? value->data : NULL, value->size}; }

static qw_status_t stage_block (qw_warc_t *self, qw_reader_t *reader, size_t limit, qw_warc_page_t *page,
                                qw_reason_t *reason)
{
    if (self->left > limit + MAX_HEAD) {
        self->stage = QW_WARC_PASS;
        return qw_fail (QW_TOO_LARGE, reason, "the record has %" PRIu64 " bytes; a page may have %zu", self->left, limit);
    }
    size_t size = (size_t) self->left;
    qw_status_t status = qw_reader_need (reader, size + END_BYTES, reason);
    if (status)
        return status;
    qw_bytes_t bytes = qw_reader_bytes (reader);
    bool is_last = bytes.size < size + END_BYTES;
    if (bytes.size < size || !ends_well ((qw_bytes_t){bytes.data + size, bytes.size - size}, is_last)) {
        self->stage = QW_WARC_LOST; /* from here, as a record may begin within what is missing */
        if (bytes.size < size)
            return qw_fail (QW_DAMAGED, reason, "the file ends after %zu of the record's %zu bytes", bytes.size, size);
        return qw_fail (QW_DAMAGED, reason, "the record does not end after the %zu bytes that it tells", size);
    }
    *page = (qw_warc_page_t){.is_html = self->is_html, .content = {bytes.data, size}};
    page->url = known (&self->url);
    page->date = known (&self->date);
    page->charset = known (&self->charset);
    self->taken = size;
    self->stage = QW_WARC_BETWEEN;
    if (!self->is_response)
        return QW_OK;
    qw_http_head_t head;
    if (!qw_http_head (page->content, &head))
        return qw_fail (QW_INVALID, reason, "it is no HTTP response");
    return qw_http_body (page->content, &head, limit, &self->joined, &self->inflated, &page->content, reason);
}

static qw_status_t stage_pass (qw_warc_t *self, qw_reader_t *reader, qw_reason_t *reason)
{
    while (self->left) {
        qw_status_t status = qw_reader_need (reader, self->left < BLOCK ? (size_t) self->left : BLOCK, reason);
        if (status)
            return status;
        size_t there = qw_reader_bytes (reader).size;
        if (!there) {
            self->stage = QW_WARC_BETWEEN;
            return qw_fail (QW_DAMAGED, reason, "the file ends %" PRIu64 " bytes before the record does", self->left);
        }
        there = there < self->left ? there : (size_t) self->left;
        qw_reader_take (reader, there);
        self->left -= there;
    }
    self->stage = QW_WARC_BETWEEN;
    return QW_OK;
}

qw_status_t qw_warc_next (qw_warc_t *self, qw_reader_t *reader, size_t limit, qw_warc_page_t *page, qw_reason_t *reason)
{
    if (self->taken)
        qw_reader_take (reader, self->taken);
    self->taken = 0;
    for (;;) {
        qw_status_t status = QW_END;
        qw_warc_stage_t stage = self->stage;
        switch (stage) {
        case QW_WARC_BETWEEN: status = stage_between (self, reader, reason); break;
        case QW_WARC_HEAD: status = stage_head (self, reader, reason); break;
        case QW_WARC_PEEK: status = stage_peek (self, reader, reason); break;
        case QW_WARC_BLOCK:
            status = stage_block (self, reader, limit, page, reason);
            if (!status)
                return QW_OK;
            break;
        case QW_WARC_PASS: status = stage_pass (self, reader, reason); break;
        case QW_WARC_LOST: status = stage_lost (self, reader, reason); break;
        case QW_WARC_DONE: return QW_END;
        }
        if (status == QW_OK)
            continue;
        if (status != QW_AGAIN && self->stage == stage) /* the bytes beneath cannot be read on */
            self->stage = QW_WARC_DONE;
        return status;
    }
}
