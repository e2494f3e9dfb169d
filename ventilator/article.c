#include "ventilator/article.h"

#include <stdlib.h>

#include "proto/layer_codec.h"
#include "proto/memory.h"
#include "ventilator/chunker.h"
#include "ventilator/structure.h"

struct qw_article_maker_t {
    size_t chunk_bytes;
    qw_paragraphs_t paragraphs;
    qw_chunks_t chunks;
    qw_utf8_index_t whole, part;
    qw_paragraph_t *inside;
    size_t inside_room;
};

qw_article_maker_t *qw_article_maker_new (size_t chunk_bytes)
{
    qw_article_maker_t *self = qw_must (calloc (1, sizeof *self));
    self->chunk_bytes = chunk_bytes;
    return self;
}

void qw_article_maker_destroy (qw_article_maker_t **self_p)
{
    qw_article_maker_t *self = *self_p;
    if (!self)
        return;
    qw_paragraphs_free (&self->paragraphs);
    qw_chunks_free (&self->chunks);
    qw_utf8_index_free (&self->whole);
    qw_utf8_index_free (&self->part);
    free (self->inside);
    free (self);
    *self_p = NULL;
}

/* One block holds the article: struct, numbers, bytes. */
typedef struct {
    char *at;
} carve_t;

static void *carve (carve_t *block, size_t bytes)
{
    void *piece = block->at;
    block->at += (bytes + 7) & ~(size_t) 7;
    return piece;
}

static qw_bytes_t carve_copy (carve_t *block, qw_bytes_t bytes)
{
    if (!bytes.data)
        return bytes;
    char *copied = carve (block, bytes.size);
    memcpy (copied, bytes.data, bytes.size);
    return (qw_bytes_t){copied, bytes.size};
}

static size_t padded (size_t bytes) { return (bytes + 7) & ~(size_t) 7; }

/* Paragraphs of chunk `i` in scratch; a cut inside a paragraph makes two of one. */
static size_t paragraphs_of_chunk (qw_article_maker_t *self, size_t i)
{
    if (self->inside_room < self->paragraphs.count + 1) {
        self->inside_room = 2 * (self->paragraphs.count + 1);
        self->inside = qw_must (realloc (self->inside, self->inside_room * sizeof *self->inside));
    }
    uint32_t start = i > 0 ? self->chunks.ends[i - 1] : 0;
    return qw_chunker_paragraphs (self->paragraphs.items, self->paragraphs.count, start, self->chunks.ends[i], self->inside);
}

static void fill_chunks (qw_article_maker_t *self, qw_article_t *article, carve_t *block)
{
    const char *text = article->announced.text.data;
    for (size_t i = 0; i < article->chunk_count; i++) {
        uint32_t start = i > 0 ? self->chunks.ends[i - 1] : 0, size = self->chunks.ends[i] - start;
        article->chunk_starts[i] = start;
        article->chunk_sizes[i] = size;
        if (article->chunk_count == 1) {
            article->structures[0] = article->announced.structure;
            article->announced.chunks.items[0] = self->whole.length;
            return;
        }
        size_t count = paragraphs_of_chunk (self, i);
        qw_utf8_index_reset (&self->part, text + start, size);
        article->announced.chunks.items[i] = self->part.length;
        article->structures[i] = (qw_uints_t){carve (block, 3 * count * sizeof (uint64_t)), 3 * count};
        qw_structure_numbers (self->inside, count, &self->part, article->structures[i].items);
    }
}

qw_article_t *qw_article_make (qw_article_maker_t *self, const qw_record_t *record)
{
    bool failed = record->failed.data != NULL;
    bool annotated = record->layers.data != NULL; /* with layers, whose offsets count from its beginning: it stays whole */
    const qw_paragraph_t *paragraphs = record->paragraphs;
    size_t paragraph_count = failed ? 0 : record->paragraph_count;
    self->paragraphs.count = self->chunks.count = 0;
    if (!failed && !annotated) {
        qw_structure_find (record->text.data, record->text.size, &self->paragraphs);
        paragraphs = self->paragraphs.items;
        paragraph_count = self->paragraphs.count;
    }
    if (!failed)
        qw_chunker_cut (record->text.data, record->text.size, paragraphs, paragraph_count,
                        annotated ? record->text.size + 1 : self->chunk_bytes, &self->chunks);
    size_t chunks = self->chunks.count, numbers = 3 * paragraph_count;
    for (size_t i = 0; chunks > 1 && i < chunks; i++)
        numbers += 3 * paragraphs_of_chunk (self, i);
    size_t bytes = padded (sizeof (qw_article_t)) + numbers * sizeof (uint64_t)
                   + chunks * (2 * sizeof (size_t) + sizeof (qw_uints_t) + sizeof (uint64_t)) + padded (record->id.size)
                   + padded (record->source.size) + padded (record->metadata.size) + padded (record->text.size)
                   + padded (record->failed.size) + padded (record->layers.size) + padded (record->holes.size);
    carve_t block = {qw_must (malloc (bytes))};
    qw_article_t *article = carve (&block, sizeof *article);
    memset (article, 0, sizeof *article);
    article->chunk_count = chunks;
    article->chunk_sizes = carve (&block, chunks * sizeof (size_t));
    article->chunk_starts = carve (&block, chunks * sizeof (size_t));
    article->structures = carve (&block, chunks * sizeof (qw_uints_t));
    qw_announced_t *announced = &article->announced;
    announced->chunks = (qw_uints_t){carve (&block, chunks * sizeof (uint64_t)), chunks};
    announced->id = carve_copy (&block, record->id);
    announced->source = carve_copy (&block, record->source);
    announced->metadata = carve_copy (&block, record->metadata);
    announced->text = failed && !annotated ? (qw_bytes_t){"", 0} : carve_copy (&block, record->text);
    announced->failed = carve_copy (&block, record->failed);
    announced->layers = carve_copy (&block, record->layers);
    announced->holes = carve_copy (&block, record->holes);
    announced->supersedes = record->supersedes;
    if (!failed) {
        qw_utf8_index_reset (&self->whole, announced->text.data, announced->text.size);
        announced->structure = (qw_uints_t){carve (&block, 3 * paragraph_count * sizeof (uint64_t)), 3 * paragraph_count};
        qw_structure_numbers (paragraphs, paragraph_count, &self->whole, announced->structure.items);
        fill_chunks (self, article, &block);
    }
    return article;
}

void qw_article_free (void *article) { free (article); }

size_t qw_article_bytes (const qw_article_t *self)
{
    return sizeof *self + self->announced.text.size + self->announced.metadata.size + self->announced.layers.size + 8 * self->announced.structure.count + 256;
}

qw_task_chunk_t qw_article_chunk (const qw_article_t *self, uint32_t chunk)
{
    return (qw_task_chunk_t){.sequence = self->announced.sequence,
                             .chunk = chunk,
                             .id = self->announced.id,
                             .text = {self->announced.text.data + self->chunk_starts[chunk], self->chunk_sizes[chunk]},
                             .structure = self->structures[chunk],
                             .layers = self->announced.layers};
}
