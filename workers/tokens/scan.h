/*  scan.h - cuts text into tokens, by the conventions of the English Universal Dependencies. */
#ifndef QW_TOKENS_SCAN_H
#define QW_TOKENS_SCAN_H

#include "proto/layers.h"

/* Why a sentence may end after a token. */
typedef enum {
    QW_END_NONE,    /* no mark stands there, but what follows looks like a beginning: a capital, a number, an opening mark */
    QW_END_ADDRESS, /* nor here, but the token is a web or mail address, often the last thing of a line that lost its end */
    QW_END_STOP,    /* a full stop */
    QW_END_MARK,    /* ! and ? */
    QW_END_ELLIPSIS,     /* "..." and the like */
    QW_END_ABBREVIATION, /* the token is an abbreviation with its dot: "Inc." */
    QW_END_TITLE,        /* one that something follows: "Mr." */
    QW_END_INITIALS,     /* "J." or "U.S." */
    QW_END_SCRIPT        /* a stop of another script, whose letters have no capitals */
} qw_end_kind_t;

static inline bool qw_end_is_mark (qw_end_kind_t kind) { return kind >= QW_END_STOP; }

typedef struct {
    uint32_t token; /* index in the layers */
    uint8_t kind;   /* qw_end_kind_t */
    uint8_t quotes; /* double quotation marks in the paragraph up to the token, modulo 256 */
    int16_t depth;  /* brackets open there */
} qw_end_t;

typedef struct {
    qw_end_t *items;
    size_t count, capacity;
} qw_ends_t;

/* Adds the tokens of text[begin, end) to the layers and the places where sentences may end to `ends`. Time and memory are
 * linear in the text. */
void qw_tokens_scan (const char *text, uint32_t begin, uint32_t end, qw_layers_t *layers, qw_ends_t *ends);

#endif
