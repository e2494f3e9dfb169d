#include <string.h>

#include "sink/resolve/speakers_parts.h"

static char lower (char c) { return c >= 'A' && c <= 'Z' ? (char) (c | 32) : c; }

bool qw_same_word (const char *a, size_t a_size, const char *b, size_t b_size)
{
    if (a_size != b_size)
        return false;
    for (size_t i = 0; i < a_size; i++)
        if (lower (a[i]) != lower (b[i]))
            return false;
    return true;
}

/* Whether a word is in a sorted list of lower-case words. */
static bool is_in (const char *const *list, size_t count, const char *word, size_t size)
{
    char key[20];
    if (size >= sizeof key)
        return false;
    for (size_t i = 0; i < size; i++)
        key[i] = lower (word[i]);
    key[size] = 0;
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp (key, list[middle]);
        if (order == 0)
            return true;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return false;
}

#define IS_IN(list, word, size) is_in (list, sizeof list / sizeof *list, word, size)

qw_pronoun_t qw_pronoun_of (const char *text, qw_span_t span)
{
    static const struct {
        char word[11];
        uint8_t size;
        qw_pronoun_t pronoun;
    } forms[] = {
        {"he", 2, PRONOUN_HE},      {"she", 3, PRONOUN_SHE},     {"it", 2, PRONOUN_IT},     {"they", 4, PRONOUN_THEY},
        {"who", 3, PRONOUN_WHO},    {"which", 5, PRONOUN_WHO},   {"i", 1, PRONOUN_OTHER},   {"we", 2, PRONOUN_OTHER},
        {"you", 3, PRONOUN_OTHER},  {"him", 3, PRONOUN_HE},      {"her", 3, PRONOUN_SHE},   {"them", 4, PRONOUN_THEY},
        {"his", 3, PRONOUN_HE},     {"their", 5, PRONOUN_THEY},  {"its", 3, PRONOUN_IT},    {"that", 4, PRONOUN_WHO},
        {"himself", 7, PRONOUN_HE}, {"herself", 7, PRONOUN_SHE}, {"itself", 6, PRONOUN_IT}, {"themselves", 10, PRONOUN_THEY},
        {"me", 2, PRONOUN_OTHER},   {"us", 2, PRONOUN_OTHER},    {"what", 4, PRONOUN_OTHER}};
    size_t size = qw_span_size (span);
    if (size > 10)
        return PRONOUN_NONE;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (forms[i].size == size && qw_same_word (text + span.start, size, forms[i].word, size))
            return forms[i].pronoun;
    return PRONOUN_NONE;
}

qw_span_t qw_head_of (const char *text, qw_span_t span)
{
    static const char *const breaks[] = {"at", "for", "from", "in", "of", "on", "that", "to", "which", "who", "with"};
    qw_span_t head = {span.end, span.end};
    for (uint32_t at = span.start; at < span.end;) {
        while (at < span.end && (text[at] == ' ' || text[at] == ','))
            at++;
        uint32_t end = at;
        while (end < span.end && text[end] != ' ' && text[end] != ',')
            end++;
        if (end == at)
            break;
        if (!qw_span_is_empty (head) && (IS_IN (breaks, text + at, end - at) || text[at - 1] == ','))
            break;
        head = (qw_span_t){at, end};
        at = end;
    }
    return head;
}

bool qw_is_definite (const char *text, qw_span_t span)
{
    static const char *const words[] = {"her", "his", "its", "that", "the", "their", "these", "this", "those"};
    uint32_t end = span.start;
    while (end < span.end && text[end] != ' ')
        end++;
    return end < span.end && IS_IN (words, text + span.start, end - span.start);
}

