#include "ventilator/news_xml_item.h"

#include <inttypes.h>
#include <stdlib.h>
#include <strings.h>

#include "proto/utf8.h"
#include "ventilator/source_date.h"

/* A description of a feed counts as the article from this size on. Teasers are one to three sentences; the shortest news
 * items that stand for themselves have about as many bytes. */
enum { MIN_ARTICLE = 800 };

void qw_news_draft_reset (qw_news_draft_t *self, size_t max_document_bytes)
{
    for (int i = 0; i < QW_NEWS_FIELDS; i++)
        self->fields[i].size = 0;
    qw_prose_reset (&self->body, max_document_bytes);
    qw_prose_reset (&self->summary, max_document_bytes);
    self->line = 0;
}

void qw_news_draft_free (qw_news_draft_t *self)
{
    for (int i = 0; i < QW_NEWS_FIELDS; i++)
        qw_buffer_free (&self->fields[i]);
    qw_prose_free (&self->body);
    qw_prose_free (&self->summary);
}

/* ---- fields -------------------------------------------------------------------------------------------------------- */

static bool is_space (char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

static qw_bytes_t trimmed (qw_bytes_t text)
{
    while (text.size && is_space (text.data[0]))
        text = (qw_bytes_t){text.data + 1, text.size - 1};
    while (text.size && is_space (text.data[text.size - 1]))
        text.size--;
    return text;
}

static bool begins_with (qw_bytes_t text, const char *lower)
{
    size_t size = strlen (lower);
    return text.size >= size && strncasecmp (text.data, lower, size) == 0;
}

static bool holds (qw_bytes_t text, qw_bytes_t part)
{
    return part.size > 0 && text.size >= part.size && memmem (text.data, text.size, part.data, part.size) != NULL;
}

/* "By Jane Roe" is Jane Roe; "jane@example.org (Jane Roe)", as RSS has it, too; an address alone is nobody's name. */
static qw_bytes_t person (qw_bytes_t value)
{
    if (begins_with (value, "by ") || begins_with (value, "by:"))
        value = trimmed ((qw_bytes_t){value.data + 3, value.size - 3});
    if (!memchr (value.data, '@', value.size))
        return value;
    const char *open = memchr (value.data, '(', value.size), *end = value.data + value.size;
    if (open && end[-1] == ')')
        return trimmed ((qw_bytes_t){open + 1, (size_t) (end - open) - 2});
    return memchr (value.data, ' ', value.size) ? value : (qw_bytes_t){value.data, 0};
}

static void replace (qw_buffer_t *field, qw_bytes_t value)
{
    field->size = 0;
    qw_buffer_append (field, value.data, value.size);
}

void qw_news_draft_offer (qw_news_draft_t *self, qw_news_field_t which, uint8_t rank, qw_bytes_t value)
{
    char iso[QW_DATE_SIZE];
    qw_buffer_t *field = &self->fields[which];
    value = trimmed (value);
    if (which == QW_NEWS_BYLINE)
        value = person (value);
    else if (which == QW_NEWS_PUBLISHED)
        value = qw_date_to_iso (value, iso) ? qw_bytes_of (iso) : (qw_bytes_t){"", 0};
    else if (which == QW_NEWS_URL && !begins_with (value, "http://") && !begins_with (value, "https://"))
        return;
    if (value.size == 0 || value.size > QW_NEWS_MAX_FIELD || (field->size > 0 && self->ranks[which] < rank))
        return;
    if (field->size == 0 || rank < self->ranks[which])
        replace (field, value);
    else if (which == QW_NEWS_BYLINE && field->size + value.size < QW_NEWS_MAX_FIELD
             && !holds ((qw_bytes_t){field->data, field->size}, value)) {
        qw_buffer_append (field, ", ", 2);
        qw_buffer_append (field, value.data, value.size);
    }
    self->ranks[which] = rank;
}

/* ---- the text ------------------------------------------------------------------------------------------------------ */

static void add (qw_buffer_t *text, qw_bytes_t part) { qw_buffer_append (text, part.data, part.size); }

static void add_paragraph (qw_buffer_t *text, const char *before, qw_bytes_t part)
{
    if (text->size)
        add (text, QW_BYTES ("\n\n"));
    add (text, qw_bytes_of (before));
    add (text, part);
}

static qw_bytes_t first_line (qw_bytes_t text)
{
    const char *end = memchr (text.data, '\n', text.size);
    return end ? (qw_bytes_t){text.data, (size_t) (end - text.data)} : text;
}

/* Whether the body begins with the dateline's place already. */
static bool has_dateline (qw_bytes_t body, qw_bytes_t dateline)
{
    size_t size = 0;
    while (size < dateline.size && !strchr (",(:", dateline.data[size]))
        size++;
    while (size > 0 && is_space (dateline.data[size - 1]))
        size--;
    return size > 0 && body.size >= size && strncasecmp (body.data, dateline.data, size) == 0;
}

static bool ends_in_dash (qw_bytes_t text)
{
    return text.data[text.size - 1] == '-' || text.data[text.size - 1] == ':'
        || (text.size >= 3 && memcmp (text.data + text.size - 3, "\xe2\x80\x93", 3) == 0)
        || (text.size >= 3 && memcmp (text.data + text.size - 3, "\xe2\x80\x94", 3) == 0);
}

/* The headline first, then who wrote it, then the body with its dateline: as a text has them. What the body repeats of
 * these at its start is not said twice. */
static void compose (const qw_news_draft_t *draft, qw_bytes_t byline, qw_bytes_t body, qw_buffer_t *text)
{
    qw_bytes_t title = qw_news_draft_field (draft, QW_NEWS_TITLE);
    qw_bytes_t subtitle = qw_news_draft_field (draft, QW_NEWS_SUBTITLE);
    qw_bytes_t by_title = qw_news_draft_field (draft, QW_NEWS_BYLINE_TITLE);
    qw_bytes_t dateline = qw_news_draft_field (draft, QW_NEWS_DATELINE);
    qw_bytes_t start = {body.data, body.size < 600 ? body.size : 600};
    if (qw_bytes_equal (first_line (body), title))
        body = trimmed ((qw_bytes_t){body.data + title.size, body.size - title.size});
    if (title.size)
        add_paragraph (text, "", title);
    if (subtitle.size && !holds (start, subtitle))
        add_paragraph (text, "", subtitle);
    if (byline.size && !holds (start, byline)) {
        add_paragraph (text, "By ", byline);
        if (by_title.size) {
            add (text, QW_BYTES (", "));
            add (text, by_title);
        }
    }
    if (dateline.size && !has_dateline (body, dateline)) {
        add_paragraph (text, "", dateline);
        add (text, ends_in_dash (dateline) ? QW_BYTES (" ") : QW_BYTES (" \xe2\x80\x94 "));
        add (text, body);
    } else
        add_paragraph (text, "", body);
}

/* A description that was cut: it ends in an ellipsis, in brackets or not. */
static bool is_cut (qw_bytes_t text)
{
    while (text.size && (text.data[text.size - 1] == ']' || is_space (text.data[text.size - 1])))
        text.size--;
    return text.size >= 3
        && (memcmp (text.data + text.size - 3, "...", 3) == 0 || memcmp (text.data + text.size - 3, "\xe2\x80\xa6", 3) == 0);
}

/* ---- the item ------------------------------------------------------------------------------------------------------ */

static qw_news_item_t *new_item (void)
{
    qw_news_item_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    qw_out_init (&self->out);
    self->text = QW_BYTES ("");
    return self;
}

void qw_news_item_destroy (qw_news_item_t **self_p)
{
    qw_news_item_t *self = *self_p;
    if (!self)
        return;
    qw_out_free (&self->out);
    qw_buffer_free (&self->id_memory);
    qw_buffer_free (&self->text_memory);
    free (self);
    *self_p = NULL;
}

static void fail_item (qw_news_item_t *self, uint64_t line, const char *reason)
{
    qw_fail (QW_INVALID, &self->reason, "line %" PRIu64 ": %s", line, reason);
    self->failed = self->reason.text;
}

qw_news_item_t *qw_news_item_failed (uint64_t line, const char *reason)
{
    qw_news_item_t *self = new_item ();
    fail_item (self, line, reason);
    return self;
}

static bool is_uri (qw_bytes_t text)
{
    size_t at = 0;
    while (at < text.size && ((text.data[at] | 32) >= 'a' && (text.data[at] | 32) <= 'z'))
        at++;
    return at > 1 && at + 1 < text.size && text.data[at] == ':';
}

/* The same item again has the same id, wherever it is read. A guid that is no URI may be another feed's, too, so that its
 * authority (the feed's address, the wire's name) stands before it. */
static void put_id (const qw_news_draft_t *draft, const qw_news_draft_t *whole, const qw_news_rules_t *rules,
                    qw_news_item_t *item)
{
    qw_bytes_t guid = qw_news_draft_field (draft, QW_NEWS_GUID), version = qw_news_draft_field (draft, QW_NEWS_VERSION);
    qw_bytes_t authority = qw_news_draft_field (draft, QW_NEWS_AUTHORITY);
    if (guid.size == 0)
        guid = qw_news_draft_field (draft, QW_NEWS_URL);
    if (guid.size == 0)
        return;
    if (authority.size == 0)
        authority = qw_news_draft_field (whole, QW_NEWS_URL);
    if (!qw_utf8_is_valid (authority.data, authority.size))
        return;
    qw_buffer_t *id = &item->id_memory;
    if (!is_uri (guid)) {
        if (authority.size == 0)
            return;
        add (id, authority);
        add (id, QW_BYTES ("#"));
    }
    add (id, guid);
    if (rules->is_versioned) {
        add (id, QW_BYTES ("#"));
        add (id, version.size ? version : QW_BYTES ("1"));
    }
    if (id->size <= QW_NEWS_MAX_ID)
        item->id = (qw_bytes_t){id->data, id->size};
}

static void put_metadata (const qw_bytes_t values[QW_NEWS_FIELDS], qw_news_item_t *item)
{
    static const struct {
        const char *key;
        qw_news_field_t field;
    } keys[] = {{"title", QW_NEWS_TITLE},       {"byline", QW_NEWS_BYLINE}, {"published", QW_NEWS_PUBLISHED},
                {"outlet", QW_NEWS_OUTLET},     {"language", QW_NEWS_LANGUAGE}, {"url", QW_NEWS_URL},
                {"guid", QW_NEWS_GUID},         {"version", QW_NEWS_VERSION}};
    size_t count = 0;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        count += values[keys[i].field].size > 0;
    if (!count)
        return;
    qw_put_map (&item->out, count);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (values[keys[i].field].size > 0) {
            qw_put_key (&item->out, keys[i].key);
            qw_put_str (&item->out, values[keys[i].field]);
        }
    item->metadata = qw_out_bytes (&item->out);
}

/* Chooses the body; a reason why there is none. */
static qw_status_t choose_body (const qw_news_draft_t *draft, const qw_news_rules_t *rules, qw_bytes_t *body,
                                qw_reason_t *reason)
{
    qw_bytes_t summary = qw_prose_bytes (&draft->summary), url = qw_news_draft_field (draft, QW_NEWS_URL);
    *body = qw_prose_bytes (&draft->body);
    if (draft->body.is_too_large || draft->summary.is_too_large)
        return qw_fail (QW_TOO_LARGE, reason, "its text is larger than the %zu bytes allowed", draft->body.limit);
    if (draft->fields[QW_NEWS_STATUS].size)
        return qw_fail (QW_INVALID, reason, "its provider says that it must not be used: %.*s",
                        (int) (draft->fields[QW_NEWS_STATUS].size & 127), draft->fields[QW_NEWS_STATUS].data);
    if (!qw_encoding_is_blank (*body))
        return QW_OK;
    if (!rules->has_teasers || qw_encoding_is_blank (summary))
        return qw_fail (QW_INVALID, reason, "it has no text");
    *body = summary;
    if (summary.size >= MIN_ARTICLE && !is_cut (summary))
        return QW_OK;
    return qw_fail (QW_INVALID, reason, "the feed has only a teaser of %zu bytes, not the article%s%.*s", summary.size,
                    url.size ? ", which is at " : "", url.size < 120 ? (int) url.size : 0, url.data);
}

/* libxml2 lets some overlong forms pass, in CDATA. */
static bool is_utf8 (const qw_bytes_t values[QW_NEWS_FIELDS], const qw_news_draft_t *draft)
{
    qw_bytes_t body = qw_prose_bytes (&draft->body), summary = qw_prose_bytes (&draft->summary);
    for (int i = 0; i < QW_NEWS_FIELDS; i++)
        if (!qw_utf8_is_valid (values[i].data, values[i].size))
            return false;
    return qw_utf8_is_valid (body.data, body.size) && qw_utf8_is_valid (summary.data, summary.size);
}

qw_news_item_t *qw_news_item_new (const qw_news_draft_t *draft, const qw_news_draft_t *whole, const qw_news_rules_t *rules,
                                  size_t max_document_bytes)
{
    static const qw_news_field_t shared[] = {QW_NEWS_BYLINE, QW_NEWS_OUTLET, QW_NEWS_LANGUAGE};
    qw_news_item_t *item = new_item ();
    qw_bytes_t values[QW_NEWS_FIELDS], body;
    for (int i = 0; i < QW_NEWS_FIELDS; i++)
        values[i] = qw_news_draft_field (draft, (qw_news_field_t) i);
    for (size_t i = 0; i < sizeof shared / sizeof *shared; i++)
        if (values[shared[i]].size == 0)
            values[shared[i]] = qw_news_draft_field (whole, shared[i]);
    if (!is_utf8 (values, draft)) {
        fail_item (item, draft->line, "it is not valid UTF-8");
        return item;
    }
    put_id (draft, whole, rules, item);
    put_metadata (values, item);
    qw_reason_t reason;
    qw_status_t status = choose_body (draft, rules, &body, &reason);
    if (!status) {
        compose (draft, values[QW_NEWS_BYLINE], body, &item->text_memory);
        if (item->text_memory.size > max_document_bytes)
            status = qw_fail (QW_TOO_LARGE, &reason, "its text is larger than the %zu bytes allowed", max_document_bytes);
    }
    if (status)
        fail_item (item, draft->line, reason.text);
    else
        item->text = (qw_bytes_t){item->text_memory.data, item->text_memory.size};
    return item;
}
