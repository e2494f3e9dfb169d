/*  news_xml_item.h - what is gathered of one news item while its XML is read, and the document made of it. */
#ifndef QW_NEWS_XML_ITEM_H
#define QW_NEWS_XML_ITEM_H

#include "ventilator/news_xml_prose.h"

typedef enum {
    QW_NEWS_TITLE,
    QW_NEWS_SUBTITLE,
    QW_NEWS_BYLINE,
    QW_NEWS_BYLINE_TITLE, /* "Staff writer" */
    QW_NEWS_DATELINE,
    QW_NEWS_PUBLISHED, /* ISO 8601 */
    QW_NEWS_OUTLET,
    QW_NEWS_LANGUAGE,
    QW_NEWS_URL,
    QW_NEWS_GUID,
    QW_NEWS_VERSION,
    QW_NEWS_AUTHORITY, /* within whose numbers the guid is one */
    QW_NEWS_CLASS,     /* what it is, of NewsML-G2's news item natures */
    QW_NEWS_STATUS,    /* why it must not be used */
    QW_NEWS_FIELDS
} qw_news_field_t;

enum { QW_NEWS_MAX_FIELD = 16 << 10, QW_NEWS_MAX_ID = 512 };

/* Zero it to begin with; the memory is kept from item to item. */
typedef struct {
    qw_buffer_t fields[QW_NEWS_FIELDS]; /* size 0: unknown */
    uint8_t ranks[QW_NEWS_FIELDS];      /* of what is known: a smaller one is more reliable */
    qw_prose_t body, summary;
    uint64_t line; /* where it begins */
} qw_news_draft_t;

void qw_news_draft_reset (qw_news_draft_t *self, size_t max_document_bytes);
void qw_news_draft_free (qw_news_draft_t *self);

/* Takes a value (plain text) if nothing more reliable is known. Several bylines of one rank are put together. What cannot be
 * right, such as a date that is none, is passed over. */
void qw_news_draft_offer (qw_news_draft_t *self, qw_news_field_t field, uint8_t rank, qw_bytes_t value);

static inline qw_bytes_t qw_news_draft_field (const qw_news_draft_t *self, qw_news_field_t field)
{
    return (qw_bytes_t){self->fields[field].data ? self->fields[field].data : "", self->fields[field].size};
}

/* A finished item. */
typedef struct qw_news_item_t {
    struct qw_news_item_t *next;
    uint64_t number;  /* in a file of many, from 1; 0: the file is one item */
    qw_bytes_t id;    /* data NULL: none */
    qw_bytes_t text;  /* valid UTF-8 */
    qw_bytes_t metadata; /* a MessagePack map; data NULL: none */
    const char *failed;  /* NULL: it was read; otherwise why not */
    qw_buffer_t id_memory, text_memory;
    qw_out_t out;
    qw_reason_t reason;
} qw_news_item_t;

/* How the formats differ in what a document is made of. */
typedef struct {
    bool is_versioned; /* an item is told by its guid and its version; otherwise by its guid alone */
    bool has_teasers;  /* a summary may stand in for the body when it is an article itself */
} qw_news_rules_t;

/* Makes the item; what it does not say itself is taken from `whole`, what the file says of all its items. Never NULL. The
 * item is the caller's. */
qw_news_item_t *qw_news_item_new (const qw_news_draft_t *draft, const qw_news_draft_t *whole, const qw_news_rules_t *rules,
                                  size_t max_document_bytes);

/* An item that is nothing but a failure. */
qw_news_item_t *qw_news_item_failed (uint64_t line, const char *reason);
void qw_news_item_destroy (qw_news_item_t **self_p);

#endif
