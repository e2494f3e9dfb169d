/*  layers.h - what annotators make of a text: structure, tokens with sentences, entities, quotes.

    Every span inside the C code counts bytes of the UTF-8 text at hand (a chunk in a worker, the document in the
    sink), half open, always on character boundaries. Code points appear only in the codecs (proto/layer_codec.h) and
    in the interchange (proto/interchange.h).

    A qw_layers_t is made once and used for one text after another: qw_layers_clear keeps the memory, so that the steady
    state allocates nothing. Appending grows an array by doubling; running out of memory aborts, as in CZMQ.
 */
#ifndef QW_LAYERS_H
#define QW_LAYERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint32_t start, end; /* end == start: no span */
} qw_span_t;

static inline bool qw_span_is_empty (qw_span_t span) { return span.start >= span.end; }
static inline uint32_t qw_span_size (qw_span_t span) { return span.end - span.start; }
static inline bool qw_span_overlap (qw_span_t a, qw_span_t b) { return a.start < b.end && b.start < a.end; }

/* A string inside qw_layers_t.strings; size 0: none. */
typedef struct {
    uint32_t offset, size;
} qw_string_t;

/* ---- structure: every paragraph with its role ------------------------------------------------------------------ */

typedef enum {
    QW_ROLE_BODY = 0,
    QW_ROLE_HEADLINE,
    QW_ROLE_BYLINE,
    QW_ROLE_DATELINE, /* a paragraph of its own, or the span at the start of one ("SEOUL, South Korea (AP) —") */
    QW_ROLE_CAPTION,
    QW_ROLE_BOILERPLATE,
    QW_ROLE_COUNT
} qw_role_t;

const char *qw_role_name (qw_role_t role);              /* "body", "headline", ... */
bool qw_role_of_name (const char *name, size_t size, qw_role_t *role);

typedef struct {
    qw_span_t span; /* without the line ends around it */
    qw_role_t role;
} qw_paragraph_t;

/* ---- tokens and sentences ---------------------------------------------------------------------------------------- */

typedef struct {
    uint32_t first, end; /* tokens [first, end) */
} qw_sentence_t;

/* ---- entities ---------------------------------------------------------------------------------------------------- */

typedef enum {
    QW_PERSON = 0,
    QW_ORG,
    QW_LOC,
    QW_FAC,
    QW_NORP,
    QW_PRODUCT,
    QW_EVENT,
    QW_MISC,
    QW_DATE,
    QW_TIME,
    QW_MONEY,
    QW_PERCENT,
    QW_ENTITY_TYPE_COUNT
} qw_entity_type_t;

const char *qw_entity_type_name (qw_entity_type_t type); /* "PERSON", ... */
bool qw_entity_type_of_name (const char *name, size_t size, qw_entity_type_t *type);

#define QW_NO_CLUSTER UINT32_MAX

typedef struct {
    qw_span_t span;
    qw_entity_type_t type;
    uint32_t cluster; /* index into clusters; QW_NO_CLUSTER until the sink has resolved the document */
} qw_mention_t;

/* Mentions of one person, body or place. Made by the sink's resolution only. */
typedef struct {
    qw_entity_type_t type;
    qw_string_t name; /* the fullest name, as it stands in the text: "Choe Ryong Hae" */
    qw_string_t key;  /* the same for every spelling of the name in every document: "person:choe-ryong-hae" */
} qw_cluster_t;

/* ---- quotes ------------------------------------------------------------------------------------------------------ */

typedef enum { QW_DIRECT = 0, QW_INDIRECT, QW_MIXED, QW_QUOTE_TYPE_COUNT } qw_quote_type_t;

const char *qw_quote_type_name (qw_quote_type_t type); /* "direct", "indirect", "mixed" */
bool qw_quote_type_of_name (const char *name, size_t size, qw_quote_type_t *type);

