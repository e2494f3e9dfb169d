/*  Numbers of tasks that prove who was given what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/ticket.h"

static const uint64_t secret[2] = {0x0123456789abcdef, 42};

static uint64_t number_of (uint64_t session, uint64_t count, uint32_t mask, const uint64_t (*chunks)[2], size_t chunk_count)
{
    qw_ticket_t ticket;
    qw_ticket_begin (&ticket, secret, session, count, mask);
    for (size_t i = 0; i < chunk_count; i++)
        qw_ticket_add (&ticket, chunks[i][0], (uint32_t) chunks[i][1]);
    return qw_ticket_number (&ticket);
}

static void the_same_facts_give_the_same_number_in_any_order (void **state)
{
    (void) state;
    const uint64_t one[][2] = {{7, 0}, {8, 0}, {9, 3}}, other[][2] = {{9, 3}, {7, 0}, {8, 0}};
    assert_int_equal (number_of (5, 100, 7, one, 3), number_of (5, 100, 7, other, 3));
    /* the sink has the number itself, not the count */
    assert_int_equal (number_of (5, number_of (5, 100, 7, one, 3), 7, one, 3), number_of (5, 100, 7, one, 3));
}

static void any_other_fact_gives_another_number (void **state)
{
    (void) state;
    const uint64_t right[][2] = {{7, 0}, {8, 0}}, foreign[][2] = {{7, 0}, {9, 0}}, twice[][2] = {{7, 0}, {8, 0}, {9, 0}, {9, 0}};
    uint64_t number = number_of (5, 100, 7, right, 2);
    assert_int_not_equal (number, number_of (6, 100, 7, right, 2));
    assert_int_not_equal (number, number_of (5, 101, 7, right, 2));
    assert_int_not_equal (number, number_of (5, 100, 3, right, 2));
    assert_int_not_equal (number, number_of (5, 100, 7, right, 1));
    assert_int_not_equal (number, number_of (5, 100, 7, foreign, 2));
    assert_int_not_equal (number, number_of (5, 100, 7, twice, 4));
    qw_ticket_t ticket;
    qw_ticket_begin (&ticket, (const uint64_t[]){secret[0], secret[1] + 1}, 5, 100, 7);
    qw_ticket_add (&ticket, 7, 0);
    qw_ticket_add (&ticket, 8, 0);
    assert_int_not_equal (number, qw_ticket_number (&ticket));
}

static void the_count_comes_back (void **state)
{
    (void) state;
    const uint64_t chunks[][2] = {{1, 0}};
    const uint64_t round = UINT64_C (1) << QW_TICKET_COUNT_BITS;
    const struct {
        uint64_t count, latest;
    } cases[] = {{1, 1}, {1, 1000}, {1000, 1000}, {round - 1, round - 1}, {round - 1, round + 5}, {round, round}, {3 * round + 2, 4 * round + 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal (qw_ticket_count (number_of (9, cases[i].count, 1, chunks, 1), cases[i].latest), cases[i].count);
}

int main (void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test (the_same_facts_give_the_same_number_in_any_order),
                                       cmocka_unit_test (any_other_fact_gives_another_number),
                                       cmocka_unit_test (the_count_comes_back)};
    return cmocka_run_group_tests (tests, NULL, NULL);
}
