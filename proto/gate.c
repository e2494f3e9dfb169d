#include "proto/gate.h"

#include <dirent.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <xxhash.h>

#include "proto/log.h"
#include "proto/memory.h"
#include "proto/socket.h"
#include "proto/monitor.h"

enum {
    LOOK_MS = 500,    /* until the folder is looked at again */
    PROBE_MS = 10000, /* until the probe must be answered */
    QUIET_MS = 10000, /* the same refusal is told again after so long, */
    REFUSALS_TOLD = 20, /* and so many different ones within this time */
    PATH = 4096,
    ZAP_ENFORCE_DOMAIN = 93, /* zmq.h names it among its drafts only; CZMQ's own setter does nothing in Debian's build */
    KEY_OCTETS = 32,
    USEFUL_MOST = 64,    /* useful messages that make up for an offence */
    USELESS_MOST = 5000, /* messages of no use from one key within USELESS_MS */
    USELESS_MS = 10000,
    HANDLES = 1 << 16 /* connections beyond this number are not remembered: they end by themselves when they send something */
};

/* A key that is known, or was struck off. */
typedef struct {
    char name[QW_KEY_NAME];
    qw_peer_role_t role;
    int offences, useful, useless;
    int64_t useless_since;
} item_t;

struct qw_gate_t {
    char known_folder[PATH];
    qw_key_t own;
    pthread_mutex_t mutex; /* for all that follows */
    zhashx_t *known;       /* public key -> item_t */
    zhashx_t *struck;      /* public key -> its name */
    const char **struck_names;
    size_t struck_count, struck_room;
    char (*keys)[QW_KEY_TEXT]; /* by the number of the connection's handle: who it was when it last sent something */
    size_t key_room;
    XXH64_hash_t seen; /* the folder's state */
    char probe[QW_KEY_TEXT], refused[160];
    int64_t refused_at; /* when it was begun to count them */
    unsigned refusals;
    zactor_t *actor;
};

static const struct {
    const char *name; /* the ZAP domain */
    const char *guests;
    qw_peer_role_t roles[2];
} doors[] = {[QW_DOOR_TASKS] = {"tasks", "workers and admins", {QW_ROLE_WORKER, QW_ROLE_ADMIN}},
             [QW_DOOR_CONTROL] = {"control", "a ventilator and admins", {QW_ROLE_VENTILATOR, QW_ROLE_ADMIN}},
             [QW_DOOR_RESULTS] = {"results", "workers", {QW_ROLE_WORKER, QW_ROLE_WORKER}},
             [QW_DOOR_FOLLOW] = {"follow", "readers and admins", {QW_ROLE_READER, QW_ROLE_ADMIN}}};

/* ---- the folder ---------------------------------------------------------------------------------------------------- */

static XXH64_hash_t state_of_folder (const char *path)
{
    XXH64_hash_t state = 0;
    DIR *folder = opendir (path);
    for (struct dirent *entry; folder && (entry = readdir (folder));) {
        struct stat file;
        if (entry->d_name[0] == '.' || fstatat (dirfd (folder), entry->d_name, &file, 0) != 0)
            continue;
        uint64_t facts[] = {file.st_ino, (uint64_t) file.st_size, (uint64_t) file.st_mtim.tv_sec,
                            (uint64_t) file.st_mtim.tv_nsec, XXH3_64bits (entry->d_name, strlen (entry->d_name))};
        state += XXH3_64bits (facts, sizeof facts); /* in any order */
    }
    if (folder)
        closedir (folder);
    return state;
}

static void read_key (qw_gate_t *self, zhashx_t *known, const char *path)
{
    qw_key_t key;
    qw_reason_t reason;
    if (qw_key_load_public (&key, path, &reason)) {
        qw_log (QW_LOG_WARNING, "%s: nobody comes in with it", reason.text);
        return;
    }
    item_t *item = qw_must (calloc (1, sizeof *item)), *before = self->known ? zhashx_lookup (self->known, key.public_key) : NULL;
    if (before)
        *item = *before;
    snprintf (item->name, sizeof item->name, "%s", key.name);
    item->role = key.role;
    if (zhashx_insert (known, key.public_key, item) != 0)
        free (item);
}

