/*  fuzz_web_request.c - any bytes as the address of a request, and as the name of a host: what is taken is text that can be
 *  handed on, within its limits; what is refused has a reason. */
#include <stdlib.h>
#include <string.h>

#include "proto/utf8.h"
#include "sink/web/request.h"
#include "sink/web/rows.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void must (bool holds)
{
    if (!holds)
        abort ();
}

static void must_be_text (const qw_web_request_t *request, const char *text)
{
    if (!text)
        return;
    must (text >= request->storage && text < request->storage + sizeof request->storage);
    must (qw_utf8_is_valid (text, strlen (text)));
    for (const char *at = text; *at; at++)
        must ((unsigned char) *at >= 0x20 && *at != 0x7f);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    char *uri = malloc (size + 1);
    qw_web_request_t *request = malloc (sizeof *request);
    must (uri && request);
    memcpy (uri, data, size);
    uri[size] = 0;
    qw_reason_t reason = {""};
    qw_status_t status = qw_web_request_read (request, uri, &reason);
    must (status == QW_OK || status == QW_INVALID || status == QW_NOT_FOUND || status == QW_TOO_LARGE);
    must (!status || reason.text[0]);
    if (!status) {
        must_be_text (request, request->subject);
        for (unsigned i = 0; i < QW_WEB_PARAMETERS; i++) {
            must_be_text (request, request->values[i]);
            must (!request->values[i] || request->route != QW_WEB_PAGE);
        }
        must (request->numbers[QW_WEB_LIMIT] <= 200 && request->numbers[QW_WEB_CONFIDENCE] <= 100);
    }
    static const char *const names[] = {"news.example"};
    if (qw_web_host_is_known (uri, names, 1))
        must (strncasecmp (uri, "localhost", 9) == 0 || strncasecmp (uri, names[0], 12) == 0 || uri[0] == '['
              || strspn (uri, "0123456789.:") == strlen (uri));
    if (qw_utf8_is_valid ((const char *) data, size)) {
        qw_json_out_t out = {0};
        qw_rows_put_marked (&out, "text", (qw_bytes_t){(const char *) data, size});
        must (out.size > 0 && out.data[out.size - 1] == ']');
        qw_json_out_free (&out);
    }
    free (uri);
    free (request);
    return 0;
}
