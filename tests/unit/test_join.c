/*  test_join.c - the join by examples. What it does under thousands of crashes is test_simulation.c's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/wire.h"
#include "sink/join.h"

enum { TOKENS = 0, ENTITIES = 1, BOTH = 3, SESSION = 7 };

/* Documents and results are the addresses of these; how often each was freed. */
static char documents[200], results[200];
static unsigned freed_documents, freed_results;
static void *last_freed;

static void free_document (void *document)
{
    freed_documents++;
    last_freed = document;
}

static void free_result (void *result)
{
    freed_results++;
    last_freed = result;
}

static qw_reason_t reason;
static qw_joined_t joined;
static qw_join_progress_t progress;

/* ---- words of the examples ----------------------------------------------------------------------------------------- */

/* A join in a session that wants two layers. */
static qw_join_t *running (size_t window_documents, size_t window_bytes)
{
    qw_join_t *join = qw_join_new (&(qw_join_options_t){window_documents, window_bytes, free_document, free_result});
    qw_join_begin (join, SESSION, BOTH);
    freed_documents = freed_results = 0;
    return join;
}

static void announce (qw_join_t *join, uint64_t sequence, uint32_t chunks)
{
    assert_int_equal (qw_join_announce (join, sequence, 10, chunks, &documents[sequence], &reason), QW_OK);
}

static bool give (qw_join_t *join, uint64_t sequence, uint32_t chunk, unsigned layer, size_t result)
{
    return qw_join_result (join, SESSION, sequence, chunk, layer, &results[result]);
}

static void complete (qw_join_t *join, uint64_t sequence)
{
    assert_true (give (join, sequence, 0, TOKENS, 0));
    assert_true (give (join, sequence, 0, ENTITIES, 1));
}

static void expect_numbers (qw_uints_t list, const uint64_t *numbers, size_t count)
{
    assert_int_equal (list.count, count);
    for (size_t i = 0; i < count; i++)
        assert_int_equal (list.items[i], numbers[i]);
}
#define EXPECT(list, ...)                                                                                                 \
    expect_numbers (list, (const uint64_t[]){__VA_ARGS__}, sizeof ((uint64_t[]){__VA_ARGS__}) / sizeof (uint64_t))

static void expect_ready (qw_join_t *join, uint64_t sequence)
{
    assert_true (qw_join_ready (join, &joined));
    assert_int_equal (joined.sequence, sequence);
    assert_ptr_equal (joined.document, &documents[sequence]);
}

/* ---- completeness and order ---------------------------------------------------------------------------------------- */

static void a_document_is_ready_when_every_chunk_has_every_layer (void **state)
{
    (void) state;
    qw_join_t *join = running (4, 1000);
    announce (join, 0, 2);
    assert_true (give (join, 0, 0, TOKENS, 0));
    assert_true (give (join, 0, 1, TOKENS, 1));
    assert_true (give (join, 0, 1, ENTITIES, 2));
    assert_false (qw_join_ready (join, &joined));
    assert_true (give (join, 0, 0, ENTITIES, 3));
    expect_ready (join, 0);
    assert_int_equal (joined.chunk_count, 2);
    assert_ptr_equal (joined.chunks[0].results[TOKENS], &results[0]);
    assert_ptr_equal (joined.chunks[0].results[ENTITIES], &results[3]);
    assert_ptr_equal (joined.chunks[1].results[TOKENS], &results[1]);
    assert_null (joined.chunks[1].reasons[TOKENS]);
    qw_join_destroy (&join);
    assert_null (join);
    assert_int_equal (freed_documents, 1);
    assert_int_equal (freed_results, 4);
}

/* I8 */
static void documents_leave_in_the_order_of_the_source (void **state)
{
    (void) state;
    qw_join_t *join = running (4, 1000);
    announce (join, 3, 1);
    announce (join, 4, 1);
    complete (join, 4);
    assert_false (qw_join_ready (join, &joined));
    complete (join, 3);
    expect_ready (join, 3);
    qw_join_staged (join, QW_ANNOTATED, 0);
    assert_ptr_equal (last_freed, &documents[3]);
    expect_ready (join, 4);
    qw_join_staged (join, QW_ANNOTATED, 1);
    assert_false (qw_join_ready (join, &joined));
    assert_int_equal (qw_join_open_documents (join), 0);
    assert_int_equal (qw_join_open_bytes (join), 0);
    qw_join_destroy (&join);
}

