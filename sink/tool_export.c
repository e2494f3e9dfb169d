#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/options.h"
#include "sink/export/documents.h"
#include "sink/export/folder.h"
#include "sink/tool.h"

enum { FLUSH_BYTES = 256 << 10 };

static const char program_name[] = "quotewire-corpus export";

typedef struct {
    const qw_export_format_t *format;
    void *state; /* of the format */
    qw_documents_t *documents;
    qw_folder_t *folder;                  /* NULL: standard output */
    qw_json_out_t files[QW_EXPORT_FILES]; /* what is to be written next */
    int code;
} export_t;

static void complain (export_t *self, const qw_reason_t *reason, int code)
{
    fprintf (stderr, "%s: %s\n", program_name, reason->text);
    self->code = code;
}

/* ---- one stream ------------------------------------------------------------------------------------------------------ */

static bool flush (export_t *self)
{
    if (qw_tool_flush (&self->files[0]))
        return true;
    self->code = QW_EXIT_SYSTEM;
    return false;
}

static bool put_in_stream (export_t *self, const qw_export_document_t *document, qw_reason_t *reason, qw_status_t *status)
{
    *status = self->format->put (self->state, document, self->files, reason);
    return self->files[0].size < FLUSH_BYTES || flush (self);
}

/* ---- files of their own ---------------------------------------------------------------------------------------------- */

static bool put_in_folder (export_t *self, const qw_export_document_t *document, qw_reason_t *reason, qw_status_t *status)
{
    const qw_export_format_t *format = self->format;
    for (size_t i = 0; i < QW_EXPORT_FILES; i++)
        qw_json_out_reset (&self->files[i]);
    if (format->begin)
        format->begin (self->state, true, &self->files[0]);
    *status = format->put (self->state, document, self->files, reason);
    if (*status)
        return true;
    if (format->end)
        format->end (self->state, true, &self->files[0]);
    for (size_t i = 0; i < QW_EXPORT_FILES && format->suffixes[i]; i++) {
        const qw_json_out_t *file = &self->files[i];
        if (qw_folder_put (self->folder, document, format->suffixes[i], file->data, file->size, reason)) {
            complain (self, reason, QW_EXIT_SYSTEM);
            return false;
        }
    }
    return true;
}

/* ---- all of it ------------------------------------------------------------------------------------------------------- */

static void export_all (export_t *self)
{
    const qw_export_format_t *format = self->format;
    qw_export_document_t document;
    qw_reason_t reason;
    if (self->folder && format->extra
        && qw_folder_put_named (self->folder, format->extra_name, format->extra, strlen (format->extra), &reason)) {
        complain (self, &reason, QW_EXIT_SYSTEM);
        return;
    }
    if (!self->folder && format->begin)
        format->begin (self->state, false, &self->files[0]);
    for (qw_status_t status; (status = qw_documents_next (self->documents, &document, &reason)) != QW_END;) {
        if (!status && !(self->folder ? put_in_folder : put_in_stream) (self, &document, &reason, &status))
            return;
        if (status) {
            fprintf (stderr, "%s: position %llu is left out: %s\n", program_name, (unsigned long long) document.position,
                     reason.text);
            self->code = QW_EXIT_BAD;
        }
    }
    if (self->folder)
        return;
    if (format->end)
        format->end (self->state, false, &self->files[0]);
    flush (self);
}

static int open_and_export (export_t *self, const char *corpus, const char *output, const qw_documents_options_t *documents,
                            const qw_export_options_t *options)
{
    qw_reason_t reason;
    qw_corpus_reader_t *reader = qw_tool_open (program_name, corpus);
    if (!reader)
        return QW_EXIT_SYSTEM;
    if (output && !(self->folder = qw_folder_open (output, &reason)))
        complain (self, &reason, QW_EXIT_SYSTEM);
    if (self->code == QW_EXIT_GOOD) {
        self->documents = qw_documents_new (reader, documents);
        self->state = self->format->open (options);
        export_all (self);
        self->format->close (self->state);
        qw_documents_destroy (&self->documents);
    }
    for (size_t i = 0; i < QW_EXPORT_FILES; i++)
        qw_json_out_free (&self->files[i]);
    qw_folder_close (&self->folder);
    qw_corpus_reader_close (&reader);
    return self->code;
}

static bool which_of_name (const char *name, qw_documents_which_t *which)
{
    static const char *const names[] = {"all", "annotated", "failed"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp (name, names[i]) == 0) {
            *which = (qw_documents_which_t) i;
            return true;
        }
    return false;
}

/* QW_EXIT_GOOD, or what is wrong was said. */
static int check (const export_t *self, const char *format, const char *output, const char *only, const qw_filter_t *filter)
{
    qw_quote_type_t type;
    if (!self->format)
        return qw_tool_misused (program_name, "there is no format '%s'", format);
    if (self->format->folder_only && !output)
        return qw_tool_misused (program_name, "%s takes several files: say with --output DIR where they are to be", format);
    if ((filter->since && !qw_is_iso_date (qw_bytes_of (filter->since)))
        || (filter->until && !qw_is_iso_date (qw_bytes_of (filter->until))))
        return qw_tool_misused (program_name, "a date is written 2014, 2014-11 or 2014-11-18");
    if (filter->type && !qw_quote_type_of_name (filter->type, strlen (filter->type), &type))
        return qw_tool_misused (program_name, "--type is direct, indirect or mixed, not '%s'", filter->type);
    qw_documents_which_t which;
    if (!which_of_name (only, &which))
        return qw_tool_misused (program_name, "--only is annotated or failed, not '%s'", only);
    return QW_EXIT_GOOD;
}

