#include "ventilator/json_to_mp.h"

static qw_status_t put_object (qw_out_t *out, json_t *object, int depth, qw_reason_t *reason)
{
    if (json_object_size (object) > QW_MP_MAX_KEYS)
        return qw_fail (QW_INVALID, reason, "an object has more than %d members", QW_MP_MAX_KEYS);
    qw_put_map (out, json_object_size (object));
    qw_status_t status = QW_OK;
    for (void *member = json_object_iter (object); member && !status; member = json_object_iter_next (object, member)) {
        qw_put_key (out, json_object_iter_key (member));
        status = qw_put_json (out, json_object_iter_value (member), depth - 1, reason);
    }
    return status;
}

static qw_status_t put_array (qw_out_t *out, const json_t *array, int depth, qw_reason_t *reason)
{
    qw_put_array (out, json_array_size (array));
    qw_status_t status = QW_OK;
    for (size_t i = 0; i < json_array_size (array) && !status; i++)
        status = qw_put_json (out, json_array_get (array, i), depth - 1, reason);
    return status;
}

qw_status_t qw_put_json (qw_out_t *out, const json_t *value, int depth, qw_reason_t *reason)
{
    switch (json_typeof (value)) {
    case JSON_OBJECT:
    case JSON_ARRAY:
        if (depth <= 0)
            return qw_fail (QW_INVALID, reason, "objects and arrays stand too deep inside of each other");
        return json_is_object (value) ? put_object (out, (json_t *) value, depth, reason)
                                      : put_array (out, value, depth, reason);
    case JSON_STRING: qw_put_str (out, (qw_bytes_t){json_string_value (value), json_string_length (value)}); break;
    case JSON_INTEGER: msgpack_pack_int64 (&out->packer, json_integer_value (value)); break;
    case JSON_REAL: msgpack_pack_double (&out->packer, json_real_value (value)); break;
    case JSON_TRUE: qw_put_bool (out, true); break;
    case JSON_FALSE: qw_put_bool (out, false); break;
    case JSON_NULL: qw_put_nil (out); break;
    }
    return QW_OK;
}