static void a_document_without_chunks_is_complete_at_once (void **state)
{
    (void) state;
    qw_join_t *join = running (4, 1000);
    announce (join, 0, 0);
    expect_ready (join, 0);
    assert_int_equal (joined.chunk_count, 0);
    qw_join_destroy (&join);
}

/* I3 */
static void the_first_result_wins (void **state)
{
    (void) state;
    qw_join_t *join = running (4, 1000);
    announce (join, 0, 1);
    assert_true (give (join, 0, 0, TOKENS, 0));
    assert_false (give (join, 0, 0, TOKENS, 1)); /* stays the caller's */
    assert_true (give (join, 0, 0, ENTITIES, 2));
    expect_ready (join, 0);
    assert_ptr_equal (joined.chunks[0].results[TOKENS], &results[0]);
    qw_join_destroy (&join);
    assert_int_equal (freed_results, 2);
}

static void what_was_given_up_is_a_hole_with_its_reason (void **state)
{
    (void) state;
    qw_join_t *join = running (4, 1000);
    announce (join, 0, 1);
    assert_true (give (join, 0, 0, TOKENS, 0));
    char text[] = "it kills workers, and more";
    qw_join_give_up (join, SESSION, 0, 0, BOTH, (qw_bytes_t){text, 16});
    memset (text, 'x', sizeof text - 1); /* the reason was copied */
    expect_ready (join, 0);
    assert_ptr_equal (joined.chunks[0].results[TOKENS], &results[0]); /* the first word counts */
    assert_null (joined.chunks[0].reasons[TOKENS]);
    assert_null (joined.chunks[0].results[ENTITIES]);
    assert_string_equal (joined.chunks[0].reasons[ENTITIES], "it kills workers");
    assert_false (give (join, 0, 0, ENTITIES, 1));
    qw_join_destroy (&join);
}

static void results_for_what_is_not_open_stay_the_callers (void **state)
{
    (void) state;
    qw_join_t *join = running (4, 1000);
    announce (join, 0, 1);
    assert_false (give (join, 1, 0, TOKENS, 0));                                     /* never announced */
    assert_false (give (join, 0, 1, TOKENS, 0));                                     /* no such chunk */
    assert_false (give (join, 0, 0, 2, 0));                                          /* not wanted */
    assert_false (give (join, 0, 0, QW_MAX_LAYERS, 0));                              /* no such layer */
    assert_false (qw_join_result (join, SESSION - 1, 0, 0, TOKENS, &results[0]));    /* another session's */
    qw_join_give_up (join, SESSION - 1, 0, 0, BOTH, QW_BYTES ("stale"));
    qw_join_give_up (join, SESSION, 0, 1, BOTH, QW_BYTES ("no such chunk"));
    assert_false (qw_join_ready (join, &joined));
    assert_int_equal (freed_results, 0);
    qw_join_destroy (&join);
}

static void a_result_finds_its_document (void **state)
{
    (void) state;
    qw_join_t *join = running (4, 1000);
    announce (join, 2, 1);
    announce (join, 5, 2);
    assert_ptr_equal (qw_join_document (join, SESSION, 5, 1), &documents[5]);
    assert_null (qw_join_document (join, SESSION, 5, 2));
    assert_null (qw_join_document (join, SESSION, 4, 0));
    assert_null (qw_join_document (join, SESSION - 1, 5, 0));
    qw_join_destroy (&join);
}

/* ---- the window ---------------------------------------------------------------------------------------------------- */

