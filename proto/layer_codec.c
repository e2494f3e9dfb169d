#include "proto/layer_codec.h"

#include <stdlib.h>

/* Flags of a quote, as written. */
enum { BELIEF = 1, OPENS_BEFORE = 2, RUNS_ON = 4, ALL_FLAGS = 7 };

enum { STATEMENT_BYTES = 5 };

static const char *const key_prefixes[QW_ENTITY_TYPE_COUNT] = {
    "person:", "org:", "place:", "place:", "norp:", "product:", "event:", "misc:", "date:", "time:", "money:", "percent:"};

size_t qw_key_of_name (qw_entity_type_t type, const char *name, size_t name_size, char *key, size_t size)
{
    size_t used = strlen (key_prefixes[type]);
    if (used > size)
        return 0;
    memcpy (key, key_prefixes[type], used);
    size_t begin = used;
    bool hyphen = false;
    for (size_t i = 0; i < name_size && used + 2 <= size; i++) {
        unsigned char c = (unsigned char) name[i];
        if (c >= 'A' && c <= 'Z')
            c += 'a' - 'A';
        if (c >= 0x80 || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
            if (hyphen && used > begin)
                key[used++] = '-';
            hyphen = false;
            key[used++] = (char) c;
        } else
            hyphen = true;
    }
    return qw_utf8_valid_prefix (key, used); /* a key cut at its size ends with a whole character */
}

/* ---- layers to bytes ----------------------------------------------------------------------------------------------- */

#define NO_MENTION UINT32_MAX

/* For each cluster the first mention whose words are its name; NO_MENTION when there is none. The caller frees it. */
static uint32_t *mentions_of_names (const qw_layers_t *layers, const qw_utf8_index_t *index)
{
    uint32_t *named = malloc (layers->cluster_count * sizeof *named);
    if (!named)
        abort ();
    memset (named, 0xff, layers->cluster_count * sizeof *named);
    for (uint32_t i = 0; i < layers->mention_count; i++) {
        const qw_mention_t *mention = &layers->mentions[i];
        if (mention->cluster == QW_NO_CLUSTER || named[mention->cluster] != NO_MENTION)
            continue;
        qw_string_t name = layers->clusters[mention->cluster].name;
        if (qw_span_size (mention->span) == name.size
            && memcmp (index->text + mention->span.start, qw_layers_string (layers, name), name.size) == 0)
            named[mention->cluster] = i;
    }
    return named;
}

/* A cluster's name is a mention's number nearly always: the words stand in the text. Otherwise it is the words. */
static void put_cluster (const qw_layers_t *layers, const qw_cluster_t *cluster, uint32_t mention, qw_out_t *out)
{
    qw_bytes_t name = {qw_layers_string (layers, cluster->name), cluster->name.size};
    qw_bytes_t key = {qw_layers_string (layers, cluster->key), cluster->key.size};
    if (mention != NO_MENTION)
        qw_put_uint (out, mention);
    else
        qw_put_str (out, name);
    char usual[600];
    size_t usual_size = qw_key_of_name (cluster->type, name.data, name.size, usual, sizeof usual);
    if (qw_bytes_equal (key, (qw_bytes_t){usual, usual_size}))
        qw_put_nil (out);
    else
        qw_put_str (out, key);
}

void qw_put_entities (const qw_layers_t *layers, const qw_utf8_index_t *index, qw_bytes_t by, qw_out_t *out)
{
    qw_put_map (out, layers->cluster_count ? 3 : 2);
    qw_put_key (out, "by");
    qw_put_str (out, by);
    qw_put_key (out, "mentions");
    qw_put_array (out, 4 * layers->mention_count);
    uint32_t last = 0;
    for (size_t i = 0; i < layers->mention_count; i++) {
        const qw_mention_t *mention = &layers->mentions[i];
        uint32_t start = qw_utf8_index_point (index, mention->span.start),
                 end = qw_utf8_index_point (index, mention->span.end);
        qw_put_uint (out, start - last);
        qw_put_uint (out, end - start);
        qw_put_uint (out, mention->type);
        qw_put_uint (out, mention->cluster == QW_NO_CLUSTER ? 0 : (uint64_t) mention->cluster + 1);
        last = end;
    }
    if (!layers->cluster_count)
        return;
    qw_put_key (out, "clusters");
    qw_put_array (out, 2 * layers->cluster_count);
    uint32_t *named = mentions_of_names (layers, index);
    for (uint32_t i = 0; i < layers->cluster_count; i++)
        put_cluster (layers, &layers->clusters[i], named[i], out);
    free (named);
}

