#include "workers/tokens/words.h"

enum { LONGEST = 12 };

#define COUNT(list) (sizeof (list) / sizeof *(list))

/* All lists in strcmp order, in small letters. */

static const char *const abbreviations[] = {
    "a.m", "al", "approx", "apt", "assn", "assoc", "ave", "bldg", "blvd", "bros", "co", "conn", "corp", "cos", "ctr",
    "dept", "dist", "div", "drs", "esq", "est", "etc", "ext", "govt", "hq", "hrs", "hwy", "inc", "inst", "intl",
    "jr", "ltd", "mfg", "mgr", "mins", "nat'l", "natl", "p.m", "plc", "pty", "rd", "sq", "sr", "ste", "sts", "tel",
    "univ", "yr", "yrs"};

static const char *const titles[] = {
    "adm", "amb", "apr", "asst", "attn", "atty", "aug", "brig", "capt", "cf", "cllr", "cmdr", "col", "comdr",
    "const", "cpl", "dec", "det", "dr", "e.g", "ens", "esp", "feb", "fr", "fri", "ft", "gen", "gov", "hon", "i.e",
    "insp", "jan", "jul", "jun", "lieut", "lt", "lt.col", "maj", "messrs", "mlle", "mme", "mr", "mrs", "ms", "msgr",
    "mt", "nov", "oct", "pfc", "ph", "pres", "prof", "pvt", "rep", "reps", "rev", "rt", "sen", "sens", "sep", "sept",
    "sgt", "st", "supt", "thur", "thurs", "tue", "tues", "v", "viz", "vs", "wed"};

static const char *const states[] = {
    "ala", "alta", "ariz", "ark", "cal", "calif", "colo", "conn", "dak", "del", "fla", "ga", "ill", "ind", "kan",
    "kans", "ky", "la", "man", "mass", "md", "mich", "minn", "miss", "mo", "mont", "neb", "nebr", "nev", "okla",
    "ont", "ore", "pa", "penn", "que", "sask", "tenn", "tex", "va", "vt", "wash", "wis", "wyo"};

static const char *const numbered[] = {
    "approx", "art", "c", "ca", "ch", "eds", "fig", "figs", "ll", "mar", "mon", "no", "nos", "nr", "op", "p", "para",
    "pg", "pp", "sat", "sec", "sun", "vol"};

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

static const struct {
    const char *const *words;
    size_t count;
} lists[QW_WORD_LIST_COUNT] = {
    {abbreviations, COUNT (abbreviations)}, {titles, COUNT (titles)},     {states, COUNT (states)},
    {numbered, COUNT (numbered)},           {prefixes, COUNT (prefixes)}, {suffixes, COUNT (suffixes)},
    {units, COUNT (units)},                 {domains, COUNT (domains)},   {elisions, COUNT (elisions)}};

const char *qw_word_listed (qw_word_list_t list, size_t i) { return i < lists[list].count ? lists[list].words[i] : NULL; }

bool qw_word_in_list (qw_word_list_t list, const char *word, uint32_t size)
{
    if (size == 0 || size > LONGEST)
        return false;
    size_t low = 0, high = lists[list].count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = compare (word, size, lists[list].words[middle]);
        if (order == 0)
            return true;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return false;
}

qw_word_kind_t qw_word_abbreviation (const char *word, uint32_t size)
{
    if (qw_word_in_list (QW_WORD_LIST_TITLES, word, size))
        return QW_WORD_TITLE;
    if (qw_word_in_list (QW_WORD_LIST_ABBREVIATIONS, word, size))
        return QW_WORD_ABBREVIATION;
    if (size && word[0] >= 'A' && word[0] <= 'Z' && qw_word_in_list (QW_WORD_LIST_STATES, word, size))
        return QW_WORD_STATE;
    return qw_word_in_list (QW_WORD_LIST_NUMBERED, word, size) ? QW_WORD_NUMBERED : QW_WORD_NONE;
}
