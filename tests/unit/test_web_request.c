/*  Addresses of requests: what they ask for, and what is refused; names of hosts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sink/web/request.h"
#include "sink/web/rows.h"

static qw_status_t read_uri (qw_web_request_t *request, const char *uri)
{
    qw_reason_t reason;
    return qw_web_request_read (request, uri, &reason);
}

static void addresses_lead_to_routes (void **state)
{
    (void) state;
    static const struct {
        const char *uri;
        qw_web_route_t route;
        const char *subject;
    } cases[] = {{"/", QW_WEB_PAGE, NULL},
                 {"/?order=added&whatever=1", QW_WEB_PAGE, NULL},
                 {"/article/12", QW_WEB_PAGE, "12"},
                 {"/entity/person%3Aanna-lind", QW_WEB_PAGE, "person:anna-lind"},
                 {"/assets/style.css", QW_WEB_ASSET, "style.css"},
                 {"/assets/..%2Fsecret", QW_WEB_ASSET, "../secret"}, /* a name that no file of the page has */
                 {"/api/v1/summary", QW_WEB_SUMMARY, NULL},
                 {"/api/v1/summary?", QW_WEB_SUMMARY, NULL},
                 {"/api/v1/documents?limit=200", QW_WEB_DOCUMENTS, NULL},
                 {"/api/v1/documents/0", QW_WEB_DOCUMENT, "0"},
                 {"/api/v1/entities/org:caf%C3%A9", QW_WEB_ENTITY, "org:caf\xc3\xa9"},
                 {"/api/v1/live", QW_WEB_LIVE, NULL},
                 {"/api/v1/openapi.json", QW_WEB_OPENAPI, NULL}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        qw_web_request_t request;
        if (read_uri (&request, cases[i].uri) || request.route != cases[i].route)
            fail_msg ("%s", cases[i].uri);
        if (cases[i].subject)
            assert_string_equal (request.subject, cases[i].subject);
        else
            assert_null (request.subject);
    }
}

static void parameters_are_decoded (void **state)
{
    (void) state;
    qw_web_request_t request;
    const char *uri = "/api/v1/quotes?q=%22two+words%22+-boat&speaker=person%3Aanna&since=2014-11&until=2014-11-30&limit=7"
                      "&confidence=0&document=3&outlet=&type=mixed&cursor=1%2C2%2C";
    assert_int_equal (read_uri (&request, uri), QW_OK);
    assert_string_equal (request.values[QW_WEB_WORDS], "\"two words\" -boat");
    assert_string_equal (request.values[QW_WEB_SPEAKER], "person:anna");
    assert_string_equal (request.values[QW_WEB_SINCE], "2014-11");
    assert_string_equal (request.values[QW_WEB_CURSOR], "1,2,");
    assert_string_equal (request.values[QW_WEB_QUOTE_TYPE], "mixed");
    assert_null (request.values[QW_WEB_ENTITY_TYPE]);
    assert_null (request.values[QW_WEB_OUTLET]); /* left empty */
    assert_int_equal (request.numbers[QW_WEB_LIMIT], 7);
    assert_non_null (request.values[QW_WEB_CONFIDENCE]);
    assert_int_equal (request.numbers[QW_WEB_POSITION], 3);
}

