/*  Chunks that are annotated together get the layers that each would get alone; one that cannot be annotated fails alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/memory.h"
#include "sink/resolve/resolve.h"
#include "workers/batch.h"

enum { CHUNKS = 5, MOST_NUMBERS = 3 * 4 };

static const char *const texts[CHUNKS] = {
    "“It holds,” said Mara Venn, the harbour master. She would not say for how long.",
    "",
    "SEOUL — Kim Jong-un met Choe Ryong Hae on Friday.\n\nAnalysts said that Kim wanted “nothing less than a treaty”.",
    "nothing here\n",
    "“We told them,” Esther Nanjala said. “Twice.”\n\n“And they laughed,” she said on the 3rd of May.",
};

typedef struct {
    qw_fused_t *fused;
    qw_batch_t *batch;
    qw_task_chunk_t tasks[CHUNKS];
    uint64_t numbers[CHUNKS][MOST_NUMBERS];
    unsigned steps, allowed;
} scene_t;

/* Paragraphs are lines; offsets are code points. */
static void find_structure (scene_t *self, size_t i)
{
    qw_utf8_index_t index = {0};
    qw_paragraph_t paragraphs[MOST_NUMBERS / 3];
    size_t count = 0, size = strlen (texts[i]);
    for (size_t at = 0, end; at < size; at = end + 1) {
        end = at + strcspn (texts[i] + at, "\n");
        if (end > at)
            paragraphs[count++] = (qw_paragraph_t){{(uint32_t) at, (uint32_t) end}, QW_ROLE_BODY};
    }
    qw_utf8_index_reset (&index, texts[i], size);
    qw_structure_numbers (paragraphs, count, &index, self->numbers[i]);
    self->tasks[i] = (qw_task_chunk_t){.sequence = i,
                                       .text = {texts[i], size},
                                       .structure = {self->numbers[i], 3 * count},
                                       .whole = i != 3};
    qw_utf8_index_free (&index);
}

static int set_up (void **state)
{
    scene_t *self = calloc (1, sizeof *self);
    qw_reason_t reason;
    self->fused = qw_fused_new (7, "workers/models", &reason);
    if (!self->fused)
        return -1;
    self->batch = qw_batch_new (self->fused);
    self->allowed = UINT32_MAX;
    for (size_t i = 0; i < CHUNKS; i++)
        find_structure (self, i);
    *state = self;
    return 0;
}

static int tear_down (void **state)
{
    scene_t *self = *state;
    qw_batch_destroy (&self->batch);
    qw_fused_destroy (&self->fused);
    free (self);
    return 0;
}

static bool count_step (void *context)
{
    scene_t *self = context;
    return self->steps++ < self->allowed;
}

static void put (const qw_layers_t *layers, const qw_utf8_index_t *index, qw_out_t *out)
{
    qw_token_column_t column;
    qw_token_column_init (&column);
    qw_put_tokens (layers, index, QW_BYTES ("test"), &column, out);
    qw_put_entities (layers, index, QW_BYTES ("test"), out);
    qw_put_quotes (layers, index, QW_BYTES ("test"), out);
    qw_token_column_free (&column);
}

/* What one chunk gets without the others. */
static void put_alone (scene_t *self, size_t i, qw_out_t *out)
{
    const qw_task_chunk_t *task = &self->tasks[i];
    qw_utf8_index_t index = {0};
    qw_paragraph_t paragraphs[MOST_NUMBERS / 3];
    size_t count;
    qw_reason_t reason;
    qw_layers_t *layers = qw_layers_new ();
    qw_resolver_t *resolver = qw_resolver_new ();
    qw_utf8_index_reset (&index, task->text.data, task->text.size);
    assert_int_equal (qw_get_structure (task->structure, &index, paragraphs, &count, &reason), QW_OK);
    qw_chunk_t chunk = {task->text.data, task->text.size, paragraphs, count, qw_chunk_is_part (task->text.data, task->text.size, 0)};
    assert_int_equal (qw_fused_annotate (self->fused, &chunk, layers, &reason), QW_OK);
    if (task->whole)
        qw_resolve (resolver, chunk.text, chunk.size, paragraphs, count, layers);
    put (layers, &index, out);
    qw_resolver_destroy (&resolver);
    qw_layers_destroy (&layers);
    qw_utf8_index_free (&index);
}

static void assert_as_alone (scene_t *self, size_t i)
{
    qw_out_t expected, got;
    qw_out_init (&expected);
    qw_out_init (&got);
    const qw_batched_t *chunk = qw_batch_at (self->batch, i);
    assert_int_equal (chunk->status, QW_OK);
    put_alone (self, i, &expected);
    put (chunk->layers, chunk->index, &got);
    assert_int_equal (got.buffer.size, expected.buffer.size);
    assert_memory_equal (got.buffer.data, expected.buffer.data, got.buffer.size);
    qw_out_free (&expected);
    qw_out_free (&got);
}

static void test_each_chunk_gets_what_it_gets_alone (void **state)
{
    scene_t *self = *state;
    for (int again = 0; again < 2; again++) {
        assert_true (qw_batch_annotate (self->batch, self->tasks, CHUNKS, count_step, self));
        for (size_t i = 0; i < CHUNKS; i++)
            assert_as_alone (self, i);
        assert_int_equal (qw_batch_at (self->batch, 4)->layers->quote_count, 3);
    }
    assert_int_equal (self->steps, 2 * (CHUNKS * QW_FUSED_LAYERS + CHUNKS - 1)); /* one chunk is not whole */
}

static void test_a_chunk_that_contradicts_itself_fails_alone (void **state)
{
    scene_t *self = *state;
    self->numbers[2][1] = 100000; /* beyond the text */
    assert_true (qw_batch_annotate (self->batch, self->tasks, CHUNKS, count_step, self));
    for (size_t i = 0; i < CHUNKS; i++)
        if (i == 2) {
            assert_int_equal (qw_batch_at (self->batch, i)->status, QW_INVALID);
            assert_true (strlen (qw_batch_at (self->batch, i)->reason.text) > 0);
        } else
            assert_as_alone (self, i);
}

static void test_it_ends_when_it_is_told (void **state)
{
    scene_t *self = *state;
    for (self->allowed = 0; self->allowed < 7; self->allowed++) {
        self->steps = 0;
        assert_false (qw_batch_annotate (self->batch, self->tasks, CHUNKS, count_step, self));
        assert_int_equal (self->steps, self->allowed + 1);
    }
}

static void test_without_annotators_the_layers_are_empty (void **state)
{
    scene_t *self = *state;
    qw_batch_t *echo = qw_batch_new (NULL);
    assert_true (qw_batch_annotate (echo, self->tasks, CHUNKS, count_step, self));
    for (size_t i = 0; i < CHUNKS; i++)
        assert_int_equal (qw_batch_at (echo, i)->layers->token_count, 0);
    assert_int_equal (self->steps, 0);
    qw_batch_destroy (&echo);
}

#define CASE(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)

int main (void)
{
    const struct CMUnitTest tests[] = {
        CASE (test_each_chunk_gets_what_it_gets_alone),
        CASE (test_a_chunk_that_contradicts_itself_fails_alone),
        CASE (test_it_ends_when_it_is_told),
        CASE (test_without_annotators_the_layers_are_empty),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
