#include "ventilator/source_date.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <time.h>

typedef struct {
    int year, month, day;     /* 0: not told */
    int hour, minute, second; /* hour -1: not told */
    int zone;                 /* minutes east of Greenwich */
    bool has_zone;
} date_t;

typedef struct {
    const char *at, *end;
} cursor_t;

static bool is_digit (char c) { return c >= '0' && c <= '9'; }
static bool is_letter (char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
static char peek (const cursor_t *self) { return self->at < self->end ? *self->at : 0; }

static bool take (cursor_t *self, char c)
{
    bool there = peek (self) == c;
    self->at += there;
    return there;
}

/* Exactly so many digits. */
static bool digits (cursor_t *self, int count, int *value)
{
    *value = 0;
    for (int i = 0; i < count; i++) {
        if (!is_digit (peek (self)))
            return false;
        *value = *value * 10 + (*self->at++ - '0');
    }
    return true;
}

/* "Z", "+01:00", "-0500", "GMT", "EST". Nothing at all is fine, and no zone. */
static void read_zone (cursor_t *self, date_t *date)
{
    static const struct {
        const char *name;
        int hours;
    } zones[] = {{"Z", 0},    {"UTC", 0},  {"GMT", 0},  {"UT", 0},   {"EST", -5}, {"EDT", -4}, {"CST", -6}, {"CDT", -5},
                 {"MST", -7}, {"MDT", -6}, {"PST", -8}, {"PDT", -7}, {"BST", 1},  {"CET", 1},  {"CEST", 2}, {"JST", 9}};
    while (peek (self) == ' ')
        self->at++;
    char sign = peek (self);
    int hours, minutes = 0;
    if (sign == '+' || sign == '-') {
        self->at++;
        if (!digits (self, 2, &hours))
            return;
        take (self, ':');
        if (is_digit (peek (self)) && !digits (self, 2, &minutes))
            return;
        if (hours > 14 || minutes > 59)
            return;
        date->zone = (sign == '-' ? -1 : 1) * (hours * 60 + minutes);
        date->has_zone = true;
        return;
    }
    const char *start = self->at;
    while (is_letter (peek (self)))
        self->at++;
    for (size_t i = 0; i < sizeof zones / sizeof *zones; i++)
        if (strlen (zones[i].name) == (size_t) (self->at - start)
            && strncasecmp (zones[i].name, start, strlen (zones[i].name)) == 0) {
            date->zone = zones[i].hours * 60;
            date->has_zone = true;
        }
}

/* "10:00", "10:00:05.123", "4:05 p.m."; at the hour's first digit. */
static bool read_time (cursor_t *self, date_t *date)
{
    int first = 0, count = 0;
    while (is_digit (peek (self)) && count++ < 2)
        first = first * 10 + (*self->at++ - '0');
    date->hour = first;
    if (count < 1 || !take (self, ':') || !digits (self, 2, &date->minute))
        return false;
    if (take (self, ':') && !digits (self, 2, &date->second))
        return false;
    if (peek (self) == '.' || peek (self) == ',')
        for (self->at++; is_digit (peek (self));)
            self->at++;
    cursor_t half = *self;
    while (peek (&half) == ' ')
        half.at++;
    char letter = (char) (peek (&half) | 32);
    half.at += half.at < half.end;
    take (&half, '.');
    if ((letter == 'a' || letter == 'p') && (peek (&half) | 32) == 'm' && date->hour >= 1 && date->hour <= 12) {
        half.at++;
        take (&half, '.');
        date->hour = date->hour % 12 + (letter == 'p' ? 12 : 0);
        *self = half;
    }
    read_zone (self, date);
    return true;
}

/* "2025-11-18", "2025/11/18", "20251118"; then perhaps a time. */
static bool read_iso (cursor_t *self, date_t *date)
{
    if (!digits (self, 4, &date->year))
        return false;
    char separator = peek (self);
    bool separated = separator == '-' || separator == '/' || separator == '.';
    self->at += separated;
    if (!digits (self, 2, &date->month) || (separated && !take (self, separator)) || !digits (self, 2, &date->day)
        || is_digit (peek (self)))
        return false;
    bool basic = !separated && (peek (self) | 32) == 't';
    if ((peek (self) | 32) == 't' || peek (self) == ' ')
        self->at++;
    while (peek (self) == ' ')
        self->at++;
    if (basic) {
        if (!digits (self, 2, &date->hour) || !digits (self, 2, &date->minute) || !digits (self, 2, &date->second))
            return false;
        read_zone (self, date);
        return true;
    }
    return !is_digit (peek (self)) || read_time (self, date);
}

static int month_of (const char *word, size_t size)
{
    static const char *const months[] = {"january", "february", "march",     "april",   "may",      "june",
                                         "july",    "august",   "september", "october", "november", "december"};
    for (int i = 0; i < 12 && size >= 3; i++)
        if (size <= strlen (months[i]) && strncasecmp (word, months[i], size) == 0)
            return i + 1;
    return size == 4 && strncasecmp (word, "sept", 4) == 0 ? 9 : 0;
}

/* A date in words: a month's name, a day and a year of four digits, in any order; other words are passed over. */
static bool read_words (cursor_t *self, date_t *date)
{
    for (int parts = 0; self->at < self->end && parts < 16; parts++) {
        while (self->at < self->end && !is_digit (peek (self)) && !is_letter (peek (self)))
            self->at++;
        const char *start = self->at;
        while (is_letter (peek (self)))
            self->at++;
        size_t size = (size_t) (self->at - start);
        if (size) {
            int month = month_of (start, size);
            if (month && date->month)
                return false;
            date->month = month ? month : date->month;
            continue;
        }
        while (is_digit (peek (self)))
            self->at++;
        size = (size_t) (self->at - start);
        cursor_t number = {start, self->end};
        if (size >= 1 && size <= 2 && peek (self) == ':') {
            *self = number;
            if (date->hour >= 0 || !read_time (self, date))
                return false;
        } else if (size == 4 && !date->year)
            digits (&number, 4, &date->year);
        else if ((size == 1 || size == 2) && !date->day) {
            digits (&number, (int) size, &date->day);
            while (is_letter (peek (self))) /* "1st" */
                self->at++;
        } else if (size)
            return false;
    }
    return true;
}

static bool is_right (const date_t *date)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = date->year % 4 == 0 && (date->year % 100 != 0 || date->year % 400 == 0);
    if (date->year < 1500 || date->year > 2999 || date->month < 1 || date->month > 12)
        return false;
    if (date->day < 1 || date->day > days[date->month - 1] + (leap && date->month == 2))
        return false;
    return date->hour < 0 || (date->hour < 24 && date->minute < 60 && date->second <= 60);
}

