/*  wire.h - the messages between ventilator, workers, sink and readers. proto/PROTOCOL.md is their specification.

    A message is one frame (behind the envelope of a ROUTER): four bytes "QW", version, type; then one MessagePack map.
    DOCUMENTS alone has a second frame, the documents' bytes. Keys that a receiver does not know are ignored; a known
    key with a value of the wrong type, or a required key that is missing, makes the message invalid.

    Text offsets on the wire count code points. Recipe for a change: a new optional key needs nothing else; a new required
    key or a change of meaning raises QW_WIRE_VERSION_MAX, and the reader of the older version stays until MIN goes up.
 */
#ifndef QW_WIRE_H
#define QW_WIRE_H

#include "proto/mp.h"

enum {
    QW_WIRE_VERSION_MIN = 1,
    QW_WIRE_VERSION_MAX = 1,
    QW_WIRE_HEAD = 4 /* bytes before the map */
};

typedef enum {
    /* any peer */
    QW_HELLO = 0x01,
    QW_WELCOME = 0x02,
    QW_ERROR = 0x03,
    QW_HEARTBEAT = 0x04,
    QW_BYE = 0x05,
    /* ventilator and worker */
    QW_TASK = 0x10,
    QW_DONE = 0x11,
    /* worker to sink */
    QW_RESULT = 0x20,
    /* ventilator and sink */
    QW_ANNOUNCE = 0x30,
    QW_PROGRESS = 0x31,
    QW_GIVE_UP = 0x32,
    /* reader and sink */
    QW_FOLLOW = 0x40,
    QW_DOCUMENTS = 0x41,
    /* admin and ventilator or sink */
    QW_STATUS_REQUEST = 0x50,
    QW_STATUS_REPORT = 0x51
} qw_message_type_t;

typedef enum { QW_ROLE_VENTILATOR = 1, QW_ROLE_WORKER, QW_ROLE_SINK, QW_ROLE_READER, QW_ROLE_ADMIN } qw_peer_role_t;

/* Why a peer is refused: ERROR's `code`. */
typedef enum {
    QW_REFUSED_VERSION = 1, /* no common version */
    QW_REFUSED_MESSAGE,     /* a message that cannot be read; the text names the field */
    QW_REFUSED_UNKNOWN,     /* the peer has not said HELLO (or is forgotten): say it again on a fresh socket */
    QW_REFUSED_BUSY,        /* another ventilator is feeding the sink */
    QW_REFUSED_SESSION,     /* the message is of a session that is over */
    QW_REFUSED_ORDER,       /* a number or sequence out of order: begin a new session */
    QW_REFUSED_LIMIT,       /* beyond a limit that WELCOME announced */
    QW_REFUSED_LAYERS,      /* the layers do not match the corpus, or nobody makes them */
    QW_REFUSED_STOPPED      /* the sink cannot write any more (disk full, failed fsync) */
} qw_refusal_t;

typedef struct {
    qw_bytes_t *items;
    size_t count;
} qw_texts_t;

/* One document of an ANNOUNCE. */
typedef struct {
    uint64_t sequence;    /* place in the source, from 0; rises from document to document */
    qw_bytes_t id;        /* 1 to 512 bytes */
    qw_bytes_t source;    /* a map: "path", "record", "encoding" where known */
    qw_bytes_t metadata;  /* a map, as the source had it; absent when there is none */
    qw_bytes_t text;      /* UTF-8 */
    qw_uints_t structure; /* triples: code points since the end of the paragraph before, length, role */
    qw_uints_t chunks;    /* the length of each chunk; together they are the text */
    qw_bytes_t failed;    /* present: it could not be read; why */
    uint64_t supersedes;  /* 1 + the position of the failed document that this is a retry of; 0: none */
    qw_bytes_t layers;    /* layers that it has already, a map, as in a record of the corpus; absent: it is new */
    qw_bytes_t holes;     /* with these and `failed`: what they lack, an array, as in a record */
} qw_announced_t;

/* One chunk of a TASK. */
typedef struct {
    uint64_t sequence, chunk;
    qw_bytes_t id; /* the document's, for messages to people */
    qw_bytes_t text;
    qw_uints_t structure; /* as in qw_announced_t, within the chunk */
    bool whole; /* the chunk is the document, and the task asks for all of the run's layers: the worker may settle it */
    qw_bytes_t layers; /* layers that the document has already, a map, as in a record; the chunk is the document then */
} qw_task_chunk_t;

