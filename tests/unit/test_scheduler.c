/*  test_scheduler.c - the scheduler by examples: the window, the sink, sessions and tasks. Blame and stragglers have
    test_scheduler_workers.c; what it does under thousands of crashes is test_simulation.c's. */
#include "tests/unit/scheduler_words.h"

/* ---- the window ---------------------------------------------------------------------------------------------------- */

static void the_window_is_full_at_its_number_of_documents (void **state)
{
    (void) state;
    qw_scheduler_options_t options = usual;
    options.window_documents = 2;
    qw_scheduler_t *scheduler = qw_scheduler_new (&options);
    offer (scheduler, 0, 1, 10);
    assert_true (qw_scheduler_has_room (scheduler));
    offer (scheduler, 1, 1, 10);
    assert_false (qw_scheduler_has_room (scheduler));
    qw_scheduler_destroy (&scheduler, NULL);
    assert_null (scheduler);
}

static void one_document_may_be_larger_than_the_window (void **state)
{
    (void) state;
    qw_scheduler_t *scheduler = qw_scheduler_new (&usual);
    assert_true (qw_scheduler_has_room (scheduler));
    offer (scheduler, 0, 1, 1 << 20);
    assert_false (qw_scheduler_has_room (scheduler));
    assert_int_equal (stats_of (scheduler).open_bytes, 1 << 20);
    qw_scheduler_destroy (&scheduler, NULL);
}

static void a_release_makes_room (void **state)
{
    (void) state;
    qw_scheduler_options_t options = usual;
    options.window_documents = 1;
    qw_scheduler_t *scheduler = running (&options, 1, 1, 10);
    TELL (scheduler, 2, 'c', 0, QW_ANNOTATED, 0);
    assert_true (qw_scheduler_has_room (scheduler));
    expect_action (scheduler, QW_DO_RELEASE, 0);
    qw_scheduler_destroy (&scheduler, NULL);
}

static size_t handed_back;
static void take_back (void *payload) { handed_back += payload == &articles[1]; }

static void open_payloads_are_handed_back_at_the_end (void **state)
{
    (void) state;
    qw_scheduler_t *scheduler = running (&usual, 2, 1, 10);
    TELL (scheduler, 2, 'c', 0, QW_ANNOTATED, 0);
    expect_action (scheduler, QW_DO_RELEASE, 0);
    assert_ptr_equal (action.payloads[0], &articles[0]);
    handed_back = 0;
    qw_scheduler_destroy (&scheduler, take_back);
    assert_int_equal (handed_back, 1);
}

/* ---- the sink ------------------------------------------------------------------------------------------------------ */

static void documents_are_announced_in_order_and_by_numbers (void **state)
{
    (void) state;
    qw_scheduler_options_t options = usual;
    options.announce_bytes = 250; /* two of them */
    qw_scheduler_t *scheduler = qw_scheduler_new (&options);
    for (uint64_t i = 0; i < 3; i++)
        offer (scheduler, i, 1, 100);
    expect_action (scheduler, QW_DO_HELLO, 0);
    expect_nothing (scheduler, 0); /* not before WELCOME */
    qw_scheduler_sink_welcome (scheduler, SESSION, 0, 0, 0);
    expect_action (scheduler, QW_DO_ANNOUNCE, 0);
    assert_int_equal (action.session, SESSION);
    assert_int_equal (action.number, 1);
    assert_int_equal (action.sequence, 0);
    assert_int_equal (action.payload_count, 2);
    assert_ptr_equal (action.payloads[1], &articles[1]);
    expect_action (scheduler, QW_DO_ANNOUNCE, 0);
    assert_int_equal (action.number, 2);
    assert_int_equal (action.sequence, 2);
    assert_int_equal (action.payload_count, 1);
    expect_nothing (scheduler, 0);
    qw_scheduler_destroy (&scheduler, NULL);
}

