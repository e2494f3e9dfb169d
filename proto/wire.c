#include "proto/wire.h"

#include <stdio.h>
#include <stdlib.h>

/* Every message is a table of fields. One encoder and one decoder serve them all. */

typedef enum { UINT, BOOL, TEXT, RAW, RAW_LIST, UINTS, TEXTS, ITEMS } field_kind_t;

typedef struct table_t table_t;

typedef struct {
    const char *key;
    size_t key_size;
    field_kind_t kind;
    bool required;
    size_t offset;
    const table_t *items; /* ITEMS: the fields of each */
} field_t;

struct table_t {
    size_t item_size;
    const field_t *fields; /* ends with key NULL */
};

/* What a list looks like in every struct of wire.h. */
typedef struct {
    void *items;
    size_t count;
} list_t;

#define KEY(text) text, sizeof (text) - 1
#define M(member) offsetof (qw_message_t, member)
#define A(member) offsetof (qw_announced_t, member)
#define T(member) offsetof (qw_task_chunk_t, member)
#define R(member) offsetof (qw_result_chunk_t, member)
#define W(member) offsetof (qw_status_worker_t, member)
#define NEEDED true
#define OPTIONAL false

static const field_t announced_fields[] = {{KEY ("sequence"), UINT, NEEDED, A (sequence), NULL},
                                           {KEY ("id"), TEXT, NEEDED, A (id), NULL},
                                           {KEY ("source"), RAW, NEEDED, A (source), NULL},
                                           {KEY ("metadata"), RAW, OPTIONAL, A (metadata), NULL},
                                           {KEY ("text"), TEXT, NEEDED, A (text), NULL},
                                           {KEY ("structure"), UINTS, NEEDED, A (structure), NULL},
                                           {KEY ("chunks"), UINTS, NEEDED, A (chunks), NULL},
                                           {KEY ("failed"), TEXT, OPTIONAL, A (failed), NULL},
                                           {KEY ("supersedes"), UINT, OPTIONAL, A (supersedes), NULL},
                                           {KEY ("layers"), RAW, OPTIONAL, A (layers), NULL},
                                           {KEY ("holes"), RAW_LIST, OPTIONAL, A (holes), NULL},
                                           {NULL}};
static const table_t announced_table = {sizeof (qw_announced_t), announced_fields};

static const field_t task_fields[] = {{KEY ("sequence"), UINT, NEEDED, T (sequence), NULL},
                                      {KEY ("chunk"), UINT, NEEDED, T (chunk), NULL},
                                      {KEY ("id"), TEXT, NEEDED, T (id), NULL},
                                      {KEY ("text"), TEXT, NEEDED, T (text), NULL},
                                      {KEY ("structure"), UINTS, NEEDED, T (structure), NULL},
                                      {KEY ("whole"), BOOL, OPTIONAL, T (whole), NULL},
                                      {KEY ("layers"), RAW, OPTIONAL, T (layers), NULL},
                                      {NULL}};
static const table_t task_table = {sizeof (qw_task_chunk_t), task_fields};

static const field_t result_fields[] = {{KEY ("sequence"), UINT, NEEDED, R (sequence), NULL},
                                        {KEY ("chunk"), UINT, NEEDED, R (chunk), NULL},
                                        {KEY ("layers"), RAW, NEEDED, R (layers), NULL},
                                        {KEY ("failed"), TEXT, OPTIONAL, R (failed), NULL},
                                        {KEY ("settled"), BOOL, OPTIONAL, R (settled), NULL},
                                        {NULL}};
static const table_t result_table = {sizeof (qw_result_chunk_t), result_fields};

static const field_t worker_fields[] = {{KEY ("name"), TEXT, NEEDED, W (name), NULL},
                                        {KEY ("tasks"), UINT, NEEDED, W (tasks), NULL},
                                        {KEY ("chunks"), UINT, NEEDED, W (chunks), NULL},
                                        {KEY ("bytes"), UINT, NEEDED, W (bytes), NULL},
                                        {KEY ("rate"), UINT, NEEDED, W (rate), NULL},
                                        {KEY ("seen_ms"), UINT, NEEDED, W (seen_ms), NULL},
                                        {KEY ("strikes"), UINT, NEEDED, W (strikes), NULL},
                                        {NULL}};
