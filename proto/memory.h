/*  memory.h - running out of memory ends the process, as in CZMQ: whoever held its work gives it to another. */
#ifndef QW_MEMORY_H
#define QW_MEMORY_H

#include <malloc.h>
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

/* To be called as a program begins. Messages of some hundred KB come and go all the time: their memory is kept for the next
 * one, at most so much of it, and not given back to the system each time. Single blocks beyond 4 MB are. */
static inline void qw_memory_keep (void)
{
#ifdef __GLIBC__
    mallopt (M_MMAP_THRESHOLD, 4 << 20);
    mallopt (M_TRIM_THRESHOLD, 32 << 20);
    mallopt (M_TOP_PAD, 1 << 20);
#endif
}

#endif