static void the_sinks_window_holds_announcements_back (void **state)
{
    (void) state;
    qw_scheduler_t *scheduler = qw_scheduler_new (&usual);
    for (uint64_t i = 0; i < 3; i++)
        offer (scheduler, i, 1, 100);
    expect_action (scheduler, QW_DO_HELLO, 0);
    qw_scheduler_sink_welcome (scheduler, SESSION, 5, 150, 0);
    expect_action (scheduler, QW_DO_ANNOUNCE, 0);
    assert_int_equal (action.payload_count, 1);
    expect_nothing (scheduler, 0);
    TELL (scheduler, 1, 'a', 0);
    TELL (scheduler, 2, 'c', 0, QW_ANNOTATED, 0);
    expect_action (scheduler, QW_DO_RELEASE, 0);
    expect_action (scheduler, QW_DO_ANNOUNCE, 0);
    assert_int_equal (action.sequence, 1);
    qw_scheduler_destroy (&scheduler, NULL);
}

static void no_task_goes_out_before_the_sink_has_the_document (void **state)
{
    (void) state;
    qw_scheduler_t *scheduler = qw_scheduler_new (&usual);
    offer (scheduler, 0, 1, 10);
    qw_scheduler_worker_hello (scheduler, 1, ALL, 4, 0);
    greet (scheduler, SESSION, 0);
    expect_action (scheduler, QW_DO_ANNOUNCE, 0);
    expect_nothing (scheduler, 0);
    TELL (scheduler, 1, 'a', 0);
    expect_task (scheduler, 1, 0, 0, 1, 0);
    assert_int_equal (action.session, SESSION);
    assert_int_equal (action.layer_mask, ALL);
    qw_scheduler_destroy (&scheduler, NULL);
}

/* I2 */
static void a_document_is_released_when_it_is_committed_and_not_before (void **state)
{
    (void) state;
    qw_scheduler_t *scheduler = running (&usual, 1, 1, 10);
    qw_scheduler_source_ended (scheduler);
    qw_scheduler_worker_hello (scheduler, 1, ALL, 1, 0);
    expect_task (scheduler, 1, 0, 0, 1, 0);
    qw_scheduler_worker_done (scheduler, 1, action.task, 10);
    TELL (scheduler, 2, 'r', 0, 0, ALL);
    expect_nothing (scheduler, 10);
    assert_false (qw_scheduler_finished (scheduler));
    TELL (scheduler, 3, 'c', 0, QW_ANNOTATED, 5);
    expect_action (scheduler, QW_DO_RELEASE, 10);
    assert_int_equal (action.sequence, 0);
    assert_int_equal (action.outcome, QW_ANNOTATED);
    assert_int_equal (action.position, 5);
    assert_ptr_equal (action.payloads[0], &articles[0]);
    assert_true (qw_scheduler_finished (scheduler));
    qw_scheduler_destroy (&scheduler, NULL);
}

static void a_known_document_is_released_without_any_work (void **state)
{
    (void) state;
    qw_scheduler_t *scheduler = qw_scheduler_new (&usual);
    offer (scheduler, 0, 1, 10);
    qw_scheduler_worker_hello (scheduler, 1, ALL, 1, 0);
    greet (scheduler, SESSION, 0);
    expect_action (scheduler, QW_DO_ANNOUNCE, 0);
    TELL (scheduler, 1, 'c', 0, QW_KNOWN, 0);
    expect_action (scheduler, QW_DO_RELEASE, 0);
    expect_nothing (scheduler, 0);
    assert_int_equal (stats_of (scheduler).known, 1);
    qw_scheduler_destroy (&scheduler, NULL);
}

static void a_document_without_chunks_needs_no_worker (void **state)
{
    (void) state;
    qw_scheduler_t *scheduler = running (&usual, 1, 0, 0);
    qw_scheduler_worker_hello (scheduler, 1, ALL, 1, 0);
    expect_nothing (scheduler, 0);
    TELL (scheduler, 2, 'c', 0, QW_FAILED, 0);
    expect_action (scheduler, QW_DO_RELEASE, 0);
    assert_int_equal (stats_of (scheduler).failed, 1);
    qw_scheduler_destroy (&scheduler, NULL);
}

/* ---- sessions ------------------------------------------------------------------------------------------------------ */

static void a_lost_progress_begins_a_new_session (void **state)
{
    (void) state;
    qw_scheduler_t *scheduler = running (&usual, 1, 1, 10);
    TELL (scheduler, 1, 'a', 0); /* a repetition is nothing */
    expect_nothing (scheduler, 0);
    TELL (scheduler, 3, 'r', 0, 0, ALL); /* 2 is missing */
    expect_action (scheduler, QW_DO_HELLO, 0);
    qw_scheduler_destroy (&scheduler, NULL);
}

