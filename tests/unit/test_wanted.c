/*  The list of layers that a run wants. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "ventilator/wanted.h"

static void test_groups_and_layers (void **state)
{
    (void) state;
    qw_wanted_t wanted;
    assert_int_equal (qw_wanted_read (&wanted, "tokens,entities+quotes", NULL), QW_OK);
    assert_int_equal (wanted.layer_count, 3);
    assert_true (qw_bytes_are (wanted.layers[2], "quotes"));
    assert_int_equal (wanted.group_count, 2);
    assert_int_equal (wanted.groups[0], 1);
    assert_int_equal (wanted.groups[1], 6);
    assert_int_equal (qw_wanted_read (&wanted, "a", NULL), QW_OK);
    assert_int_equal (wanted.group_count, 1);
}

static void test_what_is_no_list (void **state)
{
    (void) state;
    static const struct {
        const char *text, *reason;
    } cases[] = {{"", "no layers are wanted"},
                 {",", "is not a list"},
                 {"a++b", "is not a list"},
                 {"+a", "is not a list"},
                 {"a,b+a", "layer 'a' is named twice"},
                 {"a,b,c,d,e,f,g,h,i", "more than 8 groups"},
                 {"a+b+c+d+e+f+g+h+i+j+k+l+m+n+o+p+q", "at most 16 layers"},
                 {"0123456789012345678901234567890123456789012345678901234567890123", "is not a list"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        qw_wanted_t wanted;
        qw_reason_t reason;
        assert_int_equal (qw_wanted_read (&wanted, cases[i].text, &reason), QW_INVALID);
        if (!strstr (reason.text, cases[i].reason))
            fail_msg ("'%s': %s", cases[i].text, reason.text);
    }
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_groups_and_layers),
        cmocka_unit_test (test_what_is_no_list),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
