#include "proto/layers.h"

#include <stdlib.h>
#include <string.h>

#define NAME_LOOKUP(function, type_t, names, count_of)                                  \
    bool function (const char *name, size_t size, type_t *value)                        \
    {                                                                                   \
        for (int i = 0; i < (int) (count_of); i++)                                      \
            if (strlen (names[i]) == size && memcmp (names[i], name, size) == 0) {      \
                *value = (type_t) i;                                                    \
                return true;                                                            \
            }                                                                           \
        return false;                                                                   \
    }

static const char *const role_names[QW_ROLE_COUNT] = {"body", "headline", "byline", "dateline", "caption", "boilerplate"};
static const char *const entity_type_names[QW_ENTITY_TYPE_COUNT] = {
    "PERSON", "ORG", "LOC", "FAC", "NORP", "PRODUCT", "EVENT", "MISC", "DATE", "TIME", "MONEY", "PERCENT"};
static const char *const quote_type_names[QW_QUOTE_TYPE_COUNT] = {"direct", "indirect", "mixed"};
static const char *const how_names[QW_HOW_COUNT] = {"none", "name", "apposition", "pronoun", "nominal", "turn", "text"};

const char *qw_role_name (qw_role_t role) { return role_names[role]; }
const char *qw_entity_type_name (qw_entity_type_t type) { return entity_type_names[type]; }
const char *qw_quote_type_name (qw_quote_type_t type) { return quote_type_names[type]; }
const char *qw_how_name (qw_how_t how) { return how_names[how]; }

NAME_LOOKUP (qw_role_of_name, qw_role_t, role_names, QW_ROLE_COUNT)
NAME_LOOKUP (qw_entity_type_of_name, qw_entity_type_t, entity_type_names, QW_ENTITY_TYPE_COUNT)
NAME_LOOKUP (qw_quote_type_of_name, qw_quote_type_t, quote_type_names, QW_QUOTE_TYPE_COUNT)
NAME_LOOKUP (qw_how_of_name, qw_how_t, how_names, QW_HOW_COUNT)

qw_layers_t *qw_layers_new (void)
{
    qw_layers_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    return self;
}

void qw_layers_destroy (qw_layers_t **self_p)
{
    if (!*self_p)
        return;
    qw_layers_t *self = *self_p;
    free (self->tokens);
    free (self->sentences);
    free (self->mentions);
    free (self->clusters);
    free (self->quotes);
    free (self->strings);
    free (self);
    *self_p = NULL;
}

void qw_layers_clear (qw_layers_t *self)
{
    self->token_count = self->sentence_count = self->mention_count = 0;
    self->cluster_count = self->quote_count = self->string_size = 0;
}

/* Grows *items to hold `needed` of `item_size` bytes each. */
static void grow (void **items, size_t *capacity, size_t needed, size_t item_size)
{
    if (needed <= *capacity)
        return;
    size_t wanted = *capacity ? *capacity : 64;
    while (wanted < needed)
        wanted *= 2;
    void *grown = realloc (*items, wanted * item_size);
    if (!grown)
        abort ();
    *items = grown;
    *capacity = wanted;
}

void qw_layers_reserve_tokens (qw_layers_t *self, size_t count)
{
    grow ((void **) &self->tokens, &self->token_capacity, self->token_count + count, sizeof *self->tokens);
}

qw_span_t *qw_layers_add_token (qw_layers_t *self)
{
    grow ((void **) &self->tokens, &self->token_capacity, self->token_count + 1, sizeof *self->tokens);
    qw_span_t *item = &self->tokens[self->token_count++];
    *item = (qw_span_t){0, 0};
    return item;
}

qw_sentence_t *qw_layers_add_sentence (qw_layers_t *self)
{
    grow ((void **) &self->sentences, &self->sentence_capacity, self->sentence_count + 1, sizeof *self->sentences);
    qw_sentence_t *item = &self->sentences[self->sentence_count++];
    *item = (qw_sentence_t){0, 0};
    return item;
}

qw_mention_t *qw_layers_add_mention (qw_layers_t *self)
{
    grow ((void **) &self->mentions, &self->mention_capacity, self->mention_count + 1, sizeof *self->mentions);
    qw_mention_t *item = &self->mentions[self->mention_count++];
    *item = (qw_mention_t){.cluster = QW_NO_CLUSTER};
    return item;
}

qw_cluster_t *qw_layers_add_cluster (qw_layers_t *self)
{
    grow ((void **) &self->clusters, &self->cluster_capacity, self->cluster_count + 1, sizeof *self->clusters);
    qw_cluster_t *item = &self->clusters[self->cluster_count++];
    memset (item, 0, sizeof *item);
    return item;
}

qw_quote_t *qw_layers_add_quote (qw_layers_t *self)
{
    grow ((void **) &self->quotes, &self->quote_capacity, self->quote_count + 1, sizeof *self->quotes);
    qw_quote_t *item = &self->quotes[self->quote_count++];
    *item = (qw_quote_t){.speech = true, .cluster = QW_NO_CLUSTER};
    return item;
}

qw_string_t qw_layers_add_string (qw_layers_t *self, const char *bytes, size_t size)
{
    grow ((void **) &self->strings, &self->string_capacity, self->string_size + size, 1);
    qw_string_t string = {(uint32_t) self->string_size, (uint32_t) size};
    if (size)
        memcpy (self->strings + self->string_size, bytes, size);
    self->string_size += size;
    return string;
}
