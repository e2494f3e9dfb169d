#include "workers/entities/bodies.h"

#include <string.h>

/* In small letters, sorted. */
static const char *const bodies[] = {
    "african development bank",
    "african national congress",
    "african union",
    "american civil liberties union",
    "american red cross",
    "arab league",
    "asian development bank",
    "australian broadcasting corporation",
    "bank of america",
    "bank of china",
    "bank of england",
    "bank of japan",
    "bharatiya janata party",
    "british airways",
    "british broadcasting corporation",
    "canadian broadcasting corporation",
    "chinese communist party",
    "communist party of china",
    "council of europe",
    "dutch east india company",
    "east india company",
    "european central bank",
    "european commission",
    "european council",
    "european court of human rights",
    "european parliament",
    "european space agency",
    "european union",
    "federal reserve bank of new york",
    "indian national congress",
    "international committee of the red cross",
    "islamic revolutionary guard corps",
    "islamic state",
    "israel defense forces",
    "israeli defense forces",
    "korean central news agency",
    "korean workers' party",
    "muslim brotherhood",
    "new york times",
    "north atlantic treaty organization",
    "organization of american states",
    "palestine liberation organization",
    "palestinian authority",
    "palestinian islamic jihad",
    "russian academy of science",
    "russian academy of sciences",
    "south african communist party",
    "syrian observatory for human rights",
    "u.n. general assembly",
    "u.n. human rights council",
    "u.n. security council",
    "un general assembly",
    "un human rights council",
    "un security council",
    "workers' party of korea",
    "workers’ party of korea",
};

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
    size_t low = 0, high = sizeof bodies / sizeof *bodies;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = compare (text, size, bodies[middle]);
        if (order == 0)
            return true;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return false;
}
