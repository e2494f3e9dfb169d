/*  quotewire.h - reads a Quotewire corpus: news articles with their tokens, sentences, entities, and quotations with who
    said them. From disk (quotewire_corpus_t), or of a running pipeline as they are committed (quotewire_follower_t).

    Rules that hold for all of it:

    Structures are opaque. What `_new` or `_open` gives is yours, and goes back with `_destroy` or `_close`, which take the
    address of your pointer, set it to NULL, and do nothing when it is NULL already.

    Strings and spans that a document gives belong to it, and hold until it is read anew or destroyed. Strings are UTF-8,
    valid, and end with a NUL; one that may have NULs inside also tells its size. "NULL" means: there is none.

    A function that can fail returns a status, 0 (QUOTEWIRE_OK) when all went well, and fills `error`, which may be NULL. Its text
    names the file, the position or the endpoint. Whatever stands in a file, or comes from a sink, does no more than that:
    lengths, offsets, types and checksums are compared before anything is believed. Running out of memory aborts, as in
    CZMQ.

    An object is for one thread at a time; different objects do not share anything.

    The library needs libzmq and CZMQ inside. It leaves the process's signal handlers as they are.
 */
#ifndef QUOTEWIRE_H
#define QUOTEWIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define QUOTEWIRE_EXPORT __attribute__ ((visibility ("default")))
#else
#define QUOTEWIRE_EXPORT
#endif

#define QUOTEWIRE_VERSION_MAJOR 0
#define QUOTEWIRE_VERSION_MINOR 1
#define QUOTEWIRE_VERSION_PATCH 0

/* Of the library that is running, as numbers; any of them may be NULL. */
QUOTEWIRE_EXPORT void quotewire_version (int *major, int *minor, int *patch);

/* ---- errors ---------------------------------------------------------------------------------------------------------- */

typedef enum {
    QUOTEWIRE_OK = 0,
    QUOTEWIRE_END,       /* no more documents: the regular end */
    QUOTEWIRE_AGAIN,     /* no document came in time, or a signal did */
    QUOTEWIRE_NOT_FOUND, /* no corpus, no such position or id */
    QUOTEWIRE_DAMAGED,   /* a record is not what was written, or a sink sends what cannot be read again and again */
    QUOTEWIRE_REFUSED,   /* the sink will not serve this reader: no common version, a position beyond its corpus, a wrong key */
    QUOTEWIRE_INVALID,   /* an argument makes no sense: an endpoint, a state file that holds no position */
    QUOTEWIRE_SYSTEM     /* the operating system refused; the text holds errno's */
} quotewire_status_t;

typedef struct {
    quotewire_status_t status;
    char text[240]; /* for a person; ends with a NUL, has no line end */
} quotewire_error_t;

/* ---- a document ------------------------------------------------------------------------------------------------------ */

/* One record, with everything in it. It is filled by the functions that read, as often as you like: memory is kept from one
 * to the next. */
typedef struct quotewire_document_t quotewire_document_t;

QUOTEWIRE_EXPORT quotewire_document_t *quotewire_document_new (void);
QUOTEWIRE_EXPORT void quotewire_document_destroy (quotewire_document_t **self_p);

/* Fills it from a record that you have from elsewhere, such as from `quotewire follow --format msgpack`: exactly `size` octets.
 * QUOTEWIRE_DAMAGED leaves it empty. */
QUOTEWIRE_EXPORT quotewire_status_t quotewire_document_read (quotewire_document_t *self, const void *record, size_t size,
                                                             uint64_t position, quotewire_error_t *error);

/* Octets of the record at the front of `data`; 0 when it is cut off, or no record. Looks at lengths only. */
QUOTEWIRE_EXPORT size_t quotewire_record_size (const void *data, size_t size);

QUOTEWIRE_EXPORT const char *quotewire_document_id (const quotewire_document_t *self);

/* The whole text; `size` (may be NULL) gets its octets. */
QUOTEWIRE_EXPORT const char *quotewire_document_text (const quotewire_document_t *self, size_t *size);

/* The number of the record in the corpus, from 0; it never changes. */
QUOTEWIRE_EXPORT uint64_t quotewire_document_position (const quotewire_document_t *self);

/* Its number in the run that brought it. */
QUOTEWIRE_EXPORT uint64_t quotewire_document_sequence (const quotewire_document_t *self);

/* Why the document is not, or not wholly, annotated; NULL: it is. */
QUOTEWIRE_EXPORT const char *quotewire_document_failed (const quotewire_document_t *self);

/* True when this record stands in the place of a failed one, at `*position` (may be NULL). */
QUOTEWIRE_EXPORT bool quotewire_document_supersedes (const quotewire_document_t *self, uint64_t *position);

/* True for a failed document that its owner dropped: there is no text. */
QUOTEWIRE_EXPORT bool quotewire_document_dropped (const quotewire_document_t *self);

/* All of it as one object of JSON, as `quotewire export` writes it, with `place` as with --place: metadata and layers of other
 * people too. `size` may be NULL. NULL on an error. */