static void the_sinks_heartbeat_shows_that_the_last_progress_was_lost (void **state)
{
    (void) state;
    qw_scheduler_t *scheduler = running (&usual, 1, 1, 10);
    qw_scheduler_sink_heartbeat (scheduler, SESSION, 1, 0);
    expect_nothing (scheduler, 0);
    qw_scheduler_sink_heartbeat (scheduler, SESSION - 1, 9, 0); /* of another session */
    expect_nothing (scheduler, 0);
    qw_scheduler_sink_heartbeat (scheduler, SESSION, 2, 0);
    expect_action (scheduler, QW_DO_HELLO, 0);
    qw_scheduler_destroy (&scheduler, NULL);
}

static void hello_is_said_again_when_no_welcome_comes (void **state)
{
    (void) state;
    qw_scheduler_t *scheduler = qw_scheduler_new (&usual);
    expect_action (scheduler, QW_DO_HELLO, 100);
    qw_scheduler_tick (scheduler, 399);
    expect_nothing (scheduler, 399);
    qw_scheduler_tick (scheduler, 400);
    expect_action (scheduler, QW_DO_HELLO, 400);
    qw_scheduler_destroy (&scheduler, NULL);
}

static void a_new_session_announces_again_what_is_not_released (void **state)
{
    (void) state;
    qw_scheduler_t *scheduler = running (&usual, 4, 1, 10);
    TELL (scheduler, 2, 'c', 0, QW_ANNOTATED, 0, 2, QW_KNOWN, 1);
    expect_action (scheduler, QW_DO_RELEASE, 0);
    expect_action (scheduler, QW_DO_RELEASE, 0);
    qw_scheduler_sink_lost (scheduler, 0);
    greet (scheduler, SESSION + 1, 0);
    expect_action (scheduler, QW_DO_ANNOUNCE, 0); /* 1, and then the hole that 2 left */
    assert_int_equal (action.session, SESSION + 1);
    assert_int_equal (action.number, 1);
    assert_int_equal (action.sequence, 1);
    assert_int_equal (action.payload_count, 1);
    expect_action (scheduler, QW_DO_ANNOUNCE, 0);
    assert_int_equal (action.number, 2);
    assert_int_equal (action.sequence, 3);
    qw_scheduler_destroy (&scheduler, NULL);
}

static void tasks_of_the_old_session_still_fill_the_credit (void **state)
{
    (void) state;
    qw_scheduler_t *scheduler = running (&usual, 1, 1, 10);
    qw_scheduler_worker_hello (scheduler, 1, ALL, 1, 0);
    expect_task (scheduler, 1, 0, 0, 1, 0);
    uint64_t old_task = action.task;
    qw_scheduler_sink_lost (scheduler, 0);
    greet (scheduler, SESSION, 0); /* the sink came back with the same number: the least lucky case */
    expect_action (scheduler, QW_DO_ANNOUNCE, 0);
    TELL (scheduler, 1, 'a', 0);
    expect_nothing (scheduler, 0);
    qw_scheduler_worker_done (scheduler, 1, old_task, 0);
    expect_task (scheduler, 1, 0, 0, 1, 0);
    qw_scheduler_destroy (&scheduler, NULL);
}

/* ---- tasks --------------------------------------------------------------------------------------------------------- */

static void small_pieces_share_a_task (void **state)
{
    (void) state;
    qw_scheduler_options_t options = usual;
    options.task_bytes = 250;
    qw_scheduler_t *scheduler = running (&options, 6, 1, 100);
    qw_scheduler_worker_hello (scheduler, 1, ALL, 1, 0);
    expect_task (scheduler, 1, 0, 0, 2, 0);
    assert_int_equal (action.pieces[1].sequence, 1);
    expect_nothing (scheduler, 0);
    qw_scheduler_destroy (&scheduler, NULL);
}

