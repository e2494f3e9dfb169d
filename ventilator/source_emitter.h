/*  source_emitter.h - fills the records that a source hands out, and owns what they point to. */
#ifndef QW_SOURCE_EMITTER_H
#define QW_SOURCE_EMITTER_H

#include "ventilator/encoding.h"
#include "ventilator/source.h"

typedef struct {
    char id[40];
    qw_out_t source;
    qw_buffer_t path, failed;
} qw_emitter_t;

void qw_emitter_init (qw_emitter_t *self);
void qw_emitter_free (qw_emitter_t *self);

/* Where a record comes from, and what it says of itself. */
typedef struct {
    qw_bytes_t path;
    uint64_t number;      /* in a file of many, from 1; 0: the file is one article */
    const char *encoding; /* NULL or empty: UTF-8 */
    qw_bytes_t id;        /* data NULL: none given */
} qw_origin_t;

void qw_emitter_text (qw_emitter_t *self, const qw_origin_t *origin, qw_bytes_t text, qw_bytes_t metadata,
                      qw_record_t *record);

/* `raw` is what is known of the record's bytes; `what` names the unit that origin->number counts ("line"). */
void qw_emitter_fail (qw_emitter_t *self, const qw_origin_t *origin, const char *what, qw_bytes_t raw, const char *reason,
                      qw_record_t *record);

#endif
