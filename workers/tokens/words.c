#include "workers/tokens/words.h"

enum { LONGEST = 12, LONGEST_ABBREVIATION = 6 };

#define COUNT(list) (sizeof (list) / sizeof *(list))

/* All lists in strcmp order, in small letters. */

static const char *const after_times[] = {
    "aest", "beijing", "bst", "central", "cet", "cst", "eastern", "edt", "est", "et", "friday", "gmt", "ist", "kst",
    "london", "monday", "moscow", "mst", "pacific", "paris", "pdt", "pst", "pt", "saturday", "sunday", "thursday",
    "tokyo", "tuesday", "utc", "washington", "wednesday"};

#define A QW_WORD_ABBREVIATION
#define T QW_WORD_TITLE
#define S QW_WORD_STATE
#define N QW_WORD_NUMBERED

typedef struct {
    const char *word;
    qw_word_kind_t kind;
} abbreviation_t;

static const abbreviation_t abbreviations[] = {
    {"a.m", A}, {"adm", T}, {"al", A}, {"ala", S}, {"alta", S}, {"amb", T}, {"approx", A}, {"apr", T}, {"apt", A},
    {"ariz", S}, {"ark", S}, {"art", N}, {"assn", A}, {"assoc", A}, {"asst", T}, {"attn", T}, {"atty", T}, {"aug", T},
    {"ave", A}, {"bldg", A}, {"blvd", A}, {"brig", T}, {"bros", A}, {"c", N}, {"ca", N}, {"cal", S}, {"calif", S},
    {"capt", T}, {"cf", T}, {"ch", N}, {"cllr", T}, {"cmdr", T}, {"co", A}, {"col", T}, {"colo", S}, {"comdr", T},
    {"conn", S}, {"const", T}, {"corp", A}, {"cos", A}, {"cpl", T}, {"ctr", A}, {"dak", S}, {"dec", T}, {"del", S},
    {"dept", A}, {"det", T}, {"dist", A}, {"div", A}, {"dr", T}, {"drs", A}, {"e.g", T}, {"eds", N}, {"ens", T},
    {"esp", T}, {"esq", A}, {"est", A}, {"etc", A}, {"ext", A}, {"feb", T}, {"fig", N}, {"figs", N}, {"fla", S}, {"fr", T},
    {"fri", T}, {"ft", T}, {"ga", S}, {"gen", T}, {"gov", T}, {"govt", A}, {"hon", T}, {"hq", A}, {"hrs", A}, {"hwy", A},
    {"i.e", T}, {"ill", S}, {"inc", A}, {"ind", S}, {"insp", T}, {"inst", A}, {"intl", A}, {"jan", T}, {"jr", A},
    {"jul", T}, {"jun", T}, {"kan", S}, {"kans", S}, {"ky", S}, {"la", S}, {"lieut", T}, {"ll", N}, {"lt", T},
    {"lt.col", T}, {"ltd", A}, {"maj", T}, {"man", S}, {"mar", N}, {"mass", S}, {"md", S}, {"messrs", T}, {"mfg", A},
    {"mgr", A}, {"mich", S}, {"minn", S}, {"mins", A}, {"miss", S}, {"mlle", T}, {"mme", T}, {"mo", S}, {"mon", N},
    {"mont", S}, {"mr", T}, {"mrs", T}, {"ms", T}, {"msgr", T}, {"mt", T}, {"nat'l", A}, {"natl", A}, {"neb", S},
    {"nebr", S}, {"nev", S}, {"no", N}, {"nos", N}, {"nov", T}, {"nr", N}, {"oct", T}, {"okla", S}, {"ont", S}, {"op", N},
    {"ore", S}, {"p", N}, {"p.m", A}, {"pa", S}, {"para", N}, {"penn", S}, {"pfc", T}, {"pg", N}, {"ph", T}, {"plc", A},
    {"pp", N}, {"pres", T}, {"prof", T}, {"pty", A}, {"pvt", T}, {"que", S}, {"rd", A}, {"rep", T}, {"reps", T},
    {"rev", T}, {"rs", N}, {"rt", T}, {"sask", S}, {"sat", N}, {"sec", N}, {"sen", T}, {"sens", T}, {"sep", T}, {"sept", T},
    {"sgt", T}, {"sq", A}, {"sr", A}, {"st", T}, {"ste", A}, {"sts", A}, {"sun", N}, {"supt", T}, {"tel", A}, {"tenn", S},
    {"tex", S}, {"thur", T}, {"thurs", T}, {"tue", T}, {"tues", T}, {"univ", A}, {"v", T}, {"va", S}, {"viz", T},
    {"vol", N}, {"vs", T}, {"vt", S}, {"wash", S}, {"wed", T}, {"wis", S}, {"wyo", S}, {"yr", A}, {"yrs", A}};

