/*  Readers of a corpus through the sink's socket: the actor and the client in one process, over ipc. */
#include <czmq.h>
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "proto/log.h"
#include "proto/wire.h"
#include "sink/follow.h"
#include "sink/follow_client.h"
#include "tests/unit/make_record.h"

enum { BEAT_MS = 50, LONG_MS = 20000 };

typedef struct {
    char root[64], corpus[96], endpoint[120];
    qw_corpus_t *writer;
    unsigned documents;
    zactor_t *actor;
} scene_t;

static void start_actor (scene_t *scene, size_t max_readers)
{
    qw_reason_t reason;
    qw_follow_options_t options = {
        .directory = scene->corpus, .endpoint = scene->endpoint, .heartbeat_ms = BEAT_MS, .max_readers = max_readers};
    scene->actor = qw_follow_new (&options, &reason);
    if (!scene->actor)
        fail_msg ("%s", reason.text);
}

static void commit_more (scene_t *scene, unsigned count)
{
    while (count-- > 0)
        append_numbered (scene->writer, scene->documents++);
    assert_int_equal (qw_corpus_commit (scene->writer, NULL), QW_OK);
    zstr_send (scene->actor, "MORE");
}

static int set_up (void **state)
{
    scene_t *scene = calloc (1, sizeof *scene);
    const char *base = getenv ("TMPDIR");
    snprintf (scene->root, sizeof scene->root, "%.40s/qw-follow-XXXXXX", base ? base : "/tmp");
    if (!mkdtemp (scene->root))
        return -1;
    snprintf (scene->corpus, sizeof scene->corpus, "%s/corpus", scene->root);
    snprintf (scene->endpoint, sizeof scene->endpoint, "ipc://%s/follow", scene->root);
    if (qw_corpus_open (&scene->writer, scene->corpus, 4000, NULL))
        return -1;
    start_actor (scene, 8);
    *state = scene;
    return 0;
}

static void remove_folder (const char *path)
{
    DIR *list = opendir (path);
    for (struct dirent *item; list && (item = readdir (list));) {
        char name[400];
        snprintf (name, sizeof name, "%s/%s", path, item->d_name);
        unlink (name);
    }
    if (list)
        closedir (list);
    rmdir (path);
}

static int tear_down (void **state)
{
    scene_t *scene = *state;
    zactor_destroy (&scene->actor);
    qw_corpus_close (&scene->writer);
    remove_folder (scene->corpus);
    remove_folder (scene->root);
    free (scene);
    return 0;
}

static qw_follow_client_t *new_client (const scene_t *scene, uint64_t position, size_t credit)
{
    qw_follow_client_options_t options = {.endpoint = scene->endpoint, .name = "test", .position = position, .credit = credit};
    qw_follow_client_t *client = qw_follow_client_new (&options, NULL);
    assert_non_null (client);
    return client;
}

/* Reads until the client stands at `until`; every document must be the next one. Returns the largest batch, in bytes. */
static size_t read_until (qw_follow_client_t *client, uint64_t until)
{
    size_t largest = 0;
    while (qw_follow_client_position (client) < until) {
        qw_batch_t batch;
        qw_reason_t reason;
        uint64_t expected = qw_follow_client_position (client);
        qw_status_t status = qw_follow_client_next (client, LONG_MS, &batch, &reason);
        if (status)
            fail_msg ("at %llu: %s", (unsigned long long) expected, status == QW_AGAIN ? "nothing came" : reason.text);
        assert_int_equal (batch.position, expected);
        const char *at = batch.records.data, *end = at + batch.records.size;
        for (size_t i = 0; i < batch.count; i++) {
            qw_document_t document;
            size_t size = qw_document_size (at, (size_t) (end - at));
            assert_int_equal (qw_document_read (&document, at, size, NULL), QW_OK);
            assert_int_equal (document.sequence, expected + i);
            at += size;
        }
        assert_ptr_equal (at, end);
        if (batch.records.size > largest)
            largest = batch.records.size;
    }
    assert_true (qw_follow_client_position (client) >= until);
    return largest;
}