QUOTEWIRE_EXPORT const char *quotewire_document_json (quotewire_document_t *self, bool place, size_t *size,
                                                      quotewire_error_t *error);

/* The octets of a layer as it stands in the record, MessagePack; NULL: it has no such layer. Not a string. */
QUOTEWIRE_EXPORT const void *quotewire_document_layer (const quotewire_document_t *self, const char *name, size_t *size);

/* ---- what the document says of its text ---------------------------------------------------------------------------------- */

/* A part of the text, half open, counted twice: in octets, for C, and in code points, as the corpus and other languages do.
 * No span: start and end are 0. */
typedef struct {
    uint32_t start, end;             /* octets of quotewire_document_text */
    uint32_t point_start, point_end; /* code points */
} quotewire_span_t;

/* In each pair below, `i` is from 0 to one less than the count; for any other `i` the result is empty: no span, NULL, 0. */

QUOTEWIRE_EXPORT size_t quotewire_document_tokens (const quotewire_document_t *self);
QUOTEWIRE_EXPORT quotewire_span_t quotewire_document_token (const quotewire_document_t *self, size_t i);

/* A sentence is of tokens [*first, *end); both may be NULL. Together the sentences have every token once. */
QUOTEWIRE_EXPORT size_t quotewire_document_sentences (const quotewire_document_t *self);
QUOTEWIRE_EXPORT quotewire_span_t quotewire_document_sentence (const quotewire_document_t *self, size_t i, size_t *first,
                                                               size_t *end);

/* `role` (may be NULL) gets "body", "headline", "byline", "dateline", "caption" or "boilerplate". */
QUOTEWIRE_EXPORT size_t quotewire_document_paragraphs (const quotewire_document_t *self);
QUOTEWIRE_EXPORT quotewire_span_t quotewire_document_paragraph (const quotewire_document_t *self, size_t i, const char **role);

#define QUOTEWIRE_NO_CLUSTER SIZE_MAX

/* Every mention of somebody or something, in order. */
QUOTEWIRE_EXPORT size_t quotewire_document_entities (const quotewire_document_t *self);
QUOTEWIRE_EXPORT quotewire_span_t quotewire_document_entity (const quotewire_document_t *self, size_t i);
/* "PERSON", "ORG", "LOC", "FAC", "NORP", "PRODUCT", "EVENT", "MISC", "DATE", "TIME", "MONEY", "PERCENT" */
QUOTEWIRE_EXPORT const char *quotewire_document_entity_type (const quotewire_document_t *self, size_t i);
/* Which cluster it belongs to, or QUOTEWIRE_NO_CLUSTER. */
QUOTEWIRE_EXPORT size_t quotewire_document_entity_cluster (const quotewire_document_t *self, size_t i);

/* Who or what the mentions are. The key is the same in every document: "person:choe-ryong-hae". */
QUOTEWIRE_EXPORT size_t quotewire_document_clusters (const quotewire_document_t *self);
QUOTEWIRE_EXPORT const char *quotewire_document_cluster_key (const quotewire_document_t *self, size_t i);
QUOTEWIRE_EXPORT const char *quotewire_document_cluster_name (const quotewire_document_t *self, size_t i);
QUOTEWIRE_EXPORT const char *quotewire_document_cluster_type (const quotewire_document_t *self, size_t i);

/* Quotations, in order of their starts: with marks if direct, the clause if indirect. */
QUOTEWIRE_EXPORT size_t quotewire_document_quotes (const quotewire_document_t *self);
QUOTEWIRE_EXPORT quotewire_span_t quotewire_document_quote (const quotewire_document_t *self, size_t i);
/* "direct", "indirect" or "mixed" */
QUOTEWIRE_EXPORT const char *quotewire_document_quote_type (const quotewire_document_t *self, size_t i);
/* False: a belief or a wish, not something said. */
QUOTEWIRE_EXPORT bool quotewire_document_quote_is_speech (const quotewire_document_t *self, size_t i);
/* "said"; the words that name the speaker, "she"; who relayed it. Each may be no span. */
QUOTEWIRE_EXPORT quotewire_span_t quotewire_document_quote_cue (const quotewire_document_t *self, size_t i);
QUOTEWIRE_EXPORT quotewire_span_t quotewire_document_quote_mention (const quotewire_document_t *self, size_t i);
QUOTEWIRE_EXPORT quotewire_span_t quotewire_document_quote_via (const quotewire_document_t *self, size_t i);
/* Who it was, by the full name, or NULL; and the speaker's cluster, or QUOTEWIRE_NO_CLUSTER. */
QUOTEWIRE_EXPORT const char *quotewire_document_quote_speaker (const quotewire_document_t *self, size_t i);
QUOTEWIRE_EXPORT size_t quotewire_document_quote_cluster (const quotewire_document_t *self, size_t i);
/* The same number for the same words of the same speaker, in every document; below 2^40; 0: none. */
QUOTEWIRE_EXPORT uint64_t quotewire_document_quote_statement (const quotewire_document_t *self, size_t i);
/* How the speaker was found: "none", "name", "apposition", "pronoun", "nominal", "turn" or "text"; and per cent that it is
 * right. */
