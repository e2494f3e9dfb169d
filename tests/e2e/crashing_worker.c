/*  A worker that dies of some chunks, for tests of what the others do then; with QUOTEWIRE_TEST_CHUNK_US in its environment each
    chunk takes so many microseconds more. It is linked with --wrap=qw_fused_layer. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "workers/fused.h"

qw_status_t __real_qw_fused_layer (qw_fused_t *self, unsigned layer, const qw_chunk_t *chunk, qw_layers_t *out,
                                   qw_reason_t *reason);
qw_status_t __wrap_qw_fused_layer (qw_fused_t *self, unsigned layer, const qw_chunk_t *chunk, qw_layers_t *out,
                                   qw_reason_t *reason);

static bool has (const qw_chunk_t *chunk, const char *words)
{
    return memmem (chunk->text, chunk->size, words, strlen (words));
}

qw_status_t __wrap_qw_fused_layer (qw_fused_t *self, unsigned layer, const qw_chunk_t *chunk, qw_layers_t *out,
                                   qw_reason_t *reason)
{
    if (has (chunk, "This chunk kills workers."))
        abort ();
    while (has (chunk, "This chunk hangs workers."))
        pause ();
    const char *slow = getenv ("QUOTEWIRE_TEST_CHUNK_US");
    if (slow && layer == 0)
        usleep ((useconds_t) atoi (slow));
    return __real_qw_fused_layer (self, layer, chunk, out, reason);
}
