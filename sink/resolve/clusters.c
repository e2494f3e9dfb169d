#include "sink/resolve/clusters.h"

#define XXH_INLINE_ALL
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "proto/memory.h"
#include "proto/utf8.h"
#include "sink/resolve/names.h"

enum { NONE = UINT32_MAX, NAME_TYPES = QW_MISC + 1, MAX_CANDIDATES = 24, MAX_VOTES = 3, REACH = 160 };

/* A name as it may stand in the text several times; its form is in `forms`. */
typedef struct {
    uint64_t hash;
    uint32_t form, size;              /* in forms */
    uint32_t words[QW_NAME_WORDS];    /* hashes */
    uint32_t word_count;
    uint32_t first_mention, fullest;  /* the fullest is the mention that names it at greatest length */
    uint32_t mentions;
    uint16_t types[NAME_TYPES];       /* mentions of each type */
    uint32_t parent;                  /* the fuller name that it is short for, or NONE */
    bool capitals;                    /* may be an acronym */
    bool unclear;                     /* short for several fuller names: each mention decides */
    uint32_t last_seen;               /* the last mention so far, while mentions are given clusters */
    uint32_t cluster;
} name_t;

/* Longer names by their words and initials: chains of (word, name), newest first. */
typedef struct {
    uint32_t word, name, next;
} posting_t;

typedef struct {
    uint32_t *slots;
    size_t capacity, allocated; /* slots in use, a power of two; slots there are */
} table_t;

/* The votes for a man and for a woman, and the mentions that have voted. */
typedef struct {
    uint8_t man, woman, asked;
} votes_t;

struct qw_clusters_t {
    name_t *names;
    size_t name_count, name_capacity;
    char *forms;
    size_t form_size, form_capacity;
    posting_t *postings;
    size_t posting_count, posting_capacity;
    table_t spellings; /* of the bytes of a mention and its type -> spelling */
    table_t by_form;   /* -> name */
    table_t by_word;   /* -> posting */
    struct {
        uint64_t hash;
        uint32_t name;
    } *seen; /* spellings */
    size_t seen_count, seen_capacity;
    uint32_t *name_of; /* a mention each */
    size_t name_of_capacity;
    uint32_t *clusters_name; /* the main name of each cluster */
    size_t clusters_name_capacity;
    votes_t *genders; /* a cluster each */
    size_t gender_capacity;
    bool has_genders; /* they are found when the first is asked for */
    const char *text;
    size_t size;
    const qw_layers_t *layers;
};

qw_clusters_t *qw_clusters_new (void)
{
    qw_clusters_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    return self;
}

void qw_clusters_destroy (qw_clusters_t **self_p)
{
    qw_clusters_t *self = *self_p;
    if (!self)
        return;
    free (self->names);
    free (self->forms);
    free (self->postings);
    free (self->spellings.slots);
    free (self->by_form.slots);
    free (self->by_word.slots);
    free (self->seen);
    free (self->name_of);
    free (self->clusters_name);
    free (self->genders);
    free (self);
    *self_p = NULL;
}

/* Empties a table that will hold up to `count` entries. Only the part in use is cleared: small documents stay cheap. */
static void table_clear (table_t *self, size_t count)
{
    size_t wanted = 64;
    while (wanted < count * 2)
        wanted *= 2;
    if (wanted > self->allocated) {
        free (self->slots);
        self->slots = malloc (wanted * sizeof *self->slots);
        if (!self->slots)
            abort ();
        self->allocated = wanted;
    }
    self->capacity = wanted;
    memset (self->slots, 0xff, wanted * sizeof *self->slots);
}

static bool has_cluster (qw_entity_type_t type) { return type <= QW_MISC; }

static const char *form_of (const qw_clusters_t *self, const name_t *name) { return self->forms + name->form; }

/* FNV-1a: words are short. */
static uint32_t hash_word (const char *bytes, size_t size)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ (unsigned char) bytes[i]) * 16777619u;
    return hash | 1;
}

static uint64_t hash_form (const char *bytes, size_t size, bool person)
{
    return XXH3_64bits_withSeed (bytes, size, person);
}

