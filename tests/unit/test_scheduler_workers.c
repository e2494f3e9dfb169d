/*  test_scheduler_workers.c - the scheduler by examples: workers that go, hang, err or are slow, and who is to blame. */
#include "tests/unit/scheduler_words.h"

/* ---- workers that go ----------------------------------------------------------------------------------------------- */

static void a_worker_that_says_goodbye_leaves_no_blame (void **state)
{
    (void) state;
    qw_scheduler_options_t options = usual;
    options.strikes = 1;
    qw_scheduler_t *scheduler = running (&options, 2, 1, 10);
    qw_scheduler_worker_hello (scheduler, 1, ALL, 2, 0);
    expect_task (scheduler, 1, 0, 0, 1, 0);
    expect_task (scheduler, 1, 1, 0, 1, 0);
    qw_scheduler_worker_lost (scheduler, 1, false, 0);
    assert_false (qw_scheduler_knows_worker (scheduler, 1));
    assert_int_equal (tasks_out (scheduler), 0);
    qw_scheduler_worker_hello (scheduler, 2, ALL, 2, 0);
    expect_task (scheduler, 2, 0, 0, 1, 0);
    expect_task (scheduler, 2, 1, 0, 1, 0);
    assert_int_equal (stats_of (scheduler).struck, 0);
    qw_scheduler_destroy (&scheduler, NULL);
}

static void only_the_head_of_a_dead_workers_queue_is_to_blame (void **state)
{
    (void) state;
    qw_scheduler_options_t options = usual;
    options.strikes = 1;
    qw_scheduler_t *scheduler = running (&options, 3, 1, 10);
    qw_scheduler_worker_hello (scheduler, 1, ALL, 3, 0);
    for (uint64_t i = 0; i < 3; i++)
        expect_task (scheduler, 1, i, 0, 1, 0);
    qw_scheduler_worker_lost (scheduler, 1, true, 0);
    expect_action (scheduler, QW_DO_GIVE_UP, 0);
    assert_int_equal (action.sequence, 0);
    assert_int_equal (action.layer_mask, ALL);
    assert_int_equal (action.strikes, 1);
    qw_scheduler_worker_hello (scheduler, 2, ALL, 3, 0);
    expect_task (scheduler, 2, 1, 0, 1, 0);
    expect_task (scheduler, 2, 2, 0, 1, 0);
    qw_scheduler_destroy (&scheduler, NULL);
}

static void a_suspect_task_is_split_before_anybody_is_struck (void **state)
{
    (void) state;
    qw_scheduler_options_t options = usual;
    options.task_bytes = 1000;
    options.strikes = 1;
    qw_scheduler_t *scheduler = running (&options, 4, 1, 100);
    qw_scheduler_worker_hello (scheduler, 1, ALL, 1, 0);
    expect_task (scheduler, 1, 0, 0, 2, 0); /* half of what is left: 0 and 1 */
    qw_scheduler_worker_lost (scheduler, 1, true, 0);
    assert_int_equal (stats_of (scheduler).struck, 0);
    qw_scheduler_worker_hello (scheduler, 2, ALL, 4, 0);
    expect_task (scheduler, 2, 0, 0, 1, 0);
    expect_task (scheduler, 2, 1, 0, 1, 0);
    expect_task (scheduler, 2, 2, 0, 1, 0);
    qw_scheduler_worker_lost (scheduler, 2, true, 0);
    expect_action (scheduler, QW_DO_GIVE_UP, 0);
    assert_int_equal (action.sequence, 0);
    expect_nothing (scheduler, 0);
    qw_scheduler_destroy (&scheduler, NULL);
}

