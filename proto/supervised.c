#include "proto/supervised.h"

#include <stdint.h>
#include <systemd/sd-daemon.h>

#include "proto/socket.h"

static uint64_t beat_ms; /* between two signs of life; 0: nobody waits for them */
static uint64_t next_beat;

void qw_supervised_ready (const char *status)
{
    uint64_t watchdog_us = 0;
    if (sd_watchdog_enabled (0, &watchdog_us) > 0)
        beat_ms = watchdog_us / 2000 > 0 ? watchdog_us / 2000 : 1;
    sd_notifyf (0, "READY=1\nSTATUS=%s", status);
}

void qw_supervised_alive (void)
{
    if (beat_ms == 0)
        return;
    uint64_t now = qw_now_ms ();
    if (now < next_beat)
        return;
    next_beat = now + beat_ms;
    sd_notify (0, "WATCHDOG=1");
}

void qw_supervised_stopping (void)
{
    sd_notify (0, "STOPPING=1");
}
