#include "sink/web/request.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "proto/layers.h"
#include "proto/utf8.h"

enum { TEXT_MAX = 400 /* bytes of a decoded value */ };

#define BIT(parameter) (1u << (parameter))
#define PAGED (BIT (QW_WEB_LIMIT) | BIT (QW_WEB_CURSOR))
#define TIMED (BIT (QW_WEB_SINCE) | BIT (QW_WEB_UNTIL) | BIT (QW_WEB_OUTLET))

/* '#' stands for a number, '*' for any one segment. */
static const struct {
    const char *path;
    qw_web_route_t route;
    uint32_t parameters;
} routes[] = {
    {"/api/v1/openapi.json", QW_WEB_OPENAPI, 0},
    {"/api/v1/summary", QW_WEB_SUMMARY, 0},
    {"/api/v1/documents", QW_WEB_DOCUMENTS,
     BIT (QW_WEB_WORDS) | BIT (QW_WEB_MENTIONED) | BIT (QW_WEB_ORDER) | TIMED | PAGED},
    {"/api/v1/documents/#", QW_WEB_DOCUMENT, BIT (QW_WEB_TOKENS)},
    {"/api/v1/entities", QW_WEB_ENTITIES, BIT (QW_WEB_WORDS) | BIT (QW_WEB_ENTITY_TYPE) | BIT (QW_WEB_LIMIT)},
    {"/api/v1/entities/*", QW_WEB_ENTITY, 0},
    {"/api/v1/quotes", QW_WEB_QUOTES,
     BIT (QW_WEB_WORDS) | BIT (QW_WEB_SPEAKER) | BIT (QW_WEB_QUOTE_TYPE) | BIT (QW_WEB_POSITION) | BIT (QW_WEB_CONFIDENCE)
         | TIMED | PAGED},
    {"/api/v1/live", QW_WEB_LIVE, 0},
    {"/assets/*", QW_WEB_ASSET, 0},
    /* views of the page; what stands behind their '?' is its own business */
    {"/", QW_WEB_PAGE, UINT32_MAX},
    {"/article/#", QW_WEB_PAGE, UINT32_MAX},
    {"/entity/*", QW_WEB_PAGE, UINT32_MAX},
    {"/people", QW_WEB_PAGE, UINT32_MAX},
    {"/search", QW_WEB_PAGE, UINT32_MAX},
    {"/live", QW_WEB_PAGE, UINT32_MAX},
};

typedef enum { WORDS, DATE, NUMBER, ORDER, FLAG, OF_ENTITIES, OF_QUOTES } kind_t;

static const struct {
    const char *name;
    kind_t kind;
    uint64_t least, most; /* of a number */
} parameters[QW_WEB_PARAMETERS] = {
    [QW_WEB_WORDS] = {"q", WORDS, 0, 0},
    [QW_WEB_SPEAKER] = {"speaker", WORDS, 0, 0},
    [QW_WEB_MENTIONED] = {"entity", WORDS, 0, 0},
    [QW_WEB_ENTITY_TYPE] = {"type", OF_ENTITIES, 0, 0},
    [QW_WEB_QUOTE_TYPE] = {"type", OF_QUOTES, 0, 0},
    [QW_WEB_OUTLET] = {"outlet", WORDS, 0, 0},
    [QW_WEB_SINCE] = {"since", DATE, 0, 0},
    [QW_WEB_UNTIL] = {"until", DATE, 0, 0},
    [QW_WEB_ORDER] = {"order", ORDER, 0, 0},
    [QW_WEB_POSITION] = {"document", NUMBER, 0, INT64_MAX},
    [QW_WEB_CONFIDENCE] = {"confidence", NUMBER, 0, 100},
    [QW_WEB_LIMIT] = {"limit", NUMBER, 1, 200},
    [QW_WEB_CURSOR] = {"cursor", WORDS, 0, 0},
    [QW_WEB_TOKENS] = {"tokens", FLAG, 0, 1},
};

