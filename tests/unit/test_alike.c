/*  test_alike.c - which keys may be two spellings of one name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sink/resolve/alike.h"

static double alike (const char *a, const char *b)
{
    double score = qw_alike (a, strlen (a), b, strlen (b));
    double back = qw_alike (b, strlen (b), a, strlen (a));
    assert_true (score - back < 1e-9 && back - score < 1e-9);
    assert_true (score >= 0 && score <= 1);
    return score;
}

static bool share_a_bucket (const char *a, const char *b)
{
    uint64_t one[2], two[2];
    qw_alike_buckets (a, strlen (a), one);
    qw_alike_buckets (b, strlen (b), two);
    return (one[0] && one[0] == two[0]) || (one[1] && one[1] == two[1]);
}

static void spellings_of_one_name_score_high (void **state)
{
    (void) state;
    static const char *const pairs[][2] = {
        {"person:hyon-yong-chol", "person:hyun-young-chol"},     {"person:choe-ryong-hae", "person:choi-ryong-hae"},
        {"person:muammar-gaddafi", "person:moammar-ghadafi"},    {"person:mohammed-morsi", "person:muhammad-mursi"},
        {"person:volodymyr-zelensky", "person:volodymyr-zelenskiy"}, {"person:yevgeny-prigozhin", "person:evgeni-prigozhin"},
        {"person:kim-jong-un", "person:kim-jongun"},             {"person:ban-ki-moon", "person:ki-moon-ban"},
        {"person:abe-shinzo", "person:shinzo-abe"},              {"org:hezbollah", "org:hizbullah"},
        {"person:khalid-sheikh", "person:halid-sheikh"},         {"person:philippa-berg", "person:filipa-berg"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        double score = alike (pairs[i][0], pairs[i][1]);
        if (!(score >= 0.85 && score < 1) || !share_a_bucket (pairs[i][0], pairs[i][1]))
            fail_msg ("%s and %s: %.2f, %s bucket", pairs[i][0], pairs[i][1], score,
                      share_a_bucket (pairs[i][0], pairs[i][1]) ? "one" : "no");
    }
}

static void other_people_score_low (void **state)
{
    (void) state;
    static const char *const pairs[][2] = {{"person:kim-jong-un", "person:kim-jong-il"},   {"person:kim-jong-un", "person:kim-jong-nam"},
                                           {"person:mario-silva", "person:maria-silva"},   {"person:john-smith", "person:joan-smith"},
                                           {"person:park-geun-hye", "person:park-chung-hee"}, {"person:jean-berg", "person:jane-borg"},
                                           {"person:obama", "loc:obama"},                  {"org:acme", "person:acme"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        double score = alike (pairs[i][0], pairs[i][1]);
        if (score >= 0.85)
            fail_msg ("%s and %s: %.2f", pairs[i][0], pairs[i][1], score);
    }
}

static void the_same_key_is_the_same (void **state)
{
    (void) state;
    assert_true (alike ("person:ada-berg", "person:ada-berg") == 1);
}

static void odd_keys_do_no_harm (void **state)
{
    (void) state;
    static char longest[2000];
    memset (longest, 'a', sizeof longest - 1);
    memcpy (longest, "person:", 7);
    for (size_t i = 20; i < sizeof longest - 1; i += 7)
        longest[i] = i % 2 ? '-' : 'k';
    static const char *const keys[] = {"", ":", "person:", "person:-", "person:--a--", "-", "person:\xe5\x8c\x97\xe4\xba\xac", "nokey", "a:b:c"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        uint64_t buckets[2];
        qw_alike_buckets (keys[i], strlen (keys[i]), buckets);
        alike (keys[i], longest);
        for (size_t j = 0; j < sizeof keys / sizeof *keys; j++)
            alike (keys[i], keys[j]);
    }
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (spellings_of_one_name_score_high),
        cmocka_unit_test (other_people_score_low),
        cmocka_unit_test (the_same_key_is_the_same),
        cmocka_unit_test (odd_keys_do_no_harm),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
