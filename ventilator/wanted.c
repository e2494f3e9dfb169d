#include "ventilator/wanted.h"

#include <string.h>

enum { LONGEST_NAME = 63 };

static qw_status_t add_layer (qw_wanted_t *self, qw_bytes_t name, const char *text, qw_reason_t *reason)
{
    if (name.size == 0 || name.size > LONGEST_NAME || self->layer_count == QW_MAX_WANTED)
        return qw_fail (QW_INVALID, reason, "'%s' is not a list of at most %d layers", text, QW_MAX_WANTED);
    for (size_t i = 0; i < self->layer_count; i++)
        if (qw_bytes_equal (self->layers[i], name))
            return qw_fail (QW_INVALID, reason, "layer '%.*s' is named twice", (int) name.size, name.data);
    self->groups[self->group_count] |= 1u << self->layer_count;
    self->layers[self->layer_count++] = name;
    return QW_OK;
}

qw_status_t qw_wanted_read (qw_wanted_t *self, const char *text, qw_reason_t *reason)
{
    *self = (qw_wanted_t){.layer_count = 0};
    for (const char *at = text; *at; self->group_count++) {
        if (self->group_count == QW_MAX_GROUPS)
            return qw_fail (QW_INVALID, reason, "more than %d groups of layers", QW_MAX_GROUPS);
        for (bool more = true; more; at += *at != 0) {
            size_t size = strcspn (at, ",+");
            qw_status_t status = add_layer (self, (qw_bytes_t){at, size}, text, reason);
            if (status)
                return status;
            at += size;
            more = *at == '+';
        }
    }
    return self->layer_count ? QW_OK : qw_fail (QW_INVALID, reason, "no layers are wanted");
}
