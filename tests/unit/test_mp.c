/*  The MessagePack cursor and scan: against msgpack-c's own unpacker, and against what could hurt. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "proto/mp.h"
#include "proto/utf8.h"

static uint64_t state = 88172645463325252u;

static uint32_t random_below (uint32_t limit)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t) (state >> 33) % limit;
}

static qw_status_t scan (const char *bytes, size_t size, qw_reason_t *reason) { return qw_mp_scan (bytes, size, reason); }
#define SCAN(literal, reason) scan (literal, sizeof (literal) - 1, reason)

/* ---- what the scan refuses -------------------------------------------------------------------------------------- */

static void assert_refused (const char *bytes, size_t size, const char *why)
{
    qw_reason_t reason = {""};
    assert_int_equal (qw_mp_scan (bytes, size, &reason), QW_INVALID);
    if (!strstr (reason.text, why))
        fail_msg ("expected '%s', got '%s'", why, reason.text);
}
#define REFUSED(literal, why) assert_refused (literal, sizeof (literal) - 1, why)

static long peak_kilobytes (void)
{
    struct rusage usage;
    getrusage (RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

static void five_bytes_that_claim_100_million_items_are_refused_within_a_megabyte (void **unused)
{
    (void) unused;
    REFUSED ("\xc1", "unknown type"); /* the first refusal of all also pays for what libraries and sanitizers set up once */
    long before = peak_kilobytes ();
    for (int i = 0; i < 1000; i++) {
        REFUSED ("\xdd\x05\xf5\xe1\x00", "claims more items");
        REFUSED ("\xdf\x05\xf5\xe1\x00", "claims more items");
        REFUSED ("\xdb\x05\xf5\xe1\x00", "longer than the frame");
        REFUSED ("\xc6\x05\xf5\xe1\x00", "longer than the frame");
    }
    qw_mp_t cursor;
    qw_mp_open (&cursor, "\xdd\x05\xf5\xe1\x00", 5, NULL);
    assert_int_equal (qw_mp_array (&cursor, "x"), 0);
    assert_int_equal (qw_mp_status (&cursor), QW_INVALID);
    assert_true (peak_kilobytes () - before < 1024);
}

static void nesting_is_limited (void **unused)
{
    (void) unused;
    char deep[QW_MP_MAX_DEPTH + 2];
    memset (deep, '\x91', sizeof deep);
    deep[QW_MP_MAX_DEPTH] = '\x01';
    assert_int_equal (scan (deep, QW_MP_MAX_DEPTH + 1, NULL), QW_OK);
    deep[QW_MP_MAX_DEPTH] = '\x91';
    deep[QW_MP_MAX_DEPTH + 1] = '\x01';
    assert_refused (deep, QW_MP_MAX_DEPTH + 2, "nested too deep");
}

static void what_is_no_single_clean_value_is_refused (void **unused)
{
    (void) unused;
    REFUSED ("", "cut off");
    REFUSED ("\xc1", "unknown type");
    REFUSED ("\xcd\x01", "cut-off head");
    REFUSED ("\xa3" "ab", "longer than the frame");
    REFUSED ("\x92\x01", "claims more items");
    REFUSED ("\x92\xcc\x01", "cut off");
    REFUSED ("\x01\x02", "left over");
    REFUSED ("\xd4\x01\x02", "unknown type");
    REFUSED ("\xc7\x01\x02\x03", "unknown type");
    REFUSED ("\x81\x01\x02", "a key that is not text");
    REFUSED ("\x82\xa1" "a\x01\xa1" "a\x02", "stands twice");
    REFUSED ("\xa2\xc3\x28", "not UTF-8");
    REFUSED ("\x81\xa1\xff\x01", "not UTF-8");
    REFUSED ("\xa3\xed\xa0\x80", "not UTF-8");
}

static void keys_in_one_map_are_limited (void **unused)
{
    (void) unused;
    for (uint32_t keys = QW_MP_MAX_KEYS; keys <= QW_MP_MAX_KEYS + 1; keys++) {
        qw_out_t out;
        qw_out_init (&out);
        qw_put_map (&out, keys);
        for (uint32_t i = 0; i < keys; i++) {
            char key[16];
            snprintf (key, sizeof key, "%u", i);
            qw_put_key (&out, key);
            qw_put_nil (&out);
        }
        qw_reason_t reason;
        assert_int_equal (qw_mp_scan (out.buffer.data, out.buffer.size, &reason),
                          keys <= QW_MP_MAX_KEYS ? QW_OK : QW_INVALID);
        qw_out_free (&out);
    }
}

static void the_reason_names_the_byte (void **unused)
{
    (void) unused;
    qw_reason_t reason;
    assert_int_equal (SCAN ("\x93\x01\x02\xc1", &reason), QW_INVALID);
    assert_string_equal (reason.text, "MessagePack: an unknown type or a cut-off head at byte 3");
}

/* ---- against msgpack-c ------------------------------------------------------------------------------------------ */

/* A random value in any of its forms, also longer ones than it needs. */
static void put_random (qw_out_t *out, int depth)
{
    static const char *const words[] = {"", "a", "caf\xc3\xa9", "\xe2\x82\xac\xf0\x9f\x98\x80",
                                        "the quick brown fox jumps over it all"};
    qw_bytes_t word = qw_bytes_of (words[random_below (5)]);
    uint64_t number = state >> random_below (64);
    char head[9];
    switch (random_below (depth > 0 ? 14 : 11)) {
    case 0: qw_put_nil (out); break;
    case 1: qw_put_bool (out, number & 1); break;
    case 2: qw_put_uint (out, number); break;
    case 3: msgpack_pack_int64 (&out->packer, (int64_t) number); break;
    case 4: msgpack_pack_int64 (&out->packer, -(int64_t) (number >> 1)); break;
    case 5: msgpack_pack_double (&out->packer, (double) number / 7); break;
    case 6: msgpack_pack_float (&out->packer, (float) number / 7); break;
    case 7: qw_put_str (out, word); break;
    case 8: qw_put_bin (out, word); break;
    case 9:
        head[0] = (char) (0xcc + random_below (8));
        for (int i = 1; i < 9; i++)
            head[i] = (char) random_below (256);
        qw_put_raw (out, (qw_bytes_t){head, 1u + (1u << ((uint8_t) head[0] & 3))});
        break;
    case 10: qw_put_raw (out, QW_BYTES ("\xda\x00\x02hi")); break;
    case 11: qw_put_raw (out, QW_BYTES ("\xdd\x00\x00\x00\x01\xc3")); break;
    case 12:
        qw_put_array (out, number % 20);
        for (uint64_t i = number % 20; i > 0; i--)
            put_random (out, depth - 1);
        break;
    case 13:
        qw_put_map (out, number % 20);
        for (uint64_t i = number % 20; i > 0; i--) {
            qw_put_key (out, (char[]){(char) ('a' + i), 0});
            put_random (out, depth - 1);
        }
    }
}

/* The cursor reads what msgpack-c has read. */
static void assert_same (qw_mp_t *cursor, const msgpack_object *object)
{
    qw_bytes_t bytes;
    switch (object->type) {
    case MSGPACK_OBJECT_NIL: assert_true (qw_mp_nil (cursor)); break;
    case MSGPACK_OBJECT_BOOLEAN: assert_int_equal (qw_mp_bool (cursor, "b"), object->via.boolean); break;
    case MSGPACK_OBJECT_POSITIVE_INTEGER:
        assert_int_equal (qw_mp_peek (cursor), QW_MP_UINT);
        assert_int_equal (qw_mp_uint (cursor, "u"), object->via.u64);
        break;
    case MSGPACK_OBJECT_NEGATIVE_INTEGER:
        assert_int_equal (qw_mp_peek (cursor), QW_MP_INT);
        assert_int_equal (qw_mp_int (cursor, "i"), object->via.i64);
        break;
    case MSGPACK_OBJECT_FLOAT32:
    case MSGPACK_OBJECT_FLOAT64:
        assert_int_equal (qw_mp_peek (cursor), QW_MP_FLOAT);
        assert_true (qw_mp_number (cursor, "f") == object->via.f64);
        break;
    case MSGPACK_OBJECT_STR:
        bytes = qw_mp_str (cursor, "s");
        assert_true (qw_bytes_equal (bytes, (qw_bytes_t){object->via.str.ptr, object->via.str.size}));
        break;
    case MSGPACK_OBJECT_BIN:
        bytes = qw_mp_bin (cursor, "b");
        assert_true (qw_bytes_equal (bytes, (qw_bytes_t){object->via.bin.ptr, object->via.bin.size}));
        break;
    case MSGPACK_OBJECT_ARRAY:
        assert_int_equal (qw_mp_array (cursor, "a"), object->via.array.size);
        for (uint32_t i = 0; i < object->via.array.size; i++)
            assert_same (cursor, &object->via.array.ptr[i]);
        break;
    case MSGPACK_OBJECT_MAP:
        assert_int_equal (qw_mp_map (cursor, "m"), object->via.map.size);
        for (uint32_t i = 0; i < object->via.map.size; i++) {
            assert_same (cursor, &object->via.map.ptr[i].key);
            assert_same (cursor, &object->via.map.ptr[i].val);
        }
        break;
    default: fail ();
    }
    assert_int_equal (qw_mp_status (cursor), QW_OK);
}

static void every_value_is_read_as_msgpack_c_reads_it (void **unused)
{
    (void) unused;
    qw_out_t out;
    qw_out_init (&out);
    for (int round = 0; round < 20000; round++) {
        qw_out_reset (&out);
        put_random (&out, 3);
        qw_reason_t reason;
        if (qw_mp_scan (out.buffer.data, out.buffer.size, &reason))
            fail_msg ("%s", reason.text);
        msgpack_unpacked unpacked;
        msgpack_unpacked_init (&unpacked);
        size_t used = 0;
        assert_int_equal (msgpack_unpack_next (&unpacked, out.buffer.data, out.buffer.size, &used), MSGPACK_UNPACK_SUCCESS);
        assert_int_equal (used, out.buffer.size);
        qw_mp_t cursor;
        qw_mp_open (&cursor, out.buffer.data, out.buffer.size, &reason);
        assert_same (&cursor, &unpacked.data);
        assert_ptr_equal (cursor.at, cursor.end);
        qw_mp_open (&cursor, out.buffer.data, out.buffer.size, &reason);
        assert_int_equal (qw_mp_skip (&cursor).size, out.buffer.size);
        msgpack_unpacked_destroy (&unpacked);
    }
    qw_out_free (&out);
}

/* Long runs of small numbers, with something else at any place among them. */
static void long_arrays_are_read_as_short_ones (void **unused)
{
    (void) unused;
    qw_out_t out;
    qw_out_init (&out);
    for (uint32_t count = 0; count < 40; count++)
        for (uint32_t other = 0; other <= count; other++) {
            qw_out_reset (&out);
            qw_put_array (&out, count);
            for (uint32_t i = 0; i < count; i++)
                qw_put_uint (&out, i == other ? 100000 : i);
            size_t size = out.buffer.size;
            char *bytes = malloc (size); /* exactly as long, so that ASan sees a step beyond it */
            memcpy (bytes, out.buffer.data, size);
            assert_int_equal (qw_mp_scan (bytes, size, NULL), QW_OK);
            if (count > 0)
                assert_int_equal (qw_mp_scan (bytes, size - 1, NULL), QW_INVALID);
            qw_mp_t cursor;
            qw_mp_open (&cursor, bytes, size, NULL);
            assert_int_equal (qw_mp_skip (&cursor).size, size);
            free (bytes);
        }
    qw_out_free (&out);
}

/* Of random bytes the scan takes nothing that msgpack-c would not take whole, and never reads beyond the end (a matter
 * for ASan). */
static void of_random_bytes_only_whole_values_are_taken (void **unused)
{
    (void) unused;
    unsigned taken = 0;
    for (int round = 0; round < 200000; round++) {
        size_t size = 1 + random_below (12);
        char *bytes = malloc (size);
        for (size_t i = 0; i < size; i++)
            bytes[i] = (char) (random_below (3) ? random_below (256) : 0x80 + random_below (0x30));
        if (qw_mp_scan (bytes, size, NULL) == QW_OK) {
            msgpack_unpacked unpacked;
            msgpack_unpacked_init (&unpacked);
            size_t used = 0;
            assert_int_equal (msgpack_unpack_next (&unpacked, bytes, size, &used), MSGPACK_UNPACK_SUCCESS);
            assert_int_equal (used, size);
            msgpack_unpacked_destroy (&unpacked);
            taken++;
        }
        qw_mp_t cursor;
        qw_mp_open (&cursor, bytes, size, NULL);
        qw_bytes_t skipped = qw_mp_skip (&cursor);
        assert_true (skipped.size <= size);
        free (bytes);
    }
    assert_true (taken > 1000);
}

/* ---- the cursor's errors ---------------------------------------------------------------------------------------- */

static void an_error_names_the_field_and_sticks (void **unused)
{
    (void) unused;
    qw_mp_t cursor;
    qw_reason_t reason;
    qw_mp_open (&cursor, "\x05\xa1x\x07", 4, &reason);
    assert_int_equal (qw_mp_uint (&cursor, "first"), 5);
    assert_int_equal (qw_mp_uint (&cursor, "second"), 0);
    assert_string_equal (reason.text, "field 'second' is not an unsigned integer");
    assert_int_equal (qw_mp_uint (&cursor, "third"), 0);
    assert_null (qw_mp_str (&cursor, "fourth").data);
    assert_int_equal (qw_mp_peek (&cursor), QW_MP_BAD);
    assert_string_equal (reason.text, "field 'second' is not an unsigned integer");
    assert_int_equal (qw_mp_status (&cursor), QW_INVALID);
}

static void numbers_beyond_their_kind_are_refused (void **unused)
{
    (void) unused;
    qw_mp_t cursor;
    qw_reason_t reason;
    qw_mp_open (&cursor, "\xcf\x80\x00\x00\x00\x00\x00\x00\x00", 9, &reason);
    qw_mp_int (&cursor, "n");
    assert_string_equal (reason.text, "field 'n' is too large a number");
    qw_mp_open (&cursor, "\xff", 1, &reason);
    qw_mp_uint (&cursor, "n");
    assert_string_equal (reason.text, "field 'n' is not an unsigned integer");
    qw_mp_open (&cursor, "\xd0\x05", 2, &reason);
    assert_int_equal (qw_mp_uint (&cursor, "a signed form of 5"), 5);
}

static void reserved_room_is_appended_to (void **unused)
{
    (void) unused;
    qw_out_t out;
    qw_out_init (&out);
    qw_put_uint (&out, 1);
    char *room = qw_out_reserve (&out, 100000);
    memset (room, 7, 100000);
    out.buffer.size += 100000;
    qw_put_uint (&out, 2);
    assert_int_equal (out.buffer.size, 100002);
    assert_int_equal (out.buffer.data[0], 1);
    assert_int_equal (out.buffer.data[100000], 7);
    assert_int_equal (out.buffer.data[100001], 2);
    qw_out_free (&out);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (five_bytes_that_claim_100_million_items_are_refused_within_a_megabyte),
        cmocka_unit_test (nesting_is_limited),
        cmocka_unit_test (what_is_no_single_clean_value_is_refused),
        cmocka_unit_test (keys_in_one_map_are_limited),
        cmocka_unit_test (the_reason_names_the_byte),
        cmocka_unit_test (every_value_is_read_as_msgpack_c_reads_it),
        cmocka_unit_test (long_arrays_are_read_as_short_ones),
        cmocka_unit_test (of_random_bytes_only_whole_values_are_taken),
        cmocka_unit_test (an_error_names_the_field_and_sticks),
        cmocka_unit_test (numbers_beyond_their_kind_are_refused),
        cmocka_unit_test (reserved_room_is_appended_to),
    };
    return cmocka_run_group_tests_name ("mp", tests, NULL, NULL);
}