static size_t readers_of (scene_t *scene)
{
    zstr_send (scene->actor, "READERS");
    char *answer = zstr_recv (scene->actor);
    assert_non_null (answer);
    size_t readers = (size_t) atoi (answer);
    zstr_free (&answer);
    return readers;
}

/* ---- cases with the client -------------------------------------------------------------------------------------- */

static void history_and_live_documents_are_one_stream (void **state)
{
    scene_t *scene = *state;
    commit_more (scene, 60);
    qw_follow_client_t *client = new_client (scene, 0, 0);
    read_until (client, 60);
    for (unsigned i = 0; i < 20; i++) {
        commit_more (scene, 1 + i % 3);
        read_until (client, scene->documents);
    }
    uint64_t documents;
    assert_true (qw_follow_client_documents (client, &documents));
    assert_int_equal (documents, scene->documents);
    qw_follow_client_destroy (&client);
}

static void a_reader_begins_where_it_wants (void **state)
{
    scene_t *scene = *state;
    commit_more (scene, 60);
    qw_follow_client_t *client = new_client (scene, 41, 0);
    read_until (client, 60);
    qw_follow_client_destroy (&client);
    client = new_client (scene, 60, 0);
    qw_batch_t batch;
    assert_int_equal (qw_follow_client_next (client, 3 * BEAT_MS, &batch, NULL), QW_AGAIN);
    commit_more (scene, 5);
    read_until (client, 65);
    qw_follow_client_destroy (&client);
}

/* I1: nothing is sent before its commit. */
static void uncommitted_documents_are_not_sent (void **state)
{
    scene_t *scene = *state;
    commit_more (scene, 3);
    qw_follow_client_t *client = new_client (scene, 0, 0);
    read_until (client, 3);
    append_numbered (scene->writer, scene->documents++);
    zstr_send (scene->actor, "MORE");
    qw_batch_t batch;
    assert_int_equal (qw_follow_client_next (client, 4 * BEAT_MS, &batch, NULL), QW_AGAIN);
    commit_more (scene, 0);
    read_until (client, 4);
    qw_follow_client_destroy (&client);
}

static void a_reader_with_little_credit_gets_everything_in_small_pieces (void **state)
{
    scene_t *scene = *state;
    commit_more (scene, 60);
    qw_follow_client_t *client = new_client (scene, 0, 700);
    size_t largest = read_until (client, 60);
    assert_true (largest <= 1000); /* the largest record is below that */
    qw_follow_client_destroy (&client);
}

static void a_record_larger_than_the_credit_is_sent_alone (void **state)
{
    scene_t *scene = *state;
    commit_more (scene, 2);
    char *text = malloc (3 << 20);
    memset (text, 'a', 3 << 20);
    text[(3 << 20) - 1] = 0;
    append_sample (scene->writer, &(sample_t){.id = "giant", .text = text, .sequence = scene->documents++});
    free (text);
    commit_more (scene, 3);
    qw_follow_client_t *client = new_client (scene, 0, 2000);
    size_t largest = read_until (client, 6);
    assert_true (largest > 3 << 20);
    qw_follow_client_destroy (&client);
}

static void a_client_outlives_the_sink_and_misses_nothing (void **state)
{
    scene_t *scene = *state;
    commit_more (scene, 30);
    qw_follow_client_t *client = new_client (scene, 0, 3000);
    for (unsigned round = 0; round < 4; round++) {
        read_until (client, scene->documents - 10);
        zactor_destroy (&scene->actor);
        start_actor (scene, 8);
        commit_more (scene, 20);
        read_until (client, scene->documents);
    }
    qw_follow_client_destroy (&client);
}

static void a_client_waits_for_a_sink_that_is_not_there_yet (void **state)
{
    scene_t *scene = *state;
    commit_more (scene, 5);
    zactor_destroy (&scene->actor);
    qw_follow_client_t *client = new_client (scene, 0, 0);
    qw_batch_t batch;
    uint64_t documents;
    assert_int_equal (qw_follow_client_next (client, 100, &batch, NULL), QW_AGAIN);
    assert_false (qw_follow_client_documents (client, &documents));
    start_actor (scene, 8);
    read_until (client, 5);
    qw_follow_client_destroy (&client);
}

