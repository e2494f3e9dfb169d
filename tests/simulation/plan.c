#include "tests/simulation/plan.h"

/* One in `n`. */
static bool one_in (chance_t *chance, uint64_t n) { return chance_below (chance, n) == 0; }

static uint32_t some_layers (chance_t *chance) { return (uint32_t) chance_between (chance, 1, ALL_LAYERS); }

static void draw_article (article_t *article, uint64_t id, chance_t *chance, bool deadly)
{
    *article = (article_t){.id = id};
    if (one_in (chance, 15)) { /* it cannot be read */
        article->failing = true;
        return;
    }
    article->chunk_count = one_in (chance, 3) ? (size_t) chance_between (chance, 2, MAX_CHUNKS) : 1;
    for (size_t i = 0; i < article->chunk_count; i++) {
        article->chunk_bytes[i] = (size_t) chance_between (chance, 1, one_in (chance, 4) ? 900 : 120);
        article->bytes += article->chunk_bytes[i];
        if (deadly && one_in (chance, 25))
            article->killer[i] = some_layers (chance);
        if (article->killer[i])
            article->hangs[i] = one_in (chance, 3);
        else if (one_in (chance, 60))
            article->impossible[i] = some_layers (chance);
        article->failing |= article->killer[i] || article->impossible[i];
    }
}

static void draw_articles (plan_t *self, chance_t *chance, bool large)
{
    bool deadly = one_in (chance, 3) && !large;
    self->article_count = large ? (size_t) chance_between (chance, 70, MAX_ARTICLES)
                                : (size_t) chance_between (chance, 5, one_in (chance, 4) ? 40 : 18);
    for (size_t i = 0; i < self->article_count; i++)
        if (i > 0 && one_in (chance, 12)) /* the same article again */
            self->articles[i] = self->articles[chance_below (chance, i)];
        else
            draw_article (&self->articles[i], 1000 + i, chance, deadly);
    self->source_pause_ms = one_in (chance, 3) ? chance_between (chance, 1, 150) : 0;
}

static void draw_groups (qw_scheduler_options_t *options, chance_t *chance)
{
    static const struct {
        size_t count;
        uint32_t masks[LAYERS];
    } groupings[] = {{1, {7}}, {2, {3, 4}}, {3, {1, 2, 4}}, {2, {2, 5}}};
    size_t choice = one_in (chance, 2) ? 0 : (size_t) chance_below (chance, sizeof groupings / sizeof *groupings);
    options->group_count = groupings[choice].count;
    for (size_t i = 0; i < options->group_count; i++)
        options->groups[i] = groupings[choice].masks[i];
}

static void draw_limits (plan_t *self, chance_t *chance, bool large)
{
    qw_scheduler_options_t *options = &self->scheduler;
    options->window_documents = large ? MAX_ARTICLES : (size_t) chance_between (chance, 1, 16);
    options->window_bytes = large ? 1 << 20 : (size_t) chance_between (chance, 200, 6000);
    options->task_bytes = one_in (chance, 3) ? 0 : (size_t) chance_between (chance, 50, 1500);
    options->announce_bytes = (size_t) chance_between (chance, 50, 3000);
    options->lease_ms = chance_between (chance, 800, 1200);
    options->deliver_ms = chance_between (chance, 500, 900);
    options->straggler_ms = chance_between (chance, 300, 900);
    options->hello_ms = chance_between (chance, 300, 600);
    draw_groups (options, chance);
    self->sink_documents = large || one_in (chance, 4) ? 0 : (size_t) chance_between (chance, 1, 16);
    self->sink_bytes = large || one_in (chance, 4) ? 0 : (size_t) chance_between (chance, 200, 6000);
    self->commit_pause_ms = one_in (chance, 2) ? chance_between (chance, 1, 400) : 0;
}

/* Together the workers can make everything; some can make more than one group, some come late. */
static void draw_workers (plan_t *self, chance_t *chance)
{
    size_t groups = self->scheduler.group_count;
    self->worker_count = (size_t) chance_between (chance, groups, MAX_WORKERS);
    for (size_t i = 0; i < self->worker_count; i++) {
        worker_plan_t *worker = &self->workers[i];
        worker->layers = i < groups ? self->scheduler.groups[i] : some_layers (chance);
        if (one_in (chance, 4))
            worker->layers = ALL_LAYERS;
        worker->credit = (size_t) chance_between (chance, 1, one_in (chance, 2) ? 2 : 8);
        worker->pace_us = chance_between (chance, 20, one_in (chance, 4) ? 1000 : 200);
        worker->joins_ms = one_in (chance, 4) ? chance_below (chance, 1500) : 0;
    }
}

