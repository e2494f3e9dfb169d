#include "sink/resolve/statements.h"

#include <stdlib.h>
#include <string.h>

enum {
    LEAST_WORDS = 3,  /* a first sentence with fewer content words does not stand for the statement alone */
    MOST_WORDS = 48,
    KEPT = 3,         /* words in a row that stand for the statement, where its speaker is known */
    KEPT_UNKNOWN = 5, /* where the words alone must tell it from others */
    LOOKED_AT = 1024, /* bytes of a quotation at most: keeps the time linear */
    WORD_BYTES = 64,  /* of a word that count */
    SLOTS = 512       /* of the table of little words; a power of two */
};

struct qw_statements_t {
    uint64_t little[SLOTS]; /* hashes; 0: free */
};

/* The words of one statement as they are gathered. */
typedef struct {
    uint64_t words[MOST_WORDS]; /* hashes of content words, in their order */
    unsigned count;             /* of these */
    uint64_t all;               /* of every word, for statements without content words */
    bool any, full;
} words_t;

/* FNV-1a, and Murmur's finish, so that the smallest hashes are a fair choice. */
static uint64_t take (uint64_t hash, unsigned char byte) { return (hash ^ byte) * 0x100000001b3u; }

#define HASH_OF_NOTHING 0xcbf29ce484222325u

static uint64_t finish (uint64_t hash)
{
    hash = (hash ^ hash >> 33) * 0xff51afd7ed558ccdu;
    hash = (hash ^ hash >> 33) * 0xc4ceb9fe1a85ec53u;
    hash ^= hash >> 33;
    return hash ? hash : 1;
}

static uint64_t hash_of (const char *bytes, size_t size)
{
    uint64_t hash = HASH_OF_NOTHING;
    for (size_t i = 0; i < size; i++)
        hash = take (hash, (unsigned char) bytes[i]);
    return finish (hash);
}

static const char little_words[] =
    "a about after again all also although am an and any are aren as at be because been before being but by can "
    "cannot could couldn d did didn do does doesn doing don done down for from further get gets getting go goes "
    "going gone got had hadn has hasn have haven having he her here hers herself him himself his how i if in into "
    "is isn it its itself just let ll m may me might mine more most much must my myself no nor not now of off on "
    "once only or other our ours ourselves out over own re really s said same say saying says shall she should "
    "shouldn so some such t than that the their theirs them themselves then there these they this those though "
    "through to too under until up us ve very was wasn we well were weren what when where which while who whom "
    "whose why will with won would wouldn yes yet you your yours yourself";

qw_statements_t *qw_statements_new (void)
{
    qw_statements_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    for (const char *word = little_words; *word;) {
        size_t size = strcspn (word, " ");
        uint64_t hash = hash_of (word, size);
        size_t at = hash & (SLOTS - 1);
        while (self->little[at])
            at = (at + 1) & (SLOTS - 1);
        self->little[at] = hash;
        word += size + (word[size] == ' ');
    }
    return self;
}

void qw_statements_destroy (qw_statements_t **self_p)
{
    free (*self_p);
    *self_p = NULL;
}

static bool is_little (const qw_statements_t *self, uint64_t hash)
{
    for (size_t at = hash & (SLOTS - 1); self->little[at]; at = (at + 1) & (SLOTS - 1))
        if (self->little[at] == hash)
            return true;
    return false;
}

/* Bytes of the word without its ending; at least four letters stay. */
static size_t stem_size (const char *word, size_t size)
{
    if (size >= 7 && memcmp (word + size - 3, "ing", 3) == 0)
        return size - 3;
    if (size >= 6 && memcmp (word + size - 2, "ed", 2) == 0)
        return size - 2;
    if (size >= 6 && memcmp (word + size - 2, "es", 2) == 0)
        return size - 2;
    if (size >= 5 && word[size - 1] == 's' && word[size - 2] != 's')
        return size - 1;
    if (size >= 5 && word[size - 1] == 'e')
        return size - 1;
    return size;
}