/* I4 */
static void an_announcement_beyond_the_window_is_refused (void **state)
{
    (void) state;
    qw_join_t *join = running (2, 25);
    announce (join, 0, 1);
    announce (join, 1, 1);
    assert_int_equal (qw_join_announce (join, 2, 1, 1, &documents[2], &reason), QW_TOO_LARGE);
    assert_non_null (strstr (reason.text, "window"));
    assert_int_equal (qw_join_open_documents (join), 2);
    complete (join, 0);
    expect_ready (join, 0);
    qw_join_staged (join, QW_ANNOTATED, 0);
    assert_int_equal (qw_join_announce (join, 2, 16, 1, &documents[2], &reason), QW_TOO_LARGE); /* bytes */
    assert_int_equal (qw_join_announce (join, 2, 15, 1, &documents[2], &reason), QW_OK);
    assert_int_equal (qw_join_open_bytes (join), 25);
    qw_join_destroy (&join);
}

static void one_document_may_be_larger_than_the_window (void **state)
{
    (void) state;
    qw_join_t *join = running (2, 25);
    assert_int_equal (qw_join_announce (join, 0, 1000, 1, &documents[0], &reason), QW_OK);
    assert_int_equal (qw_join_announce (join, 1, 1, 1, &documents[1], &reason), QW_TOO_LARGE);
    qw_join_destroy (&join);
}

static void more_documents_than_the_first_ring_holds_keep_their_places (void **state)
{
    (void) state;
    qw_join_t *join = running (200, 10000);
    announce (join, 0, 1);
    complete (join, 0);
    expect_ready (join, 0);
    qw_join_staged (join, QW_ANNOTATED, 0); /* so that the ring does not begin at its beginning */
    for (uint64_t i = 1; i < 180; i++)
        announce (join, i, 1);
    for (uint64_t i = 179; i > 0; i--)
        complete (join, i);
    for (uint64_t i = 1; i < 180; i++) {
        expect_ready (join, i);
        qw_join_staged (join, QW_ANNOTATED, i);
    }
    assert_int_equal (qw_join_staged_count (join), 180);
    qw_join_destroy (&join);
}

/* ---- what the ventilator is told ----------------------------------------------------------------------------------- */

/* I1 */
static void nothing_is_told_as_committed_before_it_is (void **state)
{
    (void) state;
    qw_join_t *join = running (4, 1000);
    announce (join, 0, 0);
    announce (join, 1, 1);
    expect_ready (join, 0);
    qw_join_staged (join, QW_FAILED, 41);
    assert_int_equal (qw_join_staged_count (join), 1);
    assert_true (qw_join_progress (join, &progress));
    EXPECT (progress.accepted, 0, 1);
    assert_int_equal (progress.committed.count, 0);
    qw_join_committing (join);
    assert_int_equal (qw_join_staged_count (join), 0);
    assert_false (qw_join_has_progress (join));
    complete (join, 1);
    assert_true (qw_join_has_progress (join));
    assert_false (qw_join_has_urgent_progress (join)); /* receipts only */
    expect_ready (join, 1);
    qw_join_staged (join, QW_ANNOTATED, 42); /* while the disk is at work: of the next commit */
    assert_true (qw_join_progress (join, &progress));
    assert_int_equal (progress.committed.count, 0);
    qw_join_committed (join);
    assert_true (qw_join_has_urgent_progress (join));
    assert_true (qw_join_progress (join, &progress));
    EXPECT (progress.committed, 0, QW_FAILED, 41);
    assert_int_equal (progress.accepted.count, 0); /* told once */
    assert_int_equal (qw_join_staged_count (join), 1);
    qw_join_committing (join);
    qw_join_committed (join);
    assert_true (qw_join_progress (join, &progress));
    EXPECT (progress.committed, 1, QW_ANNOTATED, 42);
    qw_join_destroy (&join);
}

static void a_progress_has_the_next_number_and_is_not_said_for_nothing (void **state)
{
    (void) state;
    qw_join_t *join = running (4, 1000);
    assert_false (qw_join_progress (join, &progress));
    assert_int_equal (qw_join_last_progress (join), 0);
    for (uint64_t i = 0; i < 3; i++) {
        announce (join, i, 1);
        assert_true (qw_join_progress (join, &progress));
        assert_int_equal (progress.session, SESSION);
        assert_int_equal (progress.number, i + 1);
        assert_false (qw_join_progress (join, &progress));
    }
    assert_int_equal (qw_join_last_progress (join), 3);
    qw_join_destroy (&join);
}

