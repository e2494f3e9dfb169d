/*  server_parts.h - the sink's state, shared by server.c (corpus, ventilator, loop) and server_results.c (what workers send).
    Nobody else includes it. */
#ifndef QW_SERVER_PARTS_H
#define QW_SERVER_PARTS_H

#include <czmq.h>

#include "proto/gate.h"
#include "proto/monitor.h"
#include "proto/socket.h"
#include "sink/assemble.h"
#include "sink/corpus.h"
#include "sink/join.h"
#include "sink/server.h"

struct qw_server_t {
    qw_server_options_t options;
    qw_corpus_t *corpus;
    qw_join_t *join;
    qw_assembler_t *assembler; /* NULL until a ventilator named the layers */
    qw_bytes_t layers[QW_MAX_LAYERS];
    char *layer_names;
    size_t layer_count;

    zsock_t *control, *results;
    qw_monitor_t *watches[2]; /* of control and results */
    qw_gate_t *gate;          /* NULL: no keys */
    uint64_t secret[2];       /* of the numbers of tasks */
    size_t struck_told;       /* keys struck off that the ventilator knows of, in this session */
    zactor_t *follow;
    qw_wire_t *wire;
    qw_out_t out, record, stored;
    uint64_t life;

    qw_peer_t ventilator; /* 0: none */
    uint64_t ventilator_life, last_heartbeat, staged_since, told;
    uint64_t staged_counts[3], writing_counts[3], committed_counts[3]; /* tokens, mentions, quotes that nobody was told of */
    uint64_t failures, commits, commit_us;
    int64_t commit_began;
};

/* A worker's message has come; who sent it is `guest`. */
void qw_server_result (qw_server_t *self, qw_peer_t peer, const qw_guest_t *guest, const qw_message_t *message);

#endif
