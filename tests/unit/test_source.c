#include "source_fixture.h"

#include <archive.h>
#include <archive_entry.h>

typedef struct {
    const char *name, *bytes;
    size_t size;
} member_t;

#define MEMBER(name, text)                                                                                                  \
    {                                                                                                                       \
        (name), (text), sizeof (text) - 1                                                                                   \
    }

/* Writes an archive; format 0: the only member compressed, without an archive around it. */
static void write_archive (const char *path, int format, int filter, const member_t *members, size_t count)
{
    struct archive *archive = archive_write_new ();
    assert_int_equal (format ? archive_write_set_format (archive, format) : archive_write_set_format_raw (archive),
                      ARCHIVE_OK);
    assert_int_equal (archive_write_add_filter (archive, filter), ARCHIVE_OK);
    assert_int_equal (archive_write_open_filename (archive, path), ARCHIVE_OK);
    for (size_t i = 0; i < count; i++) {
        struct archive_entry *entry = archive_entry_new ();
        archive_entry_set_pathname (entry, members[i].name);
        archive_entry_set_size (entry, (la_int64_t) members[i].size);
        archive_entry_set_filetype (entry, AE_IFREG);
        archive_entry_set_perm (entry, 0644);
        assert_int_equal (archive_write_header (archive, entry), ARCHIVE_OK);
        assert_int_equal (archive_write_data (archive, members[i].bytes, members[i].size), members[i].size);
        archive_entry_free (entry);
    }
    assert_int_equal (archive_write_close (archive), ARCHIVE_OK);
    archive_write_free (archive);
}

static void expect_all (const char *path, const char *const *expected, size_t count)
{
    qw_source_t *source = open_source (false, MAX_BYTES, path);
    for (size_t i = 0; i < count; i++)
        expect_next (source, expected[i]);
    expect_status (source, QW_END);
    expect_status (source, QW_END);
    qw_source_destroy (&source);
    assert_null (source);
}

#define EXPECT(path, ...)                                                                                                   \
    do {                                                                                                                    \
        const char *const expected[] = {__VA_ARGS__};                                                                       \
        expect_all ((path), expected, sizeof expected / sizeof *expected);                                                  \
    } while (0)

static void a_text_file_is_one_article_as_it_is_stored (void **state)
{
    (void) state;
    write_text ("a.txt", "\xef\xbb\xbfOne.\r\n\r\nTwo.\n");
    EXPECT ("a.txt", "a.txt One.\r\n\r\nTwo.\n");
    write_text ("b.txt", "Lee\x92s caf\xe9");
    EXPECT ("b.txt", "b.txt(WINDOWS-1252) Lee\xe2\x80\x99s caf\xc3\xa9");
}

static void the_id_of_a_text_is_its_hash (void **state)
{
    (void) state;
    qw_record_t record;
    write_text ("a.txt", "Same words");
    write_text ("b.jsonl", "{\"text\": \"Same words\"}\n{\"text\": \"Same words.\"}\n");
    qw_source_t *source = open_source (false, MAX_BYTES, "a.txt");
    assert_int_equal (qw_source_next (source, &record), QW_OK);
    char id[33];
    snprintf (id, sizeof id, "%.*s", (int) record.id.size, record.id.data);
    assert_int_equal (strspn (id, "0123456789abcdef"), 32);
    qw_source_destroy (&source);

    source = open_source (false, MAX_BYTES, "b.jsonl");
    assert_int_equal (qw_source_next (source, &record), QW_OK);
    assert_true (qw_bytes_are (record.id, id));
    assert_int_equal (qw_source_next (source, &record), QW_OK);
    assert_false (qw_bytes_are (record.id, id));
    qw_source_destroy (&source);
}

