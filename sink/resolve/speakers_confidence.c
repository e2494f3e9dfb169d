/*  speakers_confidence.c - how often the speaker is right, by the way in which it was found.

    Measured on the development parts of PolNeAR and of the world press: of so many quotations so many have the right
   speaker. The confidence is (right + 1) / (quotations + 2), so that few cases claim little. To measure anew, return `way`
   itself here, and tests/quality/reliability.py counts each. */
#include "sink/resolve/speakers_parts.h"

uint8_t qw_confidence_of (qw_way_t way)
{
    static const uint8_t per_cent[WAY_COUNT] = {
        [WAY_NONE] = 0,
        [WAY_PERSON] = 96,   /* 748 of 781 */
        [WAY_NAME] = 88,     /* 86 of 97 */
        [WAY_BESIDE] = 92,   /* 10 of 10 */
        [WAY_WHO] = 88,      /* 6 of 6 */
        [WAY_HE_ALONE] = 89, /* 16 of 17 */
        [WAY_HE] = 76,       /* 25 of 32 */
        [WAY_IT] = 33,       /* 2 of 7 */
        [WAY_NOMINAL] = 90,  /* 26 of 28 */
        [WAY_TURN] = 80,     /* 15 of 18 */
        [WAY_TURN_FAR] = 50, /* 1 of 2 */
        [WAY_SEVERAL] = 60,  /* 2 of 3 */
        [WAY_WORDS] = 91     /* 229 of 252 */
    };
    return per_cent[way];
}
