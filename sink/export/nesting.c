#include "sink/export/nesting.h"

#include <stdlib.h>
#include <string.h>

#include "proto/memory.h"

/* Spans that are open, the outermost first; or that wait to be opened, likewise. */
typedef struct {
    uint32_t spans[QW_NESTING_DEPTH];
    size_t count;
} pile_t;

typedef struct {
    qw_nesting_t *nesting;
    const qw_span_t *spans;
    size_t outer_count, span_count;
    size_t next; /* of the nesting's order: the span that begins next */
    pile_t open, waiting;
} cutter_t;

static int compare (const void *a, const void *b, void *context)
{
    const qw_span_t *spans = context;
    uint32_t one = *(const uint32_t *) a, other = *(const uint32_t *) b;
    if (spans[one].start != spans[other].start)
        return spans[one].start < spans[other].start ? -1 : 1;
    if (spans[one].end != spans[other].end)
        return spans[one].end > spans[other].end ? -1 : 1;
    return (one > other) - (one < other);
}

static void put_event (qw_nesting_t *self, uint32_t at, uint32_t span, bool opens)
{
    self->events = qw_grown (self->events, &self->event_capacity, self->event_count + 1, sizeof *self->events);
    self->events[self->event_count++] = (qw_nesting_event_t){at, span, self->pieces[span] - 1, opens};
}

static void wait_for (cutter_t *self, uint32_t span)
{
    if (self->waiting.count + self->open.count < QW_NESTING_DEPTH)
        self->waiting.spans[self->waiting.count++] = span;
}

/* Closes the open spans from `lowest` on; those that do not end here wait to be opened again. */
static void close_from (cutter_t *self, size_t lowest, uint32_t at)
{
    size_t count = self->open.count;
    self->open.count = lowest; /* first, so that there is room for those that wait */
    for (size_t i = lowest; i < count; i++)
        if (self->spans[self->open.spans[i]].end > at)
            wait_for (self, self->open.spans[i]);
    while (count > lowest)
        put_event (self->nesting, at, self->open.spans[--count], false);
}

/* Closes what ends at `at`, and what is within it. */
static void close_ended (cutter_t *self, uint32_t at)
{
    size_t lowest = 0;
    while (lowest < self->open.count && self->spans[self->open.spans[lowest]].end > at)
        lowest++;
    close_from (self, lowest, at);
}

static void open_some (cutter_t *self, uint32_t at, bool outer)
{
    for (size_t i = 0; i < self->waiting.count; i++) {
        uint32_t span = self->waiting.spans[i];
        if ((span < self->outer_count) != outer || self->spans[span].end <= at)
            continue;
        self->nesting->pieces[span]++;
        self->open.spans[self->open.count++] = span;
        put_event (self->nesting, at, span, true);
    }
}

/* Opens what begins at `at` and what waits. Inner ones make way for outer ones, so all open at once: nothing is closed
 * where it was opened. */
static void open_all (cutter_t *self, uint32_t at)
{
    for (; self->next < self->span_count; self->next++) {
        uint32_t span = self->nesting->order[self->next];
        if (self->spans[span].start > at)
            break;
        if (self->spans[span].end > at)
            wait_for (self, span);
    }
    bool outer = false;
    for (size_t i = 0; i < self->waiting.count; i++)
        outer |= self->waiting.spans[i] < self->outer_count;
    size_t lowest = self->open.count;
    while (outer && lowest > 0 && self->open.spans[lowest - 1] >= self->outer_count)
        lowest--;
    close_from (self, lowest, at);
    open_some (self, at, true);
    open_some (self, at, false);
    self->waiting.count = 0;
}

static uint32_t next_border (const cutter_t *self, uint32_t limit)
{
    uint32_t border = limit;
    if (self->next < self->span_count && self->spans[self->nesting->order[self->next]].start < border)
        border = self->spans[self->nesting->order[self->next]].start;
    for (size_t i = 0; i < self->open.count; i++)
        if (self->spans[self->open.spans[i]].end < border)
            border = self->spans[self->open.spans[i]].end;
    return border;
}

void qw_nesting_cut (qw_nesting_t *self, const qw_span_t *spans, size_t outer_count, size_t span_count,
                     const qw_span_t *blocks, size_t block_count)
{
    cutter_t cutter = {.nesting = self, .spans = spans, .outer_count = outer_count, .span_count = span_count};
    self->event_count = 0;
    self->pieces = qw_grown (self->pieces, &self->piece_capacity, span_count + 1, sizeof *self->pieces);
    memset (self->pieces, 0, (span_count + 1) * sizeof *self->pieces);
    self->order = qw_grown (self->order, &self->order_capacity, span_count + 1, sizeof *self->order);
    for (size_t i = 0; i < span_count; i++)
        self->order[i] = (uint32_t) i;
    qsort_r (self->order, span_count, sizeof *self->order, compare, (void *) spans);
    for (size_t block = 0; block < block_count; block++) {
        for (uint32_t at = blocks[block].start; at < blocks[block].end;) {
            open_all (&cutter, at);
            at = next_border (&cutter, blocks[block].end);
            if (at < blocks[block].end)
                close_ended (&cutter, at);
        }
        close_from (&cutter, 0, blocks[block].end);
    }
}

void qw_nesting_free (qw_nesting_t *self)
{
    free (self->events);
    free (self->pieces);
    free (self->order);
    *self = (qw_nesting_t){0};
}
