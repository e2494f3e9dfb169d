#include "workers/entities/words.h"

#define XXH_INLINE_ALL
#include <utf8proc.h>
#include <xxhash.h>

#include "proto/utf8.h"

uint64_t qw_word_hash (const char *bytes, size_t size)
{
    uint64_t hash = XXH3_64bits (bytes, size);
    return hash ? hash : 1;
}

typedef struct {
    char lower[QW_MAX_WORD_BYTES * 2];
    size_t lower_size;
    char shape[24]; /* runs shortened to two */
    size_t shape_size;
    unsigned uppers, lowers, digits, uncased, marks, points;
    bool first_upper;
} letters_t;

static void add_shape (letters_t *self, char c)
{
    size_t n = self->shape_size;
    if (n >= 2 && self->shape[n - 1] == c && self->shape[n - 2] == c)
        return;
    if (n < sizeof self->shape)
        self->shape[self->shape_size++] = c;
}

static void add_ascii (letters_t *self, char c)
{
    if (c >= 'A' && c <= 'Z') {
        self->first_upper |= self->points == 0;
        self->uppers++;
        add_shape (self, 'X');
        c = (char) (c | 0x20);
    } else if (c >= 'a' && c <= 'z') {
        self->lowers++;
        add_shape (self, 'x');
    } else if (c >= '0' && c <= '9') {
        self->digits++;
        add_shape (self, '0');
    } else {
        self->marks++;
        add_shape (self, c);
    }
    self->points++;
    self->lower[self->lower_size++] = c;
}

static void add_point (letters_t *self, uint32_t point)
{
    /* The curly apostrophe and the hyphens count as their ASCII kin, so that a word has one form. */
    if (point == 0x2019 || point == 0x2018) {
        add_ascii (self, '\'');
        return;
    }
    if (point == 0x2010 || point == 0x2011) {
        add_ascii (self, '-');
        return;
    }
    utf8proc_category_t category = utf8proc_category ((utf8proc_int32_t) point);
    switch (category) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LT:
        self->first_upper |= self->points == 0;
        self->uppers++;
        add_shape (self, 'X');
        point = (uint32_t) utf8proc_tolower ((utf8proc_int32_t) point);
        break;
    case UTF8PROC_CATEGORY_LL:
        self->lowers++;
        add_shape (self, 'x');
        break;
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_LM:
        self->uncased++;
        add_shape (self, 'c');
        break;
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
        self->digits++;
        add_shape (self, '0');
        break;
    default: self->marks++; add_shape (self, '_');
    }
    self->points++;
    self->lower_size
        += (size_t) utf8proc_encode_char ((utf8proc_int32_t) point, (utf8proc_uint8_t *) self->lower + self->lower_size);
}

static qw_word_kind_t kind_of (const letters_t *self)
{
    unsigned cased = self->uppers + self->lowers;
    if (cased + self->uncased == 0)
        return self->digits ? QW_KIND_DIGITS : QW_KIND_MARK;
    if (self->digits)
        return self->uppers || self->uncased ? QW_KIND_ALNUM : QW_KIND_LOWER;
    if (cased == 0)
        return QW_KIND_UNCASED;
    if (self->uppers == 0)
        return QW_KIND_LOWER;
    if (self->lowers == 0)
        return self->uppers == 1 ? QW_KIND_LETTER : QW_KIND_UPPER;
    return self->uppers == 1 && self->first_upper ? QW_KIND_TITLE : QW_KIND_MIXED;
}

/* The word with a capital at its start only, for words in capitals: "SEOUL" is looked up as "Seoul" too. */
static size_t titled (const letters_t *letters, char *out)
{
    size_t taken;
    utf8proc_int32_t first = (utf8proc_int32_t) qw_utf8_decode (letters->lower, letters->lower_size, &taken);
    size_t size = (size_t) utf8proc_encode_char (utf8proc_toupper (first), (utf8proc_uint8_t *) out);
    for (size_t i = taken; i < letters->lower_size; i++)
        out[size++] = letters->lower[i];
    return size;
}

static void spell (letters_t *letters, const char *text, size_t size)
{
    letters->lower_size = letters->shape_size = 0;
    letters->uppers = letters->lowers = letters->digits = letters->uncased = letters->marks = letters->points = 0;
    letters->first_upper = false;
    for (size_t at = 0, taken; at < size && at < QW_MAX_WORD_BYTES; at += taken) {
        if ((unsigned char) text[at] < 0x80) {
            add_ascii (letters, text[at]);
            taken = 1;
        } else
            add_point (letters, qw_utf8_decode (text + at, size - at, &taken));
    }
}

void qw_word_look (qw_word_t *self, const qw_model_t *model, const char *text, size_t size)
{
    letters_t letters;
    spell (&letters, text, size);
    qw_word_kind_t kind = kind_of (&letters);
    self->kind = (uint8_t) kind;
    self->capital = kind >= QW_KIND_TITLE;
    self->exact = qw_word_hash (text, size);
    self->lower = qw_word_hash (letters.lower, letters.lower_size);
    self->shape = qw_word_hash (letters.shape, letters.shape_size);
    qw_lexicon_entry_t entry = {0, 0, 0, 0};
    if (model) {
        entry = qw_model_word (model, self->exact);
        if (entry.check == 0 && kind == QW_KIND_UPPER) {
            char title[sizeof letters.lower + 8];
            entry = qw_model_word (model, qw_word_hash (title, titled (&letters, title)));
        }
    }
    self->cluster = entry.cluster;
    self->flags = entry.flags;
    self->near = entry.near;
}

