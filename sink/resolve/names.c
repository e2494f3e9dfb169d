#include "sink/resolve/names.h"

#include <string.h>
#include <utf8proc.h>

#include "proto/utf8.h"
#include "sink/resolve/name_tables.h"

typedef struct {
    qw_name_form_t *form;
    bool in_word;
    unsigned small, large, digits; /* letters seen */
} writer_t;

static void end_word (writer_t *self)
{
    qw_name_form_t *form = self->form;
    if (!self->in_word)
        return;
    self->in_word = false;
    if (form->word_count < QW_NAME_WORDS)
        form->word_count++;
    form->ends[form->word_count - 1] = (uint16_t) form->size;
}

static void put (writer_t *self, char c)
{
    qw_name_form_t *form = self->form;
    if (form->size + 2 >= QW_NAME_BYTES) {
        form->cut = true;
        return;
    }
    if (!self->in_word && form->size > 0)
        form->bytes[form->size++] = ' ';
    self->in_word = true;
    form->bytes[form->size++] = c;
}

/* A character beyond ASCII: its letters without accents, in small letters. */
static void put_point (writer_t *self, uint32_t point)
{
    if (point == 0x2019 || point == 0x2018)
        return; /* an apostrophe joins: "Workers’" is "workers" */
    utf8proc_int32_t parts[8];
    int last_class = 0;
    utf8proc_ssize_t count = utf8proc_decompose_char ((utf8proc_int32_t) point, parts, 8,
                                                      UTF8PROC_DECOMPOSE | UTF8PROC_STRIPMARK | UTF8PROC_CASEFOLD, &last_class);
    utf8proc_category_t category = utf8proc_category ((utf8proc_int32_t) point);
    bool letter = (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO)
                  || (category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO);
    bool mark = category >= UTF8PROC_CATEGORY_MN && category <= UTF8PROC_CATEGORY_ME;
    if (!letter && !mark) {
        end_word (self);
        return;
    }
    self->small += category != UTF8PROC_CATEGORY_LU;
    self->large += category == UTF8PROC_CATEGORY_LU;
    for (utf8proc_ssize_t i = 0; i < count && i < 8; i++) {
        char bytes[4];
        utf8proc_ssize_t size = utf8proc_encode_char (parts[i], (utf8proc_uint8_t *) bytes);
        if (self->form->size + (uint32_t) size + 2 >= QW_NAME_BYTES) {
            self->form->cut = true; /* never half a character */
            return;
        }
        for (utf8proc_ssize_t j = 0; j < size; j++)
            put (self, bytes[j]);
    }
}

