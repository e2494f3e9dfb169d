#include "workers/quotes/train_data.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "proto/utf8.h"

static void *need (void *memory)
{
    if (!memory)
        abort ();
    return memory;
}

static uint8_t tag_of_name (const char *name)
{
    static const struct {
        const char *name;
        uint8_t tag;
    } tags[] = {
        {"NN", TAG_NN},  {"NNS", TAG_NNS}, {"NNP", TAG_NNP}, {"NNPS", TAG_NNP}, {"PRP", TAG_PRP}, {"PRP$", TAG_PRPS},
        {"DT", TAG_DT},  {"PDT", TAG_DT},  {"EX", TAG_PRP},  {"JJ", TAG_JJ},    {"JJR", TAG_JJ},  {"JJS", TAG_JJ},
        {"RB", TAG_RB},  {"RBR", TAG_RB},  {"RBS", TAG_RB},  {"RP", TAG_RP},    {"IN", TAG_IN},   {"TO", TAG_TO},
        {"CC", TAG_CC},  {"CD", TAG_CD},   {"MD", TAG_MD},   {"VBD", TAG_VBD},  {"VBZ", TAG_VBZ}, {"VBP", TAG_VBP},
        {"VB", TAG_VB},  {"VBG", TAG_VBG}, {"VBN", TAG_VBN}, {"WDT", TAG_WH},   {"WP", TAG_WH},   {"WP$", TAG_WH},
        {"WRB", TAG_WH}, {"POS", TAG_POS}, {"FW", TAG_X},    {"UH", TAG_X},     {"SYM", TAG_X},   {"LS", TAG_X}};
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
        if (strcmp (tags[i].name, name) == 0)
            return tags[i].tag;
    return TAG_PUNCT;
}

bool qw_tagged_read (qw_tagged_t *self, FILE *file)
{
    qw_layers_clear (self->layers);
    self->size = 0;
    char *line = NULL;
    size_t capacity = 0;
    bool more = false;
    for (ssize_t size; (size = getline (&line, &capacity, file)) >= 0;) {
        more = true;
        while (size > 0 && (line[size - 1] == '\n' || line[size - 1] == '\r'))
            line[--size] = 0;
        if (size == 0 || strncmp (line, "-DOCSTART-", 10) == 0) {
            if (self->layers->token_count)
                break;
            continue;
        }
        char *columns[4] = {line};
        int count = 1;
        for (char *tab = line; count < 4 && (tab = strchr (tab, '\t'));) {
            *tab++ = 0;
            columns[count++] = tab;
        }
        bool bio = count == 4 && (columns[1][1] == '-' || strcmp (columns[1], "O") == 0);
        size_t length = strlen (columns[0]);
        if (count < 3 || length == 0)
            continue;
        if (self->size + length + 2 > self->capacity) {
            self->capacity = (self->size + length + 2) * 2;
            self->text = need (realloc (self->text, self->capacity));
        }
        memcpy (self->text + self->size, columns[0], length);
        size_t token = self->layers->token_count;
        *qw_layers_add_token (self->layers) = (qw_span_t){(uint32_t) self->size, (uint32_t) (self->size + length)};
        self->size += length;
        self->text[self->size++] = ' ';
        if (token >= self->tag_capacity) {
            self->tag_capacity = (token + 1) * 2;
            self->tags = need (realloc (self->tags, self->tag_capacity));
        }
        self->tags[token] = tag_of_name (columns[bio ? 3 : 2]);
    }
    free (line);
    if (self->layers->token_count)
        *qw_layers_add_sentence (self->layers) = (qw_sentence_t){0, (uint32_t) self->layers->token_count};
    return more;
}