/* The name of a form; a new one is put in. A form that is a person's and something else's is two names. */
static uint32_t intern (qw_clusters_t *self, const qw_name_form_t *form, bool person)
{
    uint64_t hash = hash_form (form->bytes, form->size, person);
    size_t at = hash & (self->by_form.capacity - 1);
    for (; self->by_form.slots[at] != NONE; at = (at + 1) & (self->by_form.capacity - 1)) {
        name_t *name = &self->names[self->by_form.slots[at]];
        if (name->hash == hash && name->size == form->size
            && memcmp (form_of (self, name), form->bytes, form->size) == 0)
            return self->by_form.slots[at];
    }
    self->names = qw_grown (self->names, &self->name_capacity, self->name_count + 1, sizeof *self->names);
    self->forms = qw_grown (self->forms, &self->form_capacity, self->form_size + form->size, 1);
    name_t *name = &self->names[self->name_count];
    *name = (name_t) {.hash = hash, .form = (uint32_t) self->form_size, .size = form->size, .word_count = form->word_count,
                      .first_mention = NONE, .parent = NONE, .capitals = form->capitals, .last_seen = NONE, .cluster = NONE};
    memcpy (self->forms + self->form_size, form->bytes, form->size);
    self->form_size += form->size;
    for (uint32_t i = 0; i < form->word_count; i++) {
        uint32_t start = qw_name_word_start (form, i);
        name->words[i] = hash_word (form->bytes + start, form->ends[i] - start);
    }
    self->by_form.slots[at] = (uint32_t) self->name_count;
    return (uint32_t) self->name_count++;
}

/* The name of a mention. Spellings that came before are not taken apart again. */
static uint32_t name_of_mention (qw_clusters_t *self, const char *text, const qw_mention_t *mention)
{
    size_t size = qw_span_size (mention->span);
    uint64_t hash = XXH3_64bits_withSeed (text + mention->span.start, size, mention->type);
    size_t at = hash & (self->spellings.capacity - 1);
    for (; self->spellings.slots[at] != NONE; at = (at + 1) & (self->spellings.capacity - 1))
        if (self->seen[self->spellings.slots[at]].hash == hash)
            return self->seen[self->spellings.slots[at]].name;
    qw_name_form_t form;
    qw_name_form (&form, text + mention->span.start, size, mention->type);
    self->seen = qw_grown (self->seen, &self->seen_capacity, self->seen_count + 1, sizeof *self->seen);
    self->spellings.slots[at] = (uint32_t) self->seen_count;
    uint32_t name = intern (self, &form, mention->type == QW_PERSON);
    self->seen[self->seen_count].hash = hash;
    self->seen[self->seen_count++].name = name;
    return name;
}

static qw_entity_type_t main_type (const name_t *name)
{
    int best = 0;
    for (int i = 1; i < NAME_TYPES; i++)
        if (name->types[i] > name->types[best])
            best = i;
    return (qw_entity_type_t) best;
}

static void post (qw_clusters_t *self, uint32_t word, uint32_t name)
{
    size_t at = word * 0x9e3779b1u & (self->by_word.capacity - 1);
    while (self->by_word.slots[at] != NONE && self->postings[self->by_word.slots[at]].word != word)
        at = (at + 1) & (self->by_word.capacity - 1);
    self->postings = qw_grown (self->postings, &self->posting_capacity, self->posting_count + 1, sizeof *self->postings);
    self->postings[self->posting_count] = (posting_t) {word, name, self->by_word.slots[at]};
    self->by_word.slots[at] = (uint32_t) self->posting_count++;
}

static uint32_t first_posting (const qw_clusters_t *self, uint32_t word)
{
    size_t at = word * 0x9e3779b1u & (self->by_word.capacity - 1);
    while (self->by_word.slots[at] != NONE && self->postings[self->by_word.slots[at]].word != word)
        at = (at + 1) & (self->by_word.capacity - 1);
    return self->by_word.slots[at];
}

