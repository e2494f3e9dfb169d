/* What a service manager hears: one is played here, with a socket of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "proto/supervised.h"

typedef struct {
    char folder[32];
    struct sockaddr_un address;
    int socket;
} manager_t;

static int set_up (void **state)
{
    manager_t *manager = calloc (1, sizeof *manager);
    snprintf (manager->folder, sizeof manager->folder, "/tmp/qwXXXXXX");
    assert_non_null (mkdtemp (manager->folder));
    manager->address.sun_family = AF_UNIX;
    snprintf (manager->address.sun_path, sizeof manager->address.sun_path, "%s/notify", manager->folder);
    manager->socket = socket (AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_int_equal (bind (manager->socket, (struct sockaddr *) &manager->address, sizeof manager->address), 0);
    *state = manager;
    return 0;
}

static int tear_down (void **state)
{
    manager_t *manager = *state;
    unsetenv ("NOTIFY_SOCKET");
    unsetenv ("WATCHDOG_USEC");
    close (manager->socket);
    unlink (manager->address.sun_path);
    rmdir (manager->folder);
    free (manager);
    return 0;
}

/* The next message, or "" where there is none. */
static const char *heard (manager_t *manager)
{
    static char text[256];
    ssize_t size = recv (manager->socket, text, sizeof text - 1, 0);
    text[size > 0 ? size : 0] = 0;
    return text;
}

static void without_a_manager_nothing_happens (void **state)
{
    manager_t *manager = *state;
    qw_supervised_ready ("working");
    qw_supervised_alive ();
    qw_supervised_stopping ();
    assert_string_equal (heard (manager), "");
}

static void a_manager_hears_of_start_and_end (void **state)
{
    manager_t *manager = *state;
    setenv ("NOTIFY_SOCKET", manager->address.sun_path, 1);
    qw_supervised_ready ("working");
    assert_string_equal (heard (manager), "READY=1\nSTATUS=working");
    qw_supervised_alive (); /* it has no watchdog */
    assert_string_equal (heard (manager), "");
    qw_supervised_stopping ();
    assert_string_equal (heard (manager), "STOPPING=1");
}

static void a_watchdog_hears_twice_in_its_time (void **state)
{
    manager_t *manager = *state;
    setenv ("NOTIFY_SOCKET", manager->address.sun_path, 1);
    setenv ("WATCHDOG_USEC", "3600000000", 1);
    qw_supervised_ready ("working");
    heard (manager);
    for (int turn = 0; turn < 1000; turn++)
        qw_supervised_alive ();
    assert_string_equal (heard (manager), "WATCHDOG=1");
    assert_string_equal (heard (manager), ""); /* half an hour has not passed */
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (without_a_manager_nothing_happens, set_up, tear_down),
        cmocka_unit_test_setup_teardown (a_manager_hears_of_start_and_end, set_up, tear_down),
        cmocka_unit_test_setup_teardown (a_watchdog_hears_twice_in_its_time, set_up, tear_down),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
