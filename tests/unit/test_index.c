/*  The index in SQLite: what stands in it after retries and drops, however the records were batched; what it answers. */
#include "sink/index/question.h"
#include "sink/index/source.h"
#include "tests/unit/corpus_place.h"

typedef struct {
    qw_out_t records;
    size_t count;
} story_t;

static void tell (story_t *story, const sample_t *samples, size_t count)
{
    qw_out_init (&story->records);
    for (size_t i = 0; i < count; i++)
        make_record (&samples[i], &story->records);
    story->count = count;
}

/* 1 fails, its retry 3 fails too, 4 succeeds; 2 fails and 5 drops it; 6 is 2 anew; 7 names Ulm as others do. */
static const sample_t samples[] = {
    {.id = "a", .text = "Lind says the harbours are open"},
    {.id = "b", .text = "Ulm waits", .failed = "slow"},
    {.id = "c", .text = "Ulm waits too", .failed = "slow"},
    {.id = "b", .text = "Ulm waits", .failed = "slow again", .supersedes = 2},
    {.id = "b", .text = "Ulm says that caf\xc3\xa9s stay closed", .supersedes = 4},
    {.id = "c", .text = "", .supersedes = 3, .failed = "slow", .dropped = true},
    {.id = "c", .text = "Lind waits no more", .metadata = QW_BYTES ("\x82\xa9published\xaa" "2014-11-18\xa6outlet\xa5Times")},
    {.id = "d", .text = "Ulm says nothing", .metadata = QW_BYTES ("\x81\xa9published\xaa" "2014-12-01")},
};
enum { SAMPLES = sizeof samples / sizeof *samples };

typedef struct {
    place_t *place;
    story_t story; /* what the samples tell */
    char path[200]; /* of an index that is not there yet */
} scene_t;

static int set_up_scene (void **state)
{
    scene_t *scene = calloc (1, sizeof *scene);
    void *place;
    if (set_up (&place))
        return -1;
    scene->place = place;
    tell (&scene->story, samples, SAMPLES);
    path_of (scene->place->root, "index", scene->path);
    *state = scene;
    return 0;
}

static int tear_down_scene (void **state)
{
    scene_t *scene = *state;
    void *place = scene->place;
    qw_out_free (&scene->story.records);
    free (scene);
    return tear_down (&place);
}

static qw_database_t *open_index (const char *path)
{
    qw_database_t *database;
    qw_reason_t reason;
    if (qw_database_open (&database, path, true, &reason))
        fail_msg ("%s", reason.text);
    return database;
}

/* Puts the records into the index at `path`, `batch` in a transaction. */
static qw_database_t *index_story (const char *path, const story_t *story, size_t batch)
{
    qw_database_t *database = open_index (path);
    qw_index_writer_t *writer;
    qw_reason_t reason;
    assert_int_equal (qw_index_writer_new (&writer, database, false, &reason), QW_OK);
    const char *at = story->records.buffer.data, *end = at + story->records.buffer.size;
    for (size_t done = 0, taken; done < story->count; done += taken) {
        taken = story->count - done < batch ? story->count - done : batch;
        if (qw_index_writer_add (writer, (qw_bytes_t){at, (size_t) (end - at)}, taken, &reason))
            fail_msg ("%s", reason.text);
        for (size_t i = 0; i < taken; i++)
            at += qw_document_size (at, (size_t) (end - at));
    }
    assert_int_equal (qw_index_writer_state (writer).position, story->count);
    qw_index_writer_destroy (&writer);
    return database;
}

static bool add_row (void *context, const qw_sql_t *columns, size_t count)
{
    qw_json_out_t *out = context;
    for (size_t i = 0; i < count; i++) {
        qw_json_put_text (out, i > 0 ? "|" : "");
        if (columns[i].kind == QW_SQL_INTEGER)
            qw_json_put_int (out, columns[i].integer);
        else
            qw_json_put_raw (out, columns[i].text.data, columns[i].text.size);
    }
    qw_json_put_text (out, "\n");
    return true;
}