/* A span as its start, counted from the code point `from`, and its length; no span is 0, 0. Most are near, so they take a
 * byte. */
static void put_span (const qw_utf8_index_t *index, qw_span_t span, uint32_t from, qw_out_t *out)
{
    if (qw_span_is_empty (span)) {
        qw_put_uint (out, 0);
        qw_put_uint (out, 0);
        return;
    }
    uint32_t start = qw_utf8_index_point (index, span.start);
    msgpack_pack_int64 (&out->packer, (int64_t) start - from);
    qw_put_uint (out, qw_utf8_index_point (index, span.end) - start);
}

/* A speaker without a cluster: true when the mention's own words say who it is, as they nearly always do. */
static void put_words (const qw_layers_t *layers, const qw_quote_t *quote, const qw_utf8_index_t *index, qw_out_t *out)
{
    qw_bytes_t words = {qw_layers_string (layers, quote->speaker), quote->speaker.size};
    qw_bytes_t mention = {index->text + quote->speaker_mention.start, qw_span_size (quote->speaker_mention)};
    if (qw_bytes_equal (words, mention))
        qw_put_bool (out, true);
    else
        qw_put_str (out, words);
}

/* `last` is the start of the quote before, in code points, and becomes that of this one. */
static void put_quote (const qw_layers_t *layers, const qw_quote_t *quote, const qw_utf8_index_t *index, uint32_t *last,
                       qw_out_t *out)
{
    bool via = !qw_span_is_empty (quote->via);
    qw_put_array (out, via ? 13 : 11);
    put_span (index, quote->span, *last, out);
    uint32_t start = *last = qw_utf8_index_point (index, quote->span.start);
    qw_put_uint (out, quote->type);
    qw_put_uint (out,
                 (quote->speech ? 0 : BELIEF) | (quote->opens_before ? OPENS_BEFORE : 0) | (quote->runs_on ? RUNS_ON : 0));
    put_span (index, quote->cue, start, out);
    put_span (index, quote->speaker_mention, start, out);
    qw_put_uint (out, quote->how);
    qw_put_uint (out, quote->confidence);
    if (quote->cluster != QW_NO_CLUSTER)
        qw_put_uint (out, quote->cluster);
    else if (quote->speaker.size)
        put_words (layers, quote, index, out);
    else
        qw_put_nil (out);
    if (via)
        put_span (index, quote->via, start, out);
}

static bool has_statements (const qw_layers_t *layers)
{
    for (size_t i = 0; i < layers->quote_count; i++)
        if (layers->quotes[i].statement)
            return true;
    return false;
}

static void put_statements (const qw_layers_t *layers, qw_out_t *out)
{
    qw_put_key (out, "statements");
    msgpack_pack_bin (&out->packer, layers->quote_count * STATEMENT_BYTES);
    for (size_t i = 0; i < layers->quote_count; i++) {
        unsigned char bytes[STATEMENT_BYTES];
        for (unsigned j = 0; j < STATEMENT_BYTES; j++)
            bytes[j] = (unsigned char) (layers->quotes[i].statement >> 8 * (STATEMENT_BYTES - 1 - j));
        msgpack_pack_bin_body (&out->packer, bytes, sizeof bytes);
    }
}

