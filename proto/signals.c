#include "proto/signals.h"

#include <czmq.h>
#include <signal.h>
#include <sys/signalfd.h>

int qw_signals_open (void)
{
    sigset_t set;
    sigemptyset (&set);
    sigaddset (&set, SIGINT);
    sigaddset (&set, SIGTERM);
    sigprocmask (SIG_BLOCK, &set, NULL);
    signal (SIGPIPE, SIG_IGN);
    signal (SIGXFSZ, SIG_IGN);
    zsys_handler_set (NULL);
    return signalfd (-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}