/* One chunk of a RESULT. */
typedef struct {
    uint64_t sequence, chunk;
    qw_bytes_t layers; /* a map: name -> layer (see proto/layer_codec.h) */
    qw_bytes_t failed; /* present: this worker cannot annotate the chunk; why */
    bool settled; /* of a whole document: clusters and speakers are resolved (sink/resolve), nothing is left to the sink */
} qw_result_chunk_t;

/* One worker of a STATUS_REPORT. */
typedef struct {
    qw_bytes_t name;
    uint64_t tasks;   /* out now */
    uint64_t chunks;  /* done in its life */
    uint64_t bytes;   /* of text, likewise */
    uint64_t rate;    /* bytes of text a second, lately */
    uint64_t seen_ms; /* since its last message */
    uint64_t strikes; /* leases it let run out */
} qw_status_worker_t;

/* All messages in one struct; which fields a type uses stands in wire.c's tables and in PROTOCOL.md. Strings and lists
 * point into the frame or into the arena of the decoder. */
typedef struct {
    qw_message_type_t type;
    unsigned version;
    uint64_t role, life, session, number, task, credit, process;
    uint64_t version_min, version_max;
    uint64_t heartbeat_ms, lease_ms;
    uint64_t window_documents, window_bytes, max_document_bytes;
    uint64_t documents, position, count, last, microseconds;
    uint64_t code, sequence, chunk, layer_mask;
    uint64_t queued, open, failures, bytes;
    uint64_t duplicates, redeliveries, readers, mean_commit_us;
    bool drain; /* BYE of a ventilator: the run is over */
    qw_bytes_t name, software, endpoint, text;
    qw_bytes_t key;       /* WELCOME: the public key of whoever is at `endpoint` */
    qw_texts_t layers;    /* names */
    qw_texts_t struck;    /* PROGRESS: names of keys that the sink has struck off */
    qw_uints_t secret;    /* WELCOME of a sink: two numbers, see proto/ticket.h */
    qw_uints_t held;      /* task ids */
    qw_uints_t accepted;  /* sequences */
    qw_uints_t received;  /* triples: sequence, chunk, layer mask */
    qw_uints_t refused;   /* triples, likewise: results that were not right */
    qw_uints_t committed; /* triples: sequence, outcome, position */
    qw_uints_t counts;    /* tokens, mentions, quotes of what is committed in this message */
    struct {
        qw_announced_t *items;
        size_t count;
    } announced;
    struct {
        qw_task_chunk_t *items;
        size_t count;
    } tasks;
    struct {
        qw_result_chunk_t *items;
        size_t count;
    } results;
    struct {
        qw_status_worker_t *items;
        size_t count;
    } workers;
} qw_message_t;

/* What became of a document: the second number of PROGRESS's `committed`. */
typedef enum {
    QW_ANNOTATED = 0,
    QW_FAILED,      /* recorded as failed */
    QW_KNOWN,       /* was in the corpus already, annotated: skipped */
    QW_KNOWN_FAILED /* was in the corpus already, as failed: skipped */
} qw_outcome_t;

/* ---- encoding ---------------------------------------------------------------------------------------------------- */

/* Writes the message (its type, version and fields) to `out` as one frame, replacing what is there. The caller has filled
 * the required fields; optional ones that are zero or absent are left out. */
void qw_wire_encode (const qw_message_t *message, qw_out_t *out);

/* Room that its frame is likely to need; many large numbers make it larger. */
size_t qw_wire_room (const qw_message_t *message);

/* ---- decoding ---------------------------------------------------------------------------------------------------- */

/* Holds the lists of one decoded message; used again for the next. */
typedef struct qw_wire_t qw_wire_t;

qw_wire_t *qw_wire_new (void);
void qw_wire_destroy (qw_wire_t **self_p);

/* Decodes a frame. The message lives until the next decode with the same qw_wire_t, its strings as long as the frame.
 * QW_UNSUPPORTED: a version out of range or an unknown type; QW_INVALID: everything else, with the field's name. */
qw_status_t qw_wire_decode (qw_wire_t *self, const void *frame, size_t size, qw_message_t **message, qw_reason_t *reason);

/* Decodes a frame once more that was decoded before with QW_OK: it need not be scanned again. */
qw_status_t qw_wire_decode_again (qw_wire_t *self, const void *frame, size_t size, qw_message_t **message);

/* "HELLO", for logs; "?" for an unknown type. */
const char *qw_message_name (qw_message_type_t type);

#endif
