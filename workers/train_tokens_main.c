/*  quotewire-train-tokens - learns where sentences end, for models/tokens.model.

    An averaged perceptron with a margin, in whole numbers from beginning to end: the same files give the same model, byte
    for byte, on every machine. */
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/utf8.h"
#include "ventilator/structure.h"
#include "workers/tokens/gaps.h"

static const char help[] =
    "usage: quotewire-train-tokens [OPTION]... -o MODEL GOLD.jsonl...\n"
    "\n"
    "Each line of GOLD is an object {\"text\", \"sentences\": [[start, end], ...]}, offsets in code points; each text is\n"
    "read as one paragraph.\n"
    "\n"
    "  -o, --output FILE     where the model goes\n"
    "  -p, --pos FILE        word, tab, another column, tab, part of speech a line, for the lexicon; may be given several\n"
    "                        times, before -r\n"
    "  -r, --running FILE    articles, {\"text\"} a line: in the paragraphs of their bodies no sentence ends without a\n"
    "                        mark; may be given several times\n"
    "  -n, --every N         of the articles after this option, read every Nth (default: 1)\n"
    "  -e, --epochs N        passes over the examples (default: 12)\n"
    "  -m, --marked N        threshold behind a mark (default: 0)\n"
    "  -u, --unmarked N      threshold where no mark stands (default: 0)\n"
    "  -h, --help            this text\n"
    "  -V, --version         the version\n"
    "\n"
    "Exit codes: 0 model written; 1 a file cannot be read or written; 2 wrong usage.\n";

enum { MARGIN = 1500, STEP = 10, LARGEST = 127, FEWEST = 10, HOPELESS_LOST = 50, CERTAIN_LOST = 20, SHORTEST_RUNNING = 80 };

typedef struct {
    uint32_t rows[QW_GAP_FEATURES], glance[QW_GAP_GLANCE_FEATURES];
    bool ends;
    uint8_t kind; /* qw_end_kind_t */
} example_t;

typedef struct {
    example_t *items;
    size_t count, capacity;
    qw_layers_t *layers;
    qw_ends_t ends;
    qw_utf8_index_t index;
    qw_paragraphs_t paragraphs;
    uint32_t lexicon[QW_GAP_LEXICON_SLOTS];
} trainer_t;

static void add_example (trainer_t *self, qw_gaps_t *gap, bool ends)
{
    if (self->count == self->capacity) {
        self->capacity = self->capacity ? self->capacity * 2 : 4096;
        self->items = realloc (self->items, self->capacity * sizeof *self->items);
        if (!self->items)
            abort ();
    }
    example_t *example = &self->items[self->count++];
    qw_gaps_glance (gap, example->glance);
    qw_gaps_features (gap, example->rows);
    example->ends = ends;
    example->kind = (uint8_t) gap->kind;
}

/* True when a sentence of the gold ends at byte `at`; `next` is the first that may. */
static bool gold_ends (trainer_t *self, json_t *sentences, size_t *next, uint32_t at)
{
    for (; *next < json_array_size (sentences); (*next)++) {
        json_int_t point = json_integer_value (json_array_get (json_array_get (sentences, *next), 1));
        if (point < 0 || (size_t) point > self->index.length)
            continue;
        uint32_t end = qw_utf8_index_byte (&self->index, (uint32_t) point);
        if (end >= at)
            return end == at;
    }
    return false;
}

/* Cuts text[span] and starts a walk over its gaps. */
static void start_walk (trainer_t *self, const char *text, qw_span_t span, qw_gaps_t *gap)
{
    qw_layers_clear (self->layers);
    self->ends.count = 0;
    qw_tokens_scan (text, span.start, span.end, self->layers, &self->ends);
    qw_gaps_start (gap, self->lexicon, text, 0, &self->ends, self->layers);
}

static void read_gold (trainer_t *self, json_t *object)
{
    json_t *member = json_object_get (object, "text"), *sentences = json_object_get (object, "sentences");
    const char *text = json_string_value (member);
    uint32_t size = (uint32_t) json_string_length (member);
    qw_utf8_index_reset (&self->index, text, size);
    qw_gaps_t gap;
    start_walk (self, text, (qw_span_t){0, size}, &gap);
    for (size_t next = 0; qw_gaps_next (&gap);) {
        bool ends = gold_ends (self, sentences, &next, gap.tokens[gap.next - 1].end);
        add_example (self, &gap, ends);
        if (ends)
            qw_gaps_end_sentence (&gap);
    }
}

