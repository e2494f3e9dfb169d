#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "proto/options.h"
#include "sink/corpus_view.h"
#include "sink/tool.h"

static const char list_name[] = "quotewire-corpus failed list";
static const char drop_name[] = "quotewire-corpus failed drop";

/* ---- list ------------------------------------------------------------------------------------------------------------ */

static void put_json (qw_json_out_t *out, const qw_document_t *document, uint64_t position)
{
    qw_mp_t reader;
    qw_json_put_text (out, "{\"id\":");
    qw_json_put_string (out, document->id);
    qw_json_put_text (out, ",\"position\":");
    qw_json_put_uint (out, position);
    qw_json_put_text (out, ",\"sequence\":");
    qw_json_put_uint (out, document->sequence);
    qw_json_put_text (out, ",\"reason\":");
    qw_json_put_string (out, document->reason);
    qw_json_put_text (out, ",\"source\":");
    qw_mp_open (&reader, document->source.data, document->source.size, NULL);
    qw_json_put_value (out, &reader);
    if (document->holes.data) {
        qw_json_put_text (out, ",\"holes\":");
        qw_mp_open (&reader, document->holes.data, document->holes.size, NULL);
        qw_json_put_value (out, &reader);
    }
    qw_json_put_text (out, "}\n");
}

/* Bytes of others for a terminal: no control characters. */
static void put_plain (qw_json_out_t *out, qw_bytes_t text)
{
    for (size_t i = 0; i < text.size; i++)
        qw_json_put_raw (out, (unsigned char) text.data[i] < 0x20 || text.data[i] == 0x7f ? "?" : text.data + i, 1);
}

static void put_text (qw_json_out_t *out, const qw_document_t *document, uint64_t position)
{
    qw_json_put_uint (out, position);
    qw_json_put_text (out, "\t");
    put_plain (out, document->id);
    qw_json_put_text (out, "\t");
    put_plain (out, document->reason);
    qw_json_put_text (out, "\n");
}

static int list (qw_corpus_reader_t *reader, bool json)
{
    qw_corpus_view_t *view = qw_corpus_view_new (reader);
    qw_out_t record;
    qw_json_out_t out = {0};
    qw_reason_t reason;
    qw_entry_t entry;
    uint64_t position = 0, newest;
    int code = QW_EXIT_GOOD;
    qw_out_init (&record);
    for (qw_status_t status;
         code != QW_EXIT_SYSTEM
         && (status = qw_corpus_view_next (view, &position, UINT64_MAX, &newest, &entry, &reason)) != QW_END;) {
        qw_document_t document;
        size_t count;
        if (!status && !(entry.flags & QW_ENTRY_FAILED))
            continue;
        qw_out_reset (&record);
        if (status || qw_corpus_reader_read (reader, newest, 1, &record, &count, &reason)
            || qw_document_read (&document, record.buffer.data, record.buffer.size, &reason)) {
            fprintf (stderr, "%s: %s\n", list_name, reason.text);
            code = QW_EXIT_BAD;
            continue;
        }
        (json ? put_json : put_text) (&out, &document, newest);
        if (!qw_tool_flush (&out))
            code = QW_EXIT_SYSTEM;
    }
    qw_json_out_free (&out);
    qw_out_free (&record);
    qw_corpus_view_destroy (&view);
    return code;
}

static int list_main (int argc, char *argv[])
{
    bool json = false;
    const qw_option_t options[] = {{"json", 'j', QW_OPTION_FLAG, &json, NULL,
                                    "a JSON object a line: id, position, sequence, reason, source, holes", 0, 0},
                                   {.name = NULL}};
    const qw_program_t program = {
        list_name, "[OPTION]... DIR",
        "Lists the documents of the corpus DIR that failed and were neither annotated by a retry nor dropped since:\n"
        "position, id and reason, with tabs between them. May run beside a sink.",
        "Exit codes: 0 listed, also when there are none; 1 a damaged record could not be; 2 wrong usage;\n"
        "3 the corpus cannot be opened.",
        options};
    int first = qw_options_parse (&program, argc, argv);
    if (argc - first != 1)
        return qw_tool_misused (list_name, "one corpus is needed");
    qw_corpus_reader_t *reader = qw_tool_open (list_name, argv[first]);
    if (!reader)
        return QW_EXIT_SYSTEM;
    int code = list (reader, json);
    qw_corpus_reader_close (&reader);
    return code;
}

/* ---- drop ------------------------------------------------------------------------------------------------------------ */

/* Appends the record that says so: without text and layers, in the place of the failed one. */
static qw_status_t drop_at (qw_corpus_t *corpus, uint64_t position, qw_out_t *scratch, qw_reason_t *reason)
{
    qw_document_t document;
    qw_entry_t entry;
    qw_out_reset (scratch);
    qw_status_t status = qw_corpus_read (corpus, position, scratch, reason);
    if (!status)
        status = qw_document_read (&document, scratch->buffer.data, scratch->buffer.size, reason);
    if (status)
        return status;
    qw_out_t out;
    qw_out_init (&out);
    qw_document_t head = {.id = document.id,
                          .sequence = document.sequence,
                          .source = document.source,
                          .text = {"", 0},
                          .supersedes = position + 1,
                          .dropped = true};
    qw_document_begin (&out, &head, 0);
    qw_document_end (&out, 0);
    status = qw_entry_of_record (&entry, qw_out_bytes (&out), NULL, reason);
    if (!status)
        qw_corpus_append (corpus, qw_out_bytes (&out), document.id, &entry);
    qw_out_free (&out);
    return status;
}

