/*  bench_html.c - how fast the article in a page is found: MB of HTML a second on one core.

    bench_html FILE...   the pages of these files, one after the other, for about two seconds
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "ventilator/source_html.h"

static double now (void)
{
    struct timespec time;
    clock_gettime (CLOCK_MONOTONIC, &time);
    return (double) time.tv_sec + (double) time.tv_nsec * 1e-9;
}

static qw_buffer_t read_file (const char *path)
{
    qw_buffer_t bytes = {0};
    FILE *file = fopen (path, "rb");
    if (!file) {
        perror (path);
        exit (2);
    }
    char block[1 << 16];
    for (size_t size; (size = fread (block, 1, sizeof block, file)) > 0;)
        qw_buffer_append (&bytes, block, size);
    fclose (file);
    return bytes;
}

int main (int argc, char *argv[])
{
    enum { SECONDS = 2 };
    if (argc < 2) {
        fprintf (stderr, "usage: bench_html FILE...\n");
        return 2;
    }
    int count = argc - 1;
    qw_buffer_t *pages = calloc ((size_t) count, sizeof *pages);
    if (!pages)
        abort ();
    for (int i = 0; i < count; i++)
        pages[i] = read_file (argv[i + 1]);
    qw_findings_t findings = {0};
    qw_format_context_t context = {.max_document_bytes = 16 << 20};
    double start = now (), bytes = 0, text = 0;
    size_t read = 0, failed = 0;
    while (now () - start < SECONDS)
        for (int i = 0; i < count; i++, read++) {
            qw_reason_t reason;
            qw_found_t found;
            bytes += (double) pages[i].size;
            if (qw_findings_read (&findings, &qw_format_html, &context, (qw_bytes_t){pages[i].data, pages[i].size}, &reason))
                failed++;
            else if (qw_findings_next (&findings, &found))
                text += (double) found.text.size;
        }
    double taken = now () - start;
    printf ("%.1f MB/s of HTML, %.0f pages/s, %.1f %% of the bytes are text, %zu of %zu pages without an article\n",
            bytes / taken / 1e6, (double) read / taken, 100 * text / bytes, failed, read);
    qw_findings_free (&findings);
    for (int i = 0; i < count; i++)
        qw_buffer_free (&pages[i]);
    free (pages);
    return 0;
}