static const table_t worker_table = {sizeof (qw_status_worker_t), worker_fields};

static const field_t hello_fields[] = {{KEY ("role"), UINT, NEEDED, M (role), NULL},
                                       {KEY ("version_min"), UINT, NEEDED, M (version_min), NULL},
                                       {KEY ("version_max"), UINT, NEEDED, M (version_max), NULL},
                                       {KEY ("life"), UINT, NEEDED, M (life), NULL},
                                       {KEY ("name"), TEXT, NEEDED, M (name), NULL},
                                       {KEY ("software"), TEXT, OPTIONAL, M (software), NULL},
                                       {KEY ("process"), UINT, OPTIONAL, M (process), NULL},
                                       {KEY ("layers"), TEXTS, OPTIONAL, M (layers), NULL},
                                       {KEY ("credit"), UINT, OPTIONAL, M (credit), NULL},
                                       {NULL}};
static const field_t welcome_fields[] = {{KEY ("version"), UINT, NEEDED, M (version_max), NULL},
                                         {KEY ("life"), UINT, NEEDED, M (life), NULL},
                                         {KEY ("session"), UINT, NEEDED, M (session), NULL},
                                         {KEY ("heartbeat_ms"), UINT, NEEDED, M (heartbeat_ms), NULL},
                                         {KEY ("software"), TEXT, OPTIONAL, M (software), NULL},
                                         {KEY ("lease_ms"), UINT, OPTIONAL, M (lease_ms), NULL},
                                         {KEY ("endpoint"), TEXT, OPTIONAL, M (endpoint), NULL},
                                         {KEY ("key"), TEXT, OPTIONAL, M (key), NULL},
                                         {KEY ("layers"), TEXTS, OPTIONAL, M (layers), NULL},
                                         {KEY ("window_documents"), UINT, OPTIONAL, M (window_documents), NULL},
                                         {KEY ("window_bytes"), UINT, OPTIONAL, M (window_bytes), NULL},
                                         {KEY ("max_document_bytes"), UINT, OPTIONAL, M (max_document_bytes), NULL},
                                         {KEY ("documents"), UINT, OPTIONAL, M (documents), NULL},
                                         {KEY ("secret"), UINTS, OPTIONAL, M (secret), NULL},
                                         {NULL}};
static const field_t error_fields[] = {{KEY ("code"), UINT, NEEDED, M (code), NULL},
                                       {KEY ("text"), TEXT, NEEDED, M (text), NULL},
                                       {NULL}};
static const field_t heartbeat_fields[] = {{KEY ("session"), UINT, OPTIONAL, M (session), NULL},
                                           {KEY ("last"), UINT, OPTIONAL, M (last), NULL},
                                           {KEY ("credit"), UINT, OPTIONAL, M (credit), NULL},
                                           {KEY ("held"), UINTS, OPTIONAL, M (held), NULL},
                                           {NULL}};
static const field_t bye_fields[] = {{KEY ("drain"), BOOL, OPTIONAL, M (drain), NULL},
                                     {KEY ("text"), TEXT, OPTIONAL, M (text), NULL},
                                     {NULL}};
static const field_t task_message_fields[] = {{KEY ("task"), UINT, NEEDED, M (task), NULL},
                                              {KEY ("session"), UINT, NEEDED, M (session), NULL},
                                              {KEY ("layers"), TEXTS, NEEDED, M (layers), NULL},
                                              {KEY ("chunks"), ITEMS, NEEDED, M (tasks), &task_table},
                                              {NULL}};
static const field_t done_fields[] = {{KEY ("task"), UINT, NEEDED, M (task), NULL},
                                      {KEY ("microseconds"), UINT, OPTIONAL, M (microseconds), NULL},
                                      {KEY ("credit"), UINT, OPTIONAL, M (credit), NULL},
                                      {NULL}};
static const field_t result_message_fields[] = {{KEY ("session"), UINT, NEEDED, M (session), NULL},
                                                {KEY ("task"), UINT, NEEDED, M (task), NULL},
                                                {KEY ("name"), TEXT, OPTIONAL, M (name), NULL},
                                                {KEY ("layers"), TEXTS, NEEDED, M (layers), NULL},
                                                {KEY ("chunks"), ITEMS, NEEDED, M (results), &result_table},
                                                {NULL}};
