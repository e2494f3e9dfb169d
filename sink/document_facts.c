#include "sink/document_facts.h"

#include <ctype.h>
#include <stddef.h>

/* Names by fact, the surest first. */
static const struct {
    const char *name;
    size_t fact;
} names[] = {{"title", offsetof (qw_document_facts_t, title)},       {"headline", offsetof (qw_document_facts_t, title)},
             {"published", offsetof (qw_document_facts_t, date)},    {"date", offsetof (qw_document_facts_t, date)},
             {"date_published", offsetof (qw_document_facts_t, date)},
             {"datePublished", offsetof (qw_document_facts_t, date)}, {"timestamp", offsetof (qw_document_facts_t, date)},
             {"outlet", offsetof (qw_document_facts_t, outlet)},     {"publisher", offsetof (qw_document_facts_t, outlet)},
             {"publication", offsetof (qw_document_facts_t, outlet)}, {"source", offsetof (qw_document_facts_t, outlet)},
             {"byline", offsetof (qw_document_facts_t, byline)},     {"author", offsetof (qw_document_facts_t, byline)},
             {"url", offsetof (qw_document_facts_t, url)},           {"link", offsetof (qw_document_facts_t, url)},
             {"language", offsetof (qw_document_facts_t, language)}, {"lang", offsetof (qw_document_facts_t, language)}};
enum { NAMES = sizeof names / sizeof *names };

static bool are_digits (const char *text, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!isdigit ((unsigned char) text[i]))
            return false;
    return true;
}

bool qw_is_iso_date (qw_bytes_t text)
{
    if (text.size < 4 || !are_digits (text.data, 4))
        return false;
    if (text.size == 4)
        return true;
    if (text.size < 7 || text.data[4] != '-' || !are_digits (text.data + 5, 2))
        return false;
    if (text.size == 7)
        return true;
    if (text.size < 10 || text.data[7] != '-' || !are_digits (text.data + 8, 2))
        return false;
    return text.size == 10 || text.data[10] == 'T' || text.data[10] == ' ';
}

static void read_metadata (qw_bytes_t metadata, qw_document_facts_t *facts)
{
    unsigned ranks[NAMES]; /* by the fact's first name: which of its names was taken */
    memset (ranks, 0xff, sizeof ranks);
    qw_mp_t reader;
    qw_mp_open (&reader, metadata.data, metadata.size, NULL);
    for (uint32_t pairs = qw_mp_map (&reader, "metadata"); pairs > 0 && !reader.failed; pairs--) {
        qw_bytes_t name = qw_mp_str (&reader, "metadata");
        if (qw_mp_peek (&reader) != QW_MP_STR) {
            qw_mp_skip (&reader);
            continue;
        }
        qw_bytes_t value = qw_mp_str (&reader, "metadata");
        for (unsigned i = 0, first = 0; i < NAMES; i++) {
            first = names[i].fact == names[first].fact ? first : i;
            if (value.size == 0 || i >= ranks[first] || !qw_bytes_are (name, names[i].name))
                continue;
            if (names[i].fact == offsetof (qw_document_facts_t, date) && !qw_is_iso_date (value))
                continue;
            *(qw_bytes_t *) ((char *) facts + names[i].fact) = value;
            ranks[first] = i;
        }
    }
}

static qw_bytes_t read_path (qw_bytes_t source)
{
    qw_mp_t reader;
    qw_mp_open (&reader, source.data, source.size, NULL);
    for (uint32_t pairs = qw_mp_map (&reader, "source"); pairs > 0 && !reader.failed; pairs--) {
        qw_bytes_t name = qw_mp_str (&reader, "source");
        if (qw_bytes_are (name, "path") && qw_mp_peek (&reader) == QW_MP_STR)
            return qw_mp_str (&reader, "source");
        qw_mp_skip (&reader);
    }
    return (qw_bytes_t){NULL, 0};
}

void qw_document_facts (const qw_document_t *document, const qw_paragraph_t *paragraphs, size_t paragraph_count,
                        qw_document_facts_t *facts)
{
    *facts = (qw_document_facts_t){0};
    if (document->metadata.data)
        read_metadata (document->metadata, facts);
    if (document->source.data)
        facts->path = read_path (document->source);
    for (size_t i = 0; i < paragraph_count && !facts->title.data; i++)
        if (paragraphs[i].role == QW_ROLE_HEADLINE)
            facts->title = (qw_bytes_t){document->text.data + paragraphs[i].span.start, qw_span_size (paragraphs[i].span)};
}