static void directories_come_in_the_order_of_bytes (void **state)
{
    (void) state;
    mkdir ("d", 0755);
    mkdir ("d/b", 0755);
    mkdir ("d/.git", 0755);
    mkdir ("d/photos.jpg", 0755);
    write_text ("d/c.txt", "c");
    write_text ("d/B.TXT", "B");
    write_text ("d/b/z.txt", "z");
    write_text ("d/a.jsonl", "{\"text\":\"j\"}\n");
    write_text ("d/.hidden.txt", "no");
    write_text ("d/.git/x.txt", "no");
    write_text ("d/notes.md", "no");
    write_text ("d/photos.jpg/q.txt", "q");
    EXPECT ("d", "d/B.TXT B", "d/a.jsonl#1 j", "d/b/z.txt z", "d/c.txt c", "d/photos.jpg/q.txt q");
    EXPECT ("d/", "d/B.TXT B", "d/a.jsonl#1 j", "d/b/z.txt z", "d/c.txt c", "d/photos.jpg/q.txt q");
}

static void links_in_a_circle_end (void **state)
{
    (void) state;
    mkdir ("d", 0755);
    mkdir ("d/e", 0755);
    write_text ("d/e/a.txt", "a");
    assert_int_equal (symlink ("../../d", "d/e/loop"), 0);
    assert_int_equal (symlink ("a.txt", "d/e/linked.txt"), 0);
    assert_int_equal (symlink ("nowhere", "d/e/lost.txt"), 0);
    EXPECT ("d", "d/e/a.txt a", "d/e/linked.txt a", "d/e/lost.txt failed=No such file");
}

static void names_that_are_not_utf8_are_spelt_out (void **state)
{
    (void) state;
    mkdir ("d", 0755);
    write_text ("d/caf\xe9.txt", "a");
    EXPECT ("d", "d/caf\\xE9.txt a");
}

static void texts_without_words_fail_and_tell_why (void **state)
{
    (void) state;
    mkdir ("d", 0755);
    write_text ("d/1.txt", "");
    write_text ("d/2.txt", " \r\n\t\n");
    write_bytes ("d/3.txt", "ab\0cd", 5);
    write_text ("d/4.txt", "\xe2\x80\x9cgood\xe2\x80\x9d and \xe2\x80");
    write_text ("d/5.txt", "The end");
    EXPECT ("d", "d/1.txt failed=the text is empty", "d/2.txt failed=the text is empty", "d/3.txt failed=NUL",
            "d/4.txt failed=damaged UTF-8", "d/5.txt The end");
}

static void a_text_above_the_limit_fails_and_the_next_is_read (void **state)
{
    (void) state;
    mkdir ("d", 0755);
    write_text ("d/1.txt", "0123456789");
    write_text ("d/2.txt", "0123456789a");
    write_text ("d/3.jsonl", "{\"text\":\"0123456789a\"}\n{\"text\":\"0123456789\"}\n");
    qw_source_t *source = open_source (false, 10, "d");
    expect_next (source, "d/1.txt 0123456789");
    expect_next (source, "d/2.txt failed=larger than the 10 bytes");
    expect_next (source, "d/3.jsonl#1 failed=10 are allowed");
    expect_next (source, "d/3.jsonl#2 0123456789");
    expect_status (source, QW_END);
    qw_source_destroy (&source);
}

static void a_line_without_end_fails_without_being_kept (void **state)
{
    (void) state;
    FILE *file = fopen ("a.jsonl", "wb");
    fputs ("{\"text\":\"", file);
    for (int i = 0; i < 3000000; i++)
        fputc ('x', file);
    fputs ("\"}\n{\"text\":\"after\"}", file);
    fclose (file);
    qw_source_t *source = open_source (false, 1000, "a.jsonl");
    expect_next (source, "a.jsonl#1 failed=the line is longer");
    expect_next (source, "a.jsonl#2 after");
    expect_status (source, QW_END);
    qw_source_destroy (&source);
}