QUOTEWIRE_EXPORT const char *quotewire_document_quote_how (const quotewire_document_t *self, size_t i);
QUOTEWIRE_EXPORT unsigned quotewire_document_quote_confidence (const quotewire_document_t *self, size_t i);

/* ---- a corpus on disk ---------------------------------------------------------------------------------------------------- */

/* Any number of processes may read, beside a sink that writes too; only what is on disk for good is seen. */
typedef struct quotewire_corpus_t quotewire_corpus_t;

/* NULL: the directory is not a corpus, or cannot be opened. An index that is missing or damaged is made up for in memory. */
QUOTEWIRE_EXPORT quotewire_corpus_t *quotewire_corpus_open (const char *directory, quotewire_error_t *error);
QUOTEWIRE_EXPORT void quotewire_corpus_close (quotewire_corpus_t **self_p);

/* Records; looks at the files again, so it grows while a sink is writing. */
QUOTEWIRE_EXPORT uint64_t quotewire_corpus_count (quotewire_corpus_t *self);

/* The record at a position. QUOTEWIRE_NOT_FOUND: there is none yet; QUOTEWIRE_DAMAGED: it is not what was written, and the
 * others can be read. */
QUOTEWIRE_EXPORT quotewire_status_t quotewire_corpus_read (quotewire_corpus_t *self, uint64_t position,
                                                           quotewire_document_t *document, quotewire_error_t *error);

/* The newest record with this id. Looks through the index: 48 octets a record. */
QUOTEWIRE_EXPORT quotewire_status_t quotewire_corpus_find (quotewire_corpus_t *self, const char *id,
                                                           quotewire_document_t *document, quotewire_error_t *error);

/* Steps through the documents, as distinct from the records: each once, in its newest form, without dropped ones, in the
 * order of the source, as `quotewire export` does. Begins with the first; QUOTEWIRE_END: no more, and the next call begins anew
 * with what is there then. QUOTEWIRE_DAMAGED: this one is left out, and the next call goes on behind it. */
QUOTEWIRE_EXPORT quotewire_status_t quotewire_corpus_next (quotewire_corpus_t *self, quotewire_document_t *document,
                                                           quotewire_error_t *error);

/* ---- a running pipeline ---------------------------------------------------------------------------------------------------- */

/* Records of a sink from a position on, then each as it is committed. Connects again by itself when the sink is killed,
 * started again or out of reach, and goes on at its own position: nothing is missed, nothing comes twice. */
typedef struct quotewire_follower_t quotewire_follower_t;

/* `endpoint`: the sink's --follow, or the --serve of `quotewire run`. That nobody answers there is no error.
 *
 * `state` (may be NULL): a file for the position. If it is there, it counts instead of `position`. It is written, synced and
 * renamed into place each time that the documents of one message (1 MiB at most) were all asked for and the next one is,
 * by quotewire_follower_save, and by quotewire_follower_destroy. After a kill -9 a few documents come again; whoever must not see
 * that keeps the position of the last document, plus 1, beside what was made of it.
 *
 * `key` (NULL: none): the file of a reader's key, made by `quotewire keys new reader NAME`: for tcp from other machines.
 *
 * NULL: QUOTEWIRE_INVALID, the endpoint is none, the state file does not hold a position, or the key file no key;
 * QUOTEWIRE_SYSTEM, a file cannot be read. */
QUOTEWIRE_EXPORT quotewire_follower_t *quotewire_follower_new (const char *endpoint, uint64_t position, const char *state,
                                                               const char *key, quotewire_error_t *error);

/* Says goodbye, and stores the position: everything that was handed out counts as done with. */
QUOTEWIRE_EXPORT void quotewire_follower_destroy (quotewire_follower_t **self_p);

/* The next document; waits for at most `timeout_ms` (-1: for ever). QUOTEWIRE_AGAIN: none came, or a signal did.
 * QUOTEWIRE_DAMAGED with a document's position in the text: that record is right, but cannot be taken apart; the next call goes
 * on behind it. QUOTEWIRE_REFUSED is final. Call it at least every few seconds, or the sink forgets the reader, which then
 * connects anew and loses nothing. */
QUOTEWIRE_EXPORT quotewire_status_t quotewire_follower_next (quotewire_follower_t *self, int timeout_ms,
                                                             quotewire_document_t *document, quotewire_error_t *error);

/* Behind the last document that was handed out. */
QUOTEWIRE_EXPORT uint64_t quotewire_follower_position (const quotewire_follower_t *self);

/* How many records the sink has, as it last said; false: it has said nothing yet. */
QUOTEWIRE_EXPORT bool quotewire_follower_total (const quotewire_follower_t *self, uint64_t *total);

/* Stores the position in the state file now. */
QUOTEWIRE_EXPORT quotewire_status_t quotewire_follower_save (quotewire_follower_t *self, quotewire_error_t *error);

#ifdef __cplusplus
}
#endif
#endif
