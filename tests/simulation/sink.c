/*  sink.c - the program around the join, as far as the join can tell: it passes letters in, checks results, stages,
    commits, tells, and dies anywhere in between. */
#include <inttypes.h>
#include <stdlib.h>

#include "tests/simulation/world.h"

/* What the join is given to keep. */
typedef struct {
    world_t *world;
    uint64_t value; /* sequence of a document, content of a result */
} handle_t;

static handle_t *handle_new (world_t *world, uint64_t value)
{
    handle_t *self = malloc (sizeof *self);
    if (!self)
        abort ();
    *self = (handle_t){world, value};
    world->sink.handles++;
    return self;
}

static void handle_free (void *handle)
{
    handle_t *self = handle;
    if (self->world->sink.handles == 0)
        world_fail (self->world, "I4", "the join frees what it does not have");
    else
        self->world->sink.handles--;
    free (self);
}

static void end_life (world_t *world)
{
    sink_t *self = &world->sink;
    qw_join_destroy (&self->join);
    if (self->handles > 0 && !world_failed (world))
        world_fail (world, "I4", "the join loses %zu handles", self->handles);
    self->process = (process_t){.up = false};
}

void sink_die (world_t *world, const char *why)
{
    sink_t *self = &world->sink;
    size_t pending = world->store.appended - world->store.durable, lost = store_crash (&world->store, &world->chance);
    world_trace (world, "sink dies: %s; of %zu records under way %zu are lost", why, pending, lost);
    world->tally->sink_crashes++;
    world->tally->torn += lost > 0;
    end_life (world);
    self->process.starts_ms = world->now + chance_between (&world->chance, 1, 600);
    wire_t *wire = &world->ventilator.control;
    wire->peer = ++world->next_peer;
    link_cut (&wire->down, false, &world->chance);
    for (size_t i = 0; i < 2; i++) {
        link_cut (&wire->up[i], false, &world->chance);
        link_relabel (&wire->up[i], wire->peer);
    }
    for (size_t i = 0; i < world->plan.worker_count; i++)
        link_cut (&world->workers[i].results, false, &world->chance);
}

static void start (world_t *world)
{
    sink_t *self = &world->sink;
    *self = (sink_t){.process = {.up = true}};
    qw_join_options_t options = {world->plan.sink_documents ? world->plan.sink_documents : SIZE_MAX,
                                 world->plan.sink_bytes ? world->plan.sink_bytes : SIZE_MAX, handle_free, handle_free};
    self->join = qw_join_new (&options);
    world_trace (world, "sink starts with %zu records", world->store.durable);
}

static void tell (world_t *world, letter_t *letter)
{
    wire_send_down (world, &world->ventilator.control, world->sink.peer, letter);
}

static void refuse (world_t *world, uint64_t peer, const char *why)
{
    world_trace (world, "sink: ERROR to %" PRIu64 ", %s", peer, why);
    wire_send_down (world, &world->ventilator.control, peer, letter_new (QW_ERROR));
}

/* ---- from the ventilator ------------------------------------------------------------------------------------------- */

static void begin (world_t *world, const letter_t *hello)
{
    sink_t *self = &world->sink;
    uint64_t session = ++world->next_session;
    self->peer = hello->peer;
    self->any_ready = false;
    self->appended_before = world->store.appended;
    qw_join_begin (self->join, session, ALL_LAYERS);
    if (self->handles > 0)
        world_fail (world, "I4", "the join keeps %zu handles of a session that is over", self->handles);
    letter_t *letter = letter_new (QW_WELCOME);
    letter->session = session;
    letter->window_documents = world->plan.sink_documents;
    letter->window_bytes = world->plan.sink_bytes;
    world_trace (world, "sink: WELCOME to %" PRIu64 ", session %" PRIu64, hello->peer, session);
    tell (world, letter);
}

