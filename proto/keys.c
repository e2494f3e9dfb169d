#include "proto/keys.h"

#include <czmq.h>
#include <errno.h>
#include <sys/stat.h>

static const char *const role_names[] = {"?", "ventilator", "worker", "sink", "reader", "admin"};

enum { ROLES = sizeof role_names / sizeof *role_names, PATH = 4096 };

const char *qw_peer_role_name (qw_peer_role_t role)
{
    return role_names[(unsigned) role < ROLES ? role : 0];
}

qw_peer_role_t qw_peer_role_of_name (const char *name)
{
    for (unsigned role = 1; role < ROLES; role++)
        if (strcmp (name, role_names[role]) == 0)
            return role;
    return 0;
}

/* ---- reading ------------------------------------------------------------------------------------------------------- */

/* Z85 of 32 octets; anything else becomes "". */
static void copy_key (char to[QW_KEY_TEXT], const char *from)
{
    uint8_t octets[32];
    bool good = from && strlen (from) == QW_KEY_TEXT - 1 && zmq_z85_decode (octets, from);
    snprintf (to, QW_KEY_TEXT, "%s", good ? from : "");
}

static qw_status_t load (qw_key_t *self, const char *path, qw_reason_t *reason)
{
    memset (self, 0, sizeof *self);
    zcert_t *certificate = zcert_load (path);
    if (!certificate)
        return qw_fail (QW_INVALID, reason, "'%s' is no key file", path);
    const char *name = zcert_meta (certificate, "name"), *role = zcert_meta (certificate, "role");
    snprintf (self->name, sizeof self->name, "%s", name ? name : "");
    self->role = role ? qw_peer_role_of_name (role) : 0;
    copy_key (self->public_key, zcert_public_txt (certificate));
    copy_key (self->secret_key, zcert_secret_txt (certificate));
    copy_key (self->sink, zcert_meta (certificate, "sink"));
    copy_key (self->ventilator, zcert_meta (certificate, "ventilator"));
    zcert_destroy (&certificate);
    if (!self->public_key[0] || !self->name[0] || !self->role)
        return qw_fail (QW_INVALID, reason, "'%s' is no key file of 'quotewire keys'", path);
    return QW_OK;
}

qw_status_t qw_key_load (qw_key_t *self, const char *path, qw_reason_t *reason)
{
    struct stat file;
    if (stat (path, &file) != 0 || access (path, R_OK) != 0)
        return qw_fail_errno (reason, "the key file '%s' cannot be read", path);
    if (file.st_mode & 0027)
        return qw_fail (QW_INVALID, reason, "others may read the key file '%s': chmod 600 it, or make a new key", path);
    qw_status_t status = load (self, path, reason);
    if (status)
        return status;
    char derived[QW_KEY_TEXT] = "";
    if (!self->secret_key[0] || zmq_curve_public (derived, self->secret_key) != 0 || strcmp (derived, self->public_key) != 0)
        return qw_fail (QW_INVALID, reason, "'%s' has no secret key, or one that does not fit its public key", path);
    return QW_OK;
}

qw_status_t qw_key_load_public (qw_key_t *self, const char *path, qw_reason_t *reason)
{
    qw_status_t status = load (self, path, reason);
    self->secret_key[0] = 0;
    return status;
}

/* ---- writing ------------------------------------------------------------------------------------------------------- */

static qw_status_t make_folder (const char *path, qw_reason_t *reason)
{
    struct stat found;
    if (mkdir (path, 0700) != 0 && errno != EEXIST)
        return qw_fail_errno (reason, "the folder '%s' cannot be made", path);
    if (stat (path, &found) != 0 || !S_ISDIR (found.st_mode))
        return qw_fail (QW_SYSTEM, reason, "'%s' is no folder", path);
    if (found.st_mode & 0077)
        return qw_fail (QW_INVALID, reason, "others may enter the folder of keys '%s': chmod 700 it", path);
    return QW_OK;
}