static void a_position_beyond_the_corpus_is_refused (void **state)
{
    scene_t *scene = *state;
    commit_more (scene, 5);
    qw_follow_client_t *client = new_client (scene, 6, 0);
    qw_batch_t batch;
    qw_reason_t reason;
    assert_int_equal (qw_follow_client_next (client, LONG_MS, &batch, &reason), QW_INVALID);
    assert_non_null (strstr (reason.text, "position 6 is beyond the corpus, which has 5 documents"));
    qw_follow_client_destroy (&client);
}

static void a_damaged_record_is_told_not_skipped (void **state)
{
    scene_t *scene = *state;
    commit_more (scene, 8);
    char path[200];
    snprintf (path, sizeof path, "%s/segment-000000.msgpack", scene->corpus);
    qw_corpus_reader_t *reader = qw_corpus_reader_open (scene->corpus, NULL);
    long offset = (long) qw_corpus_reader_bytes (reader, 5) + 20;
    qw_corpus_reader_close (&reader);
    FILE *file = fopen (path, "r+b");
    assert_non_null (file);
    fseek (file, offset, SEEK_SET);
    fputc ('#', file);
    fclose (file);
    qw_follow_client_t *client = new_client (scene, 0, 0);
    read_until (client, 5);
    qw_batch_t batch;
    qw_reason_t reason;
    assert_int_equal (qw_follow_client_next (client, LONG_MS, &batch, &reason), QW_DAMAGED);
    assert_non_null (strstr (reason.text, "position 5"));
    qw_follow_client_destroy (&client);
}

/* ---- cases on the bare socket ----------------------------------------------------------------------------------- */

static zsock_t *new_dealer (const scene_t *scene)
{
    zsock_t *dealer = zsock_new (ZMQ_DEALER);
    zsock_set_linger (dealer, 0);
    zsock_set_rcvhwm (dealer, 1);
    zsock_set_rcvtimeo (dealer, LONG_MS);
    assert_int_equal (zsock_connect (dealer, "%s", scene->endpoint), 0);
    return dealer;
}

static void say (zsock_t *dealer, const qw_message_t *message)
{
    qw_out_t out;
    qw_out_init (&out);
    qw_wire_encode (message, &out);
    zmq_send (zsock_resolve (dealer), out.buffer.data, out.buffer.size, 0);
    qw_out_free (&out);
}

static void say_hello (zsock_t *dealer)
{
    say (dealer, &(qw_message_t){.type = QW_HELLO,
                                 .role = QW_ROLE_READER,
                                 .version_min = 1,
                                 .version_max = 1,
                                 .life = 77,
                                 .name = QW_BYTES ("bare")});
}

/* The next message that is no heartbeat; its text or bytes are only to be looked at before the next call. */
static qw_message_t *listen_to (zsock_t *dealer, qw_wire_t *wire, zmsg_t **held)
{
    for (;;) {
        zmsg_destroy (held);
        *held = zmsg_recv (dealer);
        assert_non_null (*held);
        qw_message_t *message;
        zframe_t *frame = zmsg_first (*held);
        assert_int_equal (qw_wire_decode (wire, zframe_data (frame), zframe_size (frame), &message, NULL), QW_OK);
        if (message->type != QW_HEARTBEAT)
            return message;
    }
}