static void near_the_end_tasks_are_smaller_so_that_all_workers_have_some (void **state)
{
    (void) state;
    qw_scheduler_options_t options = usual;
    options.task_bytes = 250;
    qw_scheduler_t *scheduler = running (&options, 2, 1, 100);
    qw_scheduler_worker_hello (scheduler, 1, ALL, 1, 0);
    qw_scheduler_worker_hello (scheduler, 2, ALL, 1, 0);
    expect_task (scheduler, 1, 0, 0, 1, 0);
    expect_task (scheduler, 2, 1, 0, 1, 0);
    qw_scheduler_destroy (&scheduler, NULL);
}

/* I4 */
static void a_worker_never_has_more_tasks_than_credit (void **state)
{
    (void) state;
    qw_scheduler_t *scheduler = running (&usual, 5, 1, 10);
    qw_scheduler_worker_hello (scheduler, 1, ALL, 2, 0);
    expect_task (scheduler, 1, 0, 0, 1, 0);
    expect_task (scheduler, 1, 1, 0, 1, 0);
    expect_nothing (scheduler, 0);
    heartbeat (scheduler, 1, 1, 3, 0);
    expect_task (scheduler, 1, 2, 0, 1, 0);
    expect_nothing (scheduler, 0);
    qw_scheduler_destroy (&scheduler, NULL);
}

static void lowered_credit_takes_nothing_back_and_gives_nothing_more (void **state)
{
    (void) state;
    qw_scheduler_t *scheduler = running (&usual, 4, 1, 10);
    qw_scheduler_worker_hello (scheduler, 1, ALL, 2, 0);
    expect_task (scheduler, 1, 0, 0, 1, 0);
    uint64_t first = action.task;
    expect_task (scheduler, 1, 1, 0, 1, 0);
    uint64_t second = action.task;
    heartbeat (scheduler, 1, first, 1, 0);
    assert_int_equal (tasks_out (scheduler), 2);
    qw_scheduler_worker_done (scheduler, 1, first, 0);
    expect_nothing (scheduler, 0); /* one is out, and one is allowed */
    qw_scheduler_worker_done (scheduler, 1, second, 0);
    expect_task (scheduler, 1, 2, 0, 1, 0);
    qw_scheduler_worker_done (scheduler, 1, action.task, 0);
    heartbeat (scheduler, 1, 0, 0, 0); /* it drains: no credit at all */
    expect_nothing (scheduler, 0);
    qw_scheduler_destroy (&scheduler, NULL);
}

static void claims_of_endless_credit_have_an_end (void **state)
{
    (void) state;
    qw_scheduler_t *scheduler = running (&usual, 8, 16, 10);
    qw_scheduler_worker_hello (scheduler, 1, ALL, SIZE_MAX, 0);
    size_t count = 0;
    while (qw_scheduler_next (scheduler, &action, 0))
        count++;
    assert_int_equal (count, QW_MAX_CREDIT);
    qw_scheduler_destroy (&scheduler, NULL);
}

static void each_group_goes_to_workers_that_make_all_of_it (void **state)
{
    (void) state;
    qw_scheduler_options_t options = usual;
    options.groups[0] = TOKENS | ENTITIES;
    options.groups[1] = QUOTES;
    options.group_count = 2;
    qw_scheduler_t *scheduler = running (&options, 1, 1, 10);
    qw_scheduler_worker_hello (scheduler, 1, TOKENS, 4, 0); /* half of a group is none */
    expect_nothing (scheduler, 0);
    assert_int_equal (qw_scheduler_unserved (scheduler), TOKENS | ENTITIES);
    qw_scheduler_worker_hello (scheduler, 2, QUOTES, 4, 0);
    expect_task (scheduler, 2, 0, 0, 1, 0);
    assert_int_equal (action.layer_mask, QUOTES);
    expect_nothing (scheduler, 0);
    assert_int_equal (qw_scheduler_unserved (scheduler), TOKENS | ENTITIES);
    qw_scheduler_worker_hello (scheduler, 3, ALL, 4, 0);
    expect_task (scheduler, 3, 0, 0, 1, 0);
    assert_int_equal (action.layer_mask, TOKENS | ENTITIES);
    assert_int_equal (qw_scheduler_unserved (scheduler), 0);
    qw_scheduler_destroy (&scheduler, NULL);
}

