/*  alike.h - how likely two keys are two spellings of one name: "person:hyon-yong-chol" and "person:hyun-young-chol".

    Letters that transliterations write in several ways are folded ("kh" and "h", "oo" and "u", "yo" and "yu"), then the words are
    compared by their edit distance, in which vowels count half. Nothing is merged on this ground: it is an offer with a score.
    Pure; allocates nothing.
 */
#ifndef QW_ALIKE_H
#define QW_ALIKE_H

#include <stddef.h>
#include <stdint.h>

/* From 0 to 1; 1 only for equal keys, 0 for keys of different types. A key has ASCII or UTF-8 letters. */
double qw_alike (const char *a, size_t a_size, const char *b, size_t b_size);

/* Two numbers of which two keys share one (the first or the second) when qw_alike may find them alike: of the consonants
 * in the order of the words, and in the order of the alphabet. 0: too short to be told apart. */
void qw_alike_buckets (const char *key, size_t size, uint64_t buckets[2]);

#endif