int qw_tool_export (int argc, char *argv[])
{
    qw_filter_t filter = {0};
    qw_documents_options_t documents = {.until = UINT64_MAX, .filter = &filter};
    qw_export_options_t options = {.filter = &filter};
    const char *format = "jsonl", *only = "all", *output = NULL;
    const qw_option_t table[] = {
        {"format", 'f', QW_OPTION_TEXT, &format, "FORMAT", "one of those above (jsonl)", 0, 0},
        {"output", 'o', QW_OPTION_TEXT, &output, "DIR", "write a file for each document there; brat needs it", 0, 0},
        {"from", 0, QW_OPTION_NUMBER, &documents.from, "N", "begin at position N (0)", 0, 0},
        {"to", 0, QW_OPTION_NUMBER, &documents.until, "N", "end before position N (the end)", 0, 0},
        {"only", 0, QW_OPTION_TEXT, &only, "WHICH", "annotated or failed: leave out the others", 0, 0},
        {"speaker", 's', QW_OPTION_TEXT, &filter.speaker, "NAME", 
         "only documents in which somebody of this name is quoted; in\nCSV only these quotations", 0, 0},
        {"entity", 'e', QW_OPTION_TEXT, &filter.entity, "NAME", 
         "only documents that mention somebody or something of this\nname", 0, 0},
        {"type", 't', QW_OPTION_TEXT, &filter.type, "TYPE", 
         "only with direct, indirect or mixed quotations; in CSV only\nthese", 0, 0},
        {"outlet", 0, QW_OPTION_TEXT, &filter.outlet, "NAME", "only documents of this outlet", 0, 0},
        {"since", 0, QW_OPTION_TEXT, &filter.since, "DATE", "only published on DATE or later: 2014, 2014-11, 2014-11-18", 0, 0},
        {"until", 0, QW_OPTION_TEXT, &filter.until, "DATE", "only published on DATE or earlier", 0, 0},
        {"place", 'p', QW_OPTION_FLAG, &options.place, NULL,
         "in JSON lines add \"position\", \"sequence\" and \"source\" (path,\nrecord, encoding it was converted from; english: false where\nthe text does not look it)", 0, 0},
        {"exact", 0, QW_OPTION_FLAG, &options.exact, NULL,
         "in CSV write every text as it is, also where a spreadsheet\ncould take it for a formula", 0, 0},
        {.name = NULL}};
    const qw_program_t program = {
        program_name, "[OPTION]... DIR",
        "Writes the documents of the corpus DIR to standard output, or to files, in the order of the source. Formats:\n"
        "\n"
        "    jsonl    JSON lines, an object for each document; the README has its members\n"
        "    conllu   CoNLL-U: sentences and tokens; entities and quotations in MISC\n"
        "    brat     brat standoff: for each document .txt and .ann; and annotation.conf\n"
        "    webanno  W3C Web Annotation: JSON-LD, a page of annotations for each document, one a line\n"
        "    tei      TEI P5: <said who>, <persName>, <orgName>, <placeName> in the text\n"
        "    csv      a table of quotations, one a line, for spreadsheets\n"
        "    parquet  Apache Parquet, a row for each document (with 'quotewire export', and pyarrow)\n"
        "\n"
        "All offsets count Unicode code points of the text; an end is the first point that is no longer part. A name\n"
        "fits when its words stand in it one behind the other, or when it is an entity's key. docs/formats.md says\n"
        "what stands where.\n"
        "\n"
        "A failed document that was retried stands once, in its first place, in its newest form; dropped ones\n"
        "are left out. It may run beside a sink that is writing, and takes the same memory whatever the size of the corpus.",
        "Exit codes: 0 all written; 1 a damaged record was left out (said on standard error); 2 wrong usage;\n"
        "3 the corpus cannot be opened, or the output not be written.\n"
        "\n"
        "Examples:\n"
        "  quotewire-corpus export corpus | jq -r '.quotes[] | select(.speaker) | .speaker' | sort | uniq -c | sort -rn\n"
        "  quotewire-corpus export corpus --only failed | jq -r '[.id, .failed.reason] | @tsv'\n"
        "  quotewire-corpus export corpus --format csv --speaker 'Mara Venn' >venn.csv",
        table};
    int first = qw_options_parse (&program, argc, argv);
    if (argc - first != 1)
        return qw_tool_misused (program_name, "one corpus is needed");
    export_t self = {.format = qw_export_format_of_name (format)};
    int code = check (&self, format, output, only, &filter);
    if (code)
        return code;
    which_of_name (only, &documents.which);
    documents.layers = !self.format->bare;
    return open_and_export (&self, argv[first], output, &documents, &options);
}
