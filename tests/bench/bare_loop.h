/*  bare_loop.h - the messages of a run with nothing behind them: the pipeline's processes and sockets, as many messages of the
    same sizes under the same credit and window, but nothing is encoded, scheduled, joined or stored. What ZeroMQ itself costs. */
#ifndef QW_BARE_LOOP_H
#define QW_BARE_LOOP_H

#include <stddef.h>
#include <sys/types.h>

typedef struct {
    const size_t *documents; /* bytes of each document's text with its share of the frame */
    size_t count;
    size_t announce_bytes, announce_documents; /* of one message to the sink at most */
    size_t task_bytes, task_documents;         /* of one message to a worker at most */
    size_t result_bytes;                       /* a document */
    size_t window_bytes, window_documents;     /* announced and not committed */
    unsigned workers, credit;
    const char *folder; /* where its sockets are */
} bare_loop_t;

typedef struct {
    double seconds;                   /* from the first message until all is committed; -1: it did not end well */
    double sink, ventilator, workers; /* seconds of processor time, from beginning to end */
} run_time_t;

/* The processes are there and connected before the clock starts. */
run_time_t bare_loop (const bare_loop_t *options);

/* Ends the processes (0: the sink; ventilator apart, which ends by itself), and adds up their processor time. */
void end_processes (const pid_t *children, unsigned count, pid_t ventilator, int signal_number, run_time_t *time);

#endif
