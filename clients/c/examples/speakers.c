#include <quotewire.h>
#include <stdio.h>

int main (int argc, char *argv[])
{
    quotewire_error_t error;
    quotewire_corpus_t *corpus = quotewire_corpus_open (argc > 1 ? argv[1] : "news.corpus", &error);
    if (!corpus)
        return fprintf (stderr, "%s\n", error.text), 1;
    quotewire_document_t *document = quotewire_document_new ();
    while (quotewire_corpus_next (corpus, document, &error) == QUOTEWIRE_OK) {
        const char *text = quotewire_document_text (document, NULL);
        for (size_t i = 0; i < quotewire_document_quotes (document); i++) {
            quotewire_span_t span = quotewire_document_quote (document, i);
            const char *speaker = quotewire_document_quote_speaker (document, i);
            printf ("%s: %.*s\n", speaker ? speaker : "?", (int) (span.end - span.start), text + span.start);
        }
    }
    quotewire_document_destroy (&document);
    quotewire_corpus_close (&corpus);
    return 0;
}
