/*  Connections that break in the worst moment: while a queue is full, with ZMTP's heartbeats on the way. libzmq 4.3.4 aborts then,
    if it is let; a child process shows that it would. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "proto/socket.h"

enum { ROUNDS = 20, PEERS = 8, MESSAGES = 200, QUEUE = 4 };

/* ---- a peer that speaks ZMTP 3 by hand ----------------------------------------------------------------------------- */

static void put (int peer, const void *bytes, size_t size)
{
    ssize_t ignored = send (peer, bytes, size, MSG_NOSIGNAL);
    (void) ignored;
}

static int greet (const char *endpoint)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK)};
    address.sin_port = htons ((uint16_t) atoi (strrchr (endpoint, ':') + 1));
    int peer = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect (peer, (struct sockaddr *) &address, sizeof address) != 0)
        abort ();
    uint8_t greeting[64] = {0xff, [9] = 0x7f, [10] = 3, [11] = 1, [12] = 'N', [13] = 'U', [14] = 'L', [15] = 'L'};
    static const uint8_t ready[] = "\x04\x1c\x05READY\x0bSocket-Type\0\0\0\x06" "DEALER";
    put (peer, greeting, sizeof greeting);
    put (peer, ready, sizeof ready - 1);
    return peer;
}

/* Fills the other side's queue and whatever is before it, heartbeats in between, and breaks off with a reset. */
static void flood_and_break (int peer)
{
    static const uint8_t ping[] = "\x04\x09\x04PING\0\x05" "ab";
    uint8_t message[2 + 200] = {0, 200, 'x'};
    for (int i = 0; i < MESSAGES; i++) {
        put (peer, message, sizeof message);
        if (i % 8 == 7)
            put (peer, ping, sizeof ping - 1);
    }
    struct linger hard = {1, 0};
    setsockopt (peer, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    usleep (2000);
    close (peer);
}

/* ---- the side that is to live -------------------------------------------------------------------------------------- */

static void drain (zsock_t *router)
{
    zmq_msg_t frame;
    qw_peer_t peer;
    zmq_msg_init (&frame);
    while (qw_socket_receive (router, &peer, &frame) == QW_OK)
        ;
    zmq_msg_close (&frame);
}

static void be_flooded (zsock_t *router)
{
    char *endpoint = zsock_last_endpoint (router);
    for (int round = 0; round < ROUNDS; round++) {
        int peers[PEERS];
        for (int i = 0; i < PEERS; i++)
            peers[i] = greet (endpoint);
        usleep (3000);
        for (int i = 0; i < PEERS; i++)
            flood_and_break (peers[i]);
        usleep (20000); /* the breaks are seen before anything is read */
        for (int i = 0; i < 20; i++) {
            drain (router);
            usleep (500);
        }
    }
    zstr_free (&endpoint);
}

static void peers_that_break_off_while_a_queue_is_full_do_no_harm (void **state)
{
    (void) state;
    qw_reason_t reason;
    zsock_t *router = qw_socket_new (&(qw_socket_options_t){ZMQ_ROUTER, 1 << 16, QUEUE, 10, false});
    assert_int_equal (qw_socket_bind (router, "tcp://127.0.0.1:*", &reason), QW_OK);
    be_flooded (router);
    zsock_destroy (&router);
}

static void without_these_measures_libzmq_aborts (void **state)
{
    (void) state;
    int status;
    pid_t child = fork ();
    if (child == 0) {
        int silence = open ("/dev/null", O_WRONLY);
        dup2 (silence, STDERR_FILENO); /* it will complain */
        zsock_t *router = zsock_new (ZMQ_ROUTER);
        zsock_set_rcvhwm (router, QUEUE);
        zsock_set_heartbeat_ivl (router, 10);
        zsock_set_heartbeat_timeout (router, 30);
        if (zsock_bind (router, "tcp://127.0.0.1:*") < 0)
            _exit (1);
        be_flooded (router);
        _exit (0);
    }
    assert_int_equal (waitpid (child, &status, 0), child);
    if (WIFEXITED (status) && WEXITSTATUS (status) == 0)
        skip (); /* this libzmq is mended */
    assert_true (WIFSIGNALED (status));
    assert_int_equal (WTERMSIG (status), SIGABRT);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (without_these_measures_libzmq_aborts), /* first: a fork wants no threads yet */
        cmocka_unit_test (peers_that_break_off_while_a_queue_is_full_do_no_harm)};
    zsys_handler_set (NULL);
    return cmocka_run_group_tests (tests, NULL, NULL);
}
