/*  source_date.h - points in time as articles write them, as ISO 8601. */
#ifndef QW_SOURCE_DATE_H
#define QW_SOURCE_DATE_H

#include "proto/mp.h"

enum { QW_DATE_SIZE = 32 };

/* Reads ISO 8601 in its usual shapes, RFC 2822 ("Tue, 18 Nov 2025 10:00:00 GMT"), dates in English words ("November
 * 18, 2025 4:05 p.m. EST") and seconds or milliseconds since 1970. Writes "2025-11-18", or "2025-11-18T10:00:00" with
 * "Z", "-05:00" or nothing behind it when no zone is told. False: it is no date, or one that could be read in two
 * ways. */
bool qw_date_to_iso (qw_bytes_t text, char iso[QW_DATE_SIZE]);

#endif
