#include "sink/status_report.h"

static void put_number (qw_json_out_t *out, const char *key, uint64_t number)
{
    qw_json_put_text (out, ",\"");
    qw_json_put_text (out, key);
    qw_json_put_text (out, "\":");
    qw_json_put_uint (out, number);
}

void qw_status_put_report (qw_json_out_t *out, const qw_message_t *report)
{
    static const char *const counts[] = {"tokens", "entities", "quotes"};
    if (!report) {
        qw_json_put_text (out, "null");
        return;
    }
    qw_json_put_text (out, "{\"documents\":");
    qw_json_put_uint (out, report->documents);
    put_number (out, "failures", report->failures);
    put_number (out, "open", report->open);
    if (report->role == QW_ROLE_SINK) {
        put_number (out, "readers", report->readers);
        put_number (out, "mean_commit_us", report->mean_commit_us);
    } else {
        put_number (out, "duplicates", report->duplicates);
        put_number (out, "text_bytes", report->bytes);
        for (size_t i = 0; i < 3 && i < report->counts.count; i++)
            put_number (out, counts[i], report->counts.items[i]);
        put_number (out, "queued", report->queued);
        put_number (out, "redeliveries", report->redeliveries);
        qw_json_put_text (out, ",\"workers\":[");
        for (size_t i = 0; i < report->workers.count; i++) {
            const qw_status_worker_t *worker = &report->workers.items[i];
            qw_json_put_text (out, i ? ",{\"name\":" : "{\"name\":");
            qw_json_put_string (out, worker->name);
            put_number (out, "tasks", worker->tasks);
            put_number (out, "chunks", worker->chunks);
            put_number (out, "text_bytes", worker->bytes);
            put_number (out, "rate", worker->rate);
            put_number (out, "seen_ms", worker->seen_ms);
            put_number (out, "strikes", worker->strikes);
            qw_json_put_text (out, "}");
        }
        qw_json_put_text (out, "]");
    }
    qw_json_put_text (out, "}");
}