static void a_piece_that_kills_is_given_up_after_its_strikes_and_every_session_is_told (void **state)
{
    (void) state;
    qw_scheduler_t *scheduler = running (&usual, 1, 2, 10);
    for (uint64_t worker = 1; worker <= 3; worker++) {
        qw_scheduler_worker_hello (scheduler, worker, ALL, 1, 0);
        expect_task (scheduler, worker, 0, 0, 1, 0);
        assert_int_equal (stats_of (scheduler).given_up, 0);
        qw_scheduler_worker_lost (scheduler, worker, true, 0);
    }
    assert_int_equal (stats_of (scheduler).struck, 3);
    expect_action (scheduler, QW_DO_GIVE_UP, 0);
    assert_int_equal (action.number, 2); /* ANNOUNCE was 1 */
    assert_int_equal (action.chunk, 0);
    assert_int_equal (action.strikes, 3);
    qw_scheduler_sink_lost (scheduler, 0);
    greet (scheduler, SESSION, 0);
    expect_action (scheduler, QW_DO_ANNOUNCE, 0);
    expect_nothing (scheduler, 0);
    TELL (scheduler, 1, 'a', 0);
    expect_action (scheduler, QW_DO_GIVE_UP, 0);
    assert_int_equal (action.number, 2);
    qw_scheduler_worker_hello (scheduler, 4, ALL, 1, 0);
    expect_task (scheduler, 4, 0, 1, 1, 0); /* the other chunk is made all the same */
    qw_scheduler_destroy (&scheduler, NULL);
}

static void a_silent_worker_is_expelled_when_its_lease_ends_and_its_head_is_struck (void **state)
{
    (void) state;
    qw_scheduler_t *scheduler = running (&usual, 2, 1, 10);
    for (uint64_t now = 0; now < 1000; now += 250)
        qw_scheduler_tick (scheduler, now);
    qw_scheduler_worker_hello (scheduler, 1, ALL, 2, 0);
    expect_task (scheduler, 1, 0, 0, 1, 0);
    expect_task (scheduler, 1, 1, 0, 1, 0);
    qw_scheduler_tick (scheduler, 999);
    expect_nothing (scheduler, 999);
    qw_scheduler_tick (scheduler, 1000);
    expect_action (scheduler, QW_DO_EXPEL, 1000);
    assert_int_equal (action.worker, 1);
    assert_false (qw_scheduler_knows_worker (scheduler, 1));
    assert_int_equal (stats_of (scheduler).struck, 1);
    assert_int_equal (tasks_out (scheduler), 0);
    qw_scheduler_destroy (&scheduler, NULL);
}

/* The head must not be taken back, blameless, while only the second task is fresh. */
static void the_head_of_a_hung_worker_keeps_its_lease_until_the_worker_loses_its_own (void **state)
{
    (void) state;
    qw_scheduler_options_t options = usual;
    options.strikes = 1;
    qw_scheduler_t *scheduler = running (&options, 3, 1, 10);
    for (uint64_t now = 0; now <= 1000; now += 250)
        qw_scheduler_tick (scheduler, now);
    qw_scheduler_worker_hello (scheduler, 1, ALL, 2, 0);
    expect_task (scheduler, 1, 0, 0, 1, 0);
    uint64_t done = action.task;
    expect_task (scheduler, 1, 1, 0, 1, 0);
    qw_scheduler_worker_done (scheduler, 1, done, 600); /* and then it hangs over document 1, sent at 0 */
    expect_task (scheduler, 1, 2, 0, 1, 600);
    qw_scheduler_tick (scheduler, 1300);
    assert_int_equal (tasks_out (scheduler), 2);
    qw_scheduler_tick (scheduler, 1600);
    expect_action (scheduler, QW_DO_EXPEL, 1600);
    expect_action (scheduler, QW_DO_GIVE_UP, 1600);
    assert_int_equal (action.sequence, 1);
    qw_scheduler_destroy (&scheduler, NULL);
}

static void a_task_that_its_worker_does_not_hold_lapses_without_blame (void **state)
{
    (void) state;
    qw_scheduler_t *scheduler = running (&usual, 1, 1, 10);
    qw_scheduler_worker_hello (scheduler, 1, ALL, 1, 0);
    expect_task (scheduler, 1, 0, 0, 1, 0); /* and the TASK is lost on the way */
    for (uint64_t now = 250; now <= 1000; now += 250) {
        expect_nothing (scheduler, now);
        heartbeat (scheduler, 1, 0, 1, now);
        qw_scheduler_tick (scheduler, now);
    }
    expect_task (scheduler, 1, 0, 0, 1, 1000);
    assert_int_equal (stats_of (scheduler).struck, 0);
    qw_scheduler_destroy (&scheduler, NULL);
}