static void free_item (void **item_p)
{
    free (*item_p);
    *item_p = NULL;
}

/* Ends the connections of everybody who is not let in any more. ZeroMQ sees them as broken, and asks again when they come
 * back. (Where a handle is somebody else's by now, that one connects again.) */
static void end_connections (qw_gate_t *self)
{
    for (size_t handle = 0; handle < self->key_room; handle++) {
        const char *key = self->keys[handle];
        if (!key[0] || (zhashx_lookup (self->known, key) && !zhashx_lookup (self->struck, key)))
            continue;
        shutdown ((int) handle, SHUT_RDWR);
        self->keys[handle][0] = 0;
    }
}

/* Reads known/ again if it has changed. With the mutex. */
static void look (qw_gate_t *self)
{
    XXH64_hash_t state = state_of_folder (self->known_folder);
    if (self->known && state == self->seen)
        return;
    zhashx_t *known = zhashx_new ();
    zhashx_set_destructor (known, free_item);
    DIR *folder = opendir (self->known_folder);
    for (struct dirent *entry; folder && (entry = readdir (folder));) {
        char path[PATH + 256];
        const char *ending = strrchr (entry->d_name, '.');
        snprintf (path, sizeof path, "%s/%s", self->known_folder, entry->d_name);
        if (entry->d_name[0] != '.' && !(ending && strcmp (ending, ".new") == 0)) /* .new: half a key */
            read_key (self, known, path);
    }
    if (folder)
        closedir (folder);
    if (self->known)
        qw_log (QW_LOG_INFO, "the folder of keys has changed: %zu keys are known now", zhashx_size (known));
    zhashx_destroy (&self->known);
    self->known = known;
    self->seen = state;
    end_connections (self);
}

/* ---- ZAP ----------------------------------------------------------------------------------------------------------- */

static void tell_refusal (qw_gate_t *self, const char *key, const char *text)
{
    int64_t now = zclock_mono ();
    if (strcmp (key, self->probe) == 0)
        return;
    if (now - self->refused_at >= QUIET_MS) {
        if (self->refusals > REFUSALS_TOLD)
            qw_log (QW_LOG_WARNING, "%u more peers were refused meanwhile", self->refusals - REFUSALS_TOLD);
        self->refusals = 0;
        self->refused_at = now;
    } else if (strcmp (text, self->refused) == 0)
        return;
    snprintf (self->refused, sizeof self->refused, "%s", text);
    if (++self->refusals <= REFUSALS_TOLD) /* whoever makes up keys may not fill the log */
        qw_log (QW_LOG_WARNING, "%s", text);
}

static bool lets_in (qw_gate_t *self, const char *domain, const char *address, const char *key)
{
    char text[160];
    size_t door = 0;
    while (door < sizeof doors / sizeof *doors && strcmp (domain, doors[door].name) != 0)
        door++;
    if (door == sizeof doors / sizeof *doors)
        return false;
    if (!zhashx_lookup (self->known, key))
        look (self); /* it may have come this moment */
    const item_t *item = zhashx_lookup (self->known, key);
    if (!item)
        snprintf (text, sizeof text, "a peer at %.60s is refused at '%s': its key, %.8s..., is not known", address, domain, key);
    else if (zhashx_lookup (self->struck, key))
        snprintf (text, sizeof text, "%s '%s' at %.60s is refused: it is struck off", qw_peer_role_name (item->role), item->name, address);
    else if (item->role != doors[door].roles[0] && item->role != doors[door].roles[1])
        snprintf (text, sizeof text, "%s '%s' at %.40s is refused: '%s' is for %s", qw_peer_role_name (item->role), item->name, address,
                  domain, doors[door].guests);
    else
        return true;
    tell_refusal (self, key, text);
    return false;
}

