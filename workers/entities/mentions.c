#include "workers/entities/mentions.h"

#include <string.h>

#include "workers/entities/bodies.h"

typedef struct {
    const char *text;
    qw_layers_t *layers;
    size_t first, end; /* the tokens of the mention */
} mention_t;

static bool is_word (const char *lower, size_t size, const char *word)
{
    for (size_t i = 0; i < size; i++)
        if (word[i] == 0 || word[i] != lower[i])
            return false;
    return word[size] == 0;
}

/* Without case; the words of the list are in small letters. */
static bool token_is_one_of (const mention_t *self, size_t token, const char *const *list)
{
    char lower[16]; /* longer than any word of the lists */
    qw_span_t span = self->layers->tokens[token];
    size_t size = qw_span_size (span);
    if (size > sizeof lower)
        return false;
    for (size_t i = 0; i < size; i++) {
        char c = self->text[span.start + i];
        lower[i] = (char) (c >= 'A' && c <= 'Z' ? c | 0x20 : c);
    }
    for (; *list; list++)
        if (is_word (lower, size, *list))
            return true;
    return false;
}

static bool any_token (const mention_t *self, const char *const *list)
{
    for (size_t i = self->first; i < self->end; i++)
        if (token_is_one_of (self, i, list))
            return true;
    return false;
}

static bool holds_a_currency (const mention_t *self)
{
    static const char *const signs[] = {"€", "£", "¥", "₹", "₦", "₩", "₡", "₱", "₪", "₺", "₽", "₵", NULL};
    size_t start = self->layers->tokens[self->first].start, size = self->layers->tokens[self->end - 1].end - start;
    const char *text = self->text + start;
    bool ascii = true;
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '$')
            return true;
        ascii &= (unsigned char) text[i] < 0x80;
    }
    for (const char *const *sign = signs; *sign && !ascii; sign++)
        if (memmem (text, size, *sign, strlen (*sign)))
            return true;
    return false;
}

static const char *const thousands[] = {"million", "millions", "billion", "billions", "trillion", "bn", "crore", "lakh", NULL};

static qw_entity_type_t type_of_number (const mention_t *self)
{
    static const char *const percents[] = {"%", "percent", "pct", "percentage", NULL};
    static const char *const moneys[] = {"dollar", "dollars", "cents", "euro", "euros", "pound", "pounds", "yen", "yuan", "rupee",
                                         "rupees", "won", "francs", "pesos", "peso", "rand", "naira", "shillings", "roubles",
                                         "rubles", "lira", "dirhams", "ringgit", "baht", "rupiah", "usd", "eur", "us$", "$",
                                         "rs", "rs.", "kr", "krona", "cedi", "cedis", "kwacha", "riyals", "dinars", "taka",
                                         "reais", "hk$", "a$", "nt$", "c$", "s$", "rm", NULL};
    static const char *const times[] = {"am", "pm", "a.m.", "p.m.", "a.m", "p.m", "gmt", "utc", "noon", "midnight", "o'clock",
                                        "hours", "hour", "minutes", "minute", "seconds", "est", "edt", "bst", NULL};
    static const char *const days[] = {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "january",
                                       "february", "march", "april", "may", "june", "july", "august", "september", "october",
                                       "november", "december", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept",
                                       "oct", "nov", "dec", "jan.", "feb.", "aug.", "sept.", "oct.", "nov.", "dec.", NULL};
    if (any_token (self, percents))
        return QW_PERCENT;
    if (any_token (self, moneys) || holds_a_currency (self))
        return QW_MONEY;
    if (any_token (self, days))
        return QW_DATE;
    if (any_token (self, times))
        return QW_TIME;
    return any_token (self, thousands) ? QW_MONEY : QW_DATE;
}

