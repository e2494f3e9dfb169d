#include "clients/c/private.h"

#include <stdlib.h>

#include "proto/interchange.h"

struct quotewire_document_t {
    qw_out_t record; /* what the parts below point into */
    qw_document_t parts;
    uint64_t position;
    qw_utf8_index_t index; /* over `text` */
    qw_layers_t *layers;
    qw_paragraph_t *paragraphs;
    size_t paragraph_count, paragraph_capacity;
    char *strings; /* id, text, reason; then the key and the name of each cluster, the speaker of each quote: each with a NUL */
    size_t string_capacity;
    const char *id, *text, *reason;
    const char **names; /* key and name of each cluster, then the speaker of each quote */
    size_t name_capacity;
    qw_interchange_t *interchange; /* made when it is first asked for */
    qw_json_out_t json;
};

quotewire_document_t *quotewire_document_new (void)
{
    quotewire_document_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    qw_out_init (&self->record);
    self->layers = qw_layers_new ();
    self->id = self->text = "";
    return self;
}

void quotewire_document_destroy (quotewire_document_t **self_p)
{
    quotewire_document_t *self = self_p ? *self_p : NULL;
    if (!self)
        return;
    qw_out_free (&self->record);
    qw_utf8_index_free (&self->index);
    qw_layers_destroy (&self->layers);
    qw_interchange_destroy (&self->interchange);
    qw_json_out_free (&self->json);
    free (self->paragraphs);
    free (self->strings);
    free (self->names);
    free (self);
    *self_p = NULL;
}

/* ---- reading --------------------------------------------------------------------------------------------------------- */

static void clear (quotewire_document_t *self)
{
    qw_layers_clear (self->layers);
    self->paragraph_count = 0;
    self->parts = (qw_document_t){0};
    self->id = self->text = "";
    self->reason = NULL;
    self->position = 0;
    qw_utf8_index_reset (&self->index, "", 0);
}

static char *copy (char **room, const char *bytes, size_t size)
{
    char *string = *room;
    if (size)
        memcpy (string, bytes, size);
    string[size] = 0;
    *room += size + 1;
    return string;
}

static char *copy_name (char **room, const qw_layers_t *layers, qw_string_t string)
{
    return copy (room, qw_layers_string (layers, string), string.size);
}

/* Copies all strings, so that each ends with a NUL. */
static void keep_strings (quotewire_document_t *self)
{
    const qw_layers_t *layers = self->layers;
    size_t size = self->parts.id.size + self->parts.text.size + self->parts.reason.size + 3;
    for (size_t i = 0; i < layers->cluster_count; i++)
        size += layers->clusters[i].key.size + layers->clusters[i].name.size + 2;
    for (size_t i = 0; i < layers->quote_count; i++)
        size += layers->quotes[i].speaker.size + 1;
    size_t names = 2 * layers->cluster_count + layers->quote_count;
    if (size > self->string_capacity || names > self->name_capacity) {
        self->string_capacity = size > self->string_capacity ? 2 * size : self->string_capacity;
        self->name_capacity = names > self->name_capacity ? 2 * names : self->name_capacity;
        self->strings = realloc (self->strings, self->string_capacity);
        self->names = realloc (self->names, self->name_capacity * sizeof *self->names + 1);
        if (!self->strings || !self->names)
            abort ();
    }
    char *room = self->strings;
    const char **name = self->names;
    self->id = copy (&room, self->parts.id.data, self->parts.id.size);
    self->text = copy (&room, self->parts.text.data, self->parts.text.size);
    self->reason = self->parts.failed ? copy (&room, self->parts.reason.data, self->parts.reason.size) : NULL;
    for (size_t i = 0; i < layers->cluster_count; i++) {
        *name++ = copy_name (&room, layers, layers->clusters[i].key);
        *name++ = copy_name (&room, layers, layers->clusters[i].name);
    }
    for (size_t i = 0; i < layers->quote_count; i++)
        *name++ = layers->quotes[i].speaker.size ? copy_name (&room, layers, layers->quotes[i].speaker) : NULL;
}

