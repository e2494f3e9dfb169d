/*  customs.h - where sources cut names differently.

    The target cuts "Bank of China" into a body and a place, another source has it whole. What can be cut so in other sources is
    left open there: the masks allow both, and learning finds what fits the target. */
#ifndef QW_ENTITIES_CUSTOMS_H
#define QW_ENTITIES_CUSTOMS_H

#include "workers/entities/labelled.h"

/* Widens the masks of the documents that are not the target's. */
void qw_customs_leave_open (qw_labelled_t *corpus);

#endif