/* One request: version, id, domain, address, identity, mechanism, key. */
static void answer (qw_gate_t *self, zsock_t *handler)
{
    zmsg_t *request = zmsg_recv (handler);
    if (!request)
        return;
    char *version = zmsg_popstr (request), *id = zmsg_popstr (request), *domain = zmsg_popstr (request),
         *address = zmsg_popstr (request), *identity = zmsg_popstr (request), *mechanism = zmsg_popstr (request);
    zframe_t *credentials = zmsg_pop (request);
    char key[QW_KEY_TEXT] = "";
    bool good = mechanism && strcmp (mechanism, "CURVE") == 0 && credentials && zframe_size (credentials) == KEY_OCTETS;
    if (good) {
        zmq_z85_encode (key, zframe_data (credentials), KEY_OCTETS);
        pthread_mutex_lock (&self->mutex);
        good = lets_in (self, domain, address, key);
        pthread_mutex_unlock (&self->mutex);
    }
    zstr_sendx (handler, version ? version : "1.0", id ? id : "", good ? "200" : "400", good ? "OK" : "No access", good ? key : "",
                "", NULL);
    zframe_destroy (&credentials);
    zmsg_destroy (&request);
    char *texts[] = {version, id, domain, address, identity, mechanism};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        zstr_free (&texts[i]);
}

static void actor (zsock_t *pipe, void *argument)
{
    qw_gate_t *self = argument;
    zsock_t *handler = qw_must (zsock_new (ZMQ_REP));
    bool bound = false;
    for (int i = 0; i < 200 && !(bound = zsock_bind (handler, "inproc://zeromq.zap.01") == 0); i++)
        zclock_sleep (10); /* a gate before this one in this process may not have left the endpoint yet */
    zsock_signal (pipe, 0); /* where it could not be bound, the probe will say so */
    zmq_pollitem_t items[] = {{zsock_resolve (pipe), 0, ZMQ_POLLIN, 0}, {zsock_resolve (handler), 0, ZMQ_POLLIN, 0}};
    while (bound && zmq_poll (items, 2, LOOK_MS) >= 0 && !(items[0].revents & ZMQ_POLLIN)) {
        if (items[1].revents & ZMQ_POLLIN)
            answer (self, handler);
        pthread_mutex_lock (&self->mutex);
        look (self);
        pthread_mutex_unlock (&self->mutex);
    }
    zsock_destroy (&handler);
}

/* ---- life ---------------------------------------------------------------------------------------------------------- */

qw_gate_t *qw_gate_new (const char *directory, qw_peer_role_t role, qw_reason_t *reason)
{
    char path[PATH];
    qw_key_t own;
    snprintf (path, sizeof path, "%s/%s.key", directory, qw_peer_role_name (role));
    if (qw_key_load (&own, path, reason))
        return NULL;
    if (own.role != role) {
        qw_fail (QW_INVALID, reason, "'%s' is the key of a %s", path, qw_peer_role_name (own.role));
        return NULL;
    }
    qw_gate_t *self = qw_must (calloc (1, sizeof *self));
    self->own = own;
    snprintf (self->known_folder, sizeof self->known_folder, "%s/known", directory);
    pthread_mutex_init (&self->mutex, NULL);
    self->struck = zhashx_new ();
    zhashx_set_destructor (self->struck, free_item);
    look (self);
    self->actor = zactor_new (actor, self);
    if (!self->actor)
        abort ();
    return self;
}

void qw_gate_destroy (qw_gate_t **self_p)
{
    qw_gate_t *self = *self_p;
    if (!self)
        return;
    zactor_destroy (&self->actor);
    zhashx_destroy (&self->known);
    zhashx_destroy (&self->struck);
    free (self->struck_names);
    free (self->keys);
    pthread_mutex_destroy (&self->mutex);
    free (self);
    *self_p = NULL;
}

const qw_key_t *qw_gate_key (const qw_gate_t *self) { return &self->own; }

