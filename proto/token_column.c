#include <stdlib.h>
#include <string.h>

#include "proto/layer_codec.h"

enum { SHORT = 12, TIGHT = 3 }; /* longest token of each one-half-byte form */

void qw_token_column_init (qw_token_column_t *self)
{
    memset (self, 0, sizeof *self);
    qw_out_init (&self->sentences);
}

void qw_token_column_free (qw_token_column_t *self)
{
    free (self->bytes);
    qw_out_free (&self->sentences);
    memset (self, 0, sizeof *self);
}

void qw_token_column_reset (qw_token_column_t *self)
{
    self->size = 0;
    self->half = false;
    self->count = self->end = 0;
    qw_out_reset (&self->sentences);
}

static void reserve (qw_token_column_t *self, size_t more)
{
    if (self->size + more <= self->capacity)
        return;
    size_t wanted = (self->size + more) * 2;
    uint8_t *grown = realloc (self->bytes, wanted);
    if (!grown)
        abort ();
    self->bytes = grown;
    self->capacity = wanted;
}

static inline void add_half (qw_token_column_t *self, unsigned half)
{
    if (self->half)
        self->bytes[self->size - 1] |= (uint8_t) (half << 4);
    else
        self->bytes[self->size++] = (uint8_t) half;
    self->half = !self->half;
}

static void add_number (qw_token_column_t *self, uint32_t number)
{
    for (; number > 7; number >>= 3)
        add_half (self, 8 | (number & 7));
    add_half (self, number);
}

void qw_token_column_add (qw_token_column_t *self, uint32_t gap, uint32_t length)
{
    reserve (self, 16);
    if (gap == 1 && length - 1 < SHORT)
        add_half (self, length);
    else if (gap == 0 && length - 1 < TIGHT)
        add_half (self, SHORT + length);
    else {
        add_half (self, 0);
        add_number (self, gap);
        add_number (self, length);
    }
    self->count++;
    self->end += gap + length;
}

void qw_token_column_add_sentence (qw_token_column_t *self, uint32_t tokens)
{
    char bytes[5];
    size_t size = 0;
    for (; tokens > 127; tokens >>= 7)
        bytes[size++] = (char) (0x80 | (tokens & 127));
    bytes[size++] = (char) tokens;
    qw_put_raw (&self->sentences, (qw_bytes_t){bytes, size});
}

void qw_token_column_put (const qw_token_column_t *self, qw_bytes_t by, qw_out_t *out)
{
    qw_put_map (out, 4);
    qw_put_key (out, "by");
    qw_put_str (out, by);
    qw_put_key (out, "count");
    qw_put_uint (out, self->count);
    qw_put_key (out, "spans");
    qw_put_bin (out, (qw_bytes_t){(const char *) self->bytes, self->size});
    qw_put_key (out, "sentences");
    qw_put_bin (out, qw_out_bytes (&self->sentences));
}

/* ---- reading ------------------------------------------------------------------------------------------------------- */

typedef struct {
    uint64_t count;
    qw_bytes_t spans, sentences;
    uint32_t end; /* code points up to the last token's end; set by check_spans */
    bool half;    /* the last byte's high half is not used; likewise */
} columns_t;

static qw_status_t read_columns (qw_bytes_t layer, columns_t *columns, qw_reason_t *reason)
{
    qw_mp_t reader;
    qw_mp_open (&reader, layer.data, layer.size, reason);
    *columns = (columns_t){0};
    for (uint32_t pairs = qw_mp_map (&reader, "tokens"); pairs > 0 && !reader.failed; pairs--) {
        qw_bytes_t key = qw_mp_str (&reader, "a key of tokens");
        if (qw_bytes_are (key, "count"))
            columns->count = qw_mp_uint (&reader, "tokens.count");
        else if (qw_bytes_are (key, "spans"))
            columns->spans = qw_mp_bin (&reader, "tokens.spans");
        else if (qw_bytes_are (key, "sentences"))
            columns->sentences = qw_mp_bin (&reader, "tokens.sentences");
        else
            qw_mp_skip (&reader);
    }
    if (!reader.failed && (!columns->spans.data || !columns->sentences.data))
        qw_mp_refuse (&reader, "field '%s' is missing", columns->spans.data ? "tokens.sentences" : "tokens.spans");
    if (!reader.failed && columns->count > 2 * columns->spans.size)
        qw_mp_refuse (&reader, "field 'tokens.count' is more than the column can hold");
    return qw_mp_status (&reader);
}

typedef struct {
    const uint8_t *bytes;
    size_t at, size; /* in half bytes */
    bool cut;
} halves_t;

static inline unsigned next_half (halves_t *halves)
{
    if (halves->at >= halves->size) {
        halves->cut = true;
        return 0;
    }
    unsigned half = halves->bytes[halves->at / 2] >> (halves->at % 2 * 4) & 15;
    halves->at++;
    return half;
}

