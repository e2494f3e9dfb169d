/*  corpus_ids.h - which records may have an id: a hash table of 8 bytes a slot. Private to the corpus.

    A slot holds a tag (32 bits of the id's hash, which also choose the slot) and a position. It tells candidates only;
    whoever asks compares the whole hash with the record's index entry. Every record has a slot of its own, so a retried
    document has two.
 */
#ifndef QW_CORPUS_IDS_H
#define QW_CORPUS_IDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct qw_ids_t qw_ids_t;

/* 2^bits slots of 8 bytes, of which it fills three quarters before it doubles: 19 for 393,000 records in 4 MiB. */
qw_ids_t *qw_ids_new (unsigned bits);
void qw_ids_destroy (qw_ids_t **self_p);

void qw_ids_add (qw_ids_t *self, const uint8_t hash[16], uint32_t position);

/* Steps through the candidates: *cursor is UINT64_MAX to begin with. False: no more. */
bool qw_ids_next (const qw_ids_t *self, const uint8_t hash[16], uint64_t *cursor, uint32_t *position);

#endif
