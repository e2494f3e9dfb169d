#include "sink/resolve/alike.h"

#define XXH_INLINE_ALL
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { WORDS = 8, LETTERS = 32 };

/* A folded word. */
typedef struct {
    char letters[LETTERS];
    size_t size;
} word_t;

typedef struct {
    word_t words[WORDS];
    size_t count;
} name_t;

static bool is_vowel (char c) { return c && strchr ("aeiou", c) != NULL; }

/* What is written in several ways becomes one; the longer ways first. */
static const struct {
    const char *from, *to;
} folds[] = {{"tsch", "c"}, {"tch", "c"}, {"sch", "s"}, {"ch", "c"}, {"sh", "s"}, {"kh", "h"}, {"gh", "g"}, {"dh", "d"}, {"th", "t"},
             {"ph", "f"},   {"zh", "j"},  {"dj", "j"},  {"dz", "z"}, {"ck", "k"}, {"ts", "c"}, {"tz", "c"}, {"ks", "x"},
             {"young", "yong"}, {"yeo", "yo"}, {"yu", "yo"},  {"eo", "o"},  {"eu", "u"}, {"oo", "u"}, {"ou", "u"}, {"ee", "i"},
             {"oe", "oi"},  {"ae", "e"},   {"ai", "e"},  {"ei", "i"},  {"ie", "i"}, {"iy", "i"}, {"yy", "i"}, {"ij", "i"}, {"q", "k"}, {"w", "v"}};

static void put (word_t *self, char c)
{
    if (self->size == LETTERS || (self->size > 0 && self->letters[self->size - 1] == c))
        return; /* doubled letters are one */
    self->letters[self->size++] = c;
}

static void fold (word_t *self, const char *text, size_t size)
{
    self->size = 0;
    for (size_t at = 0; at < size;) {
        size_t taken = 0;
        for (size_t i = 0; i < sizeof folds / sizeof *folds && !taken; i++) {
            size_t length = strlen (folds[i].from);
            if (length <= size - at && memcmp (text + at, folds[i].from, length) == 0) {
                taken = length;
                for (const char *to = folds[i].to; *to; to++)
                    put (self, *to);
            }
        }
        if (!taken)
            put (self, text[at++]);
        at += taken;
    }
    /* "Yevgeny" and "Evgeni", "Abdullah" and "Abdulla" */
    if (self->size > 2 && self->letters[0] == 'y' && self->letters[1] == 'e') {
        memmove (self->letters, self->letters + 1, self->size - 1);
        self->size--;
    }
    if (self->size > 2 && self->letters[self->size - 1] == 'h')
        self->size--;
    if (self->size > 2 && self->letters[self->size - 1] == 'y')
        self->letters[self->size - 1] = 'i';
}

/* The words behind "person:". */
static void read_name (name_t *self, const char *key, size_t size)
{
    const char *colon = memchr (key, ':', size);
    size_t at = colon ? (size_t) (colon - key) + 1 : 0;
    self->count = 0;
    while (at < size && self->count < WORDS) {
        const char *dash = memchr (key + at, '-', size - at);
        size_t end = dash && self->count + 1 < WORDS ? (size_t) (dash - key) : size;
        if (end > at)
            fold (&self->words[self->count++], key + at, end - at);
        at = end + 1;
    }
}

static double cost_of (char c, bool last) { return last || !is_vowel (c) ? 1 : 0.5; }

/* Transliterations take these for each other. */
static bool are_close (char a, char b)
{
    static const char *const pairs[] = {"ou", "uo", "ei", "ie", "ae", "ea"};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        if (pairs[i][0] == a && pairs[i][1] == b)
            return true;
    return false;
}

static double cost_of_change (char a, char b, bool last)
{
    if (a == b)
        return 0;
    if (!is_vowel (a) || !is_vowel (b))
        return 1;
    return are_close (a, b) ? 0.25 : cost_of (a, last);
}

