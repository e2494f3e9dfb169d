#include "proto/log.h"
#include "proto/ticket.h"
#include "sink/server_parts.h"

static int layer_number (const qw_server_t *self, qw_bytes_t name)
{
    for (size_t i = 0; i < self->layer_count; i++)
        if (qw_bytes_equal (self->layers[i], name))
            return (int) i;
    return -1;
}

typedef enum { KEPT, SURPLUS, REFUSED } took_t;

/* Takes the layers of one chunk, checked against the text. `promised`: what the task asked for; where one of these is
 * missing or wrong, all are refused, so that another worker gets the chunk. */
static took_t take_chunk (qw_server_t *self, qw_peer_t peer, uint64_t session, uint32_t promised,
                          const qw_result_chunk_t *chunk)
{
    uint32_t number = chunk->chunk <= UINT32_MAX ? (uint32_t) chunk->chunk : UINT32_MAX;
    const qw_sink_document_t *document = qw_join_document (self->join, session, chunk->sequence, number);
    if (!document) {
        qw_metrics_add (self->options.metrics, QW_SINK_CHUNKS_SURPLUS, 1);
        return SURPLUS;
    }
    if (chunk->failed.data) {
        qw_metrics_add (self->options.metrics, QW_SINK_CHUNKS_GIVEN_UP, 1);
        qw_join_give_up (self->join, session, chunk->sequence, number, promised, chunk->failed);
        return KEPT;
    }
    qw_reason_t reason = {"a promised layer is missing"};
    qw_bytes_t layers[QW_MAX_LAYERS] = {{NULL, 0}};
    qw_mp_t reader;
    qw_mp_open (&reader, chunk->layers.data, chunk->layers.size, &reason);
    for (uint32_t pairs = qw_mp_map (&reader, "layers"); pairs > 0 && !reader.failed; pairs--) {
        int layer = layer_number (self, qw_mp_str (&reader, "layers"));
        qw_bytes_t bytes = qw_mp_skip (&reader);
        if (layer >= 0 && promised & 1u << layer)
            layers[layer] = bytes;
    }
    bool settled = chunk->settled && document->chunk_count == 1;
    uint32_t good = 0;
    qw_sink_result_t *results[QW_MAX_LAYERS];
    qw_assembler_check (self->assembler, document, number, layers, settled, results, &reason);
    for (unsigned layer = 0; layer < self->layer_count; layer++)
        good |= results[layer] ? 1u << layer : 0;
    uint32_t all = (1u << self->layer_count) - 1, bad = promised & ~good;
    if (bad || (settled && good != all)) { /* who is wrong about one layer is not trusted about the others */
        bad = promised;
        good = 0;
    }
    bool kept = false;
    for (unsigned layer = 0; layer < self->layer_count; layer++)
        if (good & 1u << layer && qw_join_result (self->join, session, chunk->sequence, number, layer, results[layer]))
            kept = true;
        else
            free (results[layer]);
    qw_metrics_add (self->options.metrics,
                    bad    ? QW_SINK_CHUNKS_REFUSED
                    : kept ? QW_SINK_CHUNKS_KEPT
                           : QW_SINK_CHUNKS_SURPLUS,
                    1);
    if (!bad)
        return kept ? KEPT : SURPLUS;
    qw_log (QW_LOG_WARNING, "a result for '%.*s', chunk %u, is refused: %s", (int) document->id.size, document->id.data,
            number, reason.text);
    qw_join_refuse (self->join, session, chunk->sequence, number, bad);
    qw_socket_refuse (self->results, peer, QW_REFUSED_MESSAGE, reason.text, &self->out);
    return REFUSED;
}

/* Was this task given to somebody with these layers and chunks? The ventilator's number says so. */
static bool was_handed_out (const qw_server_t *self, const qw_message_t *message, uint32_t promised)
{
    qw_ticket_t ticket;
    if (!self->gate)
        return true;
    qw_ticket_begin (&ticket, self->secret, message->session, message->task, promised);
    for (size_t i = 0; i < message->results.count; i++)
        if (message->results.items[i].chunk <= UINT32_MAX)
            qw_ticket_add (&ticket, message->results.items[i].sequence, (uint32_t) message->results.items[i].chunk);
    return qw_ticket_number (&ticket) == message->task;
}

void qw_server_result (qw_server_t *self, qw_peer_t peer, const qw_guest_t *guest, const qw_message_t *message)
{
    if (message->type != QW_RESULT) {
        qw_gate_useless (self->gate, guest);
        if (message->type != QW_ERROR)
            qw_socket_refuse (self->results, peer, QW_REFUSED_MESSAGE, "only RESULT is taken here", &self->out);
        return;
    }
    if (message->session != qw_join_session (self->join) || !self->ventilator) {
        qw_metrics_add (self->options.metrics, QW_SINK_CHUNKS_SURPLUS, message->results.count);
        qw_gate_useless (self->gate, guest);
        return; /* of a session that is over: its chunks were handed out again */
    }
    uint32_t promised = 0;
    for (size_t i = 0; i < message->layers.count; i++) {
        int layer = layer_number (self, message->layers.items[i]);
        promised |= layer >= 0 ? 1u << layer : 0;
    }
    if (!was_handed_out (self, message, promised)) {
        qw_gate_offend (self->gate, guest, QW_BAD_OFFENCE, "sends a result for a task that it was not given");
        qw_socket_refuse (self->results, peer, QW_REFUSED_MESSAGE, "RESULT: field 'task' is not of these chunks",
                          &self->out);
        return;
    }
    bool useful = false;
    for (size_t i = 0; i < message->results.count; i++) {
        took_t took = take_chunk (self, peer, message->session, promised, &message->results.items[i]);
        useful |= took == KEPT;
        /* where all results come from one key, a fault in the program would end the run instead of failing some documents */
        if (took == REFUSED && qw_gate_has_another (self->gate, guest))
            qw_gate_offend (self->gate, guest, QW_BAD_OFFENCE, "sends a result that is wrong");
    }
    if (useful)
        qw_gate_useful (self->gate, guest);
    else
        qw_gate_useless (self->gate, guest);
}
