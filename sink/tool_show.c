#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/layer_codec.h"
#include "proto/options.h"
#include "sink/corpus_index.h"
#include "sink/corpus_view.h"
#include "sink/speakers_ranking.h"
#include "sink/terminal.h"
#include "sink/tool.h"

enum { RANKED = 12, BAR = 24, HEADLINE_LINES = 2, QUOTE_LINES = 6, FLUSH_BYTES = 32 << 10 };

static const char program_name[] = "quotewire-corpus show";

typedef struct {
    qw_terminal_t terminal;
    qw_corpus_reader_t *reader;
    qw_json_out_t out, line;
    qw_out_t record;
    qw_utf8_index_t index;
    qw_layers_t *layers;
    qw_paragraph_t *paragraphs;
    size_t paragraph_count, paragraph_capacity;
    qw_ranking_t *ranking;
    uint64_t quotes_shown; /* of one document, at most; 0: all */
    int code;
} show_t;

static void put (show_t *self, qw_style_t style, const char *text)
{
    qw_terminal_put (&self->terminal, &self->out, style, qw_bytes_of (text));
}

static void put_number (show_t *self, qw_style_t style, uint64_t number, const char *one, const char *many)
{
    char text[80];
    snprintf (text, sizeof text, "%" PRIu64 " %s", number, number == 1 ? one : many);
    put (self, style, text);
}

/* Text of the document as one line without control characters. */
static qw_bytes_t flat (show_t *self, qw_bytes_t text)
{
    qw_json_out_reset (&self->line);
    qw_terminal_flatten (text, &self->line);
    return (qw_bytes_t){self->line.size ? self->line.data : "", self->line.size};
}

static qw_bytes_t words (const show_t *self, qw_span_t span)
{
    return (qw_bytes_t){self->index.text + span.start, qw_span_size (span)};
}

static qw_bytes_t string (const show_t *self, qw_string_t text)
{
    return (qw_bytes_t){qw_layers_string (self->layers, text), text.size};
}

/* ---- a document ------------------------------------------------------------------------------------------------------ */

static qw_bytes_t headline_of (const show_t *self, const qw_document_t *document)
{
    for (size_t i = 0; i < self->paragraph_count; i++)
        if (self->paragraphs[i].role == QW_ROLE_HEADLINE)
            return words (self, self->paragraphs[i].span);
    for (size_t i = 0; i < self->paragraph_count; i++)
        if (self->paragraphs[i].role == QW_ROLE_BODY)
            return words (self, self->paragraphs[i].span);
    return document->text.size ? document->text : document->id;
}

static void put_head (show_t *self, const qw_document_t *document)
{
    qw_json_put_text (&self->out, "\n");
    qw_terminal_wrap (&self->terminal, &self->out, "", QW_PLAIN, QW_BOLD, flat (self, headline_of (self, document)),
                      HEADLINE_LINES);
    qw_bytes_t id = flat (self, document->id);
    qw_terminal_put (&self->terminal, &self->out, QW_DIM, id);
    if (self->layers->quote_count > 0) {
        put (self, QW_DIM, " · ");
        put_number (self, QW_DIM, self->layers->quote_count, "quotation", "quotations");
    } else if (!document->failed)
        put (self, QW_DIM, " · nobody is quoted");
    qw_json_put_text (&self->out, "\n");
    if (!document->failed)
        return;
    put (self, QW_ALARM, "failed: ");
    qw_terminal_put (&self->terminal, &self->out, QW_PLAIN, flat (self, document->reason));
    qw_json_put_text (&self->out, "\n");
}

static bool same_speaker (const show_t *self, const qw_quote_t *a, const qw_quote_t *b)
{
    return a->cluster == b->cluster && qw_bytes_equal (string (self, a->speaker), string (self, b->speaker));
}

static bool contains (qw_bytes_t whole, qw_bytes_t part)
{
    return memmem (whole.data, whole.size, part.data, part.size) != NULL;
}