void qw_put_quotes (const qw_layers_t *layers, const qw_utf8_index_t *index, qw_bytes_t by, qw_out_t *out)
{
    bool statements = has_statements (layers);
    qw_put_map (out, statements ? 3 : 2);
    qw_put_key (out, "by");
    qw_put_str (out, by);
    qw_put_key (out, "quotes");
    qw_put_array (out, layers->quote_count);
    uint32_t last = 0;
    for (size_t i = 0; i < layers->quote_count; i++)
        put_quote (layers, &layers->quotes[i], index, &last, out);
    if (statements)
        put_statements (layers, out);
}

void qw_structure_numbers (const qw_paragraph_t *paragraphs, size_t count, const qw_utf8_index_t *index, uint64_t *numbers)
{
    uint32_t last = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t start = qw_utf8_index_point (index, paragraphs[i].span.start);
        uint32_t end = qw_utf8_index_point (index, paragraphs[i].span.end);
        numbers[3 * i] = start - last;
        numbers[3 * i + 1] = end - start;
        numbers[3 * i + 2] = paragraphs[i].role;
        last = end;
    }
}

void qw_put_structure (qw_uints_t numbers, qw_bytes_t by, qw_out_t *out)
{
    qw_put_map (out, 2);
    qw_put_key (out, "by");
    qw_put_str (out, by);
    qw_put_key (out, "paragraphs");
    qw_put_array (out, numbers.count);
    for (size_t i = 0; i < numbers.count; i++)
        qw_put_uint (out, numbers.items[i]);
}

/* ---- bytes to layers ----------------------------------------------------------------------------------------------- */

/* A piece of the indexed text, in code points. */
typedef struct {
    const qw_utf8_index_t *index;
    uint32_t offset, length;
} window_t;

/* Reads start, counted from the window's code point `from`, and length; they must lie inside the window. No span is all
 * zero. */
static qw_span_t get_span (qw_mp_t *reader, const window_t *window, uint32_t from, const char *field)
{
    int64_t offset = qw_mp_int (reader, field), far = UINT32_MAX;
    uint64_t length = qw_mp_uint (reader, field);
    if (reader->failed || length == 0)
        return (qw_span_t){0, 0};
    int64_t start = offset < -far || offset > far ? -1 : offset + from;
    if (start < 0 || start > window->length || length > (uint64_t) (window->length - start)) {
        qw_mp_refuse (reader, "field '%s' lies outside of its text", field);
        return (qw_span_t){0, 0};
    }
    uint32_t point = window->offset + (uint32_t) start;
    return (qw_span_t){qw_utf8_index_byte (window->index, point),
                       qw_utf8_index_byte (window->index, point + (uint32_t) length)};
}

static void get_mentions (qw_mp_t *reader, const window_t *window, qw_layers_t *layers)
{
    uint32_t numbers = qw_mp_array (reader, "mentions");
    if (numbers % 4)
        qw_mp_refuse (reader, "field 'mentions' is not a list of fours");
    uint64_t at = 0;
    for (uint32_t i = 0; i < numbers / 4 && !reader->failed; i++) {
        uint64_t gap = qw_mp_uint (reader, "mentions");
        uint64_t length = qw_mp_uint (reader, "mentions"), type = qw_mp_uint (reader, "mentions"),
                 cluster = qw_mp_uint (reader, "mentions");
        if (reader->failed)
            return;
        if (length == 0 || gap > window->length - at || length > window->length - at - gap)
            qw_mp_refuse (reader, "mention %u lies outside of its text", i);
        else if (type >= QW_ENTITY_TYPE_COUNT)
            qw_mp_refuse (reader, "mention %u has the unknown type %llu", i, (unsigned long long) type);
        else if (cluster > numbers / 4)
            qw_mp_refuse (reader, "mention %u has a cluster that does not exist", i);
        else {
            at += gap;
            uint32_t point = window->offset + (uint32_t) at;
            qw_mention_t *mention = qw_layers_add_mention (layers);
            mention->span.start = qw_utf8_index_byte (window->index, point);
            mention->span.end = qw_utf8_index_byte (window->index, point + (uint32_t) length);
            mention->type = (qw_entity_type_t) type;
            mention->cluster = cluster ? (uint32_t) cluster - 1 : QW_NO_CLUSTER;
            at += length;
        }
    }
}