static void a_group_is_received_when_all_its_layers_are (void **state)
{
    (void) state;
    qw_scheduler_t *scheduler = running (&usual, 1, 1, 10);
    qw_scheduler_worker_hello (scheduler, 1, ALL, 1, 0);
    expect_task (scheduler, 1, 0, 0, 1, 0);
    qw_scheduler_worker_done (scheduler, 1, action.task, 0);
    TELL (scheduler, 2, 'r', 0, 0, TOKENS, 0, 0, QUOTES);
    qw_scheduler_tick (scheduler, 500);
    expect_task (scheduler, 1, 0, 0, 1, 500); /* ENTITIES never came */
    qw_scheduler_worker_done (scheduler, 1, action.task, 500);
    TELL (scheduler, 3, 'r', 0, 0, ENTITIES);
    qw_scheduler_tick (scheduler, 1500);
    expect_nothing (scheduler, 1500);
    qw_scheduler_destroy (&scheduler, NULL);
}

static void a_result_that_does_not_arrive_is_made_again (void **state)
{
    (void) state;
    qw_scheduler_t *scheduler = running (&usual, 1, 1, 10);
    qw_scheduler_worker_hello (scheduler, 1, ALL, 1, 0);
    expect_task (scheduler, 1, 0, 0, 1, 0);
    qw_scheduler_worker_done (scheduler, 1, action.task, 100);
    qw_scheduler_tick (scheduler, 599);
    expect_nothing (scheduler, 599);
    qw_scheduler_tick (scheduler, 850);
    expect_task (scheduler, 1, 0, 0, 1, 850);
    assert_int_equal (stats_of (scheduler).redelivered, 1);
    assert_int_equal (stats_of (scheduler).struck, 0);
    qw_scheduler_destroy (&scheduler, NULL);
}

static void more_documents_than_the_first_ring_holds_keep_their_places (void **state)
{
    (void) state;
    qw_scheduler_options_t options = usual;
    options.window_documents = 200;
    qw_scheduler_t *scheduler = qw_scheduler_new (&options);
    for (uint64_t i = 0; i < 150; i++)
        offer (scheduler, i, 1, 1);
    greet (scheduler, SESSION, 0);
    for (uint64_t next = 0; next < 150; next += action.payload_count) {
        expect_action (scheduler, QW_DO_ANNOUNCE, 0);
        assert_int_equal (action.sequence, next);
        for (size_t i = 0; i < action.payload_count; i++)
            assert_ptr_equal (action.payloads[i], &articles[next + i]);
    }
    qw_scheduler_destroy (&scheduler, NULL);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (the_window_is_full_at_its_number_of_documents),
        cmocka_unit_test (one_document_may_be_larger_than_the_window),
        cmocka_unit_test (a_release_makes_room),
        cmocka_unit_test (open_payloads_are_handed_back_at_the_end),
        cmocka_unit_test (documents_are_announced_in_order_and_by_numbers),
        cmocka_unit_test (the_sinks_window_holds_announcements_back),
        cmocka_unit_test (no_task_goes_out_before_the_sink_has_the_document),
        cmocka_unit_test (a_document_is_released_when_it_is_committed_and_not_before),
        cmocka_unit_test (a_known_document_is_released_without_any_work),
        cmocka_unit_test (a_document_without_chunks_needs_no_worker),
        cmocka_unit_test (a_lost_progress_begins_a_new_session),
        cmocka_unit_test (the_sinks_heartbeat_shows_that_the_last_progress_was_lost),
        cmocka_unit_test (hello_is_said_again_when_no_welcome_comes),
        cmocka_unit_test (a_new_session_announces_again_what_is_not_released),
        cmocka_unit_test (tasks_of_the_old_session_still_fill_the_credit),
        cmocka_unit_test (small_pieces_share_a_task),
        cmocka_unit_test (near_the_end_tasks_are_smaller_so_that_all_workers_have_some),
        cmocka_unit_test (a_worker_never_has_more_tasks_than_credit),
        cmocka_unit_test (lowered_credit_takes_nothing_back_and_gives_nothing_more),
        cmocka_unit_test (claims_of_endless_credit_have_an_end),
        cmocka_unit_test (each_group_goes_to_workers_that_make_all_of_it),
        cmocka_unit_test (a_group_is_received_when_all_its_layers_are),
        cmocka_unit_test (a_result_that_does_not_arrive_is_made_again),
        cmocka_unit_test (more_documents_than_the_first_ring_holds_keep_their_places),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