static void a_known_document_is_told_at_once_and_needs_nothing (void **state)
{
    (void) state;
    qw_join_t *join = running (1, 1000);
    assert_int_equal (qw_join_announce_known (join, 0, QW_KNOWN, 12, &reason), QW_OK);
    assert_int_equal (qw_join_announce_known (join, 1, QW_KNOWN_FAILED, 13, &reason), QW_OK);
    assert_int_equal (qw_join_open_documents (join), 0); /* outside the window */
    assert_true (qw_join_progress (join, &progress));
    EXPECT (progress.committed, 0, QW_KNOWN, 12, 1, QW_KNOWN_FAILED, 13);
    assert_false (qw_join_ready (join, &joined));
    announce (join, 2, 1); /* it took its place in the order */
    assert_int_equal (qw_join_announce_known (join, 2, QW_KNOWN, 14, &reason), QW_INVALID);
    qw_join_destroy (&join);
}

static void every_result_counts_as_received_the_second_too (void **state)
{
    (void) state;
    qw_join_t *join = running (4, 1000);
    announce (join, 0, 1);
    assert_true (qw_join_progress (join, &progress));
    give (join, 0, 0, ENTITIES, 0);
    assert_true (qw_join_progress (join, &progress));
    EXPECT (progress.received, 0, 0, 1 << ENTITIES);
    give (join, 0, 0, ENTITIES, 1);
    assert_true (qw_join_progress (join, &progress));
    EXPECT (progress.received, 0, 0, 1 << ENTITIES);
    qw_join_destroy (&join);
}

static void layers_that_come_together_are_told_together (void **state)
{
    (void) state;
    qw_join_t *join = running (4, 1000);
    announce (join, 0, 2);
    announce (join, 1, 1);
    assert_true (qw_join_progress (join, &progress));
    give (join, 0, 0, TOKENS, 0);
    give (join, 0, 0, ENTITIES, 0);
    give (join, 0, 1, TOKENS, 0);
    give (join, 1, 0, TOKENS, 0);
    give (join, 0, 1, ENTITIES, 0);
    assert_true (qw_join_progress (join, &progress));
    EXPECT (progress.received, 0, 0, BOTH, 0, 1, 1 << TOKENS, 1, 0, 1 << TOKENS, 0, 1, 1 << ENTITIES);
    qw_join_destroy (&join);
}

/* Else the ventilator would go on asking for what will not come. */
static void what_a_worker_gives_up_counts_as_received (void **state)
{
    (void) state;
    qw_join_t *join = running (4, 1000);
    announce (join, 0, 1);
    assert_true (qw_join_progress (join, &progress));
    qw_join_give_up (join, SESSION, 0, 0, BOTH, QW_BYTES ("it is no language"));
    assert_true (qw_join_progress (join, &progress));
    EXPECT (progress.received, 0, 0, BOTH);
    qw_join_destroy (&join);
}

static void a_refused_result_is_told (void **state)
{
    (void) state;
    qw_join_t *join = running (4, 1000);
    announce (join, 0, 1);
    qw_join_refuse (join, SESSION - 1, 0, 0, BOTH); /* another session's */
    qw_join_refuse (join, SESSION, 0, 0, BOTH);
    assert_true (qw_join_progress (join, &progress));
    EXPECT (progress.refused, 0, 0, BOTH);
    assert_false (qw_join_ready (join, &joined));
    qw_join_destroy (&join);
}

/* ---- sessions and numbers ------------------------------------------------------------------------------------------ */

static void a_lost_message_of_the_ventilator_is_noticed (void **state)
{
    (void) state;
    qw_join_t *join = running (4, 1000);
    assert_int_equal (qw_join_number (join, SESSION, 1, &reason), QW_OK);
    assert_int_equal (qw_join_number (join, SESSION, 1, &reason), QW_EXISTS);
    assert_int_equal (qw_join_number (join, SESSION, 3, &reason), QW_INVALID);
    assert_int_equal (qw_join_number (join, SESSION, 2, &reason), QW_OK);
    assert_int_equal (qw_join_number (join, SESSION + 1, 3, &reason), QW_NOT_FOUND);
    assert_int_equal (qw_join_last (join, SESSION, 2, &reason), QW_OK);
    assert_int_equal (qw_join_last (join, SESSION, 3, &reason), QW_INVALID);
    assert_int_equal (qw_join_last (join, SESSION + 1, 2, &reason), QW_NOT_FOUND);
    qw_join_destroy (&join);
}

