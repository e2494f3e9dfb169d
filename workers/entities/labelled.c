#include "workers/entities/labelled.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/memory.h"
#include "proto/utf8.h"
#include "workers/annotator.h"

enum { MAX_FIELDS = 8, ALL_LABELS = 0xffff };

/* A labelled stretch of a text, in bytes. */
typedef struct {
    qw_span_t span;
    uint16_t begin, inside;
} stretch_t;

typedef struct {
    qw_labelled_t *corpus;
    int source;
    void *tokenizer;
    qw_reason_t *reason;
    stretch_t *stretches;
    size_t stretch_count, stretch_capacity;
    qw_paragraph_t *lines;
    size_t line_count, line_capacity;
    char *text; /* of the .tsv document at hand */
    size_t text_size, text_capacity;
    qw_layers_t *layers;
    uint16_t *masks;
    size_t mask_capacity;
} reader_t;

qw_labelled_t *qw_labelled_new (void)
{
    qw_labelled_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    return self;
}

void qw_labelled_destroy (qw_labelled_t **self_p)
{
    if (!*self_p)
        return;
    for (size_t i = 0; i < (*self_p)->document_count; i++) {
        qw_document_t *document = &(*self_p)->documents[i];
        free (document->text);
        free (document->masks);
        qw_layers_destroy (&document->layers);
    }
    free ((*self_p)->documents);
    free (*self_p);
    *self_p = NULL;
}

static uint16_t bit (int label) { return (uint16_t) (1u << label); }

/* "LOC|FAC" as masks of the labels that begin it and go on in it. */
static bool masks_of (const char *names, uint16_t *begin, uint16_t *inside)
{
    static const char *const types[QW_NAME_TYPES] = {"PERSON", "ORG", "LOC", "FAC", "NORP", "PRODUCT", "MISC"};
    *begin = *inside = 0;
    while (*names) {
        size_t size = strcspn (names, "|");
        int found = -1;
        for (int i = 0; i < QW_NAME_TYPES; i++)
            if (strlen (types[i]) == size && memcmp (types[i], names, size) == 0)
                found = i;
        if (found >= 0) {
            *begin |= bit (qw_label_begin (found));
            *inside |= bit (qw_label_inside (found));
        } else if (size == 6 && memcmp (names, "NUMBER", 6) == 0) {
            *begin |= bit (QW_LABEL_NUMBER);
            *inside |= bit (QW_LABEL_NUMBER);
        } else if (size == 1 && *names == 'O') {
            *begin |= bit (QW_LABEL_OUTSIDE);
            *inside |= bit (QW_LABEL_OUTSIDE);
        } else
            return false;
        names += size + (names[size] == '|');
    }
    return true;
}

/* The masks of a type in a source; O for what the recipe does not map. */
static void map_type (const qw_labelled_t *corpus, int source, const char *type, uint16_t *begin, uint16_t *inside)
{
    *begin = *inside = bit (QW_LABEL_OUTSIDE);
    for (int i = 0; i < corpus->sources[source].map_count; i++)
        if (strcmp (corpus->sources[source].maps[i].type, type) == 0) {
            *begin = corpus->sources[source].maps[i].begin;
            *inside = corpus->sources[source].maps[i].inside;
        }
}

static qw_document_t *add_document (reader_t *self)
{
    qw_labelled_t *corpus = self->corpus;
    corpus->documents
        = qw_grown (corpus->documents, &corpus->document_capacity, corpus->document_count + 1, sizeof *corpus->documents);
    qw_document_t *document = &corpus->documents[corpus->document_count++];
    *document = (qw_document_t) {.source = self->source};
    return document;
}

/* Every line with something in it is a paragraph. */
static void find_lines (reader_t *self, const char *text, size_t size)
{
    self->line_count = 0;
    for (size_t at = 0; at < size;) {
        const char *stop = memchr (text + at, '\n', size - at);
        size_t end = stop ? (size_t) (stop - text) : size, next = end + 1;
        while (at < end && strchr (" \t\r", text[at]))
            at++;
        while (end > at && strchr (" \t\r", text[end - 1]))
            end--;
        if (at < end) {
            self->lines = qw_grown (self->lines, &self->line_capacity, self->line_count + 1, sizeof *self->lines);
            self->lines[self->line_count++] = (qw_paragraph_t) {{(uint32_t) at, (uint32_t) end}, QW_ROLE_BODY};
        }
        at = next;
    }
}