/* The hash of the initials of a name, little words left out; told apart from words. 0 when there are fewer than two. */
static uint32_t initials_of (const qw_clusters_t *self, const name_t *name)
{
    static const struct {
        char word[4];
        uint32_t size;
    } little[] = {{"of", 2}, {"the", 3}, {"and", 3}, {"for", 3}, {"in", 2}, {"on", 2}, {"to", 2}, {"at", 2}, {"de", 2}};
    char initials[QW_NAME_WORDS + 1] = {'.'};
    size_t count = 1;
    const char *form = form_of (self, name);
    for (uint32_t i = 0, start = 0; i < name->size; i++)
        if (i + 1 == name->size || form[i + 1] == ' ') {
            size_t size = i + 1 - start;
            bool skip = false;
            for (size_t word = 0; word < sizeof little / sizeof *little && size < 4; word++)
                skip |= little[word].size == size && memcmp (little[word].word, form + start, size) == 0;
            if (!skip && count <= QW_NAME_WORDS)
                initials[count++] = form[start];
            start = i + 2;
            i++;
        }
    return count > 2 ? hash_word (initials, count) : 0;
}

static void index_names (qw_clusters_t *self)
{
    size_t words = 0;
    for (size_t i = 0; i < self->name_count; i++)
        words += self->names[i].word_count + 1;
    table_clear (&self->by_word, words);
    for (size_t i = 0; i < self->name_count; i++) {
        name_t *name = &self->names[i];
        if (name->word_count < 2)
            continue;
        for (uint32_t j = 0; j < name->word_count; j++)
            post (self, name->words[j], (uint32_t) i);
        uint32_t initials = main_type (name) == QW_PERSON ? 0 : initials_of (self, name);
        if (initials)
            post (self, initials, (uint32_t) i);
    }
}

static bool same_words (const name_t *a, uint32_t at, const name_t *b, uint32_t from, uint32_t count)
{
    return memcmp (a->words + at, b->words + from, count * sizeof *a->words) == 0;
}

/* True when a person may be called `part` for short. */
static bool is_short_person (const name_t *part, const name_t *full)
{
    uint32_t n = part->word_count, m = full->word_count;
    if (n == 1)
        return part->words[0] == full->words[m - 1] || part->words[0] == full->words[0];
    if (same_words (part, 0, full, m - n, n))
        return true; /* "bin Salman" */
    if (part->words[0] != full->words[0] || part->words[n - 1] != full->words[m - 1])
        return same_words (part, 0, full, 0, n) && n > 2;
    return n == 2; /* "Matthew Miller" for "Matthew Todd Miller" */
}

static bool is_short_body (const name_t *part, const name_t *full)
{
    uint32_t n = part->word_count, m = full->word_count;
    return same_words (part, 0, full, 0, n) || same_words (part, 0, full, m - n, n);
}

static bool is_direction (const qw_clusters_t *self, const name_t *name)
{
    const char *form = form_of (self, name);
    return (name->size == 5 && (memcmp (form, "north", 5) == 0 || memcmp (form, "south", 5) == 0))
           || (name->size == 4 && (memcmp (form, "east", 4) == 0 || memcmp (form, "west", 4) == 0));
}

/* True when `part` may stand for the fuller name `full`. */
static bool is_short_for (const qw_clusters_t *self, const name_t *part, const name_t *full)
{
    qw_entity_type_t type = main_type (full), own = main_type (part);
    if (part->word_count >= full->word_count || part->word_count == 0)
        return false;
    if (type == QW_PERSON)
        return own == QW_PERSON && is_short_person (part, full);
    if (own == QW_PERSON)
        return false;
    if (type == QW_LOC)
        return is_direction (self, part) && part->words[0] == full->words[0];
    if (type == QW_ORG)
        return own == QW_ORG && is_short_body (part, full);
    if (type == QW_NORP)
        return false;
    return own == type && part->word_count > 1 && is_short_body (part, full);
}

/* Finds the fuller name that a name is short for. */
static void find_parent (qw_clusters_t *self, uint32_t index)
{
    name_t *name = &self->names[index];
    uint32_t found = NONE, count = 0, weight = 0;
    if (name->word_count == 0)
        return;
    uint32_t at = first_posting (self, name->words[name->word_count - 1]);
    for (int steps = 0; at != NONE && steps < MAX_CANDIDATES; at = self->postings[at].next, steps++) {
        uint32_t other = self->postings[at].name;
        name_t *full = &self->names[other];
        if (other == index || other == found || !is_short_for (self, name, full))
            continue;
        if (found != NONE
            && (is_short_for (self, full, &self->names[found]) || is_short_for (self, &self->names[found], full))) {
            if (full->word_count > self->names[found].word_count)
                found = other; /* "Matthew Miller" and "Matthew Todd Miller" are one */
            continue;
        }
        count++;
        if (found == NONE || full->mentions > weight) {
            found = other;
            weight = full->mentions;
        }
    }
    if (found == NONE && name->capitals && main_type (name) != QW_PERSON) {
        char initials[16] = {'.'};
        if (name->size < sizeof initials) {
            memcpy (initials + 1, form_of (self, name), name->size);
            at = first_posting (self, hash_word (initials, name->size + 1));
            if (at != NONE && main_type (&self->names[self->postings[at].name]) != QW_PERSON) {
                found = self->postings[at].name;
                count = 1;
            }
        }
    }
    name->parent = found;
    name->unclear = count > 1 && main_type (name) == QW_PERSON;
    if (count > 1 && !name->unclear && main_type (name) == QW_ORG)
        name->parent = NONE; /* "the Ministry" of many */
}