static void get_cluster (qw_mp_t *reader, const window_t *window, qw_layers_t *layers, size_t first_mention,
                         qw_entity_type_t type)
{
    qw_bytes_t name = {0};
    uint32_t number = (uint32_t) layers->cluster_count;
    if (qw_mp_peek (reader) == QW_MP_STR)
        name = qw_mp_str (reader, "clusters");
    else {
        uint64_t mention = qw_mp_uint (reader, "clusters");
        if (!reader->failed && mention >= layers->mention_count - first_mention)
            qw_mp_refuse (reader, "cluster %u is named by a mention that does not exist", number);
        if (reader->failed)
            return;
        qw_span_t span = layers->mentions[first_mention + mention].span;
        if (window->index->text)
            name = (qw_bytes_t){window->index->text + span.start, qw_span_size (span)};
    }
    qw_bytes_t key = {NULL, 0};
    if (!qw_mp_nil (reader))
        key = qw_mp_str (reader, "clusters");
    if (reader->failed)
        return;
    qw_cluster_t *cluster = qw_layers_add_cluster (layers);
    *cluster = (qw_cluster_t){.type = type};
    if (!window->index->text)
        return;
    char usual[600];
    if (!key.data)
        key = (qw_bytes_t){usual, qw_key_of_name (type, name.data, name.size, usual, sizeof usual)};
    cluster->name = qw_layers_add_string (layers, name.data, name.size);
    cluster->key = qw_layers_add_string (layers, key.data, key.size);
}

/* A cluster has the type of its mentions. */
static void get_clusters (qw_mp_t *reader, const window_t *window, qw_layers_t *layers, size_t first_mention)
{
    uint32_t items = qw_mp_array (reader, "clusters");
    size_t mentions = layers->mention_count - first_mention;
    if (items % 2 || items / 2 > mentions)
        qw_mp_refuse (reader, "field 'clusters' has more clusters than there are mentions before it");
    if (reader->failed || items == 0)
        return;
    uint8_t *types = malloc (items / 2);
    if (!types)
        abort ();
    memset (types, QW_MISC, items / 2);
    for (size_t i = first_mention; i < layers->mention_count; i++)
        if (layers->mentions[i].cluster < items / 2)
            types[layers->mentions[i].cluster] = (uint8_t) layers->mentions[i].type;
    for (uint32_t i = 0; i < items / 2 && !reader->failed; i++)
        get_cluster (reader, window, layers, first_mention, (qw_entity_type_t) types[i]);
    free (types);
}

qw_status_t qw_get_entities (qw_bytes_t layer, const qw_utf8_index_t *index, uint32_t offset, uint32_t length,
                             qw_layers_t *layers, qw_reason_t *reason)
{
    window_t window = {index, offset, length};
    size_t mentions = layers->mention_count, clusters = layers->cluster_count, strings = layers->string_size;
    qw_mp_t reader;
    qw_mp_open (&reader, layer.data, layer.size, reason);
    bool found = false;
    for (uint32_t pairs = qw_mp_map (&reader, "entities"); pairs > 0 && !reader.failed; pairs--) {
        qw_bytes_t key = qw_mp_str (&reader, "a key of entities");
        if (qw_bytes_are (key, "mentions")) {
            get_mentions (&reader, &window, layers);
            found = true;
        } else if (qw_bytes_are (key, "clusters"))
            get_clusters (&reader, &window, layers, mentions);
        else
            qw_mp_skip (&reader);
    }
    if (!reader.failed && !found)
        qw_mp_refuse (&reader, "field 'mentions' is missing in entities");
    for (size_t i = mentions; i < layers->mention_count && !reader.failed; i++)
        if (layers->mentions[i].cluster != QW_NO_CLUSTER && layers->mentions[i].cluster >= layers->cluster_count)
            qw_mp_refuse (&reader, "mention %zu has a cluster that does not exist", i - mentions);
    if (reader.failed) {
        layers->mention_count = mentions;
        layers->cluster_count = clusters;
        layers->string_size = strings;
    }
    return qw_mp_status (&reader);
}

