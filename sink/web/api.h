/*  api.h - what the JSON API answers: one reader a thread, with its own view of the corpus and of its index. */
#ifndef QW_WEB_API_H
#define QW_WEB_API_H

#include "proto/json_out.h"
#include "sink/web/keeper.h"
#include "sink/web/request.h"

typedef struct qw_web_reader_t qw_web_reader_t;

/* The keeper must outlive it. */
qw_status_t qw_web_reader_new (qw_web_reader_t **self_p, const char *directory, const char *db, qw_keeper_t *keeper,
                               qw_reason_t *reason);
void qw_web_reader_destroy (qw_web_reader_t **self_p);

/* Appends the JSON for a request of the API. QW_NOT_FOUND: there is no such document or entity; QW_INVALID: a cursor that no
 * answer had; anything else: it cannot be read now. */
qw_status_t qw_web_reader_answer (qw_web_reader_t *self, const qw_web_request_t *request, qw_json_out_t *out,
                                  qw_reason_t *reason);

#endif
