#include "ventilator/encoding.h"

#include <errno.h>
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <uchardet.h>

#include "proto/utf8.h"

void qw_buffer_reserve (qw_buffer_t *self, size_t capacity)
{
    if (capacity <= self->capacity)
        return;
    size_t doubled = self->capacity ? self->capacity * 2 : 256;
    self->capacity = capacity > doubled ? capacity : doubled;
    self->data = realloc (self->data, self->capacity);
    if (!self->data)
        abort ();
}

void qw_buffer_append (qw_buffer_t *self, const char *bytes, size_t size)
{
    qw_buffer_reserve (self, self->size + size + 1);
    if (size)
        memcpy (self->data + self->size, bytes, size);
    self->size += size;
    self->data[self->size] = 0;
}

void qw_buffer_free (qw_buffer_t *self)
{
    free (self->data);
    memset (self, 0, sizeof *self);
}

void qw_buffer_append_clean (qw_buffer_t *self, const char *bytes, size_t size)
{
    while (size > 0) {
        size_t valid = qw_utf8_valid_prefix (bytes, size);
        qw_buffer_append (self, bytes, valid);
        if (valid < size) {
            char escaped[8];
            int length = snprintf (escaped, sizeof escaped, "\\x%02X", (unsigned char) bytes[valid]);
            qw_buffer_append (self, escaped, (size_t) length);
            valid++;
        }
        bytes += valid;
        size -= valid;
    }
}

const char *qw_encoding_of_mark (const char *bytes, size_t size, size_t *mark)
{
    static const struct {
        const char *name, *bytes;
        size_t size;
    } marks[] = {
        {"UTF-8", "\xef\xbb\xbf", 3},    {"UTF-32LE", "\xff\xfe\0\0", 4}, /* before UTF-16LE, whose mark begins alike */
        {"UTF-32BE", "\0\0\xfe\xff", 4}, {"UTF-16LE", "\xff\xfe", 2},     {"UTF-16BE", "\xfe\xff", 2},
    };
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (size >= marks[i].size && memcmp (bytes, marks[i].bytes, marks[i].size) == 0) {
            *mark = marks[i].size;
            return marks[i].name;
        }
    *mark = 0;
    return NULL;
}

/* What bytes that are not UTF-8 consist of; the encoding is guessed from it. */
typedef struct {
    size_t high;      /* bytes above ASCII */
    size_t marks;     /* of them: what windows-1252 and its sisters use for quotation marks, dashes and the like */
    size_t pairs;     /* of them: in the two-byte marks that Chinese and Korean encodings have in common */
    bool korean;      /* one of these is the Korean ellipsis */
    size_t sequences; /* characters of several bytes that are right in UTF-8 */
    size_t wrong;     /* places at which UTF-8 is broken */
    size_t first_high, first_wrong;
    size_t controls; /* control characters that texts do not have */
} census_t;

/* Whether the two bytes are a quotation mark or a dash in GB18030 and in EUC-KR, or the ellipsis of one of them. */
static bool is_paired_mark (unsigned char first, unsigned char second)
{
    return first == 0xa1 && second && strchr ("\xaa\xae\xaf\xb0\xb1\xad\xa6", (char) second);
}

static census_t take_census (const char *bytes, size_t size)
{
    census_t census = {.first_high = size, .first_wrong = size};
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char) bytes[i];
        if (c >= 0x80) {
            if (census.high++ == 0)
                census.first_high = i;
            if (i + 1 < size && is_paired_mark (c, (unsigned char) bytes[i + 1])) {
                census.pairs += 2;
                census.korean |= (unsigned char) bytes[i + 1] == 0xa6;
            }
            census.marks += (c >= 0x91 && c <= 0x97) || c == 0x85 || c == 0xa0;
        } else if (c < 0x20 && !(c >= '\t' && c <= '\r') && c != 0x1a && c != 0x1b)
            census.controls++;
    }
    for (size_t i = 0; i < size;) {
        size_t valid = qw_utf8_valid_prefix (bytes + i, size - i);
        for (size_t j = i; j < i + valid; j++)
            census.sequences += (unsigned char) bytes[j] >= 0xc0;
        i += valid;
        if (i < size && census.wrong++ == 0)
            census.first_wrong = i;
        i += i < size;
        while (i < size && ((unsigned char) bytes[i] & 0xc0) == 0x80) /* the rest of a character that is cut off */
            i++;
    }
    return census;
}

static const char western[] = "WINDOWS-1252";

static bool has_several_bytes_a_character (const char *name)
{
    static const char *const names[] = {"GB18030", "BIG5", "SHIFT_JIS", "EUC-JP",    "EUC-KR",
                                        "EUC-TW",  "UHC",  "Johab",     "HZ-GB-2312"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp (names[i], name) == 0)
            return true;
    return false;
}

/* True for a text that has few letters above ASCII, such as an English one. Of these windows-1252 is right nearly always,
 * and its sisters have the same quotation marks and dashes; uchardet is poor at them and good at the others. */
static bool is_nearly_ascii (const census_t *census, size_t size)
{
    return census->marks == census->high || census->high * 200 < size * 3 || (census->high < 16 && census->high * 4 < size);
}