static const field_t announce_fields[] = {{KEY ("session"), UINT, NEEDED, M (session), NULL},
                                          {KEY ("number"), UINT, NEEDED, M (number), NULL},
                                          {KEY ("documents"), ITEMS, NEEDED, M (announced), &announced_table},
                                          {NULL}};
static const field_t progress_fields[] = {{KEY ("session"), UINT, NEEDED, M (session), NULL},
                                          {KEY ("number"), UINT, NEEDED, M (number), NULL},
                                          {KEY ("documents"), UINT, NEEDED, M (documents), NULL},
                                          {KEY ("accepted"), UINTS, OPTIONAL, M (accepted), NULL},
                                          {KEY ("received"), UINTS, OPTIONAL, M (received), NULL},
                                          {KEY ("refused"), UINTS, OPTIONAL, M (refused), NULL},
                                          {KEY ("committed"), UINTS, OPTIONAL, M (committed), NULL},
                                          {KEY ("counts"), UINTS, OPTIONAL, M (counts), NULL},
                                          {KEY ("struck"), TEXTS, OPTIONAL, M (struck), NULL},
                                          {NULL}};
static const field_t give_up_fields[] = {{KEY ("session"), UINT, NEEDED, M (session), NULL},
                                         {KEY ("number"), UINT, NEEDED, M (number), NULL},
                                         {KEY ("sequence"), UINT, NEEDED, M (sequence), NULL},
                                         {KEY ("chunk"), UINT, NEEDED, M (chunk), NULL},
                                         {KEY ("layer_mask"), UINT, NEEDED, M (layer_mask), NULL},
                                         {KEY ("text"), TEXT, NEEDED, M (text), NULL},
                                         {NULL}};
static const field_t follow_fields[] = {{KEY ("position"), UINT, NEEDED, M (position), NULL},
                                        {KEY ("credit"), UINT, NEEDED, M (credit), NULL},
                                        {NULL}};
static const field_t documents_fields[] = {{KEY ("position"), UINT, NEEDED, M (position), NULL},
                                           {KEY ("count"), UINT, NEEDED, M (count), NULL},
                                           {KEY ("documents"), UINT, NEEDED, M (documents), NULL},
                                           {NULL}};
static const field_t status_request_fields[] = {{NULL}};
static const field_t status_report_fields[] = {{KEY ("role"), UINT, NEEDED, M (role), NULL},
                                               {KEY ("documents"), UINT, NEEDED, M (documents), NULL},
                                               {KEY ("failures"), UINT, OPTIONAL, M (failures), NULL},
                                               {KEY ("duplicates"), UINT, OPTIONAL, M (duplicates), NULL},
                                               {KEY ("bytes"), UINT, OPTIONAL, M (bytes), NULL},
                                               {KEY ("open"), UINT, OPTIONAL, M (open), NULL},
                                               {KEY ("queued"), UINT, OPTIONAL, M (queued), NULL},
                                               {KEY ("redeliveries"), UINT, OPTIONAL, M (redeliveries), NULL},
                                               {KEY ("readers"), UINT, OPTIONAL, M (readers), NULL},
                                               {KEY ("mean_commit_us"), UINT, OPTIONAL, M (mean_commit_us), NULL},
                                               {KEY ("counts"), UINTS, OPTIONAL, M (counts), NULL},
                                               {KEY ("workers"), ITEMS, OPTIONAL, M (workers), &worker_table},
                                               {NULL}};

typedef struct {
    qw_message_type_t type;
    const char *name;
    const field_t *fields;
} message_table_t;

static const message_table_t messages[] = {
    {QW_HELLO, "HELLO", hello_fields},
    {QW_WELCOME, "WELCOME", welcome_fields},
    {QW_ERROR, "ERROR", error_fields},
    {QW_HEARTBEAT, "HEARTBEAT", heartbeat_fields},
    {QW_BYE, "BYE", bye_fields},
    {QW_TASK, "TASK", task_message_fields},
    {QW_DONE, "DONE", done_fields},
    {QW_RESULT, "RESULT", result_message_fields},
    {QW_ANNOUNCE, "ANNOUNCE", announce_fields},
    {QW_PROGRESS, "PROGRESS", progress_fields},
    {QW_GIVE_UP, "GIVE_UP", give_up_fields},
    {QW_FOLLOW, "FOLLOW", follow_fields},
    {QW_DOCUMENTS, "DOCUMENTS", documents_fields},
    {QW_STATUS_REQUEST, "STATUS_REQUEST", status_request_fields},
    {QW_STATUS_REPORT, "STATUS_REPORT", status_report_fields},
};