/* A form that was taken for a person here and for something else there is one name after all, and the more frequent one, unless
 * a fuller name shows that such a person is there, too. */
static void settle_twins (qw_clusters_t *self)
{
    for (size_t i = 0; i < self->name_count; i++) {
        name_t *person = &self->names[i];
        if (!person->types[QW_PERSON])
            continue;
        uint64_t hash = hash_form (form_of (self, person), person->size, false);
        size_t at = hash & (self->by_form.capacity - 1);
        while (self->by_form.slots[at] != NONE && self->names[self->by_form.slots[at]].hash != hash)
            at = (at + 1) & (self->by_form.capacity - 1);
        if (self->by_form.slots[at] == NONE)
            continue;
        name_t *other = &self->names[self->by_form.slots[at]];
        if (person->parent != NONE && other->mentions * 2 >= person->mentions)
            continue;
        bool is_person = person->parent != NONE || person->mentions > other->mentions
                         || (person->mentions == other->mentions && person->first_mention < other->first_mention);
        if (is_person)
            other->parent = (uint32_t) i;
        else {
            person->parent = self->by_form.slots[at];
            person->unclear = false;
        }
    }
}

static uint32_t root_of (const qw_clusters_t *self, uint32_t name)
{
    for (int steps = 0; steps < QW_NAME_WORDS + 2 && self->names[name].parent != NONE && !self->names[name].unclear; steps++)
        name = self->names[name].parent;
    return name;
}

/* Which of the people who share it a short name means at a mention: the one spoken of last, or else first. */
static uint32_t decide (const qw_clusters_t *self, const name_t *name)
{
    uint32_t best = NONE, at = first_posting (self, name->words[name->word_count - 1]);
    for (int steps = 0; at != NONE && steps < MAX_CANDIDATES; at = self->postings[at].next, steps++) {
        uint32_t other = self->postings[at].name;
        const name_t *full = &self->names[other];
        if (!is_short_for (self, name, full))
            continue;
        if (best == NONE) {
            best = other;
            continue;
        }
        const name_t *champion = &self->names[best];
        bool later = full->last_seen != NONE && (champion->last_seen == NONE || full->last_seen > champion->last_seen);
        bool sooner = full->last_seen == NONE && champion->last_seen == NONE && full->first_mention < champion->first_mention;
        if (later || sooner)
            best = other;
    }
    return best == NONE ? NONE : root_of (self, best);
}

static void add_key (qw_layers_t *layers, qw_cluster_t *cluster, const char *form, size_t size)
{
    static const char *const prefixes[NAME_TYPES]
        = {"person:", "org:", "place:", "fac:", "norp:", "product:", "event:", "misc:"};
    char key[16 + QW_NAME_BYTES];
    size_t at = strlen (prefixes[cluster->type]);
    memcpy (key, prefixes[cluster->type], at);
    for (size_t i = 0; i < size; i++)
        key[at++] = form[i] == ' ' ? '-' : form[i];
    cluster->key = qw_layers_add_string (layers, key, at);
}

static uint32_t cluster_of (qw_clusters_t *self, qw_layers_t *layers, uint32_t root)
{
    name_t *name = &self->names[root];
    if (name->cluster == NONE) {
        name->cluster = (uint32_t) layers->cluster_count;
        qw_cluster_t *cluster = qw_layers_add_cluster (layers);
        qw_span_t span = layers->mentions[name->fullest].span;
        cluster->type = main_type (name);
        cluster->name = qw_layers_add_string (layers, self->text + span.start, qw_span_size (span));
        add_key (layers, cluster, form_of (self, name), name->size);
        self->clusters_name
            = qw_grown (self->clusters_name, &self->clusters_name_capacity, layers->cluster_count, sizeof *self->clusters_name);
        self->clusters_name[name->cluster] = root;
    }
    return name->cluster;
}

