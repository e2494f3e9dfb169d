/*  speakers_confidence.c - how often the speaker is right, by the way in which it was found.

    Measured on the development parts of PolNeAR and of the world press: of so many quotations so many have the right
   speaker. The confidence is (right + 1) / (quotations + 2), so that few cases claim little. To measure anew, return `way`
   itself here, and tests/quality/reliability.py counts each. */
#include "sink/resolve/speakers_parts.h"

uint8_t qw_confidence_of (qw_way_t way)
{
    static const uint8_t per_cent[WAY_COUNT] = {
        [WAY_NONE] = 0,
        [WAY_PERSON] = 95,   /* 782 of 820 */
        [WAY_NAME] = 87,     /* 86 of 98 */
        [WAY_BESIDE] = 92,   /* 11 of 11 */
        [WAY_WHO] = 89,      /* 7 of 7 */
        [WAY_HE_ALONE] = 95, /* 17 of 17 */
        [WAY_HE] = 83,       /* 28 of 33 */
        [WAY_IT] = 33,       /* 2 of 7 */
        [WAY_NOMINAL] = 90,  /* 25 of 27 */
        [WAY_TURN] = 80,     /* 15 of 18 */
        [WAY_TURN_FAR] = 50, /* 1 of 2 */
        [WAY_SEVERAL] = 57,  /* 3 of 5 */
        [WAY_WORDS] = 92     /* 240 of 260 */
    };
    return per_cent[way];
}
