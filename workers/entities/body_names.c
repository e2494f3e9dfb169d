/*  body_names.c - made by workers/models/bodies.py. */
#include "workers/entities/body_names.h"

#include <stddef.h>

const char *const qw_body_names[] = {
    "african national congress",
    "american airlines",
    "american civil liberties union",
    "british army",
    "british broadcasting corporation",
    "british foreign",
    "central bank",
    "central election commission",
    "central intelligence agency",
    "central news agency",
    "coast guard",
    "democratic progressive party",
    "european commission",
    "european parliament",
    "european space agency",
    "european union",
    "french news agency",
    "islamic militant group hamas",
    "islamic revolution",
    "king gyanendra",
    "miami sound machine",
    "muslim brotherhood",
    "national party of australia",
    "new light of myanmar",
    "new york times",
    "palestine liberation organization",
    "united states navy",
    "university of california",
    "university of chicago",
    "us airways",
    "virgin islands",
    "voice of america",
    "washington post",
};

const size_t qw_body_name_count = sizeof qw_body_names / sizeof *qw_body_names;
