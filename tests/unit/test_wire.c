/*  The messages of the protocol: there and back, what is ignored, what is refused and with which words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "proto/wire.h"

static uint64_t numbers[] = {1, 2, 300};
static qw_bytes_t names[] = {{"tokens", 6}, {"quotes", 6}};
static qw_announced_t announced[] = {{.sequence = 4,
                                      .id = QW_BYTES ("a"),
                                      .source = QW_BYTES ("\x81\xa4path\xa1p"),
                                      .metadata = QW_BYTES ("\x80"),
                                      .text = QW_BYTES ("caf\xc3\xa9"),
                                      .structure = {numbers, 3},
                                      .chunks = {numbers, 1},
                                      .supersedes = 9},
                                     {.sequence = 5,
                                      .id = QW_BYTES ("b"),
                                      .source = QW_BYTES ("\x80"),
                                      .text = QW_BYTES (""),
                                      .failed = QW_BYTES ("broken")}};
static qw_task_chunk_t chunks[] = {
    {.sequence = 4, .chunk = 1, .id = QW_BYTES ("a"), .text = QW_BYTES ("caf\xc3\xa9"), .structure = {numbers, 3}}};
static qw_result_chunk_t results[] = {
    {.sequence = 4, .chunk = 1, .layers = QW_BYTES ("\x81\xa6tokens\x80"), .failed = QW_BYTES ("why")}};
static qw_status_worker_t workers[] = {{QW_BYTES ("w"), 1, 2, 3, 4, 5, 6}};

/* One of every type, with every field that it can have. */
static const qw_message_t messages[] = {
    {.type = QW_HELLO,
     .role = QW_ROLE_WORKER,
     .version_min = 1,
     .version_max = 3,
     .life = 1ull << 62,
     .name = QW_BYTES ("n"),
     .software = QW_BYTES ("s"),
     .process = 77,
     .layers = {names, 2},
     .credit = 4},
    {.type = QW_WELCOME,
     .version_max = 1,
     .life = 5,
     .session = 6,
     .heartbeat_ms = 1000,
     .software = QW_BYTES ("s"),
     .lease_ms = 3,
     .endpoint = QW_BYTES ("ipc://x"),
     .layers = {names, 1},
     .window_documents = 1,
     .window_bytes = 2,
     .max_document_bytes = 3,
     .documents = 4},
    {.type = QW_ERROR, .code = QW_REFUSED_ORDER, .text = QW_BYTES ("no")},
    {.type = QW_HEARTBEAT, .session = 1, .last = 2, .credit = 3, .held = {numbers, 3}},
    {.type = QW_BYE, .drain = true, .text = QW_BYTES ("done")},
    {.type = QW_TASK, .task = 1, .session = 2, .layers = {names, 2}, .tasks = {chunks, 1}},
    {.type = QW_DONE, .task = 1, .microseconds = 2, .credit = 3},
    {.type = QW_RESULT, .session = 1, .task = 2, .name = QW_BYTES ("w"), .layers = {names, 1}, .results = {results, 1}},
    {.type = QW_ANNOUNCE, .session = 1, .number = 2, .announced = {announced, 2}},
    {.type = QW_PROGRESS,
     .session = 1,
     .number = 2,
     .documents = 3,
     .accepted = {numbers, 2},
     .received = {numbers, 3},
     .committed = {numbers, 3},
     .counts = {numbers, 3}},
    {.type = QW_GIVE_UP, .session = 1, .number = 2, .sequence = 3, .chunk = 4, .layer_mask = 5, .text = QW_BYTES ("t")},
    {.type = QW_FOLLOW, .position = 70000, .credit = 1 << 20},
    {.type = QW_DOCUMENTS, .position = 1, .count = 2, .documents = 3},
    {.type = QW_STATUS_REQUEST},
    {.type = QW_STATUS_REPORT,
     .role = 1,
     .documents = 2,
     .failures = 3,
     .duplicates = 4,
     .bytes = 5,
     .open = 6,
     .queued = 7,
     .redeliveries = 8,
     .readers = 9,
     .mean_commit_us = 10,
     .counts = {numbers, 3},
     .workers = {workers, 1}},
};
enum { MESSAGES = sizeof messages / sizeof *messages };

typedef struct {
    qw_wire_t *wire;
    qw_out_t frame, again;
} bench_t;

static int set_up (void **state)
{
    bench_t *bench = calloc (1, sizeof *bench);
    bench->wire = qw_wire_new ();
    qw_out_init (&bench->frame);
    qw_out_init (&bench->again);
    *state = bench;
    return 0;
}

static int tear_down (void **state)
{
    bench_t *bench = *state;
    qw_wire_destroy (&bench->wire);
    qw_out_free (&bench->frame);
    qw_out_free (&bench->again);
    free (bench);
    return 0;
}

