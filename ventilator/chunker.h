/*  chunker.h - where an article is cut when it is larger than one chunk. Pure. */
#ifndef QW_CHUNKER_H
#define QW_CHUNKER_H

#include "proto/layers.h"

/* A growable list of ends; zero it to begin with. */
typedef struct {
    uint32_t *ends; /* byte at which each chunk ends; the last is the text's size */
    size_t count, capacity;
} qw_chunks_t;

void qw_chunks_free (qw_chunks_t *self);

/* Cuts `text` into chunks of at most `limit` bytes (limit >= 64): at paragraph borders; a paragraph larger than the limit at
 * a sentence end or, failing that, at white space, or else between two characters. Chunks together are the text; an empty
 * text is one empty chunk. A chunk takes as many whole paragraphs as fit. */
void qw_chunker_cut (const char *text, size_t size, const qw_paragraph_t *paragraphs, size_t paragraph_count, size_t limit,
                     qw_chunks_t *chunks);

/* The paragraphs (or parts of them) inside of chunk [start, end), with spans relative to its start. `inside` has room for
 * paragraph_count + 1 items; returns how many there are. */
size_t qw_chunker_paragraphs (const qw_paragraph_t *paragraphs, size_t paragraph_count, uint32_t start, uint32_t end,
                              qw_paragraph_t *inside);

#endif
