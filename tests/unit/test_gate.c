/*  Keys, and who gets in with them: real sockets on this machine's loopback. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <dirent.h>
#include <sys/stat.h>

#include "proto/gate.h"
#include "proto/log.h"
#include "proto/monitor.h"
#include "proto/socket.h"

enum { PATIENCE_MS = 15000 };

typedef struct {
    char folder[32], endpoint[64], ipc[64];
    qw_gate_t *gate;
    zsock_t *router;
} scene_t;

static void make (const scene_t *scene, qw_peer_role_t role, const char *name)
{
    qw_reason_t reason;
    if (qw_key_make (scene->folder, role, name, &reason))
        fail_msg ("%s", reason.text);
}

static qw_key_t load (const scene_t *scene, const char *name)
{
    char path[128];
    qw_key_t key;
    qw_reason_t reason;
    snprintf (path, sizeof path, "%s/%s.key", scene->folder, name);
    if (qw_key_load (&key, path, &reason))
        fail_msg ("%s", reason.text);
    return key;
}

static int set_up (void **state)
{
    scene_t *scene = calloc (1, sizeof *scene);
    snprintf (scene->folder, sizeof scene->folder, "/tmp/qwXXXXXX");
    if (!mkdtemp (scene->folder))
        return -1;
    snprintf (scene->ipc, sizeof scene->ipc, "ipc://%s/door", scene->folder);
    qw_log_open ("test", QW_LOG_ERROR);
    make (scene, QW_ROLE_WORKER, "w1");
    make (scene, QW_ROLE_WORKER, "w2");
    make (scene, QW_ROLE_READER, "r1");
    *state = scene;
    return 0;
}

static void open_door (scene_t *scene)
{
    char endpoints[128];
    qw_reason_t reason;
    scene->gate = qw_gate_new (scene->folder, QW_ROLE_VENTILATOR, &reason);
    if (!scene->gate)
        fail_msg ("%s", reason.text);
    scene->router = qw_socket_new (&(qw_socket_options_t){ZMQ_ROUTER, 1 << 16, 0, 1000, false});
    snprintf (endpoints, sizeof endpoints, "tcp://127.0.0.1:*,%s", scene->ipc);
    if (qw_gate_bind (scene->gate, scene->router, endpoints, QW_DOOR_TASKS, false, &reason))
        fail_msg ("%s", reason.text);
    char *bound = zsock_last_endpoint (scene->router);
    snprintf (scene->endpoint, sizeof scene->endpoint, "%s", bound);
    zstr_free (&bound);
}

static void remove_all (const char *path)
{
    DIR *folder = opendir (path);
    for (struct dirent *entry; folder && (entry = readdir (folder));) {
        char name[400];
        snprintf (name, sizeof name, "%s/%s", path, entry->d_name);
        unlink (name);
    }
    if (folder)
        closedir (folder);
    rmdir (path);
}

static int tear_down (void **state)
{
    scene_t *scene = *state;
    char known[64];
    zsock_destroy (&scene->router);
    qw_gate_destroy (&scene->gate);
    snprintf (known, sizeof known, "%s/known", scene->folder);
    remove_all (known);
    remove_all (scene->folder);
    free (scene);
    return 0;
}

typedef struct {
    zsock_t *dealer;
    qw_monitor_t *monitor;
} visitor_t;

static visitor_t visit (const char *endpoint, const qw_key_t *key, const char *server)
{
    visitor_t self = {.dealer = qw_socket_new (&(qw_socket_options_t){ZMQ_DEALER, 1 << 16, 0, 1000, false})};
    qw_reason_t reason;
    self.monitor = qw_monitor_new (self.dealer, QW_MONITOR_HANDSHAKES);
    if (qw_socket_connect_as (self.dealer, endpoint, key, server, &reason))
        fail_msg ("%s", reason.text);
    zstr_send (self.dealer, "knock");
    return self;
}

static void leave (visitor_t *self)
{
    qw_monitor_destroy (&self->monitor);
    zsock_destroy (&self->dealer);
}

/* The event with which a handshake failed; fails when something gets in. */
static int refused (scene_t *scene, visitor_t *visitor)
{
    int event = 0, value;
    for (int64_t end = zclock_mono () + PATIENCE_MS; zclock_mono () < end;) {
        zmq_pollitem_t items[] = {{qw_monitor_handle (visitor->monitor), 0, ZMQ_POLLIN, 0},
                                  {zsock_resolve (scene->router), 0, ZMQ_POLLIN, 0}};
        zmq_poll (items, 2, 100);
        assert_int_equal (items[1].revents, 0);
        if (qw_monitor_next (visitor->monitor, &event, &value))
            return event;
    }
    fail_msg ("nothing was refused");
    return 0;
}

