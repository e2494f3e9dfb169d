#include "workers/tokens/network.h"

int32_t qw_gap_linear_sum (const qw_gap_model_t *model, const uint32_t rows[QW_GAP_LINEAR_FEATURES])
{
    int32_t sum = 0;
    for (int i = 0; i < QW_GAP_LINEAR_FEATURES; i++)
        sum += model->rows[rows[i]];
    return model->bias + (int32_t) ((int64_t) sum * model->linear / 65536);
}

/* Four units at a time: the window is read once for them. */
static void multiply_four (const int16_t weights[4][QW_GAP_WINDOW][QW_GAP_SIZE], const int16_t *window, int32_t sums[4])
{
    const int16_t *a = weights[0][0], *b = weights[1][0], *c = weights[2][0], *d = weights[3][0];
    int32_t of_a = 0, of_b = 0, of_c = 0, of_d = 0;
    for (int i = 0; i < QW_GAP_WINDOW * QW_GAP_SIZE; i++) {
        of_a += a[i] * window[i];
        of_b += b[i] * window[i];
        of_c += c[i] * window[i];
        of_d += d[i] * window[i];
    }
    sums[0] = of_a;
    sums[1] = of_b;
    sums[2] = of_c;
    sums[3] = of_d;
}

static int32_t sum_of (const qw_gap_network_t *network, const qw_gap_sight_t *sight)
{
    int16_t window[QW_GAP_WINDOW * QW_GAP_SIZE];
    for (int i = 0; i < QW_GAP_WINDOW; i++) {
        const int8_t *a = network->vectors[sight->vectors[i][0]], *b = network->vectors[sight->vectors[i][1]];
        const int8_t *c = network->vectors[sight->vectors[i][2]], *d = network->vectors[sight->vectors[i][3]];
        for (int j = 0; j < QW_GAP_SIZE; j++)
            window[i * QW_GAP_SIZE + j] = (int16_t) (a[j] + b[j] + c[j] + d[j]);
    }
    int32_t context[QW_GAP_HIDDEN], hidden[QW_GAP_HIDDEN];
    for (int unit = 0; unit < QW_GAP_HIDDEN; unit++)
        context[unit] = network->biases[unit];
    for (int i = 0; i < QW_GAP_CONTEXTS; i++)
        for (int unit = 0; unit < QW_GAP_HIDDEN; unit++)
            context[unit] += network->contexts[i][sight->contexts[i]][unit];
    for (int unit = 0; unit < QW_GAP_HIDDEN; unit += 4)
        multiply_four (&network->weights[unit], window, &hidden[unit]);
    int64_t sum = 0;
    for (int unit = 0; unit < QW_GAP_HIDDEN; unit++) {
        int64_t value = hidden[unit] + context[unit] * (INT64_C (1) << network->shift);
        if (value > 0)
            sum += value * network->outputs[unit];
    }
    return (int32_t) (sum >> (network->shift + QW_GAP_UNIT_BITS));
}

int32_t qw_gap_network_sum (const qw_gap_model_t *model, const qw_gap_sight_t *sight)
{
    int32_t sum = 0;
    for (int i = 0; i < QW_GAP_NETWORKS; i++)
        sum += sum_of (&model->networks[i], sight);
    return sum / QW_GAP_NETWORKS;
}
