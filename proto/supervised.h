/*  supervised.h - tells the service manager that started this process how it is: ready, alive, stopping (systemd's sd_notify).

    Where no service manager listens, nothing happens. For the main thread of a program, which has one service manager at most;
    so there is nothing to hold.
 */
#ifndef QW_SUPERVISED_H
#define QW_SUPERVISED_H

/* The process does its work from now on (Type=notify). `status` is a line for people, as in `systemctl status`. */
void qw_supervised_ready (const char *status);

/* To be called once in every turn of a loop: keeps the watchdog quiet (WatchdogSec=). Costs a look at a variable where there is
 * none, and one message in half of the watchdog's time where there is one. A turn that takes longer than that time gets the
 * process killed, as is meant. */
void qw_supervised_alive (void);

/* SIGTERM or the end of the work has been seen: what follows is tidying up. */
void qw_supervised_stopping (void);

#endif
