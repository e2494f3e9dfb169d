/*  A worker that dies of some chunks, for tests of what the others do then. It is linked with --wrap=qw_fused_annotate. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "workers/fused.h"

qw_status_t __real_qw_fused_annotate (qw_fused_t *self, const qw_chunk_t *chunk, qw_layers_t *out, qw_reason_t *reason);
qw_status_t __wrap_qw_fused_annotate (qw_fused_t *self, const qw_chunk_t *chunk, qw_layers_t *out, qw_reason_t *reason);

static bool has (const qw_chunk_t *chunk, const char *words)
{
    return memmem (chunk->text, chunk->size, words, strlen (words));
}

qw_status_t __wrap_qw_fused_annotate (qw_fused_t *self, const qw_chunk_t *chunk, qw_layers_t *out, qw_reason_t *reason)
{
    if (has (chunk, "This chunk kills workers."))
        abort ();
    while (has (chunk, "This chunk hangs workers."))
        pause ();
    return __real_qw_fused_annotate (self, chunk, out, reason);
}