static void json_lines_keep_their_numbers_and_broken_ones_fail_alone (void **state)
{
    (void) state;
    write_text (
        "a.jsonl",
        "{\"id\":\"x\",\"text\":\"one\"}\r\n\n  \n{\"text\":\"two\n{\"text\":\"three\"} extra\n[1]\n7\n{\"text\":7}\n{}\n"
        "{\"text\":\"a\",\"text\":\"b\"}\n{\"text\":\"\\u0000\"}\n{\"text\":\" \"}\n{\"text\":\"last\"}");
    EXPECT ("a.jsonl", "a.jsonl#1 one", "a.jsonl#4 failed=a.jsonl, line 4: not JSON", "a.jsonl#5 failed=not JSON",
            "a.jsonl#6 failed=not a JSON object", "a.jsonl#7 failed=not", "a.jsonl#8 failed=\"text\" is not a string",
            "a.jsonl#9 failed=no \"text\"",
            "a.jsonl#10 failed=", "a.jsonl#11 failed=", "a.jsonl#12 failed=the text is empty", "a.jsonl#13 last");
}

static void ids_are_kept_and_bad_ones_fail (void **state)
{
    (void) state;
    char line[1400], long_id[514];
    memset (long_id, 'i', 513);
    long_id[513] = 0;
    snprintf (line, sizeof line, "{\"text\":\"5\",\"id\":\"%s\"}\n{\"text\":\"6\",\"id\":\"%s\"}\n", long_id, long_id + 1);
    FILE *file = fopen ("a.jsonl", "w");
    fputs (
        "{\"id\":\"caf\\u00e9\",\"text\":\"1\"}\n{\"id\":-42,\"text\":\"2\"}\n{\"id\":1.5,\"text\":\"3\"}\n{\"id\":\"\",\"text\":\"4\"}\n",
        file);
    fputs (line, file);
    fputs ("{\"text\":null,\"id\":\"kept\"}\n{\"id\":null,\"text\":\"8\"}\n{\"id\":\"torn\",\"text\":\"9\n\n", file);
    fputs ("{\"id\":18446744073709551616,\"text\":\"10\"}", file);
    fclose (file);
    const struct {
        const char *line, *id;
    } expected[] = {{"a.jsonl#1 1", "caf\xc3\xa9"},        {"a.jsonl#2 2", "-42"},
                    {"a.jsonl#3 failed=\"id\"", NULL},     {"a.jsonl#4 failed=\"id\"", NULL},
                    {"a.jsonl#5 failed=512", NULL},        {"a.jsonl#6 6", long_id + 1},
                    {"a.jsonl#7 failed=\"text\"", "kept"}, {"a.jsonl#8 8", NULL},
                    {"a.jsonl#9 failed=not JSON", NULL},   {"a.jsonl#11 10", "18446744073709551616"}};
    qw_source_t *ids = open_source (false, MAX_BYTES, "a.jsonl"), *lines = open_source (false, MAX_BYTES, "a.jsonl");
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        qw_record_t record;
        expect_next (lines, expected[i].line);
        assert_int_equal (qw_source_next (ids, &record), QW_OK);
        if (expected[i].id)
            assert_true (qw_bytes_are (record.id, expected[i].id));
        else
            assert_int_equal (record.id.size, 32);
    }
    qw_source_destroy (&ids);
    qw_source_destroy (&lines);
}

