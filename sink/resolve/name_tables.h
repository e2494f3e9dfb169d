/*  name_tables.h - short lists of words that help with names. */
#ifndef QW_NAME_TABLES_H
#define QW_NAME_TABLES_H

#include <stddef.h>

/* Sorted by key. */
typedef struct {
    const char *key, *value;
} qw_name_pair_t;

typedef struct {
    const qw_name_pair_t *pairs;
    size_t count;
} qw_name_table_t;

extern const qw_name_table_t qw_titles;           /* "mrs" -> "f", "mr" -> "m", "dr" -> "" */
extern const qw_name_table_t qw_aliases;          /* "un" -> "united nations" */
extern const qw_name_table_t qw_first_names;      /* "robert" -> "m" */
extern const qw_name_table_t qw_leading_surnames; /* "kim" -> "" */

/* The value of a key, or NULL. */
const char *qw_name_table_lookup (const qw_name_table_t *self, const char *key, size_t size);
#define qw_name_table_find(table, key, size) qw_name_table_lookup (&(table), key, size)

#endif
