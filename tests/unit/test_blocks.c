/*  test_blocks.c - sixty-four bytes at once, against one after the other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "proto/blocks.h"

static uint64_t state = 42;

static unsigned char random_byte (void)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned char) (state >> 40);
}

static uint64_t range_of (const unsigned char *bytes, unsigned low, unsigned high)
{
    uint64_t bits = 0;
    for (int i = 0; i < QW_BLOCK; i++)
        bits |= (uint64_t) (bytes[i] >= low && bytes[i] <= high) << i;
    return bits;
}

static unsigned continuations_of (const unsigned char *bytes)
{
    unsigned count = 0;
    for (int i = 0; i < QW_BLOCK; i++)
        count += (bytes[i] & 0xc0) == 0x80;
    return count;
}

static void bytes_are_told_apart (void **unused)
{
    (void) unused;
    unsigned char bytes[QW_BLOCK];
    for (unsigned low = 0; low < 256; low++)
        for (int round = 0; round < 64; round++) {
            for (int i = 0; i < QW_BLOCK; i++)
                bytes[i] = random_byte ();
            bytes[round] = (unsigned char) low;
            unsigned high = low + random_byte () % (256 - low);
            qw_block_t block = qw_block_at ((const char *) bytes);
            assert_true (qw_block_range (&block, (unsigned char) low, (unsigned char) high) == range_of (bytes, low, high));
            assert_true (qw_block_is (&block, (unsigned char) low) == range_of (bytes, low, low));
            assert_true (qw_block_high (&block) == range_of (bytes, 0x80, 0xff));
            assert_int_equal (qw_block_continuations (&block), continuations_of (bytes));
        }
    memset (bytes, 0x9c, sizeof bytes);
    qw_block_t block = qw_block_at ((const char *) bytes);
    assert_int_equal (qw_block_continuations (&block), QW_BLOCK);
}

static void capitals_become_small (void **unused)
{
    (void) unused;
    char bytes[QW_BLOCK];
    for (unsigned first = 0; first < 256; first += QW_BLOCK) {
        for (unsigned i = 0; i < QW_BLOCK; i++)
            bytes[i] = (char) (first + i);
        qw_block_t block = qw_block_at (bytes), small = qw_block_small (&block);
        uint64_t letters = qw_block_range (&block, 'a', 'z') | qw_block_range (&block, 'A', 'Z');
        assert_true (qw_block_range (&small, 'a', 'z') == letters);
    }
}

static void no_more_is_read_than_there_is (void **unused)
{
    (void) unused;
    for (size_t size = 0; size <= QW_BLOCK; size++) {
        char *bytes = malloc (size + (size == 0)); /* the sanitizer sees what is read behind it */
        memset (bytes, 'x', size);
        qw_block_t block = qw_block_within (bytes, size);
        assert_true (qw_block_is (&block, 'x') == qw_block_first (size));
        assert_true (qw_block_is (&block, 0) == ~qw_block_first (size));
        free (bytes);
    }
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (bytes_are_told_apart),
        cmocka_unit_test (capitals_become_small),
        cmocka_unit_test (no_more_is_read_than_there_is),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