/* How the speaker was found, from the surest to the least sure. The worker sets NAMED or MENTION_ONLY; the sink the rest. */
typedef enum {
    QW_HOW_NONE = 0,   /* no speaker known */
    QW_HOW_NAME,       /* the speaker mention is a name that belongs to a cluster */
    QW_HOW_APPOSITION, /* a description beside a name: "the envoy, Choe Ryong Hae," */
    QW_HOW_PRONOUN,    /* a pronoun resolved to a cluster */
    QW_HOW_NOMINAL,    /* "the ministry", "the statement" resolved to a cluster */
    QW_HOW_TURN,       /* no cue of its own: the one who was speaking goes on */
    QW_HOW_TEXT,       /* the words of the mention itself: "a diplomatic source in Moscow" */
    QW_HOW_COUNT
} qw_how_t;

const char *qw_how_name (qw_how_t how); /* "none", "name", ... */
bool qw_how_of_name (const char *name, size_t size, qw_how_t *how);

typedef struct {
    qw_span_t span; /* with its marks when direct; the clause without cue and final stop when indirect */
    qw_span_t cue;
    qw_span_t speaker_mention; /* empty: none near the quotation */
    qw_span_t via;             /* who relayed it: "Yonhap" in "Yonhap quoted a source as saying" */
    qw_quote_type_t type;
    bool speech;       /* false: a belief or a wish, not something said */
    bool opens_before; /* the chunk begins inside this quotation: it began in the chunk before */
    bool runs_on;      /* no closing mark before the paragraph, or the chunk, ended */
    /* Made by the sink's resolution: */
    uint32_t cluster;    /* the speaker's cluster, or QW_NO_CLUSTER */
    qw_string_t speaker; /* canonical name of the cluster, or the mention's own words; size 0: unknown */
    qw_how_t how;
    uint8_t confidence; /* per cent that the speaker is right */
    uint64_t statement; /* the same for the same words of the same speaker in every document; below 2^40; 0: none */
} qw_quote_t;

/* ---- all of them ------------------------------------------------------------------------------------------------- */

typedef struct {
    qw_span_t *tokens; /* in order, not empty, not overlapping */
    size_t token_count, token_capacity;
    qw_sentence_t *sentences; /* in order; together they hold every token once */
    size_t sentence_count, sentence_capacity;
    qw_mention_t *mentions; /* in order of start; not overlapping */
    size_t mention_count, mention_capacity;
    qw_cluster_t *clusters; /* in order of their first mention */
    size_t cluster_count, cluster_capacity;
    qw_quote_t *quotes; /* in order of start */
    size_t quote_count, quote_capacity;
    char *strings; /* bytes of the names above; not NUL-terminated */
    size_t string_size, string_capacity;
} qw_layers_t;

qw_layers_t *qw_layers_new (void);
void qw_layers_destroy (qw_layers_t **self_p);

/* Empties every layer, keeps the memory. */
void qw_layers_clear (qw_layers_t *self);

/* Each makes room for one more at the end and returns it, zeroed (clusters of mentions and quotes: QW_NO_CLUSTER).
 * The pointer holds until the next call of the same function. */
qw_span_t *qw_layers_add_token (qw_layers_t *self);
qw_sentence_t *qw_layers_add_sentence (qw_layers_t *self);
qw_mention_t *qw_layers_add_mention (qw_layers_t *self);
qw_cluster_t *qw_layers_add_cluster (qw_layers_t *self);
qw_quote_t *qw_layers_add_quote (qw_layers_t *self);

/* Makes room for `count` more tokens at once, for the tokenizer's inner loop. */
void qw_layers_reserve_tokens (qw_layers_t *self, size_t count);

/* Copies bytes into the layers' strings. */
qw_string_t qw_layers_add_string (qw_layers_t *self, const char *bytes, size_t size);
static inline const char *qw_layers_string (const qw_layers_t *self, qw_string_t string)
{
    return self->strings + string.offset;
}

#endif