static void what_makes_no_sense_is_refused (void **state)
{
    (void) state;
    static const struct {
        const char *uri;
        qw_status_t status;
    } cases[] = {{"", QW_NOT_FOUND},
                 {"*", QW_NOT_FOUND},
                 {"http://elsewhere/", QW_NOT_FOUND},
                 {"/article/", QW_NOT_FOUND},
                 {"/article/1/2", QW_NOT_FOUND},
                 {"/article/-1", QW_NOT_FOUND},
                 {"/article/9999999999999999999", QW_NOT_FOUND},
                 {"/assets/a/b", QW_NOT_FOUND},
                 {"/assets/../index.html", QW_NOT_FOUND},
                 {"/entity/%00", QW_NOT_FOUND},
                 {"/entity/%c3", QW_NOT_FOUND},
                 {"/entity/%4", QW_NOT_FOUND},
                 {"//", QW_NOT_FOUND},
                 {"/api/v1/quotes/", QW_NOT_FOUND},
                 {"/api/v2/quotes", QW_NOT_FOUND},
                 {"/api/v1/documents/1?limit=3", QW_INVALID},
                 {"/api/v1/quotes?limit=201", QW_INVALID},
                 {"/api/v1/quotes?limit=0", QW_INVALID},
                 {"/api/v1/quotes?limit=+1", QW_INVALID},
                 {"/api/v1/quotes?limit=1&limit=2", QW_INVALID},
                 {"/api/v1/quotes?q=%zz", QW_INVALID},
                 {"/api/v1/quotes?q=a%0Ab", QW_INVALID},
                 {"/api/v1/quotes?q=%ff", QW_INVALID},
                 {"/api/v1/quotes?since=yesterday", QW_INVALID},
                 {"/api/v1/quotes?since=2014-1", QW_INVALID},
                 {"/api/v1/quotes?type=PERSON", QW_INVALID},
                 {"/api/v1/entities?type=direct", QW_INVALID},
                 {"/api/v1/documents?order=random", QW_INVALID},
                 {"/api/v1/documents?nothing", QW_INVALID}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        qw_web_request_t request;
        qw_status_t status = read_uri (&request, cases[i].uri);
        if (status != cases[i].status)
            fail_msg ("%s is %s", cases[i].uri, qw_status_text (status));
    }
    qw_web_request_t request;
    char *uri = malloc (QW_WEB_URI_MAX + 2);
    memset (uri, 'a', QW_WEB_URI_MAX + 1);
    memcpy (uri, "/api/v1/quotes?q=", 17);
    uri[QW_WEB_URI_MAX + 1] = 0;
    assert_int_equal (read_uri (&request, uri), QW_TOO_LARGE);
    uri[QW_WEB_URI_MAX] = 0; /* short enough for an address, too long for a value */
    assert_int_equal (read_uri (&request, uri), QW_INVALID);
    free (uri);
}

static void hosts (void **state)
{
    (void) state;
    static const char *const names[] = {"desk", "news.example"};
    static const char *const known[] = {"localhost", "LocalHost:7480", "127.0.0.1:7480", "192.168.1.5",
                                        "[::1]",     "[::1]:80",       "desk:1",         "News.Example"};
    static const char *const unknown[] = {"",
                                          ":80",
                                          "evil.example",
                                          "localhost.evil.example",
                                          "127.0.0.1.evil.example",
                                          "[::1",
                                          "[::1]x",
                                          "::1",
                                          "localhost:80x",
                                          "localhost:x",
                                          "127.1",
                                          "news.example.evil",
                                          "[127.0.0.1]",
                                          "desk@evil",
                                          "desk/"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (!qw_web_host_is_known (known[i], names, 2))
            fail_msg ("%s", known[i]);
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
        if (qw_web_host_is_known (unknown[i], names, 2))
            fail_msg ("%s", unknown[i]);
}

static void marks_become_matches (void **state)
{
    (void) state;
    static const struct {
        const char *marked, *json;
    } cases[] = {{"", "\"t\":\"\",\"matches\":[]"},
                 {"plain", "\"t\":\"plain\",\"matches\":[]"},
                 {"\303\251 \002sea\003 \002\303\251\303\251\003",
                  "\"t\":\"\303\251 sea \303\251\303\251\",\"matches\":[[2,5],[6,8]]"},
                 {"\002open", "\"t\":\"open\",\"matches\":[[0,4]]"},
                 {"close\003d", "\"t\":\"closed\",\"matches\":[]"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        qw_json_out_t out = {0};
        qw_rows_put_marked (&out, "t", qw_bytes_of (cases[i].marked));
        qw_json_put_raw (&out, "", 1);
        assert_string_equal (out.data, cases[i].json);
        qw_json_out_free (&out);
    }
}

int main (void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test (addresses_lead_to_routes),
                                       cmocka_unit_test (parameters_are_decoded),
                                       cmocka_unit_test (what_makes_no_sense_is_refused), cmocka_unit_test (hosts),
                                       cmocka_unit_test (marks_become_matches)};
    return cmocka_run_group_tests (tests, NULL, NULL);
}
