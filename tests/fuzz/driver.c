/*  driver.c - runs a fuzz target without libFuzzer: every file of a folder as it is, then seeded mutations of them.
    The same folder gives the same inputs on every machine, so a failure can be repeated. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

enum { MUTATIONS_A_FILE = 400, MAX_BYTES = 1 << 20 };

static uint64_t state = 0x9e3779b97f4a7c15u;

static uint32_t next_random (void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t) (state >> 32);
}

/* Hands the target a block of exactly `size` bytes, so that ASan sees a read past its end. */
static void run (const uint8_t *data, size_t size)
{
    uint8_t *exact = malloc (size ? size : 1);
    if (!exact)
        abort ();
    memcpy (exact, data, size);
    LLVMFuzzerTestOneInput (exact, size);
    free (exact);
}

static void mutate (const uint8_t *seed, size_t size, uint8_t *scratch)
{
    memcpy (scratch, seed, size);
    for (uint32_t edits = 1 + next_random () % 4; edits > 0 && size > 0; edits--) {
        size_t at = next_random () % size;
        switch (next_random () % 5) {
        case 0: scratch[at] = (uint8_t) next_random (); break;
        case 1: scratch[at] ^= (uint8_t) (1u << (next_random () % 8)); break;
        case 2: size = at; break;
        case 3:
            memmove (scratch + at, scratch + at + 1, size - at - 1);
            size--;
            break;
        case 4:
            if (size < MAX_BYTES) {
                memmove (scratch + at + 1, scratch + at, size - at);
                scratch[at] = (uint8_t) next_random ();
                size++;
            }
        }
    }
    run (scratch, size);
}

int main (int argc, char *argv[])
{
    if (argc != 2) {
        fprintf (stderr, "usage: %s FOLDER\n", argv[0]);
        return 2;
    }
    struct dirent **names;
    int count = scandir (argv[1], &names, NULL, alphasort);
    if (count < 0) {
        perror (argv[1]);
        return 2;
    }
    uint8_t *seed = malloc (MAX_BYTES + 8), *scratch = malloc (MAX_BYTES + 8);
    int files = 0;
    for (int i = 0; i < count; i++) {
        char path[4096];
        snprintf (path, sizeof path, "%s/%s", argv[1], names[i]->d_name);
        FILE *file = names[i]->d_name[0] == '.' ? NULL : fopen (path, "rb");
        if (file) {
            size_t size = fread (seed, 1, MAX_BYTES, file);
            fclose (file);
            run (seed, size);
            for (int j = 0; j < MUTATIONS_A_FILE; j++)
                mutate (seed, size, scratch);
            files++;
        }
        free (names[i]);
    }
    free (names);
    free (seed);
    free (scratch);
    printf ("%d files, %d mutations each\n", files, MUTATIONS_A_FILE);
    return files > 0 ? 0 : 1;
}
