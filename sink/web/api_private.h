/*  api_private.h - a reader's insides, for api.c and api_lists.c alone. */
#ifndef QW_WEB_API_PRIVATE_H
#define QW_WEB_API_PRIVATE_H

#include "proto/interchange.h"
#include "sink/corpus.h"
#include "sink/web/api.h"
#include "sink/web/rows.h"

struct qw_web_reader_t {
    const char *name; /* of the corpus, for people */
    qw_corpus_reader_t *corpus;
    qw_database_t *database;
    qw_keeper_t *keeper;
    qw_interchange_t *interchange;
    qw_out_t record;
    qw_json_out_t summary; /* made when the index stood at `summed` */
    uint64_t summed, summed_at;
};

qw_status_t qw_web_list_documents (qw_web_reader_t *self, const qw_web_request_t *request, qw_json_out_t *out,
                                   qw_reason_t *reason);
qw_status_t qw_web_list_entities (qw_web_reader_t *self, const qw_web_request_t *request, qw_json_out_t *out,
                                  qw_reason_t *reason);
qw_status_t qw_web_list_quotes (qw_web_reader_t *self, const qw_web_request_t *request, qw_json_out_t *out,
                                qw_reason_t *reason);

/* The one entity with its names, outlets and days. */
qw_status_t qw_web_put_entity (qw_web_reader_t *self, const qw_web_request_t *request, qw_json_out_t *out,
                               qw_reason_t *reason);

#endif