/* Every field is in the encoding, so equal encodings of equal types are equal messages. */
static void every_message_comes_back_as_it_was_sent (void **state)
{
    bench_t *bench = *state;
    for (int i = 0; i < MESSAGES; i++) {
        qw_message_t *message;
        qw_reason_t reason;
        qw_wire_encode (&messages[i], &bench->frame);
        if (qw_wire_decode (bench->wire, bench->frame.buffer.data, bench->frame.buffer.size, &message, &reason))
            fail_msg ("%s", reason.text);
        assert_int_equal (message->type, messages[i].type);
        assert_int_equal (message->version, QW_WIRE_VERSION_MAX);
        qw_wire_encode (message, &bench->again);
        assert_int_equal (bench->again.buffer.size, bench->frame.buffer.size);
        assert_memory_equal (bench->again.buffer.data, bench->frame.buffer.data, bench->frame.buffer.size);
        assert_int_equal (qw_wire_decode_again (bench->wire, bench->frame.buffer.data, bench->frame.buffer.size, &message), QW_OK);
        qw_wire_encode (message, &bench->again);
        assert_memory_equal (bench->again.buffer.data, bench->frame.buffer.data, bench->frame.buffer.size);
    }
}

static void fields_land_where_they_belong (void **state)
{
    bench_t *bench = *state;
    qw_message_t *message;
    qw_wire_encode (&messages[8], &bench->frame);
    assert_int_equal (qw_wire_decode (bench->wire, bench->frame.buffer.data, bench->frame.buffer.size, &message, NULL),
                      QW_OK);
    assert_int_equal (message->session, 1);
    assert_int_equal (message->number, 2);
    assert_int_equal (message->announced.count, 2);
    const qw_announced_t *first = &message->announced.items[0], *second = &message->announced.items[1];
    assert_int_equal (first->sequence, 4);
    assert_true (qw_bytes_are (first->text, "caf\xc3\xa9"));
    assert_int_equal (first->structure.count, 3);
    assert_int_equal (first->structure.items[2], 300);
    assert_int_equal (first->supersedes, 9);
    assert_null (first->failed.data);
    assert_true (qw_bytes_are (second->failed, "broken"));
    assert_null (second->metadata.data);
    assert_non_null (second->text.data);
    assert_int_equal (second->supersedes, 0);
}

static void optional_fields_that_are_absent_are_left_out (void **state)
{
    bench_t *bench = *state;
    qw_wire_encode (&(qw_message_t){.type = QW_HEARTBEAT}, &bench->frame);
    assert_int_equal (bench->frame.buffer.size, 5);
    assert_memory_equal (bench->frame.buffer.data, "QW\x01\x04\x80", 5);
}

/* The body with one more pair in front is the same message. */
static void unknown_keys_are_ignored (void **state)
{
    bench_t *bench = *state;
    static const char more[] = "\xa8" "any more\x92\x81\xa1k\xc0\xcb\x00\x00\x00\x00\x00\x00\x00\x00";
    for (int i = 0; i < MESSAGES; i++) {
        qw_wire_encode (&messages[i], &bench->frame);
        const char *body = bench->frame.buffer.data + QW_WIRE_HEAD;
        qw_out_t longer;
        qw_out_init (&longer);
        qw_put_raw (&longer, (qw_bytes_t){bench->frame.buffer.data, QW_WIRE_HEAD});
        assert_int_equal ((uint8_t) body[0] & 0xf0, 0x80);
        qw_put_map (&longer, ((uint8_t) body[0] & 0x0fu) + 1);
        qw_put_raw (&longer, (qw_bytes_t){more, sizeof more - 1});
        qw_put_raw (&longer, (qw_bytes_t){body + 1, bench->frame.buffer.size - QW_WIRE_HEAD - 1});
        qw_message_t *message;
        qw_reason_t reason;
        if (qw_wire_decode (bench->wire, longer.buffer.data, longer.buffer.size, &message, &reason))
            fail_msg ("%s", reason.text);
        qw_wire_encode (message, &bench->again);
        assert_int_equal (bench->again.buffer.size, bench->frame.buffer.size);
        assert_memory_equal (bench->again.buffer.data, bench->frame.buffer.data, bench->frame.buffer.size);
        qw_out_free (&longer);
    }
}

