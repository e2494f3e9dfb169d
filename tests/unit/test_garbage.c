/*  test_garbage.c - whatever a sink, a ventilator or a worker says, the scheduler and the join stay whole and within their
    bounds (I4). Numbers are partly near the right ones and partly wild; a sanitizer build sees what leaves the memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "sink/join.h"
#include "tests/simulation/chance.h"
#include "ventilator/scheduler.h"

enum { ROUNDS = 60, EVENTS = 1500, WINDOW = 6, NUMBERS = 30 };

static chance_t chance;

/* Mostly small, sometimes one near a border, sometimes anything. */
static uint64_t number (uint64_t small)
{
    switch (chance_below (&chance, 12)) {
    case 0: return chance_next (&chance);
    case 1: return UINT64_MAX - chance_below (&chance, 3);
    case 2: return (1ull << 32) - 1 + chance_below (&chance, 3);
    default: return chance_below (&chance, small);
    }
}

static void fill (uint64_t *numbers, uint64_t small)
{
    for (size_t i = 0; i < NUMBERS; i++)
        numbers[i] = number (small);
}

/* ---- the scheduler ------------------------------------------------------------------------------------------------- */

static uint64_t session, progress_number, newest_task;

static void garbage_from_sink (qw_scheduler_t *scheduler, uint64_t now)
{
    uint64_t lists[4][NUMBERS];
    for (size_t i = 0; i < 4; i++)
        fill (lists[i], 12);
    size_t counts[4];
    for (size_t i = 0; i < 4; i++)
        counts[i] = (size_t) chance_below (&chance, 7) * (chance_below (&chance, 3) == 0);
    bool fitting = chance_below (&chance, 20) > 0;
    qw_sink_progress_t progress = {.session = fitting ? session : number (5),
                                   .number = fitting ? ++progress_number : number (5),
                                   .accepted = lists[0],
                                   .received = lists[1],
                                   .refused = lists[2],
                                   .committed = lists[3],
                                   .accepted_count = counts[0],
                                   .received_count = counts[1],
                                   .refused_count = counts[2],
                                   .committed_count = counts[3]};
    qw_scheduler_progress (scheduler, &progress, now);
}

static void garbage_from_worker (qw_scheduler_t *scheduler, uint64_t now)
{
    uint64_t held[NUMBERS], worker = number (5);
    fill (held, newest_task + 1);
    switch (chance_below (&chance, 6)) {
    case 0:
        worker = chance_below (&chance, 5);
        qw_scheduler_worker_hello (scheduler, worker, (uint32_t) number (8), (size_t) number (4), now);
        assert_true (qw_scheduler_knows_worker (scheduler, worker));
        break;
    case 1:
        qw_scheduler_worker_heartbeat (scheduler, worker, held, chance_below (&chance, NUMBERS), (size_t) number (4), now);
        break;
    case 2: qw_scheduler_worker_lost (scheduler, worker, chance_below (&chance, 2), now); break;
    case 3: qw_scheduler_task_unsent (scheduler, worker, number (newest_task + 1)); break;
    default: qw_scheduler_worker_done (scheduler, worker, number (newest_task + 1), now); break;
    }
}

static void obey (qw_scheduler_t *scheduler, uint64_t now)
{
    qw_action_t action;
    size_t count = 0;
    while (qw_scheduler_next (scheduler, &action, now)) {
        assert_true (++count < 5000);
        assert_true (action.payload_count <= QW_MAX_ANNOUNCED && action.piece_count <= QW_MAX_TASK_PIECES);
        if (action.what == QW_DO_HELLO) {
            progress_number = 0;
            qw_scheduler_sink_welcome (scheduler, ++session, (size_t) number (5), (size_t) number (500), now);
        } else if (action.what == QW_DO_TASK)
            newest_task = action.task;
        else if (action.what == QW_DO_RELEASE)
            free (action.payloads[0]);
    }
}

static void check_bounds (qw_scheduler_t *scheduler, uint64_t now)
{
    qw_scheduler_stats_t stats;
    qw_worker_stats_t workers[8];
    qw_scheduler_stats (scheduler, &stats);
    assert_true (stats.open_documents <= WINDOW);
    assert_int_equal (stats.offered - stats.released, stats.open_documents);
    assert_true (stats.queued_pieces <= stats.open_documents * 3 * 2);
    size_t count = qw_scheduler_workers (scheduler, workers, 8, now), out = 0;
    assert_true (count <= 5);
    for (size_t i = 0; i < count; i++)
        out += workers[i].tasks_out;
    assert_int_equal (out, stats.tasks_out);
    assert_true (out <= count * QW_MAX_CREDIT);
}