static void other_members_become_metadata (void **state)
{
    (void) state;
    qw_record_t record;
    write_text ("a.jsonl",
                "{\"b\":[1,-2,2.5,true,null],\"id\":\"x\",\"a\":{\"k\":\"caf\\u00e9 \\ud83d\\udcf0\"},\"text\":\"t\"}\n");
    qw_source_t *source = open_source (false, MAX_BYTES, "a.jsonl");
    assert_int_equal (qw_source_next (source, &record), QW_OK);
    qw_mp_t map;
    qw_mp_open (&map, record.metadata.data, record.metadata.size, NULL);
    assert_int_equal (qw_mp_map (&map, "metadata"), 2);
    assert_true (qw_bytes_are (qw_mp_str (&map, "key"), "b"));
    assert_int_equal (qw_mp_array (&map, "b"), 5);
    assert_int_equal (qw_mp_int (&map, "b"), 1);
    assert_int_equal (qw_mp_int (&map, "b"), -2);
    assert_true (qw_mp_number (&map, "b") == 2.5);
    assert_true (qw_mp_bool (&map, "b"));
    assert_true (qw_mp_nil (&map));
    assert_true (qw_bytes_are (qw_mp_str (&map, "key"), "a"));
    assert_int_equal (qw_mp_map (&map, "a"), 1);
    assert_true (qw_bytes_are (qw_mp_str (&map, "k"), "k"));
    assert_true (qw_bytes_are (qw_mp_str (&map, "k"), "caf\xc3\xa9 \xf0\x9f\x93\xb0"));
    assert_int_equal (qw_mp_status (&map), QW_OK);
    qw_source_destroy (&source);
}

static void metadata_that_could_hurt_fails (void **state)
{
    (void) state;
    FILE *file = fopen ("a.jsonl", "w");
    fputs (
        "{\"text\":\"deep\",\"m\":[[[[[[[[[[[1]]]]]]]]]]]}\n{\"text\":\"deeper\",\"m\":[[[[[[[[[[[[1]]]]]]]]]]]]}\n{\"text\":\"many\",\"m\":[0",
        file);
    for (int i = 0; i < 200000; i++)
        fputs (",0", file);
    fputs ("]}\n{\"text\":\"keys\",\"m\":{\"k\":0", file);
    for (int i = 0; i < 1024; i++)
        fprintf (file, ",\"k%d\":0", i);
    fputs ("}}\n{\"text\":\"large\",\"m\":\"", file);
    for (int i = 0; i < MAX_BYTES; i++)
        fputc ('m', file);
    fputs ("\"}\n", file);
    fclose (file);
    EXPECT ("a.jsonl", "a.jsonl#1 deep", "a.jsonl#2 failed=deep", "a.jsonl#3 failed=values", "a.jsonl#4 failed=members",
            "a.jsonl#5 failed=bytes allowed");
}

static void lines_in_another_encoding_are_converted (void **state)
{
    (void) state;
    write_text ("a.jsonl",
                "{\"text\":\"plain\"}\n{\"text\":\"caf\xe9 on the corner of the street\"}\n{\"text\":\"caf\xc3\xa9\"}\n");
    EXPECT ("a.jsonl", "a.jsonl#1 plain", "a.jsonl#2(WINDOWS-1252) caf\xc3\xa9 on the corner of the street",
            "a.jsonl#3 caf\xc3\xa9");
    const char text[] = "\xef\xbb\xbf{\"text\":\"h\xc3\xa9\"}\n{\"text\":\"i\"}";
    write_bytes ("b.jsonl", text, sizeof text - 1);
    EXPECT ("b.jsonl", "b.jsonl#1 h\xc3\xa9", "b.jsonl#2 i");
    write_bytes ("c.jsonl", "\xff\xfe{\0\"\0t\0e\0x\0t\0\"\0:\0\"\0\xe9\0\"\0}\0\n\0", 28);
    EXPECT ("c.jsonl", "c.jsonl#1(UTF-16LE) \xc3\xa9");
}

static void texts_that_do_not_look_english_are_marked (void **state)
{
    (void) state;
    write_text ("a.jsonl", "{\"text\":\"The council said on Monday that the bridge would stay closed for repairs until the end of the "
                           "summer, and that drivers should use the old road.\"}\n"
                           "{\"text\":\"Der Rat teilte am Montag mit, die Brücke bleibe bis zum Ende des Sommers gesperrt, und "
                           "die Fahrer sollten die alte Straße am Hafen nehmen.\"}\n");
    qw_source_t *source = open_source (false, MAX_BYTES, "a.jsonl");
    for (int i = 0; i < 2; i++) {
        qw_record_t record;
        assert_int_equal (qw_source_next (source, &record), QW_OK);
        bool marked = memmem (record.source.data, record.source.size, "\xa7" "english\xc2", 9) != NULL; /* "english": false */
        assert_int_equal (marked, i == 1);
        assert_int_equal (qw_mp_scan (record.source.data, record.source.size, NULL), QW_OK);
    }
    qw_source_destroy (&source);
}