/* The rows of an answer, a line each; to be freed. */
static char *rows_of (qw_database_t *database, const char *sql)
{
    qw_json_out_t out = {0};
    qw_reason_t reason;
    if (qw_database_query (database, sql, NULL, 0, add_row, &out, &reason))
        fail_msg ("%s: %s", sql, reason.text);
    qw_json_put_raw (&out, "", 1);
    return out.data;
}

static void assert_rows (qw_database_t *database, const char *sql, const char *expected)
{
    char *rows = rows_of (database, sql);
    assert_string_equal (rows, expected);
    free (rows);
}

static const char *const tables[] = {"state", "documents", "entities", "names", "mentions", "quotes",
                                     "documents_words_docsize", "quotes_words_docsize", "names_words_docsize"};

static void assert_sound (qw_database_t *database)
{
    static const char *const words[] = {"documents_words", "quotes_words", "names_words"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        char sql[200];
        snprintf (sql, sizeof sql, "INSERT INTO %s (%s, rank) VALUES ('integrity-check', 1)", words[i], words[i]);
        qw_reason_t reason;
        if (qw_database_script (database, sql, &reason))
            fail_msg ("%s: %s", words[i], reason.text);
    }
}

static void test_a_document_stands_in_it_as_it_is_now (void **state)
{
    scene_t *scene = *state;
    qw_database_t *database = index_story (scene->path, &scene->story, SAMPLES);
    assert_rows (database, "SELECT position, id, failed, quotes, date, outlet FROM documents ORDER BY position",
                 "0|a||1||\n4|b||1||\n6|c||1|2014-11-18|Times\n7|d||1|2014-12-01|\n");
    assert_rows (database, "SELECT key, name, documents, mentions, quotes, quoted_in FROM entities ORDER BY key",
                 "person:lind|Lind|2|2|2|2\nperson:ulm|Ulm|2|2|2|2\n");
    assert_rows (database, "SELECT document, start, stop, text, speaker FROM quotes WHERE document = 4",
                 "4|4|31|says that caf\xc3\xa9s stay closed|Ulm\n");
    assert_sound (database);
    qw_database_close (&database);
}

static void test_it_does_not_matter_how_records_were_batched (void **state)
{
    scene_t *scene = *state;
    char other[200];
    path_of (scene->place->root, "other", other);
    qw_database_t *whole = index_story (scene->path, &scene->story, SAMPLES);
    for (size_t batch = 1; batch < SAMPLES; batch++) {
        unlink (other);
        qw_database_t *cut = index_story (other, &scene->story, batch);
        for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
            char sql[100];
            snprintf (sql, sizeof sql, "SELECT * FROM %s ORDER BY 1, 2", tables[i]);
            char *expected = rows_of (whole, sql);
            assert_rows (cut, sql, expected);
            free (expected);
        }
        assert_sound (cut);
        qw_database_close (&cut);
    }
    qw_database_close (&whole);
}

static void test_a_record_that_cannot_be_read_leaves_the_index_as_it_was (void **state)
{
    scene_t *scene = *state;
    qw_database_t *database = open_index (scene->path);
    qw_index_writer_t *writer;
    qw_reason_t reason;
    assert_int_equal (qw_index_writer_new (&writer, database, false, &reason), QW_OK);
    scene->story.records.buffer.data[scene->story.records.buffer.size - 1] ^= 1; /* the last record's checksum */
    assert_int_equal (qw_index_writer_add (writer, qw_out_bytes (&scene->story.records), SAMPLES, &reason), QW_DAMAGED);
    assert_non_null (strstr (reason.text, "position 7"));
    assert_int_equal (qw_index_writer_state (writer).position, 0);
    assert_rows (database, "SELECT count(*) FROM documents", "0\n");
    qw_index_writer_destroy (&writer);
    qw_database_close (&database);
}