/* The next message's sender. False: it is admitted no more. */
static bool next_guest (scene_t *scene, qw_guest_t *guest)
{
    qw_peer_t peer;
    zmq_msg_t frame;
    zmq_msg_init (&frame);
    zmq_pollitem_t item = {zsock_resolve (scene->router), 0, ZMQ_POLLIN, 0};
    assert_int_equal (zmq_poll (&item, 1, PATIENCE_MS), 1);
    assert_int_equal (qw_socket_receive (scene->router, &peer, &frame), QW_OK);
    bool admitted = qw_gate_admit (scene->gate, &frame, guest);
    zmq_msg_close (&frame);
    return admitted;
}

static void keys_are_their_owners_secret (void **state)
{
    scene_t *scene = *state;
    struct stat facts;
    char path[64];
    qw_key_t key = load (scene, "w1"), sink = load (scene, "sink");
    assert_string_equal (key.name, "w1");
    assert_int_equal (key.role, QW_ROLE_WORKER);
    assert_string_equal (key.sink, sink.public_key);
    assert_string_not_equal (key.secret_key, sink.secret_key);
    snprintf (path, sizeof path, "%s/w1.key", scene->folder);
    assert_int_equal (stat (path, &facts), 0);
    assert_int_equal (facts.st_mode & 0777, 0600);
    chmod (path, 0644);
    qw_reason_t reason;
    assert_int_equal (qw_key_load (&key, path, &reason), QW_INVALID);
    assert_non_null (strstr (reason.text, "chmod 600"));
    snprintf (path, sizeof path, "%s/known/w1", scene->folder);
    assert_int_equal (qw_key_load_public (&key, path, &reason), QW_OK);
    assert_string_equal (key.secret_key, "");
    assert_int_equal (chmod (path, 0600), 0);
    assert_int_equal (qw_key_load (&key, path, &reason), QW_INVALID); /* it has no secret in it */
}

static void names_are_taken_once_and_hold_no_paths (void **state)
{
    scene_t *scene = *state;
    qw_reason_t reason;
    assert_int_equal (qw_key_make (scene->folder, QW_ROLE_WORKER, "w1", &reason), QW_EXISTS);
    assert_int_equal (qw_key_make (scene->folder, QW_ROLE_READER, "sink", &reason), QW_EXISTS);
    const char *const wrong[] = {"", ".", "..", "../x", "a/b", "a b", ".hidden", "é"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal (qw_key_make (scene->folder, QW_ROLE_WORKER, wrong[i], &reason), QW_INVALID);
    assert_int_equal (qw_key_revoke (scene->folder, "nobody", &reason), QW_NOT_FOUND);
    chmod (scene->folder, 0755);
    assert_int_equal (qw_key_make (scene->folder, QW_ROLE_WORKER, "w3", &reason), QW_INVALID);
    assert_non_null (strstr (reason.text, "chmod 700"));
}

static void a_known_key_with_the_right_role_gets_in (void **state)
{
    scene_t *scene = *state;
    open_door (scene);
    qw_key_t key = load (scene, "w1");
    visitor_t visitor = visit (scene->endpoint, &key, key.ventilator);
    qw_guest_t guest;
    assert_true (next_guest (scene, &guest));
    assert_true (guest.known);
    assert_true (qw_guest_by_tcp (&guest));
    assert_string_equal (guest.name, "w1");
    assert_true (qw_guest_is (&guest, QW_ROLE_WORKER));
    assert_false (qw_guest_is (&guest, QW_ROLE_ADMIN));
    leave (&visitor);
}

static void others_are_refused_and_told_why (void **state)
{
    scene_t *scene = *state;
    open_door (scene);
    qw_key_t reader = load (scene, "r1"), worker = load (scene, "w1"), stranger = worker;
    char public_key[QW_KEY_TEXT], secret_key[QW_KEY_TEXT];
    zmq_curve_keypair (public_key, secret_key);
    memcpy (stranger.public_key, public_key, sizeof public_key);
    memcpy (stranger.secret_key, secret_key, sizeof secret_key);
    const struct {
        const qw_key_t *key;
        const char *server;
        bool told; /* by the other side; otherwise the handshake breaks off */
    } cases[] = {{&stranger, worker.ventilator, true}, /* a key that is not known */
                 {&reader, worker.ventilator, true},   /* another role */
                 {&worker, worker.sink, false},        /* who is there has another key */
                 {NULL, NULL, false}};                 /* no key */
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        visitor_t visitor = visit (scene->endpoint, cases[i].key, cases[i].server);
        int event = refused (scene, &visitor);
        assert_int_equal (event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH, cases[i].told);
        assert_non_null (qw_monitor_trouble (event, 0));
        leave (&visitor);
    }
}

