/* The messages of proto/vectors, in both directions: our decoder reads what an independent encoder wrote, and our encoder
 * writes the same bytes. The tables here are written after PROTOCOL.md, so that a slip in wire.c's is seen. */
#include "vectors.h"

#include "proto/wire.h"

typedef enum { UINT, BOOL, TEXT, MAP /* or a list: a value as it is */, UINTS, TEXTS, LIST } form_t;

typedef struct member_t {
    const char *key;
    form_t form;
    bool optional;
    size_t offset;
    size_t item_size; /* LIST */
    const struct member_t *items;
} member_t;

#define AT(type, member) offsetof (type, member)
#define MUST(key, form, member) {key, form, false, AT (qw_message_t, member), 0, NULL}
#define MAY(key, form, member) {key, form, true, AT (qw_message_t, member), 0, NULL}
#define LISTED(key, optional, member, type, of) {key, LIST, optional, AT (qw_message_t, member), sizeof (type), of}

static const member_t announced[] = {{"sequence", UINT, false, AT (qw_announced_t, sequence), 0, NULL},
                                     {"id", TEXT, false, AT (qw_announced_t, id), 0, NULL},
                                     {"source", MAP, false, AT (qw_announced_t, source), 0, NULL},
                                     {"metadata", MAP, true, AT (qw_announced_t, metadata), 0, NULL},
                                     {"text", TEXT, false, AT (qw_announced_t, text), 0, NULL},
                                     {"structure", UINTS, false, AT (qw_announced_t, structure), 0, NULL},
                                     {"chunks", UINTS, false, AT (qw_announced_t, chunks), 0, NULL},
                                     {"failed", TEXT, true, AT (qw_announced_t, failed), 0, NULL},
                                     {"supersedes", UINT, true, AT (qw_announced_t, supersedes), 0, NULL},
                                     {"layers", MAP, true, AT (qw_announced_t, layers), 0, NULL},
                                     {"holes", MAP, true, AT (qw_announced_t, holes), 0, NULL},
                                     {NULL}};
static const member_t task_chunk[] = {{"sequence", UINT, false, AT (qw_task_chunk_t, sequence), 0, NULL},
                                      {"chunk", UINT, false, AT (qw_task_chunk_t, chunk), 0, NULL},
                                      {"id", TEXT, false, AT (qw_task_chunk_t, id), 0, NULL},
                                      {"text", TEXT, false, AT (qw_task_chunk_t, text), 0, NULL},
                                      {"structure", UINTS, false, AT (qw_task_chunk_t, structure), 0, NULL},
                                      {"whole", BOOL, true, AT (qw_task_chunk_t, whole), 0, NULL},
                                      {"layers", MAP, true, AT (qw_task_chunk_t, layers), 0, NULL},
                                      {NULL}};
static const member_t result_chunk[] = {{"sequence", UINT, false, AT (qw_result_chunk_t, sequence), 0, NULL},
                                        {"chunk", UINT, false, AT (qw_result_chunk_t, chunk), 0, NULL},
                                        {"layers", MAP, false, AT (qw_result_chunk_t, layers), 0, NULL},
                                        {"failed", TEXT, true, AT (qw_result_chunk_t, failed), 0, NULL},
                                        {"settled", BOOL, true, AT (qw_result_chunk_t, settled), 0, NULL},
                                        {NULL}};
static const member_t status_worker[] = {{"name", TEXT, false, AT (qw_status_worker_t, name), 0, NULL},
                                         {"tasks", UINT, false, AT (qw_status_worker_t, tasks), 0, NULL},
                                         {"chunks", UINT, false, AT (qw_status_worker_t, chunks), 0, NULL},
                                         {"bytes", UINT, false, AT (qw_status_worker_t, bytes), 0, NULL},
                                         {"rate", UINT, false, AT (qw_status_worker_t, rate), 0, NULL},
                                         {"seen_ms", UINT, false, AT (qw_status_worker_t, seen_ms), 0, NULL},
                                         {"strikes", UINT, false, AT (qw_status_worker_t, strikes), 0, NULL},
                                         {NULL}};