static void announced (world_t *world, uint64_t sequence)
{
    sink_t *self = &world->sink;
    const article_t *article = &world->plan.articles[sequence];
    qw_reason_t reason = {""};
    uint64_t position;
    const record_t *record = store_find (&world->store, article->id, &position);
    if (record && position < world->store.durable) { /* I1: what is only appended is not known yet */
        uint64_t outcome = record->failed ? QW_KNOWN_FAILED : QW_KNOWN;
        qw_status_t status = qw_join_announce_known (self->join, sequence, outcome, position, &reason);
        if (status)
            world_fail (world, "I8", "known document %" PRIu64 " is refused: %s", sequence, reason.text);
        return;
    }
    handle_t *handle = handle_new (world, sequence);
    qw_status_t status =
        qw_join_announce (self->join, sequence, article->bytes, (uint32_t) article->chunk_count, handle, &reason);
    if (status) {
        handle_free (handle);
        world_fail (world, status == QW_TOO_LARGE ? "I4" : "I8", "document %" PRIu64 " is refused: %s", sequence,
                    reason.text);
    }
}

/* True: the letter is the next of the session. */
static bool in_order (world_t *world, const letter_t *letter)
{
    qw_reason_t reason = {""};
    qw_status_t status = letter->kind == QW_HEARTBEAT
                             ? qw_join_last (world->sink.join, letter->session, letter->number, &reason)
                             : qw_join_number (world->sink.join, letter->session, letter->number, &reason);
    if (status && status != QW_EXISTS)
        refuse (world, letter->peer, reason.text);
    return status == QW_OK;
}

static void from_ventilator (world_t *world, const letter_t *letter)
{
    sink_t *self = &world->sink;
    if (letter->kind == QW_HELLO)
        begin (world, letter);
    else if (letter->peer != self->peer)
        refuse (world, letter->peer, "which has not said HELLO");
    else if (!in_order (world, letter))
        return;
    else if (letter->kind == QW_ANNOUNCE)
        for (size_t i = 0; i < letter->counts[0] && !world_failed (world); i++)
            announced (world, letter->lists[0][i]);
    else if (letter->kind == QW_GIVE_UP)
        qw_join_give_up (self->join, letter->session, letter->sequence, letter->chunk, letter->layer_mask,
                         QW_BYTES ("it kills workers"));
}

/* ---- from workers -------------------------------------------------------------------------------------------------- */

static void right_result (world_t *world, const letter_t *letter, uint64_t sequence, uint32_t chunk)
{
    for (unsigned layer = 0; layer < LAYERS; layer++) {
        if (!(letter->layer_mask & 1u << layer))
            continue;
        handle_t *handle = handle_new (world, plan_result (&world->plan.articles[sequence], chunk, layer));
        if (!qw_join_result (world->sink.join, letter->session, sequence, chunk, layer, handle)) {
            world->tally->duplicates++;
            handle_free (handle);
        }
    }
}

static void from_worker (world_t *world, const letter_t *letter)
{
    sink_t *self = &world->sink;
    for (size_t i = 0; i < letter->counts[0]; i += 3) {
        uint64_t sequence = letter->lists[0][i], quality = letter->lists[0][i + 2];
        uint32_t chunk = (uint32_t) letter->lists[0][i + 1];
        const handle_t *document = qw_join_document (self->join, letter->session, sequence, chunk);
        if (document && document->value != sequence) {
            world_fail (world, "I3", "a result for document %" PRIu64 " finds document %" PRIu64, sequence, document->value);
            return;
        }
        if (!document && chance_permille (&world->chance, 500))
            continue; /* it cannot be checked, so a sink may as well drop it */
        if (quality == RESULT_WRONG || (quality == RESULT_IMPOSSIBLE && world->plan.impossible_refused)) {
            world->tally->refused++;
            qw_join_refuse (self->join, letter->session, sequence, chunk, letter->layer_mask);
        } else if (quality == RESULT_IMPOSSIBLE)
            qw_join_give_up (self->join, letter->session, sequence, chunk, letter->layer_mask, QW_BYTES ("no worker can"));
        else
            right_result (world, letter, sequence, chunk);
    }
}