/* "Anna Lind (the minister)  said": the name, the words that stood for it if they tell more than a part of it, the cue. */
static void put_speaker (show_t *self, const qw_quote_t *quote)
{
    qw_bytes_t name = string (self, quote->speaker), mention = words (self, quote->speaker_mention);
    put (self, QW_PLAIN, "\n  ");
    if (name.size)
        qw_terminal_put (&self->terminal, &self->out, QW_NAME, flat (self, name));
    else
        put (self, QW_DIM, "somebody");
    if (name.size && mention.size && !contains (name, mention) && !contains (mention, name)) {
        put (self, QW_DIM, " (");
        qw_terminal_put (&self->terminal, &self->out, QW_DIM, flat (self, mention));
        put (self, QW_DIM, ")");
    }
    if (!qw_span_is_empty (quote->cue)) {
        put (self, QW_PLAIN, "  ");
        qw_terminal_put (&self->terminal, &self->out, QW_DIM, flat (self, words (self, quote->cue)));
    }
    if (!qw_span_is_empty (quote->via)) {
        put (self, QW_DIM, ", according to ");
        qw_terminal_put (&self->terminal, &self->out, QW_DIM, flat (self, words (self, quote->via)));
    }
    qw_json_put_text (&self->out, "\n");
}

static void put_quotes (show_t *self)
{
    const qw_layers_t *layers = self->layers;
    size_t count = layers->quote_count;
    if (self->quotes_shown && count > self->quotes_shown)
        count = (size_t) self->quotes_shown;
    for (size_t i = 0; i < count; i++) {
        const qw_quote_t *quote = &layers->quotes[i];
        if (i == 0 || !same_speaker (self, quote, quote - 1))
            put_speaker (self, quote);
        bool spoken = quote->type != QW_INDIRECT;
        qw_terminal_wrap (&self->terminal, &self->out, spoken ? "  ┃ " : "  ┆ ", spoken ? QW_SPOKEN : QW_REPORTED, QW_PLAIN,
                          flat (self, words (self, quote->span)), QUOTE_LINES);
    }
    if (count < layers->quote_count) {
        put (self, QW_DIM, "\n  … and ");
        put_number (self, QW_DIM, layers->quote_count - count, "more", "more");
        qw_json_put_text (&self->out, "\n");
    }
}

static qw_status_t read_document (show_t *self, uint64_t position, qw_document_t *document, qw_reason_t *reason)
{
    size_t count;
    qw_out_reset (&self->record);
    qw_status_t status = qw_corpus_reader_read (self->reader, position, 1, &self->record, &count, reason);
    if (!status)
        status = qw_document_read (document, self->record.buffer.data, self->record.buffer.size, reason);
    return status;
}

static void complain (show_t *self, uint64_t position, const qw_reason_t *reason)
{
    fprintf (stderr, "%s: position %" PRIu64 ": %s\n", program_name, position, reason->text);
    self->code = QW_EXIT_BAD;
}

static void show_document (show_t *self, uint64_t position)
{
    qw_document_t document;
    qw_reason_t reason;
    if (read_document (self, position, &document, &reason)
        || qw_document_layers (&document, &self->index, self->layers, &self->paragraphs, &self->paragraph_count,
                               &self->paragraph_capacity, &reason)) {
        complain (self, position, &reason);
        return;
    }
    put_head (self, &document);
    put_quotes (self);
}

/* ---- the ranking ----------------------------------------------------------------------------------------------------- */

