/*  Any frame is a message or is refused with a reason; a message that was taken can be sent on, and is the same again. */
#include <stdlib.h>

#include "proto/wire.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    static qw_wire_t *wire, *second;
    static qw_out_t out, again;
    if (!wire) {
        wire = qw_wire_new ();
        second = qw_wire_new ();
        qw_out_init (&out);
        qw_out_init (&again);
    }
    qw_message_t *message, *same;
    qw_reason_t reason = {""};
    if (qw_wire_decode (wire, data, size, &message, &reason)) {
        if (!reason.text[0] || message)
            abort ();
        return 0;
    }
    qw_wire_encode (message, &out);
    if (qw_wire_decode (second, out.buffer.data, out.buffer.size, &same, &reason))
        abort ();
    qw_wire_encode (same, &again);
    if (out.buffer.size != again.buffer.size || memcmp (out.buffer.data, again.buffer.data, out.buffer.size) != 0)
        abort ();
    return 0;
}
