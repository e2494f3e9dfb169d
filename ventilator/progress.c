#include "ventilator/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

void qw_progress_write (const qw_progress_t *self, int fd, bool done)
{
    const qw_scheduler_stats_t *all = &self->all;
    char line[700];
    int size =
        snprintf (line, sizeof line,
                  "{\"documents\":%" PRIu64 ",\"annotated\":%" PRIu64 ",\"failed\":%" PRIu64 ",\"known\":%" PRIu64
                  ",\"known_failed\":%" PRIu64 ",\"open\":%" PRIu64 ",\"text_bytes\":%" PRIu64 ",\"bytes_read\":%" PRIu64
                  ",\"bytes_total\":%" PRIu64 ",\"total_is_final\":%s,\"tokens\":%" PRIu64 ",\"entities\":%" PRIu64
                  ",\"quotes\":%" PRIu64 ",\"redelivered\":%" PRIu64 ",\"workers\":%zu,\"sink\":%s,\"done\":%s}\n",
                  all->released, all->annotated, all->failed, all->known, all->known_failed, all->open_documents,
                  self->result->text_bytes, self->source.bytes_read, self->source.bytes_total,
                  self->source.total_is_final ? "true" : "false", self->result->tokens, self->result->mentions,
                  self->result->quotes, all->redelivered, self->workers, self->sink ? "true" : "false", done ? "true" : "false");
    ssize_t ignored = write (fd, line, (size_t) size);
    (void) ignored;
}

void qw_progress_show (const qw_progress_t *self, qw_metrics_t *metrics)
{
    const qw_scheduler_stats_t *all = &self->all;
    const struct {
        qw_metric_t metric;
        uint64_t value;
    } state[] = {{QW_VENTILATOR_ANNOTATED, all->annotated},
                 {QW_VENTILATOR_FAILED, all->failed},
                 {QW_VENTILATOR_KNOWN, all->known},
                 {QW_VENTILATOR_KNOWN_FAILED, all->known_failed},
                 {QW_VENTILATOR_TEXT_BYTES, self->result->text_bytes},
                 {QW_VENTILATOR_SOURCE_BYTES, self->source.bytes_read},
                 {QW_VENTILATOR_REDELIVERIES, all->redelivered},
                 {QW_VENTILATOR_STRIKES, all->struck},
                 {QW_VENTILATOR_GIVEN_UP, all->given_up},
                 {QW_VENTILATOR_SESSIONS, all->sessions},
                 {QW_VENTILATOR_WORKERS, self->workers},
                 {QW_VENTILATOR_LEASES, all->tasks_out},
                 {QW_VENTILATOR_QUEUED_CHUNKS, all->queued_pieces},
                 {QW_VENTILATOR_OPEN_DOCUMENTS, all->open_documents},
                 {QW_VENTILATOR_OPEN_BYTES, all->open_bytes},
                 {QW_VENTILATOR_SINK_UP, self->sink}};
    for (size_t i = 0; i < sizeof state / sizeof *state; i++)
        qw_metrics_set (metrics, state[i].metric, state[i].value);
}