static const message_table_t *table_of (unsigned type)
{
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++)
        if ((unsigned) messages[i].type == type)
            return &messages[i];
    return NULL;
}

const char *qw_message_name (qw_message_type_t type)
{
    const message_table_t *table = table_of (type);
    return table ? table->name : "?";
}

/* ---- encoding ------------------------------------------------------------------------------------------------------ */

static inline qw_bytes_t key_of (const field_t *field) { return (qw_bytes_t){field->key, field->key_size}; }

static bool is_absent (const field_t *field, const char *at)
{
    switch (field->kind) {
    case UINT: return *(const uint64_t *) at == 0;
    case BOOL: return !*(const bool *) at;
    case TEXT:
    case RAW:
    case RAW_LIST: return ((const qw_bytes_t *) at)->data == NULL;
    case UINTS:
    case TEXTS:
    case ITEMS: return ((const list_t *) at)->count == 0;
    }
    return true;
}

static void encode_fields (const field_t *fields, const char *object, qw_out_t *out);

static void encode_list (const field_t *field, const list_t *list, qw_out_t *out)
{
    qw_put_array (out, list->count);
    for (size_t i = 0; i < list->count; i++)
        if (field->kind == UINTS)
            qw_put_uint (out, ((const uint64_t *) list->items)[i]);
        else if (field->kind == TEXTS)
            qw_put_str (out, ((const qw_bytes_t *) list->items)[i]);
        else
            encode_fields (field->items->fields, (const char *) list->items + i * field->items->item_size, out);
}

static void encode_fields (const field_t *fields, const char *object, qw_out_t *out)
{
    size_t count = 0;
    for (const field_t *field = fields; field->key; field++)
        count += field->required || !is_absent (field, object + field->offset);
    qw_put_map (out, count);
    for (const field_t *field = fields; field->key; field++) {
        const char *at = object + field->offset;
        if (!field->required && is_absent (field, at))
            continue;
        qw_put_str (out, key_of (field));
        switch (field->kind) {
        case UINT: qw_put_uint (out, *(const uint64_t *) at); break;
        case BOOL: qw_put_bool (out, *(const bool *) at); break;
        case TEXT: qw_put_str (out, *(const qw_bytes_t *) at); break;
        case RAW_LIST: qw_put_raw (out, *(const qw_bytes_t *) at); break;
        case RAW:
            if (((const qw_bytes_t *) at)->data)
                qw_put_raw (out, *(const qw_bytes_t *) at);
            else
                qw_put_map (out, 0);
            break;
        default: encode_list (field, (const list_t *) at, out);
        }
    }
}

enum { NUMBER_BYTES = 9, HEAD_BYTES = 5, ITEM_OF_NUMBERS = 3 /* as most of a list take at most */ };

static size_t size_of_fields (const field_t *fields, const char *object);

static size_t size_of_list (const field_t *field, const list_t *list)
{
    size_t bytes = HEAD_BYTES + (field->kind == UINTS ? ITEM_OF_NUMBERS * list->count : 0);
    for (size_t i = 0; field->kind == TEXTS && i < list->count; i++)
        bytes += HEAD_BYTES + ((const qw_bytes_t *) list->items)[i].size;
    for (size_t i = 0; field->kind == ITEMS && i < list->count; i++)
        bytes += size_of_fields (field->items->fields, (const char *) list->items + i * field->items->item_size);
    return bytes;
}

static size_t size_of_fields (const field_t *fields, const char *object)
{
    size_t bytes = HEAD_BYTES;
    for (const field_t *field = fields; field->key; field++) {
        const char *at = object + field->offset;
        bytes += 1 + field->key_size;
        if (field->kind == UINT || field->kind == BOOL)
            bytes += NUMBER_BYTES;
        else if (field->kind == TEXT || field->kind == RAW || field->kind == RAW_LIST)
            bytes += HEAD_BYTES + ((const qw_bytes_t *) at)->size;
        else
            bytes += size_of_list (field, (const list_t *) at);
    }
    return bytes;
}