/* ---- binding ------------------------------------------------------------------------------------------------------- */

/* A random key must be refused: that a handler answers, and that ZeroMQ asks it, is not taken for granted. */
static qw_status_t probe (qw_gate_t *self, const char *endpoint, qw_reason_t *reason)
{
    char target[256], secret[QW_KEY_TEXT];
    const char *port = strrchr (endpoint, ':');
    bool any = strncmp (endpoint, "tcp://0.0.0.0:", 14) == 0, any6 = strncmp (endpoint, "tcp://[::]:", 11) == 0;
    snprintf (target, sizeof target, "%s%s", any ? "tcp://127.0.0.1" : any6 ? "tcp://[::1]" : "", any || any6 ? port : endpoint);
    qw_key_t stranger = {.name = "probe"};
    zmq_curve_keypair (stranger.public_key, secret);
    memcpy (stranger.secret_key, secret, sizeof secret);
    pthread_mutex_lock (&self->mutex);
    memcpy (self->probe, stranger.public_key, sizeof self->probe);
    pthread_mutex_unlock (&self->mutex);
    zsock_t *dealer = qw_must (qw_socket_new (&(qw_socket_options_t){ZMQ_DEALER, 1024, 0, 1000, false}));
    qw_monitor_t *watch = qw_monitor_new (dealer, QW_MONITOR_HANDSHAKES | ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    qw_status_t status = qw_socket_connect_as (dealer, target, &stranger, self->own.public_key, reason);
    int event = 0, value = 0;
    int64_t end = zclock_mono () + PROBE_MS;
    while (!status && event != ZMQ_EVENT_HANDSHAKE_FAILED_AUTH && event != ZMQ_EVENT_HANDSHAKE_SUCCEEDED && zclock_mono () < end) {
        zmq_pollitem_t item = {qw_monitor_handle (watch), 0, ZMQ_POLLIN, 0};
        zmq_poll (&item, 1, 100);
        while (qw_monitor_next (watch, &event, &value) && event != ZMQ_EVENT_HANDSHAKE_SUCCEEDED
               && event != ZMQ_EVENT_HANDSHAKE_FAILED_AUTH)
            ;
    }
    qw_monitor_destroy (&watch);
    zsock_destroy (&dealer);
    if (status)
        return status;
    if (event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED)
        return qw_fail (QW_SYSTEM, reason, "'%s' lets a random key in: refusing to serve", endpoint);
    if (event != ZMQ_EVENT_HANDSHAKE_FAILED_AUTH)
        return qw_fail (QW_SYSTEM, reason, "'%s' could not be tried out with a random key: refusing to serve", endpoint);
    return QW_OK;
}

static bool is_loopback (const char *endpoint)
{
    static const char *const hosts[] = {"127.", "localhost:", "[::1]:", "lo:"};
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++)
        if (strncmp (endpoint + 6, hosts[i], strlen (hosts[i])) == 0)
            return true;
    return false;
}

qw_status_t qw_gate_permits (const char *endpoints, bool insecure, qw_reason_t *reason)
{
    for (const char *at = endpoints ? endpoints : ""; *at; at += *at == ',') {
        int size = (int) strcspn (at, ",");
        if (strncmp (at, "tcp://", 6) == 0 && !insecure && !is_loopback (at))
            return qw_fail (QW_INVALID, reason,
                            "'%.*s' without keys would be open to all who reach it: give --keys DIR (see 'quotewire keys --help'), "
                            "or --insecure", size, at);
        at += size;
    }
    return QW_OK;
}