/* ---- committing ---------------------------------------------------------------------------------------------------- */

/* I8: what a document's record is made of, given what the join says of its chunks. */
static void assemble (world_t *world, const qw_joined_t *joined, record_t *record)
{
    const article_t *article = &world->plan.articles[joined->sequence];
    *record = (record_t){.id = article->id, .sequence = joined->sequence, .failed = joined->chunk_count == 0};
    if (joined->chunk_count != article->chunk_count)
        world_fail (world, "I8", "document %" PRIu64 " comes out with %u chunks", joined->sequence, joined->chunk_count);
    for (uint32_t chunk = 0; chunk < joined->chunk_count && !world_failed (world); chunk++)
        for (unsigned layer = 0; layer < LAYERS; layer++) {
            const handle_t *result = joined->chunks[chunk].results[layer];
            const char *reason = joined->chunks[chunk].reasons[layer];
            if (!result == !reason)
                world_fail (world, "I6", "layer %u of chunk %u of document %" PRIu64 " has %s", layer, chunk,
                            joined->sequence, result ? "a result and a reason" : "neither result nor reason");
            if (result && result->value != plan_result (article, chunk, layer))
                world_fail (world, "I8", "a result stands in the wrong place of document %" PRIu64, joined->sequence);
            record->failed |= reason != NULL;
            record->digest = digest_add (record->digest, result ? result->value : 0);
        }
}

static void stage (world_t *world, const qw_joined_t *joined)
{
    sink_t *self = &world->sink;
    const handle_t *document = joined->document;
    if (!document || document->value != joined->sequence)
        world_fail (world, "I3", "document %" PRIu64 " comes out with another one's handle", joined->sequence);
    if (self->any_ready && joined->sequence <= self->last_ready)
        world_fail (world, "I8", "document %" PRIu64 " comes out after document %" PRIu64, joined->sequence,
                    self->last_ready);
    self->any_ready = true;
    self->last_ready = joined->sequence;
    record_t record;
    assemble (world, joined, &record);
    if (world_failed (world))
        return;
    uint64_t position;
    const record_t *known = store_find (&world->store, record.id, &position);
    if (!known) {
        position = store_append (&world->store, &record);
        qw_join_staged (self->join, record.failed ? QW_FAILED : QW_ANNOTATED, position);
        return;
    }
    if (known->sequence == joined->sequence && position >= self->appended_before)
        world_fail (world, "I3", "document %" PRIu64 " comes out twice", joined->sequence);
    qw_join_staged (self->join, known->failed ? QW_KNOWN_FAILED : QW_KNOWN, position);
}

/* I1: before a PROGRESS goes out, everything in it must be on the disk. */
static void check_progress (world_t *world, const qw_join_progress_t *progress)
{
    for (size_t i = 0; i < progress->committed.count; i += 3) {
        const uint64_t *triple = &progress->committed.items[i];
        const record_t *record = triple[2] < world->store.durable ? &world->store.records[triple[2]] : NULL;
        if (!record || triple[0] >= world->plan.article_count || record->id != world->plan.articles[triple[0]].id)
            world_fail (world, "I1", "document %" PRIu64 " is told as committed at %" PRIu64 ", which is not on the disk",
                        triple[0], triple[2]);
        else if (record->failed != (triple[1] == QW_FAILED || triple[1] == QW_KNOWN_FAILED))
            world_fail (world, "I6", "document %" PRIu64 " is told with a wrong outcome", triple[0]);
    }
}

static void send_progress (world_t *world)
{
    qw_join_progress_t progress;
    if (!qw_join_progress (world->sink.join, &progress))
        return;
    check_progress (world, &progress);
    letter_t *letter = letter_new (QW_PROGRESS);
    letter->session = progress.session;
    letter->number = progress.number;
    const qw_uints_t *lists[4] = {&progress.accepted, &progress.received, &progress.refused, &progress.committed};
    for (size_t i = 0; i < 4; i++)
        letter_add_all (letter, i, lists[i]->items, lists[i]->count);
    world_trace (world, "sink: PROGRESS %" PRIu64 ", %zu accepted, %zu received, %zu refused, %zu committed from %" PRIu64,
                 progress.number, progress.accepted.count, progress.received.count / 3, progress.refused.count / 3,
                 progress.committed.count / 3, progress.committed.count ? progress.committed.items[0] : 0);
    tell (world, letter);
}