static bool is_name (const char *name)
{
    size_t size = strspn (name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");
    return size > 0 && size < QW_KEY_NAME && !name[size] && name[0] != '.';
}

static qw_status_t save (zcert_t *certificate, bool secret, const char *path, qw_reason_t *reason)
{
    char fresh[PATH + 8];
    snprintf (fresh, sizeof fresh, "%s.new", path);
    int result = secret ? zcert_save_secret (certificate, fresh) : zcert_save_public (certificate, fresh);
    if (result != 0 || chmod (fresh, 0600) != 0 || rename (fresh, path) != 0)
        return qw_fail_errno (reason, "the key file '%s' cannot be written", path);
    return QW_OK;
}

static void set_server (zcert_t *certificate, const char *directory, const char *name)
{
    char path[PATH];
    qw_key_t key;
    snprintf (path, sizeof path, "%s/known/%s", directory, name);
    if (access (path, R_OK) == 0 && !qw_key_load_public (&key, path, NULL))
        zcert_set_meta (certificate, name, "%s", key.public_key);
}

static qw_status_t make (const char *directory, qw_peer_role_t role, const char *name, qw_reason_t *reason)
{
    char known[PATH], secret[PATH];
    snprintf (known, sizeof known, "%s/known/%s", directory, name);
    snprintf (secret, sizeof secret, "%s/%s.key", directory, name);
    if (access (known, F_OK) == 0 || access (secret, F_OK) == 0)
        return qw_fail (QW_EXISTS, reason, "there is a key '%s' already", name);
    zcert_t *certificate = zcert_new ();
    if (!certificate)
        return qw_fail (QW_SYSTEM, reason, "a key cannot be made");
    zcert_set_meta (certificate, "name", "%s", name);
    zcert_set_meta (certificate, "role", "%s", qw_peer_role_name (role));
    set_server (certificate, directory, "sink");
    set_server (certificate, directory, "ventilator");
    qw_status_t status = save (certificate, true, secret, reason);
    if (!status) /* last: once it is known, all is there */
        status = save (certificate, false, known, reason);
    zcert_destroy (&certificate);
    return status;
}

qw_status_t qw_key_make (const char *directory, qw_peer_role_t role, const char *name, qw_reason_t *reason)
{
    char known[PATH], own[PATH];
    if (!is_name (name) || strlen (directory) + QW_KEY_NAME + 16 > PATH)
        return qw_fail (QW_INVALID, reason, "'%s' is no name: 1 to %d of A-Z a-z 0-9 . _ -", name, QW_KEY_NAME - 1);
    snprintf (known, sizeof known, "%s/known", directory);
    snprintf (own, sizeof own, "%s/ventilator.key", directory);
    qw_status_t status = make_folder (directory, reason);
    if (!status)
        status = make_folder (known, reason);
    if (!status && access (own, F_OK) != 0) {
        status = make (directory, QW_ROLE_SINK, "sink", reason);
        if (!status || status == QW_EXISTS)
            status = make (directory, QW_ROLE_VENTILATOR, "ventilator", reason);
    }
    return status ? status : make (directory, role, name, reason);
}

qw_status_t qw_key_revoke (const char *directory, const char *name, qw_reason_t *reason)
{
    char path[PATH];
    if (!is_name (name))
        return qw_fail (QW_INVALID, reason, "'%s' is no name of a key", name);
    snprintf (path, sizeof path, "%s/known/%s", directory, name);
    if (unlink (path) != 0)
        return errno == ENOENT ? qw_fail (QW_NOT_FOUND, reason, "there is no key '%s' in '%s'", name, directory)
                               : qw_fail_errno (reason, "'%s' cannot be removed", path);
    snprintf (path, sizeof path, "%s/%s.key", directory, name);
    if (unlink (path) != 0 && errno != ENOENT)
        return qw_fail_errno (reason, "'%s' cannot be removed; but it opens nothing any more", path);
    return QW_OK;
}