static const char *const prefixes[] = {
    "agro", "ante", "anti", "bi", "bio", "co", "counter", "cross", "cyber", "de", "e", "ex", "extra", "hyper",
    "inter", "intra", "macro", "mega", "meta", "micro", "mid", "mini", "multi", "neo", "non", "over", "peri", "post",
    "pre", "pro", "proto", "pseudo", "psycho", "re", "semi", "socio", "sub", "super", "tri", "ultra", "un", "uni"};

static const char *const suffixes[] = {
    "esque", "ette", "fold", "gate", "ish", "less", "rama", "wise"};

static const char *const units[] = {
    "am", "b", "billion", "bn", "bp", "cc", "cm", "days", "f", "ft", "g", "gb", "ghz", "gw", "h", "ha", "hours",
    "hp", "hr", "hrs", "hz", "in", "k", "kb", "kg", "kgs", "khz", "km", "kmh", "kms", "kph", "kw", "kwh", "lb",
    "lbs", "m", "mb", "meters", "metres", "mg", "mhz", "mi", "miles", "min", "mins", "minutes", "ml", "mm", "mn",
    "mph", "ms", "mw", "mwh", "nm", "oz", "pc", "percent", "pm", "pt", "pts", "sec", "secs", "sq", "tb", "tn", "trn",
    "yd", "yds", "yr", "yrs"};

static const char *const domains[] = {
    "au", "avi", "biz", "ca", "cn", "co", "com", "de", "doc", "docx", "edu", "eu", "exe", "fm", "fr", "gif", "gov",
    "htm", "html", "ie", "info", "int", "io", "jp", "jpeg", "jpg", "ke", "kr", "mil", "mobi", "mov", "mp3", "mp4",
    "net", "ng", "nl", "nz", "org", "pdf", "php", "png", "ppt", "pptx", "rtf", "ru", "sg", "tv", "txt", "ua", "uk",
    "us", "wav", "xls", "xlsx", "za", "zip"};

static const char *const elisions[] = {
    "bout", "cause", "cuz", "em", "er", "n", "round", "til", "till", "tis", "twas"};

/* An entry begins with the pointer to its word. */
static const struct {
    const void *entries;
    size_t count, entry_size;
} lists[QW_WORD_LIST_COUNT] = {{abbreviations, COUNT (abbreviations), sizeof (abbreviation_t)},
                               {prefixes, COUNT (prefixes), sizeof (char *)},
                               {suffixes, COUNT (suffixes), sizeof (char *)},
                               {units, COUNT (units), sizeof (char *)},
                               {domains, COUNT (domains), sizeof (char *)},
                               {elisions, COUNT (elisions), sizeof (char *)},
                               {after_times, COUNT (after_times), sizeof (char *)}};

static inline const char *word_of (qw_word_list_t list, size_t i)
{
    return *(const char *const *) ((const char *) lists[list].entries + i * lists[list].entry_size);
}

const char *qw_word_listed (qw_word_list_t list, size_t i) { return i < lists[list].count ? word_of (list, i) : NULL; }

static int compare (const char *word, uint32_t size, const char *entry)
{
    for (uint32_t i = 0; i < size; i++) {
        unsigned char a = (unsigned char) word[i], b = (unsigned char) entry[i];
        if (a >= 'A' && a <= 'Z')
            a |= 0x20;
        if (a != b)
            return a < b ? -1 : 1; /* the entry's end is a 0 */
    }
    return entry[size] ? -1 : 0;
}

/* The index of the word, -1 when the list lacks it. */
static int find (qw_word_list_t list, const char *word, uint32_t size)
{
    if (size == 0 || size > LONGEST)
        return -1;
    size_t low = 0, high = lists[list].count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = compare (word, size, word_of (list, middle));
        if (order == 0)
            return (int) middle;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return -1;
}

bool qw_word_in_list (qw_word_list_t list, const char *word, uint32_t size) { return find (list, word, size) >= 0; }

qw_word_kind_t qw_word_abbreviation (const char *word, uint32_t size)
{
    int index = size <= LONGEST_ABBREVIATION ? find (QW_WORD_LIST_ABBREVIATIONS, word, size) : -1;
    if (index < 0)
        return QW_WORD_NONE;
    qw_word_kind_t kind = abbreviations[index].kind;
    return kind == QW_WORD_STATE && !(word[0] >= 'A' && word[0] <= 'Z') ? QW_WORD_NONE : kind;
}