static void heartbeats_renew_the_leases_of_slow_tasks (void **state)
{
    (void) state;
    qw_scheduler_t *scheduler = running (&usual, 1, 1, 10);
    qw_scheduler_worker_hello (scheduler, 1, ALL, 1, 0);
    expect_task (scheduler, 1, 0, 0, 1, 0);
    for (uint64_t now = 250; now <= 60000; now += 250) {
        heartbeat (scheduler, 1, action.task, 1, now);
        qw_scheduler_tick (scheduler, now);
        assert_int_equal (tasks_out (scheduler), 1);
    }
    expect_nothing (scheduler, 60000);
    qw_scheduler_destroy (&scheduler, NULL);
}

static void a_task_that_could_not_be_sent_is_not_to_blame (void **state)
{
    (void) state;
    qw_scheduler_options_t options = usual;
    options.strikes = 1;
    qw_scheduler_t *scheduler = running (&options, 2, 1, 10);
    qw_scheduler_worker_hello (scheduler, 1, ALL, 1, 0);
    expect_task (scheduler, 1, 0, 0, 1, 0);
    qw_scheduler_task_unsent (scheduler, 1, action.task);
    qw_scheduler_worker_lost (scheduler, 1, true, 0);
    assert_int_equal (stats_of (scheduler).struck, 0);
    assert_int_equal (tasks_out (scheduler), 0);
    qw_scheduler_worker_hello (scheduler, 2, ALL, 1, 0);
    expect_task (scheduler, 2, 0, 0, 1, 0);
    qw_scheduler_destroy (&scheduler, NULL);
}

static void the_ventilators_own_sleep_is_not_held_against_its_workers (void **state)
{
    (void) state;
    qw_scheduler_t *scheduler = running (&usual, 1, 1, 10);
    qw_scheduler_tick (scheduler, 100);
    qw_scheduler_worker_hello (scheduler, 1, ALL, 1, 100);
    expect_task (scheduler, 1, 0, 0, 1, 100);
    qw_scheduler_tick (scheduler, 3600000); /* the lid was shut */
    expect_nothing (scheduler, 3600000);
    assert_true (qw_scheduler_knows_worker (scheduler, 1));
    for (uint64_t now = 3600250; now <= 3601000; now += 250)
        qw_scheduler_tick (scheduler, now);
    expect_action (scheduler, QW_DO_EXPEL, 3601000); /* now it was silent while somebody listened */
    qw_scheduler_destroy (&scheduler, NULL);
}

static void a_ventilator_that_is_always_slow_still_ends_leases (void **state)
{
    (void) state;
    qw_scheduler_t *scheduler = running (&usual, 1, 1, 10);
    qw_scheduler_tick (scheduler, 100);
    qw_scheduler_worker_hello (scheduler, 1, ALL, 1, 100);
    expect_task (scheduler, 1, 0, 0, 1, 100);
    uint64_t now = 100;
    while (qw_scheduler_knows_worker (scheduler, 1) && now < 60000)
        qw_scheduler_tick (scheduler, now += 700);
    assert_true (now < 60000);
    expect_action (scheduler, QW_DO_EXPEL, now);
    qw_scheduler_destroy (&scheduler, NULL);
}

static void unknown_workers_and_tasks_are_ignored (void **state)
{
    (void) state;
    qw_scheduler_t *scheduler = running (&usual, 1, 1, 10);
    qw_scheduler_worker_done (scheduler, 9, 1, 0);
    heartbeat (scheduler, 9, 1, 5, 0);
    qw_scheduler_worker_lost (scheduler, 9, true, 0);
    expect_nothing (scheduler, 0);
    qw_scheduler_worker_hello (scheduler, 1, ALL, 1, 0);
    expect_task (scheduler, 1, 0, 0, 1, 0);
    qw_scheduler_worker_done (scheduler, 1, action.task + 1, 0);
    assert_int_equal (tasks_out (scheduler), 1);
    qw_scheduler_destroy (&scheduler, NULL);
}