quotewire_status_t quotewire_document_read (quotewire_document_t *self, const void *record, size_t size, uint64_t position,
                                            quotewire_error_t *error)
{
    qw_reason_t reason;
    clear (self);
    qw_out_reset (&self->record);
    qw_put_raw (&self->record, (qw_bytes_t){record, size});
    qw_status_t status = qw_document_read (&self->parts, self->record.buffer.data, size, &reason);
    if (!status)
        status = qw_document_layers (&self->parts, &self->index, self->layers, &self->paragraphs, &self->paragraph_count,
                                     &self->paragraph_capacity, &reason);
    if (status) {
        clear (self);
        return qw_client_say (error, QUOTEWIRE_DAMAGED, "the record of position %llu: %s", (unsigned long long) position,
                              reason.text);
    }
    self->position = position;
    keep_strings (self);
    return QUOTEWIRE_OK;
}

size_t quotewire_record_size (const void *data, size_t size) { return qw_document_size (data, size); }

/* ---- the record ------------------------------------------------------------------------------------------------------ */

const char *quotewire_document_id (const quotewire_document_t *self) { return self->id; }

const char *quotewire_document_text (const quotewire_document_t *self, size_t *size)
{
    if (size)
        *size = self->parts.text.size;
    return self->text;
}

uint64_t quotewire_document_position (const quotewire_document_t *self) { return self->position; }
uint64_t quotewire_document_sequence (const quotewire_document_t *self) { return self->parts.sequence; }
const char *quotewire_document_failed (const quotewire_document_t *self) { return self->reason; }

bool quotewire_document_supersedes (const quotewire_document_t *self, uint64_t *position)
{
    if (position && self->parts.supersedes)
        *position = self->parts.supersedes - 1;
    return self->parts.supersedes != 0;
}

bool quotewire_document_dropped (const quotewire_document_t *self) { return self->parts.dropped; }

const char *quotewire_document_json (quotewire_document_t *self, bool place, size_t *size, quotewire_error_t *error)
{
    qw_reason_t reason;
    if (!self->parts.id.data) {
        qw_client_say (error, QUOTEWIRE_INVALID, "the document is empty");
        return NULL;
    }
    if (!self->interchange)
        self->interchange = qw_interchange_new ();
    qw_json_out_reset (&self->json);
    if (qw_interchange_put_document (self->interchange, &self->json, &self->parts, place ? &self->position : NULL, &reason)) {
        qw_client_say (error, QUOTEWIRE_DAMAGED, "the record of position %llu: %s", (unsigned long long) self->position,
                       reason.text);
        return NULL;
    }
    if (size)
        *size = self->json.size;
    qw_json_put_raw (&self->json, "", 1);
    return self->json.data;
}

const void *quotewire_document_layer (const quotewire_document_t *self, const char *name, size_t *size)
{
    qw_bytes_t layer = self->parts.layers.data ? qw_document_layer (&self->parts, name) : (qw_bytes_t){NULL, 0};
    if (size)
        *size = layer.size;
    return layer.data;
}

/* ---- annotations ----------------------------------------------------------------------------------------------------- */

static quotewire_span_t span_of (const quotewire_document_t *self, qw_span_t span)
{
    if (qw_span_is_empty (span))
        return (quotewire_span_t){0};
    return (quotewire_span_t){span.start, span.end, qw_utf8_index_point (&self->index, span.start),
                              qw_utf8_index_point (&self->index, span.end)};
}

size_t quotewire_document_tokens (const quotewire_document_t *self) { return self->layers->token_count; }

quotewire_span_t quotewire_document_token (const quotewire_document_t *self, size_t i)
{
    return i < self->layers->token_count ? span_of (self, self->layers->tokens[i]) : (quotewire_span_t){0};
}

size_t quotewire_document_sentences (const quotewire_document_t *self) { return self->layers->sentence_count; }

quotewire_span_t quotewire_document_sentence (const quotewire_document_t *self, size_t i, size_t *first, size_t *end)
{
    qw_sentence_t sentence = i < self->layers->sentence_count ? self->layers->sentences[i] : (qw_sentence_t){0, 0};
    if (first)
        *first = sentence.first;
    if (end)
        *end = sentence.end;
    if (sentence.end == 0)
        return (quotewire_span_t){0};
    return span_of (self,
                    (qw_span_t){self->layers->tokens[sentence.first].start, self->layers->tokens[sentence.end - 1].end});
}

size_t quotewire_document_paragraphs (const quotewire_document_t *self) { return self->paragraph_count; }