/* `last` is the start of the quote before, in the window's code points, and becomes that of this one. */
static void get_quote (qw_mp_t *reader, const window_t *window, uint32_t *last, qw_layers_t *layers)
{
    uint32_t items = qw_mp_array (reader, "quotes");
    if (items < 11 || items == 12)
        qw_mp_refuse (reader, "field 'quotes' has an item that is not a quote");
    qw_quote_t quote = {.cluster = QW_NO_CLUSTER};
    quote.span = get_span (reader, window, *last, "quotes.span");
    uint32_t start = *last = reader->failed ? 0 : qw_utf8_index_point (window->index, quote.span.start) - window->offset;
    uint64_t type = qw_mp_uint (reader, "quotes.type"), flags = qw_mp_uint (reader, "quotes.flags");
    quote.cue = get_span (reader, window, start, "quotes.cue");
    quote.speaker_mention = get_span (reader, window, start, "quotes.mention");
    uint64_t how = qw_mp_uint (reader, "quotes.how"), confidence = qw_mp_uint (reader, "quotes.confidence");
    qw_bytes_t words = {0};
    uint64_t cluster = QW_NO_CLUSTER;
    if (qw_mp_peek (reader) == QW_MP_STR)
        words = qw_mp_str (reader, "quotes.speaker");
    else if (qw_mp_peek (reader) == QW_MP_BOOL && qw_mp_bool (reader, "quotes.speaker")) {
        if (window->index->text)
            words = (qw_bytes_t){window->index->text + quote.speaker_mention.start, qw_span_size (quote.speaker_mention)};
    } else if (!qw_mp_nil (reader))
        cluster = qw_mp_uint (reader, "quotes.speaker");
    if (items >= 13)
        quote.via = get_span (reader, window, start, "quotes.via");
    for (uint32_t i = 13; i < items && !reader->failed; i++)
        qw_mp_skip (reader);
    if (reader->failed)
        return;
    if (qw_span_is_empty (quote.span) || type >= QW_QUOTE_TYPE_COUNT || flags > ALL_FLAGS || how >= QW_HOW_COUNT
        || confidence > 100 || (cluster != QW_NO_CLUSTER && cluster >= layers->cluster_count)) {
        qw_mp_refuse (reader, "field 'quotes' has a quote with an impossible value");
        return;
    }
    quote.type = (qw_quote_type_t) type;
    quote.speech = !(flags & BELIEF);
    quote.opens_before = flags & OPENS_BEFORE;
    quote.runs_on = flags & RUNS_ON;
    quote.how = (qw_how_t) how;
    quote.confidence = (uint8_t) confidence;
    quote.cluster = (uint32_t) cluster;
    if (cluster != QW_NO_CLUSTER)
        quote.speaker = layers->clusters[cluster].name;
    else if (window->index->text)
        quote.speaker = qw_layers_add_string (layers, words.data, words.size);
    *qw_layers_add_quote (layers) = quote;
}

/* The statements of the quotes from `first` on. */
static void get_statements (qw_mp_t *reader, qw_bytes_t column, size_t first, qw_layers_t *layers)
{
    if (column.size != (layers->quote_count - first) * STATEMENT_BYTES) {
        qw_mp_refuse (reader, "field 'statements' has not five bytes for each quote");
        return;
    }
    const unsigned char *bytes = (const unsigned char *) column.data;
    for (size_t i = first; i < layers->quote_count; i++)
        for (unsigned j = 0; j < STATEMENT_BYTES; j++)
            layers->quotes[i].statement = layers->quotes[i].statement << 8 | *bytes++;
}