static void nonsense_is_answered_with_the_reason (void **state)
{
    scene_t *scene = *state;
    zsock_t *dealer = new_dealer (scene);
    qw_wire_t *wire = qw_wire_new ();
    zmsg_t *held = NULL;

    say (dealer, &(qw_message_t){.type = QW_FOLLOW, .position = 0, .credit = 1});
    qw_message_t *answer = listen_to (dealer, wire, &held);
    assert_int_equal (answer->type, QW_ERROR);
    assert_int_equal (answer->code, QW_REFUSED_UNKNOWN);

    zstr_send (dealer, "GET / HTTP/1.1");
    answer = listen_to (dealer, wire, &held);
    assert_int_equal (answer->code, QW_REFUSED_MESSAGE);

    zmq_send (zsock_resolve (dealer), "QW\x09\x01\x80", 5, 0);
    answer = listen_to (dealer, wire, &held);
    assert_int_equal (answer->code, QW_REFUSED_VERSION);

    say (dealer, &(qw_message_t){.type = QW_HELLO, .role = QW_ROLE_READER, .version_min = 7, .version_max = 9, .life = 1,
                                 .name = QW_BYTES ("later")});
    answer = listen_to (dealer, wire, &held);
    assert_int_equal (answer->code, QW_REFUSED_VERSION);

    say (dealer, &(qw_message_t){.type = QW_HELLO, .role = QW_ROLE_WORKER, .version_min = 1, .version_max = 1, .life = 1,
                                 .name = QW_BYTES ("lost")});
    answer = listen_to (dealer, wire, &held);
    assert_int_equal (answer->code, QW_REFUSED_MESSAGE);

    say_hello (dealer);
    answer = listen_to (dealer, wire, &held);
    assert_int_equal (answer->type, QW_WELCOME);
    assert_int_equal (answer->heartbeat_ms, BEAT_MS);
    assert_int_equal (answer->documents, 0);
    zmq_send (zsock_resolve (dealer), "QW\x01\x40\x82\xa8position\xa1x\xa6" "credit\x01", 24, 0);
    answer = listen_to (dealer, wire, &held);
    assert_int_equal (answer->code, QW_REFUSED_MESSAGE);
    assert_memory_equal (answer->text.data, "FOLLOW: field 'position'", 24);

    zmsg_destroy (&held);
    qw_wire_destroy (&wire);
    zsock_destroy (&dealer);
}

/* I4: never more than the credit, counted from the last FOLLOW; a second FOLLOW of the same place adds nothing. */
static void credit_is_absolute (void **state)
{
    scene_t *scene = *state;
    commit_more (scene, 60);
    zsock_t *dealer = new_dealer (scene);
    qw_wire_t *wire = qw_wire_new ();
    zmsg_t *held = NULL;
    say_hello (dealer);
    listen_to (dealer, wire, &held);
    say (dealer, &(qw_message_t){.type = QW_FOLLOW, .position = 0, .credit = 1500});
    say (dealer, &(qw_message_t){.type = QW_FOLLOW, .position = 0, .credit = 1500});
    zsock_set_rcvtimeo (dealer, 6 * BEAT_MS);
    uint64_t next = 0, bytes = 0;
    for (;;) {
        zmsg_destroy (&held);
        held = zmsg_recv (dealer);
        if (!held || next > 60)
            break;
        qw_message_t *message;
        zframe_t *frame = zmsg_first (held);
        assert_int_equal (qw_wire_decode (wire, zframe_data (frame), zframe_size (frame), &message, NULL), QW_OK);
        if (message->type == QW_HEARTBEAT) {
            if (next > 0)
                break; /* it had the time to send more */
            continue;
        }
        assert_int_equal (message->type, QW_DOCUMENTS);
        assert_int_equal (message->position, next);
        next += message->count;
        bytes += zframe_size (zmsg_next (held));
    }
    assert_in_range (bytes, 700, 1500);
    /* everything but the first document has arrived, and there is credit for about three more */
    say (dealer, &(qw_message_t){.type = QW_FOLLOW, .position = 1, .credit = 1500});
    zsock_set_rcvtimeo (dealer, LONG_MS);
    qw_message_t *message = listen_to (dealer, wire, &held);
    assert_int_equal (message->position, next);
    /* a position that is none of what is under way sets the stream anew */
    say (dealer, &(qw_message_t){.type = QW_FOLLOW, .position = 50, .credit = 1500});
    do
        message = listen_to (dealer, wire, &held);
    while (message->position < 50);
    assert_int_equal (message->position, 50);
    zmsg_destroy (&held);
    qw_wire_destroy (&wire);
    zsock_destroy (&dealer);
}

