#include "workers/entities/rows.h"

#ifdef __SSE2__
#include <emmintrin.h>
#else
typedef int8_t row_t __attribute__ ((vector_size (16)));
typedef int16_t lanes_t __attribute__ ((vector_size (32)));
#endif

void qw_rows_ask (const qw_model_t *model, qw_asked_t *asked, const uint64_t *features, size_t count)
{
    const int8_t *rows = model->rows;
    uint32_t buckets = model->bucket_count;
    for (size_t i = 0; i < count; i++) {
        const int8_t *bucket = rows + qw_model_bucket (buckets, features[i]) * QW_BUCKET_BYTES;
        __builtin_prefetch (bucket);
        asked->buckets[i] = bucket;
        asked->prints[i] = qw_model_fingerprint (features[i]);
    }
    asked->count = count;
}

/* Lane 0: at most 128 times the features of a token, which fits. Whether there is a row is hard to foresee: no branch. */
void qw_rows_add (const qw_asked_t *asked, qw_sums_t sums)
{
#ifdef __SSE2__
    /* sums in two registers; a byte twice in 16 bits, shifted, is the byte in 16 bits */
    __m128i low = _mm_loadu_si128 ((const void *) sums), high = _mm_loadu_si128 ((const void *) (sums + QW_LABELS / 2));
    for (size_t i = 0; i < asked->count; i++) {
        uint32_t equal = qw_model_equal (asked->buckets[i], asked->prints[i]);
        __m128i row = _mm_loadu_si128 ((const void *) qw_model_row_of (asked->buckets[i], equal));
        row = _mm_and_si128 (row, _mm_set1_epi32 (-(int) (equal != 0)));
        low = _mm_add_epi16 (low, _mm_srai_epi16 (_mm_unpacklo_epi8 (row, row), 8));
        high = _mm_add_epi16 (high, _mm_srai_epi16 (_mm_unpackhi_epi8 (row, row), 8));
    }
    _mm_storeu_si128 ((void *) sums, low);
    _mm_storeu_si128 ((void *) (sums + QW_LABELS / 2), high);
#else
    lanes_t lanes;
    memcpy (&lanes, sums, sizeof lanes);
    for (size_t i = 0; i < asked->count; i++) {
        uint32_t equal = qw_model_equal (asked->buckets[i], asked->prints[i]);
        row_t row;
        memcpy (&row, qw_model_row_of (asked->buckets[i], equal), sizeof row);
        lanes += equal ? __builtin_convertvector (row, lanes_t) : (lanes_t) {0};
    }
    memcpy (sums, &lanes, sizeof lanes);
#endif
}

void qw_rows_add_plainly (const qw_model_t *model, const uint64_t *features, size_t count, qw_sums_t sums)
{
    for (size_t i = 0; i < count; i++) {
        const int8_t *row = qw_model_row (model, features[i]);
        for (int l = 1; l < QW_LABELS && row; l++)
            sums[l] = (int16_t) (sums[l] + row[l]);
    }
}
