/*  status_report.h - STATUS_REPORT as JSON, as `quotewire status --json` prints it and the web page shows it. */
#ifndef QW_STATUS_REPORT_H
#define QW_STATUS_REPORT_H

#include "proto/json_out.h"
#include "proto/wire.h"

/* Appends the report's object; `null` where `report` is NULL. */
void qw_status_put_report (qw_json_out_t *out, const qw_message_t *report);

#endif
