/*  memo.h - the words of late, with what each adds to the scores of the tokens around it. What is remembered changes no label:
    it follows from the word alone. */
#ifndef QW_ENTITIES_MEMO_H
#define QW_ENTITIES_MEMO_H

#include "workers/entities/rows.h"
#include "workers/entities/words.h"

/* Three cache lines. A word is known by its hash (word.exact; 0: none). */
typedef struct {
    qw_word_t word;
    qw_sums_t sums[QW_OFFSETS]; /* by where the word stands, seen from the token: 0 two before it, 4 two behind. Lane 0, which
                                   counts for nothing in a sum: 1 when the other lanes have been worked out, or 0 */
} __attribute__ ((aligned (64))) qw_memo_t;

typedef struct qw_memory_t qw_memory_t;

qw_memory_t *qw_memory_new (void);
void qw_memory_destroy (qw_memory_t **self_p);

/* The place of a word, by its hash: it may hold another word, now or later. */
qw_memo_t *qw_memory_place (qw_memory_t *self, uint64_t exact);

/* Sees to it that a place holds a word, without sums if it is new there. */
static inline void qw_memo_take (qw_memo_t *self, const qw_model_t *model, const char *text, size_t size, uint64_t exact)
{
    if (self->word.exact == exact)
        return;
    qw_word_look (&self->word, model, text, size);
    for (int offset = 0; offset < QW_OFFSETS; offset++)
        self->sums[offset][0] = 0;
}

/* Works out the sums for the offsets whose bits are set. */
void qw_memo_sum (qw_memo_t *self, const qw_model_t *model, const char *text, size_t size, unsigned offsets, bool plain);

#endif