qw_status_t qw_get_quotes (qw_bytes_t layer, const qw_utf8_index_t *index, uint32_t offset, uint32_t length,
                           qw_layers_t *layers, qw_reason_t *reason)
{
    window_t window = {index, offset, length};
    size_t quotes = layers->quote_count, strings = layers->string_size;
    qw_mp_t reader;
    qw_mp_open (&reader, layer.data, layer.size, reason);
    bool found = false, marked = false;
    qw_bytes_t statements = {0};
    for (uint32_t pairs = qw_mp_map (&reader, "quotes"); pairs > 0 && !reader.failed; pairs--) {
        qw_bytes_t key = qw_mp_str (&reader, "a key of quotes");
        if (qw_bytes_are (key, "statements")) {
            statements = qw_mp_bin (&reader, "quotes.statements");
            marked = true;
            continue;
        }
        if (!qw_bytes_are (key, "quotes")) {
            qw_mp_skip (&reader);
            continue;
        }
        found = true;
        uint32_t items = qw_mp_array (&reader, "quotes"), last = 0, before = 0;
        for (uint32_t i = 0; i < items && !reader.failed; i++) {
            get_quote (&reader, &window, &last, layers);
            if (!reader.failed && last < before)
                qw_mp_refuse (&reader, "field 'quotes' is not in order");
            before = last;
        }
    }
    if (!reader.failed && !found)
        qw_mp_refuse (&reader, "field 'quotes' is missing in quotes");
    if (!reader.failed && marked)
        get_statements (&reader, statements, quotes, layers);
    if (reader.failed) {
        layers->quote_count = quotes;
        layers->string_size = strings;
    }
    return qw_mp_status (&reader);
}

qw_status_t qw_check_structure (qw_uints_t numbers, size_t length, qw_reason_t *reason)
{
    if (numbers.count % 3)
        return qw_fail (QW_INVALID, reason, "field 'structure' is not a list of threes");
    uint64_t left = length;
    for (size_t i = 0; i < numbers.count / 3; i++) {
        uint64_t gap = numbers.items[3 * i], size = numbers.items[3 * i + 1], role = numbers.items[3 * i + 2];
        if (gap > left || size > left - gap || size == 0 || role >= QW_ROLE_COUNT)
            return qw_fail (QW_INVALID, reason, "field 'structure' has an impossible paragraph, number %zu", i);
        left -= gap + size;
    }
    return QW_OK;
}

qw_status_t qw_get_structure (qw_uints_t numbers, const qw_utf8_index_t *index, qw_paragraph_t *paragraphs, size_t *count,
                              qw_reason_t *reason)
{
    qw_status_t status = qw_check_structure (numbers, index->length, reason);
    if (status)
        return status;
    uint32_t at = 0;
    for (size_t i = 0; i < numbers.count / 3; i++) {
        at += (uint32_t) numbers.items[3 * i];
        paragraphs[i].span.start = qw_utf8_index_byte (index, at);
        at += (uint32_t) numbers.items[3 * i + 1];
        paragraphs[i].span.end = qw_utf8_index_byte (index, at);
        paragraphs[i].role = (qw_role_t) numbers.items[3 * i + 2];
    }
    *count = numbers.count / 3;
    return QW_OK;
}

qw_bytes_t qw_layer_by (qw_bytes_t layer)
{
    qw_mp_t reader;
    qw_mp_open (&reader, layer.data, layer.size, NULL);
    if (qw_mp_peek (&reader) != QW_MP_MAP)
        return (qw_bytes_t){"", 0};
    for (uint32_t pairs = qw_mp_map (&reader, "layer"); pairs > 0 && !reader.failed; pairs--)
        if (qw_bytes_are (qw_mp_str (&reader, "key"), "by") && qw_mp_peek (&reader) == QW_MP_STR)
            return qw_mp_str (&reader, "by");
        else
            qw_mp_skip (&reader);
    return (qw_bytes_t){"", 0};
}
