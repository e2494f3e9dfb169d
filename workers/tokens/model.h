/*  model.h - the file models/tokens.model: what is known of words, and the weights that tell where sentences end. Little
    endian, all numbers whole.

    A change of the scan, of the features or of this page raises QW_GAP_MODEL_VERSION; old files are then refused. */
#ifndef QW_TOKENS_MODEL_H
#define QW_TOKENS_MODEL_H

#include <stdint.h>

enum {
    QW_GAP_MODEL_VERSION = 2,
    QW_GAP_LEXICON_SLOTS = 1 << 15,
    QW_GAP_LEXICON_BUCKET = 4, /* entries that one look compares */
    QW_GAP_GLANCE_ROWS = 1 << 15,
    QW_GAP_LINEAR_ROWS = 1 << 18,

    /* A network: each token of a window is the sum of four vectors, and context adds to what they make of it. */
    QW_GAP_NETWORKS = 3,
    QW_GAP_BEFORE = 7, /* tokens of the window before the gap */
    QW_GAP_WINDOW = 14,
    QW_GAP_SIZE = 32,   /* of a token's vector */
    QW_GAP_HIDDEN = 64, /* units */
    QW_GAP_SHAPES = 32,
    QW_GAP_CLASSES = 1 << 10,
    QW_GAP_SUFFIXES = 1 << 11,
    QW_GAP_CLUSTERS = 1 << 10,
    QW_GAP_VECTORS = QW_GAP_SHAPES + QW_GAP_CLASSES + QW_GAP_SUFFIXES + QW_GAP_CLUSTERS,
    QW_GAP_CONTEXTS = 18,
    QW_GAP_CONTEXT_VALUES = 16
};

/* What is known of a word, whatever letters it is written with. An entry stands in one of the QW_GAP_LEXICON_BUCKET places
 * that qw_gap_bucket names. */
typedef struct {
    uint16_t check;         /* the upper half of the hash; an entry of zeros is free */
    uint8_t class, second;  /* most frequent part of speech, and another frequent one; 0: none, at most 63 */
    uint16_t cluster;       /* words that stand between the same words; 0: none, below QW_GAP_CLUSTERS */
    uint8_t casing, unused; /* 1: mostly in small letters inside sentences, 2: nearly never, 0: neither or not known */
} qw_gap_word_t;

static inline uint32_t qw_gap_bucket (uint32_t hash)
{
    return hash & (QW_GAP_LEXICON_SLOTS - 1) & ~(QW_GAP_LEXICON_BUCKET - 1u);
}

/* The sums of the linear features and of the network are in 1/1024 of a natural logarithm of odds. */
enum { QW_GAP_UNIT_BITS = 10 };

/* One of the networks, the mean of which is added to the linear features. */
typedef struct {
    int32_t shift; /* the unit of the vectors is 2^-shift, that of all else 2^-10 */
    int8_t vectors[QW_GAP_VECTORS][QW_GAP_SIZE]; /* of shapes, classes, suffixes, clusters */
    int16_t weights[QW_GAP_HIDDEN][QW_GAP_WINDOW][QW_GAP_SIZE];
    int16_t contexts[QW_GAP_CONTEXTS][QW_GAP_CONTEXT_VALUES][QW_GAP_HIDDEN];
    int16_t biases[QW_GAP_HIDDEN], outputs[QW_GAP_HIDDEN];
} qw_gap_network_t;

typedef struct {
    char magic[4]; /* "QWTS" */
    uint32_t version;
    uint32_t size;     /* of the file */
    int32_t hopeless;  /* where no mark stands, in a text of several paragraphs: a glance's sum up to this is no end */
    int32_t certain;   /* behind a full stop: a glance's sum above this is an end */
    int32_t sure;      /* where the linear features alone are that far from the threshold, the networks are not asked */
    int32_t bias;      /* of the sum */
    int32_t marked;    /* a sum above this is an end, behind a mark */
    int32_t unmarked;  /* the same where no mark stands */
    int32_t linear;    /* unit of the linear weights, in 1/65536 of the sums' unit */

    qw_gap_word_t lexicon[QW_GAP_LEXICON_SLOTS];
    int8_t glances[QW_GAP_GLANCE_ROWS];
    int8_t rows[QW_GAP_LINEAR_ROWS];
    qw_gap_network_t networks[QW_GAP_NETWORKS];
} qw_gap_model_t;

#endif