static void stage_ready (world_t *world)
{
    sink_t *self = &world->sink;
    qw_joined_t joined;
    while (self->process.up && !world_failed (world) && qw_join_ready (self->join, &joined)) {
        stage (world, &joined);
        if (world_fuse (world, &self->process))
            sink_die (world, "before the commit");
    }
}

/* A commit takes its time, in which other documents come in. */
static void begin_commit (world_t *world)
{
    sink_t *self = &world->sink;
    store_write (&world->store);
    qw_join_committing (self->join);
    if (qw_join_staged_count (self->join) > 0)
        world_fail (world, "I1", "documents are still staged behind the commit");
    self->writing = true;
    self->commits_ms = world->now + chance_below (&world->chance, world->plan.commit_pause_ms + 1);
}

static void end_commit (world_t *world)
{
    sink_t *self = &world->sink;
    self->writing = false;
    store_commit (&world->store);
    if (world_fuse (world, &self->process)) {
        sink_die (world, "behind the commit");
        return;
    }
    qw_join_committed (self->join);
    self->commits_ms = world->now + chance_below (&world->chance, world->plan.commit_pause_ms + 1);
}

/* ---- a step -------------------------------------------------------------------------------------------------------- */

static void read_letters (world_t *world)
{
    sink_t *self = &world->sink;
    letter_t *letter;
    while (self->process.up && !world_failed (world) && (letter = wire_receive_up (world, &world->ventilator.control))) {
        from_ventilator (world, letter);
        letter_release (letter);
        if (world_fuse (world, &self->process))
            sink_die (world, "behind a message");
    }
    for (size_t i = 0; i < world->plan.worker_count; i++)
        while (self->process.up && !world_failed (world)
               && (letter = link_receive (&world->workers[i].results, world->now))) {
            from_worker (world, letter);
            letter_release (letter);
            if (world_fuse (world, &self->process))
                sink_die (world, "behind a result");
        }
}

void sink_step (world_t *world)
{
    sink_t *self = &world->sink;
    if (!self->process.up) {
        if (world->now < self->process.starts_ms)
            return;
        start (world);
    }
    if (world->now < self->process.hung_until_ms)
        return;
    read_letters (world);
    if (!self->process.up || world_failed (world))
        return;
    if ((world->plan.sink_documents && qw_join_open_documents (self->join) > world->plan.sink_documents)
        || (world->plan.sink_bytes && qw_join_open_documents (self->join) > 1
            && qw_join_open_bytes (self->join) > world->plan.sink_bytes))
        world_fail (world, "I4", "%zu documents and %zu bytes are open in the sink", qw_join_open_documents (self->join),
                    qw_join_open_bytes (self->join));
    stage_ready (world);
    if (self->process.up && !world_failed (world) && !self->writing && world->now >= self->commits_ms)
        begin_commit (world);
    if (self->process.up && !world_failed (world) && self->writing && world->now >= self->commits_ms)
        end_commit (world);
    if (!self->process.up || world_failed (world))
        return;
    send_progress (world);
    if (world_fuse (world, &self->process)) {
        sink_die (world, "behind a PROGRESS");
        return;
    }
    if (world->now >= self->beats_ms && self->peer) {
        self->beats_ms = world->now + BEAT_MS;
        letter_t *letter = letter_new (QW_HEARTBEAT);
        letter->session = qw_join_session (self->join);
        letter->number = qw_join_last_progress (self->join);
        tell (world, letter);
    }
}

void sink_free (world_t *world)
{
    if (world->sink.join)
        end_life (world);
}