/* Edit distance; vowels count half, but not at the end, where they tell Mario from Maria. */
static double distance (const word_t *a, const word_t *b)
{
    double row[LETTERS + 1], before, diagonal;
    row[0] = 0;
    for (size_t j = 0; j < b->size; j++)
        row[j + 1] = row[j] + cost_of (b->letters[j], j + 1 == b->size);
    for (size_t i = 0; i < a->size; i++) {
        diagonal = row[0];
        row[0] += cost_of (a->letters[i], i + 1 == a->size);
        for (size_t j = 0; j < b->size; j++) {
            char x = a->letters[i], y = b->letters[j];
            bool last = i + 1 == a->size || j + 1 == b->size;
            double change = cost_of_change (x, y, last);
            double best = diagonal + change;
            before = row[j + 1] + cost_of (x, i + 1 == a->size);
            best = before < best ? before : best;
            before = row[j] + cost_of (y, j + 1 == b->size);
            best = before < best ? before : best;
            diagonal = row[j + 1];
            row[j + 1] = best;
        }
    }
    return row[b->size];
}

static double words_alike (const word_t *a, const word_t *b)
{
    size_t longer = a->size > b->size ? a->size : b->size;
    return longer ? 1 - distance (a, b) / (double) longer : 0;
}

static double names_alike (const name_t *a, const name_t *b, size_t shift)
{
    double score = 1;
    for (size_t i = 0; i < a->count; i++)
        score *= words_alike (&a->words[i], &b->words[(i + shift) % b->count]);
    return score;
}

/* All words as one: "Jong Un" and "Jongun". */
static void join (const name_t *name, word_t *joined)
{
    joined->size = 0;
    for (size_t i = 0; i < name->count; i++)
        for (size_t j = 0; j < name->words[i].size && joined->size < LETTERS; j++)
            joined->letters[joined->size++] = name->words[i].letters[j];
}

double qw_alike (const char *a, size_t a_size, const char *b, size_t b_size)
{
    static const double spelt_otherwise = 0.98, other_order = 0.9, other_words = 0.95;
    if (a_size == b_size && memcmp (a, b, a_size) == 0)
        return 1;
    const char *a_colon = memchr (a, ':', a_size), *b_colon = memchr (b, ':', b_size);
    if (!a_colon || !b_colon || a_colon - a != b_colon - b || memcmp (a, b, (size_t) (a_colon - a)) != 0)
        return 0;
    name_t one, two;
    read_name (&one, a, a_size);
    read_name (&two, b, b_size);
    if (one.count == 0 || two.count == 0)
        return 0;
    if (one.count != two.count) {
        word_t joined[2];
        join (&one, &joined[0]);
        join (&two, &joined[1]);
        return spelt_otherwise * other_words * words_alike (&joined[0], &joined[1]);
    }
    double best = names_alike (&one, &two, 0);
    double turned = other_order * names_alike (&one, &two, 1), turned_back = other_order * names_alike (&two, &one, 1);
    best = turned > best ? turned : best;
    best = turned_back > best ? turned_back : best;
    return spelt_otherwise * best;
}

static int by_letter (const void *a, const void *b) { return *(const char *) a - *(const char *) b; }

void qw_alike_buckets (const char *key, size_t size, uint64_t buckets[2])
{
    enum { FEWEST = 3 };
    const char *colon = memchr (key, ':', size);
    size_t type = colon ? (size_t) (colon - key) : 0;
    name_t name;
    char letters[WORDS * LETTERS + 1];
    size_t count = 0;
    read_name (&name, key, size);
    for (size_t i = 0; i < name.count; i++)
        for (size_t j = 0; j < name.words[i].size; j++)
            if (!is_vowel (name.words[i].letters[j]) && name.words[i].letters[j] != 'y' && name.words[i].letters[j] != 'h')
                letters[count++] = name.words[i].letters[j];
    buckets[0] = buckets[1] = 0;
    if (count < FEWEST)
        return;
    buckets[0] = XXH3_64bits_withSeed (letters, count, XXH3_64bits (key, type)) | 1;
    qsort (letters, count, 1, by_letter);
    buckets[1] = XXH3_64bits_withSeed (letters, count, XXH3_64bits (key, type) + 1) | 1;
}
