#include "workers/entities/model.h"

#define XXH_INLINE_ALL
#include <string.h>
#include <xxhash.h>

uint64_t qw_model_checksum (const void *bytes, size_t size)
{
    return XXH3_64bits ((const char *) bytes + sizeof (qw_model_head_t), size - sizeof (qw_model_head_t));
}

static bool fits (uint64_t at, uint64_t count, uint64_t item, uint64_t size)
{
    return at % 64 == 0 && at >= sizeof (qw_model_head_t) && at <= size && count <= (size - at) / item;
}

qw_status_t qw_model_view (qw_model_t *self, const void *bytes, size_t size, qw_reason_t *reason)
{
    qw_model_head_t head;
    if (size < sizeof head)
        return qw_fail (QW_DAMAGED, reason, "entity model: only %zu bytes", size);
    memcpy (&head, bytes, sizeof head);
    if (memcmp (head.magic, "QWENTITY", sizeof head.magic) != 0 || head.byte_order != 0x01020304)
        return qw_fail (QW_INVALID, reason, "entity model: not an entity model for this machine");
    if (head.format != QW_MODEL_FORMAT)
        return qw_fail (QW_UNSUPPORTED, reason, "entity model: format %u, this program reads %d", head.format,
                        QW_MODEL_FORMAT);
    if (head.size != size)
        return qw_fail (QW_DAMAGED, reason, "entity model: %zu bytes instead of %llu", size, (unsigned long long) head.size);
    if (!fits (head.transitions_at, QW_PASSES, sizeof *self->transitions, size)
        || !fits (head.lexicon_at, head.lexicon_slots, sizeof *self->lexicon, size)
        || !fits (head.rows_at, head.bucket_count, QW_BUCKET_BYTES, size) || head.bucket_count == 0
        || head.passes < 1 || head.passes > QW_PASSES)
        return qw_fail (QW_DAMAGED, reason, "entity model: its parts lie outside of it, or there are none");
    if (qw_model_checksum (bytes, size) != head.checksum)
        return qw_fail (QW_DAMAGED, reason, "entity model: its checksum does not match");
    const char *base = bytes;
    self->transitions = (const void *) (base + head.transitions_at);
    self->lexicon = (const void *) (base + head.lexicon_at);
    self->rows = (const void *) (base + head.rows_at);
    self->lexicon_slots = head.lexicon_slots;
    self->bucket_count = head.bucket_count;
    self->passes = head.passes;
    return QW_OK;
}