/* True when the text before `end` closes a sentence: a stop or a quotation mark. */
static bool is_closed (const char *text, uint32_t end)
{
    return strchr (".!?\"", text[end - 1]) || (end >= 3 && memcmp (text + end - 3, "\xe2\x80\x9d", 3) == 0);
}

/* Takes the paragraphs of an article that are surely whole sentences. */
static void read_running (trainer_t *self, json_t *object)
{
    json_t *member = json_object_get (object, "text");
    const char *text = json_string_value (member);
    qw_structure_find (text, json_string_length (member), &self->paragraphs);
    for (size_t i = 0; i < self->paragraphs.count; i++) {
        qw_paragraph_t paragraph = self->paragraphs.items[i];
        if (paragraph.role != QW_ROLE_BODY || qw_span_size (paragraph.span) < SHORTEST_RUNNING
            || !is_closed (text, paragraph.span.end))
            continue;
        qw_gaps_t gap;
        start_walk (self, text, paragraph.span, &gap);
        while (qw_gaps_next (&gap))
            if (!qw_end_is_mark (gap.kind))
                add_example (self, &gap, false);
            else if (gap.kind < QW_END_ABBREVIATION)
                qw_gaps_end_sentence (&gap);
    }
}

static bool read_file (trainer_t *self, const char *path, bool running, size_t every)
{
    FILE *file = fopen (path, "r");
    if (!file) {
        perror (path);
        return false;
    }
    char *line = NULL;
    size_t capacity = 0, number = 0, before = self->count;
    bool good = true;
    for (ssize_t size; good && (size = getline (&line, &capacity, file)) > 0;) {
        if (number++ % every)
            continue;
        json_error_t error;
        json_t *object = json_loadb (line, (size_t) size, JSON_ALLOW_NUL, &error);
        good = json_is_string (json_object_get (object, "text"));
        if (good && running)
            read_running (self, object);
        else if (good)
            read_gold (self, object);
        else
            fprintf (stderr, "%s: line %zu has no text\n", path, number);
        json_decref (object);
    }
    free (line);
    fclose (file);
    printf ("%s: %zu gaps\n", path, self->count - before);
    return good;
}

/* ---- the lexicon ---------------------------------------------------------------------------------------------------- */

enum { MOST_TAGS = 63, LONGEST_TAG = 8, FEWEST_SEEN = 3 };

typedef struct {
    uint32_t hash; /* 0: free */
    uint32_t total;
    uint32_t of_tag[MOST_TAGS + 1];
} word_t;

typedef struct {
    word_t *words; /* open addressing */
    char tags[MOST_TAGS + 1][LONGEST_TAG];
    uint32_t tag_count;
} lexicon_t;

enum { WORD_SLOTS = 1 << 17 };

/* The tag's number, from 1 on in the order in which they come; 0 when there are too many. */
static uint32_t tag_number (lexicon_t *self, const char *tag)
{
    for (uint32_t i = 1; i <= self->tag_count; i++)
        if (strcmp (self->tags[i], tag) == 0)
            return i;
    if (self->tag_count == MOST_TAGS || strlen (tag) >= LONGEST_TAG)
        return 0;
    strcpy (self->tags[++self->tag_count], tag);
    return self->tag_count;
}

static bool read_tags (lexicon_t *self, const char *path)
{
    FILE *file = fopen (path, "r");
    if (!file) {
        perror (path);
        return false;
    }
    char *line = NULL;
    size_t capacity = 0;
    while (getline (&line, &capacity, file) > 0) {
        char *save, *word = strtok_r (line, "\t\n", &save), *tag = strtok_r (NULL, "\t\n", &save);
        tag = tag ? strtok_r (NULL, "\t\n", &save) : NULL;
        uint32_t number = tag ? tag_number (self, tag) : 0;
        if (!number)
            continue;
        uint32_t hash = qw_gap_word_hash (word, (uint32_t) strlen (word)), slot = hash % WORD_SLOTS;
        for (uint32_t i = 0; i < WORD_SLOTS && self->words[slot].hash && self->words[slot].hash != hash; i++)
            slot = (slot + 1) % WORD_SLOTS;
        if (self->words[slot].hash && self->words[slot].hash != hash)
            continue;
        self->words[slot].hash = hash;
        self->words[slot].total++;
        self->words[slot].of_tag[number]++;
    }
    free (line);
    fclose (file);
    return true;
}