/* I4: a reader that takes credit and never reads holds up nobody, and is forgotten when it is silent. */
static void a_dead_reader_holds_up_nobody (void **state)
{
    scene_t *scene = *state;
    commit_more (scene, 40);
    zsock_t *dead = new_dealer (scene);
    say_hello (dead);
    say (dead, &(qw_message_t){.type = QW_FOLLOW, .position = 0, .credit = 1u << 30});
    qw_follow_client_t *client = new_client (scene, 0, 3000);
    for (unsigned i = 0; i < 10; i++) {
        commit_more (scene, 10);
        read_until (client, scene->documents);
    }
    int64_t begin = zclock_mono ();
    qw_batch_t batch;
    while (readers_of (scene) > 1 && zclock_mono () - begin < LONG_MS)
        assert_int_equal (qw_follow_client_next (client, BEAT_MS, &batch, NULL), QW_AGAIN);
    assert_int_equal (readers_of (scene), 1);
    commit_more (scene, 5);
    read_until (client, scene->documents);
    qw_follow_client_destroy (&client);
    zsock_destroy (&dead);
}

static void more_readers_than_may_be_are_refused (void **state)
{
    scene_t *scene = *state;
    zactor_destroy (&scene->actor);
    start_actor (scene, 2);
    commit_more (scene, 5);
    zsock_t *dealers[3];
    qw_wire_t *wire = qw_wire_new ();
    zmsg_t *held = NULL;
    for (int i = 0; i < 3; i++) {
        dealers[i] = new_dealer (scene);
        say_hello (dealers[i]);
        qw_message_t *answer = listen_to (dealers[i], wire, &held);
        assert_int_equal (answer->type, i < 2 ? QW_WELCOME : QW_ERROR);
        if (i == 2)
            assert_int_equal (answer->code, QW_REFUSED_LIMIT);
    }
    say (dealers[0], &(qw_message_t){.type = QW_BYE});
    qw_follow_client_t *client = new_client (scene, 0, 0);
    read_until (client, 5);
    qw_follow_client_destroy (&client);
    for (int i = 0; i < 3; i++)
        zsock_destroy (&dealers[i]);
    zmsg_destroy (&held);
    qw_wire_destroy (&wire);
}

static void an_endpoint_that_is_taken_is_refused (void **state)
{
    scene_t *scene = *state;
    qw_reason_t reason;
    qw_follow_options_t options = {
        .directory = scene->corpus, .endpoint = "tcp://127.0.0.1:*", .heartbeat_ms = BEAT_MS, .max_readers = 8};
    zactor_t *actor = qw_follow_new (&options, &reason);
    assert_non_null (actor);
    zstr_send (actor, "ENDPOINT");
    char *endpoint = zstr_recv (actor);
    assert_memory_equal (endpoint, "tcp://127.0.0.1:", 16);
    options.endpoint = endpoint;
    assert_null (qw_follow_new (&options, &reason));
    assert_non_null (strstr (reason.text, "in use"));
    zstr_free (&endpoint);
    zactor_destroy (&actor);
}

#define CASE(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)

int main (void)
{
    qw_log_open ("test", QW_LOG_ERROR);
    zsys_handler_set (NULL);
    const struct CMUnitTest tests[] = {
        CASE (history_and_live_documents_are_one_stream),
        CASE (a_reader_begins_where_it_wants),
        CASE (uncommitted_documents_are_not_sent),
        CASE (a_reader_with_little_credit_gets_everything_in_small_pieces),
        CASE (a_record_larger_than_the_credit_is_sent_alone),
        CASE (a_client_outlives_the_sink_and_misses_nothing),
        CASE (a_client_waits_for_a_sink_that_is_not_there_yet),
        CASE (a_position_beyond_the_corpus_is_refused),
        CASE (a_damaged_record_is_told_not_skipped),
        CASE (nonsense_is_answered_with_the_reason),
        CASE (credit_is_absolute),
        CASE (a_dead_reader_holds_up_nobody),
        CASE (more_readers_than_may_be_are_refused),
        CASE (an_endpoint_that_is_taken_is_refused),
    };
    return cmocka_run_group_tests_name ("follow", tests, NULL, NULL);
}