static void a_json_file_is_one_object_or_many (void **state)
{
    (void) state;
    write_text ("a.json", "{\n  \"id\": \"x\",\n  \"text\": \"brace } and \\\" inside\"\n}\n");
    EXPECT ("a.json", "a.json#1 brace } and \" inside");
    write_text ("b.json", " [ {\"text\":\"1\"},\n {\"text\":\n\"2\"} , {\"text\":7} ]\n");
    EXPECT ("b.json", "b.json#1 1", "b.json#2 2", "b.json#3 failed=b.json, record 3");
    write_text ("c.json", "{\"text\":\"1\"}\n{\"text\":\"2}\n{\"text\":\"3\"}\n");
    EXPECT ("c.json", "c.json#1 1", "c.json#2 failed=line 2", "c.json#3 3");
    write_text ("d.json", "{\"text\":\"1\n{\"text\":\"2\"}\n");
    EXPECT ("d.json", "d.json#1 failed=line 1", "d.json#2 2");
    write_text ("e.json", "{\n\"text\":\"1\"\n}\n{\n\"text\":\"2\"\n}\n");
    EXPECT ("e.json", "e.json#1 1", "e.json#2 2");
    write_text ("f.json", "[{\"text\":\"1\"}, 5, {\"text\":\"2\"}]");
    EXPECT ("f.json", "f.json#1 1", "f.json#2 failed=not a JSON object");
    write_text ("g.json", "[{\"text\":\"1\"}, {\"text\":\"2\"");
    EXPECT ("g.json", "g.json#1 1", "g.json#2 failed=not JSON", "g.json#3 failed=no end");
    write_text ("h.json", "[]");
    qw_source_t *source = open_source (false, MAX_BYTES, "h.json");
    expect_status (source, QW_END);
    qw_source_destroy (&source);
}

static void a_file_without_a_telling_name_is_told_by_its_content (void **state)
{
    (void) state;
    write_text ("story", "[Photo] A text that begins with a bracket");
    EXPECT ("story", "story [Photo] A text that begins with a bracket");
    write_text ("lines", "\n{\"text\":\"1\"}\n{\"text\":\"2\"}\n");
    EXPECT ("lines", "lines#2 1", "lines#3 2");
    write_text ("list", "[ {\"text\":\"1\"} ]");
    EXPECT ("list", "list#1 1");
}

static void compressed_files_are_read_as_what_is_in_them (void **state)
{
    (void) state;
    const member_t text[] = {MEMBER ("a", "A compressed text")},
                   lines[] = {MEMBER ("a", "{\"text\":\"1\"}\n{\"text\":\"2\"}\n")};
    const struct {
        const char *suffix;
        int filter;
    } kinds[] = {
        {"gz", ARCHIVE_FILTER_GZIP}, {"zst", ARCHIVE_FILTER_ZSTD}, {"xz", ARCHIVE_FILTER_XZ}, {"bz2", ARCHIVE_FILTER_BZIP2}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        char path[32], first[64], second[64];
        snprintf (path, sizeof path, "a.txt.%s", kinds[i].suffix);
        snprintf (first, sizeof first, "%s A compressed text", path);
        write_archive (path, 0, kinds[i].filter, text, 1);
        EXPECT (path, first);
        snprintf (path, sizeof path, "b.jsonl.%s", kinds[i].suffix);
        snprintf (first, sizeof first, "%s#1 1", path);
        snprintf (second, sizeof second, "%s#2 2", path);
        write_archive (path, 0, kinds[i].filter, lines, 1);
        EXPECT (path, first, second);
    }
    write_archive ("unnamed", 0, ARCHIVE_FILTER_GZIP, lines, 1);
    EXPECT ("unnamed", "unnamed#1 1", "unnamed#2 2");
}