static qw_status_t guess (const char *bytes, size_t size, const census_t *census, char name[QW_ENCODING_NAME],
                          qw_reason_t *reason)
{
    enum { SAMPLE = 256 * 1024, BEFORE = 1024 };
    if (census->pairs == census->high) { /* English from the Chinese or Korean press, which uchardet does not see */
        snprintf (name, QW_ENCODING_NAME, "%s", census->korean ? "EUC-KR" : "GB18030");
        return QW_OK;
    }
    size_t from = census->first_high > BEFORE ? census->first_high - BEFORE : 0;
    size_t length = size - from < SAMPLE ? size - from : SAMPLE;
    uchardet_t detector = uchardet_new ();
    if (!detector)
        abort ();
    int failed = uchardet_handle_data (detector, bytes + from, length);
    uchardet_data_end (detector);
    snprintf (name, QW_ENCODING_NAME, "%s", failed ? "" : uchardet_get_charset (detector));
    uchardet_delete (detector);

    if (is_nearly_ascii (census, size) && !has_several_bytes_a_character (name))
        snprintf (name, QW_ENCODING_NAME, "%s", western);
    if (strcmp (name, "ISO-8859-1") == 0 || strcmp (name, "ASCII") == 0)
        snprintf (name, QW_ENCODING_NAME, "%s", western); /* what calls itself Latin-1 is windows-1252, as browsers know */
    if (!name[0] || strncmp (name, "UTF-", 4) == 0)
        return qw_fail (QW_INVALID, reason, "not UTF-8 (byte %zu), and its encoding cannot be told", census->first_wrong);
    return QW_OK;
}

static qw_status_t convert (const char *name, qw_bytes_t bytes, size_t limit, qw_buffer_t *into, qw_reason_t *reason)
{
    iconv_t converter = iconv_open ("UTF-8", name);
    if (converter == (iconv_t) -1)
        return qw_fail (QW_UNSUPPORTED, reason, "the encoding %s is not known here", name);
    char *from = (char *) bytes.data;
    size_t left = bytes.size;
    qw_status_t status = QW_OK;
    into->size = 0;
    while (left > 0 && !status) {
        qw_buffer_reserve (into, into->size + (left < 4096 ? left * 4 + 16 : left + left / 4));
        char *to = into->data + into->size;
        size_t room = into->capacity - into->size - 1;
        size_t result = iconv (converter, &from, &left, &to, &room);
        into->size = (size_t) (to - into->data);
        if (into->size > limit)
            status = qw_fail (QW_TOO_LARGE, reason, "the text is larger than the %zu bytes allowed", limit);
        else if (result == (size_t) -1 && errno != E2BIG)
            status = qw_fail (QW_INVALID, reason, "taken for %s, but byte %zu is wrong in it", name, bytes.size - left);
    }
    iconv_close (converter);
    return status;
}

qw_status_t qw_encoding_to_utf8 (qw_bytes_t bytes, size_t limit, qw_buffer_t *into, qw_bytes_t *text,
                                 char encoding[QW_ENCODING_NAME], qw_reason_t *reason)
{
    encoding[0] = 0;
    size_t mark;
    const char *marked = qw_encoding_of_mark (bytes.data, bytes.size, &mark);
    bytes.data += mark;
    bytes.size -= mark;
    bool wide = marked && strcmp (marked, "UTF-8") != 0;
    if (!wide && bytes.size && memchr (bytes.data, 0, bytes.size))
        return qw_fail (QW_INVALID, reason, "it holds NUL bytes: not a text");
    *text = bytes;
    if (!wide && qw_utf8_is_valid (bytes.data, bytes.size))
        return bytes.size > limit ? qw_fail (QW_TOO_LARGE, reason, "the text is larger than the %zu bytes allowed", limit)
                                  : QW_OK;

    bool nearly_ascii = false;
    if (wide)
        snprintf (encoding, QW_ENCODING_NAME, "%s", marked);
    else {
        census_t census = take_census (bytes.data, bytes.size);
        if (census.controls * 200 > bytes.size)
            return qw_fail (QW_INVALID, reason, "it is full of control characters: not a text");
        if (marked || census.sequences > census.wrong)
            return qw_fail (QW_INVALID, reason, "damaged UTF-8: byte %zu is wrong", mark + census.first_wrong);
        qw_status_t status = guess (bytes.data, bytes.size, &census, encoding, reason);
        if (status)
            return status;
        nearly_ascii = is_nearly_ascii (&census, bytes.size);
    }
    qw_status_t status = convert (encoding, bytes, limit, into, reason);
    if (status == QW_INVALID && nearly_ascii && strcmp (encoding, western) != 0) {
        snprintf (encoding, QW_ENCODING_NAME, "%s", western);
        status = convert (encoding, bytes, limit, into, reason);
    }
    if (status)
        return status;
    *text = (qw_bytes_t){into->data ? into->data : "", into->size};
    if (text->size && memchr (text->data, 0, text->size))
        return qw_fail (QW_INVALID, reason, "it holds NUL characters: not a text");
    return QW_OK;
}

static bool is_white (uint32_t point)
{
    return (point >= '\t' && point <= '\r') || point == ' ' || point == 0x85 || point == 0xa0 || point == 0x1680
        || (point >= 0x2000 && point <= 0x200b) || point == 0x2028 || point == 0x2029 || point == 0x202f || point == 0x205f
        || point == 0x3000 || point == 0xfeff;
}

bool qw_encoding_is_blank (qw_bytes_t text)
{
    for (size_t at = 0, taken; at < text.size; at += taken)
        if (!is_white (qw_utf8_decode (text.data + at, text.size - at, &taken)))
            return false;
    return true;
}
