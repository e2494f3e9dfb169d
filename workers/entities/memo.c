#include "workers/entities/memo.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "proto/memory.h"

enum { WAYS = 4, SETS = 1 << 13, PAGE = 2 << 20 };

/* Each set has its words in the order of use: what comes new takes the place of the last, but stands no further ahead than the
 * third until it is asked for again. So words that come once do not push out those that come often. */
struct qw_memory_t {
    qw_memo_t *memos;          /* WAYS for each set */
    uint32_t order[SETS][WAYS]; /* bits of the hash, then the way in the last two */
};

qw_memory_t *qw_memory_new (void)
{
    qw_memory_t *self = qw_must (malloc (sizeof *self));
    size_t size = SETS * WAYS * sizeof *self->memos;
    self->memos = qw_must (aligned_alloc (PAGE, (size + PAGE - 1) / PAGE * PAGE));
#ifdef MADV_HUGEPAGE
    madvise (self->memos, size / PAGE * PAGE, MADV_HUGEPAGE); /* some per cent faster where it is granted */
#endif
    memset (self->memos, 0, size);
    for (size_t set = 0; set < SETS; set++)
        for (uint32_t way = 0; way < WAYS; way++)
            self->order[set][way] = way;
    return self;
}

void qw_memory_destroy (qw_memory_t **self_p)
{
    if (!*self_p)
        return;
    free ((*self_p)->memos);
    free (*self_p);
    *self_p = NULL;
}

qw_memo_t *qw_memory_place (qw_memory_t *self, uint64_t exact)
{
    size_t set = exact >> 24 & (SETS - 1);
    uint32_t tag = (uint32_t) (exact >> 32) & ~(uint32_t) (WAYS - 1), *order = self->order[set], entry = order[0];
    if ((entry ^ tag) >= WAYS) {
        int at = 1;
        while (at < WAYS && (order[at] ^ tag) >= WAYS)
            at++;
        int to = 0; /* one that is known comes to the front */
        if (at == WAYS) {
            at = WAYS - 1;
            to = 2;
            entry = tag | (order[at] & (WAYS - 1));
        } else
            entry = order[at];
        for (; at > to; at--)
            order[at] = order[at - 1];
        order[to] = entry;
    }
    return &self->memos[set * WAYS + (entry & (WAYS - 1))];
}

void qw_memo_sum (qw_memo_t *self, const qw_model_t *model, const char *text, size_t size, unsigned offsets, bool plain)
{
    uint64_t features[QW_OFFSETS][QW_MAX_WORD_FEATURES];
    size_t counts[QW_OFFSETS], lexical;
    qw_asked_t asked[QW_OFFSETS];
    for (int offset = 0; offset < QW_OFFSETS; offset++)
        if (offsets >> offset & 1) {
            counts[offset] = qw_word_features (&self->word, text, size, offset, features[offset], &lexical);
            if (!plain)
                qw_rows_ask (model, &asked[offset], features[offset], counts[offset]);
        }
    for (int offset = 0; offset < QW_OFFSETS; offset++)
        if (offsets >> offset & 1) {
            int16_t *sums = self->sums[offset];
            memset (sums, 0, sizeof self->sums[offset]);
            if (plain)
                qw_rows_add_plainly (model, features[offset], counts[offset], sums);
            else
                qw_rows_add (&asked[offset], sums);
            sums[0] = 1;
        }
}
