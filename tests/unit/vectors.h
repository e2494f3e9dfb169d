/*  vectors.h - the vectors of proto/vectors as JSON values, for the tests that check them.

    MessagePack and JSON meet here in a way of their own: bytes are {"bin": hex}, numbers beyond 2^63 {"uint64": text}. */
#ifndef QW_TEST_VECTORS_H
#define QW_TEST_VECTORS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/mp.h"

static inline const char *vector_text (const json_t *vector, const char *key)
{
    const char *text = json_string_value (json_object_get (vector, key));
    if (!text)
        fail_msg ("the vector has no %s", key);
    return text;
}

/* Bytes that a hex string stands for; the caller frees data. */
static inline qw_bytes_t vector_bytes (const char *hex)
{
    size_t size = strlen (hex) / 2;
    unsigned char *bytes = malloc (size + 1);
    assert_non_null (bytes);
    for (size_t i = 0; i < size; i++) {
        unsigned byte;
        assert_int_equal (sscanf (hex + 2 * i, "%2x", &byte), 1);
        bytes[i] = (unsigned char) byte;
    }
    return (qw_bytes_t){(char *) bytes, size};
}

static inline json_t *vector_hex (qw_bytes_t bytes)
{
    char *hex = malloc (2 * bytes.size + 1);
    assert_non_null (hex);
    hex[0] = 0;
    for (size_t i = 0; i < bytes.size; i++)
        sprintf (hex + 2 * i, "%02x", (unsigned char) bytes.data[i]);
    json_t *text = json_string (hex);
    free (hex);
    return text;
}

static inline json_t *json_of_uint (uint64_t value)
{
    if (value <= INT64_MAX)
        return json_integer ((json_int_t) value);
    char text[24];
    snprintf (text, sizeof text, "%" PRIu64, value);
    return json_pack ("{s:s}", "uint64", text);
}

static inline uint64_t uint_of_json (const json_t *value)
{
    const json_t *large = json_object_get (value, "uint64");
    return large ? strtoull (json_string_value (large), NULL, 10) : (uint64_t) json_integer_value (value);
}

/* The next value of the cursor as JSON. */
static inline json_t *json_of_mp (qw_mp_t *reader)
{
    switch (qw_mp_peek (reader)) {
    case QW_MP_NIL: qw_mp_nil (reader); return json_null ();
    case QW_MP_BOOL: return json_boolean (qw_mp_bool (reader, "bool"));
    case QW_MP_UINT: return json_of_uint (qw_mp_uint (reader, "uint"));
    case QW_MP_INT: return json_integer (qw_mp_int (reader, "int"));
    case QW_MP_FLOAT: return json_real (qw_mp_number (reader, "float"));
    case QW_MP_STR: {
        qw_bytes_t text = qw_mp_str (reader, "str");
        return json_stringn (text.data, text.size);
    }
    case QW_MP_BIN: return json_pack ("{s:o}", "bin", vector_hex (qw_mp_bin (reader, "bin")));
    case QW_MP_ARRAY: {
        json_t *list = json_array ();
        for (uint32_t items = qw_mp_array (reader, "array"); items > 0; items--)
            json_array_append_new (list, json_of_mp (reader));
        return list;
    }
    case QW_MP_MAP: {
        json_t *map = json_object ();
        for (uint32_t pairs = qw_mp_map (reader, "map"); pairs > 0; pairs--) {
            qw_bytes_t key = qw_mp_str (reader, "key");
            json_object_setn_new (map, key.data, key.size, json_of_mp (reader));
        }
        return map;
    }
    default: fail_msg ("a value that cannot be read");
    }
    return NULL;
}

static inline json_t *json_of_bytes (qw_bytes_t bytes)
{
    qw_mp_t reader;
    qw_mp_open (&reader, bytes.data, bytes.size, NULL);
    json_t *value = json_of_mp (&reader);
    assert_int_equal (qw_mp_status (&reader), QW_OK);
    return value;
}