static void this_machine_comes_in_by_ipc_without_a_key (void **state)
{
    scene_t *scene = *state;
    open_door (scene);
    visitor_t visitor = visit (scene->ipc, NULL, NULL);
    qw_guest_t guest;
    assert_true (next_guest (scene, &guest));
    assert_false (guest.known);
    assert_false (qw_guest_by_tcp (&guest));
    assert_true (qw_guest_is (&guest, QW_ROLE_ADMIN));
    assert_false (qw_gate_offend (scene->gate, &guest, QW_OFFENCES_MOST, "is trusted"));
    leave (&visitor);
}

static void a_new_key_gets_in_while_the_door_is_open (void **state)
{
    scene_t *scene = *state;
    open_door (scene);
    make (scene, QW_ROLE_ADMIN, "late");
    qw_key_t key = load (scene, "late");
    visitor_t visitor = visit (scene->endpoint, &key, key.ventilator);
    qw_guest_t guest;
    assert_true (next_guest (scene, &guest));
    assert_string_equal (guest.name, "late");
    leave (&visitor);
}

static void a_revoked_key_gets_out (void **state)
{
    scene_t *scene = *state;
    open_door (scene);
    qw_key_t first = load (scene, "w1"), second = load (scene, "w2");
    visitor_t out = visit (scene->endpoint, &first, first.ventilator);
    qw_guest_t guest;
    assert_true (next_guest (scene, &guest));
    visitor_t stays = visit (scene->endpoint, &second, second.ventilator);
    assert_true (next_guest (scene, &guest));
    assert_int_equal (qw_key_revoke (scene->folder, "w1", NULL), QW_OK);
    assert_int_equal (refused (scene, &out), ZMQ_EVENT_HANDSHAKE_FAILED_AUTH); /* its connection ended, and it tried again */
    assert_false (qw_gate_knows (scene->gate, first.public_key));
    zstr_send (stays.dealer, "again");
    assert_true (next_guest (scene, &guest));
    assert_string_equal (guest.name, "w2");
    leave (&out);
    leave (&stays);
}

static void who_offends_is_struck_off (void **state)
{
    scene_t *scene = *state;
    open_door (scene);
    qw_key_t key = load (scene, "w1");
    visitor_t visitor = visit (scene->endpoint, &key, key.ventilator);
    qw_guest_t guest;
    assert_true (next_guest (scene, &guest));
    for (int i = 1; i < QW_OFFENCES_MOST; i++)
        assert_false (qw_gate_offend (scene->gate, &guest, QW_OFFENCE, "offends"));
    assert_true (qw_gate_offend (scene->gate, &guest, QW_OFFENCE, "offends"));
    assert_int_equal (refused (scene, &visitor), ZMQ_EVENT_HANDSHAKE_FAILED_AUTH);
    const char *names[4];
    assert_int_equal (qw_gate_struck (scene->gate, names, 4), 1);
    assert_string_equal (names[0], "w1");
    qw_gate_strike (scene->gate, "w2");
    qw_gate_strike (scene->gate, "w2");
    assert_int_equal (qw_gate_struck (scene->gate, names, 4), 2);
    leave (&visitor);
}

