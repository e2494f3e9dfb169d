#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/options.h"
#include "sink/document_facts.h"
#include "sink/index/listing.h"
#include "sink/index/tools.h"
#include "sink/tool.h"

/* What the three commands have in common. */
typedef struct {
    const char *program;
    const char *db, *corpus, *format;
    qw_index_question_t question;
    const char *const *columns;
    size_t count;
    qw_status_t (*ask) (qw_database_t *database, const qw_index_question_t *question, qw_sql_row_fn *each, void *context,
                        qw_reason_t *reason);
} query_t;

#define COMMON_OPTIONS(query) \
    {"db", 0, QW_OPTION_TEXT, &(query).db, "DB", "the index: a file of SQLite, or postgresql://...", 0, 0}, \
    {"corpus", 'd', QW_OPTION_TEXT, &(query).corpus, "DIR", "the index in this corpus", 0, 0}, \
    {"format", 'f', QW_OPTION_TEXT, &(query).format, "FORMAT", "table, json (an object a line) or csv (table)", 0, 0}, \
    {"limit", 'n', QW_OPTION_NUMBER, &(query).question.limit, "N", "N rows at most (50; 0: all)", 0, 0}, \
    {"outlet", 0, QW_OPTION_TEXT, &(query).question.outlet, "NAME", "in articles of this outlet", 0, 0}, \
    {"since", 0, QW_OPTION_TEXT, &(query).question.since, "DATE", "published on DATE or later: 2014, 2014-11, 2014-11-18", \
     0, 0}, \
    {"until", 0, QW_OPTION_TEXT, &(query).question.until, "DATE", "published on DATE or earlier", 0, 0}, \
    {"id", 'i', QW_OPTION_TEXT, &(query).question.document, "ID", "in the article with this id", 0, 0}

static const char after[] =
    "Where no index is named it is that of $QUOTEWIRE_DB, or the only one in a folder of this one (*/" QW_INDEX_NAME ").\n"
    "\n"
    "Exit codes: 0 answered, maybe with nothing; 1 the index is damaged or is none; 2 wrong usage; 3 the index cannot\n"
    "be opened, or standard output not be written.";

/* The index that is meant; says why when there is none. */
static const char *place_of (const query_t *query, char *path, size_t size)
{
    if (query->db)
        return query->db;
    if (query->corpus) {
        snprintf (path, size, "%s/%s", query->corpus, QW_INDEX_NAME);
        return path;
    }
    const char *known = getenv ("QUOTEWIRE_DB");
    if (known && *known)
        return known;
    glob_t found;
    int code = glob ("*/" QW_INDEX_NAME, 0, NULL, &found);
    const char *place = NULL;
    if (code == 0 && found.gl_pathc == 1 && snprintf (path, size, "%s", found.gl_pathv[0]) < (int) size)
        place = path;
    else if (code == 0)
        fprintf (stderr, "%s: several indexes are here, %s and %s: say which with --corpus or --db\n", query->program,
                 found.gl_pathv[0], found.gl_pathv[1]);
    else
        fprintf (stderr, "%s: no index is here: make one with 'quotewire index CORPUS', or say where it is with --db\n",
                 query->program);
    globfree (&found);
    return place;
}

static int answer (query_t *query, bool quotes)
{
    const qw_index_question_t *question = &query->question;
    qw_listing_format_t format;
    if (!qw_listing_format_of_name (query->format, &format))
        return qw_tool_misused (query->program, "there is no format '%s'", query->format);
    if ((question->since && !qw_is_iso_date (qw_bytes_of (question->since)))
        || (question->until && !qw_is_iso_date (qw_bytes_of (question->until))))
        return qw_tool_misused (query->program, "a date is written 2014, 2014-11 or 2014-11-18");
    char path[4096];
    const char *place = place_of (query, path, sizeof path);
    if (!place)
        return QW_EXIT_USAGE;
    qw_reason_t reason;
    qw_database_t *database;
    if (qw_database_open (&database, place, false, &reason)) {
        fprintf (stderr, "%s: %s\n", query->program, reason.text);
        return QW_EXIT_SYSTEM;
    }
    qw_listing_t listing;
    qw_listing_open (&listing, format, query->columns, query->count, quotes);
    qw_status_t status = query->ask (database, question, qw_listing_put, &listing, &reason);
    bool written = qw_listing_close (&listing);
    qw_database_close (&database);
    if (status)
        fprintf (stderr, "%s: %s\n", query->program, reason.text);
    return status ? QW_EXIT_BAD : written ? QW_EXIT_GOOD : QW_EXIT_SYSTEM;
}

