/*  bodies.h - well-known bodies whose names begin or end with a place or a people. The texts that the model learns from cut
    such names in two ("European" + "Union"); these ones are kept whole. */
#ifndef QW_ENTITIES_BODIES_H
#define QW_ENTITIES_BODIES_H

#include <stdbool.h>
#include <stddef.h>

/* True when the text, in any case, is the name of such a body; one blank between words. */
bool qw_is_known_body (const char *text, size_t size);

#endif
