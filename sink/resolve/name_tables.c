#include "sink/resolve/name_tables.h"

#include <string.h>

/* In forms of names (names.h). Bodies and places that the press calls by several names. */
static const qw_name_pair_t aliases_pairs[] = {
    {"afp", "agence france presse"}, {"america", "united states"}, {"anc", "african national congress"},
    {"ap", "associated press"}, {"ap news", "associated press"}, {"asean", "association of southeast asian nations"},
    {"au", "african union"}, {"bbc", "british broadcasting corporation"}, {"bjp", "bharatiya janata party"},
    {"britain", "united kingdom"}, {"burma", "myanmar"}, {"cdc", "centers for disease control and prevention"},
    {"cia", "central intelligence agency"}, {"czechia", "czech republic"}, {"defense department", "department of defense"},
    {"democratic peoples republic of korea", "north korea"},
    {"democratic republic of congo", "democratic republic of the congo"}, {"dhs", "department of homeland security"},
    {"dnc", "democratic national committee"}, {"doctors without borders", "medecins sans frontieres"},
    {"doj", "department of justice"}, {"dprk", "north korea"}, {"dr congo", "democratic republic of the congo"},
    {"drc", "democratic republic of the congo"}, {"ecb", "european central bank"},
    {"epa", "environmental protection agency"}, {"eu", "european union"}, {"fbi", "federal bureau of investigation"},
    {"fda", "food and drug administration"}, {"general assembly", "united nations general assembly"},
    {"gop", "republican party"}, {"great britain", "united kingdom"}, {"hk", "hong kong"}, {"holland", "netherlands"},
    {"homeland security department", "department of homeland security"}, {"hong kong sar", "hong kong"},
    {"iaea", "international atomic energy agency"}, {"icc", "international criminal court"},
    {"icj", "international court of justice"}, {"icrc", "international committee of the red cross"},
    {"idf", "israel defense forces"}, {"imf", "international monetary fund"}, {"irs", "internal revenue service"},
    {"islamic republic of iran", "iran"}, {"ivory coast", "cote divoire"}, {"justice department", "department of justice"},
    {"kcna", "korean central news agency"}, {"kingdom of saudi arabia", "saudi arabia"}, {"ksa", "saudi arabia"},
    {"la", "los angeles"}, {"msf", "medecins sans frontieres"}, {"nasa", "national aeronautics and space administration"},
    {"nato", "north atlantic treaty organization"}, {"new york city", "new york"},
    {"north korean workers party", "workers party of korea"}, {"nsa", "national security agency"}, {"nyc", "new york"},
    {"oecd", "organisation for economic co operation and development"},
    {"opec", "organization of the petroleum exporting countries"}, {"peoples republic of china", "china"},
    {"plo", "palestine liberation organization"}, {"prc", "china"}, {"republic of china", "taiwan"},
    {"republic of korea", "south korea"}, {"republic of south africa", "south africa"},
    {"rnc", "republican national committee"}, {"rok", "south korea"}, {"russian federation", "russia"},
    {"security council", "united nations security council"}, {"state department", "department of state"},
    {"state of israel", "israel"}, {"treasury department", "department of the treasury"}, {"turkiye", "turkey"},
    {"u n", "united nations"}, {"uae", "united arab emirates"}, {"uk", "united kingdom"}, {"un", "united nations"},
    {"un general assembly", "united nations general assembly"}, {"un security council", "united nations security council"},
    {"unesco", "united nations educational scientific and cultural organization"},
    {"unhcr", "united nations high commissioner for refugees"}, {"unicef", "united nations childrens fund"},
    {"united states of america", "united states"}, {"upi", "united press international"}, {"us", "united states"},
    {"us state department", "department of state"}, {"usa", "united states"}, {"ussr", "soviet union"},
    {"voa", "voice of america"}, {"washington d c", "washington"}, {"washington dc", "washington"},
    {"wfp", "world food programme"}, {"who", "world health organization"},
    {"workers party of north korea", "workers party of korea"}, {"world food program", "world food programme"},
    {"wto", "world trade organization"}, {"yonhap news", "yonhap"}, {"yonhap news agency", "yonhap"},
};
const qw_name_table_t qw_aliases = {aliases_pairs, sizeof aliases_pairs / sizeof *aliases_pairs};