/* What people are called by what they do: most such nouns end alike. */
static bool is_role (const char *word, size_t size)
{
    static const char *const roles[] = {
        "activist",   "adviser", "advisor", "aide",      "analyst", "attorney",  "candidate", "captain",
        "ceo",        "chair",   "chief",   "coach",     "cop",     "critic",    "delegate",  "deputy",
        "diplomat",   "doctor",  "envoy",   "expert",    "father",  "girl",      "guard",     "guest",
        "head",       "host",    "insider", "judge",     "king",    "lawmaker",  "lawyer",    "man",
        "mayor",      "mother",  "nurse",   "official",  "one",     "operative", "parent",    "pilot",
        "politician", "pope",    "premier", "president", "priest",  "queen",     "rep",       "resident",
        "secretary",  "sheriff", "son",     "source",    "star",    "student",   "thinker",   "victim",
        "witness",    "woman"};
    static const struct {
        char letters[7];
        uint8_t size;
    } endings[] = {{"er", 2},     {"or", 2},  {"ist", 3}, {"man", 3},  {"woman", 5},
                   {"person", 6}, {"ian", 3}, {"eer", 3}, {"nant", 4}, {"tant", 4}};
    if (IS_IN (roles, word, size))
        return true;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t length = endings[i].size;
        if (size > length + 2 && memcmp (word + size - length, endings[i].letters, length) == 0)
            return true;
    }
    return false;
}

/* Bodies that a text calls by their kind once they are known. */
bool qw_is_vague_body (const char *text, qw_span_t head)
{
    static const char *const words[] = {
        "agency",     "association",  "bank",         "body",        "bureau",   "charity",    "club",
        "commission", "committee",    "company",      "corporation", "council",  "department", "firm",
        "foundation", "fund",         "group",        "institute",   "magazine", "ministry",   "network",
        "newspaper",  "organisation", "organization", "outlet",      "party",    "union",      "watchdog"};
    return IS_IN (words, text + head.start, qw_span_size (head));
}

qw_sort_t qw_sort_of_noun (const char *text, qw_span_t head)
{
    static const char *const papers[] = {
        "account", "analysis", "announcement", "article",   "book",    "bulletin", "column",  "complaint",
        "data",    "document", "editorial",    "email",     "figures", "filing",   "lawsuit", "letter",
        "memo",    "message",  "note",         "notice",    "paper",   "poll",     "post",    "press",
        "release", "report",   "research",     "statement", "study",   "survey",   "tweet",   "website"};
    static const char *const bodies[] = {
        "administration", "agency",     "airline",      "army",         "association", "authority",   "bank",
        "board",          "body",       "broadcaster",  "bureau",       "campaign",    "centre",      "charity",
        "church",         "club",       "commission",   "committee",    "company",     "corporation", "council",
        "country",        "court",      "department",   "embassy",      "federation",  "firm",        "foundation",
        "fund",           "government", "group",        "hospital",     "institute",   "kingdom",     "league",
        "magazine",       "media",      "military",     "ministry",     "movement",    "nation",      "network",
        "newspaper",      "office",     "organisation", "organization", "outlet",      "parliament",  "party",
        "police",         "regime",     "school",       "service",      "state",       "station",     "team",
        "think-tank",     "tribunal",   "union",        "university",   "watchdog"};
    static const char *const many[] = {"both", "few", "many", "most", "others", "people", "several", "some"};
    const char *word = text + head.start;
    size_t size = qw_span_size (head);
    if (size == 0)
        return SORT_OTHER;
    if (IS_IN (papers, word, size))
        return SORT_PAPER;
    if (IS_IN (bodies, word, size))
        return SORT_BODY;
    if (IS_IN (many, word, size) || (size > 3 && word[size - 1] == 's' && word[size - 2] != 's'))
        return SORT_MANY;
    return is_role (word, size) ? SORT_PERSON : SORT_OTHER;
}

qw_sort_t qw_sort_of_type (qw_entity_type_t type)
{
    switch (type) {
    case QW_PERSON: return SORT_PERSON;
    case QW_ORG: return SORT_BODY;
    case QW_NORP: return SORT_MANY;
    case QW_LOC: return SORT_PLACE;
    default: return SORT_OTHER;
    }
}
