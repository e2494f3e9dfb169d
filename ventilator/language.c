#include "ventilator/language.h"

#include <string.h>

enum { LOOKED_AT = 3000, FEW = 20, SHARE = 10, LONGEST = 5 };

static bool is_ascii_letter (unsigned char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }

/* Words that English has and its neighbours have not. */
static bool is_little (const char *word, size_t size)
{
    static const char words[][8] = {"the", "and", "to", "that", "with", "for", "said", "from", "it", "his", "he", "has", "have",
                                    "this", "which", "were", "are", "not", "but", "they", "their", "would", "who", "after", "its",
                                    "as", "will", "of", "in", "on", "by"};
    char small[sizeof *words] = "";
    if (size > LONGEST)
        return false;
    for (size_t i = 0; i < size; i++)
        small[i] = (char) (word[i] | 0x20);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (memcmp (small, words[i], sizeof small) == 0)
            return true;
    return false;
}

bool qw_language_is_english (const char *text, size_t size)
{
    size_t words = 0, little = 0, letters = 0, other = 0;
    size_t end = size < LOOKED_AT ? size : LOOKED_AT;
    for (size_t at = 0; at < end;) {
        size_t start = at;
        bool plain = true;
        for (; at < end && (is_ascii_letter ((unsigned char) text[at]) || (unsigned char) text[at] >= 0x80); at++) {
            bool ascii = (unsigned char) text[at] < 0x80;
            plain &= ascii;
            letters += ascii;
            other += !ascii;
        }
        if (at == start) {
            at++;
            continue;
        }
        words++;
        little += plain && is_little (text + start, at - start);
    }
    if (other > letters)
        return other < 3 * FEW;
    return words < FEW || little * SHARE >= words;
}
