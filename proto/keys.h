/*  keys.h - key files: who a program is on the network, and whom it lets in.

    A folder of keys, for its owner only, has

        sink.key, ventilator.key   the secret keys of these two, who bind
        NAME.key                   the secret key of somebody else, to be taken to where that program runs
        known/NAME                 the public key of each, with its role: whoever stands here is let in

    All are CZMQ certificates. A secret one has the public keys of the sink and the ventilator with it, so that one file and
    an endpoint are all that a worker, a reader or an admin needs. Files are written under another name and renamed, so
    that a program which watches the folder never sees half a key.
 */
#ifndef QW_KEYS_H
#define QW_KEYS_H

#include "proto/status.h"
#include "proto/wire.h"

enum { QW_KEY_NAME = 64, QW_KEY_TEXT = 41 };

typedef struct {
    char name[QW_KEY_NAME];
    qw_peer_role_t role;
    char public_key[QW_KEY_TEXT], secret_key[QW_KEY_TEXT]; /* Z85; the secret one is "" in a public certificate */
    char sink[QW_KEY_TEXT], ventilator[QW_KEY_TEXT];       /* public keys; "" where the file does not say */
} qw_key_t;

/* "worker" and so on; "?" for no role. */
const char *qw_peer_role_name (qw_peer_role_t role);

/* 0 for no role. */
qw_peer_role_t qw_peer_role_of_name (const char *name);

/* A secret key, which nobody but its owner and group may be able to read. QW_SYSTEM: the file cannot be read; QW_INVALID: it
 * is no secret key, or others may read it. */
qw_status_t qw_key_load (qw_key_t *self, const char *path, qw_reason_t *reason);

/* A public certificate of known/. */
qw_status_t qw_key_load_public (qw_key_t *self, const char *path, qw_reason_t *reason);

/* Makes a key in the folder, and the folder with the keys of sink and ventilator where it is missing. The secret key is
 * `directory`/NAME.key. QW_EXISTS: there is such a name; QW_INVALID: it is none (1 to 63 of A-Z a-z 0-9 . _ -, not '.' first). */
qw_status_t qw_key_make (const char *directory, qw_peer_role_t role, const char *name, qw_reason_t *reason);

/* From now on the key opens nothing. QW_NOT_FOUND: there is none of that name. */
qw_status_t qw_key_revoke (const char *directory, const char *name, qw_reason_t *reason);

#endif