/* A text with its stretches, cut into our own tokens. A token that a stretch cuts through may be anything. */
static qw_status_t add_raw (reader_t *self, const char *text, size_t size)
{
    qw_document_t *document = add_document (self);
    document->text = malloc (size + 1);
    document->layers = qw_layers_new ();
    memcpy (document->text, text, size);
    document->text[size] = 0;
    find_lines (self, text, size);
    qw_chunk_t chunk = {document->text, size, self->lines, self->line_count, false};
    qw_status_t status = qw_tokens_annotator.annotate (self->tokenizer, &chunk, document->layers, self->reason);
    if (status)
        return status;
    size_t count = document->layers->token_count;
    uint16_t outside, ignored;
    map_type (self->corpus, self->source, "O", &outside, &ignored);
    document->masks = malloc ((count + 1) * sizeof *document->masks);
    for (size_t i = 0, next = 0; i < count; i++) {
        qw_span_t token = document->layers->tokens[i];
        document->masks[i] = outside;
        while (next < self->stretch_count && self->stretches[next].span.end <= token.start)
            next++;
        if (next == self->stretch_count || self->stretches[next].span.start >= token.end)
            continue;
        const stretch_t *stretch = &self->stretches[next];
        if (token.start < stretch->span.start || token.end > stretch->span.end)
            document->masks[i] = ALL_LABELS;
        else
            document->masks[i] = token.start == stretch->span.start ? stretch->begin : stretch->inside;
    }
    self->corpus->token_count += count;
    return QW_OK;
}

static void add_stretch (reader_t *self, uint32_t start, uint32_t end, uint16_t begin, uint16_t inside)
{
    self->stretches
        = qw_grown (self->stretches, &self->stretch_capacity, self->stretch_count + 1, sizeof *self->stretches);
    self->stretches[self->stretch_count++] = (stretch_t) {{start, end}, begin, inside};
}

static size_t split (char *line, char **fields)
{
    size_t count = 0;
    line[strcspn (line, "\r\n")] = 0;
    for (char *at = line; at && count < MAX_FIELDS;) {
        fields[count++] = at;
        at = strchr (at, '\t');
        if (at)
            *at++ = 0;
    }
    return count;
}

/* The masks of a BIO label. */
static void read_label (const reader_t *self, const char *label, uint16_t *mask, bool *begins, uint16_t *inside)
{
    uint16_t begin;
    bool typed = label[0] && label[1] == '-';
    map_type (self->corpus, self->source, typed ? label + 2 : "O", &begin, inside);
    *begins = typed && label[0] == 'B';
    *mask = !typed || *begins ? begin : *inside;
}

static void end_of_sentence (reader_t *self)
{
    size_t from = self->layers->sentence_count ? self->layers->sentences[self->layers->sentence_count - 1].end : 0;
    if (self->layers->token_count > from) {
        qw_sentence_t *sentence = qw_layers_add_sentence (self->layers);
        *sentence = (qw_sentence_t) {(uint32_t) from, (uint32_t) self->layers->token_count};
    }
}

static void end_of_document (reader_t *self)
{
    end_of_sentence (self);
    size_t count = self->layers->token_count;
    if (count > 0) {
        qw_document_t *document = add_document (self);
        document->text = malloc (self->text_size + 1);
        memcpy (document->text, self->text, self->text_size);
        document->layers = self->layers;
        document->masks = malloc (count * sizeof *document->masks);
        memcpy (document->masks, self->masks, count * sizeof *document->masks);
        self->layers = qw_layers_new ();
        self->corpus->token_count += count;
    }
    self->text_size = 0;
}

/* Tokens as they stand in the file, with one blank between them. A file without documents is cut every 20 sentences. */
static qw_status_t read_tsv (reader_t *self, const char *path)
{
    FILE *file = fopen (path, "r");
    if (!file)
        return qw_fail_errno (self->reason, "'%s'", path);
    char *line = NULL, *fields[MAX_FIELDS];
    size_t capacity = 0, number = 0;
    bool documents = false;
    qw_status_t status = QW_OK;
    int column = self->corpus->sources[self->source].column;
    while (!status && getline (&line, &capacity, file) > 0) {
        number++;
        size_t count = split (line, fields);
        if (strcmp (fields[0], "-DOCSTART-") == 0) {
            end_of_document (self);
            documents = true;
        } else if (!*fields[0]) {
            end_of_sentence (self);
            if (!documents && self->layers->sentence_count >= 20)
                end_of_document (self);
        } else if (count < (size_t) column || !qw_utf8_is_valid (fields[0], strlen (fields[0])))
            status = qw_fail (QW_INVALID, self->reason, "'%s' line %zu: not UTF-8, or no column %d", path, number, column);
        else {
            size_t size = strlen (fields[0]);
            self->text = qw_grown (self->text, &self->text_capacity, self->text_size + size + 2, 1);
            memcpy (self->text + self->text_size, fields[0], size);
            qw_span_t *token = qw_layers_add_token (self->layers);
            *token = (qw_span_t) {(uint32_t) self->text_size, (uint32_t) (self->text_size + size)};
            self->text_size += size;
            self->text[self->text_size++] = ' ';
            self->masks = qw_grown (self->masks, &self->mask_capacity, self->layers->token_count, sizeof *self->masks);
            uint16_t inside;
            bool begins;
            read_label (self, fields[column - 1], &self->masks[self->layers->token_count - 1], &begins, &inside);
        }
    }
    end_of_document (self);
    free (line);
    fclose (file);
    return status;
}