static void test_a_second_writer_is_noticed (void **state)
{
    scene_t *scene = *state;
    qw_database_t *first = open_index (scene->path);
    qw_index_writer_t *writer;
    qw_reason_t reason;
    assert_int_equal (qw_index_writer_new (&writer, first, false, &reason), QW_OK);
    qw_database_t *second = index_story (scene->path, &scene->story, SAMPLES);
    assert_int_equal (qw_index_writer_add (writer, qw_out_bytes (&scene->story.records), SAMPLES, &reason), QW_BUSY);
    qw_index_writer_destroy (&writer);
    qw_database_close (&first);
    qw_database_close (&second);
}

static void test_text_that_no_database_takes_keeps_its_offsets (void **state)
{
    scene_t *scene = *state;
    story_t story;
    const sample_t odd[] = {{.id = "odd", .text = "Lind says 'a'' \"b\" \x01 \xf0\x9f\x9a\xa2 -- x;"}};
    tell (&story, odd, 1);
    qw_database_t *database = index_story (scene->path, &story, 1);
    assert_rows (database, "SELECT text FROM quotes", "says 'a'' \"b\" \x01 \xf0\x9f\x9a\xa2 -- x;\n");
    assert_rows (database, "SELECT substr (d.text, q.start + 1, q.stop - q.start) = q.text FROM quotes q JOIN documents d"
                           " ON d.position = q.document", "1\n");
    qw_database_close (&database);
    qw_out_free (&story.records);
}

/* ---- questions ------------------------------------------------------------------------------------------------------- */

static void ask (qw_database_t *database, qw_index_question_t question, const char *expected)
{
    qw_json_out_t out = {0};
    qw_reason_t reason;
    if (qw_index_ask_quotes (database, &question, add_row, &out, &reason))
        fail_msg ("%s", reason.text);
    qw_json_put_raw (&out, "", 1);
    char ids[64] = "";
    for (char *line = out.data; *line; line = strchr (line, '\n') + 1) {
        char *id = strchr (line, '|') + 1;
        strncat (ids, id, strcspn (id, "|"));
    }
    assert_string_equal (ids, expected);
    qw_json_out_free (&out);
}

static void test_quotations_are_found_by_what_is_asked (void **state)
{
    scene_t *scene = *state;
    qw_database_t *database = index_story (scene->path, &scene->story, SAMPLES);
    ask (database, (qw_index_question_t){0}, "dcab"); /* the newest first, those without a date last */
    ask (database, (qw_index_question_t){.speaker = "ulm"}, "db");
    ask (database, (qw_index_question_t){.speaker = "person:lind"}, "ca");
    ask (database, (qw_index_question_t){.speaker = "Ulm Lind"}, "");
    ask (database, (qw_index_question_t){.said = "harbour"}, "a");
    ask (database, (qw_index_question_t){.said = "cafe"}, "b");
    ask (database, (qw_index_question_t){.said = "says -nothing"}, "ab");
    ask (database, (qw_index_question_t){.said = "\"stay closed\""}, "b");
    ask (database, (qw_index_question_t){.said = "\"closed stay\""}, "");
    ask (database, (qw_index_question_t){.since = "2014-11"}, "dc");
    ask (database, (qw_index_question_t){.until = "2014-11"}, "c");
    ask (database, (qw_index_question_t){.since = "2014-11-18", .until = "2014-11-18"}, "c");
    ask (database, (qw_index_question_t){.outlet = "times"}, "c");
    ask (database, (qw_index_question_t){.document = "b"}, "b");
    ask (database, (qw_index_question_t){.confidence = 91}, "");
    ask (database, (qw_index_question_t){.limit = 2}, "dc");
    ask (database, (qw_index_question_t){.distinct = true}, "dcab");
    ask (database, (qw_index_question_t){.about = "Lind"}, "");
    qw_database_close (&database);
}