/* `hashes`: of the word's first bytes, not finished; hashes[size] is of all of them. */
static void add_word (const qw_statements_t *self, words_t *words, const char *word, size_t size, const uint64_t *hashes)
{
    uint64_t hash = finish (hashes[size]);
    words->all = words->all * 31 + hash;
    words->any = true;
    if (is_little (self, hash))
        return;
    size_t stem = stem_size (word, size);
    if (stem != size)
        hash = finish (hashes[stem]);
    words->words[words->count++] = hash;
    words->full = words->count == MOST_WORDS;
}

static bool is_capital (unsigned char c) { return c >= 'A' && c <= 'Z'; }

/* The bytes of the character at `at`; only whole characters are in spans. */
static unsigned size_of (const unsigned char *text, size_t at)
{
    return text[at] < 0x80 ? 1 : text[at] >= 0xf0 ? 4 : text[at] >= 0xe0 ? 3 : 2;
}

/* Letters and digits. Beyond ASCII everything is a letter but marks, dashes and blanks. */
static bool is_letter (const unsigned char *text, size_t at)
{
    unsigned char c = text[at];
    if (c < 0x80)
        return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
    return c != 0xc2 && !(c == 0xe2 && (text[at + 1] == 0x80 || text[at + 1] == 0x81));
}

/* Whether a sentence ends with the stop at `at`: marks may follow, then a blank, then marks and a capital letter. */
static bool ends_sentence (const unsigned char *text, size_t at, size_t end)
{
    bool blank = false;
    if (text[at] != '.' && text[at] != '?' && text[at] != '!')
        return false;
    for (at++; at < end && !is_capital (text[at]); at += size_of (text, at)) {
        if (is_letter (text, at))
            return false;
        blank |= text[at] <= ' ';
    }
    return blank && at < end;
}

/* Letters and digits of ASCII as small letters; 0: anything else. */
static const char letters[256] = {
    ['0'] = '0', ['1'] = '1', ['2'] = '2', ['3'] = '3', ['4'] = '4', ['5'] = '5', ['6'] = '6', ['7'] = '7', ['8'] = '8',
    ['9'] = '9', ['A'] = 'a', ['B'] = 'b', ['C'] = 'c', ['D'] = 'd', ['E'] = 'e', ['F'] = 'f', ['G'] = 'g', ['H'] = 'h',
    ['I'] = 'i', ['J'] = 'j', ['K'] = 'k', ['L'] = 'l', ['M'] = 'm', ['N'] = 'n', ['O'] = 'o', ['P'] = 'p', ['Q'] = 'q',
    ['R'] = 'r', ['S'] = 's', ['T'] = 't', ['U'] = 'u', ['V'] = 'v', ['W'] = 'w', ['X'] = 'x', ['Y'] = 'y', ['Z'] = 'z',
    ['a'] = 'a', ['b'] = 'b', ['c'] = 'c', ['d'] = 'd', ['e'] = 'e', ['f'] = 'f', ['g'] = 'g', ['h'] = 'h', ['i'] = 'i',
    ['j'] = 'j', ['k'] = 'k', ['l'] = 'l', ['m'] = 'm', ['n'] = 'n', ['o'] = 'o', ['p'] = 'p', ['q'] = 'q', ['r'] = 'r',
    ['s'] = 's', ['t'] = 't', ['u'] = 'u', ['v'] = 'v', ['w'] = 'w', ['x'] = 'x', ['y'] = 'y', ['z'] = 'z'};

