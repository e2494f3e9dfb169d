/*  hostile_peer - sends rubbish to the sockets that it is given until SIGTERM ends it: frames that claim 100 million items, cut,
    changed and overlong messages, too many frames, and bytes that are not even ZeroMQ's. */
#include <czmq.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "proto/wire.h"

enum { MAX_SOCKETS = 8, LARGE = 4 << 20, MAX_MESSAGES = 16 };

static volatile sig_atomic_t stopped;
static uint64_t state;

static void stop (int number) { stopped = number; }

static uint64_t chance (uint64_t below)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state % below;
}

static void *connected (const char *endpoint)
{
    zsock_t *socket = zsock_new (ZMQ_DEALER);
    zsock_set_linger (socket, 0);
    zsock_set_sndtimeo (socket, 0);
    zsock_set_rcvtimeo (socket, 0);
    if (zsock_connect (socket, "%s", endpoint) != 0)
        abort ();
    return socket;
}

static void put (zsock_t *socket, const char *bytes, size_t size, int flags)
{
    zmq_send (zsock_resolve (socket), bytes, size, flags | ZMQ_DONTWAIT);
}

/* Right messages, to be spoilt; some are right enough to be answered. */
static size_t messages (qw_out_t *outs)
{
    qw_bytes_t layer = {"tokens", 6};
    uint64_t length = 4;
    qw_announced_t document = {.id = {"x", 1}, .text = {"text", 4}, .chunks = {&length, 1}};
    const qw_message_t all[] = {
        {.type = QW_HELLO, .role = QW_ROLE_WORKER, .version_min = 2, .version_max = 9, .life = 1, .name = {"w", 1}},
        {.type = QW_HELLO, .role = QW_ROLE_READER, .version_min = 1, .version_max = 1, .life = 2, .name = {"r", 1}},
        {.type = QW_HELLO, .role = QW_ROLE_VENTILATOR, .version_min = 3, .version_max = 3, .life = 3, .name = {"v", 1}},
        {.type = QW_DONE, .task = 7, .credit = 1 << 30},
        {.type = QW_HEARTBEAT, .session = 1, .last = UINT64_MAX, .credit = UINT64_MAX},
        {.type = QW_ANNOUNCE, .session = 1, .number = 1, .announced = {&document, 1}},
        {.type = QW_GIVE_UP, .session = 1, .number = 2, .layer_mask = 7},
        {.type = QW_RESULT, .session = 1, .task = 1, .layers = {&layer, 1}},
        {.type = QW_PROGRESS, .session = 1, .number = UINT64_MAX},
        {.type = QW_FOLLOW, .position = UINT64_MAX, .credit = UINT64_MAX},
        {.type = QW_STATUS_REQUEST},
        {.type = QW_BYE, .drain = true, .text = {"", 0}}};
    size_t count = sizeof all / sizeof *all;
    for (size_t i = 0; i < count; i++) {
        qw_out_init (&outs[i]);
        qw_wire_encode (&all[i], &outs[i]);
    }
    return count;
}

/* Not ZeroMQ at all: what a browser, or a port scanner, sends. */
static void knock (const char *endpoint)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strncmp (endpoint, "ipc://", 6) != 0)
        return;
    snprintf (address.sun_path, sizeof address.sun_path, "%s", endpoint + 6);
    int door = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (connect (door, (struct sockaddr *) &address, sizeof address) == 0) {
        static const char *const words[] = {"GET / HTTP/1.1\r\n\r\n", "\xff\0\0\0\0\0\0\0\x01\x7f\x03", "\xdd\x05\xf5\xe1"};
        const char *word = words[chance (3)];
        ssize_t ignored = write (door, word, strlen (word) + 1);
        (void) ignored;
    }
    close (door);
}

int main (int argc, char *argv[])
{
    static char large[LARGE];
    static const char claim[] = "QW\x01\x10\xdd\x05\xf5\xe1"; /* and the zero behind it */
    qw_out_t right[MAX_MESSAGES];
    zsock_t *sockets[MAX_SOCKETS];
    uint64_t sent = 0, answers = 0;
    if (argc < 3 || argc - 2 > MAX_SOCKETS)
        return 2;
    state = strtoull (argv[1], NULL, 10) * 2 + 1;
    zsys_init ();
    zsys_handler_set (NULL);
    signal (SIGTERM, stop);
    size_t count = messages (right), socket_count = (size_t) argc - 2;
    for (size_t i = 0; i < socket_count; i++)
        sockets[i] = connected (argv[i + 2]);
    while (!stopped) {
        size_t which = chance (socket_count);
        zsock_t *socket = sockets[which];
        char bytes[512];
        qw_bytes_t message = qw_out_bytes (&right[chance (count)]);
        size_t size = message.size < sizeof bytes ? message.size : sizeof bytes;
        memcpy (bytes, message.data, size);
        switch (chance (10)) {
        case 0: put (socket, claim + 4, 5, 0); break; /* dd 05 f5 e1 00 */
        case 1: /* the same as the body of any kind of message */
            memcpy (bytes, claim, 9);
            bytes[3] = (char) chance (256);
            put (socket, bytes, 9, 0);
            break;
        case 2: /* nested claims */
            memcpy (bytes, claim, 4);
            for (size_t i = 0; i < 100; i++)
                memcpy (bytes + 4 + 5 * i, claim + 4, 5);
            put (socket, bytes, 504, 0);
            break;
        case 3: put (socket, bytes, chance (size + 1), 0); break;
        case 4:
        case 5: /* a few octets changed */
            for (uint64_t i = chance (4) + 1; i > 0; i--)
                bytes[chance (size)] = (char) chance (256);
            put (socket, bytes, size, 0);
            break;
        case 6: put (socket, bytes, size, 0); break;
        case 7:
            for (uint64_t i = chance (200); i > 0; i--)
                put (socket, bytes, chance (size + 1), ZMQ_SNDMORE);
            put (socket, "", 0, 0);
            break;
        case 8:
            if (chance (20) == 0)
                put (socket, large, chance (LARGE), 0);
            break;
        default:
            knock (argv[which + 2]);
            if (chance (4) == 0) {
                zsock_destroy (&sockets[which]);
                sockets[which] = connected (argv[which + 2]);
            }
        }
        sent++;
        for (size_t i = 0; i < socket_count; i++)
            while (zmq_recv (zsock_resolve (sockets[i]), bytes, sizeof bytes, ZMQ_DONTWAIT) >= 0)
                answers++;
        usleep (500);
    }
    printf ("%llu messages sent, %llu frames answered\n", (unsigned long long) sent, (unsigned long long) answers);
    for (size_t i = 0; i < socket_count; i++)
        zsock_destroy (&sockets[i]);
    for (size_t i = 0; i < count; i++)
        qw_out_free (&right[i]);
    return 0;
}