/* Labels of a document from the .tsv file that stands beside its text, a line a token of "tokens". */
static qw_status_t read_beside (reader_t *self, FILE *labels, const json_t *tokens, const qw_utf8_index_t *index)
{
    char *line = NULL, *fields[MAX_FIELDS];
    size_t capacity = 0, at = 0;
    int column = self->corpus->sources[self->source].column;
    qw_status_t status = QW_OK;
    bool open = false;
    uint16_t open_inside = 0;
    long before = ftell (labels);
    while (!status && getline (&line, &capacity, labels) > 0) {
        size_t count = split (line, fields);
        if (strcmp (fields[0], "-DOCSTART-") == 0) {
            if (at > 0) {
                fseek (labels, before, SEEK_SET);
                break;
            }
        } else if (*fields[0]) {
            const json_t *pair = json_array_get (tokens, at++);
            if (count < (size_t) column)
                status = qw_fail (QW_INVALID, self->reason, "a line without column %d", column);
            else {
                uint16_t mask, inside;
                bool begins;
                read_label (self, fields[column - 1], &mask, &begins, &inside);
                bool typed = fields[column - 1][0] != 'O';
                if (!json_is_array (pair))
                    open = false;
                else if (typed) {
                    uint32_t start = qw_utf8_index_byte (index, (uint32_t) json_integer_value (json_array_get (pair, 0)));
                    uint32_t end = qw_utf8_index_byte (index, (uint32_t) json_integer_value (json_array_get (pair, 1)));
                    if (begins || !open || open_inside != inside)
                        add_stretch (self, start, end, begins ? mask : inside, inside);
                    else
                        self->stretches[self->stretch_count - 1].span.end = end;
                    open = true;
                    open_inside = inside;
                } else
                    open = false;
            }
        }
        before = ftell (labels);
    }
    free (line);
    if (!status && at != json_array_size (tokens))
        status = qw_fail (QW_INVALID, self->reason, "%zu labels for %zu tokens", at, json_array_size (tokens));
    return status;
}

static qw_status_t read_json_spans (reader_t *self, const json_t *object, const qw_utf8_index_t *index)
{
    const json_t *list = json_object_get (object, "ents");
    for (size_t i = 0; i < json_array_size (list); i++) {
        const json_t *item = json_array_get (list, i);
        json_int_t start = json_integer_value (json_array_get (item, 0)), end = json_integer_value (json_array_get (item, 1));
        const char *type = json_string_value (json_array_get (item, 2));
        if (!type || start < 0 || end <= start || (size_t) end > index->length)
            return qw_fail (QW_INVALID, self->reason, "an entity outside of its text");
        uint16_t begin, inside;
        map_type (self->corpus, self->source, type, &begin, &inside);
        add_stretch (self, qw_utf8_index_byte (index, (uint32_t) start), qw_utf8_index_byte (index, (uint32_t) end), begin,
                     inside);
    }
    return QW_OK;
}

static int by_start (const void *a, const void *b)
{
    const stretch_t *one = a, *two = b;
    return (one->span.start > two->span.start) - (one->span.start < two->span.start);
}

static qw_status_t read_jsonl (reader_t *self, const char *path, const char *beside)
{
    FILE *file = fopen (path, "r"), *labels = beside ? fopen (beside, "r") : NULL;
    qw_status_t status = QW_OK;
    if (!file || (beside && !labels))
        status = qw_fail_errno (self->reason, "'%s'", file ? beside : path);
    char *line = NULL;
    size_t capacity = 0, number = 0;
    qw_utf8_index_t index = {0};
    for (ssize_t size; !status && (size = getline (&line, &capacity, file)) > 0;) {
        number++;
        json_t *object = json_loadb (line, (size_t) size, 0, NULL);
        const json_t *text = json_object_get (object, "text");
        if (!json_is_string (text))
            status = qw_fail (QW_INVALID, self->reason, "'%s' line %zu: no text", path, number);
        else {
            qw_utf8_index_reset (&index, json_string_value (text), json_string_length (text));
            self->stretch_count = 0;
            status = labels ? read_beside (self, labels, json_object_get (object, "tokens"), &index)
                            : read_json_spans (self, object, &index);
            qsort (self->stretches, self->stretch_count, sizeof *self->stretches, by_start);
            if (!status)
                status = add_raw (self, json_string_value (text), json_string_length (text));
        }
        json_decref (object);
    }
    qw_utf8_index_free (&index);
    free (line);
    if (file)
        fclose (file);
    if (labels)
        fclose (labels);
    return status;
}