static void a_flood_of_useless_messages_is_an_offence (void **state)
{
    scene_t *scene = *state;
    open_door (scene);
    qw_key_t key = load (scene, "w1");
    qw_guest_t guest = {.known = true, .role = key.role, .handle = -1};
    memcpy (guest.public_key, key.public_key, sizeof guest.public_key);
    memcpy (guest.name, key.name, sizeof guest.name);
    for (int i = 0; i < 1000; i++)
        qw_gate_useless (scene->gate, &guest);
    assert_true (qw_gate_knows (scene->gate, key.public_key));
    for (int i = 0; i < 10000; i++)
        qw_gate_useless (scene->gate, &guest);
    assert_false (qw_gate_knows (scene->gate, key.public_key));
}

/* Somebody else in this process answers ZeroMQ's questions, and says yes to everybody. */
static void a_door_that_lets_a_random_key_in_is_not_opened (void **state)
{
    scene_t *scene = *state;
    qw_reason_t reason = {""};
    zactor_t *stranger = zactor_new (zauth, NULL);
    zstr_sendx (stranger, "CURVE", CURVE_ALLOW_ANY, NULL);
    zsock_wait (stranger);
    scene->gate = qw_gate_new (scene->folder, QW_ROLE_SINK, &reason);
    assert_non_null (scene->gate);
    scene->router = qw_socket_new (&(qw_socket_options_t){ZMQ_ROUTER, 1 << 16, 0, 1000, false});
    assert_int_equal (qw_gate_bind (scene->gate, scene->router, "tcp://127.0.0.1:*", QW_DOOR_CONTROL, false, &reason), QW_SYSTEM);
    assert_non_null (strstr (reason.text, "lets a random key in"));
    zsock_destroy (&scene->router);
    zactor_destroy (&stranger);
}

static void without_keys_only_this_machine_is_served (void **state)
{
    (void) state;
    qw_reason_t reason;
    const char *const open[] = {"ipc:///tmp/x", "tcp://127.0.0.1:1", "tcp://localhost:1", "tcp://[::1]:1", "ipc:///tmp/x,tcp://127.0.0.1:2"};
    const char *const closed[] = {"tcp://*:1", "tcp://0.0.0.0:1", "tcp://10.0.0.1:1", "tcp://eth0:1", "tcp://[::]:1",
                                  "ipc:///tmp/x,tcp://*:2"};
    for (size_t i = 0; i < sizeof open / sizeof *open; i++)
        assert_int_equal (qw_gate_permits (open[i], false, &reason), QW_OK);
    for (size_t i = 0; i < sizeof closed / sizeof *closed; i++) {
        assert_int_equal (qw_gate_permits (closed[i], false, &reason), QW_INVALID);
        assert_non_null (strstr (reason.text, "--insecure"));
        assert_int_equal (qw_gate_permits (closed[i], true, &reason), QW_OK);
    }
}

int main (void)
{
    zsys_init ();
    zsys_handler_set (NULL);
#define CASE(function) cmocka_unit_test_setup_teardown (function, set_up, tear_down)
    const struct CMUnitTest tests[] = {CASE (a_door_that_lets_a_random_key_in_is_not_opened), /* first: its handler cannot wait for another's end */
                                       CASE (keys_are_their_owners_secret),
                                       CASE (names_are_taken_once_and_hold_no_paths),
                                       CASE (a_known_key_with_the_right_role_gets_in),
                                       CASE (others_are_refused_and_told_why),
                                       CASE (this_machine_comes_in_by_ipc_without_a_key),
                                       CASE (a_new_key_gets_in_while_the_door_is_open),
                                       CASE (a_revoked_key_gets_out),
                                       CASE (who_offends_is_struck_off),
                                       CASE (a_flood_of_useless_messages_is_an_offence),
                                       CASE (without_keys_only_this_machine_is_served)};
    return cmocka_run_group_tests (tests, NULL, NULL);
}