static void read_names (qw_clusters_t *self, const char *text, qw_layers_t *layers)
{
    for (size_t i = 0; i < layers->mention_count; i++) {
        qw_mention_t *mention = &layers->mentions[i];
        mention->cluster = QW_NO_CLUSTER;
        if (!has_cluster (mention->type))
            continue;
        uint32_t index = name_of_mention (self, text, mention);
        name_t *name = &self->names[index];
        self->name_of[i] = index;
        if (name->first_mention == NONE)
            name->first_mention = name->fullest = (uint32_t) i;
        else if (qw_span_size (mention->span) > qw_span_size (layers->mentions[name->fullest].span))
            name->fullest = (uint32_t) i;
        name->mentions++;
        name->types[mention->type] += name->types[mention->type] < UINT16_MAX;
    }
}

static bool is_word_byte (char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char) c >= 0x80;
}

/* Reads the word that begins at `at` in small letters; returns its size. */
static size_t read_word (const char *text, size_t size, size_t at, char *word, size_t room)
{
    size_t n = 0;
    for (; at + n < size && is_word_byte (text[at + n]) && n < room; n++)
        word[n] = (char) (text[at + n] >= 'A' && text[at + n] <= 'Z' ? text[at + n] | 0x20 : text[at + n]);
    return n;
}

static void vote (votes_t *votes, int gender, unsigned weight)
{
    if (gender == 1)
        votes->man = (uint8_t) (votes->man + weight);
    if (gender == 2)
        votes->woman = (uint8_t) (votes->woman + weight);
}

qw_gender_t qw_clusters_title (const char *text, size_t at)
{
    size_t end = at;
    while (end > 0 && (text[end - 1] == ' ' || text[end - 1] == '.') && at - end < 3)
        end--;
    size_t start = end;
    while (start > 0 && is_word_byte (text[start - 1]) && end - start < 16)
        start--;
    char word[16];
    size_t n = read_word (text, end, start, word, sizeof word);
    return end < at && n > 0 ? (qw_gender_t) qw_name_title_gender (word, n) : QW_GENDER_UNKNOWN;
}

/* The first "he" or "she" behind a mention, not far, and before the next person is named. */
static int pronoun_behind (const char *text, size_t size, size_t at, size_t limit)
{
    size_t end = at + REACH < size ? at + REACH : size;
    end = end < limit ? end : limit;
    while (at < end && text[at] != '\n') {
        char word[8];
        size_t n = read_word (text, end, at, word, sizeof word);
        if ((n == 2 && memcmp (word, "he", 2) == 0)
            || (n == 3 && (memcmp (word, "his", 3) == 0 || memcmp (word, "him", 3) == 0)))
            return 1;
        if (n == 3 && (memcmp (word, "she", 3) == 0 || memcmp (word, "her", 3) == 0))
            return 2;
        at += n ? n : 1;
        while (n && at < end && is_word_byte (text[at]))
            at++;
    }
    return 0;
}

static void ask (const qw_clusters_t *self, size_t mention, size_t next_person, votes_t *votes)
{
    qw_span_t span = self->layers->mentions[mention].span;
    size_t limit = next_person < self->layers->mention_count ? self->layers->mentions[next_person].span.start : self->size;
    char word[24];
    size_t n = read_word (self->text, span.end, span.start, word, sizeof word);
    vote (votes, qw_clusters_title (self->text, span.start), 8);
    if (span.start + n < span.end)
        vote (votes, qw_name_title_gender (word, n), 8);
    if (span.start + n < span.end && votes->man == votes->woman)
        vote (votes, qw_name_first_gender (word, n), 4);
    vote (votes, pronoun_behind (self->text, self->size, span.end, limit), 3);
    votes->asked++;
}