static uint32_t next_number (halves_t *halves)
{
    uint32_t number = 0;
    for (unsigned shift = 0;; shift += 3) {
        unsigned half = next_half (halves);
        if (shift > 27) {
            halves->cut = true;
            return 0;
        }
        number |= (uint32_t) (half & 7) << shift;
        if (half < 8)
            return number;
    }
}

static inline void next_token (halves_t *halves, uint32_t *gap, uint32_t *length)
{
    unsigned half = next_half (halves);
    if (half == 0) {
        *gap = next_number (halves);
        *length = next_number (halves);
    } else {
        *gap = half <= SHORT;
        *length = half <= SHORT ? half : half - SHORT;
    }
}

/* Code points that two tokens take with their gaps, by a byte's two half bytes; 0: other forms. A half byte from 1 to 12 is a gap
 * of one and so many, from 13 to 15 one to three without a gap. */
#define OF_HALF(half) ((half) <= SHORT ? (half) + 1 : (half) - SHORT)
#define OF_BYTE(n) ((n) % 16 && (n) / 16 ? OF_HALF ((n) % 16) + OF_HALF ((n) / 16) : 0)
#define OF_4(n) OF_BYTE (n), OF_BYTE ((n) + 1), OF_BYTE ((n) + 2), OF_BYTE ((n) + 3)
#define OF_16(n) OF_4 (n), OF_4 ((n) + 4), OF_4 ((n) + 8), OF_4 ((n) + 12)
#define OF_64(n) OF_16 (n), OF_16 ((n) + 16), OF_16 ((n) + 32), OF_16 ((n) + 48)
static const uint8_t points_of_pair[256] = {OF_64 (0), OF_64 (64), OF_64 (128), OF_64 (192)};

/* Passes over pairs of tokens of one half byte each, while more than two are left and they end within `length` code points;
 * returns how many tokens. */
static uint64_t pass_pairs (halves_t *halves, uint64_t left, uint32_t length, uint64_t *at)
{
    const uint8_t *bytes = halves->bytes + halves->at / 2;
    bool odd = halves->at % 2;
    uint64_t points = *at, tokens = 0;
    size_t most = (halves->size - halves->at) / 2; /* pairs; of the last one the second byte may not be there */
    if (left <= 2)
        return 0;
    for (most = most < (left - 1) / 2 ? most : (left - 1) / 2; most > 1; most--, bytes++, tokens += 2) {
        unsigned pair = points_of_pair[odd ? (uint8_t) (bytes[0] >> 4 | bytes[1] << 4) : bytes[0]];
        if (pair == 0 || points + pair > length)
            break;
        points += pair;
    }
    halves->at += tokens;
    *at = points;
    return tokens;
}

/* Walks the spans: every token has a length, and the last ends within `length` code points. Sets end and half. */
static qw_status_t check_spans (columns_t *columns, uint32_t length, qw_reason_t *reason)
{
    halves_t halves = {(const uint8_t *) columns->spans.data, 0, columns->spans.size * 2, false};
    uint64_t at = 0;
    for (uint64_t i = 0; i < columns->count; i++) {
        uint32_t gap, size;
        i += pass_pairs (&halves, columns->count - i, length, &at);
        next_token (&halves, &gap, &size);
        at += (uint64_t) gap + size;
        if (halves.cut || size == 0 || at > length)
            return qw_fail (QW_INVALID, reason, "token %llu is %s", (unsigned long long) i,
                            halves.cut    ? "cut off"
                            : size == 0 ? "empty"
                                        : "outside of its text");
    }
    if ((halves.at + 1) / 2 != columns->spans.size)
        return qw_fail (QW_INVALID, reason, "field 'tokens.spans' has bytes left over");
    if (halves.at % 2 && columns->spans.size && (uint8_t) columns->spans.data[columns->spans.size - 1] >> 4)
        return qw_fail (QW_INVALID, reason, "field 'tokens.spans' does not end with an empty half byte");
    columns->end = (uint32_t) at;
    columns->half = halves.at % 2;
    return QW_OK;
}

typedef struct {
    const uint8_t *at, *end;
} sentence_lengths_t;

static uint64_t next_sentence (sentence_lengths_t *lengths)
{
    uint64_t tokens = 0;
    for (unsigned shift = 0; lengths->at < lengths->end && shift < 35; shift += 7) {
        uint8_t byte = *lengths->at++;
        tokens |= (uint64_t) (byte & 127) << shift;
        if (byte < 128)
            return tokens;
    }
    return 0;
}

static qw_status_t check_sentences (const columns_t *columns, qw_reason_t *reason)
{
    sentence_lengths_t lengths = {(const uint8_t *) columns->sentences.data,
                                  (const uint8_t *) columns->sentences.data + columns->sentences.size};
    uint64_t tokens = 0;
    while (lengths.at < lengths.end) {
        uint64_t more = next_sentence (&lengths);
        tokens += more;
        if (more == 0 || tokens > columns->count)
            return qw_fail (QW_INVALID, reason, "field 'tokens.sentences' has a sentence of an impossible length");
    }
    if (tokens != columns->count)
        return qw_fail (QW_INVALID, reason, "field 'tokens.sentences' does not hold every token");
    return QW_OK;
}