static bool is_event (const mention_t *self)
{
    static const char *const heads[] = {"war", "wars", "cup", "games", "olympics", "championship", "championships", "tournament",
                                        "festival", "summit", "conference", "congress", "revolution", "uprising", "holocaust",
                                        "olympic", "paralympics", "marathon", "derby", "election", "elections", "massacre",
                                        "genocide", "hurricane", "typhoon", "cyclone", "earthquake", "expo", "exhibition", "fair",
                                        "awards", "forum", "prix", "open", "bowl", "biennale", "carnival", "parade", "referendum",
                                        "intifada", "armistice", "battle", "siege", "crusade", "ramadan", "christmas", "easter",
                                        "eid", "diwali", "thanksgiving", "ww2", "wwii", "wwi", NULL};
    return any_token (self, heads);
}

static qw_entity_type_t type_of (const mention_t *self, int label)
{
    static const qw_entity_type_t types[QW_NAME_TYPES]
        = {QW_PERSON, QW_ORG, QW_LOC, QW_FAC, QW_NORP, QW_PRODUCT, QW_MISC};
    if (label == QW_LABEL_NUMBER)
        return type_of_number (self);
    qw_entity_type_t type = types[qw_label_name (label)];
    return type == QW_MISC && is_event (self) ? QW_EVENT : type;
}

/* Titles are no part of a person. */
static void leave_titles_out (mention_t *self)
{
    static const char *const titles[] = {"mr", "mr.", "mrs", "mrs.", "ms", "ms.", "dr", "dr.", "madam", "miss", "prof", "prof.",
                                         "sir", "lord", "lady", "sen.", "rep.", "gov.", "gen.", "col.", "rev.", "president",
                                         "senator", "judge", "justice", "captain", "commissioner", NULL};
    while (self->first + 1 < self->end && token_is_one_of (self, self->first, titles))
        self->first++;
}

/* True when a mention that would come next is the end of a well-known body that begins with one of the (at most three) mentions
 * before it; these have become one then. "Bank of China" is such a pair, too. */
static bool join_body (const char *text, qw_layers_t *layers, size_t first_mention, qw_span_t span)
{
    enum { LONGEST = 60 };
    for (size_t back = 1; back <= 3 && layers->mention_count >= first_mention + back; back++) {
        qw_mention_t *before = &layers->mentions[layers->mention_count - back];
        if (span.end - before->span.start > LONGEST || before->type > QW_MISC)
            return false;
        if (qw_is_known_body (text + before->span.start, span.end - before->span.start)) {
            before->span.end = span.end;
            before->type = QW_ORG;
            layers->mention_count -= back - 1;
            return true;
        }
    }
    return false;
}

/* Marks alone are nobody's name, and neither are long rows of small words, which damaged text can look like. */
static bool is_credible (const mention_t *self, const qw_word_t *words, int label)
{
    enum { SHORT = 6, LONGEST = 20 };
    size_t spoken = 0, capitals = 0;
    for (size_t i = self->first; i < self->end; i++) {
        spoken += words[i].kind != QW_KIND_MARK;
        capitals += words[i].capital;
    }
    if (label == QW_LABEL_NUMBER)
        return spoken > 0 && spoken <= LONGEST;
    return spoken > 0 && spoken <= LONGEST && (spoken <= SHORT || capitals * 3 >= spoken);
}

void qw_mentions_of_labels (const char *text, qw_layers_t *layers, const qw_word_t *words, const uint8_t *labels)
{
    for (size_t s = 0; s < layers->sentence_count; s++) {
        size_t end = layers->sentences[s].end, first_mention = layers->mention_count; /* of the sentence */
        for (size_t i = layers->sentences[s].first; i < end;) {
            int label = labels[i];
            mention_t mention = {text, layers, i++, 0};
            if (label == QW_LABEL_OUTSIDE)
                continue;
            int inside = label == QW_LABEL_NUMBER ? label : qw_label_inside (qw_label_name (label));
            while (i < end && labels[i] == inside)
                i++;
            mention.end = i;
            if (!is_credible (&mention, words, label))
                continue;
            qw_entity_type_t type = type_of (&mention, label);
            if (type == QW_PERSON)
                leave_titles_out (&mention);
            qw_span_t span = {layers->tokens[mention.first].start, layers->tokens[mention.end - 1].end};
            if (!join_body (text, layers, first_mention, span)) {
                qw_mention_t *made = qw_layers_add_mention (layers);
                made->span = span;
                made->type = type;
            }
        }
    }
}