/* One word a slot: the most frequent one. */
static void fill_lexicon (const lexicon_t *self, uint32_t *entries)
{
    static uint32_t totals[QW_GAP_LEXICON_SLOTS];
    size_t filled = 0;
    for (uint32_t i = 0; i < WORD_SLOTS; i++) {
        const word_t *word = &self->words[i];
        uint32_t slot = qw_gap_slot (word->hash), best = 0, second = 0;
        if (word->total < FEWEST_SEEN || word->total <= totals[slot])
            continue;
        for (uint32_t tag = 1; tag <= self->tag_count; tag++)
            if (word->of_tag[tag] > word->of_tag[best])
                best = tag;
        for (uint32_t tag = 1; tag <= self->tag_count; tag++)
            if (tag != best && word->of_tag[tag] > word->of_tag[second])
                second = tag;
        if (word->of_tag[second] * 6 < word->total)
            second = 0;
        filled += totals[slot] == 0;
        totals[slot] = word->total;
        entries[slot] = (word->hash & 0xffff0000u) | best << 8 | second;
    }
    printf ("lexicon: %zu words, %u tags\n", filled, self->tag_count);
}

/* ---- learning ------------------------------------------------------------------------------------------------------- */

/* Fisher and Yates, with xorshift64*: the same order everywhere. */
static void shuffle (trainer_t *self, uint64_t *state)
{
    for (size_t i = self->count; i > 1; i--) {
        *state ^= *state >> 12;
        *state ^= *state << 25;
        *state ^= *state >> 27;
        size_t j = (size_t) ((*state * 0x2545f4914f6cdd1du >> 33) % i);
        example_t example = self->items[i - 1];
        self->items[i - 1] = self->items[j];
        self->items[j] = example;
    }
}

/* A perceptron to be learnt: which rows of an example it sees, and of which examples. */
typedef struct {
    uint32_t row_count, features;
    bool glance; /* sees the glances only */
    int32_t margin;
} task_t;

static inline const uint32_t *rows_of (const task_t *task, const example_t *example)
{
    return task->glance ? example->glance : example->rows;
}

/* Scales the averages so that all but 1 of 500 fit a byte, and cuts these. */
static void to_bytes (const int64_t *averages, uint32_t count, int8_t *weights)
{
    static uint32_t histogram[1 << 16];
    enum { TOP = (1 << 16) - 1 };
    memset (histogram, 0, sizeof histogram);
    size_t used = 0, above = 0;
    for (uint32_t i = 0; i < count; i++) {
        int64_t size = averages[i] < 0 ? -averages[i] : averages[i];
        used += size != 0;
        histogram[size < TOP ? size : TOP]++;
    }
    int64_t largest = TOP;
    while (largest > 1 && (above + histogram[largest]) * 500 <= used)
        above += histogram[largest--];
    for (uint32_t i = 0; i < count; i++) {
        int64_t scaled = (averages[i] * LARGEST * 2 + (averages[i] < 0 ? -largest : largest)) / (largest * 2);
        weights[i] = (int8_t) (scaled > LARGEST ? LARGEST : scaled < -LARGEST ? -LARGEST : scaled);
    }
    printf ("%zu weights, largest %lld\n", used, (long long) largest);
}

/* One pass over the examples, in a new order. */
static size_t learn_once (trainer_t *self, const task_t *task, const uint32_t *seen, int32_t *weights, int64_t *late,
                          int64_t *step)
{
    size_t wrong = 0;
    for (size_t i = 0; i < self->count; i++) {
        const example_t *example = &self->items[i];
        const uint32_t *rows = rows_of (task, example);
        int32_t sum = 0, sign = example->ends ? 1 : -1;
        for (uint32_t j = 0; j < task->features; j++)
            sum += weights[rows[j]];
        ++*step;
        wrong += sum * sign <= 0;
        if (sum * sign > task->margin)
            continue;
        for (uint32_t j = 0; j < task->features; j++)
            if (seen[rows[j]] >= FEWEST) {
                weights[rows[j]] += sign * STEP;
                late[rows[j]] += *step * sign * STEP;
            }
    }
    return wrong;
}

