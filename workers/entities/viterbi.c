#include "workers/entities/viterbi.h"

#include <stdlib.h>
#include <string.h>

enum { IMPOSSIBLE = -1000000 };

void qw_viterbi_free (qw_viterbi_t *self)
{
    free (self->back);
    self->back = NULL;
    self->capacity = 0;
}

void qw_viterbi_decode (qw_viterbi_t *self, const int16_t transitions[QW_LABELS][QW_LABELS],
                        const int16_t (*scores)[QW_LABELS], size_t count, uint8_t *labels, bool plain)
{
    (void) plain;
    if (count == 0)
        return;
    if (count > self->capacity) {
        free (self->back);
        self->capacity = count * 2;
        self->back = malloc (self->capacity * sizeof *self->back);
        if (!self->back)
            abort ();
    }
    int32_t best[QW_LABELS], next[QW_LABELS];
    for (int i = 0; i < QW_LABELS; i++)
        best[i] = qw_label_may_follow (QW_LABEL_OUTSIDE, i) ? transitions[0][i] + (i ? scores[0][i] : 0) : IMPOSSIBLE;
    for (size_t t = 1; t < count; t++) {
        for (int i = 0; i < QW_LABELS; i++) {
            int32_t top = 2 * IMPOSSIBLE;
            uint8_t from = 0;
            for (int j = 0; j < QW_LABELS; j++)
                if (qw_label_may_follow (j, i) && best[j] + transitions[j][i] > top) {
                    top = best[j] + transitions[j][i];
                    from = (uint8_t) j;
                }
            next[i] = top + (i ? scores[t][i] : 0);
            self->back[t][i] = from;
        }
        /* Differences are all that counts: kept small, they cannot overflow however long the sentence. */
        for (int i = 0; i < QW_LABELS; i++)
            best[i] = next[i] - next[0] < IMPOSSIBLE ? IMPOSSIBLE : next[i] - next[0];
    }
    uint8_t label = 0;
    for (int i = 1; i < QW_LABELS; i++)
        if (best[i] > best[label])
            label = (uint8_t) i;
    for (size_t t = count; t-- > 0;) {
        labels[t] = label;
        if (t > 0)
            label = self->back[t][label];
    }
}