static const struct {
    const char *name;
    qw_message_type_t type;
    member_t members[16];
} messages[] = {
    {"HELLO", QW_HELLO,
     {MUST ("role", UINT, role), MUST ("version_min", UINT, version_min), MUST ("version_max", UINT, version_max),
      MUST ("life", UINT, life), MUST ("name", TEXT, name), MAY ("software", TEXT, software), MAY ("process", UINT, process),
      MAY ("layers", TEXTS, layers), MAY ("credit", UINT, credit)}},
    {"WELCOME", QW_WELCOME,
     {MUST ("version", UINT, version_max), MUST ("life", UINT, life), MUST ("session", UINT, session),
      MUST ("heartbeat_ms", UINT, heartbeat_ms), MAY ("software", TEXT, software), MAY ("lease_ms", UINT, lease_ms),
      MAY ("endpoint", TEXT, endpoint), MAY ("key", TEXT, key), MAY ("layers", TEXTS, layers),
      MAY ("window_documents", UINT, window_documents), MAY ("window_bytes", UINT, window_bytes),
      MAY ("max_document_bytes", UINT, max_document_bytes), MAY ("documents", UINT, documents), MAY ("secret", UINTS, secret)}},
    {"ERROR", QW_ERROR, {MUST ("code", UINT, code), MUST ("text", TEXT, text)}},
    {"HEARTBEAT", QW_HEARTBEAT,
     {MAY ("session", UINT, session), MAY ("last", UINT, last), MAY ("credit", UINT, credit), MAY ("held", UINTS, held)}},
    {"BYE", QW_BYE, {MAY ("drain", BOOL, drain), MAY ("text", TEXT, text)}},
    {"TASK", QW_TASK,
     {MUST ("task", UINT, task), MUST ("session", UINT, session), MUST ("layers", TEXTS, layers),
      LISTED ("chunks", false, tasks, qw_task_chunk_t, task_chunk)}},
    {"DONE", QW_DONE, {MUST ("task", UINT, task), MAY ("microseconds", UINT, microseconds), MAY ("credit", UINT, credit)}},
    {"RESULT", QW_RESULT,
     {MUST ("session", UINT, session), MUST ("task", UINT, task), MAY ("name", TEXT, name), MUST ("layers", TEXTS, layers),
      LISTED ("chunks", false, results, qw_result_chunk_t, result_chunk)}},
    {"ANNOUNCE", QW_ANNOUNCE,
     {MUST ("session", UINT, session), MUST ("number", UINT, number),
      LISTED ("documents", false, announced, qw_announced_t, announced)}},
    {"PROGRESS", QW_PROGRESS,
     {MUST ("session", UINT, session), MUST ("number", UINT, number), MUST ("documents", UINT, documents),
      MAY ("accepted", UINTS, accepted), MAY ("received", UINTS, received), MAY ("refused", UINTS, refused),
      MAY ("committed", UINTS, committed), MAY ("counts", UINTS, counts),
      MAY ("struck", TEXTS, struck)}},
    {"GIVE_UP", QW_GIVE_UP,
     {MUST ("session", UINT, session), MUST ("number", UINT, number), MUST ("sequence", UINT, sequence),
      MUST ("chunk", UINT, chunk), MUST ("layer_mask", UINT, layer_mask), MUST ("text", TEXT, text)}},
    {"FOLLOW", QW_FOLLOW, {MUST ("position", UINT, position), MUST ("credit", UINT, credit)}},
    {"DOCUMENTS", QW_DOCUMENTS,
     {MUST ("position", UINT, position), MUST ("count", UINT, count), MUST ("documents", UINT, documents)}},
    {"STATUS_REQUEST", QW_STATUS_REQUEST, {{NULL}}},
    {"STATUS_REPORT", QW_STATUS_REPORT,
     {MUST ("role", UINT, role), MUST ("documents", UINT, documents), MAY ("failures", UINT, failures),
      MAY ("duplicates", UINT, duplicates), MAY ("bytes", UINT, bytes), MAY ("open", UINT, open),
      MAY ("queued", UINT, queued), MAY ("redeliveries", UINT, redeliveries), MAY ("readers", UINT, readers),
      MAY ("mean_commit_us", UINT, mean_commit_us), MAY ("counts", UINTS, counts),
      LISTED ("workers", true, workers, qw_status_worker_t, status_worker)}},
};

typedef struct {
    void *items;
    size_t count;
} list_t;

/* ---- from the vector to our struct, and back ------------------------------------------------------------------------- */

/* Blocks that live until the end of a case. */
static void *blocks[4096];
static size_t block_count;

static void *keep (void *block)
{
    assert_true (block_count < sizeof blocks / sizeof *blocks);
    return blocks[block_count++] = block;
}

static void free_blocks (void)
{
    while (block_count)
        free (blocks[--block_count]);
}

static qw_bytes_t text_of (const json_t *value)
{
    return (qw_bytes_t){json_string_value (value), json_string_length (value)};
}

static void fill (const member_t *members, const json_t *values, char *object);

static list_t fill_list (const member_t *member, const json_t *values)
{
    size_t size = member->form == UINTS   ? sizeof (uint64_t)
                  : member->form == TEXTS ? sizeof (qw_bytes_t)
                                          : member->item_size;
    list_t list = {keep (calloc (json_array_size (values) + 1, size)), json_array_size (values)};
    for (size_t i = 0; i < list.count; i++) {
        const json_t *value = json_array_get (values, i);
        if (member->form == UINTS)
            ((uint64_t *) list.items)[i] = uint_of_json (value);
        else if (member->form == TEXTS)
            ((qw_bytes_t *) list.items)[i] = text_of (value);
        else
            fill (member->items, value, (char *) list.items + i * size);
    }
    return list;
}

static void fill (const member_t *members, const json_t *values, char *object)
{
    for (const member_t *member = members; member->key; member++) {
        const json_t *value = json_object_get (values, member->key);
        char *at = object + member->offset;
        if (!value)
            continue;
        if (member->form == UINT)
            *(uint64_t *) at = uint_of_json (value);
        else if (member->form == BOOL)
            *(bool *) at = json_is_true (value);
        else if (member->form == TEXT)
            *(qw_bytes_t *) at = text_of (value);
        else if (member->form == MAP) {
            qw_out_t out;
            qw_out_init (&out);
            mp_of_json (value, &out);
            *(qw_bytes_t *) at = (qw_bytes_t){keep (out.buffer.data), out.buffer.size};
        } else
            *(list_t *) at = fill_list (member, value);
    }
}