/* ---- decoding ------------------------------------------------------------------------------------------------------ */

static int digit_of (char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Decodes `size` bytes where they stand, and puts a NUL behind them. False: no text that anybody should send. */
static bool decode (char *text, size_t size, bool form)
{
    char *out = text;
    for (size_t i = 0; i < size; i++) {
        char c = text[i];
        if (c == '%') {
            int high = i + 2 < size ? digit_of (text[i + 1]) : -1, low = high >= 0 ? digit_of (text[i + 2]) : -1;
            if (low < 0)
                return false;
            c = (char) (high << 4 | low);
            i += 2;
        } else if (c == '+' && form)
            c = ' ';
        if ((unsigned char) c < 0x20 || c == 0x7f)
            return false;
        *out++ = c;
    }
    *out = 0;
    return qw_utf8_is_valid (text, (size_t) (out - text));
}

static bool read_number (const char *text, uint64_t *number)
{
    size_t size = strspn (text, "0123456789");
    if (size == 0 || size > 18 || text[size])
        return false;
    *number = strtoull (text, NULL, 10);
    return true;
}

/* ---- the path ------------------------------------------------------------------------------------------------------ */

/* Compares segment by segment; those for '#' and '*' are decoded in place. */
static bool matches (qw_web_request_t *self, const char *pattern, char *path)
{
    for (;;) {
        size_t wanted = strcspn (pattern + 1, "/"), size = strcspn (path + 1, "/");
        bool last = !path[1 + size];
        if (last != !pattern[1 + wanted])
            return false;
        if (pattern[1] == '#' || pattern[1] == '*') { /* always the last one */
            self->subject = path + 1;
            return last && size > 0 && decode (path + 1, size, false)
                   && (pattern[1] == '*' || read_number (self->subject, &self->number));
        }
        if (size != wanted || memcmp (pattern + 1, path + 1, size) != 0)
            return false;
        if (last)
            return true;
        pattern += 1 + wanted;
        path += 1 + size;
    }
}

static bool find_route (qw_web_request_t *self, char *path, uint32_t *allowed)
{
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        self->subject = NULL;
        self->number = 0;
        if (matches (self, routes[i].path, path)) {
            self->route = routes[i].route;
            *allowed = routes[i].parameters;
            return true;
        }
    }
    return false;
}

/* ---- the parameters ------------------------------------------------------------------------------------------------ */

