/*  memory.h - running out of memory ends the process, as in CZMQ: whoever held its work gives it to another. */
#ifndef QW_MEMORY_H
#define QW_MEMORY_H

#include <stddef.h>
#include <stdlib.h>

/* What an allocation returned; aborts when that is NULL. */
static inline void *qw_must (void *memory)
{
    if (!memory)
        abort ();
    return memory;
}

/* `items` with room for `needed` of `item` bytes each, by doubling; *capacity, in items, goes up with it. The block may move. */
static inline void *qw_grown (void *items, size_t *capacity, size_t needed, size_t item)
{
    if (needed <= *capacity)
        return items;
    size_t wanted = *capacity ? *capacity : 64;
    while (wanted < needed)
        wanted *= 2;
    items = qw_must (realloc (items, wanted * item));
    *capacity = wanted;
    return items;
}

#endif