size_t qw_wire_room (const qw_message_t *message)
{
    return QW_WIRE_HEAD + size_of_fields (table_of (message->type)->fields, (const char *) message);
}

void qw_wire_encode (const qw_message_t *message, qw_out_t *out)
{
    char head[QW_WIRE_HEAD] = {'Q', 'W', QW_WIRE_VERSION_MAX, (char) message->type};
    qw_out_reset (out);
    qw_put_raw (out, (qw_bytes_t){head, sizeof head});
    encode_fields (table_of (message->type)->fields, (const char *) message, out);
}

/* ---- decoding ------------------------------------------------------------------------------------------------------ */

/* Memory for the lists of a message: blocks that stay for the next one. */
typedef struct block_t {
    struct block_t *next;
    size_t size, used;
    _Alignas (16) char bytes[];
} block_t;

struct qw_wire_t {
    qw_message_t message;
    block_t *blocks;
};

enum { BLOCK_BYTES = 64 << 10, BLOCKS_KEPT_BYTES = 4 << 20 };

qw_wire_t *qw_wire_new (void)
{
    qw_wire_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    return self;
}

void qw_wire_destroy (qw_wire_t **self_p)
{
    if (!*self_p)
        return;
    while ((*self_p)->blocks) {
        block_t *next = (*self_p)->blocks->next;
        free ((*self_p)->blocks);
        (*self_p)->blocks = next;
    }
    free (*self_p);
    *self_p = NULL;
}

/* Frees what a large message took beyond the usual, so that one giant does not stay in memory. */
static void reset_blocks (qw_wire_t *self)
{
    size_t kept = 0;
    for (block_t **at = &self->blocks; *at;) {
        block_t *block = *at;
        if (kept + block->size > BLOCKS_KEPT_BYTES) {
            *at = block->next;
            free (block);
        } else {
            kept += block->size;
            block->used = 0;
            at = &block->next;
        }
    }
}

static void *allocate (qw_wire_t *self, size_t size)
{
    size = (size + 15) & ~(size_t) 15;
    block_t *block = self->blocks;
    while (block && block->size - block->used < size)
        block = block->next;
    if (!block) {
        size_t bytes = size > BLOCK_BYTES ? size : BLOCK_BYTES;
        block = malloc (sizeof *block + bytes);
        if (!block)
            abort ();
        *block = (block_t){.next = self->blocks, .size = bytes};
        self->blocks = block;
    }
    void *result = block->bytes + block->used;
    block->used += size;
    memset (result, 0, size);
    return result;
}

static void decode_fields (qw_wire_t *self, qw_mp_t *reader, const field_t *fields, char *object, const char *what);

/* The fewest bytes that an item of the table takes on the wire: its map with every required key and a one-byte value. */
static size_t least_bytes (const table_t *table)
{
    size_t bytes = 1;
    for (const field_t *field = table->fields; field->key; field++)
        if (field->required)
            bytes += 1 + field->key_size + 1;
    return bytes;
}

static void decode_list (qw_wire_t *self, qw_mp_t *reader, const field_t *field, list_t *list)
{
    uint32_t count = qw_mp_array (reader, field->key);
    if (field->kind == ITEMS && count > (size_t) (reader->end - reader->at) / least_bytes (field->items)) {
        qw_mp_refuse (reader, "field '%s' claims more items than its frame can hold", field->key);
        return;
    }
    size_t item_size = field->kind == UINTS   ? sizeof (uint64_t)
                       : field->kind == TEXTS ? sizeof (qw_bytes_t)
                                              : field->items->item_size;
    list->count = count;
    list->items = count ? allocate (self, count * item_size) : NULL;
    for (uint32_t i = 0; i < count && !reader->failed; i++)
        if (field->kind == UINTS)
            ((uint64_t *) list->items)[i] = qw_mp_uint (reader, field->key);
        else if (field->kind == TEXTS)
            ((qw_bytes_t *) list->items)[i] = qw_mp_str (reader, field->key);
        else
            decode_fields (self, reader, field->items->fields, (char *) list->items + i * item_size, field->key);
}

