/*  article.h - a record of the source made ready to be announced and handed out: structure found, chunks cut, and everything
    that goes onto the wire worked out once. */
#ifndef QW_ARTICLE_H
#define QW_ARTICLE_H

#include "proto/wire.h"
#include "ventilator/source.h"

typedef struct {
    qw_announced_t announced; /* sequence is set by the ventilator; everything points into the article's own memory */
    size_t *chunk_sizes;      /* bytes */
    size_t chunk_count;       /* 0 when the record could not be read */
    size_t *chunk_starts;     /* bytes */
    qw_uints_t *structures;   /* of each chunk, relative to it */
    size_t input_bytes;       /* bytes of the source read so far, with this record; for the progress display */
} qw_article_t;

/* Scratch memory for making articles one after another. */
typedef struct qw_article_maker_t qw_article_maker_t;

qw_article_maker_t *qw_article_maker_new (size_t chunk_bytes);
void qw_article_maker_destroy (qw_article_maker_t **self_p);

/* The article is the caller's. */
qw_article_t *qw_article_make (qw_article_maker_t *self, const qw_record_t *record);
void qw_article_free (void *article);

/* Bytes that it holds, for bounds. */
size_t qw_article_bytes (const qw_article_t *self);

/* What goes onto the wire for one of its chunks. */
qw_task_chunk_t qw_article_chunk (const qw_article_t *self, uint32_t chunk);

#endif
