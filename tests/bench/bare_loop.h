/*  bare_loop.h - the messages of a run with nothing behind them: the pipeline's processes and sockets, as many messages of the
    same sizes under the same credit and window, each text twice like there (to the sink, and to a worker), but nothing is
    encoded, scheduled or joined, and stored only where asked for. What ZeroMQ itself costs. */
#ifndef QW_BARE_LOOP_H
#define QW_BARE_LOOP_H

#include <stdbool.h>
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
    bool stores;        /* its sink also appends as many bytes to a file, by the real sink's rule: it tells of them once they
                           are on disk, and they are written when commit_ms have passed or commit_bytes are there */
    size_t record_bytes; /* of a document beyond its own bytes */
    unsigned commit_ms;
    size_t commit_bytes;
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
