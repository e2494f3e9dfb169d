#include "proto/metrics_page.h"

#include <microhttpd.h>
#include <unistd.h>

#include "proto/http_address.h"
#include "proto/log.h"
#include "proto/memory.h"

enum { CONNECTIONS = 32, SECONDS = 10, CONNECTION_BYTES = 8 << 10 };

struct qw_metrics_page_t {
    const qw_metrics_t *metrics;
    struct MHD_Daemon *daemon;
};

static enum MHD_Result answer (struct MHD_Connection *connection, unsigned status, const char *type, qw_json_out_t *body)
{
    struct MHD_Response *response = MHD_create_response_from_buffer (body->size, body->data, MHD_RESPMEM_MUST_FREE);
    if (!response) {
        qw_json_out_free (body);
        return MHD_NO;
    }
    MHD_add_response_header (response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    MHD_add_response_header (response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
        MHD_add_response_header (response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
    enum MHD_Result result = MHD_queue_response (connection, status, response);
    MHD_destroy_response (response);
    return result;
}

static enum MHD_Result handle (void *context, struct MHD_Connection *connection, const char *path, const char *method,
                               const char *version, const char *upload, size_t *upload_size, void **request)
{
    (void) version, (void) upload;
    const qw_metrics_page_t *self = context;
    static int begun;
    if (!*request) { /* the head alone has come; nothing is wanted of a body */
        *request = &begun;
        return MHD_YES;
    }
    if (*upload_size) {
        *upload_size = 0;
        return MHD_YES;
    }
    qw_json_out_t body = {0};
    if (strcmp (method, MHD_HTTP_METHOD_GET) != 0 && strcmp (method, MHD_HTTP_METHOD_HEAD) != 0) {
        qw_json_put_text (&body, "only GET and HEAD are answered\n");
        return answer (connection, MHD_HTTP_METHOD_NOT_ALLOWED, "text/plain; charset=utf-8", &body);
    }
    if (strcmp (path, "/metrics") != 0) {
        qw_json_put_text (&body, "there is only /metrics\n");
        return answer (connection, MHD_HTTP_NOT_FOUND, "text/plain; charset=utf-8", &body);
    }
    qw_metrics_print (self->metrics, &body);
    return answer (connection, MHD_HTTP_OK, "text/plain; version=0.0.4; charset=utf-8", &body);
}

qw_status_t qw_metrics_page_new (qw_metrics_page_t **self_p, const qw_metrics_t *metrics, const char *address,
                                 qw_reason_t *reason)
{
    qw_http_address_t place;
    *self_p = NULL;
    if (qw_http_address_read (&place, address, reason))
        return QW_INVALID;
    int handle_fd = qw_http_address_listen (&place, reason);
    if (handle_fd < 0)
        return QW_SYSTEM;
    qw_metrics_page_t *self = qw_must (calloc (1, sizeof *self));
    self->metrics = metrics;
    self->daemon =
        MHD_start_daemon (MHD_USE_AUTO_INTERNAL_THREAD, 0, NULL, NULL, handle, self, MHD_OPTION_LISTEN_SOCKET, handle_fd,
                          MHD_OPTION_CONNECTION_LIMIT, (unsigned) CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT,
                          (unsigned) SECONDS, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t) CONNECTION_BYTES, MHD_OPTION_END);
    if (!self->daemon) {
        close (handle_fd);
        free (self);
        return qw_fail (QW_SYSTEM, reason, "cannot serve http://%s/metrics", place.text);
    }
    qw_log (QW_LOG_INFO, "metrics at http://%s/metrics", place.text);
    *self_p = self;
    return QW_OK;
}

void qw_metrics_page_destroy (qw_metrics_page_t **self_p)
{
    qw_metrics_page_t *self = *self_p;
    if (!self)
        return;
    MHD_stop_daemon (self->daemon);
    free (self);
    *self_p = NULL;
}