/* Fills the averaged weights, scaled to bytes. */
static void learn (trainer_t *self, const task_t *task, int epochs, int8_t *model)
{
    uint32_t count = task->row_count, *seen = calloc (count, sizeof *seen);
    int32_t *weights = calloc (count, sizeof *weights);
    int64_t *late = calloc (count, sizeof *late); /* changes times the steps at which they were made */
    if (!seen || !weights || !late)
        abort ();
    for (size_t i = 0; i < self->count; i++)
        for (uint32_t j = 0; j < task->features; j++)
            seen[rows_of (task, &self->items[i])[j]]++;
    uint64_t state = 0x9e3779b97f4a7c15u;
    int64_t step = 0;
    for (int epoch = 1; epoch <= epochs; epoch++) {
        shuffle (self, &state);
        printf ("epoch %d: %zu wrong\n", epoch, learn_once (self, task, seen, weights, late, &step));
    }
    for (uint32_t i = 0; i < count; i++) /* average of a weight = weight - late / step */
        late[i] = ((int64_t) weights[i] * step - late[i]) * 16 / step;
    to_bytes (late, count, model);
    free (seen);
    free (weights);
    free (late);
}

static int32_t sum_of (const uint32_t *rows, uint32_t count, const int8_t *weights)
{
    int32_t sum = 0;
    for (uint32_t i = 0; i < count; i++)
        sum += weights[rows[i]];
    return sum;
}

enum { LOWEST_GLANCE = -(LARGEST + 1) * QW_GAP_GLANCE_FEATURES, GLANCE_SUMS = -LOWEST_GLANCE * 2 + 1 };

/* Gaps of one kind by the sum of their glances: those that the model calls ends, rightly, and the others. */
typedef struct {
    uint32_t ends[GLANCE_SUMS], others[GLANCE_SUMS], end_count, other_count;
} glances_t;

static void count_glances (const trainer_t *self, qw_end_kind_t kind, const int8_t *glances, const int8_t *weights,
                           int32_t threshold, glances_t *counts)
{
    memset (counts, 0, sizeof *counts);
    for (size_t i = 0; i < self->count; i++) {
        const example_t *example = &self->items[i];
        if (example->kind != (uint8_t) kind)
            continue;
        int32_t sum = sum_of (example->glance, QW_GAP_GLANCE_FEATURES, glances) - LOWEST_GLANCE;
        bool end = example->ends && sum_of (example->rows, QW_GAP_FEATURES, weights) > threshold;
        counts->ends[sum] += end;
        counts->others[sum] += !end;
        counts->end_count += end;
        counts->other_count += !end;
    }
}

/* The sum that all but 1 in HOPELESS_LOST of the ends without a mark exceed. */
static int32_t hopeless_sum (const glances_t *counts)
{
    uint32_t ends = 0, others = 0;
    int32_t sum = 0;
    for (; sum < GLANCE_SUMS && (ends + counts->ends[sum]) * HOPELESS_LOST <= counts->end_count; sum++) {
        ends += counts->ends[sum];
        others += counts->others[sum];
    }
    printf ("hopeless up to %d: %u of %u ends, %u of %u others\n", sum - 1 + LOWEST_GLANCE, ends, counts->end_count, others,
            counts->other_count);
    return sum - 1 + LOWEST_GLANCE;
}

/* The sum that no more than 1 in CERTAIN_LOST of the full stops exceed which are no ends. */
static int32_t certain_sum (const glances_t *counts)
{
    uint32_t ends = 0, others = 0;
    int32_t sum = GLANCE_SUMS - 1;
    for (; sum > 0 && (others + counts->others[sum]) * CERTAIN_LOST <= counts->other_count; sum--) {
        ends += counts->ends[sum];
        others += counts->others[sum];
    }
    printf ("certain above %d: %u of %u ends, %u of %u others\n", sum + LOWEST_GLANCE, ends, counts->end_count, others,
            counts->other_count);
    return sum + LOWEST_GLANCE;
}

