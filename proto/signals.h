/*  signals.h - SIGINT and SIGTERM as something to poll for. */
#ifndef QW_SIGNALS_H
#define QW_SIGNALS_H

/* Blocks both in this thread and all that it will start, keeps CZMQ from handling them, ignores SIGPIPE and SIGXFSZ (their
 * errors are seen where they happen), and returns a signalfd. To be called first thing in main. */
int qw_signals_open (void);

#endif