/* What stands in front of a name, and what it says of the person. */
static const qw_name_pair_t titles_pairs[] = {
    {"admiral", ""}, {"adv", ""}, {"ambassador", ""}, {"archbishop", ""}, {"ayatollah", "m"}, {"baron", "m"},
    {"baroness", "f"}, {"bishop", ""}, {"brother", "m"}, {"capt", ""}, {"captain", ""}, {"cardinal", ""},
    {"chairman", ""}, {"chancellor", ""}, {"cllr", ""}, {"cm", ""}, {"col", ""}, {"colonel", ""}, {"dame", "f"},
    {"datuk", ""}, {"dr", ""}, {"duchess", "f"}, {"duke", "m"}, {"emir", "m"}, {"emperor", "m"}, {"empress", "f"},
    {"father", "m"}, {"frau", "f"}, {"gen", ""}, {"general", ""}, {"gov", ""}, {"governor", ""}, {"herr", "m"},
    {"hon", ""}, {"imam", "m"}, {"judge", ""}, {"justice", ""}, {"king", "m"}, {"lady", "f"}, {"lord", "m"},
    {"lt", ""}, {"madam", "f"}, {"madame", "f"}, {"maj", ""}, {"major", ""}, {"marshal", ""}, {"mayor", ""},
    {"minister", ""}, {"miss", "f"}, {"mme", "f"}, {"monsieur", "m"}, {"mp", ""}, {"mr", "m"}, {"mrs", "f"},
    {"ms", "f"}, {"pm", ""}, {"pope", "m"}, {"premier", ""}, {"president", ""}, {"prince", "m"}, {"princess", "f"},
    {"prof", ""}, {"professor", ""}, {"queen", "f"}, {"rep", ""}, {"rev", "m"}, {"reverend", "m"}, {"secretary", ""},
    {"sen", ""}, {"senator", ""}, {"senor", "m"}, {"senora", "f"}, {"seri", ""}, {"sgt", ""}, {"sheik", ""},
    {"sheikh", ""}, {"shri", ""}, {"sir", "m"}, {"sister", "f"}, {"smt", ""}, {"sultan", "m"}, {"tan", ""},
};
const qw_name_table_t qw_titles = {titles_pairs, sizeof titles_pairs / sizeof *titles_pairs};

/* Surnames that stand first: Korean, Chinese, Vietnamese. */
static const qw_name_pair_t leading_surnames_pairs[] = {
    {"ahn", ""}, {"an", ""}, {"bae", ""}, {"baek", ""}, {"ban", ""}, {"bo", ""}, {"bui", ""}, {"cai", ""}, {"cha", ""},
    {"chang", ""}, {"chen", ""}, {"cho", ""}, {"choe", ""}, {"choi", ""}, {"chun", ""}, {"chung", ""}, {"dang", ""},
    {"deng", ""}, {"do", ""}, {"dong", ""}, {"duong", ""}, {"eom", ""}, {"feng", ""}, {"gao", ""}, {"guo", ""}, {"ha", ""},
    {"han", ""}, {"heo", ""}, {"hoang", ""}, {"hong", ""}, {"hu", ""}, {"hua", ""}, {"huang", ""}, {"huh", ""}, {"hur", ""},
    {"hwang", ""}, {"hyon", ""}, {"hyun", ""}, {"im", ""}, {"jang", ""}, {"jeon", ""}, {"jeong", ""}, {"ji", ""},
    {"jiang", ""}, {"jin", ""}, {"jo", ""}, {"joo", ""}, {"ju", ""}, {"jung", ""}, {"kang", ""}, {"kim", ""}, {"ko", ""},
    {"koh", ""}, {"koo", ""}, {"ku", ""}, {"kwon", ""}, {"le", ""}, {"lee", ""}, {"li", ""}, {"liang", ""}, {"lim", ""},
    {"lin", ""}, {"liu", ""}, {"luo", ""}, {"ma", ""}, {"mao", ""}, {"min", ""}, {"moon", ""}, {"mun", ""}, {"na", ""},
    {"nam", ""}, {"ngo", ""}, {"nguyen", ""}, {"no", ""}, {"noh", ""}, {"o", ""}, {"oh", ""}, {"pae", ""}, {"paek", ""},
    {"pak", ""}, {"pan", ""}, {"park", ""}, {"peng", ""}, {"pham", ""}, {"phan", ""}, {"rhee", ""}, {"ri", ""}, {"rim", ""},
    {"roh", ""}, {"ryu", ""}, {"seo", ""}, {"shim", ""}, {"shin", ""}, {"sim", ""}, {"sin", ""}, {"so", ""}, {"sohn", ""},
    {"son", ""}, {"song", ""}, {"suh", ""}, {"sun", ""}, {"tang", ""}, {"tian", ""}, {"tran", ""}, {"tsai", ""}, {"um", ""},
    {"vo", ""}, {"vu", ""}, {"wang", ""}, {"wei", ""}, {"wen", ""}, {"won", ""}, {"woo", ""}, {"wu", ""}, {"xi", ""},
    {"xiao", ""}, {"xie", ""}, {"xu", ""}, {"yang", ""}, {"yi", ""}, {"yoo", ""}, {"yoon", ""}, {"yu", ""}, {"yuan", ""},
    {"yun", ""}, {"zeng", ""}, {"zhang", ""}, {"zhao", ""}, {"zhou", ""}, {"zhu", ""},
};
const qw_name_table_t qw_leading_surnames = {leading_surnames_pairs,
                                             sizeof leading_surnames_pairs / sizeof *leading_surnames_pairs};

const char *qw_name_table_lookup (const qw_name_table_t *self, const char *key, size_t size)
{
    size_t low = 0, high = size ? self->count : 0;
    while (low < high) {
        size_t middle = (low + high) / 2;
        const char *other = self->pairs[middle].key;
        int order = (unsigned char) other[0] - (unsigned char) key[0];
        if (order == 0)
            order = strncmp (other, key, size);
        if (order == 0 && other[size] == 0)
            return self->pairs[middle].value;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}
