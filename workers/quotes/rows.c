#include "workers/quotes/rows.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

_Static_assert (TAG_COUNT == 24, "the tags fill three registers of sums");

#ifdef __SSE2__
static void add_rows (int16_t sums[TAG_COUNT], const qw_quotes_model_t *model, const uint32_t *features, size_t count)
{
    __m128i first = _mm_setzero_si128 (), second = first, third = first;
    for (size_t i = 0; i < count; i++) {
        const int8_t *row = model->tagger[features[i] >> (32 - TAGGER_BITS)];
        __m128i bytes = _mm_loadu_si128 ((const __m128i *) row), last = _mm_loadl_epi64 ((const __m128i *) (row + 16));
        first = _mm_add_epi16 (first, _mm_srai_epi16 (_mm_unpacklo_epi8 (bytes, bytes), 8));
        second = _mm_add_epi16 (second, _mm_srai_epi16 (_mm_unpackhi_epi8 (bytes, bytes), 8));
        third = _mm_add_epi16 (third, _mm_srai_epi16 (_mm_unpacklo_epi8 (last, last), 8));
    }
    _mm_storeu_si128 ((__m128i *) sums, first);
    _mm_storeu_si128 ((__m128i *) (sums + 8), second);
    _mm_storeu_si128 ((__m128i *) (sums + 16), third);
}
#else
static void add_rows (int16_t sums[TAG_COUNT], const qw_quotes_model_t *model, const uint32_t *features, size_t count)
{
    for (int tag = 0; tag < TAG_COUNT; tag++)
        sums[tag] = 0;
    for (size_t i = 0; i < count; i++)
        for (int tag = 0; tag < TAG_COUNT; tag++)
            sums[tag] = (int16_t) (sums[tag] + model->tagger[features[i] >> (32 - TAGGER_BITS)][tag]);
}
#endif

uint8_t qw_best_tag (const qw_quotes_model_t *model, const uint32_t *features, size_t count)
{
    int16_t sums[TAG_COUNT];
    add_rows (sums, model, features, count);
    int16_t most = INT16_MIN, place = 0;
    for (int tag = 0; tag < TAG_COUNT; tag++)
        most = sums[tag] > most ? sums[tag] : most;
    for (int16_t tag = 0; tag < TAG_COUNT; tag++) {
        int16_t here = sums[tag] == most ? (int16_t) (TAG_COUNT - tag) : 0;
        place = here > place ? here : place;
    }
    return (uint8_t) (TAG_COUNT - place);
}