static void before_the_first_session_there_is_none (void **state)
{
    (void) state;
    qw_join_t *join = qw_join_new (&(qw_join_options_t){4, 1000, free_document, free_result});
    assert_int_equal (qw_join_session (join), 0);
    assert_int_equal (qw_join_number (join, 0, 1, &reason), QW_NOT_FOUND);
    assert_int_equal (qw_join_last (join, 0, 0, &reason), QW_NOT_FOUND);
    assert_false (qw_join_ready (join, &joined));
    assert_false (qw_join_progress (join, &progress));
    qw_join_destroy (&join);
}

static void documents_must_be_announced_in_order (void **state)
{
    (void) state;
    qw_join_t *join = running (4, 1000);
    announce (join, 5, 1);
    assert_int_equal (qw_join_announce (join, 5, 1, 1, &documents[5], &reason), QW_INVALID);
    assert_int_equal (qw_join_announce (join, 4, 1, 1, &documents[4], &reason), QW_INVALID);
    announce (join, 7, 1); /* 6 was released in an earlier session */
    assert_int_equal (freed_documents, 0);
    qw_join_destroy (&join);
    assert_int_equal (freed_documents, 2);
}

static void a_new_session_forgets_the_old_one (void **state)
{
    (void) state;
    qw_join_t *join = running (4, 1000);
    announce (join, 5, 1);
    announce (join, 6, 1);
    complete (join, 5);
    expect_ready (join, 5);
    qw_join_staged (join, QW_ANNOTATED, 0); /* and not committed */
    assert_int_equal (qw_join_number (join, SESSION, 1, &reason), QW_OK);
    qw_join_begin (join, SESSION + 1, BOTH);
    assert_int_equal (qw_join_session (join), SESSION + 1);
    assert_int_equal (freed_documents, 2);
    assert_int_equal (freed_results, 2);
    assert_int_equal (qw_join_open_documents (join) + qw_join_open_bytes (join) + qw_join_staged_count (join), 0);
    assert_false (qw_join_progress (join, &progress));
    qw_join_committing (join);
    qw_join_committed (join);
    assert_false (qw_join_progress (join, &progress)); /* it will be announced again, and known */
    assert_int_equal (qw_join_number (join, SESSION + 1, 1, &reason), QW_OK);
    announce (join, 5, 1);
    qw_join_destroy (&join);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_document_is_ready_when_every_chunk_has_every_layer),
        cmocka_unit_test (documents_leave_in_the_order_of_the_source),
        cmocka_unit_test (a_document_without_chunks_is_complete_at_once),
        cmocka_unit_test (the_first_result_wins),
        cmocka_unit_test (what_was_given_up_is_a_hole_with_its_reason),
        cmocka_unit_test (results_for_what_is_not_open_stay_the_callers),
        cmocka_unit_test (a_result_finds_its_document),
        cmocka_unit_test (an_announcement_beyond_the_window_is_refused),
        cmocka_unit_test (one_document_may_be_larger_than_the_window),
        cmocka_unit_test (more_documents_than_the_first_ring_holds_keep_their_places),
        cmocka_unit_test (nothing_is_told_as_committed_before_it_is),
        cmocka_unit_test (a_progress_has_the_next_number_and_is_not_said_for_nothing),
        cmocka_unit_test (a_known_document_is_told_at_once_and_needs_nothing),
        cmocka_unit_test (every_result_counts_as_received_the_second_too),
        cmocka_unit_test (layers_that_come_together_are_told_together),
        cmocka_unit_test (what_a_worker_gives_up_counts_as_received),
        cmocka_unit_test (a_refused_result_is_told),
        cmocka_unit_test (a_lost_message_of_the_ventilator_is_noticed),
        cmocka_unit_test (before_the_first_session_there_is_none),
        cmocka_unit_test (documents_must_be_announced_in_order),
        cmocka_unit_test (a_new_session_forgets_the_old_one),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
