/*  The scan and the cursor: what the scan takes, the cursor reads to the end, whatever it is; what JSON is made of it
 * is valid. */
#include <stdlib.h>

#include "proto/json_out.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* Reads one value of any kind by its own function. */
static void read_value (qw_mp_t *cursor, int depth)
{
    if (depth > 20)
        return;
    switch (qw_mp_peek (cursor)) {
    case QW_MP_NIL: qw_mp_nil (cursor); break;
    case QW_MP_BOOL: qw_mp_bool (cursor, "b"); break;
    case QW_MP_UINT: qw_mp_uint (cursor, "u"); break;
    case QW_MP_INT: qw_mp_int (cursor, "i"); break;
    case QW_MP_FLOAT: qw_mp_number (cursor, "f"); break;
    case QW_MP_STR: qw_mp_str (cursor, "s"); break;
    case QW_MP_BIN: qw_mp_bin (cursor, "b"); break;
    case QW_MP_ARRAY:
        for (uint32_t items = qw_mp_array (cursor, "a"); items > 0 && !cursor->failed; items--)
            read_value (cursor, depth + 1);
        break;
    case QW_MP_MAP:
        for (uint32_t pairs = 2 * qw_mp_map (cursor, "m"); pairs > 0 && !cursor->failed; pairs--)
            read_value (cursor, depth + 1);
        break;
    case QW_MP_BAD: qw_mp_refuse (cursor, "bad"); break;
    }
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    qw_mp_t cursor;
    qw_reason_t reason;
    bool clean = qw_mp_scan (data, size, &reason) == QW_OK;
    qw_mp_open (&cursor, data, size, &reason);
    read_value (&cursor, 0);
    if (clean && (cursor.failed || cursor.at != cursor.end))
        abort ();
    qw_mp_open (&cursor, data, size, &reason);
    qw_bytes_t value = qw_mp_skip (&cursor);
    if (clean && value.size != size)
        abort ();
    qw_json_out_t json = {0};
    qw_mp_open (&cursor, data, size, &reason);
    qw_json_put_value (&json, &cursor);
    if (clean && cursor.failed)
        abort ();
    qw_json_out_free (&json);
    return 0;
}