static inline void mp_of_json (const json_t *value, qw_out_t *out)
{
    const char *key;
    const json_t *item;
    size_t i;
    if (json_is_object (value) && json_object_get (value, "uint64"))
        qw_put_uint (out, uint_of_json (value));
    else if (json_is_object (value) && json_object_get (value, "bin")) {
        qw_bytes_t bytes = vector_bytes (vector_text (value, "bin"));
        qw_put_bin (out, bytes);
        free ((char *) bytes.data);
    } else if (json_is_object (value)) {
        qw_put_map (out, json_object_size (value));
        json_object_foreach ((json_t *) value, key, item) {
            qw_put_key (out, key);
            mp_of_json (item, out);
        }
    } else if (json_is_array (value)) {
        qw_put_array (out, json_array_size (value));
        json_array_foreach (value, i, item)
            mp_of_json (item, out);
    } else if (json_is_string (value))
        qw_put_str (out, (qw_bytes_t){json_string_value (value), json_string_length (value)});
    else if (json_is_integer (value))
        msgpack_pack_int64 (&out->packer, json_integer_value (value));
    else if (json_is_real (value))
        msgpack_pack_double (&out->packer, json_real_value (value));
    else if (json_is_boolean (value))
        qw_put_bool (out, json_is_true (value));
    else
        qw_put_nil (out);
}

static inline void assert_json_equal (json_t *expected, json_t *got)
{
    if (json_equal (expected, got))
        return;
    print_error ("expected %s\n", json_dumps (expected, JSON_COMPACT | JSON_ENCODE_ANY));
    print_error ("got      %s\n", json_dumps (got, JSON_COMPACT | JSON_ENCODE_ANY));
    fail_msg ("not the value of the vector");
}

static inline void assert_bytes_equal (qw_bytes_t expected, qw_bytes_t got)
{
    json_t *wanted = vector_hex (expected), *found = vector_hex (got);
    assert_json_equal (wanted, found);
    json_decref (wanted);
    json_decref (found);
}

/* What was refused must be refused for the vector's reason. */
static inline void assert_reason (const json_t *vector, const qw_reason_t *reason)
{
    if (!strstr (reason->text, vector_text (vector, "error")))
        fail_msg ("expected the reason \"%s\", got \"%s\"", vector_text (vector, "error"), reason->text);
}

static inline int is_json_file (const struct dirent *entry)
{
    const char *ending = strrchr (entry->d_name, '.');
    return ending && strcmp (ending, ".json") == 0;
}

/* Runs `test` over every vector of the folders, each as a case of its own name; its state is the vector. */
static inline int run_vectors (const char *const *folders, size_t folder_count, CMUnitTestFunction test)
{
    struct CMUnitTest cases[1000];
    size_t count = 0;
    for (size_t f = 0; f < folder_count; f++) {
        struct dirent **files;
        int found = scandir (folders[f], &files, is_json_file, alphasort);
        for (int i = 0; i < found && count < 1000; i++, count++) {
            char path[512];
            snprintf (path, sizeof path, "%s/%s", folders[f], files[i]->d_name);
            json_error_t error;
            json_t *vector = json_load_file (path, JSON_ALLOW_NUL, &error);
            if (!vector) {
                fprintf (stderr, "%s: %s\n", path, error.text);
                return 1;
            }
            const char *name = json_string_value (json_object_get (vector, "name"));
            cases[count] = (struct CMUnitTest){name, test, NULL, NULL, vector};
            free (files[i]);
        }
        if (found <= 0) {
            fprintf (stderr, "no vectors in %s\n", folders[f]);
            return 1;
        }
        free (files);
    }
    int failures = _cmocka_run_group_tests ("vectors", cases, count, NULL, NULL);
    for (size_t i = 0; i < count; i++)
        json_decref (cases[i].initial_state);
    return failures;
}

#endif
