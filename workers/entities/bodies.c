#include "workers/entities/bodies.h"

#include <string.h>

#include "workers/entities/body_names.h"

static int compare (const char *text, size_t size, const char *name)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char) (text[i] >= 'A' && text[i] <= 'Z' ? text[i] | 0x20 : text[i]);
        unsigned char d = (unsigned char) name[i];
        if (c != d)
            return c < d ? -1 : 1; /* also where `name` ends */
    }
    return name[size] ? -1 : 0;
}

bool qw_is_known_body (const char *text, size_t size)
{
    size_t low = 0, high = qw_body_name_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = compare (text, size, qw_body_names[middle]);
        if (order == 0)
            return true;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return false;
}
