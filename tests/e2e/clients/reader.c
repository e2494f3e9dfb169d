/*  A reader with libquotewire: reader (--from N | --state FILE) ENDPOINT, lines of JSON on standard output. With the name of a
    folder alone: the documents of that corpus, as they are found through the accessors. */
#include <quotewire.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t stopped;

static void stop (int number) { stopped = number; }

static int fail (const quotewire_error_t *error)
{
    fprintf (stderr, "status %d: %s\n", (int) error->status, error->text);
    return 10 + (int) error->status;
}

static int follow (const char *endpoint, uint64_t position, const char *state)
{
    quotewire_error_t error;
    quotewire_follower_t *follower = quotewire_follower_new (endpoint, position, state, getenv ("KEY_FILE"), &error);
    if (!follower)
        return fail (&error);
    quotewire_document_t *document = quotewire_document_new ();
    unsigned pause = getenv ("PAUSE_MS") ? (unsigned) atoi (getenv ("PAUSE_MS")) : 0;
    int code = 0;
    while (!stopped && !code) {
        quotewire_status_t status = quotewire_follower_next (follower, 100, document, &error);
        if (status == QUOTEWIRE_AGAIN)
            continue;
        const char *json = status ? NULL : quotewire_document_json (document, true, NULL, &error);
        if (json) {
            puts (json);
            fflush (stdout);
            usleep (1000 * pause);
        } else
            code = fail (&error);
    }
    quotewire_document_destroy (&document);
    quotewire_follower_destroy (&follower);
    return code;
}

static void put_span (const char *what, const quotewire_document_t *document, quotewire_span_t span)
{
    size_t size;
    const char *text = quotewire_document_text (document, &size);
    if (span.start > span.end || span.end > size)
        abort ();
    printf (" %s%u:%u=", what, span.point_start, span.point_end);
    for (uint32_t i = span.start; i < span.end; i++)
        putchar (text[i] == '\n' ? ' ' : text[i]);
}

static void put_text (const char *text) { printf (" [%s]", text ? text : "-"); }

static void put_document (const quotewire_document_t *document)
{
    printf ("document %s %llu%s\n", quotewire_document_id (document), (unsigned long long) quotewire_document_position (document),
            quotewire_document_failed (document) ? " failed" : "");
    for (size_t i = 0; i < quotewire_document_paragraphs (document); i++) {
        const char *role;
        quotewire_span_t span = quotewire_document_paragraph (document, i, &role);
        printf ("paragraph %s", role);
        put_span ("", document, span);
        puts ("");
    }
    for (size_t i = 0; i < quotewire_document_sentences (document); i++) {
        size_t first, end;
        quotewire_span_t span = quotewire_document_sentence (document, i, &first, &end);
        printf ("sentence %u:%u", span.point_start, span.point_end);
        for (size_t j = first; j < end; j++)
            put_span ("", document, quotewire_document_token (document, j));
        puts ("");
    }
    for (size_t i = 0; i < quotewire_document_entities (document); i++) {
        printf ("entity %s", quotewire_document_entity_type (document, i));
        put_span ("", document, quotewire_document_entity (document, i));
        size_t cluster = quotewire_document_entity_cluster (document, i);
        put_text (quotewire_document_cluster_key (document, cluster));
        put_text (quotewire_document_cluster_name (document, cluster));
        put_text (quotewire_document_cluster_type (document, cluster));
        puts ("");
    }
    for (size_t i = 0; i < quotewire_document_quotes (document); i++) {
        printf ("quote %s %s %s %u %010llx", quotewire_document_quote_type (document, i), quotewire_document_quote_how (document, i),
                quotewire_document_quote_is_speech (document, i) ? "speech" : "belief",
                quotewire_document_quote_confidence (document, i),
                (unsigned long long) quotewire_document_quote_statement (document, i));
        put_text (quotewire_document_quote_speaker (document, i));
        put_text (quotewire_document_cluster_key (document, quotewire_document_quote_cluster (document, i)));
        put_span ("", document, quotewire_document_quote (document, i));
        put_span ("cue ", document, quotewire_document_quote_cue (document, i));
        put_span ("mention ", document, quotewire_document_quote_mention (document, i));
        put_span ("via ", document, quotewire_document_quote_via (document, i));
        puts ("");
    }
}

static int read_corpus (const char *directory)
{
    quotewire_error_t error;
    quotewire_corpus_t *corpus = quotewire_corpus_open (directory, &error);
    if (!corpus)
        return fail (&error);
    quotewire_document_t *document = quotewire_document_new (), *other = quotewire_document_new ();
    quotewire_status_t status;
    int code = 0;
    while ((status = quotewire_corpus_next (corpus, document, &error)) != QUOTEWIRE_END && !code) {
        if (status) {
            code = fail (&error);
            break;
        }
        put_document (document);
        if (quotewire_corpus_find (corpus, quotewire_document_id (document), other, &error)
            || quotewire_document_position (other) != quotewire_document_position (document)
            || strcmp (quotewire_document_text (other, NULL), quotewire_document_text (document, NULL)) != 0)
            code = fail (&error);
    }
    if (!code && quotewire_corpus_find (corpus, "nobody", other, &error) != QUOTEWIRE_NOT_FOUND)
        code = fail (&error);
    if (!code && quotewire_corpus_read (corpus, quotewire_corpus_count (corpus), other, &error) != QUOTEWIRE_NOT_FOUND)
        code = fail (&error);
    quotewire_document_destroy (&other);
    quotewire_document_destroy (&document);
    quotewire_corpus_close (&corpus);
    return code;
}

int main (int argc, char *argv[])
{
    struct sigaction action = {.sa_handler = stop}, found;
    sigaction (SIGTERM, &action, NULL);
    if (argc == 2)
        return read_corpus (argv[1]);
    if (argc != 4)
        return 2;
    bool state = strcmp (argv[1], "--state") == 0;
    int code = follow (argv[3], state ? 0 : strtoull (argv[2], NULL, 10), state ? argv[2] : NULL);
    sigaction (SIGTERM, NULL, &found);
    return found.sa_handler == stop ? code : 3; /* the library leaves signals alone */
}