static json_t *read_back (const member_t *members, const char *object);

static json_t *value_of (const member_t *member, const char *at)
{
    if (member->form == UINT)
        return json_of_uint (*(const uint64_t *) at);
    if (member->form == BOOL)
        return json_boolean (*(const bool *) at);
    const qw_bytes_t *bytes = (const qw_bytes_t *) at;
    if (member->form == TEXT)
        return bytes->data ? json_stringn (bytes->data, bytes->size) : NULL;
    if (member->form == MAP)
        return bytes->data ? json_of_bytes (*bytes) : NULL;
    const list_t *list = (const list_t *) at;
    json_t *values = json_array ();
    for (size_t i = 0; i < list->count; i++)
        if (member->form == UINTS)
            json_array_append_new (values, json_of_uint (((const uint64_t *) list->items)[i]));
        else if (member->form == TEXTS) {
            qw_bytes_t text = ((const qw_bytes_t *) list->items)[i];
            json_array_append_new (values, json_stringn (text.data, text.size));
        } else
            json_array_append_new (values, read_back (member->items, (const char *) list->items + i * member->item_size));
    return values;
}

/* An optional member that is zero, false or an empty list says the same as one that is left out. */
static bool says_nothing (const member_t *member, const json_t *value)
{
    if (!value)
        return true;
    return member->optional && (json_is_false (value) || (json_is_integer (value) && json_integer_value (value) == 0)
                                || (json_is_array (value) && json_array_size (value) == 0));
}

static json_t *read_back (const member_t *members, const char *object)
{
    json_t *values = json_object ();
    for (const member_t *member = members; member->key; member++) {
        json_t *value = value_of (member, object + member->offset);
        if (says_nothing (member, value))
            json_decref (value);
        else
            json_object_set_new (values, member->key, value);
    }
    return values;
}

/* The part of the vector's value that this version of the protocol knows. */
static json_t *known_part (const member_t *members, const json_t *values)
{
    json_t *known = json_object ();
    for (const member_t *member = members; member->key; member++) {
        json_t *value = json_object_get (values, member->key);
        if (says_nothing (member, value))
            continue;
        if (member->form != LIST) {
            json_object_set (known, member->key, value);
            continue;
        }
        json_t *items = json_array (), *item;
        size_t i;
        json_array_foreach (value, i, item)
            json_array_append_new (items, known_part (member->items, item));
        json_object_set_new (known, member->key, items);
    }
    return known;
}

/* ---- the cases ------------------------------------------------------------------------------------------------------- */

static size_t number_of (const char *name)
{
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++)
        if (strcmp (messages[i].name, name) == 0)
            return i;
    fail_msg ("no such message: %s", name);
    return 0;
}

static void decodes_and_encodes (const json_t *vector, qw_bytes_t frame, qw_wire_t *wire)
{
    size_t number = number_of (vector_text (vector, "message"));
    const member_t *members = messages[number].members;
    const json_t *value = json_object_get (vector, "json");
    qw_message_t *message;
    qw_reason_t reason = {""};
    if (qw_wire_decode (wire, frame.data, frame.size, &message, &reason))
        fail_msg ("refused: %s", reason.text);
    assert_int_equal (message->type, messages[number].type);
    assert_int_equal (message->version, 1);
    assert_string_equal (qw_message_name (message->type), messages[number].name);
    json_t *expected = known_part (members, value), *got = read_back (members, (const char *) message);
    assert_json_equal (expected, got);
    json_decref (expected);
    json_decref (got);
    if (!json_is_true (json_object_get (vector, "canonical")))
        return;
    qw_message_t ours = {.type = messages[number].type};
    fill (members, value, (char *) &ours);
    qw_out_t out;
    qw_out_init (&out);
    qw_wire_encode (&ours, &out);
    assert_bytes_equal (frame, qw_out_bytes (&out));
    qw_out_free (&out);
}

static void message_holds (void **state)
{
    const json_t *vector = *state;
    qw_bytes_t frame = vector_bytes (vector_text (vector, "hex"));
    qw_wire_t *wire = qw_wire_new ();
    if (json_is_true (json_object_get (vector, "valid")))
        decodes_and_encodes (vector, frame, wire);
    else {
        qw_message_t *message;
        qw_reason_t reason = {""};
        qw_status_t status = qw_wire_decode (wire, frame.data, frame.size, &message, &reason);
        assert_true (status == QW_INVALID || status == QW_UNSUPPORTED);
        assert_null (message);
        assert_reason (vector, &reason);
    }
    qw_wire_destroy (&wire);
    free ((char *) frame.data);
    free_blocks ();
}

int main (void)
{
    const char *const folders[] = {"proto/vectors/messages"};
    return run_vectors (folders, 1, message_holds);
}
