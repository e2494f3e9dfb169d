/*  body_names.h - names of bodies that stay whole where the model cuts them; in small letters, sorted. */
#ifndef QW_ENTITIES_BODY_NAMES_H
#define QW_ENTITIES_BODY_NAMES_H

#include <stddef.h>

extern const char *const qw_body_names[];
extern const size_t qw_body_name_count;

#endif