static void no_event_from_outside_hurts_the_scheduler (void **state)
{
    (void) state;
    uint64_t released = 0, tasks = 0;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        chance.state = round;
        qw_scheduler_options_t options = {.window_documents = WINDOW,
                                          .window_bytes = 2000,
                                          .task_bytes = chance_below (&chance, 300),
                                          .announce_bytes = 500,
                                          .lease_ms = 100,
                                          .deliver_ms = 50,
                                          .straggler_ms = 30,
                                          .hello_ms = 40,
                                          .strikes = 3,
                                          .groups = {3, 4},
                                          .group_count = 2};
        qw_scheduler_t *scheduler = qw_scheduler_new (&options);
        newest_task = 0;
        uint64_t now = 1;
        for (size_t event = 0; event < EVENTS; event++) {
            now += chance_below (&chance, 4);
            if (qw_scheduler_has_room (scheduler)) {
                size_t sizes[3] = {10, 200, 90};
                qw_scheduler_offer (scheduler, sizes, chance_below (&chance, 4), malloc (1), now);
            }
            switch (chance_below (&chance, 8)) {
            case 0: qw_scheduler_tick (scheduler, now); break;
            case 1: qw_scheduler_sink_heartbeat (scheduler, number (session + 1), number (progress_number + 1), now); break;
            case 2:
                qw_scheduler_sink_welcome (scheduler, number (5), (size_t) number (5), (size_t) number (500), now);
                break;
            case 3:
            case 4: garbage_from_sink (scheduler, now); break;
            default: garbage_from_worker (scheduler, now); break;
            }
            obey (scheduler, now);
            check_bounds (scheduler, now);
        }
        qw_scheduler_stats_t stats;
        qw_scheduler_stats (scheduler, &stats);
        released += stats.released;
        tasks += newest_task;
        qw_scheduler_destroy (&scheduler, free);
    }
    assert_true (released > ROUNDS && tasks > ROUNDS); /* it was not all ignored */
}

/* ---- the join ------------------------------------------------------------------------------------------------------ */

static size_t handles;

static void *handle (void)
{
    handles++;
    return malloc (1);
}

static void free_handle (void *self)
{
    handles--;
    free (self);
}

static void garbage_for_join (qw_join_t *join, uint64_t now_session, uint64_t *sequence)
{
    qw_reason_t reason;
    uint64_t which = chance_below (&chance, 10) ? now_session : number (5);
    uint32_t chunk = (uint32_t) number (3);
    switch (chance_below (&chance, 9)) {
    case 0: {
        void *document = handle ();
        *sequence += chance_below (&chance, 3);
        uint64_t named = chance_below (&chance, 20) ? *sequence : number (*sequence);
        size_t bytes = (size_t) chance_below (&chance, 400);
        if (qw_join_announce (join, named, bytes, (uint32_t) chance_below (&chance, 4), document, &reason))
            free_handle (document);
        break;
    }
    case 1: qw_join_announce_known (join, *sequence += chance_below (&chance, 2), number (4), number (9), &reason); break;
    case 2: qw_join_give_up (join, which, number (*sequence + 1), chunk, (uint32_t) number (8), QW_BYTES ("no")); break;
    case 3: qw_join_refuse (join, which, number (*sequence + 1), chunk, (uint32_t) number (8)); break;
    case 4: qw_join_number (join, which, number (9), &reason); break;
    case 5: qw_join_last (join, which, number (9), &reason); break;
    default: {
        void *result = handle ();
        uint64_t back = chance_below (&chance, WINDOW + 2);
        uint64_t near = chance_below (&chance, 10) ? *sequence - (back < *sequence ? back : 0) : number (5);
        qw_join_document (join, which, near, chunk);
        if (!qw_join_result (join, which, near, chunk, (unsigned) number (4), result))
            free_handle (result);
        break;
    }
    }
}

static void no_event_from_outside_hurts_the_join (void **state)
{
    (void) state;
    size_t came_out = 0;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        chance.state = round;
        qw_join_t *join = qw_join_new (&(qw_join_options_t){WINDOW, 2000, free_handle, free_handle});
        uint64_t sequence = 0, now_session = 0;
        for (size_t event = 0; event < EVENTS; event++) {
            qw_joined_t joined;
            qw_join_progress_t progress;
            if (event % 300 == 0)
                qw_join_begin (join, ++now_session, 7);
            garbage_for_join (join, now_session, &sequence);
            while (qw_join_ready (join, &joined)) {
                for (uint32_t chunk = 0; chunk < joined.chunk_count; chunk++)
                    for (unsigned layer = 0; layer < 3; layer++)
                        assert_true (!joined.chunks[chunk].results[layer] != !joined.chunks[chunk].reasons[layer]);
                qw_join_staged (join, 0, came_out++);
            }
            if (chance_below (&chance, 5) == 0)
                qw_join_committing (join);
            if (chance_below (&chance, 5) == 0)
                qw_join_committed (join);
            if (chance_below (&chance, 5) == 0)
                qw_join_progress (join, &progress);
            assert_true (qw_join_open_documents (join) <= WINDOW && qw_join_open_bytes (join) <= 2000);
        }
        qw_join_destroy (&join);
        assert_int_equal (handles, 0);
    }
    assert_true (came_out > ROUNDS);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (no_event_from_outside_hurts_the_scheduler),
        cmocka_unit_test (no_event_from_outside_hurts_the_join),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