static int source_of (qw_labelled_t *corpus, const char *name)
{
    for (int i = 0; i < corpus->source_count; i++)
        if (strcmp (corpus->sources[i].name, name) == 0)
            return i;
    int limit = (int) (sizeof corpus->sources / sizeof *corpus->sources);
    if (corpus->source_count == limit)
        return -1;
    snprintf (corpus->sources[corpus->source_count].name, sizeof corpus->sources[0].name, "%s", name);
    corpus->sources[corpus->source_count].weight = 1;
    corpus->sources[corpus->source_count].column = 2;
    return corpus->source_count++;
}

static qw_status_t obey (reader_t *self, char **words, int count, const char *data)
{
    qw_labelled_t *corpus = self->corpus;
    self->source = count > 1 ? source_of (corpus, words[1]) : -1;
    if (self->source < 0)
        return qw_fail (QW_INVALID, self->reason, "no source named, or too many of them");
    char path[2][4096] = {"", ""};
    for (int i = 2; i < 4 && i < count; i++)
        snprintf (path[i - 2], sizeof path[0], "%s/%s", data, words[i]);
    if (strcmp (words[0], "target") == 0)
        corpus->sources[self->source].target = true;
    else if (strcmp (words[0], "weight") == 0 && count == 3)
        corpus->sources[self->source].weight = atof (words[2]);
    else if (strcmp (words[0], "column") == 0 && count == 3 && atoi (words[2]) > 0)
        corpus->sources[self->source].column = atoi (words[2]);
    else if (strcmp (words[0], "map") == 0 && count == 4) {
        int *n = &corpus->sources[self->source].map_count;
        uint16_t begin, inside;
        if (*n == 32 || !masks_of (words[3], &begin, &inside))
            return qw_fail (QW_INVALID, self->reason, "cannot map to '%s'", words[3]);
        snprintf (corpus->sources[self->source].maps[*n].type, sizeof corpus->sources[0].maps[0].type, "%s", words[2]);
        corpus->sources[self->source].maps[*n].begin = begin;
        corpus->sources[self->source].maps[(*n)++].inside = inside;
    } else if (strcmp (words[0], "source") == 0 && count >= 3)
        return strstr (words[2], ".jsonl") ? read_jsonl (self, path[0], count > 3 ? path[1] : NULL) : read_tsv (self, path[0]);
    else
        return qw_fail (QW_INVALID, self->reason, "not understood: '%s'", words[0]);
    return QW_OK;
}

qw_status_t qw_labelled_read (qw_labelled_t *self, const char *recipe, const char *data, const void *tokens_model,
                            size_t tokens_model_size, qw_reason_t *reason)
{
    FILE *file = fopen (recipe, "r");
    if (!file)
        return qw_fail_errno (reason, "'%s'", recipe);
    qw_reason_t why = {""};
    reader_t reader = {.corpus = self, .reason = &why, .layers = qw_layers_new ()};
    qw_status_t status = qw_tokens_annotator.open (&reader.tokenizer, tokens_model, tokens_model_size, &why);
    char *line = NULL;
    size_t capacity = 0, number = 0;
    while (!status && getline (&line, &capacity, file) > 0) {
        char *words[MAX_FIELDS], *rest = line;
        int count = 0;
        number++;
        line[strcspn (line, "#\r\n")] = 0;
        for (char *word; count < MAX_FIELDS && (word = strtok_r (rest, " \t", &rest));)
            words[count++] = word;
        if (count > 0)
            status = obey (&reader, words, count, data);
    }
    bool aimed = false;
    for (int i = 0; i < self->source_count; i++)
        aimed |= self->sources[i].target;
    for (int i = 0; i < self->source_count && !aimed; i++)
        self->sources[i].target = true;
    if (status)
        qw_fail (status, reason, "%s line %zu: %s", recipe, number, why.text);
    if (reader.tokenizer)
        qw_tokens_annotator.close (&reader.tokenizer);
    qw_layers_destroy (&reader.layers);
    free (reader.stretches);
    free (reader.lines);
    free (reader.text);
    free (reader.masks);
    free (line);
    fclose (file);
    return status;
}