quotewire_span_t quotewire_document_paragraph (const quotewire_document_t *self, size_t i, const char **role)
{
    bool there = i < self->paragraph_count;
    if (role)
        *role = there ? qw_role_name (self->paragraphs[i].role) : NULL;
    return there ? span_of (self, self->paragraphs[i].span) : (quotewire_span_t){0};
}

static size_t cluster_of (uint32_t cluster) { return cluster == QW_NO_CLUSTER ? QUOTEWIRE_NO_CLUSTER : cluster; }

static const qw_mention_t *mention_at (const quotewire_document_t *self, size_t i)
{
    static const qw_mention_t none = {.cluster = QW_NO_CLUSTER};
    return i < self->layers->mention_count ? &self->layers->mentions[i] : &none;
}

size_t quotewire_document_entities (const quotewire_document_t *self) { return self->layers->mention_count; }

quotewire_span_t quotewire_document_entity (const quotewire_document_t *self, size_t i)
{
    return span_of (self, mention_at (self, i)->span);
}

const char *quotewire_document_entity_type (const quotewire_document_t *self, size_t i)
{
    return i < self->layers->mention_count ? qw_entity_type_name (self->layers->mentions[i].type) : NULL;
}

size_t quotewire_document_entity_cluster (const quotewire_document_t *self, size_t i)
{
    return cluster_of (mention_at (self, i)->cluster);
}

size_t quotewire_document_clusters (const quotewire_document_t *self) { return self->layers->cluster_count; }

const char *quotewire_document_cluster_key (const quotewire_document_t *self, size_t i)
{
    return i < self->layers->cluster_count ? self->names[2 * i] : NULL;
}

const char *quotewire_document_cluster_name (const quotewire_document_t *self, size_t i)
{
    return i < self->layers->cluster_count ? self->names[2 * i + 1] : NULL;
}

const char *quotewire_document_cluster_type (const quotewire_document_t *self, size_t i)
{
    return i < self->layers->cluster_count ? qw_entity_type_name (self->layers->clusters[i].type) : NULL;
}

static const qw_quote_t *quote_at (const quotewire_document_t *self, size_t i)
{
    static const qw_quote_t none = {.cluster = QW_NO_CLUSTER};
    return i < self->layers->quote_count ? &self->layers->quotes[i] : &none;
}

size_t quotewire_document_quotes (const quotewire_document_t *self) { return self->layers->quote_count; }

quotewire_span_t quotewire_document_quote (const quotewire_document_t *self, size_t i)
{
    return span_of (self, quote_at (self, i)->span);
}

const char *quotewire_document_quote_type (const quotewire_document_t *self, size_t i)
{
    return i < self->layers->quote_count ? qw_quote_type_name (self->layers->quotes[i].type) : NULL;
}

bool quotewire_document_quote_is_speech (const quotewire_document_t *self, size_t i) { return quote_at (self, i)->speech; }

quotewire_span_t quotewire_document_quote_cue (const quotewire_document_t *self, size_t i)
{
    return span_of (self, quote_at (self, i)->cue);
}

quotewire_span_t quotewire_document_quote_mention (const quotewire_document_t *self, size_t i)
{
    return span_of (self, quote_at (self, i)->speaker_mention);
}

quotewire_span_t quotewire_document_quote_via (const quotewire_document_t *self, size_t i)
{
    return span_of (self, quote_at (self, i)->via);
}

const char *quotewire_document_quote_speaker (const quotewire_document_t *self, size_t i)
{
    return i < self->layers->quote_count ? self->names[2 * self->layers->cluster_count + i] : NULL;
}

uint64_t quotewire_document_quote_statement (const quotewire_document_t *self, size_t i)
{
    return quote_at (self, i)->statement;
}

size_t quotewire_document_quote_cluster (const quotewire_document_t *self, size_t i)
{
    return cluster_of (quote_at (self, i)->cluster);
}

const char *quotewire_document_quote_how (const quotewire_document_t *self, size_t i)
{
    return i < self->layers->quote_count ? qw_how_name (self->layers->quotes[i].how) : NULL;
}

unsigned quotewire_document_quote_confidence (const quotewire_document_t *self, size_t i)
{
    return quote_at (self, i)->confidence;
}
