/*  source.h - articles from files, directories, archives and streams, one after another, always in the same order.

    A record that cannot be read is a record all the same: `failed` says why, and reading goes on with the next. Memory is
    bounded by the largest document allowed, whatever the input claims.
 */
#ifndef QW_SOURCE_H
#define QW_SOURCE_H

#include "proto/layers.h"
#include "proto/mp.h"

typedef struct qw_source_t qw_source_t;

/* One article. Everything belongs to the source and lives until the next qw_source_next. A failed record without a usable id
 * has the XXH128 of its path, its number and what was read of it. */
typedef struct {
    qw_bytes_t id;       /* as given by the record (1 to 512 bytes), or 32 hex digits: XXH128 of the text */
    qw_bytes_t source;   /* a MessagePack map: "path" ("news.zip:a.txt" in an archive); "record": the line of a file of JSON
                            lines, or the number of the object or the WARC record, from 1; "encoding" when it was not UTF-8 */
    qw_bytes_t metadata; /* a MessagePack map of the record's other members; data NULL: none */
    qw_bytes_t text;     /* valid UTF-8; empty when failed */
    qw_bytes_t failed;   /* data NULL: it was read; otherwise why not, for a person, naming what is wrong */
    uint64_t supersedes; /* a retry: 1 + the position of the failed document in the corpus; otherwise 0 */
    /* Of a document that comes from a corpus, to get another layer: */
    qw_bytes_t layers; /* those that it has, a map; data NULL: it is new. It is not cut into chunks then */
    qw_bytes_t holes;  /* what was not annotated, if it failed: an array; data NULL: none */
    const qw_paragraph_t *paragraphs; /* of its structure */
    size_t paragraph_count;
} qw_record_t;

typedef struct {
    size_t max_document_bytes; /* a record with a larger text fails with a clear reason */
    bool follow;               /* keep watching the directories among the paths for new files */
    const char *type;          /* what all files are, archives unpacked: "text", "jsonl", "json", "html", "news-xml",
                                  "warc"; NULL or "auto": told by name or content */
} qw_source_options_t;

/* How far reading is, for a progress display. */
typedef struct {
    uint64_t bytes_read;  /* of the input as stored (compressed bytes of compressed files) */
    uint64_t bytes_total; /* of the regular files known so far; 0: unknown (a pipe) */
    bool total_is_final;  /* false while following, and for pipes */
    uint64_t skipped;     /* records that hold no article: no page in a WARC file, packages and pictures in news */
} qw_source_progress_t;

/* Paths: files (.txt, .json, .jsonl, .ndjson, .html, .htm, .xhtml, .xml, .rss, .atom, .rdf, .nitf,
 * .warc and these within .gz, .zst, .xz, .bz2, .tar*, .zip, which may stand within each other), directories, "-" for
 * standard input. What is named by itself and says nothing by its name is told by its content. Directories are read
 * recursively, sorted by bytes; archives in their own order. In both only files with the names above count, and hidden
 * ones never. A path stands in `source` as it was given here, so that the corpus does not depend on where the process
 * runs; bytes of it that are not UTF-8 are written as \xHH.
 *
 * .txt: one article, exactly as stored; other encodings are converted, a byte order mark is removed. JSON lines: {"id",
 * "text", ...}, every other member is metadata; blank lines are passed over, a broken line costs no other. .json: one
 * object, several, or an array of them. A text of white space alone, and one with NUL characters, fails.
 *
 * .html: the article in the page, its paragraphs apart by blank lines; the metadata is what the page says of itself: title,
 * byline, published (ISO 8601), outlet, language, url. .warc: each response with a page or a plain text is a record, with its
 * number in the file; url and retrieved are metadata too. A page without an article fails, and one of more than four times
 * max_document_bytes and a megabyte.
 *
 * .xml and its kin: NewsML-G2, NITF, RSS or Atom, each item a record with its number in the file, and with the id that it
 * has there; news_xml.h tells the rest. What is broken ends its file, the items before that place stand.
 *
 * NULL with a reason when a path does not exist or cannot be opened at all. */
qw_source_t *qw_source_new (const char *const *paths, size_t count, const qw_source_options_t *options, qw_reason_t *reason);
void qw_source_destroy (qw_source_t **self_p);

/* QW_OK: `record` is the next one. QW_END: there are no more. QW_AGAIN: none now, but more may come (a followed directory, a
 * pipe whose writer is slow); call again after qw_source_wait_fd's descriptor becomes readable, which may be for nothing.
 * Nothing else is returned: what goes wrong is a failed record. Compressed data through a pipe is waited for inside of the
 * call. */
qw_status_t qw_source_next (qw_source_t *self, qw_record_t *record);

/* A descriptor, the same all the time, that becomes readable when there may be more after QW_AGAIN; -1 when the source
 * consists of files only and never says that. */
int qw_source_wait_fd (const qw_source_t *self);

void qw_source_progress (const qw_source_t *self, qw_source_progress_t *progress);

#endif