static qw_status_t bind_tcp (qw_gate_t *self, zsock_t *router, const char *endpoint, qw_door_t door, qw_reason_t *reason)
{
    if (!self)
        return qw_socket_bind (router, endpoint, reason);
    void *handle = zsock_resolve (router);
    int yes = 1;
    zsock_set_curve_server (router, 1);
    zsock_set_curve_secretkey (router, self->own.secret_key);
    zsock_set_zap_domain (router, doors[door].name);
    if (zmq_setsockopt (handle, ZAP_ENFORCE_DOMAIN, &yes, sizeof yes) != 0)
        return qw_fail (QW_SYSTEM, reason, "ZeroMQ does not enforce authentication: %s", zmq_strerror (zmq_errno ()));
    qw_status_t status = qw_socket_bind (router, endpoint, reason);
    if (status)
        return status;
    char *bound = zsock_last_endpoint (router);
    status = probe (self, bound, reason);
    zstr_free (&bound);
    return status;
}

/* ipc first: what is set for tcp holds for every later bind. */
qw_status_t qw_gate_bind (qw_gate_t *self, zsock_t *router, const char *endpoints, qw_door_t door, bool insecure,
                          qw_reason_t *reason)
{
    qw_status_t status = self ? QW_OK : qw_gate_permits (endpoints, insecure, reason);
    for (int tcp = 0; tcp < 2; tcp++)
        for (const char *at = endpoints; *at && !status; at += *at == ',') {
            char endpoint[512];
            size_t size = strcspn (at, ",");
            snprintf (endpoint, sizeof endpoint, "%.*s", (int) size, at);
            at += size;
            if ((strncmp (endpoint, "tcp://", 6) == 0) != tcp)
                continue;
            status = tcp ? bind_tcp (self, router, endpoint, door, reason) : qw_socket_bind (router, endpoint, reason);
        }
    return status;
}

/* ---- guests -------------------------------------------------------------------------------------------------------- */

/* With the mutex. */
static void remember (qw_gate_t *self, int handle, const char *key)
{
    if (handle < 0 || handle >= HANDLES)
        return;
    size_t before = self->key_room;
    self->keys = qw_grown (self->keys, &self->key_room, (size_t) handle + 1, sizeof *self->keys);
    memset (self->keys + before, 0, (self->key_room - before) * sizeof *self->keys);
    memcpy (self->keys[handle], key, QW_KEY_TEXT);
}

bool qw_gate_admit (qw_gate_t *self, zmq_msg_t *frame, qw_guest_t *guest)
{
    memset (guest, 0, sizeof *guest);
    guest->handle = zmq_msg_get (frame, ZMQ_SRCFD);
    const char *key = self ? zmq_msg_gets (frame, "User-Id") : NULL;
    if (!key || strlen (key) != QW_KEY_TEXT - 1)
        return true;
    memcpy (guest->public_key, key, QW_KEY_TEXT);
    pthread_mutex_lock (&self->mutex);
    const item_t *item = zhashx_lookup (self->known, key);
    bool good = item && !zhashx_lookup (self->struck, key);
    if (good) {
        guest->known = true;
        guest->role = item->role;
        memcpy (guest->name, item->name, sizeof guest->name);
        remember (self, guest->handle, key);
    } else if (guest->handle >= 0)
        shutdown (guest->handle, SHUT_RDWR);
    pthread_mutex_unlock (&self->mutex);
    return good;
}

