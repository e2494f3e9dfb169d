#include "sink/export/filter.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <utf8proc.h>

#include "proto/utf8.h"

static bool is_word (uint32_t point)
{
    utf8proc_category_t category = utf8proc_category ((utf8proc_int32_t) point);
    return category <= UTF8PROC_CATEGORY_NO && category != UTF8PROC_CATEGORY_CN;
}

/* Reads the next character, small. */
static uint32_t next_point (qw_bytes_t text, size_t *at)
{
    size_t taken;
    uint32_t point = qw_utf8_decode (text.data + *at, text.size - *at, &taken);
    *at += taken;
    return (uint32_t) utf8proc_tolower ((utf8proc_int32_t) point);
}

/* True when the words of `words` stand in `name` from byte `at` on, where a word begins, and a word ends behind them. */
static bool stand_at (qw_bytes_t words, qw_bytes_t name, size_t at)
{
    for (size_t i = 0; i < words.size;)
        if (at >= name.size || next_point (words, &i) != next_point (name, &at))
            return false;
    return at >= name.size || !is_word (next_point (name, &at));
}

static bool has_words (qw_bytes_t name, qw_bytes_t words)
{
    bool inside = false;
    for (size_t at = 0; at < name.size;) {
        if (!inside && stand_at (words, name, at))
            return true;
        inside = is_word (next_point (name, &at));
    }
    return false;
}

static bool fits_name (const char *wanted, const qw_layers_t *layers, qw_string_t name, qw_string_t key)
{
    qw_bytes_t words = qw_bytes_of (wanted);
    qw_bytes_t own_name = {name.size ? qw_layers_string (layers, name) : "", name.size};
    qw_bytes_t own_key = {key.size ? qw_layers_string (layers, key) : "", key.size};
    return words.size > 0 && (has_words (own_name, words) || qw_bytes_equal (own_key, words));
}

static bool fits_time (const qw_filter_t *self, qw_bytes_t date)
{
    if (!date.data)
        return !self->since && !self->until;
    size_t since = self->since ? strlen (self->since) : 0, until = self->until ? strlen (self->until) : 0;
    size_t common = date.size < since ? date.size : since;
    int order = since ? memcmp (date.data, self->since, common) : 0;
    if (order < 0 || (order == 0 && date.size < since))
        return false;
    /* "2014-11" as the last day means all of November */
    return !until || memcmp (date.data, self->until, date.size < until ? date.size : until) <= 0;
}

bool qw_filter_looks_at_layers (const qw_filter_t *self) { return self->speaker || self->entity || self->type; }

bool qw_filter_fits_quote (const qw_filter_t *self, const qw_layers_t *layers, const qw_quote_t *quote)
{
    if (self->type && strcmp (self->type, qw_quote_type_name (quote->type)) != 0)
        return false;
    if (!self->speaker)
        return true;
    qw_string_t key = {0, 0};
    if (quote->cluster < layers->cluster_count)
        key = layers->clusters[quote->cluster].key;
    return fits_name (self->speaker, layers, quote->speaker, key);
}

bool qw_filter_fits_document (const qw_filter_t *self, const qw_layers_t *layers, const qw_document_facts_t *facts)
{
    if (!fits_time (self, facts->date))
        return false;
    if (self->outlet
        && (!facts->outlet.data || facts->outlet.size != strlen (self->outlet)
            || strncasecmp (facts->outlet.data, self->outlet, facts->outlet.size) != 0))
        return false;
    bool named = !self->entity, quoted = !self->speaker && !self->type;
    for (size_t i = 0; i < layers->cluster_count && !named; i++)
        named = fits_name (self->entity, layers, layers->clusters[i].name, layers->clusters[i].key);
    for (size_t i = 0; i < layers->quote_count && !quoted; i++)
        quoted = qw_filter_fits_quote (self, layers, &layers->quotes[i]);
    return named && quoted;
}
