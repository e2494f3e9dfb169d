#include "sink/web/http.h"

#include <inttypes.h>
#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>
#include <xxhash.h>
#include <zlib.h>

#include "proto/memory.h"
#include "sink/web/api.h"
#include "sink/web/assets.h"
#include "sink/web/live.h"

enum {
    THREADS = 4,
    CONNECTIONS = 256,
    IDLE_SECONDS = 30,
    CONNECTION_BYTES = 16 << 10, /* for a request's head */
    UNDER_WAY_MAX = 256 << 20,   /* bytes of answers that are made and not sent */
    PACK_FROM = 1400             /* bytes; smaller answers fit into a packet as they are */
};

/* A file of the page, ready to be sent. */
typedef struct {
    const qw_web_asset_t *file;
    qw_bytes_t packed; /* by gzip; allocated */
    char tag[24];
} asset_t;

struct qw_web_t {
    qw_http_address_t address;
    struct MHD_Daemon *daemon;
    qw_keeper_t *keeper;
    qw_live_t *live;
    const char *names[2]; /* by which it may be called */
    char host[256];
    size_t name_count;
    asset_t *assets;
    pthread_mutex_t lock; /* guards the readers that are free */
    qw_web_reader_t *readers[THREADS];
    size_t free_count;
    atomic_size_t under_way;
};

/* What becomes of a request: made by the first line of it, gone with its answer. */
typedef struct {
    bool begun; /* its head was seen */
    qw_web_request_t request;
    qw_status_t status;
    qw_reason_t reason;
} call_t;

/* ---- answers ------------------------------------------------------------------------------------------------------- */