bool qw_guest_by_tcp (const qw_guest_t *guest)
{
    int domain = 0;
    socklen_t size = sizeof domain;
    return guest->known || (getsockopt (guest->handle, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && domain != AF_UNIX);
}

bool qw_guest_is (const qw_guest_t *guest, qw_peer_role_t role)
{
    return !guest->known || guest->role == role;
}

bool qw_gate_knows (qw_gate_t *self, const char *public_key)
{
    if (!self || !public_key[0])
        return true;
    pthread_mutex_lock (&self->mutex);
    bool known = zhashx_lookup (self->known, public_key) && !zhashx_lookup (self->struck, public_key);
    pthread_mutex_unlock (&self->mutex);
    return known;
}

/* With the mutex. */
static void strike (qw_gate_t *self, const char *public_key, const char *name)
{
    char *copy = strdup (name);
    if (!copy || zhashx_insert (self->struck, public_key, copy) != 0) {
        free (copy);
        return;
    }
    self->struck_names = qw_grown (self->struck_names, &self->struck_room, self->struck_count + 1, sizeof *self->struck_names);
    self->struck_names[self->struck_count++] = copy;
    end_connections (self);
}

bool qw_gate_offend (qw_gate_t *self, const qw_guest_t *guest, int weight, const char *what)
{
    if (!self || !guest->known)
        return false;
    pthread_mutex_lock (&self->mutex);
    item_t *item = zhashx_lookup (self->known, guest->public_key);
    bool too_much = false;
    if (item && !zhashx_lookup (self->struck, guest->public_key)) {
        item->offences += weight;
        too_much = item->offences >= QW_OFFENCES_MOST;
        qw_log (QW_LOG_WARNING, "%s '%s' %s", qw_peer_role_name (guest->role), guest->name, what);
        if (too_much) {
            qw_log (QW_LOG_ERROR, "%s '%s' is struck off: its connections end, and its key is refused until this program is started "
                    "anew ('quotewire keys revoke %s' for good)", qw_peer_role_name (guest->role), guest->name, guest->name);
            strike (self, guest->public_key, guest->name);
        }
    }
    pthread_mutex_unlock (&self->mutex);
    return too_much;
}

void qw_gate_useful (qw_gate_t *self, const qw_guest_t *guest)
{
    if (!self || !guest->known)
        return;
    pthread_mutex_lock (&self->mutex);
    item_t *item = zhashx_lookup (self->known, guest->public_key);
    if (item && ++item->useful >= USEFUL_MOST) {
        item->useful = 0;
        item->offences -= item->offences > 0;
    }
    pthread_mutex_unlock (&self->mutex);
}

bool qw_gate_has_another (qw_gate_t *self, const qw_guest_t *guest)
{
    bool found = false;
    if (!self)
        return false;
    pthread_mutex_lock (&self->mutex);
    for (size_t handle = 0; handle < self->key_room && !found; handle++) {
        const char *key = self->keys[handle];
        const item_t *item = key[0] && strcmp (key, guest->public_key) != 0 ? zhashx_lookup (self->known, key) : NULL;
        found = item && item->role == guest->role && !zhashx_lookup (self->struck, key);
    }
    pthread_mutex_unlock (&self->mutex);
    return found;
}

void qw_gate_useless (qw_gate_t *self, const qw_guest_t *guest)
{
    if (!self || !guest->known)
        return;
    int64_t now = zclock_mono ();
    pthread_mutex_lock (&self->mutex);
    item_t *item = zhashx_lookup (self->known, guest->public_key);
    if (item && now - item->useless_since >= USELESS_MS) {
        item->useless_since = now;
        item->useless = 0;
    }
    bool flood = item && ++item->useless == USELESS_MOST;
    pthread_mutex_unlock (&self->mutex);
    if (flood)
        qw_gate_offend (self, guest, QW_OFFENCES_MOST, "floods this program with messages that are of no use");
}

void qw_gate_strike (qw_gate_t *self, const char *name)
{
    pthread_mutex_lock (&self->mutex);
    for (item_t *item = zhashx_first (self->known); item; item = zhashx_next (self->known)) {
        const char *key = zhashx_cursor (self->known);
        if (strcmp (item->name, name) != 0 || zhashx_lookup (self->struck, key))
            continue;
        qw_log (QW_LOG_WARNING, "the sink has struck off %s '%s'", qw_peer_role_name (item->role), name);
        strike (self, key, name);
        break;
    }
    pthread_mutex_unlock (&self->mutex);
}

size_t qw_gate_struck (qw_gate_t *self, const char **names, size_t room)
{
    if (!self)
        return 0;
    pthread_mutex_lock (&self->mutex);
    size_t count = self->struck_count;
    for (size_t i = 0; i < count && i < room; i++)
        names[i] = self->struck_names[i];
    pthread_mutex_unlock (&self->mutex);
    return count;
}