/* Asks the first mentions of every person; bodies and peoples are groups. */
static void find_genders (qw_clusters_t *self)
{
    const qw_layers_t *layers = self->layers;
    self->has_genders = true;
    self->genders = qw_grown (self->genders, &self->gender_capacity, layers->cluster_count + 1, sizeof *self->genders);
    memset (self->genders, 0, (layers->cluster_count + 1) * sizeof *self->genders);
    size_t next_person = layers->mention_count;
    for (size_t i = layers->mention_count; i-- > 0;) {
        const qw_mention_t *mention = &layers->mentions[i];
        if (mention->type != QW_PERSON || mention->cluster == QW_NO_CLUSTER)
            continue;
        votes_t *votes = &self->genders[mention->cluster];
        if (votes->asked < MAX_VOTES)
            ask (self, i, next_person, votes);
        next_person = i;
    }
}

qw_gender_t qw_clusters_gender (qw_clusters_t *self, uint32_t cluster)
{
    if (cluster >= self->layers->cluster_count)
        return QW_GENDER_UNKNOWN;
    qw_entity_type_t type = self->layers->clusters[cluster].type;
    if (type == QW_ORG || type == QW_NORP)
        return QW_GROUP;
    if (type != QW_PERSON)
        return QW_GENDER_UNKNOWN;
    if (!self->has_genders)
        find_genders (self);
    const votes_t *votes = &self->genders[cluster];
    if (votes->man == votes->woman)
        return QW_GENDER_UNKNOWN;
    return votes->man > votes->woman ? QW_MALE : QW_FEMALE;
}

/* "Wang Sicong, the son of the builder Wang Jianlin": a name that only says whose kin somebody is. */
static bool is_only_kin (const char *text, size_t at)
{
    static const char *const words[] = {"brother", "child",  "cousin", "daughter", "father", "grandson", "heir",  "husband",
                                        "mother",  "nephew", "niece",  "sister",   "son",    "widow",    "widower", "wife"};
    size_t start = at;
    while (start > 0 && at - start < 60 && text[start - 1] != ',' && text[start - 1] != '.' && text[start - 1] != ';'
           && text[start - 1] != '\n')
        start--;
    const char *of = memmem (text + start, at - start, " of ", 4);
    if (!of)
        return false;
    size_t end = (size_t) (of - text);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t size = strlen (words[i]);
        if (end - start >= size && memcmp (text + end - size, words[i], size) == 0
            && (end - start == size || text[end - size - 1] == ' '))
            return true;
    }
    return false;
}

void qw_clusters_resolve (qw_clusters_t *self, const char *text, size_t size, const qw_paragraph_t *paragraphs,
                          size_t paragraph_count, qw_layers_t *layers)
{
    (void) paragraphs;
    (void) paragraph_count;
    size_t count = layers->mention_count;
    self->text = text;
    self->size = size;
    self->layers = layers;
    layers->cluster_count = 0;
    self->has_genders = false;
    self->name_count = self->form_size = self->seen_count = self->posting_count = 0;
    self->name_of = qw_grown (self->name_of, &self->name_of_capacity, count + 1, sizeof *self->name_of);
    table_clear (&self->spellings, count);
    table_clear (&self->by_form, count);
    read_names (self, text, layers);
    index_names (self);
    for (size_t i = 0; i < self->name_count; i++)
        find_parent (self, (uint32_t) i);
    settle_twins (self);
    bool any_unclear = false; /* nobody else asks which name was seen last */
    for (size_t i = 0; i < self->name_count; i++)
        any_unclear |= self->names[i].unclear;
    for (size_t i = 0; i < count; i++) {
        qw_mention_t *mention = &layers->mentions[i];
        if (!has_cluster (mention->type))
            continue;
        uint32_t index = self->name_of[i];
        name_t *name = &self->names[index];
        if (name->word_count == 0)
            continue; /* marks alone */
        uint32_t root = root_of (self, index);
        if (self->names[root].unclear) {
            uint32_t chosen = decide (self, &self->names[root]);
            root = chosen == NONE ? root : chosen;
        }
        if (any_unclear && !is_only_kin (text, mention->span.start))
            self->names[root].last_seen = (uint32_t) i;
        if (qw_span_size (mention->span) > qw_span_size (layers->mentions[self->names[root].fullest].span)
            && self->names[index].word_count >= self->names[root].word_count)
            self->names[root].fullest = (uint32_t) i;
        mention->cluster = cluster_of (self, layers, root);
        mention->type = layers->clusters[mention->cluster].type;
    }
}