static bool is_letter (char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

static void write_words (writer_t *self, const char *text, size_t size)
{
    for (size_t at = 0, taken = 1; at < size; at += taken) {
        char c = text[at];
        taken = 1;
        if (c >= 'a' && c <= 'z') {
            self->small++;
            put (self, c);
        } else if (c >= 'A' && c <= 'Z') {
            self->large++;
            put (self, (char) (c | 0x20));
        } else if (c >= '0' && c <= '9') {
            self->digits++;
            put (self, c);
        } else if ((unsigned char) c >= 0x80)
            put_point (self, qw_utf8_decode (text + at, size - at, &taken));
        else if (c == '\'')
            ; /* joins, as above */
        else if (c == '.' && at > 0 && is_letter (text[at - 1]) && at + 1 < size && is_letter (text[at + 1])
                 && (at + 2 == size || !is_letter (text[at + 2])))
            ; /* inside of "U.N." */
        else if (c == '&') {
            end_word (self);
            put (self, 'a');
            put (self, 'n');
            put (self, 'd');
            end_word (self);
        } else
            end_word (self);
    }
    end_word (self);
}

static bool word_is (const qw_name_form_t *form, uint32_t word, const char *text)
{
    uint32_t start = qw_name_word_start (form, word), size = form->ends[word] - start;
    return strncmp (text, form->bytes + start, size) == 0 && text[size] == 0;
}

static void drop_word (qw_name_form_t *form, uint32_t word)
{
    uint32_t start = qw_name_word_start (form, word), end = form->ends[word];
    uint32_t gone = end - start + (form->word_count > 1);
    uint32_t from = word + 1 == form->word_count && word > 0 ? start - 1 : start;
    memmove (form->bytes + from, form->bytes + from + gone, form->size - from - gone);
    form->size -= gone;
    for (uint32_t i = word; i + 1 < form->word_count; i++)
        form->ends[i] = (uint16_t) (form->ends[i + 1] - gone);
    form->word_count--;
}

static bool is_one_of (const qw_name_form_t *form, uint32_t word, const char *const *list)
{
    for (; *list; list++)
        if (word_is (form, word, *list))
            return true;
    return false;
}

static bool is_title (const qw_name_form_t *form, uint32_t word)
{
    uint32_t start = qw_name_word_start (form, word);
    return qw_name_table_find (qw_titles, form->bytes + start, form->ends[word] - start) != NULL;
}

static void settle_person (qw_name_form_t *form)
{
    static const char *const generations[] = {"jr", "sr", "ii", "iii", "iv", NULL};
    while (form->word_count > 1 && is_title (form, 0))
        drop_word (form, 0);
    while (form->word_count > 2 && is_one_of (form, form->word_count - 1, generations))
        drop_word (form, form->word_count - 1);
    for (uint32_t i = 1; i + 1 < form->word_count && form->word_count < QW_NAME_WORDS;)
        if (form->ends[i] - qw_name_word_start (form, i) == 1)
            drop_word (form, i); /* the V. of Vladimir V. Putin */
        else
            i++;
}

static void settle_body (qw_name_form_t *form)
{
    static const char *const forms[] = {"inc", "corp", "ltd", "co", "plc", "llc", "gmbh", "ag", "sa", "nv", "bhd", "limited",
                                        "corporation", "incorporated", NULL};
    while (form->word_count > 1 && is_one_of (form, form->word_count - 1, forms))
        drop_word (form, form->word_count - 1);
}

/* "n korea" and "s koreans" in full. */
static void settle_korea (qw_name_form_t *form)
{
    if (form->word_count < 2 || form->size + 8 >= QW_NAME_BYTES || form->ends[0] != 1 || form->size < 7
        || memcmp (form->bytes + 2, "korea", 5) != 0)
        return;
    const char *full = form->bytes[0] == 'n' ? "north" : form->bytes[0] == 's' ? "south" : NULL;
    if (!full)
        return;
    memmove (form->bytes + 5, form->bytes + 1, form->size - 1);
    memcpy (form->bytes, full, 5);
    form->size += 4;
    for (uint32_t i = 0; i < form->word_count; i++)
        form->ends[i] = (uint16_t) (form->ends[i] + 4);
}

static void settle_people (qw_name_form_t *form)
{
    if (form->size > 4 && form->bytes[form->size - 1] == 's' && form->bytes[form->size - 2] != 's') {
        form->size--;
        form->ends[form->word_count - 1]--;
    }
}

static void replace (qw_name_form_t *form, const char *words)
{
    bool capitals = form->capitals;
    *form = (qw_name_form_t) {.size = 0};
    writer_t writer = {.form = form};
    write_words (&writer, words, strlen (words));
    form->capitals = capitals && form->word_count == 1;
}

void qw_name_form (qw_name_form_t *self, const char *text, size_t size, qw_entity_type_t type)
{
    self->size = self->word_count = 0;
    self->capitals = self->cut = false;
    if (size > 2 && memcmp (text + size - 2, "'s", 2) == 0)
        size -= 2;
    else if (size > 4 && memcmp (text + size - 4, "\xe2\x80\x99s", 4) == 0)
        size -= 4;
    writer_t writer = {.form = self};
    write_words (&writer, text, size);
    if (self->word_count == 0)
        return;
    self->capitals = self->word_count == 1 && writer.small == 0 && writer.large > 1;
    while (self->word_count > 1 && word_is (self, 0, "the"))
        drop_word (self, 0);
    if (type == QW_PERSON)
        settle_person (self);
    else if (type == QW_ORG)
        settle_body (self);
    settle_korea (self);
    if (type == QW_NORP)
        settle_people (self);
    if (type != QW_PERSON && type != QW_NORP) {
        const char *full = qw_name_table_find (qw_aliases, self->bytes, self->size);
        bool small_word = self->word_count == 1 && self->size < 4 && !self->capitals; /* "us", "who", "it" */
        if (full && !small_word)
            replace (self, full);
    }
}

int qw_name_title_gender (const char *word, size_t size)
{
    const char *gender = qw_name_table_find (qw_titles, word, size);
    return gender ? (*gender == 'm') + 2 * (*gender == 'f') : 0;
}

int qw_name_first_gender (const char *word, size_t size)
{
    const char *gender = qw_name_table_find (qw_first_names, word, size);
    return gender ? (*gender == 'm') + 2 * (*gender == 'f') : 0;
}

bool qw_name_is_leading_surname (const char *word, size_t size)
{
    return qw_name_table_find (qw_leading_surnames, word, size) != NULL;
}