/* Each kind of trouble in some worlds only, so that it also meets the others alone. */
static unsigned draw_rate (chance_t *chance, uint64_t highest)
{
    return one_in (chance, 2) ? (unsigned) chance_between (chance, 1, highest) : 0;
}

static void draw_trouble (plan_t *self, chance_t *chance)
{
    self->rough_ms = one_in (chance, 12) ? 0 : chance_between (chance, 300, 5000);
    self->weather = (weather_t){draw_rate (chance, 40), draw_rate (chance, 40), chance_below (chance, 80)};
    self->ventilator_crash = draw_rate (chance, 10);
    self->ventilator_hang = draw_rate (chance, 4);
    self->sink_hang = draw_rate (chance, 6);
    self->sink_crash = draw_rate (chance, 15);
    self->worker_crash = draw_rate (chance, 40);
    self->worker_hang = draw_rate (chance, 25);
    self->worker_slow = draw_rate (chance, 30);
    self->worker_leave = draw_rate (chance, 15);
    self->worker_reset = draw_rate (chance, 20);
    self->control_reset = draw_rate (chance, 15);
    self->blackout = draw_rate (chance, 3);
    self->credit_change = draw_rate (chance, 60);
    self->wrong = draw_rate (chance, 60);
    /* Lost letters can put blame on the wrong chunk, which the real wire hardly does: more patience there. */
    bool lossy = self->weather.loss || self->weather.twice;
    self->scheduler.strikes = (unsigned) chance_between (chance, lossy ? 5 : 2, 6);
    self->noticed = one_in (chance, 3) ? 0 : one_in (chance, 2) ? 500 : 1000;
    self->layer_by_layer = one_in (chance, 3);
    self->impossible_refused = one_in (chance, 2);
    self->run_again = one_in (chance, 4);
}

void plan_draw (plan_t *self, uint64_t seed, bool calm)
{
    chance_t chance = {seed};
    *self = (plan_t){.article_count = 0};
    bool large = one_in (&chance, 20); /* more documents open than the modules make room for at first */
    draw_articles (self, &chance, large);
    draw_limits (self, &chance, large);
    draw_workers (self, &chance);
    draw_trouble (self, &chance);
    if (!calm)
        return;
    self->rough_ms = 0;
    self->weather = (weather_t){0, 0, 0};
    self->worker_count = 1;
    self->workers[0] = (worker_plan_t){ALL_LAYERS, 1, 100, 0};
    self->run_again = false;
}

uint64_t plan_result (const article_t *article, uint32_t chunk, unsigned layer)
{
    return chance_mix (article->id << 16 | (uint64_t) chunk << 8 | layer);
}

uint32_t plan_holes (const plan_t *self, const article_t *article, uint32_t chunk)
{
    uint32_t holes = 0;
    for (size_t i = 0; i < self->scheduler.group_count; i++)
        if ((article->killer[chunk] | article->impossible[chunk]) & self->scheduler.groups[i])
            holes |= self->scheduler.groups[i];
    return holes;
}

size_t plan_expected (const plan_t *self, record_t *records)
{
    size_t count = 0;
    for (size_t i = 0; i < self->article_count; i++) {
        const article_t *article = &self->articles[i];
        bool again = false;
        for (size_t j = 0; j < i && !again; j++)
            again = self->articles[j].id == article->id;
        if (again)
            continue;
        record_t *record = &records[count++];
        *record = (record_t){.id = article->id, .sequence = i, .failed = article->failing};
        for (uint32_t chunk = 0; chunk < article->chunk_count; chunk++) {
            uint32_t holes = plan_holes (self, article, chunk);
            for (unsigned layer = 0; layer < LAYERS; layer++)
                record->digest =
                    digest_add (record->digest, holes & 1u << layer ? 0 : plan_result (article, chunk, layer));
        }
    }
    return count;
}
