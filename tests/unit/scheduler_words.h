/*  scheduler_words.h - the words in which the scheduler's examples are told. */
#ifndef QW_TEST_SCHEDULER_WORDS_H
#define QW_TEST_SCHEDULER_WORDS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "proto/wire.h"
#include "ventilator/scheduler.h"

enum { TOKENS = 1, ENTITIES = 2, QUOTES = 4, ALL = 7, SESSION = 77 };

/* Payloads are the addresses of these, by sequence. */
static char articles[200];

static qw_action_t action; /* the one looked at last */

static const qw_scheduler_options_t usual = {.window_documents = 8,
                                             .window_bytes = 10000,
                                             .task_bytes = 0,
                                             .announce_bytes = 10000,
                                             .lease_ms = 1000,
                                             .deliver_ms = 500,
                                             .straggler_ms = 400,
                                             .hello_ms = 300,
                                             .strikes = 3,
                                             .groups = {ALL},
                                             .group_count = 1};

static inline void expect_action (qw_scheduler_t *scheduler, qw_do_t what, uint64_t now)
{
    assert_true (qw_scheduler_next (scheduler, &action, now));
    assert_int_equal (action.what, what);
}

static inline void expect_nothing (qw_scheduler_t *scheduler, uint64_t now)
{
    assert_false (qw_scheduler_next (scheduler, &action, now));
}

static inline void expect_task (qw_scheduler_t *scheduler, uint64_t worker, uint64_t sequence, uint32_t chunk, size_t pieces,
                                uint64_t now)
{
    expect_action (scheduler, QW_DO_TASK, now);
    assert_int_equal (action.worker, worker);
    assert_int_equal (action.piece_count, pieces);
    assert_int_equal (action.pieces[0].sequence, sequence);
    assert_int_equal (action.pieces[0].chunk, chunk);
    assert_ptr_equal (action.pieces[0].payload, &articles[sequence]);
}

static inline void offer (qw_scheduler_t *scheduler, uint64_t sequence, size_t chunks, size_t bytes)
{
    size_t sizes[16];
    for (size_t i = 0; i < chunks; i++)
        sizes[i] = bytes;
    qw_scheduler_offer (scheduler, sizes, chunks, &articles[sequence], 0);
}

static inline void greet (qw_scheduler_t *scheduler, uint64_t session, uint64_t now)
{
    expect_action (scheduler, QW_DO_HELLO, now);
    qw_scheduler_sink_welcome (scheduler, session, 0, 0, now);
}

/* PROGRESS with one list filled: 'a'ccepted, 'r'eceived, re'f'used or 'c'ommitted. */
static inline void tell (qw_scheduler_t *scheduler, uint64_t number, char list, const uint64_t *numbers, size_t count)
{
    qw_sink_progress_t progress = {.session = SESSION, .number = number};
    switch (list) {
    case 'a': progress.accepted = numbers, progress.accepted_count = count; break;
    case 'r': progress.received = numbers, progress.received_count = count; break;
    case 'f': progress.refused = numbers, progress.refused_count = count; break;
    case 'c': progress.committed = numbers, progress.committed_count = count; break;
    default: fail ();
    }
    qw_scheduler_progress (scheduler, &progress, 0);
}
#define TELL(scheduler, number, list, ...)                                                                                \
    tell (scheduler, number, list, (const uint64_t[]){__VA_ARGS__}, sizeof ((uint64_t[]){__VA_ARGS__}) / sizeof (uint64_t))

/* A scheduler whose sink has accepted `documents` documents of `chunks` chunks of `bytes` bytes; PROGRESS 1 is spent. */
static inline qw_scheduler_t *running (const qw_scheduler_options_t *options, size_t documents, size_t chunks, size_t bytes)
{
    qw_scheduler_t *scheduler = qw_scheduler_new (options);
    uint64_t accepted[16];
    for (size_t i = 0; i < documents; i++) {
        accepted[i] = i;
        offer (scheduler, i, chunks, bytes);
    }
    greet (scheduler, SESSION, 0);
    expect_action (scheduler, QW_DO_ANNOUNCE, 0);
    assert_int_equal (action.payload_count, documents);
    expect_nothing (scheduler, 0);
    tell (scheduler, 1, 'a', accepted, documents);
    return scheduler;
}

static inline void heartbeat (qw_scheduler_t *scheduler, uint64_t worker, uint64_t held, size_t credit, uint64_t now)
{
    qw_scheduler_worker_heartbeat (scheduler, worker, &held, held > 0, credit, now);
}

static inline qw_scheduler_stats_t stats_of (const qw_scheduler_t *scheduler)
{
    qw_scheduler_stats_t stats;
    qw_scheduler_stats (scheduler, &stats);
    return stats;
}

static inline size_t tasks_out (const qw_scheduler_t *scheduler) { return (size_t) stats_of (scheduler).tasks_out; }

#endif