/* The operand, if there is one. False: there are more. */
static bool take_operand (int argc, char *argv[], int first, const char **operand)
{
    *operand = argc - first >= 1 ? argv[first] : NULL;
    return argc - first <= 1;
}

int qw_index_query (int argc, char *argv[])
{
    query_t query = {.program = "quotewire-index query",
                     .format = "table",
                     .question = {.limit = 50},
                     .columns = qw_index_quote_columns,
                     .count = QW_QUOTE_COLUMNS,
                     .ask = qw_index_ask_quotes};
    const qw_option_t options[] = {
        {"said", 's', QW_OPTION_TEXT, &query.question.said, "WORDS", "with these words in the quotation", 0, 0},
        {"about", 'a', QW_OPTION_TEXT, &query.question.about, "NAME", "that mentions this person, body or place", 0, 0},
        {"type", 't', QW_OPTION_TEXT, &query.question.type, "TYPE", "direct, indirect or mixed", 0, 0},
        {"confidence", 0, QW_OPTION_NUMBER, &query.question.confidence, "N", "whose speaker is sure to N per cent (0)", 0,
         100},
        {"distinct", 0, QW_OPTION_FLAG, &query.question.distinct, NULL,
         "what was printed several times stands once, where it was\nfirst", 0, 0},
        COMMON_OPTIONS (query),
        {.name = NULL}};
    const qw_program_t program = {
        query.program, "[OPTION]... [SPEAKER]",
        "Looks up quotations in an index: whose speaker's name has the words SPEAKER (or whose key it is:\n"
        "person:choe-ryong-hae), and which fit all options. The newest come first.\n"
        "\n"
        "WORDS and names are whole words, upper or lower case, all of which must be there; a \"phrase in quotation\n"
        "marks\" as it stands; -word must not be there.",
        after, options};
    if (!take_operand (argc, argv, qw_options_parse (&program, argc, argv), &query.question.speaker))
        return qw_tool_misused (query.program, "one SPEAKER at most: names of several words stand in quotation marks");
    qw_quote_type_t type;
    const char *named = query.question.type;
    if (named && !qw_quote_type_of_name (named, strlen (named), &type))
        return qw_tool_misused (query.program, "--type is direct, indirect or mixed, not '%s'", named);
    return answer (&query, true);
}

int qw_index_speakers (int argc, char *argv[])
{
    query_t query = {.program = "quotewire-index speakers",
                     .format = "table",
                     .question = {.limit = 50},
                     .columns = qw_index_speaker_columns,
                     .count = QW_SPEAKER_COLUMNS,
                     .ask = qw_index_ask_speakers};
    const qw_option_t options[] = {
        {"said", 's', QW_OPTION_TEXT, &query.question.said, "WORDS", "only quotations with these words count", 0, 0},
        COMMON_OPTIONS (query),
        {.name = NULL}};
    const qw_program_t program = {
        query.program, "[OPTION]... [NAME]",
        "Lists who is quoted in an index, or those whose name has the words NAME, with the number of quotations and of\n"
        "articles they stand in; most quoted first.",
        after, options};
    if (!take_operand (argc, argv, qw_options_parse (&program, argc, argv), &query.question.speaker))
        return qw_tool_misused (query.program, "one NAME at most: names of several words stand in quotation marks");
    return answer (&query, false);
}

int qw_index_entities (int argc, char *argv[])
{
    query_t query = {.program = "quotewire-index entities",
                     .format = "table",
                     .question = {.limit = 50},
                     .columns = qw_index_entity_columns,
                     .count = QW_ENTITY_COLUMNS,
                     .ask = qw_index_ask_entities};
    const qw_option_t options[] = {
        {"type", 't', QW_OPTION_TEXT, &query.question.entity_type, "TYPE", "PERSON, ORG, LOC, FAC, NORP, PRODUCT, ...", 0,
         0},
        COMMON_OPTIONS (query),
        {.name = NULL}};
    const qw_program_t program = {
        query.program, "[OPTION]... [NAME]",
        "Lists the persons, bodies and places in an index, or those whose name has the words NAME, with the number of\n"
        "articles and of mentions; those in most articles first.",
        after, options};
    if (!take_operand (argc, argv, qw_options_parse (&program, argc, argv), &query.question.name))
        return qw_tool_misused (query.program, "one NAME at most: names of several words stand in quotation marks");
    qw_entity_type_t type;
    const char *named = query.question.entity_type;
    if (named && !qw_entity_type_of_name (named, strlen (named), &type))
        return qw_tool_misused (query.program, "there is no type '%s'", named);
    return answer (&query, false);
}