/* Counts a document's speakers; only the layers that tell them are decoded. */
static void rank_document (show_t *self, uint64_t position, uint64_t number)
{
    qw_document_t document;
    qw_reason_t reason;
    if (read_document (self, position, &document, &reason)) {
        complain (self, position, &reason);
        return;
    }
    qw_bytes_t entities = qw_document_layer (&document, "entities"), quotes = qw_document_layer (&document, "quotes");
    qw_layers_clear (self->layers);
    qw_utf8_index_reset (&self->index, document.text.data, document.text.size);
    uint32_t length = (uint32_t) self->index.length;
    if (!entities.data || !quotes.data || qw_get_entities (entities, &self->index, 0, length, self->layers, NULL)
        || qw_get_quotes (quotes, &self->index, 0, length, self->layers, NULL))
        return;
    for (size_t i = 0; i < self->layers->quote_count; i++) {
        uint32_t cluster = self->layers->quotes[i].cluster;
        if (cluster < self->layers->cluster_count)
            qw_ranking_count (self->ranking, string (self, self->layers->clusters[cluster].key),
                              string (self, self->layers->clusters[cluster].name), self->layers->quotes[i].statement, number);
    }
}

static void put_bar (show_t *self, uint64_t part, uint64_t most)
{
    static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    unsigned long long filled = part * BAR * 8 / most;
    char bar[BAR * 4 + 8] = "";
    for (unsigned long long i = 0; i < filled / 8; i++)
        strcat (bar, "█");
    strcat (bar, eighths[filled % 8]);
    put (self, QW_SPOKEN, bar);
    for (unsigned i = qw_terminal_columns (qw_bytes_of (bar)); i < BAR; i++)
        qw_json_put_raw (&self->out, " ", 1);
}

static void put_ranking (show_t *self, uint64_t documents)
{
    qw_ranked_t ranked[RANKED];
    size_t count = qw_ranking_first (self->ranking, ranked, RANKED);
    if (count == 0)
        return;
    unsigned width = 0;
    for (size_t i = 0; i < count; i++) {
        unsigned columns = qw_terminal_columns (flat (self, qw_bytes_of (ranked[i].name)));
        width = columns > width && columns <= 40 ? columns : width;
    }
    put (self, QW_BOLD, "\nQuoted most");
    put (self, QW_DIM, "  in ");
    put_number (self, QW_DIM, documents, "article", "articles");
    qw_json_put_text (&self->out, "\n\n");
    for (size_t i = 0; i < count; i++) {
        qw_bytes_t name = flat (self, qw_bytes_of (ranked[i].name));
        put (self, QW_PLAIN, "  ");
        qw_terminal_put (&self->terminal, &self->out, QW_NAME, name);
        for (unsigned columns = qw_terminal_columns (name); columns < width; columns++)
            qw_json_put_raw (&self->out, " ", 1);
        put (self, QW_PLAIN, "  ");
        put_bar (self, ranked[i].quotes, ranked[0].quotes);
        put (self, QW_PLAIN, " ");
        put_number (self, QW_PLAIN, ranked[i].quotes, "quotation", "quotations");
        if (ranked[i].statements < ranked[i].quotes) {
            put (self, QW_DIM, ", ");
            put_number (self, QW_DIM, ranked[i].statements, "statement", "statements");
        }
        if (ranked[i].documents > 1) {
            put (self, QW_DIM, " in ");
            put_number (self, QW_DIM, ranked[i].documents, "article", "articles");
        }
        qw_json_put_text (&self->out, "\n");
    }
}

/* ---- all of it ------------------------------------------------------------------------------------------------------- */

static bool show_all (show_t *self, uint64_t from, uint64_t documents)
{
    qw_corpus_view_t *view = qw_corpus_view_new (self->reader);
    const qw_corpus_summary_t *summary = qw_corpus_view_summary (view);
    uint64_t position = 0, newest, shown = 0, later = 0, number = 0;
    qw_entry_t entry;
    qw_reason_t reason;
    bool open = true;
    for (qw_status_t status;
         open && (status = qw_corpus_view_next (view, &position, UINT64_MAX, &newest, &entry, &reason)) != QW_END;) {
        if (status) {
            complain (self, position, &reason);
            continue;
        }
        if (position >= from && shown < documents) {
            show_document (self, newest);
            shown++;
        } else
            later += position >= from;
        if (entry.quotes > 0)
            rank_document (self, newest, number);
        number++;
        if (self->out.size > FLUSH_BYTES)
            open = qw_tool_flush (&self->out);
    }
    if (later > 0) {
        put (self, QW_DIM, "\n… and ");
        put_number (self, QW_DIM, later, "more article", "more articles");
        put (self, QW_DIM, " (--from, --documents)\n");
    }
    put_ranking (self, summary->documents);
    qw_json_put_text (&self->out, "\n");
    qw_corpus_view_destroy (&view);
    return open && qw_tool_flush (&self->out);
}