static void add_headers (struct MHD_Response *response, const char *type, const char *tag, const char *cache)
{
    static const char *const always[][2] = {
        {"Content-Security-Policy",
         "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
         "form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"},
        {"X-Content-Type-Options", "nosniff"},
        {"X-Frame-Options", "DENY"},
        {"Referrer-Policy", "no-referrer"},
        {"Cross-Origin-Opener-Policy", "same-origin"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        {"Server", "quotewire"}};
    for (size_t i = 0; i < sizeof always / sizeof *always; i++)
        MHD_add_response_header (response, always[i][0], always[i][1]);
    MHD_add_response_header (response, "Content-Type", type);
    MHD_add_response_header (response, "Cache-Control", cache);
    MHD_add_response_header (response, "Vary", "Accept-Encoding");
    if (tag)
        MHD_add_response_header (response, "ETag", tag);
}

static enum MHD_Result send_response (struct MHD_Connection *connection, unsigned code, struct MHD_Response *response)
{
    if (!response)
        return MHD_NO;
    enum MHD_Result result = MHD_queue_response (connection, code, response);
    MHD_destroy_response (response);
    return result;
}

static const char *header (struct MHD_Connection *connection, const char *name)
{
    return MHD_lookup_connection_value (connection, MHD_HEADER_KIND, name);
}

/* "gzip" among the encodings that are taken; one that is named with a q of 0 is not meant to be met. */
static bool takes_gzip (struct MHD_Connection *connection)
{
    const char *encodings = header (connection, "Accept-Encoding"), *found = encodings ? strstr (encodings, "gzip") : NULL;
    return found && strncmp (found + 4, ";q=0", 4) != 0;
}

/* Has the browser this very answer? */
static bool has_it (struct MHD_Connection *connection, const char *tag)
{
    const char *tags = header (connection, "If-None-Match");
    return tags && strstr (tags, tag);
}

static enum MHD_Result send_nothing_new (struct MHD_Connection *connection, const char *type, const char *tag)
{
    struct MHD_Response *response = MHD_create_response_from_buffer (0, NULL, MHD_RESPMEM_PERSISTENT);
    if (response)
        add_headers (response, type, tag, "no-cache");
    return send_response (connection, MHD_HTTP_NOT_MODIFIED, response);
}

/* RFC 9457. */
static enum MHD_Result send_problem (struct MHD_Connection *connection, unsigned code, const char *text)
{
    qw_json_out_t out = {0};
    qw_json_put_text (&out, "{\"status\":");
    qw_json_put_uint (&out, code);
    qw_json_put_text (&out, ",\"title\":");
    qw_json_put_string (&out, qw_bytes_of (MHD_get_reason_phrase_for (code)));
    qw_json_put_text (&out, ",\"detail\":");
    qw_json_put_string (&out, qw_bytes_of (text));
    qw_json_put_text (&out, "}\n");
    struct MHD_Response *response = MHD_create_response_from_buffer (out.size, out.data, MHD_RESPMEM_MUST_FREE);
    if (!response)
        qw_json_out_free (&out);
    else
        add_headers (response, "application/problem+json", NULL, "no-store");
    if (response && code == MHD_HTTP_METHOD_NOT_ALLOWED)
        MHD_add_response_header (response, "Allow", "GET, HEAD");
    if (response && code == MHD_HTTP_SERVICE_UNAVAILABLE)
        MHD_add_response_header (response, "Retry-After", "1");
    return send_response (connection, code, response);
}

/* Packs by gzip; data NULL when that makes nothing smaller. The caller frees it. */
static qw_bytes_t pack (qw_bytes_t bytes, int level)
{
    z_stream stream = {0};
    if (deflateInit2 (&stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return (qw_bytes_t){NULL, 0};
    char *packed = qw_must (malloc (bytes.size));
    stream.next_in = (Bytef *) bytes.data;
    stream.avail_in = (uInt) bytes.size;
    stream.next_out = (Bytef *) packed;
    stream.avail_out = (uInt) bytes.size;
    bool good = bytes.size <= UINT32_MAX / 2 && deflate (&stream, Z_FINISH) == Z_STREAM_END;
    qw_bytes_t result = {packed, stream.total_out};
    deflateEnd (&stream);
    if (good)
        return result;
    free (packed);
    return (qw_bytes_t){NULL, 0};
}

/* ---- the page's files ---------------------------------------------------------------------------------------------- */

static void prepare_assets (qw_web_t *self)
{
    self->assets = qw_must (calloc (qw_web_asset_count, sizeof *self->assets));
    for (size_t i = 0; i < qw_web_asset_count; i++) {
        const qw_web_asset_t *file = &qw_web_assets[i];
        asset_t *asset = &self->assets[i];
        asset->file = file;
        asset->packed = pack ((qw_bytes_t){(const char *) file->data, file->size}, 9);
        snprintf (asset->tag, sizeof asset->tag, "W/\"%016" PRIx64 "\"", (uint64_t) XXH3_64bits (file->data, file->size));
    }
}

static enum MHD_Result send_asset (qw_web_t *self, struct MHD_Connection *connection, const char *name)
{
    size_t i = 0;
    while (i < qw_web_asset_count && strcmp (qw_web_assets[i].name, name) != 0)
        i++;
    if (i == qw_web_asset_count)
        return send_problem (connection, MHD_HTTP_NOT_FOUND, "the page has no such file");
    const asset_t *asset = &self->assets[i];
    if (has_it (connection, asset->tag))
        return send_nothing_new (connection, asset->file->type, asset->tag);
    bool packed = asset->packed.data && takes_gzip (connection);
    struct MHD_Response *response =
        packed ? MHD_create_response_from_buffer (asset->packed.size, (void *) asset->packed.data, MHD_RESPMEM_PERSISTENT)
               : MHD_create_response_from_buffer (asset->file->size, (void *) asset->file->data, MHD_RESPMEM_PERSISTENT);
    if (response)
        add_headers (response, asset->file->type, asset->tag, "no-cache");
    if (response && packed)
        MHD_add_response_header (response, "Content-Encoding", "gzip");
    return send_response (connection, MHD_HTTP_OK, response);
}

/* ---- the API ------------------------------------------------------------------------------------------------------- */

static qw_web_reader_t *take_reader (qw_web_t *self)
{
    pthread_mutex_lock (&self->lock);
    qw_web_reader_t *reader = self->free_count ? self->readers[--self->free_count] : NULL;
    pthread_mutex_unlock (&self->lock);
    return reader;
}

static void give_reader (qw_web_t *self, qw_web_reader_t *reader)
{
    pthread_mutex_lock (&self->lock);
    self->readers[self->free_count++] = reader;
    pthread_mutex_unlock (&self->lock);
}

typedef struct {
    qw_web_t *web;
    char *data;
    size_t size;
} body_t;

static void free_body (void *context)
{
    body_t *body = context;
    body->web->under_way -= body->size;
    free (body->data);
    free (body);
}

static enum MHD_Result send_json (qw_web_t *self, struct MHD_Connection *connection, qw_json_out_t *out, const char *tag)
{
    qw_bytes_t packed = {NULL, 0};
    if (out->size >= PACK_FROM && takes_gzip (connection))
        packed = pack ((qw_bytes_t){out->data, out->size}, 1);
    if (packed.data) {
        free (out->data);
        *out = (qw_json_out_t){(char *) packed.data, packed.size, packed.size};
    }
    body_t *body = qw_must (malloc (sizeof *body));
    *body = (body_t){self, out->data, out->size};
    self->under_way += body->size;
    struct MHD_Response *response =
        MHD_create_response_from_buffer_with_free_callback_cls (body->size, body->data, free_body, body);
    if (!response) {
        free_body (body);
        return MHD_NO;
    }
    add_headers (response, "application/json", tag, "no-cache");
    if (packed.data)
        MHD_add_response_header (response, "Content-Encoding", "gzip");
    return send_response (connection, MHD_HTTP_OK, response);
}

static unsigned code_of (qw_status_t status)
{
    return status == QW_NOT_FOUND   ? MHD_HTTP_NOT_FOUND
           : status == QW_INVALID   ? MHD_HTTP_BAD_REQUEST
           : status == QW_TOO_LARGE ? MHD_HTTP_URI_TOO_LONG
           : status == QW_BUSY      ? MHD_HTTP_SERVICE_UNAVAILABLE
                                    : MHD_HTTP_INTERNAL_SERVER_ERROR;
}

static enum MHD_Result answer_api (qw_web_t *self, struct MHD_Connection *connection, const qw_web_request_t *request)
{
    /* an answer is a function of the address and of what is indexed; taken before, so that it is never newer than its tag */
    qw_keeper_state_t state = qw_keeper_state (self->keeper);
    char tag[64];
    snprintf (tag, sizeof tag, "W/\"%" PRIx64 "-%08" PRIx32 "%s\"", state.index.position, state.index.crc32c,
              state.stopped ? "-s" : "");
    if (request->route != QW_WEB_SUMMARY && has_it (connection, tag))
        return send_nothing_new (connection, "application/json", tag);
    qw_web_reader_t *reader = self->under_way < UNDER_WAY_MAX ? take_reader (self) : NULL;
    if (!reader)
        return send_problem (connection, MHD_HTTP_SERVICE_UNAVAILABLE, "too much is being answered now");
    qw_json_out_t out = {0};
    qw_reason_t reason = {""};
    qw_status_t status = qw_web_reader_answer (reader, request, &out, &reason);
    give_reader (self, reader);
    if (!status)
        return send_json (self, connection, &out, request->route == QW_WEB_SUMMARY ? NULL : tag);
    qw_json_out_free (&out);
    return send_problem (connection, code_of (status), reason.text);
}

static enum MHD_Result answer_live (qw_web_t *self, struct MHD_Connection *connection)
{
    struct MHD_Response *response = qw_live_listen (self->live, connection);
    if (!response)
        return send_problem (connection, MHD_HTTP_SERVICE_UNAVAILABLE, "as many listen as may");
    add_headers (response, "text/event-stream", NULL, "no-store");
    return send_response (connection, MHD_HTTP_OK, response);
}

/* ---- requests ------------------------------------------------------------------------------------------------------ */

static void *begin_call (void *context, const char *uri, struct MHD_Connection *connection)
{
    (void) context, (void) connection;
    call_t *call = malloc (sizeof *call);
    if (!call)
        return NULL;
    call->begun = false;
    call->status = qw_web_request_read (&call->request, uri, &call->reason);
    return call;
}

static void end_call (void *context, struct MHD_Connection *connection, void **call, enum MHD_RequestTerminationCode how)
{
    (void) context, (void) connection, (void) how;
    free (*call);
    *call = NULL;
}

static enum MHD_Result handle (void *context, struct MHD_Connection *connection, const char *path, const char *method,
                               const char *version, const char *upload, size_t *upload_size, void **call_p)
{
    (void) path, (void) version, (void) upload;
    qw_web_t *self = context;
    call_t *call = *call_p;
    if (!call || *upload_size) /* a body: nothing that reads has one */
        return MHD_NO;
    if (strcmp (method, MHD_HTTP_METHOD_GET) != 0 && strcmp (method, MHD_HTTP_METHOD_HEAD) != 0)
        return send_problem (connection, MHD_HTTP_METHOD_NOT_ALLOWED, "this server is for reading: GET and HEAD");
    if (!call->begun) { /* an answer before the request's end would close the connection */
        call->begun = true;
        return MHD_YES;
    }
    const char *host = header (connection, "Host");
    if (!host || !qw_web_host_is_known (host, self->names, self->name_count))
        return send_problem (connection, MHD_HTTP_MISDIRECTED_REQUEST,
                             "this server does not go by that name (quotewire serve --host NAME)");
    if (call->status)
        return send_problem (connection, code_of (call->status), call->reason.text);
    switch (call->request.route) {
    case QW_WEB_PAGE: return send_asset (self, connection, "index.html");
    case QW_WEB_OPENAPI: return send_asset (self, connection, "openapi.json");
    case QW_WEB_ASSET: return send_asset (self, connection, call->request.subject);
    case QW_WEB_LIVE: return answer_live (self, connection);
    default: return answer_api (self, connection, &call->request);
    }
}

/* ---- life ---------------------------------------------------------------------------------------------------------- */

static qw_status_t open_readers (qw_web_t *self, const qw_web_options_t *options, qw_reason_t *reason)
{
    qw_status_t status = qw_keeper_new (&self->keeper, options->directory, options->db, reason);
    while (!status && self->free_count < THREADS) {
        qw_web_reader_t *reader;
        status = qw_web_reader_new (&reader, options->directory, options->db, self->keeper, reason);
        if (!status)
            self->readers[self->free_count++] = reader;
    }
    return status;
}

static qw_status_t start_daemon (qw_web_t *self, qw_reason_t *reason)
{
    int socket = qw_http_address_listen (&self->address, reason);
    if (socket < 0)
        return QW_SYSTEM;
    self->daemon = MHD_start_daemon (MHD_USE_AUTO_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, handle, self,
                                     MHD_OPTION_LISTEN_SOCKET, socket, MHD_OPTION_URI_LOG_CALLBACK, begin_call, NULL,
                                     MHD_OPTION_NOTIFY_COMPLETED, end_call, NULL, MHD_OPTION_THREAD_POOL_SIZE,
                                     (unsigned) THREADS, MHD_OPTION_CONNECTION_LIMIT, (unsigned) CONNECTIONS,
                                     MHD_OPTION_CONNECTION_TIMEOUT, (unsigned) IDLE_SECONDS,
                                     MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t) CONNECTION_BYTES, MHD_OPTION_END);
    if (self->daemon)
        return QW_OK;
    close (socket);
    return qw_fail (QW_SYSTEM, reason, "cannot serve http://%s", self->address.text);
}

qw_status_t qw_web_new (qw_web_t **self_p, const qw_web_options_t *options, qw_reason_t *reason)
{
    qw_web_t *self = qw_must (calloc (1, sizeof *self));
    pthread_mutex_init (&self->lock, NULL);
    gethostname (self->host, sizeof self->host - 1);
    self->names[self->name_count++] = self->host;
    if (options->host)
        self->names[self->name_count++] = options->host;
    qw_status_t status = qw_http_address_read (&self->address, options->listen, reason);
    if (!status)
        status = open_readers (self, options, reason);
    if (!status) {
        prepare_assets (self);
        self->live = qw_live_new (options->directory, self->keeper);
        status = start_daemon (self, reason);
    }
    if (status)
        qw_web_destroy (&self);
    *self_p = self;
    return status;
}

void qw_web_destroy (qw_web_t **self_p)
{
    qw_web_t *self = *self_p;
    if (!self)
        return;
    if (self->live)
        qw_live_stop (self->live);
    if (self->daemon)
        MHD_stop_daemon (self->daemon);
    qw_live_destroy (&self->live);
    while (self->free_count > 0)
        qw_web_reader_destroy (&self->readers[--self->free_count]);
    qw_keeper_destroy (&self->keeper);
    for (size_t i = 0; self->assets && i < qw_web_asset_count; i++)
        free ((void *) self->assets[i].packed.data);
    free (self->assets);
    pthread_mutex_destroy (&self->lock);
    free (self);
    *self_p = NULL;
}

const qw_http_address_t *qw_web_address (const qw_web_t *self) { return &self->address; }