static void archives_are_read_in_their_own_order (void **state)
{
    (void) state;
    const member_t members[] = {
        MEMBER ("z/second.txt", "second"), MEMBER ("./first.jsonl", "{\"text\":\"1\"}\n{\"text\":\"2"),
        MEMBER ("photo.jpg", "no"),        MEMBER ("d/.hidden.txt", "no"),
        MEMBER ("__MACOSX/d.txt", "no"),   MEMBER ("caf\xc3\xa9.txt", "last")};
    write_archive ("a.zip", ARCHIVE_FORMAT_ZIP, ARCHIVE_FILTER_NONE, members, 6);
    EXPECT ("a.zip", "a.zip:z/second.txt second", "a.zip:first.jsonl#1 1", "a.zip:first.jsonl#2 failed=line 2",
            "a.zip:caf\xc3\xa9.txt last");
    write_archive ("a.tar.zst", ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_ZSTD, members, 6);
    EXPECT ("a.tar.zst", "a.tar.zst:z/second.txt second", "a.tar.zst:first.jsonl#1 1",
            "a.tar.zst:first.jsonl#2 failed=line 2", "a.tar.zst:caf\xc3\xa9.txt last");
    write_archive ("a.tar", ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_NONE, members, 1);
    EXPECT ("a.tar", "a.tar:z/second.txt second");
}

static char *read_all (const char *path, size_t *size)
{
    FILE *file = fopen (path, "rb");
    assert_non_null (file);
    char *bytes = malloc (1 << 20);
    *size = fread (bytes, 1, 1 << 20, file);
    fclose (file);
    return bytes;
}

static void archives_within_archives_are_read_to_a_depth (void **state)
{
    (void) state;
    const member_t text[] = {MEMBER ("a.txt", "inner")};
    write_archive ("0.zip", ARCHIVE_FORMAT_ZIP, ARCHIVE_FILTER_NONE, text, 1);
    for (int i = 1; i < 8; i++) {
        char from[16], to[16];
        snprintf (from, sizeof from, "%d.zip", i - 1);
        snprintf (to, sizeof to, "%d.zip", i);
        member_t members[] = {{from, NULL, 0}, MEMBER ("z.txt", "beside")};
        char *bytes = read_all (from, &members[0].size);
        members[0].bytes = bytes;
        write_archive (to, ARCHIVE_FORMAT_ZIP, ARCHIVE_FILTER_NONE, members, 2);
        free (bytes);
    }
    EXPECT ("2.zip", "2.zip:1.zip:0.zip:a.txt inner", "2.zip:1.zip:z.txt beside", "2.zip:z.txt beside");
    EXPECT ("7.zip", "7.zip:6.zip:5.zip:4.zip:3.zip:2.zip failed=too deep", "7.zip:6.zip:5.zip:4.zip:3.zip:z.txt beside",
            "7.zip:6.zip:5.zip:4.zip:z.txt beside", "7.zip:6.zip:5.zip:z.txt beside", "7.zip:6.zip:z.txt beside",
            "7.zip:z.txt beside");
}

static void what_unpacks_too_large_fails_and_its_neighbours_are_read (void **state)
{
    (void) state;
    size_t size = 32 << 20;
    char *zeros = malloc (size);
    memset (zeros, '0', size);
    const member_t members[] = {
        MEMBER ("1.txt", "one"), {"2.txt", zeros, size}, {"3.jsonl", zeros, size}, MEMBER ("4.txt", "four")};
    write_archive ("a.tgz", ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_GZIP, members, 4);
    free (zeros);
    EXPECT ("a.tgz", "a.tgz:1.txt one", "a.tgz:2.txt failed=larger", "a.tgz:3.jsonl#1 failed=longer", "a.tgz:4.txt four");
}