/* Takes the words of a span until there are enough. */
static void add_span (const qw_statements_t *self, words_t *words, const char *text, qw_span_t span)
{
    const unsigned char *bytes = (const unsigned char *) text;
    size_t end = span.end;
    if (end - span.start > LOOKED_AT)
        for (end = span.start + LOOKED_AT; (bytes[end] & 0xc0) == 0x80;)
            end--;
    char word[WORD_BYTES];
    uint64_t hashes[WORD_BYTES + 1];
    hashes[0] = HASH_OF_NOTHING;
    for (size_t at = span.start; at < end && !words->full;) {
        size_t size = 0;
        for (;;) {
            for (; at < end && letters[bytes[at]]; at++)
                if (size < sizeof word) {
                    word[size] = letters[bytes[at]];
                    hashes[size + 1] = take (hashes[size], (unsigned char) word[size]);
                    size++;
                }
            if (at >= end || bytes[at] < 0x80 || !is_letter (bytes, at))
                break;
            for (unsigned left = size_of (bytes, at); left > 0; left--, at++)
                if (size < sizeof word) {
                    word[size] = (char) bytes[at];
                    hashes[size + 1] = take (hashes[size], bytes[at]);
                    size++;
                }
        }
        if (size > 0)
            add_word (self, words, word, size, hashes);
        else {
            words->full = words->count >= LEAST_WORDS && ends_sentence (bytes, at, end);
            at += size_of (bytes, at);
        }
    }
}

/* A person's family name, so that "Ines Marchetti" here and "Marchetti" there are one; the whole key of anything
 * else. 0: unknown. */
static uint64_t hash_speaker (const qw_layers_t *layers, uint32_t cluster)
{
    if (cluster >= layers->cluster_count)
        return 0;
    const char *key = qw_layers_string (layers, layers->clusters[cluster].key);
    size_t size = layers->clusters[cluster].key.size, start = size;
    if (layers->clusters[cluster].type != QW_PERSON)
        return hash_of (key, size);
    while (start > 0 && key[start - 1] != '-' && key[start - 1] != ':')
        start--;
    return hash_of (key + start, size - start);
}

static uint64_t statement_of (const words_t *words, uint64_t speaker)
{
    if (!words->any)
        return 0;
    unsigned kept = speaker ? KEPT : KEPT_UNKNOWN, first = 0;
    uint64_t hash = speaker + (words->count == 0 ? words->all : words->count <= kept ? words->count : 0);
    if (words->count <= kept)
        kept = words->count;
    else { /* around the smallest */
        unsigned least = 0;
        for (unsigned i = 1; i < words->count; i++)
            if (words->words[i] < words->words[least])
                least = i;
        first = least < kept / 2 ? 0 : least - kept / 2;
        if (first > words->count - kept)
            first = words->count - kept;
    }
    for (unsigned i = 0; i < kept; i++)
        hash = finish (hash * 31 + words->words[first + i]);
    hash = finish (hash) >> (64 - QW_STATEMENT_BITS);
    return hash ? hash : 1;
}

/* "..., she said, and ...": the second part goes on with a small letter, after the same cue. */
static bool goes_on (const char *text, const qw_quote_t *quote, const qw_quote_t *next)
{
    if (qw_span_is_empty (quote->cue) || quote->cue.start != next->cue.start || quote->span.end > next->span.start
        || quote->cluster != next->cluster)
        return false;
    for (uint32_t at = next->span.start; at < next->span.end; at++) {
        unsigned char c = (unsigned char) text[at];
        if ((c | 32) >= 'a' && (c | 32) <= 'z')
            return !is_capital (c);
    }
    return false;
}

void qw_statements_find (const qw_statements_t *self, const char *text, qw_layers_t *layers)
{
    for (size_t i = 0; i < layers->quote_count;) {
        words_t words;
        words.count = 0;
        words.all = 0;
        words.any = words.full = false;
        size_t end = i;
        do
            add_span (self, &words, text, layers->quotes[end].span);
        while (++end < layers->quote_count && goes_on (text, &layers->quotes[end - 1], &layers->quotes[end]));
        uint64_t statement = statement_of (&words, hash_speaker (layers, layers->quotes[i].cluster));
        while (i < end)
            layers->quotes[i++].statement = statement;
    }
}