/* Seconds, or milliseconds, since 1970. */
static bool read_seconds (qw_bytes_t text, date_t *date)
{
    if (text.size != 10 && text.size != 13)
        return false;
    char number[16] = "";
    for (size_t i = 0; i < 10; i++)
        number[i] = text.data[i];
    for (size_t i = 0; i < text.size; i++)
        if (!is_digit (text.data[i]))
            return false;
    time_t seconds = (time_t) strtoll (number, NULL, 10);
    struct tm tm;
    if (!gmtime_r (&seconds, &tm))
        return false;
    *date = (date_t){tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, 0, true};
    return true;
}

bool qw_date_to_iso (qw_bytes_t text, char iso[QW_DATE_SIZE])
{
    enum { LONGEST = 80 };
    while (text.size && (unsigned char) *text.data <= ' ')
        text = (qw_bytes_t){text.data + 1, text.size - 1};
    while (text.size && (unsigned char) text.data[text.size - 1] <= ' ')
        text.size--;
    if (text.size < 8 || text.size > LONGEST)
        return false;
    date_t date = {.hour = -1};
    cursor_t cursor = {text.data, text.data + text.size};
    bool found = read_seconds (text, &date);
    if (!found) {
        date = (date_t){.hour = -1};
        found = is_digit (text.data[0]) && is_digit (text.data[3]) ? read_iso (&cursor, &date) : read_words (&cursor, &date);
    }
    if (!found || !is_right (&date))
        return false;
    int used = snprintf (iso, QW_DATE_SIZE, "%04d-%02d-%02d", date.year, date.month, date.day);
    if (date.hour < 0)
        return true;
    used += snprintf (iso + used, (size_t) (QW_DATE_SIZE - used), "T%02d:%02d:%02d", date.hour, date.minute, date.second);
    int zone = date.zone < 0 ? -date.zone : date.zone;
    if (date.has_zone && zone == 0)
        snprintf (iso + used, (size_t) (QW_DATE_SIZE - used), "Z");
    else if (date.has_zone)
        snprintf (iso + used, (size_t) (QW_DATE_SIZE - used), "%c%02d:%02d", date.zone < 0 ? '-' : '+',
                  zone / 60, zone % 60);
    return true;
}
