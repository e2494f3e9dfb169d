/*  news_fixture.h - what the tests of news in XML have in common: bytes in memory as a source, and items as text. */
#ifndef QW_TESTS_NEWS_FIXTURE_H
#define QW_TESTS_NEWS_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "proto/utf8.h"
#include "ventilator/news_xml.h"

enum { MAX_BYTES = 100000 };

/* Bytes that come in pieces, as through a pipe. */
typedef struct {
    const char *bytes;
    size_t size, at, piece;
    bool hesitates, has_hesitated; /* each piece has to be asked for twice */
} memory_t;

static inline qw_status_t read_memory (void *context, char *into, size_t room, size_t *got, qw_reason_t *reason)
{
    (void) reason;
    memory_t *self = context;
    if (self->hesitates && !self->has_hesitated) {
        self->has_hesitated = true;
        return QW_AGAIN;
    }
    self->has_hesitated = false;
    if (self->at == self->size)
        return QW_END;
    size_t size = self->size - self->at;
    size = size < room ? size : room;
    *got = size < self->piece ? size : self->piece;
    memcpy (into, self->bytes + self->at, *got);
    self->at += *got;
    return QW_OK;
}

typedef struct {
    memory_t memory;
    qw_reader_t reader;
    qw_news_xml_t *news;
    const qw_news_item_t *item;
} news_t;

static inline void open_news (news_t *self, const char *bytes, size_t size, size_t piece)
{
    memset (self, 0, sizeof *self);
    self->memory = (memory_t){.bytes = bytes, .size = size, .piece = piece, .hesitates = piece < 64};
    qw_reader_open (&self->reader, (qw_stream_t){.context = &self->memory, .read = read_memory});
    self->news = qw_news_xml_new (MAX_BYTES, false);
}

static inline void close_news (news_t *self)
{
    qw_news_xml_destroy (&self->news);
    assert_null (self->news);
    qw_reader_free (&self->reader);
}

/* False: there are no more. */
static inline bool next_news (news_t *self)
{
    qw_status_t status = QW_AGAIN;
    while (status == QW_AGAIN)
        status = qw_news_xml_next (self->news, &self->reader, &self->item);
    assert_true (status == QW_OK || status == QW_END);
    return status == QW_OK;
}

/* A metadata value, or "" when there is none. */
static inline const char *value_of (const news_t *self, const char *name)
{
    static char value[1000];
    value[0] = 0;
    if (!self->item->metadata.data)
        return value;
    qw_mp_t map;
    qw_reason_t reason;
    assert_int_equal (qw_mp_scan (self->item->metadata.data, self->item->metadata.size, &reason), QW_OK);
    qw_mp_open (&map, self->item->metadata.data, self->item->metadata.size, &reason);
    for (uint32_t i = qw_mp_map (&map, "metadata"); i > 0; i--) {
        qw_bytes_t key = qw_mp_str (&map, "key"), text = qw_mp_str (&map, "value");
        if (qw_bytes_are (key, name))
            snprintf (value, sizeof value, "%.*s", (int) text.size, text.data);
    }
    assert_int_equal (qw_mp_status (&map), QW_OK);
    return value;
}

static inline void expect_bytes (qw_bytes_t bytes, const char *expected)
{
    char *text = strndup (bytes.data ? bytes.data : "", bytes.size);
    assert_non_null (text);
    assert_string_equal (text, expected);
    free (text);
}

static inline void expect_text (const news_t *self, const char *expected)
{
    if (self->item->failed)
        fail_msg ("%s", self->item->failed);
    assert_true (qw_utf8_is_valid (self->item->text.data, self->item->text.size));
    expect_bytes (self->item->text, expected);
}

/* The next item is a failure with these words in its reason. */
static inline void expect_failure (news_t *self, const char *words)
{
    assert_true (next_news (self));
    assert_non_null (self->item->failed);
    assert_int_equal (self->item->text.size, 0);
    if (!strstr (self->item->failed, words))
        fail_msg ("'%s' is not in '%s'", words, self->item->failed);
}

static inline void expect_end (news_t *self)
{
    if (next_news (self))
        fail_msg ("one more: %s %.*s", self->item->failed ? self->item->failed : "", (int) self->item->text.size,
                  self->item->text.data);
}

#endif