bool qw_tagged_segment (qw_tagged_t *self, qw_segment_t *segment, const qw_quotes_model_t *model)
{
    qw_marks_t none = {0};
    qw_walk_t walk = {.sentence_end = self->layers->sentence_count,
                      .text_size = self->size,
                      .paragraph = {0, (uint32_t) self->size}};
    return self->layers->token_count && qw_segment_next (segment, &walk, model, self->text, self->layers, &none)
           && segment->count == self->layers->token_count;
}

void qw_tagged_free (qw_tagged_t *self)
{
    free (self->text);
    free (self->tags);
    qw_layers_destroy (&self->layers);
}

/* Every line is a paragraph. */
static void split_paragraphs (qw_article_t *article)
{
    for (size_t at = 0; at < article->size;) {
        size_t end = at;
        while (end < article->size && article->text[end] != '\n')
            end++;
        if (end > at) {
            article->paragraphs =
                need (realloc (article->paragraphs, (article->paragraph_count + 1) * sizeof *article->paragraphs));
            article->paragraphs[article->paragraph_count++] =
                (qw_paragraph_t){{(uint32_t) at, (uint32_t) end}, QW_ROLE_BODY};
        }
        at = end + 1;
    }
}

static qw_span_t span_of (const json_t *pair, const qw_utf8_index_t *index)
{
    if (!json_is_array (pair))
        return (qw_span_t){0, 0};
    return (qw_span_t){qw_utf8_index_byte (index, (uint32_t) json_integer_value (json_array_get (pair, 0))),
                       qw_utf8_index_byte (index, (uint32_t) json_integer_value (json_array_get (pair, 1)))};
}

bool qw_articles_read (qw_articles_t *self, const char *path, qw_fused_t *fused)
{
    FILE *file = fopen (path, "r");
    if (!file) {
        perror (path);
        return false;
    }
    char *line = NULL;
    size_t capacity = 0;
    while (getline (&line, &capacity, file) > 0) {
        json_t *object = json_loads (line, 0, NULL);
        const char *text = json_string_value (json_object_get (object, "text"));
        if (!text) {
            json_decref (object);
            continue;
        }
        self->items = need (realloc (self->items, (self->count + 1) * sizeof *self->items));
        qw_article_t *article = &self->items[self->count++];
        *article = (qw_article_t){.text = need (strdup (text)), .size = strlen (text), .layers = qw_layers_new ()};
        split_paragraphs (article);
        qw_chunk_t chunk = {article->text, article->size, article->paragraphs, article->paragraph_count, false};
        qw_reason_t reason;
        if (qw_fused_annotate (fused, &chunk, article->layers, &reason)) {
            fprintf (stderr, "%s: %s\n", path, reason.text);
            return false;
        }
        qw_utf8_index_t index = {0};
        qw_utf8_index_reset (&index, article->text, article->size);
        json_t *quotes = json_object_get (object, "quotes");
        article->gold = need (calloc (json_array_size (quotes) + 1, sizeof *article->gold));
        size_t i;
        json_t *quote;
        json_array_foreach (quotes, i, quote) {
            qw_gold_t *gold = &article->gold[article->gold_count++];
            gold->span.start =
                qw_utf8_index_byte (&index, (uint32_t) json_integer_value (json_object_get (quote, "start")));
            gold->span.end =
                qw_utf8_index_byte (&index, (uint32_t) json_integer_value (json_object_get (quote, "end")));
            gold->cue = span_of (json_object_get (quote, "cue"), &index);
            gold->speech = !json_is_false (json_object_get (quote, "speech"));
            gold->source = span_of (json_object_get (quote, "speaker_mention"), &index);
        }
        qw_utf8_index_free (&index);
        json_decref (object);
    }
    free (line);
    fclose (file);
    return true;
}

void qw_articles_free (qw_articles_t *self)
{
    for (size_t i = 0; i < self->count; i++) {
        free (self->items[i].text);
        free (self->items[i].paragraphs);
        free (self->items[i].gold);
        qw_layers_destroy (&self->items[i].layers);
    }
    free (self->items);
    *self = (qw_articles_t){0};
}