static bool write_model (const char *path, const qw_gap_model_t *header, const uint32_t *lexicon, const int8_t *glances,
                         const int8_t *weights)
{
    FILE *file = fopen (path, "wb");
    bool good = file && fwrite (header, sizeof *header, 1, file) == 1
                && fwrite (lexicon, sizeof *lexicon, QW_GAP_LEXICON_SLOTS, file) == QW_GAP_LEXICON_SLOTS
                && fwrite (glances, 1, QW_GAP_GLANCE_ROWS, file) == QW_GAP_GLANCE_ROWS
                && fwrite (weights, 1, QW_GAP_MODEL_ROWS, file) == QW_GAP_MODEL_ROWS;
    if (file && fclose (file) != 0)
        good = false;
    if (!good)
        perror (path);
    return good;
}

int main (int argc, char *argv[])
{
    static const struct option options[] = {
        {"output", required_argument, NULL, 'o'},   {"running", required_argument, NULL, 'r'},
        {"pos", required_argument, NULL, 'p'},      {"every", required_argument, NULL, 'n'},
        {"epochs", required_argument, NULL, 'e'},   {"marked", required_argument, NULL, 'm'},
        {"unmarked", required_argument, NULL, 'u'}, {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'V'},        {NULL, 0, NULL, 0}};
    qw_gap_model_t header = {.magic = {'Q', 'W', 'T', 'S'},
                             .version = QW_GAP_MODEL_VERSION,
                             .rows = QW_GAP_MODEL_ROWS,
                             .slots = QW_GAP_LEXICON_SLOTS,
                             .glances = QW_GAP_GLANCE_ROWS};
    const char *output = NULL;
    int epochs = 12;
    size_t every = 1;
    static trainer_t trainer;
    trainer.layers = qw_layers_new ();
    lexicon_t lexicon = {.words = calloc (WORD_SLOTS, sizeof (word_t))};
    if (!lexicon.words)
        abort ();
    for (int c; (c = getopt_long (argc, argv, "o:p:r:n:e:m:u:hV", options, NULL)) != -1;)
        switch (c) {
        case 'o': output = optarg; break;
        case 'r':
            if (!read_file (&trainer, optarg, true, every))
                return 1;
            break;
        case 'p':
            if (!read_tags (&lexicon, optarg))
                return 1;
            fill_lexicon (&lexicon, trainer.lexicon);
            break;
        case 'n': every = strtoul (optarg, NULL, 10) ? strtoul (optarg, NULL, 10) : 1; break;
        case 'e': epochs = atoi (optarg); break;
        case 'm': header.marked = atoi (optarg); break;
        case 'u': header.unmarked = atoi (optarg); break;
        case 'h': fputs (help, stdout); return 0;
        case 'V': puts ("quotewire-train-tokens " QW_VERSION); return 0;
        default: fputs (help, stderr); return 2;
        }
    if (!output || optind == argc || epochs < 1) {
        fputs (help, stderr);
        return 2;
    }
    for (int i = optind; i < argc; i++)
        if (!read_file (&trainer, argv[i], false, 1))
            return 1;
    int8_t *weights = malloc (QW_GAP_MODEL_ROWS);
    if (!weights)
        abort ();
    static int8_t glances[QW_GAP_GLANCE_ROWS];
    learn (&trainer, &(task_t){QW_GAP_MODEL_ROWS, QW_GAP_FEATURES, false, MARGIN}, epochs, weights);
    learn (&trainer, &(task_t){QW_GAP_GLANCE_ROWS, QW_GAP_GLANCE_FEATURES, true, MARGIN / 20}, epochs, glances);
    static glances_t counts;
    count_glances (&trainer, QW_END_NONE, glances, weights, header.unmarked, &counts);
    header.hopeless = hopeless_sum (&counts);
    count_glances (&trainer, QW_END_STOP, glances, weights, header.marked, &counts);
    header.certain = certain_sum (&counts);
    bool good = write_model (output, &header, trainer.lexicon, glances, weights);
    free (weights);
    free (lexicon.words);
    free (trainer.items);
    free (trainer.ends.items);
    qw_utf8_index_free (&trainer.index);
    qw_paragraphs_free (&trainer.paragraphs);
    qw_layers_destroy (&trainer.layers);
    return good ? 0 : 1;
}