static int drop_one (qw_corpus_t *corpus, const char *id, qw_out_t *scratch)
{
    uint64_t position;
    uint32_t flags;
    qw_reason_t reason;
    if (!qw_corpus_find (corpus, qw_bytes_of (id), &position, &flags))
        qw_fail (QW_NOT_FOUND, &reason, "there is no such document");
    else if (flags & QW_ENTRY_DROPPED)
        qw_fail (QW_EXISTS, &reason, "it is dropped already");
    else if (!(flags & QW_ENTRY_FAILED))
        qw_fail (QW_INVALID, &reason, "it is annotated; only failed documents can be dropped");
    else if (drop_at (corpus, position, scratch, &reason) == QW_OK)
        return QW_EXIT_GOOD;
    fprintf (stderr, "%s: %s: %s\n", drop_name, id, reason.text);
    return QW_EXIT_BAD;
}

static int drop_all (qw_corpus_t *corpus, qw_corpus_reader_t *reader, qw_out_t *scratch)
{
    qw_corpus_view_t *view = qw_corpus_view_new (reader);
    qw_entry_t entry;
    qw_reason_t reason;
    uint64_t position = 0, newest;
    int code = QW_EXIT_GOOD;
    for (qw_status_t status;
         (status = qw_corpus_view_next (view, &position, UINT64_MAX, &newest, &entry, &reason)) != QW_END;) {
        if (!status && entry.flags & QW_ENTRY_FAILED)
            status = drop_at (corpus, newest, scratch, &reason);
        if (status) {
            fprintf (stderr, "%s: %s\n", drop_name, reason.text);
            code = QW_EXIT_BAD;
        }
    }
    qw_corpus_view_destroy (&view);
    return code;
}

static int drop (qw_corpus_t *corpus, const char *directory, bool all, char *ids[])
{
    qw_out_t scratch;
    qw_reason_t reason;
    int code = QW_EXIT_GOOD;
    qw_out_init (&scratch);
    if (all) {
        qw_corpus_reader_t *reader = qw_tool_open (drop_name, directory);
        code = reader ? drop_all (corpus, reader, &scratch) : QW_EXIT_SYSTEM;
        qw_corpus_reader_close (&reader);
    }
    for (; *ids; ids++)
        if (drop_one (corpus, *ids, &scratch))
            code = QW_EXIT_BAD;
    qw_out_free (&scratch);
    uint64_t before = qw_corpus_count (corpus);
    if (qw_corpus_commit (corpus, &reason)) {
        fprintf (stderr, "%s: %s\n", drop_name, reason.text);
        return QW_EXIT_SYSTEM;
    }
    printf ("%" PRIu64 " dropped\n", qw_corpus_count (corpus) - before);
    return code;
}

static int drop_main (int argc, char *argv[])
{
    bool all = false;
    uint64_t segment_bytes = 256 << 20;
    const qw_option_t options[] = {{"all", 'a', QW_OPTION_FLAG, &all, NULL, "drop every failed document", 0, 0},
                                   {"segment-bytes", 0, QW_OPTION_NUMBER, &segment_bytes, "N",
                                    "size of a segment file, as given to the sink (256M)", 4096, 0},
                                   {.name = NULL}};
    const qw_program_t program = {
        drop_name, "[OPTION]... DIR [ID]...",
        "Gives failed documents of the corpus DIR up: they are no longer listed, nor exported, nor retried. A\n"
        "record that says so is added; nothing is deleted. A later run over the same source takes them as new.\n"
        "Needs the corpus for itself: stop the sink first.",
        "Exit codes: 0 all dropped; 1 some could not be, the others are; 2 wrong usage; 3 the corpus cannot be\n"
        "opened or written, or a sink has it.",
        options};
    int first = qw_options_parse (&program, argc, argv);
    if (argc - first < 1 || (argc - first == 1) != all)
        return qw_tool_misused (drop_name, "a corpus is needed, and either ids or --all");
    qw_corpus_t *corpus;
    qw_reason_t reason;
    qw_corpus_reader_t *reader = qw_tool_open (drop_name, argv[first]); /* a corpus that is not there is not to be made */
    if (!reader)
        return QW_EXIT_SYSTEM;
    qw_corpus_reader_close (&reader);
    if (qw_corpus_open (&corpus, argv[first], (size_t) segment_bytes, &reason)) {
        fprintf (stderr, "%s: %s\n", drop_name, reason.text);
        return QW_EXIT_SYSTEM;
    }
    int code = drop (corpus, argv[first], all, argv + first + 1);
    qw_corpus_close (&corpus);
    return code;
}

int qw_tool_failed (int argc, char *argv[])
{
    static const char help[] = "usage: quotewire-corpus failed list [OPTION]... DIR\n"
                               "       quotewire-corpus failed drop [OPTION]... DIR [ID]...\n"
                               "\n"
                               "'quotewire-corpus failed list --help' and '... drop --help' tell more.\n";
    const char *which = argc > 1 ? argv[1] : "";
    if (strcmp (which, "list") == 0)
        return list_main (argc - 1, argv + 1);
    if (strcmp (which, "drop") == 0)
        return drop_main (argc - 1, argv + 1);
    bool asked = strcmp (which, "--help") == 0 || strcmp (which, "-h") == 0;
    fputs (help, asked ? stdout : stderr);
    return asked ? QW_EXIT_GOOD : QW_EXIT_USAGE;
}
