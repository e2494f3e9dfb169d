#include "proto/http_address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BACKLOG = 64 };

static socklen_t size_of (const qw_http_address_t *self)
{
    return self->address.ss_family == AF_INET6 ? sizeof (struct sockaddr_in6) : sizeof (struct sockaddr_in);
}

void qw_http_address_set_port (qw_http_address_t *self, unsigned port)
{
    char host[INET6_ADDRSTRLEN] = "";
    self->port = port;
    if (self->address.ss_family == AF_INET6) {
        struct sockaddr_in6 *six = (struct sockaddr_in6 *) &self->address;
        six->sin6_port = htons ((uint16_t) port);
        self->is_loopback = IN6_IS_ADDR_LOOPBACK (&six->sin6_addr);
        inet_ntop (AF_INET6, &six->sin6_addr, host, sizeof host);
        snprintf (self->text, sizeof self->text, "[%s]:%u", host, port);
    } else {
        struct sockaddr_in *four = (struct sockaddr_in *) &self->address;
        four->sin_port = htons ((uint16_t) port);
        self->is_loopback = ntohl (four->sin_addr.s_addr) >> 24 == 127;
        inet_ntop (AF_INET, &four->sin_addr, host, sizeof host);
        snprintf (self->text, sizeof self->text, "%s:%u", host, port);
    }
}

/* Cuts "HOST:PORT" in two; false: it has another form. */
static bool split (const char *text, char *host, size_t room, unsigned *port)
{
    const char *colon = strrchr (text, ':'), *digits = colon ? colon + 1 : text;
    size_t size = colon ? (size_t) (colon - text) : 0;
    size_t count = strspn (digits, "0123456789");
    if (count == 0 || count > 5 || digits[count] || (*port = (unsigned) strtoul (digits, NULL, 10)) > 65535)
        return false;
    if (size > 1 && text[0] == '[' && text[size - 1] == ']') {
        text++;
        size -= 2;
    } else if (memchr (text, ':', size))
        return false; /* IPv6 without brackets: where its port begins cannot be told */
    if (size >= room)
        return false;
    memcpy (host, text, size);
    host[size] = 0;
    return true;
}

qw_status_t qw_http_address_read (qw_http_address_t *self, const char *text, qw_reason_t *reason)
{
    char host[256];
    unsigned port;
    if (!split (text, host, sizeof host, &port))
        return qw_fail (QW_INVALID, reason, "'%s' is not HOST:PORT", text);
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
    int error = getaddrinfo (host[0] ? host : "127.0.0.1", NULL, &hints, &found);
    if (error)
        return qw_fail (QW_INVALID, reason, "'%s': %s", text, gai_strerror (error));
    *self = (qw_http_address_t){.port = port};
    memcpy (&self->address, found->ai_addr, found->ai_addrlen);
    freeaddrinfo (found);
    qw_http_address_set_port (self, port);
    return QW_OK;
}

int qw_http_address_listen (qw_http_address_t *self, qw_reason_t *reason)
{
    int on = 1;
    socklen_t size = size_of (self);
    int handle = socket (self->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (handle >= 0)
        setsockopt (handle, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on); /* the last owner's connections may linger */
    if (handle < 0 || bind (handle, (struct sockaddr *) &self->address, size) || listen (handle, BACKLOG)) {
        qw_fail_errno (reason, "cannot listen on http://%s", self->text);
        if (handle >= 0)
            close (handle);
        return -1;
    }
    struct sockaddr_storage bound;
    socklen_t room = sizeof bound;
    if (getsockname (handle, (struct sockaddr *) &bound, &room) == 0) {
        self->address = bound;
        qw_http_address_set_port (self, ntohs (bound.ss_family == AF_INET6 ? ((struct sockaddr_in6 *) &bound)->sin6_port
                                                                           : ((struct sockaddr_in *) &bound)->sin_port));
    }
    return handle;
}
