#include "workers/quotes/rows.h"

#include <string.h>

typedef int8_t row_t __attribute__ ((vector_size (16)));
typedef int16_t sums_t __attribute__ ((vector_size (32)));

uint8_t qw_best_tag (const qw_quotes_model_t *model, const uint32_t *features, size_t count)
{
    sums_t low = {0}, high = {0};
    for (size_t i = 0; i < count; i++) {
        const int8_t *row = model->tagger[features[i] >> (32 - TAGGER_BITS)];
        row_t a, b;
        memcpy (&a, row, sizeof a);
        memcpy (&b, row + sizeof a, sizeof b);
        low += __builtin_convertvector (a, sums_t);
        high += __builtin_convertvector (b, sums_t);
    }
    int16_t sums[TAG_ROW];
    memcpy (sums, &low, sizeof low);
    memcpy (sums + TAG_ROW / 2, &high, sizeof high);
    int16_t most = INT16_MIN, place = 0;
    for (int tag = 0; tag < TAG_COUNT; tag++)
        most = sums[tag] > most ? sums[tag] : most;
    for (int16_t tag = 0; tag < TAG_COUNT; tag++) {
        int16_t here = sums[tag] == most ? (int16_t) (TAG_COUNT - tag) : 0;
        place = here > place ? here : place;
    }
    return (uint8_t) (TAG_COUNT - place);
}