/* "2014", "2014-11" or "2014-11-18". */
static bool is_date (const char *text)
{
    static const char form[] = "0000-00-00";
    size_t size = strlen (text);
    if (size != 4 && size != 7 && size != 10)
        return false;
    for (size_t i = 0; i < size; i++)
        if (form[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
            return false;
    return true;
}

static qw_status_t check (qw_web_request_t *self, qw_web_parameter_t parameter, qw_reason_t *reason)
{
    const char *name = parameters[parameter].name, *value = self->values[parameter];
    uint64_t *number = &self->numbers[parameter];
    qw_entity_type_t entity;
    qw_quote_type_t quote;
    switch (parameters[parameter].kind) {
    case WORDS:
        if (strlen (value) > TEXT_MAX)
            return qw_fail (QW_INVALID, reason, "parameter '%s' is longer than %d bytes", name, TEXT_MAX);
        return QW_OK;
    case DATE:
        return is_date (value) ? QW_OK : qw_fail (QW_INVALID, reason, "parameter '%s' is YYYY, YYYY-MM or YYYY-MM-DD", name);
    case NUMBER:
    case FLAG:
        if (!read_number (value, number) || *number < parameters[parameter].least || *number > parameters[parameter].most)
            return qw_fail (QW_INVALID, reason, "parameter '%s' is a number from %" PRIu64 " to %" PRIu64, name,
                            parameters[parameter].least, parameters[parameter].most);
        return QW_OK;
    case ORDER:
        if (strcmp (value, "date") != 0 && strcmp (value, "added") != 0)
            return qw_fail (QW_INVALID, reason, "parameter '%s' is date or added", name);
        return QW_OK;
    case OF_ENTITIES:
        return qw_entity_type_of_name (value, strlen (value), &entity)
                   ? QW_OK
                   : qw_fail (QW_INVALID, reason, "parameter '%s' is a type of entities: PERSON, ORG, ...", name);
    case OF_QUOTES:
        return qw_quote_type_of_name (value, strlen (value), &quote)
                   ? QW_OK
                   : qw_fail (QW_INVALID, reason, "parameter '%s' is direct, indirect or mixed", name);
    }
    return QW_OK;
}

/* One "name=value", cut off from what follows. */
static qw_status_t take (qw_web_request_t *self, char *pair, uint32_t allowed, qw_reason_t *reason)
{
    char *value = strchr (pair, '=');
    if (value)
        *value++ = 0;
    if (!decode (pair, strlen (pair), true) || (value && !decode (value, strlen (value), true)))
        return qw_fail (QW_INVALID, reason, "a parameter is no valid text");
    for (unsigned i = 0; i < QW_WEB_PARAMETERS; i++) {
        if (!(allowed & BIT (i)) || strcmp (parameters[i].name, pair) != 0)
            continue;
        if (self->values[i])
            return qw_fail (QW_INVALID, reason, "parameter '%.40s' is given twice", pair);
        if (!value || !*value) /* as a form sends it that was left empty */
            return QW_OK;
        self->values[i] = value;
        return check (self, (qw_web_parameter_t) i, reason);
    }
    return qw_fail (QW_INVALID, reason, "there is no parameter '%.40s' here", pair);
}

qw_status_t qw_web_request_read (qw_web_request_t *self, const char *uri, qw_reason_t *reason)
{
    size_t size = strlen (uri);
    memset (self, 0, offsetof (qw_web_request_t, storage));
    if (size > QW_WEB_URI_MAX)
        return qw_fail (QW_TOO_LARGE, reason, "an address has %d bytes at most", QW_WEB_URI_MAX);
    memcpy (self->storage, uri, size + 1);
    char *query = strchr (self->storage, '?');
    if (query)
        *query++ = 0;
    uint32_t allowed = 0;
    if (self->storage[0] != '/' || !find_route (self, self->storage, &allowed))
        return qw_fail (QW_NOT_FOUND, reason, "there is nothing at this address");
    if (self->route == QW_WEB_PAGE)
        return QW_OK;
    char *rest = query;
    for (char *pair; rest && (pair = strsep (&rest, "&")) != NULL;) {
        qw_status_t status = *pair ? take (self, pair, allowed, reason) : QW_OK;
        if (status)
            return status;
    }
    return QW_OK;
}

/* ---- the host ------------------------------------------------------------------------------------------------------ */

bool qw_web_host_is_known (const char *host, const char *const *names, size_t count)
{
    char name[256];
    size_t size = host[0] == '[' ? strcspn (host, "]") + (strchr (host, ']') != NULL) : strcspn (host, ":");
    const char *port = host + size;
    if (size == 0 || size >= sizeof name || (*port && (*port != ':' || port[1 + strspn (port + 1, "0123456789")])))
        return false;
    memcpy (name, host, size);
    name[size] = 0;
    unsigned char address[sizeof (struct in6_addr)];
    if (name[0] == '[') {
        name[size - 1] = 0;
        return host[size - 1] == ']' && inet_pton (AF_INET6, name + 1, address) == 1;
    }
    if (inet_pton (AF_INET, name, address) == 1 || strcasecmp (name, "localhost") == 0)
        return true;
    for (size_t i = 0; i < count; i++)
        if (strcasecmp (name, names[i]) == 0)
            return true;
    return false;
}