/* ---- results that are not right ------------------------------------------------------------------------------------ */

static void a_refused_result_is_made_again_and_given_up_in_the_end (void **state)
{
    (void) state;
    qw_scheduler_t *scheduler = running (&usual, 1, 1, 10);
    qw_scheduler_worker_hello (scheduler, 1, ALL, 1, 0);
    for (uint64_t number = 2; number <= 4; number++) {
        expect_task (scheduler, 1, 0, 0, 1, 0);
        qw_scheduler_worker_done (scheduler, 1, action.task, 0);
        TELL (scheduler, number, 'f', 0, 0, ALL);
    }
    expect_action (scheduler, QW_DO_GIVE_UP, 0);
    expect_nothing (scheduler, 0);
    qw_scheduler_destroy (&scheduler, NULL);
}

/* ---- stragglers ---------------------------------------------------------------------------------------------------- */

static void an_idle_worker_takes_over_from_a_slow_one (void **state)
{
    (void) state;
    qw_scheduler_t *scheduler = running (&usual, 1, 1, 10);
    qw_scheduler_worker_hello (scheduler, 1, ALL, 1, 0);
    expect_task (scheduler, 1, 0, 0, 1, 0);
    uint64_t slow = action.task;
    qw_scheduler_worker_hello (scheduler, 2, ALL, 1, 0);
    expect_nothing (scheduler, 399); /* patience */
    expect_task (scheduler, 2, 0, 0, 1, 400);
    assert_int_not_equal (action.task, slow);
    qw_scheduler_worker_hello (scheduler, 3, ALL, 1, 400);
    expect_nothing (scheduler, 900); /* two are enough */
    qw_scheduler_worker_done (scheduler, 2, action.task, 900);
    TELL (scheduler, 2, 'r', 0, 0, ALL);
    TELL (scheduler, 3, 'c', 0, QW_ANNOTATED, 0);
    expect_action (scheduler, QW_DO_RELEASE, 900);
    qw_scheduler_worker_done (scheduler, 1, slow, 950); /* too late, and no harm */
    assert_int_equal (tasks_out (scheduler), 0);
    qw_scheduler_destroy (&scheduler, NULL);
}

static void there_are_no_stragglers_while_something_is_queued (void **state)
{
    (void) state;
    qw_scheduler_t *scheduler = running (&usual, 3, 1, 10);
    qw_scheduler_worker_hello (scheduler, 1, ALL, 1, 0);
    expect_task (scheduler, 1, 0, 0, 1, 0);
    qw_scheduler_worker_hello (scheduler, 2, ALL, 1, 900);
    expect_task (scheduler, 2, 1, 0, 1, 900);
    expect_nothing (scheduler, 900);
    qw_scheduler_destroy (&scheduler, NULL);
}

static void a_piece_in_two_hands_is_not_queued_when_one_of_them_goes (void **state)
{
    (void) state;
    qw_scheduler_t *scheduler = running (&usual, 1, 1, 10);
    qw_scheduler_worker_hello (scheduler, 1, ALL, 1, 0);
    expect_task (scheduler, 1, 0, 0, 1, 0);
    qw_scheduler_worker_hello (scheduler, 2, ALL, 1, 0);
    expect_task (scheduler, 2, 0, 0, 1, 400);
    qw_scheduler_worker_lost (scheduler, 2, false, 400);
    assert_int_equal (stats_of (scheduler).queued_pieces, 0);
    qw_scheduler_worker_lost (scheduler, 1, false, 400);
    assert_int_equal (stats_of (scheduler).queued_pieces, 1);
    qw_scheduler_destroy (&scheduler, NULL);
}

