#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/interchange.h"
#include "proto/options.h"
#include "sink/corpus_view.h"
#include "sink/tool.h"

enum { FLUSH_BYTES = 256 << 10, AHEAD_BYTES = 1 << 20 };

static const char program_name[] = "quotewire-corpus export";

typedef enum { ALL, ANNOTATED, FAILED } which_t;

typedef struct {
    qw_corpus_reader_t *reader;
    qw_corpus_view_t *view;
    qw_interchange_t *interchange;
    qw_json_out_t json;
    qw_out_t batch;    /* records [batch_first, batch_end) */
    uint64_t batch_first, batch_end;
    size_t batch_at;   /* the byte of record batch_first that was not yet taken */
    qw_out_t single;   /* a record from elsewhere */
    bool place;
    int code;
} export_t;

/* The bytes of one record. Records are mostly asked for one after the other, so they are read many at a time. */
static qw_status_t read_record (export_t *self, uint64_t position, bool ahead, qw_bytes_t *record, qw_reason_t *reason)
{
    size_t count;
    if (!ahead) {
        qw_out_reset (&self->single);
        qw_status_t status = qw_corpus_reader_read (self->reader, position, 1, &self->single, &count, reason);
        *record = qw_out_bytes (&self->single);
        return status;
    }
    if (position < self->batch_first || position >= self->batch_end) {
        qw_out_reset (&self->batch);
        self->batch_first = self->batch_end = position;
        self->batch_at = 0;
        qw_status_t status = qw_corpus_reader_read (self->reader, position, AHEAD_BYTES, &self->batch, &count, reason);
        if (status)
            return status;
        self->batch_end += count;
    }
    do {
        const char *at = self->batch.buffer.data + self->batch_at;
        *record = (qw_bytes_t){at, qw_document_size (at, self->batch.buffer.size - self->batch_at)};
        self->batch_at += record->size;
    } while (self->batch_first++ < position);
    return record->size
             ? QW_OK
             : qw_fail (QW_DAMAGED, reason, "the record at position %llu is damaged", (unsigned long long) position);
}

static void complain (export_t *self, uint64_t position, const qw_reason_t *reason)
{
    fprintf (stderr, "%s: position %llu is left out: %s\n", program_name, (unsigned long long) position, reason->text);
    self->code = QW_EXIT_BAD;
}

static void put_document (export_t *self, uint64_t position, uint64_t newest)
{
    qw_reason_t reason;
    qw_bytes_t record;
    qw_document_t document;
    if (read_record (self, newest, newest == position, &record, &reason)
        || qw_document_read (&document, record.data, record.size, &reason)
        || qw_interchange_put_document (self->interchange, &self->json, &document, self->place ? &newest : NULL, &reason))
        complain (self, newest, &reason);
    else
        qw_json_put_raw (&self->json, "\n", 1);
}

static void export_all (export_t *self, uint64_t from, uint64_t until, which_t which)
{
    uint64_t position = from, newest;
    qw_entry_t entry;
    qw_reason_t reason;
    for (qw_status_t status;
         (status = qw_corpus_view_next (self->view, &position, until, &newest, &entry, &reason)) != QW_END;) {
        bool failed = entry.flags & QW_ENTRY_FAILED;
        if (status)
            complain (self, newest, &reason);
        else if (which == ALL || failed == (which == FAILED))
            put_document (self, position, newest);
        if (self->json.size >= FLUSH_BYTES && !qw_tool_flush (&self->json)) {
            self->code = QW_EXIT_SYSTEM;
            return;
        }
    }
    if (!qw_tool_flush (&self->json))
        self->code = QW_EXIT_SYSTEM;
}

int qw_tool_export (int argc, char *argv[])
{
    uint64_t from = 0, to = UINT64_MAX;
    const char *format = "jsonl", *only = "all";
    bool place = false;
    const qw_option_t options[] = {
        {"format", 'f', QW_OPTION_TEXT, &format, "FORMAT", "jsonl, the only one here: a JSON object a line", 0, 0},
        {"from", 0, QW_OPTION_NUMBER, &from, "N", "begin at position N (0)", 0, 0},
        {"to", 0, QW_OPTION_NUMBER, &to, "N", "end before position N (the end)", 0, 0},
        {"only", 0, QW_OPTION_TEXT, &only, "WHICH", "annotated or failed: leave out the others", 0, 0},
        {"place", 'p', QW_OPTION_FLAG, &place, NULL,
         "add \"position\", \"sequence\" and \"source\" (path, record,\nencoding it was converted from;\nenglish: false where the text does not look it)", 0, 0},
        {.name = NULL}};
    const qw_program_t program = {
        program_name, "[OPTION]... DIR",
        "Writes the documents of the corpus DIR to standard output, a JSON object a line, in the order of the source.\n"
        "Offsets count Unicode code points of \"text\"; an end is the first point that is no longer part.\n"
        "\n"
        "    id, text           as they came; members of the metadata beside them under their own names\n"
        "    structure          [{start, end, role}]: headline, byline, dateline, caption, body, boilerplate\n"
        "    tokens, sentences  [[start, end], ...]\n"
        "    entities           [{start, end, type, entity}]; entity is a key of clusters, or null\n"
        "    clusters           {key: {name, type}}; a key is the same in every document\n"
        "    quotes             [{start, end, type, cue, speaker_mention, speaker, entity, via?, speech, how,\n"
        "                       confidence, statement}]; quotes with the same statement are the same words of the\n"
        "                       same speaker, in this document or another\n"
        "    failed             {reason, holes?: [{start, end, layers, reason}]}: this document is not, or not\n"
        "                       wholly, annotated\n"
        "    layers             what workers of other people made: {name: value}\n"
        "    metadata           members of the metadata whose names are ours\n"
        "\n"
        "A failed document that was retried stands once, in its first place, in its newest form; dropped ones\n"
        "are left out. It may run beside a sink that is writing, and takes the same memory whatever the size of the corpus.",
        "Exit codes: 0 all written; 1 a damaged record was left out (said on standard error); 2 wrong usage;\n"
        "3 the corpus cannot be opened, or standard output not be written.\n"
        "\n"
        "Examples:\n"
        "  quotewire-corpus export corpus | jq -r '.quotes[] | select(.speaker) | .speaker' | sort | uniq -c | sort -rn\n"
        "  quotewire-corpus export corpus --only failed | jq -r '[.id, .failed.reason] | @tsv'",
        options};
    int first = qw_options_parse (&program, argc, argv);
    if (argc - first != 1)
        return qw_tool_misused (program_name, "one corpus is needed");
    if (strcmp (format, "jsonl") != 0)
        return qw_tool_misused (program_name, "there is no format '%s'", format);
    which_t which = strcmp (only, "annotated") == 0 ? ANNOTATED : strcmp (only, "failed") == 0 ? FAILED : ALL;
    if (which == ALL && strcmp (only, "all") != 0)
        return qw_tool_misused (program_name, "--only is annotated or failed, not '%s'", only);
    export_t self = {.reader = qw_tool_open (program_name, argv[first]), .place = place};
    if (!self.reader)
        return QW_EXIT_SYSTEM;
    self.view = qw_corpus_view_new (self.reader);
    self.interchange = qw_interchange_new ();
    qw_out_init (&self.batch);
    qw_out_init (&self.single);
    export_all (&self, from, to, which);
    qw_out_free (&self.batch);
    qw_out_free (&self.single);
    qw_json_out_free (&self.json);
    qw_interchange_destroy (&self.interchange);
    qw_corpus_view_destroy (&self.view);
    qw_corpus_reader_close (&self.reader);
    return self.code;
}