static qw_status_t read_checked (qw_bytes_t layer, uint32_t length, columns_t *columns, qw_reason_t *reason)
{
    qw_status_t status = read_columns (layer, columns, reason);
    if (!status)
        status = check_spans (columns, length, reason);
    return status ? status : check_sentences (columns, reason);
}

qw_status_t qw_check_tokens (qw_bytes_t layer, uint32_t length, uint32_t *count, qw_reason_t *reason)
{
    columns_t columns;
    qw_status_t status = read_checked (layer, length, &columns, reason);
    *count = status ? 0 : (uint32_t) columns.count;
    return status;
}

qw_status_t qw_token_column_append (qw_token_column_t *self, qw_bytes_t layer, uint32_t offset, uint32_t length,
                                    qw_reason_t *reason)
{
    columns_t columns;
    if (read_checked (layer, length, &columns, reason))
        return QW_INVALID;
    if (columns.count == 0)
        return QW_OK;
    reserve (self, columns.spans.size + 16);
    if (self->count == 0 && offset == 0) {
        memcpy (self->bytes, columns.spans.data, columns.spans.size);
        self->size = columns.spans.size;
        self->count = (uint32_t) columns.count;
        self->end = columns.end;
        self->half = columns.half;
    } else {
        halves_t halves = {(const uint8_t *) columns.spans.data, 0, columns.spans.size * 2, false};
        uint32_t shift = offset - self->end;
        for (uint64_t i = 0; i < columns.count; i++) {
            uint32_t gap, size;
            next_token (&halves, &gap, &size);
            qw_token_column_add (self, gap + shift, size);
            shift = 0;
        }
    }
    qw_put_raw (&self->sentences, columns.sentences);
    return QW_OK;
}

/* The byte `points` characters behind the character boundary `at`. Tokens are short and near one another, so walking is cheaper than
 * the index. */
static uint32_t pass_points (const qw_utf8_index_t *index, uint32_t at, uint32_t points)
{
    if (index->length == index->size)
        return at + points;
    if (points > 64)
        return qw_utf8_index_byte (index, qw_utf8_index_point (index, at) + points);
    for (; points > 0 && at < index->size; points--)
        do
            at++;
        while (at < index->size && ((unsigned char) index->text[at] & 0xc0) == 0x80);
    return at;
}

qw_status_t qw_get_tokens (qw_bytes_t layer, const qw_utf8_index_t *index, uint32_t offset, uint32_t length,
                           qw_layers_t *layers, qw_reason_t *reason)
{
    columns_t columns;
    if (read_checked (layer, length, &columns, reason))
        return QW_INVALID;
    uint32_t first = (uint32_t) layers->token_count;
    qw_layers_reserve_tokens (layers, columns.count);
    halves_t halves = {(const uint8_t *) columns.spans.data, 0, columns.spans.size * 2, false};
    uint32_t at = qw_utf8_index_byte (index, offset);
    for (uint64_t i = 0; i < columns.count; i++) {
        uint32_t gap, size;
        next_token (&halves, &gap, &size);
        uint32_t start = pass_points (index, at, gap);
        at = pass_points (index, start, size);
        *qw_layers_add_token (layers) = (qw_span_t){start, at};
    }
    sentence_lengths_t lengths = {(const uint8_t *) columns.sentences.data,
                                  (const uint8_t *) columns.sentences.data + columns.sentences.size};
    while (lengths.at < lengths.end) {
        uint32_t tokens = (uint32_t) next_sentence (&lengths);
        *qw_layers_add_sentence (layers) = (qw_sentence_t){first, first + tokens};
        first += tokens;
    }
    return QW_OK;
}

/* Sequential, so that a text beyond ASCII costs one walk over it. */
void qw_put_tokens (const qw_layers_t *layers, const qw_utf8_index_t *index, qw_bytes_t by, qw_token_column_t *scratch,
                    qw_out_t *out)
{
    qw_token_column_reset (scratch);
    bool ascii = index->length == index->size;
    uint32_t last = 0;
    for (size_t i = 0; i < layers->token_count; i++) {
        qw_span_t token = layers->tokens[i];
        uint32_t gap = token.start - last, length = token.end - token.start;
        if (!ascii) {
            gap = (uint32_t) qw_utf8_length (index->text + last, gap);
            length = (uint32_t) qw_utf8_length (index->text + token.start, length);
        }
        qw_token_column_add (scratch, gap, length);
        last = token.end;
    }
    for (size_t i = 0; i < layers->sentence_count; i++)
        qw_token_column_add_sentence (scratch, layers->sentences[i].end - layers->sentences[i].first);
    qw_token_column_put (scratch, by, out);
}