/* Each pair of a message's map in turn gets a value of a type that no field has; the reason names message and key. */
static void a_wrong_type_is_refused_with_the_fields_name (void **state)
{
    bench_t *bench = *state;
    unsigned fields = 0;
    for (int i = 0; i < MESSAGES; i++) {
        qw_wire_encode (&messages[i], &bench->frame);
        const char *bytes = bench->frame.buffer.data;
        qw_mp_t reader;
        qw_mp_open (&reader, bytes + QW_WIRE_HEAD, bench->frame.buffer.size - QW_WIRE_HEAD, NULL);
        uint32_t pairs = qw_mp_map (&reader, "map");
        for (uint32_t j = 0; j < pairs; j++) {
            qw_bytes_t key = qw_mp_str (&reader, "key");
            const char *value = (const char *) reader.at;
            qw_mp_skip (&reader);
            qw_out_t wrong;
            qw_out_init (&wrong);
            qw_put_raw (&wrong, (qw_bytes_t){bytes, (size_t) (value - bytes)});
            msgpack_pack_double (&wrong.packer, 0.5);
            const char *rest = (const char *) reader.at;
            qw_put_raw (&wrong, (qw_bytes_t){rest, (size_t) (bytes + bench->frame.buffer.size - rest)});
            qw_message_t *message;
            qw_reason_t reason = {""};
            assert_int_equal (qw_wire_decode (bench->wire, wrong.buffer.data, wrong.buffer.size, &message, &reason),
                              QW_INVALID);
            assert_null (message);
            char expected[100];
            snprintf (expected, sizeof expected, "%s: field '%.*s' is not", qw_message_name (messages[i].type),
                      (int) key.size, key.data);
            if (!strstr (reason.text, expected))
                fail_msg ("expected '%s', got '%s'", expected, reason.text);
            qw_out_free (&wrong);
            fields++;
        }
    }
    assert_int_equal (fields, 74);
}

static void assert_refused (bench_t *bench, qw_bytes_t frame, qw_status_t status, const char *why)
{
    qw_message_t *message;
    qw_reason_t reason = {""};
    assert_int_equal (qw_wire_decode (bench->wire, frame.data, frame.size, &message, &reason), status);
    if (!strstr (reason.text, why))
        fail_msg ("expected '%s', got '%s'", why, reason.text);
}

static void what_is_no_message_is_refused (void **state)
{
    assert_refused (*state, QW_BYTES (""), QW_INVALID, "not a message");
    assert_refused (*state, QW_BYTES ("QW\x01"), QW_INVALID, "not a message");
    assert_refused (*state, QW_BYTES ("GET / HTTP/1.1\r\n"), QW_INVALID, "not a message");
    assert_refused (*state, QW_BYTES ("QW\x00\x04\x80"), QW_UNSUPPORTED, "version 0");
    assert_refused (*state, QW_BYTES ("QW\x02\x04\x80"), QW_UNSUPPORTED, "version 2 is not spoken here (1 to 1 are)");
    assert_refused (*state, QW_BYTES ("QW\x01\x7f\x80"), QW_UNSUPPORTED, "unknown message type 0x7f");
    assert_refused (*state, QW_BYTES ("QW\x01\x04"), QW_INVALID, "HEARTBEAT: MessagePack: the value is cut off");
    assert_refused (*state, QW_BYTES ("QW\x01\x04\x90"), QW_INVALID, "HEARTBEAT: field 'HEARTBEAT' is not a map");
    assert_refused (*state, QW_BYTES ("QW\x01\x04\x80\x80"), QW_INVALID, "left over");
    assert_refused (*state, QW_BYTES ("QW\x01\x04\xdd\x05\xf5\xe1\x00"), QW_INVALID, "claims more items");
    assert_refused (*state, QW_BYTES ("QW\x01\x40\x81\xa8position\x01"), QW_INVALID, "FOLLOW: field 'credit' is missing");
    assert_refused (*state,
                    QW_BYTES ("QW\x01\x40\x82\xa8position\xff\xa6"
                              "credit\x01"),
                    QW_INVALID, "field 'position' is not an unsigned");
    assert_refused (*state,
                    QW_BYTES ("QW\x01\x30\x83\xa7session\x01\xa6number\x01\xa9"
                              "documents\x91\x80"),
                    QW_INVALID, "field 'documents' claims more items");
}

/* Lists of a message live until the next decode; a large one does not stay in memory for ever, and small ones come
 * right after it. */
static void one_decoder_serves_many_messages (void **state)
{
    bench_t *bench = *state;
    enum { MANY = 600000 };
    uint64_t *many = malloc (MANY * sizeof *many);
    for (uint64_t i = 0; i < MANY; i++)
        many[i] = i;
    for (int round = 0; round < 3; round++) {
        qw_message_t *message;
        qw_wire_encode (&(qw_message_t){.type = QW_HEARTBEAT, .held = {many, MANY}}, &bench->frame);
        assert_int_equal (
            qw_wire_decode (bench->wire, bench->frame.buffer.data, bench->frame.buffer.size, &message, NULL), QW_OK);
        assert_int_equal (message->held.count, MANY);
        assert_memory_equal (message->held.items, many, MANY * sizeof *many);
        every_message_comes_back_as_it_was_sent (state);
    }
    free (many);
}

#define CASE(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)

int main (void)
{
    const struct CMUnitTest tests[] = {
        CASE (every_message_comes_back_as_it_was_sent), CASE (fields_land_where_they_belong),
        CASE (optional_fields_that_are_absent_are_left_out), CASE (unknown_keys_are_ignored),
        CASE (a_wrong_type_is_refused_with_the_fields_name), CASE (what_is_no_message_is_refused),
        CASE (one_decoder_serves_many_messages),
    };
    return cmocka_run_group_tests_name ("wire", tests, NULL, NULL);
}
