/*  quotewire-annotate - the annotators as a filter: JSON lines in, annotated JSON lines out. No sockets, no corpus: for trying
    things out, for measuring quality, and for annotating a handful of articles inside another program's pipe. */
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/interchange.h"
#include "proto/utf8.h"
#include "sink/resolve/resolve.h"
#include "ventilator/structure.h"
#include "workers/fused.h"

static const char help[] =
    "usage: quotewire-annotate [OPTION]... < ARTICLES.jsonl > ANNOTATED.jsonl\n"
    "\n"
    "Reads one JSON object {\"id\", \"text\", ...} a line from standard input, and writes it with structure, tokens,\n"
    "sentences, entities, clusters and quotes to standard output. Offsets count Unicode code points.\n"
    "\n"
    "  -m, --models DIR   where the models are (default: workers/models)\n"
    "  -h, --help         this text\n"
    "  -V, --version      the version\n"
    "\n"
    "Exit codes: 0 every line annotated; 1 a line could not be read (said on standard error, the others go on);\n"
    "2 wrong usage or a model that cannot be used.\n";

typedef struct {
    qw_fused_t *fused;
    qw_resolver_t *resolver;
    qw_layers_t *layers;
    qw_paragraphs_t paragraphs;
    qw_utf8_index_t index;
    qw_json_out_t out;
} annotate_t;

/* The line that came in, with the annotations behind its own members; what is called like one of ours is replaced. */
static void put_line (annotate_t *self, json_t *object, const char *text, size_t size)
{
    static const char *const ours[] = {"structure", "tokens", "sentences", "entities", "clusters", "quotes"};
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        json_object_del (object, ours[i]);
    char *members = json_dumps (object, JSON_COMPACT);
    if (!members)
        abort ();
    qw_json_out_reset (&self->out);
    qw_json_put_raw (&self->out, members, strlen (members) - 1);
    free (members);
    qw_utf8_index_reset (&self->index, text, size);
    qw_interchange_put_layers (&self->out, &self->index, self->paragraphs.items, self->paragraphs.count, self->layers);
    qw_json_put_text (&self->out, "}\n");
}

static qw_status_t annotate (annotate_t *self, json_t *object, qw_reason_t *reason)
{
    json_t *member = json_object_get (object, "text");
    if (!json_is_string (member))
        return qw_fail (QW_INVALID, reason, "field 'text' is not a string");
    const char *text = json_string_value (member);
    size_t size = json_string_length (member);
    qw_structure_find (text, size, &self->paragraphs);
    qw_chunk_t chunk = {text, size, self->paragraphs.items, self->paragraphs.count, qw_chunk_is_part (text, size, 0)};
    qw_status_t status = qw_fused_annotate (self->fused, &chunk, self->layers, reason);
    if (status)
        return status;
    qw_resolve (self->resolver, text, size, self->paragraphs.items, self->paragraphs.count, self->layers);
    put_line (self, object, text, size);
    return QW_OK;
}

int main (int argc, char *argv[])
{
    static const struct option options[] = {{"models", required_argument, NULL, 'm'},
                                            {"help", no_argument, NULL, 'h'},
                                            {"version", no_argument, NULL, 'V'},
                                            {NULL, 0, NULL, 0}};
    const char *models = "workers/models";
    for (int c; (c = getopt_long (argc, argv, "m:hV", options, NULL)) != -1;)
        switch (c) {
        case 'm': models = optarg; break;
        case 'h': fputs (help, stdout); return 0;
        case 'V': puts ("quotewire-annotate " QW_VERSION); return 0;
        default: fputs (help, stderr); return 2;
        }
    qw_reason_t reason;
    annotate_t self = {.fused = qw_fused_new (7, models, &reason)};
    if (!self.fused) {
        fprintf (stderr, "quotewire-annotate: %s\n", reason.text);
        return 2;
    }
    self.resolver = qw_resolver_new ();
    self.layers = qw_layers_new ();
    int code = 0;
    char *line = NULL;
    size_t capacity = 0, number = 0;
    for (ssize_t size; (size = getline (&line, &capacity, stdin)) > 0;) {
        number++;
        json_error_t error;
        json_t *object = json_loadb (line, (size_t) size, JSON_ALLOW_NUL, &error);
        if (!object)
            snprintf (reason.text, sizeof reason.text, "not JSON: %.200s", error.text);
        if (!object || annotate (&self, object, &reason)) {
            fprintf (stderr, "quotewire-annotate: line %zu: %s\n", number, reason.text);
            code = 1;
        } else
            fwrite (self.out.data, 1, self.out.size, stdout);
        json_decref (object);
    }
    free (line);
    qw_json_out_free (&self.out);
    qw_utf8_index_free (&self.index);
    qw_paragraphs_free (&self.paragraphs);
    qw_layers_destroy (&self.layers);
    qw_resolver_destroy (&self.resolver);
    qw_fused_destroy (&self.fused);
    return code;
}
