/*  model.h - the entity model's file: hashed feature rows, a lexicon, transitions. Mapped and used as it lies there.

    Little-endian; every part begins at a multiple of 64 bytes:

        head        qw_model_head_t
        transitions int16 [2][16][16]: [pass][previous label][label], the first row also being the start of a sentence
        lexicon     slots of 8 bytes: uint16 check, cluster, flags, near; empty: all zero. A cluster (by the words beside it in
                    the news) and a `near` one (by ready-made word vectors): its coarse one (1 to 63) times 1024 plus its
                    fine one; 0 for none
        rows        buckets of 64 bytes: the fingerprints of four features (0: none), then a row of 15 bytes for each of them,
                    the weights of labels 1 to 15 as int8. Label 0 (outside) weighs nothing by definition.

    To change the format, raise QW_MODEL_FORMAT: an old program then refuses the new file by name of its version, and a
    model can always be made again with quotewire-train-entities.
 */
#ifndef QW_ENTITIES_MODEL_H
#define QW_ENTITIES_MODEL_H

#include <string.h>

#include "proto/layers.h"
#include "proto/status.h"

enum { QW_MODEL_FORMAT = 4, QW_LABELS = 16, QW_PASSES = 2, QW_BUCKET_ROWS = 4, QW_BUCKET_BYTES = 64 };
enum { QW_LEXICON_PROBES = 16, QW_MAX_PHRASE = 5 /* words */ };

/* Labels: 0 outside; 1 + 2 * type begins a name of a type, 2 + 2 * type goes on in it; 15 is a date or an amount, whose
 * type is settled by its words (numbers.h). EVENT is told from MISC by its words as well. */
enum { QW_LABEL_OUTSIDE = 0, QW_LABEL_NUMBER = 15, QW_NAME_TYPES = 7 };
typedef enum {
    QW_NAME_PERSON = 0,
    QW_NAME_ORG,
    QW_NAME_LOC,
    QW_NAME_FAC,
    QW_NAME_NORP,
    QW_NAME_PRODUCT,
    QW_NAME_MISC
} qw_name_t;

static inline int qw_label_begin (int name) { return 1 + 2 * name; }
static inline int qw_label_inside (int name) { return 2 + 2 * name; }
/* The name type of labels 1 to 14. */
static inline int qw_label_name (int label) { return (label - 1) / 2; }
static inline bool qw_label_is_name (int label) { return label > 0 && label < QW_LABEL_NUMBER; }
static inline bool qw_label_begins (int label) { return qw_label_is_name (label) && label % 2 == 1; }
/* False where `label` goes on in something that `before` is not. */
static inline bool qw_label_may_follow (int before, int label)
{
    if (!qw_label_is_name (label) || label % 2 == 1)
        return true;
    return before == label || before == label - 1;
}

/* Flags of a word in the lexicon. */
enum {
    QW_WORD_MALE = 1,      /* a first name of men */
    QW_WORD_FEMALE = 2,    /* a first name of women */
    QW_WORD_SURNAME = 4,
    QW_WORD_CITY = 8,      /* stands in the name of a city */
    QW_WORD_COUNTRY = 16,  /* stands in the name of a country or a region */
    QW_WORD_PLACE_ONLY = 32, /* is the whole name of a city or country */
    QW_WORD_COMMON = 64,   /* written small, mostly, in running text */
    QW_WORD_NAMELIKE = 128, /* written large, nearly always, inside sentences */
    QW_WORD_TYPE_SHIFT = 8 /* the four bits above: 1 + the name type that the word had most often in untagged text; 0: none.
                              Bits 12 to 14: how sure, 0 to 7 */
};

typedef struct {
    char magic[8]; /* "QWENTITY" */
    uint32_t format, byte_order; /* 0x01020304 */
    uint64_t checksum;           /* XXH3 of everything behind the head */
    uint64_t size;               /* bytes of the file */
    uint32_t lexicon_slots, bucket_count;
    uint64_t lexicon_at, rows_at, transitions_at;
    uint32_t passes; /* 1: there is nothing that a second pass would add */
    uint8_t unused[128 - 76];
} qw_model_head_t;

typedef struct {
    uint16_t check, cluster, flags, near;
} qw_lexicon_entry_t;

/* A view of a mapped model. */
typedef struct {
    const int16_t (*transitions)[QW_LABELS][QW_LABELS];
    const qw_lexicon_entry_t *lexicon;
    const int8_t *rows;
    uint32_t lexicon_slots, bucket_count, passes;
} qw_model_t;

/* Checks the bytes (aligned to 8, outliving the view) and fills the view. */
qw_status_t qw_model_view (qw_model_t *self, const void *bytes, size_t size, qw_reason_t *reason);

/* The checksum that a head must hold. */
uint64_t qw_model_checksum (const void *bytes, size_t size);

/* The number of a feature's bucket. */
static inline size_t qw_model_bucket (uint32_t bucket_count, uint64_t feature)
{
    return (size_t) (((feature >> 32) * bucket_count) >> 32);
}

static inline uint8_t qw_model_fingerprint (uint64_t feature)
{
    uint8_t print = (uint8_t) feature;
    return print ? print : 1;
}

/* Where the row at a place in a bucket lies: 16 bytes of which the first is not part of it, so that label i is at byte i. */
static inline size_t qw_model_row_at (unsigned place) { return 3 + 15 * (size_t) place; }

/* Not 0 when one of the four fingerprints of a bucket is the one. */
static inline uint32_t qw_model_equal (const int8_t *bucket, uint8_t print)
{
    uint32_t prints;
    memcpy (&prints, bucket, sizeof prints);
    /* the lowest byte that becomes zero is the first that is equal */
    uint32_t differing = prints ^ print * 0x01010101u;
    return (differing - 0x01010101u) & ~differing & 0x80808080u;
}

/* The row that is equal; some row of the bucket when none is. */
static inline const int8_t *qw_model_row_of (const int8_t *bucket, uint32_t equal)
{
    return bucket + qw_model_row_at ((unsigned) __builtin_ctz (equal | 1u << 31) / 8);
}

/* The row of a feature, or NULL. */
static inline const int8_t *qw_model_row (const qw_model_t *self, uint64_t feature)
{
    const int8_t *bucket = self->rows + qw_model_bucket (self->bucket_count, feature) * QW_BUCKET_BYTES;
    uint32_t equal = qw_model_equal (bucket, qw_model_fingerprint (feature));
    return equal ? qw_model_row_of (bucket, equal) : NULL;
}

/* Tells the words of a slot apart, once in 65,536 times wrongly. Never 0. */
static inline uint16_t qw_model_check (uint64_t hash) { return (uint16_t) (hash | 1); }

/* What the lexicon says of a word, by the hash of its bytes; zeros when it is not there. */
static inline qw_lexicon_entry_t qw_model_word (const qw_model_t *self, uint64_t hash)
{
    uint16_t check = qw_model_check (hash);
    size_t slot = (size_t) (((hash >> 32) * self->lexicon_slots) >> 32);
    for (int i = 0; i < QW_LEXICON_PROBES && self->lexicon_slots; i++) {
        qw_lexicon_entry_t entry = self->lexicon[slot];
        if (entry.check == check || entry.check == 0)
            return entry;
        slot = slot + 1 == self->lexicon_slots ? 0 : slot + 1;
    }
    return (qw_lexicon_entry_t) {0, 0, 0, 0};
}

#endif
