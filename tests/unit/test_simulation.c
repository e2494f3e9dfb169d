/*  test_simulation.c - the real scheduler and the real join through thousands of simulated worlds (tests/simulation).

    QW_SIM_RUNS sets how many; QW_SIM_SEED plays one of them and tells its story (QW_SIM_CALM: without trouble). */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/simulation/world.h"

enum { DEFAULT_RUNS = 5000, FEW_RUNS = 1000 };

static uint64_t number_of (const char *name, uint64_t otherwise)
{
    const char *text = getenv (name);
    return text && *text ? strtoull (text, NULL, 10) : otherwise;
}

static void play (uint64_t seed, bool calm, tally_t *tally)
{
    char failure[400];
    if (!world_play (seed, calm, tally, failure, sizeof failure)) {
        world_show (seed, calm, false);
        fail_msg ("%s", failure);
    }
}

/* The oracle of the other cases: one worker and nothing wrong give the corpus that plan_expected works out. */
static void an_undisturbed_run_gives_the_expected_corpus (void **state)
{
    (void) state;
    tally_t tally = {0};
    uint64_t runs = number_of ("QW_SIM_RUNS", DEFAULT_RUNS) / 10 + 1;
    for (uint64_t seed = 1; seed <= runs; seed++)
        play (seed, true, &tally);
    assert_true (tally.tasks > 0 && tally.given_up > 0);
    assert_true (tally.worker_crashes + tally.sink_crashes + tally.ventilator_crashes == 0);
}

static void every_disturbed_run_gives_the_same_corpus (void **state)
{
    (void) state;
    tally_t tally = {0};
    uint64_t runs = number_of ("QW_SIM_RUNS", DEFAULT_RUNS);
    for (uint64_t seed = 1; seed <= runs; seed++)
        play (seed, false, &tally);
    printf ("%" PRIu64 " worlds, %" PRIu64 " documents, %" PRIu64 " steps, %" PRIu64 " s of their time\n", runs,
            tally.articles, tally.steps, tally.virtual_ms / 1000);
    printf ("crashes: %" PRIu64 " of ventilators, %" PRIu64 " of sinks (%" PRIu64 " tore the disk), %" PRIu64
            " of workers, %" PRIu64 " by chunks; %" PRIu64 " hangs, %" PRIu64 " resets, %" PRIu64 " goodbyes, %" PRIu64
            " times everything at once\n",
            tally.ventilator_crashes, tally.sink_crashes, tally.torn, tally.worker_crashes, tally.killed, tally.hangs,
            tally.resets, tally.byes, tally.blackouts);
    printf ("%" PRIu64 " tasks; pieces: %" PRIu64 " again, %" PRIu64 " struck, %" PRIu64 " given up; results: %" PRIu64
            " refused, %" PRIu64 " too many; %" PRIu64 " sessions broken, %" PRIu64 " workers expelled, %" PRIu64
            " documents known, %" PRIu64 " pieces to the same worker twice\n",
            tally.tasks, tally.redelivered, tally.struck, tally.given_up, tally.refused, tally.duplicates,
            tally.lost_sessions, tally.expelled, tally.known, tally.repeated);
    if (runs < FEW_RUNS)
        return;
    /* Worlds that are not rough show nothing. */
    assert_true (tally.ventilator_crashes > runs / 10 && tally.sink_crashes > runs / 10 && tally.worker_crashes > runs / 10);
    assert_true (tally.torn > runs / 300 && tally.killed > runs / 10 && tally.hangs > runs / 10 && tally.resets > runs / 10);
    assert_true (tally.byes > runs / 10 && tally.blackouts > runs / 20);
    assert_true (tally.redelivered > runs && tally.struck > runs / 10 && tally.given_up > runs / 10);
    assert_true (tally.refused > runs / 10 && tally.duplicates > runs && tally.lost_sessions > runs / 10);
    assert_true (tally.expelled > runs / 10 && tally.known > runs);
}

int main (void)
{
    if (getenv ("QW_SIM_SEED"))
        return world_show (number_of ("QW_SIM_SEED", 1), getenv ("QW_SIM_CALM") != NULL, true) ? 0 : 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (an_undisturbed_run_gives_the_expected_corpus),
        cmocka_unit_test (every_disturbed_run_gives_the_same_corpus),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