static void test_whatever_is_typed_is_no_error (void **state)
{
    scene_t *scene = *state;
    qw_database_t *database = index_story (scene->path, &scene->story, SAMPLES);
    static const char *const typed[] = {"",    "\"",    "\"\"", "-",   "--",   "-closed", "AND",      "NOT", "a OR",  "(", ")*",
                                        "'",   "text:", "^a",   "*",   "NEAR", "+x",      "\xc2\xa0", ";",   "a\"b\"", "\"a",
                                        "\" -", "a -\"b c\" d", "- -a", "...", "\"...\" b", "-\""};
    unsigned chance = 1;
    for (unsigned i = 0; i < 400; i++) {
        char words[16] = "";
        for (unsigned j = 0; j < sizeof words - 1; j++)
            words[j] = "ab \"-*():^'+NOT"[(chance = chance * 1103515245 + 12345) >> 16 & 15 ? (chance >> 16) % 15 : 2];
        const char *said = i < sizeof typed / sizeof *typed ? typed[i] : words;
        qw_index_question_t question = {.said = said, .speaker = i % 2 ? said : NULL, .about = i % 3 ? said : NULL};
        qw_json_out_t out = {0};
        qw_reason_t reason;
        if (qw_index_ask_quotes (database, &question, add_row, &out, &reason)
            || qw_index_ask_speakers (database, &question, add_row, &out, &reason)
            || qw_index_ask_entities (database, &(qw_index_question_t){.name = said}, add_row, &out, &reason))
            fail_msg ("%s: %s", said, reason.text);
        qw_json_out_free (&out);
    }
    qw_database_close (&database);
}

/* ---- the source ------------------------------------------------------------------------------------------------------ */

static void test_an_index_of_another_corpus_is_refused (void **state)
{
    const place_t *place = ((scene_t *) *state)->place;
    make_corpus (place->corpus, 20, 5);
    qw_index_source_t *source;
    qw_batch_t batch;
    qw_reason_t reason;
    assert_int_equal (qw_index_source_open (&source, place->corpus, 1000, (qw_index_state_t){0}, &reason), QW_OK);
    assert_int_equal (qw_index_source_next (source, 1, &batch, &reason), QW_OK);
    assert_int_equal (batch.position, 0);
    qw_document_t document;
    size_t size = qw_document_size (batch.records.data, batch.records.size);
    assert_int_equal (qw_document_read (&document, batch.records.data, size, &reason), QW_OK);
    qw_index_source_close (&source);

    qw_index_state_t good = {1, document.crc32c}, wrong = {1, document.crc32c ^ 1}, beyond = {21, document.crc32c};
    assert_int_equal (qw_index_source_open (&source, place->corpus, 1000, good, &reason), QW_OK);
    assert_int_equal (qw_index_source_next (source, 1, &batch, &reason), QW_OK);
    assert_int_equal (batch.position, 1);
    qw_index_source_close (&source);
    assert_int_equal (qw_index_source_open (&source, place->corpus, 1000, wrong, &reason), QW_INVALID);
    assert_non_null (strstr (reason.text, "another corpus"));
    assert_int_equal (qw_index_source_open (&source, place->corpus, 1000, beyond, &reason), QW_INVALID);
    assert_null (source);
}

#define IN_SCENE(name) cmocka_unit_test_setup_teardown (name, set_up_scene, tear_down_scene)

int main (void)
{
    const struct CMUnitTest tests[] = {
        IN_SCENE (test_a_document_stands_in_it_as_it_is_now),
        IN_SCENE (test_it_does_not_matter_how_records_were_batched),
        IN_SCENE (test_a_record_that_cannot_be_read_leaves_the_index_as_it_was),
        IN_SCENE (test_a_second_writer_is_noticed),
        IN_SCENE (test_text_that_no_database_takes_keeps_its_offsets),
        IN_SCENE (test_quotations_are_found_by_what_is_asked),
        IN_SCENE (test_whatever_is_typed_is_no_error),
        IN_SCENE (test_an_index_of_another_corpus_is_refused),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