/* A suspect must be alone in every task that it is in: in company it would never be struck, and kill for ever. */
static void a_suspect_is_handed_to_a_second_worker_alone (void **state)
{
    (void) state;
    qw_scheduler_options_t options = usual;
    options.task_bytes = 1000;
    qw_scheduler_t *scheduler = running (&options, 4, 1, 100);
    qw_scheduler_worker_hello (scheduler, 1, ALL, 1, 0);
    expect_task (scheduler, 1, 0, 0, 2, 0);
    qw_scheduler_worker_hello (scheduler, 2, ALL, 2, 0);
    expect_task (scheduler, 2, 2, 0, 1, 0);
    uint64_t first = action.task;
    expect_task (scheduler, 2, 3, 0, 1, 0);
    qw_scheduler_worker_done (scheduler, 2, first, 0);
    qw_scheduler_worker_done (scheduler, 2, action.task, 0);
    TELL (scheduler, 2, 'r', 2, 0, ALL, 3, 0, ALL);
    expect_task (scheduler, 2, 0, 0, 2, 400); /* the straggler, both pieces of it */
    qw_scheduler_worker_lost (scheduler, 2, true, 400);
    qw_scheduler_worker_hello (scheduler, 3, ALL, 1, 400);
    expect_task (scheduler, 3, 0, 0, 1, 400);
    qw_scheduler_worker_lost (scheduler, 3, true, 400);
    assert_int_equal (stats_of (scheduler).struck, 1);
    qw_scheduler_destroy (&scheduler, NULL);
}

static void what_a_lost_worker_said_was_done_is_waited_for_a_second_only (void **state)
{
    (void) state;
    qw_scheduler_options_t options = usual;
    options.lease_ms = options.deliver_ms = 30000;
    /* given two pieces that two workers have done, and the sink has neither of them */
    qw_scheduler_t *scheduler = running (&options, 2, 1, 10);
    qw_scheduler_worker_hello (scheduler, 1, ALL, 1, 0);
    qw_scheduler_worker_hello (scheduler, 2, ALL, 1, 0);
    expect_task (scheduler, 1, 0, 0, 1, 0);
    uint64_t first = action.task;
    expect_task (scheduler, 2, 1, 0, 1, 0);
    qw_scheduler_worker_done (scheduler, 1, first, 100);
    qw_scheduler_worker_done (scheduler, 2, action.task, 100);
    /* when one of the workers dies: its result may have died with it */
    qw_scheduler_worker_lost (scheduler, 1, true, 1000);
    qw_scheduler_tick (scheduler, 1900);
    expect_nothing (scheduler, 1900);
    /* then its piece alone is handed out again a second later, and nobody is to blame */
    qw_scheduler_tick (scheduler, 2200);
    expect_task (scheduler, 2, 0, 0, 1, 2200);
    expect_nothing (scheduler, 2200);
    assert_int_equal (stats_of (scheduler).struck, 0);
    qw_scheduler_destroy (&scheduler, NULL);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_worker_that_says_goodbye_leaves_no_blame),
        cmocka_unit_test (only_the_head_of_a_dead_workers_queue_is_to_blame),
        cmocka_unit_test (a_suspect_task_is_split_before_anybody_is_struck),
        cmocka_unit_test (a_piece_that_kills_is_given_up_after_its_strikes_and_every_session_is_told),
        cmocka_unit_test (a_silent_worker_is_expelled_when_its_lease_ends_and_its_head_is_struck),
        cmocka_unit_test (the_head_of_a_hung_worker_keeps_its_lease_until_the_worker_loses_its_own),
        cmocka_unit_test (a_task_that_its_worker_does_not_hold_lapses_without_blame),
        cmocka_unit_test (heartbeats_renew_the_leases_of_slow_tasks),
        cmocka_unit_test (a_task_that_could_not_be_sent_is_not_to_blame),
        cmocka_unit_test (the_ventilators_own_sleep_is_not_held_against_its_workers),
        cmocka_unit_test (a_ventilator_that_is_always_slow_still_ends_leases),
        cmocka_unit_test (unknown_workers_and_tasks_are_ignored),
        cmocka_unit_test (a_refused_result_is_made_again_and_given_up_in_the_end),
        cmocka_unit_test (an_idle_worker_takes_over_from_a_slow_one),
        cmocka_unit_test (there_are_no_stragglers_while_something_is_queued),
        cmocka_unit_test (a_piece_in_two_hands_is_not_queued_when_one_of_them_goes),
        cmocka_unit_test (a_suspect_is_handed_to_a_second_worker_alone),
        cmocka_unit_test (what_a_lost_worker_said_was_done_is_waited_for_a_second_only),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
