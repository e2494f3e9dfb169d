/*  labelled.h - labelled texts for training and measuring: reads a recipe and the files that it names.

    A recipe is a text file; # begins a remark. Files are named relative to the data folder.

        source NAME FILE            a .tsv file (token TAB column TAB column ..., blank line after a sentence, -DOCSTART- before a
                                    document) or a .jsonl file ({"text", "ents": [[start, end, type], ...]}, code points)
        source NAME FILE.jsonl FILE.tsv   text from the first, its tokens' offsets from its member "tokens", labels from the second
        column NAME N               the .tsv column of the labels, counted from 1 (default 2)
        weight NAME X               how much a token of this source counts (default 1)
        map NAME TYPE TO            what the source's type is here: PERSON, ORG, LOC, FAC, NORP, PRODUCT, MISC, NUMBER (dates
                                    and amounts), O; several with | between them when the source does not tell them apart.
                                    TYPE O says what may hide among its unlabelled words. A type without a map counts as O.
        target NAME                 the source whose conventions are aimed at; the others get features of their own for theirs.
                                    Without such a line all of them are
 */
#ifndef QW_ENTITIES_LABELLED_H
#define QW_ENTITIES_LABELLED_H

#include "workers/entities/model.h"

typedef struct {
    char *text;
    qw_layers_t *layers; /* tokens and sentences */
    uint16_t *masks;     /* a token's possible labels, a bit each */
    int source;          /* index into sources; 0: the target */
} qw_document_t;

typedef struct {
    qw_document_t *documents;
    size_t document_count, document_capacity;
    size_t token_count;
    struct {
        char name[32];
        double weight;
        int column;
        bool target;
        struct {
            char type[32];
            uint16_t begin, inside; /* masks */
        } maps[32];
        int map_count;
    } sources[16];
    int source_count;
} qw_labelled_t;

qw_labelled_t *qw_labelled_new (void);
void qw_labelled_destroy (qw_labelled_t **self_p);

/* Reads all that a recipe names. Raw texts are cut into tokens and sentences, line by line, with the tokens annotator and its
 * model (NULL: none), so that the tagger learns on what it will see. */
qw_status_t qw_labelled_read (qw_labelled_t *self, const char *recipe, const char *data, const void *tokens_model,
                            size_t tokens_model_size, qw_reason_t *reason);

#endif
