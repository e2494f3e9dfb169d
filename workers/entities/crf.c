#include "workers/entities/crf.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void qw_crf_free (qw_crf_t *self)
{
    free (self->alpha);
    free (self->beta);
    free (self->potentials);
    free (self->gradient);
    free (self->scale);
    *self = (qw_crf_t) {0};
}

static void make_room (qw_crf_t *self, size_t count)
{
    if (count <= self->capacity)
        return;
    qw_crf_free (self);
    self->capacity = count * 2;
    self->alpha = malloc (self->capacity * sizeof *self->alpha);
    self->beta = malloc (self->capacity * sizeof *self->beta);
    self->potentials = malloc (self->capacity * sizeof *self->potentials);
    self->gradient = malloc (self->capacity * sizeof *self->gradient);
    self->scale = malloc (self->capacity * sizeof *self->scale);
    if (!self->alpha || !self->beta || !self->potentials || !self->gradient || !self->scale)
        abort ();
}

/* Adds sign times the expected counts under the allowed labels. False when no sequence is allowed. */
static bool add_expected (qw_crf_t *self, const float jumps[QW_LABELS][QW_LABELS], const uint16_t *masks, size_t count,
                          float sign)
{
    enum { L = QW_LABELS };
    for (size_t t = 0; t < count; t++) {
        float *now = self->alpha[t], sum = 0;
        uint16_t mask = masks ? masks[t] : 0xffff;
        memset (now, 0, sizeof self->alpha[t]);
        if (t == 0)
            for (int i = 0; i < L; i++)
                now[i] = jumps[0][i];
        else
            for (int j = 0; j < L; j++) {
                float before = self->alpha[t - 1][j];
                if (before > 0)
                    for (int i = 0; i < L; i++)
                        now[i] += before * jumps[j][i];
            }
        for (int i = 0; i < L; i++) {
            now[i] = mask >> i & 1 ? now[i] * self->potentials[t][i] : 0;
            sum += now[i];
        }
        if (!(sum > 0))
            return false;
        self->scale[t] = 1 / sum;
        for (int i = 0; i < L; i++)
            now[i] *= self->scale[t];
    }
    for (size_t t = count; t-- > 0;) {
        float *now = self->beta[t];
        if (t + 1 == count)
            for (int i = 0; i < L; i++)
                now[i] = 1;
        else {
            uint16_t mask = masks ? masks[t + 1] : 0xffff;
            float ahead[L];
            for (int i = 0; i < L; i++)
                ahead[i] = mask >> i & 1 ? self->potentials[t + 1][i] * self->beta[t + 1][i] * self->scale[t + 1] : 0;
            for (int j = 0; j < L; j++) {
                float sum = 0;
                for (int i = 0; i < L; i++)
                    sum += jumps[j][i] * ahead[i];
                now[j] = sum;
            }
            for (int j = 0; j < L; j++) {
                float before = sign * self->alpha[t][j];
                if (before != 0)
                    for (int i = 0; i < L; i++)
                        self->edges[j][i] += before * jumps[j][i] * ahead[i];
            }
        }
        for (int i = 0; i < L; i++)
            self->gradient[t][i] += sign * self->alpha[t][i] * now[i];
    }
    for (int i = 0; i < L; i++)
        self->edges[0][i] += sign * self->alpha[0][i] * self->beta[0][i];
    return true;
}

void qw_crf_gradient (qw_crf_t *self, const float transitions[QW_LABELS][QW_LABELS], const float (*scores)[QW_LABELS],
                      const uint16_t *masks, size_t count)
{
    make_room (self, count);
    float jumps[QW_LABELS][QW_LABELS];
    for (int j = 0; j < QW_LABELS; j++)
        for (int i = 0; i < QW_LABELS; i++)
            jumps[j][i] = qw_label_may_follow (j, i) ? expf (transitions[j][i]) : 0;
    for (size_t t = 0; t < count; t++) {
        float top = 0;
        for (int i = 1; i < QW_LABELS; i++)
            top = scores[t][i] > top ? scores[t][i] : top;
        for (int i = 0; i < QW_LABELS; i++)
            self->potentials[t][i] = expf ((i ? scores[t][i] : 0) - top);
    }
    memset (self->gradient, 0, count * sizeof *self->gradient);
    memset (self->edges, 0, sizeof self->edges);
    /* A sentence whose masks allow nothing, or whose gold lies beyond the range of floats, teaches nothing. */
    if (!add_expected (self, jumps, masks, count, -1) || !add_expected (self, jumps, NULL, count, 1)) {
        memset (self->gradient, 0, count * sizeof *self->gradient);
        memset (self->edges, 0, sizeof self->edges);
    }
}
