/*  The counters, their text, and the addresses at which they are served. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "proto/http_address.h"
#include "proto/metrics.h"

static void assert_has (const qw_json_out_t *page, const char *line)
{
    if (!memmem (page->data, page->size, line, strlen (line)))
        fail_msg ("'%s' is missing in\n%.*s", line, (int) page->size, page->data);
}

static void nothing_is_counted_where_nobody_looks (void **state)
{
    (void) state;
    qw_metrics_t *metrics;
    assert_int_equal (qw_metrics_new (&metrics, QW_ROLE_SINK, NULL, NULL), QW_OK);
    assert_null (metrics);
    qw_metrics_add (metrics, QW_SINK_TOKENS, 1);
    qw_metrics_set (metrics, QW_SINK_TOKENS, 1);
    qw_metrics_observe (metrics, QW_SINK_COMMIT_SECONDS, 1);
    qw_metrics_destroy (&metrics);
}

static void a_page_has_the_numbers_of_its_role (void **state)
{
    (void) state;
    qw_metrics_t *metrics;
    qw_reason_t reason;
    if (qw_metrics_new (&metrics, QW_ROLE_SINK, "127.0.0.1:0", &reason))
        fail_msg ("%s", reason.text);
    qw_metrics_add (metrics, QW_SINK_FAILED, 2);
    qw_metrics_add (metrics, QW_SINK_FAILED, 1);
    qw_metrics_set (metrics, QW_SINK_CORPUS_RECORDS, UINT64_MAX);
    qw_metrics_observe (metrics, QW_SINK_COMMIT_SECONDS, 100); /* on a bucket's border: in it */
    qw_metrics_observe (metrics, QW_SINK_COMMIT_SECONDS, 101);
    qw_metrics_observe (metrics, QW_SINK_COMMIT_SECONDS, 60000000);
    qw_json_out_t page = {0};
    qw_metrics_print (metrics, &page);
    assert_has (&page, "\nquotewire_sink_documents_total{outcome=\"failed\"} 3\n");
    assert_has (&page, "\nquotewire_sink_corpus_records 18446744073709551615\n");
    assert_has (&page, "\nquotewire_sink_commit_duration_seconds_bucket{le=\"0.0001\"} 1\n");
    assert_has (&page, "\nquotewire_sink_commit_duration_seconds_bucket{le=\"0.00025\"} 2\n");
    assert_has (&page, "\nquotewire_sink_commit_duration_seconds_bucket{le=\"10\"} 2\n");
    assert_has (&page, "\nquotewire_sink_commit_duration_seconds_bucket{le=\"+Inf\"} 3\n");
    assert_has (&page, "\nquotewire_sink_commit_duration_seconds_sum 60.000201\n");
    assert_has (&page, "\nquotewire_sink_commit_duration_seconds_count 3\n");
    assert_has (&page, "\nprocess_resident_memory_bytes ");
    assert_null (memmem (page.data, page.size, "quotewire_worker_", strlen ("quotewire_worker_")));
    qw_json_out_free (&page);
    qw_metrics_destroy (&metrics);
    assert_null (metrics);
}

static void addresses (void **state)
{
    (void) state;
    static const struct {
        const char *text, *means; /* NULL: refused */
        bool loopback;
    } cases[] = {{"127.0.0.1:9464", "127.0.0.1:9464", true},
                 {"9464", "127.0.0.1:9464", true},
                 {":9464", "127.0.0.1:9464", true},
                 {"[::1]:80", "[::1]:80", true},
                 {"0.0.0.0:1", "0.0.0.0:1", false},
                 {"[::]:65535", "[::]:65535", false},
                 {"127.0.0.1:0", "127.0.0.1:0", true},
                 {"", NULL, false},
                 {":", NULL, false},
                 {"host", NULL, false},
                 {"127.0.0.1:65536", NULL, false},
                 {"127.0.0.1:-1", NULL, false},
                 {"::1:80", NULL, false},
                 {"127.0.0.1:80x", NULL, false},
                 {"[::1]80", NULL, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        qw_http_address_t address;
        qw_reason_t reason;
        qw_status_t status = qw_http_address_read (&address, cases[i].text, &reason);
        if ((status == QW_OK) != (cases[i].means != NULL))
            fail_msg ("'%s' is %s", cases[i].text, status ? reason.text : address.text);
        if (status)
            continue;
        assert_string_equal (address.text, cases[i].means);
        assert_int_equal (address.is_loopback, cases[i].loopback);
    }
}

static void an_address_that_is_taken_is_named (void **state)
{
    (void) state;
    qw_http_address_t one, other;
    qw_reason_t reason;
    assert_int_equal (qw_http_address_read (&one, ":0", NULL), QW_OK);
    int first = qw_http_address_listen (&one, &reason);
    assert_true (first >= 0);
    assert_true (one.port > 0);
    assert_int_equal (qw_http_address_read (&other, one.text, NULL), QW_OK);
    assert_int_equal (qw_http_address_listen (&other, &reason), -1);
    assert_non_null (strstr (reason.text, one.text));
    close (first);
}

int main (void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test (nothing_is_counted_where_nobody_looks),
                                       cmocka_unit_test (a_page_has_the_numbers_of_its_role), cmocka_unit_test (addresses),
                                       cmocka_unit_test (an_address_that_is_taken_is_named)};
    return cmocka_run_group_tests (tests, NULL, NULL);
}
