#include "ventilator/source_emitter.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <xxhash.h>

#include "ventilator/language.h"

void qw_emitter_init (qw_emitter_t *self)
{
    memset (self, 0, sizeof *self);
    qw_out_init (&self->source);
}

void qw_emitter_free (qw_emitter_t *self)
{
    qw_out_free (&self->source);
    qw_buffer_free (&self->path);
    qw_buffer_free (&self->failed);
}

static void hex_id (qw_emitter_t *self, XXH128_hash_t hash)
{
    XXH128_canonical_t bytes;
    XXH128_canonicalFromHash (&bytes, hash);
    for (size_t i = 0; i < sizeof bytes.digest; i++)
        snprintf (self->id + 2 * i, 3, "%02x", bytes.digest[i]);
}

/* A failed record without an id is told from others by where it stands and what is known of its bytes. */
static void hash_origin (qw_emitter_t *self, const qw_origin_t *origin, qw_bytes_t raw)
{
    XXH3_state_t *state = XXH3_createState ();
    if (!state)
        abort ();
    char number[24];
    int length = snprintf (number, sizeof number, "%" PRIu64, origin->number);
    XXH3_128bits_reset (state);
    XXH3_128bits_update (state, origin->path.data, origin->path.size);
    XXH3_128bits_update (state, "", 1);
    XXH3_128bits_update (state, number, (size_t) length + 1);
    if (raw.size)
        XXH3_128bits_update (state, raw.data, raw.size);
    hex_id (self, XXH3_128bits_digest (state));
    XXH3_freeState (state);
}

static void fill (qw_emitter_t *self, const qw_origin_t *origin, bool english, qw_record_t *record)
{
    self->path.size = 0;
    qw_buffer_append_clean (&self->path, origin->path.data, origin->path.size);
    bool converted = origin->encoding && origin->encoding[0];
    qw_out_reset (&self->source);
    qw_put_map (&self->source, 1u + (origin->number > 0) + converted + !english);
    qw_put_key (&self->source, "path");
    qw_put_str (&self->source, (qw_bytes_t){self->path.data, self->path.size});
    if (origin->number > 0) {
        qw_put_key (&self->source, "record");
        qw_put_uint (&self->source, origin->number);
    }
    if (converted) {
        qw_put_key (&self->source, "encoding");
        qw_put_str (&self->source, qw_bytes_of (origin->encoding));
    }
    if (!english) {
        qw_put_key (&self->source, "english");
        qw_put_bool (&self->source, false);
    }
    *record = (qw_record_t){.source = qw_out_bytes (&self->source)};
    record->id = origin->id.data ? origin->id : (qw_bytes_t){self->id, 32};
}

void qw_emitter_text (qw_emitter_t *self, const qw_origin_t *origin, qw_bytes_t text, qw_bytes_t metadata,
                      qw_record_t *record)
{
    if (!origin->id.data)
        hex_id (self, XXH3_128bits (text.data, text.size));
    fill (self, origin, qw_language_is_english (text.data, text.size), record);
    record->text = text;
    record->metadata = metadata;
}

void qw_emitter_fail (qw_emitter_t *self, const qw_origin_t *origin, const char *what, qw_bytes_t raw, const char *reason,
                      qw_record_t *record)
{
    if (!origin->id.data)
        hash_origin (self, origin, raw);
    fill (self, origin, true, record);
    self->failed.size = 0;
    qw_buffer_append (&self->failed, self->path.data, self->path.size);
    if (origin->number > 0) {
        char number[64];
        int length = snprintf (number, sizeof number, ", %s %" PRIu64, what, origin->number);
        qw_buffer_append (&self->failed, number, (size_t) length);
    }
    qw_buffer_append (&self->failed, ": ", 2);
    qw_buffer_append_clean (&self->failed, reason, strlen (reason));
    record->text = QW_BYTES ("");
    record->failed = (qw_bytes_t){self->failed.data, self->failed.size};
}
