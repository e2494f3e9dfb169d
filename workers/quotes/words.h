/*  words.h - what is known of a word by itself, whatever stands around it: its hash, its kind and shape, and what the
    lexicon says of it. Most words of a text stood in one before, so that is remembered by the bytes of the word. */
#ifndef QW_QUOTES_WORDS_H
#define QW_QUOTES_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "workers/quotes/model.h"

enum {
    KIND_WORD = 0,
    KIND_NUMBER,
    KIND_COMMA,
    KIND_STOP,
    KIND_COLON,
    KIND_SEMICOLON,
    KIND_DASH,
    KIND_OPEN,
    KIND_CLOSE,
    KIND_OTHER,
    KIND_MARKED,
    KIND_BORDER
};
enum { SHAPE_LOWER = 0, SHAPE_CAPITAL, SHAPE_UPPER, SHAPE_NONE };
enum {
    PART_FROM = 1,  /* "by" or "from" */
    PART_RAISES = 2 /* "raised", "made" and their forms */
};

typedef struct {
    uint32_t hash; /* of the lower-cased word */
    uint32_t stem; /* the same without -s, -ed, -ing, of a cue; otherwise the hash */
    uint8_t kind, shape;
    uint8_t tag;  /* the commonest one */
    uint8_t sure; /* the tag needs no context */
    uint8_t cue, source;
    bool belief;
    uint8_t parts; /* PART_..., of constructions (clauses.h) */
} qw_known_t;

typedef struct qw_words_t qw_words_t;

/* The model must stay as it is as long as the words live. */
qw_words_t *qw_words_new (const qw_quotes_model_t *model);
void qw_words_destroy (qw_words_t **self_p);

/* Where a word is kept, on its way from memory when it is asked for later. */
typedef struct {
    uint64_t bytes[2];
    uint32_t slot;
} qw_word_place_t;

/* `room`: so many bytes can be read at `word`; those behind its `size` do not matter. */
void qw_words_fetch (const qw_words_t *self, const char *word, size_t size, size_t room, qw_word_place_t *place);

/* The same word at its place. The answer holds until the next call. */
const qw_known_t *qw_words_find (qw_words_t *self, const qw_word_place_t *place, const char *word, size_t size);

/* Hash of the lower-cased word with digits as 0 and typographic apostrophes straight; never 0. */
uint32_t qw_quote_word_hash (const char *text, size_t size);

uint8_t qw_word_kind (const char *word, size_t size);
uint8_t qw_word_shape (const char *word, size_t size);

/* Whether the bytes begin with a typographic apostrophe. */
static inline bool qw_is_apostrophe (const char *bytes, size_t left)
{
    return left >= 3 && bytes[0] == '\xe2' && bytes[1] == '\x80' && (bytes[2] == '\x98' || bytes[2] == '\x99');
}

/* qw_quote_word_hash of some words; the tests check them */
#define QW_WORD_ACCORDING 0x9cc3df62u
#define QW_WORD_ACCUSATION 0x106719f5u
#define QW_WORD_ACCUSATIONS 0x1a7f18a6u
#define QW_WORD_ADVISED 0x25aeeca2u
#define QW_WORD_ADVISING 0x05bdd229u
#define QW_WORD_AFTER 0x1b6e4b15u
#define QW_WORD_ALLEGATION 0x9f62b82eu
#define QW_WORD_ALLEGATIONS 0x83ade337u
#define QW_WORD_ALTHOUGH 0xf31787bfu
#define QW_WORD_AND 0x0f29dcf5u
#define QW_WORD_ARE 0x406fb493u
#define QW_WORD_AS 0x5e259cc7u
#define QW_WORD_ASKED 0xa87ed8dcu
#define QW_WORD_ASKING 0x6929c89cu
#define QW_WORD_ASKS 0x03b491dau
#define QW_WORD_ASSERTION 0x33f6bda2u
#define QW_WORD_ASSERTIONS 0x09999f47u
#define QW_WORD_BEEN 0xa65a3e75u
#define QW_WORD_BY 0x542b64c3u
#define QW_WORD_CITED 0x0239813du
#define QW_WORD_CITES 0xf5389aa5u
#define QW_WORD_CITING 0x07522d0du
#define QW_WORD_CLAIM 0xbd25ea26u
#define QW_WORD_CLAIMS 0xdc8f6509u
#define QW_WORD_ENCOURAGED 0xb6fd5302u
#define QW_WORD_FEARS 0x8d87c391u
#define QW_WORD_FOR 0xacf2da77u
#define QW_WORD_FROM 0x95ccabeeu
#define QW_WORD_HAD 0xe2bf3befu
#define QW_WORD_HAS 0xedbed49du
#define QW_WORD_HAVE 0xf5cfe867u
#define QW_WORD_INSTRUCTED 0x04091338u
#define QW_WORD_INVITED 0x2ff41674u
#define QW_WORD_IS 0x4e381364u
#define QW_WORD_MADE 0xd1b0ad3au
#define QW_WORD_MAKES 0xebed6b8du
#define QW_WORD_MAKING 0x3adbf28fu
#define QW_WORD_OF 0x6934ee00u
#define QW_WORD_ORDERED 0xe70867c5u
#define QW_WORD_POSSIBILITY 0x4bce5a19u
#define QW_WORD_PROSPECT 0x2fae6199u
#define QW_WORD_QUOTED 0xbfdbc57cu
#define QW_WORD_QUOTES 0xb0dbc299u
#define QW_WORD_QUOTING 0x8806f1cfu
#define QW_WORD_RAISED 0xca711224u
#define QW_WORD_RAISES 0xd3713211u
#define QW_WORD_RAISING 0x7c8efd58u
#define QW_WORD_SAID 0xbc024d1au
#define QW_WORD_SAYING 0x76d0dfc8u
#define QW_WORD_SAYS 0xaadb225du
#define QW_WORD_SINCE 0xb537c3f0u
#define QW_WORD_SUGGESTION 0x00d641a1u
#define QW_WORD_SUGGESTIONS 0xcf4618d5u
#define QW_WORD_TELLING 0x87bb89cbu
#define QW_WORD_THAT 0xcb19a51cu
#define QW_WORD_THOUGH 0x4a04b4fau
#define QW_WORD_TOLD 0x576c67adu
#define QW_WORD_URGED 0x324593b9u
#define QW_WORD_URGES 0x3d46720fu
#define QW_WORD_URGING 0x0b55d58eu
#define QW_WORD_WARNED 0x4aa73407u
#define QW_WORD_WARNING 0x7921e0adu
#define QW_WORD_WAS 0x16e2ec37u
#define QW_WORD_WERE 0xc7eadefau
#define QW_WORD_WHAT 0x856f9ef2u
#define QW_WORD_WHEN 0x7f777bf6u
#define QW_WORD_WHILE 0x0dc63342u

#endif
