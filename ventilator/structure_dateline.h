/*  structure_dateline.h - dates and places: lines that are nothing but a date, and datelines at the start of a story. */
#ifndef QW_STRUCTURE_DATELINE_H
#define QW_STRUCTURE_DATELINE_H

#include "ventilator/structure_line.h"

/* "Nov 14, 2014 4:26 AM", "Posted 12:30 GMT", "Friday, 3 May 2024": a short line that is nothing but a date. */
bool qw_structure_is_date (const char *text, const qw_structure_line_t *line);

/* False when the paragraph has no mark that begins with this byte where a dateline could end. */
bool qw_structure_dateline_may_end (const char *text, qw_span_t span, int mark);

/* The end of a dateline at the start of the paragraph, with its dash or, where `colon_too`, colon: "SEOUL, South Korea (AP)
 * —", "NEW DELHI:". The start of the span when there is none. */
uint32_t qw_structure_dateline_end (const char *text, qw_span_t span, bool colon_too);

#endif