/* Shows the newest record with this id; all ids are in the index as hashes. */
static int show_one (show_t *self, const char *id)
{
    uint8_t hash[16];
    qw_id_hash (qw_bytes_of (id), hash);
    for (uint64_t position = qw_corpus_reader_count (self->reader); position-- > 0;) {
        qw_entry_t entry;
        if (qw_corpus_reader_entry (self->reader, position, &entry, NULL) == QW_OK
            && memcmp (entry.id_hash, hash, 16) == 0) {
            self->quotes_shown = 0;
            show_document (self, position);
            qw_json_put_text (&self->out, "\n");
            return qw_tool_flush (&self->out) ? self->code : QW_EXIT_SYSTEM;
        }
    }
    fprintf (stderr, "%s: there is no document '%s'\n", program_name, id);
    return QW_EXIT_BAD;
}

int qw_tool_show (int argc, char *argv[])
{
    uint64_t documents = 10, from = 0, quotes = 8;
    const char *id = NULL;
    const qw_option_t options[] = {
        {"documents", 'n', QW_OPTION_NUMBER, &documents, "N", "show N documents (10)", 0, 0},
        {"from", 0, QW_OPTION_NUMBER, &from, "N", "begin at position N (0)", 0, 0},
        {"id", 'i', QW_OPTION_TEXT, &id, "ID", "show this document alone, with all its quotations", 0, 0},
        {"quotes", 'q', QW_OPTION_NUMBER, &quotes, "N", "show N quotations of a document at most (8; 0: all)", 0, 0},
        {.name = NULL}};
    const qw_program_t program = {
        program_name, "[OPTION]... DIR",
        "Shows who said what in the corpus DIR: each document's headline, and under each speaker's name what was\n"
        "said, word for word (┃) or in the reporter's words (┆). In brackets stand the words that the name was\n"
        "found for: \"he\", \"the minister\". At the end, over all documents of the corpus: who is quoted most.",
        "Colours are used on a terminal, unless NO_COLOR is set. Lines fit the terminal, or COLUMNS.\n"
        "\n"
        "Exit codes: 0 shown; 1 there is no such document, or a damaged record was left out; 2 wrong usage;\n"
        "3 the corpus cannot be opened.\n"
        "\n"
        "Examples:\n"
        "  quotewire-corpus show corpus\n"
        "  quotewire-corpus show corpus --documents 0        (only who is quoted most)",
        options};
    int first = qw_options_parse (&program, argc, argv);
    if (argc - first != 1)
        return qw_tool_misused (program_name, "one corpus is needed");
    show_t self = {.terminal = qw_terminal_of (STDOUT_FILENO),
                   .reader = qw_tool_open (program_name, argv[first]),
                   .quotes_shown = quotes};
    if (!self.reader)
        return QW_EXIT_SYSTEM;
    qw_out_init (&self.record);
    self.layers = qw_layers_new ();
    self.ranking = qw_ranking_new ();
    int code = id ? show_one (&self, id) : show_all (&self, from, documents) ? self.code : QW_EXIT_SYSTEM;
    qw_ranking_destroy (&self.ranking);
    qw_layers_destroy (&self.layers);
    qw_utf8_index_free (&self.index);
    free (self.paragraphs);
    qw_out_free (&self.record);
    qw_json_out_free (&self.out);
    qw_json_out_free (&self.line);
    qw_corpus_reader_close (&self.reader);
    return code;
}