static void a_damaged_archive_fails_and_the_next_path_is_read (void **state)
{
    (void) state;
    mkdir ("d", 0755);
    const member_t members[] = {MEMBER ("1.txt", "one"), MEMBER ("2.txt", "two"), MEMBER ("3.txt", "three")};
    write_archive ("whole.tgz", ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_GZIP, members, 3);
    size_t size;
    char *bytes = read_all ("whole.tgz", &size);
    write_bytes ("d/a.tgz", bytes, 20);
    free (bytes);
    write_archive ("whole.tar", ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_NONE, members, 3);
    bytes = read_all ("whole.tar", &size);
    write_bytes ("d/b.tar", bytes, 512 + 512 + 512 + 1);
    free (bytes);
    write_bytes ("d/c.jsonl.gz", "\x1f\x8b\x08\0\0\0\0\0\0\3nonsense", 18);
    write_text ("d/d.txt", "after");
    EXPECT ("d", "d/a.tgz failed=", "d/b.tar:1.txt one", "d/b.tar:2.txt failed=the archive is damaged",
            "d/c.jsonl.gz failed=", "d/d.txt after");
}

static void paths_that_are_not_there_are_told_at_once (void **state)
{
    (void) state;
    const char *paths[] = {"missing.txt"}, *twice[] = {"-", "-"};
    qw_source_options_t options = {.max_document_bytes = 100};
    qw_reason_t reason = {""};
    assert_null (qw_source_new (paths, 1, &options, &reason));
    assert_non_null (strstr (reason.text, "missing.txt"));
    assert_null (qw_source_new (twice, 2, &options, &reason));
}

static void progress_ends_at_the_size_of_all_files (void **state)
{
    (void) state;
    mkdir ("d", 0755);
    write_text ("d/a.txt", "12345");
    write_text ("d/b.jsonl", "{\"text\":\"1\"}\n");
    write_text ("d/c.pdf", "not counted");
    qw_source_t *source = open_source (false, MAX_BYTES, "d");
    qw_source_progress_t progress;
    expect_next (source, "d/a.txt 12345");
    qw_source_progress (source, &progress);
    assert_int_equal (progress.bytes_total, 18);
    assert_true (progress.total_is_final);
    expect_next (source, "d/b.jsonl#1 1");
    expect_status (source, QW_END);
    qw_source_progress (source, &progress);
    assert_int_equal (progress.bytes_read, 18);
    qw_source_destroy (&source);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        CASE (a_text_file_is_one_article_as_it_is_stored),
        CASE (the_id_of_a_text_is_its_hash),
        CASE (directories_come_in_the_order_of_bytes),
        CASE (links_in_a_circle_end),
        CASE (names_that_are_not_utf8_are_spelt_out),
        CASE (texts_without_words_fail_and_tell_why),
        CASE (a_text_above_the_limit_fails_and_the_next_is_read),
        CASE (a_line_without_end_fails_without_being_kept),
        CASE (json_lines_keep_their_numbers_and_broken_ones_fail_alone),
        CASE (ids_are_kept_and_bad_ones_fail),
        CASE (other_members_become_metadata),
        CASE (metadata_that_could_hurt_fails),
        CASE (lines_in_another_encoding_are_converted),
        CASE (texts_that_do_not_look_english_are_marked),
        CASE (a_json_file_is_one_object_or_many),
        CASE (a_file_without_a_telling_name_is_told_by_its_content),
        CASE (compressed_files_are_read_as_what_is_in_them),
        CASE (archives_are_read_in_their_own_order),
        CASE (archives_within_archives_are_read_to_a_depth),
        CASE (what_unpacks_too_large_fails_and_its_neighbours_are_read),
        CASE (a_damaged_archive_fails_and_the_next_path_is_read),
        CASE (paths_that_are_not_there_are_told_at_once),
        CASE (progress_ends_at_the_size_of_all_files),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
