/* Pipes and followed directories: sources that may have to wait for more. */
#include "source_fixture.h"

#include <poll.h>

/* Waits until the source's descriptor is readable; a broken one fails the test instead of hanging it. */
static void await (const qw_source_t *source)
{
    struct pollfd descriptor = {.fd = qw_source_wait_fd (source), .events = POLLIN};
    assert_int_equal (poll (&descriptor, 1, 20000), 1);
}

static void a_pipe_gives_what_is_there_and_says_when_there_is_more (void **state)
{
    (void) state;
    int ends[2], before = dup (STDIN_FILENO);
    assert_int_equal (pipe (ends), 0);
    assert_int_equal (dup2 (ends[0], STDIN_FILENO), STDIN_FILENO);
    close (ends[0]);
    qw_source_t *source = open_source (false, MAX_BYTES, "-");
    expect_status (source, QW_AGAIN);
    assert_int_equal (write (ends[1], "{\"text\":\"1\"}\n{\"te", 17), 17);
    await (source);
    expect_next (source, "-#1 1");
    expect_status (source, QW_AGAIN);
    struct pollfd descriptor = {.fd = qw_source_wait_fd (source), .events = POLLIN};
    assert_int_equal (poll (&descriptor, 1, 0), 0);
    assert_int_equal (write (ends[1], "xt\":\"2\"}", 8), 8);
    await (source);
    expect_status (source, QW_AGAIN);
    close (ends[1]);
    await (source);
    expect_next (source, "-#2 2");
    expect_status (source, QW_END);
    qw_source_destroy (&source);
    dup2 (before, STDIN_FILENO);
    close (before);
}

static void a_followed_directory_gives_each_whole_file_once (void **state)
{
    (void) state;
    mkdir ("d", 0755);
    write_text ("d/a.txt", "a");
    FILE *half = fopen ("d/half.txt", "w");
    fputs ("half", half);
    fflush (half);
    qw_source_t *source = open_source (true, MAX_BYTES, "d");
    expect_next (source, "d/a.txt a");
    expect_status (source, QW_AGAIN);
    fputs (" and whole", half);
    fclose (half);
    await (source);
    expect_next (source, "d/half.txt half and whole");
    expect_status (source, QW_AGAIN);

    write_text ("d/picture.jpg", "no");
    write_text ("d/.new.txt", "moved");
    expect_status (source, QW_AGAIN);
    assert_int_equal (rename ("d/.new.txt", "d/new.txt"), 0);
    expect_next (source, "d/new.txt moved");
    write_text ("d/a.txt", "again");
    expect_next (source, "d/a.txt again");
    expect_status (source, QW_AGAIN);

    qw_source_progress_t progress;
    qw_source_progress (source, &progress);
    assert_false (progress.total_is_final);
    qw_source_destroy (&source);
}

static void new_directories_are_followed_too (void **state)
{
    (void) state;
    mkdir ("d", 0755);
    qw_source_t *source = open_source (true, MAX_BYTES, "d");
    expect_status (source, QW_AGAIN);
    mkdir ("d/new", 0755);
    mkdir ("d/new/deep", 0755);
    write_text ("d/new/b.txt", "b");
    write_text ("d/new/deep/a.txt", "a");
    expect_next (source, "d/new/b.txt b");
    expect_next (source, "d/new/deep/a.txt a");
    expect_status (source, QW_AGAIN);
    write_text ("d/new/deep/c.jsonl", "{\"text\":\"c\"}");
    await (source);
    expect_next (source, "d/new/deep/c.jsonl#1 c");
    assert_int_equal (rename ("d/new", "d/old"), 0);
    expect_status (source, QW_AGAIN);
    write_text ("d/old/deep/e.txt", "e");
    expect_next (source, "d/old/deep/e.txt e");
    expect_status (source, QW_AGAIN);
    qw_source_destroy (&source);
}

/* Each file makes two events, of which the kernel keeps a limited number. */
static void what_the_kernel_loses_is_found_by_walking_again (void **state)
{
    (void) state;
    unsigned limit = 0;
    FILE *file = fopen ("/proc/sys/fs/inotify/max_queued_events", "r");
    if (!file || fscanf (file, "%u", &limit) != 1 || limit > 20000)
        limit = 0;
    if (file)
        fclose (file);
    mkdir ("d", 0755);
    qw_source_t *source = open_source (true, MAX_BYTES, "d");
    expect_status (source, QW_AGAIN);
    size_t count = limit / 2 + 1000, read = 0;
    for (size_t i = 0; i < count; i++) {
        char path[32];
        snprintf (path, sizeof path, "d/%zu.txt", i);
        write_text (path, path);
    }
    qw_record_t record;
    while (qw_source_next (source, &record) == QW_OK) {
        assert_null (record.failed.data);
        read++;
    }
    assert_int_equal (read, count);
    qw_source_destroy (&source);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        CASE (a_pipe_gives_what_is_there_and_says_when_there_is_more),
        CASE (a_followed_directory_gives_each_whole_file_once),
        CASE (new_directories_are_followed_too),
        CASE (what_the_kernel_loses_is_found_by_walking_again),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