static void decode_field (qw_wire_t *self, qw_mp_t *reader, const field_t *field, char *at)
{
    switch (field->kind) {
    case UINT: *(uint64_t *) at = qw_mp_uint (reader, field->key); break;
    case BOOL: *(bool *) at = qw_mp_bool (reader, field->key); break;
    case TEXT: *(qw_bytes_t *) at = qw_mp_str (reader, field->key); break;
    case RAW:
    case RAW_LIST:
        if (qw_mp_peek (reader) != (field->kind == RAW ? QW_MP_MAP : QW_MP_ARRAY))
            qw_mp_refuse (reader, "field '%s' is not a %s", field->key, field->kind == RAW ? "map" : "list");
        else
            *(qw_bytes_t *) at = qw_mp_skip (reader);
        break;
    default: decode_list (self, reader, field, (list_t *) at);
    }
}

static void decode_fields (qw_wire_t *self, qw_mp_t *reader, const field_t *fields, char *object, const char *what)
{
    uint32_t seen = 0;
    const field_t *next = fields; /* mostly keys come in the order of the table */
    for (uint32_t pairs = qw_mp_map (reader, what); pairs > 0 && !reader->failed; pairs--) {
        qw_bytes_t key = qw_mp_str (reader, "a key");
        const field_t *field = next;
        if (!field->key || !qw_bytes_equal (key, key_of (field)))
            for (field = fields; field->key && !qw_bytes_equal (key, key_of (field));)
                field++;
        next = field->key ? field + 1 : fields;
        if (field->key) {
            decode_field (self, reader, field, object + field->offset);
            seen |= 1u << (field - fields);
        } else
            qw_mp_skip (reader);
    }
    for (const field_t *field = fields; field->key && !reader->failed; field++)
        if (field->required && !(seen & 1u << (field - fields)))
            qw_mp_refuse (reader, "field '%s' is missing in %s", field->key, what);
}

static qw_status_t decode (qw_wire_t *self, const void *frame, size_t size, bool scanned, qw_message_t **message,
                           qw_reason_t *reason)
{
    const uint8_t *bytes = frame;
    *message = NULL;
    if (size < QW_WIRE_HEAD || bytes[0] != 'Q' || bytes[1] != 'W')
        return qw_fail (QW_INVALID, reason, "not a message of this protocol");
    if (bytes[2] < QW_WIRE_VERSION_MIN || bytes[2] > QW_WIRE_VERSION_MAX)
        return qw_fail (QW_UNSUPPORTED, reason, "protocol version %u is not spoken here (%d to %d are)", bytes[2],
                        QW_WIRE_VERSION_MIN, QW_WIRE_VERSION_MAX);
    const message_table_t *table = table_of (bytes[3]);
    if (!table)
        return qw_fail (QW_UNSUPPORTED, reason, "unknown message type 0x%02x", bytes[3]);
    qw_reason_t inner;
    if (!scanned && qw_mp_scan (bytes + QW_WIRE_HEAD, size - QW_WIRE_HEAD, &inner))
        return qw_fail (QW_INVALID, reason, "%s: %s", table->name, inner.text);

    reset_blocks (self);
    memset (&self->message, 0, sizeof self->message);
    self->message.type = table->type;
    self->message.version = bytes[2];
    qw_mp_t reader;
    qw_mp_open (&reader, bytes + QW_WIRE_HEAD, size - QW_WIRE_HEAD, &inner);
    decode_fields (self, &reader, table->fields, (char *) &self->message, table->name);
    if (qw_mp_status (&reader))
        return qw_fail (QW_INVALID, reason, "%s: %s", table->name, inner.text);
    *message = &self->message;
    return QW_OK;
}

qw_status_t qw_wire_decode (qw_wire_t *self, const void *frame, size_t size, qw_message_t **message, qw_reason_t *reason)
{
    return decode (self, frame, size, false, message, reason);
}

qw_status_t qw_wire_decode_again (qw_wire_t *self, const void *frame, size_t size, qw_message_t **message)
{
    qw_reason_t reason;
    return decode (self, frame, size, true, message, &reason);
}