/* The next eight bytes of a word, or those that it has left and zeros. */
static inline uint64_t next_bytes (const char *text, size_t left, const char *end)
{
    uint64_t bytes = 0;
    if (left >= sizeof bytes)
        memcpy (&bytes, text, sizeof bytes);
    else if (text + sizeof bytes <= end) {
        memcpy (&bytes, text, sizeof bytes);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
        bytes &= ~(uint64_t) 0 >> 8 * (sizeof bytes - left);
#else
        bytes &= ~(uint64_t) 0 << 8 * (sizeof bytes - left);
#endif
    } else
        memcpy (&bytes, text, left);
    return bytes;
}

bool qw_word_glance (qw_word_t *self, const char *text, size_t size, const char *end, uint64_t exact)
{
    /* Eight bytes at a time. While all are ASCII, no sum below carries from one byte into the next: its top bit says "not below". */
    const uint64_t ones = 0x0101010101010101u, tops = 0x80 * ones;
    uint64_t other = 0, small = 0;
    if (size > QW_MAX_WORD_BYTES)
        return false;
    for (size_t at = 0; at < size; at += sizeof (uint64_t)) {
        uint64_t bytes = next_bytes (text + at, size - at, end);
        other |= bytes | ((bytes + (0x80 - '0') * ones) & ~(bytes + (0x7f - '9') * ones))
                 | ((bytes + (0x80 - 'A') * ones) & ~(bytes + (0x7f - 'Z') * ones));
        small |= (bytes + (0x80 - 'a') * ones) & ~(bytes + (0x7f - 'z') * ones);
    }
    if (other & tops)
        return false;
    *self = (qw_word_t) {.exact = exact, .lower = exact, .kind = small & tops ? QW_KIND_LOWER : QW_KIND_MARK};
    return true;
}

/* Bytes at which the last `count` characters of a word begin, or 0. */
static size_t suffix_at (const char *text, size_t size, int count)
{
    size_t at = size;
    while (count-- > 0 && at > 0)
        for (at--; at > 0 && !qw_utf8_is_boundary (text, size, at); at--)
            ;
    return at;
}

static size_t prefix_end (const char *text, size_t size, int count)
{
    size_t at = 0;
    while (count-- > 0 && at < size)
        for (at++; at < size && !qw_utf8_is_boundary (text, size, at); at++)
            ;
    return at;
}

size_t qw_word_features (const qw_word_t *self, const char *text, size_t size, int offset, uint64_t *features,
                         size_t *lexical)
{
    uint64_t *out = features;
    uint64_t place = (uint64_t) offset * 64;
    unsigned type = self->flags >> QW_WORD_TYPE_SHIFT;
    *out++ = qw_feature (place + 1, self->lower, 0);
    if (offset >= 1 && offset <= 3)
        *out++ = qw_feature (place + 2, self->exact, 0);
    if (offset == 2) {
        letters_t letters;
        spell (&letters, text, size);
        const char *lower = letters.lower;
        size_t n = letters.lower_size;
        for (int i = 2; i <= 5; i++) {
            size_t at = suffix_at (lower, n, i);
            *out++ = qw_feature (place + 2 + (uint64_t) i, qw_word_hash (lower + at, n - at), self->capital);
        }
        for (int i = 2; i <= 4; i++)
            *out++ = qw_feature (place + 7 + (uint64_t) i, qw_word_hash (lower, prefix_end (lower, n, i)), self->capital);
        /* three bytes anywhere inside: of which language a name sounds */
        for (size_t at = 1; self->capital && at + 4 < n && at <= QW_MAX_GRAMS; at++)
            *out++ = qw_feature (place + 23, qw_word_hash (lower + at, 3), 0);
    }
    *lexical = (size_t) (out - features);
    *out++ = qw_feature (place + 12, self->kind, 0);
    if (offset >= 1 && offset <= 3) {
        *out++ = qw_feature (place + 13, self->shape, 0);
        *out++ = qw_feature (place + 14, self->flags & 0xff, self->kind);
        *out++ = qw_feature (place + 15, type, self->kind);
        if (offset != 2) {
            size_t at = suffix_at (text, size, 3);
            *out++ = qw_feature (place + 16, qw_word_hash (text + at, size - at), 0);
        }
    } else
        *out++ = qw_feature (place + 17, type & 15, self->flags & 0xff);
    if (self->cluster) {
        *out++ = qw_feature (place + 20, self->cluster, 0);
        *out++ = qw_feature (place + 21, self->cluster, self->kind);
        *out++ = qw_feature (place + 22, self->cluster >> 10, self->kind);
    }
    if (self->near) {
        *out++ = qw_feature (place + 24, self->near, 0);
        *out++ = qw_feature (place + 25, self->near, self->kind);
        *out++ = qw_feature (place + 26, self->near >> 10, self->kind);
    }
    return (size_t) (out - features);
}

size_t qw_word_features_of_edge (int offset, uint64_t *features)
{
    features[0] = qw_feature ((uint64_t) offset * 64 + 30, 0, 0);
    return 1;
}
