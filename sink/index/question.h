/*  question.h - what an index can be asked: who said what, who is quoted, who is mentioned. */
#ifndef QW_INDEX_QUESTION_H
#define QW_INDEX_QUESTION_H

#include "sink/index/database.h"

/* Everything that is given must hold; NULL or 0: anything. Words are searched as their dialect has it: whole words, upper or
 * lower case, "phrases", -words to leave out. */
typedef struct {
    const char *speaker;     /* words of the speaker's name, or the key of an entity: "person:choe-ryong-hae" */
    const char *said;        /* words in the quotation */
    const char *about;       /* words of the name, or the key, of an entity that is mentioned in the quotation */
    const char *name;        /* of entities: words of the name */
    const char *entity_type; /* of entities: "PERSON", ... */
    const char *outlet;      /* as in the metadata, upper or lower case */
    const char *since, *until; /* ISO 8601, both inclusive, to a year, a month, a day or a time */
    const char *type;        /* "direct", "indirect", "mixed" */
    const char *document;    /* its id */
    uint64_t confidence;     /* per cent, at least, that the speaker is right */
    bool distinct;           /* statements that were printed several times: once, as first published */
    uint64_t limit;          /* 0: all */
} qw_index_question_t;

/* What a row has, in this order; see the names in question.c. */
enum {
    QW_QUOTE_POSITION, QW_QUOTE_ID, QW_QUOTE_DATE, QW_QUOTE_OUTLET, QW_QUOTE_TITLE, QW_QUOTE_URL, QW_QUOTE_START,
    QW_QUOTE_STOP, QW_QUOTE_TYPE, QW_QUOTE_SPEAKER, QW_QUOTE_ENTITY, QW_QUOTE_MENTION, QW_QUOTE_CUE, QW_QUOTE_HOW,
    QW_QUOTE_CONFIDENCE, QW_QUOTE_TEXT, QW_QUOTE_STATEMENT, QW_QUOTE_TIMES, QW_QUOTE_COLUMNS
};
enum { QW_SPEAKER_NAME, QW_SPEAKER_ENTITY, QW_SPEAKER_TYPE, QW_SPEAKER_QUOTES, QW_SPEAKER_DOCUMENTS, QW_SPEAKER_COLUMNS };
enum {
    QW_ENTITY_NAME, QW_ENTITY_KEY, QW_ENTITY_TYPE, QW_ENTITY_DOCUMENTS, QW_ENTITY_MENTIONS, QW_ENTITY_COLUMNS
};

/* The columns' names, as they stand in JSON and CSV. */
extern const char *const qw_index_quote_columns[QW_QUOTE_COLUMNS];
extern const char *const qw_index_speaker_columns[QW_SPEAKER_COLUMNS];
extern const char *const qw_index_entity_columns[QW_ENTITY_COLUMNS];

/* Quotations, the newest first; where the date is not known, last. */
qw_status_t qw_index_ask_quotes (qw_database_t *database, const qw_index_question_t *question, qw_sql_row_fn *each,
                                 void *context, qw_reason_t *reason);

/* Who is quoted, and how often, most first. Of the question: everything but `distinct`; `name` is the same as `speaker`. */
qw_status_t qw_index_ask_speakers (qw_database_t *database, const qw_index_question_t *question, qw_sql_row_fn *each,
                                   void *context, qw_reason_t *reason);

/* Who or what is mentioned, in most documents first. Of the question: name, entity_type, outlet, since, until, document,
 * limit. */
qw_status_t qw_index_ask_entities (qw_database_t *database, const qw_index_question_t *question, qw_sql_row_fn *each,
                                   void *context, qw_reason_t *reason);

#endif
