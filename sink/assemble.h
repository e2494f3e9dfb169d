/*  assemble.h - from an announced document and its chunks' results to a record of the corpus. Pure: bytes in, bytes out. */
#ifndef QW_ASSEMBLE_H
#define QW_ASSEMBLE_H

#include "proto/document.h"
#include "proto/wire.h"
#include "sink/corpus.h"
#include "sink/join.h"

/* A frame that stays as long as somebody needs its bytes: who does adds 1 to `users`; who takes off the last one releases it. */
typedef struct qw_frame_t {
    size_t users;
    void (*release) (struct qw_frame_t *self);
} qw_frame_t;

static inline void qw_frame_leave (qw_frame_t *self)
{
    if (self && --self->users == 0)
        self->release (self);
}

/* An announced document, checked. Its strings are in the frame that announced it, which stays. */
typedef struct {
    qw_frame_t *frame;
    uint64_t sequence, supersedes;
    qw_bytes_t id, source, metadata, text, failed, layers, holes; /* as in qw_announced_t */
    qw_uints_t structure;                          /* likewise */
    uint32_t length;                               /* of the text; this and all below in code points */
    uint32_t chunk_count;
    uint32_t *chunk_ends;
} qw_sink_document_t;

/* `announced` is of the frame `frame`. QW_INVALID with a reason when the announcement contradicts itself: structure, or layers
 * that it has already, outside of the text, chunks that are not the text. */
qw_status_t qw_sink_document_new (qw_sink_document_t **self_p, const qw_announced_t *announced, qw_frame_t *frame,
                                  qw_reason_t *reason);
void qw_sink_document_free (void *document);

/* One layer of one chunk, as it came. */
typedef struct {
    size_t size;
    uint32_t count; /* of its tokens, mentions or quotes */
    bool settled;   /* it is the document's layer as it will stand in the corpus */
    char bytes[];
} qw_sink_result_t;

typedef struct qw_assembler_t qw_assembler_t;

/* `layers`: the names wanted, in the order of the masks; copied. */
qw_assembler_t *qw_assembler_new (const qw_bytes_t *layers, size_t layer_count);
void qw_assembler_destroy (qw_assembler_t **self_p);

/* Checks the layers of one chunk (layers[number]; data NULL: none) against the document's text: every offset inside of the
 * chunk, in order, of known types (I3 needs the first result to be a right one). Layers that this program does not know
 * need only be sound MessagePack, which the frame's scan has seen to. `settled`: they are of a whole document, and its
 * clusters and speakers are resolved. results[number] gets a new result for each that is right, the caller's, and NULL for
 * the others; `reason` tells of the last one that is wrong. */
void qw_assembler_check (qw_assembler_t *self, const qw_sink_document_t *document, uint32_t chunk,
                         const qw_bytes_t layers[QW_MAX_LAYERS], bool settled, qw_sink_result_t *results[QW_MAX_LAYERS],
                         qw_reason_t *reason);

/* Whether a document that has layers already can get these: not if they are of ours, which are made of a text together. */
bool qw_assembler_can_add (const qw_assembler_t *self);

/* Writes the record of a complete document to `out` (replacing what is there) and fills the flags and counts of `entry`. A
 * chunk whose layers were given up leaves a hole, and makes it a failed document; `conflict` (may be empty) makes it one
 * too, with that reason and `id` in place of its own. The bytes depend on document, results and reasons alone (I8). */
void qw_assembler_build (qw_assembler_t *self, const qw_joined_t *joined, qw_bytes_t id, qw_bytes_t conflict, qw_out_t *out,
                         qw_entry_t *entry);

#endif
